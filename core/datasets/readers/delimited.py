"""CSV and its relatives: encoding, delimiter and header are found; every cell stays text."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from charset_normalizer import from_bytes

from core.datasets.raw import Dialect, RawTable, Reading, Reject, leading, table_of, unique_names
from core.datasets.readers import Reader
from core.errors import FileRefused, TooLarge
from core.settings import Settings

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 200
SAMPLE_CHARACTERS = 400_000
REJECTS_KEPT = 1_000
# UTF-32 first: its mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n')  # what Excel writes to announce the delimiter
# Code pages of the Macintosh, of DOS and of terminals keep their accented letters where Windows keeps signs:
# a text that has none there is not of theirs.
OLD_PAGES = ("mac_", "hp_", "cp4", "cp7", "cp8")
OLD_LETTERS = re.compile(rb"[\x80-\x84\x86-\x90\x98\x9a-\x9f]")
WORD = re.compile(r"\w+")
NUMBER = re.compile(r"^[-+]?[\d.,' ]*\d[\d.,' ]*(e[-+]?\d+)?\s*%?$", re.IGNORECASE)


def read(path: Path, name: str, limits: Settings) -> RawTable:
    """A delimited text file as a table. Raises FileRefused, TooLarge."""
    text, encoding, notices = decode(path.read_bytes(), name)
    if (position := text.find("\0")) >= 0:
        raise _binary(f"{name}, character {position:,}")
    if not text.strip():
        raise FileRefused("the file holds no text", where=name, fix="upload a table with a header and rows")
    csv.field_size_limit(limits.cell_limit_bytes)
    announced = SEPARATOR_LINE.match(text)
    delimiter = announced[1] if announced else find_delimiter(text)
    records = Records(text[announced.end() :] if announced else text, delimiter, name, limits, 2 if announced else 1)
    first: list[tuple[int, list[str]]] = []
    for record in records:
        first.append(record)
        if len(first) == SAMPLE_LINES:
            break
    width = _without_trailing_delimiter(first, _usual_width([cells for _, cells in first]))
    if width > limits.column_limit:
        raise TooLarge(
            f"the table has {width:,} columns, the limit is {limits.column_limit:,}",
            where=name,
            fix="leave columns out, or have the limit raised (HOURGLASS_COLUMN_LIMIT)",
        )
    preamble = leading(first, width)
    body = first[preamble:]
    has_header = _has_header([cells for _, cells in body], width)
    header = body[0][1] if has_header else [f"col_{i + 1}" for i in range(width)]
    rows = body[1:] if has_header else body
    if len(header) < width:
        header = header + [""] * (width - len(header))
    names, renamed = unique_names(header[:width])
    notices += renamed
    if preamble:
        texts = ", ".join(f"“{delimiter.join(cells)[:60]}”" for _, cells in first[: min(preamble, 3)])
        lines_are = "line comes" if preamble == 1 else f"{preamble:,} lines come"
        notices.append(f"the first {lines_are} before the table and {_was(preamble)} left out: {texts}")
    if not has_header:
        notices.append("the first row looks like data, so the columns are called col_1, col_2, …")
    columns: list[list[str | None]] = [[] for _ in names]
    lines: list[int] = []
    rejects: list[Reject] = []
    ragged = 0
    for source in (rows, records):
        for line, cells in source:
            if len(cells) != width and not (len(cells) > width and not any(cell.strip() for cell in cells[width:])):
                ragged += 1
                if len(rejects) < REJECTS_KEPT:
                    reason = f"{len(cells)} cells where the table has {width}"
                    rejects.append(Reject(line, delimiter.join(cells)[:1_000], reason))
                continue
            if len(lines) >= limits.row_limit:
                raise TooLarge(
                    f"the table has more than {limits.row_limit:,} rows, which is the limit",
                    where=f"{name}, line {line:,}",
                    fix="upload a part of it, or have the limit raised (HOURGLASS_ROW_LIMIT)",
                )
            lines.append(line)
            for column, cell in zip(columns, cells, strict=False):
                column.append(cell if cell.strip() else None)
    if not lines:
        raise FileRefused(
            "there is a header but no row below it" if has_header else "no line could be read as a row",
            where=name,
            fix="upload a table with at least one row of data",
        )
    if ragged:
        rows_have = "rows has" if ragged == 1 else "rows have"
        notices.append(
            f"{ragged:,} of {ragged + len(lines):,} {rows_have} another number of cells than the table's {width} "
            f"and {_was(ragged)} set aside, with the line number{'' if ragged == 1 else 's'}"
        )
    empty = records.empty
    if empty:
        notices.append(
            f"{len(empty):,} {'row holds' if len(empty) == 1 else 'rows hold'} nothing and {_was(len(empty))} set aside"
        )
    if records.blank and width == 1:
        notices.append(
            f"{records.blank:,} blank {'line' if records.blank == 1 else 'lines'} {_was(records.blank)} left out"
        )
    if records.unclosed:
        notices.append(
            f"the quote that opens in line {records.unclosed:,} is never closed: all from there on is one cell"
        )
    rejects += [Reject(line, text, "every cell is empty") for line, text in empty[: REJECTS_KEPT - len(rejects)]]
    return RawTable(
        cells=table_of(dict(zip(names, columns, strict=True))),
        lines=np.asarray(lines, np.int64),
        reading=Reading(
            dialect=Dialect(
                delimiter=delimiter if width > 1 else "",
                encoding=encoding,
                header_rows=int(has_header),
                preamble_rows=preamble + bool(announced),
            ),
            notices=tuple(notices),
            rejects=tuple(sorted(rejects, key=lambda reject: reject.line)),
        ),
        rejected=ragged + len(empty),
    )


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def decode(data: bytes, name: str) -> tuple[str, str, list[str]]:
    """Text, encoding, notices. Order: byte-order mark, UTF-16 by its NULs, UTF-8, a guess that is said."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _strict(data, encoding, name), encoding, []
    even, odd = data[0:4096:2].count(0), data[1:4096:2].count(0)
    if even + odd:
        half = max(1, min(len(data), 4096) // 2)
        if odd > 0.4 * half and even < 0.1 * half:
            return _strict(data, "utf-16-le", name), "utf-16-le", []
        if even > 0.4 * half and odd < 0.1 * half:
            return _strict(data, "utf-16-be", name), "utf-16-be", []
    position = data.find(b"\0")
    if position >= 0:
        raise _binary(f"{name}, byte {position:,}")
    try:
        return data.decode("utf-8"), "utf-8", []
    except UnicodeDecodeError as error:
        return _guess(data, error, name)


def _binary(where: str) -> FileRefused:
    return FileRefused("this is not text: it holds NUL bytes", where=where, fix="save it as CSV and try again")


def _guess(data: bytes, error: UnicodeDecodeError, name: str) -> tuple[str, str, list[str]]:
    encoding = _likely_encoding(data[: 1 << 20])
    line = data.count(b"\n", 0, error.start) + 1
    where = f"{name}, byte {error.start:,}, line {line:,}"
    control = sum(data[:65_536].count(bytes([code])) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    if encoding is None or control > 0.01 * min(len(data), 65_536):
        raise FileRefused(
            "these bytes are no text in any encoding that is known here", where=where, fix="save it as UTF-8 CSV"
        )
    text = _strict(data, encoding, name)
    # Encodings of one byte a letter look alike: a word lets the reader see whether the letters are right.
    odd = next((word for word in WORD.findall(text) if not word.isascii()), "")
    shown = f", for instance “{odd[:40]}”" if odd else ""
    return text, encoding, [f"the file is not UTF-8 (first at byte {error.start:,}); it was read as {encoding}{shown}"]


def _likely_encoding(data: bytes) -> str | None:
    """The guess; Western European where that is as likely and makes no symbol of what the guess takes for a letter."""
    found = from_bytes(data)
    best = found.best()
    if best is None:
        return None
    if best.encoding.startswith(OLD_PAGES) and not OLD_LETTERS.search(data):
        letters, western = str(best), data.decode("cp1252", "replace")
        if not any(a.isalpha() and not b.isalpha() for a, b in zip(letters, western, strict=False)):
            return "cp1252"
    for match in found:
        if match.encoding == "cp1252" and (match.chaos, match.coherence) == (best.chaos, best.coherence):
            letters, western = str(best), str(match)
            if len(letters) == len(western) and not any(
                a.isalpha() and not b.isalpha() for a, b in zip(letters, western, strict=True)
            ):
                return "cp1252"
    return best.encoding


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileRefused(
            f"the bytes are not valid {encoding}", where=f"{name}, byte {error.start:,}", fix="save it as UTF-8 CSV"
        ) from error


class Records:
    """The records of a delimited text with the line each begins on; those with nothing in them are kept apart."""

    def __init__(self, text: str, delimiter: str, name: str, limits: Settings, line: int = 1) -> None:
        self.empty: list[tuple[int, str]] = []  # line and text of records whose cells are all empty
        self.blank = 0  # lines without a character, those at the end not counted
        self.unclosed = 0  # the line of a quote that is never closed
        self._name, self._limits, self._delimiter, self._line = name, limits, delimiter, line
        self._odd_quotes = text.count('"') % 2 == 1
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        self._iterator = self._records()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self._iterator

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        before = self._line - 1  # lines that the reader does not see
        line, blank, last = self._line, 0, (0, 0)
        try:
            for cells in self._reader:
                after = before + self._reader.line_num + 1
                if not cells:
                    blank += 1
                elif any(cell.strip() for cell in cells):
                    self.blank, blank, last = self.blank + blank, 0, (line, after)
                    yield line, cells
                else:
                    self.empty.append((line, self._delimiter.join(cells)[:1_000]))
                line = after
        except csv.Error as error:
            where = f"{self._name}, line {line:,}"
            if "field larger" in str(error):
                raise TooLarge(
                    f"a cell is larger than {self._limits.cell_limit_bytes:,} characters, which is the limit",
                    where=where,
                    fix="look for a quote that is never closed, or have the limit raised (HOURGLASS_CELL_LIMIT_BYTES)",
                ) from error
            raise FileRefused(
                f"the line can't be taken apart: {error}", where=where, fix="look at that line"
            ) from error
        began, after = last
        if self._odd_quotes and after == line and after > began + 1:
            self.unclosed = began


def find_delimiter(text: str) -> str:
    """The delimiter under which most of the first lines have the same number of cells, more than one."""
    sample = text[:SAMPLE_CHARACTERS]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        widths = Counter[int]()
        typed = cells_seen = 0
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            for number, cells in enumerate(reader):
                if cells:
                    widths[len(cells)] += 1
                    typed += sum(1 for cell in cells if not cell.strip() or NUMBER.match(cell.strip()))
                    cells_seen += len(cells)
                if number >= SAMPLE_LINES:
                    break
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1] * min(item[0], 2), item[0]))
        share = count / sum(widths.values())
        score = (0.0 if width == 1 else share) * (1 + 0.5 * typed / max(1, cells_seen))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _without_trailing_delimiter(records: list[tuple[int, list[str]]], width: int) -> int:
    """The first record's width, where nothing in any record stands beyond it."""
    named = len(records[0][1]) if records else 0
    if 0 < named < width and not any(cell.strip() for _, cells in records for cell in cells[named:]):
        return named
    return width


def _usual_width(records: list[list[str]]) -> int:
    if not records:
        return 0
    counts = Counter(len(cells) for cells in records)
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0]


def _has_header(records: list[list[str]], width: int) -> bool:
    """Whether the first record is unlike those below: names over numbers, or names that never come again."""
    if not records or len(records[0]) != width:
        return bool(records)
    head, below = records[0], [cells for cells in records[1:] if len(cells) == width]
    if any(NUMBER.match(cell.strip()) for cell in head if cell.strip()):
        return False
    if not below:
        return True
    for i in range(width):
        column = [cells[i].strip() for cells in below if cells[i].strip()]
        if column and sum(bool(NUMBER.match(cell)) for cell in column) > 0.7 * len(column):
            return True
    values = [{cells[i].strip() for cells in below} for i in range(width)]
    repeated = sum(1 for i in range(width) if head[i].strip() in values[i])
    return repeated <= width // 2


READER = Reader("delimited text", 100, lambda _head, _name: True, read)
