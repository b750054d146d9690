"""How many threads the numeric libraries of this process may use."""

from __future__ import annotations

import sys


def use_threads(count: int) -> None:
    """Set torch's threads where it is loaded; faiss stays at one."""
    import faiss

    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)
    faiss.omp_set_num_threads(1)
