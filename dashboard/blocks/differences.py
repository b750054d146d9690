"""In which settings runs differ, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.results import Run
from core.specs import RunSpec
from dashboard import words


def settings_of(run: Run) -> dict[str, Any]:
    """All settings of a run, flat."""
    return _flat(RunSpec.read(run.spec))


def _flat(spec: RunSpec) -> dict[str, Any]:
    every, nested = spec.model_dump(), spec.parts
    flat = {name: value for part in nested for name, value in every[part].items()}
    return {**{name: value for name, value in every.items() if name not in nested}, **flat}


def differing(settings: Sequence[dict[str, Any]]) -> list[str]:
    """The names of those that are not the same everywhere."""
    names = dict.fromkeys(name for each in settings for name in each)
    return [name for name in names if len({repr(each.get(name)) for each in settings}) > 1]


def title(name: str) -> str:
    """What a setting is called above its values."""
    return name.replace("_", " ").capitalize()


def value(of: Any) -> str:
    """A setting's value in a few words."""
    if isinstance(of, dict):  # windows
        return f"{of['length']:,} steps"
    if isinstance(of, tuple):  # rows to leave out
        return words.count(len(of), "condition")
    return "" if of is None else str(of)


def told_apart(runs: Sequence[Run]) -> list[str]:
    """For each run what tells it from the others: settings in which they differ, where it has not the usual value."""
    settings = [settings_of(run) for run in runs]
    names = differing(settings)
    return [" · ".join(f"{title(name)} {value(own[name])}" for name in _unusual(own, names)) for own in settings]


def _unusual(own: dict[str, Any], names: Sequence[str]) -> list[str]:
    usual = _flat(RunSpec(objective=own["objective"], layers=own["layers"]).checked())
    families = {"objective": RunSpec().objective, "layers": RunSpec().layers}
    return [name for name in names if name in own and own[name] != {**usual, **families}[name]]
