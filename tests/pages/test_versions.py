"""Versions of a dataset: what sets each apart is said wherever it is named, and each is a click from the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.datasets.ingest import change_columns
from core.results import Dataset, Run
from core.settings import Settings
from core.storage.store import Store
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import Browser, finished, said
from tests.pages.test_data import press
from tests.pages.test_pages import links


@dataclass(frozen=True)
class Family:
    """A dataset, and a version of it with a run."""

    open: Browser
    store: Store
    first: Dataset
    version: Dataset
    run: Run


@pytest.fixture
def family(empty: Browser, tmp_path: Path) -> Iterator[Family]:
    store = Store.open(Settings(home=tmp_path / "home"))
    first = add_csv(store, tmp_path, grid_csv(), name="table.csv")
    changes = {"a": {"kind": "category"}, "b": {"unit": "kg", "missing_words": ("7",)}, "c": {"role": "ignored"}}
    version = change_columns(store, first, changes)
    yield Family(empty, store, first, version, finished(store, version))
    store.close()


APART = "a new version: “a” as category; “b” in kg, with “7” as missing; 1 more change"


@pytest.mark.parametrize("page", ["data", "train", "map", "errors", "anomalies"])
def test_a_page_says_what_sets_its_version_apart(family: Family, page: str) -> None:
    chosen = {"dataset": family.version.id} if page in ("data", "train") else {"run": family.run.id}
    app = family.open(page, **chosen)
    assert APART in said(app.main).replace("A new", "a new")  # type: ignore[arg-type]
    assert APART in said(app.sidebar)  # type: ignore[arg-type]


@pytest.mark.parametrize("page", ["home", "data", "anomalies"])
def test_where_versions_are_listed_they_differ(family: Family, page: str) -> None:
    app = family.open(page)
    listed = "\n".join([said(app), *(button.label for button in app.button)])
    assert "“a” as category" in listed.replace("&#45;", "-")
    if page == "home":
        assert "“a” as category" in next(label for label in links(app) if label.startswith("Continue"))


def test_versions_lead_to_each_other(family: Family) -> None:
    before = family.open("data", dataset=family.first.id)
    assert not [label for label in links(before) if "version before" in label]
    assert any(unescape(label).startswith("A newer version: “a” as category") for label in links(before))
    assert "The version before" in links(family.open("data", dataset=family.version.id))


def changed(app: AppTest, dataset: Dataset) -> AppTest:
    """The page after another role was chosen for the first column."""
    return press(app.selectbox, f"column_{dataset.id}_0_role").set_value("ignored").run()


def test_a_change_beside_a_newer_version_says_so_and_is_not_blocked(family: Family) -> None:
    app = changed(family.open("data", dataset=family.first.id), family.first)
    assert "A newer version was made of this one already: “a” as category" in said(app)
    assert "Go to the newer version" in links(app)
    assert not press(app.button, f"save_column_{family.first.id}").disabled
    press(app.button, f"save_column_{family.first.id}").click().run()
    assert len(family.store.datasets.versions(family.first)) == 2
    app = changed(family.open("data", dataset=family.version.id), family.version)
    assert "A newer version was made" not in said(app)


def test_a_version_whose_source_is_gone_counts_what_was_set_by_hand(family: Family) -> None:
    family.store.datasets.delete(family.first.id)
    app = family.open("data", dataset=family.version.id)
    assert "3 columns set by hand" in said(app)
    assert "The version before" not in links(app)
