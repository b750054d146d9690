"""SIGKILL at random moments: every run ends finished, running, or taken up again, else interrupted and resumable.

HOURGLASS_KILLS sets how many (50 here, 500 in `make soak`), HOURGLASS_KILL_SEED which.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from sqlalchemy import select

from core.jobs.launch import ensure_supervisor, stop_supervisor, supervisor_pid
from core.jobs.wait import wait
from core.results import Job, Run
from core.serving import ask
from core.settings import Settings
from core.specs import RunSpec, Training
from core.storage.database import migrate
from core.storage.store import Store
from core.storage.tables import jobs
from tests.conftest import add_csv, grid_csv
from tests.server import Server, free_port
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.long
KILLS = int(os.environ.get("HOURGLASS_KILLS", "50"))
SEED = int(os.environ.get("HOURGLASS_KILL_SEED", "1"))
SPEC = RunSpec(training=Training(epochs=80, patience=1_000))


def worker_pid(store: Store, job_id: str | None = None) -> int | None:
    """The process of that job while it runs, or of any."""
    query = select(jobs.c.pid).where(jobs.c.state == "running", jobs.c.pid.is_not(None))
    with store.engine.connect() as connection:
        return connection.scalar(query if job_id is None else query.where(jobs.c.id == job_id))


def helpers(store: Store, module: str) -> list[int]:
    """Process ids of the supervisor's helpers that run this module."""
    pid = supervisor_pid(store.settings)
    if pid is None:
        return []
    try:
        return [child.pid for child in psutil.Process(pid).children() if module in " ".join(child.cmdline())]
    except psutil.NoSuchProcess:
        return []


def victims(store: Store, server: Server) -> dict[str, Callable[[], list[int]]]:
    return {
        "server": lambda: [server.process.pid] if server.process is not None else [],
        "worker": lambda: [pid] if (pid := worker_pid(store)) is not None else [],
        "supervisor": lambda: [pid] if (pid := supervisor_pid(store.settings)) is not None else [],
        "forkserver": lambda: helpers(store, "core.jobs.forkserver"),
        "serving": lambda: helpers(store, "core.serving.server"),
    }


def serving_processes(store: Store) -> list[int]:
    """Inference processes of this deployment, whoever started them."""
    wanted = str(store.settings.home)
    found = []
    for process in psutil.process_iter():
        try:
            if "core.serving.server" in process.cmdline() and process.environ().get("HOURGLASS_HOME") == wanted:
                found.append(process.pid)
        except psutil.Error:  # it ended while we looked
            continue
    return found


def working_pid(store: Store, run: Run, attempt: int = 1) -> int:
    """The worker of that attempt, once it has trained for a while."""
    eventually(
        lambda: (
            store.jobs.get(run.job_id).attempt == attempt
            and worker_pid(store, run.job_id) is not None
            and bool(store.runs.metrics(run.id))
        ),
        f"no worker of attempt {attempt}",
    )
    pid = worker_pid(store, run.job_id)
    assert pid is not None
    return pid


def kill(pids: list[int], dice: random.Random) -> bool:
    if not pids:
        return False
    try:
        os.kill(dice.choice(pids), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = Settings(home=tmp_path_factory.mktemp("hunted") / "home", lease_seconds=3.0)
    migrate(made)
    store = Store.open(made)
    yield store
    stop_supervisor(made)
    store.close()


def resume(store: Store, job: Job, resumed: Counter[str]) -> None:
    """Go on with a job that was interrupted, and says so."""
    assert job.state == "interrupted", (job.state, job.error)
    assert job.error is not None
    assert "Resume" in job.error["fix"]
    resumed["interrupted"] += 1
    store.jobs.resume(job.id)


def finished(store: Store, run: Run, resumed: Counter[str]) -> Run:
    """The run once it has succeeded, resumed as often as it was interrupted."""
    while (job := wait(store, run.job_id, timeout=PATIENCE)).state != "succeeded":
        resume(store, job, resumed)
    return store.runs.get(run.id)


@pytest.mark.timeout(600 + 20 * KILLS)
def test_killed_at_random_moments_nothing_is_lost_and_nothing_runs_for_ever(hunted: Store, tmp_path: Path) -> None:
    store = hunted
    dataset = add_csv(store, tmp_path, grid_csv(600))
    undisturbed = finished(store, store.runs.submit(dataset.id, SPEC), Counter())
    expected = store.runs.scores(undisturbed).values
    dice = random.Random(SEED)
    counted: Counter[str] = Counter()
    open_runs: list[Run] = []
    server = Server(store.settings.home, free_port())
    server.start()
    possible = victims(store, server)
    while sum(counted[name] for name in possible) < KILLS:
        if len(open_runs) < 2:
            open_runs.append(store.runs.submit(dataset.id, SPEC))
        ensure_supervisor(store.settings)
        name = dice.choices(["worker", "serving", "supervisor", "forkserver", "server"], [14, 4, 3, 1, 1])[0]
        if name == "worker":
            eventually(lambda: worker_pid(store) is not None or not store.jobs.find(("queued", "running")), "no worker")
        time.sleep(dice.uniform(0.0, 0.8))  # the random moment
        if kill(possible[name](), dice):
            counted[name] += 1
            if name == "server":
                server.kill()  # what its process group left
                server.start()
        for run in list(open_runs):
            job = store.jobs.get(run.job_id)
            if job.state == "interrupted":
                resume(store, job, counted)  # and is killed again, if chance will have it so
            elif job.state == "succeeded":
                open_runs.remove(run)
                done = store.runs.get(run.id)
                assert np.array_equal(store.runs.scores(done).values, expected), "other bits after a resume"
    for run in open_runs:
        done = finished(store, run, counted)
        assert np.array_equal(store.runs.scores(done).values, expected), "other bits after a resume"
    for job in reversed(store.jobs.find(limit=10_000)):  # the oldest first: each waits for those before it
        wait(store, job.id, timeout=PATIENCE)
    assert not store.jobs.find(("running", "queued"))
    assert ask(store, "explain", run_id=undisturbed.id, rows=[0])["scores"]
    steps = [metric.step for metric in store.runs.metrics(undisturbed.id) if metric.name == "train"]
    for run in store.runs.find(dataset_id=dataset.id):
        assert [metric.step for metric in store.runs.metrics(run.id) if metric.name == "train"] == steps
    print(dict(counted))
    server.kill()
    eventually(lambda: len(serving_processes(store)) == 1, "inference processes were left behind")


def test_a_worker_that_is_killed_twice_is_interrupted_and_resume_works(hunted: Store, tmp_path: Path) -> None:
    store = hunted
    dataset = add_csv(store, tmp_path, grid_csv(2_000))
    run = store.runs.submit(dataset.id, RunSpec(training=Training(epochs=2_000, patience=1_000)))
    ensure_supervisor(store.settings)
    for attempt in (1, 2):
        os.kill(working_pid(store, run, attempt), signal.SIGKILL)
        eventually(
            lambda n=attempt: (
                store.jobs.get(run.job_id).attempt > n or store.jobs.get(run.job_id).state == "interrupted"
            ),
            "the loss was not noticed",
        )
    eventually(lambda: store.jobs.get(run.job_id).state == "interrupted", "it is not interrupted")
    store.jobs.resume(run.job_id)
    eventually(
        lambda: store.jobs.get(run.job_id).fraction > 0 and worker_pid(store, run.job_id) is not None, "not resumed"
    )
    store.jobs.request(run.job_id, "stop")
    assert wait(store, run.job_id, timeout=PATIENCE).state == "succeeded"


def test_a_living_worker_is_adopted_by_the_next_supervisor(hunted: Store, tmp_path: Path) -> None:
    store = hunted
    dataset = add_csv(store, tmp_path, grid_csv(2_000))
    run = store.runs.submit(dataset.id, RunSpec(training=Training(epochs=400, patience=1_000)))
    ensure_supervisor(store.settings)
    working_pid(store, run)
    supervisor = supervisor_pid(store.settings)
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    assert wait(store, run.job_id, timeout=PATIENCE).state == "succeeded"
    assert store.jobs.get(run.job_id).attempt == 1


def test_a_cancel_that_is_not_obeyed_is_carried_out(hunted: Store, tmp_path: Path) -> None:
    """A stopped process hears nothing; it is killed and its job is cancelled all the same."""
    store = hunted
    dataset = add_csv(store, tmp_path, grid_csv(2_000))
    run = store.runs.submit(dataset.id, RunSpec(training=Training(epochs=5_000, patience=1_000)))
    ensure_supervisor(store.settings)
    pid = working_pid(store, run)
    os.kill(pid, signal.SIGSTOP)
    store.jobs.request(run.job_id, "cancel")
    assert wait(store, run.job_id, timeout=PATIENCE).state == "cancelled"
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", "it still lives")


def test_two_supervisors_never_share_a_home(hunted: Store) -> None:
    import subprocess
    import sys

    from core.jobs.launch import ROOT, environment

    ensure_supervisor(hunted.settings)
    eventually(
        lambda: supervisor_pid(hunted.settings) in {row["pid"] for row in hunted.supervisors.alive(60)},
        "it did not register",
    )
    before = {row["id"] for row in hunted.supervisors.alive(3_600)}
    second = subprocess.run(
        [sys.executable, "-m", "core.jobs.supervisor"], cwd=ROOT, env=environment(hunted.settings), timeout=60
    )
    assert second.returncode == 0
    assert {row["id"] for row in hunted.supervisors.alive(60)} <= before
