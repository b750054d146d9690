"""Records → tables: what stands before the table, which rows name its columns, where the table ends."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.datasets.text.mend import likely
from core.datasets.text.records import Record
from core.datasets.text.shapes import TYPED, Fits, kind_of, shape_of

LOOKED_AT = 1_000  # records by which a table is judged
MOST_HEADER_ROWS = 5
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


def usual_width(records: Sequence[Sequence[str]]) -> int:
    """The commonest number of cells; trailing cells in which nothing ever stands are not counted."""
    filled = [cells for cells in records if not blank(cells)]
    if not filled:
        return 0
    counts = Counter(len(cells) for cells in filled)
    width = max(counts, key=lambda w: (counts[w] * (1 if w > 1 else 0.3), w))
    named = next((len(cells) for cells in filled if len(cells) > 1), width)
    if 1 < named < width and not any(cell.strip() for cells in filled for cell in cells[named:]):
        return named
    return width


def trimmed(cells: list[str], width: int) -> list[str]:
    """The cells without those beyond the width in which nothing stands."""
    return cells[:width] if len(cells) > width and blank(cells[width:]) else cells


def preamble(records: Sequence[Record], width: int) -> int:
    """How many records stand before the table: narrow ones, and those that fill little of its width."""
    if width < 2:
        return 0
    for i, record in enumerate(records):
        cells = record.cells
        if width == 2:
            if len(cells) >= 2 and not blank(cells):
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
    names = below[0].cells
    return len(names) == width and sum(bool(name.strip()) for name in names) > width // 2 and filled[0] > 0


def header_rows(rows: Sequence[Sequence[str]], width: int) -> int:
    """How many of the first rows name the columns: those that are unlike what stands below them."""
    full = [list(cells) for cells in rows if len(cells) == width]
    if not full:
        return 1 if rows else 0
    if len(rows[0]) != width:
        return 1
    if len(full) == 1:
        return 0 if any(kind_of(cell) in TYPED for cell in full[0]) else 1
    body = full[MOST_HEADER_ROWS + 1 :] if len(full) > 3 * MOST_HEADER_ROWS else full[-max(1, len(full) - 1) :]
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


def _evidence(cells: Sequence[str], fits: Fits, typed: list[int]) -> tuple[int, int]:
    """In how many typed columns a name stands, and in how many a cell like those below."""
    over = same = 0
    for i in typed:
        text = cells[i].strip()
        if text.lower() in NOTHING:
            continue
        kind, main = kind_of(cells[i]), fits.main_kind(i)[0]
        if _of_few(fits, i):
            known = text in fits.values[i]
            same, over = same + known, over + (not known and kind in ("word", "text", "code"))
        elif kind == main and (kind != "code" or fits.shapes[i][shape_of(cells[i])] > 0.1 * fits.rows):
            same += 1
        elif kind in ("word", "text", "code", "broken"):
            over += 1
    return over, same


def _counts_up(head: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Names that are years in a row, 2019, 2020, 2021, over columns of other numbers."""
    years = [(i, int(cell)) for i, cell in enumerate(head) if _is_year(cell)]
    others = [cell for cell in head if cell.strip() and not _is_year(cell)]
    if len(years) < 2 or any(kind_of(cell) == "number" for cell in others):
        return False
    steps = {b - a for (_, a), (_, b) in pairwise(years)}
    inside = sum(_is_year(cells[i]) for cells in body[:50] for i, _ in years)
    return len(steps) == 1 and steps != {0} and inside <= 0.1 * len(body[:50]) * len(years)


def _is_year(cell: str) -> bool:
    return cell.strip().isdigit() and 1800 <= int(cell) <= 2200


def _names_by_value(head: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Words that never come again in their columns."""
    if any(kind_of(cell) in TYPED for cell in head if cell.strip()):
        return False
    values = [{cells[i].strip() for cells in below} for i in range(len(head))]
    repeated = sum(1 for i, cell in enumerate(head) if cell.strip() in values[i])
    return repeated <= len(head) // 2


def joined_names(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The columns' names from the rows that name them; a group's name is carried over the columns that it spans."""
    if not rows:
        return [f"col_{i + 1}" for i in range(width)]
    if len(rows[0]) == width - 1 and len(rows) == 1:
        return ["", *rows[0]]
    levels = []
    for number, cells in enumerate(rows):
        level = [*cells[:width], *[""] * (width - len(cells))]
        if number < len(rows) - 1 and any(not cell.strip() for cell in level):
            carried = ""
            for i, cell in enumerate(level):
                carried = cell if cell.strip() else carried
                level[i] = carried
        levels.append(level)
    return [
        " ".join(level[i].strip() for level in levels if level[i].strip()) if len(levels) > 1 else levels[0][i]
        for i in range(width)
    ]


def begins_another(record: Record, after_blank: bool, header: Sequence[str], fits: Fits, stream: Stream) -> bool:
    """Whether another table begins with this record: names again, or another shape below a blank line."""
    cells = [cell.strip() for cell in record.cells]
    names = {name.strip() for name in header if name.strip()}
    if len(cells) >= 2 and names:
        again = sum(1 for cell in cells if cell and cell in names)
        if again >= 2 and again > 0.6 * sum(bool(cell) for cell in cells):
            return True
    if not after_blank or len(record.cells) < 2:
        return False
    below = [other.cells for other in stream.ahead(2)]
    if len(record.cells) != fits.width:
        return len(below) > 0 and all(len(other) == len(record.cells) for other in below[:1]) and not blank(below[0])
    if likely(record.cells, fits) > -4.0 or any(kind_of(cell) == "number" for cell in cells):
        return False
    return len(below) > 0 and len(below[0]) == len(record.cells)
