"""A fitted encoder with its network: rows in, codes, scores and reconstructions out.

Where the run says so, the score is not the network's own error but what a detector gives (core.scoring.detection).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from core.datasets.encoding import AnyEncoder, Encoder, PictureEncoder, WindowEncoder, encoder_from_json
from core.errors import InputRefused, StorageFailed, TrainingFailed
from core.models.base import Objective, build
from core.models.memory import memory_in_words
from core.results import Course, Rows, Run, Table
from core.scoring.blocks import blocks, finite
from core.scoring.detection import Detector
from core.scoring.reference import ARRAYS, Reference
from core.specs import RunSpec
from core.storage.store import Store

WIDEST = 256  # numbers that a level's codes have at most


@dataclass(frozen=True)
class Output:
    """What the network makes of some rows."""

    scores: NDArray[np.float64]  # (N,)
    column_errors: NDArray[np.float32]  # (N, C); sums over C to the scores, where these are sums: else of the own error
    codes: NDArray[np.float32]  # (N, L)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)  # what else is kept with the run, by its name
    course: Course | None = None  # of series only
    code_rows: NDArray[np.int64] | None = (
        None  # (N,): the row of the material that each code is of; None: one after the other
    )


@dataclass(frozen=True)
class Trained:
    """An encoder and its network, ready to answer."""

    encoder: AnyEncoder
    network: Objective
    spec: RunSpec
    reference: Reference | None = None  # of images only
    detector: Detector | None = None  # None: the score is the network's own error

    @classmethod
    def load(cls, store: Store, run: Run, scorer: str = "") -> Trained:
        """The model of a finished run. scorer: which of its scores it gives, by default the spec's. Raises StorageFailed."""
        encoder = encoder_from_json(store.artifacts.get_json(store.space, run.artifacts["encoder"]))
        spec = RunSpec.read(store.artifacts.get_json(store.space, run.artifacts["plan"]))
        network = build(spec, encoder.layout)
        address = run.artifacts["weights"]
        try:
            weights = load(store.artifacts.read_bytes(store.space, address))
        except SafetensorError as error:
            where = store.artifacts.path(store.space, address)
            raise StorageFailed("the stored weights are damaged", where=where, fix="train again") from error
        network.load_state_dict(weights)
        network.eval()
        if not isinstance(encoder, PictureEncoder):
            detector = cls._detector(store, run, network, encoder, scorer or spec.scorer)
            return cls(encoder, network, spec, detector=detector)
        arrays = {
            name: store.artifacts.get_array(store.space, run.artifacts[name])
            for name in ARRAYS
            if name in run.artifacts
        }
        return cls(encoder, network, spec, Reference.of_arrays(arrays, encoder.layout.row_shape))

    @staticmethod
    def _detector(store: Store, run: Run, network: Objective, encoder: AnyEncoder, scorer: str) -> Detector | None:
        address = run.artifacts.get(run.of_scorer("detector", scorer))
        if address is None:
            return None
        try:
            return Detector.of_bytes(store.artifacts.read_bytes(store.space, address), network, encoder.layout)
        except SafetensorError as error:
            where = store.artifacts.path(store.space, address)
            raise StorageFailed("the stored detector is damaged", where=where, fix="train again") from error

    @property
    def width(self) -> int:
        """L: the width of a code."""
        return self.spec.plan(self.encoder.layout.row_shape).latent

    def weights(self) -> bytes:
        """The network's weights as safetensors."""
        return save({name: value.cpu().contiguous() for name, value in self.network.state_dict().items()})

    def output(self, table: Table) -> Output:
        """Scores, their split and the codes of each row."""
        return self.of_encoded(self.of_tables.encode(table))

    @property
    def of_tables(self) -> Encoder:
        """The encoder of a model of tables. Raises InputRefused for one of images."""
        if isinstance(self.encoder, Encoder):
            return self.encoder
        raise InputRefused(
            "this model looks at images or at a series, not at single rows",
            where="model",
            fix="choose a run on a table",
        )

    @property
    def of_series(self) -> WindowEncoder:
        """The encoder of a model of series. Raises InputRefused for another one."""
        if isinstance(self.encoder, WindowEncoder):
            return self.encoder
        raise InputRefused("this model looks at no series", where="model", fix="choose a run with windows")

    @property
    def usual(self) -> Reference:
        """What is usual among its training images. Raises TrainingFailed before that was looked at."""
        if self.reference is None:
            raise TrainingFailed("what is usual was not looked at yet", where="model", fix="train again")
        return self.reference

    @property
    def looks_at_images(self) -> bool:
        """Whether it is a model of images."""
        return isinstance(self.encoder, PictureEncoder)

    @property
    def looks_at_series(self) -> bool:
        """Whether it is a model of series."""
        return isinstance(self.encoder, WindowEncoder)

    @property
    def of_images(self) -> PictureEncoder:
        """The encoder of a model of images. Raises InputRefused for one of tables."""
        if isinstance(self.encoder, PictureEncoder):
            return self.encoder
        raise InputRefused("this model looks at tables, not at images", where="model", fix="choose a run on images")

    @torch.inference_mode()
    def of_encoded(self, data: Rows) -> Output:
        """The same for rows that are encoded already. Raises TrainingFailed where a score is not finite,
        OutOfMemory."""
        rows = len(data)
        with self._memory(data):
            scores = np.empty(rows)
            column_errors = np.empty((rows, self.network.heads.columns), np.float32)
            codes: list[NDArray[np.float32]] = []
            for start, values, observed, real in self.blocks(data):
                z, output = self.network.look(values)  # (BLOCK, L), (BLOCK, D)
                errors = self.network.heads.column_errors(output, values, observed)  # (BLOCK, C)
                here = slice(start, start + real)
                column_errors[here] = errors[:real].cpu().numpy()
                scores[here] = column_errors[here].sum(axis=1, dtype=np.float64)
                codes.append(z[:real].cpu().numpy())
            if self.detector is not None:
                scores, parts = self.detector.score(data)
                column_errors = column_errors if parts is None else parts
        return Output(finite(scores), column_errors, np.concatenate(codes))

    @torch.inference_mode()
    def level_codes(self, data: Rows, level: int) -> NDArray[np.float32]:
        """What the outermost levels of a stacked network make of each row, (N, F). Where they make more than `WIDEST` numbers,
        so many sums of them with random weights, between which distances are nearly the same (Johnson and Lindenstrauss 1984)."""
        out: list[NDArray[np.float32]] = []
        layers: Any = self.network.layers
        with self._memory(data):
            for _, values, _, real in self.blocks(data):
                found = layers.partial(values, level)  # (BLOCK, F)
                if (width := found.shape[1]) > WIDEST:
                    weights = torch.randn(width, WIDEST, generator=torch.Generator().manual_seed(0)) / WIDEST**0.5
                    found = found @ weights.to(found.device)
                out.append(found[:real].cpu().numpy())
        return np.concatenate(out)

    @torch.inference_mode()
    def scores(self, data: Rows) -> NDArray[np.float64]:
        """The scores alone, (N,): without their split they take a fraction of the time. Raises as `of_encoded`."""
        with self._memory(data):
            if self.detector is not None:
                return self.detector.score(data)[0]
            scores = np.empty(len(data))
            for start, values, observed, real in self.blocks(data):
                errors = self.network.heads.errors(self.network.reconstruct(values), values, observed)  # (BLOCK,)
                scores[start : start + real] = errors[:real].cpu().numpy()
        return finite(scores)

    def errors(self, data: Rows) -> NDArray[np.float64]:
        """The network's own reconstruction error of each row, (N,), whatever gives the score. Raises as `of_encoded`."""
        return replace(self, detector=None).scores(data)

    @torch.inference_mode()
    def reconstruct(self, table: Table) -> dict[str, NDArray[Any]]:
        """What the network expects in each source column, in its own units, (N,) each."""
        return self.of_tables.decode(self.expected_of(self.of_tables.encode(table)))

    @torch.inference_mode()
    def rebuilt(self, data: Rows) -> NDArray[np.float32]:
        """What the network makes of rows, before the heads' activations, (N, D)."""
        return np.concatenate(
            [self.network.reconstruct(values)[:real].cpu().numpy() for _, values, _, real in self.blocks(data)]
        )

    @torch.inference_mode()
    def expected_of(self, data: Rows) -> NDArray[np.float32]:
        """What the network expects in each cell of rows, (N, D): probabilities where the heads give them."""
        return np.concatenate([self.expected(values)[:real].cpu().numpy() for _, values, _, real in self.blocks(data)])

    def expected(self, values: Tensor) -> Tensor:
        """What the network expects in each cell of encoded rows, (B, D): probabilities where the head gives them."""
        return self.network.heads.activate(self.network.reconstruct(values))

    def _memory(self, data: Rows) -> AbstractContextManager[None]:
        return memory_in_words(
            "the network and its answers do not fit into memory",
            where=f"scoring {len(data):,} rows",
            fix="lower the hidden width, or score fewer rows at once",
        )

    def blocks(self, data: Rows) -> Iterator[tuple[int, Tensor, Tensor | None, int]]:
        """`blocks` for its network."""
        return blocks(self.network, data)
