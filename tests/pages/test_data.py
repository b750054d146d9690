"""The Data page: how the file was read, how else it could be, and what only the user can say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.datasets.ingest import apply_template, change_columns, ingest, read_again
from core.jobs.tasks import ingest as task
from core.jobs.work import Work
from core.results import Dataset
from core.settings import Settings
from core.specs import ReadOptions
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from tests.conftest import add_csv
from tests.pages.conftest import Browser, said


@dataclass(frozen=True)
class Made:
    """Pages, the store behind them, and the table in it."""

    full: Browser
    store: Store
    dataset: Dataset


def press(found: list, key: str):  # type: ignore[no-untyped-def,type-arg]
    """The widget of that key."""
    return next(widget for widget in found if widget.key and widget.key.startswith(key))


@pytest.fixture
def dates(empty: Browser, tmp_path: Path) -> Iterator[Made]:
    """A table with a question and a line that is no row, in a deployment of its own."""
    store = Store.open(Settings(home=tmp_path / "home"))
    rows = "".join(f"{1 + i % 9}/{1 + i * 5 % 9}/2024;{i};x{i % 3}\n" for i in range(40))
    dataset = add_csv(store, tmp_path, "day;size;group\n" + rows + "torn;line\n", name="dates.csv")
    yield Made(empty, store, dataset)
    store.close()


def read_now(store: Store) -> Dataset:
    job = claim(store.engine, "here", 600, ("ingest",))
    assert job is not None
    result = task.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    return store.datasets.get(result["dataset_id"])


def test_a_question_is_asked_once_and_its_answer_makes_a_version(dates: Made) -> None:
    full, store, data = dates.full, dates.store, dates.dataset
    assert data.column("day").question
    app = full("data", dataset=data.id)
    assert "1 question that only you can answer" in said(app)
    press(app.radio, f"question_{data.id}").set_value(1).run()
    press(app.button, f"answer_{data.id}").click().run()
    (version,) = store.datasets.versions(data)
    assert version.column("day").form != data.column("day").form
    assert not version.column("day").question
    assert "only you can answer" not in said(full("data", dataset=version.id))


def test_another_reading_is_previewed_and_marks_what_was_made_before(dates: Made) -> None:
    full, store, data = dates.full, dates.store, dates.dataset
    app = full("data", dataset=data.id)
    assert "1 line could not be read" in "".join(box.label for box in app.expander)
    press(app.toggle, f"differently_{data.id}").set_value(True).run()
    press(app.selectbox, f"read_{data.id}_delimiter").set_value("comma").run()
    assert "1 column;" in said(app)
    source = Path(store.artifacts.local_path(store.space, data.source_address))
    read_again(store, data, ReadOptions(header_rows=0))
    version = read_now(store)
    assert source.exists()
    assert version.parent_id == data.id
    assert version.reading.chosen == {"header_rows": 0}
    assert version.rows == data.rows + 1
    found = store.datasets.read_differently(data)
    assert found is not None
    assert found.id == version.id
    assert "read differently since" in said(full("data", dataset=data.id))


def test_lines_and_sums_stand_beside_the_table(dates: Made) -> None:
    full, data = dates.full, dates.dataset
    app = full("data", dataset=data.id)
    press(app.toggle, f"lines_{data.id}").set_value(True).run()
    assert "42  torn;line" in app.code[0].value
    press(app.toggle, f"sums_{data.id}").set_value(True).run()
    sums = next(frame.value for frame in app.dataframe if "sum" in frame.value.columns)
    assert sums.to_dict("records") == [{"column": "size", "count": 40, "sum": 780.0, "minimum": 0.0, "maximum": 39.0}]


def test_a_schema_is_kept_and_laid_over_another_file(store: Store, tmp_path: Path) -> None:
    first = add_csv(store, tmp_path, "zip,size\n" + "".join(f"{10_000 + 7 * i},{i}\n" for i in range(30)), name="a.csv")
    decided = change_columns(
        store, first, {"zip": {"kind": "coded", "role": "identifier"}, "size": {"kind": "category"}}
    )
    template = store.templates.new("parcels", decided.columns)
    path = tmp_path / "b"
    path.write_text("size,zip,more\n" + "".join(f"{i},{20_000 + i},{i}\n" for i in range(30)))
    laid = apply_template(store, ingest(store, path, "b.csv"), store.templates.get(template.id))
    assert [(column.name, column.kind, column.role) for column in laid.columns][:2] == [
        ("size", "category", "feature"),
        ("zip", "coded", "identifier"),
    ]
    assert "not in the schema “parcels”: more" in "\n".join(laid.reading.notices)
    store.templates.delete(template.id)
    assert not store.templates.find()
