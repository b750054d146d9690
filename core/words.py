"""Counts and moments as a reader expects them, for messages and pages."""

from __future__ import annotations

import numpy as np


def count(number: int, word: str) -> str:
    """1 row, 2 rows, 1,200 rows."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def so_many(number: int, word: str, one: str, more: str) -> str:
    """1 row has, 2 rows have."""
    return f"{count(number, word)} {one if number == 1 else more}"


def listed(names: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def moment(time: float) -> str:
    """A moment of the data, in seconds since 1970, with its time of day; years before 1 and after 9999 are cut."""
    cut = min(max(time, -6.2e10), 2.5e11)
    whole = np.datetime64(round(cut * 1000), "ms").astype("datetime64[s]" if cut == int(cut) else "datetime64[ms]")
    return str(whole).replace("T", " ")


def day(moment: float) -> str:
    """A moment of the data, in seconds since 1970, as a date; years before 1 and after 9999 are cut."""
    return str(np.datetime64(round(min(max(moment, -6.2e10), 2.5e11)), "s"))[:10]
