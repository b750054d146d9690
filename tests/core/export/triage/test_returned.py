"""Workbooks from anywhere: each is read, or refused in words that say what to do; none takes the process with it."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from core.errors import FileRefused, InputRefused, TooLarge
from core.export.triage import returned
from core.export.triage.returned import read_verdicts
from core.settings import Settings
from core.storage.store import Store
from tests.core.datasets.hostile import MAIN, xls, xlsb, xlsx, zipped
from tests.core.export.triage.made import exported, finished

LIMITS = Settings()
HEADER = ("hourglass_row", "hourglass_verdict", "verdict", "note")


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def by_hand(*rows: str, prolog: str = "") -> bytes:
    """One of ours in so far as it has our columns and says which data it is of."""
    header = "".join(cell(f"{letter}1", name) for letter, name in zip("ABCD", HEADER, strict=True))
    data = xlsx(f'<row r="1">{header}</row>' + "".join(rows), prolog=prolog)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        about = "".join(
            f'<row r="{i}">{cell(f"A{i}", name)}{cell(f"B{i}", value)}</row>'
            for i, (name, value) in enumerate(
                (("About this file", "-"), ("lineage id", "d-x"), ("run id", "r-x"), ("threshold", "nan")), 1
            )
        )
        for name in old.namelist():
            part = old.read(name).decode()
            if name == "xl/workbook.xml":
                part = part.replace("</sheets>", '<sheet name="A" sheetId="2" r:id="rId2"/></sheets>')
            if name == "xl/_rels/workbook.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
                part = part.replace(
                    "</Relationships>",
                    f'<Relationship Id="rId2" Type="{kind}" Target="worksheets/sheet2.xml"/></Relationships>',
                )
            if name == "[Content_Types].xml":
                types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
                part = part.replace(
                    "</Types>",
                    f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
                    + "".join(
                        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{types}.worksheet+xml"/>'
                        for i in (1, 2)
                    )
                    + "</Types>",
                )
            new.writestr(name, part)
        new.writestr(
            "xl/worksheets/sheet2.xml", f'<worksheet xmlns="{MAIN}"><sheetData>{about}</sheetData></worksheet>'
        )
    return out.getvalue()


def row(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def test_values_of_all_kinds_are_words() -> None:
    data = by_hand(
        row(2, cell("A2", "K1"), '<c r="B2"><v>7</v></c>', '<c r="C2" t="str"><f>A1</f><v>confirmed</v></c>'),
        row(3, '<c r="A3"><v>12.0</v></c>', cell("B3", "x"), '<c r="C3" t="b"><v>1</v></c>', cell("D3", "a_x000D_b")),
        row(4, cell("A4", " K3 "), '<c r="C4" t="str"><f>A1</f></c>', '<c r="D4" t="e"><v>#N/A</v></c>'),
        row(6, cell("A6", "K4")),
    )
    found = read_verdicts(data, LIMITS, "x.xlsx")
    assert (found.lineage_id, found.run_id, found.threshold, found.sheet) == ("d-x", "r-x", None, "S")
    first, second, third, last = found.lines
    assert (first.mark, first.said, first.words) == ("K1", 7, {"verdict": "confirmed", "note": ""})
    assert (second.mark, second.said, second.words) == ("12", None, {"verdict": "true", "note": "a\rb"})
    assert (third.mark, third.words["note"], third.uncomputed) == ("K3", "#N/A", ("verdict",))
    assert (last.number, last.uncomputed) == (6, ())


def foreign() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["verdict", "note"])
    book.save(out)
    return out.getvalue()


BOMB = '<!DOCTYPE x [<!ENTITY a "' + "a" * 100 + '"><!ENTITY b "' + "&a;" * 100 + '">]>'
REFUSED: dict[str, tuple[Callable[[], bytes], type[InputRefused], str]] = {
    "nothing": (lambda: b"", FileRefused, "no Excel workbook"),
    "text": (lambda: b"hourglass_row,verdict\nK1,confirmed\n", FileRefused, "CSV and Parquet don't come back"),
    "parquet": (lambda: b"PAR1" + bytes(40), FileRefused, "no Excel workbook"),
    "xls": (lambda: xls({(0, 0): "verdict"}), FileRefused, "before 2007, or locked with a password"),
    "xlsb": (lambda: xlsb([["verdict", "note"], ["a", "b"]]), FileRefused, "this zip archive is no Excel workbook"),
    "zip": (lambda: zipped({"a.txt": "x"}), FileRefused, "this zip archive is no Excel workbook"),
    "half": (lambda: by_hand()[:300], FileRefused, "damaged"),
    "leads out": (lambda: zipped({"../x": "x", "xl/workbook.xml": "x"}), FileRefused, "outside it"),
    "entities": (lambda: by_hand(prolog=BOMB), FileRefused, "declares XML entities"),
    "no xml": (lambda: zipped({"xl/workbook.xml": "no", "[Content_Types].xml": "no"}), FileRefused, "damaged"),
    "bomb": (lambda: by_hand(row(2, cell("A2", "a" * 150_000_000))), TooLarge, "over 200 to 1, which no workbook does"),
    "far away": (lambda: by_hand(row(1_048_576, cell("XFD1048576", "x"))), TooLarge, "cell XFD1048576"),
    "no such word": (lambda: by_hand(row(2, '<c r="A2" t="s"><v>99</v></c>')), FileRefused, "damaged"),
    "no such cell": (lambda: by_hand(row(2, cell("ZZZZZZ2", "x"))), FileRefused, "damaged"),
    "no such row": (lambda: by_hand(row(99_999_999_999, "<c><v>1</v></c>")), FileRefused, "damaged"),
    "foreign": (lambda: foreign(), InputRefused, "no sheet has the column hourglass_row"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_is_no_workbook_of_ours_is_refused(which: str) -> None:
    made, kind, wrong = REFUSED[which]
    with pytest.raises(kind, match=wrong) as refused:
        read_verdicts(made(), LIMITS, "back.xlsx")
    assert "back.xlsx" in refused.value.where
    assert refused.value.fix


def test_a_workbook_for_which_there_is_no_memory_is_refused() -> None:
    generator = random.Random(3)
    strings = "".join(f"<si><t>{generator.randbytes(500).hex()}</t></si>" for _ in range(20_000))
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{types}"/></Types>'
    with zipfile.ZipFile(io.BytesIO(by_hand())) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</Types>", override)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    assert read_verdicts(zipped(parts), LIMITS, "back.xlsx").lines == ()
    with pytest.raises(TooLarge, match="more than 60 MB of memory"):
        read_verdicts(zipped(parts), LIMITS.model_copy(update={"ingest_memory_mb": 60}), "back.xlsx")


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(returned, "LARGEST_MB", 0)
    with pytest.raises(TooLarge, match="the limit is 0 MB"):
        read_verdicts(b"x", LIMITS)


def test_a_path_and_its_bytes_are_read_alike(store: Store, tmp_path: Path) -> None:
    data = exported(store, finished(store, tmp_path))
    (tmp_path / "a.xlsx").write_bytes(data)
    assert read_verdicts(tmp_path / "a.xlsx", LIMITS) == read_verdicts(data, LIMITS, "a.xlsx")


def test_macros_links_and_pictures_are_left_alone(store: Store, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(store, finished(store, tmp_path))))
    book["Triage"]["B2"].hyperlink = "http://example.invalid"
    book["Triage"]["C2"].comment = openpyxl.comments.Comment("x", "y")
    out = io.BytesIO()
    book.save(out)
    assert len(read_verdicts(out.getvalue(), LIMITS, "x.xlsx").lines) == 16
