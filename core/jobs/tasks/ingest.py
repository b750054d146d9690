"""Job *ingest*: read an uploaded file into a dataset, and queue the run that was asked for with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.datasets.ingest import ingest
from core.errors import FileRefused
from core.jobs.work import Work
from core.specs import RunSpec


def run(work: Work) -> dict[str, Any]:
    """args: upload (path), source_name, name, label, then (a RunSpec's JSON or None)."""
    args = work.job.args
    upload = Path(args["upload"])
    if not upload.exists():
        raise FileRefused("the uploaded file is gone", where=args["source_name"], fix="upload it again")
    work.progress(0.1, "reading the file")
    dataset = ingest(work.store, upload, args["source_name"], name=args.get("name") or "", label=args.get("label"))
    result: dict[str, Any] = {"dataset_id": dataset.id}
    if args.get("then"):
        result["run_id"] = work.store.runs.submit(dataset.id, RunSpec.read(args["then"])).id
    return result
