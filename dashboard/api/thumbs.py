"""HTTP route that shows one small image of a dataset, for what hovers over a map.

GET /thumbs/DATASET/ROW  row from 0  → PNG; 404 where there is none. Only pages of this server may ask.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import HourglassError, NotFound
from core.storage.store import Store
from dashboard.api.uploads import from_here
from dashboard.charts.pixels import png

HEADERS = {"Cache-Control": "private, max-age=86400", "Cross-Origin-Resource-Policy": "same-origin"}


def routes(store: Callable[[], Store], base: str = "") -> list[Route]:
    """The route, under a base path that begins with a slash or is empty. store: asked at each request."""

    async def thumb(request: Request) -> Response:
        if not from_here(request):
            return Response(status_code=403)
        dataset, row = request.path_params["dataset"], request.path_params["row"]
        try:
            data = await run_in_threadpool(_png, store(), dataset, row)
        except HourglassError as error:
            return Response(status_code=404 if isinstance(error, NotFound) else 500)
        return Response(data, media_type="image/png", headers=HEADERS)

    return [Route(f"{base}/thumbs/{{dataset}}/{{row:int}}", thumb, methods=["GET"])]


def _png(store: Store, dataset_id: str, row: int) -> bytes:
    thumbs = store.datasets.thumbs(store.datasets.get(dataset_id))  # (N, 64, 64, C)
    if row >= len(thumbs):
        raise NotFound("there is no such image", where="row", fix="reload the page")
    return png(thumbs[row])
