"""The Triage page's files: what the queue shows as a file, and a workbook that comes back with verdicts in it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from core.export.triage.workbook import triage_xlsx
from core.jobs.tasks import export
from core.jobs.work import Work
from core.results import Run
from core.storage.jobs import Fence, claim
from core.storage.removal import of_run
from core.storage.store import Store
from dashboard.blocks import download, flagged_rows
from dashboard.blocks.triage import files
from dashboard.blocks.triage.returned import KEEP, TAKE
from tests.conftest import add_csv
from tests.core.export.triage.made import asked, by, filled, say
from tests.pages.conftest import Browser, errors, finished, hostile_csv, said, sound
from tests.pages.test_triage import flagged, now, press

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HOSTILE = "<b>x</b> $y$ \u202egnp"


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    return finished(store, add_csv(store, tmp_path, hostile_csv(), name="hostile.csv"))


def workbook(store: Store, run: Run) -> bytes:
    return triage_xlsx(store, asked(store, run, flagged(store, run).tolist()))


def take_back(app: AppTest, data: bytes, name: str = "back.xlsx") -> AppTest:
    return sound(app.file_uploader[0].set_value((name, data, XLSX)).run())


def frame(app: AppTest, name: str) -> dict[str, list[object]]:
    return next(each.value for each in app.dataframe if name in each.value.columns).to_dict("list")


def test_what_the_queue_shows_is_made_when_it_is_asked_for(pages: Browser, store: Store, run: Run) -> None:
    rows = flagged(store, run)
    dataset = store.datasets.get(run.dataset_id)
    say(store, dataset, int(rows[0]), "confirmed", "=1+1")
    app = pages("triage", run=run.id)
    assert not app.get("download_button")
    for name in ("Excel", "CSV", "Parquet"):
        press(app, f"Prepare {name}")
    labels = {button.proto.label for button in app.get("download_button")}
    assert labels == {f"Download {len(rows) - 1} rows as {name}" for name in ("Excel", "CSV", "Parquet")}
    key = str(next(button.key for button in app.button if button.label == "Prepare Excel"))
    data = app.session_state[key.replace("prepare_", "prepared_")]
    shown = [cells[0].value - 1 for cells in openpyxl.load_workbook(io.BytesIO(data))["Triage"].iter_rows(min_row=2)]
    assert shown == rows[1:].tolist()  # the first is decided


def test_a_large_file_is_a_job_that_can_be_cancelled(
    pages: Browser, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = flagged(store, run)
    monkeypatch.setattr(files, "AT_ONCE", 0)
    monkeypatch.setattr(download, "ensure_supervisor", lambda _: None)  # the test does the work itself
    app = pages("triage", run=run.id)
    press(app, "Prepare Excel")
    assert not app.get("download_button")
    press(app, "Cancel")
    sound(app.run())  # which a browser asks for within a second
    assert [job.state for job in store.jobs.find(kind="export")] == ["cancelled"]
    press(app, "Prepare Excel")
    press(app, "Prepare CSV")
    for _ in range(2):
        work_off(store)
    sound(app.run())
    labels = {button.proto.label for button in app.get("download_button")}
    assert labels == {f"Download {len(rows)} rows as {name}" for name in ("Excel", "CSV")}
    newest = next(job for job in store.jobs.find(kind="export") if job.args["ending"] == "xlsx" and job.result)
    data = store.artifacts.read_bytes(store.space, newest.result["address"])
    shown = [cells[0].value - 1 for cells in openpyxl.load_workbook(io.BytesIO(data))["Triage"].iter_rows(min_row=2)]
    assert shown == rows.tolist()
    assert newest.result["address"] in of_run(store.engine, store.who, run.id).addresses  # it goes with the run
    store.artifacts.delete(store.space, newest.result["address"])
    sound(app.run())  # read once it is wanted, not at each drawing


def work_off(store: Store) -> None:
    """Do what is asked for as a worker would."""
    job = claim(store.engine, "here", 600, kinds=("export",))
    assert job is not None
    fence = Fence(store.engine, job.id, job.attempt)
    fence.finish("succeeded", result=export.run(Work(job, store, fence)))


def test_many_flagged_rows_are_written_by_a_job_as_they_are_at_once(
    pages: Browser, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def button(app: AppTest) -> Any:
        return next(each for each in app.button if each.label == "Prepare the CSV")

    monkeypatch.setattr(download, "ensure_supervisor", lambda _: None)  # the test does the work itself
    app = pages("anomalies", run=run.id)
    at_once = sound(button(app).click().run()).session_state[
        f"prepared_{str(button(app).key).removeprefix('prepare_')}"
    ]
    monkeypatch.setattr(flagged_rows, "AT_ONCE", 0)
    app = pages("anomalies", run=run.id)
    sound(button(app).click().run())
    assert not app.get("download_button")
    press(app, "Cancel")
    sound(app.run())  # which a browser asks for within a second
    assert [job.state for job in store.jobs.find(kind="export")] == ["cancelled"]
    sound(button(app).click().run())
    work_off(store)
    sound(app.run())
    labels = [each.proto.label for each in app.get("download_button")]
    assert labels == [f"Download {len(flagged(store, run))} rows as CSV"]
    made = next(job for job in store.jobs.find(kind="export") if job.result)
    assert store.artifacts.read_bytes(store.space, made.result["address"]) == at_once
    addresses = of_run(store.engine, store.who, run.id).addresses
    assert {made.args["rows"], made.args["again"], made.result["address"]} <= set(addresses)


def test_a_workbook_is_told_then_written_then_taken_back(pages: Browser, store: Store, run: Run) -> None:
    rows, dataset = flagged(store, run).tolist(), store.datasets.get(run.dataset_id)
    data = workbook(store, run)
    words: dict[int, dict[str, str | None]] = {row: {"verdict": "confirmed", "note": HOSTILE} for row in rows[:2]}
    data = filled(data, {**words, rows[2]: {"verdict": HOSTILE}})
    say(by(store, HOSTILE), dataset, rows[1], "dismissed", HOSTILE)
    app = take_back(pages("triage", run=run.id), data)
    text = said(app)
    assert "**1** new · **1** at odds with what others said since" in text
    assert "**1** not understood" in text
    conflicts = frame(app, "stands now")
    assert conflicts["row"] == [rows[1] + 1]
    assert (conflicts["in the file"], conflicts["stands now"], conflicts["when exported"]) == (
        *(["confirmed"], ["dismissed"], ["(none)"]),
    )
    assert conflicts["by"] == ["<b>x</b> $y$ �gnp"]
    assert conflicts["note now"] == conflicts["by"] == conflicts["its note"]
    assert frame(app, "what to do")["column"] == ["verdict"]
    assert "is no verdict" in str(frame(app, "what to do")["what"])
    assert now(store, run).codes[rows[0]] == 0  # nothing is written before it is asked for

    press(app, "Write these verdicts")
    assert "1 verdict written, 1 kept as they stand" in " ".join(box.value for box in app.success)
    found = now(store, run).newest
    assert (found[rows[0]].verdict, found[rows[0]].note, found[rows[1]].verdict) == ("confirmed", HOSTILE, "dismissed")
    press(app, "Take them back")
    assert now(store, run).codes[rows[0]] == 0

    radio = next(each for each in app.radio if each.label == "Of these")
    assert radio.options == [KEEP, TAKE]
    sound(radio.set_value(TAKE).run())
    press(app, "Write these verdicts")
    found = now(store, run).newest
    assert [found[row].verdict for row in rows[:2]] == ["confirmed", "confirmed"]
    assert rows[2] not in found


def test_a_file_that_says_nothing_new_can_not_be_written(pages: Browser, store: Store, run: Run) -> None:
    app = take_back(pages("triage", run=run.id), workbook(store, run))
    assert f"**{len(flagged(store, run))}** as they stand" in said(app)
    assert next(button for button in app.button if button.label == "Write these verdicts").disabled


def test_what_is_no_workbook_of_ours_is_refused_and_the_page_goes_on(pages: Browser, store: Store, run: Run) -> None:
    app = take_back(pages("triage", run=run.id), b"a,b\n1,2\n", "<b>no</b>.xlsx")
    assert "no Excel workbook" in errors(app)
    assert "<b>no</b>" in errors(app)
    assert any(button.label == "Confirm" for button in app.button)
    sound(app.file_uploader[0].set_value(None).run())
    assert "no Excel workbook" not in errors(app)
