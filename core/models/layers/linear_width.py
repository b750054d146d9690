"""What can be said of layers around a linear code before they are built. Without torch: forms ask it."""

from __future__ import annotations

import math

from pydantic import Field

from core.errors import SettingsRefused
from core.specs import Plan, SettingsModel, unit

SHORTEST = 8  # steps of a window
SHRINK = 10  # numbers of a window to one of its code, where it is not said
LEAST, MOST = 2, 64  # numbers of a code, where it is not said


class LinearCodeSettings(SettingsModel):
    """What all of them can be told."""

    bottleneck: int = Field(
        0,
        ge=0,
        le=1_024,
        title="Bottleneck",
        description="Numbers that a window is squeezed into. Raising it rebuilds more, until faults get through too.",
        json_schema_extra=unit("units, 0 = a tenth of the window", search=(2, 64)),
    )


def plan_around(shape: tuple[int, ...], code: int, branch: int, *, wide: int, used: int) -> Plan:
    """The mirrored drawing: a branch, the linear code, and a branch again.

    branch: parameters of one, each used so often for a window; wide: numbers that it makes of a window on its way.
    """
    size = math.prod(shape)
    linear = 2 * size * code + code + size
    parameters = 2 * branch + linear
    shared = max(1, round((2 * branch * used + linear) / parameters))
    return Plan((size, wide, size, code, size, wide, size), code, parameters, shared)


def code_width(bottleneck: int, shape: tuple[int, ...], span: int, setting: str) -> int:
    """The width of the code for windows (T, C); bottleneck 0 chooses it.

    span: steps that the layers look at together, which the setting of that name says.
    Raises SettingsRefused for rows that are no windows, for windows shorter than the span, and for a code as wide as
    the window, which would squeeze nothing.
    """
    if len(shape) != 2 or shape[0] < SHORTEST:
        raise SettingsRefused(
            f"these layers need windows of at least {SHORTEST} steps of a series",
            where="layers",
            fix="say how many rows make a window, or choose fully connected layers",
        )
    steps, size = shape[0], math.prod(shape)
    if span > steps:
        raise SettingsRefused(
            f"{span} steps are looked at together, but a window has {steps}",
            where=setting,
            fix=f"choose at most {steps - 1 + steps % 2}, or longer windows",
        )
    if bottleneck >= size:
        raise SettingsRefused(
            f"a bottleneck of {bottleneck:,} squeezes nothing: a window has {size:,} numbers",
            where="bottleneck",
            fix=f"choose at most {size - 1:,}, or let it be chosen (0)",
        )
    return bottleneck or min(MOST, max(LEAST, size // SHRINK))
