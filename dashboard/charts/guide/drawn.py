"""What each figure of the Guide is made of."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True)
class Drawn:
    """A chart, the same numbers as a table, and what is seen in plain words (no Markdown)."""

    figure: go.Figure
    table: pd.DataFrame
    words: str = ""
