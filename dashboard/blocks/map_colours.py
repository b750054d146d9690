"""What the colours and sizes on the maps mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.typed import numeric
from core.datasets.written import written
from core.results import Column
from dashboard import load, state
from dashboard.blocks.map_choices import Choice
from dashboard.blocks.map_groups import group_colour, there
from dashboard.blocks.run_header import Chosen
from dashboard.charts import theme
from dashboard.charts.text import headings, shortened, visible
from dashboard.latent_map import Colour, classes

FARTHEST = 100.0  # times the threshold, beyond which colours differ no more: an infinite cell leaves some to others
FAR_OUT, LONGEST_NAME = 3.0, 60  # times the middle 98 % of a column's numbers; characters
SCORE, FLAG, VERDICT, GROUP, DISTORTION = "anomaly score", "flag", "verdict", "group", "local distortion"
VERDICTS = ("confirmed", "dismissed", "unsure")  # as core.triage.judged numbers them, from 1
VERDICT_COLOURS = (theme.CONFIRMED, theme.DISMISSED, theme.UNSURE)


@dataclass(frozen=True)
class ColourChoice:
    """A colour with the name it has in a link."""

    name: str
    colour: Colour


def colour_choice(chosen: Chosen, choices: Sequence[Choice], at: NDArray[np.int64]) -> ColourChoice:
    """What to colour by: error, flag, verdict, distortion of a map, the label, or any column. at: the row of each point, (P,)."""
    columns = {column.name: column for column in chosen.dataset.columns}
    label = chosen.dataset.label
    measured = [each for each in choices if each.projection is not None and each.projection.distortion_address]
    grouped = [GROUP] if there(chosen) else []
    by_row = [SCORE, FLAG, *([VERDICT] if load.judged(state.store(), chosen.dataset).newest else [])]
    ours = [*by_row, *grouped, *(f"{DISTORTION}: {each.title}" for each in measured)]
    theirs = [
        *([label.name] if label else []),
        *(name for name in columns if label is None or name != label.name),
    ]
    names = [*ours, *theirs]
    # A source column may have one of our names: ours stand first, columns are told apart by place.
    places = list(range(len(names)))
    key = f"map_colour_{chosen.run.id}"
    shared = state.view()
    wanted = st.session_state.get(f"{key}_last") or (shared.state.get("colour") if shared else None)
    start = names.index(wanted) if wanted in names else 0
    place = st.selectbox("Colour by", places, start, format_func=headings(names).__getitem__, key=f"{key}_{len(ours)}")
    st.session_state[f"{key}_last"] = names[place]
    if place < len(by_row):
        colour = _of_verdicts(chosen) if names[place] == VERDICT else _of_scores(chosen, names[place])
    elif place < len(by_row) + len(grouped):
        return ColourChoice(GROUP, group_colour(chosen))  # of points, not of rows, as distortion is
    elif place < len(ours):
        of = measured[place - len(by_row) - len(grouped)]
        return ColourChoice(names[place], _of_distortion(of, names[place]))
    else:
        colour = _of_column(chosen, columns[names[place]])
    return ColourChoice(names[place], replace(colour, values=colour.values[at]))


def size_choice(chosen: Chosen, at: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """How large each point is, (P,) from 0 to 1; None where all are alike."""
    if not st.toggle("Size by score", key=f"map_size_{chosen.run.id}", help="The stranger, the larger."):
        return None
    scores = chosen.scores.values[at]
    order = np.argsort(np.argsort(scores, kind="stable"), kind="stable") / max(1, len(scores) - 1)  # (P,) ranks
    return np.asarray(order**4)


def _of_scores(chosen: Chosen, which: str) -> Colour:
    scores = chosen.scores.values
    if which == FLAG:
        flagged = (scores >= chosen.threshold.value).astype(np.float32)
        return Colour("flag", flagged, ("not flagged", "flagged"), (theme.HEALTHY, theme.FLAGGED))
    positive = np.maximum(scores, theme.least_shown(scores))
    most = FARTHEST * max(chosen.threshold.value, 1e-300)
    shown = np.minimum(positive, most)
    ends = (f"{positive.min():.3g}", f"{shown.max():.3g}{' and more' if positive.max() > most else ''}")
    return Colour("anomaly score (log scale)", np.log10(shown).astype(np.float32), ends=ends, base=10)


def _of_verdicts(chosen: Chosen) -> Colour:
    codes = load.judged(state.store(), chosen.dataset).codes
    return Colour(VERDICT, codes.astype(np.float32) - 1, VERDICTS, VERDICT_COLOURS, lacking="none")


def _of_distortion(choice: Choice, name: str) -> Colour:
    assert choice.projection is not None  # noqa: S101  (only those are offered)
    values = load.distortion(state.store(), choice.projection)
    ends = ("near its neighbours", f"torn or crowded, {2 ** float(np.nanmax(values)):.3g}×")
    return Colour(name, values, ends=ends, base=2)


def _of_column(chosen: Chosen, column: Column) -> Colour:
    texts = load.column_cells(state.store(), chosen.dataset, column.name)
    name = shortened(visible(column.name), LONGEST_NAME)
    if column.kind in ("number", "datetime"):
        return _of_numbers(name, column, numeric(column, texts))
    return classes(name, texts)


def _of_numbers(name: str, column: Column, values: NDArray[np.float64]) -> Colour:
    """On a scale over the bulk of them: what lies far outside, or is infinite, is coloured as its end."""
    there = values[np.isfinite(values)]
    if len(there) == 0:
        return Colour(name, np.where(np.isnan(values), np.nan, np.sign(values)).astype(np.float32))
    low, middle, high = np.quantile(there, [0.01, 0.5, 0.99])
    room = FAR_OUT * max(high - low, 1e-12 * abs(middle))
    bottom, top = max(float(there.min()), low - room), min(float(there.max()), high + room)
    cut = np.clip(values, bottom, top)
    said = [written(end, column) for end in (bottom, top)]
    ends = (
        f"{said[0]}{' and less' if (values < bottom).any() else ''}",
        f"{said[1]}{' and more' if (values > top).any() else ''}",
    )
    return Colour(name, cut.astype(np.float32), ends=ends)
