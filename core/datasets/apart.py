"""A reader's library in an interpreter of its own, for files over which it may end its process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def apart(script: Path, path: Path, memory_mb: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a script on a file for as long as the context lasts; it limits its own address space to so much."""
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", str(script), str(path), str(memory_mb * 1_000_000)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=1 << 20,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
