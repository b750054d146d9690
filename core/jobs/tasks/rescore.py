"""Job *rescore*: a finished run's rows by another anomaly score, beside the one that it was made with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.jobs.tasks.train import against_label, kept, texts_of
from core.jobs.work import Work
from core.results import IMAGE_SCORES, Dataset, Evaluation, Run, Scores
from core.scoring.detection import Detector, asked, strangest
from core.scoring.evaluation import verdict
from core.scoring.material import material_of
from core.scoring.recommended import fit
from core.scoring.trained import Trained
from core.scoring.workbench import given_of, truth_of_label
from core.specs import OWN_ERROR, RECOMMENDED, RunSpec
from core.storage.records import to_json
from core.thresholds import decide


def run(work: Work) -> None:
    """args: run_id, scorer, author, and method and parameters of the threshold that is to cut it. Ends the job itself."""
    store, args = work.store, work.job.args
    this, scorer = store.runs.get(args["run_id"]), args["scorer"]
    dataset, spec = store.datasets.get(this.dataset_id), RunSpec.read(this.spec)
    if this.of_scorer("scores", scorer) in this.artifacts:  # it waited behind another one, so as to hold after it
        chosen = threshold(work, dataset, spec, store.runs.scores(this, scorer))
        work.fence.finish_scores(this.id, space_id=store.space, artifacts={}, summary={}, threshold=chosen)
        return
    detector: Detector | None = None
    if dataset.pictures is not None:  # all of an image's scores were kept
        scores = store.artifacts.get_array(store.space, this.artifacts["image_scores"])[:, IMAGE_SCORES.index(scorer)]
        column_errors = scores[:, None].astype(np.float32)
    else:
        detector, scores, column_errors = _of_rows(work, this, dataset, scorer)
    detectors = {"Autoencoder": scores, **store.runs.baselines(this)}
    comparison, _ = against_label(work, dataset, spec, detectors)
    artifacts, space = store.artifacts, store.space
    evaluations = comparison.evaluations if comparison else ()
    work.check()
    work.fence.finish_scores(
        this.id,
        space_id=space,
        artifacts={
            this.of_scorer("scores", scorer): artifacts.put_array(space, scores),
            this.of_scorer("column_errors", scorer): artifacts.put_array(space, column_errors),
            this.of_scorer("evaluation", scorer): artifacts.put_json(
                space, to_json(tuple[Evaluation, ...], evaluations)
            ),
            **(
                {this.of_scorer("detector", scorer): artifacts.put_bytes(space, detector.to_bytes())}
                if detector
                else {}
            ),
        },
        summary={this.of_scorer("verdict_text", scorer): verdict(detectors, comparison, spec.contamination)},
        threshold=threshold(work, dataset, spec, replace(store.runs.scores(this), values=scores)),
    )


def _of_rows(
    work: Work, run: Run, dataset: Dataset, scorer: str
) -> tuple[Detector | None, NDArray[np.float64], NDArray[np.float32]]:
    """What gives the score, the score of each row, (N,), and each column's part, (N, C)."""
    work.progress(0.0, "reading the rows")
    trained = Trained.load(work.store, run)
    spec = trained.spec
    items = kept(work, dataset, spec)
    material = material_of(work.store, dataset, spec, items)
    rows = material.rows_of(items)
    work.progress(0.3, "asking for another score")
    detector = None
    if scorer == RECOMMENDED:
        detector = fit(material.data, rows, spec.assume_clean, spec.training.seed, work.check)
    elif scorer != OWN_ERROR:
        learned = material.rows_of(material.split.train)
        if trained.detector is not None and not spec.assume_clean:  # the network did not learn from all of them
            learned = np.setdiff1d(learned, strangest(trained.detector.score(material.data)[0], rows))
        detector = asked(trained.network, spec, material.data, learned, scorer)
    work.progress(0.7, "scoring every row")
    output = material.output(replace(trained, detector=detector))
    return detector, output.scores, output.column_errors


def threshold(work: Work, dataset: Dataset, spec: RunSpec, scores: Scores) -> dict[str, Any]:
    """What cuts the scores, as the job was asked for it."""
    args, label = work.job.args, dataset.label
    truth = None if label is None else truth_of_label(texts_of(work, dataset, label.name), spec.normal)
    value, flagged = decide(given_of(scores, args["scorer"], truth), args["method"], args["parameters"])
    asked_for = {name: args[name] for name in ("method", "parameters", "author", "scorer")}
    return {**asked_for, "value": value, "flagged": flagged}
