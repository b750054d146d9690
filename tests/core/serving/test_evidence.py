"""What the inference process says of a row: by any of a run's scores, checked by scoring what it proposes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputRefused
from core.results import Run
from core.serving.server import Models
from core.specs import OWN_ERROR, RunSpec, Training
from core.storage.records import from_json
from core.storage.store import Store
from core.triage.evidence import Evidence
from tests.conftest import add_csv
from tests.pages.conftest import finished


@pytest.fixture(scope="module")
def words() -> str:
    generator = np.random.default_rng(0)
    lines = ["name,a,b,group,day,yes"]
    for i in range(400):
        a = generator.normal()
        b = 2 * a + generator.normal(scale=0.1) if i != 7 else 40.0
        lines.append(
            f"n{i},{a:.3f},{b:.3f},{'x' if a > 0 else 'y'},2024-03-{1 + i % 28:02d},{'ja' if i % 3 else 'nein'}"
        )
    return "\n".join(lines)


@pytest.mark.parametrize("scorer", ["recommended", OWN_ERROR])
def test_a_row_beside_healthy_ones(store: Store, tmp_path: Path, words: str, scorer: str) -> None:
    dataset = add_csv(store, tmp_path, words)
    run: Run = finished(store, dataset, RunSpec(scorer=scorer, training=Training(epochs=5)))
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    models = Models(store)
    found = from_json(Evidence, models.evidence(store.space, run.id, 7, threshold.value))
    assert found.cells[0].column == "b"
    assert found.cells[0].actual == "40"
    assert found.lone[0].column == "b"
    assert sum(cell.share for cell in found.cells) == pytest.approx(1)
    assert {cell.column: cell.actual for cell in found.cells}["day"] == "2024-03-08"
    assert {cell.column: cell.actual for cell in found.cells}["yes"] == "ja"
    scores = store.runs.scores(run).values
    assert all(scores[near.row] < threshold.value for near in found.near)
    assert found.counterfactual is not None
    assert found.counterfactual.score < threshold.value
    others = [near.row for near in found.near]
    again = from_json(Evidence, models.evidence(store.space, run.id, 7, threshold.value, confirmed=others))
    assert not set(others) & {near.row for near in again.near}
    with pytest.raises(InputRefused, match="no such row"):
        models.evidence(store.space, run.id, 400, threshold.value)
