"""Job *train* in this process: memory that runs out, what is kept of how it learned, each family on each sort of data."""

from __future__ import annotations

import weakref
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.datasets.ingest import ingest
from core.errors import Cancelled, Diverged, OutOfMemory, SettingsRefused
from core.jobs import worker
from core.jobs.checkpoints import shown
from core.jobs.tasks import train
from core.jobs.work import Work
from core.results import IMAGE_SCORES, Dataset, Run, Strip, level_codes
from core.scoring.pictures import look
from core.scoring.trained import Trained
from core.specs import OBJECTIVES, ReadOptions, spec_from_settings
from core.storage.jobs import Fence, claim
from core.storage.records import from_json
from core.storage.store import Store
from core.training.loop import Trainer
from tests.conftest import add_csv, grid_csv


def work_on(store: Store) -> Work:
    job = claim(store.engine, "here", 600)
    assert job is not None
    return Work(job, store, Fence(store.engine, job.id, job.attempt))


def trained(store: Store, dataset: Dataset, model: str = "vanilla", **settings: Any) -> Run:
    run = store.runs.submit(dataset.id, spec_from_settings(model, {"epochs": 6, **settings}))
    train.run(work_on(store))
    for waiting in store.jobs.find(("queued",)):
        store.jobs.request(waiting.id, "cancel")
    return store.runs.get(run.id)


@pytest.fixture
def dataset(store: Store, tmp_path: Path) -> Dataset:
    return add_csv(store, tmp_path, grid_csv(300))


def test_memory_that_runs_out_halves_the_batch_and_goes_on(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, seen = Trainer._one_epoch, []

    def one_epoch(self: Trainer) -> Any:
        if self.settings.batch_size > 20 and self.epoch >= 2:
            raise OutOfMemory("the network and its rows do not fit", where="here", fix="lower the batch size")
        seen.append((self.epoch, self.settings.batch_size))
        return usual(self)

    begin, before = Trainer.__init__, []

    def init(self: Trainer, *args: Any, **named: Any) -> None:
        assert all(other() is None for other in before), "the one before still holds its memory"
        before.append(weakref.ref(self))
        begin(self, *args, **named)

    monkeypatch.setattr(Trainer, "__init__", init)
    monkeypatch.setattr(Trainer, "_one_epoch", one_epoch)
    monkeypatch.setattr(train, "CHECKPOINT_SECONDS", 0.0)
    run = trained(store, dataset, batch_size=64)
    assert run.state == "succeeded"
    assert len(before) == 3
    assert seen == [(0, 64), (1, 64), (2, 16), (3, 16), (4, 16), (5, 16)]  # from the checkpoint, not from the start
    assert any("16 rows a batch in place of 64" in notice for notice in run.summary["notices"])
    epochs = [metric.epoch for metric in store.runs.metrics(run.id) if metric.name == "train"]
    assert epochs == [1, 2, 3, 4, 5, 6]


def test_memory_that_is_too_short_for_any_batch_fails_in_words(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_epoch(self: Trainer) -> Any:
        raise OutOfMemory("the network and its rows do not fit", where="here", fix="lower the batch size")

    monkeypatch.setattr(Trainer, "_one_epoch", one_epoch)
    store.runs.submit(dataset.id, spec_from_settings("vanilla", {}))
    with pytest.raises(OutOfMemory):
        train.run(work_on(store))


def test_a_column_with_infinite_cells_is_named_where_the_loss_is_lost(store: Store, tmp_path: Path) -> None:
    lines = grid_csv(300).splitlines()
    for number in (5, 40, 120):
        lines[number] = ",".join(["inf", *lines[number].split(",")[1:]])
    dataset = add_csv(store, tmp_path, "\n".join(lines) + "\n")
    assert dataset.column("a").infinite(dataset.rows) == 3
    assert dataset.column("b").infinite(dataset.rows) == 0
    found = trained(store, dataset).summary["findings"][0]
    assert found["name"] == "infinite_cells"
    assert "“a” has 3 infinite cells" in found["evidence"]
    assert "learning_rate" not in found["change"]
    lost = {"optimiser": "SGD", "learning_rate": 1.0, "clip": 0.0, "activation": "linear", "validation_share": 0.0}
    store.runs.submit(dataset.id, spec_from_settings("vanilla", lost))
    with pytest.raises(Diverged, match="“a”"):
        train.run(work_on(store))


def test_infinite_and_enormous_cells_are_as_many_while_it_trains_and_after(store: Store, tmp_path: Path) -> None:
    lines = grid_csv(300).splitlines()
    for number in range(5, 105):
        lines[number] = ",".join(["inf" if number % 2 else "-1e308", *lines[number].split(",")[1:]])
    dataset = add_csv(store, tmp_path, "\n".join(lines) + "\n")
    run = trained(store, dataset)
    column = dataset.column("a")
    assert (column.infinite(dataset.rows), column.huge) == (50, 50)  # what is said while it trains
    found = run.summary["findings"][0]
    assert "“a” has 50 infinite cells and 50 cells beyond 3.4e38" in found["evidence"]
    assert any("“a” has 50 values beyond 3.4e38, the first in row 6" in said for said in run.summary["notices"])


@pytest.mark.parametrize("model", list(OBJECTIVES))
def test_every_family_trains_scores_and_comes_back_from_storage(store: Store, dataset: Dataset, model: str) -> None:
    run = trained(store, dataset, model)
    assert run.state == "succeeded"
    scores = store.runs.scores(run)
    assert np.isfinite(scores.values).all()
    assert np.allclose(scores.column_errors.sum(axis=1), scores.values, rtol=1e-4)
    again = Trained.load(store, run)
    from core.datasets.typed import typed_table

    table = typed_table(store.datasets.cells(dataset), dataset.columns, store.datasets.row_keys(dataset))
    assert np.array_equal(again.output(table).scores, scores.values)
    assert np.array_equal(again.output(table).codes, store.artifacts.get_array(store.space, run.artifacts["codes"]))
    assert run.summary["code_usage"] is not None
    assert len(run.summary["pca_by_width"]) > 1
    names = {metric.name for metric in store.runs.metrics(run.id)}
    assert {"train", "validation", "learning rate", "gradient norm", "code usage"} <= names


def test_a_strip_of_rows_held_back_is_kept_and_shown_while_it_learns(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    live: list[Strip | None] = []
    usual = Trainer._one_epoch

    def one_epoch(self: Trainer) -> Any:
        live.append(shown(store.settings.home, store.jobs.find(("running",))[0].id))
        return usual(self)

    monkeypatch.setattr(Trainer, "_one_epoch", one_epoch)
    monkeypatch.setattr(train, "STRIP_SECONDS", 0.0)
    run = trained(store, dataset, epochs=4)
    assert live[0] is None
    assert [strip.epoch for strip in live[1:] if strip is not None] == [1, 2, 3]
    assert live[1] is not None
    kept = from_json(Strip, store.artifacts.get_json(store.space, run.artifacts["strip"]))
    assert kept.sort == "table"
    assert kept.columns == ("a", "b", "c", "kind")
    assert kept.actual == live[1].actual
    assert kept.expected != live[1].expected
    assert len(kept.actual) == 8
    cells = store.datasets.cells(dataset).to_pylist()
    rows = np.flatnonzero(store.runs.scores(run).splits == 1)
    wanted = {(float(cells[i]["a"]), cells[i]["kind"]) for i in rows}
    assert {(row[0], row[3]) for row in kept.actual} <= wanted


def test_levels_of_a_stacked_run_are_kept_with_their_gain(store: Store, dataset: Dataset) -> None:
    run = trained(store, dataset, "stacked", epochs=12, depth=2)
    stages = run.summary["stages"]
    assert [stage["name"] for stage in stages] == ["level 1", "level 2", "level 3", "all levels"]
    assert sum(stage["epochs"] for stage in stages) == run.summary["epochs"] == 12
    assert all(stage["best"] <= stage["first"] for stage in stages)


def test_what_each_level_makes_of_the_rows_is_kept_of_ensembles_too(store: Store, dataset: Dataset) -> None:
    alone, several = (trained(store, dataset, "stacked", epochs=6, depth=2, members=members) for members in (1, 2))
    for run in (alone, several):
        kept = [store.artifacts.get_array(store.space, run.artifacts[level_codes(level)]) for level in (1, 2)]
        assert [len(codes) for codes in kept] == [dataset.rows] * 2
        assert all(np.isfinite(codes).all() and np.ptp(codes, axis=0).any() for codes in kept)
        assert level_codes(3) not in run.artifacts  # those are the run's codes


def test_an_image_in_tiles_has_at_each_level_the_code_of_its_worst_tile(store: Store, tmp_path: Path) -> None:
    path, draw = tmp_path / "wide.zip", np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(20):
            with archive.open(f"{i}.png", "w") as file:
                Image.fromarray(draw.integers(0, 255, (16, 40), np.uint8)).save(file, "PNG")
    cut = ingest(store, path, path.name, options=ReadOptions(image_rule="tiles", image_size=16))
    run = trained(store, cut, "stacked", epochs=2, depth=2, layers="fully_connected", image_score="mean")
    assert run.summary["pieces"] > cut.rows
    model = Trained.load(store, run)
    rows = model.of_images.rows(store.datasets.pieces(cut), store.datasets.places(cut))
    kept = store.artifacts.get_array(store.space, run.artifacts[level_codes(1)])
    assert len(kept) == cut.rows
    every, own = model.level_codes(rows, 1), store.datasets.places(cut)[:, 0]
    worst = look(model, rows).scores[:, IMAGE_SCORES.index("mean")]
    for image in range(cut.rows):
        mine = np.flatnonzero(own == image)
        assert np.array_equal(kept[image], every[mine[worst[mine].argmax()]])


def test_a_range_test_is_kept_with_the_rate_that_was_taken(store: Store, dataset: Dataset) -> None:
    run = trained(store, dataset, find_rate=True)
    rates, losses = run.summary["rate_test"]
    assert len(rates) == len(losses) > 20
    assert run.summary["rate"] != 1e-3
    measured = [metric.value for metric in store.runs.metrics(run.id) if metric.name == "learning rate"]
    assert measured == [pytest.approx(run.summary["rate"])] * len(measured)


def test_columns_in_which_nothing_varies_are_named_once_with_the_reason(store: Store, tmp_path: Path) -> None:
    lines = ["a,b,empty,same"] + [f"{i % 7},{i % 5 * 3},,x" for i in range(60)]
    run = trained(store, add_csv(store, tmp_path, "\n".join(lines)))
    (said,) = [notice for notice in run.summary["notices"] if "“empty”" in notice or "“same”" in notice]
    assert said.endswith("“empty” (every cell is empty), “same” (every cell holds the same value)")
    lines = ["a,b," + ",".join(f"c{i}" for i in range(12))] + [f"{i % 7},{i % 5 * 3}{',1' * 12}" for i in range(60)]
    run = trained(store, add_csv(store, tmp_path, "\n".join(lines)))
    (said,) = [notice for notice in run.summary["notices"] if notice.startswith("left out")]
    assert said.endswith("“c9” (every cell holds the same value), and 2 more columns")


def test_what_cannot_be_split_is_refused(store: Store, dataset: Dataset) -> None:
    store.runs.submit(dataset.id, spec_from_settings("vanilla", {"validation": "by group"}))
    with pytest.raises(SettingsRefused, match="role group"):
        train.run(work_on(store))


@pytest.mark.parametrize("outcome", ["succeeded", "cancelled"])
def test_a_jobs_own_folder_goes_with_the_job(store: Store, monkeypatch: pytest.MonkeyPatch, outcome: str) -> None:
    def done(work: Work) -> dict[str, Any]:
        if outcome == "cancelled":
            raise Cancelled("the job was cancelled", where=work.job.id, fix="start it again")
        return {}

    job = store.jobs.submit("ingest", {"upload": "t.csv", "source_name": "t.csv"})
    work = work_on(store)
    scratch = work.settings.home / "scratch" / job.id
    scratch.mkdir(parents=True)
    monkeypatch.setattr("core.jobs.tasks.ingest.run", done)
    worker._do(work, work.fence, work.job)
    assert store.jobs.get(job.id).state == outcome
    assert not scratch.exists()


def test_what_a_failed_job_wrote_for_itself_makes_room_before_its_end_is_written(store: Store, tmp_path: Path) -> None:
    job = store.jobs.submit("ingest", {"upload": str(tmp_path / "gone.csv"), "source_name": "gone.csv"})
    work = work_on(store)
    scratch = work.settings.home / "scratch" / job.id
    scratch.mkdir(parents=True)
    (scratch / "cells.parquet").write_bytes(b"half a table")
    worker._do(work, work.fence, work.job)
    assert not scratch.exists()
    assert store.jobs.get(job.id).state == "failed"
