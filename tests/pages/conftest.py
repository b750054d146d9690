"""Deployments for pages: an empty one, and one with data and finished runs that were made in this process."""

from __future__ import annotations

import csv
import functools
import html
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import exec_code
from streamlit.testing.v1 import AppTest

import core.serving
from core.jobs.launch import stop_supervisor
from core.jobs.tasks import train
from core.jobs.work import Work
from core.results import Dataset, Run
from core.settings import Settings, settings
from core.specs import RunSpec, Training
from core.storage.database import migrate
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from dashboard.app import on_script_error
from tests.conftest import add_csv, grid_csv

FRAME = Path(__file__).resolve().parents[2] / "dashboard" / "frame.py"
HOSTILE = (
    "<b>a</b>",
    "$x^2$ :red[c]",
    "=cmd()",
    "two\nlines",
    "__index__",
    "score",
    "because of",
    "row",
    "`k` [l](http://x)",
)


@dataclass(frozen=True)
class Made:
    """A deployment with what a page can look at."""

    store: Store
    plain: Run  # with a label
    hostile: Run  # names and cells that want to be markup
    bare: Dataset  # nothing was trained on it


def finished(store: Store, dataset: Dataset, spec: RunSpec | None = None) -> Run:
    """A run, trained here and now."""
    run = store.runs.submit(dataset.id, spec or RunSpec(training=Training(epochs=2)), name="a *bold* <run>")
    job = claim(store.engine, "here", 600, kinds=("train",))
    assert job is not None
    train.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    for waiting in store.jobs.find(("queued",)):  # its map would be drawn by a supervisor
        store.jobs.request(waiting.id, "cancel")
    return store.runs.get(run.id)


def hostile_csv() -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HOSTILE)
    cells = (
        "<script>alert(1)</script>",
        "$$\\frac{1}{0}$$",
        ":material/close: **b**",
        "=HYPERLINK(1)",
        "\u202egnp.exe",
    )
    writer.writerows(
        [cells[i % 5], i % 7, cells[i % 3], i % 5, i, i % 4, i % 3, i % 11, cells[i % 2]] for i in range(60)
    )
    return out.getvalue()


@pytest.fixture(scope="session", autouse=True)
def _packages_looked_through_once() -> Iterator[None]:
    """Streamlit looks for components in all installed packages whenever a test opens an app: longer than a page takes."""
    with pytest.MonkeyPatch.context() as patch:
        once = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("pages")
    deployment = Settings(home=folder / "home")
    migrate(deployment)
    store = Store.open(deployment)
    bare = add_csv(store, folder, grid_csv(), name="only data.csv")
    plain = finished(store, add_csv(store, folder, grid_csv(), label="kind"))
    hostile = finished(store, add_csv(store, folder, hostile_csv(), name="<img src=x onerror=alert(1)>.csv"))
    yield Made(store, plain, hostile, bare)
    store.close()


def use(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOURGLASS_HOME", str(home))
    # No inference process runs here; pages would wait for one to start.
    monkeypatch.setattr(core.serving, "START_SECONDS", 0.0)
    # The server's own error boundary, which a test run of a page leaves out.
    shown = exec_code.handle_user_script_exception
    monkeypatch.setattr(exec_code, "handle_user_script_exception", lambda error, _: shown(error, on_script_error))
    settings.cache_clear()
    st.cache_resource.clear()


class Browser:
    """Opens pages as a cold link would; what goes wrong in Hourglass itself fails the test."""

    def __call__(self, page: str, **params: str) -> AppTest:
        app = AppTest.from_file(str(FRAME), default_timeout=60)
        app.run()
        for name, value in params.items():
            app.query_params[name] = value
        return sound(app.switch_page(f"../pages/{page}.py").run())


def sound(app: AppTest) -> AppTest:
    """The page, which shows no bug."""
    assert not app.exception
    assert "Something went wrong in Hourglass itself" not in errors(app)
    return app


def errors(app: AppTest) -> str:
    """All refusals on the page, as typed."""
    return html.unescape("\n".join(box.value for box in app.error))


def said(app: AppTest) -> str:
    """All running text on the page, as typed."""
    boxes = (*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.warning)
    return html.unescape("\n".join(box.value for box in boxes))


def opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """The pages of a deployment, for as long as a test lasts."""
    use(home, monkeypatch)
    yield Browser()
    stop_supervisor(Settings(home=home))  # a button may have started one
    settings.cache_clear()
    st.cache_resource.clear()


@pytest.fixture
def empty(deployment: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Pages of a deployment without anything."""
    yield from opened(deployment.home, monkeypatch)


@pytest.fixture
def full(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Pages of the deployment with data and runs."""
    yield from opened(made.store.settings.home, monkeypatch)


@pytest.fixture
def pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """Pages of a test's own deployment."""
    yield from opened(store.settings.home, monkeypatch)
