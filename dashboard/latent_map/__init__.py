"""The map component: up to four linked maps of the same rows, each one draw call, lasso and links answered in the browser.

Points and colours travel as raw bytes. What is selected and hidden comes back as a log of small steps (rows.js lists
them), polygons in whole numbers on a grid of 65,536 steps over the points' bounding box; `replay` finds the same rows
from it as the browser did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.blob import blob
from dashboard.charts import theme
from dashboard.charts.text import shortened, visible

HERE = Path(__file__).parent
GRID = 65_535.0
MOST_MAPS = 4
BASES_KEPT = 8
CLASSES, LONGEST_LABEL = 48, 80
# No grey and no slate among them: those are what has no value, and what is healthy.
CLASS_COLOURS = (
    "#0072b2", "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#7f3fbf", "#d55e00", "#cc79a7",
    "#999933", "#882255", "#44aa99", "#332288", "#ddcc77", "#117733", "#aa4499", "#88ccee",
)  # fmt: skip
STOPS = ("#3d5a98", "#5f6f8f", "#7d7c78", "#a19c6f", "#c8b866", "#fee838")  # Cividis, seen on dark pages too
MISSING = "#b0b0b0"
SELECTED, HIDDEN = 1, 2  # bits of a row's flags
Box = tuple[float, float, float, float]  # x0, y0, width, height

_component = st.components.v2.component(
    "hourglass_latent_map",
    html=(HERE / "map.html").read_text(encoding="utf-8"),
    css=(HERE / "map.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in ("rows.js", "panel.js", "map.js")),
)


@dataclass(frozen=True)
class Colour:
    """What the points' colours mean: numbers on a scale, or classes by index (-1 and NaN are missing)."""

    title: str
    values: NDArray[np.float32]  # (N,)
    labels: tuple[str, ...] = ()  # of the classes; empty for numbers
    colours: tuple[str, ...] = ()  # of the classes; the usual ones by default
    ends: tuple[str, str] | None = None  # what the legend writes at the ends of a scale of numbers
    lacking: str = "missing"  # what it calls those without a value
    base: int = 0  # of which the numbers are logarithms; 0: they are as they are

    @property
    def categorical(self) -> bool:
        return bool(self.labels)

    @property
    def palette(self) -> tuple[str, ...]:
        """A colour a class, different ones as far as they go; of numbers the stops of the scale."""
        if not self.categorical:
            return STOPS
        return self.colours or tuple(_shade(i) for i in range(len(self.labels)))


def _shade(i: int) -> str:
    """The colour of class i: beyond the sixteen the same hues lighter, then darker."""
    base, turn = CLASS_COLOURS[i % len(CLASS_COLOURS)], i // len(CLASS_COLOURS)
    if turn == 0:
        return base
    parts = np.array([int(base[k : k + 2], 16) for k in (1, 3, 5)], float)
    mixed = parts + (255 - parts) * 0.5 if turn % 2 else parts * 0.55
    return "#" + "".join(f"{int(part):02x}" for part in mixed)


def classes(title: str, texts: NDArray[np.object_]) -> Colour:
    """A colour a class; the rarest beyond as many as can be told apart share one. Empty and blank cells are missing."""
    cells = np.asarray(["" if text is None else text.strip() for text in texts], str)
    names, inverse, counts = np.unique(cells, return_inverse=True, return_counts=True)
    order = [i for i in np.argsort(-counts, kind="stable") if names[i] != ""]
    shown = order if len(order) <= CLASSES else order[: CLASSES - 1]
    places = np.full(len(names), -1.0, np.float32)
    places[shown] = np.arange(len(shown))
    labels = [shortened(visible(str(names[i])), LONGEST_LABEL) for i in shown]
    if len(order) > CLASSES:
        places[order[CLASSES - 1 :]] = CLASSES - 1
        labels.append(f"{len(order) - CLASSES + 1:,} others")
    return Colour(title, places[inverse], tuple(labels) or ("nothing",))


@dataclass(frozen=True)
class Panel:
    """One map: its name, what is said beside it, and where each row lies, (N, 2), NaN where it has no place.

    under: other points that are drawn muted behind these, (U, 2): they are not selected, hidden or hovered over. shown: the stretch
    of the plane, where several maps are laid over each other; None for what all of its points fill.
    """

    title: str
    points: NDArray[np.float32]
    note: str = ""
    under: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 2), np.float32))
    shown: Box | None = None

    @property
    def box(self) -> Box:
        """What the map shows."""
        return self.shown or bounds(np.concatenate([self.points, self.under]))


# --- replaying what was done in the browser --------------------------------------------------------------


def bounds(points: NDArray[np.float32]) -> Box:
    """x0, y0, width, height of the finite points' box; never of zero size."""
    finite = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if len(finite) == 0:
        return 0.0, 0.0, 1.0, 1.0
    x0, y0 = finite.min(axis=0)
    width, height = finite.max(axis=0) - (x0, y0)
    return float(x0), float(y0), float(width) or 1.0, float(height) or 1.0


def on_grid(points: NDArray[np.float32], box: Box | None = None) -> NDArray[np.float64]:
    """Points in grid units, in the very arithmetic that the browser uses. box: of the map, by default that of the points."""
    x0, y0, width, height = bounds(points) if box is None else box
    double = points.astype(np.float64)
    return np.column_stack([(double[:, 0] - x0) / width * GRID, (double[:, 1] - y0) / height * GRID])


def inside(grid: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points lie in a polygon, (P, 2), by the even-odd rule, (N,)."""
    out = np.zeros(len(grid), bool)
    near = np.flatnonzero((grid[:, 1] >= polygon[:, 1].min()) & (grid[:, 1] <= polygon[:, 1].max()))
    x, y = grid[near, 0], grid[near, 1]
    odd = np.zeros(len(near), bool)
    for (ax, ay), (bx, by) in zip(polygon, np.roll(polygon, 1, axis=0), strict=True):
        if ay == by:
            continue
        crosses = (ay > y) != (by > y)
        odd ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    out[near] = odd
    return out


@dataclass(frozen=True)
class Base:
    """What the browser's steps start from."""

    flags: NDArray[np.uint8]  # (N,) SELECTED | HIDDEN
    values: NDArray[np.float32]  # (N,) the colours' values, by which legends filter
    points: tuple[NDArray[np.float32], ...]  # of each map
    boxes: tuple[Box, ...] = ()  # of each map; by default those of the points


def replay(base: Base, steps: Sequence[Sequence[Any]]) -> NDArray[np.uint8]:
    """The flags of all rows after some steps, (N,). What is not seen is never selected."""
    selected, hidden = (base.flags & SELECTED) > 0, (base.flags & HIDDEN) > 0
    kinds = np.where(base.values >= 0, base.values, -1)
    off: set[int] = set()
    seen = ~hidden
    for what, *rest in steps:
        if what in ("area", "row"):
            how, where = rest[0], rest[1]
            meant = np.zeros(len(selected), bool)
            if what == "area":
                meant = inside(
                    on_grid(base.points[where], base.boxes[where] if base.boxes else None),
                    np.asarray(rest[2], np.float64).reshape(-1, 2),
                )
            else:
                meant[where] = True
            meant &= seen
            selected = {"=": meant, "+": selected | meant, "-": selected & ~meant}[how]
        elif what == "clear":
            selected = np.zeros(len(selected), bool)
        elif what == "invert":
            selected = seen & ~selected
        elif what == "hide":
            hidden, selected = hidden | selected, np.zeros(len(selected), bool)
        elif what == "only" and selected.any():
            hidden = hidden | (seen & ~selected)
        elif what == "show":
            hidden, off = np.zeros(len(selected), bool), set()
        elif what == "class":
            (off.discard if rest[1] else off.add)(int(rest[0]))
        seen = ~hidden & ~np.isin(kinds, list(off))
        selected = selected & seen
    return (selected * SELECTED + hidden * HIDDEN).astype(np.uint8)


# --- the component ---------------------------------------------------------------------------------------


@dataclass
class Memory:
    """What a session knows of one group of maps between two runs of the page."""

    bases: dict[str, Base] = field(default_factory=dict)
    drawn: str = ""  # what the browser was sent last, as a hash
    token: str = ""  # the base that it was sent with
    data: bytes = b""
    made: int = 0  # bases so far
    given: int = 0  # times that the selection came from elsewhere
    up: dict[str, Any] | None = None  # what the browser said last
    flags: NDArray[np.uint8] | None = None  # and what came of it

    def start(self, base: Base) -> None:
        """A new base; the oldest is forgotten."""
        self.made += 1
        self.token = str(self.made)
        self.bases[self.token] = base
        while len(self.bases) > BASES_KEPT:
            del self.bases[next(iter(self.bases))]

    def hear(self, up: dict[str, Any] | None, rows: int) -> NDArray[np.uint8]:
        """The flags after what the browser says; as they were, where it says nothing or counts from a forgotten base."""
        if self.flags is None or len(self.flags) != rows:
            self.flags = np.zeros(rows, np.uint8)
        base = self.bases.get(up["base"]) if up else None
        if up and base is not None and len(base.flags) == rows and up != self.up:
            self.up, self.flags = up, replay(base, up["steps"])
        return self.flags


def linked_maps(
    panels: Sequence[Panel],
    colour: Colour,
    *,
    selected: NDArray[np.int64],
    changed: Callable[[NDArray[np.int64]], None],
    key: str,
    sizes: NDArray[np.float64] | None = None,
    height: int = 540,
    thumbs: str = "",
    about: str = "",
    points_are: str = "rows",
    under_are: str = "",
) -> None:
    """Draw the maps.

    selected: the rows that are selected, (K,), in order; where they are not what was selected here, they were selected
    elsewhere, and win. changed: told of the rows that are selected here, before the page is drawn anew.
    sizes: (N,) from 0 to 1, how large each point is. thumbs: the address under which each row's image stands, without its
    number; about: that under which there is what a hovered row says (dashboard.api.about). under_are: what the legend calls
    the points behind.
    """
    memory: Memory = st.session_state.setdefault(f"{key}_memory", Memory())
    points = tuple(np.ascontiguousarray(panel.points, np.float32) for panel in panels)
    up = (st.session_state.get(key) or {}).get("selection")
    flags = memory.hear(up, len(points[0]))
    elsewhere = not np.array_equal(selected, np.flatnonzero(flags & SELECTED))
    if elsewhere:
        flags = flags & np.uint8(HIDDEN)
        flags[selected] = SELECTED
        memory.flags = flags
    sent = memory.bases.get(memory.token)
    if sent is not None and (elsewhere or up is None) and not np.array_equal(sent.flags, flags):
        memory.given += 1
        memory.drawn = ""
    header = _header(panels, points, colour, sizes, height, thumbs, about, points_are, under_are)
    content = hashlib.sha256(repr(header).encode())
    for array in (colour.values, sizes):
        content.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
    if memory.drawn != content.hexdigest():
        memory.drawn = content.hexdigest()
        memory.start(Base(flags, np.asarray(colour.values, np.float32), points, tuple(panel.box for panel in panels)))
        header |= {"base": memory.token, "given": memory.given, "answered": up["number"] if up else 0}
        header["id"] = f"{memory.drawn[:16]}-{memory.token}"
        large = [] if sizes is None else [np.round(255 * np.clip(sizes, 0, 1)).astype(np.uint8)]
        under = [np.ascontiguousarray(panel.under, np.float32) for panel in panels]
        memory.data = blob(header, *points, *under, np.asarray(colour.values, np.float32), *large, flags)

    def heard() -> None:
        said = (st.session_state.get(key) or {}).get("selection")
        changed(np.flatnonzero(memory.hear(said, len(points[0])) & SELECTED))

    _component(key=key, data=memory.data, on_selection_change=heard)


def _header(
    panels: Sequence[Panel],
    points: Sequence[NDArray[np.float32]],
    colour: Colour,
    sizes: NDArray[np.float64] | None,
    height: int,
    thumbs: str,
    about: str,
    points_are: str,
    under_are: str,
) -> dict[str, Any]:
    finite = colour.values[np.isfinite(colour.values)]
    maps = [
        {
            "title": panel.title,
            "note": panel.note,
            "bounds": panel.box,
            "under": len(panel.under),
            "id": hashlib.sha256(
                xy.tobytes() + np.ascontiguousarray(panel.under).tobytes() + repr(panel.box).encode()
            ).hexdigest()[:16],
        }
        for panel, xy in zip(panels, points, strict=True)
    ]
    return {
        "n": len(points[0]),
        "maps": maps,
        "title": colour.title,
        "labels": list(colour.labels),
        "colours": list(colour.palette),
        "low": float(finite.min()) if len(finite) else 0.0,
        "high": float(finite.max()) if len(finite) else 1.0,
        "ends": list(colour.ends) if colour.ends else None,
        "lacking": colour.lacking,
        "logarithms_of": colour.base,  # "base" is where the steps start from
        "sized": sizes is not None,
        "missing": MISSING,
        "flagged": theme.FLAGGED,
        "height": height,
        "thumbs": thumbs,
        "about": about,
        "points_are": points_are,
        "under_are": under_are,
        "muted": theme.GREY,
    }
