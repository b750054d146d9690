"""Rules that hide rows like a dismissed one for a while."""

from __future__ import annotations

from typing import Any

from sqlalchemy import desc, insert

from core.errors import InputRefused
from core.results import Bound, Rule
from core.storage.records import from_json, new_id, to_json
from core.storage.repository import Repository
from core.storage.tables import now, rules


class Rules(Repository):
    """The rules of a space."""

    table = rules
    word = "rule"

    def new(self, lineage_id: str, bounds: tuple[Bound, ...], until: float, row_key: str) -> Rule:
        """Keep one. until: seconds since 1970. Raises InputRefused for one that would hide every row."""
        if not bounds:
            raise InputRefused("the rule asks nothing of a row", where="rule", fix="choose at least one column")
        id_ = new_id("u")
        with self.engine.begin() as connection:
            connection.execute(
                insert(rules).values(
                    id=id_,
                    space_id=self.who.space_id,
                    lineage_id=lineage_id,
                    bounds=to_json(tuple[Bound, ...], bounds),
                    until=until,
                    author=self.who.author,
                    row_key=row_key,
                )
            )
        return _rule(self._row(id_))

    def of_lineage(self, lineage_id: str) -> list[Rule]:
        """Those that hold, and those that have ended, newest first."""
        query = self._select().where(rules.c.lineage_id == lineage_id).order_by(desc(rules.c.created_at))
        return [_rule(row) for row in self._rows(query)]

    def undo(self, id_: str) -> None:
        """Let its rows be seen again. Raises NotFound."""
        self.change(id_, undone_at=now())


def _rule(row: dict[str, Any]) -> Rule:
    return Rule(**{**row, "bounds": from_json(tuple[Bound, ...], row["bounds"])})
