"""HTTP route that says whether anybody said something of the rows of some data, for pages that show what was said.

GET /said/LINEAGE → a text that is another one after each verdict. Only pages of this server may ask.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.storage.store import Store
from dashboard.api.answers import answering

HEADERS = {"Cache-Control": "no-store"}


def routes(store: Callable[[], Store], base: str = "") -> list[Route]:
    """The route, under a base path that begins with a slash or is empty. store: asked at each request."""

    def said(request: Request) -> Response:
        return PlainTextResponse(said_of(store(), request.path_params["lineage"]), headers=HEADERS)

    return [answering(f"{base}/said/{{lineage}}", said)]


def said_of(store: Store, lineage_id: str) -> str:
    """The text, as it stands now."""
    return "-".join(map(str, store.verdicts.stamp(lineage_id)))
