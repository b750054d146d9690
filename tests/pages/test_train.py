"""Train: the families as cards, presets, several values of one setting, the search, and how a training went."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from core.errors import Interrupted
from core.jobs.checkpoints import Checkpoints
from core.results import Dataset, Job
from core.settings import Settings
from core.specs import OBJECTIVES, RunSpec, Training
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.training.doctor import Finding
from dashboard.charts.text import visible
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import Browser, Made, errors, finished, said, sound


@dataclass(frozen=True)
class Own:
    """A deployment of one test: its buttons start a supervisor, which takes what is queued."""

    store: Store
    dataset: Dataset
    open: Browser


@pytest.fixture
def own(empty: Browser, tmp_path: Path) -> Iterator[Own]:
    store = Store.open(Settings(home=tmp_path / "home"))
    yield Own(store, add_csv(store, tmp_path, grid_csv(), name="only data.csv"), empty)
    store.close()


def button(app: AppTest, label: str) -> None:
    next(each for each in app.button if each.label == label).click()


def values(app: AppTest) -> TextInput:
    return next(box for box in app.text_input if box.label == "Values")


def card(app: AppTest, name: str) -> AppTest:
    return sound(next(each for each in app.button if (each.key or "").endswith(f"_objective_{name}")).click().run())


def test_each_family_is_a_card_with_what_when_and_where_from(made: Made, full: Browser) -> None:
    app = full("train", dataset=made.bare.id)
    text = said(app)
    for name in OBJECTIVES:
        spec = OBJECTIVES.get(name)
        assert spec.title.removesuffix(" autoencoder") in text
        assert spec.summary in text
        assert spec.helps in text
    for name in OBJECTIVES:
        app = card(app, name)
        assert OBJECTIVES.get(name).paper in said(app)
        chosen = [each.key for each in app.button if each.label == "Chosen"]
        assert len(chosen) == 1
        assert (chosen[0] or "").endswith(f"_objective_{name}")
        titles = {field.title for field in OBJECTIVES.get(name).settings.model_fields.values()}
        labels = {box.label.split(" (")[0] for box in (*app.number_input, *app.selectbox)}
        assert titles <= labels
        assert not errors(app)


def test_a_preset_fills_the_form(made: Made, full: Browser) -> None:
    app = full("train", dataset=made.bare.id)
    picker = next(each for each in app.button_group if each.label == "Start from")
    assert "Images" not in picker.options
    app = sound(picker.set_value("sharp_features").run())
    values = {box.label: box.value for box in app.number_input}
    assert values["Bottleneck (units, 0 = automatic)"] == 64
    assert values["Active share (%)"] == 10
    assert "keeps 6 of 64" in said(app)


def test_what_numbers_are_compared_by_is_said_and_a_network_without_bends_is_called_a_pca(
    made: Made, full: Browser
) -> None:
    app = full("train", dataset=made.bare.id)
    assert "squared error (MSE)" in said(app)
    assert "cross-entropy over the names" in said(app)
    assert "This is PCA" not in said(app)
    app = sound(next(box for box in app.selectbox if box.label == "Activation").set_value("linear").run())
    assert "This is PCA" in said(app)
    app = card(app, "variational")
    assert "a likelihood with a learned scale" in said(app)


def test_one_column_alone_is_not_told_to_have_a_narrower_bottleneck(own: Own, tmp_path: Path) -> None:
    alone = add_csv(own.store, tmp_path, "a,b\n" + "".join(f"{(7 * i) % 50 + 0.5},1\n" for i in range(60)))
    text = said(own.open("train", dataset=alone.id))
    assert "1 feature column becomes about 1 input;" in text
    assert "One column alone can only be copied" in text


def test_a_training_that_may_go_on_for_long_is_said_to_usually_end_before(made: Made, full: Browser) -> None:
    app = full("train", dataset=made.bare.id)
    assert "at most" not in said(app)
    app = sound(next(box for box in app.number_input if box.label.startswith("Epochs")).set_value(5_000).run())
    assert "if it never stops by itself, for 60 rows" in said(app)


def test_a_network_that_no_memory_holds_is_refused_in_place(own: Own) -> None:
    app = own.open("train", dataset=own.dataset.id)
    app = sound(next(box for box in app.selectbox if box.label == "Layers").set_value("fully_connected").run())
    for label, value in (("Bottleneck", 1_024), ("Hidden width", 4_096), ("Hidden layers", 6), ("Members", 32)):
        app = sound(next(box for box in app.number_input if box.label.startswith(label)).set_value(value).run())
    assert "this network is too large: 2,1" in errors(app)
    assert "choose fewer members" in errors(app)
    start = next(each for each in app.button if each.label == "Start training")
    assert start.disabled
    app = sound(next(box for box in app.number_input if box.label.startswith("Members")).set_value(1).run())
    assert not errors(app)
    assert not next(each for each in app.button if each.label == "Start training").disabled


@pytest.mark.parametrize(
    ("label", "wrong", "words", "right"),
    [
        ("Epochs (passes)", 99_999, "Epochs: 99,999 can't be taken, it is a whole number from 1 to 5,000", 7),
        ("Validation share (%)", -1, "Validation share: -1 % can't be taken, it is a number from 0 to 50 %", 20),
        ("Expected share of anomalies (%)", 0, "Expected share of anomalies: 0 % can't be taken", 3),
        ("Hidden width (units)", 0, "Hidden width: 0 can't be taken, it is a whole number from 1 to 4,096", 5),
    ],
)
def test_a_number_that_cannot_be_is_not_trained_with_another(
    own: Own, label: str, wrong: float, words: str, right: float
) -> None:
    app = own.open("train", dataset=own.dataset.id)
    app = sound(next(box for box in app.number_input if box.label == label).set_value(wrong).run())
    assert words in errors(app)
    assert words.partition(": ")[2] in said(app)
    assert next(each for each in app.button if each.label == "Start training").disabled
    app = sound(next(box for box in app.number_input if box.label == label).set_value(right).run())
    assert not errors(app)
    assert "can't be taken" not in said(app)
    button(app, "Start training")
    sound(app.run())
    (run,) = own.store.runs.find()
    spec = RunSpec.read(run.spec)
    found = {**run.spec["layer_settings"], **run.spec["training"], "contamination": spec.contamination}
    name = {"Epochs": "epochs", "Validation": "validation_share", "Expected": "contamination", "Hidden": "hidden_width"}
    assert found[name[label.split(" ")[0]]] == (right / 100 if "%" in label else right)


def test_several_values_and_a_search_are_held_to_the_same_bounds(own: Own) -> None:
    app = own.open("train", dataset=own.dataset.id)
    trials = next(box for box in app.number_input if box.label.startswith("Trials"))
    app = sound(trials.set_value(1).run())
    assert "1 can't be taken, it is a whole number from 2 to 500" in said(app)
    assert next(each for each in app.button if each.label == "Search").disabled
    app = sound(next(box for box in app.selectbox if box.label == "Setting").set_value("Validation share").run())
    app = sound(values(app).set_value("10, 51").run())
    assert "Validation share: 51 % can't be taken, it is a number from 0 to 50 %" in errors(app)
    assert next(each for each in app.button if each.label == "Start training").disabled
    app = sound(values(app).set_value("10, 50").run())
    assert not errors(app)


def test_what_can_only_fail_on_these_rows_is_refused_in_place(own: Own, tmp_path: Path) -> None:
    one = add_csv(own.store, tmp_path, "a,b\n1,2\n")
    same = add_csv(own.store, tmp_path, "a,b\n" + "1,1\n" * 30)
    for dataset, words in (
        (one, "only 1 row is left to train on, at least 10 are needed"),
        (same, "no column is left to learn from"),
    ):
        app = own.open("train", dataset=dataset.id)
        assert words in errors(app)
        assert next(each for each in app.button if each.label == "Start training").disabled
    app = own.open("train", dataset=own.dataset.id)
    app = sound(next(box for box in app.text_input if box.label == "Device").set_value("cuda:7").run())
    assert "there is no device “cuda:7” on this machine" in errors(app)
    assert next(each for each in app.button if each.label == "Start training").disabled


@pytest.mark.parametrize("kept", [True, False])
def test_resume_is_the_next_step_only_where_a_checkpoint_was_kept(own: Own, kept: bool) -> None:
    run = own.store.runs.submit(own.dataset.id, RunSpec())
    job = claim(own.store.engine, "here", 600)
    assert job is not None
    if kept:
        Checkpoints(own.store.settings.home, job.id, job.attempt).save(1, {"weights": b""})
    error = Interrupted("lost twice", where="0% done", fix="make room").to_json()
    Fence(own.store.engine, job.id, job.attempt).finish("interrupted", error=error)
    resume = next(each for each in own.open("train", run=run.id).button if each.label == "Resume")
    assert (resume.help == "Goes on from the last checkpoint.") == kept
    assert (resume.proto.type == "primary") == kept


def test_several_values_queue_a_run_each_and_open_the_comparison(own: Own) -> None:
    app = own.open("train", dataset=own.dataset.id)
    app = sound(next(box for box in app.selectbox if box.label == "Setting").set_value("Bottleneck").run())
    assert "until then it is one run" in said(app)
    app = sound(values(app).set_value("1, much").run())
    assert "bottleneck" in errors(app)
    app = sound(values(app).set_value("1, 2, 2").run())
    assert "Equal values make one run: 2 runs, not 3." in said(app)
    app = sound(values(app).set_value("2, 02,2").run())
    assert "Equal values make one run: 1 run, not 3." in said(app)
    assert any(each.label == "Start 1 training" for each in app.button)
    for gap in ("1,,3", "1, , 3", ", 2"):
        assert "a value is missing between two commas" in errors(sound(values(app).set_value(gap).run()))
    app = sound(values(app).set_value("1, 2").run())
    assert "Equal values" not in said(app)
    app = sound(values(app).set_value("1, 2, 2").run())
    button(app, "Start 2 trainings")
    before = {run.id for run in own.store.runs.find()}
    app = sound(app.run())
    made_now = [run for run in own.store.runs.find() if run.id not in before]
    assert sorted(run.spec["layer_settings"]["bottleneck"] for run in made_now) == [1, 2]
    assert {run.name for run in made_now} == {"vanilla, Bottleneck 1", "vanilla, Bottleneck 2"}


def test_the_list_of_runs_says_what_tells_them_apart(own: Own) -> None:
    for spec in (RunSpec(), RunSpec(training=Training(members=8, epochs=40)), RunSpec(objective="sparse")):
        own.store.runs.submit(own.dataset.id, spec)
    captions = [box.value for box in own.open("train", dataset=own.dataset.id).caption]
    assert "Epochs 40 · Members 8" in captions
    assert "Objective sparse" in captions
    assert not any("Members 1" in caption or "Epochs 60" in caption for caption in captions)  # the usual ones


def test_runs_side_by_side_name_what_differs(own: Own) -> None:
    plain = finished(own.store, own.dataset)
    other = finished(own.store, own.dataset, RunSpec(objective="sparse", training=Training(epochs=3)))
    app = own.open("train", compare=f"{plain.id},{other.id}")
    table = app.dataframe[0].value
    assert list(table["Objective"]) == ["vanilla", "sparse"]
    assert list(table["Epochs"]) == ["2", "3"]
    assert "Batch size" not in table.columns
    assert "Reconstruction loss by epoch, run by run" in app.get("plotly_chart")[0].proto.spec
    assert "deleted" in errors(own.open("train", compare="r-nonesuch"))
    assert "1 run of this link was deleted" in said(own.open("train", compare=f"{plain.id},r-nonesuch"))


def test_a_job_leads_to_what_it_trains(made: Made, full: Browser) -> None:
    assert "a *bold* <run>" in said(full("train", job=made.plain.job_id))
    assert "there is no job “zzz”" in errors(full("train", job="zzz", dataset=made.bare.id))


def test_a_search_is_asked_for_and_shown(own: Own) -> None:
    app = own.open("train", dataset=own.dataset.id)
    vary = next(box for box in app.multiselect if box.label == "What may differ")
    assert vary.value == ["learning_rate", "bottleneck"]
    button(app, "Search")
    sound(app.run())
    job = next(job for job in own.store.jobs.find() if job.kind == "search")
    assert job.args["plan"]["vary"] == ["learning_rate", "bottleneck"]
    assert "no job" in errors(own.open("train", search="j-nonesuch"))


def test_trials_of_a_search_stand_behind_it(own: Own) -> None:
    plain = finished(own.store, own.dataset)
    trials = [finished(own.store, own.dataset) for _ in range(2)]
    args = {"dataset_id": own.dataset.id, "spec": {}, "plan": {}}
    job = own.store.jobs.submit("search", args, dataset_id=own.dataset.id)
    taken = claim(own.store.engine, "here", 600, kinds=("search",))
    assert taken is not None
    found = [
        {"run": run.id, "number": i, "figure": None, "stopped_early": False, "values": {}}
        for i, run in enumerate(trials)
    ]
    Fence(own.store.engine, taken.id, taken.attempt).keep({"trials": found, "aim": "error", "best": None})
    for page, place in (("train", "list"), ("home", "library")):
        app = own.open(page, dataset=own.dataset.id)
        assert "2 trials of a search" in said(app)
        keys = {each.key or "" for each in app.button}
        assert any(key.endswith(plain.id) for key in keys)
        assert not any(key.endswith(run.id) for key in keys for run in trials)
        app = sound(next(each for each in app.button if each.key == f"{place}_{job.id}").click().run())
        assert "Search for settings" in said(app)
    for page in ("anomalies", "errors", "map"):
        keys = {each.key or "" for each in own.open(page).button}
        assert f"pick_{plain.id}" in keys
        assert not any(f"pick_{run.id}" in keys for run in trials)
        assert f"pick_{job.id}" not in keys  # it has no result yet
    (picker,) = (box for box in own.open("guide", term="epochs").selectbox if box.label.startswith("Figures are drawn"))
    assert len(picker.options) == len(own.store.runs.find()) - len(trials)
    (picker,) = (
        box
        for box in own.open("guide", term="epochs", run=trials[0].id).selectbox
        if box.label.startswith("Figures are drawn")
    )
    assert len(picker.options) == len(own.store.runs.find()) - len(trials) + 1
    Fence(own.store.engine, taken.id, taken.attempt).keep({"trials": found, "aim": "error", "best": trials[0].id})
    app = own.open("map")
    app = sound(next(each for each in app.button if each.key == f"pick_{job.id}").click().run())
    assert "Search for settings" in said(app)
    (table,) = (frame.value for frame in app.dataframe if "Trial" in frame.value.columns)
    assert list(table["Run"]) == [f"/train?run={run.id}" for run in trials]


def test_how_a_training_went_is_said_with_figures(own: Own) -> None:
    run = finished(own.store, own.dataset, RunSpec(training=Training(epochs=2, learning_rate=1e-5)))
    assert run.summary["findings"]
    app = own.open("train", run=run.id)
    text = said(app)
    assert "How the training went" in text
    boxes = "\n".join(box.value for box in (*app.warning, *app.info))
    for finding in run.summary["findings"]:
        assert finding["title"] in boxes
    assert "What to do" in boxes
    frames = [frame.value for frame in app.dataframe]
    assert any("a, rebuilt" in frame.columns for frame in frames)
    assert any("gradient norm" in frame.columns for frame in frames)
    before = {each.id for each in own.store.runs.find()}
    finding = next(each for each in run.summary["findings"] if each["change"])
    next(each for each in app.button if each.key == f"again_{finding['name']}").click()
    sound(app.run())
    again = next(each for each in own.store.runs.find() if each.id not in before)
    assert again.parent_id == run.id
    settings = {**again.spec["training"], **again.spec["layer_settings"]}
    assert all(settings[name] == value for name, value in finding["change"].items())


def test_all_advice_is_taken_at_once_by_one_click(own: Own) -> None:
    run = finished(own.store, own.dataset, RunSpec(training=Training(epochs=2)))
    advice = {
        "learning_rate_too_large": {"learning_rate": 1e-4},
        "no_better_than_pca": {"epochs": 7, "find_rate": True},
    }
    found = [asdict(Finding(name, "doubtful", "T", "E.", "N.", change)) for name, change in advice.items()]
    stored(own.store, run.id, {**run.summary, "findings": found[:1]}, run.artifacts)
    assert "again_all" not in {button.key for button in own.open("train", run=run.id).button}
    stored(own.store, run.id, {**run.summary, "findings": found}, run.artifacts)
    app = own.open("train", run=run.id)
    before = {each.id for each in own.store.runs.find()}
    next(each for each in app.button if each.key == "again_all").click()
    sound(app.run())
    (again,) = (each for each in own.store.runs.find() if each.id not in before)
    training = RunSpec.read(again.spec).training
    assert (training.learning_rate, training.epochs, training.find_rate) == (1e-4, 7, False)


def test_the_strip_names_its_columns_where_there_are_more(made: Made, full: Browser) -> None:
    every = made.hostile.summary["columns"]
    assert len(every) > 6
    assert f"Of {len(every)} columns 6 stand here, {', '.join(map(visible, every[:6]))}:" in said(
        full("train", run=made.hostile.id)
    )
    assert "stand here" not in said(full("train", run=made.plain.id))


def test_a_run_of_an_earlier_version_has_no_findings_and_no_strip(made: Made, full: Browser) -> None:
    run = made.plain
    kept = {name: run.summary[name] for name in run.summary if name not in ("findings", "stages", "rate_test", "rate")}
    stored(made.store, run.id, kept, {name: at for name, at in run.artifacts.items() if name != "strip"})
    try:
        app = full("train", run=run.id)
        assert "How the training went" not in said(app)
        assert CURVES in labels(app)
        assert "Loss by epoch" in json.dumps([chart.proto.spec for chart in app.get("plotly_chart")])
    finally:
        stored(made.store, run.id, run.summary, run.artifacts)


def stored(store: Store, run_id: str, summary: dict[str, object], artifacts: dict[str, str]) -> None:
    from sqlalchemy import update

    from core.storage.tables import runs

    with store.engine.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(summary=summary, artifacts=artifacts))


def test_a_live_run_shows_the_same_rows_and_what_is_measured(own: Own) -> None:
    from core.jobs.checkpoints import Checkpoints
    from core.results import Metric, Strip

    run = own.store.runs.submit(own.dataset.id, RunSpec(training=Training(batch_size=512)))
    job: Job | None = claim(own.store.engine, "here", 600)
    assert job is not None
    fence = Fence(own.store.engine, job.id, job.attempt)
    metrics = {"train": 1.0, "validation": 1.2, "train KL": 0.1, "learning rate": 1e-3}
    fence.record(own.store.space, run.id, [Metric(1, 1, name, value) for name, value in metrics.items()])
    Checkpoints(own.store.settings.home, job.id, job.attempt).show(Strip(1, "table", ("a",), [[1.0]], [[1.5]]))
    app = own.open("train", run=run.id)
    assert "held back from training" in said(app)
    assert any("a, rebuilt" in frame.value.columns for frame in app.dataframe)
    assert "batch" in "\n".join(box.value for box in (*app.warning, *app.info)).lower()
    fence.finish("cancelled")


def test_nothing_is_said_of_curves_where_there_are_none(own: Own) -> None:
    run = own.store.runs.submit(own.dataset.id, RunSpec())
    assert CURVES in labels(own.open("train", run=run.id))
    own.store.jobs.request(run.job_id, "cancel")
    assert CURVES not in labels(own.open("train", run=run.id))


CURVES = "What do these curves say?"


def labels(app: AppTest) -> set[str]:
    return {link.proto.label for link in app.get("page_link")}
