"""What makes a row strange, told from the row and what a network makes of it: one file a way, nothing trained again.

A scorer is fitted on rows to compare with, and gives every row a distance and each cell's part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from core.registry import Registry


@dataclass(frozen=True)
class Made:
    """Rows as a network rebuilt them, and by how much it missed, (B, D) each, in double precision; what is missing in a row
    was not missed by anything."""

    rebuilt: Tensor
    residuals: Tensor


class Fitted(Protocol):
    """A scorer that knows what is usual."""

    def parts(self, made: Made) -> Tensor:
        """Each cell's part of each row's distance, (B, D): they sum to the distance, which is never below 0."""


@dataclass(frozen=True)
class Scorer:
    """A way to score. fit(the rows to compare with, whether they are known to be clean, seed)."""

    title: str
    summary: str
    fit: Callable[[Made, bool, int], Fitted]


SCORERS: Registry[Scorer] = Registry("scorer", "core.scoring.scorers", "SCORER", folders=False)
