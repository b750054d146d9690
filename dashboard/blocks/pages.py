"""A long list, a page of it at a time."""

from __future__ import annotations

import streamlit as st


def page_of(count: int, size: int, *, key: str) -> slice:
    """Which of `count` things are on the page that is looked at; a number box where there are several pages."""
    pages = -(-count // size)
    page = int(st.number_input(f"Page (of {pages:,})", 1, pages, key=key, width=160)) if pages > 1 else 1
    return slice((page - 1) * size, page * size)
