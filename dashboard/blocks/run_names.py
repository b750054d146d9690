"""What runs are called that were made from others."""

from __future__ import annotations

import re


def changed(name: str) -> str:
    """What a changed copy of a run is called: X (changed), of that X (changed 2), and so on."""
    found = re.fullmatch(r"(.*) \(changed(?: (\d{1,6}))?\)", name, re.DOTALL)
    return f"{found[1]} (changed {int(found[2] or 1) + 1})" if found else f"{name} (changed)"
