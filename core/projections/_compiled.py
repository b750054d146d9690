"""What the methods compile is kept on disk for all processes after this one."""

from __future__ import annotations

import importlib
import os


def keep_compiled(*modules: str) -> None:
    """Keep what these modules compile in NUMBA_CACHE_DIR, where that is set: some seconds for each process."""
    from numba.core.registry import CPUDispatcher

    if "NUMBA_CACHE_DIR" not in os.environ:
        return
    for name in modules:
        module = importlib.import_module(name)
        for each in vars(module).values():
            if isinstance(each, CPUDispatcher) and each.__module__ == name:
                each.enable_caching()
