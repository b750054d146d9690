"""One image of an archive as it came, for looking at it before a training."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.datasets.images.archive import opened_archive
from core.datasets.images.decode import Plan, decode
from core.datasets.images.formats import Unreadable
from core.errors import FileRefused, NotFound
from core.settings import Settings

LONGEST = 1_024  # pixels a side; a larger image is shown smaller


def original(path: Path, source_name: str, file: str, side: int, limits: Settings) -> NDArray[np.uint8]:
    """The image in colour, in a square of its longer side (at most LONGEST), (S, S, 3).

    side: its longer side. Raises NotFound where the archive has no such file (a table of pixels has none), FileRefused.
    """
    gone = NotFound("this image's own file is not in the archive", where=file, fix="look at it as the network sees it")
    if not zipfile.is_zipfile(path):
        raise gone
    try:
        with opened_archive(path, source_name, limits) as archive:
            member = next((member for member in archive.members if member.name == file), None)
            if member is None:
                raise gone
            decoded = decode(archive.read(member), Plan("fit", min(side, LONGEST), 3))
    except Unreadable as error:
        raise FileRefused(str(error), where=file, fix="look at another one") from error
    image: NDArray[np.uint8] = decoded.pieces[0]
    return image
