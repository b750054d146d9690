"""Text → records: a quote counts only where its partner stands before a delimiter or a line's end.

So a stray quote stays the letter that it is, and cannot swallow the lines that follow.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

LOOKAHEAD = 2_000_000
BLANKS = r"\s+"  # the delimiter of tables that are aligned with blanks
EMPTY_LINES = re.compile(r"(?:\r?\n)+")


@dataclass(frozen=True)
class Form:
    """How records are written. `delimiter`: “, ” is a comma after which a blank is no part of the cell."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""  # empty: a quote inside a quoted cell is doubled
    lenient: bool = False  # quotes inside quoted cells stand there as they are
    doubled: str = ""  # a mark that is doubled in quoted cells, though it is not their quote

    @cached_property
    def mark(self) -> str:
        """The delimiter without the blank after it."""
        bare = self.delimiter.rstrip(" ")
        return bare or self.delimiter

    @cached_property
    def skips_blank(self) -> bool:
        return self.mark != self.delimiter

    @cached_property
    def plain(self) -> bool:
        """Whether a line can be given to the csv module."""
        return (
            len(self.mark) == 1 and not self.skips_blank and not self.escape and not self.doubled and bool(self.quote)
        )

    def split(self, line: str) -> list[str]:
        """The cells of a line in which no quote stands."""
        if not self.delimiter:
            return [line]
        if self.delimiter == BLANKS:
            return line.split() or [""]
        cells = line.split(self.mark)
        return [cells[0], *(cell[1:] if cell[:1] == " " else cell for cell in cells[1:])] if self.skips_blank else cells


@dataclass(frozen=True)
class Record:
    """One record: the line that it begins in (from 1), how many lines it takes, its cells, its text.

    Empty lines in a row are one record of one empty cell.
    """

    line: int
    lines: int
    cells: list[str]
    text: str
    doubtful: bool = False  # a quote stands in it that is none


class Quoted(str):
    """A cell that stood in quotes: whole as it is."""

    __slots__ = ()


def close(
    text: str, start: int, form: Form, dead: set[int], lenient: bool = False, stop: int | None = None
) -> tuple[Quoted, int] | None:
    """The quoted cell that opens at `start`, and the place after its closing quote; None where its quote is no quote.

    lenient: quotes that are followed by neither delimiter nor line end are passed over as letters of the cell.
    dead: places from which a search came to nothing; a search that comes to one of them ends there, so that many quotes
    that are never closed cost no more than one. It holds for one text, `lenient` and `stop`.
    """
    quote, escape, limit = form.quote, form.escape, len(text) if stop is None else stop
    at = start + 1
    passed: list[int] = []
    odd = False  # whether a quote was opened inside and not closed
    while True:
        found = -1 if at in dead else text.find(quote, at, limit)
        if found < 0:
            dead.update(passed)
            return None
        if escape and _escaped(text, found, start, escape):
            at = found + 1
            continue
        after = found + 1
        if text.startswith(quote, after):
            if (
                lenient and odd and _over(text, after + 1, form, limit)
            ):  # "the "best"": one closes the inner, one the cell
                return Quoted(_content(text[start + 1 : after], form)), after + 1
            at = after + 1  # a doubled quote
            passed.append(at)
            continue
        if _over(text, after, form, limit):
            return Quoted(_content(text[start + 1 : found], form)), after
        if not lenient and found > start + 1:  # two quotes at the front: the second is the cell's first letter
            dead.update(passed)
            return None
        odd = not odd
        at = after
        passed.append(at)


def _content(inner: str, form: Form) -> str:
    if form.escape and form.escape in inner:
        inner = inner.replace(form.escape + form.quote, form.quote).replace(form.escape * 2, form.escape)
    inner = inner.replace(form.quote * 2, form.quote)
    return inner.replace(form.doubled * 2, form.doubled) if form.doubled else inner


def _escaped(text: str, at: int, start: int, escape: str) -> bool:
    count = 0
    while at - 1 - count > start and text[at - 1 - count] == escape:
        count += 1
    return count % 2 == 1


def _over(text: str, at: int, form: Form, limit: int) -> bool:
    """Whether a cell is over at this place: delimiter, line end or the text's end, blanks before them allowed."""
    while at < limit and text[at] == " " and form.mark != " ":
        if form.delimiter == BLANKS:
            return True
        at += 1
    if at >= limit or text[at] == "\n":
        return True
    if text[at] == "\r":
        return text.startswith("\n", at + 1)
    return bool(form.mark) and form.delimiter != BLANKS and text.startswith(form.mark, at)


def parse(
    text: str, start: int, form: Form, lenient: bool = False, dead: set[int] | None = None
) -> tuple[list[str], int]:
    """The cells of the record that begins at `start`, and where the next one begins.

    dead: where no closing quote follows, as far as was seen in this text; see `close`.
    """
    if form.delimiter == BLANKS:
        return _parse_blanks(text, start, form)
    mark, quote, end = form.mark, form.quote, len(text)
    cells: list[str] = []
    at = start
    line_end = _line_end(text, at)
    dead = set() if dead is None else dead
    dead_in_line: set[int] = set()
    while True:
        opening = at
        if quote:
            while opening < end and text[opening] == " " and mark != " ":
                opening += 1
        if quote and text.startswith(quote, opening):
            closed = close(text, opening, form, dead)
            if closed is None and (lenient or form.lenient):
                closed = close(text, opening, form, dead_in_line, True, line_end)
            if closed is not None:
                cell, at = closed
                cells.append(cell)
                while at < end and text[at] == " " and mark != " ":
                    at += 1
                if at >= end or text[at] in "\r\n":
                    at += text.startswith("\r", at)
                    return cells, min(end, at + 1)
                at += len(mark)
                if at > line_end:
                    line_end, dead_in_line = _line_end(text, at), set()
                continue
        stop = text.find(mark, at, line_end) if mark else -1
        if stop < 0:
            last = text[at : line_end - (text[line_end - 1 : line_end] == "\r" and line_end > at)]
            cells.append(_bare(last, form, bool(cells)))
            return cells, min(end, line_end + 1)
        cells.append(_bare(text[at:stop], form, bool(cells)))
        at = stop + len(mark)


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _bare(cell: str, form: Form, blank: bool) -> str:
    return cell[1:] if blank and form.skips_blank and cell[:1] == " " else cell


def _parse_blanks(text: str, start: int, form: Form) -> tuple[list[str], int]:
    end = len(text)
    line_end = _line_end(text, start)
    cells: list[str] = []
    at = start
    dead: set[int] = set()
    while True:
        while at < line_end and text[at].isspace():
            at += 1
        if at >= line_end:
            return cells or [""], min(end, line_end + 1)
        if form.quote and text.startswith(form.quote, at):
            closed = close(text, at, form, dead, stop=line_end)
            if closed is not None:
                cell, at = closed
                cells.append(cell)
                continue
        begin = at
        while at < line_end and not text[at].isspace():
            at += 1
        cells.append(text[begin:at])


class Records:
    """The records of a text, as an iterator. `pieces` gives the text a piece at a time."""

    def __init__(self, pieces: Iterator[str], form: Form, line: int = 1) -> None:
        self.form, self.line = form, line
        self._pieces, self._text, self._at, self._ended = pieces, "", 0, False
        self._dead: set[int] = set()  # places in the text behind which no quote is closed
        mark = form.mark if form.mark.strip() else ""
        self._blank_quote = (
            re.compile(f"(?:^|{re.escape(mark)}) +{re.escape(form.quote)}") if mark and form.quote else None
        )

    def __iter__(self) -> Iterator[Record]:
        form, quote = self.form, self.form.quote
        while True:
            # What a quote opens may be closed far below: as much text as a cell may have is always here.
            if len(self._text) - self._at < LOOKAHEAD:
                self._more()
            if self._at >= len(self._text):
                return
            text, at = self._text, self._at
            if empty := EMPTY_LINES.match(text, at):
                lines = text.count("\n", at, empty.end())
                yield Record(self.line, lines, [""], "")
                self.line += lines
                self._at = empty.end()
                continue
            stop = text.find("\n", at)
            if stop < 0 and self._more():
                continue
            stop = len(text) if stop < 0 else stop
            line = text[at : stop - (text[stop - 1 : stop] == "\r" and stop > at)]
            cells: list[str] | None = None
            after = min(len(text), stop + 1)
            if not quote or quote not in line:
                cells = form.split(line)
            elif form.plain and not (self._blank_quote and self._blank_quote.search(line)):
                cells = _well_formed(line, form)
            slow = cells is None
            if cells is None:
                cells, after = parse(text, at, form, dead=self._dead)
                if after >= len(text) and self._more():
                    continue
            lines = 1 if after <= stop + 1 else text.count("\n", at, after)
            doubtful = slow and any(quote in cell and not isinstance(cell, Quoted) for cell in cells)
            whole = text[at : after - (text[after - 1 : after] == "\n")].rstrip("\r")
            yield Record(self.line, lines, cells, whole, doubtful)
            self.line += lines
            self._at = after

    def _more(self) -> bool:
        if self._ended:
            return False
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
            return False
        self._text, self._at = self._text[self._at :] + piece, 0
        self._dead = set()
        return True


def _well_formed(line: str, form: Form) -> list[str] | None:
    """The cells of a line without fault; None where it has one, or goes on in the next line."""
    try:
        return next(csv.reader([line], delimiter=form.mark, quotechar=form.quote, strict=True))
    except csv.Error:
        return None


def unquoted(record: Record, form: Form) -> list[str]:
    """The cells of a record's first line, quotes taken as letters."""
    return replace(form, quote="").split(record.text)


__all__ = ["BLANKS", "Form", "Quoted", "Record", "Records", "close", "parse", "unquoted"]
