"""The one escape for text inside Plotly: titles, labels and hovers take HTML-like tags, links and MathJax."""

from __future__ import annotations

import unicodedata

LONGEST = 120


def visible(text: str) -> str:
    """The text with control and direction-changing characters made visible, on one line."""
    out = []
    for character in text:
        if character in "\n\r\t":
            out.append(" ")
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            out.append("�")
        else:
            out.append(character)
    return "".join(out)


def escape(text: object, longest: int = LONGEST) -> str:
    """Text that Plotly shows as typed."""
    shown = visible(str(text))
    if len(shown) > longest:
        shown = shown[: longest - 1] + "…"
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("$", "&#36;"), ("%{", "%&#123;")):
        shown = shown.replace(raw, safe)
    return shown
