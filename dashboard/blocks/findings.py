"""What the training doctor found: each with its figures and a next step, which is one click where settings would do it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.datasets.seen import piece_of, seen_columns, shape_of
from core.glossary import terms
from core.jobs.beforehand import refuse_hopeless
from core.jobs.launch import ensure_supervisor
from core.results import Dataset, Metric, Run
from core.specs import RunSpec
from core.training.doctor import ColumnFacts, Evidence, Finding, together
from dashboard import state
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_names import changed
from dashboard.charts.markdown import plain
from dashboard.help import term_link
from dashboard.navigation import go

ICONS = {"wrong": ":material/error:", "doubtful": ":material/warning:", "hint": ":material/lightbulb:"}
LONGEST = 600


def findings_of(run: Run) -> list[Finding]:
    """Those that a finished run keeps."""
    return [Finding(**finding) for finding in run.summary.get("findings", [])]


def live_evidence(run: Run, dataset: Dataset, metrics: Sequence[Metric]) -> Evidence:
    """What is known of a run while it trains: the curve, the settings, the columns."""
    spec = RunSpec.read(run.spec)
    shape = shape_of(spec, dataset)
    rows = (
        dataset.rows // spec.windows.step
        if spec.windows
        else dataset.pictures.pieces
        if dataset.pictures
        else dataset.rows
    )
    held = round(rows * spec.training.validation_share)
    columns = tuple(
        ColumnFacts.of(
            column,
            dataset.rows,
            # Of rows that are left out nothing is known here; what is said in the end counts them.
            infinite=0 if spec.leave_out else column.infinite(dataset.rows),
            huge=0 if spec.leave_out else column.huge,
        )
        for column in seen_columns(spec, dataset)
    )
    return Evidence(
        spec=spec,
        plan=spec.plan(shape),
        inputs=math.prod(shape),
        rows_trained=rows - held,
        rows_validation=held,
        curve=metrics,
        item=piece_of(spec, dataset),
        columns=columns if dataset.pictures is None else (),
        active_target=spec.objective_settings.get("active"),
        batch_used=spec.training.batch_size,
    )


def show_findings(findings: Sequence[Finding], *, run: Run | None = None, healthy: str = "") -> None:
    """One box a finding, the worst first; what is said where there is none. run: the finished one that they are of."""
    if not findings and healthy:
        st.markdown(f":material/check: {healthy}")
    for finding in findings:
        text = (
            f"**{plain(finding.title)}.** {plain(finding.evidence, LONGEST)}  \n"
            f"*What to do:* {plain(finding.next_step, LONGEST)}{_changes(finding.change)}{_more(finding.term)}"
        )
        box = st.info if finding.severity == "hint" else st.warning
        box(text, icon=ICONS[finding.severity])
        if run is not None and finding.change:
            _again(run, finding.change, "Train again with that", finding.name)
    change = together(findings)
    if run is not None and sum(bool(finding.change) for finding in findings) > 1:
        st.markdown(f"**All of it at once**, where two contradict each other as the upper one says.{_changes(change)}")
        _again(run, change, "Train again with all of it", "all")


def _again(run: Run, change: dict[str, Any], label: str, key: str) -> None:
    """A button that does what is advised."""
    if st.button(label, key=f"again_{key}", icon=":material/replay:"):
        store = state.store()
        with failure_in_place():
            spec = RunSpec.read(run.spec).changed(change)
            refuse_hopeless(store, store.datasets.get(run.dataset_id), spec)
            made = store.runs.submit(run.dataset_id, spec, name=changed(run.name), parent_id=run.id)
            ensure_supervisor(store.settings)
        go("train", run=made.id)


def _more(term: str) -> str:
    return f" {term_link(term, 'More in the Guide')}" if term in terms() else ""


def _changes(change: dict[str, Any]) -> str:
    if not change:
        return ""
    said = ", ".join(
        name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {value}"
        for name, value in change.items()
    )
    return f" *Settings:* {plain(said)}."
