"""Where the inference process of a deployment listens: a Unix socket that only its owner can reach."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from core.settings import Settings

LONGEST = 100  # bytes of a Unix socket's path, with some room


def socket_path(settings: Settings) -> Path:
    """home/serving.sock, or a short path in a private folder where that is too long."""
    path = settings.home / "serving.sock"
    if len(os.fsencode(path)) <= LONGEST:
        return path
    name = hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"hourglass-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder / "serving.sock"
