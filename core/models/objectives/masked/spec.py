"""The masked autoencoder: predict what is hidden from the rest."""

from __future__ import annotations

from pydantic import Field

from core.specs import ObjectiveSpec, SettingsModel, unit


class Masked(SettingsModel):
    """How much is hidden."""

    hidden_share: float = Field(
        0.25,
        gt=0,
        le=0.9,
        title="Hidden share",
        description="Share of a row's columns (of an image patches, of a series stretches) that are hidden at a time. Raising it "
        "makes the task harder and what is learned more general.",
        json_schema_extra=unit("%", step=0.05, search=(0.1, 0.6)),
    )


SPEC = ObjectiveSpec(
    name="masked",
    title="Masked autoencoder",
    summary="Hides a part of each row and learns to predict it from the rest. A row is scored the same way: each part is hidden "
    "once, and what could not be foreseen counts.",
    helps="Columns that depend on each other, where a wrong value shows only against the others.",
    paper="He, Chen, Xie, Li, Dollár, Girshick: Masked autoencoders are scalable vision learners (2021), section 3; for tables: "
    "Majmundar et al.: MET (2022)",
    settings=Masked,
    adds=lambda settings, plan: plan.widths[0],
    loss_of="cells that were hidden on purpose",
)
