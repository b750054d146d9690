"""A page's view as one HTML file: charts with their code inside, tables as text, no request to anywhere."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio

from dashboard.charts.text import visible

STYLE = """
body { font: 15px/1.5 sans-serif; margin: 2rem auto; max-width: 1100px; padding: 0 1rem; color: #1f2733; }
table { border-collapse: collapse; font-size: 13px; } th, td { border: 1px solid #d5dbe3; padding: 3px 7px; text-align: left; }
.wide { overflow-x: auto; } .wall { display: flex; flex-wrap: wrap; gap: 10px; } figure { margin: 0; width: 128px; }
figcaption { font-size: 12px; overflow-wrap: anywhere; } img { width: 128px; image-rendering: pixelated; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
"""
# The charts' own code stands in the file; nothing may be loaded or sent.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; img-src data: blob:"
)


def snapshot_html(
    title: str,
    facts: Mapping[str, str],
    figures: Sequence[go.Figure],
    tables: Sequence[tuple[str, pd.DataFrame]],
    pictures: Sequence[tuple[str, bytes]] = (),
) -> str:
    """The file's text. Everything that came from data is escaped. pictures: captions and PNG files."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        f"<title>{_safe(title)}</title><style>{STYLE}</style></head><body><h1>{_safe(title)}</h1><dl>",
        *(f"<dt>{_safe(name)}</dt><dd>{_safe(value)}</dd>" for name, value in facts.items()),
        "</dl>",
    ]
    for i, figure in enumerate(figures):
        parts.append(
            pio.to_html(
                _with_room(figure),
                include_plotlyjs=i == 0,
                full_html=False,
                config={"displaylogo": False},
                div_id=f"figure{i}",
            )
        )
    if pictures:
        parts.append("<div class='wall'>")
        for caption, data in pictures:
            source = f"data:image/png;base64,{base64.b64encode(data).decode()}"
            parts.append(f"<figure><img src='{source}' alt=''><figcaption>{_safe(caption)}</figcaption></figure>")
        parts.append("</div>")
    for name, frame in tables:
        shown = frame.map(
            lambda cell: "" if cell is None else visible(f"{cell:.5g}" if isinstance(cell, float) else str(cell))
        )
        shown = shown.rename(columns=lambda column: visible(str(column)))
        parts.append(f"<h2>{_safe(name)}</h2><div class='wide'>{shown.to_html(escape=True, border=0)}</div>")
    parts.append("<p>Made by Hourglass.</p></body></html>")
    return "".join(parts)


def _with_room(figure: go.Figure) -> go.Figure:
    """The chart with room for the names at its axes, which the app's own theme would give it."""
    made = go.Figure(figure)
    made.update_xaxes(automargin=True, title_standoff=14)
    made.update_yaxes(automargin=True, title_standoff=14)
    return made


def _safe(text: str) -> str:
    return html.escape(visible(str(text)))
