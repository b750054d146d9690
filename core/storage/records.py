"""Rows of the database ↔ frozen records, and ids. Shared by the repositories beside it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, Table, Text, cast, func, or_
from sqlalchemy.engine import Row

T = TypeVar("T")
ALPHABET = "abcdefghjkmnpqrstvwxyz23456789"  # no letters that are read as digits


def new_id(prefix: str) -> str:
    """A short id that can stand in a URL, e.g. r-k3mz8q2wva."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(10))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once a kind: that takes ten times as long as what it does."""
    return TypeAdapter(kind)


def to_json(kind: Any, value: Any) -> Any:
    """A dataclass (or a tuple of them) as plain JSON values."""
    return _adapter(kind).dump_python(value, mode="json")


def from_json(kind: type[T], value: Any) -> T:
    """The dataclass that `to_json` wrote."""
    any_kind: Any = kind  # to mypy a type has no hash
    found: T = _adapter(any_kind).validate_python(value)
    return found


def matching(query: Select[Any], table: Table, search: str, extra: Iterable[ColumnElement[Any]] = ()) -> Select[Any]:
    """Narrow a query to rows whose name, note or tags hold every word of `search`."""
    for word in search.split():
        pattern = "%" + word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        places = [table.c.name, table.c.note, cast(table.c.tags, Text), *extra]
        query = query.where(or_(*(func.lower(place).like(pattern, escape="\\") for place in places)))
    return query


def mapping(row: Row[Any]) -> dict[str, Any]:
    """A row as a plain dictionary."""
    return dict(row._mapping)
