"""The database's tables. Every table has a space_id; the migrations in `migrations/` make exactly these."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


class now(FunctionElement[float]):  # noqa: N801  (reads as the SQL function that it is)
    """Seconds since 1970 by the database's clock, with fractions."""

    type = Float()
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(element: now, compiler: SQLCompiler, **kw: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_postgresql(element: now, compiler: SQLCompiler, **kw: Any) -> str:
    return "extract(epoch from clock_timestamp())"


class last_in_line(FunctionElement[float]):  # noqa: N801
    """As `now`, and after every job that waits: SQLite's clock ticks in milliseconds, in which several jobs may come, and clocks
    are set back."""

    type = Float()
    inherit_cache = True


WAITING = "coalesce((select max(created_at) from jobs where state = 'queued'), 0) + 1e-6"


@compiles(last_in_line, "sqlite")
def _last_in_line_sqlite(element: last_in_line, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(now(), **kw)}, {WAITING})"


@compiles(last_in_line, "postgresql")
def _last_in_line_postgresql(element: last_in_line, compiler: SQLCompiler, **kw: Any) -> str:
    return f"greatest({compiler.process(now(), **kw)}, {WAITING})"


def _id() -> Column[str]:
    return Column("id", String(24), primary_key=True)


def _space() -> Column[str]:
    return Column("space_id", String(24), ForeignKey("spaces.id"), nullable=False, index=True)


def _created(when: FunctionElement[float] | None = None) -> Column[float]:
    """when: how what is written here says it, where that is not `now`."""
    return Column("created_at", Float, nullable=False, default=when, server_default=now())


spaces = Table("spaces", metadata, _id(), Column("name", Text, nullable=False), _created())

datasets = Table(
    "datasets",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("parent_id", String(24), ForeignKey("datasets.id", ondelete="SET NULL"), index=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("source_name", Text, nullable=False),
    Column("source_address", String(64), nullable=False),
    Column("cells_address", String(64), nullable=False),
    Column("rows_address", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False, index=True),
    Column("rows", Integer, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("reading", JSON, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("rejects_address", String(64), nullable=False, server_default=""),
    Column("profile_address", String(64), nullable=False, server_default=""),
    Column("pictures", JSON(none_as_null=True)),
    Column("lineage_id", String(24), nullable=False, server_default="", index=True),
)

templates = Table(
    "templates",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("name", Text, nullable=False),
    Column("columns", JSON, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    _space(),
    _created(last_in_line()),
    Column("kind", String(24), nullable=False),
    Column("args", JSON, nullable=False),
    # No foreign keys: a job outlives what it worked on, and is made before what it makes.
    Column("dataset_id", String(24), index=True),
    Column("run_id", String(24), index=True),
    Column("state", String(12), nullable=False, index=True),
    Column("attempt", Integer, nullable=False, default=0),
    Column("lost", Integer, nullable=False, default=0),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("fraction", Float, nullable=False, default=0.0),
    Column("message", Text, nullable=False, default=""),
    Column("seconds_left", Float),
    Column("command", String(8)),
    Column("error", JSON),
    Column("result", JSON, nullable=False, default=dict),
    Column("supervisor_id", String(24)),
    Column("pid", Integer),
    Column("pid_started", Float),
    Column("lease_until", Float),
)
Index("ix_jobs_state_created", jobs.c.state, jobs.c.created_at)

runs = Table(
    "runs",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("dataset_id", String(24), ForeignKey("datasets.id"), nullable=False, index=True),
    Column("parent_id", String(24), ForeignKey("runs.id", ondelete="SET NULL"), index=True),
    Column("job_id", String(24), ForeignKey("jobs.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("author", Text, nullable=False),
    Column("spec", JSON, nullable=False),
    Column("summary", JSON, nullable=False, default=dict),
    Column("artifacts", JSON, nullable=False, default=dict),
)

metrics = Table(
    "metrics",
    metadata,
    Column("run_id", String(24), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("step", Integer, primary_key=True),
    _space(),
    Column("epoch", Integer, nullable=False),
    Column("value", Float, nullable=False),
)

projections = Table(
    "projections",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("run_id", String(24), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("method", String(40), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("address", String(64), nullable=False),
    Column("trust", JSON(none_as_null=True)),
    Column("distortion_address", String(64), nullable=False, server_default=""),
)

selections = Table(
    "selections",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("dataset_id", String(24), ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("rows", Integer, nullable=False),
    Column("keys_address", String(64), nullable=False),
    Column("author", Text, nullable=False),
)

# No foreign keys: what somebody said of a row outlives the run and the version of the dataset in which it was said.
verdicts = Table(
    "verdicts",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(24), nullable=False, unique=True),
    _space(),
    _created(),
    Column("lineage_id", String(24), nullable=False),
    Column("row_key", Text, nullable=False),
    Column("content", String(16), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("assignee", Text, nullable=False, default=""),
    Column("author", Text, nullable=False),
    Column("batch_id", String(24), nullable=False),
    Column("dataset_id", String(24), nullable=False),
    Column("run_id", String(24), nullable=False, default=""),
    Column("scorer", String(40), nullable=False, default=""),
    Column("threshold", Float),
    Column("score", Float),
    Column("percentile", Float),
    sqlite_autoincrement=True,  # the number of a record that was removed is not given again
)
Index("ix_verdicts_lineage_row", verdicts.c.lineage_id, verdicts.c.row_key)

rules = Table(
    "rules",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("lineage_id", String(24), nullable=False, index=True),
    Column("bounds", JSON, nullable=False),
    Column("until", Float, nullable=False),
    Column("author", Text, nullable=False),
    Column("row_key", Text, nullable=False),
    Column("undone_at", Float),
)

thresholds = Table(
    "thresholds",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("run_id", String(24), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("method", String(40), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("value", Float, nullable=False),
    Column("flagged", Integer, nullable=False),
    Column("author", Text, nullable=False),
    Column("scorer", String(40), nullable=False, server_default=""),
)

views = Table(
    "views",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("run_id", String(24), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("page", String(40), nullable=False),
    Column("state", JSON, nullable=False),
    Column("row_keys", JSON, nullable=False),
    Column("author", Text, nullable=False),
)

supervisors = Table(
    "supervisors",
    metadata,
    _id(),
    _space(),
    _created(),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("pid_started", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("devices", JSON, nullable=False),
    Column("serving_socket", Text, nullable=False, default=""),
)
