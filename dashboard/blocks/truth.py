"""What is known of rows being anomalies: by the label, or by what people said of them."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.scoring.workbench import given_of
from core.specs import RunSpec
from core.thresholds import Given
from dashboard import load, state
from dashboard.blocks.run_header import Chosen

LABEL, VERDICTS = "the label", "verdicts"


def known_by(chosen: Chosen) -> list[str]:
    """What tells of some rows whether they are anomalies, of that which is there."""
    found = [LABEL] if _by_label(chosen) is not None else []
    judged = load.judged(state.store(), chosen.dataset)
    return [*found, VERDICTS] if (judged.truth >= 0).any() else found


def truth_choice(chosen: Chosen) -> str:
    """By what thresholds are judged, asked where there are two; empty where nothing is known."""
    sources = known_by(chosen)
    if len(sources) < 2:
        return sources[0] if sources else ""
    key = f"known_by_{chosen.run.id}"
    return str(st.segmented_control("Anomalies are known by", sources, default=sources[0], required=True, key=key))


def given(chosen: Chosen, source: str) -> Given:
    """What a threshold is chosen from. source: of the truth, empty for none."""
    truth = None
    if source == LABEL:
        truth = _by_label(chosen)
    elif source == VERDICTS:
        truth = load.judged(state.store(), chosen.dataset).truth
    return given_of(chosen.scores, chosen.scorer, truth)


def _by_label(chosen: Chosen) -> NDArray[np.int8] | None:
    label = chosen.dataset.label
    normal = RunSpec.read(chosen.run.spec).normal
    return None if label is None else load.truth_of_label(state.store(), chosen.dataset, label.name, normal)
