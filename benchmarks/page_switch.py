"""From page to page with many rows selected, as a person waits for it in the server: `python -m benchmarks.page_switch`."""

from __future__ import annotations

import os
import time

import numpy as np
from streamlit.testing.v1 import AppTest

from benchmarks.deployment import deployment
from benchmarks.measure import Seconds, timed, write
from benchmarks.triage import FRAME, table
from core.datasets.ingest import ingest
from core.jobs.wait import wait
from core.results import Run
from core.settings import settings
from core.specs import RunSpec, Training
from core.storage.store import Store
from dashboard.state import Picked

ROWS, SELECTED, TIMES, GOAL_MS = 20_000, 5_000, 20, 300
PAGES = ("map", "compare", "data", "anomalies", "errors", "triage")  # in the order in which they are opened


def opened(run: Run, other: Run, keys: np.ndarray) -> AppTest:
    """The app with both runs and so many rows selected, by their keys."""
    app = AppTest.from_file(str(FRAME), default_timeout=120)
    app.run()
    app.query_params["run"] = run.id
    app.query_params["maps"] = "pca,umap"
    app.query_params["compare"] = f"{run.id},{other.id}"
    picked = np.sort(np.random.default_rng(0).choice(len(keys), SELECTED, replace=False))
    app.session_state["selections"] = {run.dataset_id: Picked(keys[picked], {})}
    return app


def switches(app: AppTest, times: int) -> dict[str, list[Seconds]]:
    """What each page takes when it is opened from the one before, around and around, by its name."""
    turns: dict[str, list[Seconds]] = {name: [] for name in PAGES}
    for _ in range(times):
        for name in PAGES:
            turns[name].append(timed(app.switch_page(f"../pages/{name}.py").run))
            assert not app.exception, app.exception
            assert not app.error, app.error
    return turns


def at_rest(store: Store) -> None:
    """Wait until no job is left: it would take the processor from the pages, and they would tell of it."""
    while store.jobs.find(("queued", "running")):
        time.sleep(0.2)


def main() -> None:
    """Measure, print, keep."""
    with deployment() as store:
        os.environ["HOURGLASS_HOME"] = str(store.settings.home)
        settings.cache_clear()
        path = store.settings.home / "rows.csv"
        table(path, ROWS)
        dataset = ingest(store, path, path.name, label="x")
        made = [store.runs.submit(dataset.id, RunSpec(training=Training(epochs=10, seed=seed))) for seed in (0, 1)]
        for each in made:
            wait(store, each.job_id)
        at_rest(store)
        run, other = (store.runs.get(each.id) for each in made)
        app = opened(run, other, store.runs.scores(run).row_keys)
        switches(app, 1)  # what is stored is read, and how far the maps can be believed is asked for
        at_rest(store)
        switches(app, 1)
        turns = switches(app, TIMES)
    rows, record = [], {}
    for name, each in turns.items():
        figures = {
            f"{clock}_ms_p{share}": round(1e3 * float(np.percentile([getattr(one, clock) for one in each], share)), 1)
            for clock in ("wall", "cpu")
            for share in (50, 95)
        }
        rows.append([name, *(f"{figure:,.0f}" for figure in figures.values()), str(GOAL_MS)])
        record[name] = figures
    write(
        "page_switch",
        f"From page to page with {SELECTED:,} of {ROWS:,} rows selected",
        [
            f"{TIMES} times around, by Streamlit's own test runner: the whole page with the selection's table, its *why here*, two "
            "maps and the comparison of two runs. Where others use the machine, as its load average tells, CPU says what it costs."
        ],
        ["page", "wall, p50, ms", "wall, p95", "CPU, p50", "CPU, p95", "goal, ms"],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
