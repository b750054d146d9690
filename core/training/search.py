"""What a search for settings is told, and what it looks among. Needs no torch; `core.jobs.tasks.search` runs it."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import Field
from pydantic.fields import FieldInfo

from core.errors import SettingsRefused
from core.registry import nearest
from core.results import Run
from core.specs import RunSpec, SettingsModel, unit

LEAST = 1e-3  # of the means' error
WIDE = 8.0  # times: a span that is wider is looked at by orders of magnitude
Aim = Literal["error beside PCA", "error on rows held back"]


class SearchPlan(SettingsModel):
    """How long to search, for what, by which figure. No figure needs labels."""

    trials: int = Field(
        20,
        ge=2,
        le=500,
        title="Trials",
        description="Runs that are tried; raising it finds better settings, until nothing better is found.",
        json_schema_extra=unit("runs"),
    )
    aim: Aim = Field(
        "error beside PCA",
        title="Searches for the least",
        description="error beside PCA: what the network misses on rows held back, as a share of what a PCA of the same width "
        "misses, so that a wide bottleneck is no merit. error on rows held back: that error itself.",
        json_schema_extra=unit(""),
    )
    vary: tuple[str, ...] = Field(
        ("learning_rate", "bottleneck"), title="Settings", description="What may differ from run to run.", min_length=1
    )
    seed: int = Field(
        0, ge=0, le=2**31 - 1, title="Seed", description="Start of the search's draws.", json_schema_extra=unit("")
    )


class Span(SettingsModel):
    """Among what one setting is looked for."""

    part: Literal["objective_settings", "layer_settings", "training"]
    name: str
    whole: bool = False  # whole numbers
    logarithmic: bool = False
    low: float = 0.0
    high: float = 0.0
    options: tuple[str, ...] = ()  # in place of low and high


def spans_of(spec: RunSpec) -> dict[str, Span]:
    """What can be searched for such a run, by name."""
    out: dict[str, Span] = {}
    for part, model in spec.parts.items():
        for name, field in model.model_fields.items():
            if (found := _span(part, name, field)) is not None:
                out.setdefault(name, found)
    return out


def _span(part: Any, name: str, field: FieldInfo) -> Span | None:
    if name in ("activation", "normalisation", "schedule"):
        return Span(part=part, name=name, options=tuple(map(str, get_args(field.annotation))))
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    between = extra.get("search")
    if not isinstance(between, list):
        return None
    low, high = float(str(between[0])), float(str(between[1]))
    logarithmic = low > 0 and high / low > WIDE
    return Span(part=part, name=name, whole=field.annotation is int, logarithmic=logarithmic, low=low, high=high)


def chosen(plan: SearchPlan, spec: RunSpec, inputs: int | None = None) -> dict[str, Span]:
    """The spans of the settings that the plan varies; a bottleneck stays narrower than the inputs, where they are known.

    Raises SettingsRefused with the nearest name.
    """
    known = spans_of(spec)
    for name in plan.vary:
        if name not in known:
            raise SettingsRefused(
                f"“{name[:40]}” can't be searched for", where="search", fix=nearest(name, sorted(known))
            )
    if inputs is not None and "bottleneck" in known:
        span = known["bottleneck"]
        known["bottleneck"] = span.model_copy(update={"high": max(span.low, min(span.high, inputs - 1.0))})
    return {name: known[name] for name in dict.fromkeys(plan.vary)}


def figure_of(run: Run, aim: Aim) -> float | None:
    """What a finished run is judged by; None where it was not measured."""
    network, pca = run.summary.get("error_network"), run.summary.get("error_pca")
    if network is None or aim == "error on rows held back":
        return network
    return None if pca is None else beside_pca(network, pca, run.summary.get("error_means") or 0.0)


def beside_pca(network: float, pca: float, means: float) -> float | None:
    """An error as a share of PCA's, of which at least a thousandth of the means' error counts: a PCA that is as wide as the
    data leaves nothing, and beside nothing all is endless. None where there is nothing to compare with."""
    least = max(pca, means * LEAST)
    return network / least if least > 0 else None
