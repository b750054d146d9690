"""The real app in a real browser: a server a session of tests, a fresh browser context a test.

A test fails on any console error, any exception box, and any request to another host.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from core.storage.store import Store
from tests.server import ROOT, Server

ARTEFACTS = ROOT / "artefacts"
FAILED = pytest.StashKey[bool]()
CHROMIUM = os.environ.get("HOURGLASS_CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # the map is WebGL all the same; the rest of a page costs half without
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server.running(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def server_store(server: Server) -> Iterator[Store]:
    store = Store.open(server.settings)
    yield store
    store.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
    yield running
    running.close()


class Watch:
    """What went wrong in a page: console errors, page errors, requests to elsewhere."""

    def __init__(self, context: BrowserContext, port: int) -> None:
        self.problems: list[str] = []
        self.port = port
        context.on("console", lambda message: self._console(message.type, message.text))
        context.on("weberror", lambda error: self.problems.append(f"page error: {error.error}"))
        context.on("request", lambda request: self._request(request.url))
        context.on("response", lambda response: self._response(response.url, response.status))

    def _console(self, kind: str, text: str) -> None:
        # A server that was killed on purpose makes the browser complain about its socket; what failed to
        # load is judged by its address in `_response`.
        harmless = (
            *("WebSocket", "ERR_CONNECTION_REFUSED", "Failed to load resource"),
            *("/_stcore/health", "Is Streamlit still running?"),  # said where the next one takes long to come up
        )
        if kind == "error" and not any(part in text for part in harmless):
            self.problems.append(f"console: {text}")

    def _response(self, url: str, status: int) -> None:
        # On a deep link Streamlit looks for its server under each part of the path.
        if status >= 400 and "/_stcore/" not in url:
            self.problems.append(f"{status}: {url}")

    def _request(self, url: str) -> None:
        if url.startswith(("http", "ws")) and f"localhost:{self.port}" not in url:
            self.problems.append(f"request to elsewhere: {url}")

    def check(self, page: Page) -> None:
        boxes = page.locator('[data-testid="stException"]')
        assert boxes.count() == 0, boxes.first.inner_text()
        assert not self.problems, self.problems


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def watch(context: BrowserContext, server: Server) -> Watch:
    return Watch(context, server.port)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def tab(context: BrowserContext, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Page]:
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    yield opened
    last = context.pages[-1]  # a test may have closed its tab and opened another
    if request.node.stash.get(FAILED, False):
        ARTEFACTS.mkdir(exist_ok=True)
        last.screenshot(path=ARTEFACTS / f"failed_{request.node.name}.png")
    watch.check(last)


def settled(page: Page) -> None:
    """Wait until the script has run and everything is drawn."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_function(
        """() => document.querySelectorAll('[data-stale="true"], [data-testid="stSkeleton"]').length === 0""",
        timeout=60_000,
    )


def shot(page: Page, name: str, height: int = 1_400) -> None:
    """Keep a screenshot as an artefact, tall enough to show the page below the fold."""
    ARTEFACTS.mkdir(exist_ok=True)
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": height})
    settled(page)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    page.set_viewport_size(size)
