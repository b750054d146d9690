"""A file that lies here but is not read yet: which finished runs know its columns, and how it is read as last time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.datasets.images import holds_images, looks_like_pixels
from core.datasets.kinds import infer
from core.datasets.preview import Preview, can_preview, first_rows, is_text, preview, start_of
from core.datasets.typed import unreadable
from core.errors import HourglassError, NotFound
from core.results import NUMERIC, Column, Dataset, Pictures, Run
from core.scoring.matching import Matched, fitting_runs, learned_by, likely_names, stands
from core.specs import ReadOptions
from core.storage.store import Store

MOST = 8  # runs that are offered
LOOKED_AT = 60  # columns that are not read as they were learned, of which it is told as what they would be
READINGS = 3  # ways of earlier files that are tried, the newest first, where the file's own is of no run


@dataclass(frozen=True)
class Recognised:
    """A run that knows the columns, or the images, and how the file is read for it.

    lacking: learned columns that the file has not by their names; more: columns of the file that the one of last time had not;
    likely: what those that are lacking are likely called there; differing: learned columns that are there, also under a likely name,
    and look otherwise in the file's first rows. Of images all are empty.
    """

    run_id: str
    options: ReadOptions
    lacking: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    likely: dict[str, str] = field(default_factory=dict)
    differing: tuple[Matched, ...] = ()


def recognised(store: Store, path: Path, name: str, options: ReadOptions) -> list[Recognised]:
    """The fitting runs, the best first. options: what was said of the file. Only in a job where not `can_preview`."""
    try:
        if holds_images(path, start_of(path), name, store.settings, options):
            return _of_images(store, options, pixels=False)
    except HourglassError:  # the job that reads it says so, with what to do
        return []
    look = cache(partial(_seen, store, path, name))
    found = _with(store, look, options)
    if found or not is_text(path):
        return found
    tried = {options}
    for each in store.datasets.find(limit=50):
        how = as_last_time(each, options)
        if len(tried) > READINGS:
            break
        if how not in tried and (found := _with(store, look, how)):
            return found
        tried.add(how)
    return []


def as_last_time(dataset: Dataset, options: ReadOptions) -> ReadOptions:
    """What stood between the cells of an earlier file, and where its table began; what was said of this one counts first."""
    dialect = dataset.reading.dialect
    then = {"delimiter": dialect.delimiter, "header_rows": dialect.header_rows, "preamble_rows": dialect.preamble_rows}
    return ReadOptions(**{**then, **_said(dataset), **options.model_dump(exclude_defaults=True)})


def _of_images(store: Store, options: ReadOptions, pixels: bool) -> list[Recognised]:
    """Images are brought to the size and the colours that a run learned from. pixels: whether they stand as numbers in a table."""
    out = []
    for run in store.runs.find():
        dataset = _learned_from(store, run) if run.ready and "scored_with" not in run.summary else None
        if (
            dataset is not None
            and dataset.pictures is not None
            and (dataset.reading.chosen.get("images") is True) == pixels
        ):
            how = {**_looks(dataset.pictures), **_said(dataset), **options.model_dump(exclude_defaults=True)}
            out.append(Recognised(run.id, ReadOptions(**how)))
    return out[:MOST]


def _looks(pictures: Pictures) -> dict[str, Any]:
    colour = "colour" if pictures.channels == 3 else "grey"
    return {"image_rule": pictures.rule, "image_size": pictures.height, "image_colour": colour}


def _with(store: Store, look: Callable[[ReadOptions], Preview | None], options: ReadOptions) -> list[Recognised]:
    """look: the file's first rows when it is read with some options, each way once; None where it can't be."""
    seen = look(options)
    if seen is None:
        return []
    if options.images is not False and _of_pixels(seen) and (found := _of_images(store, options, pixels=True)):
        return found
    out = []
    for run in fitting_runs(store, seen.columns)[:MOST]:
        dataset = _learned_from(store, run)
        if dataset is None:
            continue
        how = ReadOptions(**{**_said(dataset), **options.model_dump(exclude_defaults=True)})
        by_hand = look(how)
        fits = by_hand is not None and set(run.summary["columns"]) & set(seen.columns) <= set(by_hand.columns)
        read, how = (by_hand, how) if by_hand is not None and fits else (seen, options)
        out.append(_known(store, run, dataset, read, how))
    return out


def _known(store: Store, run: Run, dataset: Dataset, read: Preview, how: ReadOptions) -> Recognised:
    lacking = tuple(name for name in run.summary["columns"] if name not in read.columns)
    known = {column.name for column in dataset.columns}
    more = tuple(name for name in read.columns if name not in known)
    likely = likely_names(store, dataset, lacking, {name: [row[name] for row in read.rows] for name in more})
    learned = [column for column in learned_by(store, run) if column.name in read.columns or column.name in likely]
    return Recognised(run.id, how, lacking, more, likely, _differing(learned, read, likely))


def _differing(learned: Sequence[Column], read: Preview, likely: dict[str, str]) -> tuple[Matched, ...]:
    cells = {
        name: pa.chunked_array([pa.array([row[name] for row in read.rows], pa.string())])
        for name in (likely.get(column.name, column.name) for column in learned)
    }
    texts = {name: column.to_numpy(zero_copy_only=False) for name, column in cells.items()}
    looked_at = [column for column in learned if column.name in likely or not _reads(column, texts[column.name])][
        :LOOKED_AT
    ]
    here, _ = infer((name, cells[name]) for name in (likely.get(column.name, column.name) for column in looked_at))
    found = (stands(column, seen, texts[seen.name]) for column, seen in zip(looked_at, here, strict=True))
    return tuple(each for each in found if each.standing != "same")


def _reads(learned: Column, texts: NDArray[np.object_]) -> bool:
    """Whether all cells can be read as numbers or times of the learned kind: most columns, and told at once."""
    return learned.kind in NUMERIC and not bool(unreadable(learned, texts).any())


def _of_pixels(seen: Preview) -> bool:
    return looks_like_pixels(seen.columns, [list(row.values()) for row in seen.rows]) is not None


def _learned_from(store: Store, run: Run) -> Dataset | None:
    try:
        return store.datasets.get(run.dataset_id)
    except NotFound:  # deleted in this moment
        return None


def _said(dataset: Dataset) -> dict[str, object]:
    """What somebody said of how an earlier file is read, but for what is of that file alone."""
    return {name: value for name, value in dataset.reading.chosen.items() if not name.startswith(("sample", "sheet"))}


def _seen(store: Store, path: Path, name: str, options: ReadOptions) -> Preview | None:
    try:
        return (preview if can_preview(path) else first_rows)(path, name, store.settings, options)
    except HourglassError:  # the job that reads it says so, with what to do
        return None
