"""What is said of images that were read: all that was changed in them, left out or guessed, with how many and which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.datasets.images.decode import Plan
from core.datasets.images.formats import DEEP, DEEP_COLOUR, NAMES
from core.datasets.images.looks import Looks
from core.datasets.images.sizes import LARGEST_SIDE, OVERLAP, odd_shapes
from core.datasets.images.writing import Written
from core.results import Reject

SHOWN = 3  # examples
LABELS_SHOWN = 8


def about_images(looks: Looks, written: Written, plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    """What is to be said of the images that were read."""
    table, colours = looks.table, looks.colours
    turned = table["orientation"] > 1
    deep = np.isin(colours, DEEP)
    said = [
        _size(looks, plan),
        _counted(
            written.facts["padded"],
            names,
            "smaller than that or no square; the room around them has the colour of their border, "
            "so that no edge is made which they have not",
        ),
        _counted(
            table["several"] & (table["format"] == NAMES.index("GIF")), names, "animated; the first frame was read"
        ),
        _counted(
            table["several"] & (table["format"] != NAMES.index("GIF")),
            names,
            "of several frames or pages; the first was read",
        ),
        _counted(turned, names, "turned as the camera noted (EXIF)"),
        _counted(table["orientation"] == 0, names, "read as stored: what the camera noted of their turning is damaged"),
        _counted(colours == "CMYK", names, "in the colours of print (CMYK); they were turned into RGB"),
        _counted(table["transparent"], names, "transparent in part; they were laid on white"),
        _counted(deep, names, f"of more than 8 bits; {looks.low:g} … {looks.high:g}, the range of all, became 0 … 255"),
        _counted(colours == DEEP_COLOUR, names, "in colour of 16 bits; the upper 8 of them were read"),
        _counted(table["misnamed"], names, "of another format than the name says; it goes by the content"),
        _odd(looks, names),
        _alike(written, names),
    ]
    return tuple(notice for notice in said if notice)


def about_folders(labels: Sequence[str] | None, splits: Sequence[str] | None) -> tuple[str, ...]:
    """What was taken from the folders."""
    said = []
    for column, cells in (("label", labels), ("split", splits)):
        if cells is not None:
            counts = Counter(cells).most_common()
            shown = ", ".join(f"{name or 'none'} ({count:,})" for name, count in counts[:LABELS_SHOWN])
            more = f", and {len(counts) - LABELS_SHOWN:,} more" if len(counts) > LABELS_SHOWN else ""
            said.append(f"the column “{column}” was made from the folders: {shown}{more}")
    return tuple(said)


def about_rejects(rejects: Sequence[Reject]) -> tuple[str, ...]:
    """How many files were left out, which stand in the list of rejects."""
    if not rejects:
        return ()
    names = [reject.text for reject in rejects]
    return (f"{_how_many(len(rejects), 'file')} could not be read as an image: {_examples(names)}",)


def _size(looks: Looks, plan: Plan) -> str:
    table = looks.table
    shapes = Counter(zip(table["width"].tolist(), table["height"].tolist(), strict=True))
    (width, height), _ = shapes.most_common(1)[0]
    have = (
        f"all images have {width:,} × {height:,} pixels"
        if len(shapes) == 1
        else f"the images have {len(shapes):,} sizes, {table['width'].min():,} × {table['height'].min():,} to "
        f"{table['width'].max():,} × {table['height'].max():,} pixels"
    )
    into = f"{plan.size} × {plan.size} in {'grey' if plan.channels == 1 else 'colour'}"
    how = {
        "fit": f"each was brought to {into} as a whole",
        "fill": f"of each the middle was brought to {into}, what lies beside it was cut off",
        "tiles": f"each was cut into tiles of {into} that overlap by {OVERLAP:.0%}, sides of more than "
        f"{LARGEST_SIDE:,} scaled down before",
    }
    return f"{have}; {how[plan.rule]}"


def _counted(which: NDArray[np.bool_], names: Sequence[str], what: str) -> str:
    places = np.flatnonzero(which)
    if len(places) == 0:
        return ""
    verb = "is" if len(places) == 1 else "are"
    return f"{_how_many(len(places), 'image')} {verb} {what}: {_examples([names[int(place)] for place in places])}"


def _odd(looks: Looks, names: Sequence[str]) -> str:
    table = looks.table
    odd = odd_shapes(table["width"], table["height"])
    if len(odd) == 0:
        return ""
    shown = [f"{names[i]} ({table['width'][i]:,} × {table['height'][i]:,})" for i in odd[:SHOWN]]
    more = ", …" if len(odd) > SHOWN else ""
    return f"{_how_many(len(odd), 'image')} of a shape far from the others': {', '.join(shown)}{more}"


def _alike(written: Written, names: Sequence[str]) -> str:
    alike = np.flatnonzero(written.alike >= 0)
    if len(alike) == 0:
        return ""
    shown = [f"{names[int(i)]} like {names[int(written.alike[i])]}" for i in alike[:SHOWN]]
    more = ", …" if len(alike) > SHOWN else ""
    return (
        f"{_how_many(len(alike), 'image')} nearly the same as an earlier one (column “looks_like”): "
        f"{', '.join(shown)}{more}"
    )


def _how_many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _examples(names: Sequence[str]) -> str:
    return ", ".join(name[:80] for name in names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
