"""How far an image's code and errors, taken together, lie from those of the training images.

The code says what the image is like, the errors what of it could not be rebuilt; neither alone finds both strange
images and small marks. Distance: Mahalanobis (1936), with the covariance of Ledoit and Wolf (2004), which also holds
where there are few images. That measures from one middle; where images are of several kinds, the codes next to an image's own
say what it is like (Ramaswamy, Rastogi, Shim 2000), and count as much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from core.scoring.blocks import BLOCK
from core.scoring.detection import COMPARED, least_strange
from core.scoring.scorers.combined import usual_of
from core.scoring.scorers.joint_neighbours import neighbours_of, squares_between

SQUARES = (1, 3)  # pixels a side over which residuals are averaged before the worst is taken
COARSE = 8  # squares along the longer side, in the coarsest
FLOOR = 0.1  # of the mean error: what is typical of a place is at least that
LEAST = 1e-12  # error whose logarithm is taken
TRIMMED = 0.1  # share of the training images, the strangest, that say nothing about what is usual
EXCUSED = -1.0  # in units of its spread: what is still more usual by one distance excuses nothing in the other

ARRAYS = ("reference", "typical_errors", "near_codes", "near_usual")  # that are stored with the run


def fields(residuals: Tensor) -> list[Tensor]:
    """Squared residuals (B, C, H, W) at several scales, each (B, h, w).

    Of the mean over a square: noise goes, a shift of brightness stays; last, the mean square over it: noise stays.
    """
    coarse = max(2, round(max(residuals.shape[2:]) / COARSE))
    step = max(1, coarse // 2)
    found = [functional.avg_pool2d(residuals, side, 1).square().mean(dim=1) for side in SQUARES]
    found.append(functional.avg_pool2d(residuals, coarse, step, ceil_mode=True).square().mean(dim=1))
    power = residuals.square().mean(dim=1, keepdim=True)
    found.append(functional.avg_pool2d(power, coarse, step, ceil_mode=True)[:, 0])
    return found


@dataclass(frozen=True)
class Near:
    """Codes to compare with. codes: (R, L), standardised; k: (K,), which neighbours; middle, spread: (2,), of the logarithms of
    both distances among the training images."""

    codes: Tensor
    k: Tensor
    middle: Tensor
    spread: Tensor


@dataclass(frozen=True)
class Reference:
    """What is usual: of the errors at each place, and of the features of an image. near: None in runs of before it counted."""

    typical: list[Tensor]  # (h, w) for each of `fields`
    centre: Tensor  # (F,)
    spread: Tensor  # (F,)
    precision: Tensor  # (F, F)
    near: Near | None = None

    @classmethod
    def fit(cls, typical: list[Tensor], features: NDArray[np.float64], width: int, *, clean: bool, seed: int) -> Self:
        """features: (N, F) of the training images, of which the first `width` are the code. clean: whether there are known to
        be no strange ones among them."""
        rows = torch.from_numpy(features)
        found = cls(typical, *_spread(features))
        if not clean:
            distances = found.distances(rows).numpy()
            kept = np.argsort(distances, kind="stable")[: int(np.ceil(len(features) * (1 - TRIMMED)))]
            found = cls(typical, *_spread(features[kept]))
        codes = found.standardised(rows)[:, :width]
        known, k = neighbours_of(codes, clean, seed)
        if not clean:
            apart = _apart(codes, known, k).numpy()
            known, k = neighbours_of(codes[torch.from_numpy(least_strange(apart, COMPARED))], clean, seed)
        logarithms = torch.log(torch.stack([found.distances(rows), _apart(codes, known, k)], dim=1) + LEAST)  # (N, 2)
        return replace(found, near=Near(known, k, *usual_of(logarithms)))

    def features(self, codes: Tensor, residuals: Tensor) -> Tensor:
        """The code, the logarithm of the mean error, and at each scale that of the worst square's error as a multiple
        of what is typical there, (B, F)."""
        return features(codes, residuals, self.typical)

    def scores(self, rows: Tensor) -> Tensor:
        """How strange features (B, F) are, (B,): the mean of the logarithms of both distances, each less what is usual and in
        units of its spread; 1 for what is usual in both."""
        if self.near is None:
            return self.distances(rows)
        codes = self.standardised(rows)[:, : self.near.codes.shape[1]]
        both = torch.stack([self.distances(rows), _apart(codes, self.near.codes, self.near.k)], dim=1)  # (B, 2)
        return ((torch.log(both + LEAST) - self.near.middle) / self.near.spread).clamp(min=EXCUSED).mean(dim=1).exp()

    def distances(self, rows: Tensor) -> Tensor:
        """Squared Mahalanobis distance of features (B, F), (B,)."""
        away = self.standardised(rows)
        return ((away @ self.precision) * away).sum(dim=1)

    def standardised(self, rows: Tensor) -> Tensor:
        """Features less what is usual, in units of their spread, (B, F)."""
        return (rows.double() - self.centre) / self.spread

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is stored with the run."""
        matrix = torch.cat([self.centre[None], self.spread[None], self.precision]).numpy()
        found = {
            "reference": matrix,  # (F + 2, F)
            "typical_errors": np.concatenate([field.flatten().numpy() for field in self.typical]),
        }
        if self.near is not None:
            found["near_codes"] = self.near.codes.numpy()
            found["near_usual"] = torch.cat([self.near.middle, self.near.spread, self.near.k.double()]).numpy()
        return found

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> Self:
        """What `arrays` gave, of images of that shape (H, W, C)."""
        stored = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
        sides = [field.shape[1:] for field in fields(torch.zeros(1, shape[2], shape[0], shape[1]))]
        parts, start = [], 0
        for height, width in sides:
            size = height * width
            parts.append(stored["typical_errors"][start : start + size].view(height, width))
            start += size
        whole, near = stored["reference"], None
        if "near_codes" in stored:
            usual = stored["near_usual"]
            near = Near(stored["near_codes"], usual[4:].long(), usual[:2], usual[2:4])
        return cls(parts, whole[0], whole[1], whole[2:], near)


def features(codes: Tensor, residuals: Tensor, typical: list[Tensor]) -> Tensor:
    """As `Reference.features`, of what is typical alone."""
    errors = [residuals.square().flatten(1).mean(dim=1)]
    errors += [(field / usual).flatten(1).amax(dim=1) for field, usual in zip(fields(residuals), typical, strict=True)]
    return torch.cat([codes.double(), torch.log(torch.stack(errors, dim=1).double() + LEAST)], dim=1)  # (B, F)


def typical_of(sums: list[Tensor], count: int) -> list[Tensor]:
    """Mean field of the training images from its sum, with a floor."""
    means = [total / count for total in sums]
    return [mean + FLOOR * mean.mean() + LEAST for mean in means]


def _apart(codes: Tensor, known: Tensor, k: Tensor) -> Tensor:
    """How far each code's neighbours lie, squared, (B,). codes: (B, L), known: (R, L)."""
    return torch.cat([squares_between(part, known, k).sum(dim=1) for part in torch.split(codes, BLOCK)])


def _spread(rows: NDArray[np.float64]) -> tuple[Tensor, Tensor, Tensor]:
    from sklearn.covariance import LedoitWolf  # answering needs none of it: a second's import

    centre, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    precision = LedoitWolf(assume_centered=True).fit((rows - centre) / spread).precision_
    return torch.from_numpy(centre), torch.from_numpy(spread), torch.from_numpy(np.asarray(precision))
