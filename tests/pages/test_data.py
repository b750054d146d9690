"""The Data page: how the file was read, how else it could be, and what only the user can say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.datasets.encoding.parts.ordered import OrderedPart
from core.datasets.ingest import apply_template, change_columns, ingest, read_again, submit
from core.datasets.kinds import describe
from core.errors import FileRefused
from core.export.csv import table_csv
from core.jobs.tasks import ingest as task
from core.jobs.tasks import profile as count
from core.jobs.work import Work
from core.results import Column, Dataset, Job
from core.settings import Settings, settings
from core.specs import ReadOptions, RunSpec, Training
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from dashboard import load
from dashboard.blocks.schema_editor import figure
from tests.conftest import add_csv
from tests.pages.conftest import Browser, errors, finished, said, sound


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


def test_a_column_that_tells_what_is_strangest_is_asked_about_once(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    lines = "".join(f"{i % 7},{i % 7 * 2 + 1},{int(i % 20 == 7)}\n" for i in range(200))
    data = add_csv(store, tmp_path, f"a,b,seen\n{lines}")
    assert "only you can answer" not in said(empty("train", dataset=data.id))
    run = finished(store, data, RunSpec(objective="masked", training=Training(epochs=20)))
    assert run.summary["perhaps_labels"] == {"seen": [10, 10]}
    assert "“seen” alone tells what is strangest" in said(empty("anomalies", run=run.id))
    for page, link in (("anomalies", run.id), ("home", "")):
        shown = empty(page, **({"run": link} if link else {}))
        assert "1 question that only you can answer" in [each.proto.label for each in shown.main.get("page_link")]
    app = empty("train", dataset=data.id)
    assert "1 question that only you can answer" in said(app)
    assert "Its rarer value stands in 10 of the 10 strangest rows" in press(app.radio, f"question_{data.id}").label
    press(app.button, f"answer_{data.id}").click().run()  # it was measured, as was assumed
    (version,) = store.datasets.versions(data)
    assert version.column("seen").role == "feature"
    again = finished(store, version, RunSpec(objective="masked", training=Training(epochs=20)))
    assert again.summary["perhaps_labels"] == {}
    assert "only you can answer" not in said(empty("train", dataset=version.id))
    store.close()


def test_a_label_by_another_name_is_asked_about_and_nothing_is_learned_from_it(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    lines = "".join(f"{i % 7},{i % 7 * 2 + 1},{int(i % 20 == 7)}\n" for i in range(200))
    data = add_csv(store, tmp_path, f"a,b,fraud_flag\n{lines}")
    run = finished(store, data)
    assert run.summary["columns"] == ["a", "b"]
    assert "“fraud_flag” is named like a label, so nothing was learned from it" in said(empty("anomalies", run=run.id))
    app = empty("train", dataset=data.id)
    press(app.radio, f"question_{data.id}").set_value(1).run()
    press(app.button, f"answer_{data.id}").click().run()
    (version,) = store.datasets.versions(data)
    assert [column.name for column in version.features] == ["a", "b", "fraud_flag"]
    store.close()


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
    assert "1 line set aside" in "".join(box.label for box in app.expander)
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


def test_what_was_set_aside_is_shown_and_can_be_downloaded(dates: Made) -> None:
    full, data = dates.full, dates.dataset
    app = full("data", dataset=data.id)
    aside = next(frame.value for frame in app.dataframe if list(frame.value.columns) == ["line", "text", "reason"])
    assert aside["text"].tolist() == ["torn;line"]
    press(app.button, f"prepare_rejects_{data.id}").click().run()
    written = table_csv(dates.store.datasets.rejects(data)).decode().splitlines()
    assert written[0] == "line,text,reason"
    assert written[1].startswith("42,torn;line,")
    assert app.get("download_button")[0].proto.label == "Download 1 line as CSV"  # type: ignore[attr-defined]


def test_lines_and_sums_stand_beside_the_table(dates: Made) -> None:
    full, data = dates.full, dates.dataset
    app = full("data", dataset=data.id)
    press(app.toggle, f"lines_{data.id}").set_value(True).run()
    assert "42  torn;line" in app.code[0].value
    press(app.toggle, f"sums_{data.id}").set_value(True).run()
    assert "They are being counted" in said(app)
    job = claim(dates.store.engine, "here", 600, ("profile",))
    assert job is not None
    count.run(Work(job, dates.store, Fence(dates.store.engine, job.id, job.attempt)))
    app = sound(app.run())
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


def test_one_column_is_changed_closely_after_a_look_at_what_it_becomes(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    cells = ["1,5", "2,5", "-99", "3,25", "ok?"]
    path = tmp_path / "x.csv"
    path.write_text("amount;mood\n" + "".join(f"{cells[i % 4]};{['so', 'bad', 'fine'][i % 3]}\n" for i in range(60)))
    data = ingest(store, path, "x.csv")
    assert dict(load.missing_words(store, data, "amount")) == {"-99": 15}
    app = empty("data", dataset=data.id)
    key = f"column_{data.id}_0"
    press(app.text_input, f"{key}_number_unit").set_value("kg").run()
    press(app.multiselect, f"{key}_missing").set_value(["-99"]).run()
    assert "number, feature; one input" in said(app)
    assert "15 missing cells" in said(app)
    press(app.button, f"save_{key}").click().run()
    (version,) = store.datasets.versions(data)
    amount = version.column("amount")
    assert (amount.unit, amount.missing_words, amount.missing, amount.minimum) == ("kg", ("-99",), 15, 1.5)

    app = empty("data", dataset=version.id)
    press(app.selectbox, f"column_{version.id}").set_value(1).run()
    key = f"column_{version.id}_1"
    press(app.selectbox, f"{key}_kind").set_value("number").run()
    assert "none of its cells is a number" in errors(app)
    assert press(app.button, f"save_{key}").disabled
    press(app.selectbox, f"{key}_kind").set_value("ordered").run()
    press(app.text_area, f"{key}_ordered_levels").set_value("bad\nso\nfine").run()
    press(app.button, f"save_{key}").click().run()
    (ordered,) = store.datasets.versions(version)
    assert ordered.column("mood").levels == ("bad", "so", "fine")
    assert ordered.column("amount").unit == "kg"
    store.close()


def test_a_kept_schema_is_offered_for_a_file_with_its_columns(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    first = add_csv(store, tmp_path, "zip,size\n" + "".join(f"{i % 7},{i}\n" for i in range(30)), name="a.csv")
    decided = change_columns(store, first, {"zip": {"kind": "coded"}, "size": {"role": "ignored"}})
    app = empty("data", dataset=decided.id)
    press(app.text_input, "template_name").set_value("par*cels*").run()
    press(app.button, "template_keep").click().run()
    assert "was kept for a table" not in said(app)
    second = add_csv(store, tmp_path, "size,zip\n" + "".join(f"{i},{i % 5}\n" for i in range(30)), name="b.csv")
    app = empty("data", dataset=second.id)
    assert "The schema **par*cels*** was kept" in said(app)
    press(app.button, "template_offered").click().run()
    (version,) = store.datasets.versions(second)
    assert version.column("size").role == "ignored"
    app = empty("data", dataset=version.id)
    assert "was kept for a table" not in said(app)
    press(app.button, "template_forget").click().run()
    assert not store.templates.find()
    store.close()


def test_kept_schemas_of_one_name_are_told_apart(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    dataset = add_csv(store, tmp_path, "zip,size\n" + "".join(f"{i % 7},{i}\n" for i in range(30)), name="a.csv")
    older, _ = (store.templates.new("parcels", dataset.columns) for _ in range(2))
    app = empty("data", dataset=dataset.id)
    box = press(app.selectbox, f"template_{dataset.id}")
    assert box.options == ["parcels (2 columns)", "parcels (2 columns) (2)"]
    box.set_value(older.id).run()
    press(app.button, "template_forget").click().run()
    assert older.id not in {template.id for template in store.templates.find()}
    assert len(store.templates.find()) == 1
    store.close()


def refused(store: Store, path: Path, name: str) -> Job:
    """The job that could not read this file."""
    job = submit(store, path, name)
    running = claim(store.engine, "here", 600, ("ingest",))
    assert running is not None
    fence = Fence(store.engine, job.id, running.attempt)
    with pytest.raises(FileRefused) as caught:
        task.run(Work(running, store, fence))
    fence.finish("failed", error=caught.value.to_json())
    return store.jobs.get(job.id)


def test_a_refused_file_is_read_otherwise_without_a_second_upload(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    path = tmp_path / "mixed"
    rows = "".join(f"Zoë,{i}\n" for i in range(30))
    path.write_bytes(b"who,n\n" + rows.encode() + rows.encode("cp1252"))
    job = refused(store, path, "mixed.csv")
    app = empty("home", job=job.id)
    assert "encoding" in errors(app)
    press(app.toggle, f"differently_{job.id}").set_value(True).run()
    press(app.text_input, f"read_{job.id}_encoding").set_value("cp1252").run()
    assert "2 columns; all 60 rows" in said(app)
    press(app.button, f"reread_{job.id}").click().run()
    data = read_now(store)
    assert (data.rows, data.reading.chosen) == (60, {"encoding": "cp1252"})
    assert job.id not in [known.id for known in store.jobs.find()]
    store.close()


def test_of_a_table_over_the_limit_of_rows_a_sample_is_offered(
    empty: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOURGLASS_ROW_LIMIT", "50")
    settings.cache_clear()
    store = Store.open(Settings(home=tmp_path / "home", row_limit=50))
    path = tmp_path / "long"
    path.write_text("a,b\n" + "".join(f"{i},{i % 7}\n" for i in range(80)))
    job = refused(store, path, "long.csv")
    app = empty("home", job=job.id)
    press(app.button, f"sample_of_{job.id}").click().run()
    data = read_now(store)
    assert (data.rows, data.reading.sampled_from, data.reading.chosen) == (50, 80, {"sample_rows": 50})
    store.close()


UNEVEN = "id,age,employed,paid\n" + "".join(
    f"{i},{['18-24', '25-34', '35-44', 'Prefer not to say'][i % 4]},{['yes', 'N/A', 'no'][i % 3]}"
    + (f",{10_000_000 * i}\n" if (i + 1) % 25 else "\n")
    for i in range(1, 101)
)


def test_what_counts_as_missing_has_no_bar(store: Store, tmp_path: Path) -> None:
    column = add_csv(store, tmp_path, UNEVEN).column("employed")
    assert (column.distinct, sum(column.histogram.counts), column.missing) == (2, 66, 34)
    assert set(column.histogram.labels) == {"yes", "no"}
    words = describe(Column("x", "category", "feature", "", missing_words=("b",)), pa.chunked_array([["a", "b", "c"]]))
    assert (words[0].histogram.labels, words[0].distinct, words[0].histogram.other) == (("a", "c"), 2, 0)


def test_cells_without_a_place_in_the_order_are_said_with_what_becomes_of_them(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    data = add_csv(store, tmp_path, UNEVEN)
    assert data.column("age").kind == "ordered"
    (notice,) = [notice for notice in data.reading.notices if "no place in the order" in notice]
    assert "“Prefer not to say” (25): the network sees them at the order's mean" in notice
    encoded = OrderedPart.fit(data.column("age"), np.asarray(["18-24", "35-44"], object))
    assert encoded.encode(np.asarray(["Prefer not to say", None], object)).tolist() == [[0, 1], [0, 1]]
    app = empty("data", dataset=data.id)
    app = press(app.selectbox, f"column_{data.id}").set_value(1).run()
    assert "No place in the order for “Prefer not to say”: the network sees them" in said(app)
    levels = press(app.text_area, f"column_{data.id}_1_ordered_levels")
    app = levels.set_value(levels.value + "\nPrefer not to say").run()
    assert "No place in the order for" not in said(app)
    store.close()


def test_rows_that_were_mended_are_counted_where_not_all_are_named(store: Store, tmp_path: Path) -> None:
    (notice,) = [notice for notice in add_csv(store, tmp_path, UNEVEN).reading.notices if "mended" in notice]
    assert notice.startswith("4 rows")
    assert notice.endswith(" and 1 more")


def test_the_reason_of_a_kind_and_what_becomes_of_it_stand_beside_it(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    data = add_csv(store, tmp_path, UNEVEN)
    table = next(frame.value for frame in empty("data", dataset=data.id).dataframe if "why" in frame.value.columns)
    assert list(table.columns)[:5] == ["column", "kind", "role", "why", "for the network"]
    assert table["range"].iloc[3] == "10,000,000 … 1,000,000,000"
    store.close()


@pytest.mark.parametrize(
    ("value", "text"),
    [(806.351, "806.351"), (2024.0, "2024"), (99_999.97, "100,000"), (1e7, "10,000,000"), (-1e15, "-1e+15")],
)
def test_the_ends_of_a_range(value: float, text: str) -> None:
    assert figure(value) == text


def test_a_change_of_one_column_is_not_lost_by_a_look_at_another(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    path = tmp_path / "x.csv"
    path.write_text("a;b\n" + "".join(f"{i},5;{i % 7}\n" for i in range(40)))
    data = ingest(store, path, "x.csv")
    app = empty("data", dataset=data.id)
    press(app.selectbox, f"column_{data.id}_0_role").set_value("time").run()
    press(app.selectbox, f"column_{data.id}").set_value(1).run()
    assert "Also changed, and not saved yet: a." in said(app)
    press(app.selectbox, f"column_{data.id}_1_role").set_value("group").run()
    press(app.selectbox, f"column_{data.id}").set_value(0).run()
    assert press(app.selectbox, f"column_{data.id}_0_role").value == "time"
    press(app.button, f"save_column_{data.id}_0").click().run()
    (version,) = store.datasets.versions(data)
    assert (version.column("a").role, version.column("b").role) == ("time", "group")
