"""The time said before a run, without any history, against what the run then takes, on the samples."""

from __future__ import annotations

from typing import Any

from benchmarks.deployment import deployment, sample, settle, warm_up
from benchmarks.measure import write
from core.datasets.samples import SAMPLES
from core.jobs.wait import wait
from core.specs import spec_from_settings
from core.training.estimate import encoded_width, estimate

CHANGES: dict[str, dict[str, Any]] = {
    "default": {},
    "200 epochs, hidden width 256, batch 16": {"epochs": 200, "hidden_width": 256, "batch_size": 16},
}


def main() -> None:
    figures: list[dict[str, Any]] = []
    with deployment() as store:
        datasets = {name: sample(store, name) for name in SAMPLES}
        warm_up(store, datasets["orders"])
        for name, dataset in datasets.items():
            for words, settings in CHANGES.items():
                spec = spec_from_settings("vanilla", settings, 0)
                said = estimate(spec, dataset.rows, encoded_width(dataset.columns))
                run = store.runs.submit(dataset.id, spec)
                wait(store, run.job_id)
                summary = store.runs.get(run.id).summary
                settle(store)
                figures.append(
                    {
                        "sample": name,
                        "settings": words,
                        "said": round(said, 2),
                        "took": round(summary["seconds"], 2),
                        "epochs": summary["epochs"],
                        "steps": summary["steps"],
                    }
                )
    rows = [
        [one["sample"], one["settings"], f"{one['said']:.1f}", f"{one['took']:.1f}", f"{one['said'] / one['took']:.2f}"]
        for one in figures
    ]
    notes = ["Seconds from the job's start to its results; the estimate knows no earlier run. Wanted: 0.5 to 2."]
    header = ["sample", "settings", "said", "took", "said ÷ took"]
    write("estimate", "Estimated and true seconds", notes, header, rows, figures)


if __name__ == "__main__":
    main()
