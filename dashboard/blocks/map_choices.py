"""Which maps stand side by side: of this run by several methods, of its code numbers, and of other runs on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, takewhile

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.latent.believed import Believed
from core.projections import FEWEST, PROJECTIONS
from core.results import Job, Projection, Run, level_codes
from core.storage.records import from_json
from dashboard import load, state
from dashboard.blocks.failure import show_record
from dashboard.blocks.job_progress import job_progress
from dashboard.blocks.run_header import Chosen
from dashboard.charts.text import headings, shortened, visible
from dashboard.latent_map import MOST_MAPS, Panel

CODES = "codes"
UNDER_ARE = "points of the file that the run learned from"
LONGEST_NAME = 40


@dataclass(frozen=True)
class Choice:
    """One map that can be looked at. `projection` is None where it is not drawn yet, or needs no drawing (two code numbers)."""

    id: str  # how a link names it
    title: str
    run: Run
    method: str
    level: int | None = None
    projection: Projection | None = None


def map_choice(chosen: Chosen) -> list[Choice]:
    """The maps to look at, as a control; one that is not drawn yet is asked for when it is picked."""
    choices = {choice.id: choice for choice in [*_of_this_run(chosen), *_of_others(chosen)]}
    said = dict(zip(choices, headings(choice.title for choice in choices.values()), strict=True))
    picked = st.multiselect(
        "Maps side by side",
        list(choices),
        default=_wanted(chosen, choices),
        max_selections=MOST_MAPS,
        format_func=lambda id_: said.get(id_, id_),
        key=f"maps_{chosen.run.id}_{len(choices)}",
        help="Of this run by several methods, or of several runs on the same rows. What is selected in one lights up in "
        "all. One that is not drawn yet is drawn when you pick it.\n\n"
        + "\n".join(f"- {PROJECTIONS.get(method).title}: {PROJECTIONS.get(method).summary}" for method in PROJECTIONS),
    )
    st.session_state[_looked_at(chosen)] = picked
    state.set_param("maps", ",".join(picked))
    return [choices[id_] for id_ in picked]


def _looked_at(chosen: Chosen) -> str:
    return f"maps_looked_at_{chosen.run.id}"


def _wanted(chosen: Chosen, choices: dict[str, Choice]) -> list[str]:
    """What was looked at stays: a map that arrives meanwhile must not take its place under the user's hand."""
    shared = state.view()
    wanted = st.session_state.get(_looked_at(chosen))
    if wanted is None and shared is not None:
        wanted = shared.state.get("maps") or [shared.state.get("projection")]
    if wanted is None and (linked := state.param("maps")):
        wanted = linked.split(",")
    there = [id_ for id_ in dict.fromkeys(wanted or []) if id_ in choices][:MOST_MAPS]
    usual = "umap" if choices["umap"].projection is not None else "pca"
    return there or [usual]


def _of_this_run(chosen: Chosen) -> list[Choice]:
    run = chosen.run
    stored = {
        (projection.method, projection.level): projection
        for projection in state.store().projections.of_run(run.id)
        if projection.dimensions == 2
    }
    out = []
    for level in (None, *levels(run)):
        for method in PROJECTIONS:
            title = PROJECTIONS.get(method).title + ("" if level is None else f" of level {level}")
            # Not drawn yet: nothing in its name says so, or Streamlit would take it for another option once it is.
            id_ = method if level is None else f"{method}.{level}"
            found = stored.get((method, level))
            out.append(Choice(id_, title, run, method, level, found))
    if load.codes(state.store(), run).shape[1] > 1:
        out.append(Choice(CODES, "two code numbers", run, CODES))
    return out


def levels(run: Run) -> list[int]:
    """The levels of a stacked run below its bottleneck, from 1, of which codes were kept."""
    return list(takewhile(lambda level: level_codes(level) in run.artifacts, count(1)))


def _of_others(chosen: Chosen) -> list[Choice]:
    store, out = state.store(), []
    runs = [run for run in store.runs.find(dataset_id=chosen.dataset.id) if run.ready and run.id != chosen.run.id]
    for run in runs:
        for found in store.projections.of_run(run.id):
            if found.dimensions == 2 and found.level is None:
                name = shortened(visible(run.name), LONGEST_NAME)
                title = f"{PROJECTIONS.get(found.method).title} of {name}"
                out.append(Choice(f"{run.id}.{found.method}", title, run, found.method, None, found))
    return out


def panels(chosen: Chosen, choices: Sequence[Choice], at: NDArray[np.int64]) -> list[Panel]:
    """The maps that are there, their points in the order of this run's. at: the row of each point, (P,)."""
    out = []
    for choice in choices:
        if choice.method == CODES:
            out.append(two_codes(chosen))
        elif choice.projection is not None:
            points = load.points(state.store(), choice.projection)
            if choice.run.id != chosen.run.id:
                points = points_at(choice.run, points, at, len(chosen.scores.values))
                out.append(Panel(choice.title, points, note(choice, len(points))))
                continue
            under = load.under(state.store(), chosen.run, choice.method)
            alone = "scored_with" in chosen.run.summary and len(under) == 0
            said = "drawn of this file's rows alone" if alone else note(choice, len(points))
            out.append(Panel(choice.title, points, said, under))
    return out


def believed(choice: Choice) -> Believed | None:
    """How far a map can be believed; None until it was measured."""
    if choice.projection is None or choice.projection.trust is None:
        return None
    return from_json(Believed, choice.projection.trust)


def note(choice: Choice, points: int) -> str:
    """What stands beside a map's name: how many of a row's neighbours are kept."""
    if points < FEWEST and not PROJECTIONS.get(choice.method).instant:
        return f"too few rows for neighbourhoods: their PCA (from {FEWEST} on)"
    found = believed(choice)
    figures = found.trust.figures if found is not None else {}
    return f"keeps {figures['neighbour_recall'].value:.0%} of nearest neighbours" if figures else ""


def points_at(run: Run, points: NDArray[np.float32], at: NDArray[np.int64], rows: int) -> NDArray[np.float32]:
    """A run's points, (P, 2), for these of its dataset's rows, (K,), of so many: NaN where it has none for the row, (K, 2)."""
    by_row = np.full((rows, points.shape[1]), np.nan, np.float32)
    by_row[load.map_rows(state.store(), run)] = points
    return by_row[at]


def two_codes(chosen: Chosen) -> Panel:
    """Any two numbers of the codes, chosen above the maps."""
    codes = load.codes(state.store(), chosen.run)
    names = load.code_names(state.store(), chosen.run, chosen.dataset)
    across, up = st.columns(2)
    numbers = list(range(codes.shape[1]))
    x = across.selectbox("Code number across", numbers, 0, format_func=names.__getitem__, key=f"code_x_{chosen.run.id}")
    y = up.selectbox("Code number up", numbers, 1, format_func=names.__getitem__, key=f"code_y_{chosen.run.id}")
    under = load.under(state.store(), chosen.run, CODES)
    behind = under[:, [x, y]] if len(under) else under
    return Panel(f"{names[x]} × {names[y]}", np.ascontiguousarray(codes[:, [x, y]]), under=behind)


def pending_maps(chosen: Chosen, choices: Sequence[Choice], dimensions: int = 2) -> None:
    """Picked maps that are not there yet: asked for, being drawn, or failed with a button to try again.

    To be drawn below the maps, so that what comes and goes here doesn't move them.
    """
    jobs = [job for job in state.store().jobs.find(run_id=chosen.run.id) if job.kind == "project"]
    for job in jobs:
        if not job.ended:
            job_progress(job, f"{_named(job)} is being drawn")
    for choice in choices:
        if choice.projection is not None or choice.method == CODES:
            continue
        last = next((job for job in jobs if _is_of(job, choice, dimensions)), None)
        if last is None:
            draw(chosen, choice, dimensions)
        elif last.state == "succeeded":  # while this page was being drawn
            st.rerun()
        elif last.ended:
            if last.error:
                show_record(last.error)
            else:
                st.caption(f"Drawing {_named(last)} was ended.")
            if st.button("Draw it again", key=f"draw_{choice.id}_{dimensions}"):
                draw(chosen, choice, dimensions)


def draw(chosen: Chosen, choice: Choice, dimensions: int) -> None:
    """Ask for a map, and begin the page anew with its progress."""
    args = {"run_id": chosen.run.id, "method": choice.method, "seed": chosen.run.spec["training"]["seed"]}
    args |= {"dimensions": dimensions} | ({} if choice.level is None else {"level": choice.level})
    state.store().jobs.submit("project", args, dataset_id=chosen.dataset.id, run_id=chosen.run.id)
    st.rerun()


def _is_of(job: Job, choice: Choice, dimensions: int) -> bool:
    asked = (job.args["method"], job.args.get("level"), job.args.get("dimensions", 2))
    return asked == (choice.method, choice.level, dimensions)


def _named(job: Job) -> str:
    level, dimensions = job.args.get("level"), job.args.get("dimensions", 2)
    title = PROJECTIONS.get(job.args["method"]).title
    return title + ("" if level is None else f" of level {level}") + (" in 3-D" if dimensions == 3 else "")
