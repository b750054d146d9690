"""Triage: one flagged row after the other, what speaks for it, and what is said of it."""

from __future__ import annotations

import streamlit as st

from core.triage.progress import progress
from dashboard import load, state, words
from dashboard.blocks.briefing import scored_banner
from dashboard.blocks.evidence_card import evidence_card, row_name
from dashboard.blocks.images.one_image import one_image
from dashboard.blocks.one_row import row_choice
from dashboard.blocks.row_shown import late_press_passed_over
from dashboard.blocks.run_header import chosen_run
from dashboard.blocks.score_shown import score_switch
from dashboard.blocks.selection_menu import only_these
from dashboard.blocks.series.one_stretch import one_stretch
from dashboard.blocks.triage.again import train_again
from dashboard.blocks.triage.alike import look_alikes
from dashboard.blocks.triage.cases import queue_cases
from dashboard.blocks.triage.files import queue_files
from dashboard.blocks.triage.gone import gone_meanwhile
from dashboard.blocks.triage.progress import progress_line
from dashboard.blocks.triage.queue import queue_of, shown_or_first, to_decide
from dashboard.blocks.triage.returned import returned_file
from dashboard.blocks.triage.rules import any_of, hidden_by_rules, new_rule, rules_list, rules_of
from dashboard.blocks.triage.table import queue_table
from dashboard.blocks.triage.verdict import BADGES, history, remarks, verdict_bar
from dashboard.blocks.triage.watch import watch
from dashboard.charts.markdown import plain
from dashboard.navigation import link

ONE, CASES, TABLE = "One at a time", "One kind at a time", "As a table"

st.title("Triage")
st.caption("One flagged row after the other: what speaks for it, and what you say of it. A verdict stays with its row.")

gone_meanwhile()
chosen = chosen_run("triage")
scored_banner(chosen)
score_switch()
store, item = state.store(), words.counted_in(chosen.run, chosen.dataset)
watch(chosen.dataset)
judged = load.judged(store, chosen.dataset, chosen.run)
flags = only_these(chosen, load.flagged(store, chosen.run, chosen.threshold))
rows = to_decide(chosen, flags.rows, judged)
if len(rows) == 0:
    st.info("Nothing is flagged, so there is nothing to decide.", icon=":material/flag:")
    link("anomalies", "Lower the threshold", run=chosen.run.id)
    st.stop()
rules, past = rules_of(chosen)
hiding = hidden_by_rules(chosen, rules, rows, judged)
queue = queue_of(chosen, judged, rows, any_of(hiding, len(rows)))
progress_line(progress(queue.rows, chosen.scores.values, judged), item)
with st.container(horizontal=True):
    train_again(chosen, judged)
rules_list(chosen, rules, past, hiding)
with st.expander("Decide in a spreadsheet", icon=":material/table_view:"):
    queue_files(chosen, queue.rows[queue.wanted], judged)
    returned_file(chosen)
view = st.segmented_control(
    "View", [ONE, CASES, TABLE], default=ONE, required=True, label_visibility="collapsed", key="triage_view"
)
if view != ONE:
    (queue_table if view == TABLE else queue_cases)(chosen, queue, judged)
    st.stop()
late_press_passed_over(chosen.run.id)
row = row_choice(chosen) if state.param("row") else shown_or_first(chosen, queue)
if row is None:
    st.success(f"No {item} of this sort is left.", icon=":material/done_all:")
    st.stop()
place, stands = queue.at(row), judged.newest.get(row)
named = st.container()
remarks(chosen, row, judged)
with named:  # its name and its keys at one go: who reads the one and presses finds the other
    st.markdown(f"#### {plain(row_name(chosen, row))}")
    where = (
        f"number {place + 1:,} of {len(queue.rows):,} in the queue" if place is not None else "not among the flagged"
    )
    st.markdown(f"{where} {BADGES[stands.verdict] if stands and stands.verdict else ''}")
    verdict_bar(chosen, queue, row, place)
history(chosen, row, judged)
evidence = None
if chosen.dataset.pictures is not None:
    one_image(chosen, row)
elif chosen.scores.course is not None:
    one_stretch(chosen, row)
else:
    evidence = evidence_card(chosen, row)
look_alikes(chosen, row, judged, rows)
new_rule(chosen, row, judged, rows, evidence)
