"""The encodings: one file an encoding, found by its name. `PART` is its class, a `Part` whose `kind` is the file's name."""

from __future__ import annotations

from core.datasets.encoding.part import Part
from core.registry import Registry

PARTS: Registry[type[Part]] = Registry("encoding", "core.datasets.encoding.parts", "PART", folders=False)
