"""Counts in sentences."""

from __future__ import annotations


def so_many(count: int, noun: str, one: str, more: str) -> str:
    """1 row has, 2 rows have."""
    return f"{count:,} {noun} {one}" if count == 1 else f"{count:,} {noun}s {more}"
