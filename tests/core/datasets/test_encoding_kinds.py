"""Every kind of column, together in one table: there and back, alone as among others, after JSON, whatever the cells."""

from __future__ import annotations

import json
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.encoding import OTHER, Encoder, describe_encoding, expected_inputs, part_for
from core.datasets.encoding.parts import PARTS
from core.datasets.encoding.parts.multiple import NONE
from core.datasets.frames import table_from_frame
from core.errors import DatasetRefused, StorageFailed
from core.results import KINDS, Column, Histogram, Kind, Table
from core.specs import RunSpec

DAY, YEAR = 86_400.0, 365.2425 * 86_400
CHOICES: tuple[str, ...] = get_args(RunSpec.model_fields["numbers"].annotation)
ORDER = ("low", "mid", "high", "very high")
WORDS = ("red", "green", "blue", "a b")

SCHEMA = (
    Column("number", "number", "feature", ""),
    Column("flag", "boolean", "feature", ""),
    Column("name", "category", "feature", ""),
    Column("rank", "ordered", "feature", "", levels=ORDER),
    Column("many", "multiple", "feature", "", form=";"),
    Column("code", "coded", "feature", ""),
    Column("when", "datetime", "feature", "", form="%Y-%m-%d %H:%M:%S"),
    Column("words", "text", "feature", ""),
)
# What a file may hold, and what may come later under the same schema.
USUAL: dict[str, st.SearchStrategy[Any]] = {
    "number": st.floats(-1e6, 1e6),
    "flag": st.sampled_from([0.0, 1.0]),
    "name": st.sampled_from(WORDS),
    "rank": st.sampled_from(ORDER),
    "many": st.lists(st.sampled_from(WORDS), min_size=1, unique=True).map("; ".join),
    "code": st.sampled_from(["00501", "01001", "90210"]),
    "when": st.integers(0, 2_000_000_000).map(float),
    "words": st.text(max_size=12),
}
FLOATS = st.one_of(st.floats(allow_nan=False), st.sampled_from([np.inf, -np.inf, 1e308, -1e308, 5e-324]))
NAMES = st.one_of(st.text(max_size=8), st.sampled_from(["💥", "NaN", "", " ; ; ", "low", "never seen", "a\x00b"]))
HOSTILE = {
    column.name: FLOATS if column.kind in ("number", "datetime") else USUAL["flag"] if column.name == "flag" else NAMES
    for column in SCHEMA
}


def tables(cells: dict[str, st.SearchStrategy[Any]], low: int = 2, high: int = 25) -> st.SearchStrategy[Table]:
    row = st.fixed_dictionaries({name: st.one_of(st.none(), cell) for name, cell in cells.items()})
    return st.lists(row, min_size=low, max_size=high).map(table)


def table(rows: list[dict[str, Any]], schema: tuple[Column, ...] = SCHEMA) -> Table:
    values: dict[str, np.ndarray] = {}
    for column in schema:
        cells = [row[column.name] for row in rows]
        numeric = column.kind in ("number", "boolean", "datetime")
        values[column.name] = np.asarray(
            [np.nan if cell is None else cell for cell in cells] if numeric else cells, float if numeric else object
        )
    return Table(schema, values, np.arange(len(rows)).astype(str))


def one(kind: Kind, cells: list[Any], **rest: Any) -> Table:
    return table([{"x": cell} for cell in cells], (Column("x", kind, "feature", "", **rest),))


def picked(whole: Table, rows: Any) -> Table:
    return Table(whole.columns, {name: cells[rows] for name, cells in whole.values.items()}, whole.row_keys[rows])


def fitted(whole: Table, numbers: str = "robust-log") -> Encoder | None:
    try:
        return Encoder.fit(whole, None, numbers)
    except DatasetRefused:
        return None


@given(tables(USUAL))
def test_a_row_comes_back(whole: Table) -> None:
    encoder = fitted(whole)
    if encoder is None:
        return
    back = encoder.decode(encoder.encode(whole).values)
    parts: dict[str, Any] = {part.column: part for part in encoder.parts}
    for name in back:
        cells, part = whole.values[name], parts[name]
        for given_, found in zip(cells, back[name], strict=True):
            if given_ is None or given_ != given_:
                continue
            if name == "number":
                assert found == pytest.approx(given_, abs=1e-4 * (part.scale + abs(given_ - part.centre)))
            elif name == "flag":
                assert found == given_
            elif name in ("name", "code"):
                assert found == (given_ if given_ in part.levels else OTHER)
            elif name == "rank":
                assert found == given_
            elif name == "many":
                kept = {choice if choice in part.choices else OTHER for choice in given_.split("; ")}
                assert set(found.split("; ")) == kept
            elif name == "when":
                assert found == pytest.approx(given_, abs=1.0)
            else:
                assert found == f"(a text of about {len(given_)} characters)"


@pytest.mark.parametrize("numbers", CHOICES)
@given(fit_on=tables(USUAL), later=tables(HOSTILE, 1, 8))
def test_whatever_comes_later_is_finite(numbers: str, fit_on: Table, later: Table) -> None:
    encoder = fitted(fit_on, numbers)
    if encoder is not None:
        values = encoder.encode(later).values
        assert np.isfinite(values).all()
        assert [name for name, cells in encoder.decode(values).items() if len(cells) != len(later)] == []


@pytest.mark.parametrize("numbers", CHOICES)
@given(whole=tables(HOSTILE))
def test_whatever_it_is_fitted_on_a_row_alone_is_as_among_others_and_after_json(numbers: str, whole: Table) -> None:
    encoder = fitted(whole, numbers)
    if encoder is None:
        return
    data = encoder.encode(whole)
    assert np.isfinite(data.values).all()
    assert np.isfinite([block.weight for block in data.layout.blocks]).all()
    again = Encoder.from_json(json.loads(json.dumps(encoder.to_json(), allow_nan=False)))
    assert again.layout == data.layout
    for row in range(len(whole)):
        alone = again.encode(picked(whole, [row]))
        assert np.array_equal(alone.values[0], data.values[row])
        assert np.array_equal(alone.observed[0], data.observed[row])


def test_a_row_among_thousands_has_the_bits_that_it_has_alone() -> None:
    generator = np.random.default_rng(0)
    schema = (*(Column(f"n{i}", "number", "feature", "") for i in range(5)), Column("when", "datetime", "feature", ""))
    rows = [
        {**{f"n{i}": generator.standard_cauchy() for i in range(5)}, "when": 1e9 * generator.random()}
        for _ in range(1_003)
    ]
    whole = table(rows, schema)
    for numbers in CHOICES:
        encoder = Encoder.fit(whole, None, numbers)
        data = encoder.encode(whole)
        for row in (0, 1, 7, 255, 256, 1_000, 1_002):
            assert np.array_equal(encoder.encode(picked(whole, [row])).values[0], data.values[row])


def test_a_datetime_comes_back_to_the_second_over_thirty_years() -> None:
    moments = np.random.default_rng(0).integers(0, int(30 * YEAR), 2_000).astype(float)
    whole = one("datetime", list(moments))
    encoder = Encoder.fit(whole)
    assert np.abs(encoder.decode(encoder.encode(whole).values)["x"] - moments).max() < 0.1


@pytest.mark.parametrize(
    ("moments", "cycles"),
    [
        (np.arange(200) * DAY * 5, ("week", "year")),
        (np.arange(200) * DAY, ("week",)),
        (np.arange(200) * DAY + 3_600, ("day", "week")),
        (np.arange(200) * DAY * 5 + np.arange(200), ("day", "week", "year")),
        (np.arange(200) * 400.0, ("day",)),
    ],
    ids=["dates", "half a year of dates", "with a time", "years", "times alone"],
)
def test_a_datetime_has_the_cycles_that_it_needs(moments: np.ndarray, cycles: tuple[str, ...]) -> None:
    whole = one("datetime", [*moments, None])
    encoder = Encoder.fit(whole)
    part: Any = encoder.parts[0]
    assert part.cycles == cycles
    assert np.abs(encoder.decode(encoder.encode(whole).values)["x"][:-1] - moments).max() < 0.1
    column = Column("x", "datetime", "feature", "", minimum=float(moments.min()), maximum=float(moments.max()))
    if moments.max() - moments.min() >= DAY:
        column = Column(**{**vars(column), "form": "%Y-%m-%d %H:%M" if "day" in cycles else "%Y-%m-%d"})
    assert expected_inputs(column) == 1 + 2 * len(cycles) == sum(part.widths)
    assert describe_encoding(column, part) == describe_encoding(column) + "; one more marks missing cells"


def test_an_encoder_stored_before_there_was_a_choice_loads() -> None:
    record: dict[str, Any] = {
        "parts": [
            {"column": "n", "missing_seen": True, "weights": [1.5, 2.0], "kind": "number", "centre": 1, "scale": 2},
            {"column": "d", "missing_seen": False, "weights": [1, 1, 1], "kind": "datetime", "centre": 0, "scale": 9},
            {"column": "o", "missing_seen": False, "weights": [1], "kind": "category", "levels": ["low", "high"]},
        ]
    }
    encoder = Encoder.from_json(record)
    assert encoder.layout.width == 2 + 5 + 3
    schema = tuple(
        Column(name, kind, "feature", "", levels=ORDER)
        for name, kind in (("n", "number"), ("d", "datetime"), ("o", "ordered"))
    )
    data = encoder.encode(table([{"n": 3.0, "d": DAY / 4, "o": "high"}], schema))
    assert data.values[0, 0] == pytest.approx(np.log(2))
    assert data.values[0, 3:7] == pytest.approx([1, 0, np.sin(np.pi / 14), np.cos(np.pi / 14)], abs=1e-6)
    assert data.values[0, 7:].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    "damage",
    [{"parts": [{"kind": "nothing"}]}, {"parts": [{"kind": "number", "column": "x"}]}, {"parts": [{}]}, {"parts": 3}],
)
def test_a_damaged_encoder_is_refused_in_words(damage: dict[str, Any]) -> None:
    with pytest.raises(StorageFailed, match="damaged"):
        Encoder.from_json(damage)


def test_ordered_levels_are_evenly_spaced_in_their_order() -> None:
    encoder = Encoder.fit(one("ordered", [*ORDER, *ORDER], levels=ORDER))
    found = encoder.encode(one("ordered", [*ORDER], levels=ORDER)).values
    steps = np.diff(found[:, 0])
    assert (steps > 0).all()
    assert steps == pytest.approx(np.full(3, steps[0]), rel=1e-5)
    assert not found[:, 1].any()


def test_a_level_that_is_not_in_the_order_is_marked_and_read_as_the_nearest() -> None:
    encoder = Encoder.fit(one("ordered", [*ORDER, *ORDER], levels=ORDER))
    found = encoder.encode(one("ordered", ["unheard of", " high "], levels=ORDER)).values
    assert found[0].tolist() == [0.0, 1.0]
    assert encoder.decode(found)["x"].tolist()[1] == "high"
    assert encoder.decode(np.asarray([[99.0, 0.0], [-99.0, 0.0]], np.float32))["x"].tolist() == ["very high", "low"]


def test_an_order_that_nobody_said_is_a_category() -> None:
    assert part_for(Column("x", "ordered", "feature", "")) is PARTS.get("category")
    assert part_for(Column("x", "multiple", "feature", "")) is PARTS.get("category")


def test_multiple_choice_is_an_input_a_choice_and_one_for_the_rest() -> None:
    cells = ["a; b", "b;a", "a", "b; c; a", "once; a"] * 2
    whole = one("multiple", [*cells, "alone", None], form=";")
    encoder = Encoder.fit(whole)
    part: Any = encoder.parts[0]
    assert part.choices == ("a", "b", "c", "once")
    found = encoder.encode(one("multiple", ["b; a", "new; c", ";", None], form=";"))
    assert found.values[:, :5].tolist() == [[1, 1, 0, 0, 0], [0, 0, 1, 0, 1], [0] * 5, [0] * 5]
    assert encoder.decode(found.values)["x"].tolist() == ["a; b", f"c; {OTHER}", NONE, NONE]
    assert [block.head for block in found.layout.blocks] == ["binary", "binary"]


def test_three_hundred_levels_have_inputs_of_their_own_however_even_they_are() -> None:
    generator = np.random.default_rng(0)
    for rows in (2_000, 4_000, 20_000):
        levels = np.asarray([f"level {i}" for i in generator.integers(0, 300, rows)], object)
        encoder = Encoder.fit(one("category", list(levels)))
        data = encoder.encode(one("category", list(levels)))
        assert data.values[:, -1].mean() < 0.12  # what is pooled


def test_the_most_rows_cost_no_more_inputs_than_memory_allows() -> None:
    from core.datasets.encoding.frequency import how_many

    assert how_many([100.0] * 1_000, 100_000) == 300
    assert how_many([1_000.0] * 1_000, 1_000_000) == 30
    assert how_many([1.0] * 50, 50) == 0
    assert how_many([900.0, 50.0, 2.0, 2.0], 954) == 2
    assert how_many([2.0] * 5 + [1.0] * 390, 400) == 0  # codes of which a few came twice by chance
    assert how_many([100.0, 2.0] + [1.0] * 300, 402) == 1
    assert how_many([2.0] * 5 + [1.0] * 9, 19) == 5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("numbers", CHOICES)
def test_every_kind_says_in_words_what_it_becomes(kind: Kind, numbers: str) -> None:
    column = Column("x", kind, "feature", "", distinct=4, missing=1, levels=ORDER if kind == "ordered" else ())
    said = describe_encoding(column, None, numbers)
    if kind == "constant":
        assert said == "no input: it does not vary"
        assert expected_inputs(column) == 0
        return
    assert said.endswith("; one more marks missing cells")
    assert "input" in said.split(":")[0]
    assert expected_inputs(column) >= 2
    assert describe_encoding(Column("x", kind, "label", "")) == "no input: it is not a feature"


def test_what_is_foreseen_is_what_is_fitted() -> None:
    names = ["often"] * 600 + ["less"] * 300 + [f"{i}" for i in range(60)]
    bars = Histogram((600, 300, *[1] * 10), (), ("often", "less", *map(str, range(10))), 50)
    column = Column("x", "category", "feature", "", distinct=62, histogram=bars)
    encoder = Encoder.fit(one("category", names))
    assert expected_inputs(column) == encoder.layout.width == 3
    assert describe_encoding(column) == describe_encoding(column, encoder.parts[0])
    assert (
        describe_encoding(column)
        == "3 inputs: one for each of the 2 most frequent levels, one for rare and unseen ones"
    )


def test_infinite_and_missing_numbers_of_a_frame_are_finite_inputs() -> None:
    whole = table_from_frame(np.asarray([[1.0, np.inf], [2.0, np.nan], [3.0, -1e308], [4.0, 2.0]]))
    for numbers in CHOICES:
        assert np.isfinite(Encoder.fit(whole, None, numbers).encode(whole).values).all()
