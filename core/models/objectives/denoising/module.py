"""The denoising autoencoder (Vincent et al. 2008): minimises the error of what is rebuilt from a corrupted row against
the clean one, equation 5."""

from __future__ import annotations

from typing import Any

import torch

from core.models.base import Batch, Layers
from core.models.base import Objective as Plain
from core.models.corruption import Noise, erased_in, gaussian, gaussian_up_to, groups, masking, salt_and_pepper, swap
from core.results import Layout

NOISES: dict[str, Noise] = {
    "gaussian": gaussian,
    "gaussian up to": gaussian_up_to,
    "masking": masking,
    "swap": swap,
    "salt and pepper": salt_and_pepper,
}


class Objective(Plain):
    """Rows are spoilt while it learns; scores are of rows as they are."""

    group: torch.Tensor

    def __init__(self, layers: Layers, layout: Layout, settings: Any, number_loss: str = "squared") -> None:
        super().__init__(layers, layout, settings, number_loss)
        self.register_buffer("group", groups(layout), persistent=False)  # (D,)
        self.noise = erased_in(layout.row_shape) if settings.noise == "erased" else NOISES[settings.noise]

    def corrupt(self, batch: Batch, generator: torch.Generator) -> Batch:
        spoilt = self.noise(batch, self.group, self.settings.strength, generator)
        if batch.observed is not None:
            spoilt = spoilt * batch.observed  # what is missing stays unknown
        return Batch(batch.values, batch.observed, spoilt)
