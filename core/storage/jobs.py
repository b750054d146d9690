"""The one queue of slow work. Pages and the CLI submit and ask; supervisors claim; workers write, fenced.

The fencing token is (id, attempt): a worker's write touches a row only while that attempt is the running
one. `Superseded` tells a worker that its job was taken from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Engine, and_, delete, desc, func, insert, or_, select, true, update
from sqlalchemy.engine import Connection

from core.access import Principal
from core.errors import InputRefused
from core.results import Job, JobCommand, JobState, Metric
from core.settings import Settings
from core.storage.records import new_id
from core.storage.repository import Repository
from core.storage.tables import datasets, jobs, metrics, now, projections, runs, thresholds

RETRIES = 1  # times a lost worker's job is taken up again by itself
# Queues in one table: nobody's file waits to be read until a long training, a large map or a profile has ended.
LANES: tuple[tuple[str, ...], ...] = (
    ("train",),
    ("recognise",),
    ("ingest", "score", "rescore"),
    ("project",),
    ("profile",),
    ("search", "stability"),
    ("trust", "clusters"),
    ("export",),
)


class Superseded(Exception):
    """This attempt is no longer the running one; its process has nothing left to write."""


class Jobs(Repository):
    """Jobs of a space, as pages and the CLI see them."""

    table = jobs
    word = "job"

    def __init__(self, engine: Engine, who: Principal, settings: Settings) -> None:
        super().__init__(engine, who)
        self.settings = settings

    def submit(
        self, kind: str, args: dict[str, Any], *, dataset_id: str | None = None, run_id: str | None = None
    ) -> Job:
        """Queue a job."""
        id_ = new_id("j")
        with self.engine.begin() as connection:
            connection.execute(
                insert(jobs).values(
                    id=id_,
                    space_id=self.who.space_id,
                    kind=kind,
                    args=args,
                    dataset_id=dataset_id,
                    run_id=run_id,
                    state="queued",
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> Job:
        """One job; `position` in its lane counts from 1 while it is queued. Raises NotFound."""
        job = as_job(self._row(id_))
        return self._with_position(job) if job.state == "queued" else job

    def find(
        self,
        states: Iterable[JobState] = (),
        limit: int = 100,
        run_id: str | None = None,
        dataset_id: str | None = None,
        kind: str | None = None,
    ) -> list[Job]:
        """Newest first."""
        query = self._select()
        if wanted := tuple(states):
            query = query.where(jobs.c.state.in_(wanted))
        if run_id is not None:
            query = query.where(jobs.c.run_id == run_id)
        if dataset_id is not None:
            query = query.where(jobs.c.dataset_id == dataset_id)
        if kind is not None:
            query = query.where(jobs.c.kind == kind)
        found = [as_job(row) for row in self._rows(query.order_by(desc(jobs.c.created_at)).limit(limit))]
        return [self._with_position(job) if job.state == "queued" else job for job in found]

    def _with_position(self, job: Job) -> Job:
        lane = next(lane for lane in LANES if job.kind in lane)
        ahead = select(func.count()).where(
            jobs.c.state == "queued",
            jobs.c.kind.in_(lane),
            or_(jobs.c.created_at < job.created_at, and_(jobs.c.created_at == job.created_at, jobs.c.id < job.id)),
        )
        with self.reader.connect() as connection:
            return Job(**{**job.__dict__, "position": int(connection.scalar(ahead) or 0) + 1})

    def request(self, id_: str, command: JobCommand) -> Job:
        """Ask a job to *cancel*, or to *stop* and keep the best. One that has not begun is cancelled at once."""
        self.get(id_)
        with self.engine.begin() as connection:
            connection.execute(
                self._update(id_).where(jobs.c.state == "queued").values(state="cancelled", finished_at=now())
            )
            # Cancel outranks stop; a later stop does not take it back.
            connection.execute(
                self._update(id_)
                .where(jobs.c.state == "running", func.coalesce(jobs.c.command, "") != "cancel")
                .values(command=command)
            )
        return self.get(id_)

    def resume(self, id_: str) -> Job:
        """Queue an interrupted, failed or cancelled job again; it goes on from its last checkpoint.

        Raises InputRefused for one that is running or done, and for one that can only fail again.
        """
        job = self.get(id_)
        if job.state == "failed" and not job.resumable:
            raise InputRefused(
                "this job would only fail again", where=id_, fix="mend what its error names, then start it anew"
            )
        if job.state not in ("interrupted", "failed", "cancelled"):
            raise InputRefused(
                f"only an interrupted, failed or cancelled job can be resumed; this one is {job.state}",
                where=id_,
                fix="wait for it, or train again",
            )
        with self.engine.begin() as connection:
            connection.execute(
                self._update(id_)
                .where(jobs.c.state == job.state)
                .values(state="queued", lost=0, command=None, error=None, finished_at=None, lease_until=None)
            )
        return self.get(id_)

    def forget(self, id_: str) -> None:
        """Remove the record of a job that has ended without a result. Raises NotFound, InputRefused."""
        job = self.get(id_)
        if not job.ended or job.state == "succeeded":
            raise InputRefused(f"this job is {job.state}", where=id_, fix="only what has failed can be dismissed")
        with self.engine.begin() as connection:
            connection.execute(delete(jobs).where(jobs.c.id == id_, self._mine(), jobs.c.state == job.state))


# --- what supervisors do, over all spaces --------------------------------------------------------------


def claim(engine: Engine, supervisor_id: str, lease_seconds: float, kinds: Iterable[str] | None = None) -> Job | None:
    """Take the oldest queued job (of these kinds): one statement, safe among any number of supervisors."""
    oldest = (
        select(jobs.c.id)
        .where(jobs.c.state == "queued", true() if kinds is None else jobs.c.kind.in_(tuple(kinds)))
        .order_by(jobs.c.created_at, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(jobs)
        .where(jobs.c.id == oldest, jobs.c.state == "queued")
        .values(
            state="running",
            attempt=jobs.c.attempt + 1,
            supervisor_id=supervisor_id,
            pid=None,
            pid_started=None,
            started_at=func.coalesce(jobs.c.started_at, now()),
            lease_until=now() + lease_seconds,
        )
        .returning(jobs)
    )
    with engine.begin() as connection:
        row = connection.execute(statement).first()
    return as_job(dict(row._mapping)) if row is not None else None


# --- what workers do, fenced ---------------------------------------------------------------------------


class Fence:
    """One attempt's right to write. Every method raises Superseded once the attempt is not the running one."""

    def __init__(self, engine: Engine, job_id: str, attempt: int) -> None:
        self.engine = engine
        self.job_id = job_id
        self.attempt = attempt

    def write(self, connection: Connection, **values: Any) -> None:
        """Update the job's row, or raise Superseded (which rolls the surrounding transaction back)."""
        statement = (
            update(jobs)
            .where(jobs.c.id == self.job_id, jobs.c.attempt == self.attempt, jobs.c.state == "running")
            .values(attempt=self.attempt, **values)
        )
        if connection.execute(statement).rowcount == 0:
            raise Superseded(f"{self.job_id} attempt {self.attempt}")

    def progress(self, fraction: float, message: str, seconds_left: float | None = None) -> JobCommand | None:
        """Record progress; the command that the user gave meanwhile, if any."""
        with self.engine.begin() as connection:
            self.write(connection, fraction=fraction, message=message, seconds_left=seconds_left)
            command: JobCommand | None = connection.scalar(select(jobs.c.command).where(jobs.c.id == self.job_id))
        return command

    def keep(self, result: dict[str, Any]) -> None:
        """Record what the job has found so far, for pages to see and another attempt to go on from."""
        with self.engine.begin() as connection:
            self.write(connection, result=result)

    def record(self, space_id: str, run_id: str, measured: list[Metric]) -> None:
        """Add points to a run's learning curves."""
        with self.engine.begin() as connection:
            self.write(connection)  # holds the row, so that a successor can't interleave
            connection.execute(
                insert(metrics),
                [
                    {
                        "space_id": space_id,
                        "run_id": run_id,
                        "name": metric.name,
                        "step": metric.step,
                        "epoch": metric.epoch,
                        "value": metric.value,
                    }
                    for metric in measured
                ],
            )

    def drop_metrics_after(self, run_id: str, step: int) -> None:
        """Forget points beyond the checkpoint that training goes on from."""
        with self.engine.begin() as connection:
            self.write(connection)
            connection.execute(delete(metrics).where(metrics.c.run_id == run_id, metrics.c.step > step))

    def finish(
        self, state: JobState, *, result: dict[str, Any] | None = None, error: dict[str, str] | None = None
    ) -> None:
        """End the job."""
        with self.engine.begin() as connection:
            self.end(connection, state, result=result, error=error)

    def end(
        self,
        connection: Connection,
        state: JobState,
        *,
        result: dict[str, Any] | None = None,
        error: dict[str, str] | None = None,
    ) -> None:
        """End the job inside a transaction that also writes its results."""
        values: dict[str, Any] = {"state": state, "finished_at": now(), "error": error, "lease_until": None}
        if state == "succeeded":
            values |= {"fraction": 1.0, "seconds_left": None}
        if result is not None:
            values["result"] = result
        self.write(connection, **values)

    def finish_run(
        self,
        run_id: str,
        *,
        space_id: str,
        author: str,
        summary: dict[str, Any],
        artifacts: dict[str, str],
        threshold: dict[str, Any],
        projections_of: Sequence[dict[str, Any]],
        error: dict[str, str] | None = None,
    ) -> None:
        """A run's results with its maps, and the end of the job that made it, all or nothing. With `error` it failed, but good
        weights were kept."""
        common = {"space_id": space_id, "run_id": run_id}
        with self.engine.begin() as connection:
            self.end(connection, "failed" if error else "succeeded", result={"run_id": run_id}, error=error)
            connection.execute(update(runs).where(runs.c.id == run_id).values(summary=summary, artifacts=artifacts))
            connection.execute(insert(thresholds).values(id=new_id("t"), author=author, **common, **threshold))
            for projection in projections_of:
                connection.execute(insert(projections).values(id=new_id("p"), **common, **projection))

    def finish_scores(
        self,
        run_id: str,
        *,
        space_id: str,
        artifacts: dict[str, str],
        summary: dict[str, Any],
        threshold: dict[str, Any] | None = None,
    ) -> None:
        """What a job adds to a finished run, perhaps with a threshold that cuts it, and the job's end."""
        with self.engine.begin() as connection:
            self.end(connection, "succeeded", result={"run_id": run_id})
            _add_to_run(connection, run_id, artifacts, summary)
            if threshold is not None:
                connection.execute(
                    insert(thresholds).values(id=new_id("t"), space_id=space_id, run_id=run_id, **threshold)
                )

    def finish_projection(
        self,
        run_id: str,
        *,
        space_id: str,
        method: str,
        settings: dict[str, Any],
        address: str,
        artifacts: dict[str, str] | None = None,
    ) -> None:
        """A project job's map, what it found on the way (artifacts of the run), and its end."""
        id_ = new_id("p")
        with self.engine.begin() as connection:
            self.end(connection, "succeeded", result={"run_id": run_id, "method": method, "projection_id": id_})
            _add_to_run(connection, run_id, artifacts or {}, {})
            connection.execute(
                insert(projections).values(
                    id=id_, space_id=space_id, run_id=run_id, method=method, settings=settings, address=address
                )
            )

    def finish_trust(
        self,
        projection_id: str,
        run_id: str,
        *,
        space_id: str,
        trust: dict[str, Any],
        distortion_address: str,
        artifacts: dict[str, str] | None = None,
    ) -> None:
        """How far a map can be believed, what was found on the way (artifacts of the run), and the job's end."""
        with self.engine.begin() as connection:
            self.end(connection, "succeeded", result={"run_id": run_id, "projection_id": projection_id})
            _add_to_run(connection, run_id, artifacts or {}, {})
            connection.execute(
                update(projections)
                .where(projections.c.id == projection_id, projections.c.space_id == space_id)
                .values(trust=trust, distortion_address=distortion_address)
            )

    def finish_profile(self, dataset_id: str, *, space_id: str, address: str) -> None:
        """A profile job's end, and where what it counted lies."""
        with self.engine.begin() as connection:
            self.end(connection, "succeeded", result={"dataset_id": dataset_id})
            connection.execute(
                update(datasets)
                .where(datasets.c.id == dataset_id, datasets.c.space_id == space_id)
                .values(profile_address=address)
            )


def _add_to_run(connection: Connection, run_id: str, artifacts: dict[str, str], summary: dict[str, Any]) -> None:
    """To what a finished run has, whoever else adds to it now."""
    known = select(runs.c.artifacts, runs.c.summary).where(runs.c.id == run_id).with_for_update()
    row = connection.execute(known).one()
    merged = {"artifacts": {**row.artifacts, **artifacts}, "summary": {**row.summary, **summary}}
    connection.execute(update(runs).where(runs.c.id == run_id).values(**merged))


def as_job(row: dict[str, Any]) -> Job:
    """The job of one row of the table."""
    return Job(**{name: value for name, value in row.items() if name in Job.__dataclass_fields__})
