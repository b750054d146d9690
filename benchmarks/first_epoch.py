"""Submit → first epoch: seconds until the first metric is in the database, beside one new Python process a job."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from benchmarks.deployment import deployment, sample, settle, warm_up
from benchmarks.measure import write
from core.jobs.wait import wait
from core.results import Dataset
from core.specs import RunSpec
from core.storage.store import Store

TURNS = 3
# The peer: what a new process must do before a first epoch is over, on rows of the same shape.
PROCESS = """
import torch
torch.set_num_threads(1)
rows = torch.randn({rows}, {width})
network = torch.nn.Sequential(
    torch.nn.Linear({width}, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10), torch.nn.Linear(10, 64), torch.nn.ReLU(),
    torch.nn.Linear(64, {width}),
)
optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3)
for batch in rows.split(64):
    optimiser.zero_grad()
    torch.nn.functional.mse_loss(network(batch), batch).backward()
    optimiser.step()
print("first epoch", flush=True)
"""


def ours(store: Store, dataset: Dataset) -> float:
    began = time.perf_counter()
    run = store.runs.submit(dataset.id, RunSpec())
    while not store.runs.metrics(run.id):
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    wait(store, run.job_id)
    settle(store)
    return seconds


def process(rows: int, width: int) -> float:
    """Seconds until a new interpreter has said that its first epoch is over."""
    began = time.perf_counter()
    code = PROCESS.format(rows=rows, width=width)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "first epoch\n"
        return time.perf_counter() - began


def main() -> None:
    with deployment() as store:
        dataset = sample(store, "breast_cancer")
        warm_up(store, dataset)
        pairs = [(ours(store, dataset), process(dataset.rows, len(dataset.features))) for _ in range(TURNS)]
    figures = {
        "hourglass_seconds": [round(a, 2) for a, _ in pairs],
        "new_process_seconds": [round(b, 2) for _, b in pairs],
    }
    medians = {name: statistics.median(values) for name, values in figures.items()}
    notes = [
        "Breast cancer, 569 rows × 30, default settings. Hourglass: from `runs.submit` to the first metric in the "
        "database (queue, fork, reading and encoding the rows, one epoch), warm supervisor. New process: a Python that "
        "imports torch and trains one epoch on random rows of that shape; it reads no data and writes none.",
        "Wall seconds, median of turns that alternate.",
    ]
    rows = [
        ["Hourglass, warm", f"{medians['hourglass_seconds']:.2f}"],
        ["new process", f"{medians['new_process_seconds']:.2f}"],
    ]
    write("first_epoch", "Submit to first epoch", notes, ["what", "seconds"], rows, {**figures, "medians": medians})


if __name__ == "__main__":
    main()
