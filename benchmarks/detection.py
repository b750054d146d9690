"""The detector without any argument, beside every peer without any argument, on 22 tables with ground truth.

`python -m benchmarks.detection [SEEDS]`. *Contaminated*: fitted on all rows without labels, the same rows scored.
*Clean reference*: fitted on a random half of the normal rows, the other half and all anomalies scored. At most 10,000
rows a table. Peers see standardised columns, as they ask for; ours the columns as they are. CPU seconds of fit and
score on one thread, each table once a seed, all methods one after the other.
"""

from __future__ import annotations

import logging
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pyod.models.auto_encoder import AutoEncoder
from pyod.models.copod import COPOD
from pyod.models.ecod import ECOD
from pyod.models.hbos import HBOS
from pyod.models.iforest import IForest
from pyod.models.knn import KNN
from pyod.models.lof import LOF
from pyod.models.ocsvm import OCSVM
from pyod.models.pca import PCA
from pyod.models.vae import VAE
from sklearn.metrics import average_precision_score, roc_auc_score
from threadpoolctl import threadpool_limits

from benchmarks.measure import write
from benchmarks.truth import SITUATIONS, TABLES, Array, Case, cases
from core import AutoencoderDetector

OURS, YARDSTICK = "Hourglass", "AutoEncoder"
# Scores of the fitted rows or of others, from a start of everything random.
Method = Callable[[Array, Array, int, bool], Array]


def ours(fitted: Array, scored: Array, seed: int, clean: bool) -> Array:
    """As anyone would call it."""
    return AutoencoderDetector(assume_clean=clean, random_state=seed).fit(fitted).decision_function(scored)


def peer(make: Callable[[int], Any]) -> Method:
    """A detector of PyOD on standardised columns."""

    def scores(fitted: Array, scored: Array, seed: int, clean: bool) -> Array:
        mean, deviation = fitted.mean(axis=0), fitted.std(axis=0)
        varies = deviation > 0
        scaled = [((rows - mean)[:, varies] / deviation[varies]) for rows in (fitted, scored)]
        torch.manual_seed(seed)
        model = make(seed).fit(scaled[0])
        return np.nan_to_num(
            model.decision_function(scaled[1]), posinf=1e300, nan=1e300
        )  # some divide by nothing: strangest of all

    return scores


METHODS: dict[str, Method] = {
    OURS: ours,
    YARDSTICK: peer(lambda seed: AutoEncoder(random_state=seed, verbose=0)),
    "VAE": peer(lambda seed: VAE(random_state=seed, verbose=0)),
    "KNN": peer(lambda _: KNN()),
    "IForest": peer(lambda seed: IForest(random_state=seed)),
    "LOF": peer(lambda _: LOF()),
    "PCA": peer(lambda seed: PCA(random_state=seed)),
    "OCSVM": peer(lambda _: OCSVM()),
    "ECOD": peer(lambda _: ECOD()),
    "COPOD": peer(lambda _: COPOD()),
    "HBOS": peer(lambda _: HBOS()),
}
DRAWN = (OURS, YARDSTICK, "VAE", "IForest")  # the others give the same at every seed but for the drawn half


@dataclass(frozen=True)
class Measured:
    """One method on one case."""

    auroc: float
    precision: float
    seconds: float


def measured(method: Method, case: Case, seed: int) -> Measured:
    """Fit, score, compare with the truth."""
    began = time.process_time()
    scores = method(case.fitted, case.scored, seed, case.clean)
    seconds = time.process_time() - began
    return Measured(
        float(roc_auc_score(case.positive, scores)), float(average_precision_score(case.positive, scores)), seconds
    )


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    found: dict[tuple[str, bool, str, int], Measured] = {}  # by method, situation, table, seed
    paths = sorted(TABLES.glob("*.npz"))
    with threadpool_limits(1):
        for path in paths:
            for seed in range(seeds):
                for case in cases(path, seed):
                    for name, method in METHODS.items():
                        before = found.get((name, case.clean, case.table, 0))
                        same = before is not None and not case.clean and name not in DRAWN
                        found[name, case.clean, case.table, seed] = (
                            before if same and before is not None else measured(method, case, seed)
                        )
            print(path.stem, flush=True)
    rows, record = [], {}
    for clean, situation in enumerate(SITUATIONS):
        record[situation] = {name: _means(found, name, bool(clean), paths, seeds) for name in METHODS}
        yardstick = record[situation][YARDSTICK]["seconds"]
        for name, means in record[situation].items():
            figures = [f"{means[figure]:.3f} ± {means[f'{figure}_spread']:.3f}" for figure in ("auroc", "precision")]
            rows.append([situation, name, *figures, f"{means['seconds'] / yardstick:.2f}"])
    by_table = {
        f"{name}, {SITUATIONS[clean]}, {table}, seed {seed}": [round(each.auroc, 4), round(each.precision, 4)]
        for (name, clean, table, seed), each in found.items()
    }
    write(
        "detection",
        "Detection on tables with ground truth",
        [
            f"{len(paths)} tables, {seeds} seeds: means over tables, ± the standard deviation of that mean over seeds.",
            f"Time: fit and score, as a multiple of PyOD's {YARDSTICK} on the same rows.",
        ],
        ["situation", "method", "AUROC", "average precision", "time"],
        rows,
        {"means": record, "by_table": by_table},
    )


def _means(
    found: dict[tuple[str, bool, str, int], Measured], name: str, clean: bool, paths: list[Path], seeds: int
) -> dict[str, float]:
    by_seed = [[found[name, clean, path.stem, seed] for path in paths] for seed in range(seeds)]
    means = {
        figure: [statistics.fmean(getattr(each, figure) for each in tables) for tables in by_seed]
        for figure in ("auroc", "precision", "seconds")
    }
    out = {figure: statistics.fmean(values) for figure, values in means.items()}
    return out | {f"{figure}_spread": statistics.pstdev(values) for figure, values in means.items()}


if __name__ == "__main__":
    main()
