"""The second pass over files of images: decoded by two threads, written in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.images.alike import earlier_alike
from core.datasets.images.arrays import Growing
from core.datasets.images.decode import THUMB, Decoded, Plan, decode
from core.datasets.images.formats import Unreadable
from core.datasets.images.looks import TOLD, Looks, Source
from core.datasets.raw import Spool, Tell

THREADS = 2  # Pillow works outside Python's lock; more would hold more images
AHEAD = 8  # images that wait to be written
BIG = 20_000_000  # pixels of an image that is decoded alone
FACTS = np.dtype(
    [("bytes", "i8"), ("content", "u8"), ("difference", "u8"), ("tiny", "u1", (16,)), ("padded", "?"), ("place", "i4")]
)


@dataclass(frozen=True)
class Written:
    """The arrays on disk, and what is known of each image in them, (N,) of FACTS; `place` is that among the looks."""

    facts: NDArray[Any]
    alike: NDArray[np.int64]  # (N,): the earlier image that one looks like, -1
    pieces: Growing
    thumbs: Growing
    places: Growing | None


class Writing:
    """The arrays and facts of images as they come in."""

    def __init__(self, folder: Path, plan: Plan, most: int) -> None:
        channels = plan.channels
        self.pieces = Growing(folder / "pieces.npy", (plan.size, plan.size, channels), np.uint8)
        self.thumbs = Growing(folder / "thumbs.npy", (THUMB, THUMB, channels), np.uint8)
        self.places = Growing(folder / "places.npy", (5,), np.int32) if plan.rule == "tiles" else None
        self._facts = np.zeros(most, FACTS)
        self.count = 0

    def add(self, place: int, size: int, decoded: Decoded) -> None:
        """The next image. size: bytes of its file."""
        self.pieces.append(decoded.pieces)
        self.thumbs.append(decoded.thumb[None])
        if self.places is not None:
            image = np.full((len(decoded.places), 1), self.count, np.int32)
            self.places.append(np.hstack([image, decoded.places]))
        content = int(decoded.content, 16)
        self._facts[self.count] = (size, content, decoded.difference, decoded.tiny, decoded.padded, place)
        self.count += 1

    def finish(self) -> Written:
        """Look for near-duplicates, and close the files."""
        facts = self._facts[: self.count]
        alike = earlier_alike(facts["content"], facts["difference"], facts["tiny"], self.thumbs.read)
        for array in (self.pieces, self.thumbs, self.places):
            if array is not None:
                array.close()
        return Written(facts, alike, self.pieces, self.thumbs, self.places)


def write_images(source: Source, looks: Looks, plan: Plan, spool: Spool, folder: Path, tell: Tell) -> Written:
    """Decode the images of `looks` into arrays in the folder; what can't be decoded goes to the spool's rejects."""
    count = len(looks.table)
    writing = Writing(folder, plan, count)
    for i, (size, decoded) in enumerate(_decoded(source, looks.table, plan)):
        if i % TOLD == 0:
            tell(i / count, f"{i:,} of {count:,} images read")
        if isinstance(decoded, Unreadable):
            place = looks.table["place"][i]
            spool.reject(source.lines[place], source.names[place], str(decoded))
        else:
            writing.add(i, size, decoded)
    return writing.finish()


def _decoded(source: Source, table: NDArray[Any], plan: Plan) -> Iterator[tuple[int, Decoded | Unreadable]]:
    """Each image in order, with the bytes of its file. Threads only make it faster."""
    waiting: deque[tuple[int, Future[Decoded | Unreadable]]] = deque()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    with ThreadPoolExecutor(min(THREADS, cores)) as pool:
        for place, width, height in zip(table["place"], table["width"], table["height"], strict=True):
            room = 0 if int(width) * int(height) > BIG else AHEAD
            while len(waiting) > room:
                size, future = waiting.popleft()
                yield size, future.result()
            try:
                data = source.read(int(place))
                waiting.append((len(data), pool.submit(_tried, data, plan)))
            except Unreadable as error:
                waiting.append((0, pool.submit(_as_it_is, error)))
            if room == 0:
                yield waiting[0][0], waiting.popleft()[1].result()
        for size, future in waiting:
            yield size, future.result()


def _tried(data: bytes, plan: Plan) -> Decoded | Unreadable:
    try:
        return decode(data, plan)
    except Unreadable as error:
        return Unreadable(str(error))  # the other one holds on to the image, by its traceback


def _as_it_is(error: Unreadable) -> Unreadable:
    return error
