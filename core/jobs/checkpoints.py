"""Checkpoints of a job: written whole under attempt-N, read by the attempts that come after."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path

from core.results import Strip
from core.storage.artifacts import storage_error
from core.storage.records import from_json, to_json

KEPT = 2
STRIP = "strip.json"


def shown(home: Path, job_id: str) -> Strip | None:
    """What `Checkpoints.show` kept last on this machine; None before, and once the job's results are stored."""
    try:
        text = (home / "checkpoints" / job_id / STRIP).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return from_json(Strip, json.loads(text))


def any_kept(home: Path, job_id: str) -> bool:
    """Whether a job has a checkpoint on this machine to go on from."""
    return any((home / "checkpoints" / job_id).glob("attempt-*/step-*"))


class Checkpoints:
    """The checkpoints of one job, as one attempt sees them."""

    def __init__(self, home: Path, job_id: str, attempt: int) -> None:
        self.root = home / "checkpoints" / job_id
        self.folder = self.root / f"attempt-{attempt}"

    def save(self, step: int, blobs: dict[str, bytes]) -> None:
        """Write a checkpoint whole or not at all. Raises DiskFull, StorageFailed."""
        partial = self.folder / f".{uuid.uuid4().hex}"
        try:
            partial.mkdir(parents=True)
            for name, data in blobs.items():
                with (partial / name).open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            target = self.folder / f"step-{step:010d}"
            if target.exists():
                shutil.rmtree(target)
            partial.rename(target)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise storage_error(error, str(self.folder)) from error
        for old in sorted(self.folder.glob("step-*"))[:-KEPT]:
            shutil.rmtree(old)

    def latest(self) -> tuple[int, dict[str, bytes]] | None:
        """The newest checkpoint of the newest attempt that has one."""
        for attempt in sorted(self.root.glob("attempt-*"), key=lambda path: -int(path.name.split("-")[1])):
            for step in sorted(attempt.glob("step-*"), reverse=True):
                return int(step.name.split("-")[1]), {file.name: file.read_bytes() for file in step.iterdir()}
        return None

    def show(self, strip: Strip) -> None:
        """Keep what the network makes of some rows now, for pages to look at; the last one wins. Raises DiskFull, StorageFailed."""
        partial = self.root / f".{uuid.uuid4().hex}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(to_json(Strip, strip)), encoding="utf-8")
            partial.rename(self.root / STRIP)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise storage_error(error, str(self.root)) from error

    def clear(self) -> None:
        """Forget all checkpoints of the job, once its results are stored."""
        shutil.rmtree(self.root, ignore_errors=True)
