"""The files that belong together over time: those that hold the same rows, and those that one run was asked about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.errors import NotFound
from core.results import Dataset, Run, Threshold
from core.storage.store import Store
from core.thresholds import THRESHOLDS


@dataclass(frozen=True)
class File:
    """A file as it is read now, and its finished runs, the newest first."""

    dataset: Dataset
    runs: tuple[Run, ...]


def model_of(store: Store, run: Run) -> Run | None:
    """The run that was trained: this one, or of one that only scored the one that it scored with; None where that is deleted."""
    first = run.summary.get("scored_with")
    if first is None:
        return run
    try:
        return store.runs.get(first)
    except NotFound:
        return None


def own_threshold(store: Store, run: Run) -> Threshold:
    """What cuts the score that a finished run was made with: the newest."""
    return next(each for each in store.thresholds.of_run(run.id) if run.is_own(each.scorer))


def tuned_before(store: Store, run: Run, scorer: str) -> tuple[Threshold, ...]:
    """The saved thresholds of one of a run's scores that were tuned on what is known of its rows, the newest first: its own, and
    where some of its rows are those that were learned from, those of the run that it was scored with."""
    own, model = _tuned(store, run, run, scorer), model_of(store, run)
    if model is None or model.id == run.id:
        return own
    theirs = _tuned(store, model, run, scorer)
    return (*own, *theirs) if theirs and _share_rows(store, run, model) else own


def _tuned(store: Store, of: Run, run: Run, scorer: str) -> tuple[Threshold, ...]:
    return tuple(
        each
        for each in store.thresholds.of_run(of.id)
        if THRESHOLDS.get(each.method).needs == "truth"
        and (each.scorer == scorer or (of.is_own(each.scorer) and run.is_own(scorer)))
    )


def _share_rows(store: Store, run: Run, other: Run) -> bool:
    """Files of two lineages have no row in common (core.datasets.kin)."""
    here, there = store.datasets.get(run.dataset_id), store.datasets.get(other.dataset_id)
    if here.lineage_id != there.lineage_id:
        return False
    return bool(np.isin(store.datasets.row_keys(here), store.datasets.row_keys(there)).any())


def files(store: Store, dataset: Dataset) -> list[File]:
    """This file, those with the same rows, and those that the runs of any of them scored or were trained on; the newest first,
    each as its latest version with results, or without any as the latest version."""
    found = _with_scored(store, store.datasets.lineage(dataset.lineage_id))
    out: dict[str, File] = {}  # by the uploaded bytes
    for each in sorted(found.values(), key=lambda each: -each.created_at):
        runs = tuple(run for run in store.runs.find(dataset_id=each.id) if run.ready)
        known = out.get(each.source_address)
        if known is None or (runs and not known.runs):
            out[each.source_address] = File(each, runs)
    return sorted(out.values(), key=lambda each: -each.dataset.created_at)


def _with_scored(store: Store, start: Iterable[Dataset]) -> dict[str, Dataset]:
    """These datasets with those that their runs, or the runs that these were scored with, were asked about."""
    out = {each.id: each for each in start}
    models = {
        run.summary.get("scored_with", run.id): None
        for id_ in out
        for run in store.runs.find(dataset_id=id_)
        if run.ready
    }
    for id_ in models:
        try:
            trained_on = store.runs.get(id_).dataset_id
        except NotFound:
            continue
        for each in (trained_on, *(run.dataset_id for run in store.runs.scored_with(id_))):
            if each not in out:
                out[each] = store.datasets.get(each)
    return out


def file_before(store: Store, dataset: Dataset, model: Run) -> Dataset:
    """The newest file before this one with the same rows; without one, the newest that the run was asked about, at last the one
    that it was trained on."""
    same = store.datasets.lineage(dataset.lineage_id)
    asked = [store.datasets.get(run.dataset_id) for run in store.runs.scored_with(model.id)]
    for some in (same, asked):
        earlier = [
            each
            for each in some
            if each.source_address != dataset.source_address and each.created_at < dataset.created_at
        ]
        if earlier:
            return max(earlier, key=lambda each: each.created_at)
    return store.datasets.get(model.dataset_id)


def lineages(store: Store, run: Run) -> tuple[str, ...]:
    """Of a run's file, and of that which the run learned from, and of the others that it scored: what is said of rows like
    some holds in all of them."""
    model, own = model_of(store, run), store.datasets.get(run.dataset_id).lineage_id
    if model is None:
        return (own,)
    others = [model, *store.runs.scored_with(model.id)]
    return tuple(dict.fromkeys([own, *(store.datasets.get(each.dataset_id).lineage_id for each in others)]))
