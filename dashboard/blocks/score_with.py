"""Another file through a run that was trained before: offered where its columns are those of the file, before or after reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.errors import HourglassError
from core.jobs.launch import ensure_supervisor
from core.results import Dataset, Run
from core.scoring.files import own_threshold
from core.scoring.matching import Matched, fitting_runs, in_words, refuse_meaningless, too_little
from core.scoring.recognised import MOST, Recognised
from core.specs import ReadOptions, ScoreWith
from dashboard import load, state, words
from dashboard.blocks.failure import failure_in_place, show_error
from dashboard.blocks.read_options import NAMES
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings
from dashboard.navigation import go

ASKED = 10  # columns that are not in the file, of which it is asked what they are called there
SAME_LINE, FRESH = "At the run's threshold", "As many as I can review"
NOTHING = "nothing: empty in every row"


def score_with(dataset: Dataset) -> None:
    """The offer for a file that was read, with its button."""
    store = state.store()
    names = [column.name for column in dataset.columns]
    family = {version.id for version in store.datasets.family(dataset)}
    runs = fitting_runs(store, names, family, dataset.pictures and dataset.pictures.shape)[:MOST]
    if not runs:
        return
    looked_at = any(run.ready for run in store.runs.find(dataset_id=dataset.id))
    with st.expander("Score it with an earlier run") if looked_at else st.container(border=True):
        run = _which(runs, dataset.id, "Images of this size" if dataset.pictures is not None else "These columns")
        try:
            renamed = {} if dataset.pictures is not None else _columns(run, dataset, names)
        except HourglassError as error:
            show_error(error)
            return
        how = _how(run, renamed, dataset.id)
        if st.button("Score with it", type="primary", key=f"score_with_go_{dataset.id}"):
            with failure_in_place():
                made = store.runs.score_with(how, dataset.id)
                ensure_supervisor(store.settings)
            go("home", job=made.job_id)


def _columns(run: Run, dataset: Dataset, names: Sequence[str]) -> dict[str, str]:
    """What becomes of the columns, in words; what learned ones are called here. Raises InputRefused where too much is missing."""
    store = state.store()
    lacking = [name for name in run.summary["columns"] if name not in names]
    more = [each.column for each in load.matching(store, run, dataset, {}) if each.standing == "more"]
    renamed = _renamed(lacking, more, load.likely_names(store, run, dataset, lacking, more), dataset.id)
    found = load.matching(store, run, dataset, renamed)
    _differences(found)
    refuse_meaningless(found, dataset.source_name)
    return renamed


def score_unread(found: Sequence[Recognised], key: str) -> tuple[ScoreWith, Recognised] | None:
    """The offer for a file that is not read yet; how it shall be scored, once the button is pressed."""
    store = state.store()
    place = {each.run_id: i for i, each in enumerate(found)}
    runs = [run for run in store.runs.find() if run.id in place]  # one may be deleted meanwhile
    if not runs:
        return None
    runs.sort(key=lambda run: place[run.id])
    of_images = "image_score" in runs[0].summary
    with st.container(border=True):
        run = _which(runs, key, "Images like these" if of_images else "These columns")
        chosen = found[place[run.id]]
        renamed = {} if of_images else _renamed(chosen.lacking, chosen.more, chosen.likely, key)
        _first_rows(chosen, renamed)
        lacking = [name for name in chosen.lacking if name not in renamed]
        if why := "" if of_images else too_little(lacking, len(run.summary["columns"])):
            st.caption(
                f":material/block: It can't be scored like this: {plain(why)}. Say above what they are called in the file; "
                "without them a score would mean nothing."
            )
            return None
        as_said = [
            f"{(ReadOptions.model_fields[name].title or name).lower()} {plain(NAMES.get(str(value), str(value)))}"
            for name, value in chosen.options.model_dump(exclude_defaults=True).items()
            if value is not True
        ]
        if as_said:
            st.caption(f"It is read as last time: {', '.join(as_said)}.")
        how = _how(run, renamed, key)
        return (how, chosen) if st.button("Score with it", type="primary", key=f"score_with_go_{key}") else None


def _first_rows(chosen: Recognised, renamed: Mapping[str, str]) -> None:
    """What will happen with the columns that differ, as far as the first rows of the file tell."""
    differing = [each for each in chosen.differing if each.written == renamed.get(each.column, "")]
    seen = {each.column for each in differing}
    _differences(
        [
            *(Matched(name, "same", written=written) for name, written in renamed.items() if name not in seen),
            *(Matched(name, "missing") for name in chosen.lacking if name not in renamed),
            *differing,
            *(Matched(name, "more") for name in chosen.more if name not in renamed.values()),
        ]
    )
    if differing:
        st.caption("That is what the first rows say; all of them are looked at before any is scored.")


def _which(runs: Sequence[Run], key: str, known: str = "These columns") -> Run:
    datasets = state.store().datasets
    said = headings(f"{run.name}, {words.date(run.created_at)}, on {datasets.get(run.dataset_id).name}" for run in runs)
    st.markdown(
        f"**{known} were learned before.** The file can be held against what a run knows, without training: rows that "
        "came again keep their verdicts, and you see first whether the file still looks like what the run learned."
    )
    return runs[st.selectbox("Run", range(len(runs)), format_func=said.__getitem__, key=f"score_with_{key}")]


def _renamed(lacking: Sequence[str], more: Sequence[str], likely: Mapping[str, str], key: str) -> dict[str, str]:
    """What learned columns that are not in the file are called there, as somebody says; likely names are proposed."""
    if not lacking or not more:
        return {}
    out: dict[str, str] = {}
    said = headings([NOTHING, *more])
    for name in lacking[:ASKED]:
        place = st.selectbox(
            f"“{plain(name)}” is not in the file. Take for it",
            range(len(said)),
            1 + list(more).index(likely[name]) if name in likely else 0,
            format_func=said.__getitem__,
            key=f"renamed_{key}_{name}",
        )
        if place and more[place - 1] not in out.values():
            out[name] = more[place - 1]
    return out


def _differences(found: Sequence[Matched]) -> None:
    for each in in_words(found):
        st.caption(f":material/info: {plain(each)}")


def _how(run: Run, renamed: dict[str, str], key: str) -> ScoreWith:
    """Where the line is drawn between flagged and not."""
    store = state.store()
    line, rows = own_threshold(store, run), run.summary["rows_scored"]
    item = words.counted_in(run, store.datasets.get(run.dataset_id))
    then = words.count(line.flagged, item) + (f" of {rows:,}" if item != "event" else "")
    which, number = st.columns([3, 1], vertical_alignment="bottom")
    way = which.radio(
        "Flag",
        [SAME_LINE, FRESH],
        captions=[f"score from {line.value:.4g}: {then} then", "the strangest of this file"],
        horizontal=True,
        key=f"score_line_{key}",
        help="How many each of the two flags is counted while the file is scored; you see both, and can change over.",
    )
    review = number.number_input(
        "Images" if item == "image" else "Rows",
        1,
        10_000_000,
        max(1, line.flagged),
        key=f"score_review_{key}",
        disabled=way == SAME_LINE,
    )
    return ScoreWith(run_id=run.id, review=int(review) if way == FRESH else None, renamed=renamed)
