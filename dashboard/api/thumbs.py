"""HTTP route that shows one small image of a dataset, for what hovers over a map.

GET /thumbs/DATASET/ROW  row from 0  → PNG; 404 where there is none. Only pages of this server may ask.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import NotFound
from core.storage.store import Store
from dashboard.api.answers import answering
from dashboard.charts.pixels import png

HEADERS = {"Cache-Control": "private, max-age=86400", "Cross-Origin-Resource-Policy": "same-origin"}


def routes(store: Callable[[], Store], base: str = "") -> list[Route]:
    """The route, under a base path that begins with a slash or is empty. store: asked at each request."""

    def thumb(request: Request) -> Response:
        data = _png(store(), request.path_params["dataset"], request.path_params["row"])
        return Response(data, media_type="image/png", headers=HEADERS)

    return [answering(f"{base}/thumbs/{{dataset}}/{{row:int}}", thumb)]


def _png(store: Store, dataset_id: str, row: int) -> bytes:
    thumbs = store.datasets.thumbs(store.datasets.get(dataset_id))  # (N, 64, 64, C)
    if row >= len(thumbs):
        raise NotFound("there is no such image", where="row", fix="reload the page")
    return png(thumbs[row])
