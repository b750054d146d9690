"""The whole path in the browser: sample → flagged rows → why → map → lasso → share → another browser."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, Watch, settled, shot

LONG = 120_000


def to_flagged_rows(tab: Page, server: Server, sample: str) -> None:
    """One click from Home, then wait for the Anomalies page."""
    tab.goto(server.url)
    tab.get_by_role("heading", name="Find what doesn't fit in your data").wait_for()
    box = tab.locator('[data-testid="stVerticalBlock"]').filter(has_text=sample)
    box.last.get_by_role("button", name="Find anomalies").click()
    tab.wait_for_url(re.compile(r"/anomalies\?.*run=r-"), timeout=LONG)
    expect(tab.get_by_role("heading", name="Anomalies", exact=True)).to_be_visible(timeout=LONG)
    settled(tab)


def test_from_a_sample_to_a_shared_link(tab: Page, server: Server, browser: Browser) -> None:
    tab.goto(server.url)
    settled(tab)
    shot(tab, "home_empty")
    to_flagged_rows(tab, server, "Breast cancer")
    expect(tab.get_by_text("28 rows flagged")).to_be_visible()
    shot(tab, "anomalies")

    tab.get_by_role("link", name="Errors").first.click()
    tab.get_by_text("Each column's share of this row's score").wait_for()
    settled(tab)
    shot(tab, "errors")

    tab.get_by_role("link", name="Map").first.click()
    canvas = tab.locator("canvas.points")
    canvas.wait_for()
    settled(tab)
    box = canvas.bounding_box()
    assert box is not None
    corners = [(0.05, 0.05), (0.95, 0.05), (0.95, 0.6), (0.05, 0.6), (0.05, 0.06)]
    for i, (x, y) in enumerate(corners):
        tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5)
        if i == 0:
            tab.mouse.down()
    tab.mouse.up()
    tab.get_by_text(re.compile(r"\d+ selected rows")).wait_for()
    settled(tab)
    said = tab.locator("span.count").inner_text()
    count = re.match(r"([\d,]+) of", said)
    assert count is not None, said
    heading = tab.get_by_text(re.compile(r"[\d,]+ selected rows")).inner_text()
    assert heading.split()[0] == count.group(1)
    shot(tab, "map_selected")

    tab.get_by_role("button", name="Share").click()
    tab.get_by_role("button", name="Create the link").click()
    link = tab.locator('[data-testid="stCode"]').inner_text().strip()
    assert re.match(rf"{server.url}/map\?view=v-\w+", link), link

    other = browser.new_context()
    try:
        watch = Watch(other, server.port)
        visitor = other.new_page()
        visitor.goto(link)
        visitor.get_by_text(heading).wait_for(timeout=60_000)
        expect(visitor.locator("span.count")).to_have_text(said, timeout=60_000)
        watch.check(visitor)
    finally:
        other.close()
