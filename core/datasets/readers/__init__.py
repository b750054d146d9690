"""One file a format. An entry is `READER`: how the format is recognised by content, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.datasets.raw import RawTable
from core.registry import Registry
from core.settings import Settings


@dataclass(frozen=True)
class Reader:
    """A file format.

    recognises(head, name): whether the first bytes (64 kB) are of this format. Readers are asked in the
    order of `order`; plain text comes last.
    read(path, name, limits): the table. Raises FileRefused, TooLarge.
    """

    title: str
    order: int
    recognises: Callable[[bytes, str], bool]
    read: Callable[[Path, str, Settings], RawTable]


READERS: Registry[Reader] = Registry("file format", "core.datasets.readers", "READER", folders=False)
