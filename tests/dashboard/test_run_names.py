"""What a changed copy of a run is called."""

from __future__ import annotations

import pytest

from dashboard.blocks.run_names import changed


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("", " (changed)"),
        ("first", "first (changed)"),
        ("first (changed)", "first (changed 2)"),
        ("first (changed 9)", "first (changed 10)"),
        ("first (changed", "first (changed (changed)"),
        ("first (changed x)", "first (changed x) (changed)"),
    ],
)
def test_a_copy_of_a_copy_is_counted(name: str, copy: str) -> None:
    assert changed(name) == copy
