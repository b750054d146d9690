"""The pages, and the ways between them. Every link carries the parameters that the next page needs."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage

PAGES: dict[str, tuple[str, str]] = {
    "home": ("Home", ":material/home:"),
    "data": ("Data", ":material/table:"),
    "train": ("Train", ":material/hourglass_empty:"),
    "map": ("Map", ":material/scatter_plot:"),
    "errors": ("Errors", ":material/grid_on:"),
    "anomalies": ("Anomalies", ":material/flag:"),
    "triage": ("Triage", ":material/fact_check:"),
    "compare": ("Compare", ":material/compare_arrows:"),
    "guide": ("Guide", ":material/menu_book:"),
}


def page(name: str) -> StreamlitPage:
    """The Streamlit page of that name. Without its icon: Streamlit would fetch one from elsewhere for the tab."""
    return st.Page(
        f"../pages/{name}.py",
        title=PAGES[name][0],
        url_path=None if name == "home" else name,
        default=name == "home",
    )


def go(name: str, **params: str | None) -> NoReturn:
    """Leave for another page."""
    st.switch_page(page(name), query_params=_given(params))


def link(name: str, label: str, *, icon: str | None = None, help: str | None = None, **params: str | None) -> None:
    """A link to another page. help: what is said where the pointer rests on it."""
    st.page_link(page(name), label=label, icon=icon or PAGES[name][1], help=help, query_params=_given(params))


def _given(params: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in params.items() if value}
