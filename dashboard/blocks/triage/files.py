"""The queue as files that can be worked on elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.export.triage.files import triage_csv, triage_parquet
from core.export.triage.rows import Asked
from core.storage.store import Store
from core.triage.judged import Judged
from dashboard import state, words
from dashboard.blocks.download import HARMLESS, download
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen

EXCEL = "Verdicts are chosen from a list in the file; it can be taken back here. " + HARMLESS
AS_THEY_ARE = "For programs: cells as they are, with types."


def _excel(store: Store, asked: Asked) -> bytes:
    from core.export.triage.workbook import triage_xlsx  # openpyxl, for those only who ask for it

    return triage_xlsx(store, asked)


FORMATS: dict[str, tuple[str, Callable[[Store, Asked], bytes], str]] = {
    "xlsx": ("Excel", _excel, EXCEL),
    "csv": ("CSV", triage_csv, HARMLESS),
    "parquet": ("Parquet", triage_parquet, AS_THEY_ARE),
}


def queue_files(chosen: Chosen, rows: NDArray[np.int64], judged: Judged) -> None:
    """The rows that the queue shows, in its order, in each format."""
    if len(rows) == 0:
        return
    asked = Asked(chosen.run, chosen.dataset, chosen.scores, chosen.threshold, rows, judged)
    stamp = state.store().verdicts.stamp(chosen.dataset.lineage_id)
    these = hashlib.sha256(rows.tobytes()).hexdigest()[:12]

    def made(make: Callable[[Store, Asked], bytes]) -> bytes:
        with failure_in_place(), st.spinner("Writing the file …"):
            return make(state.store(), asked)

    with st.container(horizontal=True):
        for ending, (name, make, help_) in FORMATS.items():
            download(
                f"triage_{ending}_{chosen.run.id}_{chosen.threshold.value}_{these}_{stamp[1]}",
                f"{words.count(len(rows), chosen.dataset.item)} as {name}",
                "triage",
                lambda make=make: made(make),
                prepare=f"Prepare {name}",
                ending=ending,
                help=help_,
            )
