"""How well scores agree with what is known, over all thresholds, with the one that is looked at marked."""

from __future__ import annotations

import plotly.graph_objects as go

from core.scoring.workbench import Band, Confusion, Curves
from dashboard.charts import theme


def roc(curves: Curves, at: Confusion) -> go.Figure:
    """Receiver operating characteristic."""
    made = theme.figure("ROC curve", "share of the others that is flagged", "recall", height=320)
    made.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": theme.GREY}, name="by chance")
    _band(made, curves.found)
    made.add_scatter(
        x=[0, *curves.false_positive_rate],
        y=[0, *curves.recall],
        mode="lines",
        line={"color": theme.UNSURE},
        name="score",
    )
    others = at.false_positives + at.true_negatives
    _mark(made, at.false_positives / others, at.recall.value)
    return _in_shares(made)


def precision_recall(curves: Curves, at: Confusion) -> go.Figure:
    """Precision against recall; by chance it is the share of anomalies."""
    made = theme.figure("Precision and recall", "recall", "precision", height=320)
    total = at.true_positives + at.false_positives + at.false_negatives + at.true_negatives
    base = (at.true_positives + at.false_negatives) / total
    made.add_scatter(
        x=[0, 1], y=[base, base], mode="lines", line={"dash": "dot", "color": theme.GREY}, name="by chance"
    )
    _band(made, curves.right)
    made.add_scatter(x=curves.recall, y=curves.precision, mode="lines", line={"color": theme.UNSURE}, name="score")
    if at.precision is not None:
        _mark(made, at.recall.value, at.precision.value)
    return _in_shares(made)


def _band(made: go.Figure, band: Band) -> None:
    made.add_scatter(
        x=[*band.at, *band.at[::-1]],
        y=[*band.high, *band.low[::-1]],
        fill="toself",
        fillcolor=theme.UNSURE,
        opacity=0.2,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name="95 % at each place",
    )


def _mark(made: go.Figure, x: float, y: float) -> None:
    marker = {"size": 12, "color": theme.FLAGGED, "line": {"width": 2, "color": "white"}}
    made.add_scatter(x=[x], y=[y], mode="markers", marker=marker, name="this threshold")


def _in_shares(made: go.Figure) -> go.Figure:
    made.update_xaxes(range=[-0.02, 1.02], tickformat=".0%")
    made.update_yaxes(range=[-0.02, 1.05], tickformat=".0%")
    return made
