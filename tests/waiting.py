"""Waiting for what another process does, with a bound on hanging."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 180.0  # seconds


def eventually(true: Callable[[], bool], what: str) -> None:
    """Return once it is true; fails with `what` where it never is."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(what)
