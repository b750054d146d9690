"""Bytes → letters: the encoding is found from the whole file, said, and what is not text is refused by its place."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from charset_normalizer import from_bytes

from core.errors import FileRefused, InputRefused

PIECE = 8_000_000  # bytes read at once
# UTF-32 first: its mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SURE, MANY = 0.6, 200  # coherence with a language, over so many bytes, that outweighs what most files are
BESIDE_LETTERS = re.compile("[’‘“”–—…«»´•©®™²³ºª°¿¡\u00a0·]+")  # signs that stand before or after words
BEYOND = re.compile(r"[^\x00-\x7f]+")
WORD = re.compile(r"\w+")
MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True)
class Letters:
    """A file's encoding and what is to be said about it; `pieces` gives the text, `carriage` lines end in \\r alone."""

    path: Path
    name: str
    encoding: str
    notices: tuple[str, ...] = ()
    carriage: bool = False
    lines: int = 0  # how many there are, where the whole file was looked at

    def pieces(self, size: int = PIECE) -> Iterator[str]:
        """The text, a piece at a time. Raises FileRefused at a byte that is not of the encoding, or NUL."""
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        read = 0
        with self.path.open("rb") as file:
            while True:
                data = file.read(size)
                try:
                    text = decoder.decode(data, final=not data)
                except UnicodeDecodeError as error:
                    place = read - (len(error.object) - len(data)) + error.start
                    raise FileRefused(
                        f"the bytes are not valid {self.encoding}",
                        where=f"{self.name}, byte {place:,}",
                        fix="save it as UTF-8 CSV, or choose another encoding",
                    ) from error
                if (at := text.find("\0")) >= 0:
                    raise binary(f"{self.name}, near byte {read + at:,}")
                if text:
                    yield text.replace("\r", "\n") if self.carriage else text
                if not data:
                    return
                read += len(data)


def binary(where: str) -> FileRefused:
    """The refusal of what holds NUL bytes."""
    return FileRefused("this is not text: it holds NUL bytes", where=where, fix="save it as CSV and try again")


def find_encoding(path: Path, name: str, chosen: str | None = None) -> Letters:
    """Order: what the user chose, byte-order mark, UTF-16 by its NULs, UTF-8, a guess that is said.

    Raises FileRefused where the bytes are no text, or of two encodings.
    """
    with path.open("rb") as file:
        head = file.read(1 << 20)
    if chosen:
        return _with_line_ends(Letters(path, name, _known(chosen)), head)
    marked = next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)
    if marked == "utf-8-sig" and isinstance(seen := _utf8(path, name), int):
        return _with_line_ends(Letters(path, name, marked, lines=seen), head)
    if marked is None:
        marked = _wide(head)
    if marked is not None:
        return _with_line_ends(Letters(path, name, marked), head)
    seen = _utf8(path, name)
    if isinstance(seen, int):
        return _with_line_ends(Letters(path, name, "utf-8", lines=seen), head)
    place, around, line = seen
    if b"\0" in head:
        raise binary(f"{name}, byte {head.find(bytes(1)):,}")
    return _with_line_ends(_guess(path, name, head, place, around, line), head)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise InputRefused(
            f"there is no encoding called “{encoding}”", where="encoding", fix="for instance utf-8, cp1252 or utf-16"
        ) from error


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: NULs at every second byte."""
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    half = max(1, min(len(head), 4096) // 2)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _utf8(path: Path, name: str) -> int | tuple[int, bytes, int]:
    """The number of lines; or place, the bytes around and the line of the first byte that is not UTF-8.

    Raises FileRefused at a NUL.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    read, line, last = 0, 1, b"\n"
    with path.open("rb") as file:
        while True:
            data = file.read(PIECE)
            if (at := data.find(b"\0")) >= 0:
                raise binary(f"{name}, byte {read + at:,}")
            try:
                if not (
                    data.isascii() and data and decoder.getstate()[0] == b""
                ):  # most files are ASCII: no need to decode
                    decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                carried = len(error.object) - len(data)
                place = read - carried + error.start
                seen = bytes(error.object)
                return place, seen[max(0, error.start - 200) :][: 1 << 20], line + seen.count(b"\n", 0, error.start)
            if not data:
                return line - (last == b"\n")
            read, line, last = read + len(data), line + data.count(b"\n"), data[-1:]


def _guess(path: Path, name: str, head: bytes, place: int, around: bytes, line: int) -> Letters:
    where = f"{name}, byte {place:,}, line {line:,}"
    sample = head if place < len(head) else head[: 1 << 16] + around
    encoding = _likely_encoding(sample)
    if encoding is None or len(CONTROL.findall(sample[:65_536])) > 0.01 * min(len(sample), 65_536):
        raise FileRefused(
            "these bytes are no text in any encoding that is known here", where=where, fix="save it as UTF-8 CSV"
        )
    if _also_utf8(sample):
        raise FileRefused(
            "the file mixes two encodings: most of its letters are UTF-8, but not the byte at this place",
            where=where,
            fix=f"save it as UTF-8, or choose the encoding yourself (this byte would be {encoding})",
        )
    # Encodings of one byte a letter look alike: a word lets the reader see whether the letters are right.
    shown = ""
    text = sample.decode(encoding, "replace")
    odd = next((word for word in WORD.findall(text) if not word.isascii()), "")
    shown = f", for instance “{odd[:40]}”" if odd else ""
    notice = f"the file is not UTF-8 (first at byte {place:,}); it was read as {encoding}{shown}"
    return Letters(path, name, encoding, (notice,))


def _also_utf8(sample: bytes) -> bool:
    """Whether most bytes beyond ASCII stand in valid UTF-8 sequences: then the encoding is a mixture."""
    beyond = sum(byte >= 0x80 for byte in sample)
    valid = 0
    for match in MULTIBYTE.finditer(sample):
        try:
            match[0].decode("utf-8")
        except UnicodeDecodeError:
            continue
        valid += len(match[0])
    return valid > 0.5 * beyond


def _likely_encoding(data: bytes) -> str | None:
    """The guess; Western European where its letters stand where letters of that kind stand.

    A table has too few words for a language to be told from them, and most tables that are not UTF-8 are Western.
    """
    best = from_bytes(data).best()
    many = sum(byte >= 0x80 for byte in data) >= MANY
    if _is_western(data) and (best is None or not many or best.coherence < SURE):
        return "cp1252"
    return None if best is None else best.encoding


def _is_western(data: bytes) -> bool:
    """Whether the bytes make sense in cp1252: accented letters alone among plain ones, signs not inside words."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        if error.end < len(data) or error.reason != "unexpected end of data":
            return False
        text = data.decode("cp1252", "ignore")
    odd = together = 0
    for match in BEYOND.finditer(text):
        start, end = match.span()
        odd += 1
        together += end - start > 1
        before, after = text[start - 1 : start], text[end : end + 1]
        inside = before.isalpha() and after.isalpha()
        letters = match[0].isalpha()
        if inside and (match[0][0] not in "’" if not letters else before.islower() and match[0][0].isupper()):
            return False
        if not letters and (before.isalpha() or after.isalpha()) and not BESIDE_LETTERS.fullmatch(match[0]):
            return False
        if letters and match[0][0].isupper() and before.islower():
            return False
    return odd > 0 and together <= 0.2 * odd


def _with_line_ends(letters: Letters, head: bytes) -> Letters:
    text = head.decode(letters.encoding, "ignore")
    alone = text.count("\r") - text.count("\r\n")
    return replace(letters, carriage=alone > text.count("\n"))
