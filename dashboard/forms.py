"""Settings model → widgets → settings values: the only place that turns fields into widgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

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
    low, high = bounds(field)
    if kind is bool:
        return st.checkbox(label, bool(value), key=widget_key, help=_help(field, None, None, more))
    if get_origin(kind) is Literal:
        options = list(get_args(kind))
        return st.selectbox(label, options, options.index(value), key=widget_key, help=_help(field, None, None, more))
    if kind is int:
        return int(
            st.number_input(
                label,
                int(low) if low is not None else None,
                int(high) if high is not None else None,
                int(value),
                step=int(extra.get("step") or 1),
                key=widget_key,
                help=_help(field, low, high, more),
            )
        )
    if kind is float:
        factor = 100.0 if extra.get("unit") == "%" else 1.0  # a share is kept as one and asked in percent
        low, high = (bound if bound is None else round(bound * factor, 9) for bound in (low, high))
        step = float(extra.get("step") or 0.01) * factor
        shown = round(float(value) * factor, 9)
        now = float(
            st.number_input(
                label, low, high, shown, step=step, format="%.7g", key=widget_key, help=_help(field, low, high, more)
            )
        )
        return float(value) if now == shown else now / factor
    if kind is str:
        return st.text_input(label, str(value), key=widget_key, help=_help(field, None, None, more))
    raise TypeError(f"no widget for {name}: {kind}")


def _help(field: FieldInfo, low: float | None, high: float | None, more: str) -> str:
    span = ""
    if low is not None and high is not None:
        span = f" Above 0, at most {high:,.6g}." if 0 < low < 1e-6 else f" From {low:,.6g} to {high:,.6g}."
    return (field.description or "") + span + (f" {more}" if more else "")
