"""Job *ingest*: read an uploaded file into a dataset, and queue the run that was asked for with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.datasets.ingest import ingest
from core.datasets.series import proposed
from core.errors import FileRefused, NotFound
from core.jobs.work import Work
from core.results import Dataset, Run
from core.specs import ReadOptions, RunSpec, ScoreWith, suited


def run(work: Work) -> dict[str, Any]:
    """args: as `core.datasets.ingest.submit` writes them."""
    args = work.job.args
    work.progress(0.0, "looking at how the file is written")
    dataset = _dataset(work)
    result: dict[str, Any] = {"dataset_id": dataset.id}
    if args.get("then") is not None:  # an empty one leaves all to what suits the data
        result["run_id"] = _run(work, dataset).id
    if not args.get("keep"):
        Path(args["upload"]).unlink(missing_ok=True)  # the artifact store has its bytes
    return result


# Ids come from the job's: an attempt that follows a lost one finds what that one had finished already.


def _dataset(work: Work) -> Dataset:
    args = work.job.args
    id_ = work.job.id.replace("j-", "d-", 1)
    try:
        return work.store.datasets.get(id_)
    except NotFound:
        upload = Path(args["upload"])
        if not upload.exists():
            raise FileRefused("the uploaded file is gone", where=args["source_name"], fix="upload it again") from None
        name, label = args.get("name") or "", args.get("label")
        limits = work.settings.model_copy(update=args.get("limits", {}))
        return ingest(
            work.store,
            upload,
            args["source_name"],
            name=name,
            label=label,
            id_=id_,
            limits=limits,
            options=ReadOptions.read(args.get("options", {})),
            parent=work.store.datasets.get(args["parent"]) if args.get("parent") else None,
            like=_last_time(work),
            tell=work.tell,
        )


def _last_time(work: Work) -> Dataset | None:
    """The file that the run learned from which this one shall be scored with. Raises NotFound where the run is deleted."""
    how = _score_with(work)
    return None if how is None else work.store.datasets.get(work.store.runs.get(how.run_id).dataset_id)


def _score_with(work: Work) -> ScoreWith | None:
    args = work.job.args
    return ScoreWith.read(args["then"]) if args.get("then_is") == "score" else None


def _run(work: Work, dataset: Dataset) -> Run:
    id_ = work.job.id.replace("j-", "r-", 1)
    runs = work.store.runs
    try:
        return runs.get(id_)
    except NotFound:
        if (how := _score_with(work)) is not None:
            return runs.score_with(how, dataset.id, id_)
        spec = suited(RunSpec.read(work.job.args["then"]), dataset, proposed(work.store, dataset))
        return runs.submit(dataset.id, spec, id_=id_)
