"""The upload component: a file is chosen, dropped or pasted, goes to disk piece by piece, and its id comes back.

The browser's side talks to the routes of `dashboard.api.uploads`. An upload goes on while its reader looks at other
pages, and is found again when the component is drawn anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
LONGEST_PASTE = 5_000_000  # bytes

_component = st.components.v2.component(
    "hourglass_uploader",
    html=(HERE / "uploader.html").read_text(encoding="utf-8"),
    css=(HERE / "uploader.css").read_text(encoding="utf-8"),
    js=(HERE / "uploader.js").read_text(encoding="utf-8"),
)


def base_path() -> str:
    """What stands before every address of this server: empty, or a path that begins with a slash."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def uploader(label: str, *, limit_mb: int, used: Sequence[str], key: str) -> str | None:
    """Draw it. The id of the upload that is whole, or None. `used`: ids that went on to a job, to be let go of."""
    data = {
        "address": f"{base_path()}/uploads",
        "label": label,
        "limit": limit_mb * 1_000_000,
        "paste": min(LONGEST_PASTE, limit_mb * 1_000_000),
        "used": list(used),
        "key": key,
    }
    result = _component(key=key, data=data, on_upload_change=lambda: None)
    id_ = result.get("upload") if result is not None else None
    return id_ if isinstance(id_, str) and id_ not in used else None
