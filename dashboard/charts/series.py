"""Charts along time: the score of a whole series, some of its columns beside what was expected, events by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from dashboard.charts import theme
from dashboard.charts.text import escape, headings

POINTS = 2_000  # of a line; more are drawn as the highest of their neighbours
SHADED = 300  # events, the strangest
ACTUAL, EXPECTED = theme.HEALTHY, theme.VALIDATION  # both can be told from a light and a dark ground
BAND = "rgba(31,143,214,0.3)"
GUILTY = "rgba(230,159,0,0.28)"
DARKEST = 1_000  # times usual, from which a heat map's colours differ no more: an infinite cell is 10^8 times off
LEVELS = 12  # of a column that is no number, on its axis
Moments = NDArray[Any]  # datetime64[ms], or row numbers


def moments(times: NDArray[np.float64], by_time: bool) -> Moments:
    """Seconds since 1970 as a chart's axis takes them; row numbers, from 1, where there are no times."""
    if not by_time:
        return times.astype(np.int64) + 1
    return np.rint(times * 1000).astype("datetime64[ms]")


@dataclass(frozen=True)
class Line:
    """A score along time, its stretches apart: each lies in one piece."""

    at: Moments  # (K,)
    scores: NDArray[np.float64]  # (K,)
    stretch: NDArray[np.int64]  # (K,)

    def thinned(self) -> Line:
        """At most some thousand points, each the highest of its neighbours, so that no peak is lost."""
        wide = -(-len(self.scores) // POINTS)
        if wide <= 1:
            return self
        begins = np.flatnonzero((np.arange(len(self.scores)) % wide == 0) | (np.diff(self.stretch, prepend=-1) != 0))
        ends = np.append(begins[1:], len(self.scores))
        best = np.asarray([a + int(np.argmax(self.scores[a:b])) for a, b in zip(begins, ends, strict=True)])
        return Line(self.at[best], self.scores[best], self.stretch[best])


def score_line(
    line: Line, threshold: float, spans: Sequence[tuple[Any, Any]], by_time: bool, group: str = ""
) -> go.Figure:
    """The score of each row in the order of time, on a log scale; flagged spans, (from, to), are shaded."""
    shown = line.thinned()
    positive = shown.scores[shown.scores > 0]
    lowest = float(positive.min()) if len(positive) else 1.0
    title = f"Score over time: {escape(group, 40)}" if group else "Score over time"
    made = theme.figure(title, "time" if by_time else "row", "anomaly score (log scale)", height=320)
    for first, last in spans[:SHADED]:
        made.add_vrect(
            x0=first,
            x1=last,
            fillcolor=theme.FLAGGED,
            opacity=0.35,
            line_width=1,
            line_color=theme.FLAGGED,
            layer="below",
        )
    breaks = np.flatnonzero(np.diff(shown.stretch)) + 1  # a line is not drawn over a gap
    made.add_scatter(
        x=pd.Series(np.insert(shown.at, breaks, shown.at[breaks])),
        y=np.insert(np.maximum(shown.scores, lowest), breaks, np.nan),
        mode="lines",
        line={"color": theme.HEALTHY, "width": 1.2},
        hovertemplate="%{x}<br>score %{y:.4g}<extra></extra>",
        showlegend=False,
    )
    alone = np.diff(shown.stretch, prepend=-1, append=-1) != 0
    alone = alone[:-1] & alone[1:]  # a line of one point is not drawn
    made.add_scatter(
        x=pd.Series(shown.at[alone]),
        y=np.maximum(shown.scores[alone], lowest),
        mode="markers",
        marker={"color": theme.HEALTHY, "size": 4},
        hovertemplate="%{x}<br>score %{y:.4g}<extra></extra>",
        showlegend=False,
    )
    made.add_hline(y=max(threshold, lowest), line_dash="dash", line_color=theme.FLAGGED)
    made.add_annotation(
        x=0, xref="paper", y=1, yref="paper", text=f"– – threshold {threshold:.4g}; shaded: flagged events", showarrow=False,
        xanchor="left", yanchor="bottom",
    )  # fmt: skip
    highest = max(float(shown.scores.max(initial=lowest)), threshold)
    made.update_yaxes(type="log", **theme.log_ticks(lowest, highest))
    return made


@dataclass(frozen=True)
class Channel:
    """One column along time. low, high: what is usual around the expected value; None where it is no number."""

    name: str
    actual: Sequence[Any]
    expected: Sequence[Any]
    low: Sequence[Any] | None
    high: Sequence[Any] | None
    guilty: Sequence[tuple[Any, Any]]  # from, to
    infinite: Sequence[int] = ()  # places of `actual` that no line can reach


def stretch_chart(at: Moments, channels: Sequence[Channel], row: Any, by_time: bool) -> go.Figure:
    """Columns one below the other: actual, expected with what is usual around it; guilty spans shaded, `row` a line."""
    made = make_subplots(
        rows=len(channels),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=min(0.08, 0.3 / len(channels)),
        subplot_titles=[escape(channel.name, 60) for channel in channels],
    )
    look = theme.figure("Actual beside expected", "", "", height=160 + 190 * len(channels)).layout
    made.update_layout(
        {
            name: look[name]
            for name in ("title", "height", "margin", "paper_bgcolor", "plot_bgcolor", "hoverlabel", "modebar")
        }
    )
    x = pd.Series(at)
    for i, channel in enumerate(channels, start=1):
        first = i == 1
        if channel.low is not None and channel.high is not None:
            made.add_scatter(
                x=pd.concat([x, x[::-1]]), y=[*channel.high, *channel.low[::-1]], fill="toself", fillcolor=BAND,
                line={"width": 0}, hoverinfo="skip", name="usual around it", showlegend=first, legendgroup="band",
                row=i, col=1,
            )  # fmt: skip
        numbers = channel.low is not None
        levels = [] if numbers else _levels(channel)
        shape = "linear" if numbers else "hv"
        for name, cells, colour, dash in (
            ("expected", channel.expected, EXPECTED, "dot"),
            ("actual", channel.actual, ACTUAL, "solid"),
        ):
            y = cells if numbers else [levels.index(cell) if cell in levels else None for cell in cells]
            made.add_scatter(
                x=x, y=y, mode="lines", name=name, legendgroup=name, showlegend=first,
                line={"color": colour, "dash": dash, "width": 1.8, "shape": shape},
                hovertemplate="%{x}<br>" + name + (" %{y:.5g}" if numbers else "") + "<extra></extra>", row=i, col=1,
            )  # fmt: skip
        if levels:
            made.update_yaxes(
                tickmode="array", tickvals=list(range(len(levels))),
                ticktext=[escape(str(level), 20) for level in levels], row=i, col=1,
            )  # fmt: skip
        if channel.infinite:
            known = [y for y in (*channel.actual, *channel.expected) if y is not None]
            made.add_scatter(
                x=x.iloc[list(channel.infinite)], y=[max(known, default=0.0)] * len(channel.infinite), mode="text", text="∞",
                textfont={"size": 16, "color": theme.FLAGGED}, name="infinite", showlegend=False,
                hovertemplate="%{x}<br>actual is infinite<extra></extra>", row=i, col=1,
            )  # fmt: skip
        for begin, end in channel.guilty:  # after the lines: an empty subplot gets none
            # The edge is what is seen of a single row.
            made.add_vrect(
                x0=begin, x1=end, fillcolor=GUILTY, line_width=2, line_color=GUILTY, layer="below", row=i, col=1
            )
        made.add_vline(x=row, line_color=theme.GREY, line_dash="dot", line_width=1, row=i, col=1)
    grid = {"gridcolor": "rgba(128,128,128,0.25)", "zeroline": False}
    made.update_xaxes(**grid)
    made.update_yaxes(**grid)
    made.update_xaxes(title="time" if by_time else "row", row=len(channels), col=1)
    # Between the chart's title and the first column's, in two lines on a phone.
    made.update_layout(
        margin={"t": 112},
        legend={"orientation": "h", "y": 1, "yref": "container", "x": 0, "xanchor": "left", "yanchor": "top"},
    )
    made.update_layout(legend_y=1 - 34 / look.height)
    made.update_annotations(x=0, xanchor="left", font={"size": 13})
    return made


def windows_beside(name: str, windows: Mapping[str, NDArray[np.float64]]) -> go.Figure:
    """One column of several windows step by step, (length,) each by its name, the first in the colour of flags."""
    made = theme.figure(f"{escape(name, 60)} in this window and in healthy ones", "step of the window", "", height=300)
    colours = [colour for colour in theme.SERIES if colour != theme.FLAGGED]
    for i, (said, values) in enumerate(windows.items()):
        first = i == 0
        made.add_scatter(
            x=np.arange(1, len(values) + 1), y=values, mode="lines", name=escape(said, 60),
            line={"color": theme.FLAGGED if first else colours[i % len(colours)], "width": 2.5 if first else 1.2},
            hovertemplate="step %{x}: %{y:.5g}<extra></extra>",
        )  # fmt: skip
    return made


def _levels(channel: Channel) -> list[Any]:
    """The commonest cells of a column that is no number."""
    known = [cell for cell in (*channel.actual, *channel.expected) if cell is not None]
    values, counts = np.unique(np.asarray(known, dtype=str), return_counts=True)
    commonest: list[Any] = values[np.argsort(-counts, kind="stable")][:LEVELS].tolist()
    return commonest[::-1]


def column_bars(columns: Sequence[str], errors: NDArray[np.float64], most: int = 15) -> go.Figure:
    """Each column's error as a multiple of what is usual, the largest first."""
    order = np.argsort(-errors, kind="stable")[:most][::-1]
    made = theme.figure("How far each column is off", "times what is usual (log scale)", "")
    made.update_layout(height=max(240, 24 * len(order) + 130))
    made.add_bar(
        x=np.maximum(errors[order], 0.01),
        y=list(range(len(order))),
        orientation="h",
        marker_color=[theme.FLAGGED if errors[i] > 1 else theme.HEALTHY for i in order],
        customdata=[escape(columns[i], 60) for i in order],
        hovertemplate="%{customdata}: %{x:.3g} times what is usual<extra></extra>",
    )
    made.add_vline(x=1, line_dash="dash", line_color=theme.GREY)
    made.add_annotation(x=0, y=1, yref="paper", text="usual", showarrow=False, yanchor="bottom")  # log10(1) = 0
    made.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(order))),
        ticktext=[escape(columns[i], 28) for i in order],
        automargin=True,
    )
    highest = max(2.0, float(errors.max(initial=1.0)))
    made.update_xaxes(type="log", **theme.log_ticks(0.05, highest), range=[np.log10(0.05), np.log10(highest * 1.2)])
    return made


def event_heatmap(errors: NDArray[np.float32], columns: Sequence[str], labels: Sequence[str]) -> go.Figure:
    """Events × columns, (E, C): the highest error of each as a multiple of what is usual, on a log scale."""
    made = theme.figure(
        "How far each column is off in each event", "source column", "event", height=max(320, 22 * len(labels) + 180)
    )
    names = [escape(name, 40) for name in columns]
    top = min(DARKEST, max(10.0, float(errors.max(initial=1.0))))
    made.add_heatmap(
        z=np.log10(np.maximum(errors, 1.0)),
        x=list(range(len(columns))),
        y=[escape(label, 40) for label in labels],
        customdata=np.dstack([np.broadcast_to(np.asarray(names, object), errors.shape), errors]),
        colorscale=theme.SEQUENTIAL,
        zmin=0,
        zmax=np.log10(top),
        colorbar={"title": "times<br>usual", "thickness": 14, "tickvals": list(range(int(np.log10(top)) + 1)),
                  "ticktext": [f"{10**power:,}{'+' * (10**power == DARKEST)}" for power in range(int(np.log10(top)) + 1)]},
        hovertemplate="%{y}<br>%{customdata[0]}<br>%{customdata[1]:.3g} times what is usual<extra></extra>",
    )  # fmt: skip
    made.update_xaxes(
        tickmode="array", tickvals=list(range(len(columns))), ticktext=[escape(name, 24) for name in columns],
        tickangle=-45, ticklabeloverflow="allow", showgrid=False,
    )  # fmt: skip
    made.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return made


def event_heatmap_table(errors: NDArray[np.float32], columns: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """The same numbers."""
    return pd.DataFrame(errors, columns=headings(columns), index=pd.Index(labels, name="event"))
