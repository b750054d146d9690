"""The charts of a profile: every row in a bar, every name as typed, nothing that can't be drawn."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pytest

from core.profiles import (
    Associations,
    ColumnProfile,
    Levels,
    Missing,
    MissingPattern,
    Pair,
    Spread,
)
from core.results import Column
from dashboard.blocks.profile.distributions import ordered
from dashboard.blocks.profile.together import grouped, pair_chart
from dashboard.charts.profile import missing, together
from dashboard.charts.profile.distributions import (
    distribution,
    distribution_table,
    facts,
    number_text,
    others,
    share,
    skew,
    small_multiple,
    subtitle,
    value_text,
    with_middle,
)

NASTY = "<script>alert(1)</script> $x^2$ %{x} \u202egnp"
YEAR_9999 = 253_402_214_400.0


def spread(edges: tuple[float, ...], counts: tuple[int, ...], **more: Any) -> Spread:
    values = {"mean": edges[0], "deviation": 1.0, "total": 7.0, "quantiles": (), **more}
    return Spread(count=sum(counts), minimum=edges[0], maximum=edges[-1], edges=edges, counts=counts, **values)


def number(name: str = "size", **more: Any) -> ColumnProfile:
    given = {"spread": spread((0.0, 10.0, 20.0), (3, 4), below=1, above=2), **more}
    return ColumnProfile(name, "number", filled=10, missing=5, distinct=8, **given)


def category(name: str = "group", labels: int = 3) -> ColumnProfile:
    levels = Levels(tuple(f"{name} {i}" for i in range(labels)), tuple(range(labels, 0, -1)))
    return ColumnProfile(name, "category", sum(levels.counts), 0, labels, levels=levels)


def empty(name: str = "nothing") -> ColumnProfile:
    return ColumnProfile(name, "constant", filled=0, missing=15, distinct=0)


def texts(made: go.Figure) -> list[str]:
    """All strings of a figure, but for the names of its parts."""
    return list(_strings(json.loads(made.to_json())))


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from _strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from _strings(value)


GAPS = Missing(
    columns=("a", NASTY, "always"),
    shares=((0.0, 0.5, 1.0), (0.0, 0.25, 0.0), (1.0, 1.0, 1.0)),
    together=((1.0, -0.3, None), (-0.3, 1.0, None), (None, None, None)),
    patterns=(MissingPattern(("a", "always"), 6), MissingPattern(("always", NASTY), 1)),
    complete=0,
)
PAIRS = Associations(
    columns=("a", "b", NASTY),
    pairs=(
        Pair("a", "b", 0.9, -1, "rank correlation", 11),
        Pair("b", NASTY, 0.4, 0, "correlation ratio", 12),
        Pair("a", NASTY, 0.05, 0, "correlation ratio", 13),
    ),
    left_out=(),
)


def test_a_histogram_has_a_bar_a_bin_and_its_table_every_row() -> None:
    (bars,) = distribution(number(), "kg").data
    assert list(bars.x) == [5.0, 15.0]
    assert list(bars.y) == [3, 4]
    assert bars.customdata[1] == ("10", "20") or list(bars.customdata[1]) == ["10", "20"]
    table = distribution_table(number())
    assert table["rows"].sum() == 10
    assert table[["from", "to"]].to_numpy().tolist() == [["", "0"], ["0", "10"], ["10", "20"], ["20", ""]]
    assert table["share"].sum() == pytest.approx(1.0)
    assert distribution(number(), "kg").layout.xaxis.title.text == "value (in kg)"


def test_levels_stand_most_frequent_on_top_and_the_rest_is_said_in_words() -> None:
    many = replace(category(labels=9), levels=replace(category(labels=9).levels, other=5), filled=50, distinct=12)
    made = small_multiple(many, "")
    assert list(made.data[0].x) == [9, 8, 7, 6, 5, 4]
    assert made.layout.yaxis.range[0] > made.layout.yaxis.range[1]
    assert others(many, 6) == "6 more (22 %)"
    assert "6 more (22 %)" in subtitle(many, "")
    assert distribution_table(many)["rows"].sum() == 50
    assert others(category(), 6) == ""


def test_lengths_of_text_keep_their_order_and_have_no_rest() -> None:
    lengths = Levels(tuple(f"{i}–{i + 9}" for i in range(0, 120, 10)), tuple(range(1, 13)), once=3)
    column = ColumnProfile("note", "text", 78, 0, 70, levels=lengths)
    (bars,) = small_multiple(column, "").data
    assert bars.orientation == "v"
    assert list(bars.y) == list(range(1, 13))
    assert "70 different" in subtitle(column, "")


@pytest.mark.parametrize(
    ("kind", "edges"),
    [
        ("number", (-1.7e308, 0.0, 1.7e308)),
        ("number", (4.0, 4.0)),
        ("number", (0.0, 0.0)),
        ("number", (1e-300, 2e-300)),
        ("datetime", (-1e15, 0.0, 1e15)),
        ("datetime", (YEAR_9999, YEAR_9999)),
    ],
)
def test_no_bar_is_without_width_or_beyond_what_can_be_drawn(kind: str, edges: tuple[float, ...]) -> None:
    column = ColumnProfile("x", kind, 5, 0, 5, spread=spread(edges, (5,) * (len(edges) - 1)))
    made = with_middle(distribution(column, ""), column, dict.fromkeys((0.25, 0.5, 0.75), edges[0]))
    (bars,) = made.data
    assert all(0 < width < math.inf for width in bars.width)
    if kind == "number":
        assert all(abs(x) <= 1e300 for x in bars.x)
    else:
        assert all(re.match(r"\d{4}-", x) for x in (*bars.x, made.layout.shapes[1].x0))
    assert distribution_table(column)["rows"].sum() == 5 * (len(edges) - 1)


def test_a_column_of_nothing_has_its_name_and_axes_that_are_not_seen() -> None:
    made = small_multiple(empty(), "")
    assert (len(made.data), made.layout.xaxis.visible, made.layout.yaxis.visible) == (1, False, False)
    assert "no value" in made.layout.annotations[0].text
    assert (
        "number in EUR · 5 missing (33 %) · 3 farther out" in small_multiple(number(), "EUR").layout.annotations[0].text
    )
    assert distribution_table(empty()).empty


def test_the_middle_half_is_marked_inside_of_what_is_drawn() -> None:
    made = with_middle(distribution(number(), ""), number(), {0.25: -50.0, 0.5: 12.0, 0.75: 18.0})
    band, line = made.layout.shapes
    assert (band.x0, band.x1, line.x0) == (0.0, 18.0, 12.0)
    assert not with_middle(distribution(category(), ""), category(), {}).layout.shapes


def test_facts_are_figures_with_the_quantiles_last() -> None:
    lines = dict(facts(number(), {0.25: 4.0, 0.5: 12.0}).to_numpy().tolist())
    assert lines["missing"] == "5 (33 %)"
    assert lines["median"] == "12"
    assert lines["sum"] == "7"
    assert list(lines)[-1] == "25 % are below"
    days = replace(number(), kind="datetime", spread=spread((0.0, 86_400.0), (2,), total=None))
    assert dict(facts(days, {}).to_numpy().tolist())["largest"] == "1970-01-02"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 9, "0 %"), (1, 1_000, "<1 %"), (999, 1_000, ">99 %"), (9, 9, "100 %"), (1, 3, "33 %"), (0, 0, "0 %")],
)
def test_shares_never_hide_a_row(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(12_345.678, "12,346"), (0.0123456, "0.01235"), (3.0, "3"), (1e21, "1e+21"), (-1.5, "-1.5"), (1e308, "1e+308")],
)
def test_numbers_as_a_reader_expects_them(value: float, text: str) -> None:
    assert number_text(value) == text


def test_moments_as_a_reader_expects_them() -> None:
    assert value_text(0.0, "datetime") == "1970-01-01"
    assert value_text(90.0, "datetime") == "1970-01-01 00:01"
    assert value_text(1e300, "datetime") == "9999-12-31"


def test_columns_are_sorted_by_what_is_asked() -> None:
    even = replace(number("even", spread=spread((0.0, 1.0), (10,), mean=5.0, quantiles=(5.0,) * 9)), missing=1)
    skewed = replace(number("skewed", spread=spread((0.0, 1.0), (10,), mean=5.9, quantiles=(5.0,) * 9)), distinct=2)
    columns = [even, category("names", 30), skewed]
    names = {
        by: [column.name for column in ordered(columns, by)]
        for by in ("most missing", "most skewed", "most different values")
    }
    assert names["most missing"] == ["skewed", "even", "names"]
    assert names["most skewed"] == ["skewed", "even", "names"]
    assert names["most different values"] == ["names", "even", "skewed"]
    assert skew(skewed, 5.0) == pytest.approx(0.9)
    assert ordered(columns, "order of the file") == columns


def test_stretches_cover_each_row_once() -> None:
    made = missing.stretches(GAPS, 10)
    (heat,) = made.data
    ranges = [(int(low), int(high)) for _, low, high in heat.customdata[0]]
    assert [row for low, high in ranges for row in range(low, high + 1)] == list(range(1, 11))
    assert len(heat.x) == len(heat.z[0]) + 1
    table = missing.stretches_table(GAPS, 10)
    assert table.shape == (3, 4)
    assert table["rows 4–6"].tolist() == [0.5, 0.25, 1.0]


def test_missing_together_has_no_figure_where_a_column_is_always_missing() -> None:
    (heat,) = missing.together(GAPS).data
    values = np.asarray(heat.z, float)
    assert values[0, 1] == values[1, 0] == -0.3
    assert np.isnan(values[2]).all()
    assert np.isnan(np.diag(values)).all()
    assert missing.together_table(GAPS)["correlation"].tolist() == [-0.3]
    patterns = missing.patterns_table(GAPS, 7)
    assert patterns["rows"].tolist() == [0, 6, 1]
    assert patterns["missing in the same row"].tolist()[:2] == ["nothing", "a, always"]
    more = missing.patterns_table(GAPS, 10)
    assert more.iloc[-1].tolist() == [0.3, 3, "(other combinations)"]
    assert missing.worst(GAPS, {"a": 5, "always": 10}, 10) == "a (50 %), always (100 %)"


def test_strengths_are_signed_only_where_all_have_a_direction() -> None:
    (mixed,) = together.strengths(PAIRS).data
    assert (mixed.z[0][1], mixed.z[1][0], mixed.zmin) == (0.9, 0.9, 0)
    assert "opposite directions" in mixed.customdata[0][1]
    (signed,) = together.strengths(replace(PAIRS, columns=("a", "b"), pairs=PAIRS.pairs[:1])).data
    assert (signed.z[0][1], signed.zmin) == (-0.9, -1)


def test_the_strongest_pairs_are_said_in_words() -> None:
    pairs = together.strongest(PAIRS)
    assert [pair.strength for pair in pairs] == [0.9, 0.4]
    table = together.pairs_table(pairs, {"a": "number", "b": "number", NASTY: "category"})
    assert table["how"].tolist() == [
        "nearly the same: one rises as the other falls",
        "clear: b differs between the groups of the other",
    ]


CELLS = pa.table(
    {
        "x": ["1", "2", None, "4", "n/a"],
        "y": ["10", "20", "30", "40", "50"],
        "day": ["0001-01-01", "9999-12-31", "2024-05-05", None, "2024-05-06"],
        "flag": ["yes", "no", "yes", None, "yes"],
        "name": ["p", "q", "p", "p", "-"],
    }
)
X = Column("x", "number", "feature", "", form="point")
Y = Column("y", "number", "feature", "", form="point")
DAY = Column("day", "datetime", "feature", "", form="%Y-%m-%d")
FLAG = Column("flag", "boolean", "feature", "")
NAME = Column("name", "category", "feature", "", missing_words=("-",))


def pair(first: Column, second: Column) -> go.Figure:
    return pair_chart((first, second), CELLS.select([first.name, second.name]), np.arange(5))


def test_two_numbers_are_points_where_both_are_there() -> None:
    (points,) = pair(X, Y).data
    assert list(points.x) == [1.0, 2.0, 4.0]
    assert list(points.y) == [10.0, 20.0, 40.0]
    assert list(points.customdata) == [1, 2, 4]


def test_dates_at_the_ends_of_time_stay_inside_of_the_axis() -> None:
    made = pair(DAY, Y)
    assert [day[:10] for day in made.data[0].x] == ["0001-01-01", "9999-12-31", "2024-05-05", "2024-05-06"]
    low, high = made.layout.xaxis.range
    assert low[:4] == "0001"
    assert high[:4] == "9999"


def test_a_number_and_groups_are_a_box_a_group_whichever_comes_first() -> None:
    for made in (pair(NAME, Y), pair(Y, NAME)):
        assert list(made.layout.yaxis.ticktext) == ["p", "q"]
        assert [list(box.x) for box in made.data] == [[10.0, 30.0, 40.0], [20.0]]


def test_groups_and_groups_are_parts_of_a_line() -> None:
    (heat,) = pair(FLAG, NAME).data
    assert np.asarray(heat.z).tolist() == [[1.0, 0.0], [0.0, 1.0]]  # the missing name of a “yes” counts nowhere
    assert heat.customdata[0][0][2] == "2"


def test_what_is_not_frequent_is_one_group_and_like_names_stay_apart() -> None:
    found = grouped(np.asarray(["a", "a", "a", "(all others)", "(all others)", "b", None], object), most=2)
    assert found.isna().tolist() == [False] * 6 + [True]
    assert found.tolist()[:6] == ["a", "a", "a", "(all others)", "(all others)", "(all others) (3)"]


@pytest.mark.parametrize(
    "made",
    [
        small_multiple(number(NASTY), NASTY),
        small_multiple(category(NASTY), NASTY),
        small_multiple(empty(NASTY), NASTY),
        distribution(number(NASTY), NASTY),
        distribution(category(NASTY), NASTY),
        missing.stretches(GAPS, 10),
        missing.together(GAPS),
        together.strengths(PAIRS),
        together.boxes({NASTY: np.asarray([1.0])}, NASTY, together.Axis(NASTY, "number", np.asarray([1.0]))),
        pair_chart(
            (replace(NAME, name=NASTY), FLAG),
            CELLS.select(["name", "flag"]).rename_columns([NASTY, "flag"]),
            np.arange(5),
        ),
    ],
    ids=lambda made: made.layout.title.text,
)
def test_names_are_shown_as_typed(made: go.Figure) -> None:
    strings = texts(made)
    assert any("<script>" in html.unescape(text) for text in strings)
    for text in strings:
        assert not re.search(r"<script|\$x|%\{x\} |\u202e", text)
