"""Engines, migrations and the backup before them. What the tables hold is in `tables.py`."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, insert, select
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from core.errors import DiskFull, NewerDatabase, SettingsRefused, StorageFailed
from core.settings import Settings
from core.storage.artifacts import FULL, storage_error
from core.storage.tables import spaces

if TYPE_CHECKING:  # who migrates imports it: of all that a worker needs to begin, it would be the sixth part
    from alembic.config import Config

LOCAL_SPACE = "local"
BACKUPS_KEPT = 5


def engine_for(settings: Settings, *, foreign_keys: bool = True) -> Engine:
    """An engine on the deployment's database.

    SQLite: write-ahead log, 30 s busy timeout, and every transaction takes the write lock at its start, so
    that two writers queue instead of failing half-way. Raises SettingsRefused for a URL that names no database.
    """
    url = settings.database
    if not url.startswith("sqlite"):
        try:
            return create_engine(url, pool_pre_ping=True, json_serializer=_json)
        except (ArgumentError, ImportError) as error:
            raise SettingsRefused(
                f"this database can't be used: {str(error).splitlines()[0]}",
                where="HOURGLASS_DATABASE_URL",
                fix="write it like postgresql+psycopg://user@host/name with psycopg installed, or unset it for SQLite",
            ) from error
    make_home(settings)
    engine = create_engine(url, json_serializer=_json, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        # SQLite's own knows only ASCII; searches must find "Ü" by "ü".
        connection.create_function("lower", 1, lambda text: text.lower() if text else text, deterministic=True)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _json(value: Any) -> str:
    """Readable in the database, so that text in it can be searched; NaN is refused."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def make_home(settings: Settings) -> None:
    """The folder of all state, readable by its owner alone. Raises StorageFailed."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageFailed(
            f"the folder for Hourglass' data can't be made: {error.strerror}",
            where=str(settings.home),
            fix="set HOURGLASS_HOME to a folder that you may write to",
        ) from error


def _alembic(url: str) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def revision(engine: Engine) -> str | None:
    """The database's migration, or None for an empty one."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The migration that this code was written for."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(_alembic("sqlite://")).get_current_head()
    if head is None:
        raise StorageFailed("the migrations are missing from this installation", fix="install Hourglass again")
    return head


def migrate(settings: Settings) -> str | None:
    """Bring the database up to date; the address of the backup made before, if one was.

    Raises NewerDatabase where it was written by a later version, StorageFailed or DiskFull where it can't
    be read or written.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    engine = engine_for(settings, foreign_keys=False)
    try:
        current, head = revision(engine), newest_revision()
        if current == head:
            return None
        known = {script.revision for script in ScriptDirectory.from_config(_alembic("sqlite://")).walk_revisions()}
        if current is not None and current not in known:
            raise NewerDatabase(
                f"its format is “{current}”, this Hourglass knows up to “{head}”",
                where=settings.database,
                fix="update Hourglass, or set HOURGLASS_HOME to another folder",
            )
        saved = backup(settings) if current is not None else None
        config = _alembic(settings.database)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.execute(select(spaces.c.id)).first() is None:
                connection.execute(insert(spaces).values(id=LOCAL_SPACE, name="Local"))
        return saved
    except (OperationalError, DatabaseError) as error:
        raise in_words(error, settings) from error
    finally:
        engine.dispose()


def in_words(error: DatabaseError, settings: Settings) -> StorageFailed:
    """A database error as one of ours."""
    text = str(error.orig)
    where = settings.database if settings.database.startswith("sqlite") else "the database"
    if "disk is full" in text or "No space left" in text:
        return DiskFull(
            "there is no room left for the database", where=where, fix="free some disk space, then try again"
        )
    if "file is not a database" in text or "malformed" in text:
        return StorageFailed(
            "the database file is damaged", where=where, fix="put back the newest file of the backups folder beside it"
        )
    return StorageFailed(f"the database answered: {text}", where=where, fix="try again; if it stays, look at its log")


def storage_failure(error: Exception, settings: Settings) -> StorageFailed | None:
    """A failure of the database or a full disk in words, wherever it came up; None for any other error."""
    if isinstance(error, DatabaseError):
        return in_words(error, settings)
    if isinstance(error, OSError) and error.errno in FULL:
        return storage_error(error, str(error.filename or settings.home))
    return None


def backup(settings: Settings) -> str | None:
    """A consistent copy of an SQLite database under home/backups (the newest five are kept)."""
    if not settings.database.startswith("sqlite"):
        return None
    folder = settings.home / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / time.strftime("hourglass-%Y%m%d-%H%M%S.db")
    partial = target.with_suffix(".partial")
    source_path = settings.database.removeprefix("sqlite:///")
    with sqlite3.connect(source_path) as source, sqlite3.connect(partial) as copy:
        source.backup(copy)
    copy.close()
    source.close()
    partial.replace(target)
    for old in sorted(folder.glob("hourglass-*.db"))[:-BACKUPS_KEPT]:
        old.unlink()
    return str(target)
