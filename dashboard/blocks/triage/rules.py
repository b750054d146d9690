"""Rules that hide rows like a dismissed one until a day: made, shown with how many they hide, undone."""

from __future__ import annotations

import datetime
import time
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.results import Bound, Column, Rule
from core.scoring.files import lineages
from core.scoring.matching import called_in_file
from core.triage.evidence import Evidence
from core.triage.judged import DISMISSED, OPEN, Judged
from core.triage.rules import WIDTHS, ended, hidden, holding, in_words, rows_like, telling
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen
from dashboard.charts.markdown import plain

DAYS, SAMPLE = 30, 5_000
LONGEST = 400
DAY = 86_400.0  # seconds


def now() -> float:
    """By which rules hold, in seconds since 1970."""
    return time.time()


def rules_of(chosen: Chosen) -> tuple[list[Rule], list[Rule]]:
    """Those made on the same rows, or on a file that the same run learned from or scored: those that hold, the newest first, and those
    whose day passed within the last 30, the last first."""
    store, moment = state.store(), now()
    kept = [rule for each in lineages(store, chosen.run) for rule in store.rules.of_lineage(each)]
    past = ended(kept, moment, moment - DAYS * DAY)
    return (
        sorted(holding(kept, moment), key=lambda rule: -rule.created_at),
        sorted(past, key=lambda rule: -rule.until),
    )


def hidden_by_rules(
    chosen: Chosen, rules: list[Rule], rows: NDArray[np.int64], judged: Judged
) -> dict[str, NDArray[np.bool_]]:
    """Which of some rows, (F,), each rule hides, by its id: never one that was decided on. Nothing of a rule whose columns are
    not there."""
    if not rules or len(rows) == 0:
        return {}
    own = {column.name: column for column in chosen.dataset.columns}
    names = {bound.column for rule in rules for bound in rule.bounds}
    lacking = [name for name in names if name not in own]
    called = {name: name for name in names & set(own)} | (
        called_in_file(state.store(), chosen.run, chosen.dataset, lacking) if lacking else {}
    )
    cells = _values(chosen, rows, [own[name] for name in sorted(set(called.values()))])
    columns = {name: own[here] for name, here in called.items()}
    values = {name: cells[here] for name, here in called.items()}
    found = {rule.id: hidden(rule, columns, values) for rule in rules}
    undecided = judged.codes[rows] == OPEN
    return {id_: mask & undecided for id_, mask in found.items() if mask is not None}


def any_of(hiding: dict[str, NDArray[np.bool_]], rows: int) -> NDArray[np.bool_]:
    """Which of so many rows some rule hides, (rows,)."""
    out = np.zeros(rows, bool)
    for mask in hiding.values():
        out |= mask
    return out


def rules_list(chosen: Chosen, rules: list[Rule], past: list[Rule], hiding: dict[str, NDArray[np.bool_]]) -> None:
    """The rules, each with how many flagged rows it hides now; and those whose day passed lately."""
    _ended(chosen, past)
    if not rules:
        return
    item = chosen.dataset.item
    gone = int(any_of(hiding, len(next(iter(hiding.values())))).sum()) if hiding else 0
    verb = "hides" if len(rules) == 1 else "hide"
    with st.expander(f"{words.count(len(rules), 'rule')} {verb} {words.count(gone, f'flagged {item}')}"):
        for rule in rules:
            said, undo = st.columns([5, 1], vertical_alignment="center")
            said.markdown(_line(chosen, rule, hiding.get(rule.id)))
            if undo.button("Undo", key=f"undo_rule_{rule.id}"):
                with failure_in_place():
                    state.store().rules.undo(rule.id)
                st.rerun()


def _ended(chosen: Chosen, past: list[Rule]) -> None:
    """Why rows are back in the queue that were hidden some days ago."""
    columns = {column.name: column for column in chosen.dataset.columns}
    for rule in past:
        until = datetime.date.fromtimestamp(rule.until).isoformat()
        st.caption(
            f"A rule ended on {until}, and the rows that it hid are back: {plain(in_words(rule.bounds, columns), LONGEST)}"
        )


def _line(chosen: Chosen, rule: Rule, mask: NDArray[np.bool_] | None) -> str:
    columns = {column.name: column for column in chosen.dataset.columns}
    count = "its columns are not in this file" if mask is None else f"hides {int(mask.sum()):,}"
    return (
        f"{plain(in_words(rule.bounds, columns), LONGEST)} · until {datetime.date.fromtimestamp(rule.until).isoformat()} · {count} · "
        f"by {plain(rule.author)}, {words.day(rule.created_at)}"
    )


def new_rule(
    chosen: Chosen, row: int, judged: Judged, flagged: NDArray[np.int64], evidence: Evidence | None = None
) -> None:
    """From a dismissed row: which rows are like it, until when, and how many flagged ones that hides, also of those that are strange
    for something else."""
    if judged.codes[row] != DISMISSED:
        return
    if chosen.dataset.pictures is not None or chosen.scores.course is not None:
        st.caption(
            "There is no rule that dismisses what is like this for a while: rules go by the values of a row's columns, and an image has "
            "none."
            if chosen.dataset.pictures is not None
            else "There is no rule that dismisses what is like this for a while: rules go by the values of single rows, and an event "
            "is strange by how its rows follow each other. *One kind at a time* dismisses what is alike."
        )
        return
    with st.expander("Dismiss rows like this for a while"):
        wide, until = st.columns(2)
        width = wide.segmented_control(
            "How alike numbers have to be",
            list(WIDTHS),
            default="usual",
            required=True,
            key=f"rule_width_{row}",
            help="On either side, in distances of a column's quartiles: "
            + ", ".join(f"{k} {v}" for k, v in WIDTHS.items()),
        )
        day = until.date_input(
            "Until",
            datetime.date.today() + datetime.timedelta(days=DAYS),
            min_value=datetime.date.today(),
            key=f"rule_until_{row}",
        )
        columns = {column.name: column for column in chosen.dataset.columns}
        asked = [columns[name] for name in chosen.scores.columns if name in columns]
        mine = _values(chosen, np.asarray([row]), asked)
        errors = np.asarray(chosen.scores.column_errors[row], np.float64)
        shares = [
            float(errors[i] / max(errors.sum(), 1e-30))
            for i, name in enumerate(chosen.scores.columns)
            if name in columns
        ]
        cells = {name: values[0] for name, values in mine.items()}
        healthy = _healthy(chosen, asked)
        bounds = rows_like(asked, cells, healthy, telling(asked, cells, healthy, shares, evidence), str(width))
        there = _values(chosen, flagged, [columns[bound.column] for bound in bounds])
        rule = Rule("", "", 0.0, "", bounds, 0.0, "", "")
        mask = hidden(rule, columns, there)
        undecided = judged.codes[flagged] == OPEN
        would = flagged[mask & undecided] if mask is not None else flagged[:0]
        count = len(would)
        st.markdown(
            f"{plain(in_words(bounds, columns), LONGEST)}: **{words.count(count, 'flagged row')}** of the "
            f"{int(undecided.sum()):,} that nobody decided on"
        )
        if others := _otherwise(chosen, would, bounds):
            st.warning(
                f"Of the {words.count(count, 'row')} that it would hide, {others:,} {'is' if others == 1 else 'are'} flagged mostly "
                "for other columns.",
                icon=":material/visibility_off:",
            )
        if st.button("Hide them until then", key=f"rule_make_{row}"):
            end = datetime.datetime.combine(day, datetime.time(23, 59, 59)).timestamp()
            with failure_in_place():
                key = str(chosen.scores.row_keys[row])
                state.store().rules.new(chosen.dataset.lineage_id, bounds, end, key)
            st.rerun()


def _otherwise(chosen: Chosen, rows: NDArray[np.int64], bounds: tuple[Bound, ...]) -> int:
    """Of how many rows the column with the largest share of the score is none of a rule's."""
    names = {bound.column for bound in bounds}
    most = np.asarray(chosen.scores.column_errors[rows]).argmax(axis=1) if len(rows) else rows
    return sum(chosen.scores.columns[i] not in names for i in most.tolist())


def _healthy(chosen: Chosen, columns: list[Column]) -> dict[str, NDArray[Any]]:
    """Cells of some rows below the threshold, or of any where there are none."""
    below = np.flatnonzero(chosen.scores.values < chosen.threshold.value)
    among = below if len(below) else np.arange(chosen.dataset.rows)
    rows = np.sort(np.random.default_rng(0).choice(among, min(SAMPLE, len(among)), replace=False))
    return _values(chosen, rows, columns)


def _values(chosen: Chosen, rows: NDArray[np.int64], columns: list[Column]) -> dict[str, NDArray[Any]]:
    """Cells of some rows as core.results.Table has them, by column."""
    return load.typed_rows(state.store(), chosen.dataset, rows, tuple(columns))
