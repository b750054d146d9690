"""Which runs flag which rows together."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.scoring.agreement import Pattern
from dashboard.charts import theme
from dashboard.charts.text import escape, shortened, visible

MOST = 12


def overlap_bars(found: Sequence[Pattern], item: str) -> go.Figure:
    """A bar for each set of runs that flag rows together and alone, the most first; the rest is in the table."""
    shown = list(found[:MOST])
    more = f" (the {MOST} largest of {len(found):,} sets)" if len(found) > MOST else ""
    made = theme.figure(f"Who flags the same {item}s{more}", f"{item}s", "", height=120 + 30 * len(shown))
    names = [escape(" + ".join(shortened(name, 30) for name in each.flagged_by), 90) for each in shown]
    several = [len(each.flagged_by) > 1 for each in shown]
    made.add_bar(
        x=[each.rows for each in shown],
        y=[f"{name}{'' if many else ' alone'}" for name, many in zip(names, several, strict=True)],
        orientation="h",
        marker_color=[theme.FLAGGED if many else theme.HEALTHY for many in several],
        text=[f"{each.rows:,}" for each in shown],
        hovertemplate="%{x:,}<extra></extra>",
    )
    made.update_yaxes(autorange="reversed", automargin=True)
    return made


def overlap_table(found: Sequence[Pattern], item: str) -> pd.DataFrame:
    """All of them."""
    return pd.DataFrame(
        {
            "flagged by": [visible(", ".join(each.flagged_by)) for each in found],
            f"{item}s": [each.rows for each in found],
        }
    )
