"""Whether a series wanders: told from noise, from what is forgotten within a window, and from a season; and what it makes of an alarm."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from core.drift import Sample, alike, drift

WINDOWS = 200


def autoregressive(keep: float, seed: int, columns: int = 4) -> np.ndarray:
    """Each window keeps so much of the one before."""
    noise = np.random.default_rng(seed).normal(size=(WINDOWS + 300, columns))
    return np.asarray(lfilter([1], [1, -keep], noise, axis=0)[300:])


def test_independent_windows_count_one_by_one() -> None:
    assert [alike(autoregressive(0.0, seed)) for seed in range(20)] == [1.0] * 20


@pytest.mark.parametrize("keep", [0.5, 0.8])
def test_windows_that_keep_a_level_count_as_few_as_theory_says(keep: float) -> None:
    found = np.median([alike(autoregressive(keep, seed, columns=1)) for seed in range(60)])
    expected = (1 + keep) / (1 - keep)
    assert 0.6 * expected < found < 1.6 * expected


def test_a_season_is_no_wandering() -> None:
    for seed in range(20):
        wave = np.sin(2 * np.pi * (np.arange(WINDOWS) / 22.5 + seed / 20))[:, None]
        assert alike(wave + 0.3 * autoregressive(0.0, seed)) < 2


def test_any_numbers_are_taken() -> None:
    strange = np.random.default_rng(0).normal(size=(WINDOWS, 4))
    strange[:, 0], strange[::3, 1], strange[5, 2], strange[6, 2] = np.nan, np.nan, np.inf, 1e308
    assert alike(strange) == 1.0
    assert alike(np.empty((0, 3))) == alike(np.empty((WINDOWS, 0))) == alike(np.zeros((WINDOWS, 2))) == 1.0
    assert alike(autoregressive(0.9, 1)[:15]) == 1.0  # too few to say so


def test_an_alarm_about_a_series_that_wanders_is_only_likely() -> None:
    series = autoregressive(0.9, 3)
    old, new = (Sample({f"c{i}": half[:, i] for i in range(4)}) for half in (series[:100], series[100:] + 2))
    plain, wary = drift(old, new), drift(old, new, alike=alike(series))
    assert plain.alarm
    assert plain.verdict == wary.verdict
    assert plain.columns == wary.columns
    assert not wary.sure
    assert "so that one stretch differs from another by itself: it may be no news" in wary.sentence("window")
    assert "by itself: it may be no news" not in plain.sentence("window")
    calm = drift(old, old, alike=9.0)
    assert calm.sure
    assert "no news" not in calm.sentence("window")
