"""Several runs on the same rows side by side: how far they are, what differs in their settings, and what came out."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.results import Metric, Run
from core.specs import OBJECTIVES, RunSpec
from dashboard import state, words
from dashboard.blocks.differences import differing, settings_of, title, value
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, shortened, visible
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.charts.training import curves_side_by_side
from dashboard.navigation import link
from dashboard.tick import ticking

FIGURES = {
    "error_network": "Error on rows held back",
    "error_pca": "PCA of equal width",
    "loss_best": "Best loss",
    "best_epoch": "Best epoch",
    "seconds": "Seconds",
    "parameters": "Parameters",
}
MANY = 3.0  # times smaller, from which on it is said so
NEAR = 0.02  # share by which errors may differ and still be called the same


def comparison(runs: Sequence[Run], gone: int, *, onward: bool = True) -> None:
    """Live until all have ended. gone: runs of the link that were deleted. onward: whether a link leads to what they find."""
    store = state.store()
    on = {run.dataset_id: store.datasets.get(run.dataset_id).name for run in runs}
    st.subheader(f"{words.count(len(runs), 'run')} side by side", anchor=False)
    st.caption(f"On {', '.join(map(plain, on.values()))}. What differs in their settings stands in the table.")
    if len(on) > 1:
        st.info("They were trained on different data: their errors can't be compared.", icon=":material/info:")
    deleted(gone)

    def _part() -> None:
        now = [store.runs.get(run.id) for run in runs]
        _table(now)
        if all(run.state not in ("queued", "running") for run in now):
            if going:
                st.rerun()
            return

    going = any(store.runs.get(run.id).state in ("queued", "running") for run in runs)
    if going:
        ticking(_part, 1.0, key="comparison")
        return
    _part()
    names = headings(shortened(run.name, 120) for run in runs)  # told apart where they are alike
    _curves(names, runs)
    if len(on) == 1:
        _best([store.runs.get(run.id) for run in runs])
    ready = [run.id for run in runs if store.runs.get(run.id).ready]
    if onward and len(ready) > 1:
        link("compare", "Compare what they find", compare=",".join(ready))
    for run in runs:
        link("train", f"Open {plain(run.name)}", run=run.id)


def same_rows_held_back(runs: Sequence[Run]) -> bool:
    """Whether all of them learned from, and held back, the very same rows of the same data."""
    return len({(run.dataset_id, run.artifacts.get("splits", run.id)) for run in runs}) == 1


def smaller(least: float, second: float) -> str:
    """How much one error is below another, in words."""
    if least <= 0 or second / least >= MANY:
        return f"{second / least:,.0f} times smaller" if least > 0 else "nothing at all, and smaller"
    return f"{100 * (1 - least / second):.0f} % smaller"


def deleted(gone: int) -> None:
    """That so many runs of the link are there no more."""
    if gone:
        st.info(
            f"{words.count(gone, 'run')} of this link {'was' if gone == 1 else 'were'} deleted.", icon=":material/info:"
        )


def _table(runs: Sequence[Run]) -> None:
    settings = [settings_of(run) for run in runs]
    names = differing(settings)
    rows = [
        {
            "Run": shortened(visible(run.name), 120),
            "State": words.STATE_WORDS[run.state],
            **{title(name): value(each.get(name)) for name in names},
            **{said: run.summary.get(figure) for figure, said in FIGURES.items()},
        }
        for run, each in zip(runs, settings, strict=True)
    ]
    frame = pd.DataFrame(rows)
    frame.columns = pd.Index(headings(frame.columns))
    st.dataframe(frame, hide_index=True, placeholder=words.NOTHING)


def _curves(names: Sequence[str], runs: Sequence[Run]) -> None:
    """The runs' learning, those by one loss in one chart: figures of two are on two scales."""
    by_loss: dict[str, dict[str, list[Metric]]] = {}
    for name, run in zip(names, runs, strict=True):
        by_loss.setdefault(RunSpec.read(run.spec).number_loss_used, {})[name] = state.store().runs.metrics(run.id)
    for loss, curves in sorted(by_loss.items(), key=lambda each: -len(each[1])):
        said = value(loss) if len(by_loss) > 1 else ""
        st.plotly_chart(curves_side_by_side(curves, said, names), config=PLOTLY_CONFIG, key=f"compared_curves_{loss}")
    if len(by_loss) > 1:
        st.caption(
            "These runs compare numbers in different ways, so that their losses can't be read off one scale; *Error on rows held back* in "
            "the table is the same measure for all."
        )
    by_sort: dict[str, list[str]] = {}
    for name, run in zip(names, runs, strict=True):
        if loss_of := OBJECTIVES.get(RunSpec.read(run.spec).objective).loss_of:
            by_sort.setdefault(loss_of, []).append(name)
    for loss_of, those in by_sort.items():
        st.caption(
            f"The loss of {', '.join(f'**{plain(name)}**' for name in those)} is of {loss_of}, and so higher than it would be of rows "
            "as they are: a curve above the others does not say that rows are rebuilt worse. *Error on rows held back* in the table is "
            "what to compare by."
        )


def _best(runs: Sequence[Run]) -> None:
    """What can be said of which is better: of the error that all were asked to make small, on rows that none was trained on."""
    measured = [run for run in runs if run.summary.get("error_network") is not None]
    if len(measured) < 2:
        return
    if not same_rows_held_back(measured):
        st.markdown("They held back different rows, so that their errors on those can't be compared.")
        return
    (least, name), (second, _) = sorted((run.summary["error_network"], run.name) for run in measured)[:2]
    ahead = 1 - least / second if second > 0 else 0.0
    if ahead < NEAR:
        st.markdown("The two best can't be told apart by what they rebuild: they differ by less than a fiftieth.")
        return
    st.markdown(
        f"**{plain(name)}** rebuilds rows held back best: its error is {smaller(least, second)} than the next one's. That is not yet the best "
        "detector: a network that rebuilds everything finds nothing strange."
    )
