"""Linked maps in the browser: what is selected in one is selected in all, in the table, and on a page opened elsewhere."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.storage.store import Store
from dashboard.latent_map import HERE, HIDDEN, SELECTED, Base, on_grid, replay
from tests.browser.conftest import Watch, settled, shot
from tests.browser.steps import LONG, choose, csv_of, file_of, from_file, go_to, lasso
from tests.server import Server

pytestmark = pytest.mark.long

ROWS_JS = (HERE / "rows.js").read_text(encoding="utf-8")
REPLAYED = """([flags, values, grids, steps, text]) => {
  const make = new Function(text + "; return Rows;")();
  const rows = new make();
  const numbers = (list) => Float64Array.from(list, (v) => v === null ? NaN : v);
  rows.adopt("1", Uint8Array.from(flags), Float32Array.from(numbers(values)), grids.map(numbers));
  for (const step of steps) rows.do(step);
  return [Array.from(rows.selected), Array.from(rows.hidden), rows.sent().steps];
}"""
HALF = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.55), (0.01, 0.55)]


def some_steps(draw: np.random.Generator, rows: int) -> list[list[Any]]:
    """What a user may do with two maps, in any order."""

    def how() -> str:
        return str(draw.choice(["=", "+", "-"]))

    def area() -> list[Any]:
        corners = draw.integers(0, 65_536, 2 * int(draw.integers(3, 9))).tolist()
        return ["area", how(), int(draw.integers(2)), corners]

    kinds = [
        area,
        lambda: ["row", how(), int(draw.integers(rows))],
        lambda: [str(draw.choice(["invert", "clear", "hide", "only", "show"]))],
        lambda: ["class", int(draw.integers(-1, 3)), int(draw.integers(2))],
    ]
    return [kinds[int(draw.choice(4, p=[0.4, 0.2, 0.25, 0.15]))]() for _ in range(int(draw.integers(1, 12)))]


def listed(values: np.ndarray) -> list[Any]:
    return [None if np.isnan(value) else float(value) for value in values.ravel()]


def test_the_browser_and_python_find_the_same_rows(browser: Browser) -> None:
    page = browser.new_page()
    for seed in range(60):
        draw = np.random.default_rng(seed)
        rows = int(draw.integers(1, 80))
        points = tuple(draw.normal(size=(rows, 2)).astype(np.float32) for _ in range(2))
        points[0][draw.random(rows) < 0.1] = np.nan
        values = draw.integers(0, 3, rows).astype(np.float32)
        values[draw.random(rows) < 0.2] = np.nan
        base = Base(draw.choice([0, SELECTED, HIDDEN], rows).astype(np.uint8), values, points)
        steps = some_steps(draw, rows)
        grids = [listed(on_grid(each)) for each in points]
        told = [base.flags.tolist(), listed(values), grids, steps, ROWS_JS]
        selected, hidden, sent = page.evaluate(REPLAYED, told)
        here = replay(base, sent)
        assert np.array_equal(here & SELECTED, np.asarray(selected)), (seed, steps)
        assert np.array_equal(here & HIDDEN, HIDDEN * np.asarray(hidden)), (seed, steps)
        assert np.array_equal(here, replay(base, steps)), (seed, "what was not sent changed something")
    page.close()


def keep_as(tab: Page, name: str) -> None:
    """Keep the selected rows under a name, in the sidebar."""
    tab.get_by_test_id("stSidebar").get_by_role("button", name=re.compile("selected rows")).click()
    tab.get_by_label("Keep them under a name").fill(name)
    tab.keyboard.press("Enter")
    keep = tab.get_by_role("button", name="Keep", exact=True)
    expect(keep).to_be_enabled(timeout=LONG)
    keep.click()
    tab.wait_for_url(re.compile("selection=l-"), timeout=LONG)
    settled(tab)


def test_a_lasso_lights_up_in_all_maps_and_in_the_table_and_is_few_bytes(
    tab: Page, server: Server, browser: Browser
) -> None:
    sent: list[int] = []
    tab.on("websocket", lambda socket: socket.on("framesent", lambda payload: sent.append(len(payload))))
    run = from_file(tab, server, file_of("linked.csv", csv_of(569)))
    go_to(tab, "Map")
    expect(tab.get_by_text("is being drawn")).to_have_count(0, timeout=LONG)
    tab.goto(f"{server.url}/map?run={run}&maps=umap,pca,codes")
    expect(tab.locator("canvas.points")).to_have_count(3, timeout=LONG)
    settled(tab)
    sent.clear()
    lasso(tab, HALF, number=1)
    heading = tab.get_by_role("heading", name=re.compile(r"^[\d,]+ selected rows?$"))
    heading.wait_for(timeout=LONG)
    settled(tab)
    assert max(sent) <= 4_000, sent  # with the state of all else on the page
    said = tab.locator("span.count").inner_text()
    assert said.split()[0] == heading.inner_text().split()[0]
    shot(tab, "maps_selected", 1_600)

    tab.locator("canvas.points").nth(2).focus()
    tab.keyboard.press("i")
    others = 569 - int(said.split()[0])
    tab.get_by_role("heading", name=f"{others} selected rows", exact=True).wait_for(timeout=LONG)
    tab.keyboard.press("z")
    tab.get_by_role("heading", name=f"{said.split()[0]} selected rows", exact=True).wait_for(timeout=LONG)
    tab.keyboard.press("o")
    expect(tab.locator("span.count")).to_contain_text(f"{others} hidden")
    table = tab.locator(".aloud table")
    expect(table).to_contain_text("selected")

    keep_as(tab, "upper <b>half</b>")

    other = browser.new_context()
    try:
        watch = Watch(other, server.port)
        visitor = other.new_page()
        visitor.goto(tab.url)
        visitor.get_by_role("heading", name=heading.inner_text(), exact=True).wait_for(timeout=LONG)
        expect(visitor.locator("span.count")).to_have_text(said, timeout=LONG)
        named = visitor.get_by_test_id("stSidebar").get_by_role("button", name=re.compile("selected rows"))
        expect(named).to_contain_text("upper <b>half</b>")
        watch.check(visitor)
    finally:
        other.close()


def test_a_map_is_operated_and_told_without_being_seen(tab: Page, server: Server) -> None:
    run = from_file(tab, server, file_of("heard.csv", csv_of(211)))
    tab.goto(f"{server.url}/map?run={run}&maps=pca")
    canvas = tab.get_by_role("application", name="PCA: map of 211 rows, coloured by anomaly score (log scale)")
    canvas.wait_for(timeout=LONG)
    expect(canvas).to_have_accessible_description(re.compile("Arrows move.*N and Shift N go from point to point"))
    expect(tab.get_by_text("is being drawn")).to_have_count(0, timeout=LONG)
    expect(tab.get_by_text("is being measured")).to_have_count(0, timeout=LONG)
    settled(tab)
    table = tab.get_by_role("table", name="211 rows by anomaly score (log scale)")
    fifths = table.get_by_role("rowheader")
    expect(fifths).to_have_count(5)
    ends = [end for text in fifths.all_inner_texts() for end in text.split(" to ")]
    assert len(set(ends)) == 6, ends  # each begins where the one before ends, as the scale does
    tab.get_by_role("button", name="Lasso").focus()
    for _ in range(20):  # past what is enabled of the tools
        if canvas.evaluate("(canvas) => canvas.getRootNode().activeElement === canvas"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("n")
    expect(tab.get_by_role("status").filter(has_text=re.compile(r"row \d+ · score"))).to_have_count(1)
    tab.keyboard.press(" ")
    expect(tab.get_by_role("status").filter(has_text="1 of 211 selected")).to_have_count(1)
    tab.get_by_role("heading", name="1 selected row", exact=True).wait_for(timeout=LONG)
    tab.keyboard.press("v")
    tab.get_by_role("heading", name="211 selected rows", exact=True).wait_for(timeout=LONG)
    tab.keyboard.press("Escape")
    tab.get_by_text("Nothing is selected.").wait_for(timeout=LONG)


def test_a_selection_narrows_the_other_pages_and_is_left_out_of_the_next_training(
    tab: Page, server: Server, server_store: Store
) -> None:
    run = from_file(tab, server, file_of("narrow.csv", csv_of(301)))
    go_to(tab, "Map")
    lasso(tab, HALF)
    heading = tab.get_by_role("heading", name=re.compile(r"^[\d,]+ selected rows?$"))
    heading.wait_for(timeout=LONG)
    count = int(heading.inner_text().split()[0])
    assert 0 < count < 301
    keep_as(tab, "half")
    tab.get_by_text("Show only these").click()
    tab.wait_for_url(re.compile("only=1"), timeout=LONG)
    settled(tab)
    tab.keyboard.press("Escape")
    go_to(tab, "Data")
    tab.get_by_text(f"Only the {count} selected rows.").wait_for(timeout=LONG)
    dataset = server_store.runs.get(run).dataset_id
    # Another journey's file has the same rows, and its selections are this one's too.
    made = server_store.selections.of_dataset(server_store.datasets.get(dataset))
    assert [(each.name, each.rows) for each in made if each.dataset_id == dataset] == [("half", count)]
    tab.get_by_text("Leave rows out of training").click()
    choose(tab, "Selections", f"half ({count})")
    tab.get_by_text(f"{count} rows of 301 will be left out.").wait_for(timeout=LONG)
    tab.keyboard.press("Escape")  # its list stays open
    tab.get_by_test_id("stSidebar").get_by_role("button", name=re.compile("selected rows")).click()
    tab.get_by_role("button", name="Delete…").click()  # of the newest
    question = tab.get_by_role("dialog", name="Delete for good")
    expect(question).to_contain_text("The selection half will be deleted")
    question.get_by_role("button", name="Delete", exact=True).click()
    expect(question).to_have_count(0, timeout=LONG)
    expect(tab).not_to_have_url(re.compile("selection="), timeout=LONG)
    assert [
        each
        for each in server_store.selections.of_dataset(server_store.datasets.get(dataset))
        if each.dataset_id == dataset
    ] == []
