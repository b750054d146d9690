"""A file that lies here but is not read yet: which finished runs know its columns, and how it is read as last time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.datasets.preview import can_preview, is_text, preview
from core.errors import HourglassError, NotFound
from core.results import Dataset, Run
from core.scoring.matching import fitting_runs
from core.specs import ReadOptions
from core.storage.store import Store

MOST = 8  # runs that are offered
READINGS = 3  # ways of earlier files that are tried, the newest first, where the file's own is of no run


@dataclass(frozen=True)
class Recognised:
    """A run that knows the columns, the file that it learned from, and the file's columns when it is read with these options."""

    run: Run
    learned_from: Dataset
    columns: tuple[str, ...]
    options: ReadOptions

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
    columns = _columns(store, path, name, options)
    out = []
    for run in fitting_runs(store, columns)[:MOST]:
        try:
            dataset = store.datasets.get(run.dataset_id)
        except NotFound:  # deleted in this moment
            continue
        how = ReadOptions(**{**_said(dataset), **options.model_dump(exclude_defaults=True)})
        by_hand = _columns(store, path, name, how) if how != options else columns
        fits = set(run.summary["columns"]) & set(columns) <= set(by_hand)
        out.append(Recognised(run, dataset, by_hand if fits else columns, how if fits else options))
    return out


def _said(dataset: Dataset) -> dict[str, object]:
    """What somebody said of how an earlier file is read, but for what is of that file alone."""
    return {name: value for name, value in dataset.reading.chosen.items() if not name.startswith(("sample", "sheet"))}


def _columns(store: Store, path: Path, name: str, options: ReadOptions) -> tuple[str, ...]:
    try:
        return preview(path, name, store.settings, options).columns
    except HourglassError:  # the job that reads it says so, with what to do
        return ()
