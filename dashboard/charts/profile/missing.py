"""What is missing: where in the file, and which columns go missing together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.profiles import Missing
from dashboard.charts import theme
from dashboard.charts.profile.distributions import share
from dashboard.charts.text import escape, visible

LISTED = 4
# A scale as tall as it needs to be read, beside a chart of one column too.
BAR = {"thickness": 12, "lenmode": "pixels", "len": 130, "y": 1, "yanchor": "top"}


def stretches(missing: Missing, rows: int) -> go.Figure:
    """Columns × the table's rows from first to last: the part of the cells that is missing."""
    names = [escape(name, 60) for name in missing.columns]
    parts = np.asarray(missing.shares, float)
    edges = _edges(parts.shape[1], rows)
    hover = [[(name, f"{low:,}", f"{high:,}") for low, high in _ranges(edges)] for name in names]
    made = theme.figure(
        "Where cells are missing, from the first row to the last",
        "row number",
        "",
        height=max(220, 20 * len(names) + 140),
    )
    made.add_heatmap(
        z=parts,
        x=edges + 0.5,
        y=list(range(len(names))),
        customdata=hover,
        colorscale=theme.SEQUENTIAL,
        zmin=0,
        zmax=1,
        colorbar={"title": "missing", "tickformat": ".0%", **BAR},
        ygap=2,
        hovertemplate="%{customdata[0]}<br>rows %{customdata[1]} to %{customdata[2]}: %{z:.1%} missing<extra></extra>",
    )
    made.update_xaxes(showgrid=False, tickformat=",d", nticks=6)
    made.update_yaxes(**_names(missing.columns), autorange="reversed")
    return made


def stretches_table(missing: Missing, rows: int) -> pd.DataFrame:
    """The same numbers: a line a column, a column a stretch of rows."""
    parts = np.asarray(missing.shares, float)
    heads = [f"rows {low:,}–{high:,}" for low, high in _ranges(_edges(parts.shape[1], rows))]
    frame = pd.DataFrame(parts, columns=heads)
    frame.insert(0, "column", [visible(name) for name in missing.columns])
    return frame


def together(missing: Missing) -> go.Figure:
    """Columns × columns: whether they go missing in the same rows (correlation, −1 … 1)."""
    count = len(missing.columns)
    made = theme.figure(
        "Which columns go missing in the same rows", "", "", height=max(300, min(900, 22 * count + 180))
    )
    values = np.asarray([[np.nan if v is None else v for v in line] for line in missing.together], float)
    np.fill_diagonal(values, np.nan)
    names = [escape(name, 60) for name in missing.columns]
    made.add_heatmap(
        z=values,
        x=list(range(count)),
        y=list(range(count)),
        customdata=[[(first, second) for second in names] for first in names],
        colorscale=theme.AROUND_GROUND,
        zmin=-1,
        zmax=1,
        hoverongaps=False,
        colorbar={"title": "correlation", "tickvals": [-1, 0, 1], **BAR},
        xgap=1,
        ygap=1,
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>correlation %{z:.2f}<extra></extra>",
    )
    made.update_xaxes(**_names(missing.columns), tickangle=-45)
    made.update_yaxes(**_names(missing.columns), autorange="reversed")
    return made


def together_table(missing: Missing) -> pd.DataFrame:
    """The same numbers: pairs of columns, the strongest first."""
    names = [visible(name) for name in missing.columns]
    pairs = [
        (names[i], names[j], value)
        for i, line in enumerate(missing.together)
        for j, value in enumerate(line[:i])
        if value is not None
    ]
    pairs.sort(key=lambda pair: -abs(pair[2]))
    return pd.DataFrame(pairs, columns=["column", "other column", "correlation"])


def patterns_table(missing: Missing, rows: int) -> pd.DataFrame:
    """The commonest combinations of missing columns; the first line counts the rows without a gap."""
    lines = [(missing.complete, "nothing")]
    lines += [(pattern.rows, _listed(pattern.columns)) for pattern in missing.patterns if pattern.columns]
    rest = rows - sum(count for count, _ in lines)
    if rest > 0:
        lines.append((rest, "(other combinations)"))
    return pd.DataFrame(
        [(count / (rows or 1), count, listed) for count, listed in lines],
        columns=["share", "rows", "missing in the same row"],
    )


def worst(missing: Missing, counts: dict[str, int], rows: int) -> str:
    """The emptiest columns in words, as typed. counts: missing cells by column."""
    parts = [f"{name} ({share(counts[name], rows)})" for name in missing.columns[:3] if name in counts]
    return ", ".join(parts)


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(visible(name[:40]) for name in names[:LISTED])
    return f"{shown} and {len(names) - LISTED:,} more" if len(names) > LISTED else shown


def _edges(count: int, rows: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Ends of equal stretches: stretch j holds the rows after edge j, up to edge j + 1."""
    return np.floor(np.linspace(0, rows, count + 1))


def _ranges(edges: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[tuple[int, int]]:
    return [(int(low) + 1, max(int(low) + 1, int(high))) for low, high in pairwise(edges)]


def _names(names: tuple[str, ...]) -> dict[str, object]:
    """Ticks of an axis of columns."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [escape(name, 16) for name in names],
        "automargin": True,
        "showgrid": False,
    }
