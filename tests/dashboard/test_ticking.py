"""Whatever changes by itself goes through the one way that loses nothing while the page changes."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


def test_no_part_asks_by_the_clock() -> None:
    sources = [path for folder in ("dashboard", "pages") for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 50
    assert not [path.name for path in sources if "run_every=" in path.read_text(encoding="utf-8")]


def test_a_ticking_part_is_drawn_at_once() -> None:
    def page() -> None:
        import streamlit as st

        from dashboard.tick import ticking

        ticking(lambda: st.write("still at it"), 1.0, key="a")

    drawn = AppTest.from_function(page).run()
    assert not drawn.exception
    assert drawn.markdown[0].value == "still at it"
