"""Large files: DuckDB takes them apart under the dialect that was found, and hands the rows over as they pass.

It is asked to be strict: at the first line that is not as it should be, the file goes the slower way instead, which
mends. So both ways give the same table.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.duck import connection, literal
from core.datasets.raw import Spool, empty_last
from core.datasets.text.letters import PIECE, Letters
from core.datasets.text.records import BLANKS, Form

LARGE = 32_000_000  # bytes from which on it is worth it
ROWS = 100_000  # handed over at once


def suits(letters: Letters, form: Form) -> bool:
    """Whether DuckDB can read such a file as we do."""
    plain = form.plain and form.delimiter != BLANKS and not form.lenient
    return plain and letters.encoding in ("utf-8", "utf-8-sig") and not letters.carriage


def stream(
    path: Path, form: Form, header: list[str], first_line: int, lines: int, head: str, spool: Spool, unnamed: int = 0
) -> int | None:
    """Put the rows from `first_line` on into the spool. None where the file must go the slower way.

    header: the columns' names in the file, which a second table would repeat; lines: how many the file has; head: the
    text before the first row. Returned is how many of the last columns, `unnamed` at most, hold nothing.
    """
    width = len(header)
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
    query = (
        f"FROM read_csv({literal(str(path))}, auto_detect=false, header=false, skip={first_line - 1}, "
        f"delim={literal(form.delimiter)}, quote={literal(form.quote)}, escape={literal(form.quote)}, "
        f"strict_mode=true, null_padding=false, columns={{{columns}}})"
    )
    mark, inside, ends, last = form.mark.encode(), 0, 0, [""] * width
    with connection() as duck:
        try:
            for batch in duck.sql(query).to_arrow_reader(ROWS):
                cells = [column.cast(pa.string()) for column in batch.columns]
                if _too_long(cells, spool.limits.cell_limit_bytes) or _unlike(cells, header):
                    return None
                unnamed = empty_last(cells, unnamed)
                last = [column[-1].as_py() or "" for column in cells]
                for column in cells:
                    letters = _letters(column)
                    inside, ends = inside + _often(letters, mark), ends + letters.count(b"\n")
                spool.write(cells, np.arange(spool.rows, spool.rows + len(batch)) + first_line)
        except (duckdb.Error, OSError) as error:
            if "CSV" in str(error):  # a line is not as it should be: the other way says which, and mends it
                return None
            raise
    if width > 1 and sum(bool(cell.strip()) for cell in last) == 1:  # what may be a note below the table
        return None
    # DuckDB passes over blank lines, and over a delimiter too many at the end of a row, without a word: every line
    # end and every delimiter of the file must stand between two cells or inside one.
    if lines - (first_line - 1) != spool.rows + ends:
        return None
    if _count(path, mark) - head.count(form.mark) != spool.rows * (width - 1) + inside:
        return None
    if ends:
        if spool.samples:
            return None
        more = spool.count_inside("\n")
        spool.set_lines(first_line + np.arange(spool.rows) + np.concatenate([[0], np.cumsum(more)[:-1]]))
    return unnamed


def _letters(column: pa.Array) -> bytes:
    """All cells of a column, one behind the other."""
    _, offsets, letters = column.buffers()
    if letters is None:
        return b""
    places = np.frombuffer(offsets, np.int32)
    return bytes(letters[int(places[column.offset]) : int(places[column.offset + len(column)])].to_pybytes())


def _count(path: Path, mark: bytes) -> int:
    with path.open("rb") as file:
        return sum(_often(piece, mark) for piece in iter(lambda: file.read(PIECE), b""))


def _often(text: bytes, mark: bytes) -> int:
    """How often a mark stands in a text where it stands often: counting one by one costs more than comparing all."""
    if len(mark) > 1:
        return text.count(mark)
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == mark[0]))


def _too_long(cells: list[pa.Array], limit: int) -> bool:
    return any((pc.max(pc.binary_length(column)).as_py() or 0) > limit for column in cells)


def _unlike(cells: list[pa.Array], header: list[str]) -> bool:
    """Whether a row repeats the header, or holds nothing."""
    first = cells[0]
    again = pc.indices_nonzero(pc.equal(first, header[0])).to_pylist() if header[0] else []
    if len(again) > 0 and any(
        all(column[i].as_py() == name for column, name in zip(cells, header, strict=True)) for i in again[:1_000]
    ):
        return True
    empty = _blank(first)
    for column in cells[1:]:
        if not pc.any(empty).as_py():
            return False
        empty = pc.and_(empty, _blank(column))
    return bool(pc.any(empty).as_py())


def _blank(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.or_(pc.equal(column, ""), pc.utf8_is_space(column)), True)
