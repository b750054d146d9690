"""Detectors beside each other on a label: AUROC, average precision and precision at a budget with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.results import Estimate, Evaluation
from dashboard.charts import theme
from dashboard.charts.text import escape


def evaluation_intervals(evaluations: Sequence[Evaluation]) -> go.Figure:
    """A dot and its 95 % interval a detector, for each figure."""
    made = theme.figure(
        "How well each detector finds the labelled anomalies", "figure, with 95 % interval", "", height=300
    )
    for name, attribute, colour, shift in (
        ("AUROC", "auroc", theme.UNSURE, 0.22),
        ("average precision", "average_precision", theme.FLAGGED, 0.0),
        (f"anomalies among the {evaluations[0].budget:,} strangest", "precision", theme.HEALTHY, -0.22),
    ):
        found: list[Estimate | None] = [getattr(item, attribute) for item in evaluations]
        if any(figure is None for figure in found):  # of a run from before there was that figure
            continue
        made.add_scatter(
            x=[figure.value for figure in found],
            y=[len(found) - 1 - i + shift for i in range(len(found))],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 10},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [figure.high - figure.value for figure in found],
                "arrayminus": [figure.value - figure.low for figure in found],
            },
            customdata=[
                (escape(item.detector), figure.low, figure.high)
                for item, figure in zip(evaluations, found, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>%{x:.3f} (%{customdata[1]:.3f} to %{customdata[2]:.3f})<extra></extra>",
        )
    made.update_yaxes(
        tickmode="array",
        tickvals=[len(evaluations) - 1 - i for i in range(len(evaluations))],
        ticktext=[escape(item.detector) for item in evaluations],
    )
    made.update_xaxes(range=[0, 1.02])
    return made
