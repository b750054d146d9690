"""Train: the form draws the network, a job outlives its tab and its server, and any run can be copied."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from core.storage.store import Store
from tests.browser.conftest import settled, shot
from tests.browser.steps import LONG, choose, csv_of, file_of, go_to, upload
from tests.server import Server

pytestmark = pytest.mark.long


def number(tab: Page, label: str, value: str) -> None:
    box = tab.get_by_role("spinbutton", name=label)
    box.fill(value)
    box.press("Enter")
    settled(tab)


def test_a_run_from_the_form_outlives_tab_and_server(
    tab: Page, context: BrowserContext, server: Server, server_store: Store
) -> None:
    upload(tab, server, file_of("shape.csv", csv_of(15_000)), "Only read it, I'll look first")
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    tab.get_by_text("15,000 rows × 5 columns").wait_for(timeout=LONG)
    shot(tab, "data")

    # Leave a group out on the Data page; Train takes it over.
    tab.get_by_text("Leave rows out of training").click()
    number(tab, "Conditions", "1")
    tab.get_by_text("1 row of 15,000 will be left out").wait_for(timeout=LONG)
    choose(tab, "Column", "group")
    tab.get_by_text("10,000 rows of 15,000 will be left out").wait_for(timeout=LONG)
    # The sidebar was drawn before that change; what was said last counts all the same.
    go_to(tab, "Train")
    tab.get_by_text("10,000 rows of 15,000 will be left out").wait_for(timeout=LONG)

    chart = tab.get_by_text(re.compile(r"about [\d,]+ parameters, bottleneck of 3"))
    chart.wait_for(timeout=LONG)
    before = chart.text_content()
    assert before is not None
    number(tab, "Bottleneck (units, 0 = automatic)", "2")
    tab.get_by_text(re.compile(r"about [\d,]+ parameters, bottleneck of 2")).wait_for(timeout=LONG)
    expect(tab.get_by_text(before)).to_have_count(0)
    number(tab, "Epochs (passes)", "4000")
    tab.get_by_text("Expert").nth(1).click()
    number(tab, "Patience (epochs)", "1000")
    expect(tab.get_by_text(re.compile(r"Trains on CPU.*about .* for 5,000 rows"))).to_be_visible(timeout=LONG)
    shot(tab, "train_form", 1_700)
    tab.get_by_role("button", name="Start training").click()
    tab.wait_for_url(re.compile(r"/train\?run=r-"), timeout=LONG)
    address = tab.url
    run = address.split("run=")[1].split("&")[0]
    tab.get_by_text(re.compile(r"Epoch \d+: training loss")).wait_for(timeout=LONG)
    expect(tab).to_have_title(re.compile("^● training"))
    tab.locator('[data-testid="stVegaLiteChart"] canvas, [data-testid="stVegaLiteChart"] svg').first.wait_for()
    tab.get_by_text(re.compile("The same 8 rows, held back from training")).wait_for(timeout=LONG)
    shot(tab, "train_live", 900)

    tab.close()
    server.kill()
    job = server_store.runs.get(run).job_id
    assert server_store.jobs.get(job).state == "running"
    server.start()
    again = context.new_page()
    again.goto(address)
    again.get_by_text(re.compile(r"Epoch \d+: training loss")).wait_for(timeout=LONG)
    assert server_store.jobs.get(job).attempt == 1
    again.get_by_role("button", name="Stop and keep the best").click()
    again.get_by_text("See the flagged rows").wait_for(timeout=LONG)
    expect(again).to_have_title(re.compile("^✓ done"))
    settled(again)
    shot(again, "train_done", 1_300)
    summary = server_store.runs.get(run).summary
    again.get_by_text("How the training went").wait_for(timeout=LONG)
    assert summary["rows_trained"] == 4_500
    assert summary["stopped"]

    again.get_by_role("button", name="Copy and change").first.click()
    again.get_by_text("Filled in from").wait_for(timeout=LONG)
    expect(again.get_by_role("spinbutton", name="Bottleneck (units, 0 = automatic)")).to_have_value("2")
    expect(again.get_by_role("spinbutton", name="Epochs (passes)")).to_have_value("4000")
    again.get_by_text("10,000 rows of 15,000 will be left out").wait_for(timeout=LONG)


def test_a_number_beyond_its_bounds_reaches_the_form_and_is_refused_there(tab: Page, server: Server) -> None:
    upload(tab, server, file_of("bounds.csv", csv_of(100)), "Only read it, I'll look first")
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    tab.get_by_text("100 rows × 5 columns").wait_for(timeout=LONG)
    go_to(tab, "Train")
    start = tab.get_by_role("button", name="Start training")
    for label, wrong, words, right in (
        ("Epochs (passes)", "99999", "Epochs: 99,999 can't be taken, it is a whole number from 1 to 5,000", "20"),
        ("Epochs (passes)", "0", "Epochs: 0 can't be taken", "20"),
        ("Epochs (passes)", "123456789012345678901234", "can't be taken, it is a whole number", "20"),
        ("Validation share (%)", "51", "Validation share: 51 % can't be taken, it is a number from 0 to 50 %", "25"),
    ):
        number(tab, label, wrong)
        tab.get_by_text(words).first.wait_for(timeout=LONG)
        # While the page is drawn anew the button stands there twice, as it was and as it will be.
        expect(start).to_have_count(1, timeout=LONG)
        expect(start).to_be_disabled()
        number(tab, label, right)
        expect(tab.get_by_text("can't be taken")).to_have_count(0, timeout=LONG)
        expect(start).to_have_count(1, timeout=LONG)
        expect(start).to_be_enabled()
        expect(tab.get_by_role("spinbutton", name=label)).to_have_value(right)


def test_cancel_and_resume(tab: Page, server: Server, server_store: Store) -> None:
    upload(tab, server, file_of("cancel.csv", csv_of(2_000)), "Only read it, I'll look first")
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    tab.get_by_text("2,000 rows × 5 columns").wait_for(timeout=LONG)  # until then the sidebar's links name no data
    go_to(tab, "Train")
    number(tab, "Epochs (passes)", "5000")
    tab.get_by_text("Expert").nth(1).click()
    number(tab, "Patience (epochs)", "1000")
    tab.get_by_role("button", name="Start training").click()
    tab.get_by_text(re.compile(r"Epoch \d+: training loss")).wait_for(timeout=LONG)
    tab.get_by_role("button", name="Cancel", exact=True).click()
    tab.get_by_role("button", name="Resume").wait_for(timeout=LONG)
    shot(tab, "train_cancelled", 900)
    tab.get_by_role("button", name="Resume").click()
    tab.get_by_role("button", name="Stop and keep the best").click(timeout=LONG)
    tab.get_by_text("See the flagged rows").wait_for(timeout=LONG)
