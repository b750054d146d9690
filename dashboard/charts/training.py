"""Charts of a network and its training: the hourglass, the live curve, the finished curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.results import Metric, Strip
from core.specs import Plan
from dashboard.charts import theme
from dashboard.charts.text import escape

SMALL = 150  # pixels high, with its axis
FEW_DIGITS = {"format": ".4~g", "tickCount": 3}
BEYOND = 0.25  # of the span of the windows as they are, to which a rebuilt one is drawn beyond it
NAMES = {"train": "training", "validation": "validation"}


@dataclass(frozen=True)
class Small:
    """One of several small charts that stand side by side: data and Vega-Lite spec."""

    name: str
    frame: pd.DataFrame
    spec: dict[str, Any]


MOST_LABELS = 7  # layers that can each be written at
FEW_EPOCHS = 10  # up to which each has a tick: there is no epoch 1.5


def hourglass(plan: Plan) -> go.Figure:
    """The network as a row of layers, each as tall as it is wide in units (square-root scale)."""
    count = len(plan.widths)
    title = "The network"  # in two lines, for a phone is narrow
    said = f"about {plan.parameters:,} parameters, bottleneck of {plan.latent:,}"
    if plan.members > 1:
        said += f", {plan.members} times"
    made = theme.figure(f"{title}<br><span style='font-size:13px'>{said}</span>", "", "", height=280)
    widest = max(plan.widths)
    heights = [max(0.06, (width / widest) ** 0.5) for width in plan.widths]
    for i in range(count - 1):
        made.add_scatter(
            x=[i + 0.12, i + 0.88, i + 0.88, i + 0.12, i + 0.12],
            y=[heights[i], heights[i + 1], -heights[i + 1], -heights[i], heights[i]],
            fill="toself",
            mode="none",
            fillcolor="rgba(128,128,128,0.18)",
            hoverinfo="skip",
            showlegend=False,
        )
    middle = count // 2
    words = ["input", *["hidden"] * (count - 2), "output"]
    words[middle] = "bottleneck" if count > 2 else words[middle]
    # All of many would lie over each other; the others say it under the pointer.
    named = range(count) if count <= MOST_LABELS else (0, middle, count - 1)
    made.add_bar(
        x=list(range(count)),
        y=[2 * height for height in heights],
        base=[-height for height in heights],
        width=0.24,
        marker_color=[theme.FLAGGED if i == middle else theme.HEALTHY for i in range(count)],
        customdata=[(word, width) for word, width in zip(words, plan.widths, strict=True)],
        hovertemplate="%{customdata[0]}: %{customdata[1]:,} units<extra></extra>",
        showlegend=False,
    )
    made.update_xaxes(
        tickmode="array",
        tickvals=list(named),
        ticktext=[f"{'' if words[i] == 'hidden' else words[i]}<br>{plan.widths[i]:,}" for i in named],
        tickangle=0,
        ticklabeloverflow="allow",
        showgrid=False,
        fixedrange=True,
    )
    made.update_yaxes(visible=False, range=[-1.1, 1.1], fixedrange=True)
    made.update_layout(bargap=0, margin={"l": 10, "r": 10, "t": 64, "b": 48})
    return made


def _losses(metrics: Sequence[Metric]) -> pd.DataFrame:
    """The two curves that are always there: a row an epoch and curve."""
    return pd.DataFrame(
        [(m.epoch, NAMES[m.name], m.value) for m in metrics if m.name in NAMES], columns=["epoch", "curve", "loss"]
    )


def curve_table(metrics: Sequence[Metric]) -> pd.DataFrame:
    """Losses by epoch: one column a curve."""
    frame = _losses(metrics)
    return frame.pivot_table(index="epoch", columns="curve", values="loss").reset_index()


SIDES = {"training": theme.TRAIN, "validation": theme.VALIDATION}


def _coloured(field: str, colours: dict[str, str]) -> dict[str, Any]:
    """Vega-Lite's encoding of what a field's values are drawn in, with the legend above."""
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {"orient": "top"},
    }


def live_curve(metrics: Sequence[Metric]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Data and Vega-Lite spec of the curve while it grows."""
    frame = _losses(metrics)
    logarithmic = bool((frame["loss"] > 0).all())
    # A short logarithmic axis has no power of ten to write at, so that all that is written is said here.
    ticks = theme.ticks_within(frame["loss"].min(), frame["loss"].max()) if logarithmic else []
    written = {"values": ticks, "labelExpr": "format(datum.value, ',.6~g')"} if logarithmic else {}
    spec = {
        "mark": {"type": "line", "point": len(frame) < 60, "clip": True},
        "height": 260,
        "encoding": {
            "x": {"field": "epoch", "type": "quantitative", "title": "epoch", "axis": {"tickMinStep": 1}},
            "y": {
                "field": "loss",
                "type": "quantitative",
                "title": "loss (log scale)" if logarithmic else "loss",
                "axis": written,
                "scale": {"type": "log" if logarithmic else "linear", "zero": False, "nice": False, "padding": 8},
            },
            "color": _coloured("curve", SIDES),
        },
    }
    return frame, spec


def live_measures(metrics: Sequence[Metric]) -> list[Small]:
    """What else is measured by epoch, a small chart each: the parts of the loss where there are several, learning rate,
    gradient norm, share of the code in use. In the colours of the curve, whose legend stands for all."""
    frame = pd.DataFrame(
        [
            (
                m.epoch,
                m.name.removeprefix("train ").removeprefix("validation "),
                _side(m.name),
                float(f"{m.value:.4g}"),  # what moves in the eighth digit is drawn as standing still
            )
            for m in metrics
            if m.name not in NAMES and m.name != "stage"
        ],
        columns=["epoch", "measure", "curve", "value"],
    )
    return [
        Small(
            measure,
            frame[frame["measure"] == measure].drop(columns="measure"),
            {
                "height": SMALL,
                "mark": {"type": "line", "clip": True},
                "encoding": {
                    "x": {"field": "epoch", "type": "quantitative", "title": "epoch", "axis": {"tickMinStep": 1}},
                    "y": {
                        "field": "value",
                        "type": "quantitative",
                        "title": None,
                        "axis": FEW_DIGITS,
                        "scale": {"zero": False},
                    },
                    "color": {**_coloured("curve", SIDES), "legend": None},
                },
            },
        )
        for measure in dict.fromkeys(frame["measure"])
    ]


def _side(name: str) -> str:
    return "validation" if name.startswith("validation ") else "training"


def measures_table(metrics: Sequence[Metric]) -> pd.DataFrame:
    """The same by epoch: one column a measure."""
    frame = pd.DataFrame([(m.epoch, m.name, m.value) for m in metrics], columns=["epoch", "measure", "value"])
    return frame.pivot_table(index="epoch", columns="measure", values="value").reset_index()


def stages_table(stages: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """What each stage of a training level by level brought: the loss at its first epoch and at its best."""
    return pd.DataFrame(
        [
            (
                stage["name"],
                stage["epochs"],
                f"{stage['first']:.4g}",
                f"{stage['best']:.4g}",
                f"{100 * (1 - stage['best'] / stage['first']):.0f}%" if stage["first"] > 0 else "",
            )
            for stage in stages
        ],
        columns=["stage", "epochs", "loss at its first epoch", "best loss", "gain"],
    )


def windows_beside(strip: Strip) -> list[Small]:
    """Some windows of one channel, as they are and as rebuilt, a small chart each; all on one scale, which is that of the
    windows as they are and so does not change while the network learns."""
    low, high = (bound(map(bound, strip.actual)) for bound in (min, max))
    beyond = BEYOND * ((high - low) or 1.0)
    colours = {"as it is": theme.HEALTHY, "rebuilt": theme.VALIDATION}
    out = []
    for number, (actual, expected) in enumerate(zip(strip.actual, strip.expected, strict=True), start=1):
        lines = (("as it is", actual), ("rebuilt", expected))
        rows = [(step, line, value) for line, values in lines for step, value in enumerate(values)]
        spec = {
            "height": SMALL,
            "mark": {"type": "line", "clip": True},
            "encoding": {
                "x": {"field": "step", "type": "quantitative", "title": "step"},
                "y": {
                    "field": "value",
                    "type": "quantitative",
                    "title": "in its spreads",
                    "axis": FEW_DIGITS,
                    "scale": {"domain": [low - beyond, high + beyond]},
                },
                "color": {**_coloured("line", colours), "legend": None},
            },
        }
        out.append(Small(f"window {number}", pd.DataFrame(rows, columns=["step", "line", "value"]), spec))
    return out


def range_test_curve(rates: Sequence[float], losses: Sequence[float], taken: float) -> go.Figure:
    """The learning-rate range test, with the rate that was taken."""
    made = theme.figure("Loss at rising learning rates", "learning rate (log scale)", "loss (running mean)")
    made.add_scatter(x=list(rates), y=list(losses), mode="lines", line={"color": theme.TRAIN}, name="loss")
    made.update_xaxes(type="log")
    made.add_vline(x=taken, line_dash="dot", line_color=theme.GREY, annotation_text=f"taken: {taken:g}")
    middle = sorted(losses)[len(losses) // 2]
    made.update_yaxes(range=[min(losses) - 0.1 * abs(middle), max(losses[0], middle) * 1.5])
    return made


def learning_curve(metrics: Sequence[Metric], best_epoch: int) -> go.Figure:
    """The finished curve, with the epoch whose weights were kept."""
    losses = [metric.value for metric in metrics if metric.name in NAMES]
    logarithmic = bool(losses) and min(losses) > 0  # a likelihood's loss may be below 0
    made = theme.figure("Loss by epoch", "epoch (passes over the rows)", "loss (log scale)" if logarithmic else "loss")
    for name, colour in (("train", theme.TRAIN), ("validation", theme.VALIDATION)):
        points = [metric for metric in metrics if metric.name == name]
        if points:
            made.add_scatter(
                x=[point.epoch for point in points],
                y=[point.value for point in points],
                name=NAMES[name],
                mode="lines" if len(points) > 1 else "markers",
                line={"color": colour},
            )
    mark_kept(made, best_epoch)
    if logarithmic:
        made.update_yaxes(type="log", **theme.log_ticks(min(losses), max(losses)))
    return _with_whole_epochs(made, max((metric.epoch for metric in metrics), default=0))


def mark_kept(made: go.Figure, best: int) -> None:
    """A line at the epoch whose weights were kept."""
    made.add_vline(
        x=best,
        line_dash="dot",
        line_color=theme.GREY,
        annotation_text=f"kept: epoch {best}" if best else "kept: as it began",
    )


def _with_whole_epochs(made: go.Figure, epochs: int) -> go.Figure:
    return made.update_xaxes(dtick=1) if epochs <= FEW_EPOCHS else made


# What a loss of several parts says of the reconstruction alone; of one part it is the loss itself.
RECONSTRUCTION = ("validation reconstruction", "validation", "train reconstruction", "train")


def curves_side_by_side(
    runs: dict[str, Sequence[Metric]], loss: str = "", names: Sequence[str] | None = None
) -> go.Figure:
    """One curve a run by name, all of the reconstruction alone, whatever else a run's loss has: on rows held back where there
    are some, else on those that it learned from. loss: what it is, where there are runs with others;
    names: of all those runs, so that each has its colour in every chart."""
    colours = {name: theme.SERIES[i % len(theme.SERIES)] for i, name in enumerate(names or runs)}
    of = f" ({loss})" if loss else ""
    made = theme.figure(f"Reconstruction loss by epoch, run by run{of}", "epoch (passes over the rows)", "loss")
    values: list[float] = []
    for name, metrics in runs.items():
        there = {metric.name for metric in metrics}
        shown = next((each for each in RECONSTRUCTION if each in there), "train")
        points = [metric for metric in metrics if metric.name == shown]
        values += [point.value for point in points]
        made.add_scatter(
            x=[point.epoch for point in points],
            y=[point.value for point in points],
            name=escape(name),
            mode="lines",
            line={"color": colours[name]},
        )
    if values and min(values) > 0:
        made.update_yaxes(type="log", title="loss (log scale)", **theme.log_ticks(min(values), max(values)))
    return _with_whole_epochs(made, max((metric.epoch for metrics in runs.values() for metric in metrics), default=0))
