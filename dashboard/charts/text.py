"""The one escape for text inside Plotly: titles, labels and hovers take HTML-like tags, links and MathJax."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable

LONGEST = 120
NARROW = 28  # letters of a chart's title in a third of the page
LONGEST_CELL = 1_000


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


def shortened(text: str, longest: int = LONGEST_CELL) -> str:
    """A cell as a table shows it: a text of a megabyte by its beginning."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def headings(names: Iterable[str]) -> list[str]:
    """Names as a table's headings, or as the entries of a box: visible, and told apart where they then look the same.

    The browser knows a heading, and what was chosen in a box, by its text alone.
    """
    out: dict[str, None] = {}
    for name in names:
        shown = visible(name)
        numbered = (f"{shown} ({i})" for i in itertools.count(2))
        out[shown if shown not in out else next(other for other in numbered if other not in out)] = None
    return list(out)


def escape(text: object, longest: int = LONGEST) -> str:
    """Text that Plotly shows as typed."""
    shown = visible(str(text))
    if len(shown) > longest:
        shown = shown[: longest - 1] + "…"
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("$", "&#36;"), ("%{", "%&#123;")):
        shown = shown.replace(raw, safe)
    return shown
