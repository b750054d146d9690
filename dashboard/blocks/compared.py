"""Two to six finished runs on the same rows: how their scores, flags and maps agree, what each costs, and which to trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.intervals import share_of
from core.latent.alignment import align
from core.projections import PROJECTIONS
from core.results import Dataset, Estimate, Run, Scores, Threshold
from core.scoring.agreement import Ranking, flags_of, ranking, which_to_trust
from core.scoring.stability import stability
from dashboard import load, state, words
from dashboard.blocks.comparison import deleted, same_rows_held_back
from dashboard.blocks.evaluation import interval
from dashboard.blocks.flagged_rows import reasons, ticked_row
from dashboard.blocks.map_choices import points_at
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.selected_rows import selected_rows
from dashboard.blocks.trials import apart_from_trials
from dashboard.charts import theme
from dashboard.charts.agreement import overlap_bars, overlap_table
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, shortened
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.latent_map import CLASS_COLOURS, MOST_MAPS, Colour, Panel, bounds, linked_maps
from dashboard.load import Agreed
from dashboard.navigation import link

MOST, FEWEST_ROWS = 6, 10
RANKS = -1  # among the numbers of the runs: not a run's map but the ranks by two of them
LONGEST = 60
CONTESTED = 200
SECONDS = st.column_config.NumberColumn(
    format="%.1f", help="From the first row read to the last one scored; of a simple method, to learn and to score."
)


@dataclass(frozen=True)
class Compared:
    """Runs on the rows that all of them have scored. rows: which of the first run's these are, (K,)."""

    names: tuple[str, ...]
    runs: tuple[Run, ...]
    thresholds: tuple[Threshold, ...]
    dataset: Dataset  # the first run's
    first: Scores
    rows: NDArray[np.int64]
    places: tuple[NDArray[np.int64], ...]  # where these rows stand among each run's own, (K,)
    scores: dict[str, NDArray[np.float64]]  # by name, (K,) each
    series: bool

    @property
    def key(self) -> str:
        """What controls of these very runs are called."""
        return "_".join(run.id for run in self.runs)

    def chosen(self) -> Chosen:
        """The first run, as the other pages look at it."""
        return Chosen(self.runs[0], self.dataset, self.first, self.thresholds[0])


def compared_runs(dataset: Dataset, linked: Sequence[Run], gone: int) -> Compared | None:
    """The runs to compare, as a control; None where there is nothing to compare, with what to do."""
    deleted(gone)
    store = state.store()
    found = [run for each in store.datasets.family(dataset) for run in apart_from_trials(each.id, 40)[0]]
    ready = {run.id: run for run in [*linked, *found] if run.ready}
    if len(ready) < 2:
        st.info("Two finished runs on the same data are needed to compare.", icon=":material/compare_arrows:")
        link("train", "Train another", icon=":material/play_arrow:", dataset=dataset.id)
        return None
    said = dict(zip(ready, headings(shortened(run.name, LONGEST) for run in ready.values()), strict=True))
    start = [run.id for run in linked if run.id in ready][:MOST]
    if not start:
        own = state.run()  # whose page led here
        first = [own.id] if own is not None and own.id in ready else []
        start = [*first, *(id_ for id_ in ready if id_ not in first)][:2]
    picked = st.multiselect(
        "Runs",
        list(ready),
        start,
        max_selections=MOST,
        format_func=lambda id_: said.get(id_, id_),
        key=f"compared_{dataset.id}_{len(ready)}",
        help=f"Two to {MOST}. The first is the one that rows and maps are shown by.",
    )
    state.set_param("compare", ",".join(picked))
    unfinished = [run.name for run in linked if not run.ready]
    if unfinished:
        st.caption(f"Not finished yet: {plain(', '.join(unfinished), 300)}.")
    if len(picked) < 2:
        st.info("Pick at least two runs.", icon=":material/compare_arrows:")
        return None
    return _on_shared_rows([ready[id_] for id_ in picked], [said[id_] for id_ in picked])


def _on_shared_rows(runs: list[Run], names: list[str]) -> Compared | None:
    store = state.store()
    thresholds = [store.thresholds.current(run.id) for run in runs]
    known = [each for each in thresholds if each is not None]
    every = [load.scores(store, run, each.scorer) for run, each in zip(runs, known, strict=True)]
    first = every[0]
    places = [_places(first, other) for other in every]  # of the first's rows in the other's, −1 where it has none
    rows = np.flatnonzero(np.all([(place >= 0) for place in places], axis=0))
    rows = rows[np.all([other.scored[place[rows]] for other, place in zip(every, places, strict=True)], axis=0)]
    if len(rows) < FEWEST_ROWS:
        st.warning(
            f"These runs have {words.count(len(rows), 'row')} in common: too few to compare. Choose runs on the same data.",
            icon=":material/info:",
        )
        return None
    if len(rows) < max(len(other.values) for other in every):
        st.caption(f":material/info: Compared on the {len(rows):,} rows that all of them have scored.")
    own = tuple(place[rows] for place in places)
    scores = {name: other.values[place] for name, other, place in zip(names, every, own, strict=True)}
    dataset = store.datasets.get(runs[0].dataset_id)
    series = any(other.course is not None for other in every)
    return Compared(tuple(names), tuple(runs), tuple(known), dataset, first, rows, own, scores, series)


def _places(first: Scores, other: Scores) -> NDArray[np.int64]:
    if first.row_keys is other.row_keys or np.array_equal(first.row_keys, other.row_keys):
        return np.arange(len(first.row_keys))
    order = np.argsort(other.row_keys, kind="stable")
    found = np.searchsorted(other.row_keys[order], first.row_keys)
    found = order[np.minimum(found, len(order) - 1)]
    return np.where(other.row_keys[found] == first.row_keys, found, -1)


def flags_by(compared: Compared) -> dict[str, NDArray[np.bool_]]:
    """What each flags: by its own threshold, or as many as can be reviewed, as a control."""
    how, number = st.columns([2, 1], vertical_alignment="bottom")
    budget = how.segmented_control(
        "Flags", ["each run's threshold", "the same number of each"], default="each run's threshold", required=True
    )
    review = None
    if budget != "each run's threshold":
        usual = min(len(compared.rows), max(1, compared.thresholds[0].flagged))
        review = int(number.number_input("Rows to review", 1, len(compared.rows), usual, key="compared_review"))
    thresholds = {name: each.value for name, each in zip(compared.names, compared.thresholds, strict=True)}
    return flags_of(compared.scores, thresholds, review)


def agreement(found: Agreed, item: str) -> None:
    """How far each pair agrees, and which rows are flagged by whom."""
    st.markdown("#### Do they agree?")
    frame = pd.DataFrame(
        [
            {
                "runs": f"{each.one} · {each.other}",
                "rank correlation": interval(each.correlation),
                "shared flags": f"{each.both:,} of {each.either:,}",
                "overlap": interval(each.overlap),
                "by chance": f"{each.by_chance:.2f}",
            }
            for each in found.pairs
        ]
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "rank correlation": st.column_config.TextColumn(help="Spearman's, of all scores, with its 95 % interval."),
            "overlap": st.column_config.TextColumn(
                help="Of what either flags, the share that both flag (Jaccard), with its 95 % interval."
            ),
            "by chance": st.column_config.TextColumn(help="The overlap of as many flags that have nothing in common."),
        },
    )
    if not found.patterns:
        st.caption("None of them flags anything.")
        return
    st.plotly_chart(overlap_bars(found.patterns, item), config=PLOTLY_CONFIG, key="compared_overlap")
    with st.expander("The same as a table"):
        st.dataframe(overlap_table(found.patterns, item), hide_index=True)


def maps(compared: Compared, flags: dict[str, NDArray[np.bool_]]) -> None:
    """The runs' maps laid over the first one's, and the ranks of two of them, linked: as many as fit side by side."""
    st.markdown("#### Side by side")
    names = compared.names
    beside = _beside(compared)
    laid = _laid_over_the_first(compared, [number for number in beside if number != RANKS])
    shown = [_ranks_panel(compared) if number == RANKS else laid[number] for number in beside]
    counts = np.sum(list(flags.values()), axis=0)
    only = np.argmax(np.column_stack(list(flags.values())), axis=1)
    several = ("by several",) if len(names) > 2 else ()  # of two, several are all
    values = np.where(
        counts == 0, 0, np.where(counts == len(names), 1, np.where(counts == 1, 2 + len(several) + only, 2))
    )
    labels = ("by none", "by all", *several, *(f"only by {shortened(name, 30)}" for name in names))
    shades = (theme.HEALTHY, *CLASS_COLOURS[1 : len(labels)])
    colour = Colour("flagged", values.astype(np.float32), labels, shades)
    keys = compared.first.row_keys
    picked = state.selected(compared.dataset.id, keys)
    if shown:
        linked_maps(
            shown,
            colour,
            selected=np.flatnonzero(np.isin(compared.rows, picked)),
            changed=lambda points: state.select_rows(compared.dataset.id, keys, compared.rows[points]),
            key=f"compared_maps_{compared.key}",
            height=380,
            points_are=f"{compared.dataset.item}s",
        )
    picked = state.selected(compared.dataset.id, keys)
    lit = np.flatnonzero(np.isin(compared.rows, picked))
    places = shown[0].points[lit] if shown else np.zeros((len(lit), 2), np.float32)
    selected_rows(compared.chosen(), compared.rows[lit], places)


def _beside(compared: Compared) -> list[int]:
    """What stands side by side, by the numbers of the runs and `RANKS`, as a control where not all of it fits."""
    every = [RANKS, *range(len(compared.names))]
    if len(every) <= MOST_MAPS:
        return every
    return st.multiselect(
        "Maps side by side",
        every,
        every[:MOST_MAPS],
        max_selections=MOST_MAPS,
        format_func=lambda number: "ranks" if number == RANKS else f"map of {compared.names[number]}",
        key=f"compared_beside_{compared.key}",
        help=f"Up to {MOST_MAPS} of them. The colours tell of all runs, whichever maps are shown.",
    )


def _ranks_panel(compared: Compared) -> Panel:
    names = list(compared.names)
    one, other = st.columns(2)
    across = one.selectbox("Ranks across", range(len(names)), 0, format_func=names.__getitem__)
    up = other.selectbox("Ranks up", range(len(names)), 1, format_func=names.__getitem__)
    ranks = np.column_stack([-np.log10(_ranks(compared.scores[names[i]])) for i in (across, up)]).astype(np.float32)
    return Panel(f"{names[across]} (across), {names[up]} (up)", ranks, "ranks on a log scale, the strangest top right")


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 for the strangest; equal scores in the order of the rows, so that no point hides another."""
    out = np.empty(len(scores))
    out[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
    return out


def _laid_over_the_first(compared: Compared, numbers: list[int]) -> dict[int, Panel]:
    """The maps of these runs, by the method by which all are drawn, turned to lie on the first one's. The same place is the same
    place in all of them."""
    store = state.store()
    stored = [
        {each.method: each for each in store.projections.of_run(run.id) if each.dimensions == 2 and each.level is None}
        for run in compared.runs
    ]
    method = "umap" if all("umap" in each for each in stored) else "pca"
    places = {}
    for number in dict.fromkeys([0, *numbers]):
        run = compared.runs[number]
        rows = store.datasets.get(run.dataset_id).rows
        points = points_at(run, load.points(store, stored[number][method]), compared.places[number], rows)
        places[number] = align(points, places[0], same_size=True) if number else points
    box = bounds(np.concatenate([places[number] for number in numbers])) if numbers else None
    title = PROJECTIONS.get(method).title
    return {
        number: Panel(
            f"{title} of {compared.names[number]}", places[number], "laid over the first" if number else "", shown=box
        )
        for number in numbers
    }


def contested_table(compared: Compared, flags: dict[str, NDArray[np.bool_]], found: NDArray[np.int64]) -> None:
    """The rows on which they differ, (K,), most first; one that is ticked leads to its errors."""
    item = compared.dataset.item
    st.markdown(f"#### Contested: {words.count(len(found), item)}")
    if len(found) == 0:
        st.caption("All flag the same.")
        return
    st.caption(
        "Flagged by some and not by others; first those on whose ranks they differ most. One of them is wrong there."
    )
    shown = found[:CONTESTED]
    rows = compared.rows[shown]
    frame = load.rows_frame(state.store(), compared.dataset, rows, compared.dataset.identifiers)
    for name, values in compared.scores.items():
        frame[f"rank by {name}"] = _ranks(values)[shown].astype(int)
    frame["flagged by"] = [", ".join(name for name, mine in flags.items() if mine[i]) for i in shown]
    frame["because of"] = [reasons(compared.first, row) for row in rows]
    ticked_row(compared.chosen(), frame, rows, f"compared_{len(found)}", "why_compared")
    if len(found) > len(shown):
        st.caption(f"The first {len(shown):,} of {len(found):,}.")


def cost_and_quality(compared: Compared, flags: dict[str, NDArray[np.bool_]], found: Agreed) -> None:
    """One table of all runs and of the simple methods beside the first, and the sentence that comes of it."""
    st.markdown("#### What each costs, and which to trust")
    simple = {
        name: np.asarray(values)[compared.rows]
        for name, values in state.store().runs.baselines(compared.runs[0]).items()
    }
    ranked = _ranking(compared, simple)
    reviewed = _reviewed(compared, simple, flags) if ranked is None and not compared.series else None
    rows = []
    for name, run, threshold in zip(compared.names, compared.runs, compared.thresholds, strict=True):
        summary = run.summary
        rows.append(
            {
                "detector": name,
                "AUROC": _area(ranked, name),
                **_precision(run, threshold, "Autoencoder"),
                **(reviewed.of(name) if reviewed else {}),
                "seconds": summary.get("seconds"),
                "parameters": summary.get("parameters"),
                "device": summary.get("device"),
                "held-back error": summary.get("error_network"),
                "PCA's": summary.get("error_pca"),
                "flags that came again": _again(compared, run, threshold, compared.rows[flags[name]]),
            }
        )
    rows += [
        {
            "detector": name,
            "AUROC": _area(ranked, name),
            **_precision(compared.runs[0], compared.thresholds[0], name),
            **(reviewed.of(name) if reviewed else {}),
            "seconds": compared.runs[0].summary.get("baseline_seconds", {}).get(name),
        }
        for name in simple
    ]
    told = pd.DataFrame(rows).dropna(axis=1, how="all")
    st.dataframe(told, hide_index=True, column_config={"seconds": SECONDS}, placeholder=words.NOTHING)
    st.caption(f"PCA, IsolationForest and kNN saw the rows as {plain(compared.names[0])} did.")
    if reviewed:
        st.caption(f":material/info: {reviewed.in_words(compared.dataset.item)}")
    seconds = {
        name: float(run.summary["seconds"])
        for name, run in zip(compared.names, compared.runs, strict=True)
        if run.summary.get("seconds")
    }
    held = {
        name: float(run.summary["error_network"])
        for name, run in zip(compared.names, compared.runs, strict=True)
        if run.summary.get("error_network") is not None and same_rows_held_back(compared.runs)
    }
    st.markdown(f"**{plain(which_to_trust(compared.names, ranked, found.pairs, seconds, held), 1_500)}**")
    if compared.series:
        st.caption("Rows of a series are not independent: no detector is judged by a label here.")


@dataclass(frozen=True)
class _Reviewed:
    """What verdicts say where no label does. areas: None where too few of either are decided; confirmed: of the reviewed rows
    that each run flags."""

    confirmations: int
    dismissals: int
    areas: Ranking | None
    confirmed: dict[str, Estimate]

    def of(self, name: str) -> dict[str, str | None]:
        """A row's figures."""
        mine = {"confirmed of its reviewed flags": interval(self.confirmed[name])} if name in self.confirmed else {}
        return {"AUROC among the reviewed": _area(self.areas, name), **mine} if self.areas else mine

    def in_words(self, item: str) -> str:
        """By what rows this is, and what it can't say."""
        return (
            f"No label: {self.confirmations:,} confirmed and {self.dismissals:,} dismissed {item}s stand in for one. These were not "
            f"drawn by chance: somebody looked at them, mostly because a run flagged them. So the figures say how well each "
            f"run parts what was looked at, not how much it misses, and favour the run whose flags were reviewed."
        )


def _reviewed(
    compared: Compared, simple: dict[str, NDArray[np.float64]], flags: dict[str, NDArray[np.bool_]]
) -> _Reviewed | None:
    """By verdicts; None where nothing is decided."""
    truth = load.judged(state.store(), compared.dataset).truth[compared.rows]
    known = truth >= 0
    if not known.any():
        return None
    every = {**compared.scores, **simple}
    found = ranking({name: values[known] for name, values in every.items()}, truth[known] == 1)
    confirmed = {
        name: share_of(int((mine & (truth == 1)).sum()), int((mine & known).sum()))
        for name, mine in flags.items()
        if (mine & known).any()
    }
    return _Reviewed(int((truth == 1).sum()), int((truth == 0).sum()), found, confirmed)


def _ranking(compared: Compared, simple: dict[str, NDArray[np.float64]]) -> Ranking | None:
    label = compared.dataset.label
    if label is None or compared.series:
        return None
    normal, every = tuple(compared.runs[0].spec.get("normal", ())), {**compared.scores, **simple}
    return load.ranked(state.store(), compared.dataset, label.name, normal, compared.rows, every)


def _area(ranked: Ranking | None, name: str) -> str | None:
    return None if ranked is None or name not in ranked.areas else interval(ranked.areas[name])


def _precision(run: Run, threshold: Threshold, detector: str) -> dict[str, str]:
    every = load.evaluations(state.store(), run, threshold.scorer)
    one = next((each for each in every if each.detector == detector), None)
    if one is None or one.average_precision is None:
        return {}
    return {"average precision": interval(one.average_precision)}


def _again(compared: Compared, run: Run, threshold: Threshold, rows: NDArray[np.int64]) -> str:
    refits = load.refits(state.store(), run, threshold.scorer)
    if refits is None or len(rows) == 0 or run.dataset_id != compared.dataset.id:
        return ""
    return f"{stability(refits, rows).overlap:.0%}"
