"""What is known of the groups among codes: the records that `core.latent.clusters` fills in and pages show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """One group: how many rows, its name by its strongest columns, and why it may be worth a look, else empty."""

    rows: int
    name: str = ""
    worth_a_look: str = ""


@dataclass(frozen=True)
class Step:
    """The groups of at least `smallest` rows, the largest first."""

    smallest: int
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Clusters:
    """Groups at several smallest sizes. grouped: on how many rows they were found."""

    steps: tuple[Step, ...]
    grouped: int
