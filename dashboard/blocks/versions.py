"""What sets a version of a dataset apart from what it was made of, in words; and the ways to its relatives."""

from __future__ import annotations

import streamlit as st

from core.datasets.ingest import BY_HAND
from core.datasets.summary import spelled
from core.errors import NotFound
from core.results import Column, Dataset
from core.storage.store import Store
from dashboard import state, words
from dashboard.charts.markdown import plain
from dashboard.charts.text import visible
from dashboard.navigation import link

NAMED = 2  # changed columns that are named
LONGEST = 30
LINKED = 3  # newer versions that are linked to


def version(dataset: Dataset) -> str:
    """ " · a new version: “zip” as coded", as Markdown to stand behind the name; empty where there is nothing to say."""
    return f" · {plain(said)}" if (said := apart(dataset)) else ""


def apart(dataset: Dataset) -> str:
    """What sets a version apart from the one it was made of, as typed; empty for what was made of a file."""
    store = state.store()
    if dataset.parent_id is not None:
        try:
            return "a new version" + _behind(_differences(store, dataset, store.space, dataset.id))
        except NotFound:  # deleted since the dataset was read
            pass
    by_hand = sum(column.reason.endswith(BY_HAND) for column in dataset.columns)
    return f"{words.count(by_hand, 'column')} set by hand" if by_hand else ""


def relatives(dataset: Dataset) -> None:
    """What sets this version apart, with links to the one that it was made of and to newer ones."""
    newer = state.store().datasets.versions(dataset)
    if said := apart(dataset):
        st.caption(plain(f"{said[0].upper()}{said[1:]}"))
    if not newer and dataset.parent_id is None:
        return
    with st.container(horizontal=True):
        if dataset.parent_id is not None:
            link("data", "The version before", icon=":material/undo:", dataset=dataset.parent_id)
        for each in newer[-LINKED:]:
            label = f"A newer version{plain(_behind(_changes(dataset, each)))} ({words.ago(each.created_at)})"
            link("data", label, icon=":material/redo:", dataset=each.id)


def newer_exists(dataset: Dataset) -> None:
    """Before a change is saved: that there is a newer version already, which the change would not be made of."""
    newer = state.store().datasets.versions(dataset)
    if not newer:
        return
    st.info(
        f"A newer version was made of this one already{plain(_behind(_changes(dataset, newer[-1])))}. What you save "
        "here starts from this one, without those changes.",
        icon=":material/history:",
    )
    link("data", "Go to the newer version", icon=":material/redo:", dataset=newer[-1].id)


@st.cache_resource(show_spinner=False, max_entries=256)
def _differences(_store: Store, _dataset: Dataset, space: str, id_: str) -> tuple[str, ...]:
    return _changes(_store.datasets.get(_dataset.parent_id or ""), _dataset)


def _changes(before: Dataset, after: Dataset) -> tuple[str, ...]:
    """What was said otherwise in the later one."""
    if before.cells_address != after.cells_address:
        then, now = before.reading.chosen, after.reading.chosen
        said = [name.replace("_", " ") for name in {**then, **now} if then.get(name) != now.get(name)]
        return (f"read differently ({', '.join(said)})" if said else "read differently",)
    columns = {column.name: column for column in before.columns}
    pairs = [(columns[column.name], column) for column in after.columns if column.name in columns]
    return tuple(changed for old, new in pairs if (changed := _change(old, new)))


def _change(old: Column, new: Column) -> str:
    """What is otherwise about a column; empty where nothing is."""
    said = []
    if new.kind != old.kind:
        said.append(f"as {new.kind}")
    if new.role != old.role:
        said.append(new.role)
    if new.unit != old.unit:
        said.append(f"in {visible(new.unit)}" if new.unit else "without a unit")
    if new.missing_words != old.missing_words:
        listed = ", ".join(f"“{visible(word[:LONGEST])}”" for word in new.missing_words[:NAMED])
        more = f" and {len(new.missing_words) - NAMED:,} more" if len(new.missing_words) > NAMED else ""
        said.append(f"with {listed}{more} as missing" if listed else "with only empty cells as missing")
    if new.kind == old.kind and new.form != old.form:
        said.append(f"written as {visible(spelled(new.form))}")
    if new.kind == old.kind and new.levels != old.levels:
        said.append("in another order")
    if not said and old.question and not new.question:
        said.append("confirmed")
    return f"“{visible(new.name[:LONGEST])}” {', '.join(said)}" if said else ""


def _behind(changes: tuple[str, ...]) -> str:
    """The changes behind a colon, most of them counted where they are many."""
    more = [f"{words.count(len(changes) - NAMED, 'more change')}"] if len(changes) > NAMED else []
    return f": {'; '.join([*changes[:NAMED], *more])}" if changes else ""
