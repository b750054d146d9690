"""Settings model → widgets → settings values: the only place that turns fields into widgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from core.errors import SettingsRefused
from core.specs import SettingsModel
from dashboard.help import in_guide


def settings_form(
    model: type[SettingsModel], values: dict[str, Any], *, key: str, leave: Sequence[str] = ()
) -> dict[str, Any]:
    """Draw a widget a field, filled from `values` or the defaults; what the widgets hold now.

    Fields that are marked *expert* stand in an expander. leave: fields that the caller asks for in a way of its own.
    """

    def drawn(name: str, field: FieldInfo) -> Any:
        value = values.get(name, field.get_default(call_default_factory=True))
        return widget(name, field, value, key, more=in_guide(model, name))

    out: dict[str, Any] = {}
    asked = {name: field for name, field in model.model_fields.items() if name not in leave}
    usual = {name: field for name, field in asked.items() if not _extra(field).get("expert")}
    expert = {name: field for name, field in asked.items() if _extra(field).get("expert")}
    for name, field in usual.items():
        out[name] = drawn(name, field)
    if expert:
        with st.expander("Expert"):
            for name, field in expert.items():
                out[name] = drawn(name, field)
    return out


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Smallest and largest value of a number field, both allowed."""
    low = high = None
    for rule in field.metadata:
        if isinstance(rule, Ge):
            low = float(rule.ge)  # type: ignore[arg-type]
        elif isinstance(rule, Gt):
            low = float(rule.gt) + 1e-9  # type: ignore[arg-type]
        elif isinstance(rule, Le):
            high = float(rule.le)  # type: ignore[arg-type]
        elif isinstance(rule, Lt):
            high = float(rule.lt) - 1e-9  # type: ignore[arg-type]
    return low, high


def widget(name: str, field: FieldInfo, value: Any, key: str, *, more: str = "") -> Any:
    """The widget of one field, filled with `value`; what it holds now. more: Markdown behind the field's description."""
    extra = _extra(field)
    label = (field.title or name.replace("_", " ").capitalize()) + (f" ({extra['unit']})" if extra.get("unit") else "")
    widget_key = f"{key}_{name}"
    kind = field.annotation
    if kind is bool:
        return st.checkbox(label, bool(value), key=widget_key, help=_help(field, more))
    if get_origin(kind) is Literal:
        options = list(get_args(kind))
        return st.selectbox(label, options, options.index(value), key=widget_key, help=_help(field, more))
    if kind in (int, float):
        return _number(field, kind, label, value, widget_key, more)
    if kind is str:
        return st.text_input(label, str(value), key=widget_key, help=_help(field, more))
    raise TypeError(f"no widget for {name}: {kind}")


def _number(field: FieldInfo, kind: type, label: str, value: Any, key: str, more: str) -> Any:
    """The widget knows no bounds, and whole numbers are floats to it: what it takes for wrong a browser keeps to itself,
    and the number from before would be trained with."""
    factor = _factor(field)
    step = float(_extra(field).get("step") or (1 if kind is int else 0.01)) * factor
    shown = round(float(value) * factor, 9)
    form = "%.15g" if kind is int else "%.7g"
    typed = float(st.number_input(label, value=shown, step=step, format=form, key=key, help=_help(field, more)))
    exact = float(value) if typed == shown else typed / factor
    now = int(exact) if kind is int and exact.is_integer() else exact
    if said := _beyond(field, now):
        st.caption(f":red[:material/error: {said[0].upper()}{said[1:]}.]")
    return now


def out_of_bounds(fields: dict[str, FieldInfo], values: dict[str, Any]) -> SettingsRefused | None:
    """What is wrong with the first number that lies beyond its bounds, in the form's own words and units."""
    for name, value in values.items():
        field = fields[name]
        if field.annotation in (int, float) and (said := _beyond(field, value)):
            title = field.title or name
            return SettingsRefused(f"{title}: {said}", where=title, fix=f"choose {_fitting(field)}")
    return None


def _beyond(field: FieldInfo, value: float) -> str:
    """Why a number can't be taken, in the form's units; empty where it can."""
    low, high = bounds(field)
    low, high = -math.inf if low is None else low, math.inf if high is None else high
    whole = field.annotation is not int or float(value).is_integer()
    if whole and low <= value <= high:
        return ""
    percent = " %" if _factor(field) != 1 else ""
    return f"{round(value * _factor(field), 9):,.10g}{percent} can't be taken, it is {_fitting(field)}"


def _fitting(field: FieldInfo) -> str:
    """What number can be taken."""
    percent = " %" if _factor(field) != 1 else ""
    return f"{'a whole number' if field.annotation is int else 'a number'} {_span(field)}{percent}"


def _factor(field: FieldInfo) -> float:
    """A share is kept as one and asked in percent."""
    return 100.0 if _extra(field).get("unit") == "%" else 1.0


def _span(field: FieldInfo) -> str:
    """The bounds in words, as the form asks for them; empty where there are none."""
    low, high = (bound if bound is None else round(bound * _factor(field), 9) for bound in bounds(field))
    least = "" if low is None else "above 0" if 0 < low < 1e-6 else f"from {low:,.10g}"
    most = "" if high is None else f", at most {high:,.10g}" if least == "above 0" else f"to {high:,.10g}"
    return f"{least} {most}".strip().replace(" ,", ",")


def _help(field: FieldInfo, more: str) -> str:
    span = _span(field) if field.annotation in (int, float) else ""
    said = f" {span[0].upper()}{span[1:]}." if span else ""
    return (field.description or "") + said + (f" {more}" if more else "")
