"""Job *recognise*: which finished runs know a file that is not read yet, where that can't be seen at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import FileRefused
from core.jobs.work import Work
from core.scoring.recognised import Recognised, recognised
from core.specs import ReadOptions
from core.storage.records import to_json


def run(work: Work) -> dict[str, Any]:
    """args: path and source_name of the file, and what was said of how it is read. The answer: found."""
    args = work.job.args
    work.progress(0.0, "looking at its first rows")
    path = Path(args["path"])
    if not path.exists():
        raise FileRefused("the uploaded file is gone", where=args["source_name"], fix="upload it again")
    found = recognised(work.store, path, args["source_name"], ReadOptions.read(args["options"]))
    work.check()
    return {"found": to_json(tuple[Recognised, ...], tuple(found))}
