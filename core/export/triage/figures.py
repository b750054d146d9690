"""Which source cells are numbers in a workbook: those that say nothing more than the number, and lose nothing by being one."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from core.datasets.parsing import parse_numbers, parsed
from core.results import Column

MOST_DIGITS = 15  # that a spreadsheet keeps
# Digits with their marks, nothing beside them: a unit or a per cent sign would be lost, leading zeros are a code's.
PLAIN = re.compile(r"([-+\u2212]?)(?!0\d)(\d[\d.,' \u00a0\u202f]*|[.,]\d+)(?:[eE][-+]?\d+)?")


def figures(column: Column, texts: Sequence[str | None]) -> list[str | int | float | None]:
    """A column's cells as they stand in a workbook: numbers where that is all that they are, text where not, None where empty."""
    if column.role == "identifier" or column.kind not in ("number", "boolean"):
        return list(texts)
    cells = np.asarray([text or "" for text in texts], object)
    values = parsed(column, cells) if column.kind == "number" else parse_numbers(cells)  # yes and no stay words
    if values is None:
        return list(texts)
    return [_figure(text, value) for text, value in zip(texts, values.tolist(), strict=True)]


def _figure(text: str | None, value: float) -> str | int | float | None:
    if text is None or not math.isfinite(value) or not (plain := PLAIN.fullmatch(text)):
        return text
    digits = _digits(plain.group(2))
    if len(digits) > MOST_DIGITS or digits != _digits(repr(value).partition("e")[0]) or (not value and plain.group(1)):
        return text
    return int(value) if value.is_integer() and abs(value) < 10**MOST_DIGITS else value


def _digits(text: str) -> str:
    """Those that count."""
    return re.sub(r"\D", "", text).strip("0")
