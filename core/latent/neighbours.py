"""The nearest codes: one faiss index an embedding, shared by maps, trust figures and look-alikes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.results import Neighbours

K = 30  # neighbours that are kept of each row
EXACT = 10_000  # rows up to which all distances are looked at
LINKS, BUILT_WITH, SEARCHED_WITH = 20, 60, 64  # of the graph above that (Malkov and Yashunin 2018)
TRIED, TRUE = 300, 16  # rows, and neighbours of each, by which it is told whether it is searched widely enough
RECALL, GAIN, WIDEST = 0.985, 0.003, 1_024


def neighbours_among(codes: NDArray[np.float32], k: int = K) -> Neighbours:
    """The k nearest others of each of the codes, (N, L); fewer of fewer than k + 1 rows."""
    codes = np.ascontiguousarray(codes, np.float32)
    k = min(k, len(codes) - 1)
    distances, found = Index.build(codes).search(codes, k + 1)
    kept = others_than_itself(found)
    shape = (len(codes), k)
    return Neighbours(found[kept].reshape(shape).astype(np.int32), distances[kept].reshape(shape))


def others_than_itself(found: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of the k + 1 nearest of each row, (N, k + 1), which k are others: it is not always the first, as its copies are as near."""
    kept = found != np.arange(len(found))[:, None]
    kept[kept.all(axis=1), -1] = False  # more than k copies of it came first
    return np.asarray(kept)


class Index:
    """What is searched: all codes up to `EXACT` of them, else a graph through them (HNSW)."""

    def __init__(self, index: Any) -> None:
        self.index = index

    @classmethod
    def build(cls, codes: NDArray[np.float32]) -> Index:
        """Of codes (N, L). The same codes give the same index."""
        import faiss

        if len(codes) <= EXACT:
            index: Any = faiss.IndexFlatL2(codes.shape[1])
        else:
            index = faiss.IndexHNSWFlat(codes.shape[1], LINKS)
            index.hnsw.efConstruction = BUILT_WITH
            index.hnsw.efSearch = SEARCHED_WITH
        with _alone():
            index.add(np.ascontiguousarray(codes, np.float32))
            if len(codes) > EXACT:
                _search_widely_enough(index, codes)
        return cls(index)

    def search(self, codes: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Distances and rows of the k nearest to each code, (M, k): of each by itself, whatever else is asked for.

        Equal distances stand in the order of the rows.
        """
        with _alone():
            squared, found = self.index.search(np.ascontiguousarray(codes, np.float32), k)
            lost = np.flatnonzero((found < 0).any(axis=1))  # what the graph does not lead to: looked for among all
            if len(lost):
                squared[lost], found[lost] = _flat(self.index).search(np.ascontiguousarray(codes[lost], np.float32), k)
        return np.sqrt(np.maximum(squared, 0)).astype(np.float32), found


def _search_widely_enough(index: Any, codes: NDArray[np.float32]) -> None:
    """Twice as wide until enough of the neighbours of some rows are found, or no more come: codes without groups need more."""
    some = np.random.default_rng(0).choice(len(codes), min(TRIED, len(codes)), replace=False)
    asked = np.ascontiguousarray(codes[some], np.float32)
    true, before = _flat(index).search(asked, TRUE)[1].tolist(), 0.0
    while True:
        found = index.search(asked, TRUE)[1].tolist()
        recall = float(np.mean([len(set(a) & set(b)) / TRUE for a, b in zip(true, found, strict=True)]))
        if recall < before + GAIN:  # it was no use
            index.hnsw.efSearch //= 2
            return
        if recall >= RECALL or index.hnsw.efSearch >= WIDEST:
            return
        before = recall
        index.hnsw.efSearch *= 2


def _flat(index: Any) -> Any:
    """The codes themselves, to be searched one by one."""
    import faiss

    return faiss.downcast_index(index.storage) if hasattr(index, "storage") else index


@contextmanager
def _alone() -> Iterator[None]:
    """One thread, and no matrix products over several queries: their last bits depend on how many there are."""
    import faiss

    threads, blas = faiss.omp_get_max_threads(), faiss.cvar.distance_compute_blas_threshold
    faiss.omp_set_num_threads(1)
    faiss.cvar.distance_compute_blas_threshold = 2**31 - 1
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)
        faiss.cvar.distance_compute_blas_threshold = blas
