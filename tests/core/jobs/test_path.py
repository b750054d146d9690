"""The whole path through real processes: upload → dataset → run → scores, map, answers; stop, cancel, failures."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.jobs.launch import ensure_supervisor
from core.jobs.wait import wait
from core.results import Job, Run
from core.serving import ask
from core.specs import RunSpec, Training, spec_from_settings
from core.storage.store import Store
from core.training.estimate import encoded_width, estimate
from tests.conftest import add_csv, grid_csv
from tests.waiting import eventually

PATIENCE = 120.0


def upload(store: Store, text: bytes) -> str:
    folder = store.settings.home / "uploads"
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / uuid.uuid4().hex
    path.write_bytes(text)
    return str(path)


def until(store: Store, job_id: str, true: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        job = store.jobs.get(job_id)
        if true(job):
            return job
        assert not job.ended, job
        time.sleep(0.02)
    raise AssertionError(store.jobs.get(job_id))


def long_run(store: Store, folder: Path, **training: object) -> Run:
    dataset = add_csv(store, folder, grid_csv(1_000))
    settings = {"epochs": 5_000, "patience": 1_000, **training}
    return store.runs.submit(dataset.id, RunSpec(training=Training(**settings)))


def test_a_file_becomes_scores_a_map_and_answers(working: Store) -> None:
    args = {"upload": upload(working, grid_csv(200).encode()), "source_name": "t.csv", "name": "", "label": None}
    args["then"] = RunSpec().checked().model_dump(mode="json")
    job = wait(working, working.jobs.submit("ingest", args).id, timeout=PATIENCE)
    assert job.state == "succeeded", job.error
    eventually(lambda: not (working.settings.home / "scratch" / job.id).exists(), "the job's folder is left behind")
    run = working.runs.get(job.result["run_id"])
    dataset = working.datasets.get(job.result["dataset_id"])
    expected = estimate(RunSpec().checked(), dataset.rows, (encoded_width(dataset.columns),))
    done = wait(working, run.job_id, timeout=PATIENCE)
    assert done.state == "succeeded", done.error
    run = working.runs.get(run.id)
    scores = working.runs.scores(run)
    assert scores.values.shape == (200,)
    assert np.isfinite(scores.values).all()
    assert scores.column_errors.shape == (200, 4)
    assert set(scores.splits.tolist()) == {0, 1}
    assert set(working.runs.baselines(run)) == {"PCA", "IsolationForest", "kNN"}
    measured = {metric.name for metric in working.runs.metrics(run.id)}
    assert measured == {"train", "validation", "learning rate", "gradient norm", "code usage"}
    threshold = working.thresholds.current(run.id)
    assert threshold is not None
    assert threshold.flagged == int((scores.values >= threshold.value).sum())
    assert expected > 0
    maps = [job for job in working.jobs.find(run_id=run.id) if job.kind == "project"]
    assert wait(working, maps[0].id, timeout=PATIENCE).state == "succeeded"
    assert {projection.method for projection in working.projections.of_run(run.id)} == {"pca", "umap"}
    answer = ask(working, "explain", run_id=run.id, rows=[0, 7])
    assert np.allclose(answer["scores"], scores.values[[0, 7]])
    assert np.allclose(np.sum(answer["errors"], axis=1), answer["scores"], rtol=1e-4)
    assert not (working.settings.home / "checkpoints" / run.job_id).exists()


def test_the_same_run_twice_gives_the_same_bits(working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv(150))
    found = []
    for _ in range(2):
        run = working.runs.submit(dataset.id, RunSpec(training=Training(epochs=8)))
        assert wait(working, run.job_id, timeout=PATIENCE).state == "succeeded"
        found.append(working.runs.scores(working.runs.get(run.id)).values)
    assert np.array_equal(*found)


def test_stop_keeps_the_best_and_succeeds(working: Store, tmp_path: Path) -> None:
    run = long_run(working, tmp_path)
    ensure_supervisor(working.settings)
    until(working, run.job_id, lambda job: job.fraction > 0 and bool(working.runs.metrics(run.id)))
    working.jobs.request(run.job_id, "stop")
    assert wait(working, run.job_id, timeout=PATIENCE).state == "succeeded"
    summary = working.runs.get(run.id).summary
    assert summary["stopped"]
    assert summary["epochs"] < 5_000


def test_cancel_ends_it_soon_and_resume_goes_on(working: Store, tmp_path: Path) -> None:
    run = long_run(working, tmp_path)
    ensure_supervisor(working.settings)
    until(working, run.job_id, lambda job: len(working.runs.metrics(run.id)) > 20)
    began = time.monotonic()
    working.jobs.request(run.job_id, "cancel")
    assert wait(working, run.job_id, timeout=PATIENCE).state == "cancelled"
    assert time.monotonic() - began < 20  # a bound on hanging, no measure of speed
    assert not working.runs.get(run.id).ready
    working.jobs.resume(run.job_id)
    until(working, run.job_id, lambda job: job.state == "running" and job.fraction > 0)
    working.jobs.request(run.job_id, "stop")
    assert wait(working, run.job_id, timeout=PATIENCE).state == "succeeded"
    steps = [metric.step for metric in working.runs.metrics(run.id) if metric.name == "train"]
    assert steps == sorted(set(steps))


def test_a_training_that_diverges_keeps_the_best_and_says_what_to_try(working: Store, tmp_path: Path) -> None:
    lines = ["a,b"] + [f"{i % 13},{(i % 13) * 3}" for i in range(400)]
    dataset = add_csv(working, tmp_path, "\n".join(lines))
    spec = spec_from_settings("vanilla", {"learning_rate": 1.0, "activation": "linear", "depth": 6, "epochs": 400})
    run = working.runs.submit(dataset.id, spec)
    job = wait(working, run.job_id, timeout=PATIENCE)
    run = working.runs.get(run.id)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["type"] == "Diverged"
    assert "step" in job.error["where"]
    assert "learning rate" in job.error["fix"]
    assert run.ready
    assert np.isfinite(working.runs.scores(run).values).all()


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (b"", "FileRefused", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "FileRefused", "PNG"),
        (b"a,b\n1,2\n3,4\n", "DatasetRefused", "at least 10"),
        (b"a,b\n" + b"1,1\n" * 30, "DatasetRefused", "no column is left"),
    ],
)
def test_bad_input_fails_with_words_and_touches_nothing(
    working: Store, tmp_path: Path, text: bytes, kind: str, words: str
) -> None:
    kept = add_csv(working, tmp_path, grid_csv())
    args = {"upload": upload(working, text), "source_name": "bad.csv", "name": "", "label": None}
    args["then"] = RunSpec().checked().model_dump(mode="json")
    job = wait(working, working.jobs.submit("ingest", args).id, timeout=PATIENCE)
    if job.state == "succeeded":
        job = wait(working, working.runs.get(job.result["run_id"]).job_id, timeout=PATIENCE)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["type"] == kind
    assert words in " ".join(job.error.values())
    assert working.datasets.get(kept.id) == kept


def test_reading_more_than_memory_allows_says_what_to_lower(tmp_path: Path) -> None:
    from core.jobs.launch import stop_supervisor
    from core.settings import Settings
    from core.storage.database import migrate

    small = Settings(home=tmp_path / "home", ingest_memory_mb=760)
    migrate(small)
    store = Store.open(small)
    try:
        data = b"a,b\n" + b"some text that is not short,and some more of it\n" * 3_000_000
        args = {"upload": upload(store, data), "source_name": "big.csv", "name": "", "label": None}
        job = wait(store, store.jobs.submit("ingest", args).id, timeout=PATIENCE)
        assert job.state == "failed"
        assert job.error is not None
        assert job.error["type"] == "OutOfMemory", job.error
        assert "big.csv" in job.error["where"]
    finally:
        stop_supervisor(small)
        store.close()
        shutil.rmtree(small.home)


def test_another_file_is_scored_by_a_run_whatever_the_order_of_its_columns(working: Store, tmp_path: Path) -> None:
    dataset = add_csv(working, tmp_path, grid_csv(120))
    run = working.runs.submit(dataset.id, RunSpec(training=Training(epochs=5)))
    assert wait(working, run.job_id, timeout=PATIENCE).state == "succeeded"
    lines = [line.split(",") for line in grid_csv(120).splitlines()]
    turned = add_csv(working, tmp_path, "\n".join(",".join(reversed(line)) for line in lines))
    job = working.jobs.submit("score", {"run_id": run.id, "dataset_id": turned.id})
    done = wait(working, job.id, timeout=PATIENCE)
    assert done.state == "succeeded", done.error
    scores = working.artifacts.get_array(working.space, done.result["scores"])
    assert np.array_equal(scores, working.runs.scores(working.runs.get(run.id)).values)
    other = add_csv(working, tmp_path, "x,y\n" + "1,2\n3,5\n" * 20)
    job = working.jobs.submit("score", {"run_id": run.id, "dataset_id": other.id})
    done = wait(working, job.id, timeout=PATIENCE)
    assert done.error is not None
    assert "missing" in done.error["what"]
