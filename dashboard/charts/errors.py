"""Charts of reconstruction errors: all rows, worst rows by column, one row; each with its table."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from scipy.cluster.hierarchy import leaves_list, linkage

from dashboard.charts import theme
from dashboard.charts.text import escape, headings, visible

BINS = 60
COLUMNS = 40
TIMES = 3.0  # as large an error in flagged rows as in healthy ones, from which a column is named for it


def _bins(scores: NDArray[np.float64], log: bool) -> NDArray[np.float64]:
    low, high = float(scores.min()), float(scores.max())
    if high <= low:
        return np.asarray([low - 0.5 * (abs(low) or 1), low + 0.5 * (abs(low) or 1)])
    if log:
        start = theme.least_shown(scores)
        if start < high:
            return np.geomspace(start, high, BINS + 1)
    return np.linspace(low, high, BINS + 1)


def score_histogram(
    scores: NDArray[np.float64], threshold: float, *, log: bool = False, item: str = "row"
) -> go.Figure:
    """How many rows have which score, with the threshold as a line; flagged bars in their colour."""
    table = score_histogram_table(scores, threshold, log=log)
    made = theme.figure(f"Anomaly scores of all {item}s", "anomaly score", f"{item}s (log scale)")
    for name, flagged, colour in (("below the threshold", False, theme.HEALTHY), ("flagged", True, theme.FLAGGED)):
        part = table[table["flagged"] == flagged]
        made.add_bar(
            x=(part["from"] + part["to"]) / 2,
            y=part["rows"],
            width=part["to"] - part["from"],
            name=name,
            marker_color=colour,
            customdata=np.column_stack([part["from"], part["to"]]),
            hovertemplate="score %{customdata[0]:.4g} to %{customdata[1]:.4g}<br>"
            + f"{item}s: %{{y:,}}<extra></extra>",
        )
    made.add_vline(x=threshold, line_dash="dash", line_color=theme.FLAGGED)
    logarithmic = log and len(table) > 1
    made.add_annotation(
        x=np.log10(threshold) if logarithmic and threshold > 0 else threshold,  # Plotly wants exponents on a log axis
        y=1,
        yref="paper",
        text=f"threshold {threshold:.4g}",
        showarrow=False,
        xanchor="left",
        yanchor="top",
    )
    made.update_layout(bargap=0, barmode="overlay")
    made.update_yaxes(type="log", rangemode="tozero", **theme.log_ticks(1, max(2, int(table["rows"].max()))))
    low, high = float(table["from"].iloc[0]), float(table["to"].iloc[-1])
    if logarithmic:
        made.update_xaxes(type="log", **theme.log_ticks(low, high))
    else:  # by itself Plotly makes room for many bars left of a very narrow one
        made.update_xaxes(range=[low, high])
    return made


def score_histogram_by(
    scores: NDArray[np.float64],
    groups: Mapping[str, NDArray[np.bool_]],
    threshold: float,
    *,
    log: bool = False,
    item: str = "row",
) -> go.Figure:
    """Which share of each group of rows has which score, as outlines over each other. groups: (N,) each, by name."""
    edges = _bins(scores, log)
    made = theme.figure(
        f"Anomaly scores of {item}s, each group by itself", "anomaly score", f"share of the group's {item}s"
    )
    for (name, rows), colour in zip(groups.items(), itertools.cycle(theme.SERIES)):
        counts = np.histogram(np.clip(scores[rows], edges[0], edges[-1]), edges)[0]
        made.add_scatter(
            x=np.repeat(edges, 2)[1:-1],
            y=np.repeat(counts / max(1, counts.sum()), 2),
            mode="lines",
            line={"color": colour},
            name=f"{escape(name, 40)} ({rows.sum():,})",
        )
    made.add_vline(x=threshold, line_dash="dash", line_color=theme.FLAGGED)
    made.update_yaxes(tickformat=".1%", rangemode="tozero")
    if log and edges[0] > 0 and len(edges) > 2:
        made.update_xaxes(type="log", **theme.log_ticks(float(edges[0]), float(edges[-1])))
    return made


def score_histogram_by_table(
    scores: NDArray[np.float64], groups: Mapping[str, NDArray[np.bool_]], *, log: bool = False
) -> pd.DataFrame:
    """The same as counts."""
    edges = _bins(scores, log)
    clipped = np.clip(scores, edges[0], edges[-1])
    counts = [np.histogram(clipped[rows], edges)[0] for rows in groups.values()]
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], **dict(zip(headings(groups), counts, strict=True))})


def score_histogram_table(scores: NDArray[np.float64], threshold: float, *, log: bool = False) -> pd.DataFrame:
    """Bins of scores; the bin that holds the threshold is cut in two at it."""
    edges = _bins(scores, log)
    if edges[0] < threshold < edges[-1]:
        edges = np.unique(np.append(edges, threshold))
    elif threshold == edges[-1]:  # only the very strangest are flagged: they get a bar of their own
        edges = np.append(edges, edges[-1] + (edges[-1] - edges[-2]))
    counts, edges = np.histogram(np.clip(scores, edges[0], edges[-1]), edges)
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": counts, "flagged": edges[:-1] >= threshold})


def _strongest(errors: NDArray[np.float32], limit: int) -> NDArray[np.int64]:
    keep = np.argsort(-errors.sum(axis=0), kind="stable")[:limit]
    return np.sort(keep)


def error_heatmap(
    errors: NDArray[np.float32],
    healthy: NDArray[np.float32],
    columns: Sequence[str],
    labels: Sequence[str],
) -> go.Figure:
    """Rows × source columns: how each column's error, (R, C), stands among those of healthy rows, (H, C); the strongest 40."""
    keep = _strongest(errors, COLUMNS)
    more = f" (the {COLUMNS} strongest of {len(columns)} columns)" if len(columns) > COLUMNS else ""
    names = [escape(columns[i], 40) for i in keep]
    larger = among_healthy(errors[:, keep], healthy[:, keep])  # (R, K)
    shares = errors[:, keep] / np.maximum(errors.sum(axis=1, keepdims=True), 1e-30)
    # What is among the healthy all looks alike; each further step is ten times as rare.
    rare = -np.log10(1 - larger + 1 / (len(healthy) + 1))
    top = max(2.0, float(np.ceil(np.log10(len(healthy) + 1))))
    ticks = np.arange(0, top + 1)
    made = theme.figure(
        "Which columns make each row strange" + more, "source column", "row", height=max(320, 22 * len(labels) + 160)
    )
    made.add_heatmap(
        z=rare,
        x=list(range(len(keep))),
        y=[escape(label, 30) for label in labels],
        customdata=np.dstack([np.broadcast_to(np.asarray(names, object), shares.shape), larger, shares]),
        colorscale=theme.SEQUENTIAL,
        zmin=0,
        zmax=top,
        colorbar={
            "title": "error larger than<br>in … of healthy rows",
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": ["0 %", *(f"{100 - 10 ** (2 - tick):.10g} %" for tick in ticks[1:])],
        },
        hovertemplate="%{y}<br>%{customdata[0]}<br>larger than in %{customdata[1]:.2%} of healthy rows"
        "<br>%{customdata[2]:.1%} of its score<extra></extra>",
    )
    made.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(keep))),
        ticktext=[escape(columns[i], 24) for i in keep],
        tickangle=-45,
        ticklabeloverflow="allow",
        showgrid=False,
    )
    made.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return made


def among_healthy(errors: NDArray[np.float32], healthy: NDArray[np.float32]) -> NDArray[np.float64]:
    """The share of healthy rows, (H, C), with a smaller error in the same column, for each of some errors, (R, C)."""
    if len(healthy) == 0:
        return np.zeros(errors.shape)
    ordered = np.sort(healthy, axis=0)
    found = [np.searchsorted(ordered[:, i], errors[:, i]) for i in range(errors.shape[1])]
    return np.stack(found, axis=1) / len(healthy)


def by_pattern(errors: NDArray[np.float32], healthy: NDArray[np.float32]) -> NDArray[np.int64]:
    """An order of rows, (R,), in which those come together that are strange in the same columns: average linkage of how rare
    their errors are, with the leaves of a tree turned so that neighbours are near (Bar-Joseph and others 2001)."""
    if len(errors) < 3:
        return np.arange(len(errors))
    rare = -np.log10(1 - among_healthy(errors, healthy) + 1 / (len(healthy) + 1))
    return np.asarray(leaves_list(linkage(rare, "average", optimal_ordering=True)), np.int64)


def error_heatmap_table(
    errors: NDArray[np.float32], healthy: NDArray[np.float32], columns: Sequence[str], labels: Sequence[str]
) -> pd.DataFrame:
    """The same numbers: in which share of healthy rows, in percent, a column's error is smaller."""
    keep = _strongest(errors, COLUMNS)
    larger = 100 * among_healthy(errors[:, keep], healthy[:, keep])
    return pd.DataFrame(larger.round(2), columns=headings(columns[i] for i in keep), index=pd.Index(labels, name="row"))


def column_table(
    errors: NDArray[np.float32], flagged: NDArray[np.bool_], columns: Sequence[str], weak: Collection[str]
) -> pd.DataFrame:
    """Each column's error in healthy and in flagged rows, and whether it is rebuilt badly everywhere, or only there."""
    healthy = errors[~flagged]
    usual = np.median(healthy, axis=0) if len(healthy) else np.full(errors.shape[1], np.nan)
    there = np.median(errors[flagged], axis=0) if flagged.any() else np.full(errors.shape[1], np.nan)
    times = np.divide(there, usual, out=np.full(len(usual), np.nan), where=usual > 0)
    part = errors[flagged].sum(axis=0) / max(float(errors[flagged].sum()), 1e-30)
    order = np.argsort(-part, kind="stable")
    known = [_rebuilt(name in weak, times[i]) for i, name in enumerate(columns)]
    return pd.DataFrame(
        {
            "column": [visible(columns[i]) for i in order],
            "share of flagged rows' score": 100 * part[order],
            "error, healthy rows": usual[order],
            "error, flagged rows": there[order],
            "rebuilt": [known[i] for i in order],
        }
    )


def _rebuilt(weak: bool, times: float) -> str:
    worse = f"in flagged rows ({times:.3g} times)" if times >= TIMES else ""
    if weak:
        everywhere = "badly everywhere (hardly better than the column's middle)"
        return f"{everywhere}, worse {worse}" if worse else everywhere
    return f"badly {worse}" if worse else ""


def actual_and_expected(
    name: str, actual: Sequence[float], expected: Sequence[float], flagged: NDArray[np.bool_], rows: NDArray[np.int64]
) -> go.Figure:
    """One column of some rows, (K,): what stands there against what the network expected; on the line both are the same."""
    made = theme.figure(f"{escape(name, 60)}: actual against expected", "actual", "expected", height=420)
    x, y = np.asarray(actual, float), np.asarray(expected, float)
    both = np.isfinite(x) & np.isfinite(y)
    for label, part, colour in (
        ("below the threshold", both & ~flagged, theme.HEALTHY),
        ("flagged", both & flagged, theme.FLAGGED),
    ):
        made.add_trace(
            go.Scattergl(
                x=x[part],
                y=y[part],
                mode="markers",
                name=label,
                customdata=rows[part] + 1,
                marker={"color": colour, "size": 5, "opacity": 0.7},
                hovertemplate="row %{customdata}<br>actual %{x}<br>expected %{y}<extra></extra>",
            )
        )
    if both.any():
        ends = [float(min(x[both].min(), y[both].min())), float(max(x[both].max(), y[both].max()))]
        made.add_scatter(x=ends, y=ends, mode="lines", line={"dash": "dot", "color": theme.GREY}, name="the same")
    return made


def row_shares(columns: Sequence[str], errors: NDArray[np.float64], *, most: int = 15) -> go.Figure:
    """One row: the columns with the largest part of its score."""
    order = np.argsort(-errors, kind="stable")[:most][::-1]
    total = float(errors.sum()) or 1.0
    made = theme.figure("Each column's share of this row's score", "share of the score", "")
    made.update_layout(height=max(240, 24 * len(order) + 110))
    made.add_bar(
        x=errors[order] / total,
        y=list(range(len(order))),
        orientation="h",
        marker_color=theme.FLAGGED,
        customdata=[escape(columns[i], 60) for i in order],
        hovertemplate="%{customdata}: %{x:.1%}<extra></extra>",
    )
    made.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(order))),
        ticktext=[escape(columns[i], 28) for i in order],
        automargin=True,
    )
    made.update_xaxes(tickformat=".0%", range=[0, max(0.01, float(errors.max(initial=0)) / total * 1.05)])
    return made


def row_table(
    columns: Sequence[str], actual: Sequence[str], expected: Sequence[str], errors: NDArray[np.float64]
) -> pd.DataFrame:
    """One row: actual beside expected, the worst column first."""
    order = np.argsort(-errors, kind="stable")
    total = float(errors.sum()) or 1.0
    return pd.DataFrame(
        {
            "column": [visible(columns[i]) for i in order],
            "actual": [visible(actual[i]) or "(empty)" for i in order],
            "expected": [
                expected[i] if actual[i] or not expected[i] else f"a value, like {expected[i]}" for i in order
            ],
            "share": [f"{errors[i] / total:.1%}" for i in order],
        }
    )
