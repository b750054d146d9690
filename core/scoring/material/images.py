"""Images: each is one row of the matrix, or several where it was cut into tiles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from core.datasets.encoding import PictureEncoder
from core.errors import NotFound
from core.results import Dataset, Some
from core.scoring.baselines import baseline_scores
from core.scoring.pictures import error_maps, picture_output, reference_of, small
from core.scoring.trained import Output, Trained
from core.specs import RunSpec
from core.storage.store import Store

COMPARED = 2_000  # pieces that a PCA of equal width is fitted on
SCALE_QUANTILE = 0.999  # of the training pixels' errors: what is full colour in an error map


class Images:
    """core.scoring.material.Material of images."""

    def __init__(self, store: Store, dataset: Dataset, spec: RunSpec, items: NDArray[np.int64]) -> None:
        if dataset.pictures is None:
            raise NotFound("there are no images in it", where=dataset.name, fix="choose a dataset of images")
        self.dataset, self.by, self.items = dataset, spec.image_score, items
        pieces, self.places = store.datasets.pieces(dataset), store.datasets.places(dataset)
        self.encoder = PictureEncoder.fit(dataset.pictures, pieces, self.rows_of(items))
        self.data = self.encoder.rows(pieces, self.places)
        self.scale = 0.0

    def rows_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.flatnonzero(np.isin(self.places[:, 0], items))

    def output(self, trained: Trained) -> Output:
        self.scale = self._scale(trained)
        reference = reference_of(trained, Some(self.data, self.rows_of(self.items)))
        output = picture_output(replace(trained, reference=reference), self.data, self.places, self.dataset.rows)
        return replace(output, arrays={**output.arrays, **reference.arrays()})

    @torch.inference_mode()
    def _scale(self, trained: Trained) -> float:
        """One scale for all error maps, so that a healthy image looks healthy."""
        rows = self.rows_of(self.items)
        some = self.data.take(rows[:: max(1, len(rows) // COMPARED)])
        errors = [
            error_maps(trained, trained.network.reconstruct(values), values, observed)[:real].flatten().numpy()
            for _, values, observed, real in trained.blocks(some)
        ]
        return float(np.quantile(np.concatenate(errors), SCALE_QUANTILE)) or 1.0

    def baselines(self, items: NDArray[np.int64], width: int, seed: int) -> NDArray[np.float64]:
        of_pieces = baseline_scores(small(self.data), self.rows_of(items), width, seed)
        scores = np.full((self.dataset.rows, of_pieces.shape[1]), -np.inf)
        np.maximum.at(scores, self.places[:, 0], of_pieces)
        return scores

    def beside_pca(
        self, trained: Trained, items: NDArray[np.int64], held_back: NDArray[np.int64], width: int
    ) -> dict[str, float | None]:
        """On all pixels of some of the images."""
        fitted, held = self.rows_of(items), self.rows_of(held_back)
        if len(held) == 0 or len(fitted) < 2:
            return {"error_network": None, "error_pca": None}
        learned = self.data.take(fitted[:: max(1, len(fitted) // COMPARED)])
        asked = self.data.take(held[:: max(1, len(held) // COMPARED)])
        rebuilt = trained.rebuilt(asked)
        components = min(width, *learned.values.shape)
        model = PCA(components, svd_solver="randomized", random_state=0).fit(learned.values)
        pca = model.inverse_transform(model.transform(asked.values))
        network_error, pca_error = (
            float(((out - asked.values)[asked.observed] ** 2).mean(dtype=np.float64)) for out in (rebuilt, pca)
        )
        return {"error_network": network_error, "error_pca": pca_error}

    def notices(self) -> list[str]:
        tiled = len(self.data) > self.dataset.rows
        return [
            f"{len(self.data):,} tiles of {self.dataset.rows:,} images; an image's score is its worst tile's"
        ] * tiled

    def summary(self) -> dict[str, Any]:
        return {"image_score": self.by, "error_scale": self.scale}
