"""Layouts of files from portals, instruments and spreadsheets: where the table begins and ends, what names its columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.datasets.raw import RawTable
from core.datasets.text import large
from tests.core.datasets.test_delimited import read, table_of

TOWNS = ["Ashby", "Bray", "Corley", "Denby", "Elton", "Fawley", "Goole", "Hythe", "Ilkley", "Jarrow"]


def said(raw: RawTable) -> str:
    return "\n".join(raw.reading.notices)


def reasons(raw: RawTable) -> list[tuple[int, str]]:
    return [(reject.line, reject.reason) for reject in raw.rejects]


def numbers(delimiter: str = ",", columns: int = 3) -> tuple[list[list[str]], str]:
    """Ten rows of a town and numbers, and the same as text."""
    rows = [[town, *[f"{i * 7.5 + j:.1f}" for j in range(columns)]] for i, town in enumerate(TOWNS)]
    return rows, "".join(delimiter.join(row) + "\n" for row in rows)


# The names of the columns


def test_names_stand_right_above_the_first_row_whatever_fills_the_lines_above(tmp_path: Path) -> None:
    rows, text = numbers(" ")
    raw = read(tmp_path, f"Measured by four people\nuntil the end of May\ntown dry wet all\n{text}")
    assert table_of(raw) == [["town", "dry", "wet", "all"], *rows]
    assert raw.reading.dialect.preamble_rows == 2
    titled = read(
        tmp_path, "Births: regions; months; sexes;\nOffice of numbers;;;\n;boys;girls;all\n" + numbers(";")[1]
    )
    assert table_of(titled) == [["", "boys", "girls", "all"], *rows]


@pytest.mark.parametrize(
    ("names", "want"),
    [
        ("town,10th,50th,90th", ["town", "10th", "50th", "90th"]),  # numbers by their digits only
        ("town,2001,2006,2012", ["town", "2001", "2006", "2012"]),  # years at no fixed distance
        ("town,2019,2020,2019", ["town", "2019", "2020", "2019"]),  # the same years for two groups
        ("town,31.12.2001,31.12.2002,31.12.2003", ["town", "31.12.2001", "31.12.2002", "31.12.2003"]),
    ],
)
def test_names_with_digits_are_names(tmp_path: Path, names: str, want: list[str]) -> None:
    rows, text = numbers()
    assert table_of(read(tmp_path, f"{names}\n{text}")) == [want, *rows]


def test_places_are_names_where_no_row_counts_up(tmp_path: Path) -> None:
    _, text = numbers(columns=5)
    assert table_of(read(tmp_path, f",0,1,2,3,4\n{text}"))[0] == ["", "0", "1", "2", "3", "4"]
    counting = "".join(f"{i},{i + 1},{i + 2},{i + 3},{i + 4}\n" for i in range(12))
    assert read(tmp_path, counting).rows == 12


@pytest.mark.parametrize(
    ("above", "want"),
    [
        (",Year,Year,Year\n,2001,2002,2003\n", ["", "Year 2001", "Year 2002", "Year 2003"]),
        (",Rain,,Sun\ntown,mm,days,h\n", ["town", "Rain mm", "Rain days", "Sun h"]),
        ("town,Rain,Sun,All\n,(000s),(000s),(000s)\n", ["town", "Rain (000s)", "Sun (000s)", "All (000s)"]),
        ("Place,Rain,,Sun\ntown,mm,days,\n", ["Place town", "Rain mm", "Rain days", "Sun"]),
    ],
)
def test_groups_are_joined_to_the_names_that_they_span(tmp_path: Path, above: str, want: list[str]) -> None:
    rows, text = numbers()
    raw = read(tmp_path, f"A title,,,\n{above}{text}")
    assert table_of(raw) == [want, *rows]
    assert raw.reading.dialect.header_rows == 2


def test_a_group_ends_where_another_one_begins_above_it(tmp_path: Path) -> None:
    text = "".join(f"{town};{i};{i + 1};{i * 2};{i * 3};\n" for i, town in enumerate(TOWNS))
    raw = read(tmp_path, f";Work;;;Trade;\n;all;men;women;;\ntown;n;n;n;n;\n{text}")
    assert list(raw.header) == ["town", "Work all n", "Work men n", "Work women n", "Trade n"]


@pytest.mark.parametrize(
    ("above", "want"),
    [
        ("time,1,2,3\nsecond,Volt,Volt,Volt", ["time second", "1 Volt", "2 Volt", "3 Volt"]),
        (",,Force - left,\nFrame,Part,1,2\n,,N,N", ["Frame", "Part", "Force - left 1 N", "Force - left 2 N"]),
        (
            "Day,At,Gas,adjusted,In\n,,dry,  gas\nExcel,,[ppm], [ppm]",
            ["Day Excel", "At", "Gas dry [ppm]", "adjusted gas [ppm]", "In"],
        ),
        (",Year,,\nTown,2014,2015,2016", ["Town", "Year 2014", "Year 2015", "Year 2016"]),
    ],
)
def test_names_numbers_and_units_in_several_rows_are_joined(tmp_path: Path, above: str, want: list[str]) -> None:
    text = "".join(",".join(f"{i * (3 + j)}.{j}5" for j in range(len(want))) + "\n" for i in range(20))
    raw = read(tmp_path, f"{above}\n{text}")
    assert list(raw.header) == want
    assert raw.rows == 20


def test_a_word_over_years_says_of_what_also_where_all_cells_are_dots(tmp_path: Path) -> None:
    raw = read(tmp_path, ";Year;\nTown;2014;2015\n" + "".join(f"{town};..;..\n" for town in TOWNS))
    assert raw.header == ("Town", "Year 2014", "Year 2015")


def test_questions_above_a_row_of_answers_are_joined_to_it(tmp_path: Path) -> None:
    text = "".join(f"{100 + i},yes,{i % 5},,{'tea' if i % 2 else ''}\n" for i in range(12))
    raw = read(tmp_path, f"id,Did you go?,Which of these do you like?,,\n,Answer,Soup,Cake,Tea\n{text}")
    like = "Which of these do you like?"
    assert list(raw.header) == ["id", "Did you go? Answer", f"{like} Soup", f"{like} Cake", f"{like} Tea"]


def test_a_faulty_first_row_names_nothing(tmp_path: Path) -> None:
    raw = read(tmp_path, "who,size\nfirst one,x0\n" + "".join(f"name {i % 7},{i}\n" for i in range(20)))
    assert raw.header == ("who", "size")
    assert raw.rows == 21
    missing = read(
        tmp_path, "quarter,index\n" + "".join(f"19{80 + i}Q1,{'..' if i < 5 else i * 9.5}\n" for i in range(15))
    )
    assert missing.header == ("quarter", "index")
    assert missing.rows == 15


def test_sparse_rows_at_the_top_are_rows(tmp_path: Path) -> None:
    sparse = "".join(f"{town},,,,{i},,,\n" for i, town in enumerate(TOWNS))
    full = "".join(f"{town},Mayor,{i % 3},R,{i},{i * 2},{i * 3},x\n" for i, town in enumerate(TOWNS * 4))
    raw = read(tmp_path, sparse + full)
    assert raw.reading.dialect.preamble_rows == 0
    assert raw.rows == 50


def test_more_names_than_cells_and_fewer_are_kept(tmp_path: Path) -> None:
    rows, text = numbers()
    more = read(tmp_path, f"town,dry,wet,all,remark\n{text}")
    assert table_of(more) == [["town", "dry", "wet", "all", "remark"], *[[*row, ""] for row in rows]]
    some = text.replace("0.0,1.0,2.0", "0.0,1.0,2.0,odd")
    assert table_of(read(tmp_path, f"town,dry,wet,all,remark\n{some}"))[1:3] == [[*rows[0], "odd"], [*rows[1], ""]]
    rows, text = numbers(columns=7)
    fewer = read(tmp_path, f"town,a,b,c,d,e\n{text}")
    assert table_of(fewer) == [["town", "a", "b", "c", "d", "e", "", ""], *rows]


def test_one_year_may_be_a_name(tmp_path: Path) -> None:
    text = "".join(f"{town},{i * 31}\n" for i, town in enumerate(TOWNS))
    assert read(tmp_path, f"area,2012\n{text}").header == ("area", "2012")
    assert read(tmp_path, f"Aston,2012\n{text}Kirby,2040\n").rows == 12


# Columns without names


@pytest.mark.parametrize("bound", [0, large.LARGE])
@pytest.mark.parametrize("sample", [{}, {"sample_rows": 10}])
def test_last_columns_without_a_name_or_a_cell_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: int, sample: dict[str, int]
) -> None:
    monkeypatch.setattr(large, "LARGE", bound)
    rows = [[f"{town} {i}", *(f"{i}.{j}5" for j in range(3))] for i in range(4) for town in TOWNS]
    text = "town,x,y,z,,\n" + "".join(",".join(row) + ",,\n" for row in rows)
    raw = read(tmp_path, text, **sample)
    head, *found = table_of(raw)
    assert head == ["town", "x", "y", "z"]
    assert found == rows if not sample else len(found) == 10 and all(row in rows for row in found)
    assert raw.reading.notices[0] == "every line ends in 2 × “,”: 2 empty columns without a name were left out"
    assert pq.read_schema(raw.path).names == head
    named = read(tmp_path, text.replace("z,,", "z,,last"), **sample)  # a name behind them keeps them all
    assert table_of(named)[0] == ["town", "x", "y", "z", "", "last"]
    filled = read(tmp_path, text + "Kelso,1.5,2.5,3.5,seen,\n", **sample)
    assert table_of(filled)[0] == ["town", "x", "y", "z", ""]


def test_last_empty_columns_of_a_table_without_names_are_left_out(tmp_path: Path) -> None:
    rows, text = numbers("\t")
    raw = read(tmp_path, text.replace("\n", "\t\n"))
    assert table_of(raw)[1:] == rows
    assert "every line ends in a tab: an empty column" in said(raw)


def test_a_last_cell_that_most_rows_leave_out_is_a_column(tmp_path: Path) -> None:
    rows, _ = numbers("\t")
    rows = [[*row, f"seen by {row[0]} folk, late" if i % 3 == 1 else ""] for i, row in enumerate(rows)]
    text = "".join("\t".join(row).rstrip("\t") + "\n" for row in rows)
    raw = read(tmp_path, text)
    assert table_of(raw)[1:] == rows
    assert "7 rows have nothing in the last column (“col_5”)" in said(raw)
    assert not raw.rejects
    # Under names for all others, a comma more is one inside a text.
    glued = read(
        tmp_path,
        "town,x,y,note\n"
        + "".join(f"{town},{i}.5,{i},a,b\n" for i, town in enumerate(TOWNS[:4]))
        + "".join(f"{town},{i}.5,{i},a b\n" for i, town in enumerate(TOWNS)),
    )
    assert len(glued.header) == 4


def test_fewer_names_than_cells_leave_all_rows_where_they_are(tmp_path: Path) -> None:
    rows, _ = numbers(columns=5)
    rows = [row if i % 2 else row[:-1] for i, row in enumerate(rows)]
    raw = read(tmp_path, "town,a,b,c\n" + "".join(",".join(row) + "\n" for row in rows))
    assert raw.header == ("town", "a", "b", "c", "", "")
    assert [row[: len(want)] for row, want in zip(table_of(raw)[1:], rows, strict=True)] == rows
    # The first row is a cell short, and its code says that it is a row.
    codes = "Ashby;x7y10z3\n" + "".join(f"{town};x{i}y{i + 10}z{i};{i}\n" for i, town in enumerate(TOWNS[1:]))
    assert table_of(read(tmp_path, codes))[1] == ["Ashby", "x7y10z3", ""]


# Lines above the table


def test_comments_are_no_part_of_the_table_and_may_name_its_columns(tmp_path: Path) -> None:
    rows, text = numbers(";")
    prose = "# Made by: a logger, in the field\n#\n# Use it, if you must, with care, and ask, please\n"
    raw = read(tmp_path, f"{prose}# town;dry;wet;all\n{text}")
    assert table_of(raw) == [["town", "dry", "wet", "all"], *rows]
    assert raw.reading.dialect.delimiter == ";"
    two = "".join(f"{i},{i * i}\n" for i in range(1, 31))
    unnamed = read(tmp_path, f"# Station A, hourly,\n# unit: mm,\n{two}")
    assert unnamed.reading.dialect.header_rows == 0
    assert unnamed.rows == 30
    assert "the first 2 lines come before the table" in said(unnamed)


def test_what_is_told_about_a_table_in_pairs_is_no_table(tmp_path: Path) -> None:
    rows, text = numbers()
    told = "Source,Office of Numbers\nId,00604\nAddress,https://numbers.example/a/b\nUnit,people\nPart,10%\n"
    raw = read(tmp_path, f"{told}\ntown,x,y,z\n{text}\nMore of it\nland,n,share\nUK,7,22.3\nIreland,4,13.9\n")
    assert table_of(raw) == [["town", "x", "y", "z"], *rows]
    assert raw.reading.dialect.preamble_rows == 5
    assert raw.reading.sheets == ("table 1", "table 2")
    titled = read(tmp_path, f"{told}\n== People by town ==\ntown,x,y,z\n{text}")
    assert table_of(titled) == [["town", "x", "y", "z"], *rows]
    small = "town,n\n" + "".join(
        f"{town},{i}\n" for i, town in enumerate([*TOWNS, *map(str.upper, TOWNS)])
    )  # a column of one kind is a table
    assert table_of(read(tmp_path, f"{small}\ntown,x,y,z\n{text}", sheet="table 1"))[0] == ["town", "n"]


def test_comments_between_blanks_are_comments(tmp_path: Path) -> None:
    rows, text = numbers(" ")
    prose = "# As good as\n# Made by hand, as ever\n"
    assert table_of(read(tmp_path, f"{prose}# town dry wet all\n{text}")) == [["town", "dry", "wet", "all"], *rows]
    unnamed = read(tmp_path, prose + "".join(f" {1900 + i}  {i}.25  -{i}.50  1.00\n" for i in range(20)))
    assert unnamed.reading.dialect.header_rows == 0
    assert unnamed.rows == 20


def test_a_sign_of_numbers_is_a_name(tmp_path: Path) -> None:
    rows, text = numbers()
    assert table_of(read(tmp_path, f"#,dry,wet,all\n{text}")) == [["#", "dry", "wet", "all"], *rows]


def test_a_line_wider_than_a_table_of_two_columns_is_no_name(tmp_path: Path) -> None:
    raw = read(tmp_path, "scan.csv,x,lab,noon,demo\nnm,A\n" + "".join(f"{400 + i},0.0{i % 9}\n" for i in range(30)))
    assert raw.header == ("nm", "A")
    assert raw.rows == 30


# Lines below the table


@pytest.mark.parametrize("padding", ["", ",,,"])
def test_notes_below_the_table_are_left_out_and_said(tmp_path: Path, padding: str) -> None:
    rows, text = numbers()
    notes = ["Source: the office", "* estimated", "Rounded to halves"]
    below = "".join(f"{note}{padding}\n" for note in notes)
    raw = read(tmp_path, f"town,dry,wet,all\n{text}\n{below}")
    assert table_of(raw) == [["town", "dry", "wet", "all"], *rows]
    assert reasons(raw) == [(line, "a note below the table") for line in (13, 14, 15)]
    assert "the last 3 lines come after the table" in said(raw)


def test_a_note_cut_at_its_commas_is_a_note(tmp_path: Path) -> None:
    rows, text = numbers()
    raw = read(tmp_path, f"town,dry,wet,all\n{text}Source: the office of numbers, 2012\n")
    assert raw.rows == len(rows)
    assert reasons(raw) == [(12, "a note below the table")]


def test_what_stands_alone_between_rows_or_is_like_them_stays_a_row(tmp_path: Path) -> None:
    rows, text = numbers()
    grouped = read(tmp_path, f"town,dry,wet,all\nNorth: coast,,,\n{text}South: hills,,,\n{text}")
    assert grouped.rows == 2 * len(rows) + 2
    last = read(tmp_path, f"town,dry,wet,all\n{text}Kirby,,,\n")
    assert last.rows == len(rows) + 1
    assert not last.rejects


def test_notes_are_the_same_however_large_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, text = numbers()
    monkeypatch.setattr(large, "LARGE", 0)
    raw = read(tmp_path, f"town,dry,wet,all\n{text}Source: the office,,,\n")
    assert raw.rows == len(rows)
    assert reasons(raw) == [(12, "a note below the table")]


# Rows


def test_names_that_come_again_within_a_table_are_left_out(tmp_path: Path) -> None:
    rows, text = numbers()
    more = "".join(f"{town}ham,{i}.5,{i},1\n" for i, town in enumerate(TOWNS))
    raw = read(tmp_path, f"town,dry,wet,all\n{text}town,dry,wet,all\n{more}")
    assert raw.rows == 2 * len(rows)
    assert reasons(raw) == [(12, "the names of the columns again")]
    assert "1 row repeats the names" in said(raw)
    copy = read(tmp_path, f"town,dry,wet,all\n{text}town,dry,wet,all\n{text}")
    assert copy.reading.sheets == ("table 1", "table 2")


def test_a_few_cells_like_names_begin_no_table(tmp_path: Path) -> None:
    text = "".join(f"{town},Mayor,{i},R,{i * 3},{i * 2},{i}\n" for i, town in enumerate(TOWNS))
    raw = read(tmp_path, f"town,office,seat,party,total,poll,post\n{text},,,,total,poll,post\n{text}")
    assert not raw.reading.sheets


def test_a_title_names_and_rows_below_a_blank_row_are_another_table(tmp_path: Path) -> None:
    rows, text = numbers()
    roads = "".join(f"A{i},{i}.5,paved,{i}\n" for i in range(6))
    raw = read(tmp_path, f"town,dry,wet,all\n{text},,,\nRoads,,,\nroad,length,kind,lanes\n{roads}")
    assert raw.rows == len(rows)
    assert raw.reading.sheets == ("table 1", "table 2")
    grouped = read(tmp_path, f"town,dry,wet,all\n{text},,,\nSouth,,,\n{text}")
    assert not grouped.reading.sheets
    assert grouped.rows == 2 * len(rows) + 1


def test_names_of_people_are_one_column(tmp_path: Path) -> None:
    raw = read(tmp_path, "Name\n" + "".join(f"{first} {last}\n" for first in TOWNS[:4] for last in TOWNS))
    assert raw.header == ("Name",)
    assert raw.column("Name").to_pylist()[:2] == ["Ashby Ashby", "Ashby Bray"]


def test_a_row_that_goes_on_below_keeps_its_place(tmp_path: Path) -> None:
    pairs = "".join(
        f"{1 + i:02d}/04/2018,{1 + i:02d}/04/2018,CARD PAYMENT,{i}.60,\n,,{i:02d}/04 {town} MARKET\n"
        for i, town in enumerate(TOWNS)
    )
    raw = read(tmp_path, f"Booked,Valued,Text,Out,In\n{pairs}")
    assert raw.rows == 20
    assert table_of(raw)[2] == ["", "", "00/04 Ashby MARKET", "", ""]
    assert raw.reading.mended == 10


def test_a_mark_doubled_inside_other_quotes_was_doubled_before(tmp_path: Path) -> None:
    text = "".join(f"{i},'{town}, 5\"\" wide','{i}'\n" for i, town in enumerate(TOWNS))
    assert table_of(read(tmp_path, f"id,board,n\n{text}"))[1] == ["0", 'Ashby, 5" wide', "0"]
    lone = read(tmp_path, f"id,board,n\n{text}10,'Kirby, 5\" and 6\"\" wide','10'\n")
    assert table_of(lone)[-1] == ["10", 'Kirby, 5" and 6"" wide', "10"]


def test_an_apostrophe_quotes_nothing_unless_a_cell_begins_with_it(tmp_path: Path) -> None:
    rows = [[town, f"3'UTR {i}", "['/a/b.bin']"] for i, town in enumerate(TOWNS * 30)]
    later = "\"['/a/b.bin', '/c,d.bin']\""
    text = "".join(", ".join(row) + "\n" for row in rows) + f"Kelso, 5'UTR 1,{later}\n"
    raw = read(tmp_path, "town, part, files\n" + text)
    assert raw.reading.dialect.quote == '"'
    assert table_of(raw)[-1] == ["Kelso", "5'UTR 1", later.strip('"')]
    assert raw.rows == 301 and not raw.rejects


def test_quotes_inside_quotes_are_letters_also_at_the_end_of_a_cell_and_in_a_short_row(tmp_path: Path) -> None:
    good = "".join(f'"{i}","The {town}","bill {i}","{i}.5","",""\n' for i, town in enumerate(TOWNS))
    raw = read(tmp_path, f'"id","who","what","sum","a","b"\n{good}"99","The "Ship"","the "Ship" bill","7.5"\n')
    assert table_of(raw)[-1] == ["99", 'The "Ship"', 'the "Ship" bill', "7.5", "", ""]


def test_many_columns_without_a_name_are_said_once(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(50)) + "," * 40
    raw = read(tmp_path, names + "\n" + "".join(f"{i}" + ",1" * 89 + "\n" for i in range(12)))
    assert len(raw.columns) == 90
    assert "30 more columns were named in the same way" in said(raw)


# Letters


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1252", "Größe,Gemüse,Straße,Nationalität,Ärzte,Übersicht,Fälle,männlich"),
        ("cp1252", "Descripción,Año,Niñez,Educación,Muñoz,Pequeño,según,Público"),
        ("cp1252", "Région,Rhône,Où,Façade,Élève,Genève,Août,Même"),
        ("cp1252", "Amount (£),Temp (°C),‘quoted’,2010–2011,km²,50 €"),
        ("cp1250", "Dvořák,Příbram,Plzeň,Věra,Štěpán,Žďár,Jiří,Černý,Dolní Újezd,Mníšek"),
        ("cp1250", "Wałęsa,Gdańsk,Łódź,Żaneta,Kraków,Świętokrzyskie,Śląsk,Małopolskie"),
        ("cp1257", "Šiauliai,Rūta,Žukauskienė,Panevėžys,Kėdainiai,Agnė,Mažeikių,Akmenės,Joniškio,Šalčininkų"),
        ("mac_roman", "Größe,Gemüse,Straße,Übersicht,Fälle,männlich"),
        ("cp850", "Größe,Gemüse,Straße,Übersicht,Fälle,männlich"),
        ("cp1251", "Город,Москва,Тула,Население,Область"),
    ],
)
def test_letters_tell_their_page(tmp_path: Path, encoding: str, words: str) -> None:
    lines = [f"{word},{i}" for i, word in enumerate(words.split(","))]
    raw = read(tmp_path, ("word,n\n" + "\n".join(lines) + "\n").encode(encoding))
    assert raw.column("word").to_pylist() == words.split(",")
    assert f"read as {encoding}" in said(raw)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp932",
            "品名,数量,注\n" + "".join(f"りんごと梨{i},{i}〜,①番の店～{i}\n" for i in range(30)).replace("〜", ""),
        ),
        ("cp1252", "day,dust (µg/m3),heat (°C),Trade®\n" + "".join(f"{i},{i}.5,{i},x\n" for i in range(30))),
    ],
)
def test_pages_are_those_that_windows_writes(tmp_path: Path, encoding: str, text: str) -> None:
    raw = read(tmp_path, text.encode(encoding))
    assert raw.reading.dialect.encoding == encoding
    assert table_of(raw) == [line.split(",") for line in text.splitlines()]


def test_a_comment_names_columns_also_where_one_has_no_name_but_not_where_it_tells_something(tmp_path: Path) -> None:
    rows = [f"{i},word {i},{i * 3.5},{i + 7}" for i in range(12)]
    raw = read(tmp_path, "\n".join(["#code,,planned,paid", *rows]))
    assert raw.header[0].endswith("code")
    assert (raw.header[2:], raw.rows) == (("planned", "paid"), 12)
    told = ["#Title=\tspectrum", "#Acquired=\t14.02.2019"]
    raw = read(tmp_path, "\n".join([*told, *(f"{i}.5\t{i * 7}" for i in range(12))]))
    assert (list(raw.columns), raw.rows) == (["col_1", "col_2"], 12)


def test_dashes_in_cells_without_a_value_are_no_quotes(tmp_path: Path) -> None:
    rows = []
    for k in range(400):
        numbers = [str(k % 37), f"{k % 91}.{k % 10}%", str(k % 13), f"{k % 71}.{k % 7}%", str(k % 29), f"{k % 83}.5%"]
        cells = {0: ["--"] * 6, 1: ["*"] * 6}.get(k % 5, numbers)
        rows.append(["2017-2018", str(2000 + k % 10), TOWNS[k % 10], f"Grade {k // 10 % 8}", *cells])
    rows[88] = ["2017-2018", "2009", "Jarrow", "Grade 8", "> 95.0%", *["-"] * 5]
    raw = read(tmp_path, "year,id,town,grade,a,b,c,d,e,f\n" + "".join(",".join(row) + "\n" for row in rows))
    assert table_of(raw)[1:] == rows
    assert not raw.rejects


def test_days_that_count_up_are_names_beside_several_others(tmp_path: Path) -> None:
    days = [str(day) for day in range(29)]
    rows = [
        ["1", "control", str(101 + i), *(f"{40.5 + i * 3 + 7 * day:.1f}" if day % 3 else "NA" for day in range(29))]
        for i in range(20)
    ]
    raw = read(tmp_path, "Group,Grp,ID," + ",".join(days) + "\n" + "".join(",".join(row) + "\n" for row in rows))
    assert table_of(raw) == [["Group", "Grp", "ID", *days], *rows]


# Rows of several widths


def test_rows_of_any_width_are_rows_and_lack_what_they_leave_out(tmp_path: Path) -> None:
    rows = [[str((37 * i + 11 * j) % 97) for j in range(5 + i * 3 % 7)] for i in range(60)]
    text = "".join(",".join(row) + "\n" for row in rows)
    wide = [[*row, *[""] * (11 - len(row))] for row in rows]
    for head, names in (("a,b\n", ["a", "b", *[""] * 9]), ("", [f"col_{i + 1}" for i in range(11)])):
        raw = read(tmp_path, head + text)
        assert table_of(raw) == [names, *wide]
        assert not raw.rejects
        assert "have nothing in one or more of the last" in said(raw)


def test_what_stands_in_every_row_begins_no_other_table(tmp_path: Path) -> None:
    raw = read(tmp_path, "a,b\n" + "".join(f"0.{100 + i},0.{300 + i}{',x' * (3 + i % 7)}\n" for i in range(70)))
    assert raw.header[:2] == ("a", "b")
    assert (raw.rows, len(raw.reading.sheets)) == (70, 0)


def test_lists_of_what_was_bought_have_no_names(tmp_path: Path) -> None:
    goods = ["milk", "bread", "butter", "eggs", "beer", "soda", "coffee", "rolls", "citrus fruit", "pastry"]
    lists = [",".join(goods[(i + j * (3 + i % 4)) % 10] for j in range(1 + i * 7 % 9)) for i in range(200)]
    raw = read(tmp_path, "\n".join(lists) + "\n")
    assert table_of(raw) == [["col_1"], *([each] for each in lists)]


@pytest.mark.parametrize("commas", [0, 1])
def test_commas_of_sentences_are_no_delimiters(tmp_path: Path, commas: int) -> None:
    """Also where no row is without one; also where more columns follow."""
    words = ["fine" + ", thanks" * commas, "late, broken, sad", "why, oh why, did it, come", "no, really"]
    rows = [[str(i), words[i % 4], f"{i * 1.5:.2f}"] for i in range(60)]
    raw = read(tmp_path, "id,comment,amount\n" + "".join(",".join(row) + "\n" for row in rows))
    assert table_of(raw) == [["id", "comment", "amount"], *rows]
    last = read(tmp_path, "id,amount,comment\n" + "".join(f"{i},{amount},{text}\n" for i, text, amount in rows))
    assert table_of(last) == [["id", "amount", "comment"], *([i, amount, text] for i, text, amount in rows)]
    assert "were mended" in said(last)
    spread = read(tmp_path, "id, comment, amount\n" + "".join(f"{i}, fine, {i * 2}\n" for i in range(30)))
    assert (spread.rows, len(spread.header)) == (30, 3)


def test_a_row_of_another_width_at_the_top_is_a_row(tmp_path: Path) -> None:
    raw = read(tmp_path, "4,5,6,7,8\n" + "".join(f"{i},{i + 1},{i + 2}\n" for i in range(30)))
    assert raw.reading.dialect.header_rows == 0


def test_short_lists_at_the_top_are_rows(tmp_path: Path) -> None:
    """Also lists of one; a title of one cell above rows that all have several is none of them."""
    goods = ["milk", "bread", "butter", "eggs", "beer", "soda", "coffee", "rolls", "citrus fruit", "pastry"]
    draw = np.random.default_rng(1)
    lists = [
        ["pasta", "bread"],
        ["apples"],
        *(list(draw.choice(goods, draw.integers(1, 7), False)) for _ in range(200)),
    ]
    raw = read(tmp_path, "".join(",".join(row) + "\n" for row in lists), delimiter=",")
    assert (raw.rows, len(raw.rejects), raw.reading.dialect.preamble_rows) == (202, 0, 0)
    longer = [[str(draw.integers(0, 99)) for _ in range(draw.integers(3, 9))] for _ in range(60)]
    titled = read(tmp_path, "What was measured\n" + "".join(",".join(row) + "\n" for row in longer))
    assert (titled.rows, titled.reading.dialect.preamble_rows) == (60, 1)


def test_under_names_that_are_numbers_a_row_of_such_numbers_is_a_row(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    rows = [[str(cell) for cell in row] for row in draw.integers(1, 6, (200, 7))]
    raw = read(tmp_path, "1,2,3,4,5,6,7\n" + "".join(",".join(row) + "\n" for row in rows))
    assert table_of(raw) == [[str(i) for i in range(1, 8)], *rows]


def test_a_first_row_that_counts_up_under_names_is_a_row(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    rows = [["1", "2", "3", "4"], *([str(i), *map(str, draw.integers(1, 6, 3))] for i in range(2, 100))]
    raw = read(tmp_path, "id,q1,q2,q3\n" + "".join(",".join(row) + "\n" for row in rows))
    assert table_of(raw) == [["id", "q1", "q2", "q3"], *rows]


def test_each_table_of_a_file_is_found_whatever_its_width(tmp_path: Path) -> None:
    first = "id,x,y\n" + "".join(f"{i},{2 * i},{i * i}\n" for i in range(20))
    second = "week,sales\n" + "".join(f"{i},{7 * i}\n" for i in range(20))
    third = "name,score,grade\n" + "".join(f"p{i},{i / 3:.2f},{'ABC'[i % 3]}\n" for i in range(30))
    fourth = "k,l,m,n,o\n" + "".join(f"{i},1,2,{i % 3},0\n" for i in range(40))
    text = "\n".join([first, second, third, fourth])
    for number, (rows, names) in enumerate(
        [(20, ("id", "x", "y")), (20, ("week", "sales")), (30, ("name", "score", "grade")), (40, tuple("klmno"))], 1
    ):
        raw = read(tmp_path, text, sheet=f"table {number}")
        assert (raw.header, raw.rows, len(raw.rejects)) == (names, rows, 0)
        assert len(raw.reading.sheets) == 4
    same = read(tmp_path, first + "\n\n" + third)  # as wide, of other columns
    assert (same.rows, len(same.reading.sheets)) == (20, 2)


def test_what_does_not_fit_is_set_aside_rather_than_spoil_a_column_of_numbers(tmp_path: Path) -> None:
    lines = [f"2024-01-01 00:{i:02d}:00,{19 + i / 7:.2f},{5 + i / 9:.3f},{2 + i / 8:.3f}" for i in range(60)]
    lines[7] += ",ERR,7"
    raw = read(tmp_path, "time,temp,press,flow\n" + "\n".join(lines) + "\n")
    assert (raw.rows, [reject.line for reject in raw.rejects]) == (59, [9])
