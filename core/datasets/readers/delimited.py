"""CSV and its relatives: encoding, dialect, header and table are found; every cell stays text, nothing is dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.datasets.raw import EMPTY, Dialect, Reading, Reject, Spool, empty_last, unique_names
from core.datasets.readers import Reader
from core.datasets.text import large
from core.datasets.text.dialects import find_form
from core.datasets.text.letters import Letters, find_encoding
from core.datasets.text.mend import Effort, could_be, mend, sentences
from core.datasets.text.records import Form, Record, Records
from core.datasets.text.shapes import Fits
from core.datasets.text.tables import (
    LOOKED_AT,
    NOTES,
    Stream,
    alone,
    begins_another,
    below_pairs,
    blank,
    comment,
    first_block,
    header_rows,
    is_note,
    is_odd,
    joined_names,
    named_width,
    opening,
    optional_last,
    ragged,
    surplus,
    trimmed,
    usual_width,
    with_mark,
)
from core.errors import FileRefused, TooLarge
from core.specs import FOUND, ReadOptions

SAMPLE_CHARACTERS = 400_000
CUT = 0.1  # of the rows, above which those that were cut tell what rows look like
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n')  # what Excel writes to announce the delimiter
ROWS = 50_000  # handed over at once
TABLE = re.compile(r"table (\d+)")
BLANK = " \t\r\n\ufeff"
AGAIN = "the names of the columns again"
NOTE = "a note below the table"
WIDTH_SEEN = 20  # records after which the limit on columns is checked
FEW = 0.2  # share of rows
MOST_RENAMED = 10  # notices about names
SAID = 3  # examples in a notice


def read(path: Path, spool: Spool) -> Reading:
    """A delimited text file as a table. Raises FileRefused, TooLarge."""
    letters = find_encoding(path, spool.name, spool.options.encoding)
    sample = _sample(letters)
    if not sample.strip():
        raise FileRefused("the file holds no text", where=spool.name, fix="upload a table with a header and rows")
    announced = SEPARATOR_LINE.match(sample)
    chosen = _chosen(spool.options)
    if announced and "delimiter" not in chosen:
        chosen = {**chosen, "delimiter": announced[1]}
    form = find_form(sample[announced.end() :] if announced else sample, chosen)
    if path.stat().st_size >= large.LARGE and large.suits(letters, form):
        reading = read_fast(path, letters, form, spool, sample, passed=int(bool(announced)))
        if reading is not None:
            return reading
        spool.restart()
    records = iter(Records(letters.pieces(), form))
    if announced:
        next(records)
    stream = Stream(_within_limits(records, spool))
    return _read_tables(stream, form, letters, spool, int(bool(announced)))


def read_fast(path: Path, letters: Letters, form: Form, spool: Spool, sample: str, passed: int = 0) -> Reading | None:
    """A file of one table without a fault, by way of DuckDB; None where it isn't one. Raises TooLarge."""
    if spool.options.sheet is not None or not letters.lines:
        return None
    records = iter(Records(iter([sample]), form))
    for _ in range(passed):
        next(records)
    stream = Stream(records)
    table = open_table(stream, spool.options, spool, form.mark)
    first = stream.ahead(1)
    above = table.header_rows + len(table.skipped) + passed
    if not first or not table.header_rows or first[0].line != above + 1:
        return None
    head = "\n".join(sample.split("\n", above)[:above])
    spool.start(table.names, source=table.header)
    loose = large.stream(path, form, table.header, first[0].line, letters.lines, head, spool, table.loose)
    if loose is None:
        return None
    table.rows, table.loose = spool.rows, loose
    _leave_out_loose(table, spool)
    return reading_of(table, form, letters, passed, [table.rows], 1, spool)


def _sample(letters: Letters) -> str:
    sample = ""
    for piece in letters.pieces(SAMPLE_CHARACTERS):
        sample += piece
        if len(sample) >= SAMPLE_CHARACTERS:
            break
    return sample


def _chosen(options: ReadOptions) -> dict[str, str]:
    said = {"delimiter": options.delimiter, "quote": options.quote, "escape": options.escape}
    return {name: value for name, value in said.items() if value is not None}


def _within_limits(records: Iterator[Record], spool: Spool) -> Iterator[Record]:
    """The records, each cell no longer than it may be. Raises TooLarge."""
    limit = spool.limits.cell_limit_bytes
    for record in records:
        if len(record.text) > limit and any(len(cell) > limit for cell in record.cells):
            raise TooLarge(
                f"a cell is larger than {limit:,} characters, which is the limit",
                where=f"{spool.name}, line {record.line:,}",
                fix="look for a quote that is never closed, or have the limit raised (HOURGLASS_CELL_LIMIT_BYTES)",
            )
        yield record


@dataclass
class Table:
    """A table as its first records show it, and what was met among its rows."""

    width: int
    skipped: list[Record]
    header: list[str]  # as in the file
    names: list[str]  # usable ones
    renamed: list[str]  # what was changed to get them
    header_rows: int
    fits: Fits
    named: list[list[str]] = field(default_factory=list)  # the rows that name the columns, as in the file
    loose: int = 0  # last columns without a name, in which nothing stood so far
    surplus: int = 0  # columns that have a name, and no cell in most rows
    optional: int = 0  # last columns of which rows may have no cell
    padded: int = 0  # rows that got empty cells there
    first: list[str] | None = None  # the first row
    few_alone: bool = True  # hardly a row holds one cell alone
    noted: bool = False  # whether the notes below the table have begun
    mended: list[Reject] = field(default_factory=list)
    effort: Effort = field(default_factory=Effort)
    blanks: int = 0  # empty lines
    open_quotes: list[int] = field(default_factory=list)
    rows: int = 0


def _read_tables(stream: Stream, form: Form, letters: Letters, spool: Spool, passed: int) -> Reading:
    """The table that is wanted (the first, where nothing is said); the others are counted and can be picked."""
    sheet = TABLE.fullmatch(spool.options.sheet or "")
    wanted = int(sheet[1]) if sheet else 1
    sizes: list[int] = []
    read: Table | None = None
    while stream.ahead(1):
        number = len(sizes) + 1
        table = open_table(stream, spool.options if number == wanted else FOUND, spool, form.mark)
        if number == wanted:
            read = table
            spool.start(table.names, source=table.header)
            for cells, lines in _rows(table, stream, form, spool):
                table.loose = empty_last(cells, table.loose)
                spool.write(cells, lines)
            _leave_out_loose(table, spool)
            spool.add_mended(table.mended)
        else:
            for _ in _rows(table, stream, form, None):
                pass
        sizes.append(table.rows)
    if read is None:
        raise FileRefused(
            f"there is no table {wanted}", where=spool.name, fix=f"choose one from table 1 to table {len(sizes)}"
        )
    return reading_of(read, form, letters, passed, sizes, wanted, spool)


def _leave_out_loose(table: Table, spool: Spool) -> None:
    """Leave out the last columns that have neither a name nor a cell: each line ends in delimiters, no more."""
    if table.loose:
        spool.leave_out_last(table.loose)
        table.names, table.renamed = unique_names(table.header[: -table.loose])


def open_table(stream: Stream, options: ReadOptions, spool: Spool, mark: str) -> Table:
    """Look at the next records: width, preamble, header; `mark` stands between cells. Raises TooLarge."""
    # A thousand rows that are far too wide would fill the memory before anything could be said.
    spool.check_width(
        min((len(record.cells) for record in stream.ahead(WIDTH_SEEN) if not blank(record.cells)), default=0)
    )
    first = stream.ahead(LOOKED_AT)
    count, optional = options.header_rows, 0
    if options.preamble_rows is not None:
        skip = _behind(first, options.preamble_rows)
        width = usual_width([record.cells for record in first[skip:]])
    else:
        begin, end = below_pairs(first) or (0, first_block(first))
        first = first[:end]
        width = usual_width([record.cells for record in first[begin:]])
        spool.check_width(width)
        seen_rows = [record.cells for record in first[begin:]]
        width = named_width(seen_rows, width)
        optional = optional_last(seen_rows, width, mark)
        widths = None if optional else ragged(seen_rows, width)
        if widths is not None:
            width, optional = widths[0], widths[1] - widths[0]
        first = [_lengthened(record, width, optional) for record in first]
        width += optional
        skip, seen = opening(first[begin:], width)
        if widths is not None and seen is None:
            # That a row fills few of the columns does not say that it comes before the table.
            skip = next((i for i, cells in enumerate(seen_rows) if len(cells) >= widths[0] and not blank(cells)), 0)
        skip += begin
        count = seen if count is None else count
    spool.check_width(width)
    skipped = [stream.take() for _ in range(skip)]
    filled = [record.cells for record in first[skip:] if not blank(record.cells)]
    # Rows with a delimiter after their last cell are rows, where there are no others to learn from.
    usual = sum(len(cells) == width for cells in filled) > len(filled) // 2
    body = filled if usual else [trimmed(cells, width) for cells in filled]
    if count is None:
        count = header_rows(body, width)
    names: list[list[str]] = []
    while len(names) < count and (record := stream.take()) is not None:
        if not blank(record.cells):
            cells = trimmed(with_mark(record.cells, width), width)
            names.append([*cells, *[""] * (width - len(cells))] if optional else cells)
    width, more = surplus(names, body[count:], width)
    spool.check_width(width)
    good = [cells for cells in body[count:] if len(cells) == width]
    whole = [sentences(cells, mark) for cells in body[count:] if len(cells) > width]
    if sum(len(cells) == width for cells in whole) > CUT * len(body):  # rows of sentences that were cut at their commas
        good += [cells for cells in whole if len(cells) == width]
    if more or not good:  # the last cells are missing in all rows
        good = [[*cells, *[""] * (width - len(cells))] for cells in body[count:] if 1 < len(cells) <= width]
    while len(good) > 1 and alone(good[-1]):  # what may be a note tells nothing of the rows
        good.pop()
    header = joined_names(names, width)
    usable, renamed = unique_names(header)
    return Table(
        width=width,
        skipped=[record for record in skipped if record is not None],
        header=header,
        names=usable,
        renamed=renamed,
        header_rows=len(names),
        fits=Fits(good, width),
        few_alone=sum(map(alone, good)) <= FEW * len(good),
        named=[[cell.strip() for cell in cells] for cells in names],
        loose=_unnamed_last(header) if names else max(0, width - 1),
        surplus=more,
        optional=optional,
    )


def _unnamed_last(header: list[str]) -> int:
    named = max((i + 1 for i, name in enumerate(header) if name.strip()), default=1)
    return len(header) - named


def _behind(records: list[Record], rows: int) -> int:
    """The place behind so many records that hold something."""
    passed = 0
    for place, record in enumerate(records):
        if passed == rows and not blank(record.cells):
            return place
        passed += not blank(record.cells)
    return len(records)


def _rows(table: Table, stream: Stream, form: Form, spool: Spool | None) -> Iterator[tuple[list[pa.Array], np.ndarray]]:
    """The rows until another table begins, some at a time; what is no row goes to the rejects."""
    width, header = table.width, table.header
    columns: list[list[str]] = [[] for _ in range(width)]
    lines: list[int] = []
    after_blank = False
    waiting = 0  # blank lines that are none of the table where nothing follows
    first_name = header[0].strip() if header else ""
    for taken in stream:
        record = _padded(taken, table)
        cells = record.cells
        if blank(cells):
            after_blank = True
            if record.text.strip(BLANK):
                _reject(spool, record, EMPTY)
            else:
                waiting += record.lines
            continue
        if not after_blank and _names_again(record, table, stream):
            _reject(spool, record, AGAIN)
            continue
        if _is_noted(record, table, stream, after_blank):
            _reject(spool, record, NOTE)
            continue
        suspicious = after_blank or len(cells) != width or cells[0].strip() == first_name
        if (
            suspicious
            and table.rows + len(lines) > 0
            and table.header_rows
            and begins_another(record, after_blank, header, table.fits, stream)
        ):
            stream.back(taken)
            break
        after_blank = False
        table.blanks += waiting
        waiting = 0
        row = _row(record, table, form, spool)
        if row is None:
            continue
        table.first = table.first or row
        table.padded += record is not taken
        lines.append(record.line)
        for column, cell in zip(columns, row, strict=True):
            column.append(cell)
        if len(lines) == ROWS:
            table.rows += len(lines)
            yield [pa.array(column, pa.string()) for column in columns], np.asarray(lines, np.int64)
            columns, lines = [[] for _ in range(width)], []
    if lines:
        table.rows += len(lines)
        yield [pa.array(column, pa.string()) for column in columns], np.asarray(lines, np.int64)


def _padded(record: Record, table: Table) -> Record:
    """The record, with an empty cell for each name that has none in the rows."""
    if table.optional:
        return _lengthened(record, table.width - table.optional, table.optional)
    if not table.surplus or len(record.cells) != table.width - table.surplus or blank(record.cells):
        return record
    return replace(record, cells=[*record.cells, *[""] * table.surplus])


def _lengthened(record: Record, width: int, optional: int) -> Record:
    """The record, with an empty cell for each of the last columns that it leaves out."""
    missing = width + optional - len(record.cells)
    if not 0 < missing <= optional or blank(record.cells) or comment(record.cells):
        return record
    return replace(record, cells=[*record.cells, *[""] * missing])


def _row(record: Record, table: Table, form: Form, spool: Spool | None) -> list[str] | None:
    """The cells of a record, mended where they are another number than the table's; None where it is set aside."""
    cells, width = record.cells, table.width
    if len(cells) > width and blank(cells[width:]) and could_be(cells[:width], table.fits):
        cells = cells[:width]
    if len(cells) == width and not record.doubtful:
        return cells
    # Nothing tells what would stand under names that have no cells.
    unknown = table.surplus and len(cells) > width
    row = None if unknown else mend(record, form, table.fits, table.effort)
    if row is None and len(cells) != width:
        _reject(spool, record, f"{len(cells)} cells where the table has {width}")
        return None
    if row is None or row.cells == cells:
        table.open_quotes.append(record.line)
        return cells
    table.mended.append(Reject(record.line, record.text, f"mended: {row.how}"))
    return row.cells


def _names_again(record: Record, table: Table, stream: Stream) -> bool:
    """Whether a record repeats the names of the columns and the table goes on below; a copy of it begins anew."""
    if table.first is None or not any(record.cells[0].strip() == names[0] for names in table.named):
        return False
    if [cell.strip() for cell in trimmed(record.cells, table.width)] not in table.named:
        return False
    below = stream.ahead(1)
    return bool(below) and trimmed(below[0].cells, table.width) != table.first


def _is_noted(record: Record, table: Table, stream: Stream, after_blank: bool) -> bool:
    """Whether a record is one of the notes below the table."""
    full = len(record.cells) == table.width and record.cells[-1].strip()
    if full or not table.few_alone or not is_note(record, table.width) or not _nothing_follows(stream, table.width):
        return False
    table.noted = table.noted or after_blank or is_odd(record, table.fits)
    return table.noted


def _nothing_follows(stream: Stream, width: int) -> bool:
    """Whether only notes and blank records come until the text ends."""
    below = stream.ahead(NOTES)
    return len(below) < NOTES and all(blank(record.cells) or is_note(record, width) for record in below)


def _reject(spool: Spool | None, record: Record, reason: str) -> None:
    if spool is not None:
        spool.reject(record.line, record.text, reason)


def reading_of(
    table: Table, form: Form, letters: Letters, passed: int, sizes: list[int], wanted: int, spool: Spool
) -> Reading:
    """Dialect and notices of a table that was read."""
    notices = [*letters.notices, *table.renamed[:MOST_RENAMED]]
    if more := len(table.renamed[MOST_RENAMED:]):
        notices.append(f"{more:,} more {'column was' if more == 1 else 'columns were'} named in the same way")
    if strange := [control for control in letters.controls if chr(control.code) not in (form.delimiter, form.quote)]:
        count = sum(control.count for control in strange)
        where = f"(code {strange[0].code}) at byte {strange[0].first:,}"
        notices.append(
            f"a control character {where} is kept, and shown as �"
            if count == 1
            else f"{count:,} control characters, the first {where}, are kept, and shown as �"
        )
    if said := [record for record in table.skipped if not blank(record.cells)]:
        texts = ", ".join(f"“{record.text[:60]}”" for record in said[:SAID])
        count = len(said)
        lines = "line comes" if count == 1 else f"{count:,} lines come"
        notices.append(f"the first {lines} before the table and {_was(count)} left out: {texts}")
    if not table.header_rows:
        notices.append("the first row looks like data, so the columns are called col_1, col_2, …")
    if table.header_rows > 1:
        notices.append(f"the first {table.header_rows} rows name the columns; their names were joined")
    if table.loose:
        mark = "tab" if form.mark == "\t" else f"“{form.mark}”"
        ends = f"a {mark}" if table.loose == 1 else f"{table.loose:,} × {mark}"
        what = "an empty column" if table.loose == 1 else f"{table.loose:,} empty columns"
        notices.append(f"every line ends in {ends}: {what} without a name {_was(table.loose)} left out")
    if table.padded:
        last = table.surplus or table.optional
        shown = ", ".join(f"“{name[:60]}”" for name in table.names[-last:][:SAID])
        which = "column" if last == 1 else f"{last:,} columns"
        notices.append(
            f"{'there are more names than cells: ' if table.surplus else ''}"
            f"{table.padded:,} {'row has' if table.padded == 1 else 'rows have'} "
            f"nothing in {'one or more of ' if table.optional > 1 else ''}the last {which} ({shown}{', …' if last > SAID else ''})"
        )
    if table.mended:
        count = len(table.mended)
        some = ", ".join(f"line {row.line:,} ({row.reason.removeprefix('mended: ')})" for row in table.mended[:SAID])
        some += f" and {count - SAID:,} more" if count > SAID else ""
        notices.append(
            f"{count:,} {'row' if count == 1 else 'rows'} had another number of cells and {_was(count)} mended: {some}"
        )
    left_out = Counter(reject.reason for reject in spool.rejects)
    if ragged := [reject for reject in spool.rejects if reject.reason not in (EMPTY, AGAIN, NOTE)]:
        count, rows = len(ragged), table.rows + len(ragged)
        have = "row has" if rows == 1 else "rows have" if count > 1 else "rows has"
        line = f"line {ragged[0].line:,}" if count == 1 else f"lines {', '.join(f'{r.line:,}' for r in ragged[:SAID])}"
        notices.append(
            f"{count:,} of {rows:,} {have} another number of cells than the table's {table.width} and {_was(count)} "
            f"set aside ({line}{', …' if count > SAID else ''})"
        )
    if empty := left_out[EMPTY]:
        notices.append(f"{empty:,} {'row holds' if empty == 1 else 'rows hold'} nothing and {_was(empty)} set aside")
    if again := left_out[AGAIN]:
        notices.append(
            f"{again:,} {'row repeats' if again == 1 else 'rows repeat'} the names and {_was(again)} left out"
        )
    if notes := [reject.text for reject in spool.rejects if reject.reason == NOTE]:
        count = len(notes)
        texts = ", ".join(f"“{text[:60]}”" for text in notes[:SAID])
        lines = "line comes" if count == 1 else f"{count:,} lines come"
        notices.append(f"the last {lines} after the table and {_was(count)} left out: {texts}")
    if table.open_quotes:
        count, line = len(table.open_quotes), f"line {table.open_quotes[0]:,}"
        notices.append(
            f"a quote in {line} is never closed; it is kept as written"
            if count == 1
            else f"quotes in {count:,} rows, the first in {line}, are never closed; they are kept as written"
        )
    if table.blanks and table.width == 1:
        count = table.blanks
        notices.append(f"{count:,} blank {'line' if count == 1 else 'lines'} {_was(count)} left out")
    if len(sizes) > 1:
        others = ", ".join(f"table {i + 1} ({size:,} rows)" for i, size in enumerate(sizes) if i + 1 != wanted)
        notices.append(f"the file holds {len(sizes)} tables; table {wanted} was read, not {others}")
    return Reading(
        dialect=Dialect(
            delimiter=form.delimiter if table.width > 1 else "",
            quote=form.quote,
            escape=form.escape,
            encoding=letters.encoding,
            header_rows=table.header_rows,
            preamble_rows=passed + sum(not blank(record.cells) for record in table.skipped),
            sheet=f"table {wanted}" if len(sizes) > 1 else "",
        ),
        notices=tuple(notices),
        sheets=tuple(f"table {i + 1}" for i in range(len(sizes))) if len(sizes) > 1 else (),
    )


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


READER = Reader("delimited text", 100, lambda _head, _name: True, read)
