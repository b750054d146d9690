"""One file a format. An entry is `READER`: how the format is recognised by content, and how it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.datasets.raw import Reading, Spool
from core.registry import Registry


@dataclass(frozen=True)
class Reader:
    """A file format.

    recognises(head, name): whether the first bytes (64 kB) are of this format. Readers are asked in the
    order of `order`; plain text comes last.
    read(path, spool): put the rows of the file into the spool, which knows the file's name, the limits and what
    the user said about the reading; the dialect and the notices. Raises FileRefused, TooLarge.
    """

    title: str
    order: int
    recognises: Callable[[bytes, str], bool]
    read: Callable[[Path, Spool], Reading]


READERS: Registry[Reader] = Registry("file format", "core.datasets.readers", "READER", folders=False)
