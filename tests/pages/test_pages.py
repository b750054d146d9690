"""Every page: empty, with data, with a finished run, with links that name nothing, with hostile names and cells."""

from __future__ import annotations

import csv
import io
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.results import Histogram, Run, Threshold
from core.settings import Settings
from core.specs import RunSpec
from core.storage.records import to_json
from core.storage.store import Store
from core.thresholds import Given, decide
from core.triage.counterfactual import Change, Counterfactual
from core.triage.evidence import Cell, Evidence, Near
from core.triage.lone import Lone
from dashboard import state
from dashboard.blocks import evidence_card, one_column, workbench
from dashboard.charts.text import headings, visible
from dashboard.navigation import PAGES
from tests.conftest import add_csv, grid_csv
from tests.pages.conftest import HOSTILE, Browser, Made, errors, finished, said, sound
from tests.waiting import eventually

ANALYSIS = ("map", "errors", "anomalies", "triage")
TITLES = {"home": "Find what doesn't fit in your data", "data": "Data", "train": "Train"}


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def links(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.main.get("page_link")]


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_deployment_says_what_to_do_next(empty: Browser, page: str) -> None:
    app = empty(page)
    assert app.title[0].value == TITLES.get(page, page.capitalize())
    assert not app.error
    if page == "home":
        assert "Find anomalies" in labels(app)
        assert next(button for button in app.button if button.key == "find").disabled
        assert "Nothing here yet" in said(app)
    else:
        assert "There is no" in said(app)
        assert "Go to Home" in links(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_disk_that_is_nearly_full_is_said_everywhere(
    empty: Browser, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "of disk space are left" not in said(empty(page))
    free = shutil.disk_usage("/")._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    assert "Only 3.0 MB of disk space are left" in said(empty(page))


@pytest.mark.parametrize("page", PAGES)
def test_with_data_and_no_choice_there_is_something_to_choose(full: Browser, made: Made, page: str) -> None:
    app = full(page)
    assert not app.error
    if page == "home":
        assert "only data" in said(app)
    elif page == "guide":  # which is told on the newest run
        assert "Figures are drawn from the run" in [box.label for box in app.selectbox]
    else:
        assert "Choose" in said(app)
        chosen = next(button for button in app.button if (button.key or "").startswith("pick_"))
        sound(chosen.click().run())


@pytest.mark.parametrize("page", PAGES)
def test_a_dataset_without_a_run(full: Browser, made: Made, page: str) -> None:
    app = full(page, dataset=made.bare.id)
    assert not app.error
    if page in ANALYSIS:
        assert "no finished run" in said(app)
        assert "Go to Train" in links(app)
    elif page == "data":
        assert "60 rows × 4 columns" in said(app)
        assert "Train on this" in links(app)
        assert app.main.get("data_editor") or app.dataframe
    elif page == "train":
        assert any(button.label == "Start training" and not button.disabled for button in app.button)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_a_finished_run(full: Browser, made: Made, page: str, which: str) -> None:
    run = getattr(made, which)
    app = full(page, run=run.id)
    if page in ("errors", "triage"):
        assert "can't be reached" in errors(app)  # nothing answers for the model here
    else:
        assert not app.error
    if page in ANALYSIS:
        assert "a *bold* <run>" in said(app)
    if page == "anomalies":
        assert labels(app).count("Prepare the CSV") == 1
        table = next(frame.value for frame in app.dataframe if "percentile" in frame.value.columns)
        assert len(table) == 3
        assert (table["score"].diff().dropna() <= 0).all()
        shown = {heading.removesuffix(" (source)") for heading in table.columns}
        assert set(headings(run.summary["columns"])) <= shown
    if page == "train":
        assert "See the flagged rows" in links(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"run": "r-gone"}, "there is no run “r-gone”"),
        ({"dataset": "d-gone"}, "there is no dataset “d-gone”"),
        ({"view": "v-gone"}, "there is no shared view “v-gone”"),
        ({"run": "<b>'\"; DROP TABLE runs; --</b>"}, "there is no run “<b>'\"; DROP TABLE"),
        ({"job": "j-gone"}, "there is no job “j-gone”"),
        ({"copy": "r-gone"}, "there is no run “r-gone”"),
    ],
)
def test_a_link_to_nothing_gets_a_sentence(
    full: Browser, made: Made, page: str, params: dict[str, str], words: str
) -> None:
    asks = {
        "run": ("data", "train", "guide", "compare", *ANALYSIS),
        "dataset": ("data", "train", "compare"),
        "view": ("data", "train", "guide", "compare", *ANALYSIS),
        "job": ("home", "train"),
        "copy": ("train",),
    }[next(iter(params))]
    if "copy" in params:
        params = {**params, "dataset": made.bare.id}
    app = full(page, **params)
    if page in asks:
        assert words in errors(app)
        assert "What to do: choose another" in errors(app)
        assert "Choose another on Home" in links(app)
    else:
        assert not app.error


@pytest.mark.parametrize("page", ANALYSIS)
def test_a_threshold_or_a_row_that_is_gone_gets_a_sentence(full: Browser, made: Made, page: str) -> None:
    app = full(page, run=made.plain.id, threshold="t-gone")
    assert "there is no threshold “t-gone”" in errors(app)
    if page in ("errors", "triage"):
        app = full(page, run=made.plain.id, row="gone")
        assert "there is no row “gone”" in errors(app)


@pytest.mark.parametrize("page", ANALYSIS)
def test_a_run_that_is_still_waiting(full: Browser, made: Made, page: str) -> None:
    run = made.store.runs.submit(made.bare.id, RunSpec())
    try:
        app = full(page, run=run.id)
        assert "no scores yet" in said(app)
        assert "See how it is going" in links(app)
        assert "Waiting: number 1 in the queue" in said(full("train", run=run.id))
    finally:
        made.store.jobs.request(run.job_id, "cancel")
        made.store.runs.delete(run.id)


def test_what_is_deleted_for_good_can_be_left_as_it_is(full: Browser, made: Made) -> None:
    app = full("home")
    press = {button.key: button for button in app.button}
    app = sound(press[f"delete_{made.bare.id}"].click().run())
    shown = {button.key: button for button in app.button}
    assert shown["confirm_delete"].proto.type == "secondary"
    sound(shown["cancel_delete"].click().run())
    assert made.store.datasets.get(made.bare.id) == made.bare


@pytest.mark.parametrize("page", ["anomalies", "train"])
def test_the_comparison_with_a_pca_stands_there_in_words(full: Browser, made: Made, page: str) -> None:
    words = said(full(page, run=made.plain.id))
    assert re.search(r"rebuilds number columns (about as well as|(far|[\d.,]+ times) (better|worse) than) a PCA", words)


def test_hostile_names_are_shown_as_typed(full: Browser, made: Made) -> None:
    app = full("data", run=made.hostile.id)
    assert "<img src=x onerror=alert(1)>" in said(app)
    for box in (*app.markdown, *app.caption, *app.subheader):
        assert "<img" not in box.value
        assert "<b>a" not in box.value
    names = [column for frame in app.dataframe for column in frame.value.columns]
    assert set(headings(HOSTILE)) <= {*names, *app.dataframe[0].value.get("column", ())}


def test_a_column_that_has_a_name_of_ours_can_be_coloured_by(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    run = finished(store, add_csv(store, tmp_path, grid_csv().replace("kind", "flag", 1)))
    app = empty("map", run=run.id)
    box = next(box for box in app.selectbox if box.label == "Colour by")
    assert len(set(box.options)) == len(box.options)
    assert {"flag", "flag (2)"} <= set(box.options)
    app = sound(box.set_value(box.options.index("flag (2)")).run())
    assert next(box for box in app.selectbox if box.label == "Colour by").value == box.options.index("flag (2)")
    store.close()


def test_one_row_beside_what_was_expected(full: Browser, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = list(made.hostile.summary["columns"])

    def answer(_store: object, question: str, *, run_id: str, row: int, **more: object) -> dict[str, Any]:
        assert (question, run_id) == ("evidence", made.hostile.id)
        return to_json(Evidence, evidence_of(row, columns, "<b>x</b>"))

    def column(_store: object, question: str, *, rows: list[int], **more: object) -> dict[str, Any]:
        assert question == "column"
        return {"numbers": False, "actual": ["<b>x</b>"] * len(rows), "expected": ["<i>"] * len(rows)}

    monkeypatch.setattr(evidence_card, "ask", answer)
    monkeypatch.setattr(one_column, "ask", column)
    app = full("errors", run=made.hostile.id)
    assert not app.error
    table = next(frame.value for frame in app.dataframe if "in rows like it" in frame.value.columns)
    assert set(table["column"]) == {visible(column) for column in columns}
    assert set(table["actual"]) == {"<b>x</b>"}
    beside = next(frame.value for frame in app.dataframe if "this row" in frame.value.columns)
    assert list(beside.index) == headings(columns)
    assert "<b>x</b>" in app.code[-1].value
    assert "of the 51 strangest rows" in said(app)
    among = next(frame.value for frame in app.dataframe if "healthy rows" in frame.value.columns)
    assert among["stands here"].tolist() == ["", "<b>x</b>", ""]
    assert among["healthy rows"].tolist() == [9, 0, 2]
    assert f"{visible(columns[0])} <b>x</b>: <b>x</b>. 2 healthy rows have other values." in said(app)


def evidence_of(row: int, columns: list[str], cell: str) -> Evidence:
    """Evidence as the inference process gives it, with the same text in every cell."""
    near = Near(0, (cell,) * len(columns), (True,) * len(columns))
    changes = (Change(columns[0], cell, cell),)
    cells = tuple(Cell(name, cell, cell, cell, 1 / len(columns)) for name in columns)
    among = Histogram((9, 0), labels=("x", cell), other=2)
    lone = (Lone(columns[0], cell, cell, 0.01, "category", among, 1.0),)
    return Evidence(row, cells, lone, (near,), tuple(columns), Counterfactual(changes, 0.1), 5)


def test_another_score_is_chosen_on_errors_and_holds_on_all_pages(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    run = finished(store, add_csv(store, tmp_path, grid_csv(), label="kind"))
    app = empty("errors", run=run.id)
    box = next(box for box in app.selectbox if box.label == "Anomaly score")
    assert box.value == "reconstruction_error"
    assert "rescore" not in {button.key for button in app.button}
    app = sound(box.set_value("latent_neighbours").run())
    assert "no parts by column" in said(app)
    sound(next(button for button in app.button if button.key == "rescore").click().run())
    job = next(job for job in store.jobs.find(run_id=run.id) if job.kind == "rescore")
    eventually(lambda: store.jobs.get(job.id).ended, "no other score was made")
    assert store.jobs.get(job.id).state == "succeeded"
    app = empty("errors", run=run.id)
    assert next(box for box in app.selectbox if box.label == "Anomaly score").value == "latent_neighbours"
    assert "Scored by **latent neighbours**" in said(empty("anomalies", run=run.id))
    by_code = store.runs.scores(store.runs.get(run.id), "latent_neighbours").values
    assert f"**score {by_code.max():.4g}**" in said(app)
    # Back to the first one, which is there already.
    app = sound(
        next(box for box in app.selectbox if box.label == "Anomaly score").set_value("reconstruction_error").run()
    )
    sound(next(button for button in app.button if button.key == "rescore").click().run())
    newest = store.thresholds.current(run.id)
    assert newest is not None
    assert newest.scorer == "reconstruction_error"
    assert f"**score {store.runs.scores(run).values.max():.4g}**" in said(empty("errors", run=run.id))
    store.close()


def test_a_score_that_is_asked_for_while_another_is_made_waits_its_turn(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    run = finished(store, add_csv(store, tmp_path, grid_csv(), label="kind"))
    app = empty("errors", run=run.id)
    args = {"run_id": run.id, "scorer": "low_error", "author": "ada", "method": "count", "parameters": {"rows": 5}}
    elsewhere = store.jobs.submit("rescore", args, dataset_id=run.dataset_id, run_id=run.id)  # in another tab
    box = next(box for box in app.selectbox if box.label == "Anomaly score")
    app = sound(box.set_value("latent_neighbours").run())
    assert next(box for box in app.selectbox if box.label == "Anomaly score").value == "latent_neighbours"
    assert "what is asked for last holds in the end" in said(app)
    sound(next(button for button in app.button if button.key == "rescore").click().run())
    here = next(job for job in store.jobs.find(run_id=run.id, kind="rescore") if job.id != elsewhere.id)
    assert here.args["scorer"] == "latent_neighbours"
    eventually(lambda: store.jobs.get(here.id).ended, "it was not scored again")
    assert store.jobs.get(elsewhere.id).state == "succeeded"
    newest = store.thresholds.current(run.id)
    assert newest is not None
    assert newest.scorer == "latent_neighbours"
    store.close()


def with_another_score(store: Store, run_id: str, scorer: str) -> NDArray[np.float64]:
    """The scores, (N,), by another scorer, that the run has from now on."""
    run = store.runs.get(run_id)
    values = store.runs.scores(run).values[::-1].copy()
    artifacts = {name: run.artifacts[name] for name in ("column_errors", "evaluation")}
    artifacts["scores"] = store.artifacts.put_array(store.space, values)
    said = {run.of_scorer("verdict_text", scorer): "said of another score"}
    kept = {run.of_scorer(name, scorer): address for name, address in artifacts.items()}
    store.runs.change(run_id, artifacts={**run.artifacts, **kept}, summary={**run.summary, **said})
    return values


def test_a_score_that_another_tab_chose_is_followed_and_a_pick_outlives_it(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    run = finished(store, add_csv(store, tmp_path, grid_csv(), label="kind"))
    values = with_another_score(store, run.id, "low_error")
    app, picking = empty("errors", run=run.id), empty("errors", run=run.id)
    box = next(box for box in picking.selectbox if box.label == "Anomaly score")
    sound(box.set_value("latent_neighbours").run())
    store.thresholds.new(run.id, "count", {"rows": 5}, *decide(Given(values), "count", {"rows": 5}), "low_error")
    for tab, shown in ((app, "low_error"), (picking, "latent_neighbours")):
        sound(tab.run())
        assert next(box for box in tab.selectbox if box.label == "Anomaly score").value == shown
    store.close()


def elsewhere(store: Store, run: Run, values: NDArray[np.float64], scorer: str) -> None:
    """Another tab has the run looked at by another score."""
    store.thresholds.new(run.id, "count", {"rows": 5}, *decide(Given(values), "count", {"rows": 5}), scorer)


def test_no_press_is_lost_where_another_tab_chose_another_score(pages: Browser, store: Store, tmp_path: Path) -> None:
    run = finished(store, add_csv(store, tmp_path, grid_csv(), label="kind"))
    by_low, own = with_another_score(store, run.id, "low_error"), store.runs.scores(run).values
    with_another_score(store, run.id, "latent_neighbours")

    def box_of(app: AppTest) -> Any:
        return next(box for box in app.selectbox if box.label == "Anomaly score")

    back = pages("errors", run=run.id)
    sound(box_of(back).set_value("latent_neighbours").run())
    cut = pages("errors", run=run.id)
    sound(next(box for box in cut.number_input if box.label == "Threshold").set_value(float(np.sort(own)[-7])).run())
    typed = pages("anomalies", run=run.id)
    sound(next(box for box in typed.number_input if "hreshold" in str(box.key)).set_value(20.0).run())
    ticked = pages("anomalies", run=run.id)
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    row = int(np.argsort(-own, kind="stable")[1])
    ticked.session_state[f"flagged_{threshold.id}_0"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    sound(ticked.run())
    elsewhere(store, run, by_low, "low_error")
    saved = store.thresholds.current(run.id)
    for app, key in ((cut, "errors_keep_cut"), (typed, "save_threshold")):
        sound(next(button for button in app.button if button.key == key).click().run())
        told = " ".join(box.value for box in app.warning)
        assert "all is by **suspiciously low error** now, no longer by reconstruction error" in told.lower(), told
        assert "was not done; look again" in told
        assert store.thresholds.current(run.id) == saved  # by a score that was not looked at nothing is decided
        assert not sound(app.run()).warning
    sound(next(button for button in ticked.button if button.key == "why_row").click().run())
    assert ticked.query_params["row"] == str(store.runs.scores(run).row_keys[row])
    sound(box_of(back).set_value("reconstruction_error").run())  # a pick, though it is what this tab showed
    assert box_of(back).value == "reconstruction_error"
    sound(next(button for button in back.button if button.key == "rescore").click().run())
    chosen = store.thresholds.current(run.id)
    assert chosen is not None
    assert chosen.scorer == "reconstruction_error"


def test_a_cut_beside_a_threshold_that_another_tab_replaced_is_not_lost_in_silence(
    pages: Browser, store: Store, tmp_path: Path
) -> None:
    run = finished(store, add_csv(store, tmp_path, grid_csv()))
    own = store.runs.scores(run).values
    app = pages("errors", run=run.id)
    box = next(box for box in app.number_input if box.label == "Threshold")
    sound(box.set_value(float(np.sort(own)[-7])).run())
    elsewhere(store, run, own, "")
    sound(next(button for button in app.button if button.key == "errors_keep_cut").click().run())
    assert "Another threshold was saved meanwhile. What you pressed was not done" in said(app)
    sound(next(box for box in app.number_input if box.label == "Threshold").set_value(float(np.sort(own)[-7])).run())
    sound(next(button for button in app.button if button.key == "errors_keep_cut").click().run())
    newest = store.thresholds.current(run.id)
    assert newest is not None
    assert newest.flagged == 7


def test_whether_flags_come_again_is_asked_for_and_said(empty: Browser, tmp_path: Path) -> None:
    store = Store.open(Settings(home=tmp_path / "home"))
    run = finished(store, add_csv(store, tmp_path, grid_csv().replace("kind", "came again", 1)))
    app = empty("anomalies", run=run.id)
    assert "came again" not in said(app)
    assert {row["came_again"] for row in prepared(app)} == {""}
    sound(next(button for button in app.button if button.key == "stability").click().run())
    job = next(job for job in store.jobs.find(run_id=run.id) if job.kind == "stability")
    eventually(lambda: store.jobs.get(job.id).ended, "it was not trained again")
    assert store.jobs.get(job.id).state == "succeeded"
    values = with_another_score(store, run.id, "low_error")
    store.thresholds.new(run.id, "count", {"rows": 5}, *decide(Given(values), "count", {"rows": 5}), "low_error")
    app = empty("anomalies", run=run.id)  # by a score of which it was not looked at yet
    assert "came again" not in said(app)
    assert "stability" in {button.key for button in app.button}
    values = store.runs.scores(run).values
    store.thresholds.new(run.id, "count", {"rows": 5}, *decide(Given(values), "count", {"rows": 5}))
    app = empty("anomalies", run=run.id)
    assert "of the flags came again" in said(app)
    assert {"came again", "came again (source)"} <= set(app.dataframe[0].value)
    shown = app.dataframe[0].value["came again"]
    assert [100 * float(row["came_again"]) for row in prepared(app)] == shown.tolist()
    store.close()


def prepared(app: AppTest) -> list[dict[str, str]]:
    """The flagged rows as their CSV has them."""
    button = next(button for button in app.button if button.label == "Prepare the CSV")
    key = f"prepared_{str(button.key).removeprefix('prepare_')}"
    data = sound(button.click().run()).session_state[key]
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_expected_values_that_say_nothing_are_left_out_and_said(
    full: Browser, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = list(made.plain.summary["columns"])
    weak = replace(made.plain, summary={**made.plain.summary, "weak_columns": columns[:1]})
    monkeypatch.setattr(state, "run", lambda: weak)
    monkeypatch.setattr(evidence_card, "ask", lambda *_, **__: to_json(Evidence, evidence_of(0, columns, "1")))
    app = full("errors", run=made.plain.id)
    table = next(frame.value for frame in app.dataframe if "in rows like it" in frame.value.columns)
    shown = table.set_index("column")["expected"]
    assert shown[columns[0]] == ""
    assert (shown.drop(columns[0]) == "1").all()
    assert f"No expected value of {columns[0]}" in said(app)


def test_a_threshold_is_tried_saved_and_found_again(full: Browser, made: Made) -> None:
    app = full("anomalies", run=made.plain.id)
    box = next(box for box in app.number_input if "hreshold" in str(box.key))
    sound(box.set_value(20.0).run())
    assert "**12 rows** flagged of 60" in said(app)
    save = next(button for button in app.button if button.key == "save_threshold")
    assert not save.disabled
    sound(save.click().run())
    newest = made.store.thresholds.current(made.plain.id)
    assert newest is not None
    assert newest.flagged == 12


@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_every_way_to_flag_is_tried_with_what_it_would_do(full: Browser, made: Made, which: str) -> None:
    run: Run = getattr(made, which)
    app = full("anomalies", run=run.id)
    app.session_state[workbench.OPEN] = True
    usual = next(box for box in app.selectbox if box.label == "Flag by").options
    app = sound(next(each for each in app.toggle if each.label == "Expert").set_value(True).run())
    ways = next(box for box in app.selectbox if box.label == "Flag by").options
    assert set(usual) < set(ways)
    refused = 0
    for way in ways:
        app = sound(next(box for box in app.selectbox if box.label == "Flag by").select(way).run())
        refused += len(app.error)
        if app.error:
            assert "Until then the saved threshold holds" in said(app)
        assert "flagged of 60" in said(app)
    if which == "hostile":  # without a label it is said of as many as are flagged now
        found = re.search(r"\*\*(\d+) rows?\*\* flagged of 60", said(app))
        assert found is not None
        assert f"Of the autoencoder's {found[1]} strangest row" in said(app)
    # Without a label nothing can be chosen by it; of few rows no tail is fitted.
    assert refused >= (1 if which == "plain" else 3)
    assert refused <= len(ways) - 4


def test_with_a_label_the_threshold_is_held_against_it(full: Browser, made: Made) -> None:
    app = full("anomalies", run=made.plain.id)
    app.session_state[workbench.OPEN] = True
    app = sound(app.run())
    table = next(frame.value for frame in app.dataframe if "beside the label" in frame.value.columns)
    counts = [int(cell) for cell in table["beside the label"].iloc[:4]]
    assert sum(counts) == 60
    scores, threshold = made.store.runs.scores(made.plain), made.store.thresholds.current(made.plain.id)
    assert threshold is not None
    assert counts[0] + counts[1] == int((scores.values >= threshold.value).sum())
    shares = table["beside the label"].loc[["precision", "recall", "F1", "lift over chance"]]
    assert shares.str.contains(r"\(.+ – .+\)").all()  # each with its interval
    assert app.get("plotly_chart")
    app = sound(next(box for box in app.selectbox if box.label == "Flag by").select_index(0).run())
    ways = next(box for box in app.selectbox if box.label == "Flag by").options
    app = sound(
        next(box for box in app.selectbox if box.label == "Flag by").select(next(w for w in ways if "F1" in w)).run()
    )
    assert "figures on the same rows flatter it" in said(app)
    assert "Beside the saved threshold" in said(app)


def test_a_threshold_at_which_rows_have_equal_scores_says_why_it_flags_more(full: Browser, made: Made) -> None:
    scores = made.store.runs.scores(made.plain).values  # some rows of the table are equal
    asked = next(rows for rows in range(1, 60) if decide(Given(scores), "count", {"rows": rows})[1] > rows)
    value, flagged = decide(Given(scores), "count", {"rows": asked})
    tried = Threshold("", made.plain.id, "count", {"rows": asked}, value, flagged, "somebody", 0.0)
    view = made.store.views.new(made.plain.id, "anomalies", {"threshold": to_json(Threshold, tried)})
    why = f"{flagged} rows flagged rather than {asked}: {(scores == value).sum()} rows share the score at the threshold"
    assert why in said(full("anomalies", view=view.id))
    assert "rather than" not in said(full("anomalies", run=made.plain.id))


def test_what_was_tried_outlives_what_another_tab_saves(full: Browser, made: Made) -> None:
    app = full("anomalies", run=made.plain.id)
    box = next(box for box in app.number_input if "hreshold" in str(box.key))
    sound(box.set_value(30.0).run())
    other = decide(Given(made.store.runs.scores(made.plain).values), "quantile", {"share": 0.1})
    made.store.thresholds.new(made.plain.id, "quantile", {"share": 0.1}, *other)
    save = next(button for button in app.button if button.key == "save_threshold")
    sound(save.click().run())
    newest = made.store.thresholds.current(made.plain.id)
    assert newest is not None
    assert newest.parameters == {"share": 0.3}


@pytest.mark.parametrize("page", ANALYSIS)
def test_a_threshold_of_another_run_is_refused(full: Browser, made: Made, page: str) -> None:
    other = made.store.thresholds.current(made.hostile.id)
    assert other is not None
    assert "belongs to another run" in errors(full(page, run=made.plain.id, threshold=other.id))


@pytest.mark.parametrize("page", ["data", "train"])
def test_rows_to_leave_out_by_a_column_that_is_not_there(full: Browser, made: Made, page: str) -> None:
    leave = '[{"column":"zz","operator":"is","value":"1"}]'
    app = full(page, dataset=made.bare.id, leave=leave)
    assert "there is no such column" in errors(app)
    assert "will be left out" not in said(app)


def test_a_shared_view_opens_as_it_was(full: Browser, made: Made) -> None:
    threshold = made.store.thresholds.current(made.plain.id)
    keys = tuple(made.store.runs.scores(made.plain).row_keys[:3].tolist())
    assert threshold is not None
    view = made.store.views.new(
        made.plain.id, "map", {"threshold": to_json(Threshold, threshold), "colour": "flag"}, keys
    )
    app = full("map", view=view.id)
    assert not app.error
    assert "A view shared by" in said(app)
    assert "3 selected rows" in said(app)


def test_a_shared_view_names_the_selection_that_it_was_made_with(pages: Browser, store: Store, tmp_path: Path) -> None:
    run = finished(store, add_csv(store, tmp_path, grid_csv()))
    dataset = store.datasets.get(run.dataset_id)
    keys = store.datasets.row_keys(dataset)
    kept = store.selections.new(dataset, "<i>suspects</i>", keys[:4])

    def shared(**params: str) -> str:
        app = pages("anomalies", run=run.id, **params)
        sound(next(button for button in app.button if button.label == "Create the link").click().run())
        return str(app.session_state["shared_anomalies"][1])

    app = pages("anomalies", run=run.id, selection=kept.id, only="1")
    app = sound(next(button for button in app.button if button.label == "Create the link").click().run())
    (link,) = (code.value for code in app.code if "anomalies?view=" in code.value)
    seen = pages("anomalies", **dict(parse_qsl(urlsplit(link).query)))
    (line,) = (box.value for box in app.info if box.value.startswith("Only selected rows: "))
    assert line in [box.value for box in seen.info]

    named, bare = shared(selection=kept.id), shared()
    told = "Selected: the selection **<i>suspects</i>** of 4 rows."
    assert told in said(pages("anomalies", view=named))
    assert "No row was selected." in said(pages("anomalies", view=bare))
    store.selections.delete(kept.id)  # what was shared stays as it was
    app = pages("map", view=named)
    assert told in said(app)
    assert "<i>suspects" not in "".join(box.value for box in app.info)
    assert "4 selected rows" in said(app)


def test_a_threshold_that_was_only_tried_is_shared_as_it_was(full: Browser, made: Made) -> None:
    scores = made.store.runs.scores(made.plain).values
    value, flagged = decide(Given(scores), "count", {"rows": 7})
    tried = Threshold("", made.plain.id, "count", {"rows": 7}, value, flagged, "somebody", 0.0)
    view = made.store.views.new(made.plain.id, "anomalies", {"threshold": to_json(Threshold, tried)})
    app = full("anomalies", view=view.id)
    assert not app.error
    assert f"{flagged} rows** flagged" in said(app)
    assert "Not saved" in said(app)


def test_the_schema_of_the_data_page_names_kinds_and_reasons(full: Browser, made: Made) -> None:
    app = full("data", dataset=made.bare.id)
    table = next(frame.value for frame in app.dataframe if "why" in frame.value.columns)
    assert table["kind"].tolist() == ["number", "number", "number", "category"]


def test_a_table_that_cannot_be_trained_on_is_refused_before_the_job(full: Browser, made: Made, tmp_path: Any) -> None:
    few = add_csv(made.store, tmp_path, grid_csv(5))
    same = add_csv(made.store, tmp_path, "a,b\n" + "1,2\n" * 20)
    try:
        assert "at least 10 are needed" in errors(full("train", dataset=few.id))
        assert "no column is left to learn from" in errors(full("train", dataset=same.id))
    finally:
        made.store.datasets.delete(few.id)
        made.store.datasets.delete(same.id)
