"""Small tables beside a run: projections, thresholds, shared views; and the supervisors that are alive."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import delete, desc, insert, select

from core.results import Device, Projection, Threshold, View
from core.storage.records import from_json, mapping, new_id
from core.storage.repository import Repository, T
from core.storage.tables import now, projections, supervisors, thresholds, views


class Projections(Repository):
    """Stored maps of a run's codes."""

    table = projections
    word = "map"

    def of_run(self, run_id: str) -> list[Projection]:
        query = self._select().where(projections.c.run_id == run_id).order_by(projections.c.created_at)
        return [_without(row, Projection) for row in self._rows(query)]


class Thresholds(Repository):
    """Decisions where to cut a run's scores; each is kept, the newest counts."""

    table = thresholds
    word = "threshold"

    def new(
        self, run_id: str, method: str, parameters: dict[str, float], value: float, flagged: int, scorer: str = ""
    ) -> Threshold:
        """Save a threshold with author and date."""
        id_ = new_id("t")
        with self.engine.begin() as connection:
            connection.execute(
                insert(thresholds).values(
                    id=id_,
                    space_id=self.who.space_id,
                    run_id=run_id,
                    method=method,
                    parameters=parameters,
                    value=value,
                    flagged=flagged,
                    author=self.who.author,
                    scorer=scorer,
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> Threshold:
        """Raises NotFound."""
        return _without(self._row(id_), Threshold)

    def of_run(self, run_id: str) -> list[Threshold]:
        """Newest first."""
        query = self._select().where(thresholds.c.run_id == run_id).order_by(desc(thresholds.c.created_at))
        return [_without(row, Threshold) for row in self._rows(query)]

    def current(self, run_id: str) -> Threshold | None:
        """The newest, which a finished run always has."""
        found = self.of_run(run_id)
        return found[0] if found else None


class Views(Repository):
    """Shared views. They never change."""

    table = views
    word = "shared view"

    def new(self, run_id: str, page: str, state: dict[str, Any], row_keys: tuple[str, ...] = ()) -> View:
        """Store a view; its id is the link."""
        id_ = new_id("v")
        with self.engine.begin() as connection:
            connection.execute(
                insert(views).values(
                    id=id_,
                    space_id=self.who.space_id,
                    run_id=run_id,
                    page=page,
                    state=state,
                    row_keys=list(row_keys),
                    author=self.who.author,
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> View:
        """Raises NotFound."""
        row = self._row(id_)
        return View(**{**row, "row_keys": tuple(row["row_keys"])})


class Supervisors(Repository):
    """The supervisor processes of all machines; they serve every space."""

    table = supervisors
    word = "supervisor"

    def alive(self, within_seconds: float) -> list[dict[str, Any]]:
        """Supervisors seen lately, newest first."""
        query = (
            select(supervisors)
            .where(supervisors.c.seen_at > now() - within_seconds)
            .order_by(desc(supervisors.c.seen_at))
        )
        with self.reader.connect() as connection:
            return [mapping(row) for row in connection.execute(query)]

    def devices(self) -> tuple[Device, ...]:
        """Devices that the last supervisor published, the recommended first; empty before the first start."""
        query = select(supervisors.c.devices).order_by(desc(supervisors.c.seen_at)).limit(1)
        with self.reader.connect() as connection:
            found = connection.scalar(query)
        return from_json(tuple[Device, ...], found or [])

    def forget(self, id_: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(delete(supervisors).where(supervisors.c.id == id_))


def _without(row: dict[str, Any], kind: type[T]) -> T:
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in row.items() if name in names})
