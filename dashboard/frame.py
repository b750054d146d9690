"""What stands around every page: navigation, the chosen run, and the job badge."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit puts dashboard/ on the path; imports are written from the root.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from core.errors import HourglassError, NotFound  # noqa: E402
from dashboard import state  # noqa: E402
from dashboard.blocks.disk_warning import disk_warning  # noqa: E402
from dashboard.blocks.failure import show_error  # noqa: E402
from dashboard.blocks.job_badge import job_badge  # noqa: E402
from dashboard.blocks.selection_menu import selection_menu  # noqa: E402
from dashboard.blocks.versions import version  # noqa: E402
from dashboard.charts.markdown import plain  # noqa: E402
from dashboard.navigation import PAGES, link, page  # noqa: E402

current = st.navigation([page(name) for name in PAGES], position="hidden")
st.set_page_config(
    page_title=f"{current.title} · Hourglass", page_icon=str(Path(__file__).parent / "icon.png"), layout="wide"
)

with st.sidebar:
    st.markdown("### :material/hourglass_empty: Hourglass")
    try:
        params = state.carried()
        chosen = state.run()
        data = state.dataset()
    except NotFound:  # the page itself says so
        params, chosen, data = {}, None, None
    for name, (title, _icon) in PAGES.items():
        place = {"term": state.param("term")} if name == "guide" else {}
        link(name, title, **(params if name != "home" else {}), **place)
    if data is not None:
        st.caption(f"Data: {plain(data.name)}{version(data)}")
    if chosen is not None:
        st.caption(f"Run: {plain(chosen.name)}")
    if data is not None:
        selection_menu(data)
    disk_warning()
    job_badge()

try:
    current.run()
except HourglassError as error:  # said in the page; only what is unexpected belongs in the log
    show_error(error)
