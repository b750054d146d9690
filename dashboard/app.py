"""The server object: `python -m streamlit run dashboard/app.py` finds `app` here and serves it."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from core.datasets import uploads
from core.errors import HourglassError
from core.jobs.launch import ensure_supervisor
from core.settings import settings
from core.storage.database import migrate, storage_failure
from core.storage.store import Store
from dashboard.api import about, said, thumbs
from dashboard.api.headers import SecurityHeaders
from dashboard.api.uploads import routes
from dashboard.blocks.failure import show_bug, show_error
from dashboard.uploader import base_path

HEARTBEAT_SECONDS = 3.0
log = logging.getLogger("hourglass")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Bring the database up to date, remove uploads left lying, and see to it that a supervisor runs throughout."""
    migrate(settings())
    uploads.sweep(settings())
    ended = threading.Event()
    keeper = threading.Thread(target=_keep_supervisor, args=(ended,), name="supervisor-keeper", daemon=True)
    keeper.start()
    try:
        yield {}
    finally:
        ended.set()


def _keep_supervisor(ended: threading.Event) -> None:
    while True:
        try:
            ensure_supervisor(settings())
        except HourglassError as error:
            log.error("no supervisor: %s", error.line())
        if ended.wait(HEARTBEAT_SECONDS):
            return


def on_script_error(error: Exception) -> bool:
    """The one error boundary: our errors in their own words, anything else as a bug with a reference."""
    if isinstance(error, HourglassError):
        show_error(error)
    elif (failure := storage_failure(error, settings())) is not None:
        log.error("storage failed", exc_info=error)
        show_error(failure)
    else:
        show_bug(error)
    return True


@lru_cache(maxsize=1)
def _store() -> Store:
    return Store.open(settings())


app = st.App(
    "frame.py",
    lifespan=lifespan,
    routes=[
        *routes(settings, base_path()),
        *thumbs.routes(_store, base_path()),
        *about.routes(_store, base_path()),
        *said.routes(_store, base_path()),
    ],
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=on_script_error,
)
