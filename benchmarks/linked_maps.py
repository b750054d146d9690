"""Linked maps in the browser beside Plotly's: `python -m benchmarks.linked_maps`.

A Streamlit page draws the same random points in four maps (50,000) or in one (1,000,000), by our component or by
`st.plotly_chart` with its selection on. In Chromium with the software renderer: from the change of colour to drawn, a lasso until
Python knows the rows, and the bytes that the lasso sends up. A quarter of an hour.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

from benchmarks.measure import write
from tests.browser.conftest import ARGS, CHROMIUM
from tests.server import ROOT, answering, free_port

PATIENCE = 75_000  # milliseconds that anything may take
APP = """
import sys, time
import numpy as np, plotly.graph_objects as go, streamlit as st
from dashboard.latent_map import Colour, Panel, linked_maps
rows, maps, whose = {rows}, {maps}, "{whose}"
st.set_page_config(layout="wide")
draw = np.random.default_rng(0)
places = [draw.normal(size=(rows, 2)).astype(np.float32) for _ in range(maps)]
which = st.radio("Colour", ["first", "second"])
values = (np.arange(rows) % 97 if which == "first" else np.arange(rows) % 89).astype(np.float32)
if whose == "ours":
    st.session_state.setdefault("rows", np.empty(0, np.int64))
    def changed(found): st.session_state["rows"] = found
    linked_maps([Panel(str(i), p) for i, p in enumerate(places)], Colour(which, values), selected=st.session_state["rows"], changed=changed, key="maps")
    count = len(st.session_state["rows"])
else:
    count = 0
    for i, (place, where) in enumerate(zip(places, st.columns(2) * 2 if maps > 1 else [st])):
        made = go.Figure(go.Scattergl(x=place[:, 0], y=place[:, 1], mode="markers", marker={{"size": 3, "color": values}}))
        made.update_layout(dragmode="lasso", height=540 if maps == 1 else 400)
        got = where.plotly_chart(made, on_select="rerun", key=f"map{{i}}")
        count = max(count, len(got["selection"]["points"]))
st.text(f"selected {{count}} with {{which}}")
"""
LASSO = [(0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7), (0.3, 0.32)]


@contextmanager
def page_of(rows: int, maps: int, whose: str) -> Iterator[tuple[Page, str, list[int]]]:
    """The page, its address, and the sizes of all that it sends."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = Path(folder) / "app.py"
        app.write_text(APP.format(rows=rows, maps=maps, whose=whose))
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            str(app),
            f"--server.port={port}",
            "--server.headless=true",
        ]
        with (Path(folder) / "log").open("wb") as log:
            running = subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log)
            try:
                answering(running, f"http://localhost:{port}", Path(folder) / "log")
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
                page = browser.new_page(viewport={"width": 1400, "height": 1200})
                page.set_default_timeout(PATIENCE)
                sent: list[int] = []
                page.on("websocket", lambda socket: socket.on("framesent", lambda payload: sent.append(len(payload))))
                yield page, f"http://localhost:{port}", sent
                browser.close()
            finally:
                running.kill()


def drawn(page: Page, maps: int, whose: str, before: int = 0) -> None:
    """Wait until every map has been drawn, more often than before."""
    if whose == "ours":
        until = time.perf_counter() + PATIENCE / 1_000
        while (
            len(done := frames(page)) < maps or min(done) <= before
        ):  # within a shadow root, which only locators look into
            if time.perf_counter() > until:
                raise TooLate("not drawn")
            page.wait_for_timeout(20)
    else:
        page.wait_for_function(
            "(maps) => document.querySelectorAll('.js-plotly-plot .gl-canvas').length >= maps", arg=maps
        )
        page.wait_for_function(
            "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
        )
    # Two frames more: what was asked for before is on the screen then.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def frames(page: Page) -> list[int]:
    """How often each of our maps has been drawn."""
    found: list[int] = page.locator(".panel").evaluate_all("(all) => all.map((p) => Number(p.dataset.drawn || 0))")
    return found


def measured(rows: int, maps: int, whose: str) -> list[str]:
    """Open, change the colour, lasso: seconds each, and bytes of the lasso."""
    with page_of(rows, maps, whose) as (page, address, sent):
        out = [f"{whose}, {rows:,} points × {maps}"]
        try:
            began = time.perf_counter()
            page.goto(address)
            drawn(page, maps, whose)
            page.get_by_text("selected 0 with first").wait_for()
            out.append(f"{time.perf_counter() - began:.1f}")
            before = max(frames(page), default=0)
            began = time.perf_counter()
            page.get_by_text("second", exact=True).click()
            page.get_by_text("selected 0 with second").wait_for()
            drawn(page, maps, whose, before)
            out.append(f"{time.perf_counter() - began:.1f}")
            canvas = page.locator("canvas.points" if whose == "ours" else ".js-plotly-plot .nsewdrag").first
            box = canvas.bounding_box()
            assert box is not None
            sent.clear()
            for i, (x, y) in enumerate(LASSO):
                page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
                if i == 0:
                    page.mouse.down()
            began = time.perf_counter()
            page.mouse.up()
            page.wait_for_function("() => /selected [1-9]/.test(document.body.innerText)")
            out.append(f"{time.perf_counter() - began:.1f}")
            out.append(f"{max(sent):,}")
        except TooLate:
            out.append(f"not within {PATIENCE // 1_000} s")
        return out + [""] * (5 - len(out))


def main() -> None:
    """Ours and theirs in turn."""
    rows = [
        measured(*each)
        for each in ((50_000, 4, "ours"), (50_000, 4, "Plotly"), (1_000_000, 1, "ours"), (1_000_000, 1, "Plotly"))
    ]
    header = ["maps", "opened, s", "another colour, s", "lasso to rows in Python, s", "bytes sent up"]
    write("linked_maps", "Linked maps in the browser", [__doc__ or ""], header, rows, rows)


if __name__ == "__main__":
    main()
