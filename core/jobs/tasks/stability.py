"""Job *stability*: train a finished run again with other seeds on part of its rows, and keep how each row is scored then."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.datasets.encoding import PictureEncoder
from core.jobs.tasks.train import kept
from core.jobs.work import Work
from core.models.base import build
from core.results import IMAGE_SCORES
from core.scoring.detection import asked, strangest
from core.scoring.material import Material, material_of
from core.scoring.recommended import fit
from core.scoring.stability import SHARE, TIMES
from core.scoring.trained import Trained
from core.specs import OWN_ERROR, RECOMMENDED, RunSpec
from core.training.devices import device_for
from core.training.loop import Trainer


def run(work: Work) -> None:
    """args: run_id, and scorer where it is not the run's own score that is looked at. Ends the job itself."""
    store = work.store
    this = store.runs.get(work.job.args["run_id"])
    dataset, spec = store.datasets.get(this.dataset_id), RunSpec.read(this.spec)
    scorer = work.job.args.get("scorer") or this.scorer
    work.progress(0.0, "reading the rows")
    items = kept(work, dataset, spec)
    material = material_of(store, dataset, spec, items)
    scores = []
    for time in range(TIMES):
        work.tell(time / TIMES, f"training again, {time + 1} of {TIMES}")
        seed = (spec.training.seed + 1 + time) % 2**31
        some = np.sort(np.random.default_rng(seed).choice(items, max(2, round(SHARE * len(items))), replace=False))
        scores.append(scored_again(work, spec, material, some, seed, scorer))
    work.check()
    address = store.artifacts.put_array(store.space, np.column_stack(scores).astype(np.float32))
    work.fence.finish_scores(
        this.id, space_id=store.space, artifacts={this.of_scorer("refits", scorer): address}, summary={}
    )


def scored_again(
    work: Work, spec: RunSpec, material: Material, items: NDArray[np.int64], seed: int, scorer: str
) -> NDArray[np.float64]:
    """The score of each item of the dataset, (N,), after a training on some of them."""
    rows = material.rows_of(items)
    strange = rows[:0]
    if RECOMMENDED in (scorer, spec.scorer):
        scores = fit(material.data, rows, spec.assume_clean, seed, work.check).score(material.data)[0]
        if scorer == RECOMMENDED:
            return scores
        strange = strange if spec.assume_clean else strangest(scores, rows)  # which taught the run's network nothing
    training = spec.training.model_copy(update={"seed": seed})
    spec = spec.model_copy(update={"training": training})
    torch.manual_seed(seed)
    learned, held = (
        np.setdiff1d(material.rows_of(np.intersect1d(side, items)), strange)
        for side in (material.split.train, material.split.validation)
    )
    network = build(spec, material.encoder.layout)
    trainer = Trainer(
        network,
        material.data,
        learned,
        held,
        training,
        device_for(spec, material.encoder.layout.row_shape),
        check=work.check,
    )
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    network = network.to("cpu")
    images = isinstance(material.encoder, PictureEncoder)
    detector = None if images or scorer == OWN_ERROR else asked(network, spec, material.data, learned, scorer)
    output = material.output(Trained(material.encoder, network, spec, detector=detector))
    if images and scorer in IMAGE_SCORES:
        found: NDArray[np.float64] = output.arrays["image_scores"][:, IMAGE_SCORES.index(scorer)]
        return found
    return output.scores
