"""The form of a run: family, settings, drawing, rows to leave out, device and time; then the button."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import streamlit as st

from core.datasets.seen import piece_of, seen_columns, shape_of, stays_on_disk
from core.errors import HourglassError
from core.jobs.beforehand import device_of, not_normal, refuse_hopeless
from core.jobs.launch import ensure_supervisor
from core.presets import PRESETS, preset_spec, sort_in
from core.results import Dataset
from core.specs import (
    LAYERS,
    OBJECTIVES,
    OWN_ERROR,
    RECOMMENDED,
    RunSpec,
    Training,
    Windows,
    for_series,
    score_card,
    scores_of,
    sort_of,
    suited,
)
from core.training.estimate import estimate
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place, show_error
from dashboard.blocks.family_cards import family_cards
from dashboard.blocks.leave_out import leave_out
from dashboard.blocks.losses import losses_in_words
from dashboard.blocks.run_names import changed
from dashboard.blocks.search import search_form
from dashboard.blocks.series.windows import Looked, windows_choice
from dashboard.blocks.several_values import several_values
from dashboard.charts.markdown import plain
from dashboard.charts.text import visible
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.charts.training import hourglass
from dashboard.forms import out_of_bounds, settings_form, widget
from dashboard.help import in_guide, term_link
from dashboard.navigation import go, link

HISTORY = 8
LONGER = 1.2  # times the usual time, from which the longest is said as well


def run_form(dataset: Dataset) -> None:
    """Draw the form, filled from the run of ?copy= where there is one; submit leads to the live run."""
    store = state.store()
    copied = store.runs.get(id_) if (id_ := state.param("copy")) else None
    proposed = None if copied else load.windows(store, dataset)
    preset = None if copied else preset_picker(dataset, proposed)
    if copied:
        start = RunSpec.read(copied.spec)
        st.info(f"Filled in from {plain(copied.name)}. Change what you like.", icon=":material/content_copy:")
    elif preset:
        start = preset_spec(PRESETS[preset], dataset, proposed)
    else:
        start = suited(RunSpec(), dataset, proposed).checked()
    key = f"form_{dataset.id}_{copied.id if copied else preset or 'new'}"
    before = state.leave_out_of_url() or start.leave_out
    if not copied:
        before = state.leave_out(dataset.id, start.leave_out)
    objective = family_cards(start.objective, key)
    form, drawing = st.columns([1, 1], gap="large")
    with form:
        try:
            looked = windows_choice(dataset, start.windows, key)
        except HourglassError as error:
            show_error(error)
            _no_start(key)
            return
        if (looked is None) != (start.windows is None):  # the other way than what the form began with
            start, key = suited(RunSpec(windows=looked and looked.windows), dataset).checked(), f"{key}_other"
        if looked is not None and not copied and not preset:  # as long as so many windows need
            start = start.model_copy(update={"training": for_series(looked.count)})
        values = _choices(start, objective, dataset, looked, key)
        conditions, out = leave_out(dataset, before, key)
        name = st.text_input(
            "Name of the run", changed(copied.name) if copied else "", key=f"{key}_name", max_chars=200
        )
    with drawing:
        try:
            _refuse_out_of_bounds(values)
            spec = RunSpec.read({**values, "leave_out": conditions}).checked()
            out = out | not_normal(partial(load.column_cells, store, dataset), dataset, spec.normal)
            steps = looked.steps if looked else None
            refuse_hopeless(store, dataset, spec, out=out, steps=steps)
            seen = dataset.pictures.pieces / dataset.rows if dataset.pictures else 1.0  # tiles of an image
            _drawing(spec, dataset, looked.count if looked else round(int((~out).sum()) * seen))
            several = several_values(spec, key)
            for _, each in several:
                refuse_hopeless(store, dataset, each, out=out, steps=steps)
        except HourglassError as error:
            show_error(error)
            _no_start(key)
            return
        label = f"Start {words.count(len(several), 'training')}" if several else "Start training"
        if st.button(label, type="primary", key=f"{key}_start", icon=":material/play_arrow:"):
            with failure_in_place():
                title = name.strip() or OBJECTIVES.get(spec.objective).name
                runs = [
                    store.runs.submit(
                        dataset.id,
                        each,
                        name=f"{title}, {what}" if what else name,
                        parent_id=copied.id if copied else None,
                    )
                    for what, each in several or [("", spec)]
                ]
                ensure_supervisor(store.settings)
            if len(runs) > 1:
                go("train", compare=",".join(run.id for run in runs))
            go("train", run=runs[0].id)
        search_form(spec, dataset, key)
        link("data", "Look at the data first", dataset=dataset.id, leave=state.param("leave"))


def _no_start(key: str) -> None:
    """The button as it is while something is refused."""
    st.button("Start training", type="primary", key=f"{key}_refused", icon=":material/play_arrow:", disabled=True)


def _refuse_out_of_bounds(values: dict[str, Any]) -> None:
    """Raises SettingsRefused for a number of the form that can't be taken."""
    for fields, given in (
        (OBJECTIVES.get(values["objective"]).settings.model_fields, values["objective_settings"]),
        (LAYERS.get(values["layers"]).settings.model_fields, values["layer_settings"]),
        (Training.model_fields, values["training"]),
        (RunSpec.model_fields, {"contamination": values["contamination"]}),
    ):
        if refused := out_of_bounds(fields, given):
            raise refused


def preset_picker(dataset: Dataset, proposed: Windows | None) -> str | None:
    """What to start from: a preset that is for these data, or what suits them."""
    sort = sort_in(dataset, proposed)
    names = [name for name, each in PRESETS.items() if sort in each.sorts]
    picked = st.pills(
        "Start from",
        names,
        format_func=lambda name: PRESETS[name].title,
        key=f"preset_{dataset.id}",
        help="Ready-made choices, which fill in the form below; none of them: what suits the data.",
    )
    if picked:
        st.caption(PRESETS[picked].summary)
    return picked


def _choices(start: RunSpec, objective: str, dataset: Dataset, looked: Looked | None, key: str) -> dict[str, Any]:
    """The settings as they stand in the form."""
    sort = sort_in(dataset, looked.windows if looked else None)
    card = OBJECTIVES.get(objective)
    st.markdown(f"##### {card.title}")
    st.caption(f"Source: {card.paper}. {term_link(objective, 'More in the Guide')}")
    given_own = start.objective_settings if objective == start.objective else {}
    own = settings_form(card.settings, given_own, key=f"{key}_{objective}")
    st.markdown("##### Shape")
    usual = start if objective == start.objective else RunSpec(objective=objective)
    layers = _layers(usual, objective, sort, key)
    given = start.layer_settings if layers == start.layers else {}
    shape = settings_form(LAYERS.get(layers).settings, given, key=f"{key}_{layers}")
    st.markdown("##### Training")
    often = f"_{looked.windows.step}" if looked else ""
    training = settings_form(Training, start.training.model_dump(), key=f"{key}_training{often}")
    st.markdown("##### The rows")
    normal = _normal(start, dataset, key)
    clean = bool(normal) or st.checkbox(
        "The rows are clean: none of them is an anomaly", start.assume_clean and not start.normal, key=f"{key}_clean"
    )
    share = start.contamination
    if looked is None:  # of a series events are flagged, so many as can be reviewed
        share = widget(
            "contamination", RunSpec.model_fields["contamination"], share, key, more=in_guide(RunSpec, "contamination")
        )
    numbers, image_score, number_loss = start.numbers, start.image_score, start.number_loss
    scorer = _scorer(usual, f"{key}_{objective}") if sort == "table" else OWN_ERROR
    if dataset.pictures is not None:
        image_score = widget(
            "image_score",
            RunSpec.model_fields["image_score"],
            start.image_score,
            key,
            more=in_guide(RunSpec, "image_score"),
        )
    with st.expander("Expert"):
        if dataset.pictures is None:
            numbers = widget(
                "numbers", RunSpec.model_fields["numbers"], start.numbers, key, more=in_guide(RunSpec, "numbers")
            )
        number_loss = widget(
            "number_loss",
            RunSpec.model_fields["number_loss"],
            start.number_loss,
            key,
            more=in_guide(RunSpec, "number_loss"),
        )
    return {
        "objective": objective,
        "objective_settings": own,
        "layers": layers,
        "layer_settings": shape,
        "training": training,
        "assume_clean": clean,
        "normal": normal,
        "contamination": share,
        "numbers": numbers,
        "number_loss": number_loss,
        "scorer": scorer,
        "image_score": image_score,
        "windows": looked and looked.windows,
    }


def _normal(start: RunSpec, dataset: Dataset, key: str) -> tuple[str, ...]:
    """Which of the label's values are normal: where one is, it is learned from such rows alone."""
    if dataset.label is None or not dataset.label.histogram.labels:
        return ()
    values = list(dict.fromkeys([*dataset.label.histogram.labels, *start.normal]))
    picked = st.multiselect(
        f"Learn only from rows whose {plain(dataset.label.name, 40)} is",
        values,
        [value for value in start.normal if value in values],
        format_func=visible,
        placeholder="any: the label is not looked at",
        help=RunSpec.model_fields["normal"].description,
        key=f"{key}_normal",
    )
    return tuple(picked)


def _scorer(start: RunSpec, key: str) -> str:
    """What gives the anomaly score of a row of a table."""
    names = scores_of(start)
    picked = st.selectbox(
        "Anomaly score",
        names,
        names.index(start.scorer),
        format_func=lambda name: score_card(name)[0],
        key=f"{key}_scorer",
        help="What makes a row strange. Another one can be chosen afterwards, on the Errors page.",
    )
    st.caption(score_card(picked)[1])
    if picked == OWN_ERROR:
        st.caption(
            "With time an autoencoder learns the anomalies among its rows as well. On 22 tables whose anomalies are known the error "
            "of a plain one ranked them clearly worse than the recommended score (AUROC .66 against .81; learned from clean rows .79 "
            "against .89)."
        )
    if picked == RECOMMENDED:
        st.caption("The network of this form then says what was expected of a row, and places it on the map.")
    return picked


def _layers(start: RunSpec, objective: str, sort: str, key: str) -> str:
    """The layer family: a choice where several suit the data."""
    stacked = OBJECTIVES.get(objective).needs_levels
    names = [name for name in LAYERS if sort in LAYERS.get(name).suits and (LAYERS.get(name).levels or not stacked)]
    if len(names) == 1:
        return names[0]
    at = names.index(start.layers) if start.layers in names else 0
    picked = st.selectbox(
        "Layers",
        names,
        at,
        format_func=lambda name: LAYERS.get(name).title,
        key=f"{key}_layers{'_levels' if stacked else ''}",
    )
    st.caption(LAYERS.get(picked).summary)
    return picked


def _drawing(spec: RunSpec, dataset: Dataset, rows: int) -> None:
    """The network, the device and the time."""
    store = state.store()
    pictures, windows, shape = dataset.pictures, spec.windows, shape_of(spec, dataset)
    width, plan = math.prod(shape), spec.plan(shape)
    st.plotly_chart(hourglass(plan), config={**PLOTLY_CONFIG, "displayModeBar": False}, key="hourglass")
    seen = len(seen_columns(spec, dataset))
    columns, become = words.count(seen, "feature column"), "becomes" if seen == 1 else "become"
    what = (
        "Each image is"
        if pictures
        else f"{columns} over {words.count(windows.length, 'step')} {become} about"
        if windows
        else f"{columns} {become} about"
    )
    of_them = f" of {plan.latent:,}" if plan.kept < plan.latent else ""
    st.caption(
        f"{what} {words.count(width, 'input')}; the bottleneck keeps {plan.kept:,}{of_them}, "
        f"{words.compression(width, plan.kept)}."
    )
    if plan.kept >= width and spec.objective in ("vanilla", "stacked"):
        if width == 1:
            st.warning("One column alone can only be copied: nothing is learned of how columns go together. Add some.")
        else:
            st.warning(
                "The bottleneck is as wide as the input: the network can copy its rows and find nothing strange."
            )
    if plan.linear:
        st.info(
            "Nothing in this network bends: it can learn what a PCA of the same width finds, and no more. This is PCA.",
            icon=":material/straighten:",
        )
    st.caption(losses_in_words(spec, seen_columns(spec, dataset), sort_of(shape)))
    history = [
        (RunSpec.read(run.spec), run.summary) for run in store.runs.find(limit=HISTORY) if run.state == "succeeded"
    ]
    seconds = estimate(spec, rows, shape, history)
    most = estimate(spec, rows, shape, history, spec.training.epochs)
    where = device_of(store, spec).description
    waiting = sum(job.kind == "train" for job in store.jobs.find(("queued", "running")))
    if stays_on_disk(spec, dataset, store.settings):
        st.caption(
            "The rows take more memory than a training may have: they are read from disk while it trains, which takes "
            "little longer."
        )
    queue = f" {words.count(waiting, 'training')} before it." if waiting else ""
    st.markdown(
        f":material/memory: Trains on **{plain(where)}** · :material/timer: {_time(seconds, most)} "
        f"for {words.count(rows, piece_of(spec, dataset))}.{queue}"
    )


def _time(seconds: float, most: float) -> str:
    """How long it usually takes, and at most where it usually stops by itself. Seconds."""
    usual = f"{'about ' if seconds >= 1 else ''}**{words.duration(seconds)}**"
    return f"{usual}, at most {words.duration(most)} if it never stops by itself," if most > LONGER * seconds else usual
