"""Why rows differ: effects beside others' figures, chance differences that are none, and words."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact, mannwhitneyu

from core.latent.differences import differences, in_words, names_of_groups, strongest


def table(rows: int, seed: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    numbers = draw.normal(size=(rows, 6))
    numbers[draw.random((rows, 6)) < 0.05] = np.nan
    out: dict[str, np.ndarray] = {f"n{i}": numbers[:, i] for i in range(6)}
    out["ties"] = draw.integers(0, 4, rows).astype(float)
    out["kind"] = draw.choice(np.array(["a", "b", "c", None], object), rows, p=[0.6, 0.25, 0.1, 0.05])
    out["rare"] = np.where(draw.random(rows) < 0.01, "odd", "usual").astype(object)
    return out


def part(values: dict[str, np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: each[rows] for name, each in values.items()}


def test_effects_and_chances_are_those_of_others() -> None:
    values = {name: each for name, each in table(300, 0).items() if name in ("ties", "rare", "kind")}
    mine = np.arange(300) < 80
    found = {(each.column, each.value): each for each in differences(part(values, mine), part(values, ~mine))}
    ties = found[("ties", "")]
    test = mannwhitneyu(values["ties"][mine], values["ties"][~mine], method="asymptotic")
    assert ties.effect == pytest.approx(2 * test.statistic / (80 * 220) - 1)
    comparisons = len(found)
    assert ties.adjusted_p is not None
    assert ties.adjusted_p >= min(1.0, test.pvalue) - 1e-12
    assert min(each.adjusted_p or 0 for each in found.values()) <= 1.0
    there = np.array([value is not None for value in values["kind"]])
    a = found[("kind", "a")]
    counts = [[int((values["kind"][rows & there] == "a").sum()), int((rows & there).sum())] for rows in (mine, ~mine)]
    assert a.effect == pytest.approx(counts[0][0] / counts[0][1] - counts[1][0] / counts[1][1])
    assert a.low <= a.effect <= a.high
    fisher = fisher_exact([[c, t - c] for c, t in counts]).pvalue
    assert a.adjusted_p is not None and a.adjusted_p <= 2 * fisher * comparisons + 1e-9


def test_rows_by_lot_differ_in_nothing() -> None:
    false = 0
    for seed in range(200):
        values = table(400, seed % 5)
        mine = np.zeros(400, bool)
        mine[np.random.default_rng(seed).choice(400, 50, replace=False)] = True
        false += bool(strongest(differences(part(values, mine), part(values, ~mine))))
    assert false <= 18  # 200 trials at 5 %: 18 is beyond chance by 1 in 100


def test_what_differs_is_found_and_said() -> None:
    values = table(400, 1)
    mine = np.arange(400) < 60
    values["n2"][mine] = np.abs(np.nan_to_num(values["n2"][mine])) + 3
    values["kind"][mine] = "c"
    values["n4"][mine] = np.nan
    found = strongest(differences(part(values, mine), part(values, ~mine)))
    assert {each.column for each in found} == {"n2", "kind", "n4"}
    said = " · ".join(in_words(each) for each in found)
    assert "higher n2 (median " in said
    assert "more often kind = c (100% beside " in said
    assert "n4 more often missing (100% beside " in said
    assert all(each.low <= each.effect <= each.high for each in found)


@pytest.mark.parametrize(("values", "chosen"), [(1_000, 50), (300, 10)])
def test_columns_of_many_values_differ_by_chance_no_more_often(values: int, chosen: int) -> None:
    false = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        cells = draw.integers(0, values, 3_000).astype(str).astype(object)
        mine = np.zeros(3_000, bool)
        mine[draw.choice(3_000, chosen, replace=False)] = True
        false += bool(strongest(differences({"many": cells[mine]}, {"many": cells[~mine]})))
    assert false <= 7


def test_infinite_and_endless_cells_are_taken(recwarn: pytest.WarningsRecorder) -> None:
    ours = {"a": np.array([np.inf, -np.inf, 1, 2, 3, 4]), "b": np.array(["x" * 200_000] * 6, object)}
    theirs = {"a": np.arange(40.0), "b": np.array(["y"] * 40, object)}
    found = differences(ours, theirs)
    assert all(np.isfinite([each.effect, each.low, each.high, each.inside, each.outside]).all() for each in found)
    assert differences({"a": np.empty(0)}, {"a": np.arange(3.0)}) == []
    endless = differences({"a": np.full(40, -np.inf)}, {"a": np.arange(40.0)})
    assert in_words(endless[0]) == "lower a (median minus infinity beside 19.5)"
    assert not recwarn.list


def test_few_rows_prove_nothing() -> None:
    values = table(400, 1)
    values["n2"][:3] = 1e6
    found = differences(part(values, np.arange(400) < 3), part(values, np.arange(400) >= 3))
    assert found and not strongest(found)
    assert found[0].adjusted_p is None


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_columns_of_one_value_or_of_none_are_no_difference(rows: int) -> None:
    values = {"one": np.ones(rows), "none": np.full(rows, np.nan), "word": np.array(["x"] * rows, object)}
    assert differences(values, values) == []


def test_choices_in_a_cell_count_each() -> None:
    ours = {"likes": np.array(["tea; cake"] * 20, object)}
    theirs = {"likes": np.array(["cake"] * 20, object)}
    found = strongest(differences(ours, theirs, {"likes": ";"}))
    assert [(each.value, each.what) for each in found] == [("tea", "more often")]


def test_groups_have_names_that_tell_them_apart() -> None:
    values = {"size": np.repeat([0.0, 5.0, 5.0], 40), "kind": np.repeat(np.array(["a", "b", "b"], object), 40)}
    names = names_of_groups(np.repeat([0, 1, 2], 40), values)
    assert names[0] == "low size, kind a"
    assert len(set(names)) == 3
    assert names_of_groups(np.repeat([0, 1], 60), {"kind": np.repeat(np.array(["b", "a"], object), 60)}) == (
        "kind b",
        "kind a",
    )
    alike = names_of_groups(np.arange(120) % 4, {"size": np.ones(120)})
    assert len(set(alike)) == 4
