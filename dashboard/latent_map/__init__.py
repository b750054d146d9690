"""The map component: one draw call, a lasso answered in the browser, only its polygon sent to Python.

Points and colours travel as raw bytes. A polygon comes back in whole numbers on a grid of 65,536 steps over
the points' bounding box; `Selection.rows` finds the same rows from it as the browser did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.blob import blob
from dashboard.charts import theme

HERE = Path(__file__).parent
GRID = 65_535.0
HOVER_ROWS = 20_000
CLASSES = 16
CLASS_COLOURS = (
    "#7c8da5", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7",
    "#999933", "#882255", "#44aa99", "#332288", "#ddcc77", "#117733", "#aa4499", "#88ccee",
)  # fmt: skip
STOPS = ("#3d5a98", "#5f6f8f", "#7d7c78", "#a19c6f", "#c8b866", "#fee838")  # Cividis, seen on dark pages too
MISSING = "#b0b0b0"

_component = st.components.v2.component(
    "hourglass_latent_map",
    html=(HERE / "map.html").read_text(encoding="utf-8"),
    css=(HERE / "map.css").read_text(encoding="utf-8"),
    js=(HERE / "map.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Colour:
    """What the points' colours mean: numbers on a scale, or classes by index (-1 and NaN are missing)."""

    title: str
    values: NDArray[np.float32]  # (N,)
    labels: tuple[str, ...] = ()  # of the classes; empty for numbers
    colours: tuple[str, ...] = ()  # of the classes; the usual ones by default
    ends: tuple[str, str] | None = None  # what the legend writes at the ends of a scale of numbers

    @property
    def categorical(self) -> bool:
        return bool(self.labels)


def classes(title: str, texts: NDArray[np.object_]) -> Colour:
    """A colour a class; the rarest beyond sixteen share one."""
    names, inverse, counts = np.unique(
        np.asarray(["\0" if text is None else text.strip() for text in texts], str),
        return_inverse=True,
        return_counts=True,
    )
    order = [i for i in np.argsort(-counts, kind="stable") if names[i] != "\0"]
    shown = order if len(order) <= CLASSES else order[: CLASSES - 1]
    places = np.full(len(names), -1.0, np.float32)
    places[shown] = np.arange(len(shown))
    labels = [str(names[i]) for i in shown]
    if len(order) > CLASSES:
        places[order[CLASSES - 1 :]] = CLASSES - 1
        labels.append(f"{len(order) - CLASSES + 1} others")
    return Colour(title, places[inverse], tuple(labels) or ("nothing",))


@dataclass(frozen=True)
class Selection:
    """The polygons of a selection, each (P, 2) on the grid."""

    polygons: tuple[NDArray[np.float64], ...]

    def rows(self, points: NDArray[np.float32]) -> NDArray[np.int64]:
        """Rows inside any polygon, by the even-odd rule, as the browser counts them."""
        grid = on_grid(points)
        inside = np.zeros(len(points), bool)
        for polygon in self.polygons:
            inside |= _inside(grid, polygon)
        return np.flatnonzero(inside)


def bounds(points: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """x0, y0, width, height of the finite points' box; never of zero size."""
    finite = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if len(finite) == 0:
        return 0.0, 0.0, 1.0, 1.0
    x0, y0 = finite.min(axis=0)
    width, height = finite.max(axis=0) - (x0, y0)
    return float(x0), float(y0), float(width) or 1.0, float(height) or 1.0


def on_grid(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Points in grid units, in the very arithmetic that the browser uses."""
    x0, y0, width, height = bounds(points)
    double = points.astype(np.float64)
    return np.column_stack([(double[:, 0] - x0) / width * GRID, (double[:, 1] - y0) / height * GRID])


def _inside(grid: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    inside = np.zeros(len(grid), bool)
    x, y = grid[:, 0], grid[:, 1]
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, 1, axis=0), strict=True):
        if ay == by:
            continue
        crosses = (ay > y) != (by > y)
        inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return inside


def pack(
    points: NDArray[np.float32],
    colour: Colour,
    hover: Sequence[str] | None,
    selected: NDArray[np.int64],
    height: int,
    thumbs: str = "",
    points_are: str = "rows",
) -> bytes:
    """Header, xy, colour values and selected flags as one blob."""
    points = np.ascontiguousarray(points, np.float32)
    values = np.ascontiguousarray(colour.values, np.float32)
    flags = np.zeros(len(points), np.uint8)
    flags[selected] = 1
    finite = values[np.isfinite(values)]
    header: dict[str, Any] = {
        "n": len(points),
        "bounds": bounds(points),
        "title": colour.title,
        "labels": list(colour.labels),
        "colours": list(colour.colours or CLASS_COLOURS) if colour.categorical else list(STOPS),
        "low": float(finite.min()) if len(finite) else 0.0,
        "high": float(finite.max()) if len(finite) else 1.0,
        "ends": list(colour.ends) if colour.ends else None,
        "missing": MISSING,
        "flagged": theme.FLAGGED,
        "hover": list(hover) if hover is not None and len(points) <= HOVER_ROWS else None,
        "height": height,
        "thumbs": thumbs,
        "points_are": points_are,
        "points": hashlib.sha256(points.tobytes()).hexdigest()[:16],
    }
    return blob(header, points, values, flags)


def latent_map(
    points: NDArray[np.float32],
    colour: Colour,
    *,
    hover: Sequence[str] | None = None,
    selected: NDArray[np.int64],
    key: str,
    height: int = 540,
    thumbs: str = "",
    points_are: str = "rows",
) -> Selection | None:
    """Draw the map. None until something was selected, or cleared, in it; `selected` rows are lit until then.

    thumbs: the address under which each row's image stands, without its number; empty where rows are no images. points_are: what they are called.
    """
    data = pack(points, colour, hover, selected, height, thumbs, points_are)
    result = _component(key=key, data=data, on_selection_change=lambda: None)
    state = result.get("selection") if result is not None else None
    if state is None:
        return None
    return Selection(tuple(np.asarray(flat, np.float64).reshape(-1, 2) for flat in state["polygons"]))
