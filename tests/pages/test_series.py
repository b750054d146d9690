"""Pages of a table whose rows are a series, and of a run that looks at windows of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from starlette.testclient import TestClient

import core.serving
from core.datasets.ingest import change_columns
from core.datasets.samples.series import machine
from core.export.csv import events_csv, flagged_csv
from core.jobs.wait import wait
from core.results import Dataset, Run
from core.scoring.events import events, unit_of
from core.serving.server import Models, make_app
from core.settings import Settings
from core.specs import RunSpec, Training, Windows
from core.storage.database import migrate
from core.storage.store import Store
from core.storage.verdicts import Said
from core.thresholds import Given, decide, flags
from dashboard.blocks import snapshots
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.series.events import show_its_group
from tests.conftest import add_csv
from tests.pages.conftest import Browser, errors, finished, opened, said, sound

pytestmark = pytest.mark.long
NAMES = ("=power", "<b>flow</b>", "pressure", "bearing", "room", "vibration", "state")
LENGTH, MINUTES = 16, 800


@dataclass(frozen=True)
class Recorded:
    store: Store
    dataset: Dataset
    run: Run
    grouped: Run


def recorded_csv(pumps: int = 1) -> str:
    """A recorded pump with an hour missing after 700 minutes; a level is off from 300 to 319."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["time", "pump", *NAMES, "fault"])
    for pump in range(pumps):
        readings = machine(np.random.default_rng(pump), 1_440)
        readings[300:320, 2] += 4.0
        for minute in range(MINUTES):
            hour, rest = divmod(minute + 60 * (minute >= 700), 60)
            state = ("off", "half", "[full](http://evil.example)")[minute // 50 % 3]
            cells = [f"{value:.3f}" for value in readings[minute]]
            fault = "level" if 300 <= minute < 320 else "none"
            writer.writerow([f"2026-03-02 {hour:02d}:{rest:02d}:00", f"=pump {pump}", *cells, state, fault])
    return out.getvalue()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("series")
    deployment = Settings(home=folder / "home")
    migrate(deployment)
    store = Store.open(deployment)
    spec = RunSpec(
        layers="convolutional_1d", windows=Windows(length=LENGTH), training=Training(epochs=30, learning_rate=2e-3)
    )
    dataset = add_csv(store, folder, recorded_csv(), name="one.csv", label="fault")
    several = add_csv(store, folder, recorded_csv(3), name="three.csv", label="fault")
    several = change_columns(store, several, {"time": {"role": "time"}, "pump": {"role": "group"}})
    yield Recorded(store, dataset, finished(store, dataset, spec), finished(store, several, spec))
    store.close()


@pytest.fixture
def pages(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # The inference process's own app, without its socket.
    monkeypatch.setattr(
        "dashboard.blocks.series.one_stretch.ask", partial(answer, TestClient(make_app(Models(recorded.store))))
    )
    yield from opened(recorded.store.settings.home, monkeypatch)


@pytest.fixture(scope="module")
def short(recorded: Recorded) -> Run:
    """Behind the gap 100 rows are left: fewer than a window."""
    spec = RunSpec(layers="fully_connected", windows=Windows(length=128), training=Training(epochs=1))
    return finished(recorded.store, recorded.dataset, spec)


def answer(client: TestClient, store: Store, question: str, **payload: object) -> object:
    reply = client.post(f"/{question}", json={"space_id": store.space, **payload})
    if reply.status_code == core.serving.REFUSED:
        raise core.serving.from_json(reply.json())
    assert reply.status_code == 200, reply.text
    return reply.json()


def figures(app: object) -> list[str]:
    return [chart.proto.spec for chart in app.get("plotly_chart")]  # type: ignore[attr-defined]


def test_the_form_offers_windows_and_says_what_they_make(recorded: Recorded, pages: Browser) -> None:
    app = pages("train", dataset=recorded.dataset.id)
    rows = next(radio for radio in app.radio if radio.label == "What the network looks at")
    assert rows.value == "windows over time"  # the minutes are regular: proposed
    text = said(app)
    assert "In the order of *time*" in text
    assert "a gap in time" in text.lower()
    assert "800 steps become" in text
    layers = next(box for box in app.selectbox if box.label == "Layers")
    assert "Recurrent (GRU)" in layers.options
    app = rows.set_value("each row by itself").run()
    assert "steps become" not in said(app)
    assert not [box for box in app.selectbox if box.label == "Layers" and "Recurrent (GRU)" in box.options]


def test_below_the_events_stands_the_way_to_each_row_by_itself(recorded: Recorded, pages: Browser) -> None:
    app = pages("anomalies", run=recorded.run.id)
    assert f"so they are looked at {LENGTH} together" in said(app)
    sound(next(button for button in app.button if button.label == "Each row by itself instead").click().run())
    made = max(recorded.store.runs.find(dataset_id=recorded.dataset.id), key=lambda run: run.created_at)
    recorded.store.jobs.request(made.job_id, "cancel")
    wait(recorded.store, made.job_id)  # a supervisor may have begun it
    recorded.store.runs.delete(made.id)
    assert RunSpec.read(made.spec).windows is None


def test_a_window_longer_than_the_series_is_refused_in_place(recorded: Recorded, pages: Browser) -> None:
    for typed, words in (
        (750, "longer than every unbroken stretch"),
        (5, "Window: 5 can't be taken, it is a whole number from 8 to 4,096"),
    ):
        app = pages("train", dataset=recorded.dataset.id)
        app = next(box for box in app.number_input if box.label.startswith("Window")).set_value(typed).run()
        assert words in errors(app)
        assert next(each for each in app.button if each.label == "Start training").disabled


def test_anomalies_are_events(recorded: Recorded, pages: Browser) -> None:
    app = pages("anomalies", run=recorded.run.id)
    text = said(app)
    assert "Flagged events" in text
    assert "event" in text
    table = app.dataframe[0].value
    assert list(table.columns)[:7] == ["event", "from", "to", "lasts", "rows", "score", "because of"]
    assert list(table["event"]) == list(range(1, len(table) + 1))
    found = table[table["fault"].str.contains("level")]
    assert found["because of"].iloc[0].startswith("pressure")
    assert found["from"].iloc[0].startswith(("2026-03-02 04:5", "2026-03-02 05:0"))
    assert any("Score over time" in spec for spec in figures(app))
    box = next(box for box in app.selectbox if box.label == "Flag by")
    app = box.set_value("count").run()
    number = next(box for box in app.number_input if box.label.startswith("Number I can review"))
    app = number.set_value(1).run()
    assert "**1 event (" in said(app)
    assert len(app.dataframe[0].value) == 1
    number = next(box for box in app.number_input if box.label.startswith("Number I can review"))
    assert "0 can't be taken, it is a whole number from 1" in errors(number.set_value(0).run())


def test_events_of_groups_are_shown_one_group_at_a_time(recorded: Recorded, pages: Browser) -> None:
    app = pages("anomalies", run=recorded.grouped.id)
    group = next(box for box in app.selectbox if box.label == "pump")
    assert len(group.options) == 3
    assert set(app.dataframe[0].value["pump"]) <= {"=pump 0", "=pump 1", "=pump 2"}
    assert list(app.dataframe[0].value.columns)[:3] == ["event", "pump", "from"]
    assert "pump: **=pump" in said(pages("errors", run=recorded.grouped.id))


def test_the_score_over_time_is_that_of_the_ticked_event(recorded: Recorded, pages: Browser) -> None:
    store, run = recorded.store, recorded.grouped
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    chosen = Chosen(run, store.datasets.get(run.dataset_id), store.runs.scores(run), threshold)
    found = events(chosen.scores, threshold.value)
    for at in (0, len(found) - 1):
        st.session_state["events"] = {"selection": {"rows": [at]}}
        show_its_group(chosen, found, "events")
        assert st.session_state[f"series_group_{run.id}"] == f"=pump {found[at].peak // MINUTES}"


def test_errors_show_the_stretch_beside_what_was_expected(recorded: Recorded, pages: Browser) -> None:
    key = str(recorded.store.runs.scores(recorded.run).row_keys[310])
    app = pages("errors", run=recorded.run.id, row=key)
    text = said(app)
    assert "One stretch" in text
    assert re.search(r"In \*\*event \d+\*\* of", text)
    specs = figures(app)
    assert any("Actual beside expected" in spec for spec in specs)
    assert any("How far each column is off in each event" in spec for spec in specs)
    columns = next(box for box in app.multiselect if box.label.startswith("Columns"))
    assert columns.options[0] == "pressure"
    everything = columns.set_value(list(range(7))).run()
    assert not everything.exception
    assert not errors(everything)
    assert not any("evil.example)" in spec and "[full](" in spec for spec in figures(everything))


def test_a_row_outside_every_window_says_so(recorded: Recorded, short: Run, pages: Browser) -> None:
    assert any("100 rows lie in stretches shorter" in notice for notice in short.summary["notices"])
    key = str(recorded.store.runs.scores(short).row_keys[750])
    assert "its stretch of time is shorter than a window" in said(pages("errors", run=short.id, row=key))
    scores = recorded.store.runs.scores(short)
    assert not scores.scored[700:].any()
    rows = np.asarray([0, 750])
    cells = list(
        csv.DictReader(io.StringIO(flagged_csv(recorded.store, short, recorded.dataset, scores, rows).decode()))
    )
    assert float(cells[0]["score"]) == scores.values[0]
    assert (cells[1]["score"], cells[1]["percentile"], cells[1]["flag"]) == ("", "", "")


def test_the_map_has_a_point_a_window(recorded: Recorded, pages: Browser) -> None:
    app = pages("map", run=recorded.run.id)
    assert "of a series a window" in said(app)
    codes = recorded.store.runs.embedding(recorded.run)
    assert codes.rows is not None
    assert len(codes.codes) == len(codes.rows) == recorded.run.summary["windows"]["number"]


def test_a_shared_file_shows_events(recorded: Recorded, pages: Browser) -> None:
    store, run = recorded.store, recorded.run
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    chosen = Chosen(run, recorded.dataset, store.runs.scores(run), threshold)
    page = snapshots.anomalies_snapshot(chosen, flags(chosen.scores.values, threshold))
    assert "Flagged events" in page
    assert re.search(r"\d+ events? \([\d,]+ rows?\) flagged of 800; \d+ rows? with a score from [\d.]+", page)
    assert "<b>flow</b>" not in page
    page = snapshots.errors_snapshot(chosen, 310)
    assert "The worst events" in page
    assert "Actual beside expected" in page


def test_a_shared_file_shows_each_group_by_itself(recorded: Recorded, pages: Browser) -> None:
    store, run = recorded.store, recorded.grouped
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    chosen = Chosen(run, store.datasets.get(run.dataset_id), store.runs.scores(run), threshold)
    page = snapshots.anomalies_snapshot(chosen, flags(chosen.scores.values, threshold))
    assert {pump for pump in range(3) if f"Score over time: =pump {pump}" in page} == {0, 1, 2}


def test_a_shared_file_says_why_it_shows_no_stretch(recorded: Recorded, short: Run, pages: Browser) -> None:
    store = recorded.store
    threshold = store.thresholds.current(short.id)
    assert threshold is not None
    page = snapshots.errors_snapshot(Chosen(short, recorded.dataset, store.runs.scores(short), threshold), 750)
    assert "its stretch of time is shorter than a window" in page
    assert "Actual beside expected" not in page


def test_no_event_over_the_threshold_says_so(recorded: Recorded, short: Run, pages: Browser) -> None:
    store = recorded.store
    store.thresholds.new(short.id, "count", {"rows": 1}, 2 * float(store.runs.scores(short).values.max()), 0)
    text = said(pages("errors", run=short.id))
    assert "No event is over the threshold" in text
    assert "Not flagged at the threshold" in text
    app = pages("anomalies", run=short.id)
    assert "No event is over this threshold" in said(app)
    assert any("Score over time" in spec for spec in figures(app))
    assert not [button for button in app.button if "as CSV" in button.label]


def test_events_as_csv_have_the_times_of_the_file_and_nothing_that_runs(recorded: Recorded) -> None:
    store, run = recorded.store, recorded.grouped
    dataset, scores = store.datasets.get(run.dataset_id), store.runs.scores(run)
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    found = events(scores, threshold.value)
    rows = list(csv.DictReader(io.StringIO(events_csv(store, dataset, scores, found).decode())))
    assert [float(row["score"]) for row in rows] == [event.score for event in found]
    times = [f"2026-03-02 {minute // 60:02d}:{minute % 60:02d}:00" for minute in range(MINUTES + 60)]
    for row in rows:
        assert times.index(row["from"]) <= times.index(row["peak"]) <= times.index(row["to"])
        assert row["pump"].startswith("'=pump")
        assert not any(cell.startswith("=") for cell in row.values())
    assert any("'=power" in row["columns"] for row in rows) == any(
        name == "=power" for event in found for name, _ in event.columns
    )
    assert events_csv(store, dataset, scores, ()).decode().count("\n") == 1


def test_an_event_leads_to_the_one_before_it(recorded: Recorded, pages: Browser) -> None:
    scores = recorded.store.runs.scores(recorded.run)
    app = pages("errors", run=recorded.run.id, row=str(scores.row_keys[700]))
    button = next(button for button in app.button if button.label == "Earlier event")
    app = button.click().run()
    number = next(box for box in app.number_input if box.label == "Row")
    assert number.value <= 700
    assert "In **event" in said(app)
    assert app.query_params["row"] == str(scores.row_keys[number.value - 1])


def test_the_form_draws_what_will_be_trained(pages: Browser, recorded: Recorded, tmp_path: Path) -> None:
    # Nothing has the role of time or group: both are proposed, and neither is looked at.
    dataset = add_csv(recorded.store, tmp_path, recorded_csv(3), name="bare.csv", label="fault")
    assert {"time", "pump"} <= {column.name for column in dataset.features}
    assert "7 feature columns over" in said(pages("train", dataset=dataset.id))


def test_an_event_has_its_evidence_and_those_like_it_are_decided_on(recorded: Recorded, pages: Browser) -> None:
    store, run = recorded.store, recorded.grouped
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    found = events(store.runs.scores(run), threshold.value)
    assert len(found) > 1
    app = pages("triage", run=run.id)
    sentence = next(code.value for code in app.get("code") if "is stranger than" in code.value)
    assert sentence.startswith(f"Row {found[0].peak + 1}, in the event from 2026-03-02 ")
    assert "Worse than usual was rebuilt" in sentence
    text = said(app)
    assert "The healthy windows most like it" in text
    assert f"among windows of {LENGTH} in which no row is flagged" in text
    beside = next(spec for spec in figures(app) if "in this window and in healthy ones" in spec)
    assert beside.count('"step of the window"') == 1
    assert beside.count('"name":"from 2026') == 3
    assert "0 of" in "".join(bar.proto.text for bar in app.get("progress"))
    app.session_state[f"alike_{run.id}"] = True
    app.run()
    likest = next(frame.value for frame in app.dataframe if "likeness" in frame.value.columns)
    assert set(likest.index - 1) <= {event.peak for event in found[1:]}
    assert (likest["likeness"].diff().dropna() <= 0).all()
    assert not app.exception
    assert not errors(app)


def test_a_verdict_stays_with_its_event_when_another_row_is_its_strangest(recorded: Recorded, pages: Browser) -> None:
    store, run, dataset = recorded.store, recorded.run, recorded.dataset
    threshold, scores = store.thresholds.current(run.id), store.runs.scores(run)
    assert threshold is not None
    assert scores.course is not None
    event = next(each for each in events(scores, threshold.value) if each.rows > 1)
    other = int(next(row for row in scores.course.rows[event.places] if row != event.peak))
    key, content = (
        str(each[other]) for each in (store.datasets.row_keys(dataset), store.datasets.row_contents(dataset))
    )
    store.verdicts.add(dataset.lineage_id, dataset.id, [Said(key, content, "confirmed")])
    app = pages("triage", run=run.id, row=key)
    assert not app.exception
    assert re.search(r"number \d+ of \d+ in the queue", said(app))
    assert any(bar.proto.text.startswith("1 of ") for bar in app.get("progress"))


def test_events_of_one_kind_are_one_case_and_decided_on_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A level that is off upwards three times and downwards three times, where nothing is learned: two cases, by their sides."""
    readings = machine(np.random.default_rng(0), 4_000)
    up, down = (3_400, 3_600, 3_800), (3_300, 3_500, 3_700)
    for first in (*up, *down):
        readings[first : first + 20, 2] += 1.2 if first in up else -1.2
    lines = [",".join(NAMES[:6])] + [",".join(f"{value:.3f}" for value in row) for row in readings]
    spec = RunSpec(
        layers="convolutional_1d", windows=Windows(length=32), training=Training(epochs=30, learning_rate=2e-3)
    )
    run = finished(store, add_csv(store, tmp_path, "\n".join(lines), name="levels.csv"), spec)
    value, flagged = decide(Given(store.runs.scores(run).values, unit_of(store.runs.course(run))), "count", {"rows": 6})
    store.thresholds.new(run.id, "count", {"rows": 6}, value, flagged)
    client = TestClient(make_app(Models(store)))
    for module in ("series.one_stretch", "triage.kinds"):
        monkeypatch.setattr(f"dashboard.blocks.{module}.ask", partial(answer, client))
    for pages in opened(store.settings.home, monkeypatch):
        app = sound(pages("triage", run=run.id))
        app = sound(app.button_group(key="triage_view").set_value("One kind at a time").run())
        table = next(frame.value for frame in app.dataframe if "case" in frame.value.columns)
        sides = {name.split(",")[0]: number for name, number in zip(table["case"], table["events"], strict=True)}
        assert sides == {"pressure too high": 3, "pressure too low": 3}
        which = int(table["case"].str.startswith("pressure too high").to_numpy().argmax())
        key = f"cases_{run.id}_0_{len(table)}"
        app.session_state[key] = {"selection": {"rows": [which], "columns": [], "cells": []}}
        app = sound(app.run())
        shown = next(frame.value for frame in app.dataframe if "because of" in frame.value.columns)
        found = events(store.runs.scores(run), value)
        assert sorted(round(found[number - 1].first, -2) for number in shown["event"]) == list(up)
        sound(next(button for button in app.button if button.label == "Confirm these 3").click().run())
        dataset = store.datasets.get(run.dataset_id)
        keys, verdicts = store.datasets.row_keys(dataset), store.verdicts.of_lineage(dataset.lineage_id)
        confirmed = sorted(int(np.flatnonzero(keys == each.row_key)[0]) for each in verdicts)
        assert [round(row - 10, -2) for row in confirmed] == list(up)
        app = sound(pages("triage", run=run.id))
        app = sound(app.button_group(key=f"triage_order_{run.id}").set_value("one of each kind first").run())
        assert not errors(app)
