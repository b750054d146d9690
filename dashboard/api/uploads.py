"""HTTP routes that take files in, piece by piece, straight to disk: large ones never stand in the server's memory.

    POST   /uploads              {"name", "size"} announces a file       → {"id", "offset", "size", "complete"}
    HEAD   /uploads/ID           how much is here                        → headers Upload-Offset, Upload-Complete
    PUT    /uploads/ID?offset=N  bytes that begin at N, of any length    → as POST; 409 with the offset where N is not it
    DELETE /uploads/ID           forgets it

An upload goes on after a dropped connection, also on another one: whoever sent last is listened to. Refusals are JSON
with the words of core.errors. Only pages of this server may call; knowing an id is the permission to use it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.datasets import uploads
from core.errors import DiskFull, HourglassError, InputRefused, NotFound, StorageFailed, TooLarge
from core.settings import Settings
from core.storage.artifacts import CHUNK

LONGEST_ANNOUNCEMENT = 10_000  # bytes
MOST_DRAINED = 32 << 20  # bytes of a refused request that are still read, so that its sender gets to read the answer
STATUS: tuple[tuple[type[HourglassError], int], ...] = (
    (NotFound, 404),
    (TooLarge, 413),
    (InputRefused, 400),
    (DiskFull, 507),
    (StorageFailed, 500),
)
Handler = Callable[[Request], Awaitable[Response]]


class Hand:
    """What this process knows of an upload: its writer, and whose turn it is to send."""

    def __init__(self, settings: Settings, id_: str) -> None:
        self.writer = uploads.Writer(settings, id_)
        self.lock = asyncio.Lock()
        self.turn: object = None


class Receiver:
    """The routes' handlers. `settings` is asked at each request, so that building routes reads nothing."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self.settings = settings
        self.hands: dict[str, Hand] = {}

    async def begin(self, request: Request) -> Response:
        name, size = await _announcement(request)
        upload = await run_in_threadpool(uploads.begin, self.settings(), name, size)
        self._forget_the_swept()
        if size == 0:
            upload = await run_in_threadpool(self._hand(upload.id).writer.finish)
        return _state(upload, 201)

    async def offset(self, request: Request) -> Response:
        id_ = request.path_params["id"]
        async with self._hand(id_).lock:
            upload = await run_in_threadpool(uploads.find, self.settings(), id_)
        headers = {"Upload-Offset": str(upload.received), "Upload-Complete": str(int(upload.whole))}
        return Response(headers={**headers, "Cache-Control": "no-store"})

    async def piece(self, request: Request) -> Response:
        id_, offset = request.path_params["id"], request.query_params.get("offset", "")
        hand, turn = self._hand(id_), object()
        async with hand.lock:
            upload = uploads.find(self.settings(), id_)
            if upload.whole:
                return _state(upload)
            if offset != str(upload.received):
                await _drain(request)
                return _state(upload, 409)
            uploads.check_room(self.settings(), upload.name, upload.size - upload.received)
            hand.turn = turn
        async for data in _chunks(request):
            async with hand.lock:
                if hand.turn is not turn:  # the sender came back on another connection
                    return _state(uploads.find(self.settings(), id_), 409)
                await run_in_threadpool(hand.writer.write, data)
        async with hand.lock:
            upload = uploads.find(self.settings(), id_)
            if upload.received == upload.size:
                upload = await run_in_threadpool(hand.writer.finish)
                self.hands.pop(id_, None)
        return _state(upload)

    async def discard(self, request: Request) -> Response:
        id_ = request.path_params["id"]
        hand = self._hand(id_)
        async with hand.lock:
            hand.turn = None
            uploads.discard(self.settings(), id_)
        self.hands.pop(id_, None)
        return Response(status_code=204)

    def _hand(self, id_: str) -> Hand:
        """Raises NotFound."""
        uploads.find(self.settings(), id_)
        return self.hands.setdefault(id_, Hand(self.settings(), id_))

    def _forget_the_swept(self) -> None:
        for id_ in list(self.hands):
            try:
                uploads.find(self.settings(), id_)
            except NotFound:
                del self.hands[id_]


def routes(settings: Callable[[], Settings], base: str = "") -> list[Route]:
    """The routes, under a base path that begins with a slash or is empty."""
    receiver = Receiver(settings)
    one = f"{base}/uploads/{{id}}"
    return [
        Route(f"{base}/uploads", _answering(receiver.begin), methods=["POST"]),
        Route(one, _answering(receiver.offset), methods=["HEAD"]),
        Route(one, _answering(receiver.piece), methods=["PUT"]),
        Route(one, _answering(receiver.discard), methods=["DELETE"]),
    ]


def _answering(handler: Handler) -> Handler:
    """The handler for this server's own pages only, with our errors as JSON."""

    async def answer(request: Request) -> Response:
        try:
            if not from_here(request):
                raise InputRefused("files are taken from Hourglass's own pages only", fix="upload it on the Home page")
            return await handler(request)
        except HourglassError as error:
            await _drain(request)
            return JSONResponse(error.to_json(), _status(error), {"Cache-Control": "no-store"})

    return answer


def from_here(request: Request) -> bool:
    """Whether no other site sent this: browsers say where a request comes from, programs say nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _status(error: HourglassError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def _state(upload: uploads.Upload, status: int = 200) -> Response:
    content = {"id": upload.id, "offset": upload.received, "size": upload.size, "complete": upload.whole}
    return JSONResponse(content, status, {"Cache-Control": "no-store"})


async def _announcement(request: Request) -> tuple[str, int]:
    """Name and size. Only as JSON, which no form of another site can send. Raises InputRefused."""
    refused = InputRefused(
        "this is no announcement of a file", where="upload", fix='send {"name": text, "size": bytes}'
    )
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise refused
    body = b""
    async for data in request.stream():
        body += data
        if len(body) > LONGEST_ANNOUNCEMENT:
            raise refused
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise refused from error
    if not isinstance(said, dict) or not isinstance(said.get("name"), str) or type(said.get("size")) is not int:
        raise refused
    return said["name"], said["size"]


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The request's body in pieces of CHUNK. Where the connection drops, what came until then."""
    waiting = bytearray()
    try:
        async for data in request.stream():
            waiting += data
            if len(waiting) >= CHUNK:
                yield bytes(waiting)
                waiting.clear()
    except ClientDisconnect:
        pass  # no failure: the sender asks how much is here, and goes on from there
    if waiting:
        yield bytes(waiting)


async def _drain(request: Request) -> None:
    left = MOST_DRAINED
    try:
        async for data in request.stream():
            left -= len(data)
            if left < 0:
                return
    except (ClientDisconnect, RuntimeError):
        return  # nobody waits for the answer, or the body was read to its end before
