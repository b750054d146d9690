"""Typed values as the file writes them."""

from __future__ import annotations

import re

import numpy as np

from core.datasets.parsing import booleans
from core.results import Column
from core.words import moment

DAYS_ONLY = re.compile("[^%]*(%[dmyYbBj][^%]*)+")  # a format without a time of day


def written(value: object, column: Column) -> str:
    """A value as the file writes it, of a boolean in the file's own words; empty where there is none."""
    if missing(value):
        return ""
    if column.kind == "boolean":
        words = np.asarray([*column.histogram.labels, "true", "false"], object)
        return str(words[booleans(words) == float(float(str(value)) > 0)][0])
    if column.kind == "datetime":
        said = moment(float(str(value)))
        return said[:10] if DAYS_ONLY.fullmatch(column.form) else said
    return f"{float(str(value)):.6g}" if column.kind == "number" else str(value)


def missing(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or (isinstance(value, float) and bool(np.isnan(value)))
