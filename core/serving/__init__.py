"""Small questions to a trained model, answered at once by the supervisor's warm inference process."""

from __future__ import annotations

import time
from typing import Any

import httpx

from core.errors import HourglassError, ServingUnavailable, from_json
from core.serving.address import socket_path
from core.storage.store import Store

DEADLINE_SECONDS = 10.0
START_SECONDS = 20.0  # how long a process that is being started again is waited for
REFUSED = 422


def ask(store: Store, question: str, *, within: float | None = None, **payload: Any) -> dict[str, Any]:
    """The answer to a question (see core.serving.server). Raises ServingUnavailable, NotFound, InputRefused.

    within: seconds after which it is given up, where it is no use later; a process that starts is not waited for.
    """
    start, deadline = (START_SECONDS, DEADLINE_SECONDS) if within is None else (0.0, within)
    began = time.monotonic()
    body = {"space_id": store.space, **payload}
    while True:
        try:
            # Nothing is encrypted on a socket of this machine: reading certificates would take longer than most answers.
            transport = httpx.HTTPTransport(uds=str(socket_path(store.settings)), verify=False)
            with httpx.Client(transport=transport, trust_env=False) as client:
                answer = client.post(f"http://serving/{question}", json=body, timeout=deadline)
            break
        except httpx.ConnectError as error:
            if time.monotonic() - began > start:
                raise _unavailable("it does not run") from error
            time.sleep(0.2)
        except httpx.HTTPError as error:
            raise _unavailable(f"it did not answer within {deadline:.2g} s") from error
    if answer.status_code == REFUSED:
        raise from_json(answer.json())
    if answer.status_code != 200:
        raise _unavailable(f"it answered with {answer.status_code}")
    found: dict[str, Any] = answer.json()
    return found


def _unavailable(why: str) -> HourglassError:
    return ServingUnavailable(
        f"the process that asks the trained model can't be reached: {why}",
        where="inference process",
        fix="wait a few seconds and reload the page; it is started again by itself",
    )
