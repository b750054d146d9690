"""Rows as a whole: chances by lot, what is outside of the reference, and what fresh rows have of it by chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import energy_distance, mannwhitneyu

from core.drift.whole import codes_apart, outside_range, scores_apart, unseen_levels


def test_scores_are_compared_as_scipy_does() -> None:
    draw = np.random.default_rng(0)
    new, held = draw.lognormal(0.2, 1, 200), draw.lognormal(size=90)
    found = scores_apart(new, held)
    assert found is not None and found.interval is not None
    assert found.p == pytest.approx(mannwhitneyu(new, held, alternative="greater", method="asymptotic").pvalue)
    assert found.interval[0] < found.effect < found.interval[1]
    lower = scores_apart(held, new)
    assert lower is not None and lower.p > 0.5  # rows that are less strange are no drift
    assert scores_apart(np.ones(30), np.ones(40)) is None


def test_the_distance_of_codes_is_scipys() -> None:
    draw = np.random.default_rng(0)
    new, reference = draw.permutation(300)[:100, None].astype(float), draw.permutation(300)[:200, None] + 0.5
    found = codes_apart(new, reference, 0)
    assert found is not None
    ranks = np.argsort(np.argsort(np.concatenate([new, reference])[:, 0]))
    between = np.abs(ranks[:100, None] - ranks[100:]).mean()
    expected = energy_distance(ranks[:100], ranks[100:]) ** 2 / (2 * between)
    # SciPy's is over distribution functions; of one dimension half of the energy distance.
    assert found.effect == pytest.approx(expected, rel=1e-6)


def test_codes_move_by_chance_as_seldom_as_promised() -> None:
    draw, below = np.random.default_rng(3), 0
    for trial in range(100):
        pooled = draw.standard_t(1.5, size=(90, 3)) @ draw.normal(size=(3, 5))
        found = codes_apart(pooled[:30], pooled[30:], trial)
        assert found is not None
        below += found.p <= 0.05
    assert below <= 12  # 100 trials at 5 %: 12 is beyond chance by 1 in 200


def test_codes_that_go_together_otherwise_are_found() -> None:
    draw = np.random.default_rng(4)
    along = draw.normal(size=(400, 1))
    reference = along + 0.3 * draw.normal(size=(400, 2))
    new = along * [1, -1] + 0.3 * draw.normal(size=(400, 2))  # each number alone is as before
    found = codes_apart(new, reference, 0)
    assert found is not None and found.p == 1 / 500
    assert codes_apart(np.zeros((40, 3)), np.zeros((50, 3)), 0) is None


@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize(("m", "n"), [(400, 100), (100, 400)])
def test_rows_outside_are_as_many_as_chance_says(heavy: bool, m: int, n: int) -> None:
    draw, shares, below = np.random.default_rng(5), [], 0
    for trial in range(60):
        sides = [draw.standard_t(1, size=(rows, 3)) if heavy else draw.random((rows, 3)) for rows in (m, n)]
        new, reference = ({f"x{i}": side[:, i] for i in range(3)} for side in sides)
        found = outside_range(new, reference, trial)
        assert found is not None and found.p is not None
        assert (
            found.rows == np.any([(new[x] < reference[x].min()) | (new[x] > reference[x].max()) for x in new], 0).sum()
        )
        shares.append((found.share.value, found.by_chance))
        below += found.p <= 0.05
    assert below <= 9  # 60 trials at 5 %
    observed, by_chance = np.mean(shares, axis=0)
    # Of three columns that do not depend on each other a fresh row is outside by 2 / (n + 1) in each.
    assert by_chance == pytest.approx(1 - (1 - 2 / (n + 1)) ** 3, rel=0.1)
    assert observed == pytest.approx(by_chance, rel=0.4)


def test_rows_beyond_the_range_are_found_and_named() -> None:
    draw = np.random.default_rng(6)
    new, reference = ({x: draw.random(500) for x in "ab"} for _ in range(2))
    new["b"][:20] += 2
    found = outside_range(new, reference, 0)
    assert found is not None and found.p is not None
    assert found.p < 0.01 and found.columns[0][0] == "b" and found.columns[0][1] >= 20
    assert found.share.low < found.share.value < found.share.high


def test_unseen_categories_are_as_many_as_chance_says() -> None:
    draw, shares, below = np.random.default_rng(7), [], 0
    for trial in range(60):
        new, reference = ({"x": draw.zipf(1.7, rows).astype(str).astype(object)} for rows in (150, 300))
        found = unseen_levels(new, reference, {}, trial)
        assert found is not None and found.p is not None
        assert found.rows == (~np.isin(new["x"].astype(str), reference["x"].astype(str))).sum()
        shares.append((found.share.value, found.by_chance))
        below += found.p <= 0.05
    assert below <= 9
    observed, by_chance = np.mean(shares, axis=0)
    assert observed == pytest.approx(by_chance, rel=0.15)


def test_a_new_category_and_a_new_choice_are_found() -> None:
    usual = np.array(["tea; cake", "cake"] * 100, object)
    new = usual.copy()
    new[:9] = "cake; gin"
    found = unseen_levels({"x": new}, {"x": usual}, {"x": ";"}, 0)
    assert found is not None and found.p is not None
    assert (found.rows, found.columns) == (9, (("x", 9),)) and found.p < 0.01


def test_where_nothing_can_be_outside_there_is_no_chance_of_it() -> None:
    constant = {"x": np.ones(40), "y": np.full(40, np.nan)}
    found = outside_range(constant, constant, 0)
    assert found is not None and (found.rows, found.by_chance, found.p) == (0, 0.0, None)
    assert outside_range({}, {}, 0) is None and unseen_levels(constant, constant, {}, 0) is None
