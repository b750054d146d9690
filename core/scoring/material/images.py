"""Images: each is one row of the matrix, or several where it was cut into tiles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core.datasets.encoding import PictureEncoder
from core.errors import NotFound
from core.results import Dataset, Some
from core.scoring.baselines import Took, baseline_scores
from core.scoring.material.parts import Far, Split, beside_pca
from core.scoring.pictures import error_maps, picture_output, reference_of, small
from core.scoring.trained import Output, Trained
from core.specs import RunSpec
from core.storage.store import Store

COMPARED = 2_000  # pieces that a PCA of equal width is fitted on
SCALE_QUANTILE = 0.999  # of the training pixels' errors: what is full colour in an error map


class Images:
    """core.scoring.material.Material of images."""

    def __init__(self, store: Store, dataset: Dataset, spec: RunSpec, kept: NDArray[np.int64]) -> None:
        if dataset.pictures is None:
            raise NotFound("there are no images in it", where=dataset.name, fix="choose a dataset of images")
        self.dataset, self.by, self.split = dataset, spec.image_score, Split.of(store, dataset, spec, kept)
        pieces, self.places = store.datasets.pieces(dataset), store.datasets.places(dataset)
        self.encoder = PictureEncoder.fit(
            dataset.pictures, pieces, self.rows_of(self.split.train), shares=spec.number_loss == "cross-entropy"
        )
        self.data = self.encoder.rows(pieces, self.places)
        self.scale = 0.0
        self.far = Far()

    def rows_of(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.flatnonzero(np.isin(self.places[:, 0], items))

    def output(self, trained: Trained) -> Output:
        self.scale = self._scale(trained)
        reference = reference_of(trained, Some(self.data, self.rows_of(self.split.train)))
        output = picture_output(replace(trained, reference=reference), self.data, self.places, self.dataset.rows)
        return replace(output, arrays={**output.arrays, **reference.arrays()})

    @torch.inference_mode()
    def _scale(self, trained: Trained) -> float:
        """One scale for all error maps, so that a healthy image looks healthy."""
        rows = self.rows_of(self.split.train)
        some = self.data.take(rows[:: max(1, len(rows) // COMPARED)])
        errors = [
            error_maps(trained, trained.expected(values), values, observed)[:real].flatten().numpy()
            for _, values, observed, real in trained.blocks(some)
        ]
        return float(np.quantile(np.concatenate(errors), SCALE_QUANTILE)) or 1.0

    def baselines(self, width: int, seed: int, took: Took | None = None) -> NDArray[np.float64]:
        of_pieces = baseline_scores(small(self.data), self.rows_of(self.split.train), width, seed, took)
        return self.worst_of(of_pieces, self.places, self.dataset.rows)

    @staticmethod
    def worst_of(of_pieces: NDArray[np.float64], places: NDArray[np.int32], images: int) -> NDArray[np.float64]:
        """Scores of pieces, (P, 3), as those of their images, (N, 3): the worst counts. places: (P, 5)."""
        scores = np.full((images, of_pieces.shape[1]), -np.inf)
        np.maximum.at(scores, places[:, 0], of_pieces)
        return scores

    def beside_pca(self, trained: Trained, width: int) -> dict[str, float | None]:
        """On all pixels of some of the images, also where the loss compares them by cross-entropy."""
        fitted, held = self.rows_of(self.split.train), self.rows_of(self.split.validation)
        return beside_pca(trained, self.data, fitted, held, width, COMPARED, np.arange(self.data.layout.width))

    def notices(self) -> list[str]:
        tiled = len(self.data) > self.dataset.rows
        return [
            f"{len(self.data):,} tiles of {self.dataset.rows:,} images; an image's score is its worst tile's"
        ] * tiled

    def summary(self) -> dict[str, Any]:
        return {"image_score": self.by, "error_scale": self.scale}
