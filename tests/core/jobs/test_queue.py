"""The queue by itself: claims, positions, commands and the fence. No process is started."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from core.errors import DiskFull, Diverged, FileRefused, HourglassError, InputRefused
from core.jobs.checkpoints import Checkpoints
from core.results import Metric
from core.settings import Settings
from core.specs import RunSpec
from core.storage.database import engine_for
from core.storage.jobs import Fence, Superseded, claim
from core.storage.store import Store
from core.storage.tables import jobs
from tests.conftest import add_csv, grid_csv


@pytest.fixture
def either(anywhere: Settings) -> Iterator[Store]:
    store = Store.open(anywhere)
    yield store
    store.close()


def test_no_job_is_claimed_twice(either: Store) -> None:
    ids = {either.jobs.submit("score", {}).id for _ in range(60)}
    claimed: list[str] = []

    def take(name: str) -> None:
        engine = engine_for(either.settings)
        while (job := claim(engine, name, 60)) is not None:
            claimed.append(job.id)
        engine.dispose()

    threads = [threading.Thread(target=take, args=(f"s-{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A claim that lost a race comes back empty, so some may be left; none may be there twice.
    while (job := claim(either.engine, "s-last", 60)) is not None:
        claimed.append(job.id)
    assert sorted(claimed) == sorted(ids)


def test_a_lost_attempt_can_write_nothing(either: Store, tmp_path: Path) -> None:
    dataset = add_csv(either, tmp_path, grid_csv())
    run = either.runs.submit(dataset.id, RunSpec())
    first = claim(either.engine, "s-1", 60)
    assert first is not None
    old = Fence(either.engine, first.id, first.attempt)
    old.record(either.space, run.id, [Metric(1, 1, "train", 1.0)])
    either.jobs.change(first.id, state="queued")
    second = claim(either.engine, "s-2", 60)
    assert second is not None
    assert second.attempt == first.attempt + 1
    for write in (
        lambda: old.record(either.space, run.id, [Metric(2, 2, "train", 0.0)]),
        lambda: old.progress(0.5, "late"),
        lambda: old.drop_metrics_after(run.id, 0),
        lambda: old.finish("succeeded"),
    ):
        with pytest.raises(Superseded):
            write()
    assert [metric.step for metric in either.runs.metrics(run.id)] == [1]
    Fence(either.engine, second.id, second.attempt).finish("succeeded")
    assert either.jobs.get(second.id).state == "succeeded"


def test_jobs_wait_in_the_order_in_which_they_came_however_coarse_the_clock(either: Store) -> None:
    came = [either.jobs.submit("score", {}).id for _ in range(40)]
    with either.engine.begin() as connection:  # a clock that was set back by an hour since
        connection.execute(update(jobs).where(jobs.c.id == came[-1]).values(created_at=jobs.c.created_at + 3600))
    came.append(either.jobs.submit("score", {}).id)
    assert [either.jobs.get(id_).position for id_ in came] == list(range(1, 42))
    claimed = [claim(either.engine, "s-1", 60) for _ in came]
    assert [each.id for each in claimed if each is not None] == came


def test_positions_commands_and_resume(store: Store) -> None:
    first, second, third = (store.jobs.submit("score", {}) for _ in range(3))
    assert [store.jobs.get(job.id).position for job in (first, second, third)] == [1, 2, 3]
    assert claim(store.engine, "s-1", 60) is not None
    assert store.jobs.get(second.id).position == 1
    assert store.jobs.request(third.id, "cancel").state == "cancelled"
    assert store.jobs.request(first.id, "stop").command == "stop"
    assert store.jobs.request(first.id, "cancel").command == "cancel"
    assert store.jobs.request(first.id, "stop").command == "cancel"
    with pytest.raises(InputRefused, match="this one is running"):
        store.jobs.resume(first.id)
    assert store.jobs.resume(third.id).state == "queued"


@pytest.mark.parametrize("kind", [FileRefused, Diverged])
def test_what_can_only_fail_again_is_not_resumed_but_forgotten(store: Store, kind: type[HourglassError]) -> None:
    store.jobs.submit("ingest", {})
    taken = claim(store.engine, "s-1", 60)
    assert taken is not None
    with pytest.raises(InputRefused, match="this job is running"):
        store.jobs.forget(taken.id)
    Fence(store.engine, taken.id, taken.attempt).finish("failed", error=kind("what", fix="do").to_json())
    with pytest.raises(InputRefused, match="only fail again"):
        store.jobs.resume(taken.id)
    store.jobs.forget(taken.id)
    assert store.jobs.find() == []


def test_a_job_that_ran_out_of_room_is_resumed(store: Store) -> None:
    store.jobs.submit("ingest", {})
    taken = claim(store.engine, "s-1", 60)
    assert taken is not None
    Fence(store.engine, taken.id, taken.attempt).finish("failed", error=DiskFull("what", fix="do").to_json())
    assert store.jobs.resume(taken.id).state == "queued"


def test_checkpoints_are_whole_and_the_newest_attempt_counts(tmp_path: Path) -> None:
    first = Checkpoints(tmp_path, "j-1", 1)
    assert first.latest() is None
    for step in (10, 20, 30):
        first.save(step, {"weights": bytes([step])})
    assert first.latest() == (30, {"weights": bytes([30])})
    assert len(list(first.folder.glob("step-*"))) == 2
    (first.folder / ".torn").mkdir()
    second = Checkpoints(tmp_path, "j-1", 2)
    assert second.latest() == (30, {"weights": bytes([30])})
    second.save(40, {"weights": b"new"})
    assert Checkpoints(tmp_path, "j-1", 3).latest() == (40, {"weights": b"new"})
    second.clear()
    assert second.latest() is None
