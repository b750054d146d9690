"""What a triage file says of each row, column by column, whatever its format; files are written elsewhere."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.export.csv import neutralise
from core.results import Dataset, Run, Scores, Threshold, Verdict
from core.storage.store import Store
from core.triage.judged import Judged
from core.triage.sentence import LEAST, TOLD, where_in_image

# Before the source columns, so that whoever decides does not have to look for them, and behind these, for the way back.
SPOKEN = ("verdict", "note", "tags", "assignee")  # what comes back
ROW = "row"  # of the dataset, from 1
BEFORE = (ROW, *SPOKEN, "by", "when", "changed_since", "score", "percentile", "flag", "reasons")
KEY, SAID, CONTENT = "hourglass_row", "hourglass_verdict", "hourglass_content"
BEHIND = (KEY, SAID, CONTENT)
HARMLESS = "hourglass_apostrophe_added"  # in a CSV: which cells of the row are not as they were
LONGEST_KEY = 200
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
DIGEST = "sha256:"


@dataclass(frozen=True)
class Asked:
    """What is to be written: these rows of a run's dataset, (F,), in this order, with what was said of them."""

    run: Run
    dataset: Dataset
    scores: Scores
    threshold: Threshold
    rows: NDArray[np.int64]
    judged: Judged

    @property
    def source(self) -> list[str]:
        """The names of the source columns."""
        return [column.name for column in self.dataset.columns]

    @property
    def header(self) -> list[str]:
        """The names of all columns of the file, each of them once."""
        return [*BEFORE, *told_apart(self.source, (*BEFORE, *BEHIND, HARMLESS)), *BEHIND]

    def about(self) -> dict[str, str]:
        """What the file is of."""
        return {
            "run": self.run.name,
            "run id": self.run.id,
            "dataset": self.dataset.name,
            "dataset id": self.dataset.id,
            "lineage id": self.dataset.lineage_id,
            "scorer": self.threshold.scorer or self.run.scorer,
            "threshold": repr(float(self.threshold.value)),
            "threshold by": self.threshold.method,
            "rows here": str(len(self.rows)),
            "rows flagged": str(int((self.scores.values >= self.threshold.value)[self.scores.scored].sum())),
            "rows in all": str(self.dataset.rows),
            "written": iso(datetime.now(UTC).timestamp()),
        }


def told_apart(names: Iterable[str], ours: Iterable[str]) -> list[str]:
    """Source columns' names, marked where one is that of ours, in whatever case: people mend headings."""
    taken, out = {_alike(name) for name in ours}, []
    names = list(names)
    sources = {_alike(name) for name in names}
    for name in names:
        shown = name
        while _alike(shown) in taken or (shown != name and _alike(shown) in sources):
            shown = f"{shown} (source)"
        out.append(shown)
        if shown != name:
            taken.add(_alike(shown))
    return out


def _alike(name: str) -> str:
    return " ".join(name.split()).casefold()


def ours(store: Store, asked: Asked) -> dict[str, list[Any]]:
    """Our columns by name, each (F,): numbers, words, and None where there is nothing to say. Words are as they are, not made
    harmless."""
    rows, scores = asked.rows, asked.scores
    scored, percent = scores.scored, scores.percentiles
    looked = [bool(scored[row]) and math.isfinite(scores.values[row]) for row in rows]
    said = [asked.judged.newest.get(int(row)) for row in rows]
    contents = store.datasets.row_contents(asked.dataset)
    return {
        "row": (rows + 1).tolist(),
        "verdict": [each.verdict if each else "" for each in said],
        "note": [each.note if each else "" for each in said],
        "tags": [in_one_cell(each) for each in said],
        "assignee": [each.assignee if each else "" for each in said],
        "by": [each.author if each else "" for each in said],
        "when": [iso(each.created_at) if each else "" for each in said],
        "changed_since": ["yes" if asked.judged.changed[row] else "" for row in rows],
        "score": [float(scores.values[row]) if seen else None for row, seen in zip(rows, looked, strict=True)],
        "percentile": [float(percent[row]) if seen else None for row, seen in zip(rows, looked, strict=True)],
        "flag": [
            int(scores.values[row] >= asked.threshold.value) if seen else None
            for row, seen in zip(rows, looked, strict=True)
        ],
        "reasons": _reasons(store, asked),
        KEY: [mark(str(key)) for key in scores.row_keys[rows]],
        SAID: [str(each.number) if each else "0" for each in said],
        CONTENT: contents[rows].tolist(),
    }


def _reasons(store: Store, asked: Asked) -> list[str]:
    """The columns to blame in words; of images, which have none, where each was rebuilt worst."""
    if asked.dataset.pictures is None:
        return ["; ".join(f"{neutralise(name)} {part}" for name, part, _ in each) for each in causes(asked)]
    spots = store.artifacts.get_array(store.space, asked.run.artifacts["worst_spots"])[asked.rows]
    return [f"rebuilt worst {where_in_image(spot)}" for spot in spots.tolist()]


def causes(asked: Asked) -> list[list[tuple[str, str, bool]]]:
    """The columns that made each row strange, the worst first, at most three: name, part of the score in words, and whether that
    is so much that its cell is marked. Of a series, how many times worse than usual. Images have none."""
    scores = asked.scores
    if asked.dataset.pictures is not None:
        return [[] for _ in asked.rows]
    errors = np.nan_to_num(np.asarray(scores.column_errors[asked.rows], np.float64))  # (F, C)
    order = np.argsort(-errors, axis=1, kind="stable")[:, :TOLD]
    totals = errors.sum(axis=1)
    found = []
    for row, places in enumerate(order):
        if scores.course is not None:
            worse = [i for i in places if errors[row, i] > 1] or list(places[:1])
            found.append([(scores.columns[i], f"{errors[row, i]:.3g}×", bool(errors[row, i] > 1)) for i in worse])
            continue
        shares = [(scores.columns[i], errors[row, i] / totals[row]) for i in places if errors[row, i] > 0]
        found.append([(name, f"{part:.0%}" if part >= 0.01 else "<1%", bool(part >= LEAST)) for name, part in shares])
    return found


def in_one_cell(verdict: Verdict | None) -> str:
    """Tags as they stand in a cell, and as they are typed."""
    return ", ".join(verdict.tags) if verdict is not None else ""


def mark(row_key: str) -> str:
    """A row's key as it stands in a file: itself, or its sha256 where a spreadsheet would not leave it as it is."""
    plain = len(row_key) <= LONGEST_KEY and not UNPRINTABLE.search(row_key) and row_key == " ".join(row_key.split())
    if plain and row_key and neutralise(row_key) == row_key and not row_key.startswith((DIGEST, "#", "'")):
        return row_key
    return DIGEST + hashlib.sha256(row_key.encode("utf-8", "surrogatepass")).hexdigest()


def iso(moment: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC: 2024-05-01T12:00:00Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
