"""Another file through a run that was trained before: offered, scored, looked at on every page, refused where it means nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import InputRefused
from core.jobs.tasks import score
from core.jobs.work import Work
from core.results import Dataset, Run
from core.scoring.trained import Trained
from core.serving.server import Models
from core.specs import OWN_ERROR, RunSpec, ScoreWith, Training
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from tests.conftest import add_csv
from tests.pages.conftest import Browser, finished, said, sound


def table(rows: int, seed: int, columns: str = "name,a,b,group,day", shift: float = 0.0) -> str:
    generator = np.random.default_rng(seed)
    lines = [columns]
    for i in range(rows):
        a = generator.normal()
        cells = {
            "name": f"s{seed}-{i}",
            "a": f"{a + shift:.3f}",
            "b": f"{2 * a + generator.normal(scale=0.1):.3f}",
            "group": "x" if a > 0 else "y",
            "day": f"2024-03-{1 + i % 28:02d}",
            "more": str(i % 7),
        }
        lines.append(",".join(cells[name] for name in columns.split(",")))
    return "\n".join(lines) + "\n"


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    dataset = add_csv(store, tmp_path, table(300, 1), name="last week.csv")
    return finished(store, dataset, RunSpec(scorer=OWN_ERROR, training=Training(epochs=3)))


def work_off(store: Store) -> Run:
    job = claim(store.engine, "here", 600, kinds=("score",))
    assert job is not None
    score.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    return store.runs.get(str(job.run_id))


def scored(store: Store, model: Run, dataset: Dataset, **how: Any) -> Run:
    store.runs.score_with(ScoreWith(run_id=model.id, **how), dataset.id)
    return work_off(store)


def test_a_file_is_offered_and_scored_as_the_run_would_have(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    text = table(200, 2, "more,day,group,b,a,name")
    monday = add_csv(store, tmp_path, text, name="monday.csv")
    app = pages("data", dataset=monday.id)
    assert "These columns were learned before" in said(app)
    sound(next(button for button in app.button if button.label == "Score with it").click().run())
    found = work_off(store)
    assert found.parent_id == run.id
    assert found.ready
    trained = Trained.load(store, run)
    names = list(trained.encoder.layout.columns)
    known = Models(store).rows_of(store, found, monday, names)
    again = trained.output(known.table)
    scores = store.runs.scores(found)
    np.testing.assert_array_equal(scores.values, again.scores)
    threshold, before = store.thresholds.current(found.id), store.thresholds.current(run.id)
    assert threshold is not None
    assert before is not None
    assert threshold.value == before.value
    assert threshold.flagged == int((scores.values >= before.value).sum())
    assert len(store.projections.of_run(found.id)) == len(store.projections.of_run(run.id)) == 1
    assert found.summary["drift"]["verdict"] == "no sign of drift"
    for page in ("anomalies", "triage", "errors", "map", "train"):
        text = said(pages(page, run=found.id))
        assert "“more” was not learned from" in text or page == "train"
    above = said(pages("anomalies", run=found.id))
    assert "No sign of drift" in above
    assert "Another score can be chosen" not in above  # what was only scored has one
    for question in ("explain", "evidence", "column"):
        asked = {
            "explain": {"rows": [3]},
            "evidence": {"row": 3, "threshold": before.value},
            "column": {"column": "a", "rows": [0, 3]},
        }[question]
        assert getattr(Models(store), question)(store.space, found.id, **asked)
    store.datasets.delete(monday.id)
    assert store.runs.get(run.id).ready
    np.testing.assert_array_equal(Trained.load(store, run).output(known.table).scores, again.scores)


def test_a_file_whose_rows_moved_says_so_above_its_results(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    found = scored(store, run, add_csv(store, tmp_path, table(300, 3, shift=4.0), name="moved.csv"))
    assert found.summary["drift"]["verdict"] in ("some columns moved", "the model no longer fits")
    assert "a" in found.summary["drift"]["moved"]
    app = pages("anomalies", run=found.id)
    assert "moved" in said(app) + " ".join(box.value for box in app.error)


def test_a_column_that_is_missing_is_said_and_too_many_are_refused(
    pages: Browser, store: Store, tmp_path: Path
) -> None:
    header = "name," + ",".join(f"c{i}" for i in range(8))
    generator = np.random.default_rng(0)
    rows = ["r{},{}".format(i, ",".join(f"{x:.3f}" for x in generator.normal(size=8))) for i in range(200)]
    wide = add_csv(store, tmp_path, "\n".join([header, *rows]), name="wide.csv")
    model = finished(store, wide, RunSpec(scorer=OWN_ERROR, training=Training(epochs=2)))
    less = ["n{},{}".format(i, ",".join(f"{x:.3f}" for x in generator.normal(size=7))) for i in range(60)]
    narrow = add_csv(store, tmp_path, "\n".join(["name," + ",".join(f"c{i}" for i in range(7)), *less]), name="n.csv")
    found = scored(store, model, narrow)
    assert any("“c7” is not in the file" in each for each in found.summary["notices"])
    assert np.isfinite(store.runs.scores(found).values).all()
    for question, asked in (("explain", {"rows": [3]}), ("evidence", {"row": 3, "threshold": 1.0})):
        assert getattr(Models(store), question)(store.space, found.id, **asked)
    words = "\n".join(["name,c0,c1,c2,c3,c4,c5,c6,c7", *(f"w{i},a,b,a,b,a,b,a,{i % 3}" for i in range(60))])
    other = add_csv(store, tmp_path, words, name="words.csv")
    with pytest.raises(InputRefused, match="can't be found or read"):
        scored(store, model, other)


def test_numbers_with_a_unit_are_read_as_they_are_written_there(store: Store, run: Run, tmp_path: Path) -> None:
    header, *lines = table(200, 5).splitlines()
    with_units = [",".join([cells[0], cells[1] + " kg", *cells[2:]]) for cells in (line.split(",") for line in lines)]
    found = scored(store, run, add_csv(store, tmp_path, "\n".join([header, *with_units]), name="units.csv"))
    assert any("“a” has another unit here" in each for each in found.summary["notices"])
    bare = scored(store, run, add_csv(store, tmp_path, "\n".join([header, *lines]), name="bare.csv"))
    np.testing.assert_array_equal(store.runs.scores(found).values, store.runs.scores(bare).values)
