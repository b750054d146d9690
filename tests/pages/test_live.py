"""Work under way: the heading says what is done now, the curve grows, and each stage has its name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.datasets.ingest import submit
from core.errors import Cancelled
from core.jobs.tasks import ingest as read
from core.jobs.work import Work
from core.results import Metric
from core.settings import Settings
from core.specs import RunSpec
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from tests.conftest import grid_csv
from tests.pages.conftest import Browser, said, sound
from tests.pages.test_profile import progress


def work_on(store: Store, *kinds: str) -> Work:
    job = claim(store.engine, "here", 600, kinds)
    assert job is not None
    return Work(job, store, Fence(store.engine, job.id, job.attempt))


def test_from_a_file_to_its_rows_the_heading_says_what_is_done(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    path = tmp_path / "upload"
    path.write_text(grid_csv())
    job = submit(store, path, "orders.csv", then=RunSpec())
    app = empty("home", job=job.id)
    assert [title.value for title in app.title] == ["Reading orders"]
    reading = work_on(store, "ingest")
    result = read.run(reading)
    reading.fence.finish("succeeded", result=result)
    training = work_on(store, "train")
    training.fence.record(store.space, result["run_id"], [Metric(1, 3, "train", 0.5), Metric(2, 6, "train", 0.25)])
    training.progress(0.2, "epoch 2 of at most 60", 12.0)
    app = empty("home", job=job.id)
    assert [title.value for title in app.title] == ["The network learns orders"]
    assert progress(app) == "epoch 2 of at most 60 · about 12 s left"
    assert len(app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")) == 1
    # Right after an epoch: its name stands there at once, and no time that is no longer counted.
    training.progress(0.8, "scoring every row")
    assert progress(empty("home", job=job.id)) == "scoring every row"
    assert progress(empty("train", run=result["run_id"])) == "scoring every row"
    store.close()


def test_rows_that_were_taken_for_a_series_are_looked_at_one_by_one_by_a_press(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    path = tmp_path / "upload"
    times = pd.date_range("2026-03-01", periods=1_000, freq="7min").strftime("%Y-%m-%d %H:%M:%S")
    path.write_text(
        "\n".join(["made_at,a,b", *(f"{time},{i * 37 % 101},{i * 53 % 97}" for i, time in enumerate(times))])
    )
    job = submit(store, path, "parts.csv", then=RunSpec(assume_clean=True, contamination=0.02))
    reading = work_on(store, "ingest")
    reading.fence.finish("succeeded", result=read.run(reading))
    training = work_on(store, "train")
    training.listen()
    app = empty("home", job=job.id)
    assert "so they are looked at 50 together" in said(app)
    sound(next(button for button in app.button if button.label == "Each row by itself instead").click().run())
    with pytest.raises(Cancelled):
        while True:
            training.check()
    again, first = store.runs.find()
    assert again.dataset_id == first.dataset_id
    spec = RunSpec.read(again.spec)
    assert (spec.windows, spec.assume_clean, spec.contamination) == (None, True, 0.02)
    app = empty("home", job=again.job_id)
    assert "looked at 50 together" not in said(app)
    store.close()


def test_steps_of_a_stage_are_written_seldom(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    store.jobs.submit("profile", {})
    work = work_on(store, "profile")
    work.progress(0.1, "column 1 of 1,500")
    work.progress(0.2, "column 2 of 1,500")
    assert store.jobs.get(work.job.id).message == "column 1 of 1,500"
    work.progress(0.5, "rows that say the same")
    assert store.jobs.get(work.job.id).message == "rows that say the same"
    store.close()
