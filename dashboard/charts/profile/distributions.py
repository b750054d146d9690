"""How the values of a column are spread: small, twelve a page, or one large; each with a table of the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.profiles import ColumnProfile, Levels, Spread
from dashboard.charts import theme
from dashboard.charts.text import escape, visible

OTHERS = "(all others)"
LENGTHS = 40  # bars of lengths of text at most
FARTHEST = 1e300  # Plotly subtracts the ends of an axis: farther apart, the difference is infinite
FIRST_MOMENT, LAST_MOMENT = -62_135_596_800.0, 253_402_214_400.0  # years 1 to 9999: all that a date axis knows


@dataclass(frozen=True)
class Size:
    """How much fits: bars of levels, characters of their names, ticks of an axis; the height in pixels."""

    levels: int
    longest: int
    ticks: int
    height: int


SMALL = Size(levels=6, longest=14, ticks=4, height=190)
LARGE = Size(levels=30, longest=28, ticks=8, height=360)


def small_multiple(column: ColumnProfile, unit: str) -> go.Figure:
    """One of many: a column's distribution with its name and what is not drawn above it."""
    trace, x, y = _drawn(column, SMALL)
    heading = {
        "text": f"<b>{escape(column.name, 30)}</b><br>"
        f"<span style='font-size:11px'>{escape(subtitle(column, unit), 48)}</span>",
        "font": {"size": 13},
        "x": 0,
        "y": 1,
        "xref": "x domain",
        "yref": "y domain",
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "showarrow": False,
    }
    # In one go: a page has twelve, and as updates of a figure each takes ten times as long.
    return go.Figure(
        data=[trace],
        layout={
            "annotations": [heading],
            "xaxis": {**x, "showgrid": False, "zeroline": False},
            "yaxis": {**y, "zeroline": False, "automargin": True, "tickfont": {"size": 11}},
            "height": SMALL.height + 20,
            "margin": {"l": 10, "r": 10, "t": 44, "b": 24},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
        },
    )


def subtitle(column: ColumnProfile, unit: str) -> str:
    """What a small chart does not draw: what it counts, what is missing, what lies outside."""
    parts = ["length of text" if column.kind == "text" else column.kind]
    if unit:
        parts[0] = f"{parts[0]} in {unit}"
    if not column.filled:
        parts.append("no value")
    elif column.missing:
        parts.append(f"{column.missing:,} missing ({share(column.missing, column.missing + column.filled)})")
    if others(column, SMALL.levels):
        parts.append(others(column, SMALL.levels))
    if column.kind == "text" and column.filled and not column.missing:
        parts.append(f"{column.distinct:,} different")
    if column.spread is not None and column.spread.below + column.spread.above:
        parts.append(f"{column.spread.below + column.spread.above:,} farther out")
    return " · ".join(parts)


def others(column: ColumnProfile, most: int = LARGE.levels) -> str:
    """The values that have no bar of their own, which could dwarf those that have; empty where all have one."""
    if column.levels is None or not _lies(column):
        return ""
    rest = column.levels.other + sum(column.levels.counts[most:])
    more = column.distinct - min(most, len(column.levels.labels))
    return f"{max(more, 1):,} more ({share(rest, column.filled)})" if rest else ""


def distribution(column: ColumnProfile, unit: str) -> go.Figure:
    """One column, large."""
    axis = f"{axis_word(column)}{f' (in {escape(unit, 20)})' if unit else ''}"
    made = theme.figure(f"How the values of {escape(column.name, 60)} are spread", axis, "rows")
    made.update_layout(showlegend=False)
    if _lies(column) and column.levels is not None:
        bars = len(column.levels.labels[: LARGE.levels])
        made.update_layout(height=max(240, 22 * bars + 120))
        made.update_xaxes(title="rows")
        made.update_yaxes(title=axis, automargin=True)
    trace, x, y = _drawn(column, LARGE)
    made.add_trace(trace)
    made.update_xaxes(**x)
    made.update_yaxes(**y)
    return made


def with_middle(made: go.Figure, column: ColumnProfile, quantiles: Mapping[float, float]) -> go.Figure:
    """The chart with its median as a line, and the band in which the middle half of the rows lies."""
    spread = column.spread
    if spread is None or not quantiles:
        return made
    first, last = spread.edges[0], spread.edges[-1]
    low, middle, high = positions([min(max(quantiles[part], first), last) for part in (0.25, 0.5, 0.75)], column.kind)
    whole = {"y0": 0, "y1": 1, "yref": "paper"}
    made.add_shape(
        type="rect", x0=low, x1=high, fillcolor=theme.UNSURE, opacity=0.18, line_width=0, layer="below", **whole
    )
    made.add_shape(type="line", x0=middle, x1=middle, line={"dash": "dot", "width": 2, "color": theme.UNSURE}, **whole)
    made.add_annotation(
        x=middle, y=1, yref="paper", text="median, middle half", showarrow=False, yanchor="bottom", font_size=11
    )
    return made


def distribution_table(column: ColumnProfile) -> pd.DataFrame:
    """The bars of one column as a table, what lies outside of them too."""
    filled = column.filled or 1
    if column.spread is not None:
        spread = column.spread
        rows = [
            (value_text(low, column.kind), value_text(high, column.kind), count)
            for low, high, count in zip(spread.edges[:-1], spread.edges[1:], spread.counts, strict=True)
        ]
        if spread.below:
            rows.insert(0, ("", value_text(spread.edges[0], column.kind), spread.below))
        if spread.above:
            rows.append((value_text(spread.edges[-1], column.kind), "", spread.above))
        frame = pd.DataFrame(rows, columns=["from", "to", "rows"])
    elif column.levels is not None:
        rows_of = [(visible(label), count) for label, count in _pairs(column.levels)]
        if column.levels.other:
            rows_of.append((OTHERS, column.levels.other))
        frame = pd.DataFrame(rows_of, columns=[axis_word(column), "rows"])
    else:
        return pd.DataFrame({"rows": pd.Series(dtype=int)})
    frame["share"] = [count / filled for count in frame["rows"]]
    return frame


def facts(column: ColumnProfile, quantiles: Mapping[float, float]) -> pd.DataFrame:
    """What can be said of one column in figures, a line each. quantiles: the value by its part, 0 … 1."""
    rows = column.filled + column.missing
    lines = [
        ("filled", f"{column.filled:,}"),
        ("missing", f"{column.missing:,} ({share(column.missing, rows)})"),
        ("different values", f"{column.distinct:,}"),
    ]
    if column.levels is not None and column.levels.once:
        lines.append(("values of one row only", f"{column.levels.once:,}"))
    spread = column.spread
    if spread is not None:
        median = [("median", value_text(quantiles[0.5], column.kind))] if 0.5 in quantiles else []
        lines += [
            ("smallest", value_text(spread.minimum, column.kind)),
            *median,
            ("largest", value_text(spread.maximum, column.kind)),
            ("mean", value_text(spread.mean, column.kind)),
        ]
        if column.kind != "datetime":
            lines.append(("standard deviation", number_text(spread.deviation)))
            if spread.total is not None:
                lines.append(("sum", number_text(spread.total)))
            lines += [("zeros", f"{spread.zeros:,}"), ("negative", f"{spread.negative:,}")]
        if spread.infinite:
            lines.append(("infinite", f"{spread.infinite:,}"))
        lines += [
            (f"{100 * part:.4g} % are below", value_text(value, column.kind))
            for part, value in quantiles.items()
            if 0 < part < 1 and part != 0.5
        ]
    return pd.DataFrame(lines, columns=["what", "value"])


def skew(column: ColumnProfile, median: float | None) -> float:
    """How far mean and median are apart, in standard deviations (0 … 1); 0 where there is no order."""
    spread = column.spread
    if spread is None or median is None or not spread.deviation > 0:
        return 0.0
    return min(1.0, abs(spread.mean - median) / spread.deviation)


def axis_word(column: ColumnProfile) -> str:
    """What the axis of values counts."""
    if column.kind == "text":
        return "length in characters"
    return {"number": "value", "datetime": "date"}.get(column.kind, "value")


def positions(values: Iterable[float], kind: str) -> list[Any]:
    """Where values stand on an axis: moments as Plotly writes dates, numbers inside of what it can draw."""
    if kind != "datetime":
        return [min(max(float(value), -FARTHEST), FARTHEST) for value in values]
    clipped = (min(max(float(value), FIRST_MOMENT), LAST_MOMENT) for value in values)
    return [str(np.datetime64(round(value * 1_000), "ms")) for value in clipped]


def value_text(value: float, kind: str) -> str:
    """A number or a moment as a reader expects it."""
    if kind != "datetime":
        return number_text(value)
    at = str(np.datetime64(round(min(max(value, FIRST_MOMENT), LAST_MOMENT)), "s"))
    return at[:10] if at.endswith("T00:00:00") else at.replace("T", " ")[:16]


def number_text(value: float) -> str:
    """12345.678 → 12,346; 0.012345 → 0.01234; 1e21 stays short."""
    size = abs(value)
    if size < 1e15 and (size >= 10_000 or value == round(value)):
        return f"{value:,.0f}"
    return f"{value:,.4g}" if size < 1_000 else f"{value:,.5g}"


def share(part: int, whole: int) -> str:
    """A part of a whole; what is not nothing is never called 0 %, what is not all never 100 %."""
    if not whole:
        return "0 %"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "<1 %"
    if 99 < percent < 100:
        return ">99 %"
    return f"{percent:.0f} %"


def _lies(column: ColumnProfile) -> bool:
    """Whether its bars lie: names need room, lengths of text stand in their order like numbers."""
    return column.levels is not None and column.kind != "text"


def _drawn(column: ColumnProfile, size: Size) -> tuple[go.Bar | go.Scatter, dict[str, Any], dict[str, Any]]:
    """The bars of a column, and what is set of its axes across and up; where it holds nothing, axes that are not seen."""
    if column.spread is None and column.levels is None:
        # Axes without a trace are none, and what stands by them has no place.
        nothing = go.Scatter(x=[0], y=[0], opacity=0, hoverinfo="skip")
        return nothing, {"visible": False}, {"visible": False}
    counts = {"nticks": size.ticks, "rangemode": "tozero", "tickformat": ","}
    up = {**counts, "gridcolor": "rgba(128,128,128,0.25)"}
    if column.spread is not None:
        kind = "date" if column.kind == "datetime" else "linear"
        return _histogram(column, column.spread), {"type": kind, "nticks": size.ticks}, up
    assert column.levels is not None  # noqa: S101  (one of the two is there)
    bars = _levels(column, column.levels, size)
    if not _lies(column):
        labels = column.levels.labels[:LENGTHS]
        return bars, _ticks(labels, size.longest, -(-len(labels) // size.ticks)), up
    labels = column.levels.labels[: size.levels]
    # The first on top; few bars don't grow fat.
    names = {**_ticks(labels, size.longest), "range": [max(len(labels), 3) - 0.5, -0.5], "showgrid": False}
    return bars, counts, names


def _histogram(column: ColumnProfile, spread: Spread) -> go.Bar:
    dates = column.kind == "datetime"
    ends = (FIRST_MOMENT, LAST_MOMENT) if dates else (-FARTHEST, FARTHEST)
    edges = np.clip(np.asarray(spread.edges, float), *ends)
    widths = np.diff(edges)
    widths[widths <= 0] = 86_400.0 if dates else max(abs(float(edges[0])) / 10, 1e-9)  # one value: a bar around it
    return go.Bar(
        x=positions(edges[:-1] + np.diff(edges) / 2, column.kind),
        y=list(spread.counts),
        width=list(widths * (960 if dates else 0.96)),  # milliseconds on an axis of dates
        marker_color=theme.HEALTHY,
        customdata=list(pairwise(value_text(edge, column.kind) for edge in spread.edges)),
        hovertemplate="%{customdata[0]} to %{customdata[1]}<br>rows: %{y:,}<extra></extra>",
    )


def _levels(column: ColumnProfile, levels: Levels, size: Size) -> go.Bar:
    lies = _lies(column)
    shown = _pairs(levels)[: size.levels if lies else LENGTHS]
    labels, counts = [label for label, _ in shown], [count for _, count in shown]
    places, rows = list(range(len(counts))), "%{x:,}" if lies else "%{y:,}"
    return go.Bar(
        x=counts if lies else places,
        y=places if lies else counts,
        orientation="h" if lies else "v",
        marker_color=theme.HEALTHY,
        customdata=[
            (escape(label, 60), share(count, column.filled)) for label, count in zip(labels, counts, strict=True)
        ],
        hovertemplate=f"%{{customdata[0]}}<br>rows: {rows} (%{{customdata[1]}})<extra></extra>",
    )


def _pairs(levels: Levels) -> list[tuple[str, int]]:
    return list(zip(levels.labels, levels.counts, strict=True))


def _ticks(labels: Sequence[str], longest: int, every: int = 1) -> dict[str, Any]:
    return {
        "tickmode": "array",
        "tickvals": list(range(0, len(labels), every)),
        "ticktext": [escape(label, longest) or "(blank)" for label in labels[::every]],
    }
