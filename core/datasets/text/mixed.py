"""An encoding for files of two: UTF-8, and each byte that is none of it a letter of Windows-1252. It is known by its name once this
is imported."""

from __future__ import annotations

import codecs

MIXED = "mixed"


class _Mixed(codecs.getincrementaldecoder("utf-8")):  # type: ignore[misc]
    """UTF-8, and each byte that is none of it as Windows-1252 has it."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__("windows")


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


def _mixed(name: str) -> codecs.CodecInfo | None:
    if name != MIXED:
        return None
    utf8 = codecs.lookup("utf-8")
    return codecs.CodecInfo(
        utf8.encode,
        lambda data, errors="strict": codecs.utf_8_decode(data, "windows", True),
        name=MIXED,
        incrementaldecoder=_Mixed,
    )


codecs.register_error("windows", _as_windows)
codecs.register(_mixed)
