"""Which columns a code number moves, by what the decoder makes of it; and its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.latent.dimensions import names_by_moves
from core.scoring.trained import Trained
from core.scoring.traversal import moved_columns
from core.specs import OBJECTIVES, OWN_ERROR, RunSpec, Training
from core.storage.store import Store
from tests.conftest import add_csv
from tests.pages.conftest import finished


def two_causes(rows: int = 400) -> str:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, rows))
    lines = ["a,b,c,d"]
    lines += [
        f"{p:.3f},{p + generator.normal() * 0.05:.3f},{q:.3f},{'n' if q > 0 else 'm'}"
        for p, q in zip(x, y, strict=True)
    ]
    return "\n".join(lines)


def test_a_code_number_moves_what_rises_and_falls_with_it(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, two_causes())
    spec = RunSpec(
        scorer=OWN_ERROR, layers="fully_connected", layer_settings={"bottleneck": 2}, training=Training(epochs=60)
    )
    run = finished(store, dataset, spec)
    trained, codes = Trained.load(store, run), store.runs.embedding(run).codes
    moved = moved_columns(trained, codes)
    np.testing.assert_array_equal(moved, store.artifacts.get_array(store.space, run.artifacts["moved"]))
    assert moved.shape == (2, 4)
    # b is a but for little, so that whatever moves the one moves the other as far.
    np.testing.assert_allclose(moved[:, 0], moved[:, 1], atol=0.25 * np.abs(moved[:, 0]).max())
    assert np.abs(moved[:, 0]).max() > 0.5
    assert np.sign(moved[:, 0]).tolist() == np.sign(moved[:, 1]).tolist()  # b goes with a


@pytest.mark.parametrize("objective", list(OBJECTIVES))
def test_every_family_of_tables_says_what_its_codes_move(store: Store, tmp_path: Path, objective: str) -> None:
    spec = RunSpec(objective=objective, scorer=OWN_ERROR, training=Training(epochs=1))
    run = finished(store, add_csv(store, tmp_path, two_causes(120)), spec)
    moved = np.asarray(store.artifacts.get_array(store.space, run.artifacts["moved"]))
    assert moved.shape == (store.runs.embedding(run).codes.shape[1], 4)
    assert np.isfinite(moved).all()


def test_a_name_has_the_columns_that_are_moved_most() -> None:
    moved = np.asarray([[2.0, -1.5, 0.2], [0.01, 0.02, 0.0], [0.0, -0.5, 0.1]], np.float32)
    assert names_by_moves(moved, ("a", "b", "c")) == ("code 1: a up, b down", "code 2", "code 3: b down")
