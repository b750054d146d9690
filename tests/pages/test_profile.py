"""The profile on the Data page: counted by a job that nobody has to ask for, then shown a view at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.datasets.profile.compute import profile as count
from core.errors import OutOfMemory
from core.jobs.tasks import profile as task
from core.jobs.work import Work
from core.profiles import Associations, Duplicates, Pair, Profile, Suspicion
from core.results import Dataset, Job
from core.settings import Settings
from core.storage.jobs import Fence, claim
from core.storage.records import to_json
from core.storage.store import Store
from dashboard.blocks.profile import VIEWS, summary
from tests.conftest import add_csv
from tests.pages.conftest import Browser, errors, hostile_csv, said, sound
from tests.pages.test_data import press

GAPS = "age,city,height,weight\n" + "".join(
    f"{-999 if i == 7 else 20 + i % 40},{'Oslo' if i % 3 else 'Rome'},{'' if i % 5 == 0 else 150 + i},"
    f"{'' if i % 5 == 0 else 50 + 2 * i}\n"
    for i in range(80)
)


@dataclass(frozen=True)
class Made:
    """Pages, the store behind them, and the table in it."""

    open: Browser
    store: Store
    dataset: Dataset

    def page(self, dataset: Dataset | None = None, **params: str) -> AppTest:
        return self.open("data", dataset=(dataset or self.dataset).id, **params)

    def jobs(self) -> list[Job]:
        return self.store.jobs.find(dataset_id=self.dataset.id, kind="profile")

    def work(self) -> Work:
        """The queued job, claimed as a supervisor would."""
        job = claim(self.store.engine, "here", 600, ("profile",))
        assert job is not None
        return Work(job, self.store, Fence(self.store.engine, job.id, job.attempt))

    def counted(self, text: str, folder: Path, **changes: object) -> Dataset:
        """A table with its profile, parts of it as given."""
        dataset = add_csv(self.store, folder, text, name="counted.csv")
        cells = self.store.artifacts.local_path(self.store.space, dataset.cells_address)
        found = replace(count(cells, dataset.columns, dataset.rows), **changes)
        address = self.store.artifacts.put_json(self.store.space, to_json(Profile, found))
        self.store.datasets.change(dataset.id, profile_address=address)
        return self.store.datasets.get(dataset.id)


@pytest.fixture
def made(empty: Browser, tmp_path: Path) -> Iterator[Made]:
    store = Store.open(Settings(home=tmp_path / "home"))
    yield Made(empty, store, add_csv(store, tmp_path, GAPS, name="gaps.csv"))
    store.close()


def progress(app: AppTest) -> str:
    return "\n".join(bar.proto.text for bar in app.get("progress"))


def test_it_is_counted_once_without_being_asked(made: Made) -> None:
    assert "number 1 in the queue" in progress(made.page())
    made.page()
    assert len(made.jobs()) == 1
    work = made.work()
    work.fence.progress(0.5, "column 2 of 4", 12.0)
    assert "column 2 of 4, 12 s left" in progress(made.page())
    task.run(work)
    app = made.page()
    assert not progress(app)
    assert "2 columns have gaps" in said(app)
    assert len(made.jobs()) == 1


def test_it_can_be_cancelled_and_asked_for_again(made: Made) -> None:
    app = made.page()
    press(app.button, "profile_cancel").click().run()
    app = made.page()
    assert [job.state for job in made.jobs()] == ["cancelled"]
    assert "that was cancelled" in said(app)
    press(app.button, "profile_again").click().run()
    assert sorted(job.state for job in made.jobs()) == ["cancelled", "queued"]


def test_a_running_one_says_that_it_is_being_cancelled(made: Made) -> None:
    made.page()
    made.work()
    app = made.page()
    press(app.button, "profile_cancel").click().run()
    app = made.page()
    assert made.jobs()[0].command == "cancel"
    assert "being cancelled" in said(app)
    assert not [button for button in app.button if (button.key or "").startswith("profile_cancel")]


def test_one_that_failed_says_why_and_can_be_asked_for_again(made: Made) -> None:
    made.page()
    failure = OutOfMemory("it needs more memory", where="gaps", fix="take a sample")
    made.work().fence.finish("failed", error=failure.to_json())
    app = made.page()
    assert "it needs more memory" in errors(app)
    assert len(made.jobs()) == 1
    press(app.button, "profile_again").click().run()
    assert made.jobs()[0].state == "queued"


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "text",
    [
        GAPS,
        hostile_csv(),
        "only\n" + "7\n" * 12,
        "a,b\n" + "1e308,\n-1e308,\n" * 10,
        ",".join(f"c{i}" for i in range(40))
        + "\n"
        + "\n".join(",".join(f"{i * j % 17}" for j in range(40)) for i in range(30)),
    ],
    ids=["gaps", "hostile", "one column", "huge and empty", "many columns"],
)
def test_each_view_of_each_table(made: Made, tmp_path: Path, view: str, text: str) -> None:
    app = sound(made.page(made.counted(text, tmp_path), profile=view))
    assert not app.error
    assert "#### Rows" in [box.value for box in app.markdown]
    for box in (*app.markdown, *app.caption):
        assert "<b>a" not in box.value


def test_what_is_not_there_is_said_in_words(made: Made, tmp_path: Path) -> None:
    nothing = {
        "suspicions": (),
        "associations": Associations((), (), (("x", "it is constant"),)),
        "duplicates": Duplicates(0, 0, (), (), ()),
    }
    data = made.counted("x\n" + "\n".join(str(i) for i in range(30)), tmp_path, **nothing)
    app = made.page(data)
    assert "Nothing stands out" in said(app)
    expected = {
        "check": "No value looks wrong",
        "missing": "No cell is missing.",
        "together": "No two columns could be compared.",
        "duplicates": "No row says the same as another.",
    }
    for view, words in expected.items():
        assert words in said(made.page(data, profile=view))


def test_the_first_suspicion_shows_its_rows_and_its_words_become_missing(made: Made, tmp_path: Path) -> None:
    suspicions = (
        Suspicion("city", "one *odd* city", 1, ("Rome",), (1,), 0.2),
        Suspicion("age", "-999 stands alone", 1, ("-999",), (8,), 0.9, ("-999",)),
    )
    data = made.counted(GAPS, tmp_path, suspicions=suspicions)
    app = made.page(data, profile="check")
    assert "2 things to check" in said(app)
    table, rows = [frame.value for frame in app.dataframe if {"what", "age"} & set(frame.value.columns)][:2]
    assert table["column"].tolist() == ["age", "city"]
    assert table["doubt"].tolist() == ["very likely wrong", "worth a look"]
    assert rows.index.tolist() == [8]
    assert rows["age"].tolist() == ["-999"]
    assert rows.columns[0] == "age"
    press(app.button, "missing_words").click().run()
    (version,) = made.store.datasets.versions(data)
    assert version.column("age").missing_words == ("-999",)
    assert version.column("age").missing == 1
    assert version.column("city").missing_words == ()


def test_columns_are_searched_sorted_and_seen_large(made: Made, tmp_path: Path) -> None:
    head = ",".join(f"c{i:02}" for i in range(30))
    rows = "\n".join(",".join("" if j == 21 and i % 2 else str(i * (j + 1) % 23) for j in range(30)) for i in range(40))
    app = made.page(made.counted(f"{head}\n{rows}", tmp_path), profile="distributions")
    assert press(app.number_input, "profile_page").label == "Page (of 3)"
    closer = press(app.selectbox, "closer")
    assert closer.options == [f"c{i:02}" for i in range(12)]
    app = press(app.selectbox, "profile_order").set_value("most missing").run()
    assert press(app.selectbox, "closer").options[0] == "c21"
    app = press(app.selectbox, "closer").set_value(21).run()
    assert "c21" in said(app)
    figures = next(frame.value for frame in app.dataframe if "what" in frame.value.columns)
    assert dict(figures.to_numpy().tolist())["missing"] == "20 (50 %)"
    app = press(app.text_input, "profile_search").set_value("C1").run()
    assert press(app.selectbox, "closer").options == [f"c{i:02}" for i in range(10, 20)]
    app = press(app.text_input, "profile_search").set_value("zzz").run()
    assert "No column has such a name" in said(sound(app))


def test_the_view_stands_in_the_link(made: Made, tmp_path: Path) -> None:
    app = made.page(made.counted(GAPS, tmp_path), profile="missing")
    assert "Emptiest: height (20 %), weight (20 %)" in said(app)
    control = next(group for group in app.get("button_group") if group.key.startswith("profile_view"))
    app = control.set_value("duplicates").run()
    assert app.query_params["profile"] in ("duplicates", ["duplicates"])
    assert "2 groups of equal rows" in said(app)


def test_weak_pairs_are_not_listed(made: Made, tmp_path: Path) -> None:
    weak = Associations(("age", "city"), (Pair("age", "city", 0.04, 0, "correlation ratio", 80),), ())
    app = made.page(made.counted(GAPS, tmp_path, associations=weak), profile="together")
    assert "No two columns go together with a strength of 0.1 or more." in said(app)


def test_equal_rows_stand_below_each_other(made: Made, tmp_path: Path) -> None:
    found = Duplicates(2, 3, ((1, 4, 6), (2, 5)), ("city",), (("age", "height"),))
    app = made.page(made.counted(GAPS, tmp_path, duplicates=found), profile="duplicates")
    assert "3 rows (4 %) repeat an earlier one (not looking at city): 2 groups of equal rows." in said(app)
    assert "The same in every row: age = height" in said(app)
    rows = next(frame.value for frame in app.dataframe if frame.value.index.nlevels == 2)
    assert rows.index.tolist() == [(1, 1), (1, 4), (1, 6), (2, 2), (2, 5)]


def test_a_damaged_profile_is_said_and_counted_again(made: Made, tmp_path: Path) -> None:
    data = made.counted(GAPS, tmp_path)
    Path(made.store.artifacts.path(made.store.space, data.profile_address)).write_text("{")
    app = made.page(data)
    assert "a stored file is damaged" in errors(app)
    assert "#### Rows" in [box.value for box in app.markdown]
    press(app.button, "profile_again").click().run()
    assert made.store.jobs.find(("queued",), dataset_id=data.id, kind="profile")


def test_the_summary_names_what_matters_first(made: Made, tmp_path: Path) -> None:
    data = made.counted(GAPS, tmp_path, suspicions=(Suspicion("age", "odd", 1, (), (), 0.5),))
    found = made.store.datasets.profile(data)
    one = replace(found, duplicates=Duplicates(1, 1, (), (), (("a", "b"),)))
    assert (
        summary(one)
        == "**1 thing to check** · 2 columns have gaps · 1 row says the same as another · 1 set of equal columns"
    )


def test_what_is_said_of_a_whole_column_has_no_rows_but_its_distribution(made: Made, tmp_path: Path) -> None:
    data = made.counted(GAPS, tmp_path, suspicions=(Suspicion("city", "2 *levels*", 0, (), (), 0.5),))
    app = made.page(data, profile="check")
    assert "city: 2 *levels*" in said(app).replace("**", "")
    assert "It is said of the whole column" in said(app)
    assert len(app.get("plotly_chart")) == 1


def test_small_charts_run_across_in_the_order_of_the_file(made: Made, tmp_path: Path) -> None:
    app = made.page(made.counted(GAPS, tmp_path), profile="distributions")
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    names = [re.sub("<[^>]+>", "", chart["layout"]["annotations"][0]["text"].split("<br>")[0]) for chart in charts]
    assert names == ["age", "city", "height", "weight"]


def test_why_a_chart_leaves_out_more_than_the_list_names(made: Made, tmp_path: Path) -> None:
    text = "n,m\n" + "".join(f"{i % 50},{9_999 if i == 7 else i % 50}\n" for i in range(400))
    for column, told in (("m", True), ("n", False)):
        data = made.counted(text, tmp_path, suspicions=(Suspicion(column, "1 cell lies far above", 1, (), (8,), 0.8),))
        assert ("“Farther out” counts what the chart leaves out" in said(made.page(data, profile="check"))) is told
