"""Another file's rows through a finished run, kept as a run of its own: every page shows it as if it had been trained on."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.comparable import Comparable
from core.datasets.since import CHANGED, NEW, SAME, since
from core.drift import ERRORS, SCORES, Beside, DriftReport, Sample, alike, beside, drift, rows_to_compare
from core.jobs.tasks.placed import maps_of, placed
from core.jobs.tasks.train import against_label, kept
from core.jobs.work import Work
from core.results import HELD_BACK, NOT_TRAINED_ON, Column, Dataset, Evaluation, Run, Threshold, ground
from core.scoring import BASELINES
from core.scoring.evaluation import verdict
from core.scoring.events import unit_of, usual_threshold
from core.scoring.files import file_before, own_threshold
from core.scoring.fresh import Fresh, look_at
from core.scoring.matching import Matched, Renamed, in_words, read_as
from core.scoring.material import Material, material_of
from core.scoring.too_many import too_many
from core.scoring.trained import Output, Trained
from core.scoring.unseen import never_seen, unreadable
from core.specs import RunSpec
from core.storage.records import to_json
from core.storage.store import Store
from core.thresholds import Given, decide

MOST_CHARTS = 6  # columns that moved, of which a chart is kept
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
    renamed: Renamed = args.get("renamed", {})
    work.progress(0.2, "scoring every row")
    fresh = look_at(store, model, trained, dataset, trained_on, renamed)
    output, found = fresh.output, fresh.found
    work.progress(0.4, "asking the simple methods")
    spec = RunSpec.read(model.spec)
    material = material_of(store, trained_on, spec, kept(work, trained_on, spec))
    width = spec.plan(trained.encoder.layout.row_shape).kept
    baselines, took = fresh.simple(material, width, spec.training.seed)
    work.progress(0.7, "looking whether the rows are like those that it learned")
    codes = np.asarray(store.runs.embedding(model).codes)
    report, charts = _drift(work, model, trained, material, codes, trained_on, dataset, fresh, renamed)
    work.progress(0.8, "looking which rows came again")
    before = file_before(store, dataset, model)
    compared = since(store, dataset, before, renamed)
    unseen = None if fresh.table is None else never_seen(store, trained_on, fresh.table)  # of images it is not told
    unread = None if fresh.table is None else unreadable(store, dataset, fresh.learned, found)
    detectors = {"Autoencoder": output.scores, **{name: baselines[:, i] for i, name in enumerate(BASELINES)}}
    comparison, labelled = against_label(work, dataset, spec, detectors, output.course)
    threshold = own_threshold(store, model)
    same = float(threshold.value)
    over = unit_of(output.course).count(output.scores >= same)
    budget = _fresh_budget(output, threshold, spec, args.get("review"))
    as_then = {"method": "score", "parameters": {"score": same}, "value": same, "flagged": over}
    learned_over = float((store.runs.scores(model).values >= same).mean())
    much = too_many(output, same, learned_over, report, trained.encoder.layout.columns, dataset.item)
    put, space = store.artifacts, store.space
    work.progress(0.9, "placing the rows on the maps")
    maps, under = placed(store, model, output.codes, maps_of(store, model))
    work.fence.finish_run(
        this.id,
        space_id=space,
        author="",  # nobody chose it for this file
        summary={
            **model.summary,
            **fresh.summary,
            "scored_with": model.id,
            "rows_scored": dataset.rows,
            "seconds": time.time() - began,
            "train_seconds": 0.0,
            "baseline_seconds": {name: round(seconds, 3) for name, seconds in took.items()},
            "verdict_text": verdict(detectors, comparison, spec.contamination),
            "notices": [
                *(
                    [f"for evaluation, {labelled} in {dataset.label.name} counts as an anomaly"]
                    if labelled and dataset.label
                    else []
                ),
                *in_words(found),
            ],
            "findings": [],
            "perhaps_labels": {},
            "drift": {
                "verdict": report.verdict,
                "sure": report.sure,
                "sentence": report.sentence("window" if output.course is not None else dataset.item, bool(much)),
                "moved": list(report.moved),
            },
            "too_many": much,
            "flags": {"value": same, "flagged": over, "fresh": budget},
            "since": {
                "dataset_id": before.id,
                "name": before.name,
                "rows": before.rows,
                **{name: len(compared.rows(each)) for name, each in STANDINGS.items()},
                "gone": len(compared.gone),
                "missing": list(compared.missing),
                "more": list(compared.more),
                "renamed": sorted(renamed),
            },
            "never_seen": _by_column(fresh.learned, unseen),
            "unreadable": _by_kind(fresh.learned, _by_column(fresh.learned, unread)),
        },
        artifacts={
            **{name: model.artifacts[name] for name in (*SHARED, *fresh.artifacts) if name in model.artifacts},
            **{name: put.put_array(space, array) for name, array in output.arrays.items()},
            **under,
            ground("codes"): model.artifacts["codes"],
            "codes": put.put_array(space, output.codes),
            "scores": put.put_array(space, output.scores),
            "column_errors": put.put_array(space, output.column_errors),
            "splits": put.put_array(space, np.full(dataset.rows, NOT_TRAINED_ON, np.uint8)),
            "baselines": put.put_array(space, baselines),
            "evaluation": put.put_json(
                space, to_json(tuple[Evaluation, ...], comparison.evaluations if comparison else ())
            ),
            "learned": put.put_json(space, to_json(tuple[Column, ...], fresh.learned)),
            "matched": put.put_json(space, to_json(tuple[Matched, ...], found)),
            "drift": put.put_json(space, to_json(DriftReport, report)),
            "drift_charts": put.put_json(space, to_json(tuple[Beside, ...], charts)),
            "since": put.put_array(space, compared.standing),
            **({} if unseen is None else {"never_seen": put.put_array(space, unseen)}),
            **({} if unread is None else {"unreadable": put.put_array(space, unread)}),
        },
        threshold=budget if "review" in args else as_then,
        projections_of=maps,
    )


def _by_column(columns: tuple[Column, ...], cells: NDArray[np.bool_] | None) -> dict[str, int]:
    """How many cells it is in each column that has some. cells: (N, C)."""
    if cells is None:
        return {}
    return {column.name: int(each) for column, each in zip(columns, cells.sum(axis=0), strict=True) if each}


def _by_kind(columns: tuple[Column, ...], cells: dict[str, int]) -> dict[str, dict[str, int]]:
    """Counts by column under the kind that was learned."""
    out: dict[str, dict[str, int]] = {}
    for column in columns:
        if column.name in cells:
            out.setdefault(column.kind, {})[column.name] = cells[column.name]
    return out


def _drift(
    work: Work,
    model: Run,
    trained: Trained,
    material: Material,
    codes: NDArray[np.float32],
    trained_on: Dataset,
    dataset: Dataset,
    fresh: Fresh,
    renamed: Renamed,
) -> tuple[DriftReport, tuple[Beside, ...]]:
    """Whether the new rows are like those that were learned, by columns, codes and how well they are rebuilt; and the columns that
    moved, for a look."""
    store, seed = work.store, RunSpec.read(model.spec).training.seed
    scores, output, errors = store.runs.scores(model), fresh.output, fresh.errors

    def of_known(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        # Of a table the network's own error: what gives the score may have learned from every row (docs/decisions/0034).
        if errors is None:
            return scores.values[rows]
        return trained.errors(material.data.take(material.rows_of(rows)))

    def of_new_ones(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return output.scores[rows] if errors is None else errors(rows)

    here = {column.name for column in dataset.columns}
    learned = [
        column
        for column in trained_on.columns
        if column.name in model.summary["columns"] and renamed.get(column.name, column.name) in here
    ]
    of_new = [replace(read_as(each, dataset, renamed), name=renamed.get(each.name, each.name)) for each in learned]
    called = {written: name for name, written in renamed.items()}

    def sample(of: Dataset, some: NDArray[np.int64], at: NDArray[np.int64], z: NDArray[np.float32]) -> Sample:
        """some: points of the codes, (P',); at: the row of each point, (P,)."""
        drawn = some[rows_to_compare(len(some), seed)]
        rows = at[drawn]
        old = of.id == trained_on.id
        compared = Comparable.of(store, of, learned if old else of_new, rows)
        return Sample(
            {name if old else called.get(name, name): cells for name, cells in compared.values.items()},
            {column.name: column.kind for column in learned},
            compared.separators,  # the reference's are asked
            codes=np.asarray(z[drawn]),
            scores=of_known(rows) if old else of_new_ones(rows),
            held=scores.splits[rows] == HELD_BACK if old else None,
            scores_are=SCORES if errors is None else ERRORS,
            drawn_from=len(some) if len(drawn) < len(some) else 0,
        )

    then, now = _rows_of_codes(model, store, codes), output.arrays.get("window_rows", np.arange(len(output.codes)))
    known = apart(model, np.flatnonzero(scores.splits[then] != NOT_TRAINED_ON))
    reference = sample(trained_on, known, then, codes)
    new = sample(dataset, apart(model, np.arange(len(now))), now, output.codes)
    report = drift(reference, new, seed, 1.0 if model.summary.get("windows") is None else _alike(reference))
    there = [name for name in report.moved if name in new.values and name in reference.values][:MOST_CHARTS]
    charts = (beside(name, reference.kinds[name], new.values[name], reference.values[name]) for name in there)
    return report, tuple(each for each in charts if each is not None)


def _alike(windows: Sample) -> float:
    """Of windows in the order of time."""
    numbers = [cells for name, cells in windows.values.items() if windows.kinds[name] == "number"]
    return alike(np.column_stack(numbers)) if numbers else 1.0


def _rows_of_codes(model: Run, store: Store, codes: NDArray[np.float32]) -> NDArray[np.int64]:
    """The row that each of a run's codes stands for, (P,): of a window the one in its middle."""
    address = model.artifacts.get("window_rows")
    return np.arange(len(codes)) if address is None else np.asarray(store.artifacts.get_array(store.space, address))


def apart(model: Run, points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of a series windows that share no step, since those that do are alike; else all."""
    windows = model.summary.get("windows")
    return points if windows is None else points[:: -(-windows["length"] // windows["stride"])]


def _fresh_budget(output: Output, threshold: Threshold, spec: RunSpec, review: int | None) -> dict[str, Any]:
    """A threshold that the file's own rows decide: so many as somebody can review, else as many, or as large a share, as the run
    was asked for."""
    method, parameters = threshold.method, threshold.parameters
    if review is not None:
        method, parameters = "count", {"rows": review}
    elif method not in ("count", "quantile"):
        method, parameters = usual_threshold(output.course, spec.contamination)
    value, flagged = decide(Given(output.scores, unit_of(output.course)), method, parameters)
    return {"method": method, "parameters": parameters, "value": value, "flagged": flagged}
