"""Text of users is shown as typed: in Markdown, in charts, in the snapshot file."""

from __future__ import annotations

import html
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.markdown import plain
from dashboard.charts.text import escape, headings, visible
from dashboard.snapshot import snapshot_html

NASTY = [
    "<script>alert(1)</script>",
    "$x^2$",
    "%{x}",
    "**b** _i_ `c`",
    "[l](http://x)",
    ":red[x]",
    ":material/close:",
    "a & b",
    "www.x.y and me@x.y",
]
JOINER = "\u2060"  # invisible; keeps an address from becoming a link


@pytest.mark.parametrize("text", NASTY)
def test_markdown_says_what_was_typed(text: str) -> None:
    shown = plain(text)
    assert html.unescape(shown).replace(JOINER, "") == text
    assert not re.search(r"://|www\.|@\w", html.unescape(shown))
    assert not re.search(r"[<>*_`\[\]$:]", shown)


@pytest.mark.parametrize("text", NASTY)
def test_charts_say_what_was_typed(text: str) -> None:
    shown = escape(text)
    assert html.unescape(shown) == text
    assert not re.search(r"[<>$]|%\{", shown)


@given(st.text(max_size=40))
def test_nothing_invisible_is_left(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert "\n" not in shown
    assert "\u202e" not in shown


def test_long_text_ends_in_an_ellipsis() -> None:
    assert len(html.unescape(plain("x" * 1_000))) == 300
    assert plain("x" * 1_000).endswith("…")


def test_a_snapshot_holds_no_markup_of_the_data() -> None:
    frame = pd.DataFrame({"<b>name</b>": ["<script>alert(1)</script>", None], "n": [1.23456789, float("nan")]})
    text = snapshot_html("<i>title</i>", {"Data": "<u>x</u>"}, [], [("<p>rows", frame)])
    for piece in ("<b>name", "<script>alert", "<i>title", "<u>x", "<p>rows"):
        assert piece not in text
        assert html.escape(piece) in text
    assert "1.2346" in text
    assert "http" not in re.sub(r"http-equiv", "", text)


@given(st.lists(st.text(alphabet="ab\u202e\u200f (2)", max_size=5), unique=True, max_size=8))
def test_headings_are_visible_and_different(names: list[str]) -> None:
    shown = headings(names)
    assert len(set(shown)) == len(names)
    assert all(visible(heading) == heading for heading in shown)
