"""Files come in by the app's own uploader: pieces, lost connections, other pages meanwhile, pasted text, the same bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from core.storage.store import Store
from tests.browser.conftest import Watch, settled, shot
from tests.browser.steps import LONG, csv_of, file_of, home, upload, uploaded
from tests.server import Server

pytestmark = pytest.mark.long

PIECES = re.compile(r"/uploads/\w+\?offset=")
HOSTILE = "../../../etc/x<img src=x>\u202e![y](http://evil.example/y.png).csv"


def drawn(tab: Page, theme: str) -> None:
    """The same page in another theme, wide and on a phone."""
    tab.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        settled(tab)
        drop = tab.locator(".drop")
        drop.scroll_into_view_if_needed()
        box = drop.bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        shot(tab, f"upload_{theme}_{width}", 900)
    tab.set_viewport_size({"width": 1280, "height": 900})


def held(tab: Page) -> list[Route]:
    """From now on all pieces but the first wait; what has to be let go of."""
    waiting: list[Route] = []
    tab.route(PIECES, lambda route: route.continue_() if route.request.url.endswith("=0") else waiting.append(route))
    return waiting


def released(tab: Page, waiting: list[Route]) -> None:
    for route in waiting:
        route.continue_()
    tab.unroute(PIECES)


def waits(tab: Page, waiting: list[Route]) -> None:
    for _ in range(300):
        if waiting:
            return
        tab.wait_for_timeout(50)
    raise AssertionError("no piece was sent")


def test_an_upload_goes_on_after_lost_connections_and_a_restart(
    tab: Page, watch: Watch, server: Server, server_store: Store
) -> None:
    data, dropped = csv_of(150_000), 0

    def unlucky(route: Route) -> None:
        nonlocal dropped
        if dropped < 2 and not route.request.url.endswith("offset=0"):
            dropped += 1
            if dropped == 2:
                server.kill()
                server.start()
            return route.abort()
        return route.continue_()

    tab.route(PIECES, unlucky)
    home(tab, server)
    tab.locator('input[type="file"]').set_input_files(file_of("unlucky.csv", data))  # type: ignore[arg-type]
    expect(tab.locator(".figures")).to_contain_text("uploaded", timeout=LONG)
    assert dropped == 2
    button = tab.get_by_role("button", name="Only read it, I'll look first")
    expect(button).to_be_enabled(timeout=LONG)
    button.click()
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    found = next(item for item in server_store.datasets.find() if item.source_name == "unlucky.csv")
    assert server_store.artifacts.read_bytes(server_store.space, found.source_address) == data
    # Streamlit's own complaints while its server was away.
    watch.problems[:] = [
        text for text in watch.problems if "reaching server endpoint" not in text and "Is Streamlit still" not in text
    ]


def test_progress_is_seen_survives_other_pages_and_can_be_cancelled(tab: Page, server: Server) -> None:
    home(tab, server)
    waiting = held(tab)
    tab.locator('input[type="file"]').set_input_files(file_of("slow.csv", csv_of(100_000)))  # type: ignore[arg-type]
    waits(tab, waiting)
    expect(tab.locator(".figures")).to_contain_text("1.0 of 2.")
    assert tab.get_by_role("progressbar", name="Uploaded").is_visible()
    expect(tab.get_by_role("button", name="Find anomalies").first).to_be_disabled()
    for theme in ("dark", "light"):
        drawn(tab, theme)
    tab.get_by_test_id("stSidebar").get_by_role("link", name="Train").click()
    tab.get_by_role("heading", name="Train", level=1).wait_for(timeout=LONG)
    released(tab, waiting)
    tab.get_by_test_id("stSidebar").get_by_role("link", name="Home").click()
    expect(tab.locator(".figures")).to_contain_text("uploaded", timeout=LONG)
    expect(tab.get_by_role("button", name="Find anomalies").first).to_be_enabled(timeout=LONG)
    settled(tab)

    tab.get_by_role("button", name="Choose another").click()
    expect(tab.get_by_role("button", name="Find anomalies").first).to_be_disabled(timeout=LONG)
    waiting = held(tab)
    tab.locator('input[type="file"]').set_input_files(file_of("slow.csv", csv_of(90_000)))  # type: ignore[arg-type]
    waits(tab, waiting)
    tab.get_by_role("button", name="Cancel").click()
    tab.get_by_text("or drop it here").wait_for()
    tab.unroute(PIECES)
    for _ in range(100):
        if not list((server.home / "uploads").glob("*.part")):
            break
        tab.wait_for_timeout(50)
    assert not list((server.home / "uploads").glob("*.part"))


def test_a_page_loaded_anew_goes_on_where_it_stopped(tab: Page, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "reloaded.csv"
    path.write_bytes(csv_of(100_000))
    seen: list[int] = []

    def first_only(route: Route) -> None:
        offset = int(route.request.url.rpartition("=")[2])
        seen.append(offset)
        route.continue_() if offset == 0 else None

    home(tab, server)
    tab.route(PIECES, first_only)
    tab.locator('input[type="file"]').set_input_files(path)
    expect(tab.locator(".figures")).to_contain_text("1.0 of 2.", timeout=LONG)
    tab.reload()
    tab.unroute(PIECES)
    tab.get_by_text("or drop it here").wait_for(timeout=LONG)
    settled(tab)
    seen.clear()
    tab.on("request", lambda sent: seen.append(int(sent.url.rpartition("=")[2])) if PIECES.search(sent.url) else None)
    uploaded(tab, path)
    assert seen[0] == 1024 * 1024


def test_a_file_that_changes_on_the_way_is_refused_not_mixed(tab: Page, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "moving.csv"
    path.write_bytes(csv_of(100_000))
    home(tab, server)
    waiting = held(tab)
    tab.locator('input[type="file"]').set_input_files(path)
    waits(tab, waiting)
    path.write_bytes(csv_of(100_001))
    for route in waiting:
        route.abort()
    tab.unroute(PIECES)
    expect(tab.locator(".words")).to_contain_text("The file was changed or moved", timeout=LONG)
    shot(tab, "upload_failed", 900)
    expect(tab.get_by_role("button", name="Find anomalies").first).to_be_disabled()
    tab.get_by_role("button", name="Choose another").click()
    uploaded(tab, path)


def test_an_upload_that_was_removed_meanwhile_can_be_tried_again(tab: Page, watch: Watch, server: Server) -> None:
    home(tab, server)
    waiting = held(tab)
    tab.locator('input[type="file"]').set_input_files(file_of("removed.csv", csv_of(100_000)))  # type: ignore[arg-type]
    waits(tab, waiting)
    for path in (server.home / "uploads").glob("*.part"):
        path.unlink()
    for route in waiting:
        route.fulfill(status=502, body="no answer of ours")
    tab.unroute(PIECES)
    expect(tab.locator(".words")).to_contain_text("not on the server any more", timeout=LONG)
    tab.get_by_role("button", name="Try again").click()
    expect(tab.locator(".figures")).to_contain_text("uploaded", timeout=LONG)
    watch.problems[:] = [text for text in watch.problems if not text.startswith(("502: ", "404: "))]


def test_a_pasted_table_and_the_same_bytes_again(tab: Page, server: Server, server_store: Store) -> None:
    home(tab, server)
    tab.get_by_text("Or paste a table").click()
    use = tab.get_by_role("button", name="Use this table")
    expect(use).to_be_disabled()
    text = csv_of(40).decode().replace(",", "\t")
    tab.get_by_role("textbox", name="The table, with its header").fill(text)
    shot(tab, "upload_paste", 900)
    use.click()
    expect(tab.locator(".name")).to_have_text("pasted.csv")
    button = tab.get_by_role("button", name="Only read it, I'll look first")
    expect(button).to_be_enabled(timeout=LONG)
    button.click()
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    tab.get_by_text("40 rows × 5 columns").wait_for(timeout=LONG)
    made = next(item for item in server_store.datasets.find() if item.source_name == "pasted.csv")

    home(tab, server)
    uploaded(tab, file_of("under another name.csv", text.encode()))
    tab.get_by_text(re.compile(r"You have this file already: pasted, read \d")).wait_for(timeout=LONG)
    shot(tab, "upload_again", 900)
    tab.get_by_role("button", name="Open it").click()
    tab.wait_for_url(re.compile(rf"/data\?dataset={made.id}"), timeout=LONG)

    upload(tab, server, file_of("read twice.csv", text.encode()), "Only read it, I'll look first")
    tab.wait_for_url(re.compile(r"/data\?"), timeout=LONG)
    assert sum(item.source_address == made.source_address for item in server_store.datasets.find()) == 2


def test_a_dropped_file_with_a_hostile_name_shows_it_as_text(tab: Page, server: Server) -> None:
    home(tab, server)
    dropped = tab.evaluate_handle(
        """([name, text]) => { const all = new DataTransfer(); all.items.add(new File([text], name)); return all; }""",
        [HOSTILE, csv_of(30).decode()],
    )
    tab.get_by_text("or drop it here").wait_for(timeout=LONG)
    tab.locator(".drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(tab.locator(".figures")).to_contain_text("uploaded", timeout=LONG)
    assert tab.locator(".name").inner_text().endswith("x<img src=x>�![y](http://evil.example/y.png).csv")
    assert tab.locator(".uploader img").count() == 0
    kept = [path.name for path in (server.home / "uploads").iterdir()]
    assert kept and all(re.fullmatch(r"[0-9a-f]{32}(\.json)?", name) for name in kept)


def test_the_keyboard_reaches_the_uploader(tab: Page, server: Server) -> None:
    home(tab, server)
    chooser = tab.get_by_label("A table (CSV, Excel, Parquet), or a zip of images")
    tab.get_by_text("or drop it here").wait_for(timeout=LONG)
    with tab.expect_file_chooser() as opened:
        chooser.press("Enter")
    opened.value.set_files(file_of("keys.csv", csv_of(20)))  # type: ignore[arg-type]
    expect(tab.locator(".figures")).to_contain_text("uploaded", timeout=LONG)
    expect(tab.get_by_role("button", name="Choose another")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(chooser).to_be_focused()


@pytest.fixture
def with_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    folder, state = tmp_path / "folder", tmp_path / "home"
    folder.mkdir()
    state.mkdir()
    (folder / "on the server <b>.csv").write_bytes(csv_of(25))
    monkeypatch.setenv("HOURGLASS_FOLDER", str(folder))
    with Server.running(state) as running:
        yield running


def test_a_file_of_the_servers_folder_is_read_and_stays(browser: Browser, with_folder: Server, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        watch, tab = Watch(context, with_folder.port), context.new_page()
        for words in ("25 rows × 5 columns", "You have this file already"):
            home(tab, with_folder)
            tab.get_by_text("In the server's folder").click()
            settled(tab)
            tab.get_by_role("combobox", name="From the server's folder").click()
            tab.get_by_role("option", name=re.compile(r"^on the server <b>\.csv \(")).click()
            settled(tab)
            shot(tab, "upload_folder", 900)
            button = tab.get_by_role("button", name="Only read it, I'll look first")
            if words.startswith("25"):
                expect(button).to_be_enabled(timeout=LONG)
                button.click()
            tab.get_by_text(words).wait_for(timeout=LONG)
        watch.check(tab)
    finally:
        context.close()
    assert (tmp_path / "folder" / "on the server <b>.csv").read_bytes() == csv_of(25)
    assert list((with_folder.home / "uploads").iterdir()) == []
