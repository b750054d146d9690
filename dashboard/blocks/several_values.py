"""One setting with several values: a run each, all else alike."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st
from pydantic.fields import FieldInfo

from core.errors import SettingsRefused
from core.specs import RunSpec, each_once
from dashboard import words
from dashboard.forms import out_of_bounds

MOST = 12  # runs at once
NONE = "no, one run"


def several_values(spec: RunSpec, key: str) -> list[tuple[str, RunSpec]]:
    """Draw the choice: for each value what it is called and the run with it; empty for one run. Raises SettingsRefused."""
    places = _places(spec)
    with st.expander("Try several values of one setting"):
        titles = [NONE, *(title for title in places)]
        picked = st.selectbox("Setting", titles, key=f"{key}_several")
        if picked == NONE:
            st.caption("A run for each value, with the same epochs and rows, side by side in one comparison.")
            return []
        name, field = places[picked]
        text = st.text_input(
            "Values", key=f"{key}_values", placeholder="2, 4, 8", help="With commas between them; at most 12."
        )
    found = [part.strip() for part in re.split(r"[,;]\s+|[,;](?=\S)", text.strip())] if text.strip() else []
    if found and not all(found):
        raise SettingsRefused(
            "a value is missing between two commas", where=picked, fix="write it, or leave out a comma"
        )
    if not found:
        st.caption(f"Write values of *{picked}* above, with commas between them; until then it is one run.")
        return []
    if len(found) > MOST:
        raise SettingsRefused(f"{len(found)} values", where=picked, fix=f"give at most {MOST}")
    runs = each_once((f"{picked} {value}", with_value(spec, name, field, value)) for value in found)
    if len(runs) < len(found):
        st.caption(f":material/info: Equal values make one run: {words.count(len(runs), 'run')}, not {len(found)}.")
    return runs


def _places(spec: RunSpec) -> dict[str, tuple[str, FieldInfo]]:
    """What can be given several values, by its title."""
    return {
        field.title or name: (name, field)
        for model in spec.parts.values()
        for name, field in model.model_fields.items()
        if name != "device" and field.annotation is not bool
    }


def with_value(spec: RunSpec, name: str, field: FieldInfo, value: Any) -> RunSpec:
    """The run with another value of one setting. Raises SettingsRefused."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if extra.get("unit") == "%":  # kept as a share, asked in percent
        try:
            value = float(str(value).rstrip("% ")) / 100
        except ValueError as error:
            raise SettingsRefused(f"{value} is no number", where=name, fix="give percent") from error
    if (number := _number(value)) is not None and (refused := out_of_bounds({name: field}, {name: number})):
        raise refused
    return spec.changed({name: value})  # a word in place of a number is refused there


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
