"""The Guide: every chapter with nothing there, and told on runs over a table, images, a series, and of every family."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core import glossary
from core.datasets.ingest import ingest
from core.results import Run
from core.serving.server import Models, make_app
from core.settings import Settings
from core.specs import OBJECTIVES, RunSpec, Training, Windows
from core.storage.database import migrate
from core.storage.store import Store
from dashboard.blocks.guide import told
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import Browser, Made, errors, finished, opened, said, sound
from tests.pages.test_images import zipped
from tests.pages.test_series import answer, recorded_csv

ASKING = "This figure asks the trained network"
SORTS = ("table", "images", "series")


@dataclass(frozen=True)
class Learned:
    store: Store
    runs: dict[str, Run]  # by what the network sees, and by family


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learned]:
    folder = tmp_path_factory.mktemp("guide")
    deployment = Settings(home=folder / "home")
    migrate(deployment)
    store = Store.open(deployment)
    table = add_csv(store, folder, grid_csv(), label="kind")
    short = Training(epochs=2)
    windows = RunSpec(layers="convolutional_1d", windows=Windows(length=16), training=short)
    runs = {
        "images": finished(store, ingest(store, zipped(folder / "parts.zip"), "parts.zip")),
        "series": finished(store, add_csv(store, folder, recorded_csv(), label="fault"), windows),
        **{name: finished(store, table, RunSpec(objective=name, training=short)) for name in OBJECTIVES},
        "table": finished(store, table, RunSpec(training=Training(epochs=2, find_rate=True))),
    }
    yield Learned(store, runs)
    store.close()


@pytest.fixture
def pages(learned: Learned, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    client = TestClient(make_app(Models(learned.store)))

    def asked(store: Store, question: str, *, within: float, **payload: object) -> object:
        assert 0 < within < 1
        return partial(answer, client)(store, question, **payload)

    monkeypatch.setattr("dashboard.blocks.guide.figures.ask", asked)
    yield from opened(learned.store.settings.home, monkeypatch)


def headed(app: AppTest) -> str:
    return str(app.subheader[-1].value)


def box(app: AppTest, label: str) -> object:
    return next(box for box in app.selectbox if box.label == label)


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def every_chapter(pages: Browser, run: Run | None) -> Iterator[tuple[str, AppTest]]:
    app = pages("guide")
    for key, chapter in glossary.chapters().items():
        app.query_params["term"] = key
        if run is not None:
            app.query_params["run"] = run.id
        sound(app.run())
        assert not app.error
        assert headed(app) == chapter.title
        yield key, app


def test_every_chapter_opens_where_there_is_nothing(empty: Browser) -> None:
    for key, app in every_chapter(empty, None):
        assert charts(app) == len(glossary.chapters()[key].figures)
        assert "There is no finished run yet" in said(app)
        assert "Find anomalies" in [button.label for button in app.button]


@pytest.mark.parametrize("sort", SORTS)
def test_every_chapter_is_told_on_a_run(pages: Browser, learned: Learned, sort: str) -> None:
    for key, app in every_chapter(pages, learned.runs[sort]):
        if (sort, key) != ("images", "reconstruction_error"):
            assert ASKING not in said(app), key
        assert charts(app) >= 1, key
        assert app.dataframe, key


@pytest.mark.parametrize("name", list(OBJECTIVES))
def test_a_family_s_chapter_is_told_on_its_own_run(pages: Browser, learned: Learned, name: str) -> None:
    app = pages("guide", run=learned.runs[name].id, term=glossary.objective_key(name))
    assert not app.error
    assert "This run is not" not in said(app)
    assert "This run was not" not in said(app)
    assert charts(app) == len(glossary.chapters()[name].figures)


def test_a_row_can_be_a_usual_one(pages: Browser, learned: Learned) -> None:
    app = pages("guide", run=learned.runs["table"].id, term="decoder")
    strangest = app.get("plotly_chart")[0].proto.spec
    (which,) = app.get("button_group")
    app = sound(which.set_value(told.USUAL).run())
    assert app.get("plotly_chart")[0].proto.spec != strangest


def test_without_an_answer_from_the_model_it_says_so(full: Browser, made: Made) -> None:
    app = full("guide", run=made.plain.id, term="decoder")
    assert not app.error
    assert ASKING in said(app)


def test_the_newest_run_is_told_on_until_another_is_chosen(full: Browser, made: Made) -> None:
    app = full("guide", term="threshold")
    chosen = box(app, "Figures are drawn from the run")
    assert chosen.value == made.hostile.id  # type: ignore[attr-defined]
    app = sound(chosen.set_value(made.plain.id).run())  # type: ignore[attr-defined]
    assert box(app, "Figures are drawn from the run").value == made.plain.id  # type: ignore[attr-defined]
    assert app.query_params["run"] in (made.plain.id, [made.plain.id])


def test_runs_of_one_name_are_told_apart(pages: Browser, learned: Learned) -> None:
    chosen = box(pages("guide", run=learned.runs["vanilla"].id, term="loss"), "Figures are drawn from the run")
    assert chosen.value == learned.runs["vanilla"].id  # type: ignore[attr-defined]
    assert len(set(chosen.options)) == len(learned.runs)  # type: ignore[attr-defined]
    app = sound(chosen.set_value(learned.runs["table"].id).run())  # type: ignore[attr-defined]
    assert box(app, "Figures are drawn from the run").value == learned.runs["table"].id  # type: ignore[attr-defined]


def test_a_word_leads_to_its_chapter_and_stands_first(full: Browser, made: Made) -> None:
    app = full("guide", term="dropout")
    assert headed(app) == "Regularisation"
    assert app.info[0].value.startswith("**Dropout**: Silences")
    app = sound(box(app, "Chapter or word").set_value("huber").run())  # type: ignore[attr-defined]
    assert headed(app) == "Loss"
    assert app.query_params["term"] in ("huber", ["huber"])


def test_a_word_that_is_not_there_is_said_with_the_contents(full: Browser, made: Made) -> None:
    app = full("guide", term="bottelneck")
    assert not app.error
    assert "There is no chapter and no word “bottelneck”" in said(app)
    assert "Did you mean *Bottleneck*?" in said(app)
    assert app.expander[0].proto.expanded
    app = full("guide", term="<b>[x](http://evil.example)")
    assert "<b>" not in app.warning[0].value
    assert not full("guide", term="threshold").expander[0].proto.expanded


def test_a_run_that_has_no_scores_yet(full: Browser, made: Made) -> None:
    run = made.store.runs.submit(made.bare.id, RunSpec())
    try:
        app = full("guide", run=run.id, term="bottleneck")
        assert not app.error
        assert "has no scores" in said(app)
        assert charts(app) == 1
    finally:
        made.store.jobs.request(run.job_id, "cancel")
        made.store.runs.delete(run.id)


def test_older_runs_have_less_to_tell_and_say_so(
    pages: Browser, learned: Learned, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = learned.runs["table"]
    kept = (
        "columns",
        "epochs",
        "best_epoch",
        "width",
        "widths",
        "train_seconds",
        "seconds",
        "rows_trained",
        "baselines",
    )
    older = replace(run, summary={name: run.summary[name] for name in kept})
    losses = [metric for metric in learned.store.runs.metrics(run.id) if metric.name in ("train", "validation")]
    monkeypatch.setattr("core.storage.runs.Runs.get", lambda _self, _id: older)
    monkeypatch.setattr("core.storage.runs.Runs.metrics", lambda _self, _id: losses)
    for key, app in every_chapter(pages, older):
        if key in ("gradient", "bottleneck"):
            assert "older than the keeping of this measure" in said(app)


def test_a_run_that_is_gone_is_said_and_the_chapter_is_told_on_another(full: Browser, made: Made) -> None:
    app = full("guide", run="r-gone", term="bottleneck")
    assert "there is no run “r-gone”" in errors(app)
    assert headed(app) == "Bottleneck"
    assert charts(app) >= 1
    assert box(app, "Figures are drawn from the run").value == made.hostile.id  # type: ignore[attr-defined]
