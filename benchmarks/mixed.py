"""What is lost where columns are words and cells are missing: the detector without any argument on tables that were spoilt.

`python -m benchmarks.mixed [SEEDS]`. Each table with ground truth, and breast cancer: as it is; with every third column
cut into four words by its quartiles; with a tenth of all cells removed; with both; with half of the columns removed from six of ten
rows, as a module of questions that not everybody was asked; with that and two of a hundred cells besides. The simple methods see
the same rows as our encoding makes them.
"""

from __future__ import annotations

import statistics
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.measure import write
from benchmarks.truth import SITUATIONS, TABLES, Array, Case, cases, halves
from core import AutoencoderDetector
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.scoring import BASELINES
from core.scoring.baselines import Baselines

EVERY, WORDS, REMOVED = 3, np.asarray(["low", "medium", "high", "top"], object), 0.1
MODULE, NOT_ASKED = 0.5, 0.6  # of the columns; of the rows
HOLES = 0.02
SPOILT = ("intact", "words", "gaps", "words and gaps", "module", "module with holes")
OURS = "Hourglass"


def all_cases(path: Path | None, seed: int) -> Iterator[Case]:
    """Both situations of a table; without a path of breast cancer, whose malignant biopsies are the anomalies."""
    if path is not None:
        yield from cases(path, seed)
        return
    data = load_breast_cancer()
    yield from halves("breast_cancer", data.data.astype(np.float64), data.target == 0, seed)


def spoilt(case: Case, how: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to fit on and to score, alike. Quartiles are those of the rows to fit on."""
    generator = np.random.default_rng(seed)
    edges = np.quantile(case.fitted, [0.25, 0.5, 0.75], axis=0)  # (3, D)
    same = case.fitted is case.scored
    made = []
    for values in (case.fitted,) if same else (case.fitted, case.scored):
        frame = pd.DataFrame({f"c{i}": values[:, i] for i in range(values.shape[1])})
        if "words" in how:
            for i in range(0, values.shape[1], EVERY):
                frame[f"c{i}"] = WORDS[np.searchsorted(edges[:, i], values[:, i], side="left")]
        if "gaps" in how:
            frame = frame.mask(generator.random(values.shape) < REMOVED)
        if "module" in how:
            half = np.random.default_rng(seed).permutation(values.shape[1])[: max(1, int(MODULE * values.shape[1]))]
            frame.iloc[generator.random(len(frame)) < NOT_ASKED, half] = np.nan
        if how == "module with holes":
            frame = frame.mask(generator.random(values.shape) < HOLES)
        made.append(frame)
    return made[0], made[-1]


def scores_of(fitted: pd.DataFrame, scored: pd.DataFrame, clean: bool, seed: int) -> dict[str, Array]:
    """Ours, and the simple methods on the same encoding."""
    detector = AutoencoderDetector(assume_clean=clean, random_state=seed).fit(fitted)
    table = table_from_frame(fitted)
    encoder = Encoder.fit(table, np.arange(len(table)))
    known, asked = encoder.encode(table).compared, encoder.encode(table_from_frame(scored, table.columns)).compared
    rows = np.arange(len(known))
    simple = Baselines.fit(
        known, rows, max(1, int(encoder.layout.compared.sum()) // 2), seed, None, encoder.layout.scale
    )
    places = rows if fitted is scored else np.full(len(asked), -1)
    return {
        OURS: detector.decision_function(scored),
        **dict(zip(BASELINES, simple.scores(asked, places).T, strict=True)),
    }


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    found: dict[tuple[bool, str, str], list[tuple[float, float]]] = {}
    for path in [*sorted(TABLES.glob("*.npz")), None]:
        for seed in range(seeds):
            for case in all_cases(path, seed):
                for how in SPOILT:
                    scores = scores_of(*spoilt(case, how, seed), case.clean, seed)
                    for name, each in scores.items():
                        figures = (
                            float(roc_auc_score(case.positive, each)),
                            float(average_precision_score(case.positive, each)),
                        )
                        found.setdefault((case.clean, how, name), []).append(figures)
        print(path.stem if path else "breast_cancer", flush=True)
    rows, record = [], {}
    for (clean, how, name), figures in found.items():
        area, precision = (statistics.fmean(each[i] for each in figures) for i in range(2))
        rows.append([SITUATIONS[clean], how, name, f"{area:.3f}", f"{precision:.3f}"])
        record[f"{SITUATIONS[clean]}, {how}, {name}"] = [area, precision]
    write(
        "mixed",
        "Detection where columns are words and cells are missing",
        [
            f"{len(found[False, 'intact', OURS]) // seeds} tables, {seeds} seeds, means over tables.",
            f"Words: every third column cut in four by its quartiles. Gaps: {REMOVED:.0%} of all cells removed. "
            f"Module: {MODULE:.0%} of the columns removed from {NOT_ASKED:.0%} of the rows. Holes: {HOLES:.0%} of all cells besides.",
        ],
        ["situation", "table", "method", "AUROC", "average precision"],
        sorted(rows, key=lambda row: (row[0], SPOILT.index(row[1]))),
        record,
    )


if __name__ == "__main__":
    main()
