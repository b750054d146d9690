"""Hourglass without a browser: data in, autoencoder, scores out. What is public is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.detector import AutoencoderDetector

__version__ = "0.1.0"
__all__ = ["AutoencoderDetector", "__version__"]


def __getattr__(name: str) -> Any:
    if name == "AutoencoderDetector":
        from core.detector import AutoencoderDetector

        return AutoencoderDetector
    raise AttributeError(f"module 'core' has no attribute {name!r}")
