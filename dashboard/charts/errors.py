"""Charts of reconstruction errors: all rows, worst rows by column, one row; each with its table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from dashboard.charts import theme
from dashboard.charts.text import escape, headings, visible

BINS = 60
COLUMNS = 40


def _bins(scores: NDArray[np.float64], log: bool) -> NDArray[np.float64]:
    low, high = float(scores.min()), float(scores.max())
    if high <= low:
        return np.asarray([low - 0.5 * (abs(low) or 1), low + 0.5 * (abs(low) or 1)])
    if log:
        positive = scores[scores > 0]
        start = max(float(positive.min()), high * 1e-9) if len(positive) else high
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


def error_heatmap(errors: NDArray[np.float32], columns: Sequence[str], labels: Sequence[str]) -> go.Figure:
    """Rows × source columns: each column's part of the row's score, (R, C), the strongest 40 columns."""
    keep = _strongest(errors, COLUMNS)
    more = f" (the {COLUMNS} strongest of {len(columns)} columns)" if len(columns) > COLUMNS else ""
    names = [escape(columns[i], 40) for i in keep]
    shares = errors[:, keep] / np.maximum(errors.sum(axis=1, keepdims=True), 1e-30)
    made = theme.figure(
        "Which columns make each row strange" + more, "source column", "row", height=max(320, 22 * len(labels) + 160)
    )
    made.add_heatmap(
        z=shares,
        x=list(range(len(keep))),
        y=[escape(label, 30) for label in labels],
        customdata=np.broadcast_to(np.asarray(names, object), shares.shape),
        colorscale=theme.SEQUENTIAL,
        zmin=0,
        zmax=max(float(shares.max(initial=0)), 1e-9),
        colorbar={"title": "share of<br>row's score", "tickformat": ".0%"},
        hovertemplate="%{y}<br>%{customdata}<br>%{z:.1%} of its score<extra></extra>",
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


def error_heatmap_table(errors: NDArray[np.float32], columns: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
    """The same numbers: each column's part of the score."""
    keep = _strongest(errors, COLUMNS)
    return pd.DataFrame(errors[:, keep], columns=headings(columns[i] for i in keep), index=pd.Index(labels, name="row"))


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
