"""The deployment's settings: environment variables that start with HOURGLASS_, and their defaults."""

from __future__ import annotations

import os
import shutil
from functools import lru_cache
from pathlib import Path

import psutil
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CONTAINER = Path("/sys/fs/cgroup/memory.max")  # "max", or bytes
LEAST_FREE = 200_000_000  # bytes of disk below which a start makes no sense, and pages warn


class Settings(BaseSettings):
    """What an administrator decides. Each field is read from HOURGLASS_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="HOURGLASS_", extra="ignore", frozen=True)

    home: Path = Field(Path("~/.hourglass"), description="folder that holds all state")
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite under home")
    artifacts_url: str = Field("", description="fsspec URL; empty means a folder under home")
    address: str = Field("localhost", description="address the app listens on")
    port: int = Field(8501, ge=1, le=65535, description="port the app listens on")
    slots: int = Field(
        1, ge=1, le=64, description="trainings, files and maps under way at the same time, of each so many"
    )
    lease_seconds: float = Field(15.0, gt=0, description="a job whose lease is older than this is lost")
    upload_limit_mb: int = Field(4_000, ge=1, description="largest file taken, in MB")
    folder: Path | None = Field(None, description="folder on the server whose files can be picked; none by default")
    row_limit: int = Field(2_000_000, ge=10, description="largest number of rows in a table")
    column_limit: int = Field(5_000, ge=1, description="largest number of columns in a table")
    cell_limit_bytes: int = Field(1_000_000, ge=1_000, description="largest single cell, in bytes")
    train_memory_mb: int = Field(
        0,
        ge=0,
        description="memory that the rows of a training may take; a table that needs more is read from disk while it trains; "
        "0 is a quarter of the machine's",
    )
    ingest_memory_mb: int = Field(
        4_000, ge=500, description="address space of the process that reads a file or counts a profile"
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("folder", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("folder", mode="after")
    @classmethod
    def _absolute_folder(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value is not None else None

    @property
    def database(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.home / 'hourglass.db'}"

    @property
    def artifacts(self) -> str:
        """The artifact store's fsspec URL."""
        return self.artifacts_url or (self.home / "artifacts").as_uri()

    def limits(self) -> dict[str, int]:
        """What bounds a file that is read, by field."""
        return self.model_dump(include={"upload_limit_mb", "row_limit", "column_limit", "cell_limit_bytes"})

    @property
    def free_bytes(self) -> int:
        """Room on the disk that holds the state; below LEAST_FREE nothing can be relied on."""
        return shutil.disk_usage(self.home).free

    @property
    def train_memory(self) -> int:
        """Bytes of memory that the rows of a training may take."""
        return self.train_memory_mb * 1_000_000 or machine_memory() // 4

    @property
    def threads_per_job(self) -> int:
        """Torch threads of one job: the cores but one, shared out over the slots.

        One core stays free for the app and its helpers: torch's threads wait for each other at every step, and
        one that has to share its core slows all of them down, to a tenth and less.
        """
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return max(1, (cores - 1) // self.slots)


def machine_memory() -> int:
    """Bytes of memory that this machine has, or that a container may use of it."""
    total = psutil.virtual_memory().total
    limit = CONTAINER.read_text().strip() if CONTAINER.exists() else "max"
    return min(total, int(limit)) if limit.isdigit() else total


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
