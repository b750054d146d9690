"""What follows a run in the browser: next week's file, Monday's file with the verdicts so far, another run beside it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.specs import RunSpec, Training
from core.storage.store import Store
from tests.browser.conftest import settled, shot
from tests.browser.steps import LONG, csv_of, file_of, from_file, go_to, home, lasso, reviewed, upload, uploaded
from tests.server import Server
from tests.waiting import eventually

pytestmark = pytest.mark.long


def test_next_weeks_file_goes_through_last_weeks_run(tab: Page, server: Server) -> None:
    from_file(tab, server, file_of("week 1.csv", csv_of(800)))
    header, *lines = csv_of(700, 9).decode().splitlines()
    later = "\n".join([header, *(line.replace("row-", "later-") for line in reversed(lines))])
    upload(tab, server, file_of("week 2.csv", later.encode()), "Only read it, I'll look first")
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    tab.get_by_text("These columns were learned before").wait_for(timeout=LONG)
    tab.get_by_role("button", name="Score with it").click()
    tab.wait_for_url(re.compile(r"/anomalies\?.*run=r-"), timeout=LONG)
    expect(tab.get_by_text("None of its rows came again: all are new.")).to_be_visible(timeout=LONG)
    tab.wait_for_url(re.compile(r"/anomalies\?.*run=r-"), timeout=LONG)
    tab.get_by_role("link", name="The run that it was scored with").wait_for(timeout=LONG)
    expect(tab.get_by_text(re.compile(r"flagged of 700"))).to_be_visible(timeout=LONG)
    settled(tab)
    shot(tab, "scored", 1_200)
    go_to(tab, "Triage")
    tab.get_by_text("The healthy rows most like it").wait_for(timeout=LONG)
    go_to(tab, "Map")
    tab.locator("canvas.points").first.wait_for(timeout=LONG)


def test_mondays_file_from_home_to_the_queue_with_the_verdicts_of_last_week(tab: Page, server: Server) -> None:
    first = csv_of(820, 12, 0.75).replace(b"row-", b"monday-")  # rows that no other journey has decided on
    from_file(tab, server, file_of("monday 1.csv", first))
    tab.get_by_role("link", name="Decide on them one by one").click()
    reviewed(tab, 0)
    tab.get_by_text("The healthy rows most like it").wait_for(timeout=LONG)
    settled(tab)
    tab.keyboard.press("a")
    reviewed(tab, 1)
    header, *lines = first.decode().splitlines()
    again = [*lines[:4], *(line.replace("left", "middle") for line in lines[4:6]), *lines[6:700]]
    new = [line.replace("monday-", "new-") for line in lines[700:]]
    turned = [",".join(reversed(line.split(","))) for line in [header.replace("c", "c (mm)"), *again, *new]]
    home(tab, server)
    uploaded(tab, file_of("monday 2.csv", "\n".join(turned).encode()))
    offer = tab.get_by_role("button", name="Score with it")
    expect(offer).to_be_enabled(timeout=LONG)
    expect(tab.get_by_text("“c (mm)” is taken for “c”")).to_be_visible(timeout=LONG)
    offer.click()
    tab.wait_for_url(re.compile(r"/anomalies\?.*run=r-"), timeout=LONG)
    expect(tab.get_by_text("698 came again as they were, 2 changed, 120 are new, 120 are gone.")).to_be_visible(
        timeout=LONG
    )
    expect(tab.get_by_text("1 row was judged already (1 confirmed)")).to_be_visible(timeout=LONG)
    settled(tab)
    shot(tab, "briefing", 1_900)
    tab.get_by_role("link", name="Decide on them one by one").click()
    reviewed(tab, 1)  # it is not shown again, and counts
    go_to(tab, "Anomalies")
    tab.get_by_role("button", name="2 changed").click()
    tab.get_by_text("Only the 2 selected rows.").wait_for(timeout=LONG)
    expect(tab.get_by_role("heading", name="Files over time")).to_be_visible(timeout=LONG)
    settled(tab)
    shot(tab, "files_over_time", 1_200)


def test_runs_beside_each_other_are_linked_to_the_rows(tab: Page, server: Server, server_store: Store) -> None:
    run = from_file(tab, server, file_of("compared.csv", csv_of(600, 8)))
    dataset = server_store.runs.get(run).dataset_id
    second = server_store.runs.submit(dataset, RunSpec(training=Training(epochs=5, seed=3)), name="another")
    eventually(lambda: server_store.jobs.get(second.job_id).ended, "the second run does not end")
    tab.goto(f"{server.url}/compare?compare={run},{second.id}")
    tab.get_by_role("heading", name="What each costs, and which to trust").wait_for(timeout=LONG)
    lasso(tab, [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)])
    tab.get_by_role("heading", name="600 selected rows").wait_for(timeout=LONG)
    expect(tab.locator("span.count")).to_have_text("600 of 600 selected", timeout=LONG)
    settled(tab)
    shot(tab, "compare", 2_600)
    go_to(tab, "Map")  # with the run and what is selected
    tab.get_by_role("heading", name="600 selected rows").wait_for(timeout=LONG)
