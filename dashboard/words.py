"""Numbers, times and states as a reader expects them."""

from __future__ import annotations

import math
import time

from core.results import Dataset, Job, JobState, Run
from core.words import count as count
from core.words import day as day
from core.words import moment as moment

NOTHING = "–"  # a figure that there is none of
JOB_TITLES = {
    "ingest": "Reading a file",
    "profile": "Profiling a table",
    "train": "Training",
    "project": "Drawing a map",
    "score": "Scoring a file",
    "rescore": "Asking for another score",
    "stability": "Looking whether the flags come again",
    "trust": "Measuring how far a map can be believed",
    "clusters": "Looking for groups",
    "search": "Searching for settings",
    "export": "Writing a file",
    "recognise": "Looking whether a run knows a file",
}
STATE_WORDS: dict[JobState, str] = {
    "queued": "waiting",
    "running": "running",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
}
STATE_SENTENCES: dict[JobState, str] = {
    "queued": "is waiting",
    "running": "is running",
    "succeeded": "is done",
    "failed": "has failed",
    "cancelled": "was cancelled",
    "interrupted": "was interrupted",
}
STATE_COLOURS: dict[JobState, str] = {
    "queued": "gray",
    "running": "blue",
    "succeeded": "green",
    "failed": "red",
    "cancelled": "gray",
    "interrupted": "orange",
}


def job_title(job: Job) -> str:
    """What a job does, in two words."""
    return JOB_TITLES.get(job.kind, job.kind)


def state_badge(state: JobState) -> str:
    """A state as a Markdown badge."""
    return f":{STATE_COLOURS[state]}-badge[{STATE_WORDS[state]}]"


def size(count: float) -> str:
    """Bytes: 1234567 → 1.2 MB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    raise AssertionError


def percent(share: float) -> str:
    """A share: 0.83 → 83 %."""
    return f"{100 * share:.0f} %"


def compression(inputs: int, kept: int) -> str:
    """What becomes of so many numbers in a code that keeps so many: a compression of 3.0 to 1."""
    if kept > inputs:
        return f"an expansion of 1 to {kept / inputs:.1f}"
    return f"a compression of {inputs / kept:.1f} to 1" if kept < inputs else "no compression"


def duration(seconds: float) -> str:
    """Seconds: 75 → 1 min 15 s."""
    if seconds < 1:
        return "less than a second"
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 and whole < 600 else f"{round(whole / 60)} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def ago(moment: float) -> str:
    """A moment, seen from now."""
    seconds = max(0.0, time.time() - moment)
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86_400:
        return f"{int(seconds // 3600)} h ago"
    return time.strftime("%d %b %Y", time.localtime(moment))


def date(moment: float) -> str:
    """A moment as date and time."""
    return time.strftime("%d %b %Y, %H:%M", time.localtime(moment))


def which_weights(best_epoch: int) -> str:
    """Which of a training were kept: a network that begins as a PCA may never become better than that."""
    return f"weights of epoch {best_epoch:,}" if best_epoch else "weights that it began with"


def counted_in(run: Run, dataset: Dataset) -> str:
    """What a run's flags are counted in: rows or images, of a series events."""
    return "event" if run.summary.get("windows") is not None else dataset.item
