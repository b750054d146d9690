"""Tests of single columns: chances beside SciPy's, no more false ones than are promised, what moved and in what words."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chi2_contingency, fisher_exact, ks_2samp, mannwhitneyu

from core.drift import ColumnDrift
from core.drift.columns import column_drifts, levels_chance
from core.results import Kind

Values = dict[str, np.ndarray]


def only(ours: np.ndarray, theirs: np.ndarray, kind: Kind = "number", separator: str = "") -> ColumnDrift:
    found = column_drifts({"x": ours}, {"x": theirs}, {"x": kind}, {"x": separator} if separator else {})
    assert len(found) == 1, found
    return found[0]


def words(*counts: tuple[str | None, int]) -> np.ndarray:
    return np.array([word for word, count in counts for _ in range(count)], object)


def test_numbers_are_compared_as_scipy_does() -> None:
    draw = np.random.default_rng(0)
    ours, theirs = draw.normal(0.2, 1, 300), draw.normal(size=500)
    gaps = np.full(5, np.nan)
    missing, found = column_drifts({"x": np.append(ours, gaps)}, {"x": np.append(theirs, gaps)}, {}, {})
    fisher = fisher_exact([[5, 300], [5, 500]]).pvalue
    assert missing.aspect == "missing" and fisher <= missing.p <= 2 * fisher
    middle = np.median(np.append(ours, theirs))
    chances = [ks_2samp(ours, theirs, method="asymp").pvalue]
    for a, b in ((ours, theirs), (abs(ours - middle), abs(theirs - middle))):
        chances.append(mannwhitneyu(a, b, method="asymptotic").pvalue)
    assert found.p == pytest.approx(3 * min(chances))
    assert found.difference is not None
    pairs = np.sign(ours[:, None] - theirs).mean()
    assert found.difference.effect == pytest.approx(pairs)
    assert found.difference.low < pairs < found.difference.high


def test_usual_levels_are_compared_by_chi_square() -> None:
    mine, yours = Counter(a=300, b=150, c=50), Counter(a=250, b=200, c=50)
    expected = chi2_contingency([[300, 150, 50], [250, 200, 50]], correction=False).pvalue
    assert levels_chance(mine, yours, 500, 500) == pytest.approx(expected)


def test_a_rare_level_is_compared_exactly() -> None:
    mine, yours = Counter(a=192, e=8), Counter(a=20_000)
    fisher = 2 * fisher_exact([[8, 192], [0, 20_000]], alternative="greater").pvalue
    assert levels_chance(mine, yours, 200, 20_000) == pytest.approx(2 * fisher, rel=1e-6) or levels_chance(
        mine, yours, 200, 20_000
    ) == pytest.approx(fisher, rel=1e-6)


def test_levels_that_no_count_could_tell_apart_are_not_looked_at() -> None:
    names = [f"id{i}" for i in range(200)]
    assert levels_chance(Counter(names[:200]), Counter(names[200:]), 200, 200) is None
    with_new = Counter([*names[:180], *["e"] * 20])
    chance = levels_chance(with_new, Counter(names[200:]), 200, 200)
    assert chance is not None and chance < 1e-4  # the others cost it nothing


@pytest.mark.parametrize("separator", ["", ";"])
def test_levels_move_by_chance_as_seldom_as_promised(separator: str) -> None:
    draw = np.random.default_rng(1)
    shares = np.array([0.5, 0.2, 0.1, *[0.2 / 20] * 20])
    names = np.array([f"l{i}" for i in range(len(shares))], object)
    if separator:
        names = np.array([f"{name}; {other}" for name, other in zip(names, np.roll(names, 1), strict=True)], object)
    below = 0
    for _ in range(200):
        ours, theirs = (draw.choice(names, rows, p=shares) for rows in (150, 900))
        below += only(ours, theirs, "multiple" if separator else "category", separator).p < 0.05
    assert below <= 18  # 200 trials at 5 %: 18 is beyond chance by 1 in 100


@pytest.mark.parametrize("decimals", [0, 1, 8])
def test_numbers_move_by_chance_as_seldom_as_promised(decimals: int) -> None:
    draw = np.random.default_rng(2)
    below = sum(
        only(np.round(draw.normal(size=60), decimals), np.round(draw.normal(size=400), decimals)).p < 0.05
        for _ in range(200)
    )
    assert below <= 18


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "aspect", "said"),
    [
        (np.arange(50, 150.0), np.arange(100.0), "number", "values", "higher x (median 99.5 beside 49.5)"),
        (
            np.arange(-50, 150.0, 2),
            np.arange(100.0),
            "number",
            "spread",
            "more spread x (typically 50 beside 25 from the median)",
        ),
        (
            np.repeat([-1.0, 1.0], 100),
            np.repeat([-1.3, -0.7, 0.7, 1.3], 50),
            "number",
            "shape",
            "x up to -1.3 less often (0% beside 25%)",
        ),
        (
            86_400.0 * np.arange(30, 130),
            86_400.0 * np.arange(100),
            "datetime",
            "values",
            "later x (median 1970-03-21 12:00:00 beside 1970-02-19 12:00:00)",
        ),
        (
            words(("a", 50), ("b", 50)),
            words(("a", 90), ("b", 10)),
            "category",
            "values",
            "less often x = a (50% beside 90%)",
        ),
        (
            words(("a", 80), (None, 20)),
            words(("a", 98), (None, 2)),
            "category",
            "missing",
            "x more often missing (20% beside 2%)",
        ),
        (words(("seven w", 99)), words(("three", 99)), "text", "length", "longer x (median 7 beside 5 characters)"),
        (words(("a", 30)), np.arange(30.0), "number", "other kind", "x is of another kind"),
    ],
)
def test_what_moved_is_said(ours: np.ndarray, theirs: np.ndarray, kind: Kind, aspect: str, said: str) -> None:
    found = only(ours, theirs, kind)
    assert (found.aspect, found.in_words()) == (aspect, said)
    assert found.p < 0.001
    if found.difference is not None:
        assert found.difference.low <= found.difference.effect <= found.difference.high


def test_a_column_that_is_not_there_is_absent_and_a_further_one_is_not_looked_at() -> None:
    found = column_drifts({"y": np.arange(30.0)}, {"x": np.arange(30.0)}, {}, {})
    assert [(each.column, each.aspect, each.in_words()) for each in found] == [("x", "absent", "x is not there")]


def test_choices_in_a_cell_count_each() -> None:
    found = only(words(("tea; cake", 60)), words(("cake", 60)), "multiple", ";")
    assert found.in_words() == "more often x = tea (100% beside 0%)"


@pytest.mark.parametrize(
    "column", [np.ones(50), np.full(50, np.nan), np.full(50, np.inf), words(("a", 50)), words((None, 50))]
)
def test_a_column_of_one_value_or_of_none_has_no_test(column: np.ndarray) -> None:
    assert column_drifts({"x": column}, {"x": column[:30]}, {}, {}) == []
