"""What is known of a map: the records that `core.latent.trust` fills in and pages show."""

from __future__ import annotations

from dataclasses import dataclass

FIGURES = ("trustworthiness", "continuity", "neighbour_recall", "rank_correlation")


@dataclass(frozen=True)
class Figure:
    """A figure of a map; standard_error is None where it is exact."""

    value: float
    standard_error: float | None = None


@dataclass(frozen=True)
class Trust:
    """The figures of one map, by the names in `FIGURES`: of its k nearest neighbours, over `anchors` of `rows` rows.

    trustworthiness: 1 where no row is near on the map that is not near in the codes; continuity: 1 where no row that is
    near in the codes is far on the map (both Venna and Kaski 2001, equations 2 and 4: by ranks, about .5 for a map by lot);
    neighbour_recall: which share of the k nearest in the codes are among the k nearest on the map; rank_correlation:
    Spearman's, of the distances between rows. reason: why there are no figures, else empty.
    """

    figures: dict[str, Figure]
    k: int
    anchors: int
    rows: int
    reason: str = ""


@dataclass(frozen=True)
class SeedFloor:
    """What another seed alone changes: differences between maps that are no larger mean nothing.

    drift: how far a row typically moves, in radii of the map; differences: of the figures, by name. rows: on how many of
    them it was tried.
    """

    drift: float
    differences: dict[str, float]
    rows: int


@dataclass(frozen=True)
class Believed:
    """How far a map can be believed, and what its seed does to that; of a map without a seed nothing."""

    trust: Trust
    seed: SeedFloor | None = None
