"""Tables in: whatever a writer wrote comes back as the same cells."""

from __future__ import annotations

import csv
import datetime
import decimal
import gzip
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.encoding import Encoder
from core.datasets.ingest import change_columns, ingest
from core.datasets.kinds import infer
from core.datasets.parsing import parse_moments, parse_numbers
from core.datasets.raw import unique_names
from core.datasets.read import read_file
from core.datasets.samples import SAMPLES
from core.datasets.typed import typed_table
from core.errors import Cancelled, InputRefused
from core.settings import Settings
from core.storage.store import Store
from tests.conftest import add_csv, grid_csv

LIMITS = Settings()
WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00\ufeff", exclude_categories=["Cs", "Cc"]), max_size=8
)


@given(
    st.lists(st.tuples(st.integers(-999, 999), WORDS, st.floats(-1e6, 1e6, allow_nan=False)), min_size=3, max_size=30),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_wrote_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, float]], mark: str, end: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator=end)
    writer.writerow(["count", "word", "amount"])
    writer.writerows(rows)
    path = tmp_path_factory.mktemp("csv") / "x"
    path.write_bytes(out.getvalue().encode(encoding))
    raw = read_file(path, "x.csv", LIMITS)
    assert raw.columns == ("count", "word", "amount")
    assert raw.reading.rejected == 0
    assert raw.cells["count"].to_pylist() == [str(count) for count, _, _ in rows]
    assert raw.cells["word"].to_pylist() == [word if word.strip() else None for _, word, _ in rows]


@given(st.floats(allow_nan=False))
def test_numbers_survive_as_text(number: float) -> None:
    assert parse_numbers(np.asarray([repr(number)], object))[0] == number


@given(st.lists(st.text(max_size=4), min_size=1, max_size=12))
def test_names_become_unique_and_never_empty(header: list[str]) -> None:
    names, notices = unique_names(header)
    assert len(set(names)) == len(header)
    assert all(name.strip() for name in names)
    assert bool(notices) == (names != [name.strip() for name in header])


def test_quotes_newlines_and_leading_zeros_stay(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, 'zip,note\n01234,"two\nlines, one cell"\n00042,"said ""no"""\n98765,plain\n')
    assert store.datasets.cells(found)["zip"].to_pylist() == ["01234", "00042", "98765"]
    assert store.datasets.cells(found)["note"].to_pylist()[:2] == ["two\nlines, one cell", 'said "no"']
    assert found.column("zip").kind == "coded"


def test_a_name_called_na_is_not_missing(store: Store, tmp_path: Path) -> None:
    text = "country,n\n" + "".join(f"{name},{i}\n" for i, name in enumerate(["NA", "DE", "FR"] * 10))
    found = add_csv(store, tmp_path, text)
    assert found.column("country").missing == 0


def test_without_a_header_columns_are_numbered(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, "1,2,3\n4,5,6\n7,8,10\n")
    assert [column.name for column in found.columns] == ["col_1", "col_2", "col_3"]
    assert found.rows == 3


def test_gzip_excel_and_parquet_hold_the_same_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.5, None, 3.25], "b": ["x", "y", None], "c": [True, False, True]})
    plain = tmp_path / "t.csv"
    frame.to_csv(plain, index=False)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    frame.to_parquet(tmp_path / "t.parquet")
    book = openpyxl.Workbook()
    book.create_sheet("notes", 0)
    sheet = book.active
    assert sheet is not None
    book.active = 1
    for row in [list(frame.columns), *frame.astype(object).where(frame.notna(), None).to_numpy().tolist()]:
        book.worksheets[1].append(row)
    book.save(tmp_path / "t.xlsx")
    tables = [read_file(tmp_path / name, name, LIMITS) for name in ("t.csv", "t.csv.gz", "t.parquet", "t.xlsx")]
    for table in tables:
        assert table.cells["a"].to_pylist() == ["1.5", None, "3.25"]
        assert table.cells["b"].to_pylist() == ["x", "y", None]
        assert [cell.lower() for cell in table.cells["c"].to_pylist()] == ["true", "false", "true"]


def test_dates_in_excel_stay_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["day", "n"])
    for i in range(30):
        sheet.append([datetime.date(2024, 1, 1) + datetime.timedelta(days=i * i), i])
    book.save(tmp_path / "d.xlsx")
    raw = read_file(tmp_path / "d.xlsx", "d.xlsx", LIMITS)
    columns, _ = infer((name, raw.column(name)) for name in raw.columns)
    assert columns[0].kind == "datetime"


def test_samples_read_as_what_they_are(store: Store, tmp_path: Path) -> None:
    kinds = {}
    for name, sample in SAMPLES.items():
        path = tmp_path / name
        sample.write(path)
        found = ingest(store, path, f"{name}{sample.suffix}", label=sample.label or None, options=sample.options)
        assert found.label is not None
        assert found.label.name == (sample.label or "label")
        assert (found.pictures is not None) == (name in ("digits", "plates"))
        assert not found.reading.rejects
        kinds[name] = {column.name: (column.kind, column.role) for column in found.columns}
    assert kinds["orders"]["order_id"][1] == "identifier"
    assert kinds["orders"]["region"] == ("category", "feature")
    assert kinds["orders"]["insured"] == ("boolean", "feature")
    assert kinds["orders"]["kilograms"] == ("number", "feature")


def test_a_changed_schema_is_a_new_version_with_the_same_keys(store: Store, tmp_path: Path) -> None:
    first = add_csv(store, tmp_path, grid_csv())
    second = change_columns(store, first, {"a": {"kind": "category"}, "kind": {"role": "label"}})
    assert second.parent_id == first.id
    assert second.label is not None
    assert second.column("a").kind == "category"
    assert second.column("a").histogram.labels
    assert second.fingerprint != first.fingerprint
    assert store.datasets.row_keys(second).tolist() == store.datasets.row_keys(first).tolist()
    assert store.datasets.get(first.id) == first
    with pytest.raises(InputRefused, match="two columns are labels"):
        change_columns(store, second, {"c": {"role": "label"}})
    with pytest.raises(InputRefused, match="no column"):
        change_columns(store, first, {"zz": {"role": "label"}})
    with pytest.raises(InputRefused, match="is no kind"):
        change_columns(store, first, {"a": {"kind": "colour"}})


def test_equal_rows_have_different_keys_and_an_identifier_is_the_key(store: Store, tmp_path: Path) -> None:
    keys = store.datasets.row_keys(add_csv(store, tmp_path, "a,b\n" + "1,2\n" * 5 + "3,4\n"))
    assert len(set(keys.tolist())) == 6
    named = add_csv(store, tmp_path, "id,b\n" + "".join(f"K{i},{i % 3}\n" for i in range(30)))
    assert store.datasets.row_keys(named).tolist()[:2] == ["K0", "K1"]


def numbers_of(*cells: str) -> list[float]:
    return parse_numbers(np.asarray(cells, object)).tolist()


def test_whether_a_comma_is_a_decimal_mark_is_decided_for_the_column() -> None:
    assert numbers_of("1,234", "999", "12,000") == [1234, 999, 12000]
    assert numbers_of("1,234", "5,5") == [1.234, 5.5]
    assert numbers_of("0,125", "1,250") == [0.125, 1.25]
    assert numbers_of("1.234", "1.234,5") == [1234, 1234.5]
    assert numbers_of("1.234", "5.678") == [1.234, 5.678]
    assert numbers_of("1.234.567", "1.234") == [1234567, 1234]
    assert numbers_of("1,234.50", "1,234") == [1234.5, 1234]
    assert numbers_of("1 234,5", "-7", "5,5 %") == [1234.5, -7, 5.5]
    assert np.isnan(numbers_of("1,2,3", "1_000", "x5", "nan", "")).all()


def test_a_comma_that_is_taken_for_thousands_is_said(store: Store, tmp_path: Path) -> None:
    found = add_csv(store, tmp_path, "x;n\n" + "".join(f"{i % 9 + 1},{100 + i};{i}\n" for i in range(30)))
    assert found.column("x").maximum == 9_126
    assert "column “x”: “1,100” is read as 1100" in "\n".join(found.reading.notices)


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("2024-01-02T10:00:00Z", 1704189600),
        ("2024-01-02 10:00:00+02:00", 1704182400),
        ("2024-01-02T10:00:00.5", 1704189600.5),
        ("02.01.2024", 1704153600),
        ("0001-01-01", -62135596800),
    ],
)
def test_moments(cell: str, seconds: float) -> None:
    assert parse_moments(np.asarray([cell, None, "now"], object))[0] == seconds
    assert np.isnan(parse_moments(np.asarray([cell, None, "now"], object))[1:]).all()


def test_a_date_that_can_be_read_two_ways_is_said(store: Store, tmp_path: Path) -> None:
    both = add_csv(
        store, tmp_path, "d,n\n" + "".join(f"{i % 12 + 1:02d}/{i % 11 + 1:02d}/2024,{i}\n" for i in range(40))
    )
    assert "read as day/month/year; it could be month/day" in "\n".join(both.reading.notices)
    one = add_csv(
        store, tmp_path, "d,n\n" + "".join(f"{i % 12 + 1:02d}/{i % 28 + 1:02d}/2024,{i}\n" for i in range(40))
    )
    assert one.column("d").kind == "datetime"
    assert "day/month" not in "\n".join(one.reading.notices)


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n1,2,x,\n3,4,y,\n5,6,z,\n",  # a delimiter after the last cell of each row, not of the header
        "a,b,c,\n1,2,x,\n3,4,y,\n5,6,z,\n",
        "sep=;\na;b;c\n1;2;x\n3;4;y\n5;6;z\n",
    ],
)
def test_trailing_delimiters_and_the_line_that_names_one(store: Store, tmp_path: Path, text: str) -> None:
    found = add_csv(store, tmp_path, text)
    assert [column.name for column in found.columns][:3] == ["a", "b", "c"]
    assert store.datasets.cells(found)["c"].to_pylist() == ["x", "y", "z"]
    assert not found.reading.rejects
    rows = store.artifacts.get_table(store.space, found.rows_address)["line"].to_pylist()
    assert rows == ([3, 4, 5] if text.startswith("sep") else [2, 3, 4])


def test_parquet_of_every_flat_type(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 1, 2, 10, tzinfo=datetime.UTC)
    columns = {
        "whole": pa.array([1, None, 3]),
        "float": pa.array([1.5, float("nan"), float("inf")]),
        "half": pa.array([0.1, 0.25, 1.0], pa.float32()),
        "money": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("2.25")]),
        "zoned": pa.array([moment, moment, None], pa.timestamp("ns", "UTC")),
        "day": pa.array([moment.date()] * 3),
        "yes": pa.array([True, False, None]),
        "text": pa.array(["00123", " ", "NA"]),
        "name": pa.array(["p", "q", None]).dictionary_encode(),
        "nothing": pa.nulls(3),
        "__index__": pa.array([1, 2, 3]),
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    cells = read_file(tmp_path / "t.parquet", "t.parquet", LIMITS).cells
    assert {name: cells[name].to_pylist() for name in columns} == {
        "whole": ["1", None, "3"],
        "float": ["1.5", None, "inf"],
        "half": ["0.1", "0.25", "1"],
        "money": ["1.50", None, "2.25"],
        "zoned": ["2024-01-02 10:00:00.000000000Z"] * 2 + [None],
        "day": ["2024-01-02"] * 3,
        "yes": ["true", "false", None],
        "text": ["00123", None, "NA"],
        "name": ["p", "q", None],
        "nothing": [None] * 3,
        "__index__": ["1", "2", "3"],
    }


def test_a_wide_table_is_read(store: Store, tmp_path: Path) -> None:
    header = ",".join(f"c{i}" for i in range(2_000))
    lines = [",".join(str((i * j) % 17) for i in range(2_000)) for j in range(20)]
    found = add_csv(store, tmp_path, "\n".join([header, *lines]) + "\n")
    assert (found.rows, len(found.columns)) == (20, 2_000)


def test_hostile_column_names_stay_as_they_are(store: Store, tmp_path: Path) -> None:
    names = ["__index__", "score", "=cmd()", "a<b>", "two\nlines", "row", "$x$ **b**", "'; DROP TABLE runs; --"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([[i % 7 + j for j in range(len(names))] for i in range(30)])
    found = add_csv(store, tmp_path, out.getvalue())
    assert [column.name for column in found.columns] == names
    assert store.datasets.cells(found)["two\nlines"].to_pylist()[0] == "4"


def test_a_label_is_kept_out_of_training_and_rare_names_are_pooled(store: Store, tmp_path: Path) -> None:
    lines = [f"{'' if i % 9 == 0 else i % 23},{'abc'[i % 3] if i != 50 else 'once'},{int(i > 390)}" for i in range(400)]
    found = add_csv(store, tmp_path, "amount,letter,outcome\n" + "\n".join(lines) + "\n", label="outcome")
    table = typed_table(store.datasets.cells(found), found.columns, store.datasets.row_keys(found))
    encoder = Encoder.fit(table)
    assert encoder.layout.columns == ("amount", "letter")
    amount, missing, letter = encoder.layout.blocks
    data = encoder.encode(table)
    gaps = np.isnan(table.values["amount"])
    assert gaps.sum() == 45
    assert (data.values[gaps, amount.start] == 0).all()  # the median, on the robust scale
    assert (data.values[:, missing.start] == gaps).all()
    assert not data.observed[gaps, amount.start].any()
    assert letter.stop - letter.start == 4  # a, b, c, and one for all that is rare
    assert data.values[50, letter.stop - 1] == 1


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.csv.gz"])
def test_ingest_tells_how_far_it_is_and_ends_when_told_to(store: Store, tmp_path: Path, name: str) -> None:
    table = pd.DataFrame({"a": range(3_000), "b": [f"name {i % 7}" for i in range(3_000)]})
    path = tmp_path / name
    table.to_parquet(path) if name.endswith("parquet") else table.to_csv(path, index=False)
    told: list[float] = []
    ingest(store, path, name, tell=lambda done, words: told.append(done))
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1

    def cancel(done: float, words: str) -> None:
        raise Cancelled("the job was cancelled", where="j", fix="start it again")

    before = len(store.datasets.find())
    with pytest.raises(Cancelled):
        ingest(store, path, name, tell=cancel)
    assert len(store.datasets.find()) == before


def test_long_cells_that_differ_at_their_end_are_different(store: Store, tmp_path: Path) -> None:
    ends = ["a", "b", "ä"]
    data = add_csv(store, tmp_path, "n,t\n" + "".join(f"{i},{'word ' * 4_000}{ends[i % 3]}\n" for i in range(30)))
    assert (data.column("t").distinct, data.column("t").histogram.counts) == (3, (10, 10, 10))
    assert store.datasets.cells(data, ["t"])["t"][2].as_py().endswith("word ä")
