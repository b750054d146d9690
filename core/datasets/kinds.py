"""What each column is: its kind and role, with the reason in words, and how sure that is.

How cells are read stands in core.datasets.parsing and what it names; whether whole numbers are amounts or names in
core.datasets.codes and, with the table's other columns, core.datasets.doubts; what a column holds under its kind in
core.datasets.summary. A column that the cells do not settle is given its likelier kind and a question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets import codes, levels, moments, names, nearly, numbers, perhaps_label, summary
from core.datasets.cells import UNKNOWN_WORDS, Distinct, Floats, Texts, distinct, matching, say_missing
from core.datasets.doubts import Doubts
from core.datasets.marks import Marks
from core.datasets.parsing import BOOLEAN_PAIRS, FALSE_WORDS, TRUE_WORDS, parsed, says_missing
from core.datasets.witnesses import NAMES_AT_MOST
from core.errors import InputRefused
from core.results import Column, Kind

CATEGORY_LEVELS = 50
MANY_LEVELS = 1_000
MARKED_AT_MOST, MARKS = 0.5, 4  # share of numbers that a footnote may stand at, and how many different footnotes
MARKED_ROWS, MARKED_SHARE = 3, 0.01  # rows that are marked, and that are not, at least
HOUSES = 1_000  # up to there, “17b” may be a house as well as a number with a mark
FEWEST_KNOWN = 2  # different numbers or moments beside a word such as “unknown”
NEARLY_DATES, FEW_DATES = 0.9, 20  # share of a column's different cells, where there are so many
SURE = 0.8  # below it, and only there, a column has a question
LABEL_NAMES = frozenset(
    {
        *("label", "labels", "target", "class", "y"),
        *("outlier", "is_outlier", "anomaly", "is_anomaly", "abnormal", "is_abnormal"),
        *("fault", "faulty", "is_fault", "is_faulty", "defect", "defective", "is_defect", "is_defective"),
        *("fraud", "is_fraud", "failure", "is_failure", "attack", "is_attack"),
    }
)
IDENTIFIER_NAME = re.compile(r"(^|[_ .-])(id|uuid|guid|key)$|^(id|ID|Id|uuid|guid)([_ .-]|$)|[a-z](ID|Id|Key)$")
CODED = re.compile(r"^(0\d+|\d{16,})$")
NOT_DIGITS = re.compile(r"[.,eE∞fF<>-]")
DIGITS_OF_A_CODE = re.compile(r"^[\d+(][\d\s()+./-]*$")
ONE_DIGIT = re.compile(r"^\d$")
TWO_OR_THREE = re.compile(r"^\d{1,3}$")
LETTERS_AND_DIGITS = re.compile(r"^[A-Z0-9]+([-_][A-Z0-9]+)*$|^[0-9/]*[A-Z][A-Z0-9]*(/[A-Z0-9]+)+$")
FEW_LETTERS = re.compile(r"^[A-Z0-9][A-Z0-9 ._/-]{0,11}$")
FILE = re.compile(r"\d\.[a-z][a-z0-9]{1,4}$")  # 0681.mp4
SHARE = re.compile(r"^\d*[.]\d{3,}$")
TOTALS = frozenset({"total", "totals", "sum", "grand total", "gesamt", "summe", "insgesamt", "somme", "totale", "suma"})
TIME_NAME = re.compile(r"time|date|epoch|stamp|(^|_)ts$|_at$|created|updated|modified|when", re.IGNORECASE)
MONTH_NAME = re.compile(r"date|data|fecha|datum|month|monat|mois|mes$|yearmo|yyyymm|period", re.IGNORECASE)
YEAR_MONTH = {
    "%Y%m": re.compile(r"^(1[6-9]|20|21)\d\d(0[1-9]|1[0-2])$"),
    "%Y.%m": re.compile(r"^(1[6-9]|20|21)\d\d\.(0[1-9]|1[0-2])$"),
}
SIX_DIGITS, EIGHT_DIGITS = re.compile(r"^\d{6}$"), re.compile(r"^\d{8}$")
PADDED_WITH_LETTER = re.compile(r"^0\d+[A-Za-z]$")  # 076L, beside 101L, is no number of litres
NEARLY_ALL = 0.98  # share of a column's different cells, where they are many
EPOCH_SECONDS = (3e8, 4.1e9)  # 1979 … 2099
RECENT, SPAN = (9e8, 2.2e9), 3e8  # 1998 … 2039, of which ten years
MINUS_NINES = 5  # below many amounts that are never negative else
SENTINELS = frozenset({9.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0, 88.0, 888.0, 77.0, 777.0, 8888.0, 7777.0})


@dataclass(frozen=True)
class Cells:
    """A column's different cells, and which of them are words for a missing value."""

    name: str
    all: Distinct
    words: NDArray[np.bool_]  # (D,)

    @property
    def filled(self) -> Texts:
        return self.all.values[~self.words]

    @property
    def missing_words(self) -> tuple[str, ...]:
        return tuple(str(word) for word in self.all.values[self.words])

    @property
    def or_words(self) -> str:
        return f", or {_some(self.missing_words)}" if self.words.any() else ""

    @property
    def unique(self) -> bool:
        """Whether each row has its own; of many rows, nearly each: a few that were entered twice make it no feature."""
        return codes.nearly_unique(len(self.all.values), self.all.rows)


def infer(columns: Iterable[tuple[str, pa.ChunkedArray]]) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    """Kind, role and distribution of every column; and notices about values that a reader should know of.

    One column is held at a time, and of those that others are compared with, a few thousand rows.
    """
    found: list[Column] = []
    doubts, marks = Doubts(), Marks()
    near: dict[str, str] = {}
    notices: dict[str, list[str]] = {}
    rows = 0
    for name, texts in columns:
        cells = distinct(texts)
        rows = cells.rows
        column, values = _understood(name, cells)
        found.append(summary.described(column, cells, values))
        notices[name] = summary.notices(found[-1], cells, values)
        doubts.add(found[-1], cells, values)
        marks.add(found[-1], cells)
        missing = say_missing(cells.values) | says_missing(column, cells.values)
        near[name] = nearly.question(column, cells.values[~missing])
    found = [doubts.settled(column) for column in found]
    for i, column in enumerate(found):
        if (settled := marks.settled(column)) is not None:
            found[i], notices[column.name] = settled
        elif near[column.name] and column.role == "feature" and not column.question:
            found[i] = replace(column, question=near[column.name], confidence=0.6)
    said = [notice for column in found for notice in doubts.notices(column, notices[column.name])]
    labels = [column.name for column in found if column.role == "label"]
    if len(labels) > 1:  # only one can be it: leave the choice to the user
        found = [replace(column, role="feature") if column.role == "label" else column for column in found]
        said.append(f"several columns look like a label ({', '.join(labels)}): choose one on the Data page")
    else:
        found = perhaps_label.asked(found)
    if rows == 1:
        said.append("the table has one row: it can be scored, but training needs at least 10")
    if len(found) == 1:
        said.append("the table has one column; a network can find only values that are rare by themselves")
    return tuple(found), tuple(said)


# --- what a column is ----------------------------------------------------------------------------------


def _understood(name: str, found: Distinct) -> tuple[Column, Floats | None]:
    """The column's kind, role, form and so on; and its different cells under them."""
    cells = Cells(name, found, say_missing(found.values))
    column = _nothing_in_it(cells) or _kind(cells)
    column = _with_role(column, cells)
    values = parsed(column, found.values)
    if column.kind != "datetime" or column.role != "feature" or values is None:
        return column, values
    # A time of the day that some rows lack is how long something took, as in a race.
    lacking = not re.search("%[yY]|epoch", column.form) and bool(np.isnan(found.spread(values)).any())
    if not lacking and _is_the_rows_order(values, found.places):
        reason = f"{column.reason}; the rows stand in its order, so it says when and not what"
        column = replace(column, role="time", reason=reason)
    return column, values


def _nothing_in_it(cells: Cells) -> Column | None:
    values, name = cells.all.values, cells.name
    if len(values) == 0:
        return Column(name, "constant", "ignored", "every cell is empty")
    if cells.words.all():
        reason = f"every cell is empty or a word for that: {_some(values)}"
        return Column(name, "constant", "ignored", reason, missing_words=cells.missing_words)
    if len(values) == 1:
        if marked := _marked(cells):
            return marked
        which = "every cell" if (cells.all.places >= 0).all() else "every cell that is not empty"
        return Column(name, "constant", "ignored", f"{which} holds the same value")
    return None


def _marked(cells: Cells) -> Column | None:
    """A word or a mark that stands in some rows and not in others, as a cross in a list: whether it is there tells."""
    (mark,) = cells.all.values
    there = int(cells.all.counts[0])
    rare = min(there, cells.all.rows - there)
    if rare < max(MARKED_ROWS, MARKED_SHARE * cells.all.rows):
        return None
    reason = f"“{mark[:30]}” or empty: marked or not ({there:,} of {cells.all.rows:,} rows)"
    if mark.lower() in TRUE_WORDS or (mark.lower() in FALSE_WORDS and not re.search(r"\d", mark)):
        return Column(cells.name, "boolean", "feature", reason, confidence=0.9)
    if re.search(r"\d", mark):  # one date, account or amount that is not known for all rows
        return None
    return Column(cells.name, "category", "feature", reason, confidence=0.85)


def _kind(cells: Cells) -> Column:
    """The first kind that the cells are of."""
    tried = (
        *(_boolean, _code, _moment_in_digits, _number, _duration),
        *(_despite_unknown, _moment, _ordered, _multiple, _category),
    )
    return next(column for each in tried if (column := each(cells)) is not None)


def _boolean(cells: Cells) -> Column | None:
    lower = {cell.lower() for cell in cells.filled[:9]}
    if len(cells.filled) >= 9 or lower not in [set(pair) for pair in BOOLEAN_PAIRS]:
        return None
    reason = f"only {' and '.join(sorted(lower))}{cells.or_words}"
    return Column(cells.name, "boolean", "feature", reason, missing_words=cells.missing_words)


def _code(cells: Cells) -> Column | None:
    """Digits that name something, by the column's name."""
    if not names.says_code(cells.name):
        return None
    digits = matching(cells.filled, DIGITS_OF_A_CODE)
    if not _nearly_all(digits) and not _are_totals(cells, ~digits):
        return None
    if matching(cells.filled, SHARE).mean() > 0.5:  # “by telephone (%)”
        return None
    if names.says_long_code(cells.name) and matching(cells.filled, ONE_DIGIT).all():  # “phone usage”
        return None
    every = "digits" if digits.all() else f"digits but for {_some(cells.filled[~digits])}"
    reason = f"{every}, and named “{cells.name}”: a name, not a quantity"
    return Column(cells.name, "coded", "feature", reason, confidence=0.95)


def _nearly_all(right: NDArray[np.bool_]) -> bool:
    """Whether all different cells are right, or of many all but a very few."""
    return bool(right.all() or (len(right) > 50 and right.mean() > NEARLY_ALL))


def _moment_in_digits(cells: Cells) -> Column | None:
    """20240131, 202401, or an epoch: numbers unless all of them, or the name, say that they are moments."""
    filled, name = cells.filled, cells.name
    plain = matching(filled, numbers.PLAIN)
    if not _nearly_all(plain):  # most columns of words end here: one look at each cell
        return None
    eight = matching(filled, EIGHT_DIGITS)
    if _nearly_all(eight) and not eight.all() and moments.fits(filled, "%Y%m%d", NEARLY_ALL):
        reason = f"nearly every cell is eight digits that make a date; not: {_some(filled[~eight])}"
        return Column(
            name, "datetime", "feature", reason, form="%Y%m%d", missing_words=cells.missing_words, confidence=0.9
        )
    if not plain.all():
        return None
    form = reason = ""
    if eight.all() and (len(filled) > 2 or TIME_NAME.search(name)):
        form, reason = "%Y%m%d", "every cell is eight digits that make a date"
    elif MONTH_NAME.search(name) and (
        year := next((f for f, look in YEAR_MONTH.items() if matching(filled, look).all()), "")
    ):
        form, reason = year, f"named “{name}”, and every cell is a year and a month"
    elif (
        MONTH_NAME.search(name)
        and len(filled) > 2
        and matching(filled, SIX_DIGITS).all()
        and not _begin_with_a_year(filled)
    ):
        form, reason = "%y%m%d", f"named “{name}”, and every cell is six digits that make a date"
    elif TIME_NAME.search(name) or (names.says_column(name) and _climbs_for_years(cells)):
        values = filled.astype(np.float64)
        said = f"named “{name}”" if TIME_NAME.search(name) else "in the order of the rows"
        for epoch, many in moments.EPOCHS.items():
            low, high = (bound * many for bound in EPOCH_SECONDS)
            if ((values >= low) & (values <= high)).all():
                form, reason = epoch, f"{said}, and in the range of {_epoch_in_words(epoch)}"
    if not form or not moments.fits(filled, form):
        return None
    return Column(name, "datetime", "feature", reason, form=form, missing_words=cells.missing_words, confidence=0.95)


def _begin_with_a_year(filled: Texts) -> bool:
    """Whether 201013 may be a year with something behind it, in every cell."""
    return bool(matching(filled, re.compile(r"^(1[6-9]|20|21)")).all())


def _climbs_for_years(cells: Cells) -> bool:
    """Whether many numbers stand in order, and would span a few years if they were seconds, or milliseconds, since 1970."""
    rows = cells.all.spread(numbers.numbers(cells.all.values, "point", ""))
    rows = rows[~np.isnan(rows)]
    if len(cells.filled) < FEW_DATES or (np.diff(rows) < 0).any():
        return False
    many = next((many for many in (1, 1000) if RECENT[0] * many <= rows[0] <= rows[-1] <= RECENT[1] * many), 0)
    return many > 0 and rows[-1] - rows[0] < SPAN * many


def _epoch_in_words(form: str) -> str:
    return "seconds since 1970" if form == "epoch s" else "milliseconds since 1970"


def _number(cells: Cells) -> Column | None:
    filled, name = cells.filled, cells.name
    if numbers.may_be(filled) <= 0.5 or matching(filled, FILE).mean() > 0.5:
        return None
    style = numbers.style(name, filled)
    values = numbers.numbers(filled, style.form, style.unit)
    marks = numbers.footnotes(filled, style.form, style.unit)
    unread = np.isnan(values)
    none = unread if _are_footnotes(marks) else unread | (marks != "")
    if not _nearly_all(~none) and not _are_totals(cells, none):
        return None
    if numbers.censored(filled).mean() > 0.5:
        return None
    read = f"every cell is a number{cells.or_words}"
    if unread.any():
        read = f"nearly every cell is a number; not: {_some(filled[unread])}"
    if names.says_version(name) and matching(filled, re.compile(r"^\d+\.\d+$")).any():  # 1.10 is not 1.1
        return None
    if style.unit and matching(filled, PADDED_WITH_LETTER).any():
        return None
    padded = _padded(filled) and not matching(filled[~unread], NOT_DIGITS).any()
    aged = names.says_part_of_a_date(name) or names.says_age(name)
    if padded and not (aged and bool(matching(filled, TWO_OR_THREE).all())):
        return Column(name, "coded", "feature", "digits with leading zeros, or too many of them for a quantity")
    column = Column(
        *(name, "number", "feature", read + _in_words(style)),
        form=style.form,
        unit=style.unit,
        missing_words=cells.missing_words,
    )
    column = replace(column, reason=column.reason + _footnotes_in_words(cells, marks))
    if question := _sentinel(cells, values) or _tie_of_marks(style) or _house_or_mark(cells, marks, values):
        return replace(column, question=question, confidence=0.6)
    return column if padded else _by_sense(column, cells, values)


def _padded(filled: Texts) -> bool:
    """Whether digits have zeros in front, or are too many for a quantity; 00 among 1200, 3400 is nothing but 0."""
    coded = matching(filled, CODED)
    if not coded.any():
        return False
    longest = max(map(len, filled))
    nothing = np.asarray([len(cell) < longest and not cell.strip("0") for cell in filled])
    return bool((coded & ~nothing).any())


def _are_footnotes(marks: Texts) -> bool:
    """Whether few cells have a mark at their number, and few different ones, of those that come again."""
    marked = marks[marks != ""]
    few = len(marked) <= MARKED_AT_MOST * len(marks) and len(marks) - len(marked) >= 5
    once = any(mark.isalpha() and np.count_nonzero(marked == mark) < 2 for mark in set(marked))
    return few and not once and len(set(marked)) <= min(MARKS, max(1, len(marked) // 2))


def _footnotes_in_words(cells: Cells, marks: Texts) -> str:
    """“; “#” at the end of 7 is left out”."""
    if not (marked := marks != "").any():
        return ""
    counts = cells.all.counts[~cells.words]
    said = ", ".join(f"“{mark}” at {int(counts[marks == mark].sum()):,}" for mark in sorted(set(marks[marked])))
    return f"; a mark beside the number is left out: {said}"


def _house_or_mark(cells: Cells, marks: Texts, values: Floats) -> str:
    """A question on a letter right behind small whole numbers, which may be part of a name: house 17b, flat 3c."""
    if not (marks != "").any():
        return ""
    glued = np.asarray([mark.isalpha() and cell[-2].isdigit() for mark, cell in zip(marks, cells.filled, strict=True)])
    known = values[np.isfinite(values)]
    if not glued.any() or names.about(cells.name) == "amount" or (known != np.round(known)).any():
        return ""
    if known.max() >= HOUSES:
        return ""
    cell, mark = cells.filled[glued][0], marks[glued][0]
    return f"Is “{mark}” in “{cell}” a mark behind an amount (a number), or part of a name (a category)?"


def _are_totals(cells: Cells, unread: NDArray[np.bool_]) -> bool:
    """Whether all that is no number is one cell: a total's row, as “Total” below numbered accounts, or a last note."""
    words = cells.filled[unread]
    if len(words) != 1 or cells.all.counts[~cells.words][unread][0] != 1 or len(cells.filled) <= 5:
        return False
    last = cells.all.places[-1] >= 0 and cells.all.values[cells.all.places[-1]] == words[0]
    return words[0].strip(" :").lower() in TOTALS or (bool(last) and len(cells.filled) > 10)


def _in_words(style: numbers.Style) -> str:
    said = ["with a decimal comma"] if style.form == "comma" else []
    said += [f"in {style.unit}"] if style.unit else []
    return f", {', '.join(said)}" if said else ""


def _by_sense(column: Column, cells: Cells, values: Floats) -> Column:
    """Whole numbers without a unit may be names."""
    read = ~np.isnan(values)
    known, filled = values[read], cells.filled[read]
    whole = bool(len(known)) and bool(np.isfinite(known).all() and (known == np.round(known)).all())
    if not whole and names.says_id(cells.name) and (known == np.round(known)).mean() > 0.5:  # 2271, 2271.1
        reason = f"named “{cells.name}”: says whose a row is, {len(known):,} different"
        return replace(column, kind="coded", role="group", reason=reason, confidence=0.9, form="", unit="")
    marked = matching(filled, re.compile(r"[.,]"))
    # 1.0, 2.00: what some writers make of whole numbers.
    if not whole or column.unit or (marked.any() and not matching(filled, re.compile(r"^\d*\.00?$")).all()):
        return column
    every = np.full(len(cells.all.values), np.nan)
    every[~cells.words] = values
    sense = codes.sense(cells.name, known, cells.all.counts[~cells.words][read], cells.all.spread(every))
    if sense.kind == "number":
        return column if sense.reason.endswith("a number") else replace(column, reason=sense.reason)
    return replace(
        column,
        kind=sense.kind,
        role=sense.role,
        reason=f"{column.reason}: {sense.reason}" if sense.question else sense.reason,
        confidence=sense.confidence,
        question=sense.question,
        form="",
    )


def _sentinel(cells: Cells, values: Floats) -> str:
    """A question on a value that recurs far outside the others, such as -999."""
    counts = cells.all.counts[~cells.words]
    finite = np.isfinite(values)
    if finite.sum() < 4:
        return ""
    for value in (values[finite].max(), values[finite].min()):
        here = values == value
        rest = values[finite & ~here]
        often = int(counts[here].sum())
        if abs(value) not in SENTINELS or often < 2 or len(rest) < 3:
            continue
        span = max(float(np.ptp(rest)), float(np.abs(rest).max()) / 2)
        many = len(rest) > NAMES_AT_MOST  # of few core.datasets.doubts asks, if they are amounts
        away = value - rest.max() if value > 0 else rest.min() - value
        if away > 2 * span or (value < 0 <= rest.min() and (value < -9 or (often >= MINUS_NINES and many))):
            said = cells.filled[np.flatnonzero(here)[0]]
            return f"Does {said} in “{cells.name}” ({often:,} cells) say that a value is missing?"
    return ""


def _tie_of_marks(style: numbers.Style) -> str:
    if not style.tie:
        return ""
    whole, fraction = style.tie.replace(",", "").replace(".", ""), style.tie.replace(",", ".")
    mark = "comma" if "," in style.tie else "point"
    return f"Is “{style.tie}” {whole} ({mark} for thousands), or {fraction} (decimal {mark})?"


def _duration(cells: Cells) -> Column | None:
    """Lengths of time: hours, minutes and seconds that are no time of a day."""
    filled = cells.filled
    if not numbers.durations(filled).all() or numbers.numbers(filled, "duration").max() < 24 * 3600:
        return None
    reason = f"every cell is a length of time, read as seconds{cells.or_words}"
    return Column(cells.name, "number", "feature", reason, form="duration", unit="s", missing_words=cells.missing_words)


def _moment(cells: Cells) -> Column | None:
    filled = cells.filled
    share = NEARLY_DATES if len(filled) > FEW_DATES else 1.0  # no other cells look like a date
    if len(filled) > 3 and np.count_nonzero(~matching(filled, re.compile(r"\d"))) == 1:  # a word, as “pending”
        share = min(share, 1 - 1 / len(filled))
    forms = moments.readings(filled) or moments.readings(filled, share)
    if not forms:
        return None
    other = moments.swapped(forms)
    settled = ""
    if other:
        forms, settled = _by_order(cells, forms, other)
    if other and not settled and names.says_day_first(cells.name) and re.findall("%[dm]", forms[0])[:1] == ["%d"]:
        settled = f"; day first, as where a column is named “{cells.name}”"
    unread = filled[np.isnan(moments.under(filled, forms[0]))]
    which = "two formats" if moments.OR in forms[0] else "one format"
    every = f"nearly every cell is a date or time of {which}; not: {_some(unread)}" if len(unread) else ""
    reason = every or f"every cell is a date or time of {which}{cells.or_words}"
    column = Column(
        *(cells.name, "datetime", "feature", reason + _zone_in_words(forms[0]) + settled),
        form=forms[0],
        missing_words=cells.missing_words,
    )
    if other and not settled:
        return replace(column, question=_which_first(filled, forms[0], other), confidence=0.5)
    return column


def _despite_unknown(cells: Cells) -> Column | None:
    """Numbers or moments among which a word says that it is not known."""
    words = say_missing(cells.all.values, UNKNOWN_WORDS)
    known = replace(cells, words=words)
    if (words == cells.words).all() or len(known.filled) < FEWEST_KNOWN:
        return None
    column = _number(known) or _moment(known)
    # Whole numbers that may be names are settled, or asked about, with the whole table.
    return column if column and (column.kind in ("number", "datetime") or column.question) else None


def _by_order(cells: Cells, forms: tuple[str, ...], other: str) -> tuple[tuple[str, ...], str]:
    """Of two readings, the one in which alone the rows stand in order, and that in words."""
    ordered = []
    for form in (forms[0], other):
        every = np.full(len(cells.all.values), np.nan)
        every[~cells.words] = moments.under(cells.filled, form)
        rows = every[cells.all.places[cells.all.places >= 0]]
        steps = np.diff(rows[~np.isnan(rows)])
        ordered.append(bool(len(steps) > 4 and ((steps >= 0).all() or (steps <= 0).all())))
    if ordered == [False, True]:
        return (other,), f"; {_first_in_words(other.split(moments.OR)[-1])}, since the rows then stand in order"
    if ordered == [True, False]:
        return forms, f"; {_first_in_words(forms[0].split(moments.OR)[-1])}, since the rows then stand in order"
    return forms, ""


def _first_in_words(form: str) -> str:
    first = re.findall("%[dmyY]", form)[0]
    return {"%d": "day first", "%m": "month first"}.get(first, "year first")


def _which_first(filled: Texts, form: str, other: str) -> str:
    """Asks with a cell that the two readings take for different moments."""
    differ = np.flatnonzero(moments.under(filled, form) != moments.under(filled, other))
    cell = filled[differ[0]] if len(differ) else filled[0]
    pair = zip(form.split(moments.OR), other.split(moments.OR), strict=True)
    one, two = next((one, two) for one, two in pair if one != two)
    return f"“{cell}”: {_first_in_words(one)} or {_first_in_words(two)}?"


def _zone_in_words(form: str) -> str:
    if "%z" in form:
        return "; each has its offset from UTC and is kept as that moment in UTC"
    if form.endswith((" UTC", " GMT")):
        return "; in UTC"
    return "; years of two digits are 1969 to 2068" if "%y" in form else ""


def _ordered(cells: Cells) -> Column | None:
    if not _recurs(cells):
        return None
    # “None” may say that nothing is known, and may be the lowest level.
    ordered = levels.order(cells.name, list(cells.all.values)) or levels.order(cells.name, list(cells.filled))
    if not ordered:
        return None
    reason = f"{len(ordered)} names in an order: {_ends(ordered)}"
    return Column(cells.name, "ordered", "feature", reason, levels=ordered, confidence=0.9)


def _ends(ordered: tuple[str, ...]) -> str:
    shown = ordered if len(ordered) < 5 else (*ordered[:2], "…", ordered[-1])
    return " < ".join(name[:30] for name in shown)


def _multiple(cells: Cells) -> Column | None:
    mark = levels.separator(cells.filled)
    if not mark:
        return None
    parts = {part for cell in cells.filled for part in levels.choices(cell, mark)}
    reason = f"several of {len(parts)} choices in a cell, “{mark}” between them"
    return Column(cells.name, "multiple", "feature", reason, form=mark, confidence=0.9)


def _category(cells: Cells) -> Column:
    values = cells.all.values
    many = len(cells.filled) > (BARE_ID if cells.name.strip().lower() == "id" else NAMES_AT_MOST)
    if many and names.says_id(cells.name) and _are_codes(cells) and _numbered(cells.filled):
        reason = f"named “{cells.name}”: says whose a row is, {len(values):,} different"
        return Column(cells.name, "coded", "group", reason, confidence=0.9)
    listed = len(cells.filled) > NAMES_AT_MOST and _of_one_shape(cells.filled)
    if _recurs(cells) and not listed:
        return Column(cells.name, "category", "feature", f"{len(values):,} different names", confidence=0.95)
    if listed or _are_codes(cells):
        reason = f"{len(values):,} different codes of letters and digits"
        return Column(cells.name, "coded", "feature", reason, confidence=0.9)
    return Column(cells.name, "text", "feature", f"{len(values):,} different texts", confidence=0.9)


def _are_codes(cells: Cells) -> bool:
    """Whether each cell is one word of letters and digits: an IBAN, an article's number; or of few letters, and the
    column's name says that it is a code."""
    long = matching(cells.filled, LETTERS_AND_DIGITS) & matching(cells.filled, re.compile(r"\d.*\d.*\d"))
    short = names.says_code_of_letters(cells.name) and matching(cells.filled, FEW_LETTERS).all()
    named = IDENTIFIER_NAME.search(cells.name) and np.mean(matching(cells.filled, SPACED)) <= FEW_SPACED
    return bool(_nearly_all(long) or short or named or _of_one_shape(cells.filled) or _of_one_case(cells.filled))


def _of_one_case(filled: Texts) -> bool:
    """Whether many cells are one word each, all in capitals or all in small letters, most with a digit: DEA2, us7q4."""
    if len(filled) < LISTED:
        return False
    one_case = any(all(case.fullmatch(cell) for cell in filled) for case in (CAPITALS, SMALL))
    return one_case and sum(any(map(str.isdigit, cell)) for cell in filled) > SOME_DIGITS * len(filled)


def _of_one_shape(filled: Texts) -> bool:
    """Whether cells are letters and digits in the same places, as G21, E62, or digits and marks, as telephone numbers."""
    if len(filled) < FEWEST_OF_A_SHAPE:
        return False
    shapes = np.asarray([re.sub("[A-Z]", "A", re.sub(r"\d", "9", cell.strip())) for cell in filled], object)
    usual = Counter(shapes.tolist()).most_common(1)[0][0]
    code = bool(CODE_SHAPE.fullmatch(usual)) and "A" in usual and usual.count("9") > 1
    grouped = bool(GROUPED_SHAPE.fullmatch(usual)) and usual.count("9") > 4
    telephone = bool(TELEPHONE_SHAPE.fullmatch(usual)) and usual.count("9") >= 7
    return (code or grouped or telephone) and _nearly_all(shapes == usual)


def _recurs(cells: Cells) -> bool:
    """Whether the cells are names that come again and again rather than texts."""
    size, filled = len(cells.all.values), int(cells.all.counts.sum())
    if size == filled:
        return False
    if size <= CATEGORY_LEVELS:
        short = sum(map(len, cells.all.values)) <= 20 * size
        thing = names.about(cells.name) == "name" and not names.says_code(cells.name)
        most = (0.75 if thing else 0.6) if short else 0.5
        return size <= max(2, int(filled * most))
    often = size * OFTEN <= filled and not any(map(ADDRESS.search, cells.all.values))
    longest = LONG_NAMES if often else 40  # what comes again so often is no text, however long
    few = size <= MANY_LEVELS and size * 2 <= filled and sum(map(len, cells.all.values)) <= longest * size
    return few and not _are_amounts_in_words(cells.filled)


def _are_amounts_in_words(filled: Texts) -> bool:
    """Whether nearly all cells are one of a few short phrases with numbers in it, as “47 runs” or “$5.50/8 ounces”."""
    shapes = Counter(re.sub(r"\d+([.,:]\d+)*", "9", cell) for cell in filled)
    amounts = sum(count for shape, count in shapes.items() if AMOUNT_IN_WORDS.search(shape))
    short = sum(map(len, filled)) <= 25 * len(filled)
    return short and amounts >= MOSTLY_DIGITS * len(filled) and 4 * len(shapes) <= len(filled)


SPACED, FEW_SPACED = re.compile(r"\s"), 0.1  # share of the cells of an id that are more than a word
FEWEST_OF_A_SHAPE = 10  # different cells
OFTEN, LONG_NAMES = 8, 150  # times that each stands, on average, and characters of a name
LISTED, SOME_DIGITS = 50, 0.8  # different words, and share of those that have a digit
CAPITALS, SMALL = re.compile(r"[A-Z0-9][A-Z0-9._/-]{0,19}"), re.compile(r"[a-z0-9][a-z0-9_-]{3,19}")
GROUPED_SHAPE = re.compile(r"9+([./-]9+){2,}")  # 01-51-02
# “47 runs”, “142分钟”, “5kg”, “$5.50/oz” with each number as a 9; not “115th”, “7a”.
AMOUNT_IN_WORDS = re.compile(r"9(?!(?:st|nd|rd|th)$)[^\W\d_]{2,}$|9[\u3000-\u9fff]$|9 [^\d]*[^\W\d_][^\d]*$|[$€£¥₹] ?9")
CODE_SHAPE, TELEPHONE_SHAPE = re.compile(r"[A9][A9./_-]{1,19}"), re.compile(r"[+(]?9(?=.*[() +-])[9() +-]{6,19}")
BARE_ID = 12  # different codes under the name “id” alone: more are hardly a feature
MOSTLY_DIGITS = 0.9  # share of the cells that have a digit somewhere
ADDRESS = re.compile(r"://|@|^www\.|\.[a-z]{2,5}$", re.I)


def _numbered(values: Texts) -> bool:
    """Whether words without spaces are codes: nearly all have digits, and none is an address or a file."""
    return bool(np.mean([any(map(str.isdigit, cell)) for cell in values]) >= MOSTLY_DIGITS) and not any(
        ADDRESS.search(cell) for cell in values
    )


def _with_role(column: Column, cells: Cells) -> Column:
    """The role, where the name or the cells say more than that it is a feature."""
    name, size = cells.name, len(cells.all.values)
    if column.kind == "constant" or column.role == "identifier":
        return column
    if name.strip().lower() in LABEL_NAMES and size <= 20 and _may_be_label(column, cells):
        kind: Kind = "boolean" if column.kind == "boolean" else "category"
        reason = f"named “{name}”, with {size} values"
        return Column(name, kind, "label", reason, missing_words=column.missing_words if kind == "boolean" else ())
    if perhaps_label.is_named(column, cells.filled):
        reason = f"{column.reason}; named “{name}”, with two values"
        kind = "boolean" if column.kind == "boolean" else "category"
        return Column(name, kind, "feature", reason, missing_words=column.missing_words)
    spaced = any(" " in cell for cell in cells.all.values[:200])
    named = IDENTIFIER_NAME.search(name) or IDENTIFIER_NAME.search(name.lower())
    if cells.unique and (named or (names.says_row(name) and column.kind != "number")):
        where = codes.in_every_row(size, cells.all.rows)
        reason = f"named “{name}”, {where}" if name else where
        as_number = column.kind == "number"
        return replace(
            column,
            kind="coded" if as_number or (column.kind == "text" and not spaced) else column.kind,
            role="identifier",
            reason=reason,
            form="" if as_number else column.form,
            unit="",
            confidence=1.0,
            question="",
        )
    if cells.unique and column.kind in ("coded", "text") and size > 20 and not spaced and not names.says_place(name):
        return replace(
            column,
            kind="coded" if _numbered(cells.all.values) else column.kind,
            role="identifier",
            reason=f"one word or code, {codes.in_every_row(size, cells.all.rows)}",
        )
    if column.kind in ("text", "coded") and column.role == "feature" and names.says_whose(name):
        return replace(column, role="group", reason=f"{column.reason}; named “{name}”: says whose a row is")
    return column


def _may_be_label(column: Column, cells: Cells) -> bool:
    """A quantity that is only called “y” or “target” is none."""
    if (column.kind != "number" and not column.question) or len(cells.filled) == 2:
        return True
    whole = matching(cells.filled, re.compile(r"^\d{1,3}(\.0)?$")).all()
    return bool(whole) and cells.name.strip().lower() != "y"


def _is_the_rows_order(moments: Floats, places: NDArray[np.int64]) -> bool:
    """Whether a log was written in the order of these moments (of the different cells; `places`: each row's)."""
    rows = moments[places[places >= 0]]
    rows = rows[~np.isnan(rows)]
    steps = np.diff(rows)
    return len(rows) > 2 and len(np.unique(rows)) > len(rows) // 2 and bool((steps >= 0).all() or (steps <= 0).all())


def _some(words: Iterable[str]) -> str:
    return ", ".join(word[:30] for word in sorted(words)[:3])


# --- under a kind that the user chose ------------------------------------------------------------------


def describe(column: Column, texts: Texts) -> tuple[Column, tuple[str, ...]]:
    """The column as the user changed it: what its kind needs and it lacks is found from the cells.

    Form, unit and levels are kept where they fit the kind. The question is answered with this. With it come missing
    count, distinct count, range and histogram under the kind; and what a reader should know.

    Raises InputRefused where no cell is of that kind, or the form or levels can't be.
    """
    cells = distinct(texts)
    filled = cells.values[~say_missing(cells.values) & ~says_missing(column, cells.values)]
    column = replace(_completed(column, cells, filled), question="", confidence=1.0)
    values = parsed(column, cells.values)
    if values is not None and len(values) and np.isnan(values).all():
        raise InputRefused(
            f"none of its cells is a {column.kind}{_as_written(column)}; all of them would count as missing",
            where=f"column “{column.name}”, e.g. “{cells.values[0][:30]}”",
            fix="choose another kind, or make the column ignored",
        )
    return summary.described(column, cells, values), tuple(summary.notices(column, cells, values))


def _as_written(column: Column) -> str:
    return f" written as {column.form}" if column.kind == "datetime" and column.form else ""


def _completed(column: Column, cells: Distinct, filled: Texts) -> Column:
    """The column with the form, unit and levels that its kind needs, and none that it has no use for."""
    form, unit = column.form, ""
    order: tuple[str, ...] = ()
    if column.kind == "number":
        style = numbers.style(column.name, filled)
        form, unit = (form if form in numbers.FORMS else style.form), column.unit or style.unit
    elif column.kind == "datetime":
        if "%" in form and not moments.usable(form):
            raise InputRefused(
                f"“{form}” is no format of dates or times",
                where=f"column “{column.name}”",
                fix="each part once: %d, %m or %b, %Y or %y, %H or %I with %p, %M, %S, %f, %z; or leave it empty",
            )
        form = form if moments.usable(form) else _form_of_moments(filled)
    elif column.kind == "multiple":
        form = _separator(column, filled)
    elif column.kind == "ordered":
        form, order = "", _order(column, filled)
    else:
        form = ""
    return replace(column, form=form, unit=unit, levels=order)


def _form_of_moments(filled: Texts) -> str:
    """The format that fits all cells, or most of those that look like the first."""
    forms = moments.readings(filled) or moments.readings(filled, 0.5)
    if forms:
        return forms[0]
    shown = [form for cell in filled[:20] for form in moments.formats(cell)]
    return max(dict.fromkeys(shown), key=lambda form: int((~np.isnan(moments.under(filled, form))).sum()), default="")


def _separator(column: Column, filled: Texts) -> str:
    mark = column.form if column.form and not re.search(r"[\w%]", column.form) else levels.separator(filled)
    mark = mark or next((each for each in levels.SEPARATORS if any(each in value for value in filled)), "")
    if mark:
        return mark
    raise InputRefused(
        "no cell holds several choices: none has a “;”, “|” or “,”",
        where=f"column “{column.name}”",
        fix="choose the kind category",
    )


def _order(column: Column, filled: Texts) -> tuple[str, ...]:
    """The levels that the user set, else the order that the names or numbers have, else that of the alphabet."""
    if column.levels:
        if len(set(column.levels)) < len(column.levels):
            raise InputRefused(
                "a level stands twice in the order", where=f"column “{column.name}”", fix="name each level once"
            )
        if not set(column.levels) & set(filled):
            raise InputRefused(
                "none of its cells is one of the levels",
                where=f"column “{column.name}”, e.g. “{column.levels[0][:30]}”",
                fix="write the levels as they stand in the cells",
            )
        return column.levels
    ordered = [str(value) for value in filled]
    if len(ordered) > MANY_LEVELS:
        raise InputRefused(
            f"it has {len(ordered):,} different names, too many for an order",
            where=f"column “{column.name}”",
            fix="choose the kind category or text",
        )
    values = numbers.numbers(filled, "point")
    if len(values) and not np.isnan(values).any():
        return tuple(ordered[i] for i in np.argsort(values, kind="stable"))
    return levels.order(column.name, ordered) or tuple(sorted(ordered))
