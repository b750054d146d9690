"""How far each map on the page can be believed: its figures beside the others', and what another seed would change."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.latent.believed import FIGURES, Believed, Figure
from dashboard import state
from dashboard.blocks.job_progress import still_going
from dashboard.blocks.map_choices import Choice, believed
from dashboard.blocks.run_header import Chosen

MEANINGS = {
    "trustworthiness": "1: who is near on the map is near in the codes. About .5 by lot.",
    "continuity": "1: who is near in the codes is near on the map. About .5 by lot.",
    "neighbour_recall": "Share of a row's 15 nearest in the codes that are among its 15 nearest on the map.",
    "rank_correlation": "1: what is far in the codes is far on the map, and near is near, over the whole map; 0: by lot. "
    "Spearman's, of distances.",
}
SEED = (
    "How far a row moves, in the middle, when the map is drawn with another seed and laid over this one, in radii of the map "
    "(the distance within which half of all rows lie of its middle). Differences between maps below that mean nothing."
)
MEASURED = "On how many rows the figures were measured, each against all rows; of some rows with their standard error."


def map_trust(chosen: Chosen, choices: Sequence[Choice]) -> None:
    """The table with its sentence; for maps that were not measured yet their job, asked for when they are looked at."""
    drawn = [choice for choice in choices if choice.projection is not None]
    if not drawn:
        return
    with st.expander("How far can these maps be believed?", expanded=True, icon=":material/verified:"):
        known = {choice.title: found for choice in drawn if (found := believed(choice)) is not None}
        if known:
            st.dataframe(
                table(known),
                hide_index=True,
                column_config={
                    **{title(name): st.column_config.TextColumn(help=MEANINGS[name]) for name in FIGURES},
                    "moves with the seed": st.column_config.TextColumn(help=SEED),
                    "measured on": st.column_config.TextColumn(help=MEASURED),
                },
            )
            st.markdown(sentence(known))
        for choice in drawn:
            if choice.title not in known:
                _measure(choice)


def title(name: str) -> str:
    """A figure's name above its values."""
    return name.replace("_", " ")


def table(known: dict[str, Believed]) -> pd.DataFrame:
    """A row a map: the figures with their standard errors, and how far a row moves with another seed."""
    rows = []
    for name, found in known.items():
        figures = {title(each): _written(found.trust.figures.get(each)) for each in FIGURES}
        moved = "no seed" if found.seed is None else f"{found.seed.drift:.2f} radii"
        measured = found.trust.reason or (
            "all rows"
            if found.trust.anchors == found.trust.rows
            else f"{found.trust.anchors:,} of {found.trust.rows:,} rows"
        )
        rows.append({"map": name, **figures, "moves with the seed": moved, "measured on": measured})
    return pd.DataFrame(rows)


def _written(figure: Figure | None) -> str:
    if figure is None:
        return "–"
    error = "" if figure.standard_error is None else f" ± {figure.standard_error:.3f}"
    return f"{figure.value:.3f}{error}"


def sentence(known: dict[str, Believed]) -> str:
    """Which of the maps keeps more, where the difference is more than chance and another seed would make."""
    measured = {name: found for name, found in known.items() if found.trust.figures}
    if not measured:
        return "There is nothing to tell of maps like these."
    if len(measured) == 1:
        ((name, found),) = measured.items()
        recall, kept = found.trust.figures["neighbour_recall"].value, found.trust.figures["rank_correlation"].value
        return (
            f"On **{name}** {recall:.0%} of a row's nearest neighbours are its nearest in the codes too; far and near over "
            f"the whole map agree with the codes at {kept:.2f} of 1."
        )
    parts = []
    for figure, what in (("neighbour_recall", "neighbourhoods"), ("rank_correlation", "distances over the whole map")):
        order = sorted(measured, key=lambda name: -measured[name].trust.figures[figure].value)
        best, next_ = order[0], order[1]
        if _apart(measured[best], measured[next_], figure):
            parts.append(f"**{best}** keeps {what} best")
        else:
            parts.append(f"for {what} **{best}** and **{next_}** can't be told apart")
    return "; ".join(parts) + ". Differences within standard errors, or that another seed makes, count as none."


def _apart(one: Believed, other: Believed, figure: str) -> bool:
    a, b = one.trust.figures[figure], other.trust.figures[figure]
    chance = 2 * ((a.standard_error or 0) ** 2 + (b.standard_error or 0) ** 2) ** 0.5
    floor = max((each.seed.differences.get(figure, 0.0) for each in (one, other) if each.seed is not None), default=0.0)
    return a.value - b.value > max(chance, floor)


def _measure(choice: Choice) -> None:
    """Asked for once for each map; a failure stays on the page, with a button to try again."""
    store, projection = state.store(), choice.projection
    assert projection is not None  # noqa: S101  (only drawn ones are measured)
    jobs = [
        job for job in store.jobs.find(run_id=choice.run.id, kind="trust") if job.args["projection_id"] == projection.id
    ]
    last = jobs[0] if jobs else None
    if still_going(last, f"{choice.title} is being measured"):
        return
    failed = last is not None and last.state != "succeeded"
    if failed and not st.button(f"Measure {choice.title}", key=f"trust_{projection.id}"):
        return
    args = {"run_id": choice.run.id, "projection_id": projection.id}
    store.jobs.submit("trust", args, dataset_id=choice.run.dataset_id, run_id=choice.run.id)
    st.rerun()
