"""The sparse autoencoder: many units, few of them active for any one row."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.specs import ObjectiveSpec, SettingsModel, unit

NARROWEST, WIDEST = 16, 256  # of a code that is not said


class Sparse(SettingsModel):
    """How few units are active."""

    penalty: Literal["L1", "KL"] = Field(
        "L1",
        title="Penalty",
        description="L1: what is active costs in proportion, so that units are off or on. KL: each unit's mean activation, in "
        "0 … 1, is held at the target.",
        json_schema_extra=unit(""),
    )
    active: float = Field(
        0.2,
        ge=0.01,
        le=0.9,
        title="Active share",
        description="Share of the code's units that are active for a row, on average (KL: their mean activation). It is held "
        "whatever the data; lowering it gives fewer and sharper features.",
        json_schema_extra=unit("%", step=0.05, search=(0.05, 0.5)),
    )
    weight: float = Field(
        0.01,
        ge=0,
        le=100.0,
        title="Penalty's weight",
        description="What activity costs in the loss (KL: at least; it grows until the target is held). Raising it rebuilds worse "
        "for a calmer code.",
        json_schema_extra=unit("", step=0.01, expert=True),
    )


def code_width(inputs: int) -> int:
    """Twice the inputs, within limits: what a code is as wide as where it is not said."""
    return min(WIDEST, max(NARROWEST, 2 * inputs))


SPEC = ObjectiveSpec(
    name="sparse",
    title="Sparse autoencoder",
    summary="Has many units and may use only a few of them for any one row. Each unit comes to stand for one feature that some "
    "rows have and most have not.",
    helps="Finding few, sharp features, and kinds of rows.",
    paper="Ng: Sparse autoencoder, CS294A lecture notes (2011), KL penalty on page 15; L1: Olshausen, Field (1996), equation 4",
    settings=Sparse,
    code_width=code_width,
    kept=lambda settings, code: max(1, round(settings.active * code)),
)
