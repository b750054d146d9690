"""Job *export*: write rows as a file that is too large to be written while somebody waits for a page."""

from __future__ import annotations

from typing import Any

from core.export.csv import flagged_csv
from core.export.triage.files import triage_file
from core.export.triage.rows import Asked
from core.jobs.work import Work
from core.results import Threshold
from core.scoring.events import event_numbers
from core.storage.records import from_json
from core.triage.judged import judged, judged_in


def run(work: Work) -> dict[str, Any]:
    """args: run_id, threshold, ending of the file, rows, where these lie as an array, and what they are written as: *rows*, with
    again, where how often each flag came again lies, where it is to be said; or *triage*, with what is said of them now. What
    was asked for besides is the page's own."""
    store, args = work.store, work.job.args
    work.progress(0.0, "reading the rows")
    this = store.runs.get(args["run_id"])
    dataset, threshold = store.datasets.get(this.dataset_id), from_json(Threshold, args["threshold"])
    scores = store.runs.scores(this, threshold.scorer)
    rows = store.artifacts.get_array(store.space, args["rows"])
    if args["what"] == "rows":
        again = store.artifacts.get_array(store.space, args["again"]) if "again" in args else None
        flagged, events = scores.values >= threshold.value, event_numbers(scores, threshold.value)
        data = flagged_csv(
            store, this, dataset, scores, rows, flagged, numbered=True, events=events, again=again, tell=work.tell
        )
    else:
        said = store.verdicts.of_lineage(dataset.lineage_id)
        stands = judged_in(store, this, judged(said, scores.row_keys, store.datasets.row_contents(dataset)))
        asked = Asked(this, dataset, scores, threshold, rows, stands)
        data = triage_file(args["ending"])(store, asked, work.tell)
    work.check()
    return {"address": store.artifacts.put_bytes(store.space, data)}
