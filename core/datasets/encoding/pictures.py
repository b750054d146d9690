"""Images → what the network sees: pixels by the mean and the spread of all training pixels, made as they are taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets.encoding.stored import Stored
from core.results import Block, Encoded, Layout, Pictures

COLUMN = "image"  # what the whole of an image is called where a table has columns
SAMPLE = 2_000  # pieces that tell mean and spread
LEAST_SPREAD = 0.01  # of the range from black to white: images of one colour differ by their noise only
WHITE = 255.0


class PictureEncoder(Stored):
    """Pixels in 0 … 1, minus their mean, over their spread; one number for all, so that brightness stays comparable.

    Or in 0 … 1 as they are, where they are compared by cross-entropy (`shares`).
    """

    height: int
    width: int
    channels: int
    mean: float
    spread: float
    ignored: tuple[tuple[float, float, float, float], ...] = ()
    shares: bool = False

    @classmethod
    def fit(
        cls, pictures: Pictures, pieces: NDArray[np.uint8], rows: NDArray[np.int64], *, shares: bool = False
    ) -> PictureEncoder:
        """pieces: (P, H, W, C); rows: those that are trained on, evenly spaced ones of them are looked at."""
        some = rows[:: max(1, len(rows) // SAMPLE)]
        pixels = pieces[some].astype(np.float32) / WHITE
        spread = max(float(pixels.std(dtype=np.float64)), LEAST_SPREAD)
        _, height, width, channels = pieces.shape
        mean = float(pixels.mean(dtype=np.float64))
        if shares:
            mean, spread = 0.0, 1.0
        return cls(
            height=height,
            width=width,
            channels=channels,
            mean=mean,
            spread=spread,
            ignored=pictures.ignored,
            shares=shares,
        )

    @property
    def layout(self) -> Layout:
        """One block: the error is the mean over all numbers of the image, in units of their variance."""
        size = self.height * self.width * self.channels
        block = Block(COLUMN, "binary" if self.shares else "squared", 0, size, 1.0 / size)
        return Layout((block,), (self.height, self.width, self.channels))

    def rows(self, pieces: NDArray[np.uint8], places: NDArray[np.int32]) -> PictureRows:
        """pieces: (P, H, W, C), may be mapped from disk; places: (P, 5), as `Datasets.places` gives them."""
        return PictureRows(self, pieces, places)

    def decode(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Rows (B, D) → images (B, H, W, C)."""
        pixels = np.rint(np.clip((values * self.spread + self.mean) * WHITE, 0, WHITE))
        images: NDArray[np.uint8] = pixels.astype(np.uint8).reshape(-1, self.height, self.width, self.channels)
        return images


@dataclass(frozen=True)
class PictureRows:
    """Pieces of images as rows of a matrix that is never whole in memory (core.results.Rows)."""

    encoder: PictureEncoder
    pieces: NDArray[np.uint8]  # (P, H, W, C)
    places: NDArray[np.int32]  # (P, 5)

    @property
    def layout(self) -> Layout:
        return self.encoder.layout

    @property
    def whole(self) -> bool:
        return not self.encoder.ignored

    def __len__(self) -> int:
        return len(self.pieces)

    def take(self, rows: NDArray[np.int64] | slice) -> Encoded:
        encoder = self.encoder
        pixels = np.asarray(self.pieces[rows], np.float32)
        values = ((pixels / WHITE - encoder.mean) / encoder.spread).reshape(len(pixels), -1)  # (B, D)
        if self.whole:
            return Encoded(self.layout, values, np.broadcast_to(np.ones((), bool), values.shape))
        observed = np.repeat(self.seen(rows), encoder.channels, axis=2).reshape(values.shape)
        values[~observed] = 0.0  # what is ignored is not seen either
        return Encoded(self.layout, values, observed)

    def seen(self, rows: NDArray[np.int64] | slice) -> NDArray[np.bool_]:
        """Which pixels of some pieces lie in no ignored rectangle, (B, H, W)."""
        height, width = self.encoder.height, self.encoder.width
        _, top, left, full_height, full_width = self.places[rows].T[:, :, None]  # (B, 1) each
        y = (top + np.arange(height) + 0.5) / full_height  # (B, H): middles of pixels, in shares of the image
        x = (left + np.arange(width) + 0.5) / full_width  # (B, W)
        seen = np.ones((len(y), height, width), bool)
        for x0, y0, x1, y1 in self.encoder.ignored:
            seen &= ~(((y >= y0) & (y < y1))[:, :, None] & ((x >= x0) & (x < x1))[:, None, :])
        return seen
