"""What is said of a row: buttons with their keys, a note, tags, whose it is; and all that was said before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from core.results import Judgement, Verdict
from core.storage.records import new_id
from core.storage.verdicts import LONGEST_NOTE, Said
from core.triage.judged import Judged, take_back
from core.triage.sentence import percent
from dashboard import load, state, words
from dashboard.blocks.failure import show_failure
from dashboard.blocks.row_shown import SHOWN_LAST, show_row
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import as_percentiles
from dashboard.blocks.triage.gone import pressed
from dashboard.blocks.triage.queue import Queue
from dashboard.charts.markdown import plain

BUTTONS: dict[Judgement, tuple[str, str, str]] = {
    "confirmed": ("Confirm", "A", ":material/check_circle:"),
    "dismissed": ("Dismiss", "D", ":material/cancel:"),
    "unsure": ("Unsure", "U", ":material/help:"),
}
BADGES: dict[Judgement, str] = {
    "confirmed": ":orange-badge[confirmed]",
    "dismissed": ":gray-badge[dismissed]",
    "unsure": ":blue-badge[unsure]",
    "": ":gray-badge[taken back]",
}
HEARD = "triage_heard"  # the button whose callback was called last
ASKED = "triage_asked"  # the row that was drawn last, until something is said of it
FAILED = "triage_failed"  # what went wrong between two drawings of the page


def verdict_bar(chosen: Chosen, queue: Queue, row: int, place: int | None) -> None:
    """Verdicts and ways through the queue, each by a key too. place: of the row in the queue, None where it is not flagged.

    Called after `remarks`, whose words go with what is said here.
    """
    show_failure(FAILED)
    st.session_state[ASKED] = (chosen.run.id, row)
    at = -1 if place is None else place
    following, trail = queue.after(at), _trail(chosen)
    before = trail[-1] if trail else queue.before(at)
    with st.container(horizontal=True):
        for verdict, (label, key, icon) in BUTTONS.items():
            _button(
                label,
                f"triage_{verdict}_{row}",
                key,
                row,
                _say,
                chosen,
                row,
                verdict,
                following,
                icon=icon,
                type="primary" if verdict == "confirmed" else "secondary",
            )
        _button("Back", f"triage_back_{row}", "B", row, _back, chosen, before, disabled=before is None)
        _button("Next", f"triage_next_{row}", "N", row, _go_on, chosen, row, following, disabled=following is None)
        _button("Undo", f"triage_undo_{row}", "Z", row, _undo, chosen, disabled=not _mine(chosen))


def _button(
    label: str, key: str, shortcut: str, row: int, act: Callable[..., None], chosen: Chosen, *args: Any, **how: Any
) -> None:
    """A button that acts for the row that is looked at, once.

    While the next row is drawn the buttons of the one before are still in the browser, and a key presses them all: so the key
    names the row, and what is pressed of another is not said of any. A press counts also where it is the first that the server
    hears of a page: a session that came back to a server that was started anew has no callbacks yet.
    """
    pressed = st.button(label, key=key, shortcut=shortcut, on_click=_heard, args=(key, row, act, chosen, *args), **how)
    if pressed and st.session_state.get(HEARD) != key:
        act(chosen, *args)
        st.rerun()


def _heard(key: str, row: int, act: Callable[..., None], chosen: Chosen, *args: Any) -> None:
    st.session_state[HEARD] = key
    if st.session_state.get(ASKED) == (chosen.run.id, row):
        st.session_state[ASKED] = None
        act(chosen, *args)


def remarks(chosen: Chosen, row: int, judged: Judged) -> None:
    """Note, tags and assignee, as they go with the next verdict or are kept with the one that stands."""
    stands = judged.newest.get(row)
    key = _key(chosen, row)
    with st.expander("Note, tags, who sees to it", expanded=bool(stands and (stands.note or stands.tags))):
        st.text_area("Note", stands.note if stands else "", key=f"note_{key}", max_chars=LONGEST_NOTE, height=80)
        tags, whose = st.columns(2)
        tags.text_input("Tags, separated by commas", ", ".join(stands.tags) if stands else "", key=f"tags_{key}")
        whose.text_input("Assigned to", stands.assignee if stands else "", key=f"assignee_{key}", max_chars=200)
        st.button(
            "Keep these",
            key=f"keep_{key}",
            on_click=_say,
            args=(chosen, row, stands.verdict if stands else "", row),
            help="Written down with the verdict as it stands; a new verdict takes them along by itself.",
        )


def history(chosen: Chosen, row: int, judged: Judged) -> None:
    """What was said of the row, newest first."""
    if row not in judged.newest:
        return
    if judged.changed[row]:
        st.info("Changed since: when this was said, the row had other cells.", icon=":material/history:")
    if judged.disputed[row]:
        st.info("Not everybody says the same of this row.", icon=":material/groups:")
    said = state.store().verdicts.of_row(chosen.dataset.lineage_id, str(chosen.scores.row_keys[row]))
    with st.expander(f"What was said of it ({len(said):,})", expanded=True):
        for each in said:
            st.markdown(_line(each))


def _line(each: Verdict) -> str:
    remarked = not each.verdict and (each.note or each.tags or each.assignee)
    parts = [
        ":gray-badge[noted]" if remarked else BADGES[each.verdict],
        f"by {plain(each.author)}, {words.date(each.created_at)}",
    ]
    if each.score is not None and each.threshold is not None:
        if as_percentiles() and each.percentile is not None:
            parts.append(f"stranger than {percent(each.percentile / 100)}")
        parts.append(f"score {each.score:.4g} at a threshold of {each.threshold:.4g}")
    if each.assignee:
        parts.append(f"assigned to {plain(each.assignee)}")
    parts += [f":gray-badge[{plain(tag, 60)}]" for tag in each.tags]
    return " · ".join(parts) + (f"  \n{plain(each.note, LONGEST_NOTE)}" if each.note else "")


def _say(chosen: Chosen, row: int, verdict: Judgement, following: int | None) -> None:
    key, remembered = _key(chosen, row), st.session_state
    remarked = {
        "note": remembered.get(f"note_{key}", ""),
        "tags": tuple(remembered.get(f"tags_{key}", "").split(",")),
        "assignee": remembered.get(f"assignee_{key}", ""),
    }
    if _write(chosen, [row], verdict, **remarked):
        _go_on(chosen, row, following)


def say_of_all(chosen: Chosen, rows: Sequence[int], verdict: Judgement, why: str) -> None:
    """The same verdict on several rows at once, taken back at once too. why: the note that goes with each."""
    if _write(chosen, rows, verdict, note=why):
        st.session_state.pop(SHOWN_LAST, None)  # the queue goes on
        st.toast(f"{words.count(len(rows), chosen.dataset.item)}: {verdict}.")


def _said(chosen: Chosen, row: int, verdict: Judgement) -> Said:
    return Said(
        str(chosen.scores.row_keys[row]),
        load.row_content(state.store(), chosen.dataset, row),
        verdict,
        run_id=chosen.run.id,
        scorer=chosen.scorer,
        threshold=float(chosen.threshold.value),
        score=float(chosen.scores.values[row]),
        percentile=float(chosen.scores.percentiles[row]),
    )


def _write(chosen: Chosen, rows: Sequence[int], verdict: Judgement, **remarked: Any) -> bool:
    """Whether it was written; what went wrong is shown with the page."""
    dataset = chosen.dataset
    whose = f"{dataset.item} {rows[0] + 1}" if len(rows) == 1 else words.count(len(rows), dataset.item)
    with pressed(FAILED, dataset, f"What you said of {whose} ({verdict or 'noted'})"):
        said = [replace(_said(chosen, row, verdict), **remarked) for row in rows]
        batch = state.store().verdicts.add(dataset.lineage_id, dataset.id, said, new_id("b"))
        _mine(chosen).append((batch, rows[0]))
        return True
    return False


def verdict_buttons(chosen: Chosen, rows: Sequence[int], why: str, key: str) -> None:
    """A verdict on all of some rows, without keys: what is said of many is not said by a slip of the finger."""
    with st.container(horizontal=True):
        for verdict, (label, _, icon) in BUTTONS.items():
            st.button(
                f"{label} {'it' if len(rows) == 1 else f'these {len(rows):,}'}",
                icon=icon,
                key=f"{key}_{verdict}",
                disabled=len(rows) == 0,
                on_click=say_of_all,
                args=(chosen, rows, verdict, why),
            )


def _go_on(chosen: Chosen, row: int, following: int | None) -> None:
    if following != row:
        _trail(chosen).append(row)
    _show(chosen, following)


def _back(chosen: Chosen, before: int) -> None:
    if trail := _trail(chosen):
        trail.pop()
    _show(chosen, before)


def _trail(chosen: Chosen) -> list[int]:
    """The rows that were looked at before this one, in this session."""
    looked_at: list[int] = st.session_state.setdefault(f"triage_trail_{chosen.run.id}", [])
    return looked_at


def _show(chosen: Chosen, row: int | None) -> None:
    show_row(chosen.run.id, str(chosen.scores.row_keys[row]) if row is not None else None)


def _undo(chosen: Chosen) -> None:
    batch, row = _mine(chosen).pop()
    with pressed(FAILED, chosen.dataset, "What you took back"):
        _, stayed = take_back(state.store(), chosen.dataset, batch)
        if stayed:
            st.toast("Somebody spoke since: that stands.")
        trail = _trail(chosen)
        if row in trail:  # what was looked at after it lies ahead again
            del trail[len(trail) - 1 - trail[::-1].index(row) :]
        _show(chosen, row)


def _mine(chosen: Chosen) -> list[tuple[str, int]]:
    """What this session said of the dataset's rows, in order: (batch, row)."""
    said: list[tuple[str, int]] = st.session_state.setdefault(f"said_{chosen.dataset.lineage_id}_{chosen.run.id}", [])
    return said


def _key(chosen: Chosen, row: int) -> str:
    return f"{chosen.run.id}_{row}"
