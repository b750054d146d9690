"""A deployment of its own in a temporary folder, with a warm supervisor and the samples as datasets."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.datasets.ingest import ingest
from core.datasets.samples import SAMPLES
from core.jobs.launch import ensure_supervisor, stop_supervisor
from core.jobs.wait import wait
from core.results import Dataset
from core.settings import Settings
from core.specs import RunSpec, Training
from core.storage.database import migrate
from core.storage.store import Store


@contextmanager
def deployment() -> Iterator[Store]:
    """Ends its supervisor and deletes its folder."""
    with tempfile.TemporaryDirectory() as folder:
        made = Settings(home=Path(folder) / "home")
        migrate(made)
        store = Store.open(made)
        try:
            ensure_supervisor(made)
            yield store
        finally:
            stop_supervisor(made)
            store.close()


def sample(store: Store, name: str) -> Dataset:
    path = store.settings.home / f"{name}.csv"
    SAMPLES[name].write_csv(path)
    return ingest(store, path, path.name, label=SAMPLES[name].label)


def warm_up(store: Store, dataset: Dataset) -> None:
    """One short run, so that nothing is imported while we measure."""
    run = store.runs.submit(dataset.id, RunSpec(training=Training(epochs=1)))
    wait(store, run.job_id)
    settle(store)


def settle(store: Store) -> None:
    """Cancel the map that follows each run and wait until no job is left: it would take the processor from the next."""
    while left := store.jobs.find(("queued", "running")):
        for job in left:
            if job.command is None:
                store.jobs.request(job.id, "cancel")
        time.sleep(0.2)
