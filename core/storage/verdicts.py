"""What people said of rows: a log that only grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import desc, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from core.errors import InputRefused, NotFound, printable
from core.results import JUDGEMENTS, Judgement, Verdict
from core.storage.records import mapping, new_id
from core.storage.repository import Repository
from core.storage.selections import tidy
from core.storage.tables import datasets, verdicts

LONGEST_NOTE, LONGEST_NAME, MOST_TAGS = 10_000, 200, 50
WRITTEN_AT_ONCE, ASKED_AT_ONCE = 1_000, 500


@dataclass(frozen=True)
class Said:
    """A verdict to be written, as `core.results.Verdict` describes it."""

    row_key: str
    content: str
    verdict: Judgement
    note: str = ""
    tags: tuple[str, ...] = ()
    assignee: str = ""
    run_id: str = ""
    scorer: str = ""
    threshold: float | None = None
    score: float | None = None
    percentile: float | None = None


class Verdicts(Repository):
    """The verdicts of a space."""

    table = verdicts
    word = "verdict"

    def add(self, lineage_id: str, dataset_id: str, said: Sequence[Said], batch_id: str = "") -> str:
        """Write verdicts on rows of a dataset, all of them or none; the id of this batch.

        batch_id: made by who asks, who may then ask again after a lost answer: what is written already is not written twice.
        Raises InputRefused, NotFound where no file with these rows is left.
        """
        batch_id = batch_id or new_id("b")
        rows = [
            {
                "id": f"{batch_id}-{place}",
                "space_id": self.who.space_id,
                "lineage_id": lineage_id,
                "dataset_id": dataset_id,
                "author": self.who.author,
                "batch_id": batch_id,
                **_checked(each),
            }
            for place, each in enumerate(said)
        ]
        try:
            with self.engine.begin() as connection:
                self._refuse_where_all_is_deleted(connection, lineage_id, dataset_id)
                for start in range(0, len(rows), WRITTEN_AT_ONCE):
                    connection.execute(insert(verdicts), rows[start : start + WRITTEN_AT_ONCE])
        except IntegrityError:
            if len(self.of_batch(batch_id)) != len(rows):  # not what was written before under this id
                raise
        return batch_id

    def of_lineage(self, lineage_id: str, after: int = 0) -> list[Verdict]:
        """All that was said of rows that these files hold over time, in the order of writing. after: this number."""
        query = self._select().where(verdicts.c.lineage_id == lineage_id, verdicts.c.number > after)
        return self._found(query.order_by(verdicts.c.number))

    def of_row(self, lineage_id: str, row_key: str) -> list[Verdict]:
        """All that was said of a row, newest first."""
        query = self._select().where(verdicts.c.lineage_id == lineage_id, verdicts.c.row_key == row_key)
        return self._found(query.order_by(desc(verdicts.c.number)))

    def of_rows(self, lineage_id: str, row_keys: Sequence[str]) -> list[Verdict]:
        """All that was said of some rows, in the order of writing for each."""
        found: list[Verdict] = []
        for start in range(0, len(row_keys), ASKED_AT_ONCE):
            some = verdicts.c.row_key.in_(row_keys[start : start + ASKED_AT_ONCE])
            query = self._select().where(verdicts.c.lineage_id == lineage_id, some)
            found += self._found(query.order_by(verdicts.c.number))
        return found

    def of_batch(self, batch_id: str) -> list[Verdict]:
        """What was said at once, in order."""
        return self._found(self._select().where(verdicts.c.batch_id == batch_id).order_by(verdicts.c.number))

    def stamp(self, lineage_id: str) -> tuple[int, int]:
        """What changes with every verdict that is written: how many there are, and the last one's number."""
        query = select(func.count(), func.coalesce(func.max(verdicts.c.number), 0)).where(
            self._mine(), verdicts.c.lineage_id == lineage_id
        )
        with self.reader.connect() as connection:
            count, last = connection.execute(query).one()
        return int(count), int(last)

    def _refuse_where_all_is_deleted(self, connection: Connection, lineage_id: str, dataset_id: str) -> None:
        """What is deleted takes what was said of it along: nothing is said of it afterwards. Held until the end of the writing."""
        left = select(datasets.c.id).where(
            datasets.c.lineage_id == lineage_id, datasets.c.space_id == self.who.space_id
        )
        if connection.execute(left.with_for_update(read=True, key_share=True)).first() is None:
            raise NotFound(
                f"there is no dataset “{dataset_id[:40]}” here any more, so nothing was written of its rows",
                where="verdict",
                fix="choose another on Home",
            )

    def _found(self, query: Any) -> list[Verdict]:
        with self.reader.connect() as connection:
            return [_verdict(mapping(row)) for row in connection.execute(query)]


def _checked(said: Said) -> dict[str, Any]:
    """As it is kept. Raises InputRefused."""
    if said.verdict not in JUDGEMENTS:
        raise InputRefused(
            f"“{str(said.verdict)[:40]}” is no verdict", where=said.row_key[:60], fix="confirmed, dismissed or unsure"
        )
    if len(said.note) > LONGEST_NOTE:
        raise InputRefused(
            f"the note has {len(said.note):,} characters",
            where=said.row_key[:60],
            fix=f"at most {LONGEST_NOTE:,}: keep the rest elsewhere",
        )
    tags = tidy(_text(tag)[:LONGEST_NAME] for tag in said.tags)
    if len(tags) > MOST_TAGS:
        raise InputRefused(f"{len(tags):,} tags", where=said.row_key[:60], fix=f"at most {MOST_TAGS}")
    return {
        **vars(said),
        "note": _text(said.note).strip(),
        "tags": list(tags),
        "assignee": " ".join(_text(said.assignee).split())[:LONGEST_NAME],
    }


def _text(text: str) -> str:
    return printable(text).replace("\0", "")  # which PostgreSQL does not take


def _verdict(row: dict[str, Any]) -> Verdict:
    return Verdict(**{**row, "tags": tuple(row["tags"])})
