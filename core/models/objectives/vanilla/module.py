"""The plain autoencoder (Rumelhart, Hinton, Williams 1986): minimises reconstruction error alone."""

from __future__ import annotations

from core.models.base import Objective

__all__ = ["Objective"]
