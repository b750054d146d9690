"""Job *stability*: train a finished run again with other seeds on part of its rows, and keep how each row is scored then."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.jobs.tasks.train import kept
from core.jobs.work import Work
from core.models.base import build
from core.scoring.detection import asked
from core.scoring.material import Material, material_of
from core.scoring.recommended import fit
from core.scoring.stability import SHARE, TIMES
from core.scoring.trained import Trained
from core.specs import OWN_ERROR, RECOMMENDED, RunSpec
from core.training.devices import device_for
from core.training.loop import Trainer


def run(work: Work) -> None:
    """args: run_id. Ends the job itself."""
    store = work.store
    this = store.runs.get(work.job.args["run_id"])
    dataset, spec = store.datasets.get(this.dataset_id), RunSpec.read(this.spec)
    work.progress(0.0, "reading the rows")
    items = kept(work, dataset, spec)
    material = material_of(store, dataset, spec, items)
    scores = []
    for time in range(TIMES):
        work.tell(time / TIMES, f"training again, {time + 1} of {TIMES}")
        seed = (spec.training.seed + 1 + time) % 2**31
        some = np.sort(np.random.default_rng(seed).choice(items, max(2, round(SHARE * len(items))), replace=False))
        scores.append(scored_again(work, spec, material, some, seed))
    work.check()
    address = store.artifacts.put_array(store.space, np.column_stack(scores).astype(np.float32))
    work.fence.finish_scores(this.id, space_id=store.space, artifacts={"refits": address}, summary={})


def scored_again(
    work: Work, spec: RunSpec, material: Material, items: NDArray[np.int64], seed: int
) -> NDArray[np.float64]:
    """The score of each item of the dataset, (N,), after a training on some of them."""
    if spec.scorer == RECOMMENDED:
        return fit(material.data, material.rows_of(items), spec.assume_clean, seed, work.check).score(material.data)[0]
    training = spec.training.model_copy(update={"seed": seed})
    spec = spec.model_copy(update={"training": training})
    torch.manual_seed(seed)
    learned, held = (
        material.rows_of(np.intersect1d(side, items)) for side in (material.split.train, material.split.validation)
    )
    network = build(spec, material.encoder.layout)
    trainer = Trainer(
        network,
        material.data,
        learned,
        held,
        training,
        device_for(training.device),
        check=work.check,
    )
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    network = network.to("cpu")
    detector = None if spec.scorer == OWN_ERROR else asked(network, spec, material.data, learned, spec.scorer)
    return material.output(Trained(material.encoder, network, spec, detector=detector)).scores
