"""HTTP route that says what a point of a map is, for what hovers over it.

GET /about/RUN/POINT?scorer=NAME  point from 0  → {"text", "neighbours": [points]}; 404 where there is none. Only pages of
this server may ask.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import NotFound
from core.results import Dataset, Run, Scores
from core.storage.store import Store
from dashboard.api.answers import answering
from dashboard.blocks.flagged_rows import reasons
from dashboard.charts.text import shortened, visible

COLUMNS = 6  # of a row that are said
LINES = 10  # neighbours to which lines are drawn
LONGEST = 60  # characters of a cell
HEADERS = {"Cache-Control": "private, max-age=600", "Cross-Origin-Resource-Policy": "same-origin"}


def routes(store: Callable[[], Store], base: str = "") -> list[Route]:
    """The route, under a base path that begins with a slash or is empty. store: asked at each request."""

    def about(request: Request) -> Response:
        run, point = request.path_params["run"], request.path_params["point"]
        return JSONResponse(_about(store(), run, request.query_params.get("scorer", ""), point), headers=HEADERS)

    return [answering(f"{base}/about/{{run}}/{{point:int}}", about)]


def _about(store: Store, run_id: str, scorer: str, point: int) -> dict[str, Any]:
    known = _known(store, run_id, scorer)
    if point >= known.points:
        raise NotFound("there is no such point", where="point", fix="reload the page")
    row = point if known.rows is None else int(known.rows[point])
    near = [] if known.neighbours is None else known.neighbours[point, :LINES].tolist()
    return {"text": _text(store, known, row), "neighbours": [each for each in near if each >= 0]}


class Known:
    """What stays of a run from one question to the next."""

    def __init__(self, store: Store, run_id: str, scorer: str) -> None:
        self.run: Run = store.runs.get(run_id)
        if not self.run.ready or self.run.of_scorer("scores", scorer) not in self.run.artifacts:
            raise NotFound("the run has no such scores", where=run_id[:40], fix="reload the page")
        self.dataset: Dataset = store.datasets.get(self.run.dataset_id)
        self.scores: Scores = store.runs.scores(self.run, scorer)
        self.rows = self._array(store, "window_rows")
        self.neighbours = self._array(store, "neighbours")
        self.points = len(self.scores.values) if self.rows is None else len(self.rows)

    def _array(self, store: Store, name: str) -> Any:
        address = self.run.artifacts.get(name)
        return None if address is None else store.artifacts.get_array(store.space, address)


def _known(store: Store, run_id: str, scorer: str) -> Known:
    # Neighbours come later than the run: what is kept says whether they were there.
    there = "neighbours" in store.runs.get(run_id).artifacts
    return _kept(store, store.space, run_id, scorer, there)


@lru_cache(maxsize=8)
def _kept(store: Store, space: str, run_id: str, scorer: str, there: bool) -> Known:
    return Known(store, run_id, scorer)


def _text(store: Store, known: Known, row: int) -> str:
    dataset, scores = known.dataset, known.scores
    lines = [f"{dataset.item} {row + 1:,} · score {scores.values[row]:.4g}"]
    if dataset.pictures is None:
        lines.append(f"because of {shortened(visible(reasons(scores, row)), 3 * LONGEST)}")
        order = np.argsort(-scores.column_errors[row], kind="stable")
        telling = [scores.columns[i] for i in order]
    else:
        telling = []
    label = [dataset.label.name] if dataset.label else []
    names = list(dict.fromkeys([*dataset.identifiers, *label, *telling]))[:COLUMNS] or ["file"]
    cells = store.datasets.some_rows(dataset, np.array([row], np.int64), names)
    for name in names:
        cell = cells[name][0].as_py()
        lines.append(
            f"{shortened(visible(name), LONGEST)}: {'–' if cell is None else shortened(visible(cell), LONGEST)}"
        )
    return "\n".join(lines)
