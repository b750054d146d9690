"""What a bad file gets: words that say what, where and what to do, or a table with a notice."""

from __future__ import annotations

import gzip
import io
import math
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.datasets.ingest import change_columns, ingest
from core.datasets.read import read_file
from core.errors import FileRefused, HourglassError, InputRefused, TooLarge
from core.results import Dataset
from core.settings import Settings
from core.storage.store import Store
from tests.conftest import add_csv, grid_csv

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def bad_text_parquet() -> bytes:
    """A text column whose bytes are no text."""
    out = io.BytesIO()
    bad = pa.array([b"a\xff\xfe", b"b"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"t": bad, "n": [1, 2]}), out)
    return out.getvalue()


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "empty", "a header and at least one row"),
    "blank": (b"\n \n\t\n", "no text", "header and rows"),
    "header only": (b"a,b,c\n", "no row below", "at least one row"),
    "empty cells": (b"a,b\n" + b",\n" * 40, "below the header every cell is empty, in 40 lines", "values were saved"),
    "empty cells of any sort": (
        b'a,b\n"",""\n , \n',
        "below the header every cell is empty, in 2 lines",
        "values were",
    ),
    "empty cells and no header": (b",,\n,,\n", "every cell is empty, in 2 lines", "values were saved"),
    "one line of empty cells": (b";;;\n", "every cell is empty, in 1 line", "values were saved"),
    "png": (PNG, "PNG image", "CSV"),
    "binary": (b"a,b\n1,2\n\x00\x01\x02\x03", "NUL", "save it as CSV"),
    "undecodable": (bytes([1, 2, 3, 4, 5, 6, 7, 0x81, 0x8D, 0xFF]) * 40, "no text in any encoding", "UTF-8"),
    "broken utf-16": (b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00", "not valid utf-16", "UTF-8"),
    "html": (b"<!DOCTYPE html><html><body>no</body></html>", "web page", "download the CSV"),
    "json": (b'{"a": 1}', "JSON", "CSV"),
    "torn gzip": (gzip.compress(b"a,b\n1,2\n" * 100)[:-9], "damaged", "again"),
    "gzip in a gzip": (gzip.compress(gzip.compress(b"a,b\n1,2\n")), "gzip inside a gzip", "unpack it"),
    "parquet of bad text": (bad_text_parquet(), "no UTF-8", "as text"),
    "not excel": (b"PK\x03\x04" + b"\x00" * 60, "", ""),
    "not parquet": (b"PAR1" + b"\x00" * 60, "", ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_what_where_and_what_to_do(store: Store, tmp_path: Path, case: str) -> None:
    kept = add_csv(store, tmp_path, grid_csv())
    data, what, fix = REFUSED[case]
    path = tmp_path / "upload"
    path.write_bytes(data)
    with pytest.raises(HourglassError) as caught:
        ingest(store, path, "bad.csv")
    error = caught.value
    assert isinstance(error, FileRefused)
    assert what in error.what
    assert "bad.csv" in error.where
    assert error.fix
    assert fix in error.fix
    assert "\n" not in error.line()
    assert [dataset.id for dataset in store.datasets.find()] == [kept.id]
    assert store.datasets.cells(kept).num_rows == 60


def test_a_file_over_the_limit_is_refused_with_both_sizes(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 400_000)
    store.settings = store.settings.model_copy(update={"upload_limit_mb": 1})
    with pytest.raises(TooLarge, match=r"2 MB.*limit is 1 MB"):
        ingest(store, path, "large.csv")


def test_a_gzip_that_unpacks_over_the_limit_is_refused_while_unpacking(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(gzip.compress(b"1,2\n" * 2_000_000))
    store.settings = store.settings.model_copy(update={"upload_limit_mb": 1})
    with pytest.raises(TooLarge, match="unpacks to more than 1 MB"):
        ingest(store, path, "bomb.csv.gz")


@pytest.mark.parametrize(
    ("limit", "value", "text", "words"),
    [
        ("row_limit", 10, "a,b\n" + "1,2\n" * 11, "more than 10 rows"),
        ("column_limit", 3, "a,b,c,d\n1,2,3,4\n", "4 columns, the limit is 3"),
        ("cell_limit_bytes", 1_000, 'a,b\n"' + "x" * 2_000 + '",2\n', "a cell is larger"),
    ],
)
def test_limits(store: Store, tmp_path: Path, limit: str, value: int, text: str, words: str) -> None:
    store.settings = store.settings.model_copy(update={limit: value})
    with pytest.raises(TooLarge, match=words):
        add_csv(store, tmp_path, text)


def notices(dataset: Dataset) -> str:
    return "\n".join(dataset.reading.notices)


def test_one_row_and_one_column_are_read_and_said(store: Store, tmp_path: Path) -> None:
    assert "one row" in notices(add_csv(store, tmp_path, "a,b\n1,2\n"))
    one = add_csv(store, tmp_path, "a\n" + "\n".join(str(i % 9) for i in range(40)))
    assert "one column" in notices(one)
    assert one.rows == 40


def test_ragged_rows_are_set_aside_with_line_numbers(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8\n9,10,11,12\n13,14,15\n")
    assert found.rows == 4
    assert [(reject.line, reject.text) for reject in found.reading.rejects] == [(3, "4,5"), (5, "9,10,11,12")]
    assert (found.reading.rejected, found.reading.mended) == (1, 1)
    assert "1 of 5 rows has another number of cells" in notices(found)
    assert "line 3 (the last cell is missing)" in notices(found)


def test_duplicate_and_empty_names_become_usable_and_are_said(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, "a,a,,b,a (2)\n1,2,3,4,5\n6,7,8,9,10\n")
    names = [column.name for column in found.columns]
    assert len(set(names)) == 5
    assert names[0] == "a"
    assert names[2] == "col_3"
    assert "stands twice" in notices(found)
    assert "no name" in notices(found)


def test_missing_and_constant_columns_are_ignored_with_a_reason(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, "a,gone,same\n" + "".join(f"{i},,7\n" for i in range(30)))
    assert (found.column("gone").kind, found.column("gone").role) == ("constant", "ignored")
    assert found.column("gone").missing == 30
    assert "same value" in found.column("same").reason
    assert "“gone” holds nothing" in notices(found)


def test_infinities_and_huge_values_are_kept_and_said(store: Store, tmp_path: Path) -> None:
    cells = ["1", "2", "inf", "-inf", "1e308", "-1e308", *map(str, range(30))]
    found = add_csv(store, tmp_path, "a,b\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells)))
    assert found.column("a").kind == "number"
    assert found.column("a").maximum == 1e308
    assert "2 infinite values, first in row 3" in notices(found)
    assert "beyond 1e100, first in row 5" in notices(found)


def test_only_text_columns_are_read(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"it was a day like number {i} of many,and then {i * 7} more came\n" for i in range(60))
    found = add_csv(store, tmp_path, "said,answered\n" + rows)
    assert {column.kind for column in found.columns} == {"text"}


def test_latin_1_is_read_and_said(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes("stadt;einwohner\nMünchen;1500\nKöln;1080\nFürth;130\n".encode("latin-1"))
    found = ingest(store, path, "städte.csv")
    assert store.datasets.cells(found)["stadt"].to_pylist() == ["München", "Köln", "Fürth"]
    assert "not UTF-8" in notices(found)


def test_western_text_without_utf_8_keeps_its_letters(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    for text, encoding in (
        ("prénom,n\nHélène,1\nZoë,2\nAgnès,3\n", "cp1252"),
        ("größe,straße\n" + "".join(f"{i},käse{i}é\n" for i in range(20)), "cp1252"),
        ("nombre;n\nPeña;1\nMuñoz;2\n", "latin-1"),
        ("imię,n\nŁukasz,1\nŻaneta,2\nśnieg,3\n", "cp1250"),
    ):
        path.write_bytes(text.encode(encoding))
        found = ingest(store, path, "names.csv")
        names = [line.replace(";", ",").split(",")[0] for line in text.splitlines()]
        column = found.columns[0].name
        assert [column, *store.datasets.cells(found)[column].to_pylist()] == names
        assert "for instance “" in notices(found)  # a word by which a reader sees a wrong guess


def test_utf_32_is_not_taken_for_utf_16(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(grid_csv().encode("utf-32"))
    assert ingest(store, path, "wide.csv").reading.dialect.encoding == "utf-32"
    path.write_bytes("a,b\n1,\0\n".encode("utf-16"))
    with pytest.raises(FileRefused, match="NUL"):
        ingest(store, path, "wide.csv")


def test_rows_that_hold_nothing_are_counted(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, "a,b\n1,2\n,\n\n3,4\n , \n5,6\n")
    assert found.rows == 3
    assert "2 rows hold nothing" in notices(found)
    assert [(reject.line, reject.reason) for reject in found.reading.rejects] == [
        (3, "every cell is empty"),
        (6, "every cell is empty"),
    ]
    single = add_csv(store, tmp_path, 'a\n1\n\n2\n""\n3\n\n\n')
    assert single.rows == 3
    assert "1 blank line was left out" in notices(single)
    assert "1 row holds nothing and was set aside" in notices(single)


def test_a_quote_that_is_never_closed_is_said(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, 'a,b\n1,2\n3,"torn\n5,6\n7,8\n')
    assert store.datasets.cells(found)["b"].to_pylist() == ["2", '"torn', "6", "8"]
    assert "a quote in line 3 is never closed" in notices(found)
    fine = add_csv(store, tmp_path, 'a,b\n1,5" pipe\n2,"two\nlines"\n3,x\n')
    assert "never closed" not in notices(fine)


def test_lines_before_the_table_are_quoted_in_the_notice(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, "Sales of 2024\n\na,b,c\n1,2,3\n4,5,6\n7,8,10\n")
    assert [column.name for column in found.columns] == ["a", "b", "c"]
    assert "the first line comes before the table and was left out: “Sales of 2024”" in notices(found)


def test_json_is_named_for_what_it_is(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text('[\n  {"a": 1},\n  {"a": 2}\n]\n')
    with pytest.raises(FileRefused, match="JSON"):
        ingest(store, path, "list.csv")


def test_a_workbook_over_the_limit_says_so(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append([f"c{i}" for i in range(20)])
    book.worksheets[0].append(list(range(20)))
    book.save(tmp_path / "wide.xlsx")
    store.settings = store.settings.model_copy(update={"column_limit": 10})
    with pytest.raises(TooLarge, match="20 columns, the limit is 10"):
        ingest(store, tmp_path / "wide.xlsx", "wide.xlsx")


def test_a_broken_sheet_inside_a_workbook_is_refused(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "good.xlsx")
    for name, text in (("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>"), ("xl/workbook.xml", "<a/>")):
        with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
            for entry in good.namelist():
                bad.writestr(entry, text if entry == name else good.read(entry))
        with pytest.raises(FileRefused, match=r"bad\.xlsx"):
            ingest(store, tmp_path / "bad.xlsx", "bad.xlsx")


def test_formulas_without_values_are_said(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a", "sum"])
    for i in range(20):
        book.worksheets[0].append([i, f"=A{i + 2}*2"])
    book.save(tmp_path / "sums.xlsx")
    found = ingest(store, tmp_path / "sums.xlsx", "sums.xlsx")
    assert found.column("sum").missing == 20
    assert "20 formulas have no stored value" in notices(found)


def test_a_workbook_says_which_sheet_and_which_rows(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["only a title"])
    sheet = book.create_sheet("figures")
    for row in ([], ["Figures of 2024"], ["a", "b", "c"], [1, 2, 3], [], [], [4, 5, 6], [7, 8, 10], []):
        sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    found = ingest(store, tmp_path / "book.xlsx", "book.xlsx")
    assert [column.name for column in found.columns] == ["a", "b", "c"]
    rows = store.artifacts.get_table(store.space, found.rows_address)
    assert rows["line"].to_pylist() == [4, 7, 8]
    assert "“figures” was read, not Sheet" in notices(found)
    assert "2 rows hold nothing, between others" in notices(found)
    assert "“Figures of 2024”" in notices(found)


def test_words_for_missing_are_missing_and_said_in_dates_and_yes_or_no(store: Store, tmp_path: Path) -> None:
    days = [f"2024-01-{i % 28 + 1:02d}" if i % 7 else "NA" for i in range(60)]
    lines = [f"{day},{('yes', 'no', 'n/a')[i % 3]},{('NA', '-')[i % 2]},{i}" for i, day in enumerate(days)]
    found = add_csv(store, tmp_path, "day,ok,gone,n\n" + "\n".join(lines) + "\n")
    assert (found.column("day").kind, found.column("day").missing) == ("datetime", 9)
    assert (found.column("ok").kind, found.column("ok").missing) == ("boolean", 20)
    assert (found.column("gone").kind, found.column("gone").role) == ("constant", "ignored")
    assert found.column("gone").missing == 60
    assert "column “day”: 9 cells count as missing: “NA” (9)" in notices(found)
    assert "column “ok”: 20 cells count as missing: “n/a” (20)" in notices(found)


def test_a_file_that_may_not_be_read_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"can't be opened: is a directory"):
        ingest(store, tmp_path, "folder.csv")
    with pytest.raises(FileRefused, match="no such file"):
        ingest(store, tmp_path / "gone.csv", "gone.csv")


def test_a_workbook_is_known_by_its_content_whatever_its_file_is_called(store: Store, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [3, 5]):
        book.worksheets[0].append(row)
    path = tmp_path / "0f3a9c"  # as uploads are stored
    book.save(path)
    found = ingest(store, path, "book.xlsx")
    assert store.datasets.cells(found)["b"].to_pylist() == ["2", "5"]


def test_a_packed_file_is_called_without_both_endings(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(gzip.compress(grid_csv(50).encode()))
    assert ingest(store, path, "orders.csv.gz").name == "orders"


def test_a_gzip_with_wrong_bytes_inside_is_damaged(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    packed = bytearray(gzip.compress(grid_csv(500).encode()))
    packed[20:40] = b"\xff" * 20
    path.write_bytes(packed)
    with pytest.raises(FileRefused, match="gzip file is damaged"):
        ingest(store, path, "t.csv.gz")


@pytest.mark.parametrize(
    "cells", [["1000000000000000128", "1000000000000000256"], ["5e-324", "0"], ["1e308", "-1e308"], ["7", "7.0"]]
)
def test_numbers_without_room_between_them_have_a_histogram(store: Store, tmp_path: Path, cells: list[str]) -> None:
    first = add_csv(store, tmp_path, "a,b\n" + "".join(f"{cells[i % 2]},{i}\n" for i in range(30)))
    found = change_columns(store, first, {"a": {"kind": "number"}}).column("a")
    assert sum(found.histogram.counts) == 30
    assert len(found.histogram.edges) == len(found.histogram.counts) + 1
    assert all(math.isfinite(edge) for edge in found.histogram.edges)


def test_a_kind_that_fits_no_cell_is_refused_and_one_that_loses_some_says_so(store: Store, tmp_path: Path) -> None:
    rows = "".join(f"name {i % 7},{i if i % 10 else 'x' + str(i)}\n" for i in range(60))
    first = add_csv(store, tmp_path, "who,mixed\n" + rows)
    with pytest.raises(InputRefused, match="none of its cells is a number"):
        change_columns(store, first, {"who": {"kind": "number"}})
    second = change_columns(store, first, {"mixed": {"kind": "number"}})
    assert second.column("mixed").missing == 6
    assert "6 cells are no number" in notices(second)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1,\x07x\n2,y\n", "a control character (code 7) at byte 6 is kept"),
        (b"a,b\n1,\x1b[31mx\n2,\x07y\n" * 9, "18 control characters, the first (code 27) at byte 6, are kept"),
        (("a,b\n1,Zoë\x01\n" + "2,née\n" * 30).encode("cp1252"), "a control character (code 1) at byte 9 is kept"),
        (b"a\x01b\n" + b"1\x01x\n2\x01y\n" * 9, ""),  # between the cells
    ],
)
def test_control_characters_are_located_by_byte(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    reading = read_file(path, "t.csv", Settings()).reading
    assert any(notice.startswith(words) for notice in reading.notices) if words else not reading.notices


def test_a_nul_is_located_behind_other_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1,\x07x\n2,y\x00\n")
    with pytest.raises(FileRefused) as caught:
        read_file(path, "t.csv", Settings())
    assert caught.value.where == "t.csv, byte 12"
