"""Fixtures that most tests share: a deployment of its own in a temporary folder, real database and artifacts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from core.datasets.ingest import ingest
from core.jobs.launch import stop_supervisor
from core.results import Dataset
from core.settings import Settings
from core.storage.database import migrate
from core.storage.store import Store

os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch with more collapses beside another test process
# As in the jobs that draw maps; with its usual layer the first UMAP sets torch's threads back to all cores.
os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")
# The deployments of all tests share what UMAP compiles: some seconds for each supervisor.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".pytest_cache" / "compiled"))
os.environ.pop("HOURGLASS_HOME", None)  # no test touches the developer's own data
hypothesis.settings.register_profile("hourglass", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("hourglass")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no test process is left alone with it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an empty, migrated deployment, to be copied: the migrations take longer than many a test."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    migrate(Settings(home=home))
    return home


@pytest.fixture
def deployment(migrated: Path, tmp_path: Path) -> Settings:
    """An empty, migrated deployment."""
    return Settings(home=shutil.copytree(migrated, tmp_path / "home"))


@pytest.fixture
def store(deployment: Settings) -> Iterator[Store]:
    opened = Store.open(deployment)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A deployment whose supervisor runs; shared, so that it is started once."""
    made = Settings(home=tmp_path_factory.mktemp("working") / "home")
    migrate(made)
    opened = Store.open(made)
    yield opened
    stop_supervisor(made)
    opened.close()


def call_off(store: Store) -> None:
    """Cancel what is still to be done: what a test leaves behind would only take the processor from the next."""
    for job in store.jobs.find(("queued", "running")):
        store.jobs.request(job.id, "cancel")


def add_csv(store: Store, folder: Path, text: str, name: str = "table.csv", label: str | None = None) -> Dataset:
    """A dataset from CSV text, read in this process."""
    path = folder / "source.csv"
    path.write_text(text, encoding="utf-8")
    return ingest(store, path, name, label=label)


def grid_csv(rows: int = 60) -> str:
    """A small table that trains: three related numbers and a category."""
    lines = ["a,b,c,kind"]
    lines += [f"{i % 7},{(i % 7) * 2 + 1},{i % 5},{'x' if i % 3 else 'y'}" for i in range(rows)]
    return "\n".join(lines) + "\n"
