"""Triage as CSV, Parquet and Excel: whatever the cells hold, nothing runs, nothing is lost in silence, names stay apart."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from core.errors import InputRefused
from core.export.csv import neutralise
from core.export.triage import workbook
from core.export.triage.cells import LONGEST, REFUSED, TITLE, escaped, written
from core.export.triage.files import triage_csv, triage_parquet
from core.export.triage.rows import BEFORE, BEHIND, causes, mark, told_apart
from core.export.triage.workbook import FLAGGED, triage_xlsx
from core.storage.store import Store
from core.storage.verdicts import Said
from tests.core.export.triage.made import asked, column, finished, say, table

HOSTILE = [
    *("=1+1", "  =cmd|' /C calc'!A0", "+1+1", "-2-3", "@SUM(A1)", "\t=1", "\rx", "＝1", "x;=1", "-3.5", "+4", "-5 %"),
    *(
        "#N/A",
        "#REF!",
        "#",
        "007",
        "12345678901234567890",
        "1e5",
        "TRUE",
        "2024-01-01",
        "_x0041_",
        "_x005F_",
        "_x000D_",
    ),
    *(
        "two\nlines",
        "a\r\nb",
        "\x00\x01\x1f",
        "\x0b",
        "\ufffe\uffff",
        "ünï 𝔘 日本 \u202egnp",
        "<b>&amp;</b>",
        " a ",
        "\u00a0",
    ),
    *("x" * LONGEST, "x" * 40_000, "𝔘" * 20_000, "_x0041_" * 5_000, "=" + "1" * 40_000, "'=1", "", "nan", "inf"),
]


def sheet_of(data: bytes, name: str = "Triage") -> openpyxl.worksheet.worksheet.Worksheet:
    return openpyxl.load_workbook(io.BytesIO(data))[name]


def about_of(data: bytes) -> dict[str, str]:
    return {row[0]: row[1] for row in sheet_of(data, "About").iter_rows(values_only=True)}


def test_all_that_is_asked_for_stands_in_each_format(store: Store, tmp_path: Path) -> None:
    run = finished(store, tmp_path)
    dataset = store.datasets.get(run.dataset_id)
    say(store, dataset, 15, "confirmed", "=looks bad", tags=("a", "b"), assignee="Ann")
    key = str(store.datasets.row_keys(dataset)[14])
    store.verdicts.add(dataset.lineage_id, dataset.id, [Said(key, "other", "unsure")])
    that = asked(store, run)
    stands = that.judged.newest[15]
    rows = list(csv.DictReader(io.StringIO(triage_csv(store, that).decode(), newline="")))
    assert [row["row"] for row in rows] == [str(number) for number in range(16, 0, -1)]
    first = rows[0]
    assert first["note"] == "'=looks bad"
    assert (first["verdict"], first["tags"], first["assignee"], first["by"]) == (
        "confirmed",
        "a, b",
        "Ann",
        stands.author,
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["when"])
    assert (first["score"], first["percentile"], first["flag"]) == ("15.0", "93.75", "1")
    assert first["reasons"] == "amount 80%; city 20%"
    assert (first["changed_since"], rows[1]["changed_since"], rows[2]["verdict"]) == ("", "yes", "")
    assert (first["hourglass_row"], first["hourglass_verdict"]) == ("K015", str(stands.number))
    assert (first["id"], first["city"]) == ("K015", "A")

    found = pq.read_table(io.BytesIO(triage_parquet(store, that)))
    assert found["note"][0].as_py() == "=looks bad"
    assert found.schema.field("score").type == pa.float64()
    assert {found.schema.field(name).type for name in ("id", "amount", "verdict", "when")} == {pa.string()}
    about = json.loads(found.schema.metadata[b"hourglass"])
    assert (about["run id"], about["lineage id"], about["rows here"]) == (run.id, dataset.lineage_id, "16")

    sheet = sheet_of(triage_xlsx(store, that))
    values = list(sheet.iter_rows(values_only=True))
    assert list(values[0]) == that.header
    by_name = dict(zip(values[0], values[1], strict=True))
    assert by_name | {"score": 15, "note": "'=looks bad", "amount": int(first["amount"]), "flag": 1} == by_name
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref.startswith("A1:")
    hidden = {
        name for name in that.header if sheet.column_dimensions[sheet.cell(1, column(sheet, name)).column_letter].hidden
    }
    assert hidden >= set(BEHIND)
    assert not hidden & {*BEFORE, "id", "city", "amount"}
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"confirmed,dismissed,unsure"', "B2:B17")
    about = about_of(triage_xlsx(store, that))
    assert TITLE in about
    assert (
        about | {"run id": run.id, "dataset id": dataset.id, "confirmed": "1", "unsure": "1", "no verdict": "14"}
        == about
    )
    assert "does not say that anything is wrong" in about["the score"]
    assert about["1 cell"].startswith("began like a formula")


def test_guilty_cells_are_marked_and_no_others(store: Store, tmp_path: Path) -> None:
    run = finished(store, tmp_path, table(("id", "a", "b", "c", "d", "e")), ("a", "b", "c", "d", "e"))
    parts = np.asarray([0.02, 0.3, 0.25, 0.08, 0.35])
    errors = (np.ones(16)[:, None] * parts).astype(np.float32)
    errors[3] = [0.95, 0.02, 0.01, 0.01, 0.01]
    errors[4] = 0
    that = replace(asked(store, run), scores=replace(store.runs.scores(run), column_errors=errors))
    sheet = sheet_of(triage_xlsx(store, that))
    marked = {
        cells[0].value - 1: {
            sheet.cell(1, cell.column).value for cell in cells if cell.fill.fgColor.rgb[2:] == FLAGGED.fgColor.rgb[2:]
        }
        for cells in sheet.iter_rows(min_row=2)
    }
    assert marked[15] == {"b", "c", "e"}
    assert marked[3] == {"a"}
    assert marked[4] == set()
    assert [name for name, _, _ in causes(that)[0]] == ["e", "b", "c"]


def test_names_like_ours_are_told_apart(store: Store, tmp_path: Path) -> None:
    names = ("id", "Verdict", "verdict (source)", "hourglass_row", "note")
    run = finished(store, tmp_path, table(names), names[1:])
    header = asked(store, run).header
    assert header[len(BEFORE) : -len(BEHIND)] == [
        *("id", "Verdict (source) (source)", "verdict (source)", "hourglass_row (source)", "note (source)")
    ]
    assert len({name.casefold() for name in header}) == len(header)


@given(st.lists(st.sampled_from(["verdict", "VERDICT ", "verdict (source)", "row", "x", "x (source)"]), unique=True))
def test_no_name_stands_twice(names: list[str]) -> None:
    found = told_apart(names, BEFORE)
    assert len(set(found)) == len(found)
    assert not {name.strip().casefold() for name in found} & set(BEFORE)
    assert [name for name in found if name in ("x", "x (source)")] == [name for name in names if name.startswith("x")]


def test_whatever_a_cell_holds_it_is_text_that_can_be_read_back(store: Store, tmp_path: Path) -> None:
    run = finished(store, tmp_path)
    that = asked(store, run)
    cell = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))

    @settings(max_examples=25)
    @given(st.lists(cell, min_size=16, max_size=16))
    def holds(cells: list[str]) -> None:
        source = pa.table({"id": [f"K{i}" for i in range(16)], "city": cells, "amount": cells[::-1]})
        dataset = replace(that.dataset, cells_address=store.artifacts.put_table(store.space, source))
        asked_for = replace(that, dataset=dataset, rows=np.arange(16))
        sheet = sheet_of(triage_xlsx(store, asked_for))
        place = column(sheet, "city")
        for row, cell in enumerate(cells, 2):
            found = sheet.cell(row, place)
            assert found.data_type in ("s", "inlineStr") if cell else found.value is None
            text = unescape(found.value or "")
            assert text == written(cell)
            assert len(found.value or "") <= LONGEST
            assert len(text.encode("utf-16-le")) // 2 <= LONGEST
            harmless = neutralise(cell) == cell and not REFUSED.search(cell) and "\r" not in cell
            assert text == cell if harmless and len(cell.encode("utf-16-le")) <= LONGEST else True
            assert not text.lstrip(" \ufeff").startswith(("=", "@", "\t", "＝"))
        texts = [
            row[-len(BEHIND) - 3] for row in csv.reader(io.StringIO(triage_csv(store, asked_for).decode(), newline=""))
        ]
        assert texts[1:] == [neutralise(cell) for cell in cells]
        kept = pq.read_table(io.BytesIO(triage_parquet(store, asked_for)))["city"].to_pylist()
        assert kept == cells

    holds()


@given(st.text(max_size=30) | st.sampled_from(HOSTILE))
def test_no_text_is_taken_for_the_number_of_a_character(text: str) -> None:
    assert unescape(escaped(written(text))) == written(text)


@pytest.mark.parametrize("text", ["x" * 32_768, "𝔘" * 16_384, "_x0041_" * 4_000, "a" + "𝔘" * 20_000])
def test_a_cell_that_is_too_long_is_cut_where_no_character_is_torn(text: str) -> None:
    short = written(text)
    assert short.endswith("…")
    assert text.startswith(short[:-1])
    assert len(escaped(short)) <= LONGEST
    assert len(short.encode("utf-16-le")) // 2 > LONGEST // 4


def test_what_had_to_be_done_to_cells_is_said(store: Store, tmp_path: Path) -> None:
    that = asked(store, finished(store, tmp_path))
    cells = ["=1", "\x01", "x" * 40_000, *["plain"] * 13]
    source = pa.table({"id": [f"K{i}" for i in range(16)], "city": cells, "amount": ["=1", *["1"] * 15]})
    dataset = replace(that.dataset, cells_address=store.artifacts.put_table(store.space, source))
    lines = [
        tuple(row)
        for row in sheet_of(triage_xlsx(store, replace(that, dataset=dataset)), "About").iter_rows(values_only=True)
    ]
    said = {how: what for what, how in lines if what in ("1 cell", "2 cells")}
    assert [words for how, words in said.items() if "formula" in how] == ["2 cells"]
    assert [words for how, words in said.items() if "cut" in how] == ["1 cell"]
    assert [words for how, words in said.items() if "no workbook holds" in how] == ["1 cell"]


def test_more_than_a_sheet_holds_is_refused_before_anything_is_written(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    that = asked(store, finished(store, tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(workbook, "MOST_ROWS", 16)
        with pytest.raises(InputRefused, match=r"16 rows, this would have 17.*CSV or Parquet"):
            triage_xlsx(store, that)
    monkeypatch.setattr(workbook, "MOST_COLUMNS", 17)
    with pytest.raises(InputRefused, match=r"17 columns, this would have 18"):
        triage_xlsx(store, that)
    assert workbook.MOST_ROWS == 1_048_576


def test_rows_that_were_not_looked_at_have_no_score(store: Store, tmp_path: Path) -> None:
    run = finished(store, tmp_path)
    scores = store.runs.scores(run)
    that = replace(
        asked(store, run), scores=replace(scores, values=np.where(scores.values == 15, np.nan, scores.values))
    )
    for row in list(sheet_of(triage_xlsx(store, that)).iter_rows(values_only=True))[1:]:
        found = dict(zip(that.header, row, strict=True))
        assert (found["score"] is None) == (found["row"] == 16)


@pytest.mark.parametrize("key", ["K1", "007", "Ümit 3", "a-b", "-5", "1e5"])
def test_a_plain_key_stands_as_it_is(key: str) -> None:
    assert mark(key) == key


@given(st.text(max_size=8), st.text(max_size=8))
def test_no_two_keys_have_the_same_mark_and_none_is_changed_by_a_spreadsheet(first: str, second: str) -> None:
    assert (mark(first) == mark(second)) == (first == second)
    assert written(mark(first)) == mark(first).strip() == mark(first)
