"""What speaks for one row being strange, in full: in words, cell by cell, beside healthy rows, and what it would take to be one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from pandas.io.formats.style import Styler

from core.errors import ServingUnavailable
from core.serving import ask
from core.specs import OWN_ERROR, RECOMMENDED, score_card, score_splits
from core.storage.records import from_json
from core.triage.evidence import Evidence
from core.triage.judged import CONFIRMED
from core.triage.lone import DRAWN, taken_as_empty
from core.triage.sentence import CAUTION, HOW_OFTEN, percent, sentence
from dashboard import load, state
from dashboard.blocks.failure import show_error
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.score_shown import flagged_from
from dashboard.charts.lone import among_healthy, among_healthy_table
from dashboard.charts.lone import in_words as lone_in_words
from dashboard.charts.maps import place_on_map
from dashboard.charts.markdown import plain
from dashboard.charts.text import headings, shortened, visible
from dashboard.charts.theme import PLOTLY_CONFIG

CELLS, OTHER_RUNS, MOST_NAMED = 40, 5, 5
MARKED = "background-color: rgba(230, 159, 0, 0.35)"  # the colour of flags, light enough for either ground


def row_name(chosen: Chosen, row: int) -> str:
    """How a reader knows a row: its number, with its identifiers where it has some."""
    cells = load.rows_frame(state.store(), chosen.dataset, np.asarray([row]), chosen.dataset.identifiers).iloc[0]
    named = ", ".join(str(cell) for cell in cells if cell)
    kind = chosen.dataset.item.capitalize()
    return f"{kind} {row + 1}{f' ({named})' if named else ''}"


def evidence_card(chosen: Chosen, row: int) -> Evidence | None:
    """All that is known of a row of a table, which is given back; None where the model can't be asked, which is said."""
    try:
        found = _asked(chosen, row)
    except ServingUnavailable as error:
        show_error(error)
        return None
    st.code(in_words(chosen, row, found), language=None, wrap_lines=True)
    counterfactual_told = chosen.scores.values[row] >= chosen.threshold.value
    st.caption(f"{CAUTION} {HOW_OFTEN}" if counterfactual_told else CAUTION)
    _lone(chosen, found)
    _cells(chosen, found)
    beside, right = st.columns([3, 2], gap="large")
    with beside:
        _near(chosen, row, found)
    with right:
        views(chosen, row)
        place(chosen, row)
    return found


def place(chosen: Chosen, row: int) -> None:
    """Where the row, or of a series the windows around it, lies on the newest map; nothing where none is drawn."""
    store = state.store()
    drawn = [each for each in store.projections.of_run(chosen.run.id) if each.dimensions == 2 and each.level is None]
    if not drawn:
        return
    points, at = load.points(store, drawn[-1]), load.map_rows(store, chosen.run)
    under = load.under(store, chosen.run, drawn[-1].method)
    made = place_on_map(points, nearest_points(chosen, np.asarray([row]), at), "Its place on the map", under)
    st.plotly_chart(made, config=PLOTLY_CONFIG, key=f"place_{chosen.run.id}_{row}")


def nearest_points(chosen: Chosen, rows: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The points of a map that stand for rows, (K,): of a series for each the window of its stretch whose middle is nearest, none
    for a row that was not looked at. at: the row of each point, (P,)."""
    course = chosen.scores.course
    if course is None:
        return load.points_of(rows, at)
    places = np.full(len(chosen.scores.values), -1, np.int64)
    places[course.rows] = np.arange(len(course.rows))
    theirs, apart = places[at], course.stretch[places[at]]
    away = (np.abs(theirs - mine) + len(places) * (apart != course.stretch[mine]) for mine in places[rows] if mine >= 0)
    return np.asarray([each.argmin() for each in away], np.int64)


def _asked(chosen: Chosen, row: int) -> Evidence:
    store = state.store()
    confirmed = load.judged(store, chosen.dataset).rows(CONFIRMED)
    return from_json(
        Evidence,
        ask(
            store,
            "evidence",
            run_id=chosen.run.id,
            row=row,
            threshold=chosen.threshold.value,
            scorer=chosen.threshold.scorer,
            confirmed=confirmed.tolist(),
        ),
    )


def in_words(chosen: Chosen, row: int, found: Evidence) -> str:
    """The sentence that can stand in a ticket, on one line."""
    scores, score = chosen.scores, float(chosen.scores.values[row])
    less, cut = scores.less_strange(score), chosen.threshold.value
    name = row_name(chosen, row)
    return visible(sentence(found, name, len(scores.ordered), score, less, cut, flagged_from(chosen)))


def _lone(chosen: Chosen, found: Evidence) -> None:
    """Each value that is strange by itself among those of the healthy rows; nothing where it is how they go together."""
    drawn = [each for each in found.lone if each.histogram is not None]
    if not drawn:
        return
    for i, (place, each) in enumerate(zip(st.columns(DRAWN), drawn, strict=False)):
        with place:
            st.plotly_chart(among_healthy(each), config=PLOTLY_CONFIG, key=f"lone_{chosen.run.id}_{found.row}_{i}")
            st.caption(plain(lone_in_words(each)))
    with st.expander("The same as a table"):
        for each in drawn:
            st.markdown(f"**{plain(each.column, 60)}**")
            st.dataframe(among_healthy_table(each), hide_index=True)


def _cells(chosen: Chosen, found: Evidence) -> None:
    weak = set(chosen.run.summary.get("weak_columns", ()))
    lone = {each.column: each.how for each in found.lone}
    shown = found.cells[:CELLS]
    table = pd.DataFrame(
        {
            "column": headings(each.column for each in shown),
            "actual": [visible(shortened(each.actual)) or "(empty)" for each in shown],
            "expected": ["" if each.column in weak else visible(shortened(each.expected)) for each in shown],
            "in rows like it": [visible(shortened(each.usual)) for each in shown],
            "without it": [100 * max(0.0, each.drop) for each in shown],
            "share": [100 * each.share for each in shown],
            "strange by itself": [lone.get(each.column, "") for each in shown],
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        key=f"evidence_{chosen.run.id}_{found.row}",
        column_config={
            "actual": st.column_config.TextColumn("actual", help="What stands in the file."),
            "expected": st.column_config.TextColumn(
                "expected",
                help="What the run's network rebuilt. Empty where it knows hardly better than the column's middle.",
            ),
            "in rows like it": st.column_config.TextColumn(
                "in rows like it",
                help="Of the 20 healthy rows with the nearest codes: the middle 80 % of numbers, or the most frequent value.",
            ),
            "without it": st.column_config.ProgressColumn(
                "without it",
                format="−%.0f %%",
                min_value=0,
                max_value=100,
                help="By how much the score falls where a usual value stands in this column alone, checked by scoring it: the mean "
                "of several usual ones (the sentence names the one with which it falls most). By this the columns are ordered.",
            ),
            "share": st.column_config.NumberColumn(
                "share", format="%.0f %%", help="Its part of the score, or of the error: see below."
            ),
            "strange by itself": st.column_config.TextColumn(
                "strange by itself", help="Whether a filter on this column alone would find the row."
            ),
        },
    )
    if len(found.cells) > CELLS:
        st.caption(f"The {CELLS} columns that the score depends on most, of {len(found.cells):,}.")
    if lost := _unreadable(found):
        st.caption(f":material/block: {lost}")
    if beyond := _never_seen(chosen, found):
        st.caption(f":material/new_releases: {beyond}")
    st.caption(_sources(chosen))
    if weak:
        names = ", ".join(plain(name, 40) for name in sorted(weak)[:MOST_NAMED])
        more = f" and {len(weak) - MOST_NAMED} more" if len(weak) > MOST_NAMED else ""
        st.caption(
            f"No expected value of {names}{more}: on rows held back the network was hardly nearer than the column's middle."
        )


def _unreadable(found: Evidence) -> str:
    """Which of the row's cells hold text that can't be read."""
    cells = [each for each in found.cells if each.unread]
    told = [f"{plain(each.column, 60)} = {plain(each.actual, 60)} {taken_as_empty(each.unread)}" for each in cells]
    more = f" and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return f"{'; '.join(told[:MOST_NAMED])}{more}." if told else ""


def _never_seen(chosen: Chosen, found: Evidence) -> str:
    """Of a row that was scored only: which of its cells lie beyond all that was learned from."""
    if "never_seen" not in chosen.run.artifacts:
        return ""
    beyond = load.never_seen(state.store(), chosen.run)[found.row]  # (C,)
    names = {name for name, outside in zip(chosen.scores.columns, beyond, strict=True) if outside}
    cells = [f"{plain(each.column, 60)} = {plain(each.actual, 60)}" for each in found.cells if each.column in names]
    return (
        f"No row that was learned from held this, or a number so far out: {', '.join(cells[:MOST_NAMED])}."
        if cells
        else ""
    )


def _sources(chosen: Chosen) -> str:
    """Where the numbers beside a row come from."""
    scorer = chosen.scorer
    if scorer == OWN_ERROR:
        return "*Expected* is this run's reconstruction; where the column's share is small, it says little."
    spec = chosen.run.spec
    apart = spec.get("scorer") == RECOMMENDED and not spec.get("assume_clean")
    learned = ", which learned from all but the strangest rows" if apart else ""
    what = "the score's" if score_splits(scorer) else "the reconstruction error's: this score has no parts by column"
    return (
        f"The score is *{score_card(scorer)[0]}*; the shares are {what}. *Expected* comes from this run's network{learned}; "
        "where the column's share is small, it says little."
    )


def _near(chosen: Chosen, row: int, found: Evidence) -> None:
    item = chosen.dataset.item
    st.markdown(f"**The healthy {item}s most like it**")
    if not found.near:
        st.caption(f"There are no healthy {item}s to compare with.")
        return
    names = headings(found.near_columns[:CELLS])
    mine = {each.column: each.actual for each in found.cells}
    cells = {f"this {item}": [visible(shortened(mine[name])) for name in found.near_columns[:CELLS]]}
    marks: dict[str, list[bool]] = {f"this {item}": [False] * len(names)}
    for each in found.near:
        name = f"{item} {each.row + 1:,}"
        cells[name] = [visible(shortened(cell)) for cell in each.cells[:CELLS]]
        marks[name] = list(each.differs[:CELLS])
    table = pd.DataFrame(cells, index=pd.Index(names, name="column"))
    marked = pd.DataFrame(marks, index=table.index)
    styled: Styler = table.style.apply(lambda _: marked.map(lambda mark: MARKED if mark else ""), axis=None)
    st.dataframe(styled, key=f"near_{chosen.run.id}_{row}")
    st.caption(
        f"Healthy: not flagged at this threshold, nor confirmed; where many {item}s have one fault, some of it may be among them. "
        "Marked: a number further away than half of all rows lie from each other, or another value."
    )


def views(chosen: Chosen, row: int) -> None:
    """How strange the row is to the simple methods and to other runs that saw it."""
    store = state.store()
    shares = load.ranks(store, chosen.run, chosen.threshold.scorer).less_strange
    views = [("this run" if name == "Autoencoder" else name, float(share[row])) for name, share in shares.items()]
    key = str(chosen.scores.row_keys[row])
    for other in load.other_runs(store, chosen.run, chosen.dataset, OTHER_RUNS):
        found = load.less_strange(store, other, key)
        if found is not None:
            views.append((f"run {other.name}", found))
    item = chosen.dataset.item
    st.markdown(f"**Stranger than so many {item}s, by**")
    st.dataframe(
        pd.DataFrame(
            {"method": headings(name for name, _ in views), f"of all {item}s": [percent(share) for _, share in views]}
        ),
        hide_index=True,
        key=f"views_{chosen.run.id}_{row}",
    )
