"""The Map page: maps that are there, asked for, measured; what is selected, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import SettingsRefused
from core.jobs.beforehand import left_out
from core.jobs.tasks import clusters, project, trust
from core.jobs.work import Work
from core.results import Run
from core.specs import Condition, RunSpec, Training
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.storage.tables import runs
from dashboard.api import about
from dashboard.state import Picked
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import Browser, Made, finished, said, sound

TASKS = {"project": project, "trust": trust, "clusters": clusters}


def work_off(store: Store) -> list[str]:
    """Do here and now what the page asked for; the kinds of jobs that were."""
    done = []
    while (job := claim(store.engine, "here", 600, kinds=tuple(TASKS))) is not None:
        TASKS[job.kind].run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
        assert store.jobs.get(job.id).state == "succeeded"
        done.append(job.kind)
    return done


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    return finished(store, add_csv(store, tmp_path, grid_csv(), name="store.csv"))


def test_maps_are_asked_for_drawn_measured_and_grouped(pages: Browser, store: Store, run: Run) -> None:
    app = pages("map", run=run.id, maps="pca,umap,tsne,codes")
    # Its map was cancelled, which is not undone without being asked for; the others are asked for when they are picked.
    sound(next(button for button in app.button if button.label == "Draw it again").click().run())
    app = pages("map", run=run.id, maps="pca,umap,tsne,codes")
    asked = store.jobs.find(run_id=run.id)
    assert {job.args["method"] for job in asked if job.kind == "project" and job.state == "queued"} == {"umap", "tsne"}
    assert [job.kind for job in asked].count("trust") == 1  # of the PCA that is there
    assert set(work_off(store)) == {"project", "trust"}
    for _ in range(3):
        app = pages("map", run=run.id, maps="pca,umap,tsne,codes")
    assert work_off(store) == ["trust", "trust"]
    app = sound(pages("map", run=run.id, maps="pca,umap,tsne,codes"))
    assert "Differences within standard errors" in said(app)
    table = next(frame.value for frame in app.dataframe if "trustworthiness" in frame.value.columns)
    assert list(table["map"]) == ["PCA", "UMAP", "t-SNE"]
    assert next(iter(table["moves with the seed"])) == "no seed"
    sound(next(button for button in app.button if button.label == "Look for groups").click().run())
    assert work_off(store) == ["clusters"]
    app = sound(pages("map", run=run.id, maps="pca,umap"))
    assert "lie in none" in said(app)
    colours = next(box for box in app.selectbox if box.label == "Colour by")
    assert "group" in colours.options and "local distortion: UMAP" in colours.options
    for option in colours.options:
        sound(next(box for box in app.selectbox if box.label == "Colour by").select(option).run())


def test_the_same_codes_are_not_drawn_twice(pages: Browser, store: Store, run: Run) -> None:
    args = {"run_id": run.id, "method": "umap", "seed": 0, "dimensions": 2}
    addresses = []
    for _ in range(2):
        store.jobs.submit("project", args, dataset_id=run.dataset_id, run_id=run.id)
        work_off(store)
        addresses.append(store.projections.of_run(run.id)[-1].address)
    assert addresses[0] == addresses[1]
    again = store.runs.get(run.id)
    assert {"neighbours", "neighbour_distances"} <= set(again.artifacts)


@pytest.mark.parametrize("count", [1, 3, 20])
@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_what_is_selected_is_told_of(full: Browser, made: Made, which: str, count: int) -> None:
    chosen: Run = getattr(made, which)
    keys = made.store.runs.scores(chosen).row_keys[:count]
    app = full("map", run=chosen.id)
    app.session_state["selections"] = {chosen.dataset_id: Picked(keys, {})}
    app = sound(app.run())
    text = said(app)
    assert "Why here" in text
    assert f"{count} selected row" in text
    for order in ("as they lie on the map", "as in the data"):
        picked = next(each for each in app.get("button_group") if each.label == "Order")
        app = sound(picked.set_value(order).run())
        assert next(each for each in app.get("button_group") if each.label == "Order").value == order


def test_a_kept_selection_opens_by_its_link_and_is_said_to_be_gone(full: Browser, made: Made) -> None:
    store, run = made.store, made.plain
    dataset = store.datasets.get(run.dataset_id)
    keys = store.runs.scores(run).row_keys
    kept = store.selections.new(dataset, "odd <b>ones</b>", keys[3:9])
    for page, words in (
        ("map", "6 selected rows"),
        ("anomalies", "Only selected rows"),
        ("data", "Only the 6 selected"),
    ):
        app = sound(full(page, run=run.id, selection=kept.id, only="1"))
        assert words in said(app)
    store.selections.delete(kept.id)
    app = sound(full("map", run=run.id, selection=kept.id))
    assert "selection that this link names was deleted" in said(app)


@pytest.mark.parametrize("case", ["not finite", "all equal", "one number"])
def test_codes_that_no_map_can_show_are_said(pages: Browser, store: Store, run: Run, case: str) -> None:
    codes = np.asarray(store.artifacts.get_array(store.space, run.artifacts["codes"])).copy()
    if case == "not finite":
        codes[0] = np.nan
    elif case == "all equal":
        codes[:] = 1
    else:
        codes = codes[:, :1]
    artifacts = {**run.artifacts, "codes": store.artifacts.put_array(store.space, codes)}
    with store.engine.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run.id).values(artifacts=artifacts))
    app = sound(pages("map", run=run.id, maps="pca,umap,codes"))
    assert "Map" in app.title[0].value
    job = store.jobs.submit("project", {"run_id": run.id, "method": "umap", "seed": 0}, run_id=run.id)
    claimed = claim(store.engine, "here", 600, kinds=("project",))
    while claimed is not None and claimed.id != job.id:
        store.jobs.request(claimed.id, "cancel")
        claimed = claim(store.engine, "here", 600, kinds=("project",))
    assert claimed is not None
    work = Work(claimed, store, Fence(store.engine, claimed.id, claimed.attempt))
    if case == "not finite":
        with pytest.raises(Exception, match="some codes are not finite numbers"):
            project.run(work)
    else:
        project.run(work)
        assert store.jobs.get(job.id).state == "succeeded"
        sound(pages("map", run=run.id, maps="umap"))


def test_a_map_of_another_run_stands_beside(pages: Browser, store: Store, run: Run) -> None:
    dataset = store.datasets.get(run.dataset_id)
    other = finished(store, dataset)
    app = sound(pages("map", run=run.id, maps=f"pca,{other.id}.pca"))
    options = next(box for box in app.multiselect if box.label == "Maps side by side")
    assert len(options.value) == 2
    store.runs.delete(other.id)
    sound(app.run())


def test_the_stored_map_names_its_level() -> None:
    from core.results import Projection

    plain = Projection("p-1", "r-1", "umap", {"seed": 0}, "", 0.0)
    assert (plain.dimensions, plain.level) == (2, None)
    deep = replace(plain, settings={"dimensions": 3, "level": 1})
    assert (deep.dimensions, deep.level) == (3, 1)


def test_what_a_point_is_is_told_to_our_own_pages_only(made: Made, store: Store, run: Run) -> None:
    client = TestClient(Starlette(routes=about.routes(lambda: store)))
    before = client.get(f"/about/{run.id}/3").json()
    assert before["text"].startswith("row 4 · score ")
    assert before["neighbours"] == []
    store.jobs.submit("project", {"run_id": run.id, "method": "umap", "seed": 0}, run_id=run.id)
    work_off(store)
    after = client.get(f"/about/{run.id}/3").json()
    assert len(after["neighbours"]) == about.LINES
    assert 3 not in after["neighbours"]
    for path in (f"/about/{run.id}/60", "/about/r-none/0", f"/about/{run.id}/3?scorer=joint_neighbours"):
        assert client.get(path).status_code == 404
    assert client.get(f"/about/{run.id}/3", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    hostile = TestClient(Starlette(routes=about.routes(lambda: made.store)))
    assert "<script>alert(1)</script>" in hostile.get(f"/about/{made.hostile.id}/0").json()["text"]


def test_rows_left_out_by_a_selection_are_not_trained_on(store: Store, run: Run) -> None:
    dataset = store.datasets.get(run.dataset_id)
    kept = store.selections.new(dataset, "odd", store.datasets.row_keys(dataset)[:7])
    out = (Condition(operator="selected", value=kept.id),)
    again = finished(store, dataset, RunSpec(training=Training(epochs=2), leave_out=out))
    assert (store.runs.scores(again).splits[:7] == 2).all()
    assert (store.runs.scores(again).splits[7:] != 2).all()
    store.selections.delete(kept.id)
    with pytest.raises(SettingsRefused, match="a selection that was to be left out is gone"):
        left_out(store, dataset, RunSpec(leave_out=out))


def test_a_selection_of_other_data_is_told_and_changes_nothing(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    other = add_csv(store, tmp_path, "u,v\n" + "\n".join(f"{i},{i * i}" for i in range(40)), name="other.csv")
    kept = store.selections.new(other, "theirs", store.datasets.row_keys(other)[:9])
    app = pages("anomalies", run=run.id, selection=kept.id, only="1")
    assert "or is of other data" in said(app)
    assert "No row is over this threshold" not in said(app)
    assert len(next(frame.value for frame in app.dataframe if "percentile" in frame.value.columns)) == 3


def test_a_selection_that_is_to_be_deleted_can_be_left_as_it_is(pages: Browser, store: Store, run: Run) -> None:
    dataset = store.datasets.get(run.dataset_id)
    kept = store.selections.new(dataset, "odd *ones*", store.datasets.row_keys(dataset)[:9])
    app = pages("map", run=run.id, selection=kept.id)
    app = sound(app.button(key=f"drop_{kept.id}").click().run())
    assert "The selection **odd" in said(app)
    assert "Its rows stay" in said(app)
    sound(app.button(key="cancel_delete").click().run())
    assert store.selections.of_dataset(dataset) == [kept]


def test_a_map_that_is_waited_for_can_be_cancelled_there(pages: Browser, store: Store, run: Run) -> None:
    app = pages("map", run=run.id, maps="pca,tsne")
    (job,) = [job for job in store.jobs.find(("queued",), run_id=run.id) if job.kind == "project"]
    sound(app.button(key=f"cancel_{job.id}").click().run())
    assert store.jobs.get(job.id).state == "cancelled"
    app = sound(pages("map", run=run.id, maps="pca,tsne"))
    assert "Draw it again" in [button.label for button in app.button]
