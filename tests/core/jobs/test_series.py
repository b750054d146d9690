"""A series through the jobs: trained on, scored, explained; and the same rows scored again give the same bits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.datasets.samples.series import machine
from core.datasets.series import proposed
from core.errors import DatasetRefused, InputRefused
from core.jobs.tasks import score, train
from core.jobs.work import Work
from core.results import Job, Run
from core.scoring.events import events
from core.scoring.trained import Trained
from core.serving.stretch import stretch
from core.specs import Condition, RunSpec, Windows, spec_from_settings, suited
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from tests.conftest import add_csv

pytestmark = pytest.mark.long
NAMES = "power,flow,pressure,bearing,room,vibration"


def csv_of(first: int = 0, last: int = 1_200, group: Callable[[int], str] | None = None) -> str:
    """Minutes of a pump, of which one channel is stuck too high from 900 to 939."""
    readings = machine(np.random.default_rng(1), 1_440)
    readings[900:940, 3] = readings[900, 3] + 2.5
    lines = [f"time,{NAMES},state" + (",pump" if group else "")]
    for minute in range(first, last):
        cells = ",".join(f"{value:.4f}" for value in readings[minute])
        state = "high" if readings[minute, 0] > 0 else "low"
        day, rest = divmod(minute, 1_440)
        line = f"2026-03-{2 + day:02d} {rest // 60:02d}:{rest % 60:02d}:00,{cells},{state}"
        lines.append(line + (f",{group(minute)}" if group else ""))
    return "\n".join(lines) + "\n"


def work_on(store: Store) -> Work:
    job = claim(store.engine, "here", 600)
    assert job is not None
    return Work(job, store, Fence(store.engine, job.id, job.attempt))


def trained(store: Store, dataset_id: str, **changed: Any) -> Run:
    dataset = store.datasets.get(dataset_id)
    start = suited(RunSpec(), dataset, proposed(store, dataset))
    spec = spec_from_settings("vanilla", {"epochs": 40, "window": 32, **changed}, start=start)
    run = store.runs.submit(dataset.id, spec)
    train.run(work_on(store))
    for waiting in store.jobs.find(("queued",)):
        store.jobs.request(waiting.id, "cancel")
    return store.runs.get(run.id)


def scored(store: Store, run: Run, dataset_id: str) -> dict[str, Any]:
    store.jobs.submit("score", {"run_id": run.id, "dataset_id": dataset_id}, dataset_id=dataset_id)
    work = work_on(store)
    result = score.run(work)
    ended: Job = store.jobs.get(work.job.id)
    store.jobs.request(ended.id, "cancel")
    return result


@pytest.mark.parametrize("layers", ["convolutional_1d", "gru", "fully_connected"])
def test_the_stuck_stretch_is_an_event(store: Store, tmp_path: Path, layers: str) -> None:
    dataset = add_csv(store, tmp_path, csv_of())
    assert proposed(store, dataset) == Windows(length=60)
    run = trained(store, dataset.id, layers=layers)
    found = store.runs.scores(run)
    assert found.course is not None
    assert found.values.shape == (1_200,)
    assert found.column_errors.shape == (1_200, 7)
    strangest = events(found, np.sort(found.values)[-20])[0]
    assert strangest.last >= 900
    assert strangest.first < 940
    assert run.summary["windows"]["number"] == len(store.runs.embedding(run).codes)


def test_an_infinite_cell_is_an_event_of_its_own(store: Store, tmp_path: Path) -> None:
    lines = csv_of().splitlines()
    cells = lines[301].split(",")
    lines[301] = ",".join([*cells[:2], "inf", *cells[3:]])
    dataset = add_csv(store, tmp_path, "\n".join(lines) + "\n")
    run = trained(store, dataset.id)
    found = store.runs.scores(run)
    mine = next(event for event in events(found, 20.0) if event.first <= 300 <= event.last)
    assert abs(mine.peak - 300) <= 1
    assert mine.columns[0][0] == "flow"
    assert np.quantile(found.values, 0.5) > 0.05  # what is usual is still measured by what is usual
    assert "“flow” has an infinite value in row 301: taken as farther off than all others" in run.summary["notices"]
    said = stretch(store, Trained.load(store, run), run, 300, 300, ["power", "flow"])["columns"]
    assert (said["flow"]["infinite"], said["power"]["infinite"]) == ([0], [])
    for name in ("power", "flow"):
        assert abs(said[name]["expected"][0]) < 10


def test_training_and_validation_are_apart_in_time(store: Store, tmp_path: Path) -> None:
    run = trained(store, add_csv(store, tmp_path, csv_of()).id, epochs=1)
    splits = store.runs.scores(run).splits
    assert splits.tolist() == [0] * (1_200 - 120 - 32) + [2] * 32 + [1] * 120


def test_the_same_rows_scored_again_give_the_same_bits(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, csv_of())
    run = trained(store, dataset.id, epochs=2)
    result = scored(store, run, dataset.id)
    again = store.artifacts.get_array(store.space, result["scores"])
    np.testing.assert_array_equal(again, store.runs.scores(run).values)
    assert store.runs.course_at(run, result) is not None


def test_a_file_without_the_times_is_not_scored(store: Store, tmp_path: Path) -> None:
    run = trained(store, add_csv(store, tmp_path, csv_of()).id, epochs=1)
    timeless = "\n".join(line.partition(",")[2] for line in csv_of().splitlines())
    with pytest.raises(DatasetRefused, match="missing: time"):
        scored(store, run, add_csv(store, tmp_path, timeless, name="other.csv").id)


def test_groups_are_seen_each_by_itself_and_short_ones_not_at_all(store: Store, tmp_path: Path) -> None:
    def pump(minute: int) -> str:
        return "C" if minute % 60 == 0 else "AB"[minute % 2]

    dataset = add_csv(store, tmp_path, csv_of(group=pump))
    columns = {column.name: column for column in dataset.columns}
    if columns["pump"].role != "group":
        dataset = grouped(store, dataset.id)
    run = trained(store, dataset.id, epochs=2)
    found = store.runs.scores(run)
    assert found.course is not None
    short = np.arange(0, 1_200, 60)
    assert (found.values[short] == 0).all()
    assert (np.delete(found.values, short) > 0).all()
    assert (found.scored == np.isin(np.arange(1_200), short, invert=True)).all()
    assert any("20 rows lie in stretches shorter than a window" in notice for notice in run.summary["notices"])
    groups = np.asarray([pump(int(row)) for row in found.course.rows])
    for part in np.unique(found.course.stretch):
        assert len(set(groups[found.course.stretch == part])) == 1


def grouped(store: Store, dataset_id: str) -> Any:
    from core.datasets.ingest import change_columns

    return change_columns(store, store.datasets.get(dataset_id), {"pump": {"role": "group"}})


def test_several_machines_with_the_same_times_are_told_apart(store: Store, tmp_path: Path) -> None:
    lines = [csv_of(last=600, group=lambda _: "P1").splitlines(), csv_of(last=600, group=lambda _: "P2").splitlines()]
    rows = [*lines[0][1:], *lines[1][1:]]
    order = np.random.default_rng(0).permutation(len(rows))
    dataset = add_csv(store, tmp_path, "\n".join([lines[0][0], *(rows[i] for i in order)]) + "\n")
    windows = proposed(store, dataset)
    assert windows is not None
    run = trained(store, dataset.id, epochs=1)
    assert "time" not in run.summary["columns"]
    assert "pump" not in run.summary["columns"]
    found = store.runs.scores(run)
    assert found.course is not None
    assert (found.course.time, found.course.group) == ("time", "pump")
    assert np.diff(found.course.stretch).sum() == 1
    in_time = np.argsort(order)  # where each line of P1, then of P2, went
    halves = {tuple(part.tolist()) for part in (in_time[:600], in_time[600:])}
    assert {tuple(part.tolist()) for part in (found.course.rows[:600], found.course.rows[600:])} == halves


def test_what_changes_only_behind_the_training_is_said(store: Store, tmp_path: Path) -> None:
    lines = csv_of().splitlines()
    added = [f"{line},{'valve' if i == 0 else 7 if i > 1_150 else 5}" for i, line in enumerate(lines)]
    run = trained(store, add_csv(store, tmp_path, "\n".join(added) + "\n").id, epochs=1)
    assert any("vary in other rows" in notice and "valve" in notice for notice in run.summary["notices"])


def test_a_window_longer_than_every_group_is_refused(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, csv_of(last=300))
    with pytest.raises(DatasetRefused, match=r"a window of 400 steps is longer .* the longest has 300"):
        trained(store, dataset.id, window=400)


def test_rows_that_are_left_out_break_windows_and_too_few_are_refused(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, csv_of())
    out = (Condition(column="room", operator="above", value="-9"),)
    spec = RunSpec(layers="convolutional_1d", windows=Windows(length=32), leave_out=out)
    store.runs.submit(dataset.id, spec)
    with pytest.raises(DatasetRefused, match="left to train on"):
        train.run(work_on(store))
    often = (Condition(column="power", operator="above", value="0"),)
    store.runs.submit(dataset.id, RunSpec(layers="convolutional_1d", windows=Windows(length=256), leave_out=often))
    with pytest.raises(DatasetRefused, match=r"windows of 256 steps are left"):
        train.run(work_on(store))


def test_a_stretch_says_what_was_expected(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, csv_of())
    run = trained(store, dataset.id)
    model = Trained.load(store, run)
    found = stretch(store, model, run, 880, 960, ["bearing", "state"])["columns"]
    bearing = found["bearing"]
    assert len(bearing["actual"]) == 81
    np.testing.assert_allclose(bearing["actual"][20:60], bearing["actual"][20])
    assert all(
        low <= expected <= high
        for low, expected, high in zip(*(bearing[name] for name in ("low", "expected", "high")), strict=True)
    )
    whole = stretch(store, model, run, 0, 1_199, ["bearing"])["columns"]["bearing"]
    np.testing.assert_allclose(whole["expected"][880:961], bearing["expected"], rtol=1e-5)
    assert set(found["state"]["actual"]) <= {"high", "low"}
    assert found["bearing"]["high"][0] > found["bearing"]["low"][0]
    assert found["state"]["low"] is None
    with pytest.raises(InputRefused):
        stretch(store, model, run, 0, 1_200, ["bearing"])


def test_rows_that_are_resampled_share_their_step(store: Store, tmp_path: Path) -> None:
    run = trained(store, add_csv(store, tmp_path, csv_of()).id, epochs=2, every=300, window=16)
    found = store.runs.scores(run)
    assert found.values.reshape(-1, 5).std(axis=1).max() == 0
    shown = stretch(store, Trained.load(store, run), run, 500, 599, ["bearing"])["columns"]["bearing"]
    assert len(shown["actual"]) == 100
    assert len(set(shown["actual"])) == 20


def test_gaps_and_missing_cells_are_lived_with(store: Store, tmp_path: Path) -> None:
    lines = csv_of().splitlines()
    del lines[500:560]
    lines[700] = ",".join([lines[700].partition(",")[0], "", "", "", "", "", "", ""])
    dataset = add_csv(store, tmp_path, "\n".join(lines) + "\n")
    run = trained(store, dataset.id, epochs=2)
    found = store.runs.scores(run)
    assert found.course is not None
    assert found.course.stretch[498] != found.course.stretch[499]
    assert np.isfinite(found.values).all()
