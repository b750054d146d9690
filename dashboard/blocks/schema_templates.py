"""Schemas kept under a name: keep this one, lay another over the table, forget one."""

from __future__ import annotations

import streamlit as st

from core.datasets.ingest import apply_template, differs_from
from core.results import Dataset, Template
from dashboard import state, words
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.schema_changes import open_version
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings


def schema_templates(dataset: Dataset) -> None:
    """Keep, use, forget."""
    store = state.store()
    keep, use = st.columns(2, gap="large")
    with keep:
        name = st.text_input("Keep this schema as", max_chars=200, key=f"template_name_{dataset.id}")
        if st.button("Keep it", disabled=not name.strip(), key=f"template_keep_{dataset.id}"):
            with failure_in_place():
                store.templates.new(name, dataset.columns)
            st.toast(f"Kept as {plain(name)}: it is offered for every file with these columns.")
    with use:
        kept = {template.id: template for template in store.templates.find()}
        if not kept:
            st.caption("No schema was kept yet.")
            return
        # By its id: another tab may have forgotten or kept some since.
        entries = dict(zip(kept, headings(map(_entry, kept.values())), strict=True))
        picked = st.selectbox(
            "Schemas that were kept",
            list(kept),
            format_func=lambda id_: entries.get(id_, "(forgotten)"),
            key=f"template_{dataset.id}",
        )
        lay, forget = st.columns(2)
        with lay:
            if st.button("Use it here", key=f"template_use_{dataset.id}"):
                _use(dataset, kept[picked])
        with forget:
            if st.button("Forget it", key=f"template_forget_{dataset.id}", help="Data that has it stays as it is."):
                with failure_in_place():
                    store.templates.delete(picked)
                st.rerun()


def _entry(template: Template) -> str:
    return f"{template.name} ({words.count(len(template.columns), 'column')})"


def offered_schema(dataset: Dataset) -> None:
    """The newest kept schema that has exactly this table's columns and says otherwise of one, with its button."""
    if dataset.parent_id is not None:
        return
    names = {column.name for column in dataset.columns}
    kept = (template for template in state.store().templates.find() if {c.name for c in template.columns} == names)
    template = next(kept, None)
    if template is None or not (different := differs_from(dataset.columns, template)):
        return
    said, button = st.columns([3, 1], vertical_alignment="center")
    said.info(
        f"The schema **{plain(template.name)}** was kept for a table with these columns; it sees "
        f"{words.count(len(different), 'column')} otherwise.",
        icon=":material/bookmark:",
    )
    if button.button("Use it here", key=f"template_offered_{dataset.id}"):
        _use(dataset, template)


def _use(dataset: Dataset, template: Template) -> None:
    with failure_in_place():
        version = apply_template(state.store(), dataset, template)
    open_version(dataset, version)
