"""Whether the autoencoder earns its place: beside PCA, IsolationForest and kNN, with intervals, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.results import Dataset, Estimate, Run
from core.scoring.evaluation import agreement
from core.specs import RECOMMENDED
from dashboard import load, state
from dashboard.blocks.run_header import Chosen
from dashboard.charts.evaluation import evaluation_intervals
from dashboard.charts.markdown import plain
from dashboard.charts.theme import PLOTLY_CONFIG

ALIKE = 1.05  # ratio of two errors up to which they are alike
EXACT = 1e-4  # of standardised values: where both errors are below it, both rebuild all that anybody would see
NEARLY = 0.01  # of the error of the columns' means: as little as that is next to nothing for both
FAR = 1_000  # ratio beyond which its size says nothing more
LONGEST = 600  # characters of the verdict


def evaluation(chosen: Chosen) -> None:
    """The sentences; with a label, the figures behind them."""
    st.markdown(plain(verdict_text(chosen), LONGEST))
    if said := beside_pca(chosen.run, chosen.dataset):
        st.markdown(plain(said))
    found = load.evaluations(state.store(), chosen.run, chosen.threshold.scorer)
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
                [
                    (item.detector, interval(item.auroc), interval(item.average_precision), interval(item.precision))
                    for item in found
                ],
                columns=[
                    "detector",
                    "AUROC (95 % interval)",
                    "average precision (95 % interval)",
                    f"anomalies among the {found[0].budget:,} strangest (95 % interval)",
                ],
            ),
            hide_index=True,
        )
        counted = "counts as an anomaly" if found[0].positives == 1 else "count as anomalies"
        st.caption(f"{found[0].positives:,} of {found[0].rows:,} labelled rows {counted}.")


def verdict_text(chosen: Chosen) -> str:
    """The sentence on the score that is looked at, beside the baselines; without a label on as many as are flagged now."""
    over = int((chosen.scores.values >= chosen.threshold.value).sum())
    if over and not load.evaluations(state.store(), chosen.run, chosen.threshold.scorer):
        ranks = load.ranks(state.store(), chosen.run, chosen.threshold.scorer).by_detector
        return agreement({name: -rank.astype(np.float64) for name, rank in ranks.items()}, over, chosen.dataset.item)
    return str(chosen.run.summary[chosen.run.of_scorer("verdict_text", chosen.threshold.scorer)])


def beside_pca(run: Run, dataset: Dataset) -> str:
    """How well the network rebuilds beside a PCA of equal width, in words; empty where that was not measured."""
    network, pca = run.summary.get("error_network"), run.summary.get("error_pca")
    if network is None or pca is None:
        return ""
    how = "predicts" if run.spec.get("objective") == "masked" else "rebuilds"
    rest = ", from the rest of each row alone," if how == "predicts" else ""
    scale = ", of pixels from 0 for black to 1 for white" if run.spec.get("number_loss") == "cross-entropy" else ""
    named = "that explains " if run.scorer == RECOMMENDED else ""
    what = "pixels" if dataset.pictures is not None else "number columns"
    means = run.summary.get("error_means") or 0.0
    both = ", next to nothing for both" if max(network, pca) <= NEARLY * means else ""
    return (
        f"On held-back {dataset.item}s the network {named}{how} {what}{rest} {in_words(network, pca, means)} a PCA of equal width "
        f"(mean squared error {network:.4g} beside {pca:.4g}{both}{scale})."
    )


def in_words(network: float, pca: float, means: float = 0.0) -> str:
    """Two errors, at least 0, compared in words. means: the error of the columns' means, 0 where it was not measured."""
    low, high = sorted((network, pca))
    if high <= max(ALIKE * low, EXACT, NEARLY * means):
        return "about as well as"
    ratio = high / low if low > 0 else float("inf")
    many = f"{ratio:.2g} times" if ratio < 10 else f"{ratio:,.0f} times" if ratio < FAR else "far"
    return f"{many} {'better' if network < pca else 'worse'} than"


def interval(figure: Estimate | None) -> str:
    """A figure with its 95 % interval; empty where there is none."""
    return "" if figure is None else f"{figure.value:.3f} ({figure.low:.3f} – {figure.high:.3f})"
