"""What the training doctor is told of a finished network: measured on some rows, so that it takes no longer with many."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from core.datasets.typed import numeric
from core.models.ensemble import each_of
from core.models.layers.bends import ACTIVATIONS
from core.models.objectives.variational.module import kl_to_standard_normal
from core.results import NUMERIC, Column, Encoded, Rows
from core.scoring.trained import Trained
from core.training.doctor import Evidence

ROWS = 2_000  # of each side, at most
CELLS = 8_000_000  # of those rows, at most
WIDEST = 256  # of a PCA
FEWEST_HELD = 10  # rows held back, below which a column's error says nothing
HARDLY = 0.1  # share of what the column's middle misses that a network has to know, else it knows hardly more
SURE = 1.645  # standard errors, of a one-sided 95 % interval
MOST_NAMES, FEWEST_OF_A_SIDE = 50, 10  # of a column that may tell the label; rows of each side, below which chance can
BENDS = tuple(set(ACTIVATIONS.values()) - {nn.Identity})


def measured(
    before: Evidence, trained: Trained, data: Rows, train_rows: NDArray[np.int64], validation_rows: NDArray[np.int64]
) -> Evidence:
    """The evidence with what the network makes of some rows. before: what was known without it."""
    most = most_rows(data)
    fitted = data.take(spaced(train_rows, most))
    codes, active, kl = inside(trained, fitted)
    found = replace(before, finished=True, codes=codes, active=active, kl=kl)
    if before.active_target is not None:
        found = replace(found, active_share=trained.network.usage(torch.from_numpy(codes)))
    if len(validation_rows) == 0:
        return found
    held = data.take(spaced(validation_rows, most))
    scale, cells = scales(trained), data.layout.squared
    if len(cells) and held.observed[:, cells].any() and len(fitted) > 1:
        found = compared(found, trained, fitted, held, scale)
    looked_at = spaced(validation_rows, most)
    return replace(found, twins=_twins(data, train_rows, looked_at, most), twins_among=len(looked_at))


def weak_columns(
    trained: Trained, data: Rows, train_rows: NDArray[np.int64], validation_rows: NDArray[np.int64]
) -> list[str]:
    """Source columns of which the network expects hardly better than what is usual of them: on rows held back it is not sure that its
    squared error is a tenth below that of the median, of categories below that of their shares. Empty where too few rows were held
    back to tell."""
    if len(validation_rows) < FEWEST_HELD:
        return []
    most = most_rows(data)
    fitted, held = data.take(spaced(train_rows, most)), data.take(spaced(validation_rows, most))
    seen = np.where(fitted.observed > 0, fitted.values, np.nan)
    with warnings.catch_warnings():  # a cell that no row has: nothing is usual of it
        warnings.simplefilter("ignore", RuntimeWarning)
        usual = np.nan_to_num(np.nanmean(seen, axis=0))
        numbers = data.layout.squared
        usual[numbers] = np.nan_to_num(np.nanmedian(seen[:, numbers], axis=0))
    owners = np.arange(len(data.layout.columns)) == np.asarray(data.layout.owners)[:, None]  # (D, C)
    network, middle = (
        (((made - held.values).astype(np.float64) ** 2) * held.observed) @ owners
        for made in (trained.expected_of(held), usual)
    )  # (N, C) each
    gained = (1 - HARDLY) * middle - network
    # By few rows some noise looks known: what is gained has to stand out from how it varies among them.
    doubt = SURE * gained.std(axis=0, ddof=1) * np.sqrt(len(gained))
    weak = (gained.sum(axis=0) <= doubt) & middle.any(axis=0)
    return [name for name, is_weak in zip(data.layout.columns, weak.tolist(), strict=True) if is_weak]


def most_rows(data: Rows) -> int:
    """How many rows of each side are looked at."""
    return max(1, min(ROWS, CELLS // data.layout.width))


def spaced(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many of the rows, evenly spaced."""
    return rows[:: max(1, -(-len(rows) // most))]


def scales(trained: Trained) -> NDArray[np.float32]:
    """The square root of how much each cell counts in the loss, (D,); over cells of numbers the mean of squares is 1."""
    weight = trained.network.heads.weight.cpu().numpy()
    cells = trained.encoder.layout.squared
    usual = weight[cells].mean() if len(cells) else 1.0
    out: NDArray[np.float32] = np.sqrt(weight / (usual or 1.0)).astype(np.float32)
    return out


def compared(found: Evidence, trained: Trained, fitted: Encoded, held: Encoded, scale: NDArray[np.float32]) -> Evidence:
    """With the errors of the network, of PCAs and of the means on rows held back."""
    middle = np.broadcast_to(fitted.values.mean(axis=0), held.values.shape)
    widest = pca_of(fitted, scale, WIDEST)
    network = errors(trained.rebuilt(held) * scale, held, scale)
    pca = errors(by_pca(pca_of(fitted, scale, found.plan.kept), held, scale), held, scale)
    apart = network - pca
    return replace(
        found,
        error_network=float(network.mean()),
        error_means=float(errors(middle * scale, held, scale).mean()),
        error_pca=float(pca.mean()),
        error_doubt=float(apart.std(ddof=1) / len(apart) ** 0.5) if len(apart) > 1 else None,
        pca_by_width=tuple(
            (width, float(errors(by_pca(widest, held, scale, width), held, scale).mean())) for width in widths(widest)
        ),
    )


def errors(made: NDArray[np.float32], held: Encoded, scale: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean squared error over the observed cells of numbers, of each row that has some. made: scaled, (N, D)."""
    cells = held.layout.squared
    seen = held.observed[:, cells]
    squares = ((made - held.values * scale)[:, cells].astype(np.float64) ** 2) * seen
    some = seen.any(axis=1)
    out: NDArray[np.float64] = squares[some].sum(axis=1) / seen[some].sum(axis=1)
    return out


def pca_of(fitted: Encoded, scale: NDArray[np.float32], width: int) -> PCA:
    """One of all cells, that keeps so many numbers at most."""
    most = max(1, min(width, *fitted.values.shape))
    return PCA(most, svd_solver="randomized", random_state=0).fit(fitted.values * scale)


def widths(pca: PCA) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, … up to all that it has."""
    most = int(pca.n_components_)
    return sorted({width for k in range(20) for width in (2**k, 3 * 2**k) if width < most} | {most})


def by_pca(pca: PCA, held: Encoded, scale: NDArray[np.float32], width: int | None = None) -> NDArray[np.float32]:
    """What its first components make of the rows, scaled, (N, D)."""
    out: NDArray[np.float32] = pca.transform(held.values * scale)[:, :width] @ pca.components_[:width] + pca.mean_
    return out


@torch.inference_mode()
def inside(
    trained: Trained, rows: Encoded
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64] | None]:
    """Codes of rows, (W, L); the share of rows for which each hidden unit is not 0, (U,); mean KL by dimension, (L,).

    Of an ensemble its first member's.
    """
    units: list[Tensor] = []

    def note(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        flat = output.flatten(2).abs().amax(dim=2) if output.ndim > 2 else output.abs()  # (B, U)
        units.append((flat > 0).double().mean(dim=0))

    network = each_of(trained.network)[0]
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
        kl = kl_to_standard_normal(mean, log_variance).mean(dim=0).double().numpy()
    active = torch.cat(units).numpy() if units else np.ones(0)
    return codes.numpy(), active, kl


def _twins(data: Rows, train_rows: NDArray[np.int64], held_rows: NDArray[np.int64], most: int) -> int:
    """How many of the held rows are equal to some training row. most: rows that are looked at at once."""
    held = [row.tobytes() for row in data.take(held_rows).values]
    wanted, found = set(held), set[bytes]()
    for start in range(0, len(train_rows), most):
        found |= wanted & {row.tobytes() for row in data.take(train_rows[start : start + most]).values}
    return sum(row in found for row in held)


def tells(column: Column, texts: NDArray[np.object_], positive: NDArray[np.bool_]) -> float | None:
    """How well a column alone tells the label: the AUROC of its numbers, or of how often each of its names is positive.

    None where it has too few values or rows of either side to say; at least .5.
    """
    known = np.asarray([text is not None and text != "" for text in texts], bool)
    if column.kind in NUMERIC:
        values = numeric(column, texts)
        known &= np.isfinite(values)
    elif column.distinct <= MOST_NAMES:
        _, codes = np.unique([text or "" for text in texts], return_inverse=True)
        values = (np.bincount(codes, positive) / np.maximum(np.bincount(codes), 1))[codes]
    else:
        return None
    shown, wanted = values[known], positive[known]
    if min(int(wanted.sum()), int((~wanted).sum())) < FEWEST_OF_A_SIDE:
        return None
    area = float(roc_auc_score(wanted, shown))
    return max(area, 1 - area)
