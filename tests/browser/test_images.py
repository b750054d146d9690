"""Images: one click from a sample to its wall, one image in full, the map with images under the pointer, a folder in."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled, shot
from tests.browser.steps import LONG, arrived, from_sample, go_to, home, lasso, map_at_rest
from tests.server import Server

pytestmark = pytest.mark.long


def test_from_a_sample_to_one_image_in_full(tab: Page, server: Server) -> None:
    from_sample(tab, server, "Stamped plates")
    wall = tab.locator(".gallery button")
    expect(wall).to_have_count(16, timeout=LONG)  # 5 % of 336
    expect(wall.first).to_contain_text(re.compile(r"\.png\s*score"))
    shot(tab, "images_anomalies")
    wall.first.click()
    expect(wall.first).to_have_attribute("aria-pressed", "true")
    tab.get_by_role("button", name=re.compile("^Why image")).click()
    tab.get_by_role("heading", name="One image").wait_for(timeout=LONG)
    expect(tab.locator('[data-testid="stImage"] img')).to_have_count(3, timeout=LONG)
    tab.get_by_text("full colour from").wait_for(timeout=LONG)
    tab.get_by_text("signed error", exact=True).click()
    tab.get_by_text("red: rebuilt darker than it is").wait_for(timeout=LONG)
    settled(tab)
    shot(tab, "images_errors")

    go_to(tab, "Map")
    box = map_at_rest(tab)
    shown = tab.locator(".hover:not([hidden]) img")
    for y in range(4, int(box["height"]), 14):
        for x in range(4, int(box["width"]), 14):
            tab.mouse.move(box["x"] + x, box["y"] + y)
            if shown.count():
                break
        if shown.count():
            break
    expect(shown).to_have_js_property("naturalWidth", 64, timeout=LONG)
    lasso(tab, [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)])
    tab.get_by_role("heading", name="336 selected images").wait_for(timeout=LONG)
    expect(tab.locator(".gallery button")).to_have_count(40, timeout=LONG)

    go_to(tab, "Data")
    tab.get_by_text("336 images × ").wait_for(timeout=LONG)
    tab.get_by_text("Regions to ignore in every image").click()
    brush = tab.locator(".brush canvas")
    brush.wait_for(timeout=LONG)
    settled(tab)
    brush.hover(position={"x": 10, "y": 10})
    tab.mouse.down()
    brush.hover(position={"x": 90, "y": 60})
    tab.mouse.up()
    tab.get_by_text("1 region", exact=True).wait_for(timeout=LONG)
    press = tab.get_by_role("button", name="Ignore these regions")
    expect(press).to_be_enabled(timeout=LONG)
    press.click()
    tab.get_by_text("1 region of every image set to be ignored").wait_for(timeout=LONG)


def test_a_folder_of_images(tab: Page, server: Server, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for folder, count in (("good", 24), ("scratch", 6)):
        (tmp_path / "parts" / folder).mkdir(parents=True)
        for i in range(count):
            pixels = generator.normal(120, 8, (16, 16))
            if folder == "scratch":
                pixels[8, 3:13] = 250
            image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
            image.save(tmp_path / "parts" / folder / f"{i:02d}.png")
    home(tab, server)
    tab.get_by_text("Images, or a folder of them").click()
    settled(tab)
    tab.get_by_test_id("stFileUploader").locator("input").set_input_files(tmp_path / "parts")
    press = tab.get_by_role("button", name="Find anomalies", exact=True).first
    expect(press).to_be_enabled(timeout=LONG)
    press.click()
    arrived(tab)
    tab.get_by_text("30 images").first.wait_for(timeout=LONG)
    expect(tab.locator(".gallery button").first).to_be_visible(timeout=LONG)
