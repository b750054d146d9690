"""Runs, their learning curves and their artifacts."""

from __future__ import annotations

from itertools import chain, count
from typing import Any

import numpy as np
from sqlalchemy import Engine, Select, desc, insert, select

from core.access import Principal
from core.errors import NotFound
from core.results import Course, Embedding, Evaluation, Metric, Run, Scores
from core.specs import EXPLAINER, RECOMMENDED, RunSpec, ScoreWith
from core.storage import removal
from core.storage.artifacts import Artifacts
from core.storage.datasets import usable_name
from core.storage.records import from_json, matching, new_id
from core.storage.repository import Repository
from core.storage.tables import datasets, jobs, metrics, runs

SCORED_WITH = "scored with "  # before the name of the run that another file was scored with
COURSE_ARRAYS = ("series_rows", "series_stretch", "series_times")  # of core.results.Course, in its order


class Runs(Repository):
    """The runs of a space. A run's state is its job's."""

    table = runs
    word = "run"

    def __init__(self, engine: Engine, who: Principal, artifacts: Artifacts) -> None:
        super().__init__(engine, who)
        self.artifacts = artifacts

    def _select(self) -> Select[Any]:
        return select(runs, jobs.c.state).join(jobs, jobs.c.id == runs.c.job_id).where(self._mine())

    def submit(
        self,
        dataset_id: str,
        spec: RunSpec,
        *,
        name: str = "",
        parent_id: str | None = None,
        id_: str | None = None,
        trial: bool = False,
    ) -> Run:
        """A new run and its queued *train* job, in one transaction. trial: one of a search, of which no map is drawn."""
        spec = spec.checked()
        id_ = id_ or new_id("r")
        unchosen = all(getattr(spec, setting) == value for setting, value in EXPLAINER.items())
        usual = RECOMMENDED if unchosen else spec.objective.replace("_", " ")
        title = usable_name(name) if name.strip() else self._unused(usual, dataset_id)
        args = {"run_id": id_, **({"trial": True} if trial else {})}
        return self._new(id_, dataset_id, "train", args, title, parent_id, spec.model_dump(mode="json"))

    def _unused(self, name: str, dataset_id: str) -> str:
        """The name where no run on the dataset has it, else with the first number from 2 that none has."""
        query = select(runs.c.name).where(self._mine(), runs.c.dataset_id == dataset_id)
        with self.reader.connect() as connection:
            taken = set(connection.scalars(query))
        numbered = (f"{name} {number}" for number in count(2))
        return next(each for each in chain([name], numbered) if each not in taken)

    def score_with(self, how: ScoreWith, dataset_id: str, id_: str | None = None) -> Run:
        """A run of another file's rows through a finished one, which is not trained again, and its queued *score* job.

        Raises NotFound.
        """
        model = self.get(how.run_id)
        while first := model.summary.get("scored_with"):  # what was scored only learned nothing
            model = self.get(first)
        id_ = id_ or new_id("r")
        args = {"run_id": model.id, "dataset_id": dataset_id, "into": id_}
        args |= how.model_dump(mode="json", include={"review", "renamed"}, exclude_defaults=True)
        return self._new(
            id_, dataset_id, "score", args, usable_name(f"{SCORED_WITH}{model.name}"), model.id, model.spec
        )

    def _new(
        self,
        id_: str,
        dataset_id: str,
        kind: str,
        args: dict[str, Any],
        name: str,
        parent_id: str | None,
        spec: dict[str, Any],
    ) -> Run:
        job_id = new_id("j")
        with self.engine.begin() as connection:
            known = select(datasets.c.id).where(datasets.c.id == dataset_id, datasets.c.space_id == self.who.space_id)
            if connection.execute(known).first() is None:
                raise NotFound(
                    f"there is no dataset “{dataset_id[:40]}” here; it may have been deleted",
                    where="dataset",
                    fix="choose another",
                )
            connection.execute(
                insert(jobs).values(
                    id=job_id,
                    space_id=self.who.space_id,
                    kind=kind,
                    args=args,
                    dataset_id=dataset_id,
                    run_id=id_,
                    state="queued",
                )
            )
            connection.execute(
                insert(runs).values(
                    id=id_,
                    space_id=self.who.space_id,
                    dataset_id=dataset_id,
                    parent_id=parent_id,
                    job_id=job_id,
                    name=name,
                    author=self.who.author,
                    spec=spec,
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> Run:
        """One run. Raises NotFound."""
        return _run(self._row(id_))

    def find(self, search: str = "", dataset_id: str | None = None, limit: int = 200) -> list[Run]:
        """Newest first; `search` narrows by name, note and tags."""
        query = matching(self._select(), runs, search)
        if dataset_id is not None:
            query = query.where(runs.c.dataset_id == dataset_id)
        return [_run(row) for row in self._rows(query.order_by(desc(runs.c.created_at)).limit(limit))]

    def with_artifact(self, name: str, address: str) -> list[Run]:
        """Runs that have this artifact at this address: of the same content."""
        query = self._select().where(runs.c.artifacts[name].as_string() == address)
        return [_run(row) for row in self._rows(query)]

    def scored_with(self, model_id: str) -> list[Run]:
        """Finished runs of other files that were scored with this one, the newest first."""
        query = self._select().where(runs.c.parent_id == model_id).order_by(desc(runs.c.created_at))
        found = [_run(row) for row in self._rows(query)]
        return [run for run in found if run.ready and run.summary.get("scored_with") == model_id]

    def rename(self, id_: str, name: str) -> None:
        """Raises InputRefused for an empty name, NotFound."""
        self.change(id_, name=usable_name(name))

    # --- results ---------------------------------------------------------------------------------------

    def metrics(self, id_: str) -> list[Metric]:
        """The learning curves, by step."""
        query = select(metrics).where(metrics.c.run_id == id_, metrics.c.space_id == self.who.space_id)
        with self.reader.connect() as connection:
            found = connection.execute(query.order_by(metrics.c.step, metrics.c.name))
            return [Metric(row.epoch, row.step, row.name, row.value) for row in found]

    def scores(self, run: Run, scorer: str = "") -> Scores:
        """Scores and their split into source columns, in dataset order. scorer: which of the run's, by default its own."""
        space = self.who.space_id
        with self.reader.connect() as connection:
            address = connection.scalar(select(datasets.c.rows_address).where(datasets.c.id == run.dataset_id))
        keys = self.artifacts.get_table(space, str(address), ["row_key"])["row_key"]
        return Scores(
            run_id=run.id,
            row_keys=keys.to_numpy(zero_copy_only=False).astype(str),
            values=np.asarray(self.artifacts.get_array(space, run.artifacts[run.of_scorer("scores", scorer)])),
            columns=tuple(run.summary["columns"]),
            column_errors=self.artifacts.get_array(space, run.artifacts[run.of_scorer("column_errors", scorer)]),
            splits=np.asarray(self.artifacts.get_array(space, run.artifacts["splits"])),
            course=self.course(run),
        )

    def course(self, run: Run) -> Course | None:
        """The order of time in which it saw its rows; None where it saw each by itself."""
        return self.course_at(run, run.artifacts)

    def course_at(self, run: Run, addresses: dict[str, str]) -> Course | None:
        """The same of any rows that the run looked at, from where it is stored."""
        if not set(COURSE_ARRAYS) <= set(addresses):
            return None
        space, windows = self.who.space_id, run.summary["windows"]
        rows, stretch, times = (np.asarray(self.artifacts.get_array(space, addresses[name])) for name in COURSE_ARRAYS)
        named = {name: windows.get(name, "") for name in ("time", "group")}
        return Course(rows, stretch, times, windows["by_time"], windows["length"], **named)

    def embedding(self, run: Run) -> Embedding:
        codes = self.artifacts.get_array(self.who.space_id, run.artifacts["codes"])
        rows = run.artifacts.get("window_rows")
        return Embedding(run.id, codes, None if rows is None else self.artifacts.get_array(self.who.space_id, rows))

    def baselines(self, run: Run) -> dict[str, Any]:
        """Scores of the baselines by name, each (N,)."""
        array = self.artifacts.get_array(self.who.space_id, run.artifacts["baselines"])
        return {name: array[:, i] for i, name in enumerate(run.summary["baselines"])}

    def evaluations(self, run: Run, scorer: str = "") -> tuple[Evaluation, ...]:
        """How a score of the run and the baselines agree with the label; empty without one."""
        record = self.artifacts.get_json(self.who.space_id, run.artifacts[run.of_scorer("evaluation", scorer)])
        return from_json(tuple[Evaluation, ...], record)

    # --- deleting --------------------------------------------------------------------------------------

    def would_remove(self, id_: str) -> removal.Removal:
        """What deleting this run takes with it."""
        self.get(id_)
        return removal.of_run(self.reader, self.who, id_)

    def delete(self, id_: str) -> removal.Removal:
        """Delete it and everything made from it. Raises InputRefused while its job runs."""
        return removal.remove(self.engine, self.who, self.artifacts, self.would_remove(id_))


def _run(row: dict[str, Any]) -> Run:
    return Run(**{**row, "tags": tuple(row["tags"])})
