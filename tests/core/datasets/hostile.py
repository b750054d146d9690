"""Files made by hand: workbooks and archives that no program would write, and small ones that many programs do."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def zipped(entries: Mapping[str, str | bytes] | list[tuple[str | zipfile.ZipInfo, str | bytes]]) -> bytes:
    """A zip of these files, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items() if isinstance(entries, Mapping) else entries:
            archive.writestr(name, data)
    return out.getvalue()


def xlsx(rows: str, *, title: str = "S", after: str = "", prolog: str = "") -> bytes:
    """A workbook of one sheet, by the XML of its rows."""
    sheet = f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": _relation(f"{RELATIONS}/officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": _relation(f"{RELATIONS}/worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def _relation(kind: str, target: str) -> str:
    one = f'<Relationship Id="rId1" Type="{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{one}</Relationships>'


def ods(rows: str, title: str = "S") -> bytes:
    """An OpenDocument spreadsheet of one sheet, by the XML of its rows."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="{title}">{rows}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>'
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": manifest})


def ods_cell(text: str, **attributes: object) -> str:
    """A cell of words; attributes such as `number_columns_repeated`."""
    more = "".join(f' table:{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def ods_row(*cells: str, times: int = 1) -> str:
    """A row of cells, so many times."""
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def xls(cells: Mapping[tuple[int, int], float | str | bytes | None]) -> bytes:
    """A workbook of Excel 97, by (row, column) from 0. None: #N/A; bytes: a formula with this stored result."""
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    bound = _record(0x0085, struct.pack("<IBBBB", len(start) + 4 + 12 + 4, 0, 0, 4, 0) + b"data")
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for (row, column), value in cells.items():
        if isinstance(value, str):
            words = struct.pack("<HHHHB", row, column, 0, len(value), 0) + value.encode("latin-1")
            sheet += _record(0x0204, words)
        elif value is None:
            sheet += _record(0x0205, struct.pack("<HHHBB", row, column, 0, 42, 1))
        elif isinstance(value, bytes):
            formula = struct.pack("<HHH", row, column, 0) + value + struct.pack("<HIHBH", 0, 0, 3, 0x1E, 1)
            sheet += _record(0x0006, formula)
        else:
            sheet += _record(0x0203, struct.pack("<HHHd", row, column, 0, value))
    stream = start + bound + _record(0x000A, b"") + sheet + _record(0x000A, b"")
    return ole("Workbook", stream)


def xlsb(rows: list[list[float | str | bool | None]]) -> bytes:
    """A binary workbook of one sheet. None: #N/A."""

    def record(kind: int, data: bytes = b"") -> bytes:
        name = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        return name + bytes([len(data)]) + data

    def words(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    book = record(0x9C, struct.pack("<II", 0, 1) + words("rId1") + words("S")) + record(0x90) + record(0x9D)
    sheet = record(0x94, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)) + record(0x91)
    for i, row in enumerate(rows):
        sheet += record(0x00, struct.pack("<I", i) + bytes(13))
        for j, value in enumerate(row):
            start = struct.pack("<II", j, 0)
            if value is None:
                sheet += record(0x03, start + bytes([42]))
            elif isinstance(value, bool):
                sheet += record(0x04, start + bytes([value]))
            elif isinstance(value, str):
                sheet += record(0x06, start + words(value))
            else:
                sheet += record(0x05, start + struct.pack("<d", value))
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": _relation(f"{RELATIONS}/worksheet", "worksheets/sheet1.bin"),
            "xl/worksheets/sheet1.bin": sheet + record(0x92),
        }
    )


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def ole(name: str, stream: bytes) -> bytes:
    """A compound file with one stream (sector 0: allocation, 1: directory, from 2 on: the stream)."""
    stream = stream.ljust(4_096, b"\0")
    stream += b"\0" * (-len(stream) % 512)
    sectors, end, free = len(stream) // 512, 0xFFFFFFFE, 0xFFFFFFFF
    table = [0xFFFFFFFD, end, *range(3, sectors + 2), end]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        1,
        1,
        0,
        4_096,
        end,
        0,
        end,
        0,
    ) + struct.pack("<109I", 0, *[free] * 108)
    directory = _entry("Root Entry", 5, end, 0, child=1) + _entry(name, 2, 2, len(stream)) + _entry("", 0, 0, 0) * 2
    return header + struct.pack("<128I", *table, *[free] * (128 - len(table))) + directory + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    letters = (name + "\0").encode("utf-16-le") if name else b""
    none = 0xFFFFFFFF
    return letters.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(letters), kind, 1, none, none, child, start, size)
