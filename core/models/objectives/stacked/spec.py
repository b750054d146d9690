"""The stacked autoencoder: trained layer by layer, then as a whole."""

from __future__ import annotations

from pydantic import Field

from core.specs import ObjectiveSpec, SettingsModel, unit


class Stacked(SettingsModel):
    """How long it is trained layer by layer."""

    greedy_share: float = Field(
        0.5,
        gt=0,
        lt=1,
        title="Layer by layer",
        description="Share of the epochs in which each level is trained by itself, one after the other; the rest fine-tunes all.",
        json_schema_extra=unit("%", step=0.1),
    )


SPEC = ObjectiveSpec(
    name="stacked",
    title="Stacked autoencoder",
    summary="Learns from the outside in: first one layer to and fro, then the next within it, and at last all together. Each "
    "layer's own gain is shown.",
    helps="Deep networks on few rows, and seeing what each level adds.",
    paper="Bengio, Lamblin, Popovici, Larochelle: Greedy layer-wise training of deep networks (2006), section 2.3; Hinton, "
    "Salakhutdinov (2006)",
    settings=Stacked,
    needs_levels=True,
)
