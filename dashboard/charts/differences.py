"""In what some rows differ from others: effects with their intervals, and a small chart for each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.drift import Beside
from core.latent.differences import Difference
from dashboard.charts import theme
from dashboard.charts.text import NARROW, escape, shortened, visible


def effects(found: Sequence[Difference], inside: str, outside: str) -> go.Figure:
    """The effects with their 95 % intervals, the strongest on top; those that may be chance are hollow."""
    made = theme.figure(
        f"In what {escape(inside)} differ from {escape(outside)}",
        "effect: −1 all lower or never, 0 alike, 1 all higher or always",
        "",
        height=120 + 28 * len(found),
    )
    names = [f"{escape(named(each), 44)}{' ' * i}" for i, each in enumerate(found)]  # told apart where they are alike
    shades = [theme.FLAGGED if each.holds else theme.HEALTHY for each in found]
    made.add_scatter(
        x=[each.effect for each in found],
        y=names,
        mode="markers",
        marker={"size": 10, "color": shades, "symbol": ["circle" if each.holds else "circle-open" for each in found]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, each.high - each.effect) for each in found],
            "arrayminus": [max(0.0, each.effect - each.low) for each in found],
            "color": theme.GREY,
        },
        showlegend=False,
        hovertemplate="%{x:.2f}<extra></extra>",
    )
    made.update_yaxes(autorange="reversed", automargin=True)
    made.update_xaxes(range=[-1.05, 1.05], zeroline=True)
    return made


def effects_table(found: Sequence[Difference]) -> pd.DataFrame:
    """The same in numbers."""
    return pd.DataFrame(
        {
            "column": [visible(each.column) for each in found],
            "how": [f"{each.what} {visible(shortened(each.value, 60))}".strip() for each in found],
            "effect": [each.effect for each in found],
            "from": [each.low for each in found],
            "to": [each.high for each in found],
            "here": [each.inside for each in found],
            "there": [each.outside for each in found],
            "chance (adjusted)": [each.adjusted_p for each in found],
        }
    )


def named(difference: Difference) -> str:
    """A difference's column, with the value where there is one."""
    if difference.value:
        return f"{difference.column} = {difference.value}"
    return difference.column if difference.what in ("higher", "lower") else f"{difference.column} missing"


def column_beside(found: Beside, words: tuple[str, str]) -> go.Figure:
    """One column of both as shares of each: bars over the numbers' middle 98 %, or the most frequent values."""
    made = theme.figure(escape(found.column, NARROW), "", "share", height=240)
    x: Any = [escape(each, 24) for each in found.levels]
    if found.edges:
        edges = np.asarray(found.edges)
        x = (edges[:-1] + edges[1:]) / 2
        x = pd.to_datetime(x, unit="s") if found.kind == "datetime" else x
    sides = ((found.new, theme.FLAGGED), (found.reference, theme.HEALTHY))
    for (share, colour), word in zip(sides, words, strict=True):
        made.add_bar(x=x, y=share, name=escape(word), marker_color=colour, opacity=0.75)
    made.update_layout(barmode="group", bargap=0.05, margin={"l": 48, "r": 8, "t": 84, "b": 32})
    made.update_yaxes(tickformat=".0%")
    return made
