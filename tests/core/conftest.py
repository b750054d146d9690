"""Either database: SQLite, and one real PostgreSQL server for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.settings import Settings
from core.storage.database import engine_for, migrate
from tests.core.storage.postgres import running_postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A migrated deployment on either database."""
    if request.param == "sqlite":
        made = Settings(home=tmp_path / "home")
    else:
        made = Settings(home=tmp_path / "home", database_url=request.getfixturevalue("postgres_url"))
    migrate(made)
    yield made
    if request.param == "postgres":
        engine = engine_for(made)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
