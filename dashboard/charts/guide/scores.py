"""Figures of rows and their scores: one row rebuilt, all scores, what a threshold flags, what others say, the data's columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from core.results import Column
from core.words import count as counted
from dashboard.charts import theme
from dashboard.charts.errors import row_shares, row_table
from dashboard.charts.guide.drawn import Drawn
from dashboard.charts.text import escape, visible

MOST = 15  # columns of a row that are drawn, those with the largest errors
POINTS = 400  # of a curve
Numbers = NDArray[np.float64]


def shares(columns: Sequence[str], errors: Numbers) -> Drawn:
    """Each column's part of one row's score."""
    total = float(errors.sum()) or 1.0
    order = np.argsort(-errors, kind="stable")
    table = pd.DataFrame(
        {"column": [visible(columns[i]) for i in order], "error": errors[order], "share": errors[order] / total}
    )
    half = int(np.searchsorted(np.cumsum(errors[order]) / total, 0.5 - 1e-12)) + 1
    return Drawn(
        row_shares(columns, errors), table,
        f"Half of it comes from {half} of {len(columns)} column{'' if len(columns) == 1 else 's'}.",
    )  # fmt: skip


def rebuilt(
    columns: Sequence[str],
    actual: Sequence[str],
    expected: Sequence[str],
    places: NDArray[np.float64],
    errors: Numbers,
    who: str,
) -> Drawn:
    """One row beside its reconstruction. places: of actual and expected between the column's least and greatest value,
    (C, 2), NaN for what is no number."""
    order = np.argsort(-errors, kind="stable")
    drawn = np.asarray([i for i in order if np.isfinite(places[i]).all()][:MOST], np.int64)[::-1]
    made = theme.figure(
        f"{who}, and what was rebuilt", "place in the column's range", "",
        height=max(260, 26 * len(drawn) + 130),
    )  # fmt: skip
    for i, at in enumerate(drawn):
        made.add_scatter(
            x=places[at],
            y=[i, i],
            mode="lines",
            line={"color": theme.GREY, "width": 1},
            showlegend=False,
            hoverinfo="skip",
        )
    for j, (name, cells, colour, symbol) in enumerate(
        (("actual", actual, theme.HEALTHY, "circle"), ("expected", expected, theme.VALIDATION, "diamond-open"))
    ):
        made.add_scatter(
            x=places[drawn, j], y=list(range(len(drawn))), mode="markers", name=name,
            marker={"size": 10, "color": colour, "symbol": symbol, "line": {"width": 2}},
            customdata=[(escape(columns[i], 60), escape(cells[i], 40)) for i in drawn],
            hovertemplate="%{customdata[0]}, " + name + ": %{customdata[1]}<extra></extra>",
        )  # fmt: skip
    made.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(drawn))),
        ticktext=[escape(columns[i], 28) for i in drawn],
        automargin=True,
    )
    made.update_xaxes(tickformat=".0%")
    left = len(columns) - len(drawn)
    words = "0 % is a column's smallest value in the data, 100 % its largest."
    words += f" Drawn are the {len(drawn)} number columns with the largest errors; the table has all." if left else ""
    return Drawn(made, row_table(columns, actual, expected, errors), words)


def picture(original: NDArray[np.uint8], made_of_it: NDArray[np.uint8], who: str) -> Drawn:
    """An image beside its reconstruction, (H, W, C) each."""
    made = make_subplots(rows=1, cols=2, subplot_titles=["original", "reconstruction"], horizontal_spacing=0.04)
    look = theme.figure(f"{who}, and what was rebuilt", "", "", height=340).layout
    made.update_layout(
        {name: look[name] for name in ("title", "height", "margin", "paper_bgcolor", "plot_bgcolor", "modebar")}
    )
    for place, image in enumerate((original, made_of_it), start=1):
        colour = np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image
        made.add_image(z=colour, row=1, col=place, hovertemplate="%{x}, %{y}: %{z}<extra></extra>")
    made.update_xaxes(visible=False)
    made.update_yaxes(visible=False)
    made.update_layout(margin={"t": 80, "l": 10, "r": 10, "b": 20})
    off = np.abs(original.astype(float) - made_of_it.astype(float))
    table = pd.DataFrame(
        {"": ["original", "reconstruction", "difference"],
         "mean brightness, 0 … 255": [float(original.mean()), float(made_of_it.mean()), float(off.mean())],
         "greatest": [float(original.max()), float(made_of_it.max()), float(off.max())]}
    )  # fmt: skip
    return Drawn(made, table, f"A pixel is off by {float(off.mean()):.1f} of 255 steps of brightness on average.")


def stretch(actual: Numbers, expected: Numbers, column: str, who: str) -> Drawn:
    """One column of a series about a row: what stands there beside what was expected, step by step."""
    made = theme.figure(f"{escape(column, 40)} about {who[:1].lower()}{who[1:]}", "step of the window", "value")
    at = np.arange(1, len(actual) + 1)
    for name, values, colour, dash in (
        ("actual", actual, theme.HEALTHY, "solid"),
        ("expected", expected, theme.VALIDATION, "dot"),
    ):
        made.add_scatter(x=at, y=values, mode="lines", name=name, line={"color": colour, "dash": dash})
    return Drawn(
        made,
        pd.DataFrame({"step": at, "actual": actual, "expected": expected}),
        "The number column with the largest errors, over the length of a window.",
    )


def scatter(actual: Numbers, expected: Numbers, column: str, item: str = "row") -> Drawn:
    """One column of some rows: what stands there against what was rebuilt."""
    known = np.isfinite(actual) & np.isfinite(expected)
    x, y = actual[known], expected[known]
    made = theme.figure(
        f"{escape(column, 40)}: in the file and rebuilt", "what stands in the file", "what was rebuilt", height=400
    )
    low, high = (float(min(x.min(), y.min())), float(max(x.max(), y.max()))) if len(x) else (0.0, 1.0)
    made.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": theme.GREY, "dash": "dash"},
        name="given back as it is",
    )
    made.add_scatter(
        x=x, y=y, mode="markers", marker={"color": theme.VALIDATION, "size": 6}, name=f"one {item}",
        hovertemplate="%{x:.5g} became %{y:.5g}<extra></extra>",
    )  # fmt: skip
    words = f"{counted(len(x), item)}, evenly spaced."
    if len(x) > 2 and x.std() > 0 and y.std() > 0:
        words += f" Correlation {float(np.corrcoef(x, y)[0, 1]):.2f}: 1 would be given back in full."
    return Drawn(made, pd.DataFrame({"in the file": x, "rebuilt": y}), words)


def percentiles(scores: Numbers, threshold: float, item: str) -> Drawn:
    """The score at each percentile."""
    at = np.unique(np.concatenate([np.linspace(0, 90, 181), np.linspace(90, 100, 201)]))
    found = np.percentile(scores, at)
    made = theme.figure(f"The score at each percentile of the {item}s", "percentile", "anomaly score")
    made.add_scatter(
        x=at, y=found, mode="lines", line={"color": theme.VALIDATION}, showlegend=False,
        hovertemplate="%{x:.1f} %% of rows score below %{y:.4g}<extra></extra>".replace("%%", "%"),
    )  # fmt: skip
    made.add_hline(
        y=threshold, line_dash="dash", line_color=theme.FLAGGED, annotation_text=f"threshold {threshold:.4g}"
    )
    shown = [0, 25, 50, 75, 90, 95, 99, 100]
    values = np.percentile(scores, shown)
    middle, top = float(values[2]), float(values[-2])
    words = f"The score at the 99th percentile is {top / middle:,.1f} times that in the middle." if middle > 0 else ""
    return Drawn(made, pd.DataFrame({"percentile": shown, "anomaly score": values}), words)


def flagged_at(scores: Numbers, threshold: float, item: str) -> Drawn:
    """How many rows are flagged at each threshold."""
    ordered = np.sort(scores)[::-1]
    keep = np.unique(np.rint(np.geomspace(1, len(ordered), min(POINTS, len(ordered)))).astype(np.int64)) - 1
    x, y = ordered[keep], keep + 1
    made = theme.figure(
        f"How many {item}s each threshold flags", "threshold (anomaly score)", f"{item}s flagged (log scale)"
    )
    made.add_scatter(
        x=x, y=y, mode="lines", line={"color": theme.VALIDATION, "shape": "hv"}, showlegend=False,
        hovertemplate=f"from %{{x:.4g}}: {item}s: %{{y:,}}<extra></extra>",
    )  # fmt: skip
    made.add_vline(x=threshold, line_dash="dash", line_color=theme.FLAGGED)
    count = int((scores >= threshold).sum())
    made.update_yaxes(type="log", **theme.log_ticks(1, max(2, len(ordered))))
    table = pd.DataFrame({"threshold": x, f"{item}s flagged": y})
    return Drawn(
        made, table.iloc[:: max(1, len(table) // 40)].reset_index(drop=True),
        f"The run's threshold of {threshold:.4g} flags {count:,} of {len(scores):,}.",
    )  # fmt: skip


def agreement(ranks: dict[str, NDArray[np.int64]], own: str) -> Drawn:
    """Of the rows that one detector flags, how many are among as many strangest of each other. ranks: of these rows, (F,)."""
    flagged = len(ranks[own])
    counts = {name: int((found <= flagged).sum()) for name, found in ranks.items() if name != own}
    made = theme.figure("Flagged rows that simpler methods find strange too", "rows", "", height=280)
    made.add_bar(
        x=list(counts.values()), y=[escape(name, 30) for name in counts], orientation="h", marker_color=theme.VALIDATION,
        hovertemplate="%{y}: %{x:,}<extra></extra>",
    )  # fmt: skip
    made.update_xaxes(range=[0, max(1, flagged) * 1.02])
    made.update_yaxes(automargin=True)
    strangest = np.stack([found for name, found in ranks.items() if name != own]) if counts else np.empty((0, flagged))
    alone = int((strangest > flagged).all(axis=0).sum()) if len(strangest) else 0
    words = f"Of {counted(flagged, 'flagged row')} {alone:,} {'is' if alone == 1 else 'are'} among the {flagged:,} strangest of no other method."
    return Drawn(made, pd.DataFrame({"method": list(counts), "also among its strangest": list(counts.values())}), words)


def kinds(columns: Sequence[Column]) -> Drawn:
    """How many columns of each kind there are, seen by the network or not."""
    seen = Counter(column.kind for column in columns if column.role == "feature")
    other = Counter(column.kind for column in columns if column.role != "feature")
    names: list[Any] = sorted(set(seen) | set(other), key=lambda kind: -(seen[kind] + other[kind]))
    made = theme.figure("Columns of the data by kind", "kind", "columns")
    for word, counts, colour in (
        ("features", seen, theme.VALIDATION),
        ("not seen by the network", other, theme.HEALTHY),
    ):
        made.add_bar(x=names, y=[counts[kind] for kind in names], name=word, marker_color=colour)
    made.update_layout(barmode="stack")
    table = pd.DataFrame(
        {"kind": names, "features": [seen[kind] for kind in names], "not seen": [other[kind] for kind in names]}
    )
    return Drawn(made, table, f"{sum(seen.values()):,} of {len(columns):,} columns are features.")


def reading(rows: int, rejected: int, mended: int) -> Drawn:
    """Rows of a file: read as they stand, mended, set aside."""
    parts = {"read as they stand": max(0, rows - mended), "mended": mended, "set aside": rejected}
    made = theme.figure("What became of the lines of the file", "rows", "", height=260)
    made.add_bar(
        x=list(parts.values()), y=list(parts), orientation="h",
        marker_color=[theme.HEALTHY, theme.VALIDATION, theme.FLAGGED], hovertemplate="%{y}: %{x:,}<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(automargin=True, autorange="reversed")
    return Drawn(made, pd.DataFrame({"what": list(parts), "rows": list(parts.values())}))
