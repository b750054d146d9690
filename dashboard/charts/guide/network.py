"""Figures of a network's shape, and of what a code of some width keeps."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.specs import Plan
from core.words import count as counted
from core.words import so_many
from dashboard.charts import theme
from dashboard.charts.guide.drawn import Drawn
from dashboard.charts.training import hourglass
from dashboard.words import compression, percent

BYTES = 4  # of a single number
OWN = "this run's network"


def network(plan: Plan) -> Drawn:
    """The hourglass."""
    table = pd.DataFrame({"layer": range(1, len(plan.widths) + 1), "units": plan.widths})
    return Drawn(
        hourglass(plan), table,
        f"{so_many(plan.widths[0], 'number', 'goes', 'go')} in, {plan.bottleneck:,} {'passes' if plan.bottleneck == 1 else 'pass'} "
        f"the narrowest place, {plan.widths[-1]:,} {'comes' if plan.widths[-1] == 1 else 'come'} out.",
    )  # fmt: skip


def widths(
    by_width: Sequence[tuple[int, float]],
    means: float | None,
    own: tuple[int, float] | None,
    pca: float | None,
    *,
    numbers_only: bool,
) -> Drawn | None:
    """Error on held-back rows of PCAs that keep so many numbers; the run's own network and a PCA of its width as points.

    means: of giving each column's mean. numbers_only: whether the points are measured on fewer columns than the line.
    """
    if not by_width:
        return None
    at, found = [width for width, _ in by_width], [error for _, error in by_width]
    made = theme.figure(
        "What a code of so many numbers keeps",
        "numbers that are kept (log scale)",
        "mean squared error, held-back rows",
    )
    kept = [1 - error / means if means else float("nan") for error in found]
    made.add_scatter(
        x=at, y=found, mode="lines+markers", name="PCA", line={"color": theme.HEALTHY}, customdata=kept,
        hovertemplate="%{x} numbers: error %{y:.4g}" + (", keeps %{customdata:.0%}" if means else "") + "<extra></extra>",
    )  # fmt: skip
    if means:
        made.add_hline(
            y=means, line_dash="dash", line_color=theme.GREY, annotation_text="nothing kept: every column's mean"
        )
    if own:
        made.add_scatter(
            x=[own[0]], y=[own[1]], mode="markers", name="this run's network", marker={"color": theme.FLAGGED, "size": 12},
            hovertemplate="this run, %{x} numbers: error %{y:.4g}<extra></extra>",
        )  # fmt: skip
        if pca is not None:
            made.add_scatter(
                x=[own[0]], y=[pca], mode="markers", name="PCA of its width",
                marker={"color": theme.VALIDATION, "size": 11, "symbol": "circle-open", "line": {"width": 2}},
                hovertemplate="PCA, %{x} numbers: error %{y:.4g}<extra></extra>",
            )  # fmt: skip
    ticks = at if len(at) <= 9 else at[::2]
    made.update_xaxes(type="log", tickmode="array", tickvals=ticks, ticktext=[f"{tick:,}" for tick in ticks])
    made.update_yaxes(rangemode="tozero")
    table = pd.DataFrame({"numbers kept": at, "error of a PCA": found, "share kept": kept})
    return Drawn(made, table, _in_words(at, kept, bool(means), numbers_only and own is not None))


def _in_words(at: list[int], kept: list[float], known: bool, apart: bool) -> str:
    words = ""
    if known:
        told = [f"{width:,} {'number' if width == 1 else 'numbers'} {percent(share)}"
                for width, share in zip(at, kept, strict=True) if width in (1, 2, 4, 8)]  # fmt: skip
        words = f"Of what the columns vary by, a PCA code keeps: {', '.join(told)}." if told else ""
    if apart:
        words += " The two points are measured on the number columns only, the line on all that are compared by squared error."
    return words.strip()


def beside_pca(
    network: float | None, pca: float | None, means: float | None, *, numbers_only: bool = False
) -> Drawn | None:
    """The run's error beside that of knowing nothing and that of a PCA. None where it was not measured.

    numbers_only: whether network and PCA are measured on fewer columns than the means.
    """
    bars = {"every column's mean": means, "PCA of equal width": pca, OWN: network}
    known = {name: error for name, error in bars.items() if error is not None}
    if OWN not in known or len(known) < 2:
        return None
    made = theme.figure("The run's error beside two others", "mean squared error, held-back rows", "", height=280)
    colours = {"every column's mean": theme.HEALTHY, "PCA of equal width": theme.VALIDATION}
    made.add_bar(
        x=list(known.values()), y=list(known), orientation="h",
        marker_color=[colours.get(name, theme.FLAGGED) for name in known], hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(automargin=True)
    words = ""
    if means:
        words = f"The network's error is {percent(known[OWN] / means)} of that of the means."
        if numbers_only:
            words += (
                " (Both others are measured on number columns, the means on all that are compared by squared error.)"
            )
    return Drawn(made, pd.DataFrame({"what": list(known), "mean squared error": list(known.values())}), words)


def weights(plan: Plan) -> Drawn:
    """Numbers at each layer, so that it shows where the network is large."""
    count, middle = len(plan.widths), len(plan.widths) // 2
    names = ["input", *[f"hidden {i}" for i in range(1, count - 1)], "output"]
    names[middle] = "bottleneck" if count > 2 else names[middle]
    made = theme.figure("Units of each layer", "layer", "units")
    made.add_bar(
        x=list(range(count)), y=list(plan.widths),
        marker_color=[theme.FLAGGED if i == middle else theme.HEALTHY for i in range(count)], customdata=names,
        hovertemplate="%{customdata}: %{y:,} units<extra></extra>",
    )  # fmt: skip
    made.update_xaxes(tickmode="array", tickvals=list(range(count)), ticktext=names, tickangle=-45)
    table = pd.DataFrame({"layer": names, "units": plan.widths})
    words = f"{count - 1} steps from layer to layer, about {plan.parameters:,} parameters in all."
    return Drawn(made, table, words)


def sizes(inputs: int, kept: int, item: str) -> Drawn:
    """What goes in and what is kept, in numbers and bytes."""
    made = theme.figure(f"What is kept of one {item}", "numbers", "", height=240)
    made.add_bar(
        x=[inputs, kept], y=["goes in", "is kept"], orientation="h", marker_color=[theme.HEALTHY, theme.FLAGGED],
        hovertemplate="%{y}: %{x:,} numbers<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(automargin=True, autorange="reversed")
    table = pd.DataFrame(
        {"": ["goes in", "is kept"], "numbers": [inputs, kept], "bytes, at 4 each": [inputs * BYTES, kept * BYTES]}
    )
    words = f"{counted(inputs, 'number')} or {inputs * BYTES:,} bytes become {kept:,} or {kept * BYTES:,}: {compression(inputs, kept)}."
    return Drawn(made, table, words)
