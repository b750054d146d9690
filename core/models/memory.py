"""Running out of memory, in words: torch says it in several ways, and on a CPU not by an exception of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.errors import OutOfMemory

# What torch and its libraries write into a plain RuntimeError where the machine has no memory left, and where a GPU has none.
SIGNS = (
    *("DefaultCPUAllocator", "alloc_cpu", "can't allocate memory", "std::bad_alloc", "could not create a memory"),
    *("CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"),
)


@contextmanager
def memory_in_words(what: str, where: str, fix: str) -> Iterator[None]:
    """Raises OutOfMemory for whatever inside the block means that; every other error passes."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        known = isinstance(error, torch.OutOfMemoryError | MemoryError) or any(sign in str(error) for sign in SIGNS)
        if not known:
            raise
        raise OutOfMemory(what, where=where, fix=fix) from error
