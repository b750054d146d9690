"""A value that is strange by itself among those of the healthy rows: a small histogram with it marked, and the same as a table."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.results import Histogram
from core.triage.lone import Lone
from dashboard.charts import theme
from dashboard.charts.profile.distributions import positions, value_text
from dashboard.charts.text import NARROW, escape, visible

ROOM = 1.0  # of the bars' width, how far beside them a value still stands where it is
EDGE = 0.12  # of the bars' width, how far beside them one is marked that lies farther out
HERE = "this row"


def among_healthy(lone: Lone) -> go.Figure:
    """The healthy rows' values as bars, this row's as a line or as the bar in the colour of flags. Needs the value's histogram."""
    bars = _histogram(lone)
    made = theme.figure(escape(lone.column, NARROW), "", "healthy rows", height=210)
    made.update_layout(margin={"l": 48, "r": 12, "t": 58, "b": 32}, showlegend=False, bargap=0.05)
    made.update_yaxes(tickformat=",", nticks=4, rangemode="tozero")
    if bars.edges:
        _numbers(made, lone, bars)
    else:
        _levels(made, lone, bars)
    return made


def among_healthy_table(lone: Lone) -> pd.DataFrame:
    """The bars in numbers, with what lies outside of them, and where this row's value stands."""
    bars, value = _histogram(lone), visible(lone.value)
    if bars.edges:
        edges = [value_text(each, lone.kind) for each in bars.edges]
        last = len(bars.counts) - 1
        inside = [
            low <= lone.at < high or (i == last and lone.at == high)
            for i, (low, high) in enumerate(zip(bars.edges[:-1], bars.edges[1:], strict=True))
        ]
        rows = [
            (f"{low} to {high}", count, value if mine else "")
            for low, high, count, mine in zip(edges[:-1], edges[1:], bars.counts, inside, strict=True)
        ]
        if bars.other or not any(inside):
            rows.append(("farther out", bars.other, "" if any(inside) else value))
    else:
        rows = [
            (visible(label), count, value or visible(label) if i == int(lone.at) else "")
            for i, (label, count) in enumerate(zip(bars.labels, bars.counts, strict=True))
        ]
        if bars.other:
            rows.append(("(all others)", bars.other, ""))
    return pd.DataFrame(rows, columns=["value", "healthy rows", "stands here"])


def in_words(lone: Lone) -> str:
    """What the chart shows, for who can't see it, and what it does not draw. Names and values as they are, not escaped."""
    bars = _histogram(lone)
    outside = "lie beyond the bars" if bars.edges else "have other values"
    beside = f" {bars.other:,} healthy rows {outside}." if bars.other else ""
    return f"{lone.column} {lone.value or '(empty)'}: {lone.how}.{beside}"


def _histogram(lone: Lone) -> Histogram:
    if lone.histogram is None:
        raise ValueError(f"no histogram was made of {lone.column}")
    return lone.histogram


def _numbers(made: go.Figure, lone: Lone, bars: Histogram) -> None:
    edges = np.asarray(bars.edges)
    low, high, dates = float(edges[0]), float(edges[-1]), lone.kind == "datetime"
    wide = high - low
    at = float(np.clip(lone.at, low - EDGE * wide, high + EDGE * wide)) if _far(lone.at, low, high) else lone.at
    made.add_bar(
        x=positions((edges[:-1] + np.diff(edges) / 2).tolist(), lone.kind),
        y=list(bars.counts),
        width=(np.diff(edges) * (960 if dates else 0.96)).tolist(),  # milliseconds on an axis of dates
        marker_color=theme.HEALTHY,
        customdata=[[value_text(each, lone.kind) for each in ends] for ends in pairwise(edges)],
        hovertemplate="%{customdata[0]} to %{customdata[1]}<br>healthy rows: %{y:,}<extra></extra>",
    )
    arrow = " →" if at < lone.at else ""
    before = "← " if at > lone.at else ""
    mark = positions([at], lone.kind)[0]
    line: dict[str, Any] = {"color": theme.FLAGGED, "width": 3}
    made.add_shape(type="line", x0=mark, x1=mark, y0=0, y1=1, yref="paper", line=line)
    made.add_annotation(
        x=mark,
        y=1,
        yref="paper",
        text=f"{before}{HERE}: {escape(lone.value, 24)}{arrow}",
        showarrow=False,
        xanchor="left" if at < low + wide / 2 else "right",
        yanchor="bottom",
        font_size=12,
    )
    ends = positions([min(low, at) - 0.03 * wide, max(high, at) + 0.03 * wide], lone.kind)
    made.update_xaxes(type="date" if dates else "linear", range=ends, nticks=5)


def _far(value: float, low: float, high: float) -> bool:
    """Whether the bars would be too narrow to tell, were the axis to reach to it."""
    return not low - ROOM * (high - low) <= value <= high + ROOM * (high - low)


def _levels(made: go.Figure, lone: Lone, bars: Histogram) -> None:
    places, mine = list(range(len(bars.counts))), int(lone.at)
    made.add_bar(
        x=places,
        y=list(bars.counts),
        marker_color=[theme.FLAGGED if i == mine else theme.HEALTHY for i in places],
        customdata=[escape(label, 60) for label in bars.labels],
        hovertemplate="%{customdata}<br>healthy rows: %{y:,}<extra></extra>",
    )
    made.add_annotation(  # also where no healthy row has it, so that there is no bar
        x=mine, y=bars.counts[mine], text=HERE, showarrow=False, yanchor="bottom", font_size=12
    )
    made.update_xaxes(tickmode="array", tickvals=places, ticktext=[escape(label, 16) for label in bars.labels])
    made.update_yaxes(range=[0, 1.18 * max(1, *bars.counts)])
