"""Job *train*: encode, train, score every row, put the baselines beside, and store it all at once."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.datasets.rows import matches
from core.errors import DatasetRefused, Diverged, HourglassError, OutOfMemory
from core.jobs.work import Work
from core.models.base import build
from core.projections import PROJECTIONS
from core.results import Course, Dataset, Evaluation, Metric, Run
from core.scoring import BASELINES
from core.scoring.evaluation import Comparison, compare, positives, verdict
from core.scoring.events import blocks_of, unit_of, usual_threshold
from core.scoring.material import material_of
from core.scoring.trained import Trained
from core.specs import RunSpec
from core.storage.records import to_json
from core.thresholds import decide
from core.training.devices import device_for
from core.training.loop import Trainer

FEWEST_ROWS = 10
CHECKPOINT_SECONDS = 2.0
TRAINING_SHARE = 0.8  # of the progress bar; the rest is scoring and baselines


def run(work: Work) -> None:
    """args: run_id. Ends the job itself, so that results and end are one transaction."""
    began = time.time()
    store = work.store
    this = store.runs.get(work.job.args["run_id"])
    dataset = store.datasets.get(this.dataset_id)
    spec = RunSpec.read(this.spec)
    work.progress(0.0, "reading the rows")
    device = device_for(spec.training.device)
    material = material_of(store, dataset, spec, kept(work, dataset, spec))
    encoder, split = material.encoder, material.split
    torch.manual_seed(spec.training.seed)
    network = build(spec, encoder.layout)
    trainer = Trainer(
        network,
        material.data,
        material.rows_of(split.train),
        material.rows_of(split.validation),
        spec.training,
        device,
        check=work.check,
        stop=lambda: work.stop_requested,
    )
    failure = train(work, this, trainer)
    work.progress(TRAINING_SHARE, "scoring every row")
    trainer.use_best()
    trained = Trained(encoder, network.to("cpu"), spec)
    output = material.output(trained)
    work.progress(0.85, "asking the simple methods")
    plan = spec.plan(encoder.layout.row_shape)
    baselines = material.baselines(plan.kept, spec.training.seed)
    work.check()
    detectors = {"Autoencoder": output.scores, **{name: baselines[:, i] for i, name in enumerate(BASELINES)}}
    comparison, labelled = against_label(work, dataset, detectors, output.course)
    work.progress(0.95, "storing the results")
    splits = np.full(dataset.rows, 2, np.uint8)
    splits[split.train], splits[split.validation] = 0, 1
    artifacts, space = store.artifacts, store.space
    unit = unit_of(output.course)
    method, parameters = usual_threshold(output.course, spec.contamination)
    value, flagged = decide(output.scores, method, parameters, unit)
    addresses = {
        "encoder": artifacts.put_json(space, encoder.to_json()),
        "weights": artifacts.put_bytes(space, trained.weights()),
        "plan": artifacts.put_json(space, spec.model_dump(mode="json")),
        "codes": artifacts.put_array(space, output.codes),
        "scores": artifacts.put_array(space, output.scores),
        "column_errors": artifacts.put_array(space, output.column_errors),
        "splits": artifacts.put_array(space, splits),
        "baselines": artifacts.put_array(space, baselines),
        "evaluation": artifacts.put_json(
            space, to_json(tuple[Evaluation, ...], comparison.evaluations if comparison else ())
        ),
        **{name: artifacts.put_array(space, array) for name, array in output.arrays.items()},
    }
    summary: dict[str, Any] = {
        "columns": list(encoder.layout.columns),
        "baselines": list(BASELINES),
        "epochs": trainer.epoch,
        "best_epoch": trainer.best_epoch,
        "steps": trainer.step,
        "stopped": trainer.stopped,
        "train_seconds": trainer.seconds,
        "seconds": time.time() - began,
        "threads": torch.get_num_threads(),
        "device": str(device),
        "loss_best": trainer.best_loss,
        "width": encoder.layout.width,
        "shape": list(encoder.layout.row_shape),
        "widths": list(plan.widths),
        "parameters": plan.parameters,
        "rows_trained": len(split.train),
        "rows_scored": dataset.rows,
        "pieces": len(material.data),  # what the network sees at once: rows, images or their tiles, windows
        "verdict_text": verdict(detectors, comparison, spec.contamination),
        "notices": [*material.notices(), *notices(dataset, labelled, splits, spec)],
        **material.summary(),
        **material.beside_pca(trained, plan.kept),
    }
    projection = {
        "method": "pca",
        "settings": {},
        "address": artifacts.put_array(space, PROJECTIONS.get("pca").project(output.codes, spec.training.seed)),
    }
    work.fence.finish_run(
        this.id,
        space_id=space,
        author="",  # nobody's choice yet
        summary=summary,
        artifacts=addresses,
        threshold={
            "method": method,
            "parameters": parameters,
            "value": value,
            "flagged": flagged,
        },
        projection=projection,
        error=failure.to_json() if failure is not None else None,
    )
    if failure is None:
        args = {"run_id": this.id, "method": "umap", "seed": spec.training.seed}
        store.jobs.submit("project", args, dataset_id=dataset.id, run_id=this.id)


def kept(work: Work, dataset: Dataset, spec: RunSpec) -> NDArray[np.int64]:
    """The rows that are not left out, in order. Raises DatasetRefused where they are too few."""

    def column(name: str) -> NDArray[np.object_]:
        cells = work.store.datasets.cells(dataset, [name])
        texts: NDArray[np.object_] = cells[name].to_numpy(zero_copy_only=False)
        return texts

    out = matches(column, dataset.rows, spec.leave_out)
    rows = np.flatnonzero(~out)
    if len(rows) < FEWEST_ROWS:
        raise DatasetRefused(
            f"only {len(rows)} row(s) are left to train on, at least {FEWEST_ROWS} are needed",
            where=f"{dataset.name}, {dataset.rows:,} rows of which {int(out.sum()):,} are left out",
            fix="upload more rows, or leave fewer out",
        )
    return rows


def train(work: Work, this: Run, trainer: Trainer) -> HourglassError | None:
    """Run the epochs with metrics and checkpoints; the error that ended it early, if good weights were kept."""
    found = work.checkpoints.latest()
    if found is not None:
        trainer.restore(found[1])
    work.fence.drop_metrics_after(this.id, trainer.step)
    saved = time.monotonic()
    try:
        for progress in trainer.epochs():
            work.fence.record(
                work.store.space,
                this.id,
                [Metric(progress.epoch, progress.step, name, value) for name, value in progress.losses.items()],
            )
            share = progress.epoch / progress.epochs * TRAINING_SHARE
            work.progress(share, f"epoch {progress.epoch} of at most {progress.epochs}", progress.seconds_left)
            if time.monotonic() - saved > CHECKPOINT_SECONDS and not progress.stopped:
                work.checkpoints.save(trainer.step, trainer.checkpoint())
                saved = time.monotonic()
    except (Diverged, OutOfMemory) as error:
        if not trainer.best:
            raise
        return error
    return None


def against_label(
    work: Work, dataset: Dataset, detectors: dict[str, NDArray[np.float64]], course: Course | None = None
) -> tuple[Comparison | None, str]:
    """The comparison with the dataset's label, and which of its values counts as an anomaly ("" without one)."""
    label = dataset.label
    if label is None:
        return None, ""
    texts = work.store.datasets.cells(dataset, [label.name])[label.name].to_numpy(zero_copy_only=False)
    found = positives(texts)
    if found is None:
        return None, ""
    positive, chosen = found
    known = np.asarray([text is not None for text in texts], bool)
    blocks = None if course is None else blocks_of(course, dataset.rows)[known]
    return compare({name: scores[known] for name, scores in detectors.items()}, positive[known], blocks=blocks), chosen


def notices(dataset: Dataset, positive: str, splits: NDArray[np.uint8], spec: RunSpec) -> list[str]:
    """What a reader of this run should know."""
    out = []
    if positive and dataset.label is not None:
        out.append(f"for evaluation, {positive} in {dataset.label.name} counts as an anomaly")
    left_out = int((splits == 2).sum())
    if left_out:
        between = spec.windows is not None and not spec.leave_out
        why = " (a window's length before each part that was validated on)" if between else ""
        out.append(f"{left_out:,} {dataset.item}s were left out of training{why}; they are scored all the same")
    if spec.assume_clean:
        out.append("the rows were taken as clean: what is flagged is only the strangest of the good")
    return out
