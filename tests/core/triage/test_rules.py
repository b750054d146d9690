"""Rules that hide rows like a dismissed one: which rows, for how long, in words, and kept in the database."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InputRefused, NotFound
from core.results import Bound, Column, Kind, Rule
from core.storage.store import Store
from core.triage.evidence import Cell, Evidence, Lone
from core.triage.rules import hidden, holding, in_words, rows_like, telling


def column(name: str, kind: Kind) -> Column:
    return Column(name, kind, "feature", "")


COLUMNS = (column("a", "number"), column("site", "category"), column("b", "number"))
VALUES = {
    "a": np.asarray([10.0, 10.4, 12.0, np.nan, 10.0]),
    "site": np.asarray(["x", "x", "x", "x", None], object),
    "b": np.arange(5.0),
}
BY_NAME = {each.name: each for each in COLUMNS}


def rule(bounds: tuple[Bound, ...], until: float = 10.0, undone: float | None = None) -> Rule:
    return Rule("u-1", "local", 0.0, "d-1", bounds, until, "ada", "k", undone)


def test_rows_like_a_row_have_its_values_in_the_columns_that_made_it_strange() -> None:
    many = {"a": np.linspace(0, 4, 101), "site": VALUES["site"], "b": VALUES["b"]}
    row = {name: values[0] for name, values in VALUES.items()}
    bounds = rows_like(COLUMNS, row, many, [0.6, 0.35, 0.05])
    assert [bound.column for bound in bounds] == ["a", "site"]
    assert (bounds[0].low, bounds[0].high) == (9.0, 11.0)  # quartiles lie 2 apart
    found = hidden(rule(bounds), BY_NAME, VALUES)
    assert found is not None
    assert found.tolist() == [True, True, False, False, False]
    assert in_words(bounds, BY_NAME) == "a 9 to 11 and site = x"
    narrow = rows_like(COLUMNS, row, many, [0.6, 0.35, 0.05], "narrow")
    found = hidden(rule(narrow), BY_NAME, VALUES)
    assert found is not None
    assert found.tolist() == [True, True, False, False, False]
    assert narrow[0].high == 10.5


def evidence(drops: dict[str, float], lone: tuple[str, ...] = ()) -> Evidence:
    cells = tuple(Cell(name, "", "", "", 0.0, drop) for name, drop in drops.items())
    return Evidence(0, cells, tuple(Lone(name, "", "", 0.0) for name in lone), (), (), None, 0)


def test_a_rule_asks_for_no_value_that_many_rows_have() -> None:
    some = (column("weight", "number"), column("site", "category"), column("ok", "boolean"), column("b", "number"))
    generator = np.random.default_rng(0)
    many = {
        "weight": generator.normal(size=200),
        "site": np.asarray(["west", "east"] * 100, object),
        "ok": np.asarray([1.0] * 150 + [0.0] * 50),
        "b": generator.normal(size=200),
    }
    row = {"weight": 9.0, "site": "west", "ok": 1.0, "b": 0.1}

    def named(shares: list[float], found: Evidence | None) -> list[str]:
        return [bound.column for bound in rows_like(some, row, many, telling(some, row, many, shares, found))]

    shares = [0.05, 0.5, 0.3, 0.15]  # one wrong cell moves what is expected of right ones
    assert named(shares, evidence({}, ("weight",))) == ["weight"]
    assert named(shares, evidence({"weight": 0.8, "b": 0.3, "ok": 0.02})) == ["weight", "b"]
    assert named([0.3, 0.4, 0.2, 0.1], evidence({"b": 0.3})) == ["b", "weight"]
    assert named([0.3, 0.4, 0.2, 0.1], None) == ["weight"]
    assert named([0.0, 0.5, 0.3, 0.2], None) == ["site"]  # where all are usual, the one with the largest share
    # What goes together as no other rows do may be usual by itself.
    assert named(shares, evidence({"site": 0.9, "ok": 0.7})) == ["site", "ok"]


def test_empty_cells_infinite_ones_and_a_share_that_is_nowhere_large() -> None:
    row = {"a": np.nan, "site": None, "b": np.inf}
    bounds = rows_like(COLUMNS, row, VALUES, [0.05, 0.04, 0.03])
    assert bounds == (Bound("a", text=""),)
    assert in_words(bounds, BY_NAME) == "a = (empty)"
    found = hidden(rule(bounds), BY_NAME, VALUES)
    assert found is not None
    assert found.tolist() == [False, False, False, True, False]
    assert rows_like(COLUMNS, row, VALUES, [0.1, 0.1, 0.8])[0] == Bound("b", text="inf")


def test_a_column_that_is_gone_or_understood_in_another_way() -> None:
    asked = rule((Bound("a", 0.0, 100.0),))
    assert hidden(asked, {}, {}) is None
    words = {"a": column("a", "category")}
    found = hidden(asked, words, {"a": np.asarray(["10", "x"], object)})
    assert found is not None
    assert not found.any()


@given(some.floats(0, 20), some.one_of(some.none(), some.floats(0, 20)))
def test_a_rule_holds_until_its_day_or_until_it_is_undone(now: float, undone: float | None) -> None:
    held = holding([rule((Bound("a", 0, 1),), undone=undone)], now)
    assert bool(held) == (undone is None and now < 10.0)


def test_rules_are_kept_undone_and_refused_without_bounds(store: Store) -> None:
    made = store.rules.new("d-1", (Bound("a", 1.0, 2.0), Bound("<b>", text="$x$")), 5e9, "k")
    assert store.rules.of_lineage("d-1") == [made]
    assert store.rules.of_lineage("d-2") == []
    store.rules.undo(made.id)
    assert store.rules.of_lineage("d-1")[0].undone_at is not None
    with pytest.raises(InputRefused, match="asks nothing"):
        store.rules.new("d-1", (), 5e9, "k")
    with pytest.raises(NotFound):
        store.rules.undo("u-none")
