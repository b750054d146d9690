"""Deleting for real: what goes with a dataset or a run, listed first, then removed with its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, delete, or_, select, update

from core.access import Principal
from core.errors import InputRefused
from core.results import ENDED
from core.storage.artifacts import Artifacts
from core.storage.tables import (
    datasets,
    jobs,
    metrics,
    now,
    projections,
    runs,
    selections,
    thresholds,
    verdicts,
    views,
)
from core.words import count

DATASET_FILES = ("source_address", "cells_address", "rows_address", "rejects_address", "profile_address")
PICTURE_FILES = ("pieces_address", "thumbs_address", "places_address")
EXPORTS_LAST = 86_400.0  # seconds that a file which was asked for is kept after it was written


@dataclass(frozen=True)
class Removal:
    """What a deletion takes: ids by table, names for the reader, artifacts that nothing else needs."""

    dataset_ids: tuple[str, ...]
    run_ids: tuple[str, ...]
    run_names: tuple[str, ...]
    threshold_count: int
    view_count: int
    selection_count: int
    verdict_count: int  # rows of which something was said, that no other file or version holds
    addresses: tuple[str, ...]

    def lines(self) -> list[str]:
        """What will go, in words."""
        out = [f"run “{name}” with its scores, maps and model" for name in self.run_names]
        if self.threshold_count:
            out.append(f"{count(self.threshold_count, 'saved threshold')}")
        if self.view_count:
            out.append(f"{count(self.view_count, 'shared link')}, which will no longer open")
        if self.selection_count:
            out.append(f"{count(self.selection_count, 'named selection')}")
        if self.verdict_count:
            out.append(f"the verdicts on {count(self.verdict_count, 'row')}")
        return out


def of_dataset(engine: Engine, who: Principal, id_: str) -> Removal:
    """What goes with a dataset: itself, its runs, and all that hangs on them."""
    with engine.connect() as connection:
        run_ids = tuple(
            connection.scalars(select(runs.c.id).where(runs.c.dataset_id == id_, runs.c.space_id == who.space_id))
        )
    return _removal(engine, who, (id_,), run_ids)


def of_run(engine: Engine, who: Principal, id_: str) -> Removal:
    """What goes with a run."""
    return _removal(engine, who, (), (id_,))


def _removal(engine: Engine, who: Principal, dataset_ids: tuple[str, ...], run_ids: tuple[str, ...]) -> Removal:
    space = who.space_id
    with engine.connect() as connection:
        chosen = connection.execute(select(runs.c.name, runs.c.artifacts).where(runs.c.id.in_(run_ids))).all()
        going: set[str] = set()
        staying: set[str] = set()
        for held in _held(connection, space):
            goes = held.run_id in run_ids or held.dataset_id in dataset_ids
            (going if goes else staying).add(held.address)
        named = connection.scalars(select(selections.c.dataset_id).where(selections.c.space_id == space)).all()
        ends = _ending(connection, who, dataset_ids)
        judged = select(verdicts.c.row_key).where(verdicts.c.lineage_id.in_(ends), verdicts.c.space_id == space)
        judged_rows = len(connection.scalars(judged.distinct()).all())
        counts = [
            len(connection.scalars(select(table.c.id).where(table.c.run_id.in_(run_ids), *narrowed)).all())
            # The threshold that the run set by itself is nobody's choice.
            for table, narrowed in ((thresholds, [thresholds.c.author != ""]), (views, []))
        ]
    return Removal(
        dataset_ids=dataset_ids,
        run_ids=run_ids,
        run_names=tuple(name for name, _ in chosen),
        threshold_count=counts[0],
        view_count=counts[1],
        selection_count=sum(dataset_id in dataset_ids for dataset_id in named),
        verdict_count=judged_rows,
        addresses=tuple(sorted(going - staying)),
    )


@dataclass(frozen=True)
class _Held:
    """An artifact that a row of the database needs, and whose it is: a run's, a dataset's, or that of a run's export."""

    address: str
    run_id: str = ""
    dataset_id: str = ""
    export_id: str = ""


def _held(connection: Connection, space: str) -> Iterator[_Held]:
    """All artifacts of a space that something needs, as often as something does."""
    for id_, artifacts in connection.execute(select(runs.c.id, runs.c.artifacts).where(runs.c.space_id == space)):
        yield from (_Held(address, run_id=id_) for address in artifacts.values())
    maps = select(projections.c.run_id, projections.c.address, projections.c.distortion_address)
    for id_, *files in connection.execute(maps.where(projections.c.space_id == space)):
        yield from (_Held(address, run_id=id_) for address in files if address)
    named = select(selections.c.dataset_id, selections.c.keys_address).where(selections.c.space_id == space)
    for id_, address in connection.execute(named):
        yield _Held(address, dataset_id=id_)
    data = select(datasets.c.id, datasets.c.pictures, *(datasets.c[name] for name in DATASET_FILES))
    for id_, pictures, *files in connection.execute(data.where(datasets.c.space_id == space)):
        images = [pictures[name] for name in PICTURE_FILES] if pictures is not None else []
        yield from (_Held(address, dataset_id=id_) for address in (*files, *images) if address)
    exports = select(jobs.c.id, jobs.c.run_id, jobs.c.args, jobs.c.result).where(jobs.c.kind == "export")
    for id_, run_id, args, result in connection.execute(exports.where(jobs.c.space_id == space)):
        written = (args.get("rows"), args.get("again"), result.get("address"))
        yield from (_Held(address, run_id=run_id or "", export_id=id_) for address in written if address)


def sweep_exports(engine: Engine, artifacts: Artifacts, older: float = EXPORTS_LAST) -> int:
    """Forget export jobs of all spaces that ended longer ago than this, in seconds, with what they read and wrote; how many.

    A file stays where something else needs it, and where it was written since: what a running job writes is needed only once
    the job has ended, and may be a file that an earlier one wrote too.
    """
    with engine.begin() as connection:
        old = and_(jobs.c.kind == "export", jobs.c.state.in_(ENDED), jobs.c.finished_at < now() - older)
        swept = {row.id: row.space_id for row in connection.execute(select(jobs.c.id, jobs.c.space_id).where(old))}
        unused: list[tuple[str, str]] = []
        for space in set(swept.values()):
            held = list(_held(connection, space))
            stays = {each.address for each in held if each.export_id not in swept}
            unused += [(space, address) for address in {each.address for each in held} - stays]
        connection.execute(delete(jobs).where(jobs.c.id.in_(swept)))
    for space, address in unused:
        age = artifacts.age(space, address)
        if age is not None and age > older:
            artifacts.delete(space, address)
    return len(swept)


def _ending(connection: Connection, who: Principal, dataset_ids: tuple[str, ...]) -> tuple[str, ...]:
    """The lineages of which nothing is left without these datasets."""
    mine = datasets.c.space_id == who.space_id
    going = select(datasets.c.lineage_id).where(mine, datasets.c.id.in_(dataset_ids))
    left = select(datasets.c.lineage_id).where(
        mine, datasets.c.lineage_id.in_(going), datasets.c.id.notin_(dataset_ids)
    )
    return tuple(sorted(set(connection.scalars(going)) - set(connection.scalars(left))))


def remove(engine: Engine, who: Principal, artifacts: Artifacts, what: Removal) -> Removal:
    """Delete rows first, then files: a crash between leaves unused files, never a row without its file.

    Maps and what is told of them, profiles, further scores and trainings that are still under way go too; any other unfinished job raises InputRefused.
    """
    unfinished = and_(
        or_(jobs.c.run_id.in_(what.run_ids), jobs.c.dataset_id.in_(what.dataset_ids)), jobs.c.state.notin_(ENDED)
    )
    with engine.begin() as connection:
        # The next attempt's number tells a worker that its job was taken from it.
        connection.execute(
            update(jobs)
            .where(unfinished, jobs.c.kind.in_(("project", "profile", "rescore", "stability", "trust", "clusters")))
            .values(state="cancelled", attempt=jobs.c.attempt + 1, finished_at=now(), lease_until=None)
        )
        busy = connection.execute(select(jobs.c.id).where(unfinished)).first()
        if busy is not None:
            raise InputRefused(
                "a job is still working on this", where=str(busy.id), fix="cancel the job, then delete again"
            )
        for table in (metrics, projections, thresholds, views):
            connection.execute(delete(table).where(table.c.run_id.in_(what.run_ids)))
        connection.execute(delete(runs).where(runs.c.id.in_(what.run_ids)))
        connection.execute(delete(selections).where(selections.c.dataset_id.in_(what.dataset_ids)))
        # Asked again: a file that came in since may hold the same rows.
        ends = _ending(connection, who, what.dataset_ids)
        connection.execute(delete(datasets).where(datasets.c.id.in_(what.dataset_ids)))
        # After the datasets, whose rows a verdict that is being written holds: it goes too, once it is there.
        connection.execute(delete(verdicts).where(verdicts.c.lineage_id.in_(ends), verdicts.c.space_id == who.space_id))
    for address in what.addresses:
        artifacts.delete(who.space_id, address)
    return what
