"""What a component of ours is sent: a header and arrays as one blob, which its script takes apart again."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray


def blob(header: dict[str, Any], *arrays: NDArray[Any]) -> bytes:
    """The header's length, the header as JSON padded to four bytes, and the arrays' bytes in order."""
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([struct.pack("<I", len(text)), text, *(np.ascontiguousarray(array).tobytes() for array in arrays)])
