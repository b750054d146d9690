"""The Guide: a link opens at its place, Train's chart leads there on its run, and nothing is asked of anybody else."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from core.storage.store import Store
from tests.browser.conftest import settled
from tests.browser.steps import LONG, choose, csv_of, file_of, from_file
from tests.server import Server


def heading(tab: Page, words: str) -> None:
    tab.get_by_role("heading", name=words, exact=True).wait_for(timeout=LONG)
    settled(tab)


def test_a_link_opens_at_its_place_and_a_chart_leads_there(tab: Page, server: Server, server_store: Store) -> None:
    run = from_file(tab, server, file_of("guided.csv", csv_of(230)))
    tab.goto(f"{server.url}/guide?term=dropout")
    heading(tab, "Regularisation")
    tab.get_by_text("Silences a share of the hidden units").first.wait_for(timeout=LONG)

    tab.goto(f"{server.url}/train?run={run}")
    tab.get_by_text("Loss by epoch").wait_for(timeout=LONG)
    tab.get_by_role("link", name="What do these curves say?").click()
    tab.wait_for_url(re.compile(rf"/guide\?(?=.*term=epochs)(?=.*run={run})"), timeout=LONG)
    heading(tab, "Epochs and validation")
    tab.get_by_text(re.compile(r"The weights of epoch [\d,]+ were kept")).wait_for(timeout=LONG)

    tab.get_by_role("button", name="Overfitting", exact=True).click()  # from chapter to chapter, on the same run
    heading(tab, "Overfitting")
    expect(tab).to_have_url(re.compile(rf"/guide\?(?=.*term=overfitting)(?=.*run={run})"))
    tab.get_by_text("Where training and validation part").wait_for(timeout=LONG)
    choose(tab, "Chapter or word", "Bottleneck")
    heading(tab, "Bottleneck")
    expect(tab).to_have_url(re.compile("term=bottleneck"))
    tab.get_by_text(re.compile("a PCA code keeps: 1 number")).wait_for(timeout=LONG)
    tab.go_back()
    heading(tab, "Overfitting")
