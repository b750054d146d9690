"""What would fail for sure is refused before a run and its job are made, in the same words on a page and in a shell."""

from __future__ import annotations

from core.datasets.seen import plan_for
from core.errors import SettingsRefused
from core.jobs.devices import devices
from core.results import Dataset, Device
from core.specs import Plan, RunSpec
from core.storage.store import Store
from core.training.estimate import weight_bytes
from core.words import count

ROOM = 0.8  # of a device's memory that a network may take: the rows, the app and the system need theirs


def refuse_hopeless(store: Store, dataset: Dataset, spec: RunSpec) -> None:
    """Raises SettingsRefused where no training of that dataset can come to an end."""
    _refuse_too_large(spec, plan_for(spec, dataset), device_of(store, spec))


def device_of(store: Store, spec: RunSpec) -> Device:
    """Where the run will be trained."""
    known = store.supervisors.devices() or devices(store.settings)
    wanted = spec.training.device
    return next((device for device in known if wanted == "auto" or device.name.startswith(wanted)), known[-1])


def _refuse_too_large(spec: RunSpec, plan: Plan, device: Device) -> None:
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


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:,.1f} GB"
