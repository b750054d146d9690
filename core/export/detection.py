"""All rows of a file with their scores, strangest first: what `detect` writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.export.csv import flagged_csv
from core.results import NOT_TRAINED_ON, Job, Run, Scores
from core.scoring.events import event_numbers, events, unit_of, usual_threshold
from core.storage.artifacts import storage_error
from core.storage.store import Store
from core.thresholds import Given, decide, not_as_asked


def write_detection(
    store: Store, run: Run, dataset_id: str, scores_job: Job | None, review: int | None, out: Path
) -> tuple[dict[str, int], str]:
    """Write the CSV; how many rows there are and how many are flagged, and of a series how many events that is; and why
    these are not as many as were asked for, empty where they are.

    scores_job: the *score* job where the file is not the one trained on. review: how many to flag, None for the
    run's own share; of the run's own rows it is kept as the run's threshold. Raises StorageFailed, DiskFull.
    """
    dataset = store.datasets.get(dataset_id)
    if scores_job is None:
        scores = store.runs.scores(run)
    else:
        get, result = store.artifacts.get_array, scores_job.result
        scores = Scores(
            run_id=run.id,
            row_keys=store.datasets.row_keys(dataset),
            values=np.asarray(get(store.space, result["scores"])),
            columns=tuple(run.summary["columns"]),
            column_errors=get(store.space, result["column_errors"]),
            splits=np.full(dataset.rows, NOT_TRAINED_ON, np.uint8),
            course=store.runs.course_at(run, result),
        )
    unit = unit_of(scores.course)
    why = ""
    if review or (scores_job is None and "scored_with" not in run.summary):
        method, parameters = usual_threshold(scores.course, run.spec["contamination"])
        if review:
            method, parameters = "count", {"rows": review}
        given = Given(scores.values, unit)
        value, count = decide(given, method, parameters)
        why = not_as_asked(given, method, parameters, value)
        if review and scores_job is None:
            store.thresholds.new(run.id, method, parameters, value, count)  # the pages show what was asked for
    else:  # what is stranger than nearly all clean rows, or than the threshold of the run that learned
        threshold = store.thresholds.current(run.id)  # by the run's own score: nobody can have chosen another one yet
        value = threshold.value if threshold is not None else float(np.max(scores.values))
    flagged = scores.values >= value
    order = np.argsort(-scores.values, kind="stable")
    events_of = event_numbers(scores, value)
    data = flagged_csv(store, run, dataset, scores, order, flagged, numbered=True, events=events_of)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise storage_error(error, str(out)) from error
    said = {"rows": dataset.rows, "flagged": int(flagged.sum())}
    if scores.course is None:
        return said, why
    inside = sum(event.rows for event in events(scores, value))
    return {**said, "scored": int(scores.scored.sum()), "events": unit.count(flagged), "event_rows": inside}, why
