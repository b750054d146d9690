"""The denoising autoencoder: rebuild the row from a spoilt copy of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.errors import SettingsRefused
from core.specs import ObjectiveSpec, SettingsModel, sort_of, unit

SUITED = {
    "table": ("gaussian", "gaussian up to", "masking", "swap"),
    "series": ("gaussian", "gaussian up to", "masking"),
    "images": ("gaussian", "gaussian up to", "salt and pepper", "erased"),
}


class Denoising(SettingsModel):
    """How the rows are spoilt."""

    noise: Literal["gaussian", "gaussian up to", "masking", "swap", "salt and pepper", "erased"] = Field(
        "gaussian",
        title="Noise",
        description="gaussian: every value is shaken. gaussian up to: the same, each row by a strength of its own up to the one "
        "below. masking: some columns are blanked (of a series, stretches). swap: some "
        "columns come from another row. For images also salt and pepper: single pixels turn black or white; erased: a "
        "rectangle is blanked.",
        json_schema_extra=unit(""),
    )
    strength: float = Field(
        0.3,
        gt=0,
        le=5.0,
        title="Strength",
        description="gaussian: standard deviation in units of the column's spread; else the share that is spoilt, below 1. "
        "Raising it keeps only what is strong and common.",
        json_schema_extra=unit("", step=0.1, search=(0.05, 0.9)),
    )


def check(settings: Denoising, shape: tuple[int, ...]) -> None:
    """Raises SettingsRefused for noise that rows of that shape can't have, or more of it than there is."""
    sort = sort_of(shape)
    if settings.noise not in SUITED[sort]:
        raise SettingsRefused(
            f"{settings.noise} noise is not for {sort if sort != 'table' else 'tables'}",
            where="noise",
            fix=f"choose {', '.join(SUITED[sort][:-1])} or {SUITED[sort][-1]}",
        )
    if not settings.noise.startswith("gaussian") and settings.strength >= 1:
        raise SettingsRefused(
            f"a share of {settings.strength:g} spoils everything",
            where="strength",
            fix=f"choose less than 1 for {settings.noise} noise",
        )


SPEC = ObjectiveSpec(
    name="denoising",
    title="Denoising autoencoder",
    summary="Is shown rows that were spoilt on purpose and learns to give back the clean ones. It cannot merely copy, so it "
    "has to learn how columns depend on each other.",
    helps="Noisy measurements, and bottlenecks that are wide.",
    paper="Vincent, Larochelle, Bengio, Manzagol: Extracting and composing robust features with denoising autoencoders "
    "(2008), equation 5",
    settings=Denoising,
    check=check,
    loss_of="rows that were spoilt on purpose",
)
