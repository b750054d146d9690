"""Verdicts of others, seen while the page is open."""

from __future__ import annotations

from core.results import Dataset
from dashboard import state
from dashboard.api.said import said_of
from dashboard.tick import watching
from dashboard.uploader import base_path

SECONDS = 0.4  # a look takes the server a millisecond or two


def watch(dataset: Dataset) -> None:
    """Draw the page anew when somebody else said something. Called before what was said is read, so that nothing falls
    between the two."""
    lineage = dataset.lineage_id
    watching(f"{base_path()}/said/{lineage}", said_of(state.store(), lineage), SECONDS, key="verdicts")
