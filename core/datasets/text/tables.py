"""Records → tables: what stands before the table, which rows name its columns, where the table ends."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from core.datasets.text.mend import could_be, likely, sentences
from core.datasets.text.records import Record
from core.datasets.text.shapes import TYPED, Fits, kind_of, shape_of

NOTES = 100  # records below which there is no more table
ODD = (":", "*", "©", "__", "=")  # marks of notes
OPTIONAL = 0.2  # of the rows have a cell in a last column that the others leave out
ALONE = 3  # rows of one cell between others, below which they are notes
RAGGED = 10  # rows of several widths below which one of them is the table's
LOOKED_AT = 1_000  # records by which a table is judged
MOST_HEADER_ROWS = 5
LONG_RUN = 6  # numbers that count up, from which on it is no chance whatever stands beside them
LISTED = ",;|"  # marks between the parts of a list in a cell
COMMENTED_NAMES = re.compile(r"\s*#\s*[^\s#]")  # a comment that may hold the names of the columns
NOTHING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?", ".", "missing", "unknown", "nil", "#n/a"})


class Stream:
    """Records that can be looked at before they are taken."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self._waiting: deque[Record] = deque()

    def __iter__(self) -> Iterator[Record]:
        while True:
            record = self.take()
            if record is None:
                return
            yield record

    def take(self) -> Record | None:
        return self._waiting.popleft() if self._waiting else next(self._records, None)

    def ahead(self, count: int) -> list[Record]:
        """The next records, fewer where the text ends."""
        while len(self._waiting) < count:
            record = next(self._records, None)
            if record is None:
                break
            self._waiting.append(record)
        return [self._waiting[i] for i in range(min(count, len(self._waiting)))]

    def back(self, record: Record) -> None:
        self._waiting.appendleft(record)


def blank(cells: Sequence[str]) -> bool:
    """Whether nothing stands in a record."""
    return not any(cell and not cell.isspace() for cell in cells)


def alone(cells: Sequence[str]) -> bool:
    """Whether one cell of a record holds something."""
    return sum(bool(cell.strip()) for cell in cells) == 1


def usual_width(records: Sequence[Sequence[str]]) -> int:
    """The commonest number of cells; trailing cells in which nothing ever stands are not counted."""
    filled = [cells for cells in records if not blank(cells)]
    filled = [cells for cells in filled if not comment(cells)] or filled
    if not filled:
        return 0
    counts = Counter(len(cells) for cells in filled)
    width = max(counts, key=lambda w: (counts[w] * (1 if w > 1 else 0.3), w))
    named = next((len(cells) for cells in filled if len(cells) > 1), width)
    if 1 < named < width and not any(cell.strip() for cells in filled for cell in cells[named:]):
        return named
    return max(width, _longer_names(filled, width))


def below_pairs(records: Sequence[Record]) -> tuple[int, int] | None:
    """Where the table begins and ends below a block of names and values, “Source,Census”, that tell about it.

    None where no such block stands above a wider table, a blank line between them.
    """
    begin = next((i for i, record in enumerate(records) if len(record.cells) > 2), 0)
    title = begin
    while title > 0 and len(records[title - 1].cells) == 1 and not blank(records[title - 1].cells):
        title -= 1
    if title < 3 or not blank(records[title - 1].cells):
        return None
    end = next((i for i in range(begin, len(records)) if blank(records[i].cells)), len(records))
    even = {len(record.cells) for record in records[begin:end]}
    above = [record.cells for record in records[:begin] if not blank(record.cells)]
    pairs = [cells for cells in above if len(cells) == 2]
    keys = {cells[0].strip() for cells in pairs}
    if len(even) != 1 or end < begin + 2 or len(pairs) < 2 or len(keys) < len(pairs):
        return None
    if any(not key or kind_of(key) in TYPED for key in keys):
        return None
    # A column holds one kind of cell; what is told about a table, all kinds.
    kinds = Counter(kind_of(cells[1]) for cells in pairs[1:])
    return None if len(pairs) > 2 and kinds.most_common(1)[0][1] >= 0.8 * kinds.total() else (begin, end)


def first_block(records: Sequence[Record]) -> int:
    """Where the first table ends, if names of another one stand below the blank line behind it; else where the records do.

    A table is names over rows of as many cells, of which a column holds numbers or moments.
    """
    begin = next((i for i, record in enumerate(records) if not blank(record.cells)), 0)
    end = next((i for i in range(begin, len(records)) if blank(records[i].cells)), len(records))
    below = [record.cells for record in records[end:] if not blank(record.cells)][:2]
    block = [record.cells for record in records[begin:end]]
    if len(block) < 3 or len(below) < 2 or len(below[0]) != len(below[1]):
        return len(records)
    width = len(block[0])
    if width < 2 or any(len(cells) != width for cells in block) or not _all_words(block[0], width):
        return len(records)
    fits = Fits(block[1:], width)
    typed = [i for i in range(width) if fits.main_kind(i)[0] in TYPED and fits.main_kind(i)[1] == 1.0]
    other = _all_words(below[0], len(below[0])) and len(below[0]) > 1 and any(map(_is_typed, below[1]))
    return end if typed and other and below[0] != block[0] else len(records)


def optional_last(records: Sequence[list[str]], width: int, mark: str) -> int:
    """How many cells more than usual the rows have that have more: the last columns, left out where they are empty.

    Where names stand over the usual ones, a cell more is a delimiter inside a text rather, other than with tabs.
    """
    rows = [cells for cells in records if not blank(cells) and not comment(cells)]
    usual = [cells for cells in rows if len(cells) == width]
    longer = [cells for cells in rows if len(cells) > width and cells[-1].strip()]
    if width < 2 or len(longer) < max(3, OPTIONAL * len(rows)) or len({len(cells) for cells in longer}) != 1:
        return 0
    if mark != "\t" and header_rows(usual, width):
        return 0
    fits = Fits(usual, width)
    whole = [cells for cells in longer if could_be(cells[:width], fits) and not cells[width].startswith(" ")]
    halves = [cells for cells in longer if cells[width].isdecimal() and cells[width - 1][-1:].isdecimal()]
    return len(longer[0]) - width if len(whole) > 0.7 * len(longer) and len(halves) < 0.5 * len(longer) else 0


def ragged(records: Sequence[list[str]], width: int) -> tuple[int, int] | None:
    """The fewest and the most cells of rows that have now so many and now so many, such as lists of what was bought.

    None where half of them agree, where the widths are those of one block after the other, or where names stand over the usual
    width: then a row of another one is faulty.
    """
    rows = [cells for cells in records if not blank(cells) and not comment(cells)]
    several = [i for i, cells in enumerate(rows) if len(cells) > 1]
    rows = rows[several[0] : several[-1] + 1] if several else []
    if sum(len(cells) == 1 for cells in rows) < ALONE:  # a note here and there
        rows = [cells for cells in rows if len(cells) > 1]
    if len(rows) < RAGGED or max(Counter(map(len, rows)).values()) > len(rows) / 2:
        return None
    if sum(len(a) != len(b) for a, b in pairwise(rows)) < len(rows) / 2:
        return None
    usual = [cells for cells in rows if len(cells) == width]
    if len(rows[0]) == width and header_rows(usual, width):
        return None
    return min(map(len, rows)), max(map(len, rows))


def named_width(records: Sequence[list[str]], width: int) -> int:
    """How many names stand over rows that nearly all have more cells, for the commas of sentences are taken for delimiters, as the
    blanks behind them tell; else the width as it is."""
    rows = [cells for cells in records if not blank(cells) and not comment(cells)]
    count = len(rows[0]) if rows else 0
    if not 1 < count < width or min(map(len, rows)) < count or any(_is_typed(cell) or not cell for cell in rows[0]):
        return width
    longer = [cells for cells in rows if len(cells) > count]
    return count if sum(len(sentences(cells, "")) == count for cells in longer) > 0.7 * len(longer) else width


def _longer_names(records: Sequence[Sequence[str]], width: int) -> int:
    """How many names stand right above the first row with a number, where there are more than most rows have cells."""
    first = next((i for i, cells in enumerate(records) if len(cells) > 1 and any(map(_is_typed, cells))), 0)
    if first == 0 or width < 2 or records[first - 1][0].strip() == "#":
        return 0
    names = records[first - 1]
    named = all(cell.strip() and not _is_typed(cell) for cell in names)
    if any(len(cells) == width for cells in records[: first - 1]):  # names of the usual width stand above: a faulty row
        return 0
    return len(names) if named and all(len(cells) <= len(names) for cells in records[first:]) else 0


def _is_typed(cell: str) -> bool:
    return kind_of(cell) in TYPED


def trimmed(cells: list[str], width: int) -> list[str]:
    """The cells without those beyond the width in which nothing stands."""
    return cells[:width] if len(cells) > width and blank(cells[width:]) else cells


def opening(records: Sequence[Record], width: int) -> tuple[int, int | None]:
    """How many records stand before the table, and how many of the next name its columns (None: not seen here).

    The first row that is like those below it is looked for; the names are what stands above it. Where no column holds
    numbers or moments, nothing tells rows from names, and the first wide record opens the table.
    """
    marked = next((i for i, record in enumerate(records) if not record.text.lstrip().startswith("#")), len(records))
    rows = [trimmed(with_mark(record.cells, width, i < marked > 1), width) for i, record in enumerate(records)]
    wide = _first_wide(records, rows, width)
    seen = _first_row(rows, width)
    if seen is None:
        short = _short_names_above(rows, wide, width, None)
        if wide > 0 and _says_of_what(rows[wide - 1], rows[wide], width):
            return wide - 1, 2
        if wide > 0 and _commented_names(records[wide - 1], rows[wide - 1], width):
            return wide - 1, 1
        return (wide, None) if short is None else (short, 1)
    first, typed, fits = seen
    rows[:first] = [_filled_up(cells, width) for cells in rows[:first]]
    above = (i for i in range(first - 1, -1, -1) if i == first - 1 or not comment(rows[i]))
    names = next((i for i in above if _names(records[i], rows[i], typed, fits)), None)
    if names is None:
        names = _short_names_above(rows, first, width, fits)
    if names is None:
        # Rows that hold less than others are rows all the same, where the first that is like the others comes early.
        return min(wide, first), None
    if names > 0 and _faulty(rows[names], typed) and not _faulty(rows[names - 1], typed):
        # “x5” over numbers is a faulty number where names stand above it.
        names -= _names(records[names - 1], rows[names - 1], typed, fits)
    top = names
    while top > 0 and names - top < MOST_HEADER_ROWS - 1 and _names_groups(records, rows, top, names, typed, fits):
        top -= 1
    return top, names + 1 - top


def _first_row(rows: Sequence[list[str]], width: int) -> tuple[int, list[int], Fits] | None:
    """The first row whose numbers and moments stand where those of the others do, the columns of these, their fits."""
    full = [cells for cells in rows if len(cells) == width and not blank(cells)]
    if width < 2 or len(full) < 3:
        return None
    fits = Fits(full[max(1, len(full) // 3) :], width)
    typed = [i for i in range(width) if _holds_typed(fits, i)]
    if not typed:
        return None
    for i, cells in enumerate(rows):
        if len(cells) != width or comment(cells):
            continue
        if _counts_up(cells, full[-50:]) and not (
            width < LONG_RUN and _is_run(cells) and i > 0 and _all_words(rows[i - 1], width)
        ):
            continue
        over, same = _evidence(cells, fits, typed)
        if same > over and not (over and _numbered(cells) and _names_all(rows[i + 1 : i + 2], fits, typed)):
            return i, typed, fits
    return None


def _all_words(cells: Sequence[str], width: int) -> bool:
    """Whether a word stands in every column."""
    return len(cells) == width and all(cell.strip() and not _is_typed(cell) for cell in cells)


def _holds_typed(fits: Fits, column: int) -> bool:
    """Whether nearly all cells of a column that hold something are numbers, or moments."""
    kinds: Counter[str] = Counter()
    for text, count in fits.values[column].items():
        if not is_nothing(text):
            kinds[kind_of(text)] += count
    return bool(kinds) and kinds.most_common(1)[0][0] in TYPED and max(kinds.values()) >= 0.8 * kinds.total()


def _names(record: Record, cells: list[str], typed: list[int], fits: Fits) -> bool:
    """Whether a record above the first row names the columns."""
    width = fits.width
    filled = sum(bool(cell.strip()) for cell in cells)
    if len(cells) < width - 1 or len(cells) > width or filled < min(2, width - 1) or blank(cells):
        return False
    if comment(cells) and (filled < width - (width > 3) or not COMMENTED_NAMES.match(record.text) or _told(cells[0])):
        return False
    if len(cells) == width - 1:
        return width > 2 and all(kind_of(cell) not in TYPED for cell in cells) and not _like_rows(cells, fits)
    over, same = _evidence(cells, fits, typed)
    return over > same or _counts_up(cells, [])


def _told(cell: str) -> bool:
    """Whether a comment tells something about the table: “# Acquired=”."""
    return cell.rstrip().endswith(("=", ":"))


def _commented_names(record: Record, cells: Sequence[str], width: int) -> bool:
    """Whether the last comment above a table names its columns, and is no sentence cut at its commas."""
    names = len(cells) == width > 2 and all(cell and kind_of(cell) in ("word", "code") for cell in cells[1:])
    return names and bool(COMMENTED_NAMES.match(record.text))


def _names_all(rows: Sequence[list[str]], fits: Fits, typed: list[int]) -> bool:
    """Whether the first of some rows holds words over all columns of numbers and moments."""
    return bool(rows) and len(rows[0]) == fits.width and _evidence(rows[0], fits, typed) == (len(typed), 0)


def _numbered(cells: Sequence[str]) -> bool:
    """Whether each cell holds a word or its number: “time, 1, 2”, “frame, part, 0, 1, 2”."""
    numbers = [cell.strip() for cell in cells if kind_of(cell) in TYPED]
    first = int(numbers[0]) if numbers and numbers[0] in ("0", "1") else None
    counted = first is not None and numbers == [str(first + i) for i in range(len(numbers))]
    return counted and 1 < len(numbers) < len(cells) and all(cell.strip() for cell in cells)


def _blank_inside(cells: Sequence[str]) -> bool:
    """Whether a cell but the first is empty."""
    return any(not cell.strip() for cell in cells[1:])


def _says_of_what(cells: Sequence[str], names: Sequence[str], width: int) -> bool:
    """Whether one text stands over names that are numbers alone: “Year” over 2014, 2015, 2016."""
    filled = [i for i, cell in enumerate(cells) if cell.strip()]
    if not len(cells) == len(names) == width > 2 or len(filled) != 1 or filled[0] == 0:
        return False
    return all(name.strip().isdecimal() for name in names[filled[0] :])


def _filled_up(cells: list[str], width: int) -> list[str]:
    """The cells, with an empty one for the last column where that has none and others are empty too."""
    return [*cells, ""] if len(cells) == width - 1 and _blank_inside(cells) else cells


def _like_rows(cells: Sequence[str], fits: Fits) -> bool:
    """Whether a record that may be one cell short holds a code like those of a column."""
    return any(
        kind_of(cell) == "code" and any(map(str.isdigit, cell)) and fits.shapes[i][shape_of(cell)] > 0.5 * fits.rows
        for i, cell in enumerate(cells)
    )


def _is_row(cells: Sequence[str], fits: Fits) -> bool:
    """Whether a record of another width is like the rows: by a code, or as numbers and moments stand in most of its columns of these."""
    if _like_rows(cells, fits):
        return True
    over, same = _evidence(cells, fits, [i for i in range(len(cells)) if _holds_typed(fits, i)])
    return same > over and same > 1


def _short_names_above(rows: Sequence[list[str]], first: int, width: int, fits: Fits | None) -> int | None:
    """The record above the first whole row that names the first columns; between them stand only shorter rows."""
    for i in range(first - 1, -1, -1):
        if _short_names(rows[i], width) and not (fits and _like_rows(rows[i], fits)):
            return i if all(len(cells) >= len(rows[i]) for cells in rows[i + 1 : first]) else None
        if comment(rows[i]) or not any(map(_is_typed, rows[i])):
            return None
    return None


def _short_names(cells: Sequence[str], width: int) -> bool:
    """Whether a record names the first columns, by far the most of them, and not the last ones."""
    return width // 2 < len(cells) < width and all(cell.strip() and kind_of(cell) not in TYPED for cell in cells)


def _faulty(cells: Sequence[str], typed: list[int]) -> bool:
    """Whether each text in the typed columns is made up of digits and other signs, another one in each: no unit."""
    texts = [cells[i] for i in typed if i < len(cells) and cells[i].strip()]
    return (
        bool(texts)
        and len(set(texts)) == len(texts)
        and not _counts_up(cells, [])
        and all(kind_of(text) in ("code", "broken", "number") and any(map(str.isdigit, text)) for text in texts)
    )


def _names_groups(
    records: Sequence[Record], rows: Sequence[list[str]], top: int, names: int, typed: list[int], fits: Fits
) -> bool:
    """Whether the record above the names says to which groups they belong."""
    cells, width = rows[top - 1], fits.width
    filled = [i for i, cell in enumerate(cells) if cell.strip()]
    if width == 2:
        return filled == [1] and not rows[top][0].strip()
    if len(cells) == width and top == names and _numbered(cells):  # units stand below
        return True
    if _says_of_what(cells, rows[top], width):
        return True
    if len(cells) != width or len(filled) < 2 or comment(cells):
        return False
    if len(filled) <= width // 2:
        named = {i for row in rows[top : names + 1] for i, cell in enumerate(row) if cell.strip()}
        spread = filled[-1] >= width // 2 and (filled[0] > 0 or len(filled) > 2)
        return spread and len(named) >= len(filled)
    over, same = _evidence(cells, fits, typed)
    return over > same


def with_mark(cells: list[str], width: int, among_comments: bool = False) -> list[str]:
    """The cells of a record, a “#” that stands before names, or before prose cut at its blanks, put to the first."""
    if cells[0].strip() == "#" and len(cells) > 1 and (among_comments or len(cells) == width + 1):
        return [f"# {cells[1]}", *cells[2:]]
    if len(cells) > width > 1 and comment(cells) and sum(map(bool, cells)) == width:  # several tabs between two names
        return [cell for cell in cells if cell]
    return cells


def comment(cells: Sequence[str]) -> bool:
    """Whether a record begins with the mark of comments; “#” alone may well be a name."""
    first = cells[0].lstrip() if cells else ""
    return first.startswith("#") and len(first) > 1


def _first_wide(records: Sequence[Record], rows: Sequence[list[str]], width: int) -> int:
    """The first record that fills the width of the table, by and large."""
    if width < 2:
        return 0
    for i, cells in enumerate(rows):
        if comment(cells):
            continue
        if width == 2:
            if len(cells) == 2 and not blank(cells):
                return i
            continue
        filled = [j for j, cell in enumerate(cells) if cell.strip()]
        if len(cells) == width - 1 and _named_rows(records[i:], width):
            return i
        if len(cells) >= width and (len(filled) > width // 2 or _spans(filled, width, records[i + 1 : i + 2])):
            return i
        if len(cells) == width - 1 and len(filled) > width // 2:
            return i
    return 0


def _named_rows(records: Sequence[Record], width: int) -> bool:
    """R's way: the first line has one cell fewer, for the column of row names has no name."""
    below = [record.cells for record in records[1:20] if not blank(record.cells)]
    return (
        bool(below)
        and all(len(cells) == width for cells in below)
        and not any(kind_of(cell) == "number" for cell in records[0].cells)
    )


def _spans(filled: list[int], width: int, below: Sequence[Record]) -> bool:
    """Whether a sparse record names groups of the columns whose names stand below it."""
    if len(filled) < 2 or filled[-1] < width // 2 or not below:
        return False
    names = trimmed(below[0].cells, width)
    named = len(names) == width and sum(bool(name.strip()) for name in names) > width // 2
    return named and (filled[0] > 0 or len(filled) > 2)


def header_rows(rows: Sequence[Sequence[str]], width: int) -> int:
    """How many of the first rows name the columns: those that are unlike what stands below them."""
    full = [list(cells) for cells in rows if len(cells) == width]
    if not full:
        return 1 if rows else 0
    if len(rows[0]) != width:
        return (
            0 if len(full) > 1 and not _counts_up(rows[0], full) and _is_row(rows[0][:width], Fits(full, width)) else 1
        )
    if len(full) == 1:
        return 0 if any(kind_of(cell) in TYPED for cell in full[0]) else 1
    body = full[MOST_HEADER_ROWS + 1 :] if len(full) > 3 * MOST_HEADER_ROWS else full[-max(1, len(full) - 1) :]
    body = [cells for cells in body if cells != full[0]] or body  # names may come again further down
    fits = Fits(body, width)
    typed = [i for i in range(width) if _typed(fits, i)]
    over, same = _evidence(full[0], fits, typed)
    if _counts_up(full[0], body):
        over, same = over + 1, 0
    if (over == 0 or over < same) and (same or not _names_by_value(full[0], full[1:])):
        return 0
    found = 1
    for cells in full[1 : min(MOST_HEADER_ROWS, len(full) - 1)]:
        over, same = _evidence(cells, fits, typed)
        if cells != full[0] and (same or over < max(2, (len(typed) + 1) // 2)):
            break
        found += 1
    return found


def _typed(fits: Fits, column: int) -> bool:
    kind, share = fits.main_kind(column)
    return (share >= 0.8 and (kind in TYPED or kind == "code")) or _of_few(fits, column)


def _of_few(fits: Fits, column: int) -> bool:
    """Whether a column holds a few words again and again."""
    return fits.rows >= 10 and 1 < len(fits.values[column]) <= 5


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is no value: empty, a word for it, or signs alone, like “..” and “***”."""
    return text.lower() in NOTHING or not any(map(str.isalnum, text))


def _evidence(cells: Sequence[str], fits: Fits, typed: list[int]) -> tuple[int, int]:
    """In how many typed columns a name stands, and in how many a cell like those below."""
    over = same = 0
    for i in typed:
        text = cells[i].strip()
        if is_nothing(text):
            continue
        kind, main = kind_of(cells[i]), fits.main_kind(i)[0]
        wordy = kind in ("word", "text", "code", "broken")
        if _of_few(fits, i):
            known = text in fits.values[i]
            same, over = same + known, over + (not known and kind in ("word", "text", "code"))
        elif kind == main:
            shape = shape_of(cells[i])
            usual = fits.shapes[i][shape] > 0.1 * fits.rows
            lettered = kind == "number" and "a" in shape.removeprefix("number")  # “10th” is none of 13.8, 13.9
            same += usual or not (lettered or kind == "code")
            over += lettered and not usual
        elif wordy and fits.values[i][text] > 1:
            same += 1
        elif wordy or (kind == "moment" and main == "number"):
            over += 1
    return over, same


def _counts_up(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Names that are years, 2019, 2020, 2021, over columns of other numbers, or places, 0, 1, 2, 3."""
    numbers = [(i, int(cell)) for i, cell in enumerate(head) if cell.strip().isdecimal() and len(cell.strip()) < 6]
    counted = {i for i, _ in numbers}
    others = [cell for i, cell in enumerate(head) if cell.strip() and i not in counted]
    if any(kind_of(cell) == "number" for cell in others):
        return False
    years = [(i, year) for i, year in numbers if 1800 <= year <= 2200]
    if years and len(years) == len(numbers):
        inside = sum(_is_year(cells[i]) for cells in body[:50] for i, _ in years if i < len(cells))
        if len({year for _, year in years}) > 1:
            return inside <= 0.1 * len(body[:50]) * len(years)
        return len(body) > 7 and inside == 0  # one year may be a number by chance
    counted_up = len(others) < 3 or len(numbers) >= max(LONG_RUN, 2 * len(others))
    return counted_up and _is_run(head) and not any(_is_run(cells) for cells in body[:50])


def _is_run(cells: Sequence[str]) -> bool:
    """Whether the whole numbers of a record are 0, 1, 2, 3 … or 1, 2, 3 …"""
    numbers = [int(cell) for cell in cells if cell.strip().isdecimal() and len(cell.strip()) < 6]
    return len(numbers) > 3 and numbers[0] < 2 and all(b - a == 1 for a, b in pairwise(numbers))


def _is_year(cell: str) -> bool:
    return cell.strip().isdecimal() and len(cell.strip()) == 4 and 1800 <= int(cell) <= 2200


def _names_by_value(head: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Words that never come again in their columns."""
    if any(kind_of(cell) in TYPED for cell in head if cell.strip()):
        return False
    values = [{cells[i].strip() for cells in below} for i in range(len(head))]
    repeated = sum(1 for i, cell in enumerate(head) if cell.strip() in values[i] or _list_of(cell, values[i]))
    return repeated <= len(head) // 2


def _list_of(cell: str, others: Collection[str]) -> bool:
    """Whether a cell lists, with a mark between them, what others list as well."""
    for mark in LISTED:
        parts = {part.strip() for part in cell.split(mark)}
        if len(parts) > 1 and parts <= {part.strip() for other in others for part in other.split(mark)}:
            return True
    return False


def is_note(record: Record, width: int) -> bool:
    """Whether a record could be a note: one text where a row has several cells, or a sentence cut at its commas."""
    filled = [cell for cell in record.cells if cell.strip()]
    if len(record.cells) == 1 < width:
        return True
    if len(record.cells) < width and 1 < len(filled) == len(record.cells) <= max(2, width // 2):
        return all(cell.startswith(" ") for cell in record.cells[1:]) and kind_of(filled[0]) not in TYPED
    first = next((i for i, cell in enumerate(record.cells) if cell.strip()), width)
    return width > 1 and len(filled) == 1 and first < 2 and kind_of(filled[0]) not in TYPED


def is_odd(record: Record, fits: Fits) -> bool:
    """Whether the text of a note is unlike what stands in its column: longer, or with marks that are rare there."""
    column = next(i for i, cell in enumerate(record.cells) if cell.strip())
    text = record.cells[column].strip()
    if column >= fits.width or len(record.cells) not in (1, fits.width):
        return True
    others = {other: n for other, n in fits.values[column].items() if other != text}
    if len(text) > 1.5 * max(map(len, others), default=0):
        return True
    return any(
        sum(n for other, n in others.items() if mark in other) < 0.05 * fits.rows for mark in ODD if mark in text
    )


def surplus(names: Sequence[Sequence[str]], rows: Sequence[Sequence[str]], width: int) -> tuple[int, int]:
    """How wide the table is when no name is lost, and for how many of its last columns most rows have no cell."""
    ends = (i + 1 for cells in names for i, cell in enumerate(cells) if i >= width and cell.strip())
    wide = max(ends, default=width)
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else wide
    longest = max(map(len, names), default=0)
    return wide, wide - usual if 1 < usual < wide <= longest else 0


def joined_names(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The columns' names from the rows that name them; a group's name is carried over the columns that it spans."""
    if not rows:
        return [f"col_{i + 1}" for i in range(width)]
    if len(rows[0]) == width - 1 and len(rows) == 1 and not _blank_inside(rows[0]):
        return ["", *rows[0]]
    levels: list[list[str]] = []
    for cells in rows:
        cells = [cells[0].lstrip()[1:].lstrip(), *cells[1:]] if comment(cells) else list(cells)
        levels.append([*cells[:width], *[""] * (width - len(cells))])
    if len(levels) == 1:
        return levels[0]
    begins: set[int] = set()  # columns where a group begins
    for number, level in enumerate(levels[:-1]):
        begins |= {i for i, cell in enumerate(level) if cell.strip()}
        carried = ""
        for i in range(width):
            carried = level[i] if i in begins else carried
            if any(below[i].strip() for below in levels[number + 1 :]):
                level[i] = carried
    return [" ".join(level[i].strip() for level in levels if level[i].strip()) for i in range(width)]


def _names_over(cells: Sequence[str], fits: Fits) -> bool:
    """Whether words stand in all columns, above all in those of numbers and moments."""
    typed = [i for i in range(fits.width) if _holds_typed(fits, i)]
    words = all(kind_of(cell) in ("word", "text", "code") for cell in cells)
    return words and bool(typed) and _evidence(cells, fits, typed)[0] == len(typed)


def _another_width(records: Sequence[Sequence[str]], width: int) -> bool:
    """Whether names and a row of another width come first: below a title, those of another table."""
    if len(records) < 2 or len(records[0]) != len(records[1]) or len(records[0]) in (1, width):
        return False
    named = all(cell.strip() and not _is_typed(cell) for cell in records[0])
    return named and any(map(_is_typed, records[1]))


def begins_another(record: Record, after_blank: bool, header: Sequence[str], fits: Fits, stream: Stream) -> bool:
    """Whether another table begins with this record: names again, or another shape below a blank line."""
    cells = [cell.strip() for cell in record.cells]
    names = {name.strip() for name in header if name.strip()}
    if len(cells) >= 2 and names:
        again = sum(1 for cell in cells if cell and cell in names)
        different = len(names.intersection(cells))
        if sum(map(_is_typed, names)) > len(names) / 2:  # of numbers any row may hold some, elsewhere
            same = sum(bool(cell) and cell == name.strip() for cell, name in zip(cells, header, strict=False))
            again = different = same if same > 0.8 * len(names) else 0
        if different >= 2 and again > 0.6 * sum(bool(cell) for cell in cells) and different > 0.5 * len(names):
            return True
    if not after_blank:
        return False
    below = [other.cells for other in stream.ahead(2)]
    if alone(cells) and _another_width(below, fits.width):
        return True
    if len(record.cells) < 2:
        return False
    titled = alone(cells) and len(below) > 1 and len(below[0]) == len(below[1]) == fits.width
    if titled and _names_over(below[0], fits) and not _names_over(below[1], fits):  # a title, names, a row
        return True
    if len(record.cells) != fits.width:
        return len(below) > 0 and all(len(other) == len(record.cells) for other in below[:1]) and not blank(below[0])
    if likely(record.cells, fits) > -4.0 or any(kind_of(cell) == "number" for cell in cells):
        return False
    return len(below) > 0 and len(below[0]) == len(record.cells)
