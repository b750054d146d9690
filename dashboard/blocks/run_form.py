"""The form of a run: family, settings, drawing, rows to leave out, device and time; then the button."""

from __future__ import annotations

import math
import re
from typing import Any

import streamlit as st

from core.datasets.series.steps import channels
from core.errors import DatasetRefused, HourglassError
from core.jobs.launch import ensure_supervisor
from core.results import Column, Dataset
from core.specs import LAYERS, OBJECTIVES, RunSpec, Training, for_series, suited
from core.training.estimate import encoded_width, estimate
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place, show_error
from dashboard.blocks.leave_out import leave_out
from dashboard.blocks.series.windows import Looked, windows_choice
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.charts.training import hourglass
from dashboard.forms import settings_form, widget
from dashboard.navigation import go, link

HISTORY = 8
FEWEST_ROWS = 10


def run_form(dataset: Dataset) -> None:
    """Draw the form, filled from the run of ?copy= where there is one; submit leads to the live run."""
    store = state.store()
    copied = store.runs.get(id_) if (id_ := state.param("copy")) else None
    proposed = None if copied else load.windows(store, dataset)
    start = RunSpec.read(copied.spec) if copied else suited(RunSpec(), dataset, proposed).checked()
    if copied:
        st.info(f"Filled in from {plain(copied.name)}. Change what you like.", icon=":material/content_copy:")
    key = f"form_{dataset.id}_{copied.id if copied else 'new'}"
    before = state.leave_out_of_url() or start.leave_out
    if not copied:
        before = state.leave_out(dataset.id, start.leave_out)
    form, drawing = st.columns([1, 1], gap="large")
    with form:
        try:
            looked = windows_choice(dataset, start.windows, key)
        except HourglassError as error:
            show_error(error)
            return
        if (looked is None) != (start.windows is None):  # the other way than what the form began with
            start, key = suited(RunSpec(windows=looked and looked.windows), dataset).checked(), f"{key}_other"
        if looked is not None and not copied:  # as long as so many windows need
            start = start.model_copy(update={"training": for_series(looked.count)})
        values = _choices(start, dataset, looked, key)
        conditions, left_out = leave_out(dataset, before, key)
        name = st.text_input(
            "Name of the run", changed(copied.name) if copied else "", key=f"{key}_name", max_chars=200
        )
    with drawing:
        try:
            spec = RunSpec.read({**values, "leave_out": conditions}).checked()
            _may_start(dataset, left_out)
            spec.plan(_shape(spec, dataset))
        except HourglassError as error:
            show_error(error)
            return
        seen = dataset.pictures.pieces / dataset.rows if dataset.pictures else 1.0  # tiles of an image
        _drawing(spec, dataset, looked.count if looked else round((dataset.rows - left_out) * seen))
        if st.button("Start training", type="primary", key=f"{key}_start", icon=":material/play_arrow:"):
            with failure_in_place():
                run = store.runs.submit(dataset.id, spec, name=name, parent_id=copied.id if copied else None)
                ensure_supervisor(store.settings)
            go("train", run=run.id)


def changed(name: str) -> str:
    """What a changed copy of a run is called: X (changed), of that X (changed 2), and so on."""
    found = re.fullmatch(r"(.*) \(changed(?: (\d{1,6}))?\)", name, re.DOTALL)
    return f"{found[1]} (changed {int(found[2] or 1) + 1})" if found else f"{name} (changed)"


def _choices(start: RunSpec, dataset: Dataset, looked: Looked | None, key: str) -> dict[str, Any]:
    """Family and settings as they stand in the form."""
    sort = "images" if dataset.pictures is not None else "series" if looked else "table"
    names = list(OBJECTIVES)
    objective = st.selectbox(
        "Autoencoder",
        names,
        names.index(start.objective),
        format_func=lambda name: OBJECTIVES.get(name).title,
        key=f"{key}_objective",
    )
    card = OBJECTIVES.get(objective)
    st.caption(f"{card.summary} *When it helps:* {card.helps} *Source:* {card.paper}.")
    own = settings_form(card.settings, start.objective_settings, key=f"{key}_{objective}")
    st.markdown("##### Shape")
    layers = _layers(start, sort, key)
    given = start.layer_settings if layers == start.layers else {}
    shape = settings_form(LAYERS.get(layers).settings, given, key=f"{key}_{layers}")
    st.markdown("##### Training")
    often = f"_{looked.windows.step}" if looked else ""
    training = settings_form(Training, start.training.model_dump(), key=f"{key}_training{often}")
    st.markdown("##### The rows")
    clean = st.checkbox("The rows are clean: none of them is an anomaly", start.assume_clean, key=f"{key}_clean")
    share = start.contamination
    if looked is None:  # of a series events are flagged, so many as can be reviewed
        share = widget("contamination", RunSpec.model_fields["contamination"], share, key)
    numbers, image_score = start.numbers, start.image_score
    if dataset.pictures is not None:
        image_score = widget("image_score", RunSpec.model_fields["image_score"], start.image_score, key)
    else:
        with st.expander("Expert"):
            numbers = widget("numbers", RunSpec.model_fields["numbers"], start.numbers, key)
    return {
        "objective": objective,
        "objective_settings": own,
        "layers": layers,
        "layer_settings": shape,
        "training": training,
        "assume_clean": clean,
        "contamination": share,
        "numbers": numbers,
        "image_score": image_score,
        "windows": looked and looked.windows,
    }


def _may_start(dataset: Dataset, left_out: int) -> None:
    """What would fail for sure is refused before the job. Raises DatasetRefused."""
    if dataset.pictures is None and not [column for column in dataset.features if column.kind != "constant"]:
        raise DatasetRefused(
            "no column is left to learn from",
            where=dataset.name,
            fix="make a column that varies a feature on the Data page",
        )
    if dataset.rows - left_out < FEWEST_ROWS:
        raise DatasetRefused(
            f"only {dataset.rows - left_out} rows are left to train on, at least {FEWEST_ROWS} are needed",
            where=dataset.name,
            fix="upload more rows, or leave fewer out",
        )


def _layers(start: RunSpec, sort: str, key: str) -> str:
    """The layer family: a choice where several suit the data."""
    names = [name for name in LAYERS if sort in LAYERS.get(name).suits]
    if len(names) == 1:
        return names[0]
    at = names.index(start.layers) if start.layers in names else 0
    picked = st.selectbox("Layers", names, at, format_func=lambda name: LAYERS.get(name).title, key=f"{key}_layers")
    st.caption(LAYERS.get(picked).summary)
    return picked


def _piece(dataset: Dataset, spec: RunSpec) -> str:
    """What the network sees at once."""
    if spec.windows is not None:
        return "window"
    tiled = dataset.pictures is not None and dataset.pictures.pieces > dataset.rows
    return "tile" if tiled else dataset.item


def _seen(dataset: Dataset, spec: RunSpec) -> tuple[Column, ...]:
    """The columns that the network sees: of a series not those of time and group."""
    return dataset.features if spec.windows is None else channels(dataset, spec.windows)


def _shape(spec: RunSpec, dataset: Dataset) -> tuple[int, ...]:
    """Of a row as the network will see it (core.results.Layout), before anything is fitted."""
    if dataset.pictures is not None:
        return dataset.pictures.height, dataset.pictures.width, dataset.pictures.channels
    width = max(1, encoded_width(_seen(dataset, spec)))
    return (spec.windows.length, width) if spec.windows is not None else (width,)


def _drawing(spec: RunSpec, dataset: Dataset, rows: int) -> None:
    """The network, the device and the time."""
    store = state.store()
    pictures, windows, shape = dataset.pictures, spec.windows, _shape(spec, dataset)
    width, plan = math.prod(shape), spec.plan(shape)
    st.plotly_chart(hourglass(plan), config={**PLOTLY_CONFIG, "displayModeBar": False}, key="hourglass")
    columns = words.count(len(_seen(dataset, spec)), "feature column")
    what = (
        "Each image is"
        if pictures
        else f"{columns} over {words.count(windows.length, 'step')} become about"
        if windows
        else f"{columns} become about"
    )
    st.caption(
        f"{what} {width:,} inputs; the bottleneck keeps {plan.bottleneck:,}, a compression of "
        f"{width / plan.bottleneck:.1f} to 1."
    )
    if plan.bottleneck >= width:
        st.warning("The bottleneck is as wide as the input: the network can copy its rows and find nothing strange.")
    history = [
        (RunSpec.read(run.spec), run.summary) for run in store.runs.find(limit=HISTORY) if run.state == "succeeded"
    ]
    seconds = estimate(spec, rows, shape, history)
    published = store.supervisors.devices()
    wanted = spec.training.device
    device = next((d for d in published if wanted == "auto" or d.name.startswith(wanted)), None)
    where = device.description if device else "CPU"
    waiting = sum(job.kind == "train" for job in store.jobs.find(("queued", "running")))
    queue = f" {words.count(waiting, 'training')} before it." if waiting else ""
    st.markdown(
        f":material/memory: Trains on **{plain(where)}** · :material/timer: about **{words.duration(seconds)}** "
        f"for {words.count(rows, _piece(dataset, spec))}.{queue}"
    )
    link("data", "Look at the data first", dataset=dataset.id, leave=state.param("leave"))
