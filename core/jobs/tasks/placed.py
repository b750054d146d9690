"""Rows that were scored only, on the maps of the run that they were scored with, which stay as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.latent.neighbours import Index
from core.latent.placement import place
from core.results import Projection, Run, ground
from core.scoring.files import model_of
from core.storage.store import Store


def placed(
    store: Store, model: Run, codes: NDArray[np.float32], maps: list[Projection]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """New codes, (M, L), on these of a run's maps: what is to be stored of each, and the artifacts that say on what they lie."""
    if not maps:
        return [], {}
    index = Index.build(np.asarray(store.artifacts.get_array(store.space, model.artifacts["codes"])))
    out, under = [], {}
    for each in maps:
        laid = np.asarray(store.artifacts.get_array(store.space, each.address))
        address = store.artifacts.put_array(store.space, place(codes, index, laid))
        out.append({"method": each.method, "settings": each.settings, "address": address})
        under[ground(each.method, each.dimensions)] = each.address
    return out, under


def maps_of(store: Store, model: Run) -> list[Projection]:
    """A run's maps of its codes: one of each method and number of dimensions, the newest."""
    found = [each for each in store.projections.of_run(model.id) if each.level is None]
    newest = {(each.method, each.dimensions): each for each in sorted(found, key=lambda each: each.created_at)}
    return list(newest.values())


def map_to_place_on(store: Store, this: Run, method: str, dimensions: int) -> tuple[Run, Projection] | None:
    """For a run that only scored: the model with its map of that sort; None where there is none (any more)."""
    model = model_of(store, this)
    if model is None or model.id == this.id:
        return None
    found = (each for each in maps_of(store, model) if (each.method, each.dimensions) == (method, dimensions))
    return next(((model, each) for each in found), None)
