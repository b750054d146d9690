"""Rows of one file as they are compared with those of another, and how some of them are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import InputRefused
from core.results import Kind

MOST_ROWS = 20_000  # of a side that are compared: a shift of a fortieth of a standard deviation is found in them

SCORES, ERRORS = "scores", "reconstruction errors"  # what a sample's scores may be


@dataclass(frozen=True)
class Sample:
    """Rows of one side, (N,) or (N, …) each. What is not known is None, and then not compared.

    values: float64 with NaN, or object of text with None, where missing, as core.datasets.comparable gives them. kinds: of
    each column; one that is not among them is taken for what its cells are. separators: of columns that hold several choices
    in a cell, what stands between them. codes: (N, L); scores: higher is stranger; scores_are: what a reader calls them, in the plural.
    held: of the reference only, the rows that the network and what gives the scores did not learn from; None where it learned
    from none of them. drawn_from: how many rows the file has, where these are some of them; 0 where they are all.
    """

    values: Mapping[str, NDArray[Any]]
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    separators: Mapping[str, str] = field(default_factory=dict)
    codes: NDArray[np.floating[Any]] | None = None
    scores: NDArray[np.floating[Any]] | None = None
    held: NDArray[np.bool_] | None = None
    scores_are: str = SCORES
    drawn_from: int = 0

    def __post_init__(self) -> None:
        lengths = {name: len(each) for name, each in self._named()}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} {length:,}" for name, length in lengths.items())
            raise InputRefused(
                "columns, codes and scores are not of the same rows",
                where=said[:200],
                fix="hand over one of each a row",
            )

    def __len__(self) -> int:
        return next((len(each) for _, each in self._named()), 0)

    @property
    def rows_of_file(self) -> int:
        """How many rows there are, with those that were not drawn."""
        return self.drawn_from or len(self)

    def take(self, rows: NDArray[np.int64]) -> Sample:
        """Some of the rows."""
        return replace(
            self,
            values={name: each[rows] for name, each in self.values.items()},
            codes=None if self.codes is None else self.codes[rows],
            scores=None if self.scores is None else self.scores[rows],
            held=None if self.held is None else self.held[rows],
            drawn_from=self.rows_of_file,
        )

    def _named(self) -> list[tuple[str, NDArray[Any]]]:
        beside = {"codes": self.codes, "scores": self.scores, "held": self.held}
        return [*self.values.items(), *((name, each) for name, each in beside.items() if each is not None)]


def rows_to_compare(rows: int, seed: int, most: int = MOST_ROWS) -> NDArray[np.int64]:
    """Which of so many rows are compared, in order: all, or so many drawn by the seed, (min(rows, most),)."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def prepared(sample: Sample, seed: int) -> Sample:
    """At most `MOST_ROWS` of its rows, in an order that depends on what they hold alone, its values as float64 or text.

    So what is drawn by lot later is the same however a file was sorted.
    """
    clean = replace(sample, values={name: _clean(each) for name, each in sample.values.items()})
    order = np.argsort(_hashes(clean), kind="stable")
    return clean.take(order[rows_to_compare(len(order), seed)])


def _clean(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind in "fiub":
        return values.astype(np.float64) + 0.0  # −0 is 0
    texts = values.astype(object)
    gone = np.asarray(pd.isna(texts), bool)
    out = np.array([None if none else str(value) for value, none in zip(texts, gone, strict=True)], object)
    return out


def _hashes(sample: Sample) -> NDArray[np.uint64]:
    """A number for what each row holds, (N,): the same in every process."""
    names = sorted(sample.values)
    columns = [sample.values[name] for name in names]
    if sample.codes is not None:
        columns += list(np.asarray(sample.codes, np.float64).T)
    columns += [np.asarray(each, np.float64) for each in (sample.scores, sample.held) if each is not None]
    out = np.zeros(len(sample), np.uint64)
    for each in columns:
        out = out * np.uint64(0x9E3779B97F4A7C15) + pd.util.hash_array(each, categorize=True)
    return out
