"""Images that show the same: copies, and what was saved again in another format, quality or size.

Candidates are found by a 64-bit difference hash (each bit: is a pixel of a 9 × 8 picture darker than the next); four
bands of it, one of which is equal wherever three bits differ at most. Images of one scene from one camera share their
hash, too, so candidates are compared in their small pictures, in which a scratch on one of them shows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TINY = 4  # pixels, the side of the picture that is looked at before the small one
BITS = 3  # of the hash that may differ
BANDS = 4
FIRST = 8  # of a bucket are compared with all others in it: the work is in proportion to the images
TINY_APART, MEAN_APART, MOST_APART = 6, 3.0, 32  # grey levels by which near-duplicates may differ
Thumbs = Callable[[int], NDArray[np.uint8]]


def difference_hash(grey: Image.Image) -> int:
    """The 64-bit difference hash of a grey image."""
    pixels = np.asarray(grey.resize((9, 8), Image.Resampling.BOX)).astype(np.int16)
    return int.from_bytes(np.packbits(pixels[:, 1:] > pixels[:, :-1]).tobytes(), "big")


def earlier_alike(
    content: NDArray[np.uint64], hashes: NDArray[np.uint64], tiny: NDArray[np.uint8], thumbs: Thumbs
) -> NDArray[np.int64]:
    """For each image the first earlier one that it looks like, -1 where there is none, (N,).

    content, hashes: (N,), equal content is an equal file; tiny: (N, 16); thumbs(i): the small picture of image i.
    """
    _, first, place = np.unique(content, return_index=True, return_inverse=True)
    found = first[place].astype(np.int64)
    found[found == np.arange(len(content))] = -1
    for later, earlier in _candidates(hashes, tiny, np.flatnonzero(found < 0)):
        if (found[later] < 0 or earlier < found[later]) and _same(thumbs(later), thumbs(earlier)):
            found[later] = earlier
    return found


def _candidates(
    hashes: NDArray[np.uint64], tiny: NDArray[np.uint8], places: NDArray[np.int64]
) -> list[tuple[int, int]]:
    """Pairs (later, earlier) of nearly equal hashes, in order."""
    pairs = []
    for band in range(BANDS):
        keys = (hashes[places] >> np.uint64(16 * band)) & np.uint64(0xFFFF)
        order = np.argsort(keys, kind="stable")
        sorted_places, sorted_keys = places[order], keys[order]
        starts = np.searchsorted(sorted_keys, sorted_keys)
        for nth in range(FIRST):
            others = starts + nth
            inside = others < np.arange(len(places))  # in the same bucket, and earlier
            later, earlier = sorted_places[inside], sorted_places[others[inside]]
            near = np.bitwise_count(hashes[later] ^ hashes[earlier]) <= BITS
            apart = np.abs(tiny[later].astype(np.int16) - tiny[earlier]).max(axis=1, initial=0)
            near &= apart <= TINY_APART
            pairs.append(np.stack([later[near], earlier[near]], axis=1))
    found = np.unique(np.concatenate(pairs), axis=0)
    return [(int(later), int(earlier)) for later, earlier in found]


def _same(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    apart = np.abs(one.astype(np.int16) - other)
    return bool(apart.mean() <= MEAN_APART and apart.max() <= MOST_APART)
