"""The inference process: a small HTTP app on a Unix socket that keeps the models asked last.

`python -m core.serving.server PID`, with the process id of the supervisor that it leaves with.

POST /explain {space_id, run_id, rows}: for up to 1,000 rows of the run's dataset, what stands in each feature
column, what the network expects there, and each column's part of the score. POST /cases {space_id, run_id, rows, scorer, threshold}: flagged
rows, images or events by what is wrong with them. POST /column {space_id, run_id, column, rows}: one column's cells with what was expected there. POST /evidence {space_id, run_id, row,
threshold, scorer, confirmed}: what speaks for one row. POST /rebuild {space_id, run_id, row}: one image of the dataset, what the network
makes of it, and the error of each pixel, as npy in base64. POST /stretch {space_id, run_id, first, last, columns}:
rows of a series by their place in time. POST /ping {}.
"""

from __future__ import annotations

import base64
import io
import os
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
import uvicorn
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.access import Principal
from core.datasets.typed import unreadable
from core.datasets.written import missing, written
from core.errors import HourglassError, InputRefused
from core.jobs.logs import log_to_stderr
from core.jobs.orphan import leave_with
from core.results import NUMERIC, Column, Dataset, Run, Scores
from core.scoring.events import spans
from core.scoring.matching import called_in_file, rows_of_run
from core.scoring.pictures import rebuilt
from core.scoring.trained import Trained
from core.serving import REFUSED
from core.serving.address import socket_path
from core.serving.stretch import stretch
from core.settings import settings
from core.storage.records import to_json
from core.storage.store import Store
from core.triage.cases import cases
from core.triage.event_cases import event_cases
from core.triage.evidence import Evidence, evidence
from core.triage.image_cases import image_cases
from core.triage.known import Known, Unread

MODELS, TABLES = 8, 2  # kept in memory
LOOK_SECONDS = 1.0  # between two looks at whether the socket is still ours
ROWS, MOST_FLAGGED = 1_000, 5_000
K = TypeVar("K")
V = TypeVar("V")


class Models:
    """The models asked last, loaded once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lock = threading.Lock()  # torch runs with one thread, one question at a time
        self.loaded: OrderedDict[tuple[str, str], Trained] = OrderedDict()
        self.known: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self.scores: OrderedDict[tuple[str, str], Scores] = OrderedDict()

    def store_of(self, space_id: str) -> Store:
        who = Principal(space_id, self.store.who.author)
        return Store(self.store.settings, self.store.engine, who)

    def trained(self, store: Store, run_id: str, scorer: str = "") -> Trained:
        run = store.runs.get(run_id)  # asked each time: a deleted run must not answer from memory
        key = (run_id, "" if run.is_own(scorer) else scorer)
        return _kept(self.loaded, key, MODELS, lambda: Trained.load(store, run, key[1]))

    def rows_of(self, store: Store, run: Run, dataset: Dataset, names: list[str]) -> Known:
        """The rows that a run is about, typed."""

        def read() -> Known:
            table = rows_of_run(store, run, dataset, names)
            return Known(table, np.asarray(store.runs.embedding(run).codes))

        return _kept(self.known, (run.id, dataset.id), TABLES, read)

    def explain(self, space_id: str, run_id: str, rows: list[int]) -> dict[str, Any]:
        """Actual, expected and error of each feature column for some rows."""
        store = self.store_of(space_id)
        run = store.runs.get(run_id)
        dataset = store.datasets.get(run.dataset_id)
        _within(rows, dataset, ROWS)
        trained = self.trained(store, run_id)
        names = list(trained.encoder.layout.columns)
        table = self.rows_of(store, run, dataset, names).some(rows)
        output = trained.output(table)
        expected = trained.reconstruct(table)
        # As the file writes them, also what is not of the column's kind.
        there = [name for name in names if name in {column.name for column in dataset.columns}]
        cells = store.datasets.some_rows(dataset, np.asarray(rows, np.int64), there)
        return {
            "columns": names,
            "actual": [
                [_text(cells[name][i].as_py()) if name in there else "" for name in names] for i in range(len(rows))
            ],
            "expected": [
                [_expected(expected[column.name][i], column) for column in table.columns] for i in range(len(rows))
            ],
            "errors": output.column_errors.tolist(),
            "scores": output.scores.tolist(),
        }

    def column(self, space_id: str, run_id: str, column: str, rows: list[int]) -> dict[str, Any]:
        """Actual and expected of one column for some rows: numbers where it has some (None where missing), else words."""
        store = self.store_of(space_id)
        run = store.runs.get(run_id)
        dataset = store.datasets.get(run.dataset_id)
        trained = self.trained(store, run_id)
        names = list(trained.of_tables.layout.columns)
        if column not in names:
            raise InputRefused("the run did not learn from this column", where=column[:60], fix="choose another")
        _within(rows, dataset, ROWS)
        known = self.rows_of(store, run, dataset, names)
        table = known.some(rows)
        described = table.columns[names.index(column)]
        numbers = described.kind == "number"
        expected = trained.reconstruct(table)[column]
        if numbers:
            expected = _among(expected, known.table.values[column])
        sides = {"actual": table.values[column], "expected": expected}
        return {"numbers": numbers} | {
            side: [
                (float(value) if np.isfinite(value) else None)
                if numbers
                else (_expected(value, described) if side == "expected" else written(value, described))
                for value in values
            ]
            for side, values in sides.items()
        }

    def evidence(
        self, space_id: str, run_id: str, row: int, threshold: float, scorer: str = "", confirmed: Sequence[int] = ()
    ) -> dict[str, Any]:
        """What speaks for a row being strange (core.triage.evidence). confirmed: rows that are not to be compared with."""
        store = self.store_of(space_id)
        run = store.runs.get(run_id)
        dataset = store.datasets.get(run.dataset_id)
        if not 0 <= row < dataset.rows:
            raise InputRefused("there is no such row", where=f"row {row + 1}", fix="choose another")
        trained = self.trained(store, run_id, scorer)
        encoder = trained.of_tables
        known = self.rows_of(store, run, dataset, list(encoder.layout.columns))
        found = self.scores_of(store, run, scorer)
        healthy = found.values < threshold
        healthy[list(confirmed)] = False
        mine = known.some([row])
        expected = trained.reconstruct(mine)
        values = [_among(expected[column.name][0], known.table.values[column.name][healthy]) for column in mine.columns]
        answer: dict[str, Any] = to_json(
            Evidence,
            evidence(
                known,
                row,
                healthy,
                found.column_errors[row].astype(np.float64),
                [_expected(value, column) for value, column in zip(values, mine.columns, strict=True)],
                values,
                lambda table: trained.scores(encoder.encode(table)),
                threshold,
                self.unread(store, run, dataset, mine.columns, known, row),
            ),
        )
        return answer

    def unread(
        self, store: Store, run: Run, dataset: Dataset, columns: Sequence[Column], known: Known, row: int
    ) -> dict[str, Unread]:
        """A row's cells that hold text which can't be read as their column's kind, with the file's own text."""
        empty = [
            each for each in columns if each.kind in NUMERIC and missing(float(known.table.values[each.name][row]))
        ]
        called = called_in_file(store, run, dataset, [column.name for column in empty])
        if not called:
            return {}
        mine = store.datasets.some_rows(dataset, np.asarray([row], np.int64), list(called.values()))
        out = {}
        for column in empty:
            text = mine[called[column.name]][0].as_py() if column.name in called else None
            if text:
                cells = store.datasets.cells(dataset, [called[column.name]])[called[column.name]]
                lost = unreadable(column, cells.to_numpy(zero_copy_only=False))
                if lost[row]:
                    out[column.name] = Unread(text, lost)
        return out

    def cases(
        self, space_id: str, run_id: str, rows: list[int], scorer: str = "", threshold: float | None = None
    ) -> dict[str, Any]:
        """Flagged rows grouped by what is wrong with them (core.triage.cases). Of a series each row stands for its event over the
        threshold, which is needed there."""
        store = self.store_of(space_id)
        run = store.runs.get(run_id)
        dataset = store.datasets.get(run.dataset_id)
        _within(rows, dataset, MOST_FLAGGED)
        asked, scores = np.asarray(rows, np.int64), self.scores_of(store, run, scorer)
        if dataset.pictures is not None:
            maps = np.asarray(store.artifacts.get_array(store.space, _kept_with(run, "residual_maps")))
            found = image_cases(asked, scores.values[asked], maps)
        elif scores.course is not None:
            sides = store.artifacts.get_array(store.space, _kept_with(run, "sides"))
            found = event_cases(asked, scores, sides, _spans_of(asked, scores, threshold))
        else:
            names = list(self.trained(store, run_id, scorer).of_tables.layout.columns)
            known = self.rows_of(store, run, dataset, names)
            found = cases(known, asked, scores.values[asked], np.asarray(scores.column_errors[asked]))
        return {
            "cases": [
                {"name": case.name, "rows": case.rows.tolist(), "columns": list(case.columns)} for case in found.cases
            ]
        }

    def scores_of(self, store: Store, run: Run, scorer: str) -> Scores:
        """A run's scores, kept at hand."""
        address = run.artifacts[run.of_scorer("scores", scorer)]
        return _kept(self.scores, (run.id, address), TABLES, lambda: store.runs.scores(run, scorer))

    def rebuild(self, space_id: str, run_id: str, row: int) -> dict[str, Any]:
        """One image beside its reconstruction."""
        store = self.store_of(space_id)
        dataset = store.datasets.get(store.runs.get(run_id).dataset_id)
        if not 0 <= row < dataset.rows:
            raise InputRefused("there is no such image", where=f"row {row + 1}", fix="choose another")
        trained = self.trained(store, run_id)
        places = store.datasets.places(dataset)
        mine = np.flatnonzero(places[:, 0] == row)
        found = rebuilt(trained, np.asarray(store.datasets.pieces(dataset)[mine]), places[mine])
        return {name: _npy(array) for name, array in vars(found).items()}

    def stretch(self, space_id: str, run_id: str, first: int, last: int, columns: list[str]) -> dict[str, Any]:
        """Some rows of a series with what was expected there (core.serving.stretch)."""
        store = self.store_of(space_id)
        return stretch(store, self.trained(store, run_id), store.runs.get(run_id), first, last, columns)


def _within(rows: Sequence[int], dataset: Dataset, most: int) -> None:
    """Raises InputRefused for more rows than these, or others than the dataset's."""
    if len(rows) > most or any(row < 0 or row >= dataset.rows for row in rows):
        raise InputRefused(f"ask for at most {most:,} rows of the dataset", where="rows", fix="ask for fewer")


def _kept_with(run: Run, name: str) -> str:
    """Where something is that a run keeps for its cases. Raises InputRefused for runs of before it was kept."""
    if name not in run.artifacts:
        raise InputRefused(
            "this run was made before what kinds are told by was kept",
            where="cases",
            fix="train again with the same settings, or score the file again by a run made since",
        )
    return run.artifacts[name]


def _spans_of(rows: NDArray[np.int64], scores: Scores, threshold: float | None) -> NDArray[np.int64]:
    """The first and the last place in the course of the event that each row lies in, (F, 2). Raises InputRefused where one lies in
    none."""
    course = scores.course
    if course is None or threshold is None:
        raise InputRefused("events are told by a threshold", where="threshold", fix="ask with one")
    found = spans(course, scores.values >= threshold)
    places = np.full(len(scores.values), -1, np.int64)
    places[course.rows] = np.arange(len(course.rows))
    which = np.searchsorted(found[:, 0], places[rows], side="right") - 1
    inside = (which >= 0) & (places[rows] <= found[which, 1]) if len(found) else np.zeros(len(rows), bool)
    if not inside.all():
        raise InputRefused("there is a row in no event", where="rows", fix="ask for rows of events over the threshold")
    return found[which]


def _kept(kept: OrderedDict[K, V], key: K, most: int, make: Callable[[], V]) -> V:
    """What was made for this key, made now where it was not; those that were asked for last stay."""
    if key not in kept:
        kept[key] = make()
        if len(kept) > most:
            kept.popitem(last=False)
    kept.move_to_end(key)
    return kept[key]


def _npy(array: NDArray[Any]) -> str:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return base64.b64encode(buffer.getvalue()).decode()


def _among(value: Any, healthy: NDArray[Any]) -> Any:
    """Expected numbers, one or several, no further out than those of healthy rows: a far cell pulls what is expected in its place."""
    there = healthy[np.isfinite(healthy)] if healthy.dtype.kind == "f" else healthy[:0]
    return value if len(there) == 0 else np.clip(value, there.min(), there.max())


def _text(value: str | None) -> str:
    return "" if value is None else value


def _expected(value: Any, column: Column) -> str:
    """What is expected, as the file writes it; of what was empty nothing was learned: it may lie anywhere."""
    if column.kind == "datetime":
        value = round(float(value))
    elif column.kind == "number":
        low, high = (bound if bound is not None else float(value) for bound in (column.minimum, column.maximum))
        value = min(max(float(value), low), high)
    return written(value, column)


def make_app(models: Models) -> Starlette:
    """The HTTP app."""

    def answer(question: Any) -> Any:
        async def endpoint(request: Request) -> JSONResponse:
            body = await request.json()
            try:
                with models.lock:
                    return JSONResponse(question(**body))
            except HourglassError as error:
                return JSONResponse(error.to_json(), status_code=REFUSED)

        return endpoint

    def ping(**_: Any) -> dict[str, Any]:
        return {"ready": True}

    return Starlette(
        routes=[
            Route("/explain", answer(models.explain), methods=["POST"]),
            Route("/cases", answer(models.cases), methods=["POST"]),
            Route("/column", answer(models.column), methods=["POST"]),
            Route("/evidence", answer(models.evidence), methods=["POST"]),
            Route("/rebuild", answer(models.rebuild), methods=["POST"]),
            Route("/stretch", answer(models.stretch), methods=["POST"]),
            Route("/ping", answer(ping), methods=["POST"]),
        ]
    )


def main() -> None:
    """Serve until told to end."""
    leave_with(int(sys.argv[1]))
    log_to_stderr()
    torch.set_num_threads(1)
    listening = listen(socket_path(settings()))
    uvicorn.run(make_app(Models(Store.open(settings()))), fd=listening.fileno(), log_level="warning")


def listen(path: Path) -> socket.socket:
    """A socket at that path, in place of whose was there; where another process takes the path in turn, this one ends.

    One whose parent was killed while it started may do so just before it ends itself: its successor must not go on where
    nobody can reach it.
    """
    os.umask(0o077)
    made = socket.socket(socket.AF_UNIX)
    beside = path.with_name(f"{os.getpid()}.s")  # no longer than the path: those of sockets are short
    beside.unlink(missing_ok=True)
    made.bind(str(beside))
    made.listen()
    own = beside.stat().st_ino
    beside.replace(path)
    threading.Thread(target=_leave_without, args=(path, own), name="path", daemon=True).start()
    return made


def _leave_without(path: Path, own: int) -> None:
    while path.exists() and path.stat().st_ino == own:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
