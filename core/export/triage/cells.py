"""How a text stands in a cell of a workbook, and what a sheet holds at most. Needs no openpyxl."""

from __future__ import annotations

import re
from collections import Counter

from core.export.csv import neutralise

MOST_ROWS, MOST_COLUMNS, LONGEST = 1_048_576, 16_384, 32_767  # of a sheet, of a cell in UTF-16 units
TITLE = "About this file"  # by which the sheet is known on the way back, whatever it is called then
REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML holds them
ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # what Excel takes for a character's number
MADE = {
    "formula": "began like a formula and got a leading apostrophe, so that no spreadsheet runs them",
    "characters": "held characters that no workbook holds, shown as �",
    "cut": f"were longer than {LONGEST:,} characters and are cut, with … at their end",
}


def written(text: str, made: Counter[str] | None = None) -> str:
    """A text as it stands in a cell, before it is escaped; `made` counts what had to be done to it, by MADE."""
    made = Counter() if made is None else made
    safe = neutralise(text)
    made["formula"] += safe != text
    clean = REFUSED.sub("�", safe)
    made["characters"] += clean != safe
    clean = clean.replace("\r\n", "\n").replace("\r", "\n")  # which XML makes of them anyway
    short = _cut(clean)
    made["cut"] += short != clean
    return short


def _cut(text: str) -> str:
    if 2 * len(text) <= LONGEST:
        return text
    if len(text.encode("utf-16-le")) // 2 <= LONGEST and len(escaped(text)) <= LONGEST:
        return text
    units = text.encode("utf-16-le")[: 2 * (LONGEST - 1)]
    short = units.decode("utf-16-le", "ignore")  # half a character falls away
    while len(escaped(short)) >= LONGEST:
        short = short[: LONGEST - 1 - len(escaped(short))]
    return short + "…"


def escaped(text: str) -> str:
    """As the file holds it: _x0041_ would come out as A."""
    return ESCAPED.sub("_x005F_", text) if "_x" in text else text
