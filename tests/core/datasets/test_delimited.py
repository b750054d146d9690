"""Delimited text of any dialect: what a writer wrote comes back, and what is broken is mended or set aside, and said."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.preview import source_lines
from core.datasets.raw import RawTable
from core.datasets.read import read_file
from core.datasets.text import large
from core.errors import FileRefused
from core.settings import Settings
from core.specs import ReadOptions

PEOPLE = ["James Li", "O'Neil, Anna", "François Wei", "Zoë", "D'Arcy", "Smith-Jones"]
NOTES = ["fine", "The quick brown fox, jumps.", 'He said "hello" and left', "a; b", "", "x|y", "C:\\temp", "two\nlines"]


def rows(count: int) -> list[list[str]]:
    """A table of numbers, dates, codes, names and notes."""
    return [
        [str(i), f"2024-01-{1 + i % 28:02d}", f"A-{100 + 7 * i}", f"{i * 1.5 - 9:.2f}", PEOPLE[i % 6], NOTES[i % 8]]
        for i in range(count)
    ]


HEADER = ["id", "day", "code", "amount", "who", "note"]


def written(
    table: list[list[str]], delimiter: str = ",", quote: str = '"', escape: str = "", everywhere: bool = False
) -> str:
    """The table as text, quoted where it must be, or everywhere."""

    def cell(text: str) -> str:
        special = any(mark and mark in text for mark in (delimiter, quote, "\n", "\r", escape))
        if not (everywhere or special or (delimiter == " " and not text)):
            return text
        inner = (
            text.replace(escape, escape * 2).replace(quote, escape + quote)
            if escape
            else text.replace(quote, quote * 2)
        )
        return quote + inner + quote

    return "\n".join(delimiter.join(map(cell, line)) for line in table) + "\n"


def read(tmp_path: Path, text: str | bytes, **options: object) -> RawTable:
    path = tmp_path / "x"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_file(path, "x.csv", Settings(), ReadOptions.read(options))


def table_of(raw: RawTable) -> list[list[str]]:
    return [list(raw.header), *[[row[name] or "" for name in raw.columns] for row in raw.cells.to_pylist()]]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("escape", ["", "\\"])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", " ", "~", "^", ":", "||"])
def test_every_dialect_comes_back(tmp_path: Path, delimiter: str, quote: str, escape: str, everywhere: bool) -> None:
    table = [HEADER, *rows(40)]
    raw = read(tmp_path, written(table, delimiter, quote, escape, everywhere))
    assert table_of(raw) == table
    assert raw.reading.dialect.delimiter == delimiter
    assert not raw.rejects


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end(tmp_path: Path, encoding: str, end: str) -> None:
    table = [HEADER, *[[cell.replace("\n", " ") for cell in row] for row in rows(30)]]
    raw = read(tmp_path, written(table).replace("\n", end).encode(encoding))
    assert table_of(raw) == table


def damaged(line: int, text: str) -> str:
    lines = written([HEADER, *[row for row in rows(40) if "\n" not in row[5]]]).splitlines()
    lines[line] = text
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        (",9,2024-01-10,A-163,4.50,D'Arcy,fine", ["9", "2024-01-10", "A-163", "4.50", "D'Arcy", "fine"]),
        ("9,2024-01-10,A-163,,4.50,D'Arcy,fine", ["9", "2024-01-10", "A-163", "4.50", "D'Arcy", "fine"]),
        ("9,2024-01-10A-163,4.50,D'Arcy,fine", ["9", "2024-01-10", "A-163", "4.50", "D'Arcy", "fine"]),
        ("9;2024-01-10;A-163;4.50;D'Arcy;fine", ["9", "2024-01-10", "A-163", "4.50", "D'Arcy", "fine"]),
        ("9,2024-01-10,\"A-163,4.50,D'Arcy,fine", ["9", "2024-01-10", '"A-163', "4.50", "D'Arcy", "fine"]),
        ("9,2024-01-10,A-163,4.50,D'Arcy", ["9", "2024-01-10", "A-163", "4.50", "D'Arcy", ""]),
    ],
)
def test_a_damaged_row_is_mended_where_its_columns_leave_no_doubt(tmp_path: Path, text: str, cells: list[str]) -> None:
    raw = read(tmp_path, damaged(9, text))
    assert cells in table_of(raw)
    assert raw.reading.rejected == 0
    if '"A-163' not in cells:
        assert [(reject.line, reject.text) for reject in raw.rejects] == [(10, text)]
        assert raw.reading.mended == 1
        assert "line 10" in "\n".join(raw.reading.notices)


def test_what_cannot_be_mended_is_kept_with_its_line_and_reason(tmp_path: Path) -> None:
    raw = read(tmp_path, damaged(9, "torn,line"))
    assert raw.reading.rejected == 1
    assert (raw.rejects[0].line, raw.rejects[0].text) == (10, "torn,line")
    assert "2 cells where the table has 6" in raw.rejects[0].reason
    assert raw.rows + 1 == len(damaged(9, "torn,line").splitlines()) - 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_both_ways_give_the_same_table(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    delimiter, quote = data.draw(st.sampled_from([",", ";", "\t"])), data.draw(st.sampled_from(['"', "'"]))
    text = written(
        [HEADER, *rows(data.draw(st.integers(5, 30)))], delimiter, quote, everywhere=data.draw(st.booleans())
    )
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from([delimiter, quote, "\n", "\r\n", "\n\n", "\\", " "])) + text[at:]
    path = tmp_path_factory.mktemp("both") / "x"
    path.write_bytes(text.encode())
    found = []
    for bound in (0, large.LARGE):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(large, "LARGE", bound)
            raw = read_file(path, "x.csv", Settings())
        found.append((raw.header, raw.cells.to_pylist(), raw.lines.tolist(), raw.rejects))
    assert found[0] == found[1]


def test_a_file_without_fault_goes_the_fast_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LARGE", 0)
    table = [HEADER, *rows(200)]
    raw = read(tmp_path, written(table))
    assert table_of(raw) == table
    inside = [sum(cell.count("\n") for cell in row) for row in table]
    assert raw.lines.tolist() == [1 + i + sum(inside[:i]) for i in range(1, 201)]


def test_several_rows_that_name_the_columns_are_joined(tmp_path: Path) -> None:
    raw = read(tmp_path, "mass,length,site\nkg,m,\n" + "".join(f"{i}.5,{i},s{i % 3}\n" for i in range(20)))
    assert raw.header == ("mass kg", "length m", "site")
    assert raw.reading.dialect.header_rows == 2


def test_a_second_table_is_said_and_can_be_picked(tmp_path: Path) -> None:
    first = written([HEADER, *rows(10)])
    text = first + first
    raw = read(tmp_path, text)
    assert raw.rows == 10
    assert raw.reading.sheets == ("table 1", "table 2")
    assert "the file holds 2 tables" in "\n".join(raw.reading.notices)
    other = read(tmp_path, first + "\nname,size\nx,1\ny,2\nz,3\n", sheet="table 2")
    assert table_of(other) == [["name", "size"], ["x", "1"], ["y", "2"], ["z", "3"]]
    with pytest.raises(FileRefused, match="there is no table 3"):
        read(tmp_path, text, sheet="table 3")


def test_years_may_be_names(tmp_path: Path) -> None:
    raw = read(tmp_path, "country,2019,2020\n" + "".join(f"c{i},{i * 7.5},{i * 8.25}\n" for i in range(12)))
    assert raw.header == ("country", "2019", "2020")


def test_what_the_user_says_goes_before_what_is_found(tmp_path: Path) -> None:
    text = "a;b,c;d\n1;2,3;4\n5;6,7;8\n"
    assert read(tmp_path, text).reading.dialect.delimiter == ";"
    raw = read(tmp_path, text, delimiter=",", header_rows=0)
    assert table_of(raw)[1:] == [["a;b", "c;d"], ["1;2", "3;4"], ["5;6", "7;8"]]
    assert raw.reading.chosen == {"delimiter": ",", "header_rows": 0}
    skipped = read(tmp_path, "x;y\n\n1;2\n3;4\n", preamble_rows=1, header_rows=0)
    assert table_of(skipped)[1:] == [["1", "2"], ["3", "4"]]


def test_two_encodings_in_one_file_are_refused_with_the_place(tmp_path: Path) -> None:
    data = b"a,b\n" + "é,ü\n".encode() * 30 + "é,ü\n".encode("cp1252")
    with pytest.raises(FileRefused, match="mixes two encodings") as caught:
        read(tmp_path, data)
    assert f"byte {len(data) - 4:,}, line 32" in caught.value.where
    assert table_of(read(tmp_path, data, encoding="cp1252"))[0] == ["a", "b"]


def test_a_mixture_is_read_as_such_where_that_is_chosen(tmp_path: Path) -> None:
    text = "a,b\n" + "é,ü\n" * 30
    data = text.encode() + "Zoë,€\n".encode("cp1252") + "ß,1\n".encode()
    raw = read(tmp_path, data, encoding="mixed")
    assert table_of(raw)[1:] == [["é", "ü"]] * 30 + [["Zoë", "€"], ["ß", "1"]]
    assert raw.reading.dialect.encoding == "mixed"
    assert raw.reading.notices[0] == (
        "1 line holds bytes that are not UTF-8 (32); they were read as Windows-1252, for instance “Zoë”"
    )
    assert source_lines(tmp_path / "x", "mixed", 31, 2) == [(31, "é,ü"), (32, "Zoë,€")]
    assert not read(tmp_path, text.encode(), encoding="mixed").reading.notices
    with pytest.raises(FileRefused, match="choose mixed, which reads such bytes as Windows-1252"):
        read(tmp_path, data)


@given(st.binary(max_size=300))
def test_any_bytes_are_letters_to_a_mixture(data: bytes) -> None:
    text = data.decode("mixed")
    decoder = codecs.getincrementaldecoder("mixed")()
    assert "".join([*(decoder.decode(data[i : i + 1]) for i in range(len(data))), decoder.decode(b"", True)]) == text
    assert text.encode().decode("mixed") == text


def test_a_sample_is_the_same_however_the_file_is_read(tmp_path: Path) -> None:
    text = "a,b\n" + "".join(f"{i},{i % 7}\n" for i in range(5_000))
    one, two = (read(tmp_path, text, sample_rows=100, sample_seed=3) for _ in range(2))
    assert one.rows == 100
    assert one.reading.sampled_from == 5_000
    assert one.cells.equals(two.cells)
    assert [int(cell) + 2 for cell in one.column("a").to_pylist()] == one.lines.tolist()
    assert not one.cells.equals(read(tmp_path, text, sample_rows=100, sample_seed=4).cells)


@pytest.mark.parametrize("everywhere", [False, True])
def test_backticks_around_one_name_are_a_part_of_it_and_around_all_are_quotes(tmp_path: Path, everywhere: bool) -> None:
    names = ["`a`", "`c`", "`d`"] if everywhere else ["a", "`c`", "d"]
    raw = read(tmp_path, "\n".join([",".join(names), *(f"{i},{2 * i}.5,x{i % 3}" for i in range(30))]) + "\n")
    assert raw.header == (("a", "c", "d") if everywhere else ("a", "`c`", "d"))


def test_backticks_around_the_names_in_one_column_are_a_part_of_them(tmp_path: Path) -> None:
    raw = read(tmp_path, "\n".join(["a,`tick`,d", *(f"{i},`b{i % 3}`,x y{i % 2}" for i in range(30))]) + "\n")
    assert raw.header == ("a", "`tick`", "d")
    assert raw.column("`tick`").to_pylist()[:3] == ["`b0`", "`b1`", "`b2`"]


def test_backticks_around_cells_with_the_delimiter_are_quotes(tmp_path: Path) -> None:
    raw = read(tmp_path, "\n".join(["a,b,d", *(f"{i},`b, {i % 3}`,x y{i % 2}" for i in range(30))]) + "\n")
    assert raw.column("b").to_pylist()[:3] == ["b, 0", "b, 1", "b, 2"]


def test_an_empty_file_is_an_empty_table(tmp_path: Path) -> None:
    raw = read(tmp_path, "")
    assert (raw.columns, raw.rows) == ((), 0)


TITLES = ["Men | Kids | Shop | EU", "Bags | Women | Shop | EU", "Shoes | Sale | Shop | US"]


@pytest.mark.parametrize(
    ("title", "cells"),
    [
        ("page | group | shop | land", TITLES),  # as many as in the cells
        ("title | site", TITLES),
        ("|a|b|", ["|x|y|", "|y|z|", "|z|x|"]),
        ("~~note~~", ["~~one~~", "~~two~~", "~~three~~"]),
    ],
)
def test_marks_in_every_cell_of_a_column_are_no_delimiter(tmp_path: Path, title: str, cells: list[str]) -> None:
    table = [["city", "kind", title, "note"]]
    towns, notes = ["Rome", "Bern", "Oslo"], ["n/a", "late"]
    table += [[towns[i % 3], "ab"[i % 2], cells[i % len(cells)], notes[i % 2]] for i in range(40)]
    assert table_of(read(tmp_path, written(table))) == table


@pytest.mark.parametrize("delimiter", ["|", "~"])
def test_a_rare_delimiter_stays_one_beside_cells_with_a_comma_each(tmp_path: Path, delimiter: str) -> None:
    table = [["place", "who", "amount"], *[[f"Town {i % 7}, TX", PEOPLE[i % 6], str(i * 3)] for i in range(40)]]
    assert table_of(read(tmp_path, written(table, delimiter))) == table
