"""Helpers of the supervisor leave with it, however it went; its successor starts its own."""

from __future__ import annotations

import os
import threading

EVERY_SECONDS = 0.5


def leave_with(parent: int) -> threading.Event:
    """Watch from a thread whether `parent`, our parent's process id, is gone, and end at once if so.

    The id is handed over: a process that was orphaned before it got here would take its foster parent for the
    real one. Not a clean shutdown, which could take away what the successor has made anew. Set the event that is
    returned to end the watching.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_SECONDS):
            if os.getppid() != parent:
                os._exit(0)

    threading.Thread(target=watch, name="leave-with-parent", daemon=True).start()
    return over
