"""AutoencoderDetector: the recommended detector as a scikit-learn estimator with PyOD's vocabulary."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.errors import DatasetRefused, SettingsRefused
from core.models.base import build
from core.registry import nearest
from core.results import Column, Encoded, Table, share_below
from core.scoring.detection import Detector, asked, strangest
from core.scoring.material.parts import Far, without_values, without_values_in_words
from core.scoring.recommended import fit as fit_recommended
from core.scoring.trained import Trained
from core.specs import (
    EXPLAINER,
    OBJECTIVES,
    OWN_ERROR,
    RECOMMENDED,
    RunSpec,
    explainer_training,
    score_splits,
    spec_from_settings,
)
from core.thresholds import Given, decide
from core.training.devices import device_for
from core.training.loop import Trainer
from core.words import count

FEWEST_ROWS = 10
WARNED = 5  # columns that a warning names


@contextmanager
def _one_thread() -> Iterator[None]:
    """Torch with one thread: for a table's network more gain nothing, and beside other work cost ten times the time.

    So the results do not depend on the machine's number of cores either.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _Explainer:
    """The network that gives codes and expected values: trained when it is first asked for, since the recommended score needs
    none of it. Until then it holds the rows that it will learn from."""

    def __init__(self, train: partial[Trained]) -> None:
        self._made: Trained | partial[Trained] = train

    def trained(self) -> Trained:
        """Encoder, network and detector, ready to answer."""
        made = self._made
        if not isinstance(made, Trained):
            made = self._made = made()
        return made


def _trained(
    spec: RunSpec, encoder: Encoder, data: Encoded, order: NDArray[np.int64], detector: Detector | None
) -> Trained:
    """Of encoded rows in that order the first are held back, the network learns from the rest."""
    held = int(spec.training.validation_share * len(order))
    train_rows, validation_rows = np.sort(order[held:]), np.sort(order[:held])
    device = device_for(spec, encoder.layout.row_shape)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(spec.training.seed)
        network = build(spec, encoder.layout)
        trainer = Trainer(network, data, train_rows, validation_rows, spec.training, device)
        for _ in trainer.epochs():
            pass
    trainer.use_best()
    network = network.to("cpu")
    if spec.scorer not in (OWN_ERROR, RECOMMENDED):
        detector = asked(network, spec, data, train_rows, spec.scorer)
    return Trained(encoder, network, spec, detector=detector)


def _warn_of(table: Table, encoder: Encoder, data: Encoded) -> None:
    """One warning of cells and rows that are taken, but of which little can be told; for whoever called `fit` and the like."""
    far = Far.of(table, np.arange(len(table))).in_words()
    if len(far) > WARNED:
        far = [*far[:WARNED], f"and so on in {count(len(far) - WARNED, 'more column')}"]
    said = [*far, *without_values_in_words(without_values(encoder, data))]
    if said:
        counted = " (rows are counted from 1)" if far else ""
        warnings.warn(
            f"{'; '.join(said)}{counted}", UserWarning, stacklevel=4
        )  # this, its caller, and what that is wrapped in


class AutoencoderDetector(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Finds rows that an autoencoder can't rebuild. Without arguments it is the recommended detector.

    That one scores by a network of its own (core.scoring.recommended), and a further one, narrower than the data, gives codes
    and expected values; it is trained when these are first asked for. A family that is named does both: its reconstruction
    error is the score.

    Parameters
    ----------
    model: “recommended”, or an autoencoder's family.
    assume_clean: True where the rows given to `fit` are known to hold no anomalies.
    contamination: share of the fitted rows that `labels_` flags, in (0, 0.5].
    settings: further settings by name, as the command line's --set takes them.
    random_state: start of everything random; the same number gives the same bits on the same machine, None another
    result each time.

    Attributes after `fit`: decision_scores_ (N,), higher is stranger; threshold_; labels_ (N,) 0/1;
    n_features_in_; feature_names_in_ for data frames.
    """

    def __init__(
        self,
        *,
        model: str = RECOMMENDED,
        assume_clean: bool = False,
        contamination: float = 0.05,
        settings: dict[str, Any] | None = None,
        random_state: Any = 0,
    ) -> None:
        self.model = model
        self.assume_clean = assume_clean
        self.contamination = contamination
        self.settings = settings
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []  # codes are float32
        return tags

    @_one_thread()
    def fit(self, X: Any, y: Any = None) -> AutoencoderDetector:  # noqa: N803
        """Fit on rows (a DataFrame or an array, (N, F)); y is not looked at. Warns, once, of infinite cells and of rows without a
        value, with their counts: they are taken. Raises DatasetRefused, SettingsRefused."""
        table = table_from_frame(X)
        spec = self._spec(len(table))
        if spec.training.validation != "random":
            raise SettingsRefused(
                "a data frame says of no column that it is a time or a group",
                where="validation",
                fix="leave it at random, or make the table a dataset and train there",
            )
        if len(table) < FEWEST_ROWS:
            raise DatasetRefused(
                f"only {count(len(table), 'row')} to train on (n_samples={len(table)}), at least {FEWEST_ROWS} are needed",
                where="X",
                fix="hand over more rows",
            )
        rows = np.arange(len(table))
        order = np.random.default_rng(spec.training.seed).permutation(rows)
        held = int(spec.training.validation_share * len(order))
        encoder = Encoder.fit(table, np.sort(order[held:]), spec.numbers)
        data = encoder.encode(table)
        _warn_of(table, encoder, data)
        self._encoder, self._detector = encoder, None
        if spec.scorer == RECOMMENDED:
            self._detector = fit_recommended(data, rows, spec.assume_clean, spec.training.seed)
            self.decision_scores_ = self._detector.score(data)[0]
            if not spec.assume_clean:
                order = order[~np.isin(order, strangest(self.decision_scores_, rows))]
        self._explainer = _Explainer(partial(_trained, spec, encoder, data, order, self._detector))
        if spec.scorer != RECOMMENDED:
            self.decision_scores_ = self._explainer.trained().scores(data)
        self._columns: tuple[Column, ...] = table.columns
        self.n_features_in_ = len(table.columns)
        if isinstance(X, pd.DataFrame):
            self.feature_names_in_ = np.asarray([column.name for column in table.columns], object)
        self.threshold_, _ = decide(Given(self.decision_scores_), "quantile", {"share": spec.contamination})
        self.labels_ = (self.decision_scores_ >= self.threshold_).astype(int)
        return self

    def _spec(self, rows: int) -> RunSpec:
        """The parameters as a run's spec for so many rows. Raises SettingsRefused."""
        if self.model != RECOMMENDED and self.model not in OBJECTIVES.names:
            raise SettingsRefused(
                f"there is no model named “{self.model}”",
                where="model",
                fix=nearest(str(self.model), (RECOMMENDED, *OBJECTIVES.names)),
            )
        given = {} if self.settings is None else self.settings
        if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
            raise SettingsRefused(
                f"settings = {given!r} is no dictionary of names", where="settings", fix='write {"epochs": 100}'
            )
        try:
            # None and a RandomState give another seed at each fit, as everywhere in scikit-learn.
            state = self.random_state
            seed = int(state) if isinstance(state, Integral) else int(check_random_state(state).randint(2**31 - 1))
        except ValueError as error:
            raise SettingsRefused(
                f"random_state = {self.random_state!r} is no seed", where="random_state", fix="use a whole number"
            ) from error
        own: dict[str, Any] = {"assume_clean": self.assume_clean, "contamination": self.contamination}
        if self.model == RECOMMENDED:
            own |= {**EXPLAINER, **explainer_training(rows, given.get("validation_share") != 0)}
        return spec_from_settings("vanilla" if self.model == RECOMMENDED else self.model, {**own, **given}, seed)

    @_one_thread()
    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Anomaly scores of rows, (N,); higher is stranger. Warns as `fit` does."""
        check_is_fitted(self)
        table = self._table(X)
        data = self._encoder.encode(table)
        _warn_of(table, self._encoder, data)
        return self._explainer.trained().scores(data) if self._detector is None else self._detector.score(data)[0]

    def predict(self, X: Any) -> NDArray[np.int64]:  # noqa: N803
        """1 for rows at or over the threshold, else 0, (N,)."""
        return (self.decision_function(X) >= self.threshold_).astype(np.int64)

    def fit_predict(self, X: Any, y: Any = None) -> NDArray[np.int64]:  # noqa: N803
        """`fit`, then the flags of the same rows, (N,)."""
        self.fit(X)
        return self.labels_

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """(N, 2): for each row, the share of fitted rows that are at least as strange, and its complement.

        The second column is the row's percentile among the fitted rows, the share of them with a lower score, not a
        calibrated probability.
        """
        percentile = share_below(self.decision_function(X), np.sort(self.decision_scores_))
        return np.column_stack([1 - percentile, percentile])

    @_one_thread()
    def transform(self, X: Any) -> NDArray[np.float32]:  # noqa: N803
        """Latent codes of rows, (N, L)."""
        return self._fitted().output(self._table(X)).codes

    @_one_thread()
    def inverse_transform(self, Z: Any) -> pd.DataFrame:  # noqa: N803
        """Codes (N, L) → rows in source units. Raises DatasetRefused for another shape."""
        trained = self._fitted()
        width = trained.width
        try:
            array = np.ascontiguousarray(np.asarray(Z), np.float32)
        except (TypeError, ValueError) as error:
            raise DatasetRefused("the codes are no numbers", where="Z", fix="hand over what transform gave") from error
        if array.ndim != 2 or array.shape[1] != width:
            raise DatasetRefused(
                f"expected codes (N, {width}), got {array.shape}", where="Z", fix="hand over what transform gave"
            )
        codes, network = torch.from_numpy(array), trained.network
        with torch.inference_mode():
            rebuilt = network.heads.activate(network.decode(codes)).numpy()
        return pd.DataFrame(self._encoder.decode(rebuilt))

    @_one_thread()
    def score_columns(self, X: Any) -> pd.DataFrame:  # noqa: N803
        """Each source column's part of each row's score, (N, C); rows sum to `decision_function`, but for a scorer without
        parts by column, beside which it is the reconstruction error's, and a warning says so."""
        trained = self._fitted()
        if not score_splits(trained.spec.scorer):
            warnings.warn(
                f"the score “{trained.spec.scorer}” has no parts by column: these are the reconstruction error's, and don't sum to it",
                UserWarning,
                stacklevel=2,
            )
        errors = trained.output(self._table(X)).column_errors
        return pd.DataFrame(errors, columns=list(self._encoder.layout.columns))

    def _fitted(self) -> Trained:
        check_is_fitted(self)
        return self._explainer.trained()

    def _table(self, X: Any) -> Table:  # noqa: N803
        if not isinstance(X, pd.DataFrame) and not issparse(X):
            X = np.asarray(X)  # noqa: N806
        width = X.shape[1] if X.ndim == 2 else self.n_features_in_
        if not isinstance(X, pd.DataFrame) and width != self.n_features_in_:
            raise DatasetRefused(
                f"X has {width} features, but AutoencoderDetector is expecting {self.n_features_in_} features as input",
                where="X",
                fix="hand over the columns that it was fitted on",
            )
        return table_from_frame(X, self._columns)
