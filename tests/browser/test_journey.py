"""The whole path in the browser: sample → flagged rows → why → map → lasso → share → another browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.storage.store import Store
from tests.browser.conftest import Watch, settled, shot
from tests.browser.steps import LONG, choose, csv_of, file_of, from_file, from_sample, go_to, home, lasso
from tests.server import Server

pytestmark = pytest.mark.long

EVERYTHING = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]


def share(tab: Page, server: Server, page: str) -> str:
    """The link of what is seen."""
    tab.get_by_role("button", name="Share", exact=True).click()
    tab.get_by_role("button", name="Create the link").click()
    box = tab.locator('[data-testid="stCode"]')
    box.wait_for(timeout=LONG)
    expect(tab.get_by_text("the link works on this machine")).to_be_visible()
    link = box.inner_text().strip()
    assert re.fullmatch(rf"{server.url}/{page}\?view=v-\w+", link), link
    return link


def test_from_a_sample_to_a_shared_link(tab: Page, server: Server, browser: Browser) -> None:
    home(tab, server)
    shot(tab, "home_empty")
    from_sample(tab, server, "Breast cancer")
    expect(tab.get_by_text("28 rows flagged")).to_be_visible()
    expect(tab).to_have_title("Anomalies · Hourglass")
    shot(tab, "anomalies", 1_100)

    go_to(tab, "Errors")
    tab.get_by_text("The healthy rows most like it").wait_for(timeout=LONG)
    shot(tab, "errors", 2_600)

    go_to(tab, "Map")
    tab.get_by_text("UMAP", exact=True).first.wait_for(timeout=LONG)
    lasso(tab, [(0.05, 0.05), (0.95, 0.05), (0.95, 0.6), (0.05, 0.6)])
    heading = tab.get_by_role("heading", name=re.compile(r"[\d,]+ selected rows?"))
    heading.wait_for(timeout=LONG)
    settled(tab)
    said = tab.locator("span.count").inner_text()
    count = re.match(r"([\d,]+) of", said)
    assert count is not None, said
    words = heading.inner_text()
    assert words.split()[0] == count.group(1)
    shot(tab, "map_selected")
    link = share(tab, server, "map")

    other = browser.new_context()
    try:
        watch = Watch(other, server.port)
        visitor = other.new_page()
        visitor.goto(link)
        visitor.get_by_role("heading", name=words).wait_for(timeout=LONG)
        expect(visitor.locator("span.count")).to_have_text(said, timeout=LONG)
        watch.check(visitor)
    finally:
        other.close()


def test_six_thousand_selected_rows_survive_a_restart_in_a_link(
    tab: Page, server: Server, browser: Browser, server_store: Store
) -> None:
    run = from_file(tab, server, file_of("many.csv", csv_of(6_000)))
    choose(tab, "Flag by", "a number of the strangest")
    rows = tab.get_by_role("spinbutton", name="Number I can review")
    rows.fill("37")
    rows.press("Enter")
    tab.get_by_text("37 rows flagged").wait_for(timeout=LONG)
    tab.get_by_role("button", name="Save threshold").click()
    expect(tab.get_by_role("button", name="Save threshold")).to_be_disabled(timeout=LONG)
    go_to(tab, "Map")
    lasso(tab, EVERYTHING)
    tab.get_by_role("heading", name="6,000 selected rows").wait_for(timeout=LONG)
    link = share(tab, server, "map")
    view = server_store.views.get(link.split("view=")[1])
    keys = server_store.runs.scores(server_store.runs.get(run)).row_keys
    assert np.array_equal(np.sort(view.row_keys), np.sort(keys))

    tab.goto("about:blank")  # whoever shared the link has gone; a page that ticks would miss its server, aloud
    server.kill()
    server.start()
    other = browser.new_context()
    try:
        watch = Watch(other, server.port)
        visitor = other.new_page()
        visitor.goto(link)
        visitor.get_by_role("heading", name="6,000 selected rows").wait_for(timeout=LONG)
        expect(visitor.locator("span.count")).to_have_text("6,000 of 6,000 selected", timeout=LONG)
        visitor.get_by_test_id("stSidebar").get_by_role("link", name="Anomalies").click()
        visitor.get_by_text("37 rows flagged").wait_for(timeout=LONG)
        watch.check(visitor)
    finally:
        other.close()
    # The address bar alone: run and page, without any view.
    tab.goto(f"{server.url}/errors?run={run}")
    tab.get_by_text("The healthy rows most like it").wait_for(timeout=LONG)


def test_what_is_flagged_can_be_downloaded_and_a_snapshot_opens_by_itself(
    tab: Page, server: Server, browser: Browser, tmp_path: Path
) -> None:
    table = csv_of(300).replace(b"row-000000", b"=1+1").replace(b"row-000001", b"@SUM(A1)")
    from_file(tab, server, file_of("formulas.csv", table))
    tab.get_by_role("button", name="Prepare the CSV").click()
    with tab.expect_download() as saved:
        tab.get_by_role("button", name=re.compile("Download .* rows as CSV")).click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 15
    assert any(line.startswith("1,'=1+1,") for line in lines)
    assert any(line.startswith("2,'@SUM(A1),") for line in lines)
    assert lines[0].startswith("row,name,a,b,c,group,score,percentile,flag,top_columns")
    tab.get_by_role("button", name="Share", exact=True).click()
    tab.get_by_role("button", name="Prepare an HTML file").click()
    with tab.expect_download(timeout=LONG) as saved:
        tab.get_by_role("button", name="Download the HTML file").click()
    page = tmp_path / "snapshot.html"
    page.write_bytes(Path(saved.value.path()).read_bytes())
    alone = browser.new_context(offline=True)
    problems: list[str] = []
    alone.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    alone.on("request", lambda request: problems.append(request.url) if not request.url.startswith("file:") else None)
    opened = alone.new_page()
    opened.goto(page.as_uri())
    opened.get_by_role("heading", name="Flagged rows").wait_for()
    assert opened.locator(".js-plotly-plot .main-svg").count() > 0
    shown = opened.screenshot()
    assert shown
    assert not problems, problems
    alone.close()
