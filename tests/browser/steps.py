"""What the journeys share: uploads, waiting for a run, lassos, frames that are good test data."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import FloatRect, Page, TimeoutError, expect

from tests.browser.conftest import settled
from tests.server import Server

LONG = 120_000  # milliseconds that a job may take on a loaded machine


def arrived(tab: Page) -> str:
    """Wait for the Anomalies page of a finished run; the run's id."""
    tab.wait_for_url(re.compile(r"/anomalies\?.*run=r-"), timeout=LONG)
    expect(tab.get_by_role("heading", name="Anomalies", exact=True)).to_be_visible(timeout=LONG)
    tab.get_by_text("Is the autoencoder worth it here?").wait_for(timeout=LONG)
    settled(tab)
    found = re.search(r"run=(r-\w+)", tab.url)
    assert found is not None
    return found.group(1)


def home(tab: Page, server: Server) -> None:
    tab.goto(server.url)
    tab.get_by_role("heading", name="Find what doesn't fit in your data").wait_for(timeout=LONG)
    settled(tab)


def from_sample(tab: Page, server: Server, sample: str) -> str:
    """One click from Home to flagged rows."""
    home(tab, server)
    box = tab.locator('[data-testid="stVerticalBlock"]').filter(has_text=sample)
    box.last.get_by_role("button", name="Find anomalies").click()
    return arrived(tab)


def upload(tab: Page, server: Server, path: Path | dict[str, object], button: str = "Find anomalies") -> None:
    """Hand a file over on Home and press the button, also where the same bytes were read before."""
    home(tab, server)
    uploaded(tab, path)
    again = tab.get_by_role("button", name="Read it again")
    if again.count():
        again.click()
    pressed = tab.get_by_role("button", name=button, exact=True).first
    expect(pressed).to_be_enabled(timeout=LONG)
    pressed.click()


def uploaded(tab: Page, path: Path | dict[str, object]) -> None:
    """Choose a file and wait until it lies on the server."""
    tab.get_by_text("or drop it here").wait_for(timeout=LONG)
    tab.locator('input[type="file"]').set_input_files(path)  # type: ignore[arg-type]
    expect(tab.locator(".figures")).to_contain_text("uploaded", timeout=LONG)
    # The form's own buttons: those of the samples are called alike.
    either = tab.get_by_role("button", name=re.compile("^(Only read it, I'll look first|Read it again)$"))
    expect(either.first).to_be_enabled(timeout=LONG)
    settled(tab)


def from_file(tab: Page, server: Server, path: Path | dict[str, object]) -> str:
    upload(tab, server, path)
    return arrived(tab)


def map_at_rest(tab: Page, number: int = 0) -> FloatRect:
    """Where a map lies in the window, once nothing is drawn or measured any more: what comes in above would move it away from
    under the pointer. number: which of those side by side."""
    canvas = tab.locator("canvas.points").nth(number)
    canvas.wait_for(timeout=LONG)
    expect(tab.get_by_text("is being drawn")).to_have_count(0, timeout=LONG)
    expect(tab.get_by_text("is being measured")).to_have_count(0, timeout=LONG)
    settled(tab)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    return box


def lasso(tab: Page, corners: list[tuple[float, float]], number: int = 0) -> None:
    """Draw around a part of a map, in shares of its width and height. number: which of those side by side."""
    box = map_at_rest(tab, number)
    for i, (x, y) in enumerate([*corners, corners[0]]):
        tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if i == 0:
            tab.mouse.down()
    tab.mouse.up()


def reviewed(page: Page, count: int) -> None:
    """Wait until Triage says that so many rows are reviewed."""
    expect(page.get_by_text(re.compile(rf"^{count} of \d+ rows? reviewed"))).to_be_visible(timeout=LONG)


def go_to(tab: Page, name: str) -> None:
    """Through the sidebar, as a user would."""
    tab.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    tab.get_by_role("heading", name=name, exact=True, level=1).wait_for(timeout=LONG)
    settled(tab)


def csv_of(rows: int, strange: int = 5, own: float = 0) -> bytes:
    """A table whose columns hang together, but for a few rows; with a name a row and a group. own: added to a column, so that the rows
    are none of another journey's, by whatever name."""
    lines = ["name,a,b,c,group"]
    for i in range(rows):
        a, c = i * 37 % 101, i * 53 % 29
        b = (2 * a + c if i >= strange else -a - 300) + own
        lines.append(f"row-{i:06d},{a},{b},{c},{'left' if i % 3 else 'right'}")
    return "\n".join(lines).encode()


def file_of(name: str, data: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def press_in_menu(tab: Page, menu: str, button: str) -> None:
    """Press a button of the first menu of that name, which closes when its row is still being drawn: so it is opened again."""
    for _ in range(10):
        tab.get_by_role("button", name=menu).first.click()
        try:
            tab.get_by_role("button", name=button).first.click(timeout=5_000)
        except TimeoutError:
            continue
        return
    raise AssertionError(f"“{menu}” does not stay open")


def choose(tab: Page, label: str, option: str) -> None:
    """Pick an option of a select box by typing it; its list closes when the page still moves, so it is asked again."""
    box = tab.get_by_role("combobox", name=label)
    for _ in range(10):
        box.click()
        box.fill("")
        box.fill(option)
        try:
            tab.get_by_role("option", name=option, exact=True).click(timeout=3_000)
        except TimeoutError:
            continue
        settled(tab)
        return
    raise AssertionError(f"the list of {label} does not stay open")
