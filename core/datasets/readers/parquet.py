"""Parquet, checked against its metadata before a page of it is read, and counted while it is."""

from __future__ import annotations

from pathlib import Path

from core.datasets.flat import RATIO, SUSPECT, Flat, decoder, rows_at_once, too_large
from core.datasets.raw import Reading, Spool
from core.datasets.readers import Reader
from core.errors import TooLarge
from core.results import Dialect


def read(path: Path, spool: Spool) -> Reading:
    """A Parquet file as text cells, some rows at a time. Raises FileRefused, TooLarge."""
    size = path.stat().st_size
    with decoder(path, "Parquet", spool) as file:
        said = file.metadata()
        _check_metadata(said, spool, size)
        file.start(rows_at_once(said["columns"]))
        schema, batches = file.batches()
        table = Flat(schema, spool, size)
        for batch in batches:
            table.put(batch)
    return Reading(Dialect("", "", "", ""), table.finish())


def _check_metadata(said: dict[str, int], spool: Spool, size: int) -> None:
    """What the file says of itself. Raises TooLarge."""
    unpacked, limit = said["bytes"], spool.limits.upload_limit_mb * 4_000_000
    if unpacked > max(SUSPECT, RATIO * size):
        raise too_large(f"{unpacked:,} bytes from {size:,}, over {RATIO:,} to 1", spool.name)
    spool.check_rows(said["rows"])
    spool.expected_rows = said["rows"]
    spool.check_width(said["columns"])
    if unpacked > limit:
        raise TooLarge(
            f"the table has {unpacked:,} bytes when unpacked, the limit is {limit:,}",
            where=spool.name,
            fix="upload a part of it",
        )


READER = Reader("Parquet", 10, lambda head, _name: head.startswith(b"PAR1"), read)
