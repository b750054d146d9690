"""What all repositories share: the engine, whose data, and reading without the write lock."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, Select, Table, Update, select, update
from sqlalchemy.engine import Connection

from core.access import Principal
from core.errors import NotFound
from core.storage.records import mapping

T = TypeVar("T")


class Repository:
    """Rows of one table that a principal may see."""

    table: Table
    word: str

    def __init__(self, engine: Engine, who: Principal) -> None:
        self.engine = engine
        self.who = who
        # SQLite: a transaction that only reads must not wait for, or hold, the one write lock.
        self.reader = engine.execution_options(sqlite_begin="DEFERRED")

    def _mine(self) -> ColumnElement[bool]:
        return self.table.c.space_id == self.who.space_id

    def _select(self) -> Select[Any]:
        return select(self.table).where(self._mine())

    def _update(self, id_: str) -> Update:
        return update(self.table).where(self.table.c.id == id_, self._mine())

    def _row(self, id_: str) -> dict[str, Any]:
        with self.reader.connect() as connection:
            row = connection.execute(self._select().where(self.table.c.id == id_)).first()
        if row is None:
            raise self._missing(id_)
        return mapping(row)

    def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        with self.reader.connect() as connection:
            return [mapping(row) for row in connection.execute(query)]

    def _missing(self, id_: str) -> NotFound:
        what = f"there is no {self.word} “{id_[:40]}” here; it may have been deleted"
        return NotFound(what, where=self.word, fix="choose another")

    def change(self, id_: str, **values: Any) -> None:
        """Set columns of one row. Raises NotFound."""
        with self.engine.begin() as connection:
            self._change(connection, id_, values)

    def _change(self, connection: Connection, id_: str, values: dict[str, Any]) -> None:
        if connection.execute(self._update(id_).values(**values)).rowcount == 0:
            raise self._missing(id_)
