"""A file in, a RawTable out: the format is found by content, never by name; what is no table is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from core.datasets.containers import HEAD, WITHIN, Inside, inside, looks_like_workbook, packed
from core.datasets.images import holds_images, images_of_table, read_images, refuse_one_image
from core.datasets.raw import Enough, RawTable, Reading, Spool, Tell, silent
from core.datasets.readers import READERS, Reader
from core.errors import FileRefused, TooLarge
from core.settings import Settings
from core.specs import FOUND, ReadOptions

# First bytes of what is often renamed to .csv and is no table.
NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a bitmap image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "a picture, sound or film"),
    (b"\x00\x00\x00\x18ftyp", "a film"),
    (b"\x00\x00\x00\x20ftyp", "a film"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS-", "a PostScript document"),
    (b"\x7fELF", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "a text document"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF", "an HDF5 file"),
    (b"MATLAB 5.0 MAT", "a MATLAB file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"$FL2", "an SPSS file"),
    (b"<stata_dta>", "a Stata file"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x80\x05\x95", "a Python pickle"),
)
WORD = 5  # text may begin with a shorter mark of letters; then a NUL must follow it
JSON = re.compile(rb"(\[\s*)*(\{\s*[\"}]|\[\s*[\[\"\]])")
TEXT = 100  # order of the reader that takes whatever is left


def read_file(
    path: Path,
    source_name: str,
    limits: Settings,
    options: ReadOptions = FOUND,
    tell: Tell = silent,
    most: int | None = None,
) -> RawTable:
    """A table from a file. Raises FileRefused, TooLarge (core.errors) naming file, place and what to do.

    tell: hears how far the reading is; what it raises ends it. most: rows that are enough; somewhat more may come, and of a file
    that holds more it is not said how it was read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(
            f"the file can't be opened: {(error.strerror or str(error)).lower()}",
            where=source_name,
            fix="check that it is there and that you may read it",
        ) from error
    if size == 0:
        return Spool(source_name, limits, options).finish(Reading(notices=("the file is empty",)))
    if size > limits.upload_limit_mb * 1_000_000:
        raise TooLarge(
            f"the file has {size / 1e6:,.0f} MB, the limit is {limits.upload_limit_mb:,} MB",
            where=source_name,
            fix="upload a part of it, or have the limit raised (HOURGLASS_UPLOAD_LIMIT_MB)",
        )
    if holds_images(path, head, source_name, limits, options):
        return read_images(path, Spool(source_name, limits, options, tell), read_file)
    with inside(path, head, source_name, limits, options.sheet, may_be_table) as found:
        if found is None:
            return _read(path, head, Spool(source_name, limits, options, tell, most))
        with found.path.open("rb") as file:
            head = file.read(HEAD)
        table = _read_inside(found, head, Spool(found.name, limits, _within(options, found), tell, most))
        # What the user said is what is recorded, the member's name with it.
        chosen = options.model_dump(exclude_defaults=True)
        return replace(table, reading=replace(_named(table.reading, found), chosen=chosen))


def _within(options: ReadOptions, found: Inside) -> ReadOptions:
    return options.model_copy(update={"sheet": found.sheet})


def _read_inside(found: Inside, head: bytes, spool: Spool) -> RawTable:
    if not head:
        return spool.finish(Reading(notices=("the file is empty",)))
    return _read(found.path, head, spool)


def _named(reading: Reading, found: Inside) -> Reading:
    """What was read, by its place in the archive: a member, or a workbook's sheet in one."""
    if not found.member:
        return reading
    within = [f"{found.member}{WITHIN}{sheet}" for sheet in reading.sheets if len(reading.sheets) > 1]
    sheet = f"{found.member}{WITHIN}{reading.dialect.sheet}" if within else found.member
    at = found.members.index(found.member)
    return replace(
        reading,
        dialect=replace(reading.dialect, sheet=sheet),
        sheets=(*found.members[:at], *(within or [found.member]), *found.members[at + 1 :]),
        notices=(*found.notices, *reading.notices),
    )


def _read(path: Path, head: bytes, spool: Spool) -> RawTable:
    name = spool.name
    refuse_one_image(head, name)
    if what := _binary(head):
        raise FileRefused(f"this is {what}, not a table", where=name, fix="upload a CSV, Excel or Parquet file")
    reader = _reader(head, name)
    spool.size = path.stat().st_size
    if reader.order == TEXT:
        _refuse_other_text(head, name)
    try:
        reading = reader.read(path, spool)
    except Enough:
        reading = Reading()
    return images_of_table(spool.finish(reading), name, spool.limits, spool.options, spool.tell)


def _reader(head: bytes, name: str) -> Reader:
    readers = sorted((READERS.get(entry) for entry in READERS), key=lambda reader: reader.order)
    return next(reader for reader in readers if reader.recognises(head, name.lower()))


def _binary(head: bytes) -> str:
    """What the first bytes are, where they are no table's; empty for all else."""
    for magic, what in NOT_TABLES:
        sure = len(magic) >= WORD or not magic.decode("latin-1").isprintable() or magic[0] > 126
        if head.startswith(magic) and (sure or b"\0" in head[:128]):
            return what
    return ""


def _refuse_other_text(head: bytes, name: str) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg", b"<!--")):
        raise FileRefused(
            "this is a web page or XML, not a table", where=name, fix="download the CSV itself and upload it"
        )
    if start.startswith((b"{", b"[")) and JSON.match(start):
        raise FileRefused(
            "this is JSON, not a table", where=name, fix="save it as CSV, or as one object a line, and upload that"
        )


def may_be_table(head: bytes, name: str) -> bool:
    """Whether a file in an archive may be a table, by its first bytes."""
    if _binary(head) or (packed(head) and not looks_like_workbook(head)):
        return False
    reader = _reader(head, name)
    if reader.order != TEXT:
        return True
    try:
        _refuse_other_text(head, name)
    except FileRefused:
        return False
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff")) or head[1:2] == b"\0"
