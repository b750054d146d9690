"""What the network expects is said as the file writes it."""

from __future__ import annotations

from typing import Any

import pytest

from core.results import Column, Histogram, Kind
from core.serving.server import _expected


@pytest.mark.parametrize(
    ("kind", "labels", "value", "words"),
    [
        ("boolean", ("no", "YES"), 1.0, "YES"),
        ("boolean", ("no", "YES"), 0.0, "no"),
        ("boolean", ("no",), 1.0, "true"),  # never seen: our own word
        ("number", (), 1234.5678, "1234.57"),
        ("datetime", (), 0.0, "1970-01-01 00:00:00"),
        ("category", ("red",), "red", "red"),
    ],
)
def test_an_expected_value_in_words(kind: Kind, labels: tuple[str, ...], value: Any, words: str) -> None:
    column = Column("x", kind, "feature", "", histogram=Histogram(counts=(1,) * len(labels), labels=labels))
    assert _expected(value, column) == words
