"""Routes that answer questions of this server's own pages."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import HourglassError, NotFound
from dashboard.api.uploads import from_here


def answering(path: str, answer: Callable[[Request], Response]) -> Route:
    """GET path; answer, which may block, is asked for this server's own pages only (else 403), 404 where it raises NotFound."""

    async def handler(request: Request) -> Response:
        if not from_here(request):
            return Response(status_code=403)
        try:
            return await run_in_threadpool(answer, request)
        except HourglassError as error:
            return Response(status_code=404 if isinstance(error, NotFound) else 500)

    return Route(path, handler, methods=["GET"])
