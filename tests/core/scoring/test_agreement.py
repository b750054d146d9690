"""Several scores beside each other: agreement by others' figures, sets that add up, and no winner where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from core.scoring.agreement import contested, flags_of, pairs, patterns, ranking, which_to_trust


def drawn(rows: int, seed: int, names: str = "abc") -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    common = draw.normal(size=rows)
    return {name: common + draw.normal(size=rows) for name in names}


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(0, 99), st.integers(1, 80))
def test_sets_add_up(rows: int, seed: int, review: int) -> None:
    scores = drawn(rows, seed)
    flags = flags_of(scores, {}, review)
    found = patterns(flags)
    for name, mine in flags.items():
        assert sum(each.rows for each in found if name in each.flagged_by) == mine.sum()
    assert sum(each.rows for each in found) == np.any(list(flags.values()), axis=0).sum()
    assert len({each.flagged_by for each in found}) == len(found)
    for pair in pairs(scores, flags):
        assert pair.both == (flags[pair.one] & flags[pair.other]).sum()
        assert pair.overlap.low <= pair.overlap.value <= pair.overlap.high
        assert -1 <= pair.correlation.low <= pair.correlation.value <= pair.correlation.high <= 1
        assert 0 <= pair.by_chance <= 1
    rows_of = contested(scores, flags)
    counts = np.sum(list(flags.values()), axis=0)
    assert set(rows_of.tolist()) == set(np.flatnonzero((counts > 0) & (counts < 3)).tolist())


def test_agreement_is_that_of_others() -> None:
    scores = drawn(200, 0)
    thresholds = {name: float(np.quantile(values, 0.9)) for name, values in scores.items()}
    found = pairs(scores, flags_of(scores, thresholds))
    assert [(each.one, each.other) for each in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found[0].correlation.value == pytest.approx(spearmanr(scores["a"], scores["b"]).statistic)


def test_areas_are_those_of_others_and_the_better_one_is_named() -> None:
    draw = np.random.default_rng(1)
    positive = np.arange(600) < 60
    scores = {
        "good": positive * 2.0 + draw.normal(size=600),
        "poor": positive * 0.4 + draw.normal(size=600),
        "PCA": positive * 0.5 + draw.normal(size=600),
    }
    found = ranking(scores, positive)
    assert found is not None
    for name, area in found.areas.items():
        assert area.value == pytest.approx(roc_auc_score(positive, scores[name]))
    assert found.level == ("good",)
    said = which_to_trust(["good", "poor"], found, [], {"good": 9.0, "poor": 1.0}, {"good": 0.5, "poor": 0.1})
    assert "trust good for flags" in said and "look at poor" in said and "poor took 1 s" in said


def test_on_labels_by_lot_they_cant_be_told_apart() -> None:
    """At least 95 of 100, as for a run beside its baselines."""
    told, trials = 0, 300
    for seed in range(trials):
        scores = drawn(300, seed, "abcdef")
        positive = np.zeros(300, bool)
        positive[np.random.default_rng(10_000 + seed).choice(300, 25, replace=False)] = True
        found = ranking(scores, positive)
        assert found is not None
        told += len(found.level) < 6
    assert told <= 0.05 * trials


def test_equal_runs_are_level_and_few_positives_say_nothing() -> None:
    values = np.random.default_rng(0).normal(size=200)
    positive = values > 1
    found = ranking({"one": values, "again": values.copy()}, positive)
    assert found is not None and found.level == ("one", "again")
    assert "can't be told apart" in which_to_trust(["one", "again"], found, [], {}, {})
    assert ranking({"one": values, "again": values}, np.arange(200) < 3) is None


def test_without_a_label_nobody_is_called_better() -> None:
    scores = drawn(200, 3)
    found = pairs(scores, flags_of(scores, {}, 20))
    said = which_to_trust(["a", "b", "c"], None, found, {}, {})
    assert "can't be told apart by quality" in said
