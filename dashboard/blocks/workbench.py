"""What a threshold does before it is saved: which rows come and go, how far that hinges on chance, how well it agrees with what is
known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.errors import InputRefused
from core.results import Estimate, Threshold
from core.scoring.files import tuned_before
from core.scoring.workbench import Confusion, Outcome
from core.thresholds import THRESHOLDS, Given
from dashboard import load, state, words
from dashboard.blocks.evaluation import interval
from dashboard.blocks.flagged_rows import flagged_table, ticked_row
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.truth import given
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG
from dashboard.charts.workbench import precision_recall, roc

OPEN = "what_a_threshold_does"
MOST = 20  # rows that enter or leave, as far as they are listed


def workbench(chosen: Chosen, saved: Threshold, source: str) -> None:
    """Beside the threshold that is saved. source: what is known of anomalies, empty for nothing."""
    now, item = chosen.threshold, chosen.dataset.item
    with st.expander("What this threshold does", key=OPEN, on_change="rerun") as box:
        if not box.open:  # it takes longer than the page itself
            return
        rows = given(chosen, source)
        try:
            tuned = tuned_before(state.store(), chosen.run, now.scorer)
            found = load.weighed(rows, now.method, dict(now.parameters), saved.value, item, tuned)
        except InputRefused as error:
            st.caption(f":material/info: {plain(error.what)}.")
            return
        st.markdown(_chance(found, item))
        _coming_and_going(chosen, found)
        if found.confusion is None:
            if source:
                st.caption(f"By {source} too little is known: at least 5 anomalies and 5 others are needed.")
            else:
                st.caption("With a label, or with verdicts, it would stand here how well this agrees with them.")
            return
        _agreement(chosen, rows, found, source)


def _chance(found: Outcome, item: str) -> str:
    if found.spread is None:
        return (
            "How far the number hinges on chance is not found out for events, nor where the method can seldom be used."
        )
    spread = found.spread
    if spread.low == spread.high:
        return f"Flags **{words.count(len(found.rows), item)}**, whichever rows it is chosen from."
    gone = f"; {spread.refused:,} times the method could not be used" if spread.refused else ""
    return (
        f"Flags **{words.count(len(found.rows), item)}**. Chosen from other {item}s of the same kind it would flag between "
        f"**{spread.low:,}** and **{spread.high:,}** of these (95 %, from drawing them anew {spread.resamples:,} times{gone})."
    )


def _coming_and_going(chosen: Chosen, found: Outcome) -> None:
    item = chosen.dataset.item
    if len(found.entering) == len(found.leaving) == 0:
        st.caption("The same rows as by the saved threshold.")
        return
    parts = [
        f"{words.count(len(rows), item)} {what}"
        for rows, what in ((found.entering, "more than now"), (found.leaving, "no longer"))
        if len(rows)
    ]
    st.markdown(f"Beside the saved threshold: {', '.join(parts)}.")
    if chosen.dataset.pictures is not None or chosen.scores.course is not None:
        return
    rows: NDArray[np.int64] = np.concatenate([found.entering[:MOST], found.leaving[:MOST]])
    table = flagged_table(chosen, rows)
    table.insert(0, "what happens", ["comes in"] * len(found.entering[:MOST]) + ["leaves"] * len(found.leaving[:MOST]))
    ticked_row(chosen, table, rows, f"coming_{chosen.run.id}_{found.value}", "why_coming")


def _agreement(chosen: Chosen, rows: Given, found: Outcome, source: str) -> None:
    assert found.confusion is not None  # noqa: S101  (only then is it called)
    columns = {f"beside {source}": found.confusion}
    if found.cross_fitted is not None:
        columns["on rows it was not tuned on"] = found.cross_fitted
    if found.tuned_on:
        before = found.tuned_before
        how = (
            f"was chosen by {source}"
            if before is None
            else f"flags what one did that was chosen by *{THRESHOLDS.get(before.method).title}* on what is known of these rows"
        )
        st.warning(
            f"This threshold {how}, so that figures on the same rows flatter it."
            + (" Beside them stand figures from halves that did not choose." if found.cross_fitted is not None else ""),
            icon=":material/info:",
        )
    st.dataframe(_figures(columns))
    curves = load.agreement(rows)
    st.markdown(f"AUROC **{interval(curves.auroc)}**, average precision **{interval(curves.average_precision)}**.")
    if chosen.scores.course is not None:
        st.caption("Rows that follow one another say little anew, so that in truth these intervals are wider.")
    left, right = st.columns(2)
    at = found.confusion
    left.plotly_chart(roc(curves, at), config=PLOTLY_CONFIG, key=f"roc_{chosen.run.id}")
    right.plotly_chart(precision_recall(curves, at), config=PLOTLY_CONFIG, key=f"pr_{chosen.run.id}")


def _figures(columns: dict[str, Confusion]) -> pd.DataFrame:
    """Counts and shares at the threshold, with 95 % intervals."""
    rows = {
        "anomalies flagged": lambda each: f"{each.true_positives:,}",
        "others flagged": lambda each: f"{each.false_positives:,}",
        "anomalies missed": lambda each: f"{each.false_negatives:,}",
        "others left": lambda each: f"{each.true_negatives:,}",
        "precision": lambda each: _share(each.precision),
        "recall": lambda each: _share(each.recall),
        "F1": lambda each: interval(each.f1),
        "lift over chance": lambda each: (
            "" if each.lift is None else f"{each.lift.value:.1f} × ({each.lift.low:.1f} – {each.lift.high:.1f})"
        ),
    }
    return pd.DataFrame(
        {name: [make(each) for make in rows.values()] for name, each in columns.items()}, index=list(rows)
    )


def _share(estimate: Estimate | None) -> str:
    return "" if estimate is None else f"{estimate.value:.0%} ({estimate.low:.0%} – {estimate.high:.0%})"
