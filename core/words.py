"""Counts as a reader expects them, for messages and pages."""

from __future__ import annotations


def count(number: int, word: str) -> str:
    """1 row, 2 rows, 1,200 rows."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def so_many(number: int, word: str, one: str, more: str) -> str:
    """1 row has, 2 rows have."""
    return f"{count(number, word)} {one if number == 1 else more}"
