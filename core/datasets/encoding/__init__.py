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
from core.datasets.encoding.windows import WindowEncoder

AnyEncoder = Encoder | PictureEncoder | WindowEncoder


def encoder_from_json(record: dict[str, Any]) -> AnyEncoder:
    """What `to_json` of any of them made. Raises StorageFailed."""
    family = PictureEncoder if "spread" in record else WindowEncoder if "length" in record else Encoder
    made: AnyEncoder = family.from_json(record)
    return made


__all__ = [
    "OTHER",
    "AnyEncoder",
    "Encoder",
    "PictureEncoder",
    "WindowEncoder",
    "describe_encoding",
    "encoder_from_json",
    "expected_inputs",
    "part_for",
    "squash",
    "unsquash",
]
