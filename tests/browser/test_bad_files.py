"""What a bad file gets in the page: what happened, where, what to do; and everything earlier untouched."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.storage.store import Store
from tests.browser.conftest import Watch, settled, shot
from tests.browser.steps import LONG, csv_of, file_of, from_file, go_to, upload
from tests.server import Server

pytestmark = pytest.mark.long

REFUSED: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "the file is empty"),
    "header.csv": (b"a,b,c\n", "no row below it"),
    "image.csv": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "a PNG image"),
    "bytes.csv": (bytes([1, 2, 3, 4, 5, 6, 7, 0x81, 0x8D, 0xFF]) * 40, "no text in any encoding"),
    "three.csv": (b"a,b\n1,2\n3,4\n5,6\n", "at least 10"),
    "same.csv": (b"a,b\n" + b"1,1\n" * 30, "no column is left"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_in_the_page(tab: Page, server: Server, server_store: Store, name: str) -> None:
    before = {dataset.id for dataset in server_store.datasets.find()}
    data, words = REFUSED[name]
    upload(tab, server, file_of(name, data))
    box = tab.get_by_test_id("stAlert").filter(has_text=words)
    box.wait_for(timeout=LONG)
    expect(box).to_contain_text("What to do")
    expect(box).to_contain_text("Where")
    shot(tab, f"refused_{name.removesuffix('.csv')}", 900)
    assert before <= {dataset.id for dataset in server_store.datasets.find()}


def test_a_file_over_the_limit_is_refused_before_it_is_read(tab: Page, server: Server) -> None:
    tab.goto(server.url)
    settled(tab)
    tab.locator('input[type="file"]').set_input_files(file_of("large.csv", b"a,b\n" + b"1,2\n" * 1_500_000))  # type: ignore[arg-type]
    tab.get_by_text(re.compile("must be .* or smaller|limit", re.IGNORECASE)).first.wait_for(timeout=LONG)


def test_an_odd_file_is_read_with_notices(tab: Page, server: Server) -> None:
    lines = ["a,a,,gone,same,c", *(f"{i % 9},{i % 7},{i % 5},,7,{i}" for i in range(60)), "1,2", "inf,1e308,3,,7,5"]
    upload(tab, server, file_of("odd.csv", "\n".join(lines).encode()), "Only read it, I'll look first")
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    for words in (
        "stands twice",
        "has no name",
        "holds nothing",
        "another number of cells",
        "1 infinite value",
        "beyond 1e100",
    ):
        tab.get_by_test_id("stAlert").filter(has_text=words).first.wait_for(timeout=LONG)
    shot(tab, "data_odd", 1_800)
    go_to(tab, "Train")
    tab.get_by_role("button", name="Start training").click()
    tab.get_by_text("See the flagged rows").wait_for(timeout=LONG)


HOSTILE = [
    "<img src=http://evil.example/x.png onerror=alert(1)>",
    "![x](http://evil.example/y.png)",
    "[click](http://evil.example)",
    "$\\frac{a}{b}$ :red[stop] :material/home:",
    "=cmd|' /C calc'!A0",
    "http://evil.example/bare",
    "\u202egnp.exe **bold** `code`",
]


def test_hostile_names_and_cells_are_shown_as_typed_on_every_page(tab: Page, server: Server, watch: Watch) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    lines = [",".join([*quoted, "label", '"![q](http://evil.example/q.png)"'])]
    for i in range(120):
        cells = [str(i % 9), str((i % 9) * 2 + (50 if i == 7 else 0)), str(i % 5), str(i % 4)]
        cells += [
            quoted[i % 3],
            quoted[i % 7],
            quoted[(i + 1) % 7],
            "yes" if i % 11 == 7 else "no",
            f"1/{1 + i % 9}/2024",
        ]
        lines.append(",".join(cells))
    lines.insert(30, '"<img src=http://evil.example/reject.png>",too short')
    name = "<img src=http://evil.example/f.png>![x](http://evil.example/z.png).csv"
    from_file(tab, server, file_of(name, "\n".join(lines).encode()))
    shot(tab, "hostile_anomalies", 1_500)
    for page in ("Errors", "Map", "Data", "Train", "Home"):
        go_to(tab, page) if page != "Home" else tab.get_by_test_id("stSidebar").get_by_role("link", name="Home").click()
        settled(tab)
        if page == "Data":
            everything_on_data(tab)
        shot(tab, f"hostile_{page.lower()}", 3_200 if page == "Data" else 1_800)
        assert tab.locator("img[src*=evil], a[href^=http]").count() == 0, page
        watch.check(tab)


def everything_on_data(tab: Page) -> None:
    """Open all that is closed, and each view of the profile."""
    tab.get_by_text("that only you can answer").wait_for(timeout=LONG)
    for closed in (
        "How the file was read",
        "1 line set aside",
        "Change one column closely",
        "Keep this schema",
    ):
        tab.get_by_text(closed).first.click()
    for switch in ("Read it differently", "Show the file's own lines", "Sums to compare with a spreadsheet"):
        tab.get_by_text(switch, exact=True).click()
        settled(tab)
    tab.get_by_label("Keep this schema as").fill("![s](http://evil.example/s.png)")
    tab.get_by_label("Keep this schema as").press("Enter")
    keep = tab.get_by_role("button", name="Keep it")
    expect(keep).to_be_enabled(timeout=LONG)
    keep.click()
    settled(tab)
    for view in ("To check", "Distributions", "Missing", "Together", "Duplicates"):
        tab.get_by_test_id("stButtonGroup").get_by_text(re.compile(f"^{view}")).click(timeout=LONG)
        settled(tab)
        shot(tab, f"hostile_profile_{view.lower().replace(' ', '_')}", 3_600)


def test_an_address_that_names_nothing_says_so(tab: Page, server: Server) -> None:
    for address in (
        "map?run=r-nothere",
        "errors?view=v-nothere",
        "data?dataset=d-<b>x",
        "?job=j-1",
        "train?copy=r-none&dataset=d-1",
    ):
        tab.goto(f"{server.url}/{address}")
        tab.get_by_test_id("stAlert").filter(has_text="Not found").first.wait_for(timeout=LONG)
    shot(tab, "not_found", 700)
    tab.goto(f"{server.url}/train?leave=%7Bbroken")
    settled(tab)
    settled(tab)


def test_rows_are_counted_like_the_file(tab: Page, server: Server) -> None:
    from_file(tab, server, file_of("count.csv", csv_of(250)))
    go_to(tab, "Data")
    tab.get_by_text("250 rows × 5 columns").wait_for(timeout=LONG)
