"""Whether the columns that are named for a row are those that are wrong, on faults that were put into healthy rows.

`python -m benchmarks.faults [SEEDS]`. Of each table with ground truth the healthy rows, 5,000 at most: the detector without any
argument learns from four fifths, and one to three columns of rows of the last fifth are made wrong. A hit: one of them is among the
three columns that are named first. Named by what the score would lose with a usual value in the column (what the evidence of a row
shows), by the columns' shares of the score (`score_columns`), by the residuals of two PCAs, and by an isolation forest: by how much
shorter its paths are than with background values in the column, the mean of several. What is far enough from usual to be flagged
is also asked for the smallest change that would take it below the threshold.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest

from benchmarks.measure import write
from benchmarks.truth import TABLES, Array
from core import AutoencoderDetector
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.results import Table
from core.scoring.baselines import NearPCA
from core.triage.alike import nearest
from core.triage.counterfactual import counterfactual
from core.triage.evidence import LIKE, WEIGHED, drops, usual_otherwise
from core.triage.known import Known

MOST_ROWS, HELD = 5_000, 0.2
EACH, TRIES = 20, 10  # rows of each kind of fault and number of columns; how often is tried to make one
FEWEST, MOST = 1, 3  # columns that are made wrong
NAMED = 3
BACKGROUND = 5  # rows whose values take a column's place for the forest
CHUNK = 20_000  # rows that it scores at once
EXPLAINED = 0.9  # of the variance, by the PCA of standardised columns
OURS, PEERS = "drop", ("shares", "PCA, standardised", "PCA, encoded", "isolation forest")


@dataclass(frozen=True)
class Healthy:
    """A table's healthy rows: those to learn from, (T, D), and those that are made wrong, (H, D)."""

    fitted: Array
    held: Array

    @property
    def deviations(self) -> Array:
        """Of each column, (D,)."""
        return np.asarray(self.fitted.std(axis=0))


@dataclass(frozen=True)
class Wrong:
    """A row, (D,), in which some columns are wrong."""

    kind: str
    columns: NDArray[np.int64]
    values: Array


Fault = Callable[[Array, NDArray[np.int64], Healthy, np.random.Generator], Array]


def shifted(row: Array, columns: NDArray[np.int64], rows: Healthy, generator: np.random.Generator) -> Array:
    """Three standard deviations up or down."""
    return row[columns] + 3 * rows.deviations[columns] * generator.choice([-1, 1], len(columns))


def scaled(row: Array, columns: NDArray[np.int64], rows: Healthy, generator: np.random.Generator) -> Array:
    """Ten times what it is: a slipped decimal point."""
    return row[columns] * 10


def swapped(row: Array, columns: NDArray[np.int64], rows: Healthy, generator: np.random.Generator) -> Array:
    """What another row has."""
    return rows.fitted[generator.integers(len(rows.fitted)), columns]


def broken(row: Array, columns: NDArray[np.int64], rows: Healthy, generator: np.random.Generator) -> Array:
    """What one of the farthest tenth of rows has, drawn into the middle 90 % of the column: each value for itself is usual."""
    away = np.square((rows.fitted - row) / np.where(rows.deviations > 0, rows.deviations, 1)).sum(axis=1)
    far = np.argsort(-away, kind="stable")[: max(1, len(away) // 10)]
    low, high = np.quantile(rows.fitted[:, columns], [0.05, 0.95], axis=0)
    return np.clip(rows.fitted[generator.choice(far), columns], low, high)


# A fault counts where each cell has moved by so many standard deviations: what hardly changed is not wrong.
KINDS: dict[str, tuple[Fault, float]] = {
    "shift by 3 sd": (shifted, 0.1),
    "ten times": (scaled, 0.1),
    "swap between rows": (swapped, 0.1),
    "broken combination": (broken, 1.0),
}


def healthy(path: Path, seed: int) -> Healthy:
    """A table's healthy rows in two parts."""
    with np.load(path, allow_pickle=False) as file:
        values = file["X"][file["y"] == 0].astype(np.float64)
    values = values[np.random.default_rng(seed).permutation(len(values))[:MOST_ROWS]]
    cut = int(HELD * len(values))
    return Healthy(values[cut:], values[:cut])


def made_wrong(rows: Healthy, seed: int) -> Iterator[Wrong]:
    """Rows of every kind with one to three wrong columns, as far as the table has such."""
    generator = np.random.default_rng(seed)
    varies = np.flatnonzero(rows.deviations > 0)
    for name, (fault, least) in KINDS.items():
        for width in range(FEWEST, MOST + 1):
            made = 0
            for _ in range(EACH * TRIES):
                row = rows.held[generator.integers(len(rows.held))]
                columns = np.sort(generator.choice(varies, min(width, len(varies)), replace=False))
                values = row.copy()
                values[columns] = fault(row, columns, rows, generator)
                if (np.abs(values - row)[columns] >= least * rows.deviations[columns]).all():
                    yield Wrong(f"{name}, {width} column{'s' if width > 1 else ''}", columns, values)
                    made += 1
                if made == EACH:
                    break


@dataclass
class Ours:
    """The detector with all that the evidence of a row is made from; its last row is the one that is asked about."""

    detector: AutoencoderDetector
    known: Known
    healthy: NDArray[np.bool_]

    @classmethod
    def fit(cls, rows: Healthy) -> Ours:
        detector = AutoencoderDetector().fit(rows.fitted)
        table = table_from_frame(np.concatenate([rows.fitted, rows.fitted[-1:]]), detector._columns)
        values = {name: cells.copy() for name, cells in table.values.items()}
        codes = detector.transform(rows.fitted)
        usual = np.append(detector.decision_scores_ < detector.threshold_, False)
        known = Known(Table(table.columns, values, table.row_keys), np.concatenate([codes, codes[-1:]]))
        return cls(detector, known, usual)

    def scores(self, table: Table) -> Array:
        """Of changed rows."""
        return self.detector.decision_function(np.stack([table.values[each.name] for each in table.columns], axis=1))

    def asked(self, values: Array, shares: Array, score: float) -> tuple[Array, dict[str, Any] | None]:
        """What the score would lose by each column, (D,), and of a flagged row whether a change was found, and of what."""
        row, names = len(self.healthy) - 1, [column.name for column in self.known.table.columns]
        for name, value in zip(names, values, strict=True):
            self.known.table.values[name][row] = value
        self.known.codes[row] = self.detector.transform(values[None])[0]
        trained = self.detector._fitted()
        expected = trained.reconstruct(self.known.some([row]))
        wanted = [float(expected[name][0]) if name in expected else None for name in names]
        largest = np.argsort(-shares, kind="stable")[:WEIGHED]
        otherwise = usual_otherwise(self.known, row, self.healthy)
        lost, _, _ = drops(self.known.table, row, largest, [otherwise, wanted], self.scores)
        if score < self.detector.threshold_:
            return lost, None
        like = nearest(self.known.codes, row, np.flatnonzero(self.healthy), LIKE)
        order = np.lexsort((-shares, -lost)).tolist()
        found, _ = counterfactual(
            self.known, row, like, order, wanted, self.healthy, self.scores, self.detector.threshold_
        )
        return lost, {"columns": [] if found is None else [names.index(each.column) for each in found.changes]}


def by_pca(rows: Healthy, asked: Array) -> Array:
    """Squared residuals of standardised columns, (B, D)."""
    varies = rows.deviations > 0
    middle, deviation = rows.fitted.mean(axis=0)[varies], rows.deviations[varies]
    pca = PCA(EXPLAINED, svd_solver="full").fit((rows.fitted[:, varies] - middle) / deviation)
    scaled_rows = (asked[:, varies] - middle) / deviation
    out = np.zeros(asked.shape)
    out[:, varies] = np.square(scaled_rows - pca.inverse_transform(pca.transform(scaled_rows)))
    return out


def by_encoded_pca(rows: Healthy, asked: Array, width: int) -> Array:
    """Squared residuals of the columns as our network sees them, by as many components as it has code numbers."""
    table = table_from_frame(rows.fitted)
    encoder = Encoder.fit(table)
    pca = NearPCA.fit(encoder.encode(table).values, width)
    out = np.zeros(asked.shape)
    seen = [int(name[1:]) for name in encoder.layout.columns]
    out[:, seen] = pca.errors(encoder.encode(table_from_frame(asked, table.columns)).values)
    return out


def by_forest(rows: Healthy, asked: Array, seed: int) -> Array:
    """By how much less strange a row is with other rows' values in a column, the mean of several, (B, D)."""
    forest = IsolationForest(random_state=seed, n_jobs=1).fit(rows.fitted)
    used = np.unique(np.concatenate([tree.tree_.feature for tree in forest.estimators_]))
    used = used[used >= 0]
    background = rows.fitted[np.random.default_rng(seed).choice(len(rows.fitted), BACKGROUND)]
    out = np.zeros(asked.shape)
    if len(used) == 0:
        return out
    before = -forest.score_samples(asked)
    pairs = np.stack(np.meshgrid(np.arange(len(asked)), used, indexing="ij"), axis=-1).reshape(-1, 2)
    for other in background:
        for start in range(0, len(pairs), CHUNK):
            which, columns = pairs[start : start + CHUNK].T
            changed = asked[which].astype(np.float32)
            changed[np.arange(len(which)), columns] = other[columns]
            np.add.at(out, (which, columns), (before[which] + forest.score_samples(changed)) / BACKGROUND)
    return out


def hits(strengths: Array, wrong: list[Wrong]) -> NDArray[np.bool_]:
    """Whether one of the columns that are named first is wrong, (B,)."""
    first = np.argsort(-strengths, axis=1, kind="stable")[:, :NAMED]
    return np.asarray([bool(np.isin(named, each.columns).any()) for named, each in zip(first, wrong, strict=True)])


def measured(path: Path, seed: int) -> tuple[list[Wrong], dict[str, NDArray[np.bool_]], list[dict[str, Any] | None]]:
    """The wrong rows of a table, which of them each method names a wrong column of, and the changes of flagged ones."""
    rows = healthy(path, seed)
    wrong = list(made_wrong(rows, seed))
    asked = np.stack([each.values for each in wrong])
    ours = Ours.fit(rows)
    shares = np.zeros(asked.shape)
    found = ours.detector.score_columns(asked)
    shares[:, [int(name[1:]) for name in found.columns]] = found.to_numpy()
    scores = ours.detector.decision_function(asked)
    each = [ours.asked(*some) for some in zip(asked, shares, scores, strict=True)]
    strengths = {
        OURS: np.stack([lost for lost, _ in each]),
        "shares": shares,
        "PCA, standardised": by_pca(rows, asked),
        "PCA, encoded": by_encoded_pca(rows, asked, ours.detector._fitted().width),
        "isolation forest": by_forest(rows, asked, seed),
    }
    return wrong, {name: hits(each, wrong) for name, each in strengths.items()}, [change for _, change in each]


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    by_table: dict[str, dict[str, dict[str, list[float]]]] = {}  # table, kind, figure: a value for each wrong row
    for path in sorted(TABLES.glob("*.npz")):
        kinds = by_table.setdefault(path.stem, {})
        for seed in range(seeds):
            wrong, right, changes = measured(path, seed)
            for i, row in enumerate(wrong):
                figures = kinds.setdefault(row.kind, {})
                for name, hit in right.items():
                    figures.setdefault(name, []).append(float(hit[i]))
                change = changes[i]
                figures.setdefault("flagged", []).append(float(change is not None))
                if change is not None:
                    columns = change["columns"]
                    figures.setdefault("found", []).append(float(bool(columns)))
                    if columns:
                        figures.setdefault("changed", []).append(float(len(columns)))
                        figures.setdefault("right", []).append(float(bool(np.isin(columns, row.columns).any())))
                    for name in right:
                        figures.setdefault(f"{name}, flagged", []).append(float(right[name][i]))
        print(path.stem, {kind: round(float(np.mean(each[OURS])), 2) for kind, each in kinds.items()}, flush=True)
    names = [f"{kind}, {n} column{'s' if n > 1 else ''}" for kind in KINDS for n in range(FEWEST, MOST + 1)]
    means = {kind: {figure: _mean(by_table, kind, figure) for figure in _figures(by_table, kind)} for kind in names}
    shown = (OURS, *PEERS)
    rows = [
        [
            kind,
            *(f"{each[name]:.3f}" for name in shown),
            f"{each['flagged']:.2f}",
            f"{each[f'{OURS}, flagged']:.3f}",
            f"{each['shares, flagged']:.3f}",
            f"{each['found']:.2f}",
            f"{each['changed']:.2f}",
            f"{each['right']:.2f}",
        ]
        for kind, each in means.items()
    ]
    write(
        "faults",
        "Columns that are named, on injected faults",
        [
            f"{len(by_table)} tables, {seeds} seed{'s' if seeds > 1 else ''}, at most {EACH} rows of each kind a table; means over tables.",
            "Share of wrong rows of which a wrong column is among the first three: by what the score would lose with a usual value "
            "(drop), and by four others; then of those that are flagged. Change: in how many flagged rows up to three changed "
            "columns take it below the threshold, how many columns that are, and how often a wrong one is among them.",
        ],
        [
            "fault",
            *shown,
            "flagged",
            "drop, of flagged",
            "shares, of flagged",
            "change found",
            "columns",
            "a wrong one",
        ],
        rows,
        {
            "means": means,
            "by_table": {
                table: {
                    kind: {name: round(float(np.mean(each)), 3) for name, each in figures.items()}
                    for kind, figures in kinds.items()
                }
                for table, kinds in by_table.items()
            },
        },
    )


def _figures(by_table: dict[str, dict[str, dict[str, list[float]]]], kind: str) -> list[str]:
    return sorted({figure for kinds in by_table.values() for figure in kinds.get(kind, {})})


def _mean(by_table: dict[str, dict[str, dict[str, list[float]]]], kind: str, figure: str) -> float:
    """Over tables, of those that have such rows."""
    each = [np.mean(kinds[kind][figure]) for kinds in by_table.values() if figure in kinds.get(kind, {})]
    return float(np.mean(each))


if __name__ == "__main__":
    main()
