"""Name → class, for everything of which there are several: one mechanism for all registries.

A registry is a package. A *family* (objectives, layers) has one folder an entry: `spec.py`, which is
imported at once and must stay light, and `module.py`, imported only when the entry is built. A *method*
(scorers, thresholds, projections) has one file an entry. Adding an entry is adding that folder or file;
nothing is listed by hand.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Generic, TypeVar

from core.errors import SettingsRefused

T = TypeVar("T")


class Registry(Generic[T]):
    """The entries of one package.

    word: what an entry is called in messages, e.g. "objective".
    package: dotted name of the package whose folders or files are the entries.
    attribute: the name in the entry's module that is the entry ("SPEC", "METHOD").
    folders: True for families (`NAME/spec.py`), False for methods (`NAME.py`).
    """

    def __init__(self, word: str, package: str, attribute: str, *, folders: bool) -> None:
        self.word = word
        self.package = package
        self.attribute = attribute
        self.folders = folders

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All entries, by alphabet."""
        package = importlib.import_module(self.package)
        found = pkgutil.iter_modules(package.__path__)
        return tuple(
            sorted(info.name for info in found if info.ispkg == self.folders and not info.name.startswith("_"))
        )

    def get(self, name: str) -> T:
        """The entry of that name. Raises SettingsRefused with the nearest name."""
        if name not in self.names:
            raise SettingsRefused(
                f"there is no {self.word} named “{name}”", where=self.word, fix=nearest(name, self.names)
            )
        path = f"{self.package}.{name}.spec" if self.folders else f"{self.package}.{name}"
        entry: T = getattr(importlib.import_module(path), self.attribute)
        return entry

    def module(self, name: str) -> Any:
        """A family entry's `module.py`, which may import torch."""
        self.get(name)
        return importlib.import_module(f"{self.package}.{name}.module")

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)


def nearest(name: str, known: tuple[str, ...] | list[str]) -> str:
    """A sentence that points from a mistyped name to what exists."""
    if close := close_to(str(name), known):
        return f"did you mean “{close}”?"
    return "choose one of: " + ", ".join(known)


def close_to(name: str, known: tuple[str, ...] | list[str]) -> str:
    """Which of them a mistyped name is nearly, in whatever case; empty where it is none."""
    cased = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.lower(), list(cased), n=1)
    return cased[close[0]] if close else ""
