"""Which columns go together: all pairs as a heatmap, the strongest in words, one pair from a sample of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.profiles import Associations, Pair
from core.words import count
from dashboard.charts import theme
from dashboard.charts.profile.distributions import positions
from dashboard.charts.profile.missing import BAR
from dashboard.charts.text import escape, visible

LABELLED = 40  # columns that can have their name below the chart too
STRONGEST = 20
WEAKEST = 0.1  # below it there is nothing to look at
SIGNS = {-1: "opposite directions", 0: "", 1: "same direction"}


def strengths(associations: Associations) -> go.Figure:
    """Columns × columns: how strongly each pair goes together. Signed where all pairs have a direction."""
    names = associations.columns
    signed = bool(associations.pairs) and all(pair.measure == "rank correlation" for pair in associations.pairs)
    place = {name: i for i, name in enumerate(names)}
    values = np.full((len(names), len(names)), np.nan)
    hover = np.full((len(names), len(names)), "", object)
    for pair in associations.pairs:
        i, j = place[pair.first], place[pair.second]
        values[i, j] = values[j, i] = pair.strength * (pair.direction if signed else 1)
        hover[i, j] = hover[j, i] = "<br>".join(
            part
            for part in (
                f"{escape(pair.first, 40)}<br>{escape(pair.second, 40)}",
                f"strength {pair.strength:.2f} ({pair.measure})",
                SIGNS[pair.direction],
                count(pair.rows, "row"),
            )
            if part
        )
    made = theme.figure("How strongly columns go together", "", "", height=max(320, min(1_200, 20 * len(names) + 180)))
    made.add_heatmap(
        z=values,
        x=list(range(len(names))),
        y=list(range(len(names))),
        customdata=hover,
        colorscale=theme.AROUND_GROUND if signed else theme.SEQUENTIAL,
        zmin=-1 if signed else 0,
        zmax=1,
        hoverongaps=False,
        colorbar={"title": "strength", **BAR},
        xgap=1 if len(names) <= LABELLED else 0,
        ygap=1 if len(names) <= LABELLED else 0,
        hovertemplate="%{customdata}<extra></extra>",
    )
    labels = [escape(name, 16) for name in names]
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": labels, "showgrid": False}
    made.update_xaxes(**ticks, tickangle=-45, automargin=True, showticklabels=len(names) <= LABELLED)
    made.update_yaxes(**ticks, autorange="reversed", automargin=True, tickfont_size=12 if len(names) <= 60 else 10)
    return made


def strongest(associations: Associations, most: int = STRONGEST, least: float = WEAKEST) -> list[Pair]:
    """The pairs that go together most, the strongest first."""
    found = (pair for pair in associations.pairs if pair.strength >= least)
    return sorted(found, key=lambda pair: -pair.strength)[:most]


def pairs_table(pairs: Sequence[Pair], kinds: Mapping[str, str]) -> pd.DataFrame:
    """Pairs in words. kinds: a column's kind by its name."""
    return pd.DataFrame(
        {
            "strength": [pair.strength for pair in pairs],
            "column": [visible(pair.first) for pair in pairs],
            "other column": [visible(pair.second) for pair in pairs],
            "how": [in_words(pair, kinds) for pair in pairs],
            "rows": [pair.rows for pair in pairs],
        }
    )


def in_words(pair: Pair, kinds: Mapping[str, str]) -> str:
    """What a strength means for this pair."""
    grade = next(word for least, word in GRADES if pair.strength >= least)
    if pair.measure == "rank correlation":
        how = {1: "rise together", -1: "one rises as the other falls", 0: "no direction"}[pair.direction]
    elif pair.measure == "correlation ratio":
        number = pair.first if kinds.get(pair.first) in ("number", "datetime") else pair.second
        how = f"{visible(number[:40])} differs between the groups of the other"
    else:
        how = "groups of one go with groups of the other"
    return f"{grade}: {how}"


GRADES = ((0.9, "nearly the same"), (0.7, "strong"), (0.4, "clear"), (0.2, "weak"), (0.0, "hardly any"))


@dataclass(frozen=True)
class Axis:
    """A column of numbers or moments as it is drawn: its name, its kind, its finite values (N,), their unit."""

    name: str
    kind: str
    values: NDArray[np.float64]
    unit: str = ""

    @property
    def layout(self) -> dict[str, Any]:
        """What its axis of the chart says."""
        title = escape(self.name, 60) + (f" (in {escape(self.unit, 20)})" if self.unit else "")
        if self.kind != "datetime" or not len(self.values):
            return {"title": title}
        # Plotly's own room around the points may reach beyond the last year that it knows.
        low, high = float(self.values.min()), float(self.values.max())
        room = max(0.04 * (high - low), 86_400.0)
        return {"title": title, "type": "date", "range": positions([low - room, high + room], self.kind)}


def scatter(x: Axis, y: Axis, rows: NDArray[np.int64]) -> go.Figure:
    """Two columns of numbers, a point a row. rows: their numbers from 1."""
    made = theme.figure(_title((x.name, y.name)), "", "", height=420)
    made.add_scatter(
        x=positions(x.values, x.kind),
        y=positions(y.values, y.kind),
        mode="markers",
        marker={"size": 5, "color": theme.HEALTHY, "opacity": 0.6},
        customdata=rows,
        hovertemplate="row %{customdata:,}<br>%{x}<br>%{y}<extra></extra>",
    )
    made.update_xaxes(**x.layout)
    made.update_yaxes(**y.layout)
    return made


def boxes(groups: Mapping[str, NDArray[np.float64]], group_name: str, x: Axis) -> go.Figure:
    """A column of numbers in the groups of another. groups: the values by label, the largest group first."""
    made = theme.figure(_title((group_name, x.name)), "", escape(group_name, 60), height=34 * max(6, len(groups)) + 130)
    for i, values in enumerate(groups.values()):
        made.add_box(
            x=positions(values, x.kind),
            y=[i] * len(values),
            orientation="h",
            marker={"color": theme.HEALTHY, "size": 3},
            showlegend=False,
            hoverinfo="x",
        )
    made.update_xaxes(**x.layout)
    made.update_yaxes(**_groups(list(groups)), autorange="reversed", automargin=True)
    return made


def crossed(counts: pd.DataFrame, names: tuple[str, str]) -> go.Figure:
    """Two columns of groups: the part of each line's rows in each group of the other. counts: rows, (A, B)."""
    figures = counts.to_numpy(np.int64)
    parts = figures / np.maximum(figures.sum(axis=1, keepdims=True), 1)
    made = theme.figure(
        _title(names), escape(names[1], 60), escape(names[0], 60), height=max(300, 26 * len(counts) + 180)
    )
    rows, columns = ([escape(label, 40) for label in axis] for axis in (counts.index, counts.columns))
    made.add_heatmap(
        z=parts,
        x=list(range(len(columns))),
        y=list(range(len(rows))),
        customdata=[
            [(row, column, f"{int(figures[i, j]):,}") for j, column in enumerate(columns)] for i, row in enumerate(rows)
        ],
        colorscale=theme.SEQUENTIAL,
        zmin=0,
        zmax=1,
        colorbar={"title": "part of<br>the line", "tickformat": ".0%", **BAR},
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{z:.0%}, %{customdata[2]} rows<extra></extra>",
    )
    made.update_xaxes(**_groups(list(counts.columns)), tickangle=-45, automargin=True)
    made.update_yaxes(**_groups(list(counts.index)), automargin=True)
    made.update_yaxes(autorange="reversed")
    return made


def _title(names: tuple[str, str]) -> str:
    return f"{escape(names[0], 30)} and {escape(names[1], 30)}"


def _groups(labels: list[str]) -> dict[str, object]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": [escape(label, 20) for label in labels],
        "showgrid": False,
    }
