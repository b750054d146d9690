"""The Data page: how the file was read, how else it could be, and what only the user can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.ingest import change_columns, ingest, read_again
from core.jobs.tasks import ingest as task
from core.jobs.work import Work
from core.results import Dataset
from core.specs import ReadOptions
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from tests.conftest import add_csv
from tests.pages.conftest import Browser, Made, said


def press(found: list, key: str):  # type: ignore[no-untyped-def,type-arg]
    """The widget of that key."""
    return next(widget for widget in found if widget.key and widget.key.startswith(key))


@pytest.fixture
def dates(made: Made, tmp_path: Path) -> Dataset:
    rows = "".join(f"{1 + i % 9}/{1 + i * 5 % 9}/2024;{i};x{i % 3}\n" for i in range(40))
    return add_csv(made.store, tmp_path, "day;size;group\n" + rows + "torn;line\n", name="dates.csv")


def read_now(store: Store) -> Dataset:
    job = claim(store.engine, "here", 600, ("ingest",))
    assert job is not None
    result = task.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    return store.datasets.get(result["dataset_id"])


def test_a_question_is_asked_once_and_its_answer_makes_a_version(full: Browser, made: Made, dates: Dataset) -> None:
    assert dates.column("day").question
    app = full("data", dataset=dates.id)
    assert "1 question that only you can answer" in said(app)
    press(app.radio, f"question_{dates.id}").set_value(1).run()
    press(app.button, f"answer_{dates.id}").click().run()
    (version,) = made.store.datasets.versions(dates)
    assert version.column("day").form != dates.column("day").form
    assert not version.column("day").question
    assert "only you can answer" not in said(full("data", dataset=version.id))


def test_another_reading_is_previewed_and_marks_what_was_made_before(full: Browser, made: Made, dates: Dataset) -> None:
    app = full("data", dataset=dates.id)
    assert "1 line could not be read" in "".join(box.label for box in app.expander)
    press(app.toggle, f"differently_{dates.id}").set_value(True).run()
    press(app.selectbox, f"read_{dates.id}_delimiter").set_value("comma").run()
    assert "1 column;" in said(app)
    source = Path(made.store.artifacts.local_path(made.store.space, dates.source_address))
    read_again(made.store, dates, ReadOptions(header_rows=0))
    version = read_now(made.store)
    assert source.exists()
    assert version.parent_id == dates.id
    assert version.reading.chosen == {"header_rows": 0}
    assert version.rows == dates.rows + 1
    found = made.store.datasets.read_differently(dates)
    assert found is not None
    assert found.id == version.id
    assert "read differently since" in said(full("data", dataset=dates.id))


def test_lines_and_sums_stand_beside_the_table(full: Browser, dates: Dataset) -> None:
    app = full("data", dataset=dates.id)
    press(app.toggle, f"lines_{dates.id}").set_value(True).run()
    assert "42  torn;line" in app.code[0].value
    press(app.toggle, f"sums_{dates.id}").set_value(True).run()
    sums = next(frame.value for frame in app.dataframe if "sum" in frame.value.columns)
    assert sums.to_dict("records") == [{"column": "size", "count": 40, "sum": 780.0, "minimum": 0.0, "maximum": 39.0}]


def test_a_schema_is_kept_and_laid_over_another_file(made: Made, tmp_path: Path) -> None:
    from core.datasets.ingest import apply_template

    store = made.store
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
