"""What would fail for sure is refused before a run and its job are made, in the same words on a page and in a shell."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.datasets.rows import matches
from core.datasets.seen import piece_of, plan_for, seen_columns
from core.datasets.series import steps_in
from core.datasets.series.steps import Steps
from core.datasets.series.windows import refuse_few, split_by_time, taken, window_starts
from core.errors import DatasetRefused, SettingsRefused
from core.jobs.devices import devices
from core.registry import nearest
from core.results import Dataset, Device
from core.specs import Plan, RunSpec, Windows, no_device
from core.storage.store import Store
from core.training.estimate import batch_bytes, weight_bytes
from core.words import count, so_many

FEWEST_ROWS = 10
MOST_LABELS = 20  # that are named
ROOM = 0.8  # of a device's memory that a network may take: the rows, the app and the system need theirs


def refuse_hopeless(
    store: Store, dataset: Dataset, spec: RunSpec, *, out: NDArray[np.bool_] | None = None, steps: Steps | None = None
) -> None:
    """Raises DatasetRefused and SettingsRefused where no training of that dataset can come to an end.

    out: the rows that are left out, (N,), and steps: of a series, where the caller knows them already.
    """
    out = left_out(store, dataset, spec) if out is None else out
    refuse_few_rows(dataset, out)
    if dataset.pictures is None and all(column.kind == "constant" for column in seen_columns(spec, dataset)):
        raise DatasetRefused(
            "no column is left to learn from",
            where=dataset.name,
            fix="make a column that varies a feature on the Data page",
        )
    plan = plan_for(spec, dataset)
    pieces = dataset.pictures.pieces / dataset.rows if dataset.pictures else 1.0  # of a row
    learned = round(int((~out).sum()) * (1 - spec.training.validation_share) * pieces)
    if spec.windows is not None:
        steps = steps_in(store, dataset, spec.windows) if steps is None else steps
        learned = _windows_to_learn(dataset, spec, spec.windows, steps, out)
    device = device_of(store, spec)
    _refuse_too_large(plan, device)
    if device.name == "cpu":  # a GPU says that it has no more, and the batch is halved; here a process is killed for it
        _refuse_too_large_batches(spec, plan, device, min(learned, spec.training.batch_size), piece_of(spec, dataset))


def left_out(store: Store, dataset: Dataset, spec: RunSpec) -> NDArray[np.bool_]:
    """The rows that are left out of training, (N,). Raises SettingsRefused."""

    def cells(name: str) -> NDArray[np.object_]:
        texts: NDArray[np.object_] = store.datasets.cells(dataset, [name])[name].to_numpy(zero_copy_only=False)
        return texts

    return matches(cells, dataset.rows, spec.leave_out, lambda id_: store.selections.among(id_, dataset)) | not_normal(
        cells, dataset, spec.normal
    )


def not_normal(
    cells: Callable[[str], NDArray[np.object_]], dataset: Dataset, normal: tuple[str, ...]
) -> NDArray[np.bool_]:
    """The rows that no label says to be normal, (N,); none where no label is declared so. Raises SettingsRefused."""
    if not normal:
        return np.zeros(dataset.rows, bool)
    if dataset.label is None:
        raise SettingsRefused(
            "no column has the role label, so none of its values can be normal",
            where=f"normal = {', '.join(normal)[:60]}",
            fix="make a column the label on the Data page, or leave the setting out",
        )
    texts = [None if text is None else text.strip() for text in cells(dataset.label.name)]
    there = sorted({text for text in texts if text})
    for value in normal:
        if value not in there:
            raise SettingsRefused(
                f"no row of {dataset.name} has the label “{value[:60]}”",
                where=f"column {dataset.label.name}",
                fix=nearest(value, there[:MOST_LABELS]),
            )
    if set(there) <= set(normal):
        raise SettingsRefused(
            "all values of the label are declared normal, so that none could be an anomaly",
            where=f"column {dataset.label.name}",
            fix="leave one out, or say that the rows are clean",
        )
    return np.asarray([text not in normal for text in texts], bool)


def refuse_few_rows(dataset: Dataset, out: NDArray[np.bool_]) -> None:
    """Raises DatasetRefused where too few rows are not left out."""
    left = int((~out).sum())
    if left < FEWEST_ROWS:
        raise DatasetRefused(
            f"only {so_many(left, 'row', 'is', 'are')} left to train on, at least {FEWEST_ROWS} are needed",
            where=f"{dataset.name}, {count(dataset.rows, 'row')} of which {int(out.sum()):,} {'is' if out.sum() == 1 else 'are'} left out",
            fix="upload more rows, or leave fewer out",
        )


def _windows_to_learn(dataset: Dataset, spec: RunSpec, windows: Windows, steps: Steps, out: NDArray[np.bool_]) -> int:
    """How many there are. Raises DatasetRefused where these are too few."""
    starts = window_starts(steps, windows.length, windows.step)
    kept = taken(steps, np.flatnonzero(~out), dataset.rows)
    learned, _ = split_by_time(steps, kept, spec.training.validation_share, windows.length)
    return refuse_few(starts, windows.length, learned, dataset.name)


def device_of(store: Store, spec: RunSpec) -> Device:
    """Where the run will be trained. Raises SettingsRefused where no supervisor and nothing here has such a device."""
    wanted = spec.training.device
    for known in (store.supervisors.devices, partial(devices, store.settings)):
        for device in known():
            if wanted in ("auto", device.name) or (wanted == "cuda" and device.name.startswith("cuda")):
                return device
    raise no_device(wanted)


def _refuse_too_large(plan: Plan, device: Device) -> None:
    weights = plan.parameters * plan.members
    needed = weights * weight_bytes(device)
    if needed <= device.memory_bytes * ROOM:
        return
    fewer = "fewer members, " if plan.members > 1 else ""
    raise SettingsRefused(
        f"this network is too large: {count(weights, 'weight')} take {_gigabytes(needed)} of memory while they are trained, "
        f"and {device.description} has {_gigabytes(device.memory_bytes)}",
        where=f"{count(plan.members, 'member')} of {count(plan.parameters, 'weight')}"
        if plan.members > 1
        else "the shape of the network",
        fix=f"choose {fewer}fewer or narrower layers",
    )


def _refuse_too_large_batches(spec: RunSpec, plan: Plan, device: Device, rows: int, piece: str) -> None:
    needed = plan.parameters * plan.members * weight_bytes(device) + batch_bytes(spec, plan, rows)
    if needed <= device.memory_bytes * ROOM:
        return
    raise SettingsRefused(
        f"batches of {count(rows, piece)} are too large for this network: it takes {_gigabytes(needed)} of memory to train, "
        f"and {device.description} has {_gigabytes(device.memory_bytes)}",
        where="batch_size",
        fix="choose a smaller batch" + (", or fewer members" if plan.members > 1 else ""),
    )


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"
