"""Job *search* in this process: what an earlier attempt found counts, what was broken off is tried anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs.tasks import train
from core.jobs.tasks.search import Search
from core.jobs.work import Work
from core.results import Dataset
from core.specs import RunSpec, Training
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.training.search import SearchPlan, beside_pca, chosen
from tests.conftest import add_csv, grid_csv


@pytest.fixture
def dataset(store: Store, tmp_path: Path) -> Dataset:
    return add_csv(store, tmp_path, grid_csv(120))


def searching(store: Store, dataset: Dataset) -> Work:
    spec = RunSpec(training=Training(epochs=3)).checked()
    plan = SearchPlan(trials=4, vary=("learning_rate", "hidden_width"))
    args = {"dataset_id": dataset.id, "spec": spec.model_dump(mode="json"), "plan": plan.model_dump(mode="json")}
    store.jobs.submit("search", args, dataset_id=dataset.id)
    job = claim(store.engine, "here", 600, kinds=("search",))
    assert job is not None
    return Work(job, store, Fence(store.engine, job.id, job.attempt))


def again(work: Work) -> Search:
    """The search as another attempt takes it up."""
    job = replace(work.store.jobs.get(work.job.id), attempt=work.job.attempt)
    return Search(Work(job, work.store, work.fence))


def train_one(store: Store) -> None:
    job = claim(store.engine, "here", 600, kinds=("train",))
    assert job is not None
    train.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))


def values(search: Search) -> list[tuple[float, int]]:
    runs = [search.store.runs.get(run_id).spec for run_id in search.runs]
    return [(spec["training"]["learning_rate"], spec["layer_settings"]["hidden_width"]) for spec in runs]


def test_it_goes_on_after_its_last_trial_and_draws_none_twice(store: Store, dataset: Dataset) -> None:
    work = searching(store, dataset)
    first = Search(work)
    first._begin()
    first._begin()
    for _ in range(2):
        train_one(store)
    second = again(work)
    assert second.runs == first.runs
    for run_id in list(second.going):
        second._look(run_id)
    assert not second.going
    told = [trial.value for trial in second.study.trials]
    assert told == [trial["figure"] for trial in second._result()["trials"]]
    second._begin()
    second._begin()
    assert len(set(values(second))) == 4


def test_while_a_trial_goes_on_its_run_is_not_read_again(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = Search(searching(store, dataset))
    search._begin()
    (run_id,) = search.runs
    usual, read = store.runs.get, []
    monkeypatch.setattr(search.store.runs, "get", lambda id_: read.append(id_) or usual(id_))
    for _ in range(3):
        search._look(run_id)
    assert read == []
    train_one(store)
    search._look(run_id)
    assert not search.going
    assert search.study.trials[0].value is not None
    assert (
        len(search.study.trials[0].intermediate_values) == 3
    )  # of its epochs, told by the share that its own PCA gives


def test_what_was_broken_off_is_tried_anew_and_a_deleted_run_is_no_trial(store: Store, dataset: Dataset) -> None:
    work = searching(store, dataset)
    first = Search(work)
    for _ in range(3):
        first._begin()
    train_one(store)
    train_one(store)
    store.jobs.request(store.runs.get(first.runs[2]).job_id, "cancel")
    store.runs.delete(first.runs[0])
    second = again(work)
    assert second.runs == [first.runs[1]]


def test_a_bottleneck_stays_narrower_than_the_inputs_and_beside_a_perfect_pca_nothing_is_endless() -> None:
    spans = chosen(SearchPlan(), RunSpec().checked(), 30)
    assert spans["bottleneck"].high == 29
    assert chosen(SearchPlan(), RunSpec().checked(), 1)["bottleneck"].high == 1
    assert beside_pca(0.02, 0.01, 1.0) == pytest.approx(2.0)
    assert beside_pca(0.02, 1e-14, 1.0) == pytest.approx(20.0)
    assert beside_pca(0.02, 0.0, 0.0) is None
