"""The rows to decide on: which, in which order, and which of them is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.results import Judgement
from core.triage.judged import CODES, Judged
from core.triage.queue import BY_KIND, ORDERS
from dashboard import load, state
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.row_shown import SHOWN_LAST, show_row
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.triage.kinds import MOST, kinds_of

OPEN = "not decided"
SHOWN: dict[str, Judgement | None] = {
    OPEN: "", "confirmed": "confirmed", "dismissed": "dismissed", "unsure": "unsure", "all": None
}  # fmt: skip


@dataclass(frozen=True)
class Queue:
    """Flagged rows in order, (F,), and whether each is among those to be shown, (F,)."""

    rows: NDArray[np.int64]
    wanted: NDArray[np.bool_]

    def at(self, row: int) -> int | None:
        """Where a row stands in it; None where it is not flagged."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None

    def first(self) -> int | None:
        """The first row to be shown."""
        return self.after(-1)

    def after(self, place: int) -> int | None:
        """The next row to be shown after a place, from the beginning again where the end comes first; None where there is
        none but the one at that place."""
        places = np.flatnonzero(self.wanted)
        places = places[places != place]
        if len(places) == 0:
            return None
        later = places[places > place]
        return int(self.rows[later[0] if len(later) else places[0]])

    def before(self, place: int) -> int | None:
        """The row before a place, whatever was said of it."""
        return int(self.rows[place - 1]) if place > 0 else None


def queue_of(chosen: Chosen, judged: Judged, flagged: NDArray[np.int64], hidden: NDArray[np.bool_]) -> Queue:
    """The flagged rows, (F,), but for those that are hidden, (F,), in the order that is chosen here. Of a series the strangest row of
    each event."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # Buttons: a select box would keep the keyboard after the choice, and verdicts are said by keys.
        anew: dict[str, Any] = {"required": True, "on_change": show_row, "args": (chosen.run.id, None)}
        how = st.segmented_control(
            "Order", list(ORDERS), default=next(iter(ORDERS)), key=f"triage_order_{chosen.run.id}", **anew
        )
        shown = st.segmented_control("Show", list(SHOWN), default=OPEN, key=f"triage_shown_{chosen.run.id}", **anew)
    scores = chosen.scores
    kinds = np.zeros(len(flagged), np.int64)
    if how == BY_KIND:
        with failure_in_place():
            kinds = kinds_of(chosen, flagged)  # of the hidden ones too: a rule that comes or goes changes no kinds
        if len(flagged) > MOST:
            st.caption(f"Kinds are told among the {MOST:,} strangest; all others come after these, by their scores.")
    rows = ORDERS[str(how)](flagged[~hidden], scores.values, kinds[~hidden], chosen.threshold.value)
    wanted = SHOWN[str(shown)]
    among = np.ones(len(rows), bool) if wanted is None else judged.codes[rows] == CODES[wanted]
    return Queue(rows, among)


def shown_or_first(chosen: Chosen, queue: Queue) -> int | None:
    """The row that was shown last, though somebody else may have decided on it meanwhile; at first, or in another order, that with
    which the queue begins. None where no row is left."""
    choice = tuple(st.session_state[f"{name}_{chosen.run.id}"] for name in ("triage_order", "triage_shown"))
    run_id, then, row = st.session_state.get(SHOWN_LAST, ("", (), None))
    if (run_id, then) != (chosen.run.id, choice) or row is None or queue.at(row) is None:
        row = queue.first()
    st.session_state[SHOWN_LAST] = (chosen.run.id, choice, row)
    return row


def to_decide(chosen: Chosen, flagged: NDArray[np.int64], judged: Judged) -> NDArray[np.int64]:
    """What is decided on, (F,): flagged rows, or of a series a row for each event: the strangest that was judged, so that a verdict
    stays with its event when another row of it becomes the strangest; else the strangest."""
    course, scores = chosen.scores.course, chosen.scores.values
    if course is None:
        return flagged
    found = []
    for event in load.events(state.store(), chosen.run, chosen.threshold):
        rows = course.rows[event.places]
        known = rows[judged.codes[rows] != CODES[""]]
        found.append(int(known[scores[known].argmax()]) if len(known) else event.peak)
    return np.asarray(found, np.int64)
