"""What a run can be made of, as the shell lists it: families, presets, anomaly scores, and each setting in one line drawn
from its field."""

from __future__ import annotations

from shlex import quote
from typing import Any

from core.errors import SettingsRefused
from core.presets import PRESETS, Preset
from core.registry import nearest
from core.specs import (
    LAYERS,
    OBJECTIVES,
    OWN_ERROR,
    RECOMMENDED,
    RUN_SETTINGS,
    SCORERS,
    LayersSpec,
    ObjectiveSpec,
    RunSpec,
    SettingsModel,
    Training,
    Windows,
    between,
    score_card,
    written,
)

USUAL_SCORE = f"{RECOMMENDED} for a table where neither an autoencoder nor its shape is chosen, else {OWN_ERROR}"


def catalogue() -> dict[str, list[dict[str, Any]]]:
    """All families, presets and anomaly scores of tables, by what they are."""
    return {
        "objectives": [_family(OBJECTIVES.get(name)) for name in OBJECTIVES],
        "layers": [_family(LAYERS.get(name)) for name in LAYERS],
        "presets": [_preset(name, each) for name, each in PRESETS.items()],
        "scorers": [{"name": name, "summary": score_card(name)[1]} for name in _scores()],
    }


def entry(name: str) -> dict[str, Any]:
    """One family, preset or score, or the settings that all runs have. Raises SettingsRefused with the nearest name."""
    known = {item["name"]: item for items in catalogue().values() for item in items} | {
        item["name"]: item for item in _of_all_runs()
    }
    if name not in known:
        raise SettingsRefused(f"nothing is called “{name[:40]}”", where="models", fix=nearest(name, list(known)))
    return known[name]


def _family(spec: ObjectiveSpec | LayersSpec) -> dict[str, Any]:
    return _card(spec.name, spec.summary, _fields(spec.settings), getattr(spec, "paper", ""))


def _preset(name: str, each: Preset) -> dict[str, Any]:
    return {
        "name": name,
        "summary": each.summary,
        "suits": list(each.sorts),
        "model": each.model,
        "settings": each.settings,
    }


def _scores() -> list[str]:
    return [RECOMMENDED, OWN_ERROR, *SCORERS]


def _of_all_runs() -> list[dict[str, Any]]:
    own = {name: field for name, field in _fields(RunSpec).items() if name in RUN_SETTINGS}
    own["scorer"] |= {"enum": _scores(), "usual": USUAL_SCORE}
    return [
        _card("training", "What every run has besides: how it is trained and scored.", {**_fields(Training), **own}),
        _card("windows", "What every run on a series has besides: how its rows are looked at.", _fields(Windows)),
    ]


def _card(name: str, summary: str, settings: dict[str, Any], paper: str = "") -> dict[str, Any]:
    return {"name": name, "summary": summary, "paper": paper, "settings": settings}


def _fields(model: type[SettingsModel]) -> dict[str, Any]:
    fields: dict[str, Any] = model.model_json_schema().get("properties", {})
    return fields


def in_lines(item: dict[str, Any]) -> list[str]:
    """An entry with all its settings, for a reader at the shell."""
    lines = [f"{item['name']}: {item['summary']}"]
    if item.get("paper"):
        lines.append(f"  Source: {item['paper']}")
    if "model" in item:  # a preset, whose settings are values
        values = "".join(f" --set {quote(f'{name}={written(value)}')}" for name, value in item["settings"].items())
        return [*lines, f"  The same as --model {item['model']}{values}"]
    if "settings" not in item:
        return [*lines, f"  Chosen by --set scorer={item['name']}, for tables. By default: {USUAL_SCORE}."]
    lines += [f"  {name}: {_setting(field)}" for name, field in item["settings"].items()]
    return lines if item["settings"] else [*lines, "  It has no settings of its own."]


def _setting(field: dict[str, Any]) -> str:
    """What may be written, what holds where nothing is, and what it does."""
    default = field.get("usual") or written(field["default"]) or "empty"
    unit = f" ({field['unit']})" if field.get("unit") not in (None, "", "%") else ""
    return f"{_range(field)}{unit}, by default {default}. {field['description']}"


def _range(field: dict[str, Any]) -> str:
    if "enum" in field:
        return " or ".join(field["enum"])
    if field["type"] == "boolean":
        return "true or false"
    if field["type"] == "string":
        return "a word or words"
    return between(field)
