"""Migrations, backups and refusals, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select

from core.errors import InputRefused, NewerDatabase, StorageFailed
from core.results import Dataset
from core.settings import Settings
from core.specs import RECOMMENDED, RunSpec, suited
from core.storage.database import backup, engine_for, migrate, newest_revision, revision
from core.storage.store import Store
from core.storage.tables import metadata
from tests.conftest import add_csv, grid_csv
from tests.core.storage.filled import finished_run


def test_migrations_make_exactly_the_tables_that_the_code_uses(anywhere: Settings) -> None:
    engine = engine_for(anywhere)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert revision(engine) == newest_revision()
    engine.dispose()


def test_every_table_has_a_space() -> None:
    assert [table.name for table in metadata.sorted_tables if "space_id" not in table.c] == ["spaces"]


def test_the_same_work_on_either_database(anywhere: Settings, tmp_path: Path) -> None:
    store = Store.open(anywhere)
    dataset = add_csv(store, tmp_path, grid_csv(), name="Ünïcode.csv")
    run = finished_run(store, dataset)
    assert run.state == "succeeded"
    assert [metric.step for metric in store.runs.metrics(run.id)] == [10, 20]
    assert store.datasets.find("ünïcode")[0].id == dataset.id
    assert store.runs.find("FIRST")[0].id == run.id
    assert store.runs.find("100%") == []
    view = store.views.new(run.id, "map", {"colour": "score"}, ("a", "b"))
    assert store.views.get(view.id).row_keys == ("a", "b")
    assert store.thresholds.current(run.id) is not None
    keys = store.datasets.row_keys(dataset)
    kept = store.selections.new(dataset, "some", keys[[5, 2, 9]], note="why")
    assert [each.id for each in store.selections.of_dataset(dataset)] == [kept.id]
    assert np.flatnonzero(store.selections.among(kept.id, dataset)).tolist() == [2, 5, 9]
    store.selections.tag(kept.id, ("a", " b ", "a", ""))
    store.selections.rename(kept.id, "others")
    assert (store.selections.get(kept.id).name, store.selections.get(kept.id).tags) == ("others", ("a", "b"))
    with pytest.raises(InputRefused, match="no row is selected"):
        store.selections.new(dataset, "none", keys[:0])
    assert store.runs.with_artifact("codes", run.artifacts["codes"])[0].id == run.id
    removed = store.datasets.delete(dataset.id)
    assert removed.run_ids == (run.id,)
    assert removed.selection_count == 1
    assert kept.keys_address in removed.addresses
    assert store.runs.find() == store.datasets.find() == []
    store.close()


def test_migrating_again_does_nothing_and_loses_nothing(deployment: Settings, tmp_path: Path) -> None:
    store = Store.open(deployment)
    finished_run(store, add_csv(store, tmp_path, grid_csv()))
    before = counts(store)
    assert migrate(deployment) is None
    assert counts(store) == before
    assert all(before[name] > 0 for name in ("datasets", "runs", "jobs", "metrics", "thresholds", "projections"))
    store.close()


def counts(store: Store) -> dict[str, int]:
    with store.engine.connect() as connection:
        return {
            table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
            for table in metadata.sorted_tables
        }


def test_migrations_run_without_foreign_keys_and_keep_children(deployment: Settings, tmp_path: Path) -> None:
    """Batch mode copies a table and drops the old one; with foreign keys on, its children would go with it."""
    store = Store.open(deployment)
    run = finished_run(store, add_csv(store, tmp_path, grid_csv()))
    store.views.new(run.id, "map", {}, ())
    before = counts(store)
    store.close()
    engine = engine_for(deployment, foreign_keys=False)
    from alembic.operations import Operations

    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection, opts={"render_as_batch": True}))
        for table in ("spaces", "datasets", "jobs", "runs"):
            with operations.batch_alter_table(table, recreate="always"):
                pass
    engine.dispose()
    again = Store.open(deployment)
    assert counts(again) == before
    again.close()


def test_an_old_database_is_backed_up_before_it_is_updated(deployment: Settings) -> None:
    path = deployment.home / "hourglass.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000_of_another_time'")
    with pytest.raises(NewerDatabase, match="this Hourglass knows up to"):
        migrate(deployment)
    saved = backup(deployment)
    assert saved is not None
    with sqlite3.connect(saved) as copy:
        assert copy.execute("SELECT name FROM spaces").fetchone() == ("Local",)


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "hourglass.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageFailed, match="damaged"):
        migrate(Settings(home=home))


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="can't be made"):
        migrate(Settings(home=tmp_path / "file" / "home"))


def test_runs_that_nobody_named_can_be_told_apart(store: Store, tmp_path: Path) -> None:
    one, other = (add_csv(store, tmp_path, grid_csv(rows), name=f"{rows}.csv") for rows in (60, 61))
    spec = RunSpec()

    def named(dataset: Dataset, name: str = "") -> str:
        return store.runs.submit(dataset.id, spec, name=name).name

    usual = named(one)
    assert [named(one), named(one, "mine"), named(one, "mine"), named(one)] == [
        f"{usual} 2",
        "mine",
        "mine",
        f"{usual} 3",
    ]
    assert named(other) == usual  # of another table


def test_a_run_is_called_recommended_where_neither_the_autoencoder_nor_its_shape_was_chosen(
    store: Store, tmp_path: Path
) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    names = [
        store.runs.submit(dataset.id, spec).name
        for spec in (suited(RunSpec(), dataset), RunSpec(scorer=RECOMMENDED), RunSpec(objective="sparse"))
    ]
    assert names == ["recommended", "vanilla", "sparse"]
