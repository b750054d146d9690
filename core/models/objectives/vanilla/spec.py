"""The plain autoencoder: reconstruction through a bottleneck and nothing else."""

from __future__ import annotations

from core.specs import ObjectiveSpec, SettingsModel


class Vanilla(SettingsModel):
    """The plain autoencoder adds nothing to reconstruction, so it has no settings of its own."""


SPEC = ObjectiveSpec(
    name="vanilla",
    title="Vanilla autoencoder",
    summary="Squeezes each row through a narrow layer and learns to rebuild it. What it can't rebuild is unusual.",
    helps="A first look at any table.",
    paper="Rumelhart, Hinton, Williams: Learning internal representations by error propagation (1986)",
    settings=Vanilla,
)
