"""A wall of small images as one component: raw pixels in, the number of the one that was clicked out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.blob import blob
from dashboard.charts import theme

HERE = Path(__file__).parent

_component = st.components.v2.component(
    "hourglass_gallery",
    html='<div class="gallery" role="list"></div>',
    css=(HERE / "gallery.css").read_text(encoding="utf-8"),
    js=(HERE / "gallery.js").read_text(encoding="utf-8"),
)


def gallery(
    images: NDArray[np.uint8],
    captions: Sequence[str],
    *,
    key: str,
    boxes: NDArray[np.floating[Any]] | None = None,
    flagged: NDArray[np.bool_] | None = None,
    side: int = 96,
) -> int | None:
    """Draw it. The place of the image that was clicked, or None.

    images: (K, H, W, C), C 1 or 3; captions are shown as typed; boxes: (K, 4) left, top, right, bottom in shares of
    the image; flagged: (K,), those get the flag's colour; side: how large each is shown, in pixels.
    """
    result = _component(
        key=key, data=_pack(images, captions, boxes, flagged, side), on_picked_change=lambda: None, height="content"
    )
    picked = result.get("picked") if result is not None else None
    return int(picked) if isinstance(picked, (int, float)) and 0 <= picked < len(images) else None


def _pack(
    images: NDArray[np.uint8],
    captions: Sequence[str],
    boxes: NDArray[np.floating[Any]] | None,
    flagged: NDArray[np.bool_] | None,
    side: int,
) -> bytes:
    count, height, width, channels = images.shape
    header = {
        "count": count,
        "height": height,
        "width": width,
        "channels": channels,
        "captions": list(captions),
        "boxes": None if boxes is None else np.clip(boxes, 0, 1).tolist(),
        "flagged": [False] * count if flagged is None else flagged.tolist(),
        "colour": theme.FLAGGED,
        "side": side,
    }
    return blob(header, images)
