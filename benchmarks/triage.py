"""Evidence, the next row and another threshold on 100,000 rows, as a person waits for them in the server.

`python -m benchmarks.triage`
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from benchmarks.deployment import deployment, settle
from benchmarks.measure import write
from core.datasets.ingest import ingest
from core.jobs.wait import wait
from core.results import Run
from core.serving import ask
from core.settings import settings
from core.specs import RunSpec
from core.storage.store import Store
from core.thresholds import Given, decide
from core.triage.queue import BY_KIND

ROWS, COLUMNS, TIMES = 100_000, 30, 50
FRAME = Path(__file__).resolve().parents[1] / "dashboard" / "frame.py"
FLAGS = 5_000  # for one of each kind first: as many as are grouped
GOALS = {
    "evidence": 500,
    "next row": 300,
    "next row, one of each kind first": 300,
    "a number of rows to review, changed": 300,
}


def table(path: Path, rows: int = ROWS) -> None:
    """Columns that hang together by five causes, three categories of chance, one row in two hundred with a cell far off."""
    generator = np.random.default_rng(1)
    causes = generator.normal(size=(rows, 5))
    numbers = causes @ generator.normal(size=(5, COLUMNS - 3)) + 0.3 * generator.normal(size=(rows, COLUMNS - 3))
    numbers[generator.choice(rows, rows // 200, replace=False), 3] += 9
    words = [np.char.add("v", generator.integers(0, levels, rows).astype(str)) for levels in (3, 6, 12)]
    with path.open("w") as file:
        file.write(",".join([*(f"m{i}" for i in range(COLUMNS - 3)), "x", "y", "z"]) + "\n")
        for row, *each in zip(numbers, *words, strict=True):
            file.write(",".join([*(f"{cell:.4f}" for cell in row), *each]) + "\n")


def in_ms(turns: list[float]) -> dict[str, float]:
    return {f"p{share}": round(1e3 * float(np.percentile(turns, share)), 1) for share in (50, 95)}


def evidence(store: Store, run: Run) -> tuple[dict[str, float], float, list[int]]:
    """Of the strangest rows, asked one after the other; the first one's seconds, which reads the rows; how many cells each
    counterfactual changes, 0 where none was found."""
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    rows = np.argsort(-store.runs.scores(run).values)[: TIMES + 1]
    turns, found = [], []
    for row in rows.tolist():
        began = time.perf_counter()
        answer = ask(store, "evidence", run_id=run.id, row=row, threshold=threshold.value, within=120)
        turns.append(time.perf_counter() - began)
        found.append(len(answer["counterfactual"]["changes"]) if answer["counterfactual"] else 0)
    return in_ms(turns[1:]), turns[0], found


def page(run: Run, name: str) -> AppTest:
    app = AppTest.from_file(str(FRAME), default_timeout=120)
    app.run()
    app.query_params["run"] = run.id
    return app.switch_page(f"../pages/{name}.py").run()


def next_row(app: AppTest) -> dict[str, float]:
    """The page drawn anew with the next row and its evidence, everything that the server does for it."""
    turns = []
    for _ in range(TIMES):
        began = time.perf_counter()
        app = next(button for button in app.button if button.label == "Next").click().run()
        turns.append(time.perf_counter() - began)
        assert not app.exception
    return in_ms(turns)


def by_kind(store: Store, run: Run) -> tuple[dict[str, float], float]:
    """The next row, one of each kind first, among thousands of flagged ones; seconds of the choice of that order, which groups them."""
    value, flagged = decide(Given(store.runs.scores(run).values), "count", {"rows": FLAGS})
    usual = store.thresholds.current(run.id)
    assert usual is not None
    store.thresholds.new(run.id, "count", {"rows": FLAGS}, value, flagged, usual.scorer)
    app = page(run, "triage")
    order = next(each for each in app.get("button_group") if each.label == "Order").set_value(BY_KIND)
    began = time.perf_counter()
    app = order.run()
    took = time.perf_counter() - began
    return next_row(app), took


def threshold(run: Run) -> dict[str, float]:
    """The page of flagged rows drawn anew with another number of them."""
    app, turns = page(run, "anomalies"), []
    app = next(box for box in app.selectbox if box.label == "Flag by").select("count").run()
    for rows in range(40, 40 + TIMES):
        box = next(box for box in app.number_input if "review" in box.label)
        began = time.perf_counter()
        app = box.set_value(float(rows)).run()
        turns.append(time.perf_counter() - began)
        assert not app.exception
    return in_ms(turns)


def main() -> None:
    """Measure, print, keep."""
    with deployment() as store:
        os.environ["HOURGLASS_HOME"] = str(store.settings.home)
        settings.cache_clear()
        path = store.settings.home / "rows.csv"
        table(path)
        dataset = ingest(store, path, path.name)
        run = store.runs.submit(dataset.id, RunSpec())
        wait(store, run.job_id)
        settle(store)
        run = store.runs.get(run.id)
        asked, first, found = evidence(store, run)
        record = {
            "evidence": asked,
            "next row": next_row(page(run, "triage")),
            "a number of rows to review, changed": threshold(run),
        }
        record["next row, one of each kind first"], grouped = by_kind(store, run)
        write(
            "triage",
            f"What a person waits for on {ROWS:,} rows of {COLUMNS} columns",
            [
                f"{TIMES} times each, in the server. *Evidence*: one question to the warm inference process; the first, which reads "
                f"the rows, took {first:.1f} s. *Next row* and *threshold*: the whole page drawn anew by Streamlit's own test "
                f"runner, with all its blocks. *One of each kind first*: {FLAGS:,} rows are flagged there; the choice of that order, "
                f"which groups them once, took {grouped:.1f} s. A counterfactual was found for {np.mean(np.asarray(found) > 0):.0%} of "
                f"the {TIMES + 1} strangest rows, for {found.count(1)} of them with one cell changed, {found.count(2)} with two, "
                f"{found.count(3)} with three."
            ],
            ["what", "p50, ms", "p95, ms", "goal, ms"],
            [
                [name, *(f"{each:,.0f}" for each in figures.values()), str(GOALS[name])]
                for name, figures in record.items()
            ],
            {
                **record,
                "first_evidence_s": first,
                "grouped_s": grouped,
                "counterfactuals": [found.count(cells) for cells in range(4)],
            },
        )


if __name__ == "__main__":
    main()
