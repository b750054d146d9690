"""The histogram of a value that is strange by itself: the row's own is marked, text is shown as typed, and the table says the same."""

from __future__ import annotations

import html

import pytest

from core.results import Histogram
from core.triage.lone import Lone
from dashboard.charts import theme
from dashboard.charts.lone import HERE, among_healthy, among_healthy_table, in_words

NASTY = "<script>$x$%{y}"


def number(at: float, kind: str = "number", edges: tuple[float, ...] = (0.0, 10.0, 20.0), other: int = 0) -> Lone:
    return Lone(
        "b", f"{at:g}", "the highest of healthy rows is 20", 0.01, kind, Histogram((5, 3), edges, other=other), at
    )


def test_a_number_near_the_bars_is_marked_where_it_is() -> None:
    made = among_healthy(number(30.0))
    assert list(made.data[0].y) == [5, 3]
    assert list(made.data[0].x) == [5.0, 15.0]
    assert made.layout.shapes[0].x0 == 30.0
    assert made.layout.shapes[0].line.color == theme.FLAGGED
    assert made.layout.annotations[0].text == f"{HERE}: 30"
    low, high = made.layout.xaxis.range
    assert low < 0
    assert high > 30
    assert made.layout.paper_bgcolor == made.layout.plot_bgcolor == "rgba(0,0,0,0)"  # the page's ground, light or dark


@pytest.mark.parametrize(("at", "text"), [(1e6, f"{HERE}: 1e+06 →"), (-1e300, f"← {HERE}: -1e+300")])
def test_one_far_out_is_marked_at_the_edge_with_an_arrow(at: float, text: str) -> None:
    made = among_healthy(number(at))
    assert -5 < made.layout.shapes[0].x0 < 25
    assert made.layout.annotations[0].text == text


def test_a_date_stands_on_an_axis_of_dates() -> None:
    day = 86_400.0
    made = among_healthy(number(25 * day, "datetime", (0.0, 10 * day, 20 * day)))
    assert made.layout.xaxis.type == "date"
    assert made.layout.shapes[0].x0 == "1970-01-26T00:00:00.000"
    assert list(made.data[0].width) == pytest.approx([10 * day * 960] * 2)


def test_a_value_nobody_has_is_marked_without_a_bar_and_shown_as_typed() -> None:
    found = Lone(
        NASTY,
        NASTY,
        "no healthy row has this value",
        0.0,
        "category",
        Histogram((9, 0), labels=("x", NASTY), other=4),
        1,
    )
    made = among_healthy(found)
    assert list(made.data[0].marker.color) == [theme.HEALTHY, theme.FLAGGED]
    assert (made.layout.annotations[0].x, made.layout.annotations[0].y) == (1, 0)
    for text in (made.layout.title.text, made.layout.xaxis.ticktext[1], made.data[0].customdata[1]):
        assert not {"<", ">", "$"} & set(text)
        assert "%{" not in text
        assert html.unescape(text).startswith("<script>")
    table = among_healthy_table(found)
    assert table["healthy rows"].tolist() == [9, 0, 4]
    assert table["stands here"].tolist() == ["", NASTY, ""]
    assert in_words(found) == f"{NASTY} {NASTY}: no healthy row has this value. 4 healthy rows have other values."


@pytest.mark.parametrize(
    ("at", "other", "marks", "rows"),
    [(5.0, 0, ["5", ""], [5, 3]), (20.0, 2, ["", "20", ""], [5, 3, 2]), (40.0, 0, ["", "", "40"], [5, 3, 0])],
)
def test_the_table_says_in_which_bar_the_row_stands(at: float, other: int, marks: list[str], rows: list[int]) -> None:
    table = among_healthy_table(number(at, other=other))
    assert table["stands here"].tolist() == marks
    assert table["healthy rows"].tolist() == rows
