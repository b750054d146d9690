"""What the training doctor is told of a finished network: measured on some rows, so that it takes no longer with many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from torch import Tensor, nn

from core.models.layers.bends import ACTIVATIONS
from core.results import Encoded, Rows
from core.scoring.trained import Trained
from core.training.doctor import Evidence

ROWS = 2_000  # of each side, at most
CELLS = 8_000_000  # of those rows, at most
WIDEST = 256  # of a PCA
BENDS = tuple(set(ACTIVATIONS.values()) - {nn.Identity})


def measured(
    before: Evidence, trained: Trained, data: Rows, train_rows: NDArray[np.int64], validation_rows: NDArray[np.int64]
) -> Evidence:
    """The evidence with what the network makes of some rows. before: what was known without it."""
    most = max(1, min(ROWS, CELLS // data.layout.width))
    fitted = data.take(spaced(train_rows, most))
    codes, active, kl = inside(trained, fitted)
    found = replace(before, finished=True, codes=codes, active=active, kl=kl)
    if before.active_target is not None:
        found = replace(found, active_share=trained.network.usage(torch.from_numpy(codes)))
    if len(validation_rows) == 0:
        return found
    held = data.take(spaced(validation_rows, most))
    cells = data.layout.squared
    if len(cells) and held.observed[:, cells].any() and len(fitted) > 1:
        by_width = pca_by_width(fitted, held, cells)
        rebuilt = trained.rebuilt(held)
        middle = np.broadcast_to(fitted.values.mean(axis=0), held.values.shape)
        found = replace(
            found,
            error_network=_error(rebuilt, held, cells),
            error_means=_error(middle, held, cells),
            error_pca=error_at(fitted, held, cells, before.plan.kept),
            pca_by_width=by_width,
        )
    return replace(found, twins=_twins(data, train_rows, validation_rows, most))


def spaced(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of the rows, evenly spaced."""
    return rows[:: max(1, -(-len(rows) // most))]


def _error(made: NDArray[np.float32], held: Encoded, cells: NDArray[np.int64]) -> float:
    seen = held.observed[:, cells]
    return float(((made - held.values) ** 2)[:, cells][seen].mean(dtype=np.float64))


def pca_by_width(fitted: Encoded, held: Encoded, cells: NDArray[np.int64]) -> tuple[tuple[int, float], ...]:
    """Mean squared error on the held rows of PCAs that keep 1, 2, 4, … numbers."""
    pca = PCA(min(WIDEST, *fitted.values.shape), svd_solver="randomized", random_state=0).fit(fitted.values)
    widths = [2**k for k in range(20) if 2**k < pca.n_components_] + [int(pca.n_components_)]
    codes = pca.transform(held.values)
    return tuple(
        (width, _error(codes[:, :width] @ pca.components_[:width] + pca.mean_, held, cells)) for width in widths
    )


def error_at(fitted: Encoded, held: Encoded, cells: NDArray[np.int64], width: int) -> float:
    """The same of one that keeps so many."""
    pca = PCA(max(1, min(width, *fitted.values.shape)), svd_solver="randomized", random_state=0).fit(fitted.values)
    return _error(pca.inverse_transform(pca.transform(held.values)), held, cells)


@torch.inference_mode()
def inside(
    trained: Trained, rows: Encoded
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64] | None]:
    """Codes of rows, (W, L); the share of rows for which each hidden unit is not 0, (U,); mean KL by dimension, (L,)."""
    units: list[Tensor] = []

    def note(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        flat = output.flatten(2).abs().amax(dim=2) if output.ndim > 2 else output.abs()  # (B, U)
        units.append((flat > 0).double().mean(dim=0))

    network = trained.network
    hooks = [module.register_forward_hook(note) for module in network.modules() if isinstance(module, BENDS)]
    try:
        values = torch.from_numpy(rows.values)
        codes = network.encode(values)
        network.decode(codes)
    finally:
        for hook in hooks:
            hook.remove()
    posterior = getattr(network, "posterior", None)
    kl = None
    if posterior is not None:
        mean, log_variance = posterior(values)
        kl = (0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)).mean(dim=0).double().numpy()
    active = torch.cat(units).numpy() if units else np.ones(0)
    return codes.numpy(), active, kl


def _twins(data: Rows, train_rows: NDArray[np.int64], validation_rows: NDArray[np.int64], most: int) -> int:
    """Validation rows, of the evenly spaced ones that are looked at, that are equal to some training row."""
    wanted = {row.tobytes() for row in data.take(spaced(validation_rows, most)).values}
    found: set[bytes] = set()
    for start in range(0, len(train_rows), most):
        found |= wanted & {row.tobytes() for row in data.take(train_rows[start : start + most]).values}
    return sum(row.tobytes() in found for row in data.take(spaced(validation_rows, most)).values)
