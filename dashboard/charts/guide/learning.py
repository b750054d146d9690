"""Figures of how one run learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.results import Metric
from dashboard import words
from dashboard.charts import theme
from dashboard.charts.guide.drawn import Drawn
from dashboard.charts.text import escape
from dashboard.charts.training import curve_table, learning_curve, mark_kept

PARTED = 1.5  # times the training loss: from here on the two have parted
EPOCH = "epoch (passes over the rows)"
TERM_COLOURS = (theme.VALIDATION, theme.FLAGGED, theme.HEALTHY, theme.CONFIRMED)


def series_of(metrics: Sequence[Metric], name: str) -> pd.Series:
    """One measure by epoch; empty where it was not kept."""
    found = {metric.epoch: metric.value for metric in metrics if metric.name == name}
    return pd.Series(found, dtype=float).sort_index()


def losses(metrics: Sequence[Metric], best: int) -> Drawn:
    """Both losses by epoch, with the epoch that was kept."""
    last = max((metric.epoch for metric in metrics), default=best)
    after = last - best
    said = f"The {words.which_weights(best)} were kept"
    said += f"; {after:,} more brought nothing better." if after > 0 else ", the last one: more might help."
    return Drawn(learning_curve(metrics, best), curve_table(metrics), said)


def gap(metrics: Sequence[Metric], best: int) -> Drawn | None:
    """How many times the training loss the validation loss is, by epoch; how far above it where a loss is below 0. None
    without rows to validate on."""
    frame = pd.DataFrame(
        {"training": series_of(metrics, "train"), "validation": series_of(metrics, "validation")}
    ).dropna()
    if frame.empty:
        return None
    by_ratio = bool((frame > 0).all(axis=None))
    apart = frame["validation"] / frame["training"] if by_ratio else frame["validation"] - frame["training"]
    what = "validation loss, in times the training loss" if by_ratio else "validation loss above training loss"
    made = theme.figure("Where training and validation part", EPOCH, what)
    made.add_scatter(
        x=apart.index, y=apart, mode="lines", line={"color": theme.VALIDATION}, showlegend=False,
        hovertemplate="epoch %{x}: %{y:.3g}<extra></extra>",
    )  # fmt: skip
    made.add_hline(y=1 if by_ratio else 0, line_dash="dash", line_color=theme.GREY)
    mark_kept(made, best)
    table = frame.assign(**{what: apart}).rename_axis("epoch").reset_index()
    return Drawn(made, table, _in_words(apart, best, by_ratio))


def _in_words(apart: pd.Series, best: int, by_ratio: bool) -> str:
    now = float(apart.get(best, apart.iloc[-1]))
    if not by_ratio:
        return f"At the epoch that was kept the validation loss is {now:+.3g} beside the training loss."
    parted = apart[apart >= PARTED]
    said = f"At the epoch that was kept, the validation loss is {now:.2f} times the training loss."
    if parted.empty:
        return f"{said} The two never part by more than half."
    return f"{said} From epoch {int(parted.index[0]):,} on it was {PARTED:g} times it or more."


def range_test(rates: Sequence[float], found: Sequence[float], taken: float) -> Drawn:
    """The loss at each rate that was tried, with the one that was taken."""
    table = pd.DataFrame({"learning rate": rates, "loss": found})
    table = table[np.isfinite(table["loss"]) & (table["learning rate"] > 0)]
    made = theme.figure("Range test: the loss while the rate is raised", "learning rate (log scale)", "loss")
    made.add_scatter(
        x=table["learning rate"], y=table["loss"], mode="lines", line={"color": theme.VALIDATION}, showlegend=False,
        hovertemplate="rate %{x:.3g}: loss %{y:.4g}<extra></extra>",
    )  # fmt: skip
    made.add_vline(x=taken, line_dash="dash", line_color=theme.FLAGGED)
    made.add_annotation(
        x=np.log10(taken), y=1, yref="paper", text=f"taken: {taken:.2g}", showarrow=False, xanchor="left", yanchor="top"
    )
    if len(table):
        # What shoots up beyond would leave the fall no room.
        first, least = float(table["loss"].iloc[0]), float(table["loss"].min())
        if first > least:
            made.update_yaxes(range=[least - 0.15 * (first - least), first + 0.6 * (first - least)])
    low, high = (
        (float(table["learning rate"].min()), float(table["learning rate"].max())) if len(table) else (1e-6, 1.0)
    )
    ticks = [10.0**power for power in range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)]
    made.update_xaxes(type="log", tickmode="array", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    return Drawn(
        made, table.reset_index(drop=True), f"This run took a rate of {taken:.2g}, where the loss falls fastest."
    )


def rates(metrics: Sequence[Metric], asked: float) -> Drawn:
    """The rate of each epoch; the one that was asked for where it was not kept."""
    found = series_of(metrics, "learning rate")
    kept = not found.empty
    if not kept:
        last = max((metric.epoch for metric in metrics), default=1)
        found = pd.Series({1: asked, last: asked}, dtype=float)
    made = theme.figure("Learning rate by epoch", EPOCH, "learning rate")
    made.add_scatter(
        x=found.index, y=found, mode="lines", line={"color": theme.VALIDATION}, showlegend=False,
        hovertemplate="epoch %{x}: %{y:.3g}<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(rangemode="tozero")
    words = "This run had no range test. Tick “Find the learning rate for me” on Train to have one made."
    if not kept:
        words += " It is older than the keeping of rates; the line is the rate that was asked for."
    return Drawn(made, found.rename_axis("epoch").rename("learning rate").reset_index(), words)


def measure(
    metrics: Sequence[Metric], name: str, title: str, y: str, *, line: float = 0.0, line_is: str = ""
) -> Drawn | None:
    """One measure by epoch, with a level drawn where it is above 0. None where it was not kept."""
    found = series_of(metrics, name)
    if found.empty:
        return None
    made = theme.figure(title, EPOCH, y)
    made.add_scatter(
        x=found.index, y=found, mode="lines+markers" if len(found) < 30 else "lines", line={"color": theme.VALIDATION},
        showlegend=False, hovertemplate="epoch %{x}: %{y:.3g}<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(rangemode="tozero")
    words = ""
    if line and line <= 4 * float(found.max()):
        made.add_hline(y=line, line_dash="dash", line_color=theme.FLAGGED, annotation_text=line_is)
    elif line:
        words = f"The {line_is} is {line:g}, far above all of it: nothing was cut."
    return Drawn(made, found.rename_axis("epoch").rename(name).reset_index(), words)


def terms(metrics: Sequence[Metric]) -> Drawn | None:
    """The terms of the training loss by epoch; None where there is only one."""
    names = sorted({metric.name for metric in metrics if metric.name.startswith("train ")})
    if not names:
        return None
    made = theme.figure("Terms of the training loss by epoch", EPOCH, "loss term")
    columns: dict[str, Any] = {}
    for i, name in enumerate(names):
        found = series_of(metrics, name)
        word = name.removeprefix("train ")
        columns[word] = found
        made.add_scatter(
            x=found.index, y=found, mode="lines", name=escape(word, 40),
            line={"color": TERM_COLOURS[i % len(TERM_COLOURS)], "dash": ("solid", "dash", "dot")[i % 3]},
        )  # fmt: skip
    return Drawn(
        made, pd.DataFrame(columns).rename_axis("epoch").reset_index(), "Each with the weight that it has in the loss."
    )


def stages(found: Sequence[dict[str, Any]]) -> Drawn:
    """Of a training level by level: the loss at the beginning and at the best of each stage."""
    names = [str(stage["name"]) for stage in found]
    made = theme.figure("What each stage brought", "stage", "loss")
    for word, colour in (("first", theme.HEALTHY), ("best", theme.VALIDATION)):
        made.add_bar(
            x=[escape(name, 30) for name in names], y=[stage[word] for stage in found], name=f"{word} epoch of the stage",
            marker_color=colour,
        )  # fmt: skip
    table = pd.DataFrame(
        {"stage": names, "epochs": [s["epochs"] for s in found], "first": [s["first"] for s in found],
         "best": [s["best"] for s in found]}
    )  # fmt: skip
    return Drawn(made, table, "Losses of different stages compare different things; look at the fall within each.")


def time(training: float, all_: float) -> Drawn:
    """How a run's seconds were spent."""
    parts = {"training": training, "reading, scoring and all else": max(0.0, all_ - training)}
    made = theme.figure("How the time of this run was spent", "seconds", "", height=260)
    made.add_bar(
        x=list(parts.values()), y=list(parts), orientation="h", marker_color=[theme.VALIDATION, theme.HEALTHY],
        hovertemplate="%{y}: %{x:.2f} s<extra></extra>",
    )  # fmt: skip
    made.update_yaxes(automargin=True)
    return Drawn(made, pd.DataFrame({"part": list(parts), "seconds": list(parts.values())}))
