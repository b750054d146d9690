"""Job *train*: encode, train, score every row, put the baselines beside, and store it all at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.datasets.encoding import Encoder
from core.datasets.ingest import BY_HAND
from core.datasets.perhaps_label import among_strangest, is_asked
from core.datasets.seen import piece_of
from core.errors import Diverged, HourglassError, OutOfMemory
from core.jobs.again import threshold_of_parent
from core.jobs.beforehand import left_out, refuse_few_rows
from core.jobs.work import Work
from core.models.base import build
from core.projections.pca import directions
from core.results import (
    HELD_BACK,
    LEARNED_FROM,
    NOT_TRAINED_ON,
    Course,
    Dataset,
    Evaluation,
    Metric,
    Run,
    Some,
    Strip,
    level_codes,
)
from core.scoring import BASELINES
from core.scoring.detection import Detector, asked, strangest
from core.scoring.evaluation import Comparison, compare, positives, verdict
from core.scoring.events import blocks_of, unit_of, usual_threshold
from core.scoring.evidence import measured, tells, weak_columns
from core.scoring.material import Material, material_of
from core.scoring.recommended import fit as fit_recommended
from core.scoring.strip import rows_of_strip, strip
from core.scoring.trained import Trained
from core.scoring.traversal import moved_columns
from core.specs import OWN_ERROR, RECOMMENDED, RunSpec
from core.storage.records import to_json
from core.thresholds import Given, decide
from core.training.devices import device_for
from core.training.doctor import ColumnFacts, Evidence, examine
from core.training.loop import Trainer
from core.words import count, so_many

MOST_NAMED = 10  # columns in a notice
CHECKPOINT_SECONDS = 2.0
STRIP_SECONDS = 0.7  # between two looks at the same rows
SMALLEST_BATCH = 8  # rows; below it halving spares nothing
TRAINING_SHARE = 0.8  # of the progress bar; the rest is scoring and baselines


def run(work: Work) -> None:
    """args: run_id. Ends the job itself, so that results and end are one transaction."""
    began = time.time()
    store = work.store
    this = store.runs.get(work.job.args["run_id"])
    dataset = store.datasets.get(this.dataset_id)
    spec = RunSpec.read(this.spec)
    work.progress(0.0, "reading the rows")
    items = kept(work, dataset, spec)
    material = material_of(
        *(store, dataset, spec, items),
        tell=lambda done: work.progress(0.0, f"encoding the rows: {done:.0%}"),
    )
    encoder, split = material.encoder, material.split
    train_rows, validation_rows = material.rows_of(split.train), material.rows_of(split.validation)
    device = device_for(spec, encoder.layout.row_shape)

    detector, strange = recommended(work, spec, material, items)
    train_rows, validation_rows = (np.setdiff1d(rows, strange) for rows in (train_rows, validation_rows))

    def start(batch_size: int) -> Trainer:
        torch.manual_seed(spec.training.seed)
        return Trainer(
            build(spec, encoder.layout),
            material.data,
            train_rows,
            validation_rows,
            spec.training.model_copy(update={"batch_size": batch_size}),
            device,
            check=work.check,
            stop=lambda: work.stop_requested,
        )

    watched = rows_of_strip(validation_rows, train_rows)
    trainer, failure = train(work, this, start, material, watched)
    work.progress(TRAINING_SHARE, "scoring every row")
    trainer.use_best()
    trained = Trained(encoder, trainer.network.to("cpu"), spec)
    if spec.scorer not in (OWN_ERROR, RECOMMENDED):
        detector = asked(trained.network, spec, material.data, train_rows, spec.scorer)
    trained = replace(trained, detector=detector)
    output = material.output(trained)
    work.progress(0.85, "asking the simple methods")
    plan = spec.plan(encoder.layout.row_shape)
    took: dict[str, float] = {}
    baselines = material.baselines(plan.kept, spec.training.seed, took)
    work.progress(0.92, "looking at how it learned")
    last = strip(trained.network, encoder, material.data, watched, trainer.best_epoch)
    evidence = evidence_of(
        work, this, dataset, spec, material, items, (train_rows, validation_rows), trainer, trained, failure
    )
    detectors = {"Autoencoder": output.scores, **{name: baselines[:, i] for i, name in enumerate(BASELINES)}}
    comparison, labelled = against_label(work, dataset, spec, detectors, output.course)
    telling = perhaps_labels(work, dataset, output.scores) if output.course is None else {}
    work.progress(0.95, "storing the results")
    splits = np.full(dataset.rows, NOT_TRAINED_ON, np.uint8)
    splits[split.train], splits[split.validation] = LEARNED_FROM, HELD_BACK
    artifacts, space = store.artifacts, store.space
    unit = unit_of(output.course)
    method, parameters = threshold_of_parent(store, this) or usual_threshold(output.course, spec.contamination)
    value, flagged = decide(Given(output.scores, unit), method, parameters)
    addresses = {
        "encoder": artifacts.put_json(space, encoder.to_json()),
        "weights": artifacts.put_bytes(space, trained.weights()),
        "plan": artifacts.put_json(space, spec.model_dump(mode="json")),
        "codes": artifacts.put_array(space, output.codes),
        "scores": artifacts.put_array(space, output.scores),
        "strip": artifacts.put_json(space, to_json(Strip, last)),
        "column_errors": artifacts.put_array(space, output.column_errors),
        "splits": artifacts.put_array(space, splits),
        "baselines": artifacts.put_array(space, baselines),
        "evaluation": artifacts.put_json(
            space, to_json(tuple[Evaluation, ...], comparison.evaluations if comparison else ())
        ),
        **{name: artifacts.put_array(space, array) for name, array in output.arrays.items()},
        **({"detector": artifacts.put_bytes(space, detector.to_bytes())} if detector is not None else {}),
        **codes_of_levels(work, trained, material, output.code_rows),
        **moved_by_codes(work, trained, output.codes),
    }
    summary: dict[str, Any] = {
        "columns": list(encoder.layout.columns),
        "baselines": list(BASELINES),
        "baseline_seconds": {name: round(seconds, 3) for name, seconds in took.items()},
        "epochs": trainer.epoch,
        "best_epoch": trainer.best_epoch,
        "steps": trainer.step,
        "stopped": trainer.stopped,
        "train_seconds": trainer.seconds,
        "seconds": max(time.time() - began, trainer.seconds),  # a training that was taken up again began before
        "threads": torch.get_num_threads(),
        "device": str(device),
        "precision": trainer.precision,
        "loss_best": trainer.best_loss,
        "width": encoder.layout.width,
        "shape": list(encoder.layout.row_shape),
        "widths": list(plan.widths),
        "parameters": plan.parameters * plan.members,
        "rows_trained": len(split.train),
        "rows_scored": dataset.rows,
        "pieces": len(material.data),  # what the network sees at once: rows, images or their tiles, windows
        "verdict_text": verdict(detectors, comparison, spec.contamination),
        "weak_columns": weak_columns(trained, material.data, train_rows, validation_rows)
        if isinstance(encoder, Encoder)
        else [],
        "notices": [
            *material.notices(),
            *notices(dataset, labelled, splits, spec),
            *label_notices(dataset, telling),
            *strange_notice(dataset, len(strange)),
            *memory_notice(spec, trainer),
        ],
        "perhaps_labels": telling,
        "findings": [asdict(finding) for finding in examine(evidence)],
        "stages": stages(work, this, trainer),
        "rate": trainer.rate,
        "rate_test": [list(trainer.rate_test.rates), list(trainer.rate_test.losses)],
        "code_usage": trained.network.usage(torch.from_numpy(evidence.codes)) if evidence.codes is not None else None,
        "pca_by_width": [list(pair) for pair in evidence.pca_by_width],
        "error_means": evidence.error_means,
        **material.summary(),
        **(material.beside_pca(trained, plan.kept) if evidence.error_network is None else beside(evidence)),
    }
    projection = {
        "method": "pca",
        "settings": {},
        "address": artifacts.put_array(space, directions(output.codes, 2)),
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
        projections_of=[projection],
        error=failure.to_json() if failure is not None else None,
    )
    if failure is None and not work.job.args.get("trial"):
        args = {"run_id": this.id, "method": "umap", "seed": spec.training.seed}
        store.jobs.submit("project", args, dataset_id=dataset.id, run_id=this.id)
        if spec.scorer == RECOMMENDED:
            store.jobs.submit("stability", {"run_id": this.id}, dataset_id=dataset.id, run_id=this.id)


def codes_of_levels(work: Work, trained: Trained, material: Material, rows: NDArray[np.int64] | None) -> dict[str, str]:
    """Where what each level of a stacked network below its bottleneck makes of the rows is kept, for maps of it; of an ensemble it
    is the first member's, as the code is. rows: those of the material whose codes the run's are, (N,); None for all."""
    if trained.spec.objective != "stacked":
        return {}
    data = material.data if rows is None else Some(material.data, rows)
    levels = range(1, trained.network.layers.levels)
    found = {level_codes(level): trained.level_codes(data, level) for level in levels}
    return {name: work.store.artifacts.put_array(work.store.space, codes) for name, codes in found.items()}


def moved_by_codes(work: Work, trained: Trained, codes: NDArray[np.float32]) -> dict[str, str]:
    """Where it is kept which columns each number of the codes moves; of tables and single networks only."""
    if not isinstance(trained.encoder, Encoder) or trained.spec.training.members > 1:
        return {}
    return {"moved": work.store.artifacts.put_array(work.store.space, moved_columns(trained, codes))}


def recommended(
    work: Work, spec: RunSpec, material: Material, items: NDArray[np.int64]
) -> tuple[Detector | None, NDArray[np.int64]]:
    """The recommended detector where the run's score comes from it, and the rows of the material that are so strange by it
    that the network must not learn from them."""
    if spec.scorer != RECOMMENDED:
        return None, np.empty(0, np.int64)
    work.progress(0.0, "learning what most rows have in common")
    rows = material.rows_of(items)
    detector = fit_recommended(material.data, rows, spec.assume_clean, spec.training.seed, work.check)
    if spec.assume_clean:
        return detector, rows[:0]
    return detector, strangest(detector.score(material.data)[0], rows)


def kept(work: Work, dataset: Dataset, spec: RunSpec) -> NDArray[np.int64]:
    """The rows that are not left out, in order. Raises DatasetRefused where they are too few."""
    out = left_out(work.store, dataset, spec)
    refuse_few_rows(dataset, out)
    return np.flatnonzero(~out)


def texts_of(work: Work, dataset: Dataset, name: str) -> NDArray[np.object_]:
    """A column's cells as text, (N,)."""
    texts: NDArray[np.object_] = work.store.datasets.cells(dataset, [name])[name].to_numpy(zero_copy_only=False)
    return texts


def train(
    work: Work, this: Run, start: Callable[[int], Trainer], material: Material, watched: NDArray[np.int64]
) -> tuple[Trainer, HourglassError | None]:
    """Run the epochs with metrics and checkpoints; and the error that ended them early, if good weights were kept.

    Where memory runs out, the batch is halved and the training goes on from the last epoch.
    """
    found = work.checkpoints.latest()
    batch_size = batch_of(this, found)
    while True:
        trainer = start(batch_size)
        if found is not None:
            trainer.restore(found[1])
        work.fence.drop_metrics_after(this.id, trainer.step)
        try:
            epochs(work, this, trainer, material, watched)
        except (Diverged, OutOfMemory) as error:
            if isinstance(error, OutOfMemory) and batch_size > SMALLEST_BATCH:
                batch_size //= 2
                work.progress(0.0, f"memory is short: going on with {count(batch_size, 'row')} a batch")
                found = work.checkpoints.latest()
                let_go(error)
                del trainer
                continue
            if isinstance(error, Diverged):
                error = with_infinite_cells(error, material)
            if not trainer.best:
                raise error
            return trainer, error
        return trainer, None


def let_go(error: BaseException) -> None:
    """Of what the frames hold that the error and its causes went through: a batch, and all that was made of it. Who starts
    anew needs that memory."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    torch.cuda.empty_cache()  # what is free inside of torch is not free to whoever asks the GPU


def with_infinite_cells(error: Diverged, material: Material) -> Diverged:
    """The same, with the columns to blame where there are infinite cells, or such as are as good as that: no learning rate
    helps against those."""
    used, learned = material.encoder.layout.columns, material.split.train
    infinite, huge = (cells_among(learned, found) for found in (material.far.infinite, material.far.huge))
    names = [name for name, cells in {**huge, **infinite}.items() if cells and name in used]
    if not names:
        return error
    columns = ", ".join(f"“{name}”" for name in names[:3])
    fix = (
        f"let the {'infinite' if infinite else 'enormous'} cells of {columns} count as missing, or leave their rows out"
    )
    return Diverged(error.what, where=error.where, fix=fix)


def cells_among(items: NDArray[np.int64], found: dict[str, NDArray[np.int64]]) -> dict[str, int]:
    """How many cells, by column, are of these items."""
    return {name: int(np.isin(at, items).sum()) for name, at in found.items()}


def batch_of(this: Run, found: tuple[int, dict[str, bytes]] | None) -> int:
    """Rows a batch: as asked for, or as the checkpoint was made with."""
    asked = RunSpec.read(this.spec).training.batch_size
    return asked if found is None else int(json.loads(found[1]["progress"]).get("batch_size", asked))


def epochs(work: Work, this: Run, trainer: Trainer, material: Material, watched: NDArray[np.int64]) -> None:
    """All epochs, with metrics, checkpoints, and what is shown of the rows that are watched."""
    saved, shown = time.monotonic(), 0.0
    for progress in trainer.epochs():
        measured = {**progress.losses, **progress.measures}
        work.fence.record(
            work.store.space,
            this.id,
            [Metric(progress.epoch, progress.step, name, value) for name, value in measured.items()],
        )
        if time.monotonic() - shown > STRIP_SECONDS:
            work.checkpoints.show(strip(trainer.network, material.encoder, material.data, watched, progress.epoch))
            shown = time.monotonic()
        share = progress.epoch / progress.epochs * TRAINING_SHARE
        stage = f", {trainer.stage.name}" if len(trainer.stages) > 1 else ""
        work.progress(share, f"epoch {progress.epoch} of at most {progress.epochs}{stage}", progress.seconds_left)
        if time.monotonic() - saved > CHECKPOINT_SECONDS and not progress.stopped:
            work.checkpoints.save(trainer.step, trainer.checkpoint())
            saved = time.monotonic()


def strange_notice(dataset: Dataset, strange: int) -> list[str]:
    """That some rows taught the network nothing."""
    if not strange:
        return []
    return [
        f"the strangest {so_many(strange, dataset.item, 'taught', 'taught')} the network nothing, so that what it expects is of "
        "the others"
    ]


def memory_notice(spec: RunSpec, trainer: Trainer) -> list[str]:
    """That memory allowed a smaller batch only."""
    used, asked = trainer.settings.batch_size, spec.training.batch_size
    if used == asked:
        return []
    return [
        f"memory was short: trained with {count(used, 'row')} a batch in place of {asked:,}, from the epoch at which it was"
    ]


def stages(work: Work, this: Run, trainer: Trainer) -> list[dict[str, Any]]:
    """Of a training level by level: what each stage brought. Empty for others."""
    if len(trainer.stages) == 1:
        return []
    metrics = work.store.runs.metrics(this.id)
    stage_of = {metric.epoch: int(metric.value) for metric in metrics if metric.name == "stage"}
    name = "validation" if any(metric.name == "validation" for metric in metrics) else "train"
    out = []
    for number, stage in enumerate(trainer.stages, start=1):
        losses = [metric.value for metric in metrics if metric.name == name and stage_of.get(metric.epoch) == number]
        if losses:
            out.append({"name": stage.name, "epochs": len(losses), "first": losses[0], "best": min(losses)})
    return out


def beside(evidence: Evidence) -> dict[str, float | None]:
    """The errors that the doctor goes by, so that a page says one figure for one thing."""
    return {"error_network": evidence.error_network, "error_pca": evidence.error_pca}


def evidence_of(
    work: Work,
    this: Run,
    dataset: Dataset,
    spec: RunSpec,
    material: Material,
    items: NDArray[np.int64],
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    trainer: Trainer,
    trained: Trained,
    failure: HourglassError | None,
) -> Evidence:
    """What the doctor is told of this run. items: that are not left out; rows: of the material, to train and to validate on."""
    train_rows, validation_rows = rows
    known = Evidence(
        spec=spec,
        plan=spec.plan(material.encoder.layout.row_shape),
        inputs=material.encoder.layout.width,
        rows_trained=len(train_rows),
        rows_validation=len(validation_rows),
        curve=work.store.runs.metrics(this.id),
        diverged=isinstance(failure, Diverged),
        stopped=trainer.stopped,
        best_epoch=trainer.best_epoch,
        item=piece_of(spec, dataset),
        shape=material.encoder.layout.row_shape,
        columns=columns_of(work, dataset, spec, material, items),
        active_target=spec.objective_settings.get("active"),
        rate_test=(trainer.rate_test.rates, trainer.rate_test.losses),
        batch_used=trainer.settings.batch_size,
        seconds=trainer.seconds,
    )
    return measured(known, trained, material.data, train_rows, validation_rows)


def columns_of(
    work: Work, dataset: Dataset, spec: RunSpec, material: Material, items: NDArray[np.int64]
) -> tuple[ColumnFacts, ...]:
    """Features as the doctor looks at them. items: those that are not left out."""
    infinite, huge = (cells_among(items, found) for found in (material.far.infinite, material.far.huge))
    label = dataset.label
    found = positives(texts_of(work, dataset, label.name), spec.normal) if label is not None else None
    return tuple(
        ColumnFacts.of(
            column,
            dataset.rows,
            tells=None if found is None else tells(column, texts_of(work, dataset, column.name), found[0]),
            infinite=infinite.get(column.name, 0),
            huge=huge.get(column.name, 0),
        )
        for column in dataset.features
    )


def against_label(
    work: Work,
    dataset: Dataset,
    spec: RunSpec,
    detectors: dict[str, NDArray[np.float64]],
    course: Course | None = None,
) -> tuple[Comparison | None, str]:
    """The comparison with the dataset's label, and which of its values counts as an anomaly ("" without one)."""
    label = dataset.label
    if label is None:
        return None, ""
    texts = texts_of(work, dataset, label.name)
    found = positives(texts, spec.normal)
    if found is None:
        return None, ""
    positive, chosen = found
    known = np.asarray([text is not None for text in texts], bool)
    blocks = None if course is None else blocks_of(course, dataset.rows)[known]
    judged = {name: scores[known] for name, scores in detectors.items()}
    return compare(judged, positive[known], blocks=blocks, share=spec.contamination), chosen


def perhaps_labels(work: Work, dataset: Dataset, scores: NDArray[np.float64]) -> dict[str, tuple[int, int]]:
    """Where there is no label: features of two values whose rarer one nearly all of the strangest rows have, by name. Not those
    of which the user has said what they are."""
    if dataset.label is not None:
        return {}
    two = [column.name for column in dataset.features if column.distinct == 2 and not column.reason.endswith(BY_HAND)]
    found = {name: among_strangest(texts_of(work, dataset, name), scores) for name in two}
    return {name: pair for name, pair in found.items() if pair is not None}


def label_notices(dataset: Dataset, telling: dict[str, tuple[int, int]]) -> list[str]:
    """Which columns may be the label, or a label, and what was assumed. telling: as `perhaps_labels` found it."""
    out = [
        f"“{column.name}” is named like a label, so nothing was learned from it: the Data page asks whether it is one"
        for column in dataset.columns
        if is_asked(column)
    ]
    return out + [
        f"“{name}” alone tells what is strangest: its rarer value stands in {inside:,} of the {rare:,} strangest rows; the Data "
        "page asks whether it is a label"
        for name, (inside, rare) in telling.items()
    ]


def left_out_columns(dataset: Dataset) -> list[str]:
    """Columns that are no feature because nothing varies in them: nobody chose that."""
    constant = [column for column in dataset.columns if column.kind == "constant" and column.role == "ignored"]
    if not constant or dataset.pictures is not None:
        return []
    named = ", ".join(f"“{column.name[:60]}” ({column.reason})" for column in constant[:MOST_NAMED])
    more = f", and {count(len(constant) - MOST_NAMED, 'more column')}" if len(constant) > MOST_NAMED else ""
    return [f"left out, because nothing can be learned from what does not vary: {named}{more}"]


def notices(dataset: Dataset, positive: str, splits: NDArray[np.uint8], spec: RunSpec) -> list[str]:
    """What a reader of this run should know."""
    out = left_out_columns(dataset)
    if positive and dataset.label is not None:
        out.append(f"for evaluation, {positive} in {dataset.label.name} counts as an anomaly")
    left_out = int((splits == NOT_TRAINED_ON).sum())
    if left_out:
        between = spec.windows is not None and not spec.leave_out
        why = " (a window's length before each part that was validated on)" if between else ""
        out.append(
            f"{so_many(left_out, dataset.item, 'was', 'were')} left out of training{why}, but scored all the same"
        )
    if spec.training.members > 1:
        out.append(
            f"an ensemble of {spec.training.members} networks: errors and expected values are of their mean, the map shows the "
            "first one's code"
        )
    if spec.normal:
        out.append(
            "learned from the rows with a normal label alone, which are among those that it is judged on: figures flatter"
        )
    elif spec.assume_clean:
        out.append("the rows were taken as clean: what is flagged among them is only the strangest of the good")
    return out
