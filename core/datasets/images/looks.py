"""The first pass over files of images: their headers, and what is chosen by them for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.datasets.images import sizes
from core.datasets.images.decode import THUMB, Plan, decode
from core.datasets.images.formats import COLOURS, DEEP_COLOUR, GREYS, NAMES, SUFFIXES, Header, Unreadable, header_of
from core.datasets.raw import Spool, Tell
from core.errors import TooLarge
from core.specs import ReadOptions

COLOUR_SAMPLE = 256  # images, by which it is found out whether there is colour
COLOURED, COLOUR_SHARE = 24, 0.01  # levels between a pixel's channels; share of such pixels in a coloured image
FEW_COLOURED, FEW_SHARE = 3, 0.02  # images with colour from which on it is kept (or half of all); of the sample
TOLD = 100  # images after which progress is told
COLOUR_NAMES = (*dict.fromkeys(COLOURS.values()), DEEP_COLOUR)
PIXEL_TABLE = "pixels"
FORMATS = (*NAMES, PIXEL_TABLE)  # what an image was read from
LOOK = np.dtype(
    [
        *((name, np.int32) for name in ("place", "width", "height")),
        *((name, np.uint8) for name in ("format", "colour", "orientation")),
        *((name, np.bool_) for name in ("several", "transparent", "misnamed")),
    ]
)


class Named(Protocol):
    """What each image is called, unique; its number in the archive or its line, from 1."""

    @property
    def names(self) -> Sequence[str]: ...

    @property
    def lines(self) -> Sequence[int]: ...


class Source(Named, Protocol):
    """Files of images, wherever they lie."""

    def read(self, place: int) -> bytes:
        """All bytes of one. Raises Unreadable, TooLarge."""

    def start_again(self) -> None:
        """Said before the files are read a second time."""


@dataclass(frozen=True)
class Looks:
    """What the headers of the readable images say, (N,) of LOOK; the least and greatest value of the deep ones."""

    table: NDArray[Any]
    low: float
    high: float

    def take(self, places: NDArray[np.int64]) -> Looks:
        """Those of some of the images."""
        return replace(self, table=self.table[places])

    @property
    def colours(self) -> NDArray[np.str_]:
        """What each is stored in, of COLOUR_NAMES, (N,)."""
        names: NDArray[np.str_] = np.asarray(COLOUR_NAMES)[self.table["colour"]]
        return names


def look(source: Source, spool: Spool, tell: Tell) -> Looks:
    """The headers of all files; what is no image goes to the spool's rejects. Raises TooLarge."""
    count = len(source.names)
    table = np.zeros(count, LOOK)
    good, low, high = 0, np.inf, -np.inf
    for place in range(count):
        if place % TOLD == 0:
            tell(place / count, f"{place:,} of {count:,} images looked at")
        try:
            header, values = header_of(BytesIO(source.read(place)))
        except Unreadable as error:
            spool.reject(source.lines[place], source.names[place], str(error))
            continue
        if values is not None:
            low, high = min(low, values[0]), max(high, values[1])
        table[good] = _record(place, header, source.names[place])
        good += 1
    return Looks(table[:good], low, high)


def _record(place: int, header: Header, name: str) -> tuple[Any, ...]:
    suffix = PurePosixPath(name).suffix.lower()
    others = any(suffix in suffixes for other, suffixes in SUFFIXES.items() if other != header.format)
    names = NAMES.index(header.format), COLOUR_NAMES.index(header.colour)
    flags = header.several, header.transparent, others
    return (place, header.width, header.height, *names, header.orientation, *flags)


def make_plan(source: Source, looks: Looks, options: ReadOptions) -> Plan:
    """What becomes of the images: as the user said, else by what most of them are."""
    table = looks.table
    size = options.image_size or sizes.chosen_size(table["width"], table["height"])
    colour = options.image_colour or ("colour" if _has_colour(source, looks) else "grey")
    return Plan(options.image_rule or "fit", size, 3 if colour == "colour" else 1, looks.low, looks.high)


def _has_colour(source: Source, looks: Looks) -> bool:
    """Whether more than a few images show colour: many a grey picture is stored as a coloured one."""
    may = np.flatnonzero(~np.isin(looks.colours, GREYS))
    count = min(len(may), COLOUR_SAMPLE)
    coloured = 0
    for i in range(count):
        try:
            decoded = decode(source.read(int(looks.table["place"][may[i * len(may) // count]])), Plan("fit", THUMB, 3))
        except Unreadable:
            continue  # the second pass puts it among the rejects
        between = decoded.thumb.max(axis=2).astype(np.int16) - decoded.thumb.min(axis=2)
        coloured += bool((between > COLOURED).mean() > COLOUR_SHARE)
    few = min(FEW_COLOURED, (len(looks.table) + 1) // 2)
    return coloured >= max(few, FEW_SHARE * count)


def check_room(looks: Looks, plan: Plan, spool: Spool) -> None:
    """Raises TooLarge where the arrays would be larger than a table may be on disk."""
    table = looks.table
    pieces = len(table)
    if plan.rule == "tiles":
        shapes = Counter(zip(table["width"].tolist(), table["height"].tolist(), strict=True))
        pieces = sum(times * sizes.tiles(width, height, plan.size) for (width, height), times in shapes.items())
    needed = (pieces * plan.size**2 + len(table) * THUMB**2) * plan.channels
    limit = spool.limits.upload_limit_mb * 4_000_000
    if needed > limit:
        raise TooLarge(
            f"{pieces:,} pieces of {plan.size} × {plan.size} pixels take {needed / 1e6:,.0f} MB, "
            f"the limit is {limit / 1e6:,.0f} MB",
            where=spool.name,
            fix="choose grey, a smaller size, or to fit each image instead of cutting tiles; or take a sample",
        )
