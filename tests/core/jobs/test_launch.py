"""Starting and stopping the supervisor."""

from __future__ import annotations

import psutil

from core.jobs.launch import ensure_supervisor, stop_supervisor
from core.settings import Settings


def test_a_supervisor_that_is_still_starting_is_stopped_as_well(deployment: Settings) -> None:
    before = set(psutil.Process().children())
    ensure_supervisor(deployment)
    (started,) = set(psutil.Process().children()) - before
    stop_supervisor(deployment)
    assert not started.is_running()
