"""How many threads the numeric libraries of this process may use."""

from __future__ import annotations


def use_threads(count: int) -> None:
    """Set torch's threads; faiss stays at one."""
    import faiss
    import torch

    torch.set_num_threads(count)
    faiss.omp_set_num_threads(1)
