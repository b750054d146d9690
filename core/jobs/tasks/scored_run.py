"""Another file's rows through a finished run, kept as a run of its own: every page shows it as if it had been trained on."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.comparable import Comparable
from core.datasets.since import CHANGED, NEW, SAME, since
from core.drift import Beside, DriftReport, Sample, beside, drift, rows_to_compare
from core.errors import DatasetRefused
from core.jobs.tasks.train import against_label, kept
from core.jobs.work import Work
from core.latent.neighbours import Index
from core.latent.placement import place
from core.results import HELD_BACK, NOT_TRAINED_ON, Column, Dataset, Evaluation, Layout, Run, Threshold
from core.scoring import BASELINES
from core.scoring.baselines import Baselines
from core.scoring.evaluation import verdict
from core.scoring.files import file_before, own_threshold
from core.scoring.matching import Matched, Renamed, as_learned, in_words, matched, read_as, refuse_meaningless
from core.scoring.material import material_of
from core.scoring.too_many import too_many
from core.scoring.trained import Output, Trained
from core.scoring.unseen import never_seen
from core.specs import RECOMMENDED, RunSpec
from core.storage.records import to_json
from core.thresholds import Given, decide

MOST_CHARTS = 6  # columns that moved, of which a chart is kept
FITTED_ON = 50_000  # rows that the simple methods learn from, at most
STANDINGS = {"new": NEW, "same": SAME, "changed": CHANGED}
SHARED = ("encoder", "weights", "plan", "detector", "moved")  # artifacts that are the model's


def score_as_run(work: Work) -> None:
    """args: run_id (the model's), dataset_id, into; renamed and review as `Runs.score_with` has them. Ends the job itself, so that
    results and end are one transaction.

    Raises DatasetRefused where the file can't be scored, or not so that a score would mean something.
    """
    store, args, began = work.store, work.job.args, time.time()
    model, this = store.runs.get(args["run_id"]), store.runs.get(args["into"])
    dataset, trained_on = store.datasets.get(args["dataset_id"]), store.datasets.get(model.dataset_id)
    work.progress(0.05, "matching columns")
    trained = Trained.load(store, model)
    if trained.looks_at_images or trained.looks_at_series:
        raise DatasetRefused(
            "files of images or of a series can't be looked at in this way yet",
            where=dataset.name,
            fix="score them with `hourglass score`, or train on them",
        )
    then = tuple(trained_on.column(name) for name in trained.encoder.layout.columns)
    renamed: Renamed = args.get("renamed", {})
    found = matched(store, then, dataset, renamed)
    learned = tuple(read_as(column, dataset, renamed) for column in then)
    refuse_meaningless(found, dataset.source_name)
    table = as_learned(store, dataset, learned, found)
    work.progress(0.2, "scoring every row")
    encoded = trained.of_tables.encode(table)
    output = trained.of_encoded(encoded)
    work.progress(0.4, "asking the simple methods")
    fitted = _baselines(work, model, trained_on, encoded.layout)
    baselines = fitted.scores(encoded.values, np.full(len(encoded), -1))
    work.progress(0.7, "looking whether the rows are like those that it learned")
    codes = np.asarray(store.runs.embedding(model).codes)
    report, charts = _drift(work, model, codes, trained_on, dataset, output, renamed)
    work.progress(0.8, "looking which rows came again")
    before = file_before(store, dataset, model)
    compared = since(store, dataset, before)
    unseen = never_seen(store, trained_on, table)
    detectors = {"Autoencoder": output.scores, **{name: baselines[:, i] for i, name in enumerate(BASELINES)}}
    spec = RunSpec.read(model.spec)
    comparison, labelled = against_label(work, dataset, spec, detectors)
    threshold = own_threshold(store, model)
    over = int((output.scores >= threshold.value).sum())
    fresh = _fresh(output, threshold, spec, args.get("review"))
    same = float(threshold.value)
    as_then = {"method": "score", "parameters": {"score": same}, "value": same, "flagged": over}
    learned_over = float((store.runs.scores(model).values >= threshold.value).mean())
    put, space = store.artifacts, store.space
    work.progress(0.9, "placing the rows on the maps")
    maps = _placed(work, model, codes, output)
    work.fence.finish_run(
        this.id,
        space_id=space,
        author=threshold.author,
        summary={
            **model.summary,
            "scored_with": model.id,
            "rows_scored": dataset.rows,
            "seconds": time.time() - began,
            "train_seconds": 0.0,
            "baseline_seconds": {name: round(seconds, 3) for name, seconds in fitted.took.items()},
            "verdict_text": verdict(detectors, comparison, spec.contamination),
            "notices": [
                *(
                    [f"for evaluation, “{labelled}” in {dataset.label.name} counts as an anomaly"]
                    if labelled and dataset.label
                    else []
                ),
                *in_words(found),
            ],
            "findings": [],
            "perhaps_labels": {},
            "drift": {"verdict": report.verdict, "sentence": report.sentence(), "moved": list(report.moved)},
            "too_many": too_many(output, threshold.value, learned_over, report, trained.encoder.layout.columns),
            "flags": {"value": float(threshold.value), "flagged": over, "fresh": fresh},
            "since": {
                "dataset_id": before.id,
                "name": before.name,
                "rows": before.rows,
                **{name: len(compared.rows(each)) for name, each in STANDINGS.items()},
                "gone": len(compared.gone),
                "missing": list(compared.missing),
                "more": list(compared.more),
            },
            "never_seen": {
                name: int(count)
                for name, count in zip((each.name for each in learned), unseen.sum(axis=0), strict=True)
                if count
            },
        },
        artifacts={
            **{name: model.artifacts[name] for name in SHARED if name in model.artifacts},
            "codes": put.put_array(space, output.codes),
            "scores": put.put_array(space, output.scores),
            "column_errors": put.put_array(space, output.column_errors),
            "splits": put.put_array(space, np.full(dataset.rows, NOT_TRAINED_ON, np.uint8)),
            "baselines": put.put_array(space, baselines),
            "evaluation": put.put_json(
                space, to_json(tuple[Evaluation, ...], comparison.evaluations if comparison else ())
            ),
            "learned": put.put_json(space, to_json(tuple[Column, ...], learned)),
            "matched": put.put_json(space, to_json(tuple[Matched, ...], found)),
            "drift": put.put_json(space, to_json(DriftReport, report)),
            "drift_charts": put.put_json(space, to_json(tuple[Beside, ...], charts)),
            "since": put.put_array(space, compared.standing),
            "never_seen": put.put_array(space, unseen),
        },
        threshold=fresh if "review" in args else as_then,
        projections_of=maps,
    )


def _baselines(work: Work, model: Run, trained_on: Dataset, layout: Layout) -> Baselines:
    """The simple methods, fitted on what the run learned from."""
    spec = RunSpec.read(model.spec)
    material = material_of(work.store, trained_on, spec, kept(work, trained_on, spec))
    rows = material.rows_of(material.split.train)
    if len(rows) > FITTED_ON:
        rows = np.sort(np.random.default_rng(spec.training.seed).choice(rows, FITTED_ON, replace=False))
    kept_numbers = spec.plan(layout.row_shape).kept
    return Baselines.fit(material.data.take(rows).values, rows, kept_numbers, spec.training.seed)


def _drift(
    work: Work,
    model: Run,
    codes: NDArray[np.float32],
    trained_on: Dataset,
    dataset: Dataset,
    output: Output,
    renamed: Renamed,
) -> tuple[DriftReport, tuple[Beside, ...]]:
    """Whether the new rows are like those that were learned, by columns, codes and scores; and the columns that moved, for a look."""
    store, seed = work.store, RunSpec.read(model.spec).training.seed
    scores = store.runs.scores(model)
    # The recommended detector learned from every row (docs/decisions/0025): its scores of none are like those of fresh rows.
    tells = model.scorer != RECOMMENDED
    here = {column.name for column in dataset.columns}
    learned = [
        column
        for column in trained_on.columns
        if column.name in model.summary["columns"] and renamed.get(column.name, column.name) in here
    ]
    of_new = [replace(read_as(each, dataset, renamed), name=renamed.get(each.name, each.name)) for each in learned]
    called = {written: name for name, written in renamed.items()}

    def sample(of: Dataset, every: NDArray[np.int64], z: NDArray[np.float32], s: NDArray[np.float64]) -> Sample:
        rows = every[rows_to_compare(len(every), seed)]
        old = of.id == trained_on.id
        compared = Comparable.of(store, of, learned if old else of_new, rows)
        return Sample(
            {name if old else called.get(name, name): cells for name, cells in compared.values.items()},
            {column.name: column.kind for column in learned},
            compared.separators,  # the reference's are asked
            codes=np.asarray(z[rows]),
            scores=s[rows] if tells else None,
            held=scores.splits[rows] == HELD_BACK if of.id == trained_on.id else None,
            drawn_from=len(every) if len(rows) < len(every) else 0,
        )

    learned_from = np.flatnonzero(scores.splits != NOT_TRAINED_ON)
    reference = sample(trained_on, learned_from, codes, scores.values)
    new = sample(dataset, np.arange(dataset.rows), output.codes, output.scores)
    report = drift(reference, new, seed)
    there = [name for name in report.moved if name in new.values and name in reference.values][:MOST_CHARTS]
    charts = (beside(name, reference.kinds[name], new.values[name], reference.values[name]) for name in there)
    return report, tuple(each for each in charts if each is not None)


def _fresh(output: Output, threshold: Threshold, spec: RunSpec, review: int | None) -> dict[str, Any]:
    """A threshold that the file's own rows decide: so many as somebody can review, else as many, or as large a share, as the run
    was asked for."""
    method, parameters = threshold.method, threshold.parameters
    if review is not None:
        method, parameters = "count", {"rows": review}
    elif method not in ("count", "quantile"):
        method, parameters = "quantile", {"share": spec.contamination}
    value, flagged = decide(Given(output.scores), method, parameters)
    return {"method": method, "parameters": parameters, "value": value, "flagged": flagged}


def _placed(work: Work, model: Run, codes: NDArray[np.float32], output: Output) -> list[dict[str, Any]]:
    """The new rows on the model's maps, which stay as they are."""
    store = work.store
    index = Index.build(codes)
    out = []
    for each in store.projections.of_run(model.id):
        laid = np.asarray(store.artifacts.get_array(store.space, each.address))
        if each.settings.get("level") or len(laid) != len(codes):
            continue
        address = store.artifacts.put_array(store.space, place(output.codes, index, laid))
        out.append({"method": each.method, "settings": each.settings, "address": address})
    return out
