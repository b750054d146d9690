"""A typed table → the matrix that the network sees, and back. Fitted on training rows only.

Every kind of column is a *part*: a pydantic model that can be fitted, can encode its column into a few
matrix columns and can read them back. An encoder is the list of its parts, and its JSON is theirs. A new
encoding is one new file in `parts/`; one that is another choice for numbers is named in RunSpec.numbers too.
"""

from __future__ import annotations

from typing import Any

from core.datasets.encoding.encoder import Encoder, describe_encoding, expected_inputs, part_for
from core.datasets.encoding.frequency import OTHER
from core.datasets.encoding.pictures import PictureEncoder
from core.datasets.encoding.scaling import squash, unsquash


def encoder_from_json(record: dict[str, Any]) -> Encoder | PictureEncoder:
    """What `to_json` of either made. Raises StorageFailed."""
    return PictureEncoder.from_json(record) if "spread" in record else Encoder.from_json(record)


__all__ = [
    "OTHER",
    "Encoder",
    "PictureEncoder",
    "describe_encoding",
    "encoder_from_json",
    "expected_inputs",
    "part_for",
    "squash",
    "unsquash",
]
