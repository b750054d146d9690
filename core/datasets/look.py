"""A look at a zipped workbook (xlsx, xlsb, ods) before it is opened: what it unpacks to, and how far its cells span.

Streaming, over the bytes; so that a file made to do harm is refused in words, with the cell that is to blame.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from xml.etree import ElementTree
from xml.parsers import expat

from core.datasets.containers import RATIO, SUSPECT
from core.errors import FileRefused, TooLarge
from core.settings import Settings

PIECE = 1 << 20
HEAD = 4_096
PROLOG = 1 << 20  # bytes before the root element
AREA = 50_000_000  # cells of a sheet from its first to its last, empty ones too: calamine holds them all
LONGEST = 64_000_000  # bytes of one row
BOOK = 16_000_000  # bytes of the part that lists the sheets
# The cells with something in them, by column and row.
CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>")
UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
ERROR = re.compile(rb"<(?:\w+:)?c\s[^>]*?\bt=[\"']e[\"']")
ODS_TABLE = re.compile(rb"<table:table\s[^>]*?table:name=\"([^\"]*)\"")
ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)>")
ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
ODS_ROWS = re.compile(rb"number-rows-repeated=[\"'](\d+)")
ODS_COLUMNS = re.compile(rb"number-columns-repeated=[\"'](\d+)")


@dataclass
class Span:
    """What a sheet's cells say: how far they reach, and what has no value."""

    columns: int = 0
    rows: int = 0
    last: str = ""  # the cell furthest to the right and the row furthest down
    uncomputed: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Look:
    """By name of the sheet; a sheet that was not found is not there."""

    sheets: dict[str, Span] = field(default_factory=dict)

    def check(self, sheet: str, where: str, limits: Settings) -> None:
        """Raise TooLarge for a sheet whose cells span too much."""
        span = self.sheets.get(sheet, Span())
        place = f"{where}, sheet “{sheet}”" + (f", cell {span.last}" if span.last else "")
        check_span(span.columns, span.rows, place, limits)


def check_span(columns: int, rows: int, where: str, limits: Settings) -> None:
    """Raise TooLarge where a sheet's cells, empty ones between them too, are more than the limits allow."""
    fix = "delete what stands far below or to the right of the table, or save the table as CSV"
    if columns > limits.column_limit:
        raise TooLarge(f"the sheet has {columns:,} columns, the limit is {limits.column_limit:,}", where=where, fix=fix)
    if columns * rows > AREA:
        raise TooLarge(
            f"the cells span {rows:,} rows × {columns:,} columns, the limit is {AREA:,} cells", where=where, fix=fix
        )


def look(opened: zipfile.ZipFile, name: str, limits: Settings) -> Look:
    """Look at a workbook. Raises FileRefused, TooLarge; zipfile's errors where it is damaged."""
    names = set(opened.namelist())
    check_sizes(opened, name, limits)
    for part in names:
        if part.endswith((".xml", ".rels")):
            _refuse_entities(opened, part, name)
    counted = Counted(opened, name, limits)
    if "content.xml" in names and "mimetype" in names:
        return Look(_ods(counted.pieces("content.xml", b"</table:table-row>")))
    if "xl/workbook.xml" not in names:
        return Look()
    sheets = {}
    for title, part in _parts(opened, name).items():
        if part in names:
            sheets[title] = _xlsx(counted.pieces(part, b"row>"))
    return Look(sheets)


def check_sizes(opened: zipfile.ZipFile, name: str, limits: Settings) -> None:
    """What the directory says. Raises TooLarge."""
    unpacked = sum(entry.file_size for entry in opened.infolist())
    size = sum(entry.compress_size for entry in opened.infolist())
    limit = limits.upload_limit_mb * 4_000_000
    if unpacked > limit:
        raise TooLarge(
            f"the workbook unpacks to {unpacked:,} bytes, the limit is {limit:,}",
            where=name,
            fix="save the sheet as CSV and upload that",
        )
    if unpacked > max(SUSPECT, RATIO * size):
        raise TooLarge(
            f"{size:,} bytes unpack to {unpacked:,}, over {RATIO} to 1, which no workbook does",
            where=name,
            fix="save the sheet as CSV and upload that",
        )


class Counted:
    """The parts of a workbook piece by piece. What was unpacked is counted, whatever the directory says."""

    def __init__(self, opened: zipfile.ZipFile, name: str, limits: Settings) -> None:
        self._opened, self._name, self._limit, self.bytes = opened, name, limits.upload_limit_mb * 4_000_000, 0

    def pieces(self, part: str, cut: bytes) -> Iterator[bytes]:
        """A part, cut behind the end of a tag."""
        rest = b""
        with self._opened.open(part) as file:
            while piece := file.read(PIECE):
                self.bytes += len(piece)
                if self.bytes > self._limit:
                    raise self._too_large(f"the workbook unpacks to more than {self._limit:,} bytes", part)
                if len(rest) > LONGEST:
                    raise self._too_large(f"one row has more than {LONGEST:,} bytes", part)
                rest += piece
                if (end := rest.rfind(cut)) >= 0:
                    yield rest[: end + len(cut)]
                    rest = rest[end + len(cut) :]
        yield rest

    def _too_large(self, what: str, part: str) -> TooLarge:
        where = f"{self._name}, part “{part[:80]}”"
        return TooLarge(f"{what}, which is the limit", where=where, fix="save the sheet as CSV and upload that")


def _refuse_entities(opened: zipfile.ZipFile, part: str, name: str) -> None:
    """A workbook's XML declares no document type; one that does may define a word that grows without end."""
    begun: list[str] = []

    def doctype(*_: object) -> None:
        raise FileRefused(
            f"part “{part[:80]}” of the workbook declares XML entities, which no spreadsheet writes",
            where=name,
            fix="save the sheet as CSV and upload that",
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = lambda tag, _: begun.append(tag)
    read = 0
    try:
        with opened.open(part) as file:
            while not begun and (piece := file.read(HEAD)):
                parser.Parse(piece)
                read += len(piece)
                if read > PROLOG:
                    break
    except expat.ExpatError as error:
        if begun:
            return  # what follows is for calamine to judge
        raise FileRefused(
            f"part “{part[:80]}” of the workbook is not valid XML", where=name, fix="save the sheet as CSV"
        ) from error


def _parts(opened: zipfile.ZipFile, name: str) -> dict[str, str]:
    """The part of each sheet of an xlsx."""
    try:
        book, relations = (
            ElementTree.fromstring(_short(opened, part))  # noqa: S314 — it declares no entities, that was seen to
            for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
        )
    except (ElementTree.ParseError, KeyError) as error:
        raise FileRefused("this workbook is damaged", where=name, fix="save the sheet as CSV and try again") from error
    targets = {item.get("Id"): item.get("Target") or "" for item in relations}
    found = {}
    for sheet in book.iter():
        if sheet.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
            target = targets.get(relation, "")
            found[sheet.get("name") or ""] = target[1:] if target.startswith("/") else f"xl/{target}"
    return found


def _short(opened: zipfile.ZipFile, part: str) -> bytes:
    with opened.open(part) as file:
        return file.read(BOOK)  # one that is longer is torn here, and broken


def _xlsx(pieces: Iterator[bytes]) -> Span:
    span = Span()
    letters, column = "", ""
    for piece in pieces:
        cells = CELL.findall(piece)
        for letters in {cell[0].decode() for cell in cells}:
            if column_number(letters) > span.columns:
                span.columns, column = column_number(letters), letters
        span.rows = max(span.rows, max(map(int, {cell[1] for cell in cells}), default=0))
        span.uncomputed += len(UNCOMPUTED.findall(piece))
        span.errors += len(ERROR.findall(piece))
    span.last = f"{column}{span.rows}" if column else ""
    return span


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _ods(pieces: Iterator[bytes]) -> dict[str, Span]:
    """The spans of an ods, whose cells and rows say how often they are repeated."""
    sheets: dict[str, Span] = {}
    span = Span()
    for piece in pieces:
        for row in re.split(rb"(?=<table:table-row\b|<table:table\s)", piece):
            if table := ODS_TABLE.match(row):
                span = sheets.setdefault(unescape(table[1].decode("utf-8", "replace")), Span())
            elif tag := ODS_ROW.match(row):
                _ods_row(row, _times(ODS_ROWS, tag[1]), span)
    return sheets


def _ods_row(row: bytes, times: int, span: Span) -> None:
    column = reach = 0
    for cell in ODS_CELL.finditer(row):
        repeated = _times(ODS_COLUMNS, cell[1])
        column += repeated
        if b"table:formula=" in cell[1]:
            span.errors += times * repeated * (b'calcext:value-type="error"' in cell[1])
            span.uncomputed += times * repeated * (b"value-type=" not in cell[1])
        if not cell[1].endswith(b"/") or b"value=" in cell[1]:
            reach = column
    span.columns = max(span.columns, reach)
    span.rows += times if reach else 0  # rows with nothing in them are not held


def _times(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1][:9]) if found else 1
