"""Compare: finished runs on the same rows; where they agree, where not, what each costs, and which to trust for what."""

from __future__ import annotations

import streamlit as st

from dashboard import load, state
from dashboard.blocks.compared import (
    agreement,
    compared_runs,
    contested_table,
    cost_and_quality,
    flags_by,
    maps,
)
from dashboard.blocks.comparison import comparison
from dashboard.blocks.dataset_picker import dataset_picker
from dashboard.blocks.share import local_link
from dashboard.blocks.versions import version
from dashboard.charts.markdown import plain

st.title("Compare")
st.caption("Runs on the same rows: where they agree, where not, what each costs, and which to trust for what.")

linked, gone = state.compared()
dataset = state.store().datasets.get(linked[0].dataset_id) if linked else state.dataset()
if dataset is None:
    dataset_picker("compare")
    st.stop()
st.markdown(f"On **{plain(dataset.name)}**{version(dataset)}")
compared = compared_runs(dataset, linked, gone)
if compared is None:
    st.stop()
local_link("compare", {"compare": ",".join(run.id for run in compared.runs)})
flags = flags_by(compared)
found = load.agreed(compared.scores, flags)
cost_and_quality(compared, flags, found)
agreement(found, compared.dataset.item)
maps(compared, flags)
contested_table(compared, flags, found.contested)
comparison(compared.runs, 0, onward=False)
