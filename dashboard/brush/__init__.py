"""Rectangles drawn over an image: dragging adds one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.blob import blob
from dashboard.charts import theme

HERE = Path(__file__).parent
Box = tuple[float, float, float, float]  # left, top, right, bottom in shares of the image
MOST = 20

_component = st.components.v2.component(
    "hourglass_brush",
    html=(HERE / "brush.html").read_text(encoding="utf-8"),
    css=(HERE / "brush.css").read_text(encoding="utf-8"),
    js=(HERE / "brush.js").read_text(encoding="utf-8"),
)


def brush(image: NDArray[np.uint8], boxes: Sequence[Box], *, key: str, side: int = 384) -> tuple[Box, ...]:
    """Draw the image, (H, W, C), with these boxes; the boxes as they stand now."""
    height, width, channels = image.shape
    header = {"height": height, "width": width, "channels": channels, "boxes": list(boxes), "side": side, "most": MOST}
    data = blob({**header, "colour": theme.FLAGGED}, image)
    result = _component(key=key, data=data, on_boxes_change=lambda: None)
    drawn = result.get("boxes") if result is not None else None
    if not isinstance(drawn, list):
        return tuple(boxes)
    return tuple(_box(each) for each in drawn[:MOST])


def _box(each: Sequence[float]) -> Box:
    left, top, right, bottom = (round(min(1.0, max(0.0, float(edge))), 4) for edge in each)
    return left, top, right, bottom
