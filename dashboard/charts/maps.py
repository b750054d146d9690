"""Maps that stand still: for a file, and in three dimensions."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard import words
from dashboard.charts import theme
from dashboard.charts.text import escape
from dashboard.latent_map import MISSING, Colour

TICKS = 5
MOST = 20_000  # points of a still map
MOST_3D = 5_000  # points that a browser turns fluently without a GPU


def some(points: int, rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Which points are drawn: all, or so many at random (always the same), with the selected ones among them."""
    keep = np.arange(points)
    if points > most:
        keep = np.union1d(np.random.default_rng(0).choice(points, most, replace=False), rows[:most])
    return keep


def static_map(
    points: NDArray[np.float32],
    colour: Colour,
    rows: NDArray[np.int64],
    method: str,
    under: NDArray[np.float32] | None = None,
) -> go.Figure:
    """The map, (N, 2) or (N, 3), as a chart: selected rows ringed. under: other points, (U, 2) or (U, 3), muted behind them."""
    deep = points.shape[1] == 3
    made = theme.figure(
        f"Map of latent codes ({escape(method)})",
        "first direction of the map",
        "second direction of the map",
        height=640 if deep else 560,
    )
    keep = some(len(points), rows, MOST_3D if deep else MOST)
    parts = _classes(colour, keep) if colour.categorical else [("", keep, None)]
    if under is not None and len(under):
        made.add_trace(_behind(under, MOST_3D if deep else MOST))
    for label, part, shade in parts:
        marker = {"size": 3 if deep else 5, "color": shade if shade else colour.values[part]}
        if shade is None:
            marker |= {"colorscale": [[i / 5, stop] for i, stop in enumerate(colour.palette)], "showscale": True}
            marker |= {"colorbar": {"title": escape(colour.title, 30), "len": 0.6, **_ticks(colour, part)}}
        hover = {"hovertemplate": "row %{customdata}<extra></extra>", "customdata": part + 1}
        made.add_trace(
            _scatter(points[part], mode="markers", name=label, showlegend=shade is not None, marker=marker, **hover)
        )
    if len(rows):
        ring = {"size": 5 if deep else 8, "symbol": "circle-open", "color": theme.FLAGGED if deep else theme.INK}
        picked = rows[: MOST_3D if deep else MOST]
        name = words.count(len(rows), "selected row")
        made.add_trace(_scatter(points[picked], mode="markers", name=name, marker=ring, hoverinfo="skip"))
    if colour.categorical:
        made.update_layout(legend_title_text=escape(colour.title, 30))
    if deep:
        axis = {"gridcolor": "rgba(128,128,128,0.25)", "backgroundcolor": "rgba(0,0,0,0)", "showspikes": False}
        titles = ("first", "second", "third")
        made.update_layout(
            scene={
                f"{name}axis": {**axis, "title": f"{title} direction"}
                for name, title in zip("xyz", titles, strict=True)
            }
        )
    return made


def _ticks(colour: Colour, part: NDArray[np.int64]) -> dict[str, object]:
    """Of logarithms, the numbers that they are of."""
    seen = colour.values[part][np.isfinite(colour.values[part])]
    if not colour.base or len(seen) == 0:
        return {}
    at = np.linspace(seen.min(), seen.max(), TICKS)
    return {"tickmode": "array", "tickvals": at, "ticktext": [f"{colour.base ** float(value):.3g}" for value in at]}


def _classes(colour: Colour, keep: NDArray[np.int64]) -> list[tuple[str, NDArray[np.int64], str | None]]:
    values, palette = colour.values[keep], colour.palette
    named = [("missing", keep[~(values >= 0)], MISSING)]
    named += [(escape(label, 40), keep[values == i], palette[i]) for i, label in enumerate(colour.labels)]
    return [entry for entry in named if len(entry[1])]


def _scatter(points: NDArray[np.float32], **more: object) -> go.Scattergl | go.Scatter3d:
    if points.shape[1] == 3:
        return go.Scatter3d(x=points[:, 0], y=points[:, 1], z=points[:, 2], **more)
    return go.Scattergl(x=points[:, 0], y=points[:, 1], **more)


def _behind(under: NDArray[np.float32], most: int) -> go.Scattergl | go.Scatter3d:
    """What was learned from, muted: of many points some at random."""
    marker = {"size": 3, "color": theme.GREY, "opacity": 0.4, "symbol": "circle-open"}
    shown = under[some(len(under), np.empty(0, np.int64), most)]
    return _scatter(shown, mode="markers", name="learned from", marker=marker, hoverinfo="skip")


def place_on_map(
    points: NDArray[np.float32], rows: NDArray[np.int64], title: str, under: NDArray[np.float32] | None = None
) -> go.Figure:
    """Where some points lie among all, (N, 2): small, of many only some thousand. under: as of `static_map`."""
    made = theme.figure(title, "", "", height=280)
    behind = under is not None and len(under) > 0
    if under is not None and behind:
        made.add_trace(_behind(under, MOST_3D))
    keep = some(len(points), rows, MOST_3D)
    grey = {"size": 3, "color": theme.HEALTHY, "opacity": 0.5}
    made.add_trace(
        _scatter(points[keep], mode="markers", marker=grey, hoverinfo="skip", name="this file", showlegend=behind)
    )
    mark = {"size": 14, "color": theme.FLAGGED, "symbol": "circle-open", "line": {"width": 3}}
    made.add_trace(_scatter(points[rows], mode="markers", marker=mark, hoverinfo="skip", showlegend=False))
    made.update_xaxes(showticklabels=False)
    made.update_yaxes(showticklabels=False)
    made.update_layout(margin={"l": 8, "r": 8, "t": 48, "b": 8}, legend_itemsizing="constant")
    return made
