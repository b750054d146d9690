"""The stacked autoencoder (Bengio et al. 2006; Hinton and Salakhutdinov 2006): greedy, level by level, then fine-tuned.

Level k is trained within the levels outside of it, which stand still; what is minimised is the error of the rows
themselves, not of the level's own input. So the loss has one meaning in all stages and the gains of levels can be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from core.models.base import Batch, Layers
from core.models.base import Objective as Plain
from core.results import Layout

LAST = "all levels"


class Objective(Plain):
    """One level after the other."""

    def __init__(self, layers: Layers, layout: Layout, settings: Any, number_loss: str = "squared") -> None:
        super().__init__(layers, layout, settings, number_loss)
        self.depth = layers.levels  # levels that rows pass through now

    def stages(self) -> Iterator[str]:
        yield from (f"level {k + 1}" for k in range(self.layers.levels))
        yield LAST

    def share(self, stage: str) -> float:
        greedy: float = self.settings.greedy_share
        return 1 - greedy if stage == LAST else greedy / self.layers.levels

    def begin(self, stage: str) -> list[nn.Parameter]:
        if stage == LAST:
            self.depth = self.layers.levels
            return super().begin(stage)
        self.depth = int(stage.removeprefix("level "))
        own = {id(parameter) for parameter in self.layers.parameters()}
        others = [parameter for parameter in self.parameters() if id(parameter) not in own]
        return [*self.layers.level(self.depth - 1), *others]

    def loss_terms(self, batch: Batch) -> dict[str, Tensor]:
        output = self.layers.shallow(batch.values, self.depth)
        return {"reconstruction": self.heads.losses(output, batch.values, batch.observed)}
