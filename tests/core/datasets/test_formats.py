"""Every format a table may come in: the same cells come out, and what was done is said."""

from __future__ import annotations

import bz2
import datetime
import gzip
import io
import json
import lzma
import struct
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import grid
from core.datasets.preview import first_rows
from core.datasets.raw import RawTable
from core.datasets.read import read_file
from core.datasets.readers.json_lines import row_of
from core.errors import FileRefused, TooLarge
from core.settings import Settings
from core.specs import ReadOptions
from tests.core.datasets.hostile import ods, ods_cell, ods_row, xls, xlsb, xlsx, zipped

LIMITS = Settings()
CSV = b"a,b\n1,x\n2,y\n"


def table(folder: Path, data: bytes, name: str = "t", **options: Any) -> RawTable:
    path = folder / "upload"
    path.write_bytes(data)
    return read_file(path, name, LIMITS, ReadOptions(**options))


def rows(raw: RawTable) -> list[list[str | None]]:
    return [list(row.values()) for row in raw.cells.to_pylist()]


def said(raw: RawTable) -> str:
    return "\n".join(raw.reading.notices)


def workbook(*sheets: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for i, cells in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"sheet {i}")
        for row in cells:
            sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_of_a_workbook_keep_what_was_written(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5)
    values = [1.0, 0.1, -2.5e-7, 12345678901234, True, moment, moment.date(), moment.time(), "00501", "  ", " x "]
    book = workbook([[f"c{i}" for i in range(len(values) + 1)], [*values, datetime.timedelta(hours=30)]])
    book.worksheets[0]["B2"].number_format = "0.00%"
    found = rows(table(tmp_path, saved(book)))[0]
    assert found[:5] == ["1", "0.1", "-2.5e-07", "12345678901234", "true"]
    assert found[5:8] == ["2024-01-02 03:04:05", "2024-01-02", "03:04:05"]
    assert found[8:] == ["00501", None, " x ", "30:00:00"]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(-(10**14), 10**14), st.floats(-1e15, 1e15)), min_size=1, max_size=8))
def test_numbers_of_an_old_workbook_come_back(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[tuple[int, float]]
) -> None:
    cells: dict[tuple[int, int], float | str | bytes | None] = {(0, 0): "whole", (0, 1): "broken"}
    for i, (whole, broken) in enumerate(numbers, start=1):
        cells[i, 0], cells[i, 1] = float(whole), broken
    found = rows(table(tmp_path_factory.mktemp("xls"), xls(cells)))
    assert [row[0] for row in found] == [str(whole) for whole, _ in numbers]
    assert [float(row[1] or "nan") for row in found] == [broken for _, broken in numbers]


def test_an_ods_has_values_not_what_is_shown(tmp_path: Path) -> None:
    def value(kind: str, attribute: str) -> str:
        shown = "<text:p>as shown</text:p>"
        return f'<table:table-cell office:value-type="{kind}" office:{attribute}>{shown}</table:table-cell>'

    cells = [
        value("float", 'value="0.125"'),
        value("percentage", 'value="0.5"'),
        value("date", 'date-value="2024-01-02"'),
        value("boolean", 'boolean-value="true"'),
        ods_cell("00501 &amp; more"),
    ]
    blank = ods_row('<table:table-cell table:number-columns-repeated="16384"/>', times=1_048_000)
    head = ods_row(*(ods_cell(name) for name in "abcde"))
    raw = table(
        tmp_path, ods(head + ods_row(*cells) + ods_row(ods_cell("7", number_columns_repeated=5), times=2) + blank)
    )
    assert rows(raw) == [["0.125", "0.5", "2024-01-02", "true", "00501 & more"], ["7"] * 5, ["7"] * 5]
    assert raw.lines.tolist() == [2, 3, 4]


def test_errors_and_formulas_without_value_are_empty_in_an_ods(tmp_path: Path) -> None:
    error = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'xmlns:calcext="urn:calcext" calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    number = '<table:table-cell office:value-type="float" office:value="3"/>'
    uncomputed = '<table:table-cell table:formula="of:=[.A2]*2"/>'
    head = ods_row(*(ods_cell(name) for name in "abc"))
    raw = table(tmp_path, ods(head + ods_row(number, error, uncomputed, times=3)))
    assert rows(raw) == [["3", None, None]] * 3
    assert "3 formulas have no stored value" in said(raw)
    assert "3 cells hold an error" in said(raw)


def test_errors_and_results_of_formulas_in_an_old_workbook(tmp_path: Path) -> None:
    results = [struct.pack("<d", 2.5), b"\2\0\7\0\0\0\xff\xff", b"\3\0\0\0\0\0\xff\xff", b"\1\0\1\0\0\0\xff\xff"]
    cells: dict[tuple[int, int], float | str | bytes | None] = {(0, j): name for j, name in enumerate("abc")}
    for i, result in enumerate(results, start=1):
        cells |= {(i, 0): i + 0.5, (i, 1): None, (i, 2): result}
    found = rows(table(tmp_path, xls(cells)))
    assert found == [["1.5", None, "2.5"], ["2.5", None, None], ["3.5", None, None], ["4.5", None, "true"]]


def test_a_binary_workbook(tmp_path: Path) -> None:
    raw = table(tmp_path, xlsb([["id", "name", "yes"], [1.0, "00501", True], [0.1, "b", None], [-2.5e-7, "ü", False]]))
    assert raw.columns == ("id", "name", "yes")
    assert rows(raw) == [["1", "00501", "true"], ["0.1", "b", None], ["-2.5e-07", "ü", "false"]]


def test_a_sheet_is_picked_by_its_name(tmp_path: Path) -> None:
    data = saved(workbook([["only a title"]], [["a", "b"], [1, 2]], [["c", "d"], [3, 4]]))
    first = table(tmp_path, data)
    assert (first.columns, first.reading.dialect.sheet) == (("a", "b"), "sheet 2")
    assert first.reading.sheets == ("sheet 1", "sheet 2", "sheet 3")
    assert "3 sheets; “sheet 2” was read, not sheet 1, sheet 3" in said(first)
    third = table(tmp_path, data, sheet="sheet 3")
    assert (third.columns, third.reading.dialect.sheet) == (("c", "d"), "sheet 3")
    assert not third.reading.notices
    with pytest.raises(FileRefused, match="no sheet “data”") as caught:
        table(tmp_path, data, sheet="data")
    assert "sheet 1, sheet 2, sheet 3" in caught.value.fix
    with pytest.raises(FileRefused, match="sheet “sheet 1” holds no table"):
        table(tmp_path, data, sheet="sheet 1")


def test_a_hidden_sheet_is_read_only_when_asked_for(tmp_path: Path) -> None:
    book = workbook([["secret", "x"], [1, 2]], [["a", "b"], [3, 4]])
    book.worksheets[0].sheet_state = "hidden"
    book.active = 1
    assert table(tmp_path, saved(book)).columns == ("a", "b")
    assert table(tmp_path, saved(book), sheet="sheet 1").columns == ("secret", "x")


def test_merged_names_count_for_all_their_columns(tmp_path: Path) -> None:
    book = workbook(
        [
            ["Sales report"],
            ["id", "2023", None, "2024", None],
            [None, "sold", "back", "sold", "back"],
            [7, 1, 2, 3, 4],
            [8, 5, 6, 7, 9],
        ]
    )
    for area in ("A1:E1", "A2:A3", "B2:C2", "D2:E2"):
        book.worksheets[0].merge_cells(area)
    raw = table(tmp_path, saved(book))
    assert raw.columns == ("id", "2023 sold", "2023 back", "2024 sold", "2024 back")
    assert (raw.reading.dialect.header_rows, raw.reading.dialect.preamble_rows) == (2, 1)
    assert rows(raw)[0] == ["7", "1", "2", "3", "4"]
    again = table(tmp_path, saved(book), header_rows=2, preamble_rows=1)
    assert (again.columns, rows(again)) == (raw.columns, rows(raw))
    one = table(tmp_path, saved(book), header_rows=1, preamble_rows=2)
    assert one.columns == ("col_1", "sold", "back", "sold (2)", "back (2)")


def test_a_sheet_without_names_is_numbered(tmp_path: Path) -> None:
    data = saved(workbook([[1, 2], [3, 4], [5, 6]]))
    raw = table(tmp_path, data)
    assert (raw.columns, raw.rows) == (("col_1", "col_2"), 3)
    assert "looks like data" in said(raw)
    assert table(tmp_path, data, header_rows=1).columns == ("1", "2")
    named = table(tmp_path, saved(workbook([["a", "b"], [3, 4]])), header_rows=0)
    assert (named.columns, named.rows, named.reading.notices) == (("col_1", "col_2"), 2, ())
    with pytest.raises(FileRefused, match="only 3 rows, and 4 were to name"):
        table(tmp_path, data, header_rows=4)


def loans(count: int) -> list[list[Any]]:
    return [[f"L{i}", 100.5 + i, 1.5 + i / 8, 12 * (i % 9 + 1), 2_000 + i] for i in range(count)]


@pytest.mark.parametrize(
    ("units", "names"),
    [
        (
            [None, "kEUR", "%", "months", "[kg]"],
            ("Loan", "Principal (kEUR)", "Rate (%)", "Term (months)", "Weight [kg]"),
        ),
        ([None, None, "(%)", None, None], ("Loan", "Principal", "Rate (%)", "Term", "Weight")),
        (["-", "€", "%", None, "kg/m2"], ("Loan", "Principal (€)", "Rate (%)", "Term", "Weight (kg/m2)")),
    ],
)
@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize("above", [[], [["Loans of the north"], ["as of", "2024-03-31"], []]])
def test_a_row_of_units_is_joined_to_the_names(
    tmp_path: Path, units: list[Any], names: tuple[str, ...], count: int, above: list[list[Any]]
) -> None:
    head = [["Loan", "Principal", "Rate", "Term", "Weight"], units]
    if units[0] == "-":
        names = ("Loan", *names[1:])
    raw = table(tmp_path, saved(workbook([*above, *head, *loans(count)])))
    assert raw.columns == names
    assert rows(raw) == [[str(cell).removesuffix(".0") for cell in row] for row in loans(count)]
    dialect = raw.reading.dialect
    assert (dialect.header_rows, dialect.preamble_rows) == (2, len(above))
    assert "2 rows name the columns" in said(raw)
    again = table(tmp_path, saved(workbook([*above, *head, *loans(count)])), header_rows=2, preamble_rows=len(above))
    assert (again.columns, rows(again)) == (raw.columns, rows(raw))


def test_a_year_in_a_title_is_no_row(tmp_path: Path) -> None:
    cells = [["As of", 2024], ["Loan", "Principal", "Rate", "Term", "Weight"], *loans(40)]
    raw = table(tmp_path, saved(workbook(cells)))
    assert (raw.columns[:2], raw.rows, raw.reading.dialect.preamble_rows) == (("Loan", "Principal"), 40, 1)


def test_short_words_above_words_are_no_units(tmp_path: Path) -> None:
    cells = [["name", "size", "n"], ["x", "m", None], *(["y", size, i] for i, size in enumerate("smsmlms"))]
    raw = table(tmp_path, saved(workbook(cells)))
    assert (raw.columns, raw.rows) == (("name", "size", "n"), 8)


def test_merged_names_of_groups_above_names_and_units(tmp_path: Path) -> None:
    cells = [
        ["Sales report"],
        ["id", "2023", None, "2024", None],
        [None, "sold", "back", "sold", "back"],
        [None, "t", "%", "t", "%"],
        *([i, 2 * i, 3.5, 4 * i, 1.5] for i in range(30)),
    ]
    book = workbook(cells)
    for area in ("A1:E1", "A2:A3", "B2:C2", "D2:E2"):
        book.worksheets[0].merge_cells(area)
    raw = table(tmp_path, saved(book))
    assert raw.columns == ("id", "2023 sold (t)", "2023 back (%)", "2024 sold (t)", "2024 back (%)")
    assert (raw.rows, raw.reading.dialect.header_rows, raw.reading.dialect.preamble_rows) == (30, 3, 1)


def test_notes_below_the_table_are_set_aside(tmp_path: Path) -> None:
    notes = [[], ["Source: the ledger of the bank"], ["* provisional"]]
    cells = [["Loan", "Principal", "Rate", "Term", "Weight"], *loans(40), ["L40"]]
    raw = table(tmp_path, saved(workbook([*cells, *notes])))
    assert raw.rows == 41
    assert [(reject.line, reject.text, reject.reason) for reject in raw.rejects] == [
        (44, "Source: the ledger of the bank", "a note below the table"),
        (45, "* provisional", "a note below the table"),
    ]
    assert "2 rows are notes below the table" in said(raw)
    inside = table(tmp_path, saved(workbook([*cells, *notes, *loans(2)])))
    assert (inside.rows, inside.rejects) == (45, ())
    sparse = [["a", "b", "c"], *([f"word {i}", None, i if i % 3 == 0 else None] for i in range(20))]
    assert table(tmp_path, saved(workbook([*sparse, [], ["last"]]))).rows == 21


@pytest.mark.parametrize(
    "cover", [[["Report"]], [["Report"], ["by the bank"], ["2024"]], [["sheet", "holds"], ["data", "rows"]]]
)
def test_a_cover_is_passed_over(tmp_path: Path, cover: list[list[Any]]) -> None:
    data = saved(workbook(cover, [["a", "b"], *([i, i + 1] for i in range(400))], [["c", "d"], [1, 2], [3, 4]]))
    raw = table(tmp_path, data)
    assert (raw.columns, raw.rows, raw.reading.dialect.sheet) == (("a", "b"), 400, "sheet 2")
    assert "3 sheets; “sheet 2” was read, not sheet 1, sheet 3" in said(raw)


def test_where_no_sheet_has_two_columns_and_rows_the_first_is_read(tmp_path: Path) -> None:
    data = saved(workbook([["a title"]], [["a"], [1], [2]], [["c", "d"], [1, 2]]))
    raw = table(tmp_path, data)
    assert (raw.columns, raw.rows, raw.reading.dialect.sheet) == (("a",), 2, "sheet 2")


def test_more_rows_than_are_written_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "CELLS", 300)
    raw = table(tmp_path, saved(workbook([["a", "b", "c"], *([i, 2 * i, "x"] for i in range(1_050))])))
    assert raw.cells["b"].to_pylist() == [str(2 * i) for i in range(1_050)]
    assert raw.lines.tolist() == list(range(2, 1_052))


def test_parquet_of_columns_within_columns(tmp_path: Path) -> None:
    columns = {
        "point": pa.array([{"x": 1, "deep": {"y": "p"}}, None]),
        "tags": pa.array([["a", "b"], None]),
        "parts": pa.array([[1.5, None, 2.0], []]),
        "__index_level_0__": pa.array(["r1", "r2"]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    raw = read_file(tmp_path / "t.parquet", "t.parquet", LIMITS)
    assert raw.columns == ("point.x", "point.deep.y", "tags", "parts", "index")
    assert rows(raw) == [["1", "p", "a; b", "1.5; ; 2", "r1"], [None, None, None, None, "r2"]]
    pq.write_table(pa.table({"a": [1], "deep": [[{"x": 1}]]}), tmp_path / "l.parquet")
    with pytest.raises(FileRefused, match=r"“deep” holds list.*no flat value"):
        read_file(tmp_path / "l.parquet", "l.parquet", LIMITS)


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "RLE_DICTIONARY"])
def test_parquet_in_every_encoding_of_text(tmp_path: Path, encoding: str) -> None:
    words = [f"word {i}" for i in range(1_000)]
    columns = {"t": pa.array(words), "k": pa.array(["a", "b"] * 500)}
    how: dict[str, Any] = {} if encoding == "RLE_DICTIONARY" else {"column_encoding": {"t": encoding}}
    pq.write_table(
        pa.table(columns), tmp_path / "t", use_dictionary=["t", "k"] if not how else ["k"], row_group_size=300, **how
    )
    raw = read_file(tmp_path / "t", "t.parquet", LIMITS)
    assert raw.cells.to_pydict() == {"t": words, "k": ["a", "b"] * 500}
    assert raw.lines.tolist() == list(range(1, 1_001))


def test_a_parquet_file_over_which_pyarrow_ends_its_process(tmp_path: Path) -> None:
    """One byte says that a column is never empty, though the sizes of its pages count empty cells."""
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [1.5, None] * 30, "b": ["x", "y"] * 30}), out)
    data = out.getvalue()
    assert table(tmp_path, data).rows == 60
    optional, required = b"%\x02\x18\x01a", b"%\x00\x18\x01a"
    assert data.count(optional) == 1
    with pytest.raises(FileRefused, match="the Parquet file is damaged"):
        table(tmp_path, data.replace(optional, required))


def test_a_parquet_file_that_asks_for_too_much_memory(tmp_path: Path) -> None:
    """Texts that are all different, in one row group."""
    letters = np.frombuffer(np.random.default_rng(0).bytes(300_000_000), np.uint8) & 127
    offsets = pa.py_buffer(np.arange(0, 300_000_001, 100_000, np.int32))
    texts = pa.StringArray.from_buffers(3_000, offsets, pa.py_buffer(letters))
    pq.write_table(
        pa.table({"t": texts}), tmp_path / "t", compression="none", use_dictionary=False, write_statistics=False
    )
    with pytest.raises(TooLarge, match="Parquet file asks for more than 500 MB of memory"):
        read_file(tmp_path / "t", "t.parquet", Settings(ingest_memory_mb=500))


FLAT = {
    "whole": pa.array([1, None, 3]),
    "half": pa.array([0.1, float("nan"), 1.0], pa.float32()),
    "day": pa.array([datetime.date(2024, 1, 2)] * 3),
    "yes": pa.array([True, False, None]),
    "view": pa.array(["00123", " ", "a long word, longer than twelve"], pa.string_view()),
    "name": pa.array(["p", None, "q"]).dictionary_encode(),
    "nothing": pa.nulls(3),
}
FLAT_TEXT = {
    "whole": ["1", None, "3"],
    "half": ["0.1", None, "1"],
    "day": ["2024-01-02"] * 3,
    "yes": ["true", "false", None],
    "view": ["00123", None, "a long word, longer than twelve"],
    "name": ["p", None, "q"],
    "nothing": [None] * 3,
}


@pytest.mark.parametrize("how", ["file", "stream", "lz4"])
def test_arrow_files_and_streams(tmp_path: Path, how: str) -> None:
    content = pa.table(FLAT)
    path = tmp_path / "t.arrow"
    if how == "stream":
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, content.schema) as writer:
            for start in range(3):
                writer.write_table(content.slice(start, 1))
    else:
        feather.write_feather(content, str(path), compression="lz4" if how == "lz4" else "uncompressed", chunksize=2)
    raw = read_file(path, "anything.csv", LIMITS)
    assert raw.cells.to_pydict() == FLAT_TEXT
    assert raw.lines.tolist() == [1, 2, 3]


def test_a_feather_file_of_the_first_version_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="Feather file of the first version"):
        table(tmp_path, b"FEA1" + bytes(40) + b"FEA1")


def test_json_lines_keep_keys_and_digits(tmp_path: Path) -> None:
    lines = [
        '{"id": 00501, "x": 1}',
        "",
        '{"id": 12345678901234567890, "x": 1.0, "in": {"a": {"b": {"c": 1.50}}}, "tags": ["p", "q"], "ok": true}',
        '{"x": 1e400, "tags": ["a;b"], "mixed": [1, {"k": 0.10}], "ok": null, "id": "00501"}',
        "[1, 2]",
        '{"x": 1, "x": 2}',
        '{"x": "\\ud800"}',
        '{"x": 1, torn',
    ]
    raw = table(tmp_path, b"\xef\xbb\xbf" + "\n".join(['{"id": "first"}', *lines]).encode(), "t.jsonl")
    assert raw.columns == ("id", "x", "in.a.b", "tags", "ok", "mixed")
    assert rows(raw) == [
        ["first", None, None, None, None, None],
        ["12345678901234567890", "1.0", '{"c": 1.50}', "p; q", "true", None],
        ["00501", "1e400", None, '["a;b"]', None, '[1, {"k": 0.10}]'],
    ]
    assert raw.lines.tolist() == [1, 4, 5]
    reasons = {reject.line: reject.reason for reject in raw.reading.rejects}
    assert list(reasons) == [2, 6, 7, 8, 9]
    assert reasons[6] == "not an object"
    assert reasons[7] == "the key “x” stands twice"
    assert "half of a character" in reasons[8]
    assert "5 lines hold no object" in said(raw)


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters=".;[{"), min_size=1, max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PLAIN, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(PLAIN, VALUES, min_size=1, max_size=5))
def test_every_value_of_a_json_line_is_in_its_cells(value: dict[str, Any]) -> None:
    row = row_of(json.dumps(value).encode())

    def check(part: Any, name: str, depth: int) -> None:
        cell = row.get(name)
        if isinstance(part, dict) and part and depth:
            for key, item in part.items():
                check(item, f"{name}.{key}" if name else key, depth - 1)
        elif part is None or isinstance(part, str):
            assert cell == part
        elif isinstance(part, list) and cell is not None and not cell.startswith("["):
            assert cell == "; ".join(item if isinstance(item, str) else json.dumps(item) for item in part)
        else:
            assert json.loads(cell or "") == part

    check(value, "", 3)


def test_a_list_of_objects_is_read_where_the_file_is_called_json(tmp_path: Path) -> None:
    data = b'[\n {"a": 1, "b": "x"},\n {"a": 2.50, "c": [1, 2]},\n 7\n]\n'
    raw = table(tmp_path, data, "t.json")
    assert (raw.columns, rows(raw)) == (("a", "b", "c"), [["1", "x", None], ["2.50", None, "1; 2"]])
    assert [(reject.line, reject.reason) for reject in raw.reading.rejects] == [(3, "not an object")]
    with pytest.raises(FileRefused, match="JSON, not a table"):
        table(tmp_path, data, "t.csv")
    with pytest.raises(FileRefused, match="the JSON is broken") as caught:
        table(tmp_path, data[:-3], "t.json")
    assert "line 4" in caught.value.where
    with pytest.raises(FileRefused, match="not valid UTF-8"):
        table(tmp_path, b'[{"a": "\xff"}]', "t.json")


@pytest.mark.parametrize(
    ("name", "data", "aside"),
    [
        ("t.json", '[{"a":1},"\\ud800",{"a":2},{"a":3}]', ["?", "not an object"]),
        ("t.json", '[{"a":1},{"\\udc00":1,"\\udc00":2},{"a":2},{"a":3}]', ["", "the key “?” stands twice"]),
        ("t.jsonl", '{"a":1}\n{"\\ud800":1,"\\ud800":2}\n{"a":2}\n{"a":3}', ["", "the key “?” stands twice"]),
        ("t.jsonl", '{"a":1}\n{"b":{"\\ud800":1}}\n{"a":2}\n{"a":3}', ["", "half of a character"]),
    ],
)
def test_halves_of_characters_are_set_aside_in_words_that_can_be_written(
    tmp_path: Path, name: str, data: str, aside: list[str]
) -> None:
    raw = table(tmp_path, data.encode(), name)
    assert (raw.columns, rows(raw)) == (("a",), [["1"], ["2"], ["3"]])
    (reject,) = raw.rejects
    assert aside[0] in reject.text
    assert aside[1] in reject.reason
    assert (reject.text + reject.reason).encode()


def test_objects_that_have_hardly_a_key_in_common_are_refused_early(tmp_path: Path) -> None:
    data = b"".join(b'{"k%d":1,"a":2}\n' % (i % 4_000) for i in range(30_000))
    with pytest.raises(TooLarge, match="4,001 different keys make more than 26,") as caught:
        table(tmp_path, data, "t.jsonl")
    line = int(caught.value.where.rpartition(" ")[2].replace(",", ""))
    assert line == 50 * len(data) // 4_001 + 1 < 7_000
    alike = b"".join(b'{"a":%d,"k%d":1}\n' % (i, i % 50) for i in range(3_000))
    assert table(tmp_path, alike, "t.jsonl").rows == 3_000


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: zipped({"t.csv": data})])
def test_one_packed_table_is_unpacked(tmp_path: Path, pack: Any) -> None:
    assert rows(table(tmp_path, pack(CSV))) == [["1", "x"], ["2", "y"]]
    assert rows(
        table(tmp_path, pack(xlsx('<row r="1"><c r="A1"><v>7</v></c></row><row r="2"><c r="A2"><v>8</v></c></row>')))
    ) == [["7"], ["8"]]


def test_a_zip_with_several_tables(tmp_path: Path) -> None:
    book = saved(workbook([["p", "q"], [1, 2]], [["r", "s"], [3, 4]]))
    entries: dict[str, str | bytes] = {
        "folder/": b"",
        "__MACOSX/._t.csv": CSV,
        ".DS_Store": bytes(900),
        "readme.md": "a,b\n" * 90_000,
        "picture.dat": b"\x89PNG\r\n\x1a\n" + bytes(90_000),
        "folder/large.csv": CSV + b"3,z\n" * 20_000,
        "small.csv": CSV,
        "book.xlsx": book,
    }
    raw = table(tmp_path, zipped(entries), "all.zip")
    assert raw.rows == 20_002
    assert raw.reading.dialect.sheet == "folder/large.csv"
    assert raw.reading.sheets == ("book.xlsx", "folder/large.csv", "small.csv")
    assert "3 tables; “folder/large.csv” was read, not book.xlsx, small.csv" in said(raw)
    small = table(tmp_path, zipped(entries), "all.zip", sheet="small.csv")
    assert (small.rows, small.reading.chosen) == (2, {"sheet": "small.csv"})
    within = table(tmp_path, zipped(entries), "all.zip", sheet="book.xlsx")
    assert within.reading.sheets == ("book.xlsx › sheet 1", "book.xlsx › sheet 2", "folder/large.csv", "small.csv")
    second = table(tmp_path, zipped(entries), "all.zip", sheet="book.xlsx › sheet 2")
    assert (second.columns, second.reading.dialect.sheet) == (("r", "s"), "book.xlsx › sheet 2")
    with pytest.raises(FileRefused, match=r"no table “none\.csv”") as caught:
        table(tmp_path, zipped(entries), "all.zip", sheet="none.csv")
    assert "small.csv" in caught.value.fix


def test_a_sample_is_drawn_from_every_format(tmp_path: Path) -> None:
    content = pa.table({"n": np.arange(1_000)})
    pq.write_table(content, tmp_path / "t.parquet")
    feather.write_feather(content, str(tmp_path / "t.arrow"))
    (tmp_path / "t.jsonl").write_text("".join(f'{{"n": {i}}}\n' for i in range(1_000)))
    (tmp_path / "t.xlsx").write_bytes(saved(workbook([["n"], *([i] for i in range(1_000))])))
    limits = LIMITS.model_copy(update={"row_limit": 100})
    samples = []
    for name in ("t.parquet", "t.arrow", "t.jsonl", "t.xlsx"):
        raw = read_file(tmp_path / name, name, limits, ReadOptions(sample_rows=20, sample_seed=3))
        assert (raw.rows, raw.reading.sampled_from) == (20, 1_000)
        samples.append(raw.cells["n"].to_pylist())
    assert samples[1:] == samples[:1] * 3


def long_table() -> pa.Table:
    return pa.table(
        {"n": [str(i) for i in range(90_000)], "word": [f"a somewhat longer word, number {i}" for i in range(90_000)]}
    )


def as_csv(content: pa.Table) -> bytes:
    out = io.BytesIO()
    arrow_csv.write_csv(content, out)
    return out.getvalue()


def as_parquet(content: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(content, out, row_group_size=1_000)
    return out.getvalue()


def as_arrow(content: pa.Table) -> bytes:
    out = io.BytesIO()
    feather.write_feather(content, out, compression="uncompressed", chunksize=1_000)
    return out.getvalue()


def spoilt(data: bytes, start: float, end: float) -> bytes:
    """A file of which a part between these shares of its length is lost."""
    first, last = int(len(data) * start), int(len(data) * end)
    return data[:first] + b"\xff" * (last - first) + data[last:]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(spoilt(gzip.compress(as_csv(long_table())), 0.9, 1.0), id="gzip"),
        pytest.param(spoilt(lzma.compress(as_csv(long_table())), 0.9, 1.0), id="xz"),
        pytest.param(spoilt(as_parquet(long_table()), 0.85, 0.9), id="parquet"),
        pytest.param(spoilt(as_arrow(long_table()), 0.85, 0.9), id="arrow"),
        pytest.param(spoilt(zipped({"t.csv": as_csv(long_table())}), 0.7, 0.8), id="zip"),
    ],
)
def test_the_first_rows_are_had_without_the_others(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "t"
    path.write_bytes(data)
    with pytest.raises(FileRefused):
        read_file(path, "t", LIMITS)
    seen = first_rows(path, "t", LIMITS, ReadOptions())
    assert seen.columns == ("n", "word")
    assert seen.rows == long_table().slice(0, 500).to_pylist()
    assert not seen.whole


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: zipped({"t.xlsx": data})])
def test_the_first_rows_of_a_workbook(tmp_path: Path, pack: Any) -> None:
    book = saved(workbook([["a cover"]], [["n", "word"], *([i, f"w{i}"] for i in range(700))]))
    (tmp_path / "t").write_bytes(pack(book))
    sheet = read_file(tmp_path / "t", "t", LIMITS).reading.dialect.sheet
    for options in (ReadOptions(), ReadOptions(sheet=sheet)):
        seen = first_rows(tmp_path / "t", "t", LIMITS, options)
        assert seen.columns == ("n", "word")
        assert seen.rows == [{"n": str(i), "word": f"w{i}"} for i in range(500)]


def test_the_first_rows_of_more_than_a_table_may_have(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": np.arange(1_000)}), tmp_path / "t.parquet")
    limits = LIMITS.model_copy(update={"row_limit": 100})
    seen = first_rows(tmp_path / "t.parquet", "t.parquet", limits, ReadOptions(sample_rows=20))
    assert [row["n"] for row in seen.rows] == [str(i) for i in range(500)]
