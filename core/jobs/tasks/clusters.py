"""Job *clusters*: the groups among a run's codes, named by the columns in which they differ from the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.datasets.comparable import Comparable
from core.jobs.tasks.project import codes_of
from core.jobs.work import Work
from core.latent.clusters import clusters
from core.latent.differences import names_of_groups
from core.latent.groups import Clusters, Group, Step
from core.results import Run
from core.storage.records import to_json

NAMED_BY = 3_000  # rows by which groups get their names
OF_EACH = 60  # of a group at least, where it has so many
NAMED = 40  # groups of a step that get names, the largest


def run(work: Work) -> None:
    """args: run_id. Ends the job itself."""
    store = work.store
    this = store.runs.get(work.job.args["run_id"])
    codes = codes_of(work, this, None)
    seed = int(this.spec["training"]["seed"])
    labels, found = clusters(codes, seed, lambda done: work.tell(0.8 * done, "looking for groups"))
    work.progress(0.85, "naming the groups")
    found = named(work, this, labels, found, seed)
    work.check()
    work.fence.finish_scores(
        this.id,
        space_id=store.space,
        artifacts={
            "clusters": store.artifacts.put_array(store.space, labels),
            "clusters_about": store.artifacts.put_json(store.space, to_json(Clusters, found)),
        },
        summary={},
    )


def named(work: Work, this: Run, labels: NDArray[np.int32], found: Clusters, seed: int) -> Clusters:
    """The groups with names by their columns; of images, whose columns say little, with numbers."""
    store = work.store
    dataset = store.datasets.get(this.dataset_id)
    at = store.runs.embedding(this).rows
    columns = dataset.features if dataset.pictures is None else ()
    steps = []
    for place, step in enumerate(found.steps):
        work.tell(0.85 + 0.1 * place / len(found.steps), "naming the groups")
        some = _drawn(labels[place], seed)
        rows = Comparable.of(store, dataset, columns, some if at is None else at[some])
        mine = labels[place][some].astype(np.int64)
        mine[mine >= NAMED] = -1
        names = names_of_groups(mine, rows.values, rows.separators) if rows.values else ()
        groups = [_with(group, names[i] if i < len(names) else "", i) for i, group in enumerate(step.groups)]
        steps.append(Step(step.smallest, tuple(groups)))
    return replace(found, steps=tuple(steps))


def _drawn(labels: NDArray[np.int32], seed: int) -> NDArray[np.int64]:
    """Rows by which groups get their names: some by lot, and of each group that few of these are of some more."""
    mixed = np.random.default_rng(seed).permutation(len(labels))
    some = [mixed[:NAMED_BY]]
    for group in range(min(NAMED, int(labels.max(initial=-1)) + 1)):
        some.append(mixed[labels[mixed] == group][:OF_EACH])
    return np.unique(np.concatenate(some))


def _with(group: Group, name: str, number: int) -> Group:
    return replace(group, name=f"{number + 1}: {name}" if name else f"group {number + 1}")
