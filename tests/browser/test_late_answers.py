"""A server far away or busy: answers come late, or with pauses between their parts, and a page with parts that change by
themselves is left for a whole one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocketRoute, async_playwright, expect

from tests.browser.conftest import ARGS, CHROMIUM
from tests.browser.steps import LONG
from tests.server import ROOT, answering, free_port

pytestmark = pytest.mark.long

LATE, PAUSE = 0.9, 0.3  # seconds


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A server of the app that the test names."""
    port, log = free_port(), tmp_path / "server.log"
    command = [sys.executable, "-m", "streamlit", "run", f"tests/browser/apps/{request.param}.py"]
    options = [f"--server.port={port}", "--server.headless=true", "--browser.gatherUsageStats=false"]
    environment = {"PYTHONPATH": str(ROOT)}
    with (
        log.open("wb") as file,
        subprocess.Popen([*command, *options], cwd=ROOT, env=environment, stdout=file, stderr=file) as running,
    ):
        answering(running, f"http://localhost:{port}", log)
        yield f"http://localhost:{port}"
        running.terminate()


async def slowed(page: Page, late: float, pause: float) -> None:
    """Everything that the server says to the page comes late, in its order, and so long after what came before."""
    last = 0.0

    def route(to_page: WebSocketRoute) -> None:
        to_server, loop = to_page.connect_to_server(), asyncio.get_running_loop()

        def send(message: str | bytes) -> None:
            nonlocal last
            last = max(loop.time() + late, last + pause)
            loop.call_at(last, to_page.send, message)

        to_server.on_message(send)
        to_page.on_message(to_server.send)

    await page.route_web_socket("**/*", route)


async def left_for_a_whole_page(
    address: str, late: float, pause: float, press: str = "", while_running: bool = False
) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = await browser.new_page()
        await slowed(page, late, pause)
        await page.goto(address)
        if while_running:  # a part is being drawn that the press has nothing to do with
            for state in ("notRunning", "running"):
                await page.locator(f'[data-testid="stApp"][data-test-script-state="{state}"]').wait_for(timeout=LONG)
        if press:
            await page.get_by_role("button", name=press).click(timeout=LONG)
        await page.wait_for_url("**/found", timeout=LONG)
        await expect(page.get_by_text("All is found")).to_be_visible(timeout=LONG)
        await page.wait_for_timeout(
            5_000 * max(LATE, late)
        )  # a late answer in the name of the page before is here by now
        assert await page.get_by_text("All is found").count() == 1
        await browser.close()


@pytest.mark.parametrize("address", ["two_ticking_parts"], indirect=True)
@pytest.mark.parametrize(("late", "pause"), [(LATE, 0.0), (0.0, PAUSE)])
def test_a_page_that_ticks_is_left_for_a_whole_one(address: str, late: float, pause: float) -> None:
    with ThreadPoolExecutor(1) as apart:  # the other tests' Playwright has a loop of its own
        apart.submit(asyncio.run, left_for_a_whole_page(address, late, pause)).result()


@pytest.mark.parametrize("address", ["a_press_beside_ticking_parts"], indirect=True)
def test_a_press_that_a_busy_server_answers_late_leads_to_a_whole_page(address: str) -> None:
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, left_for_a_whole_page(address, 2.5, 0.0, press="Leave")).result()


@pytest.mark.parametrize("address", ["a_press_beside_ticking_parts"], indirect=True)
def test_a_press_while_a_part_is_drawn_is_not_taken_for_answered_by_that(address: str) -> None:
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, left_for_a_whole_page(address, 2.5, 0.1, press="Leave", while_running=True)).result()
