"""Deleting for real: what goes with a dataset or a run, listed first, then removed with its files."""

from __future__ import annotations

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
        for id_, artifacts in connection.execute(select(runs.c.id, runs.c.artifacts).where(runs.c.space_id == space)):
            (going if id_ in run_ids else staying).update(artifacts.values())
        for run_id, *addresses in connection.execute(
            select(projections.c.run_id, projections.c.address, projections.c.distortion_address).where(
                projections.c.space_id == space
            )
        ):
            (going if run_id in run_ids else staying).update(filter(None, addresses))
        named = connection.execute(
            select(selections.c.dataset_id, selections.c.keys_address).where(selections.c.space_id == space)
        ).all()
        for dataset_id, address in named:
            (going if dataset_id in dataset_ids else staying).add(address)
        for row in connection.execute(
            select(datasets.c.id, datasets.c.pictures, *(datasets.c[name] for name in DATASET_FILES)).where(
                datasets.c.space_id == space
            )
        ):
            images = [row.pictures[name] for name in PICTURE_FILES] if row.pictures is not None else []
            (going if row.id in dataset_ids else staying).update(filter(None, (*row[2:], *images)))
        for run_id, args, result in connection.execute(
            select(jobs.c.run_id, jobs.c.args, jobs.c.result).where(jobs.c.space_id == space, jobs.c.kind == "export")
        ):
            files = (args.get("rows"), args.get("again"), result.get("address"))
            (going if run_id in run_ids else staying).update(filter(None, files))
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
        selection_count=sum(dataset_id in dataset_ids for dataset_id, _ in named),
        verdict_count=judged_rows,
        addresses=tuple(sorted(going - staying)),
    )


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
