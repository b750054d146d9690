"""Whether copies of one fault become one case, on faults that were put into healthy rows.

`python -m benchmarks.cases [SEEDS]`. Into the healthy rows of each table with ground truth, 5,000 at most, go several faults, each into 5
to 200 rows, an eighth of all at most, and beside them single ones. The detector without any argument learns from all of it, and flags
as many rows as were made wrong and 2 % more, the table's own outliers. Over pairs of wrong rows that are flagged: how many of one case
have the same fault (precision), and how many of the same fault are in one case (recall). A single fault is like no other. Beside it,
on the same flagged rows: DBSCAN and HDBSCAN of standardised values, HDBSCAN of codes, k-means of the columns' shares of the score,
which is told how many faults there are, and the column with the largest share.

Then look-alikes: of rows with repeated faults, what share of as many look-alikes as there are copies (50 at most) has the same fault,
by `core.triage.alike`, by codes alone and by the overlap of shares alone.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN, HDBSCAN, KMeans

from benchmarks.measure import write
from benchmarks.truth import TABLES, Array
from core import AutoencoderDetector
from core.datasets.frames import table_from_frame
from core.triage.alike import alike
from core.triage.cases import cases
from core.triage.evidence import Known

MOST_ROWS, WRONG, OWN, SINGLE = 5_000, 0.12, 0.02, 0.01  # shares of all rows
FEWEST, MOST, FAULTS = 5, 200, 14  # copies of a fault, and faults in a table
HEALTHY = -1
ASKED, LOOKED_AT = 40, 50  # rows whose look-alikes are looked for, and how many
Labels = NDArray[np.int64]
Change = Callable[[Array], dict[int, Array]]  # rows (K, D) → the new cells (K,) of some columns


def constant(columns: list[int], values: Array, generator: np.random.Generator) -> Change:
    """One wrong value, four to ten standard deviations from the mean."""
    (column,) = columns
    value = values[:, column].mean() + _far(values, column, generator, 4, 10)
    return lambda rows: {column: np.full(len(rows), value)}


def shifted(columns: list[int], values: Array, generator: np.random.Generator) -> Change:
    """Shifted by four to ten standard deviations; two columns by three to six."""
    low, high = (4, 10) if len(columns) == 1 else (3, 6)
    by = {column: _far(values, column, generator, low, high) for column in columns}
    return lambda rows: {column: rows[:, column] + way for column, way in by.items()}


def scaled(factor: float) -> Callable[[list[int], Array, np.random.Generator], Change]:
    """Another unit."""
    return lambda columns, values, generator: lambda rows: {columns[0]: rows[:, columns[0]] * factor}


def swapped(columns: list[int], values: Array, generator: np.random.Generator) -> Change:
    """Two columns, each with the other's values."""
    first, second = columns
    return lambda rows: {first: rows[:, second], second: rows[:, first]}


def missing(columns: list[int], values: Array, generator: np.random.Generator) -> Change:
    """No value."""
    return lambda rows: {columns[0]: np.full(len(rows), np.nan)}


def _far(values: Array, column: int, generator: np.random.Generator, low: float, high: float) -> float:
    return float(values[:, column].std() * generator.uniform(low, high) * generator.choice([-1, 1]))


# What goes wrong, and in how many columns.
KINDS: dict[str, tuple[Callable[[list[int], Array, np.random.Generator], Change], int]] = {
    "wrong constant": (constant, 1),
    "shifted": (shifted, 1),
    "two columns shifted": (shifted, 2),
    "ten times": (scaled(10), 1),
    "a thousand times": (scaled(1_000), 1),
    "two columns swapped": (swapped, 2),
    "missing": (missing, 1),
}


@dataclass(frozen=True)
class Broken:
    """A table in which some rows are wrong. fault: (N,), HEALTHY or which fault; kinds: of each fault, "" of single ones."""

    values: Array  # (N, D)
    fault: Labels
    kinds: tuple[str, ...]

    @property
    def repeated(self) -> NDArray[np.int64]:
        """The rows with a fault that others have too."""
        return np.flatnonzero([fault != HEALTHY and self.kinds[fault] != "" for fault in self.fault])


def broken(path: Path, seed: int) -> Broken:
    """A table's healthy rows with faults."""
    with np.load(path, allow_pickle=False) as file:
        values = file["X"][file["y"] == 0].astype(np.float64)
    generator = np.random.default_rng(seed)
    values = values[generator.permutation(len(values))[:MOST_ROWS]]
    before, deviations = values.copy(), values.std(axis=0)
    varies = np.flatnonzero(deviations > 0)
    fault, kinds = np.full(len(values), HEALTHY), list[str]()
    free = generator.permutation(len(values)).tolist()
    names, columns = generator.permutation(list(KINDS)).tolist(), list[int]()

    def put(name: str, copies: int, columns: list[int]) -> int:
        """Into rows that have none yet; how many have changed."""
        rows = np.asarray([free.pop() for _ in range(copies)])
        made = KINDS[name][0](columns, before, generator)(before[rows])
        moved = [~(np.abs(cells - before[rows, i]) < 0.1 * deviations[i]) for i, cells in made.items()]
        changed = np.any(moved, axis=0)  # NaN has
        for i, cells in made.items():
            values[rows[changed], i] = cells[changed]
        fault[rows[changed]] = len(kinds)
        return int(changed.sum())

    left = int(WRONG * len(values))
    for turn in range(3 * FAULTS):
        if left < FEWEST or len(kinds) == FAULTS:
            break
        name = names[turn % len(names)]
        width = KINDS[name][1]
        if len(columns) < width:
            columns = generator.permutation(varies).tolist()
        copies = int(min(left, np.exp(generator.uniform(np.log(FEWEST), np.log(MOST)))))
        left -= put(name, copies, [columns.pop() for _ in range(width)])
        kinds.append(name)
    for _ in range(max(3, int(SINGLE * len(values)))):
        name = str(generator.choice(names))
        put(name, 1, generator.choice(varies, KINDS[name][1], replace=False).tolist())
        kinds.append("")
    return Broken(values, fault, tuple(kinds))


@dataclass(frozen=True)
class Flagged:
    """What the detector says of a broken table. rows: (F,), those that are flagged."""

    table: Broken
    known: Known
    rows: NDArray[np.int64]
    scores: Array  # (N,)
    errors: NDArray[np.float32]  # (N, D)

    @property
    def shares(self) -> Array:
        """Of the flagged rows, (F, D)."""
        errors = self.errors[self.rows].astype(np.float64)
        return np.asarray(errors / np.maximum(errors.sum(axis=1, keepdims=True), 1e-300))

    @property
    def standardised(self) -> Array:
        """Of the flagged rows, (F, D), by all rows; what is missing in the middle."""
        values = self.table.values
        deviations = np.nanstd(values, axis=0)
        scaled_rows = (values - np.nanmean(values, axis=0)) / np.where(deviations > 0, deviations, 1)
        return np.nan_to_num(scaled_rows[self.rows])


def flagged(table: Broken) -> Flagged:
    """By the detector without any argument but how many rows to flag."""
    share = float((table.fault != HEALTHY).mean()) + OWN
    detector = AutoencoderDetector(contamination=min(0.5, share)).fit(table.values)
    errors = np.zeros(table.values.shape, np.float32)
    found = detector.score_columns(table.values)
    errors[:, [int(name[1:]) for name in found.columns]] = found.to_numpy()
    known = Known(table_from_frame(table.values, detector._columns), detector.transform(table.values))
    return Flagged(table, known, np.flatnonzero(detector.labels_), detector.decision_scores_, errors)


def ours(found: Flagged) -> Labels:
    """The cases."""
    return cases(found.known, found.rows, found.scores[found.rows], found.errors[found.rows]).numbers


def apart(labels: NDArray[np.int64]) -> Labels:
    """What a method calls noise is a group of its own."""
    out = labels.astype(np.int64)
    noise = out < 0
    out[noise] = out.max(initial=-1) + 1 + np.arange(noise.sum())
    return out


def by_kmeans(found: Flagged) -> Labels:
    """As many groups as faults are flagged."""
    groups = max(1, len(set(found.table.fault[found.rows].tolist()) - {HEALTHY}))
    return KMeans(min(groups, len(found.rows)), n_init=3, random_state=0).fit_predict(found.shares).astype(np.int64)


def by_hdbscan(points: Array) -> Labels:
    """Groups of two rows or more."""
    return apart(HDBSCAN(min_cluster_size=2, copy=True).fit_predict(points))


OURS = "cases"
METHODS: dict[str, Callable[[Flagged], Labels]] = {
    OURS: ours,
    "largest share": lambda found: found.shares.argmax(axis=1),
    "k-means of shares": by_kmeans,
    "HDBSCAN of shares": lambda found: by_hdbscan(np.sqrt(found.shares)),
    "HDBSCAN of values": lambda found: by_hdbscan(found.standardised),
    "DBSCAN of values": lambda found: apart(
        DBSCAN(eps=0.5 * found.errors.shape[1] ** 0.5, min_samples=2).fit_predict(found.standardised)
    ),
    "HDBSCAN of codes": lambda found: by_hdbscan(found.known.codes[found.rows].astype(np.float64)),
}


def pairs(groups: Labels, faults: Labels) -> tuple[float, float]:
    """Precision and recall of *in one group* against *the same fault*, over all pairs; NaN where there are none."""
    both, grouped, same = (_pairs(each) for each in (np.stack([groups, faults], axis=1), groups, faults))
    return both / grouped if grouped else np.nan, both / same if same else np.nan


def _pairs(labels: NDArray[np.int64]) -> float:
    _, counts = np.unique(labels, axis=0, return_counts=True)
    return float((counts * (counts - 1) // 2).sum())


def by_alike(found: Flagged, row: int, k: int) -> NDArray[np.int64]:
    """By place and pattern."""
    return alike(row, found.known.codes, found.errors, found.scores, np.arange(len(found.scores)), k)[0]


def by_codes(found: Flagged, row: int, k: int) -> NDArray[np.int64]:
    """The nearest codes."""
    away = np.square(found.known.codes - found.known.codes[row]).sum(axis=1)
    away[row] = np.inf
    return np.argsort(away, kind="stable")[:k]


def by_shares(found: Flagged, row: int, k: int) -> NDArray[np.int64]:
    """The largest overlap of shares."""
    shares = found.errors / np.maximum(found.errors.sum(axis=1, keepdims=True), 1e-30)
    shared = np.sqrt(shares * shares[row]).sum(axis=1)
    shared[row] = -1
    return np.argsort(-shared, kind="stable")[:k]


LOOK_ALIKES = {"alike": by_alike, "codes alone": by_codes, "shares alone": by_shares}


def look_alikes(found: Flagged, seed: int) -> dict[str, float]:
    """The share of look-alikes with the same fault, by method; empty where no repeated fault is flagged."""
    fault = found.table.fault
    rows = np.intersect1d(found.table.repeated, found.rows)
    if len(rows) == 0:
        return {}
    rows = np.random.default_rng(seed).permutation(rows)[:ASKED]
    copies = {int(row): int((fault == fault[row]).sum()) - 1 for row in rows}
    return {
        name: float(
            np.mean(
                [(fault[method(found, row, min(k, LOOKED_AT))] == fault[row]).mean() for row, k in copies.items() if k]
            )
        )
        for name, method in LOOK_ALIKES.items()
    }


def by_kind(found: Flagged, groups: Labels) -> dict[str, list[float]]:
    """Recall of each fault, by what went wrong."""
    fault = found.table.fault[found.rows]
    out: dict[str, list[float]] = {}
    for number, kind in enumerate(found.table.kinds):
        mine = groups[fault == number]
        if kind and len(mine) > 1:
            out.setdefault(kind, []).append(_pairs(mine) / (len(mine) * (len(mine) - 1) / 2))
    return out


def _kept(figure: float) -> float | None:
    """As it is stored: None where there are no pairs."""
    return None if np.isnan(figure) else round(figure, 3)


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    figures: dict[str, list[tuple[float, float, float, float, float]]] = {name: [] for name in METHODS}
    likeness: dict[str, list[float]] = {name: [] for name in LOOK_ALIKES}
    kinds: dict[str, list[float]] = {}
    by_table: dict[str, dict[str, float | None]] = {}
    for path in sorted(TABLES.glob("*.npz")):
        for seed in range(seeds):
            found = flagged(broken(path, seed))
            fault = found.table.fault[found.rows]
            wrong = fault != HEALTHY
            own = fault.copy()
            own[~wrong] = fault.max() + 1 + np.arange((~wrong).sum())
            for name, method in METHODS.items():
                began = time.perf_counter()
                groups = method(found)
                took = time.perf_counter() - began
                precision, recall = pairs(groups[wrong], fault[wrong])
                strict = pairs(groups, own)[0]  # an outlier of the table's own is like no other
                count = len(np.unique(groups)) / len(groups)
                figures[name].append((precision, recall, strict, count, took))
                if name == OURS:
                    for kind, each in by_kind(found, groups).items():
                        kinds.setdefault(kind, []).extend(each)
                    by_table[f"{path.stem}, seed {seed}"] = {
                        "flagged": len(groups),
                        "wrong": int(wrong.sum()),
                        "precision": _kept(precision),
                        "recall": _kept(recall),
                    }
            for name, share in look_alikes(found, seed).items():
                likeness[name].append(share)
        print(path.stem, by_table[f"{path.stem}, seed 0"], flush=True)
    rows, record = [], {}
    for name, each in figures.items():
        precision, recall, strict, count, took = (float(x) for x in np.nanmean(each, axis=0))
        both = 2 * precision * recall / (precision + recall)
        record[name] = {
            "precision": precision,
            "recall": recall,
            "F": both,
            "precision_own": strict,
            "cases_per_row": count,
            "seconds": took,
        }
        rows.append(
            [
                name,
                *(f"{x:.3f}" for x in (precision, recall, both, strict)),
                f"{100 * count:.0f}",
                f"{took:.2f}",
            ]
        )
    found_alike = {name: float(np.mean(each)) for name, each in likeness.items()}
    recalls = {kind: float(np.mean(each)) for kind, each in kinds.items()}
    write(
        "cases",
        "Flagged rows as cases, on injected faults",
        [
            f"{len(by_table) // seeds} tables, {seeds} seeds: means over tables. Precision and recall of *in one case* over pairs "
            "of wrong flagged rows; once more with the table's own outliers, each of which counts as like no other, though many are "
            "alike; cases for 100 flagged rows; seconds.",
            "",
            "Recall of cases by what went wrong: " + ", ".join(f"{kind} {x:.2f}" for kind, x in recalls.items()) + ".",
            "",
            "Look-alikes with the same fault: " + ", ".join(f"{name} {x:.3f}" for name, x in found_alike.items()) + ".",
        ],
        ["method", "precision", "recall", "F", "precision, own outliers too", "cases", "seconds"],
        rows,
        {"methods": record, "by_kind": recalls, "look_alikes": found_alike, "by_table": by_table},
    )


if __name__ == "__main__":
    main()
