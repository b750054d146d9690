"""The queue as files that can be worked on elsewhere: small ones at once, large ones by a job."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.export.csv import nobody
from core.export.triage.files import triage_file
from core.export.triage.rows import Asked
from core.results import Threshold
from core.storage.records import to_json
from core.triage.judged import Judged
from dashboard import state, words
from dashboard.blocks.download import HARMLESS, Written, download, written_by_jobs
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen

EXCEL = "Verdicts are chosen from a list in the file; it can be taken back here. " + HARMLESS
CSV = HARMLESS + " The last column says which."
AS_THEY_ARE = "For programs: cells as they are, with types."
FORMATS = {"xlsx": ("Excel", EXCEL), "csv": ("CSV", CSV), "parquet": ("Parquet", AS_THEY_ARE)}
AT_ONCE = 30_000  # cells that are written while the page waits, about half a second


def queue_files(chosen: Chosen, rows: NDArray[np.int64], judged: Judged) -> None:
    """The rows that the queue shows, in its order, in each format."""
    if len(rows) == 0:
        return
    asked = Asked(chosen.run, chosen.dataset, chosen.scores, chosen.threshold, rows, judged)
    stamp = state.store().verdicts.stamp(chosen.dataset.lineage_id)
    these = hashlib.sha256(rows.tobytes()).hexdigest()[:12]
    what = f"{chosen.run.id}_{chosen.threshold.value}_{these}_{stamp[1]}"
    if len(rows) * len(asked.header) > AT_ONCE:
        files = [Written(ending, name, _called(asked, name), help_) for ending, (name, help_) in FORMATS.items()]
        written_by_jobs(files, "triage", asked.run, what, lambda: _args(asked))
        return
    with st.container(horizontal=True):
        for ending, (name, help_) in FORMATS.items():
            download(
                f"triage_{ending}_{what}",
                _called(asked, name),
                "triage",
                lambda ending=ending: _made(asked, ending),
                prepare=f"Prepare {name}",
                ending=ending,
                help=help_,
            )


def _called(asked: Asked, name: str) -> str:
    return f"{words.count(len(asked.rows), asked.dataset.item)} as {name}"


def _made(asked: Asked, ending: str) -> bytes:
    with failure_in_place(), st.spinner("Writing the file …"):
        return triage_file(ending)(state.store(), asked, nobody)


def _args(asked: Asked) -> dict[str, Any]:
    store = state.store()
    return {
        "what": "triage",
        "threshold": to_json(Threshold, asked.threshold),
        "rows": store.artifacts.put_array(store.space, asked.rows),
    }
