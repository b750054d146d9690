"""Stored results for the pages: read once a process, shared by all sessions, never changed.

Keys are content addresses and the space, so that nothing stale can come back. The first argument of each
cached function starts with an underscore: Streamlit leaves it out of the key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from core.datasets.comparable import Comparable
from core.datasets.ingest import changed_columns as changed
from core.datasets.ingest import short_cells
from core.datasets.missing import proposed
from core.datasets.preview import Preview
from core.datasets.preview import preview as read_preview
from core.datasets.preview import sheets as workbook_sheets
from core.datasets.series import proposed as proposed_windows
from core.datasets.series import steps_in
from core.datasets.series.steps import Steps
from core.datasets.typed import typed_table
from core.drift import Beside, DriftReport
from core.latent.differences import Difference, differences
from core.latent.dimensions import names_by_moves, names_of_codes
from core.latent.groups import Clusters
from core.profiles import Profile
from core.projections.pca import directions
from core.results import (
    Column,
    Dataset,
    Evaluation,
    Event,
    Flags,
    Projection,
    Run,
    Scores,
    Threshold,
    ground,
    share_below,
)
from core.scoring.agreement import Pair, Pattern, Ranking, contested, pairs, patterns, ranking
from core.scoring.evaluation import positives
from core.scoring.events import events as find_events
from core.scoring.matching import Matched, learned_by, matched
from core.scoring.matching import likely_names as likely_called
from core.scoring.recognised import Recognised
from core.scoring.recognised import recognised as recognised_by
from core.scoring.workbench import Curves, Outcome, curves, weigh
from core.scoring.workbench import truth_of_label as truth_of
from core.specs import ReadOptions, Windows
from core.storage.records import from_json
from core.storage.store import Store
from core.thresholds import Given
from core.thresholds import flags as cut
from core.triage.judged import Judged, judged_in
from core.triage.judged import judged as judged_rows
from dashboard.charts.text import headings, shortened, visible

NAMED_BY = 5_000  # rows by which numbers of the codes get their names, and selections are compared


@dataclass(frozen=True)
class Ranks:
    """For each detector by name, the rank of each row: 1 is the strangest (ties share the smallest rank); and the share of the
    rows that were looked at which are less strange to it."""

    by_detector: dict[str, NDArray[np.int64]]  # (N,) each
    less_strange: dict[str, NDArray[np.float64]]  # (N,) each


@st.cache_resource(show_spinner=False, max_entries=16)
def _scores(_store: Store, _run: Run, space: str, scorer: str, addresses: tuple[str, ...]) -> Scores:
    return _store.runs.scores(_run, scorer)


def scores(store: Store, run: Run, scorer: str = "") -> Scores:
    """A finished run's scores: its own, or those by another scorer."""
    return _scores(store, run, store.space, scorer, (run.id, run.artifacts[run.of_scorer("scores", scorer)]))


@st.cache_resource(show_spinner=False, max_entries=16)
def _ranks(_store: Store, _run: Run, space: str, scorer: str, addresses: tuple[str, ...]) -> Ranks:
    own = scores(_store, _run, scorer)
    detectors = {"Autoencoder": own.values, **_store.runs.baselines(_run)}
    shares = {name: share_below(values, np.sort(values[own.scored])) for name, values in detectors.items()}
    return Ranks({name: _rank(np.asarray(values)) for name, values in detectors.items()}, shares)


def ranks(store: Store, run: Run, scorer: str = "") -> Ranks:
    """The ranks that the autoencoder, by its own score or another one, and its baselines give each row."""
    addresses = (run.id, run.artifacts[run.of_scorer("scores", scorer)], run.artifacts["baselines"])
    return _ranks(store, run, store.space, scorer, addresses)


def _rank(values: NDArray[np.float64]) -> NDArray[np.int64]:
    ordered = np.sort(-values)
    return np.searchsorted(ordered, -values, side="left") + 1


def other_runs(store: Store, run: Run, dataset: Dataset, most: int) -> list[Run]:
    """Finished runs on files with the same rows, the newest first, without this one."""
    found = [
        each
        for version in store.datasets.lineage(dataset.lineage_id)
        for each in store.runs.find(dataset_id=version.id)
        if each.ready and each.id != run.id
    ]
    return sorted(found, key=lambda each: -each.created_at)[:most]


@st.cache_resource(show_spinner=False, max_entries=16)
def _places(_store: Store, _run: Run, space: str, addresses: tuple[str, ...]) -> dict[str, int]:
    found = scores(_store, _run)
    rows = np.flatnonzero(found.scored)
    return dict(zip(found.row_keys[rows].tolist(), rows.tolist(), strict=True))


def less_strange(store: Store, run: Run, row_key: str) -> float | None:
    """The share of a run's rows that are less strange to it than this one; None where it did not look at it."""
    place = _places(store, run, store.space, (run.id, run.artifacts["scores"])).get(row_key)
    found = scores(store, run)
    return None if place is None else found.less_strange(float(found.values[place]))


@st.cache_resource(show_spinner=False, max_entries=32)
def _array(_store: Store, space: str, address: str) -> NDArray[np.float32]:
    return np.asarray(_store.artifacts.get_array(space, address))


def codes(store: Store, run: Run) -> NDArray[np.float32]:
    """The latent codes of a finished run's rows, of a series of its windows, (N, L)."""
    return _array(store, store.space, run.artifacts["codes"])


def refits(store: Store, run: Run, scorer: str) -> NDArray[np.float32] | None:
    """Scores of a finished run's rows after further trainings, (N, K); None where they were not asked for."""
    address = run.artifacts.get(run.of_scorer("refits", scorer))
    return None if address is None else _array(store, store.space, address)


def points(store: Store, projection: Projection) -> NDArray[np.float32]:
    """A stored map, (N, 2)."""
    return _array(store, store.space, projection.address)


def under(store: Store, run: Run, method: str, dimensions: int = 2) -> NDArray[np.float32]:
    """What a run that only scored had its rows placed on: the points of those that were learned from, (U, 2 or 3), of method
    *codes* their codes, (U, L). Empty for other runs, and for maps of the scored rows alone."""
    address = run.artifacts.get(ground(method, dimensions))
    return np.empty((0, dimensions), np.float32) if address is None else _array(store, store.space, address)


@st.cache_resource(show_spinner=False, max_entries=8)
def _steps(_store: Store, _dataset: Dataset, space: str, fingerprint: str, windows: str) -> Steps:
    return steps_in(_store, _dataset, Windows.model_validate_json(windows))


def steps(store: Store, dataset: Dataset, windows: Windows) -> Steps:
    """A dataset's rows in the order of time. Raises DatasetRefused where there is none in its times."""
    # Length and stride change nothing in the order.
    asked = Windows(time=windows.time, group=windows.group, every=windows.every).model_dump_json()
    return _steps(store, dataset, store.space, dataset.fingerprint, asked)


@st.cache_resource(show_spinner=False, max_entries=32)
def _proposed_windows(_store: Store, _dataset: Dataset, space: str, fingerprint: str) -> Windows | None:
    return proposed_windows(_store, _dataset)


def windows(store: Store, dataset: Dataset) -> Windows | None:
    """Windows that a dataset's rows suggest; None where they are no series."""
    return _proposed_windows(store, dataset, store.space, dataset.fingerprint)


@st.cache_resource(show_spinner=False, max_entries=8)
def _pca_3d(_store: Store, _run: Run, space: str, address: str) -> NDArray[np.float32]:
    return directions(codes(_store, _run), 3)


def pca_3d(store: Store, run: Run) -> NDArray[np.float32]:
    """The three directions in which the codes vary most, (N, 3)."""
    return _pca_3d(store, run, store.space, run.artifacts["codes"])


def distortion(store: Store, projection: Projection) -> NDArray[np.float32]:
    """How far each point of a stored map is torn from its neighbours, (N,)."""
    return _array(store, store.space, projection.distortion_address)


def clusters(store: Store, run: Run) -> tuple[NDArray[np.int32], Clusters]:
    """The groups among a run's codes at each smallest size, (S, N), and what is known of them."""
    labels = _array(store, store.space, run.artifacts["clusters"])
    return labels.astype(np.int32), _clusters(store, run, store.space, run.artifacts["clusters_about"])


@st.cache_resource(show_spinner=False, max_entries=16)
def _clusters(_store: Store, _run: Run, space: str, address: str) -> Clusters:
    return from_json(Clusters, _store.artifacts.get_json(space, address))


def map_rows(store: Store, run: Run) -> NDArray[np.int64]:
    """The row of the dataset that each point of a run's maps stands for, (P,): of a window the one in its middle."""
    address = run.artifacts.get("window_rows")
    if address is None:
        return np.arange(len(codes(store, run)))
    return _array(store, store.space, address).astype(np.int64)


def points_of(rows: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The points of a map that stand for these rows, (K,). at: the row of each point, (P,)."""
    return rows if len(at) and at[-1] == len(at) - 1 and at[0] == 0 else np.flatnonzero(np.isin(at, rows))


@st.cache_resource(show_spinner=False, max_entries=16)
def _comparable(_store: Store, _dataset: Dataset, space: str, address: str, rows: bytes) -> Comparable:
    columns = [column for column in _dataset.columns if column.role not in ("identifier", "ignored")]
    return Comparable.of(_store, _dataset, columns, np.frombuffer(rows, np.int64))


def comparable(store: Store, dataset: Dataset, rows: NDArray[np.int64]) -> Comparable:
    """The columns of rows that can be compared: of many rows some thousand, always the same."""
    return _comparable(store, dataset, store.space, dataset.cells_address, _some(rows))


def _some(rows: NDArray[np.int64]) -> bytes:
    if len(rows) > NAMED_BY:
        rows = np.sort(np.random.default_rng(0).choice(rows, NAMED_BY, replace=False))
    return rows.astype(np.int64).tobytes()


@st.cache_resource(show_spinner=False, max_entries=32)
def _why(_store: Store, _dataset: Dataset, space: str, address: str, inside: bytes, outside: bytes) -> list[Difference]:
    ours, theirs = (_comparable(_store, _dataset, space, address, rows) for rows in (inside, outside))
    return differences(ours.values, theirs.values, ours.separators)


def why(store: Store, dataset: Dataset, inside: NDArray[np.int64], outside: NDArray[np.int64]) -> list[Difference]:
    """The columns in which some rows differ from others."""
    return _why(store, dataset, store.space, dataset.cells_address, _some(inside), _some(outside))


@st.cache_resource(show_spinner=False, max_entries=16)
def _code_names(_store: Store, _run: Run, _dataset: Dataset, space: str, address: str, cells: str) -> tuple[str, ...]:
    if "moved" in _run.artifacts:
        return names_by_moves(_array(_store, space, _run.artifacts["moved"]), _run.summary["columns"])
    all_codes, rows = codes(_store, _run), map_rows(_store, _run)
    some = np.sort(np.random.default_rng(0).choice(len(rows), min(NAMED_BY, len(rows)), replace=False))
    return names_of_codes(all_codes[some], comparable(_store, _dataset, rows[some]).values)


def code_names(store: Store, run: Run, dataset: Dataset) -> tuple[str, ...]:
    """What each number of the codes moves, or of some runs goes along with, in words, (L,)."""
    names = _code_names(store, run, dataset, store.space, run.artifacts["codes"], dataset.cells_address)
    return tuple(shortened(visible(name), 80) for name in names)


@st.cache_resource(show_spinner=False, max_entries=8)
def _column_cells(_store: Store, _dataset: Dataset, space: str, address: str, name: str) -> NDArray[np.object_]:
    cells: NDArray[np.object_] = _store.datasets.cells(_dataset, [name])[name].to_numpy(zero_copy_only=False)
    return cells


def column_cells(store: Store, dataset: Dataset, name: str) -> NDArray[np.object_]:
    """One column's cells as text, None where empty, (N,)."""
    return _column_cells(store, dataset, store.space, dataset.cells_address, name)


@st.cache_resource(show_spinner=False, max_entries=8)
def _truth_of_label(
    _store: Store, _dataset: Dataset, space: str, address: str, name: str, normal: tuple[str, ...]
) -> NDArray[np.int8] | None:
    return truth_of(column_cells(_store, _dataset, name), normal)


def truth_of_label(store: Store, dataset: Dataset, name: str, normal: tuple[str, ...]) -> NDArray[np.int8] | None:
    """The truth of each row by a column, (N,), as core.thresholds.Given has it; None where it tells nothing."""
    return _truth_of_label(store, dataset, store.space, dataset.cells_address, name, normal)


@st.cache_resource(show_spinner=False, max_entries=64)
def _weighed(
    _given: Given,
    key: str,
    method: str,
    parameters: str,
    present: float,
    item: str,
    _tuned: tuple[Threshold, ...],
    tuned: tuple[str, ...],
) -> Outcome:
    return weigh(_given, method, json.loads(parameters), present, item, tuned=_tuned)


def weighed(
    given: Given,
    method: str,
    parameters: dict[str, float],
    present: float,
    item: str,
    tuned: tuple[Threshold, ...] = (),
) -> Outcome:
    """What a threshold would do. Raises as core.scoring.workbench.weigh."""
    asked = json.dumps(parameters, sort_keys=True)
    return _weighed(given, _key(given), method, asked, present, item, tuned, tuple(each.id for each in tuned))


@st.cache_resource(show_spinner=False, max_entries=16)
def _agreement(_given: Given, key: str) -> Curves:
    return curves(_given)


def agreement(given: Given) -> Curves:
    """How well scores agree with what is known, over all thresholds. Raises SettingsRefused where too little is known."""
    return _agreement(given, _key(given))


def _key(given: Given) -> str:
    """What a threshold is chosen from, as a hash."""
    return _hashed(given.unit, given.scores, given.calibration, given.truth, given.scored)


def _hashed(said: object, *arrays: NDArray[Any] | None) -> str:
    found = hashlib.blake2b(repr(said).encode())
    for array in arrays:
        found.update(b"-" if array is None else np.ascontiguousarray(array))
    return found.hexdigest()


@dataclass(frozen=True)
class Agreed:
    """How far several scores of the same rows agree, and their flags."""

    pairs: list[Pair]
    patterns: list[Pattern]
    contested: NDArray[np.int64]  # rows that some flag and others do not, (K,)


@st.cache_resource(show_spinner=False, max_entries=16)
def _agreed(_scores: Mapping[str, NDArray[np.float64]], _flags: Mapping[str, NDArray[np.bool_]], key: str) -> Agreed:
    return Agreed(pairs(_scores, _flags), patterns(_flags), contested(_scores, _flags))


def agreed(scores: Mapping[str, NDArray[np.float64]], flags: Mapping[str, NDArray[np.bool_]]) -> Agreed:
    """How far scores agree by their names, (N,) each, and what is flagged by them."""
    return _agreed(scores, flags, _hashed(tuple(scores), *scores.values(), *flags.values()))


@st.cache_resource(show_spinner=False, max_entries=16)
def _ranked(
    _store: Store,
    _dataset: Dataset,
    _scores: Mapping[str, NDArray[np.float64]],
    _rows: NDArray[np.int64],
    space: str,
    address: str,
    label: str,
    normal: tuple[str, ...],
    key: str,
) -> Ranking | None:
    texts = column_cells(_store, _dataset, label)[_rows]
    told = positives(texts, normal)
    if told is None:
        return None
    labelled = np.array([bool(text and text.strip()) for text in texts])
    return ranking({name: values[labelled] for name, values in _scores.items()}, told[0][labelled])


def ranked(
    store: Store,
    dataset: Dataset,
    label: str,
    normal: tuple[str, ...],
    rows: NDArray[np.int64],
    scores: Mapping[str, NDArray[np.float64]],
) -> Ranking | None:
    """Scores of these rows by their names, (K,) each, by how well they find what the label says; None where it says too little."""
    key = _hashed(tuple(scores), rows, *scores.values())
    return _ranked(store, dataset, scores, rows, store.space, dataset.cells_address, label, normal, key)


@st.cache_resource(show_spinner=False, max_entries=8)
def _profile(_store: Store, _dataset: Dataset, space: str, address: str) -> Profile:
    return _store.datasets.profile(_dataset)


def profile(store: Store, dataset: Dataset) -> Profile:
    """What was counted of a dataset's table. Only where it has a profile_address. Raises StorageFailed."""
    return _profile(store, dataset, store.space, dataset.profile_address)


@st.cache_resource(show_spinner="Reading the first rows …", max_entries=16)
def _preview(_store: Store, path: str, changed: float, name: str, options: str) -> Preview:
    return read_preview(Path(path), name, _store.settings, ReadOptions.model_validate_json(options))


def preview(store: Store, path: Path, name: str, options: ReadOptions) -> Preview:
    """The first rows of a file under some options. Raises FileRefused, TooLarge."""
    return _preview(store, str(path), path.stat().st_mtime, name, options.model_dump_json())


@st.cache_resource(show_spinner=False, max_entries=8)
def _rejects(_store: Store, _dataset: Dataset, space: str, address: str) -> pa.Table:
    return _store.datasets.rejects(_dataset)


def rejects(store: Store, dataset: Dataset) -> pa.Table:
    """Line, text and reason of every line that is no row, or was mended to be one."""
    return _rejects(store, dataset, store.space, dataset.rejects_address)


@st.cache_resource(show_spinner=False, max_entries=64)
def _changed(
    _store: Store, _dataset: Dataset, space: str, fingerprint: str, changes: str
) -> tuple[dict[str, Column], tuple[str, ...]]:
    return changed(_store, _dataset, json.loads(changes))


def changed_columns(
    store: Store, dataset: Dataset, changes: dict[str, dict[str, Any]]
) -> tuple[dict[str, Column], tuple[str, ...]]:
    """The columns as changes would make them, and what there is to say of them. Raises InputRefused."""
    return _changed(store, dataset, store.space, dataset.fingerprint, json.dumps(changes))


@st.cache_resource(show_spinner=False, max_entries=256)
def _missing_words(
    _store: Store, _dataset: Dataset, space: str, fingerprint: str, name: str
) -> tuple[tuple[str, int], ...]:
    return proposed(_dataset.column(name), short_cells(_store, _dataset, name))


def missing_words(store: Store, dataset: Dataset, name: str) -> tuple[tuple[str, int], ...]:
    """A column's cells that count as missing or may mean it, with how many rows have them."""
    return _missing_words(store, dataset, store.space, dataset.fingerprint, name)


@st.cache_resource(show_spinner=False, max_entries=64)
def _sheets(_store: Store, path: str, changed: float, name: str) -> tuple[str, ...]:
    return workbook_sheets(Path(path), name, _store.settings)


def sheets(store: Store, path: Path, name: str) -> tuple[str, ...]:
    """The sheets of a workbook; of another file none. Raises FileRefused, TooLarge."""
    return _sheets(store, str(path), path.stat().st_mtime, name)


@st.cache_resource(show_spinner="Looking whether an earlier run knows its columns …", max_entries=32)
def _recognised(
    _store: Store, space: str, path: str, changed: float, name: str, options: str, runs: tuple[str, ...]
) -> list[Recognised]:
    return recognised_by(_store, Path(path), name, ReadOptions.model_validate_json(options))


def finished_runs(store: Store) -> tuple[str, ...]:
    """The runs that may be offered for a file."""
    return tuple(run.id for run in store.runs.find() if run.ready)


def recognised(store: Store, path: Path, name: str, options: ReadOptions, runs: tuple[str, ...]) -> list[Recognised]:
    """The finished runs that know the columns of a file which is not read yet, the best first. Only where `can_preview`."""
    return _recognised(store, store.space, str(path), path.stat().st_mtime, name, options.model_dump_json(), runs)


@st.cache_resource(show_spinner=False, max_entries=32)
def _matching(_store: Store, _run: Run, _dataset: Dataset, space: str, key: str, renamed: str) -> tuple[Matched, ...]:
    return matched(_store, learned_by(_store, _run), _dataset, json.loads(renamed))


def matching(store: Store, run: Run, dataset: Dataset, renamed: dict[str, str]) -> tuple[Matched, ...]:
    """How a file's columns stand to those that a run learned from. Raises InputRefused, NotFound."""
    key = f"{run.id} {dataset.fingerprint}"
    return _matching(store, run, dataset, store.space, key, json.dumps(renamed, sort_keys=True))


@st.cache_resource(show_spinner=False, max_entries=32)
def _likely_names(
    _store: Store, _run: Run, _dataset: Dataset, space: str, key: str, lacking: tuple[str, ...], more: tuple[str, ...]
) -> dict[str, str]:
    cells = _store.datasets.some_rows(_dataset, np.arange(min(NAMED_BY, _dataset.rows)), list(more))
    shown = {name: cells[name].to_pylist() for name in more}
    return likely_called(_store, _store.datasets.get(_run.dataset_id), lacking, shown)


def likely_names(
    store: Store, run: Run, dataset: Dataset, lacking: Sequence[str], more: Sequence[str]
) -> dict[str, str]:
    """What columns that a run learned from, and a file lacks, are likely called there."""
    if not lacking or not more:
        return {}
    key = f"{run.id} {dataset.fingerprint}"
    return _likely_names(store, run, dataset, store.space, key, tuple(lacking), tuple(more))


@st.cache_resource(show_spinner=False, max_entries=32)
def _drift(_store: Store, space: str, report: str, charts: str) -> tuple[DriftReport, tuple[Beside, ...]]:
    kept = from_json(tuple[Beside, ...], _store.artifacts.get_json(space, charts)) if charts else ()
    return from_json(DriftReport, _store.artifacts.get_json(space, report)), kept


def drift(store: Store, run: Run) -> tuple[DriftReport, tuple[Beside, ...]]:
    """Whether the rows of a run that only scored are like those that were learned, and the columns that moved, for charts."""
    return _drift(store, store.space, run.artifacts["drift"], run.artifacts.get("drift_charts", ""))


def standing(store: Store, run: Run) -> NDArray[np.uint8]:
    """How the rows of a run that only scored stand to the file before, (N,), as core.datasets.since has it."""
    return np.asarray(_array(store, store.space, run.artifacts["since"]), np.uint8)


def never_seen(store: Store, run: Run) -> NDArray[np.bool_]:
    """Which cells lie beyond all that was learned from, (N, C), of a run that only scored."""
    return np.asarray(_array(store, store.space, run.artifacts["never_seen"]), bool)


def unreadable(store: Store, run: Run) -> NDArray[np.bool_]:
    """Which cells hold text that can't be read as what was learned, (N, C), of a run that only scored and kept it."""
    return np.asarray(_array(store, store.space, run.artifacts["unreadable"]), bool)


@st.cache_resource(show_spinner=False, max_entries=64)
def _rows(
    _store: Store, _dataset: Dataset, space: str, address: str, rows: tuple[int, ...], names: tuple[str, ...]
) -> pa.Table:
    return _store.datasets.some_rows(_dataset, np.asarray(rows, np.int64), list(names))


def rows_frame(
    store: Store, dataset: Dataset, rows: NDArray[np.int64], names: tuple[str, ...] | None = None
) -> pd.DataFrame:
    """The source cells of a few rows, as shown; the index counts rows from 1 as in the file."""
    names = names if names is not None else tuple(column.name for column in dataset.columns)
    if not names:
        return pd.DataFrame(index=pd.Index(rows + 1, name="row"))
    cells = _rows(store, dataset, store.space, dataset.cells_address, tuple(rows.tolist()), names)
    shown = {
        heading: [cell and visible(shortened(cell)) for cell in cells[name].to_pylist()]
        for name, heading in zip(names, headings(names), strict=True)
    }
    frame = pd.DataFrame(shown, index=pd.Index(rows + 1, name="row"), dtype=object)
    return frame


@st.cache_resource(show_spinner=False, max_entries=64)
def _typed_rows(
    _store: Store,
    _dataset: Dataset,
    _columns: tuple[Column, ...],
    space: str,
    fingerprint: str,
    rows: bytes,
    names: str,
) -> dict[str, NDArray[Any]]:
    cells = _store.datasets.some_rows(_dataset, np.frombuffer(rows, np.int64), [column.name for column in _columns])
    return typed_table(cells, _columns, np.asarray([], str)).values


def typed_rows(
    store: Store, dataset: Dataset, rows: NDArray[np.int64], columns: tuple[Column, ...]
) -> dict[str, NDArray[Any]]:
    """Cells of some rows, (R,), as core.results.Table has them, by column."""
    names = json.dumps([column.name for column in columns])
    asked = rows.astype(np.int64).tobytes()
    return _typed_rows(store, dataset, columns, store.space, dataset.fingerprint, asked, names)


@st.cache_resource(show_spinner=False, max_entries=32)
def _evaluations(_store: Store, _run: Run, space: str, scorer: str, address: str) -> tuple[Evaluation, ...]:
    return _store.runs.evaluations(_run, scorer)


def evaluations(store: Store, run: Run, scorer: str = "") -> tuple[Evaluation, ...]:
    """How a score of the run and the baselines agree with the label; empty without one."""
    return _evaluations(store, run, store.space, scorer, run.artifacts[run.of_scorer("evaluation", scorer)])


def flagged(store: Store, run: Run, threshold: Threshold) -> Flags:
    """The rows that a threshold flags, strangest first."""
    return cut(scores(store, run, threshold.scorer).values, threshold)


@st.cache_resource(show_spinner=False, max_entries=16)
def _events(_store: Store, _run: Run, space: str, addresses: tuple[str, ...], value: float) -> tuple[Event, ...]:
    return find_events(scores(_store, _run), value)


def events(store: Store, run: Run, threshold: Threshold) -> tuple[Event, ...]:
    """The events of a series over a threshold, the strangest first."""
    return _events(store, run, store.space, (run.id, run.artifacts["scores"]), threshold.value)


def thumbs(store: Store, dataset: Dataset, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Some images of a dataset, small, (K, 64, 64, C)."""
    return np.asarray(store.datasets.thumbs(dataset)[rows])


def image_scores(store: Store, run: Run) -> NDArray[np.float64]:
    """All scores of the images of a run, (N, 4) by core.results.IMAGE_SCORES."""
    return _array(store, store.space, run.artifacts["image_scores"]).astype(np.float64)


def worst_spots(store: Store, run: Run, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Where some images of a run are worst: left, top, right, bottom in shares of the image, (K, 4)."""
    return np.asarray(_array(store, store.space, run.artifacts["worst_spots"])[rows])


@st.cache_resource(show_spinner=False, max_entries=8)
def _row_keys(_store: Store, _dataset: Dataset, space: str, address: str) -> NDArray[np.str_]:
    return _store.datasets.row_keys(_dataset)


def row_keys(store: Store, dataset: Dataset) -> NDArray[np.str_]:
    """The keys of a dataset's rows, (N,)."""
    return _row_keys(store, dataset, store.space, dataset.rows_address)


@st.cache_resource(show_spinner=False, max_entries=8)
def _row_contents(_store: Store, _dataset: Dataset, space: str, address: str) -> NDArray[np.str_]:
    return _store.datasets.row_contents(_dataset)


@st.cache_resource(show_spinner=False, max_entries=8)
def _judged(_store: Store, _dataset: Dataset, space: str, address: str, lineage: str, stamp: tuple[int, int]) -> Judged:
    contents = _row_contents(_store, _dataset, space, address)
    return judged_rows(_store.verdicts.of_lineage(lineage), row_keys(_store, _dataset), contents)


def judged(store: Store, dataset: Dataset, run: Run | None = None) -> Judged:
    """What people said of a dataset's rows, as it stands now. run: which says, beside the cells, whether a row changed since."""
    stamp = store.verdicts.stamp(dataset.lineage_id)
    found = _judged(store, dataset, store.space, dataset.rows_address, dataset.lineage_id, stamp)
    return found if run is None else judged_in(store, run, found)


def row_content(store: Store, dataset: Dataset, row: int) -> str:
    """The hash of a row's cells."""
    return str(_row_contents(store, dataset, store.space, dataset.rows_address)[row])


@st.cache_resource(show_spinner=False, max_entries=16)
def _rows_of_selection(_store: Store, _dataset: Dataset, space: str, address: str, id_: str) -> NDArray[np.bool_]:
    return _store.selections.among(id_, _dataset)


def rows_of_selection(store: Store, dataset: Dataset, id_: str) -> NDArray[np.bool_]:
    """Which rows of a dataset are in a named selection, (N,). Raises NotFound."""
    store.selections.get(id_)
    return _rows_of_selection(store, dataset, store.space, dataset.rows_address, id_)


def positions(row_keys: NDArray[np.str_], wanted: tuple[str, ...]) -> NDArray[np.int64]:
    """Where the wanted keys stand among all row keys, in dataset order."""
    return np.flatnonzero(np.isin(row_keys, np.asarray(wanted, dtype=str))) if wanted else np.empty(0, np.int64)
