"""The network that gives codes and expected values beside a PCA of the same width, on rows that neither learned from.

`python -m benchmarks.explainer [SEEDS]`. Each table with ground truth, as anyone's whole file: of rows that may hold anomalies the
recommended detector leaves out the strangest 5 %, the network learns from four fifths of the others, and the rest is rebuilt:
mean squared error of a cell, in encoded units, beside a PCA of all rows that the network saw and the middle of each column. Then
once more in the units of the network's loss, which weighs columns by what is usually missed of them, beside a PCA of columns
that are weighed alike.
"""

from __future__ import annotations

import sys
import warnings

import numpy as np
import torch
from sklearn.decomposition import PCA

from benchmarks.measure import write
from benchmarks.truth import TABLES, Array, cases
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.models.base import build
from core.scoring.detection import strangest
from core.scoring.recommended import fit as fit_detector
from core.scoring.trained import Trained
from core.specs import EXPLAINER, explainer_training, spec_from_settings
from core.training.loop import Trainer

HELD = 0.2


def errors(values: Array, seed: int) -> tuple[list[float], int, int]:
    """Of the network, of the PCA, of the columns' middles, and of the first two by the loss; width of the code and of a row."""
    table = table_from_frame(values)
    rows = np.arange(len(table))
    encoder = Encoder.fit(table, rows)
    data = encoder.encode(table)
    scores = fit_detector(data, rows, clean=False, seed=seed).score(data)[0]
    order = np.random.default_rng(seed).permutation(rows[~np.isin(rows, strangest(scores, rows))])
    cut = int(HELD * len(order))
    held, known = np.sort(order[:cut]), np.sort(order[cut:])
    spec = spec_from_settings("vanilla", {**EXPLAINER, **explainer_training(len(table))}, seed)
    inner = int(spec.training.validation_share * len(known))
    mixed = np.random.default_rng(seed).permutation(known)
    torch.manual_seed(seed)
    network = build(spec, encoder.layout)
    trainer = Trainer(
        network,
        data,
        np.sort(mixed[inner:]),
        np.sort(mixed[:inner]),
        spec.training,
        torch.device("cpu"),
    )
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    trained = Trained(encoder, network, spec)
    weights = network.heads.weight.numpy().astype(np.float64)  # (D,)
    wanted, learned = data.values[held].astype(np.float64), data.values[known].astype(np.float64)
    made, middle = trained.expected_of(data.take(held)), np.median(learned, axis=0)
    plain, weighed = np.ones_like(weights), np.sqrt(weights)
    missed = [
        ((made - wanted) ** 2).mean(),
        (rebuilt(learned, wanted, plain, trained.width) ** 2).mean(),
        ((middle - wanted) ** 2).mean(),
        ((made - wanted) ** 2 * weights).mean(),
        (rebuilt(learned, wanted, weighed, trained.width) ** 2).mean(),
    ]
    return [float(each) for each in missed], trained.width, data.values.shape[1]


def rebuilt(learned: Array, wanted: Array, scale: Array, width: int) -> Array:
    """What a PCA misses of the wanted rows' cells, each times its scale."""
    pca = PCA(min(width, len(learned) - 1), svd_solver="full").fit(learned * scale)
    return np.asarray(wanted * scale - pca.inverse_transform(pca.transform(wanted * scale)))


def main() -> None:
    """Measure, print, keep."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    rows, record = [], {}
    for path in sorted(TABLES.glob("*.npz")):
        found = [errors(next(cases(path, 0)).fitted, seed) for seed in range(seeds)]
        network, pca, middle, loss, its = np.mean([each for each, _, _ in found], axis=0)
        record[path.stem] = {"error": network / pca, "loss": loss / its}
        cells = [f"{x:.4f}" for x in (network, pca, middle)]
        rows.append([path.stem, f"{found[0][1]} of {found[0][2]}", *cells, f"{network / pca:.3f}", f"{loss / its:.3f}"])
        print(*rows[-1], flush=True)
    told = []
    for name in ("error", "loss"):
        ratios = [each[name] for each in record.values()]
        better = sum(ratio < 1 for ratio in ratios)
        told.append(f"by the {name} better on {better}, at worst {max(ratios):.3f} times the PCA's")
    write(
        "explainer",
        "The network that explains beside a PCA of its width",
        [f"{len(rows)} tables, {seeds} seeds, rows that neither learned from: {'; '.join(told)}."],
        ["table", "code", "network", "PCA", "column's middle", "network / PCA", "by the loss"],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
