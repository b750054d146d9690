"""The one escape for text inside Streamlit's Markdown: labels, messages, captions."""

from __future__ import annotations

import re

from dashboard.charts.text import visible

# Everything that begins a construct of Markdown, LaTeX, a colour, an icon, an emoji or a link.
SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:@^=&/])")
ADDRESS = re.compile(r":(?=//)|www(?=\.)|@", re.IGNORECASE)
LONGEST = 300


def plain(text: str, longest: int = LONGEST) -> str:
    """Text that Streamlit's Markdown shows as typed."""
    shown = visible(text)
    if len(shown) > longest:
        shown = shown[: longest - 1] + "…"
    # Addresses become links even when they are written in entities; an invisible joiner inside keeps them text.
    shown = ADDRESS.sub(lambda match: match.group(0) + "\u2060", shown)
    # Entities rather than backslashes: those also keep Streamlit's own directives from forming.
    return SPECIAL.sub(lambda match: f"&#{ord(match.group(1))};", shown)
