"""Training once more on what was learned from a review: without the rows that were confirmed as anomalies."""

from __future__ import annotations

import time

from core.errors import InputRefused, NotFound
from core.jobs.beforehand import refuse_hopeless
from core.results import Run
from core.scoring.files import own_threshold
from core.specs import Condition, RunSpec
from core.storage.runs import SCORED_WITH
from core.storage.store import Store
from core.triage.judged import CONFIRMED, judged
from core.words import count, day

NOTE = "kept to train without them"


def without_confirmed(store: Store, run: Run) -> Run:
    """A new run like this one, its child, that does not learn from confirmed rows; those that were dismissed stay.

    The rows are kept as a named selection, so that the run says which they were. Raises InputRefused where none is confirmed,
    DatasetRefused and SettingsRefused where what is left can't be learned from.
    """
    dataset = store.datasets.get(run.dataset_id)
    keys = store.datasets.row_keys(dataset)
    said = store.verdicts.of_lineage(dataset.lineage_id)
    rows = judged(said, keys, store.datasets.row_contents(dataset)).rows(CONFIRMED)
    if len(rows) == 0:
        raise InputRefused("no row is confirmed", where=run.name, fix="confirm some rows on Triage first")
    kept = store.selections.new(dataset, f"{count(len(rows), 'confirmed row')}, {day(time.time())}", keys[rows], NOTE)
    spec = RunSpec.read(run.spec)
    before = tuple(each for each in spec.leave_out if not _of_confirmed(store, each))
    spec = spec.model_copy(update={"leave_out": (*before, Condition(operator="selected", value=kept.id))})
    refuse_hopeless(store, dataset, spec)
    name = f"{run.name.removeprefix(SCORED_WITH)}, without {count(len(rows), 'confirmed row')}"
    return store.runs.submit(dataset.id, spec, name=name, parent_id=run.id)


def threshold_of_parent(store: Store, run: Run) -> tuple[str, dict[str, float]] | None:
    """The method, and its parameters, by which a run begins to flag that was trained again as it was before: its parent's where
    they hold for other scores too, else as many as the parent flags. None where there is no parent (any more), where another share
    was asked for, and where it flags nothing."""
    try:
        parent = store.runs.get(run.parent_id) if run.parent_id else None
    except NotFound:
        return None
    if parent is None or not parent.ready or parent.dataset_id != run.dataset_id:
        return None
    if RunSpec.read(parent.spec).contamination != RunSpec.read(run.spec).contamination:
        return None
    line = own_threshold(store, parent)
    if line.method in ("quantile", "count"):
        return line.method, dict(line.parameters)
    return ("count", {"rows": line.flagged}) if line.flagged else None


def _of_confirmed(store: Store, condition: Condition) -> bool:
    """Whether it is an earlier one of these, which the new one replaces."""
    return condition.operator == "selected" and store.selections.get(condition.value).note == NOTE
