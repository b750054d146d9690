"""Whether the autoencoder earns its place: beside PCA, IsolationForest and kNN, with intervals, in words."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.results import Estimate
from dashboard import load, state
from dashboard.blocks.run_header import Chosen
from dashboard.charts.evaluation import evaluation_intervals
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG


def evaluation(chosen: Chosen) -> None:
    """The sentence; with a label, the figures behind it."""
    st.markdown(plain(chosen.run.summary["verdict_text"]))
    found = load.evaluations(state.store(), chosen.run)
    if not found:
        st.caption("There is no label in this table, so no figure can say which detector is right.")
        return
    refused = next((item.refused for item in found if item.refused), "")
    if refused:
        st.info(plain(refused), icon=":material/info:")
        return
    st.plotly_chart(evaluation_intervals(found), config=PLOTLY_CONFIG, key="evaluation")
    with st.expander("The same as a table"):
        st.dataframe(
            pd.DataFrame(
                [(item.detector, _text(item.auroc), _text(item.average_precision)) for item in found],
                columns=["detector", "AUROC (95 % interval)", "average precision (95 % interval)"],
            ),
            hide_index=True,
        )
        st.caption(f"{found[0].positives:,} of {found[0].rows:,} labelled rows count as anomalies.")


def _text(figure: Estimate | None) -> str:
    return "" if figure is None else f"{figure.value:.3f} ({figure.low:.3f} – {figure.high:.3f})"
