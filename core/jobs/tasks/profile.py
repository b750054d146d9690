"""Job *profile*: count what a dataset's table holds, for the Data page."""

from __future__ import annotations

from core.datasets.profile.compute import profile
from core.jobs.work import Work
from core.profiles import Profile
from core.storage.records import to_json


def run(work: Work) -> None:
    """No args; the job's dataset. Ends the job itself."""
    store = work.store
    dataset = store.datasets.get(work.job.dataset_id or "")
    cells = store.artifacts.local_path(store.space, dataset.cells_address)
    found = profile(cells, dataset.columns, dataset.rows, work.tell)
    work.check()
    address = store.artifacts.put_json(store.space, to_json(Profile, found))
    work.fence.finish_profile(dataset.id, space_id=store.space, address=address)
