"""Logging of the processes behind the app."""

from __future__ import annotations

import logging


def log_to_stderr() -> None:
    """One line an event; the supervisor's stderr is a file under home/logs."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(name)s %(levelname)s %(message)s")
    for chatty in ("alembic", "faiss", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
