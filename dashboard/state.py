"""What the URL and the session remember: one named accessor a thing.

In the URL: run, dataset, job, view, copy, compare, search, threshold, row, leave, selection, only, maps, profile, term, scores. A *view* stands for a
whole shared state, so that what it says wins over what the session remembers. In the session: the selected rows, by dataset; the rows to leave out, by
dataset, because a link that was drawn before the last change still names the old ones; how scores are said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from core.errors import NotFound, SettingsRefused
from core.results import Dataset, Run, Selection, Threshold, View
from core.settings import settings
from core.specs import Condition
from core.storage.records import from_json
from core.storage.store import Store

MOST_COMPARED = 24  # runs
RAW, PERCENTILE = "raw", "percentile"
SCORES_AS = (RAW, PERCENTILE)


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The store of this process."""
    return Store.open(settings())


# --- URL -----------------------------------------------------------------------------------------------


def param(name: str) -> str | None:
    """An unbound parameter of the URL, or None."""
    value = st.query_params.get(name)
    return value or None


def set_param(name: str, value: str | None) -> None:
    """Write a parameter into the URL; None takes it out."""
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def view() -> View | None:
    """The shared view that the URL names. Raises NotFound."""
    id_ = param("view")
    return store().views.get(id_) if id_ else None


def run() -> Run | None:
    """The run of the URL, or of its shared view. Raises NotFound."""
    id_ = param("run")
    if id_ is None and (shared := view()) is not None:
        id_ = shared.run_id
    return store().runs.get(id_) if id_ else None


def compared() -> tuple[list[Run], int]:
    """The runs that the URL puts side by side, in its order, and how many more it names that are gone.

    Raises NotFound where none is left.
    """
    ids = list(dict.fromkeys(id_ for id_ in (param("compare") or "").split(",") if id_))[:MOST_COMPARED]
    found, error = [], None
    for id_ in ids:
        try:
            found.append(store().runs.get(id_))
        except NotFound as gone:
            error = gone
    if error is not None and not found:
        raise error
    return found, len(ids) - len(found)


def dataset() -> Dataset | None:
    """The dataset of the URL, of its run, or of the first that it puts side by side. Raises NotFound."""
    if id_ := param("dataset"):
        return store().datasets.get(id_)
    chosen = run()
    if chosen is None and (side_by_side := compared()[0]):
        chosen = side_by_side[0]
    return store().datasets.get(chosen.dataset_id) if chosen else None


def copied_dataset() -> Dataset | None:
    """The dataset of the run that is copied. Raises NotFound."""
    id_ = param("copy")
    return store().datasets.get(store().runs.get(id_).dataset_id) if id_ else None


def threshold(chosen: Run) -> Threshold:
    """The threshold to look through: the shared view's as it was, the URL's, else the run's newest. Raises NotFound."""
    shared = view()
    if shared is not None and shared.run_id == chosen.id:
        return from_json(Threshold, shared.state["threshold"])
    if id_ := param("threshold"):
        named = store().thresholds.get(id_)
        if named.run_id != chosen.id:
            raise NotFound(
                "the link's threshold belongs to another run", where="threshold", fix="take it out of the link"
            )
        return named
    newest = store().thresholds.current(chosen.id)
    assert newest is not None, f"finished run {chosen.id} has no threshold"  # noqa: S101
    return newest


def named_selection(dataset_id: str) -> Selection | None:
    """The named selection that the URL names; None where it was deleted since, or is of other rows than the dataset's."""
    id_ = param("selection")
    if not id_:
        return None
    try:
        found, datasets = store().selections.get(id_), store().datasets
        kin = datasets.get(found.dataset_id).lineage_id == datasets.get(dataset_id).lineage_id
    except NotFound:
        return None
    return found if kin else None


def carried() -> dict[str, str | None]:
    """What a link to another page takes along. A shared view goes on only as its run."""
    shared = view()
    side_by_side = [] if param("run") or param("dataset") or shared else compared()[0]
    return {
        "run": param("run") or (shared.run_id if shared else side_by_side[0].id if side_by_side else None),
        "dataset": param("dataset"),
        "view": param("view"),
        "leave": param("leave"),
        "selection": param("selection"),
        "only": param("only"),
        "scores": param("scores"),
    }


def scores_as() -> str:
    """How scores are said, of SCORES_AS: as last chosen here, else as the URL or its shared view has it."""
    shared = view()
    asked = st.session_state.get("scores_are") or param("scores") or (shared.state.get("scores") if shared else None)
    return asked if asked in SCORES_AS else RAW


def set_scores_as(how: str) -> None:
    """Remember it, and put it into the URL."""
    st.session_state["scores_are"] = how
    set_param("scores", how if how != RAW else None)


def leave_out(dataset_id: str, usual: tuple[Condition, ...] = ()) -> tuple[Condition, ...]:
    """The rows to leave out of the next training: as last said here, as the URL has them, else the usual ones.

    Raises SettingsRefused.
    """
    remembered: dict[str, tuple[Condition, ...]] = st.session_state.setdefault("leave_out", {})
    return remembered[dataset_id] if dataset_id in remembered else leave_out_of_url() or usual


def leave_out_of_url() -> tuple[Condition, ...]:
    """The rows to leave out that the URL carries. Raises SettingsRefused."""
    text = param("leave")
    if text is None:
        return ()
    try:
        return TypeAdapter(tuple[Condition, ...]).validate_json(text)
    except ValidationError as error:
        raise SettingsRefused(
            "the link's rows to leave out can't be understood", where="leave", fix="open the Data page anew"
        ) from error


def set_leave_out(dataset_id: str, conditions: Sequence[Condition]) -> None:
    """Remember them, and put them into the URL."""
    st.session_state.setdefault("leave_out", {})[dataset_id] = tuple(conditions)
    set_param("leave", TypeAdapter(tuple[Condition, ...]).dump_json(tuple(conditions)).decode() if conditions else None)


# --- session -------------------------------------------------------------------------------------------


@dataclass
class Picked:
    """Selected rows of a dataset: their keys, and where they stand in the rows of each of its versions that was asked."""

    keys: NDArray[np.str_]  # (K,)
    places: dict[str, NDArray[np.int64]]


def selection(dataset_id: str) -> NDArray[np.str_]:
    """Keys of the rows selected in a dataset, (K,): the shared view's, or the named selection's in the URL, until something
    else is selected."""
    return _picked(dataset_id).keys


def selected(dataset_id: str, row_keys: NDArray[np.str_]) -> NDArray[np.int64]:
    """Where the selected rows stand among a dataset's rows, (K,), in order. row_keys: of all of them, (N,)."""
    picked = _picked(dataset_id)
    if dataset_id not in picked.places:
        found = np.isin(row_keys, picked.keys) if len(picked.keys) else np.zeros(len(row_keys), bool)
        picked.places[dataset_id] = np.flatnonzero(found)
    return picked.places[dataset_id]


def select(dataset_id: str, row_keys: NDArray[np.str_], named: str | None = None) -> None:
    """Remember the selected rows of a dataset, by their keys, (K,). named: the named selection that they are."""
    _remembered()[dataset_id] = Picked(np.asarray(row_keys, str), {})
    set_param("selection", named)
    if len(row_keys) == 0:
        set_param("only", None)


def select_rows(dataset_id: str, row_keys: NDArray[np.str_], rows: NDArray[np.int64]) -> None:
    """Remember these of a dataset's rows, (K,), where they are not those remembered. row_keys: of all its rows, (N,)."""
    if not np.array_equal(selected(dataset_id, row_keys), rows):
        select(dataset_id, row_keys[rows])
        _remembered()[dataset_id].places[dataset_id] = rows


def only_selected(dataset_id: str) -> bool:
    """Whether pages show the selected rows only."""
    return param("only") is not None and len(selection(dataset_id)) > 0


def _picked(dataset_id: str) -> Picked:
    remembered = _remembered()
    if dataset_id not in remembered:
        shared, keys = view(), np.empty(0, str)
        if shared is not None:
            keys = np.asarray(shared.row_keys, str)
        elif (named := named_selection(dataset_id)) is not None:
            keys = store().selections.row_keys(named)
        remembered[dataset_id] = Picked(keys, {})
    return remembered[dataset_id]


def _remembered() -> dict[str, Picked]:
    picked: dict[str, Picked] = st.session_state.setdefault("selections", {})
    return picked
