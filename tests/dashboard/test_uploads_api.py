"""The upload routes over HTTP: resuming, bounds, and who may call."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.datasets import uploads
from core.settings import Settings
from dashboard.api.uploads import routes

DATA = bytes(range(256)) * 12_000  # about 3 MB: several of the server's own pieces


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", upload_limit_mb=4)


@pytest.fixture
def client(here: Settings) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(lambda: here)), raise_server_exceptions=True) as opened:
        yield opened


def begun(client: TestClient, size: int, name: str = "a.csv") -> str:
    answer = client.post("/uploads", json={"name": name, "size": size})
    assert answer.status_code == 201, answer.text
    assert answer.json()["offset"] == 0
    return str(answer.json()["id"])


def put(client: TestClient, id_: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    answer: httpx.Response = client.put(f"/uploads/{id_}?offset={offset}", content=data, headers=headers)
    return answer


def test_pieces_make_a_whole_with_its_address(client: TestClient, here: Settings) -> None:
    id_ = begun(client, len(DATA))
    first = put(client, id_, 0, DATA[:1_500_000]).json()
    assert first == {"id": id_, "offset": 1_500_000, "size": len(DATA), "complete": False}
    asked = client.head(f"/uploads/{id_}")
    assert (asked.headers["upload-offset"], asked.headers["upload-complete"]) == ("1500000", "0")
    assert put(client, id_, 1_500_000, DATA[1_500_000:]).json()["complete"] is True
    upload = uploads.find(here, id_)
    assert upload.path.read_bytes() == DATA
    assert upload.sha256 == hashlib.sha256(DATA).hexdigest()
    assert client.head(f"/uploads/{id_}").headers["upload-complete"] == "1"
    assert put(client, id_, 0, b"again").json()["complete"] is True  # too late to change anything
    assert uploads.find(here, id_).path.read_bytes() == DATA


def test_another_server_process_goes_on(client: TestClient, here: Settings) -> None:
    id_ = begun(client, len(DATA))
    put(client, id_, 0, DATA[:700_000])
    with TestClient(Starlette(routes=routes(lambda: here))) as other:
        assert put(other, id_, 700_000, DATA[700_000:]).json()["complete"] is True
    assert uploads.find(here, id_).sha256 == hashlib.sha256(DATA).hexdigest()


def test_an_empty_file_is_whole_at_once(client: TestClient) -> None:
    answer = client.post("/uploads", json={"name": "empty.csv", "size": 0})
    assert answer.json()["complete"] is True


@pytest.mark.parametrize("offset", ["1", "5", "-1", "", "x", "00", "0 "])
def test_a_wrong_offset_is_answered_with_the_right_one(client: TestClient, offset: str) -> None:
    id_ = begun(client, 10)
    answer = client.put(f"/uploads/{id_}", params={"offset": offset}, content=b"abc")
    assert answer.status_code == 409
    assert answer.json()["offset"] == 0
    assert put(client, id_, 0, b"abc").json()["offset"] == 3


def test_bounds_are_said_in_our_words(client: TestClient, here: Settings) -> None:
    answer = client.post("/uploads", json={"name": "over.csv", "size": 4_000_001})
    assert answer.status_code == 413
    assert answer.json() == {
        "type": "TooLarge",
        "what": "the file has 4.0 MB, the limit is 4 MB",
        "where": "over.csv",
        "fix": "upload a part of it, or have the limit raised (HOURGLASS_UPLOAD_LIMIT_MB)",
    }
    id_ = begun(client, 1_000)
    answer = put(client, id_, 0, DATA)
    assert (answer.status_code, answer.json()["type"]) == (413, "TooLarge")
    assert uploads.find(here, id_).received == 0


def test_a_full_disk_is_said_before_anything_is_sent(here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "free_bytes", property(lambda _self: 200_000_100))
    with TestClient(Starlette(routes=routes(lambda: here))) as client:
        answer = client.post("/uploads", json={"name": "a.csv", "size": 101})
        assert (answer.status_code, answer.json()["type"]) == (507, "DiskFull")
        id_ = begun(client, 100)
        monkeypatch.setattr(Settings, "free_bytes", property(lambda _self: 200_000_000))
        assert put(client, id_, 0, b"x").status_code == 507


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"name": "a"}', b'{"name": 1, "size": 1}', b'{"name": "a", "size": "1"}',
     b'{"name": "a", "size": true}', b'{"name": "a", "size": 1e9}', b"[" * 9_000, b'{"name": "' + b"a" * 10_000],
)  # fmt: skip
def test_no_announcement_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/uploads", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "InputRefused")


def test_a_form_of_another_site_cannot_announce(client: TestClient) -> None:
    body = json.dumps({"name": "a", "size": 1})
    assert client.post("/uploads", content=body, headers={"content-type": "text/plain"}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "http://testserver"}, True),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://testserver.evil.example"}, False),
        ({"origin": "null"}, False),
    ],
)
def test_only_pages_of_this_server_may_call(client: TestClient, headers: dict[str, str], taken: bool) -> None:
    answer = client.post("/uploads", json={"name": "a.csv", "size": 1}, headers=headers)
    assert answer.status_code == (201 if taken else 400)
    id_ = begun(client, 1)
    assert put(client, id_, 0, b"", **headers).status_code == (200 if taken else 400)
    assert client.delete(f"/uploads/{id_}", headers=headers).status_code == (204 if taken else 400)


@pytest.mark.parametrize("id_", ["x", "0" * 32, "..%2F..%2Fhourglass.db", "%2e%2e", "a%00b"])
def test_an_unknown_upload_is_not_found(client: TestClient, id_: str) -> None:
    assert client.head(f"/uploads/{id_}").status_code == 404
    assert client.put(f"/uploads/{id_}?offset=0", content=b"x").status_code == 404
    assert client.delete(f"/uploads/{id_}").status_code == 404


def test_nothing_can_be_read_back(client: TestClient) -> None:
    id_ = begun(client, 3)
    put(client, id_, 0, b"abc")
    assert client.get(f"/uploads/{id_}").status_code == 405
    assert client.get("/uploads").status_code == 405


def test_discarding_leaves_nothing(client: TestClient, here: Settings) -> None:
    id_ = begun(client, 30)
    put(client, id_, 0, b"abc")
    assert client.delete(f"/uploads/{id_}").status_code == 204
    assert client.head(f"/uploads/{id_}").status_code == 404
    assert list((here.home / "uploads").iterdir()) == []


def test_a_base_path_stands_before_the_routes(here: Settings) -> None:
    with TestClient(Starlette(routes=routes(lambda: here, "/below"))) as client:
        assert client.post("/below/uploads", json={"name": "a", "size": 0}).status_code == 201
        assert client.post("/uploads", json={"name": "a", "size": 0}).status_code == 404


Receive = Callable[[], Awaitable[dict[str, object]]]


async def raw_put(app: Starlette, id_: str, offset: int, receive: Receive) -> int:
    """A PUT whose body comes as `receive` says; the status."""
    status = 0

    async def send(message: dict[str, object]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(str(message["status"]))

    scope = {
        "type": "http", "method": "PUT", "path": f"/uploads/{id_}", "raw_path": b"", "root_path": "", "scheme": "http",
        "query_string": f"offset={offset}".encode(), "headers": [], "http_version": "1.1", "server": ("here", 80),
    }  # fmt: skip
    await app(scope, receive, send)  # type: ignore[arg-type]
    return status


def test_what_came_before_the_connection_dropped_is_kept(here: Settings) -> None:
    app = Starlette(routes=routes(lambda: here))
    id_ = uploads.begin(here, "a.csv", 100).id
    messages = [{"type": "http.request", "body": b"x" * 40, "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    asyncio.run(raw_put(app, id_, 0, receive))
    assert uploads.find(here, id_).received == 40


def test_a_sender_that_came_back_overtakes_its_own_stalled_request(here: Settings) -> None:
    app = Starlette(routes=routes(lambda: here))
    id_ = uploads.begin(here, "a.csv", 100).id

    async def both() -> tuple[int, int]:
        stalled, woken = asyncio.Event(), asyncio.Event()
        late = [
            {"type": "http.request", "body": b"x" * 100, "more_body": True},
            {"type": "http.request", "body": b"", "more_body": False},
        ]

        async def slowly() -> dict[str, object]:
            stalled.set()
            await woken.wait()
            return late.pop(0)

        async def at_once() -> dict[str, object]:
            return {"type": "http.request", "body": b"y" * 100, "more_body": False}

        first = asyncio.create_task(raw_put(app, id_, 0, slowly))
        await stalled.wait()
        second = await raw_put(app, id_, 0, at_once)
        woken.set()
        return await first, second

    assert asyncio.run(both()) == (409, 200)
    upload = uploads.find(here, id_)
    assert upload.path.read_bytes() == b"y" * 100
