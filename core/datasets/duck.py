"""DuckDB as the readers and the profile use it: one connection a piece of work, one thread, little memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import duckdb

MEMORY = "300MB"  # above this DuckDB writes what it holds to its folder


@contextmanager
def connection(threads: int = 1, memory: str = MEMORY) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that may touch no other file than those that are named to it.

    Raises MemoryError where it finds none, by whichever limit.
    """
    with TemporaryDirectory(prefix="hourglass-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": folder,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        try:
            with duckdb.connect(config=config) as duck:
                duck.execute("SET enable_progress_bar = false")  # it writes to stdout, which is the command's
                yield duck
        except (duckdb.Error, OSError) as error:  # Arrow's reader passes DuckDB's words on as an OSError
            if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in str(error):
                raise MemoryError(str(error)) from error
            raise


def quoted(name: str) -> str:
    """A column's name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"
