"""What a table holds, counted on all its rows: distributions, what is missing, what goes together, what is odd.

Here only the asking for it, which pages may import; the counting stands beside it and runs as a job.
"""

from __future__ import annotations

from core.results import Dataset, Job
from core.storage.store import Store


def submit_profile(store: Store, dataset: Dataset) -> Job:
    """The job that counts this version's profile: the one under way, or a new one."""
    under_way = store.jobs.find(("queued", "running"), limit=1, dataset_id=dataset.id, kind="profile")
    return under_way[0] if under_way else store.jobs.submit("profile", {}, dataset_id=dataset.id)
