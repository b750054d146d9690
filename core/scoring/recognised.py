"""A file that lies here but is not read yet: which finished runs know its columns, and how it is read as last time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from core.datasets.preview import Preview, can_preview, is_text, preview
from core.errors import HourglassError, NotFound
from core.results import Dataset, Run
from core.scoring.matching import fitting_runs, likely_names
from core.specs import ReadOptions
from core.storage.store import Store

MOST = 8  # runs that are offered
READINGS = 3  # ways of earlier files that are tried, the newest first, where the file's own is of no run


@dataclass(frozen=True)
class Recognised:
    """A run that knows the columns, the file that it learned from, the file's columns when it is read with these options, and what
    those that are not in the file are likely called there."""

    run: Run
    learned_from: Dataset
    columns: tuple[str, ...]
    options: ReadOptions
    likely: dict[str, str]

    @property
    def lacking(self) -> list[str]:
        """Learned columns that the file has not by their names."""
        return [name for name in self.run.summary["columns"] if name not in self.columns]

    @property
    def more(self) -> list[str]:
        """Columns of the file that the one of last time had not."""
        known = {column.name for column in self.learned_from.columns}
        return [name for name in self.columns if name not in known]


def recognised(store: Store, path: Path, name: str, options: ReadOptions) -> list[Recognised]:
    """The fitting runs, the best first; none for a file whose first rows are not quickly had. options: what was said of the file."""
    if not can_preview(path):
        return []
    found = _with(store, path, name, options)
    if found or not is_text(path):
        return found
    tried = {options}
    for each in store.datasets.find(limit=50):
        how = as_last_time(each, options)
        if len(tried) > READINGS:
            break
        if how not in tried and (found := _with(store, path, name, how)):
            return found
        tried.add(how)
    return []


def as_last_time(dataset: Dataset, options: ReadOptions) -> ReadOptions:
    """What stood between the cells of an earlier file, and where its table began; what was said of this one counts first."""
    dialect = dataset.reading.dialect
    then = {"delimiter": dialect.delimiter, "header_rows": dialect.header_rows, "preamble_rows": dialect.preamble_rows}
    return ReadOptions(**{**then, **_said(dataset), **options.model_dump(exclude_defaults=True)})


def _with(store: Store, path: Path, name: str, options: ReadOptions) -> list[Recognised]:
    seen = _seen(store, path, name, options)
    if seen is None:
        return []
    out = []
    for run in fitting_runs(store, seen.columns)[:MOST]:
        try:
            dataset = store.datasets.get(run.dataset_id)
        except NotFound:  # deleted in this moment
            continue
        how = ReadOptions(**{**_said(dataset), **options.model_dump(exclude_defaults=True)})
        by_hand = _seen(store, path, name, how) if how != options else seen
        fits = by_hand is not None and set(run.summary["columns"]) & set(seen.columns) <= set(by_hand.columns)
        read, how = (by_hand, how) if by_hand is not None and fits else (seen, options)
        found = Recognised(run, dataset, read.columns, how, {})
        more = {each: [row[each] for row in read.rows] for each in found.more}
        out.append(replace(found, likely=likely_names(store, dataset, found.lacking, more)))
    return out


def _said(dataset: Dataset) -> dict[str, object]:
    """What somebody said of how an earlier file is read, but for what is of that file alone."""
    return {name: value for name, value in dataset.reading.chosen.items() if not name.startswith(("sample", "sheet"))}


def _seen(store: Store, path: Path, name: str, options: ReadOptions) -> Preview | None:
    try:
        return preview(path, name, store.settings, options)
    except HourglassError:  # the job that reads it says so, with what to do
        return None
