"""A series: one click from a sample to its events, one stretch beside what was expected, a point a window."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled, shot
from tests.browser.steps import LONG, from_sample, go_to
from tests.server import Server

pytestmark = pytest.mark.long


def test_from_a_sample_to_a_faulty_stretch(tab: Page, server: Server) -> None:
    from_sample(tab, server, "Pump with sensors")
    tab.get_by_text(re.compile(r"^20 events \([\d,]+ rows\)")).wait_for(timeout=LONG)
    tab.get_by_text("Score over time").wait_for(timeout=LONG)
    shot(tab, "series_anomalies")
    number = tab.get_by_role("spinbutton", name="Number I can review")
    number.fill("3")
    number.press("Enter")
    tab.get_by_text(re.compile(r"^3 events \([\d,]+ rows\)")).wait_for(timeout=LONG)
    tab.get_by_role("button", name="Save threshold").click()
    expect(tab.get_by_role("button", name="Save threshold")).to_be_disabled(timeout=LONG)

    go_to(tab, "Errors")
    tab.get_by_text("Actual beside expected").wait_for(timeout=LONG)
    tab.get_by_text(re.compile("In event 1 of 3")).wait_for(timeout=LONG)
    settled(tab)
    shot(tab, "series_errors", height=2_400)
    tab.get_by_role("button", name=re.compile("Later event")).click()
    tab.get_by_text(re.compile("In event [23] of 3")).wait_for(timeout=LONG)

    go_to(tab, "Map")
    expect(tab.locator("span.count")).to_have_text("2,513 windows", timeout=LONG)
