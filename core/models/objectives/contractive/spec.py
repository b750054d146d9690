"""The contractive autoencoder: a code that hardly moves when a row does."""

from __future__ import annotations

from pydantic import Field

from core.specs import ObjectiveSpec, SettingsModel, unit


class Contractive(SettingsModel):
    """How much the code is held."""

    contraction: float = Field(
        1.0,
        ge=0,
        le=100.0,
        title="Contraction",
        description="Weight of the code's sensitivity in the loss; raising it keeps fewer directions and smooths the map.",
        json_schema_extra=unit("", step=0.05, search=(0.01, 10)),
    )


SPEC = ObjectiveSpec(
    name="contractive",
    title="Contractive autoencoder",
    summary="Is punished where a small change of a row moves its code. What is kept is what rows really differ in, and "
    "neighbours stay neighbours.",
    helps="A smooth map, and data with many columns that say nearly the same.",
    paper="Rifai, Vincent, Muller, Glorot, Bengio: Contractive auto-encoders: explicit invariance during feature extraction "
    "(2011), equation 7",
    settings=Contractive,
)
