"""A table that is read from disk gives what one in memory gives; which way is taken depends on its size, and is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.datasets.seen import stays_on_disk
from core.errors import DiskFull
from core.jobs.tasks import score
from core.results import Dataset
from core.scoring.material import large_table, material_of
from core.scoring.material.large_table import LargeTable
from core.scoring.material.table import Table
from core.scoring.trained import Trained
from core.settings import Settings, machine_memory
from core.specs import RunSpec
from core.storage.database import migrate
from core.storage.store import Store
from core.training import held
from tests.conftest import add_csv
from tests.core.jobs.test_train import trained, work_on

ROWS = 4_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Store]:
    """A deployment in which a training may take a megabyte."""
    deployment = Settings(home=tmp_path / "small", train_memory_mb=1)
    migrate(deployment)
    opened = Store.open(deployment)
    yield opened
    opened.close()


@pytest.fixture
def dataset(small: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setattr("core.datasets.raw.ROWS", 700)  # several groups in the Parquet file
    generator = np.random.default_rng(0)
    hidden = generator.normal(size=(ROWS, 2))
    numbers = hidden @ generator.normal(size=(2, 5)) + 0.1 * generator.normal(size=(ROWS, 5))
    lines = ["a,b,c,d,e,colour,still"]
    for i, row in enumerate(numbers):
        cells = [f"{value:.4f}" for value in row]
        cells[1] = "" if i % 50 == 7 else "inf" if i in (900, 3_000) else cells[1]
        lines.append(",".join([*cells, "red" if row[0] > 0 else "blue", "same"]))
    made = add_csv(small, tmp_path, "\n".join(lines) + "\n")
    path = small.artifacts.local_path(small.space, made.cells_address)
    assert pq.ParquetFile(path).num_row_groups > 3
    return made


def both(store: Store, dataset: Dataset) -> tuple[Table, LargeTable]:
    spec, kept = RunSpec().checked(), np.arange(dataset.rows)
    return Table(store, dataset, spec, kept), LargeTable(store, dataset, spec, kept)


def test_it_is_what_the_table_in_memory_is(small: Store, dataset: Dataset) -> None:
    inside, outside = both(small, dataset)
    assert outside.encoder == inside.encoder  # with fewer rows than the encoding is fitted on
    rows = np.arange(dataset.rows)
    assert np.array_equal(outside.data.take(rows).values, inside.data.values)
    assert np.array_equal(outside.data.take(rows).observed, inside.data.observed)
    assert np.allclose(outside.baselines(2, 0), inside.baselines(2, 0))
    told = outside.notices()
    assert told[0].startswith("read from disk while it trained")
    assert told[1:] == inside.notices()
    assert "2 infinite values, the first in row 901" in told[-1]


def test_a_sample_that_the_encoding_is_fitted_on_is_close_to_all(
    small: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_table, "FITTED", 900)
    monkeypatch.setattr(large_table, "BLOCK", 600)
    inside, outside = both(small, dataset)
    rows = np.arange(dataset.rows)
    finite = np.delete(rows, [900, 3_000])
    numbers = inside.data.layout.squared  # names may stand in another order
    apart = outside.data.take(finite).values[:, numbers] - inside.data.values[finite][:, numbers]
    assert np.abs(apart).max() < 0.5
    ours, theirs = outside.baselines(2, 0), inside.baselines(2, 0)
    assert ours.shape == theirs.shape
    for scores in (ours, theirs):  # the two rows with an infinite cell are the farthest from their neighbours
        assert set(np.argsort(-scores[:, 2])[:2]) == {900, 3_000}
    assert any("fitted on 900 rows" in notice for notice in outside.notices())


def test_the_way_depends_on_the_size(small: Store, dataset: Dataset, store: Store) -> None:
    spec = RunSpec().checked()
    assert stays_on_disk(spec, dataset, small.settings)
    assert not stays_on_disk(spec, dataset, store.settings)  # a quarter of this machine's memory
    heard: list[float] = []
    made = material_of(small, dataset, spec, np.arange(dataset.rows), heard.append)
    assert isinstance(made, LargeTable)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert list((small.settings.home / "scratch").iterdir()) == []  # nothing that a killed process would leave behind


def test_a_container_has_the_memory_that_it_may_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = machine_memory()
    limit = tmp_path / "memory.max"
    monkeypatch.setattr("core.settings.CONTAINER", limit)
    for text, wanted in (("1000000\n", 1_000_000), ("max\n", None), (f"{10**18}\n", None)):
        limit.write_text(text)
        assert machine_memory() == wanted if wanted else machine_memory() >= whole
    limit.write_text("4000000\n")
    assert Settings(home=tmp_path).train_memory == 1_000_000


def test_a_run_from_disk_says_so_scores_every_row_and_is_the_same_twice(
    small: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "SMALL", 10_000)
    run = trained(small, dataset)
    assert run.state == "succeeded"
    assert run.summary["rows_from"] == "disk"
    assert run.summary["error_network"] < run.summary["error_means"]
    scores = small.runs.scores(run)
    assert len(scores.values) == ROWS
    assert scores.values[[900, 3_000]].min() > np.median(scores.values)
    again = trained(small, dataset)
    assert np.array_equal(small.runs.scores(again).values, scores.values)
    _, inside = both(small, dataset)
    alone = Trained.load(small, run).of_encoded(inside.data)
    assert np.array_equal(alone.scores, scores.values)
    job = small.jobs.submit("score", {"run_id": run.id, "dataset_id": dataset.id}, dataset_id=dataset.id, run_id=run.id)
    found = score.run(work_on(small))
    assert job.kind == "score"
    assert np.array_equal(small.artifacts.get_array(small.space, found["scores"]), scores.values)


def test_too_little_room_on_the_disk_is_said_before(
    small: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_table, "SPARE", 10**18)
    with pytest.raises(DiskFull, match="4,000 rows from disk"):
        LargeTable(small, dataset, RunSpec().checked(), np.arange(dataset.rows))


def test_of_rows_without_values_it_is_said_that_nothing_can_be_told(small: Store, tmp_path: Path) -> None:
    lines = ["a,b,still", *(",,same" if i in (4, 30) else f"{i % 7},{i % 5},same" for i in range(60))]
    inside, outside = both(small, add_csv(small, tmp_path, "\n".join(lines) + "\n"))
    said = "2 rows have no value in any column that is looked at: nothing can be told of how strange they are"
    assert said in inside.notices()
    assert said in outside.notices()
