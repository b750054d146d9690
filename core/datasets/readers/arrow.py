"""Arrow files (also called Feather) and Arrow streams, one batch at a time."""

from __future__ import annotations

from pathlib import Path

from core.datasets.flat import Flat, decoder
from core.datasets.raw import Reading, Spool
from core.datasets.readers import Reader
from core.errors import FileRefused
from core.results import Dialect

FILE, FEATHER_1 = b"ARROW1", b"FEA1"
STREAM = b"\xff\xff\xff\xff"  # then the length of the first message, little end first
LONGEST_MESSAGE = 64_000_000  # bytes that describe a schema or a batch


def read(path: Path, spool: Spool) -> Reading:
    """An Arrow file or stream as text cells. Raises FileRefused, TooLarge."""
    with path.open("rb") as file:
        head = file.read(len(FILE))
    if head.startswith(FEATHER_1):
        raise FileRefused(
            "this is a Feather file of the first version, which is no longer in use",
            where=spool.name,
            fix="write it again as Feather 2, Parquet or CSV",
        )
    with decoder(path, "Arrow", spool) as file:
        schema, batches = file.batches()
        table = Flat(schema, spool, path.stat().st_size)
        for batch in batches:
            table.put(batch)
    return Reading(Dialect("", "", "", ""), table.finish())


def _recognises(head: bytes, _name: str) -> bool:
    if head.startswith((FILE, FEATHER_1)):
        return True
    return head.startswith(STREAM) and 0 < int.from_bytes(head[4:8], "little", signed=True) < LONGEST_MESSAGE


READER = Reader("Arrow", 15, _recognises, read)
