"""Text cells → numbers, booleans and moments, whole columns at a time. What doesn't parse is NaN.

Work is done once for each different cell of a column, then spread over its rows. How a column's cells are written
is its `form`: “point”, “comma” or “duration” for numbers (core.datasets.numbers), a strptime format, “epoch s” or “epoch ms” for
datetimes (core.datasets.moments), the separator for multiple choice (core.datasets.levels). Under a form each cell
is read by itself, so that a row alone gives what it gives among others. What a column *is* stands in
core.datasets.kinds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.datasets.cells import Floats, Texts, distinct
from core.datasets.moments import moments
from core.datasets.numbers import numbers
from core.results import Column

TRUE = (
    "true yes y t 1 1.0 on ja j wahr oui vrai si sí sì sim да tak ano áno igen kyllä evet taip jah da ναι так ya có はい 是 有"
    " x ✓ ✔ ☑ var есть ada あり 有り 예 유 มี ใช่"
)
FALSE = (
    "false no n f 0 0.0 off nein falsch non faux não nao нет не nie ne nem ei hayır hayir nu όχι ні tidak không nee nej nei"
    " いいえ 否 无 無 yok なし 無し 아니오 아니요 무 ไม่มี ไม่ใช่"
)
TRUE_WORDS, FALSE_WORDS = frozenset(TRUE.split()), frozenset(FALSE.split())
PAIRS = (
    "true/false yes/no y/n t/f on/off 0/1 0.0/1.0 ja/nein j/n wahr/falsch oui/non vrai/faux si/no sí/no sì/no sim/não sim/nao"
    " true/0 false/1 yes/0 no/1"  # written by two hands
    " да/нет да/не так/ні ja/nee ja/nej ja/nei kyllä/ei jah/ei taip/ne ναι/όχι tak/nie áno/nie ano/ne da/ne da/nu igen/nem"
    " evet/hayır evet/hayir ya/tidak có/không はい/いいえ 是/否 有/无 有/無"
    " var/yok есть/нет ada/tidak あり/なし あり/無し 有り/無し 예/아니오 예/아니요 유/무 มี/ไม่มี ใช่/ไม่ใช่"
)
BOOLEAN_PAIRS = tuple(set(pair.split("/")) for pair in PAIRS.split())


def parse_numbers(texts: Texts) -> Floats:
    """Numbers of a column whose form is not known, with or without units; NaN where a cell is empty or no number."""
    cells = distinct(texts)
    return cells.spread(numbers(cells.values))


def parse_booleans(texts: Texts) -> Floats:
    """1, 0, or NaN where a cell is empty or neither."""
    cells = distinct(texts)
    return cells.spread(booleans(cells.values))


def parse_moments(texts: Texts) -> Floats:
    """Seconds since 1970 (UTC) under the column's one format, NaN where empty or of another format."""
    cells = distinct(texts)
    return cells.spread(moments(cells.values))


def booleans(values: Texts) -> Floats:
    """1, 0 or NaN for each of a column's different cells."""
    known = {**dict.fromkeys(TRUE_WORDS, 1.0), **dict.fromkeys(FALSE_WORDS, 0.0)}
    return np.asarray([known.get(cell.lower(), np.nan) for cell in values], np.float64)


def parsed(column: Column, values: Texts) -> Floats | None:
    """The different cells under the column's kind, form, unit and missing words; NaN where they are not of it.

    None for kinds that stay text. A column that was stored before forms were has none: it is decided from the cells.
    """
    if column.kind == "boolean":
        out = booleans(values)
    elif column.kind == "datetime":
        out = moments(values, column.form)
    elif column.kind == "number":
        out = numbers(values, column.form, column.unit) if column.form else numbers(values, unit="%")
    else:
        return None
    out[says_missing(column, values)] = np.nan
    return out


def says_missing(column: Column, values: Texts) -> NDArray[np.bool_]:
    """Which of the different cells count as missing because the column's missing words say so."""
    if not column.missing_words:
        return np.zeros(len(values), bool)
    words = frozenset(column.missing_words)
    return np.fromiter((cell in words for cell in values), bool, len(values))


__all__ = [
    "BOOLEAN_PAIRS",
    "FALSE_WORDS",
    "TRUE_WORDS",
    "Texts",
    "booleans",
    "parse_booleans",
    "parse_moments",
    "parse_numbers",
    "parsed",
    "says_missing",
]
