"""Home keeps house: search, rename, note, tag, delete with what goes, continue."""

from __future__ import annotations

import io
import re

import openpyxl
from playwright.sync_api import Page, expect

from core.storage.store import Store
from tests.browser.conftest import settled, shot
from tests.browser.steps import LONG, choose, csv_of, file_of, from_file, home, press_in_menu, uploaded
from tests.server import Server


def test_rename_tag_find_and_delete(tab: Page, server: Server, server_store: Store) -> None:
    run = from_file(tab, server, file_of("keeping house.csv", csv_of(200)))
    dataset = server_store.runs.get(run).dataset_id
    home(tab, server)
    tab.get_by_role("link", name="Continue: recommended on keeping house").wait_for(timeout=LONG)
    expect(tab.get_by_text("Disk in use")).to_be_visible()
    tab.get_by_label("Search by name, note or tag").fill("keeping")
    tab.get_by_label("Search by name, note or tag").press("Enter")
    settled(tab)
    # What was found, a table and its run, and nothing else: a click before that would be for another one.
    expect(tab.get_by_role("button", name="Edit")).to_have_count(2, timeout=LONG)
    tab.get_by_role("button", name="Edit").first.click()
    tab.get_by_label("Name", exact=True).fill("Ünder *new* name")
    tab.get_by_label("Note", exact=True).fill("look at <b>March</b>")
    tab.get_by_label("Tags, separated by commas").fill("march, urgent")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_text("Nothing is called that").wait_for(timeout=LONG)
    tab.get_by_label("Search by name, note or tag").fill("")
    tab.get_by_label("Search by name, note or tag").press("Enter")
    tab.get_by_text("Ünder *new* name").first.wait_for(timeout=LONG)
    tab.get_by_text("look at <b>March</b>").first.wait_for(timeout=LONG)
    for words in ("ünder", "URGENT", "march"):
        search = tab.get_by_label("Search by name, note or tag")
        search.fill(words)
        search.press("Enter")
        settled(tab)
        expect(tab.get_by_text("Ünder *new* name").first).to_be_visible()
    search.fill("no such thing")
    search.press("Enter")
    tab.get_by_text("Nothing is called that").wait_for(timeout=LONG)
    search.fill("urgent")
    search.press("Enter")
    # The name also stands in the line above that goes on with the newest run, which the search does not touch: what
    # is waited for is the list. A menu that is opened while its row is still being drawn closes again.
    expect(tab.get_by_role("button", name="Edit")).to_have_count(2, timeout=LONG)
    settled(tab)
    shot(tab, "home_full", 1_500)
    press_in_menu(tab, "Edit", "Delete…")
    dialog = tab.get_by_role("dialog")
    dialog.get_by_text("run “recommended” with its scores, maps and model").wait_for(timeout=LONG)
    shot(tab, "home_delete", 1_100)
    dialog.get_by_role("button", name="Delete", exact=True).click()
    tab.get_by_text("Nothing is called that").wait_for(timeout=LONG)
    assert dataset not in {item.id for item in server_store.datasets.find()}
    tab.goto(f"{server.url}/anomalies?run={run}")
    tab.get_by_test_id("stAlert").filter(has_text="Not found").first.wait_for(timeout=LONG)


def test_of_a_workbook_the_sheet_is_picked_before_it_is_read(tab: Page, server: Server) -> None:
    book = openpyxl.Workbook()
    for title, name in (("first", "a"), ("the second", "b")):
        sheet = book.create_sheet(title)
        sheet.append([name, "n"])
        for i in range(30):
            sheet.append([f"{name}{i % 3}", i])
    del book["Sheet"]
    data = io.BytesIO()
    book.save(data)
    home(tab, server)
    uploaded(tab, file_of("two.xlsx", data.getvalue()))
    choose(tab, "Sheet", "the second")
    tab.get_by_role("button", name="Only read it, I'll look first").click()
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    tab.get_by_text("30 rows × 2 columns").wait_for(timeout=LONG)
    tab.get_by_text("How the file was read").click()
    tab.get_by_text("Sheet: the second").wait_for(timeout=LONG)
