"""Work under way: the heading says what is done now, the curve grows, and each stage has its name."""

from __future__ import annotations

from pathlib import Path

from core.datasets.ingest import submit
from core.jobs.tasks import ingest as read
from core.jobs.work import Work
from core.results import Metric
from core.settings import Settings
from core.specs import RunSpec
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from tests.conftest import grid_csv
from tests.pages.conftest import Browser
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
