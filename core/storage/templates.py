"""Schemas kept under a name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, desc, insert

from core.results import Column, Template
from core.storage.datasets import usable_name
from core.storage.records import from_json, new_id, to_json
from core.storage.repository import Repository
from core.storage.tables import templates


class Templates(Repository):
    """The schema templates of a space."""

    table = templates
    word = "schema template"

    def new(self, name: str, columns: tuple[Column, ...]) -> Template:
        """Keep a schema. Raises InputRefused for an empty name."""
        id_ = new_id("m")
        with self.engine.begin() as connection:
            connection.execute(
                insert(templates).values(
                    id=id_,
                    space_id=self.who.space_id,
                    name=usable_name(name),
                    columns=to_json(tuple[Column, ...], columns),
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> Template:
        """One template. Raises NotFound."""
        return _template(self._row(id_))

    def find(self) -> list[Template]:
        """Newest first."""
        return [_template(row) for row in self._rows(self._select().order_by(desc(templates.c.created_at)))]

    def delete(self, id_: str) -> None:
        """Forget one; datasets that it was laid over stay as they are. Raises NotFound."""
        self.get(id_)
        with self.engine.begin() as connection:
            connection.execute(delete(templates).where(templates.c.id == id_, self._mine()))


def _template(row: dict[str, Any]) -> Template:
    return Template(**{**row, "columns": from_json(tuple[Column, ...], row["columns"])})
