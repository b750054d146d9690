"""The one object that pages, the CLI and workers ask for what is stored: `Store.open()`.

It knows whose data it serves (space and author) and holds one small repository a table.
"""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import Engine

from core.access import LOCAL, Principal
from core.settings import Settings, settings
from core.storage.artifacts import Artifacts
from core.storage.database import engine_for
from core.storage.datasets import Datasets
from core.storage.jobs import Jobs
from core.storage.rules import Rules
from core.storage.runs import Runs
from core.storage.selections import Selections
from core.storage.templates import Templates
from core.storage.verdicts import Verdicts
from core.storage.views import Projections, Supervisors, Thresholds, Views


class Store:
    """Database and artifacts of a deployment, as one principal may see them."""

    def __init__(self, deployment: Settings, engine: Engine, who: Principal = LOCAL) -> None:
        self.settings = deployment
        self.engine = engine
        self.who = who
        self.artifacts = Artifacts(deployment)

    @classmethod
    def open(cls, deployment: Settings | None = None, who: Principal = LOCAL) -> Store:
        """A store on the deployment's database, which must be migrated."""
        deployment = deployment or settings()
        return cls(deployment, engine_for(deployment), who)

    @property
    def space(self) -> str:
        return self.who.space_id

    @cached_property
    def datasets(self) -> Datasets:
        return Datasets(self.engine, self.who, self.artifacts)

    @cached_property
    def runs(self) -> Runs:
        return Runs(self.engine, self.who, self.artifacts)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.engine, self.who, self.settings)

    @cached_property
    def projections(self) -> Projections:
        return Projections(self.engine, self.who)

    @cached_property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.engine, self.who)

    @cached_property
    def views(self) -> Views:
        return Views(self.engine, self.who)

    @cached_property
    def selections(self) -> Selections:
        return Selections(self.engine, self.who, self.artifacts, self.datasets)

    @cached_property
    def verdicts(self) -> Verdicts:
        return Verdicts(self.engine, self.who)

    @cached_property
    def rules(self) -> Rules:
        return Rules(self.engine, self.who)

    @cached_property
    def templates(self) -> Templates:
        return Templates(self.engine, self.who)

    @cached_property
    def supervisors(self) -> Supervisors:
        return Supervisors(self.engine, self.who)

    def close(self) -> None:
        self.engine.dispose()
