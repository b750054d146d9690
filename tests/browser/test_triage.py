"""From flags to decisions in the browser: by keys, two people at once, a server that comes back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from core.storage.store import Store
from tests.browser.conftest import Watch, settled, shot
from tests.browser.steps import LONG, csv_of, file_of, from_file, reviewed
from tests.server import Server
from tests.waiting import eventually

pytestmark = pytest.mark.long


def row_of(page: Page) -> str:
    return page.locator("h4").first.inner_text()


def row_with_its_keys(page: Page) -> str:
    """The row that is shown, once its own buttons stand beside its name: a key that is pressed between the two, some hundredths of
    a second, presses only buttons of the row before, and says nothing of any."""
    row = row_of(page)
    number = row.split()[1].replace(",", "")
    page.locator(f".st-key-triage_confirmed_{int(number) - 1}").wait_for(timeout=LONG)
    return row


def test_two_people_decide_by_keys_and_see_each_other(
    tab: Page, server: Server, browser: Browser, server_store: Store
) -> None:
    run = from_file(tab, server, file_of("queue.csv", csv_of(900, 12)))
    tab.get_by_role("link", name="Decide on them one by one").click()
    reviewed(tab, 0)
    tab.get_by_text("The healthy rows most like it").wait_for(timeout=LONG)
    first = row_of(tab)
    tab.keyboard.press("a")
    reviewed(tab, 1)
    expect(tab.locator("h4").first).not_to_have_text(first)
    second = row_of(tab)
    other = browser.new_context()
    try:
        watch = Watch(other, server.port)
        visitor = other.new_page()
        visitor.goto(f"{server.url}/triage?run={run}")
        reviewed(visitor, 1)
        assert row_of(visitor) == second
        settled(visitor)
        visitor.keyboard.press("d")
        reviewed(visitor, 2)
        reviewed(tab, 2)  # without a hand moved here
        settled(tab)
        tab.keyboard.press("z")
        reviewed(tab, 1)
        reviewed(visitor, 1)
        watch.check(visitor)
    finally:
        other.close()
    settled(tab)
    assert row_of(tab) == first
    tab.keyboard.press("n")
    expect(tab.locator("h4").first).not_to_have_text(first, timeout=LONG)
    tab.keyboard.press("b")
    expect(tab.locator("h4").first).to_have_text(first, timeout=LONG)
    for choice in ("nearest the threshold first", "strangest first"):  # after which the keys are heard at once
        before = row_of(tab)
        tab.get_by_role("radio", name=choice).click()
        expect(tab.locator("h4").first).not_to_have_text(before, timeout=LONG)  # both orders begin with another row
        settled(tab)
        looked_at = row_of(tab)
        tab.keyboard.press("n")
        expect(tab.locator("h4").first).not_to_have_text(looked_at, timeout=LONG)
        settled(tab)
        tab.keyboard.press("b")
        expect(tab.locator("h4").first).to_have_text(looked_at, timeout=LONG)
    shot(tab, "triage", 2_200)
    dataset = server_store.datasets.get(server_store.runs.get(run).dataset_id)
    said = server_store.verdicts.of_lineage(dataset.lineage_id)
    assert [each.verdict for each in said] == ["confirmed", "dismissed", ""]


def test_the_first_key_after_the_server_came_back_is_heard(tab: Page, server: Server, server_store: Store) -> None:
    run = from_file(
        tab,
        server,
        file_of("again.csv", csv_of(700, 11, 0.25).replace(b"name,a,", b"told,a,").replace(b"row-", b"again-")),
    )
    tab.get_by_role("link", name="Decide on them one by one").click()
    reviewed(tab, 0)
    tab.get_by_text("The healthy rows most like it").wait_for(timeout=LONG)
    settled(tab)
    lineage = server_store.datasets.get(server_store.runs.get(run).dataset_id).lineage_id
    app, rows = tab.get_by_test_id("stApp"), []
    for verdict, key in (("confirmed", "a"), ("dismissed", "d")):
        rows.append(row_of(tab))
        server.kill()
        expect(app).not_to_have_attribute("data-test-connection-state", "CONNECTED", timeout=LONG)
        server.start()
        expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=LONG)
        tab.keyboard.press(key)  # what this session drew, the server knows nothing of
        eventually(lambda: bool(server_store.verdicts.of_lineage(lineage)), "the verdict is not written")
        expect(tab.locator("h4").first).not_to_have_text(rows[-1], timeout=LONG)
        settled(tab)
        said = server_store.verdicts.of_lineage(lineage)
        assert said[-1].verdict == verdict
        assert said[-1].row_key in rows[-1]
    assert len(said) == 2


def test_each_key_decides_on_the_row_that_is_shown_and_once(tab: Page, server: Server, server_store: Store) -> None:
    quick = csv_of(840, 12, 0.5).replace(b"row-", b"quick-")  # rows that no other journey has decided on
    run = from_file(tab, server, file_of("quick.csv", quick))
    tab.get_by_role("link", name="Decide on them one by one").click()
    reviewed(tab, 0)
    tab.get_by_text("The healthy rows most like it").wait_for(timeout=LONG)
    settled(tab)
    dataset = server_store.datasets.get(server_store.runs.get(run).dataset_id)
    keys = {"a": "confirmed", "d": "dismissed", "u": "unsure"}
    meant: list[tuple[str, str]] = []
    for key in "adudauddaa":
        row = row_with_its_keys(tab)
        meant.append((row.split("(")[1].rstrip(")"), keys[key]))
        tab.keyboard.press(key)
        expect(tab.locator("h4").first).not_to_have_text(
            row, timeout=LONG
        )  # and at once the next, whatever is still drawn
    reviewed(tab, len(meant))
    settled(tab)
    row = row_of(tab)
    tab.keyboard.down("u")
    expect(tab.locator("h4").first).not_to_have_text(row, timeout=LONG)
    settled(tab)
    tab.keyboard.down("u")  # held
    tab.keyboard.down("u")
    tab.keyboard.up("u")
    held, row = row, row_of(tab)
    tab.keyboard.press("n")
    expect(tab.locator("h4").first).not_to_have_text(row, timeout=LONG)
    meant.append((held.split("(")[1].rstrip(")"), "unsure"))
    said = server_store.verdicts.of_lineage(dataset.lineage_id)
    assert [(each.row_key, each.verdict) for each in said] == meant
