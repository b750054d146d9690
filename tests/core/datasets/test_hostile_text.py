"""Text that a reader could lose something of, take apart wrongly, or be kept busy by for minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.raw import RawTable
from core.datasets.read import read_file
from core.datasets.text import large
from core.datasets.text.mend import MOST_A_ROW, Effort, mend
from core.datasets.text.records import Form, Record, Records
from core.datasets.text.shapes import Fits
from core.errors import FileRefused, InputRefused, TooLarge
from core.settings import Settings
from core.specs import ReadOptions


def read(tmp_path: Path, text: str | bytes, **options: object) -> RawTable:
    path = tmp_path / "x"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_file(path, "x.csv", Settings(), ReadOptions.read(options))


def rows_of(raw: RawTable) -> list[list[str]]:
    return [[row[name] or "" for name in raw.columns] for row in raw.cells.to_pylist()]


@pytest.mark.parametrize(
    ("names", "row", "lost"),
    [
        ("name,2019,2020,2021", "x,1,2", "“2021”"),
        ("a,b,c,d,SECRET", "1,2,3", "“d”, “SECRET”"),
        ("a,b,c,,e", "1,2,3", "“col_4”, “e”"),
        ("a,b,c\r1,2,3", "4,5,6", "“2”, “3”"),
        ("Report of May\n\na,b,c,d", "1,2,3", "“d”"),
    ],
)
def test_names_without_cells_stay_columns(tmp_path: Path, names: str, row: str, lost: str) -> None:
    raw = read(tmp_path, f"{names}\n" + f"{row}\n" * 5 + "\n" + f"{row}\n" * 5)
    header, cells = names.split("\n")[-1].split(","), row.split(",")
    assert list(raw.header) == header
    assert rows_of(raw) == [[*cells, *[""] * (len(header) - len(cells))]] * 10
    assert [notice for notice in raw.reading.notices if "more names than cells: 10 rows" in notice and lost in notice]
    assert not raw.rejects


def test_names_without_cells_leave_longer_and_full_rows_as_they_are(tmp_path: Path) -> None:
    raw = read(tmp_path, "a,b,c,d\n" + "1,2,3\n" * 8 + "1,2,3,4,5,6\n1,2,3,4\n")
    assert rows_of(raw) == [["1", "2", "3", ""]] * 8 + [["1", "2", "3", "4"]]
    assert [(reject.line, reject.reason) for reject in raw.rejects] == [(10, "6 cells where the table has 4")]


def test_names_without_cells_end_where_another_table_begins(tmp_path: Path) -> None:
    text = "a,b,c,d\n" + "1,2,3\n" * 30 + "\nwho,town\nann,rome\nbob,bonn\n"
    first, second = read(tmp_path, text), read(tmp_path, text, sheet="table 2")
    assert (first.rows, list(first.header)) == (30, ["a", "b", "c", "d"])
    assert (list(second.header), rows_of(second)) == (["who", "town"], [["ann", "rome"], ["bob", "bonn"]])


def test_names_without_cells_are_the_same_in_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a,b,c,d\n" + "1,2,3\n4,5,6\n" * 50
    slow = read(tmp_path, text)
    monkeypatch.setattr(large, "LARGE", 1)
    fast = read(tmp_path, text)
    assert (fast.header, rows_of(fast), fast.reading) == (slow.header, rows_of(slow), slow.reading)


def test_a_row_of_words_with_a_comma_too_many_does_not_take_over(tmp_path: Path) -> None:
    raw = read(tmp_path, "h1,h2,h3\nu1,u2,u3,SECRET\n" + "1,2,3\n" * 20)
    assert list(raw.header) == ["h1", "h2", "h3"]
    assert rows_of(raw) == [["1", "2", "3"]] * 20
    assert [reject.text for reject in raw.rejects] == ["u1,u2,u3,SECRET"]


@pytest.mark.parametrize("cell", ["red; blue; green", "a|b|c", "Smith; John; jr", "a;b;c"])
@pytest.mark.parametrize("rows", [2, 30])
def test_a_list_in_each_cell_is_no_delimiter(tmp_path: Path, cell: str, rows: int) -> None:
    raw = read(tmp_path, "id,tags,score\n" + "".join(f"{i},{cell},{i}\n" for i in range(rows)))
    assert list(raw.header) == ["id", "tags", "score"]
    assert rows_of(raw) == [[str(i), cell, str(i)] for i in range(rows)]


@pytest.mark.parametrize("names", ["", "region;sales\n"])
def test_a_title_with_a_comma_does_not_make_one_the_delimiter(tmp_path: Path, names: str) -> None:
    raw = read(tmp_path, f"Sales in million, by region\n{names}" + "".join(f"north;{i},5\n" for i in range(20)))
    assert rows_of(raw) == [["north", f"{i},5"] for i in range(20)]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n" + '""a""b,1\n' * 12_000,  # quotes that are never closed
        "a,b\n" + '"a"b,' * 25_000 + "\n1,2\n",  # in one line
    ],
)
def test_quotes_that_close_nothing_lose_nothing_and_end(tmp_path: Path, text: str) -> None:
    raw = read(tmp_path, text)
    assert raw.rows + len(raw.rejects) == text.count("\n") - 1


@pytest.mark.parametrize(
    "line",
    [
        ",".join(str(i % 10) for i in range(40_000)),
        ";".join(["1," * 450_000] * 2),  # two cells, of which each looks like a row
    ],
)
def test_too_many_columns_are_refused_at_once(tmp_path: Path, line: str) -> None:
    with pytest.raises(TooLarge, match="columns, the limit is 5,000"):
        read(tmp_path, f"{line}\n" * 6)


def test_wide_rows_that_cannot_be_mended_cheaply_are_set_aside(tmp_path: Path) -> None:
    good, bad = (",".join(map(str, range(count))) + "\n" for count in (200, 800))
    raw = read(tmp_path, ",".join(f"c{i}" for i in range(200)) + "\n" + good * 50 + bad * 20)
    assert raw.rows == 50
    assert {reject.reason for reject in raw.rejects} == {"800 cells where the table has 200"}


def test_mending_ends_with_the_effort_and_says_so_by_none() -> None:
    fits = Fits([["1", "fine words", "2024-01-01"]] * 20, 3)
    record = Record(9, 1, ["1", "fine", "words too", "2024-01-01"], "1,fine,words too,2024-01-01")
    effort = Effort()
    mended = mend(record, Form(), fits, effort)
    assert mended is not None
    assert mended.cells == ["1", "fine,words too", "2024-01-01"]
    assert 0 < Effort().left - effort.left < MOST_A_ROW
    assert mend(record, Form(), fits, Effort(0)) is None


def test_sentences_cut_at_their_commas_take_no_effort() -> None:
    fits = Fits([["1", "fine words", "2024-01-01"]] * 20, 3)
    record = Record(9, 1, ["1", "fine", " words", "2024-01-01"], "1,fine, words,2024-01-01")
    mended = mend(record, Form(), fits, Effort(0))
    assert mended is not None
    assert mended.cells == ["1", "fine, words", "2024-01-01"]
    other = Record(9, 1, ["1", "fine", " words", "x"], "1,fine, words,x")  # no date: there is doubt
    assert mend(other, Form(), fits, Effort(0)) is None


def test_empty_lines_in_a_row_are_one_record_and_all_counted(tmp_path: Path) -> None:
    pieces = iter(["a,b\n\n\r\n", "\n\n1,2\n"])
    assert [(record.line, record.cells) for record in Records(pieces, Form()) if record.text] == [
        (1, ["a", "b"]),
        (6, ["1", "2"]),
    ]
    assert len(list(Records(iter(["a\n" + "\n" * 1_000 + "b\n"]), Form()))) == 3
    assert "4 blank lines were left out" in read(tmp_path, "n\n1\n\n\n\n2\n\n3\n").reading.notices


@pytest.mark.parametrize(
    "encoding",
    ["hex", "rot13", "zip", "bz2", "base64", "uu", "quopri", "undefined", "idna", "punycode", "x\0y", "klingon"],
)
def test_what_is_no_encoding_of_text_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(InputRefused, match="encoding"):
        read(tmp_path, "a,b\n1,2\n", encoding=encoding)


def test_utf_16_without_its_mark_is_refused_where_it_was_chosen(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="not valid utf-16"):
        read(tmp_path, "a,b\n1,2\n3,4\n", encoding="utf_16")


def test_refusals_say_what_helps(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="choose latin-1, which reads every byte"):
        read(tmp_path, "a,b\nüöä,1\néèß,2\n".encode() + b"\xe9x,3\n")
    with pytest.raises(FileRefused, match="export it anew as text"):
        read(tmp_path, b"a,b\n1,2\n3,\0\n")


def test_a_word_in_two_encodings_is_a_mixture_though_no_language_has_its_letters(tmp_path: Path) -> None:
    rows = "".join(f"Zoë,{i}\n" for i in range(30))
    with pytest.raises(FileRefused, match="mixes two encodings") as caught:
        read(tmp_path, b"who,n\n" + rows.encode() + rows.encode("cp1252"))
    assert "byte 238, line 32" in caught.value.where
