"""On which rows detectors disagree, counted by hand."""

from __future__ import annotations

import numpy as np

from dashboard.blocks.contested import contested


def test_what_only_one_flags_and_what_it_passes_over() -> None:
    ranks = {
        "Autoencoder": np.asarray([1, 2, 3, 4, 5, 6]),
        "PCA": np.asarray([6, 1, 5, 2, 3, 4]),
        "IsolationForest": np.asarray([6, 5, 4, 1, 3, 2]),
        "kNN": np.asarray([6, 1, 5, 3, 4, 2]),
    }
    alone, passed_over = contested(ranks, "Autoencoder", np.asarray([0, 1]))
    assert alone.tolist() == [0]
    assert passed_over.tolist() == [3, 5]
    alone, passed_over = contested(ranks, "Autoencoder", np.asarray([0, 1, 2]))
    assert alone.tolist() == [0, 2]
    assert passed_over.tolist() == [3, 5, 4]  # those first that the others agree on


def test_where_all_agree_nothing_is_contested() -> None:
    same = np.asarray([2, 1, 3, 4])
    alone, passed_over = contested({"Autoencoder": same, "PCA": same, "kNN": same}, "Autoencoder", np.asarray([1, 0]))
    assert len(alone) == len(passed_over) == 0
