"""Share: store what is seen, give a link to it, and offer the same as one HTML file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from core.results import Threshold
from core.storage.records import to_json
from dashboard import state
from dashboard.blocks.failure import failure_in_place
from dashboard.blocks.run_header import Chosen

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


LOCAL = "Hourglass listens on this machine only, so the link works on this machine."


def local_link(page: str, params: dict[str, str]) -> None:
    """A button with the link to a page whose address says all that it shows."""
    with st.popover("Share", icon=":material/share:"):
        st.markdown("A link to exactly these runs.")
        if _link(f"{page}?{urlencode(params)}"):
            st.caption(LOCAL)


def _link(path: str) -> bool:
    """The whole address, to be copied; whether it is good on this machine only."""
    origin = urlsplit(st.context.url or "http://localhost")
    st.code(f"{origin.scheme}://{origin.netloc}/{path}", language=None, wrap_lines=True)
    return origin.hostname in LOCAL_HOSTS


def share(page: str, chosen: Chosen, seen: dict[str, Any], snapshot: Callable[[], str]) -> None:
    """A button with the link and the snapshot behind it.

    The view keeps run, threshold (saved or only tried) and selection; `seen` is what else the page needs to look
    the same.
    """
    run_id = chosen.run.id
    with st.popover("Share", icon=":material/share:"):
        st.markdown("A link to exactly this: run, view, threshold and selected rows.")
        if st.button("Create the link", type="primary", key=f"share_{page}"):
            with failure_in_place():
                kept = {"threshold": to_json(Threshold, chosen.threshold), "scores": state.scores_as(), **seen}
                if (named := state.named_selection(chosen.dataset.id)) is not None:
                    kept["selection"] = named.name
                view = state.store().views.new(run_id, page, kept, tuple(state.selection(chosen.dataset.id).tolist()))
            only = "&only=1" if state.only_selected(chosen.dataset.id) else ""
            st.session_state[f"shared_{page}"] = (run_id, view.id, only)
        made = st.session_state.get(f"shared_{page}")
        if made is not None and made[0] == run_id and _link(f"{page}?view={made[1]}{made[2]}"):
            st.caption(f"{LOCAL} For a colleague elsewhere, send the HTML file.")
        if st.button("Prepare an HTML file", key=f"snapshot_{page}"):
            with st.spinner("Writing the file"), failure_in_place():
                st.session_state[f"snapshot_html_{page}"] = snapshot()
        if html := st.session_state.get(f"snapshot_html_{page}"):
            digest = hashlib.sha256(html.encode()).hexdigest()[:12]
            st.download_button(
                "Download the HTML file",
                html,
                file_name=f"hourglass-{page}-{digest}.html",
                mime="text/html",
                key=f"download_{page}",
                on_click="ignore",
            )
