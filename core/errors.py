"""Every failure that a user may meet, as a tree. A message says what happened, where, and what to do.

    HourglassError
    ├── InputRefused                 what was handed in cannot be used (the CLI exits 2)
    │   ├── FileRefused              a file: empty, not a table, unreadable bytes
    │   │   └── TooLarge             over a limit, which is named
    │   │       └── TooManyRows      over the limit of rows: a sample can be taken
    │   ├── DatasetRefused           a table that cannot be trained on: too few rows, no features
    │   ├── SettingsRefused          a setting that is unknown, out of range, or at odds with another
    │   └── NotFound                 an id that names nothing in this space
    ├── TrainingFailed
    │   ├── Diverged                 the loss became NaN or infinite
    │   └── OutOfMemory              the device or the machine ran out
    ├── Halted                       asked to, or lost; nothing is wrong with the work (the CLI exits 3)
    │   ├── Cancelled
    │   └── Interrupted
    ├── StorageFailed                the disk, the database or the artifact store
    │   ├── DiskFull
    │   └── NewerDatabase            written by a later version of Hourglass
    └── ServingUnavailable           the inference process did not answer in time

What a bug raises is none of these; only the error boundary of the app and the CLI's exit code 1 meet it.
"""

from __future__ import annotations

import re
from typing import ClassVar

# What a terminal takes for commands, and what turns the direction of writing: never part of what is said.
COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class HourglassError(Exception):
    """Base of all errors that are shown to users.

    what: one clause on what happened; where: file, row, column, setting or step (may be empty);
    fix: what the reader can do about it.
    """

    title: ClassVar[str] = "Something did not work"

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        return self.line()

    def line(self) -> str:
        """The whole message on one line: what · where · what to do."""
        parts = [part for part in (self.what, self.where, self.fix) if part]
        return harmless(printable(" · ".join(" ".join(part.split()) for part in parts)))

    def to_json(self) -> dict[str, str]:
        """The message as stored with a failed job."""
        return {
            "type": type(self).__name__,
            "what": printable(self.what),
            "where": printable(self.where),
            "fix": printable(self.fix),
        }

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.fix)


def printable(text: str) -> str:
    """The text with “?” for what is no character: file names and arguments may hold any bytes."""
    return text.encode("utf-8", "replace").decode()


def harmless(text: str) -> str:
    """The text with “�” for what a terminal would obey: names and cells may hold any characters."""
    return COMMANDS.sub("�", text)


def _rebuild(kind: type[HourglassError], what: str, where: str, fix: str) -> HourglassError:
    return kind(what, where=where, fix=fix)


class InputRefused(HourglassError, ValueError):
    """What the user gave can't be used; exit code 2."""

    title = "This can't be used as it is"


class FileRefused(InputRefused):
    """A file that can't be read as a table."""

    title = "This file can't be read"


class TooLarge(FileRefused):
    """More bytes, rows or columns than the settings allow."""

    title = "This is over a limit"


class TooManyRows(TooLarge):
    """More rows than the settings allow; a sample of them can be read."""


class DatasetRefused(InputRefused):
    """A readable table that no model can be trained on."""

    title = "This table can't be trained on"


class SettingsRefused(InputRefused):
    """A setting outside its range, or one that doesn't fit the data."""

    title = "These settings can't be used"


class NotFound(InputRefused):
    """A name or an id that stands for nothing in this space."""

    title = "Not found"


class TrainingFailed(HourglassError):
    """The training itself went wrong."""

    title = "The training stopped"


class Diverged(TrainingFailed):
    """The loss became NaN or infinite; the message names the step."""

    title = "The training diverged"


class OutOfMemory(TrainingFailed):
    """The job asked for more memory than there is."""

    title = "Out of memory"


class Halted(HourglassError):
    """A job that ended before its work was done, without a fault in it."""

    title = "Stopped before the end"


class Cancelled(Halted):
    """A person cancelled it."""

    title = "Cancelled"


class Interrupted(Halted):
    """Its process was killed; it can be resumed."""

    title = "Interrupted"


class StorageFailed(HourglassError):
    """The database or the artifacts failed."""

    title = "Storage did not answer as it should"


class DiskFull(StorageFailed):
    """No space left where the data lies."""

    title = "The disk is full"


class NewerDatabase(StorageFailed):
    """The database has migrations that this code doesn't know."""

    title = "This database is from a newer Hourglass"


class ServingUnavailable(HourglassError):
    """The serving process did not answer."""

    title = "No answer from the model"


def from_json(record: dict[str, str]) -> HourglassError:
    """The error that `to_json` wrote down; an unknown type comes back as HourglassError."""
    kinds: dict[str, type[HourglassError]] = {}
    queue: list[type[HourglassError]] = [HourglassError]
    while queue:
        kind = queue.pop()
        kinds[kind.__name__] = kind
        queue.extend(kind.__subclasses__())
    kind = kinds.get(record["type"], HourglassError)
    return kind(record["what"], where=record["where"], fix=record["fix"])
