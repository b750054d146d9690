"""Verdicts that come back: what is new, what others said meanwhile, and that nothing is written twice or passed over in silence."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputRefused
from core.export.triage.cells import TITLE
from core.export.triage.plan import Plan, apply, plan_import
from core.export.triage.returned import read_verdicts
from core.export.triage.rows import CONTENT, KEY, SAID
from core.export.triage.workbook import triage_xlsx
from core.results import Dataset, Run, Verdict
from core.storage.store import Store
from core.storage.verdicts import LONGEST_NOTE, Said
from tests.conftest import add_csv
from tests.core.export.triage.made import (
    asked,
    by,
    column,
    edited,
    exported,
    filled,
    finished,
    line_of,
    say,
    table,
    with_key,
    without,
)
from tests.core.export.triage.test_files import HOSTILE


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    return finished(store, tmp_path)


@pytest.fixture
def dataset(store: Store, run: Run) -> Dataset:
    return store.datasets.get(run.dataset_id)


def planned(store: Store, dataset: Dataset, data: bytes) -> Plan:
    return plan_import(store, dataset, read_verdicts(data, store.settings, "back.xlsx"))


def rows(steps: tuple[object, ...]) -> list[int]:
    return sorted(step.row for step in steps)  # type: ignore[attr-defined]


def newest(store: Store, dataset: Dataset) -> dict[int, Verdict]:
    places = {str(key): row for row, key in enumerate(store.datasets.row_keys(dataset))}
    return {places[each.row_key]: each for each in store.verdicts.of_lineage(dataset.lineage_id)}


def test_a_file_that_nobody_changed_says_nothing(store: Store, run: Run, dataset: Dataset) -> None:
    say(store, dataset, 3, "confirmed", "a note\r\nin two lines", tags=("a,b", "c"), assignee="Ann")
    say(store, dataset, 4, "dismissed")
    say(store, dataset, 4, "")
    data = exported(store, run)
    by_ben = by(store, "Ben")
    say(by_ben, dataset, 3, "dismissed")  # which a file that says nothing new does not dispute
    plan = planned(store, dataset, data)
    assert plan == Plan((), (), (), (), (), 16, (), ())
    assert apply(store, dataset, plan).batch_id == ""


def test_what_is_new_changed_taken_back_and_at_odds(store: Store, run: Run, dataset: Dataset) -> None:
    for row in (1, 2, 3, 5, 6, 8):
        say(store, dataset, row, "confirmed", "first")
    data = filled(
        exported(store, run),
        {
            0: {"verdict": "confirmed", "note": "'=really?", "tags": "a, b,, a ", "assignee": " Ann  B "},
            2: {"verdict": "dismissed"},
            3: {"verdict": None, "note": None},
            4: {"verdict": "confirmed"},
            5: {"verdict": "dismissed"},
            7: {"verdict": "confirmed"},
            8: {"verdict": None},
            9: {"verdict": "\u00a0 CONFIRMED "},
            10: {"note": "only a note"},
        },
    )
    ben = by(store, "Ben")
    for row, verdict in ((4, "dismissed"), (5, "unsure"), (6, "dismissed"), (7, "confirmed"), (8, "unsure")):
        say(ben, dataset, row, verdict, "Ben's")  # type: ignore[arg-type]
    say(ben, dataset, 7, "confirmed")
    plan = planned(store, dataset, data)
    assert (rows(plan.new), rows(plan.changed), rows(plan.taken_back)) == ([0, 9, 10], [2], [3])
    assert rows(plan.conflicts) == [4, 5, 8]
    assert (plan.same, plan.elsewhere, plan.problems) == (16 - 8, (), ())
    odd = next(step for step in plan.conflicts if step.row == 5)
    assert odd.before is not None
    assert odd.now is not None
    assert (odd.said.verdict, odd.before.verdict, odd.now.verdict, odd.now.author) == (
        "dismissed",
        "confirmed",
        "unsure",
        "Ben",
    )

    done = apply(store, dataset, plan)
    assert (done.written, done.kept, done.overtaken) == (5, 3, 0)
    stands = newest(store, dataset)
    first = stands[0]
    assert (first.verdict, first.note, first.tags, first.assignee) == ("confirmed", "=really?", ("a", "b"), "Ann B")
    assert (first.run_id, first.score, first.percentile, first.threshold) == (run.id, 0.0, 0.0, 0.0)
    assert first.content == str(store.datasets.row_contents(dataset)[0])
    assert (stands[2].verdict, stands[2].note) == ("dismissed", "first")
    assert (stands[3].verdict, stands[3].note) == ("", "")
    assert (stands[10].verdict, stands[10].note) == ("", "only a note")
    assert [stands[row].author for row in (4, 5, 6, 8)] == ["Ben"] * 4

    again = planned(store, dataset, data)
    assert (again.clear, rows(again.conflicts)) == ((), [4, 5, 8])
    assert apply(store, dataset, again, "take").written == 3
    stands = newest(store, dataset)
    assert [stands[row].verdict for row in (4, 5, 8)] == ["confirmed", "dismissed", ""]
    assert stands[6].verdict == "dismissed"
    assert planned(store, dataset, data) == Plan((), (), (), (), (), 16, (), ())


def test_who_speaks_between_the_plan_and_the_button_is_not_passed_over(
    store: Store, run: Run, dataset: Dataset
) -> None:
    plan = planned(store, dataset, filled(exported(store, run), {row: {"verdict": "unsure"} for row in range(3)}))
    say(by(store, "Ben"), dataset, 1, "confirmed")
    done = apply(store, dataset, plan)
    assert (done.written, done.overtaken) == (2, 1)
    assert newest(store, dataset)[1].author == "Ben"
    assert apply(store, dataset, plan).written == 0  # a second press of the button


def test_what_others_said_and_took_back_is_no_conflict(store: Store, run: Run, dataset: Dataset) -> None:
    data = filled(exported(store, run), {0: {"verdict": "confirmed"}})
    for verdict in ("dismissed", ""):
        say(by(store, "Ben"), dataset, 0, verdict)  # type: ignore[arg-type]
    assert rows(planned(store, dataset, data).new) == [0]


def test_what_is_not_understood_is_named_with_its_cell(store: Store, run: Run, dataset: Dataset) -> None:
    data = exported(store, run)
    words = {0: "ja", 1: "confirmed?", 2: "confirmed", 3: "=IF(1,2,3)", 4: "#N/A"}
    back = filled(data, {row: {"verdict": word} for row, word in words.items()})
    back = filled(back, {5: {"note": "x" * (LONGEST_NOTE + 1)}, 6: {"tags": ",".join(map(str, range(51)))}})
    plan = planned(store, dataset, back)
    assert rows(plan.new) == [2]
    found = {each.line: (each.column, each.what) for each in plan.problems}
    assert found == {
        line_of(data, 0): ("verdict", "“ja” is no verdict"),
        line_of(data, 1): ("verdict", "“confirmed?” is no verdict"),
        line_of(data, 3): ("verdict", "the formula has no stored value"),
        line_of(data, 4): ("verdict", "“#N/A” is no verdict"),
        line_of(data, 5): ("note", "the note has 10,001 characters"),
        line_of(data, 6): ("tags", "51 tags"),
    }
    assert all(each.fix for each in plan.problems)
    assert apply(store, dataset, plan).written == 1


def test_a_note_that_can_not_be_read_costs_nobody_the_verdict(store: Store, run: Run, dataset: Dataset) -> None:
    say(store, dataset, 2, "unsure", "as it stood", tags=("a", "b"))
    data = exported(store, run)
    formula = "=A1&A2"
    back = filled(data, {1: {"verdict": "confirmed", "note": formula, "tags": "new"}, 2: {"verdict": "dismissed"}})
    back = filled(back, {2: {"note": formula, "tags": formula, "assignee": formula}, 3: {"note": formula}})
    plan = planned(store, dataset, back)
    assert rows(plan.new) == [1]
    assert rows(plan.changed) == [2]
    assert [(each.line, each.column) for each in sorted(plan.problems, key=lambda each: (each.line, each.column))] == [
        (line_of(data, 3), "note"),
        (line_of(data, 2), "assignee"),
        (line_of(data, 2), "note"),
        (line_of(data, 2), "tags"),
        (line_of(data, 1), "note"),
    ]
    assert all("no stored value: the cell is as if not filled in" in each.what for each in plan.problems)
    assert apply(store, dataset, plan).written == 2
    stands = newest(store, dataset)
    assert (stands[1].verdict, stands[1].note, stands[1].tags) == ("confirmed", "", ("new",))
    assert (stands[2].verdict, stands[2].note, stands[2].tags) == ("dismissed", "as it stood", ("a", "b"))
    assert 3 not in stands


def test_rows_that_are_not_of_the_data_stand_twice_or_have_no_key(store: Store, run: Run, dataset: Dataset) -> None:
    data = filled(exported(store, run), {row: {"verdict": "unsure"} for row in range(6)})
    lines = {row: line_of(data, row) for row in range(6)}

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Triage"]
        with_key(book, lines[0], "K999")
        with_key(book, lines[1], None)
        for row, word in ((2, "unsure"), (3, "confirmed")):  # copied below, the second with another word
            sheet.append([cell.value for cell in sheet[lines[row]]])
            sheet.cell(sheet.max_row, column(sheet, "verdict")).value = word

    plan, keys = planned(store, dataset, edited(data, change)), store.datasets.row_keys(dataset)
    assert plan.elsewhere == (lines[0],)
    assert rows(plan.new) == [2, 4, 5]
    assert {(each.line, each.column) for each in plan.problems} == {(lines[1], KEY)}
    (twice,) = plan.twice  # the copy that says the same is no news
    assert (twice.row, twice.lines, twice.verdicts) == (3, (lines[3], 18 + 1), ("unsure", "confirmed"))
    assert apply(store, dataset, plan).written == 3
    assert not [each for each in store.verdicts.of_lineage(dataset.lineage_id) if each.row_key == str(keys[3])]


def sorted_rows(book: openpyxl.Workbook) -> None:
    sheet = book["Triage"]
    lines = [[cell.value for cell in cells] for cells in sheet.iter_rows(min_row=2)]
    sheet.delete_rows(2, sheet.max_row)
    for line in sorted(lines, key=lambda line: line[0])[:12]:
        sheet.append(line)


def other_columns(book: openpyxl.Workbook) -> None:
    sheet = book["Triage"]
    sheet.insert_cols(1, 2)
    sheet.cell(1, 1).value = "my own"
    sheet.cell(2, 1).value = "=1+1"
    last = sheet.max_column + 1
    for cells in list(sheet.iter_rows()):  # the verdicts go to the far end
        cells[-1].offset(0, 1).value = cells[column_of(sheet, "verdict") - 1].value
    sheet.delete_cols(column_of(sheet, "verdict"))
    assert sheet.cell(1, last - 1).value == "verdict"


def column_of(sheet: openpyxl.worksheet.worksheet.Worksheet, name: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == name)


def renamed(book: openpyxl.Workbook) -> None:
    book["Triage"].title, book["About"].title = "Blatt 1", "Über"
    book.create_sheet("mine", 0).append(["verdict", "confirmed"])


def headed(book: openpyxl.Workbook) -> None:
    book["Triage"].insert_rows(1, 3)
    book["Triage"]["A1"] = "From Ann, for Monday"
    for cell in book["Triage"][4]:
        cell.value = f" {cell.value} ".title() if cell.value == "verdict" else cell.value


def no_about(book: openpyxl.Workbook) -> None:
    del book["About"]


def no_properties(book: openpyxl.Workbook) -> None:
    book.custom_doc_props.props.clear()


def shown(book: openpyxl.Workbook) -> None:
    for dimension in book["Triage"].column_dimensions.values():
        dimension.hidden = False


@pytest.mark.parametrize(
    "change",
    [
        sorted_rows,
        other_columns,
        renamed,
        headed,
        no_about,
        no_properties,
        shown,
        without("score", "tags", "note", "id"),
    ],
)
def test_a_file_may_be_worked_on(
    store: Store, run: Run, dataset: Dataset, change: Callable[[openpyxl.Workbook], None]
) -> None:
    say(store, dataset, 1, "confirmed", "keep me", tags=("t",))
    data = edited(filled(exported(store, run), {0: {"verdict": "unsure"}, 1: {"verdict": "dismissed"}}), change)
    plan = planned(store, dataset, data)
    assert (rows(plan.new), rows(plan.changed), plan.conflicts, plan.problems) == ([0], [1], (), ())
    assert (plan.changed[0].said.note, plan.changed[0].said.tags) == ("keep me", ("t",))


def test_without_the_hidden_numbers_everything_that_was_said_is_a_conflict(
    store: Store, run: Run, dataset: Dataset
) -> None:
    say(store, dataset, 1, "confirmed")
    say(store, dataset, 2, "confirmed")
    data = filled(exported(store, run), {0: {"verdict": "unsure"}, 1: {"verdict": "dismissed"}, 2: {"verdict": None}})
    plan = planned(store, dataset, edited(data, without(SAID, CONTENT)))
    assert (rows(plan.new), rows(plan.conflicts), plan.changed, plan.taken_back) == ([0], [1], (), ())
    assert plan.new[0].said.content == str(store.datasets.row_contents(dataset)[0])


def test_numbers_and_hashes_that_somebody_made_up_are_not_believed(store: Store, run: Run, dataset: Dataset) -> None:
    say(store, dataset, 1, "confirmed")
    say(store, dataset, 2, "confirmed")
    other = newest(store, dataset)[2].number
    data = filled(
        exported(store, run),
        {1: {"verdict": "dismissed", SAID: str(other), CONTENT: "x" * 500}, 2: {"verdict": "unsure", SAID: "9" * 30}},
    )
    plan = planned(store, dataset, data)
    assert rows(plan.conflicts) == [1, 2]
    assert plan.conflicts[-1].said.content == str(store.datasets.row_contents(dataset)[1])
    assert apply(store, dataset, plan, "take").written == 2


def both(*changes: Callable[[openpyxl.Workbook], None]) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        for each in changes:
            each(book)

    return change


def second_verdict(book: openpyxl.Workbook) -> None:
    book["Triage"].cell(1, 30).value = "Verdict"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (without(KEY), f"no sheet has the column {KEY}"),
        (without("verdict"), "no column “verdict”"),
        (second_verdict, "two columns are called verdict"),
        (both(no_about, no_properties), "does not say any more which dataset"),
    ],
)
def test_a_file_that_lost_what_it_needs_is_refused(
    store: Store, run: Run, dataset: Dataset, change: Callable[[openpyxl.Workbook], None], wrong: str
) -> None:
    with pytest.raises(InputRefused, match=wrong) as refused:
        planned(store, dataset, edited(exported(store, run), change))
    assert "back.xlsx" in refused.value.where
    assert refused.value.fix


def test_a_file_of_other_data_is_refused(store: Store, run: Run, tmp_path: Path) -> None:
    other = add_csv(store, tmp_path, "x,y\n1,2\n3,4\n5,9\n", name="other.csv")
    with pytest.raises(InputRefused, match=r"this file is of “.*”, not of “other"):
        planned(store, other, exported(store, run))


def test_rows_of_another_file_of_the_lineage_are_known(
    store: Store, run: Run, dataset: Dataset, tmp_path: Path
) -> None:
    header, *lines = table().splitlines()
    later = add_csv(store, tmp_path, "\n".join([header, "K900,A,1", *lines[2:]]))
    assert later.lineage_id == dataset.lineage_id
    data = filled(exported(store, run), {0: {"verdict": "confirmed"}, 5: {"verdict": "unsure"}})
    plan = planned(store, later, data)
    assert plan.elsewhere == ()
    assert {step.row for step in plan.new} == {None, 4}
    assert apply(store, later, plan).written == 2
    assert newest(store, dataset)[0].verdict == "confirmed"


def test_a_run_that_was_deleted_leaves_verdicts_without_a_score(store: Store, run: Run, dataset: Dataset) -> None:
    data = filled(exported(store, run), {0: {"verdict": "confirmed"}})
    store.jobs.request(run.job_id, "cancel")
    store.runs.delete(run.id)
    (step,) = planned(store, dataset, data).new
    assert (step.said.run_id, step.said.score, step.said.threshold) == ("", None, None)


def test_cells_that_were_sorted_apart_from_their_keys_are_not_taken(store: Store, run: Run, dataset: Dataset) -> None:
    data = exported(store, run)
    plain, whole = (planned(store, dataset, edited(data, turned(hidden))) for hidden in (None, True))
    assert len(plain.new) == 4
    assert {step.row for step in whole.new} == {step.row for step in plain.new}
    apart = planned(store, dataset, edited(data, turned(False)))
    assert apart.new == ()
    assert len(apart.problems) == 4
    assert "its key is not that of row" in apart.problems[0].what


def turned(hidden: bool | None) -> Callable[[openpyxl.Workbook], None]:
    """Confirms the first four rows of the sheet and sorts them the other way round, with the hidden columns or without."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Triage"]
        lines = range(2, 6)
        for line in lines:
            sheet.cell(line, column(sheet, "verdict")).value = "confirmed"
        if hidden is None:
            return
        places = [cell.column for cell in sheet[1] if hidden or not str(cell.value).startswith("hourglass_")]
        before = [[sheet.cell(line, place).value for place in places] for line in lines]
        for line, values in zip(lines, before[::-1], strict=True):
            for place, value in zip(places, values, strict=True):
                sheet.cell(line, place).value = value

    return change


def test_whatever_was_said_comes_back_as_it_was(store: Store, run: Run, dataset: Dataset) -> None:
    """Words and keys of any kind: an untouched file changes nothing, and every verdict can be changed by its row."""
    text = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))

    @settings(max_examples=8)
    @given(st.lists(text, min_size=16, max_size=16), st.lists(text, min_size=16, max_size=16, unique=True))
    def holds(words: list[str], keys: list[str]) -> None:
        contents = store.datasets.row_contents(dataset).tolist()
        address = store.artifacts.put_table(store.space, pa.table({"row_key": keys, "content": contents}))
        this = replace(dataset, rows_address=address)
        said = [
            Said(key, content, "unsure", word[:LONGEST_NOTE], (word[:50], "b"), word[:50])
            for key, content, word in zip(keys, contents, words, strict=True)
        ]
        store.verdicts.add(dataset.lineage_id, dataset.id, said)
        of_run = asked(store, run)
        known = replace(of_run.scores, row_keys=store.datasets.row_keys(this))
        stands = dict(enumerate(newest_of(store, keys, dataset)))
        data = triage_xlsx(
            store, replace(of_run, dataset=this, scores=known, judged=replace(of_run.judged, newest=stands))
        )
        assert planned(store, this, data) == Plan((), (), (), (), (), 16, (), ())
        changed = planned(store, this, filled(data, {row: {"verdict": "confirmed"} for row in range(16)})).changed
        assert sorted(step.row for step in changed if step.row is not None) == list(range(16))
        for step in changed:
            assert step.row is not None
            was = stands[step.row]
            assert step.said.row_key == keys[step.row]
            assert (step.said.note, step.said.tags, step.said.assignee) == (was.note, was.tags, was.assignee)

    holds()


def newest_of(store: Store, keys: list[str], dataset: Dataset) -> list[Verdict]:
    found = {each.row_key: each for each in store.verdicts.of_lineage(dataset.lineage_id)}
    return [found[key] for key in keys]


def test_a_note_that_was_made_harmless_comes_back_without_its_apostrophe(
    store: Store, run: Run, dataset: Dataset
) -> None:
    say(store, dataset, 0, "unsure", "=old")
    data = filled(exported(store, run), {0: {"note": "'=old and new"}, 1: {"verdict": "unsure", "note": "'quoted'"}})
    plan = planned(store, dataset, data)
    assert {step.said.note for step in (*plan.new, *plan.changed)} == {"=old and new", "'quoted'"}


def test_the_file_names_its_sheet(store: Store, run: Run) -> None:
    returned = read_verdicts(edited(exported(store, run), renamed), store.settings)
    assert (returned.sheet, returned.run_id, len(returned.lines)) == ("Blatt 1", run.id, 16)
    first = openpyxl.load_workbook(io.BytesIO(exported(store, run)))["About"]["A1"].value
    assert first == TITLE
