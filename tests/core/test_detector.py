"""AutoencoderDetector: scikit-learn's interface, PyOD's words."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from core import AutoencoderDetector
from core.errors import DatasetRefused, HourglassError, SettingsRefused
from core.scoring import recommended
from core.specs import OBJECTIVES

QUICK = {"epochs": 15}


def rows(count: int = 200, strange: int = 8) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    plane = generator.normal(size=(count, 2)) @ generator.normal(size=(2, 6))
    label = np.arange(count) < strange
    plane[label] += generator.normal(size=(strange, 6)) * 4
    return plane, label


@pytest.fixture(scope="module")
def fitted() -> AutoencoderDetector:
    """The recommended one on `rows()`, for all that only ask it: no test changes it."""
    return AutoencoderDetector(settings=QUICK).fit(rows()[0])


@pytest.fixture(scope="module")
def mixed() -> tuple[AutoencoderDetector, pd.DataFrame]:
    """The recommended one on a number, a truth value and a day, and these rows."""
    frame = pd.DataFrame({"a": np.arange(40.0), "ok": [True, False] * 20, "day": pd.date_range("2024", periods=40)})
    return AutoencoderDetector(settings=QUICK).fit(frame), frame


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recommended one learns for a few steps only: enough where nothing is asked that learning decides."""
    monkeypatch.setattr(recommended, "STEPS", 40)


def test_it_finds_what_is_strange_and_speaks_pyod() -> None:
    values, label = rows()
    detector = AutoencoderDetector(contamination=0.04, settings=QUICK)
    flagged = detector.fit_predict(values)
    assert roc_auc_score(label, detector.decision_scores_) > 0.9
    assert flagged.sum() == 8
    assert np.array_equal(flagged, detector.labels_)
    assert np.array_equal(detector.decision_function(values), detector.decision_scores_)
    assert np.array_equal(detector.predict(values), flagged)
    shares = detector.predict_proba(values)
    assert shares.shape == (200, 2)
    assert np.allclose(shares.sum(axis=1), 1)
    codes = detector.transform(values)
    assert codes.shape == (200, 3)  # half as wide as the rows
    assert detector.inverse_transform(codes).shape == values.shape
    parts = detector.score_columns(values)
    assert np.allclose(parts.sum(axis=1), detector.decision_scores_, rtol=1e-4)


def test_the_same_state_gives_the_same_bits_and_leaves_the_world_alone(fitted: AutoencoderDetector) -> None:
    import torch

    values, _ = rows()
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = AutoencoderDetector(settings=QUICK).fit(values).decision_scores_
    assert torch.equal(before, torch.get_rng_state())
    assert np.array_equal(first, fitted.decision_scores_)
    assert not np.array_equal(first, AutoencoderDetector(settings=QUICK, random_state=1).fit(values).decision_scores_)


@pytest.mark.usefixtures("short")
def test_clone_params_and_pipeline() -> None:
    detector = AutoencoderDetector(contamination=0.2, settings=QUICK)
    assert clone(detector).get_params() == detector.get_params()
    values, _ = rows()
    pipeline = make_pipeline(StandardScaler(), detector).fit(values)
    assert pipeline.predict(values).shape == (200,)
    with pytest.raises(NotFittedError):
        AutoencoderDetector().decision_function(values)
    with pytest.raises(TypeError):
        AutoencoderDetector("vanilla")  # keyword-only


def test_frames_with_names_gaps_dates_and_strange_new_levels() -> None:
    values, _ = rows(120)
    frame = pd.DataFrame(values[:, :2], columns=["a", "b"])
    frame["kind"] = ["x", "y", "z"] * 40
    frame["day"] = pd.date_range("2024-01-01", periods=120)
    frame["ok"] = [True, False] * 60
    frame.loc[3, "a"] = np.nan
    frame.loc[4, "kind"] = None
    detector = AutoencoderDetector(settings=QUICK).fit(frame)
    assert list(detector.feature_names_in_) == list(frame.columns)
    assert list(detector.score_columns(frame).columns) == list(frame.columns)
    new = frame.head(2).assign(kind="never seen", a=[np.inf, -1e308])
    with pytest.warns(UserWarning, match="“a” has an infinite value in row 1: taken as farther off than all others"):
        assert np.isfinite(detector.decision_function(new)).all()
    shuffled = frame[frame.columns[::-1]]
    assert np.array_equal(detector.decision_function(shuffled), detector.decision_scores_)


@pytest.mark.usefixtures("short")
def test_cells_and_rows_of_which_little_can_be_told_are_warned_of_once_with_their_counts() -> None:
    values, _ = rows(60)
    values[[4, 9], 1] = np.inf, -np.inf
    values[7, 2] = 1e300
    values[[20, 21, 22]] = np.nan
    with pytest.warns(UserWarning, match="infinite") as caught:
        detector = AutoencoderDetector(settings=QUICK).fit(values)
    assert [str(each.message) for each in caught] == [
        "“x1” has 2 infinite values, the first in row 5: taken as farther off than all others; “x2” has a value beyond 3.4e38 in row "
        "8: taken as farther off than all others; 3 rows have no value in any column that is looked at: nothing can be told of how "
        "strange they are (rows are counted from 1)"
    ]
    assert caught[0].filename == __file__  # where the caller stands
    assert np.isfinite(detector.decision_scores_).all()
    with pytest.warns(UserWarning, match="^1 row has no value in any column that is looked at") as caught:
        detector.decision_function(values[[0, 20]])
    assert len(caught) == 1
    wide = np.random.default_rng(0).normal(size=(60, 9))
    wide[3] = np.inf
    with pytest.warns(UserWarning, match="and so on in 4 more columns"):
        AutoencoderDetector(settings=QUICK).fit(wide)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AutoencoderDetector(settings=QUICK).fit(rows(60)[0]).predict(rows(20)[0])


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.zeros((3, 2)), "at least 10"),
        (np.zeros((50, 2)), "no column is left"),
        (np.zeros(50), "2 dimensions"),
        (np.full((50, 2), np.nan), "no column is left"),
    ],
)
def test_bad_input_is_refused_in_words(bad: np.ndarray, words: str) -> None:
    with pytest.raises(HourglassError, match=words) as caught:
        AutoencoderDetector().fit(bad)
    assert isinstance(caught.value, ValueError)  # what scikit-learn's callers expect


def test_wrong_settings_and_columns_are_refused(fitted: AutoencoderDetector) -> None:
    values, _ = rows()
    with pytest.raises(SettingsRefused, match="did you mean “epochs”"):
        AutoencoderDetector(settings={"epoch": 3}).fit(values)
    with pytest.raises(SettingsRefused, match=r"0\.2 for 20 %"):
        AutoencoderDetector(contamination=0.9).fit(values)
    with pytest.raises(SettingsRefused, match="did you mean “vanilla”"):
        AutoencoderDetector(model="vanila").fit(values)
    with pytest.raises(SettingsRefused, match="recommended"):
        AutoencoderDetector(model="recomended").fit(values)
    with pytest.raises(HourglassError, match="5 features"):
        fitted.predict(values[:, :5])


@pytest.mark.filterwarnings("ignore")
def test_scikit_learn_takes_it_for_one_of_its_own() -> None:
    check_estimator(AutoencoderDetector(model="vanilla", settings={"epochs": 2}), on_skip=None)


@pytest.mark.usefixtures("short")  # it asks for some sixty fits
def test_scikit_learn_takes_the_recommended_one_too() -> None:
    check_estimator(AutoencoderDetector(settings={"epochs": 2}), on_skip=None)


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("a", "foo", "a was a number column"),
        ("ok", "perhaps", "ok was a boolean"),
        ("day", "foo", "day was a datetime"),
    ],
)
def test_a_cell_of_another_kind_is_refused_in_words(
    mixed: tuple[AutoencoderDetector, pd.DataFrame], column: str, cell: str, words: str
) -> None:
    detector, frame = mixed
    with pytest.raises(DatasetRefused, match=words):
        detector.predict(frame.astype(object).assign(**{column: cell}))
    with pytest.raises(DatasetRefused, match="was a number"):
        detector.predict(frame.astype(object).assign(a=10**400))


def test_no_rows_give_no_results(fitted: AutoencoderDetector) -> None:
    values, _ = rows()
    none = values[:0]
    assert fitted.transform(none).shape == (0, fitted.transform(values).shape[1])
    assert fitted.score_columns(none).shape == (0, 6)
    assert fitted.decision_function(none).shape == fitted.predict(none).shape == (0,)
    assert fitted.inverse_transform(fitted.transform(none)).shape == (0, 6)


@pytest.mark.parametrize("codes", [np.zeros((2, 9)), np.zeros(3), None, [["a", "b"]]])
def test_codes_of_another_shape_are_refused(fitted: AutoencoderDetector, codes: object) -> None:
    with pytest.raises(DatasetRefused, match="codes"):
        fitted.inverse_transform(codes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"random_state": "x"},
        {"random_state": float("nan")},
        {"random_state": -1},
        {"model": None},
        {"settings": "x"},
        {"settings": {5: 1}},
        {"contamination": "much"},
    ],
)
def test_wrong_parameters_are_refused_in_words(wrong: dict[str, object]) -> None:
    values, _ = rows()
    with pytest.raises(SettingsRefused):
        AutoencoderDetector(**wrong).fit(values)  # type: ignore[arg-type]


@pytest.mark.usefixtures("short")
def test_no_seed_and_a_generator_are_taken() -> None:
    values, _ = rows()
    for state in (None, np.random.RandomState(3), np.int64(7)):
        assert np.isfinite(AutoencoderDetector(settings=QUICK, random_state=state).fit(values).decision_scores_).all()


def test_parts_of_a_score_that_has_none_are_given_with_a_warning() -> None:
    table = np.random.default_rng(0).normal(size=(60, 4))
    detector = AutoencoderDetector(model="vanilla", settings={"epochs": 3, "scorer": "combined"}).fit(table)
    with pytest.warns(UserWarning, match="“combined” has no parts by column"):
        assert detector.score_columns(table).shape == (60, 4)


@pytest.mark.parametrize("model", list(OBJECTIVES))
def test_every_family_is_an_estimator(model: str) -> None:
    table = np.random.default_rng(0).normal(size=(60, 4))
    detector = AutoencoderDetector(model=model, settings={"epochs": 3}).fit(table)
    assert np.isfinite(detector.decision_scores_).all()
    assert np.array_equal(detector.decision_function(table), detector.decision_scores_)
    assert np.allclose(detector.score_columns(table).sum(axis=1), detector.decision_scores_, rtol=1e-5)
    codes = detector.transform(table)
    assert detector.inverse_transform(codes).shape == table.shape
    again = AutoencoderDetector(model=model, settings={"epochs": 3}).fit(table)
    assert np.array_equal(again.decision_scores_, detector.decision_scores_)


def test_rows_of_a_frame_are_kept_at_random_only() -> None:
    with pytest.raises(SettingsRefused, match="no column that it is a time"):
        AutoencoderDetector(settings={"validation": "by time"}).fit(np.zeros((20, 2)))


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("scorer", ["neighbours", "joint_neighbours", "latent_neighbours", "combined"])
def test_a_row_is_known_to_itself_wherever_it_stands(scorer: str, clean: bool) -> None:
    """Of five columns: where their number is no multiple of four, sums differ by their last digits from place to place."""
    rows = np.random.default_rng(3).normal(size=(600, 5))
    fitted = AutoencoderDetector(random_state=0, assume_clean=clean, settings={"scorer": scorer}).fit(rows)
    scores = fitted.decision_function(rows)
    assert np.allclose(fitted.decision_function(rows[::-1])[::-1], scores, rtol=1e-4)
    assert np.allclose(fitted.decision_function(rows[7:8]), scores[7:8], rtol=1e-4)
