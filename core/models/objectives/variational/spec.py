"""The variational autoencoder: a code that is a distribution, so that new rows can be drawn from it."""

from __future__ import annotations

from pydantic import Field

from core.specs import ObjectiveSpec, Plan, SettingsModel, unit


class Variational(SettingsModel):
    """How strongly the code is held to its prior."""

    beta: float = Field(
        1.0,
        ge=0,
        le=100.0,
        title="Beta",
        description="Weight of the KL term; raising it makes latent dimensions independent and orderly, and rebuilds worse.",
        json_schema_extra=unit("", step=0.1, search=(0.1, 8)),
    )
    warm_up: float = Field(
        0.2,
        ge=0,
        le=1.0,
        title="KL warm-up",
        description="Share of the epochs in which beta grows from 0; raising it helps against latent dimensions that are never "
        "used.",
        json_schema_extra=unit("%", step=0.05, expert=True),
    )
    free_bits: float = Field(
        0.0,
        ge=0,
        le=10.0,
        title="Free bits",
        description="What each latent dimension may tell of a row at no cost; raising it keeps weak dimensions in use.",
        json_schema_extra=unit("nats", step=0.05, expert=True),
    )


def adds(settings: Variational, plan: Plan) -> int:
    """Parameters besides those of the layers: the layer of the code's variance."""
    at = plan.code
    return (plan.widths[at - 1] + 1) * plan.widths[at]


SPEC = ObjectiveSpec(
    name="variational",
    title="Variational autoencoder",
    summary="Describes each row by a small cloud instead of a point, and keeps all clouds near one ball. So the space between "
    "rows is filled as well: a point drawn there becomes a new row.",
    helps="New samples, and maps in which directions mean something.",
    paper="Kingma, Welling: Auto-encoding variational Bayes (2013), equation 10; beta: Higgins et al. (2017), equation 4; free "
    "bits: Kingma et al. (2016), equation 15; learned scale: Rybkin et al. (2021)",
    settings=Variational,
    adds=adds,
    probabilistic=True,
)
