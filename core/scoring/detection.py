"""What gives the anomaly score where it is not a network's own error: a network, a scorer that is asked of its answers, and
what the answer usually is."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save
from torch import Tensor

from core.models.base import Objective, build
from core.results import Block, Encoded, Layout, Rows
from core.scoring.blocks import BLOCK, blocks, finite
from core.scoring.gaps import Gaps
from core.scoring.modules import Modules
from core.scoring.scorers import Fitted, Made, under
from core.scoring.skipped import Skipped
from core.specs import SCORERS, RunSpec

MOST_ROWS, MOST_CELLS = 50_000, 10_000_000  # that a scorer is fitted on
ASKED = 500  # of these rows, at most, that say what is usual
COMPARED = 0.75  # share of the rows, the least strange, that others are compared with where there may be anomalies
USUAL = 0.95  # share of the rows that an explainer learns from, where there may be anomalies among them
NETWORK, SCORER = "network.", "scorer."  # how names of tensors begin
OPTIONAL = {"gaps": Gaps, "skipped": Skipped, "modules": Modules}  # parts that a detector may have, under their own


@dataclass(frozen=True)
class Detector:
    """A network with a fitted scorer.

    own: the spec of its network, where that is not the run's; usual: distance of the middle one of the rows that it was
    fitted on; owners: (D,), the source column of each cell; scale: (K,), what each of the cells that are compared is multiplied by
    before, None for nothing; gaps: where it counts as well which cells are missing. A row is as strange as it is by the one or
    by the other; skipped: what is usual among rows that lack the same columns, None where it is the same of all; modules: which
    columns are skipped together, and compared as one.
    """

    scorer: str
    network: Objective
    fitted: Fitted
    usual: float
    owners: NDArray[np.int64]
    own: RunSpec | None = None
    scale: Tensor | None = None
    gaps: Gaps | None = None
    skipped: Skipped | None = None
    modules: Modules | None = None

    @property
    def splits(self) -> bool:
        """Whether its score is a sum over source columns."""
        return SCORERS.get(self.scorer).splits

    @torch.inference_mode()
    def score(self, data: Rows) -> tuple[NDArray[np.float64], NDArray[np.float32] | None]:
        """How many times the usual distance each row lies away, (N,), and each source column's part of it, (N, C), which
        sum to it; None where it has no parts. Raises TrainingFailed where one is not finite."""
        columns = int(self.owners.max(initial=0)) + 1
        parts = []
        for made, real in answers(self.network, data):
            owner = made.owners
            compared = made if self.modules is None else self.modules.compared(made)
            cells = self.fitted.parts(scaled(compared, self.scale)) / self.usual  # (BLOCK, D) or (BLOCK, 1)
            if self.skipped is not None:
                cells = cells / self.skipped.usual(made)
            if self.gaps is not None and not bool(made.observed.all()):
                others = self.gaps.parts(made if self.modules is None else self.modules.unlike(made))  # (BLOCK, D)
                cells = torch.where(cells.sum(dim=1, keepdim=True) >= others.sum(dim=1, keepdim=True), cells, others)
            if self.splits:
                cells = cells.new_zeros(BLOCK, columns).index_add_(1, owner, cells)  # (BLOCK, C)
            parts.append(cells[:real].numpy())
        found = np.concatenate(parts)
        return finite(found.sum(axis=1)), found.astype(np.float32) if self.splits else None

    def to_bytes(self) -> bytes:
        """All of it but the run's own network, as safetensors."""
        about = {"scorer": self.scorer, "own": self.own.model_dump(mode="json") if self.own else None}
        tensors = {f"{SCORER}{name}": tensor for name, tensor in tensors_of(self.fitted).items()}
        if self.own is not None:
            tensors |= {f"{NETWORK}{name}": value for name, value in self.network.state_dict().items()}
        if self.scale is not None:
            tensors["scale"] = self.scale
        for part in OPTIONAL:
            if (fitted := getattr(self, part)) is not None:
                tensors |= {f"{part}.{name}": tensor for name, tensor in tensors_of(fitted).items()}
        tensors["usual"] = torch.tensor(self.usual, dtype=torch.float64)
        tensors["about"] = torch.frombuffer(bytearray(json.dumps(about).encode()), dtype=torch.uint8)
        return save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()})

    @classmethod
    def of_bytes(cls, stored: bytes, network: Objective, layout: Layout) -> Detector:
        """As it was stored. network: the run's own. Raises SafetensorError for damaged bytes."""
        tensors = load(stored)
        about = json.loads(tensors["about"].numpy().tobytes())
        own = RunSpec.read(about["own"]) if about["own"] else None
        if own is not None:
            network = build(own, alike(layout))
            network.load_state_dict(under(NETWORK, tensors))
            network.eval()
        fitted = SCORERS.get(about["scorer"]).load(under(SCORER, tensors))
        optional = {part: kind(**kept) for part, kind in OPTIONAL.items() if (kept := under(f"{part}.", tensors))}
        usual, scale = float(tensors["usual"]), tensors.get("scale")
        return cls(about["scorer"], network, fitted, usual, layout.owners, own, scale, **optional)


@torch.inference_mode()
def fitted_on(
    network: Objective,
    data: Rows,
    rows: NDArray[np.int64],
    scorer: str,
    clean: bool,
    seed: int,
    own: RunSpec | None = None,
    scale: Tensor | None = None,
    gaps: bool = False,
) -> Detector:
    """A scorer on some rows of the data. clean: whether they are known to hold no anomalies; scale: as in Detector; gaps: whether
    it counts which of their cells are missing, and with which rows a row is judged by that, if some are."""
    made = made_of(network, data.take(rows))
    modules = Modules.fit(made) if gaps else None
    compared = made if modules is None else modules.compared(made)
    fitted: Fitted = SCORERS.get(scorer).fit(scaled(compared, scale), clean, seed)
    detector = Detector(scorer, network, fitted, 1.0, data.layout.owners, own, scale, modules=modules)
    step = -(-len(rows) // ASKED)
    distances = detector.score(data.take(rows[::step]))[0]
    usual = float(np.median(distances)) or float(distances.mean()) or 1.0
    detector = replace(detector, usual=usual)
    if not gaps:
        return detector
    skipped = Skipped.fit(replace(made, observed=made.observed[::step]), torch.from_numpy(distances / usual))
    return replace(detector, gaps=Gaps.fit(made if modules is None else modules.unlike(made)), skipped=skipped)


def scaled(made: Made, scale: Tensor | None) -> Made:
    """The same with each cell multiplied by its scale, (K,)."""
    return made if scale is None else replace(made, rebuilt=made.rebuilt * scale, residuals=made.residuals * scale)


def made_of(network: Objective, data: Rows) -> Made:
    """What the network makes of all rows."""
    every = list(answers(network, data))
    bounds = [made.bound[:real] for made, real in every if made.bound is not None]
    return Made(
        torch.cat([made.rebuilt[:real] for made, real in every]),
        torch.cat([made.residuals[:real] for made, real in every]),
        torch.cat([made.codes[:real] for made, real in every]),
        torch.cat([made.observed[:real] for made, real in every]),
        every[0][0].owners,
        torch.cat(bounds) if bounds else None,
    )


def asked(network: Objective, spec: RunSpec, data: Rows, rows: NDArray[np.int64], scorer: str) -> Detector:
    """A scorer that is asked of a run's own network, fitted on some of the rows that it learned from."""
    seed = spec.training.seed
    some = some_of(rows, data.layout.width, seed)
    return fitted_on(network, data, some, scorer, spec.assume_clean, seed)


def strangest(scores: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which of the rows an explainer must not learn from: what is strange would be expected. scores: (N,); rows: some of N."""
    usual = least_strange(scores[rows], USUAL)
    return np.delete(rows, usual)


def some_of(rows: NDArray[np.int64], width: int, seed: int) -> NDArray[np.int64]:
    """As many of the rows, drawn at random, as are fitted on at most where a row has so many cells."""
    most = min(MOST_ROWS, max(1_000, MOST_CELLS // width))
    return at_most(rows, most, seed)


def at_most(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """So many of the rows, drawn at random, in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def answers(network: Objective, data: Rows) -> Iterator[tuple[Made, int]]:
    """What the network makes of the cells of rows that are compared, block by block, and how many of each are real."""
    which = torch.from_numpy(data.layout.compared)
    kept = slice(None) if bool(which.all()) else which
    owners = torch.from_numpy(data.layout.owners)[kept]
    for _, values, observed, real in blocks(network, data):
        codes, output = network.look(values)
        rebuilt = network.heads.activate(output).double()
        missed = values.double() - rebuilt
        there = torch.ones_like(missed) if observed is None else observed.double()
        bound = network.negative_bound(values, output, observed)
        bound = None if bound is None else bound.double()
        yield Made(rebuilt[:, kept], (missed * there)[:, kept], codes.double(), there[:, kept], owners, bound), real


def alike(layout: Layout) -> Layout:
    """The layout with every cell that is compared compared by its square, none more than another."""
    blocks = (Block(b.column, "squared", b.start, b.stop, float(b.weight > 0)) for b in layout.blocks)
    return Layout(tuple(blocks), layout.shape)


def encoded_alike(data: Encoded) -> Encoded:
    """The same rows under that layout."""
    return Encoded(alike(data.layout), data.values, data.observed)


def least_strange(distances: NDArray[np.float64], share: float) -> NDArray[np.int64]:
    """Which of the rows are the least strange, that share of them, in order."""
    return np.sort(np.argsort(distances, kind="stable")[: math.ceil(share * len(distances))])


def tensors_of(fitted: Any) -> dict[str, Tensor]:
    """The tensors of a fitted scorer by name; those of one within it under its own."""
    out: dict[str, Tensor] = {}
    for field in fields(fitted):
        value = getattr(fitted, field.name)
        if is_dataclass(value):
            out |= {f"{field.name}.{name}": tensor for name, tensor in tensors_of(value).items()}
        else:
            out[field.name] = value
    return out
