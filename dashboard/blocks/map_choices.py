"""Which map of a run is shown, and what its colours mean."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from core.datasets.typed import numeric
from core.projections import PROJECTIONS
from core.results import Column, Projection
from dashboard import load, state, words
from dashboard.blocks.failure import show_record
from dashboard.blocks.flagged_rows import reasons
from dashboard.blocks.job_progress import job_progress
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.series.events import whose
from dashboard.charts import theme
from dashboard.charts.text import escape, headings, visible
from dashboard.latent_map import CLASS_COLOURS, HOVER_ROWS, MISSING, Colour, classes

FARTHEST = 100.0  # times the threshold, beyond which colours differ no more: an infinite cell leaves some to others
SCORE, FLAG = "anomaly score", "flag"


@dataclass(frozen=True)
class ColourChoice:
    """A colour with the name it has in a link, and the hover text of each row (none for large tables)."""

    name: str
    colour: Colour
    hover: tuple[str, ...] | None


def map_choice(chosen: Chosen) -> Projection:
    """The stored maps as a control."""
    store = state.store()
    found = {projection.method: projection for projection in store.projections.of_run(chosen.run.id)}
    shared = state.view()
    methods = list(found)
    # What was looked at stays: a map that arrives meanwhile must not take its place under the user's hand.
    looked_at = f"map_looked_at_{chosen.run.id}"
    wanted = st.session_state.get(looked_at) or (shared.state.get("projection") if shared else None)
    wanted = wanted or ("umap" if "umap" in found else "pca")
    picked = st.segmented_control(
        "Map",
        methods,
        default=wanted if wanted in found else methods[0],
        required=True,
        format_func=lambda name: PROJECTIONS.get(name).title,
        key=f"map_method_{chosen.run.id}_{len(methods)}",
    )
    st.session_state[looked_at] = picked
    return found[picked]


def pending_maps(chosen: Chosen) -> None:
    """Maps that are not there yet: their job, its failure, or a button to ask for them.

    To be drawn below the map, so that what comes and goes here doesn't move it.
    """
    store = state.store()
    have = {projection.method for projection in store.projections.of_run(chosen.run.id)}
    jobs = [job for job in store.jobs.find(run_id=chosen.run.id) if job.kind == "project"]
    for method in PROJECTIONS:
        if method in have:
            continue
        title = PROJECTIONS.get(method).title
        job = next((job for job in jobs if job.args["method"] == method), None)
        if job is not None and not job.ended:
            job_progress(job, f"{title} is being drawn")
            continue
        if job is not None and job.error:
            show_record(job.error)
        if st.button(f"Draw {title}", key=f"draw_{method}"):
            args = {"run_id": chosen.run.id, "method": method, "seed": chosen.run.spec["training"]["seed"]}
            store.jobs.submit("project", args, dataset_id=chosen.dataset.id, run_id=chosen.run.id)
            st.rerun()


def colour_choice(chosen: Chosen, at: NDArray[np.int64]) -> ColourChoice:
    """What to colour by: error, flag, the label, or any column. at: the row of each point, (P,)."""
    columns = {column.name: column for column in chosen.dataset.columns}
    label = chosen.dataset.label
    names = [
        SCORE,
        FLAG,
        *([label.name] if label else []),
        *(name for name in columns if label is None or name != label.name),
    ]
    # A source column may have one of our names: ours stand first, columns are told apart by place.
    places = list(range(len(names)))
    shared = state.view()
    wanted = shared.state.get("colour") if shared else None
    start = names.index(wanted) if wanted in names else 0
    place = st.selectbox(
        "Colour by", places, start, format_func=headings(names).__getitem__, key=f"map_colour_{chosen.run.id}"
    )
    colour = _colour(chosen, place, names, columns)
    return ColourChoice(names[place], replace(colour, values=colour.values[at]), _hover(chosen, at))


def _colour(chosen: Chosen, place: int, names: list[str], columns: dict[str, Column]) -> Colour:
    scores = chosen.scores.values
    if place == 0:
        positive = np.maximum(scores, max(float(scores.max()) * 1e-9, 1e-300))
        most = FARTHEST * max(chosen.threshold.value, 1e-300)
        shown = np.minimum(positive, most)
        ends = (f"{positive.min():.3g}", f"{shown.max():.3g}{' and more' if positive.max() > most else ''}")
        return Colour("anomaly score (log scale)", np.log10(shown).astype(np.float32), ends=ends)
    if place == 1:
        flagged = (scores >= chosen.threshold.value).astype(np.float32)
        return Colour("flag", flagged, ("not flagged", "flagged"), (theme.HEALTHY, theme.FLAGGED))
    column = columns[names[place]]
    texts = load.column_cells(state.store(), chosen.dataset, column.name)
    if column.kind in ("number", "datetime"):
        return Colour(visible(column.name), np.clip(numeric(column, texts), -3e38, 3e38).astype(np.float32))
    return classes(visible(column.name), texts)


@st.cache_resource(show_spinner=False, max_entries=8)
def _hover_texts(_chosen: Chosen, _at: NDArray[np.int64], run_id: str, address: str) -> tuple[str, ...]:
    scores = _chosen.scores
    if _chosen.dataset.pictures is not None:
        files = load.column_cells(state.store(), _chosen.dataset, "file")
        return tuple(f"{visible(str(files[i]))}\nscore {scores.values[i]:.4g}" for i in _at)
    groups = whose(_chosen, _at) if scores.course else [""] * len(_at)
    return tuple(
        f"{f'{visible(group)}, ' if group else ''}row {i + 1}, score {scores.values[i]:.4g}\n{visible(reasons(scores, i))}"
        for group, i in zip(groups, _at, strict=True)
    )


def _hover(chosen: Chosen, at: NDArray[np.int64]) -> tuple[str, ...] | None:
    if len(at) > HOVER_ROWS:
        return None
    return _hover_texts(
        chosen, at, chosen.run.id, chosen.run.artifacts[chosen.run.of_scorer("scores", chosen.threshold.scorer)]
    )


def static_map(points: NDArray[np.float32], choice: ColourChoice, rows: NDArray[np.int64], method: str) -> go.Figure:
    """The map as a still chart for a snapshot: selected rows ringed, at most 20,000 points."""
    colour = choice.colour
    made = theme.figure(
        f"Map of latent codes ({method})", "first direction of the map", "second direction of the map", height=560
    )
    keep = np.arange(len(points))
    if len(keep) > HOVER_ROWS:
        keep = np.union1d(np.random.default_rng(0).choice(len(keep), HOVER_ROWS, replace=False), rows[:HOVER_ROWS])
    if colour.categorical:
        palette = colour.colours or CLASS_COLOURS
        for i, label in [(-1, "missing"), *enumerate(colour.labels)]:
            part = keep[colour.values[keep] == i]
            if len(part):
                made.add_scattergl(
                    x=points[part, 0],
                    y=points[part, 1],
                    mode="markers",
                    name=escape(label, 40),
                    marker={"size": 5, "color": MISSING if i < 0 else palette[i % len(palette)]},
                    hovertemplate="row %{customdata}<extra></extra>",
                    customdata=part + 1,
                )
    else:
        made.add_scattergl(
            x=points[keep, 0],
            y=points[keep, 1],
            mode="markers",
            showlegend=False,
            marker={
                "size": 5,
                "color": colour.values[keep],
                "colorscale": theme.SEQUENTIAL,
                "colorbar": {"title": escape(colour.title, 30)},
            },
            hovertemplate="row %{customdata}<extra></extra>",
            customdata=keep + 1,
        )
    if len(rows):
        made.add_scattergl(
            x=points[rows, 0],
            y=points[rows, 1],
            mode="markers",
            name=words.count(len(rows), "selected row"),
            marker={"size": 8, "symbol": "circle-open", "color": theme.INK},  # a colour that means nothing else
            hoverinfo="skip",
        )
    if colour.categorical:
        made.update_layout(legend_title_text=escape(colour.title, 30))
    return made
