"""An Excel file that comes back: what it would change, what others said meanwhile, and the button that writes it."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.errors import HourglassError
from core.export.triage.plan import Plan, Step, Twice, Written, apply, plan_import
from core.export.triage.returned import LARGEST_MB, Returned, read_verdicts
from core.results import Dataset, Verdict
from core.triage.judged import take_back
from dashboard import state, words
from dashboard.blocks.failure import show_error, show_failure
from dashboard.blocks.pages import page_of
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.triage.gone import pressed
from dashboard.charts.markdown import plain
from dashboard.charts.text import shortened, visible

ROWS = 50
KEEP, TAKE = "Keep what stands", "Take what the file says"
CHOICES: dict[str, Literal["keep", "take"]] = {KEEP: "keep", TAKE: "take"}
DONE, FAILED = "triage_written_", "triage_not_written"
READ, PLANNED = "triage_returned", "triage_planned"


def returned_file(chosen: Chosen) -> None:
    """Where the file is chosen, and what comes of it."""
    _outcome(chosen.dataset)
    file = st.file_uploader(
        "Take back an Excel file",
        ["xlsx"],
        max_upload_size=LARGEST_MB,
        key=f"triage_file_{chosen.dataset.lineage_id}",
        help="One that was made here, with verdicts filled in. You see what it would change before anything is written.",
    )
    if file is None:
        st.session_state.pop(READ, None)
        st.session_state.pop(PLANNED, None)
        return
    try:
        plan = _planned(file, chosen.dataset)
    except HourglassError as error:
        show_error(error)
        return
    _show(plan, chosen.dataset, str(file.file_id))


def _planned(file: Any, dataset: Dataset) -> Plan:
    """Made anew only where something was said since."""
    at = (file.file_id, dataset.id, state.store().verdicts.stamp(dataset.lineage_id))
    remembered: tuple[object, Plan] | None = st.session_state.get(PLANNED)
    if remembered is None or remembered[0] != at:
        remembered = at, plan_import(state.store(), dataset, _read(file))
        st.session_state[PLANNED] = remembered
    return remembered[1]


def _read(file: Any) -> Returned:
    """Read once, whatever else is drawn anew."""
    remembered: tuple[str, Returned] | None = st.session_state.get(READ)
    if remembered is not None and remembered[0] == file.file_id:
        return remembered[1]
    with st.spinner("Reading the workbook …"):
        found = read_verdicts(file.getvalue(), state.store().settings, str(file.name))
    st.session_state[READ] = (file.file_id, found)
    return found


def _show(plan: Plan, dataset: Dataset, key: str) -> None:
    for line in in_words(plan):
        st.markdown(line)
    if plan.conflicts:
        st.markdown(f"**Others said something else since the file was made** ({len(plan.conflicts):,})")
        page = page_of(len(plan.conflicts), ROWS, key=f"conflicts_page_{key}")
        st.dataframe(conflict_table(plan.conflicts[page]), hide_index=True, key=f"conflicts_{key}")
        st.radio("Of these", list(CHOICES), key=f"conflicts_choice_{key}", horizontal=True)
    if plan.twice:
        st.markdown(
            f"**The file is at odds with itself** ({len(plan.twice):,}): rows that stand in it more than once, and not alike. "
            "Of these nothing is written; leave one line of each and take the file back again."
        )
        page = page_of(len(plan.twice), ROWS, key=f"twice_page_{key}")
        st.dataframe(twice_table(plan.twice[page]), hide_index=True, key=f"twice_{key}")
    if plan.problems:
        st.markdown(f"**Cells that are passed over** ({len(plan.problems):,})")
        page = page_of(len(plan.problems), ROWS, key=f"problems_page_{key}")
        st.dataframe(problem_table(plan, page), hide_index=True, key=f"problems_{key}")
    choice = CHOICES[st.session_state.get(f"conflicts_choice_{key}", KEEP)]
    due = len(plan.clear) + (len(plan.conflicts) if choice == "take" else 0)
    st.button(
        "Write these verdicts",
        key=f"write_{key}",
        type="primary",
        disabled=due == 0,
        on_click=_write,
        args=(dataset, plan, choice),
        help=f"{words.count(due, 'verdict')}, under your name.",
    )


def in_words(plan: Plan) -> list[str]:
    """What the file would change, a line each."""
    counts = (
        (len(plan.new), "new"),
        (len(plan.changed), "changed"),
        (len(plan.taken_back), "taken back"),
        (len(plan.conflicts), "at odds with what others said since"),
        (len(plan.twice), "at odds within the file"),
        (plan.same, "as they stand"),
        (len(plan.problems), "not understood"),
    )
    lines = [" · ".join(f"**{number:,}** {what}" for number, what in counts if number) or "The file says nothing."]
    if plan.elsewhere:
        rows = ", ".join(f"{number:,}" for number in plan.elsewhere[:10])
        more = ", …" if len(plan.elsewhere) > 10 else ""
        lines.append(
            f"**{len(plan.elsewhere):,}** not among the rows of this data, passed over: rows {rows}{more} of the sheet"
        )
    return lines


def conflict_table(conflicts: tuple[Step, ...]) -> pd.DataFrame:
    """What the file says beside what stands now."""
    return pd.DataFrame(
        [
            {
                "row": step.row + 1 if step.row is not None else None,
                "in the file": step.said.verdict or "(none)",
                "its note": visible(shortened(step.said.note)),
                "stands now": _verdict(step.now),
                "by": visible(shortened(step.now.author)) if step.now else "",
                "when": words.date(step.now.created_at) if step.now else "",
                "note now": visible(shortened(step.now.note)) if step.now else "",
                "when exported": _verdict(step.before),
            }
            for step in conflicts
        ]
    )


def twice_table(twice: tuple[Twice, ...]) -> pd.DataFrame:
    """What the lines of one row say, beside what stands now."""
    return pd.DataFrame(
        [
            {
                "row": each.row + 1 if each.row is not None else None,
                "rows of the sheet": ", ".join(f"{line:,}" for line in each.lines),
                "in the file": visible(shortened(" / ".join(word or "(none)" for word in each.verdicts))),
                "stands now": _verdict(each.now),
            }
            for each in twice
        ]
    )


def _verdict(verdict: Verdict | None) -> str:
    return verdict.verdict or "(taken back)" if verdict is not None else "(none)"


def problem_table(plan: Plan, page: slice) -> pd.DataFrame:
    """Which cells are not understood, and what to do."""
    return pd.DataFrame(
        [
            {"row of the sheet": each.line, "column": each.column, "what": visible(each.what), "what to do": each.fix}
            for each in plan.problems[page]
        ]
    )


def _write(dataset: Dataset, plan: Plan, choice: Literal["keep", "take"]) -> None:
    with pressed(FAILED, dataset, "What the workbook says"):
        st.session_state[DONE + dataset.lineage_id] = apply(state.store(), dataset, plan, choice)


def _outcome(dataset: Dataset) -> None:
    """What the last press of the button did, with the way back."""
    show_failure(FAILED)
    written: Written | None = st.session_state.get(DONE + dataset.lineage_id)
    if written is None:
        return
    said = [f"{words.count(written.written, 'verdict')} written"]
    said += [f"{written.kept:,} kept as they stand"] if written.kept else []
    said += [f"{written.overtaken:,} not written, as somebody spoke meanwhile"] if written.overtaken else []
    st.success(plain(", ".join(said)) + ".", icon=":material/done_all:")
    if written.batch_id:
        st.button("Take them back", key=f"undo_{written.batch_id}", on_click=_undo, args=(dataset, written.batch_id))


def _undo(dataset: Dataset, batch_id: str) -> None:
    st.session_state.pop(DONE + dataset.lineage_id, None)
    with pressed(FAILED, dataset, "What you took back"):
        back, stayed = take_back(state.store(), dataset, batch_id)
        stand = f", {stayed:,} stand: somebody spoke since" if stayed else ""
        st.toast(f"{words.count(back, 'verdict')} taken back{stand}")
