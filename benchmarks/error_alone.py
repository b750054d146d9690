"""The presets whose score is the reconstruction error and nothing else, beside PyOD's autoencoder.

`python -m benchmarks.error_alone [SEEDS]`. The tables with ground truth, each preset in its own situation.
"""

from __future__ import annotations

import statistics
import sys
import warnings

import numpy as np
import torch
from pyod.models.auto_encoder import AutoEncoder
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.measure import write
from benchmarks.truth import SITUATIONS, TABLES, Array, Case, cases
from core import AutoencoderDetector
from core.presets import PRESETS

PRESET = {False: "error_alone", True: "error_alone_clean"}  # by whether the rows are clean
PEER = "PyOD AutoEncoder"


def scores_of(case: Case, seed: int) -> dict[str, Array]:
    """Of the rows to score."""
    preset = PRESETS[PRESET[case.clean]]
    settings = {name: value for name, value in preset.settings.items() if name != "assume_clean"}
    ours = AutoencoderDetector(model=preset.model, settings=settings, assume_clean=case.clean, random_state=seed)
    peer = AutoEncoder(random_state=seed, verbose=0).fit(case.fitted)
    return {
        preset.title: ours.fit(case.fitted).decision_function(case.scored),
        PEER: peer.decision_function(case.scored),
    }


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    found: dict[tuple[bool, str], list[list[tuple[float, float]]]] = {}
    for seed in range(seeds):
        for path in sorted(TABLES.glob("*.npz")):
            for case in cases(path, seed):
                for name, each in scores_of(case, seed).items():
                    ranks = np.nan_to_num(each)
                    figures = (
                        float(roc_auc_score(case.positive, ranks)),
                        float(average_precision_score(case.positive, ranks)),
                    )
                    found.setdefault((case.clean, name), [[] for _ in range(seeds)])[seed].append(figures)
        print("seed", seed, flush=True)
    rows, record = [], {}
    for (clean, name), by_seed in sorted(found.items()):
        means = [[statistics.fmean(each[i] for each in one) for one in by_seed] for i in range(2)]
        rows.append([SITUATIONS[clean], name, *(f"{np.mean(each):.3f} ± {np.std(each):.3f}" for each in means)])
        record[f"{SITUATIONS[clean]}, {name}"] = means
    write(
        "error_alone",
        "Detection by the reconstruction error alone",
        [f"{len(found[False, PEER][0])} tables, {seeds} seeds, means over tables ± spread over seeds."],
        ["situation", "method", "AUROC", "average precision"],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
