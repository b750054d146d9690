"""Who may do what: one policy, asked by every query.

For now there is one space on each machine and whoever reaches the app owns it.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass


@dataclass(frozen=True)
class Principal:
    """Somebody, in the space whose data is asked for."""

    space_id: str
    author: str


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no entry for this user id, as in many containers
        return "local user"


LOCAL = Principal(space_id="local", author=_login())
