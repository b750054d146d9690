"""The Triage page: the queue, what is said of a row, and that others see it."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.access import Principal
from core.errors import InputRefused
from core.jobs.again import threshold_of_parent, without_confirmed
from core.jobs.beforehand import left_out
from core.jobs.tasks import train
from core.jobs.work import Work
from core.results import Run
from core.serving.server import Models
from core.specs import RunSpec, Training
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.storage.verdicts import Said
from core.thresholds import Given, decide
from core.triage.judged import CONFIRMED, Judged, judged
from core.triage.queue import BY_KIND, ORDERS
from core.triage.sentence import percent
from dashboard.api import said as spoken
from dashboard.blocks import evidence_card
from dashboard.blocks.triage import kinds, queue, rules
from tests.conftest import add_csv, grid_csv
from tests.core.export.triage.made import by, say
from tests.pages.conftest import FRAME, Browser, Made, errors, finished, hostile_csv, said, sound


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    return finished(store, add_csv(store, tmp_path, hostile_csv(), name="hostile.csv"))


def press(app: AppTest, label: str) -> AppTest:
    return sound(next(button for button in app.button if button.label == label).click().run())


def flagged(store: Store, run: Run) -> np.ndarray:
    scores, threshold = store.runs.scores(run), store.thresholds.current(run.id)
    assert threshold is not None
    rows = np.flatnonzero(scores.values >= threshold.value)
    return rows[np.argsort(-scores.values[rows], kind="stable")]


def now(store: Store, run: Run) -> Judged:
    dataset = store.datasets.get(run.dataset_id)
    keys, contents = store.datasets.row_keys(dataset), store.datasets.row_contents(dataset)
    return judged(store.verdicts.of_lineage(dataset.lineage_id), keys, contents)


def test_verdicts_lead_through_the_queue_and_are_taken_back(pages: Browser, store: Store, run: Run) -> None:
    rows = flagged(store, run)
    assert len(rows) >= 3
    app = pages("triage", run=run.id)
    assert f"Row {rows[0] + 1}" in said(app)
    assert f"1 of {len(rows)}" in said(app)
    next(box for box in app.text_area if box.label == "Note").set_value("**bold** <b>").run()
    press(app, "Confirm")
    assert now(store, run).rows(CONFIRMED).tolist() == [rows[0]]
    first = now(store, run).newest[int(rows[0])]
    assert first.note == "**bold** <b>"
    assert (first.run_id, first.score) == (run.id, store.runs.scores(run).values[rows[0]])
    assert f"Row {rows[1] + 1}" in said(app)
    press(app, "Dismiss")
    assert f"Row {rows[2] + 1}" in said(app)
    assert "precision so far" in said(app)
    press(app, "Back")
    assert f"Row {rows[1] + 1}" in said(app)
    assert "What was said of it" in str([each.label for each in app.expander])
    press(app, "Next")
    press(app, "Undo")
    assert f"Row {rows[1] + 1}" in said(app)
    press(app, "Back")  # what was looked at after the row whose verdict is taken back lies ahead again
    assert f"Row {rows[0] + 1}" in said(app)
    assert int(rows[1]) in now(store, run).newest
    assert now(store, run).codes[rows[1]] == 0
    press(app, "Undo")
    assert now(store, run).rows(CONFIRMED).tolist() == []
    assert store.verdicts.stamp(store.datasets.get(run.dataset_id).lineage_id)[0] == 4


def test_a_press_that_comes_late_brings_back_no_row_that_was_gone_on_from(
    pages: Browser, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, rows = store.runs.scores(run).row_keys, flagged(store, run)
    clock = [100.0]
    monkeypatch.setattr("dashboard.blocks.row_shown.monotonic", lambda: clock[0])
    app = pages("triage", run=run.id)
    press(app, "Confirm")
    del app.query_params["row"]  # as the browser had it when it sent the next press
    assert f"Row {rows[1] + 1}" in said(sound(app.run()))
    press(app, "Next")
    app.query_params["row"] = str(keys[rows[1]])
    assert f"Row {rows[2] + 1}" in said(sound(app.run()))
    assert app.query_params["row"] == str(keys[rows[2]])
    clock[0] += 60.0  # the browser's way back, or a link
    app.query_params["row"] = str(keys[rows[0]])
    assert f"Row {rows[0] + 1}" in said(sound(app.run()))
    assert store.verdicts.stamp(store.datasets.get(run.dataset_id).lineage_id)[0] == 1


def test_another_order_or_sort_begins_with_its_first_row(pages: Browser, store: Store, run: Run) -> None:
    rows = flagged(store, run)
    app = pages("triage", run=run.id)
    press(app, "Dismiss")
    press(app, "Next")
    assert f"Row {rows[2] + 1}" in said(app)
    app = sound(next(each for each in app.button_group if each.label == "Show").set_value("dismissed").run())
    assert f"Row {rows[0] + 1}" in said(app)
    app = sound(next(each for each in app.button_group if each.label == "Show").set_value("not decided").run())
    assert f"Row {rows[1] + 1}" in said(app)
    press(app, "Next")
    order = next(each for each in app.button_group if each.label == "Order")
    app = sound(order.set_value("nearest the threshold first").run())
    assert f"Row {rows[-1] + 1}" in said(app)


def test_a_press_that_a_new_session_hears_first_is_acted_on_once(pages: Browser, store: Store, run: Run) -> None:
    rows = flagged(store, run)
    key = str(store.runs.scores(run).row_keys[rows[1]])
    shown = pages("triage", run=run.id, row=key)
    next(box for box in shown.text_area if box.label == "Note").set_value("typed before")
    confirm = next(button for button in shown.button if button.label == "Confirm")
    confirm.click()
    back = AppTest.from_file(str(FRAME), default_timeout=60)  # nothing was drawn in it yet, as after a restart
    back.query_params["run"], back.query_params["row"] = run.id, key
    back = back.switch_page("../pages/triage.py")
    sound(back._run(shown._tree.get_widget_states()))
    only = now(store, run)
    assert only.rows(CONFIRMED).tolist() == [rows[1]]
    assert only.newest[int(rows[1])].note == "typed before"
    assert len(store.verdicts.of_lineage(store.datasets.get(run.dataset_id).lineage_id)) == 1
    assert f"Row {rows[2] + 1}" in said(back)


def test_a_browser_can_ask_whether_somebody_spoke(store: Store, run: Run) -> None:
    lineage = store.datasets.get(run.dataset_id).lineage_id
    client = TestClient(Starlette(routes=spoken.routes(lambda: store)))
    before = client.get(f"/said/{lineage}")
    assert before.text == client.get(f"/said/{lineage}").text == spoken.said_of(store, lineage)
    store.verdicts.add(lineage, run.dataset_id, [Said("a row", "", "confirmed")])
    assert client.get(f"/said/{lineage}").text not in (before.text, "")
    assert client.get("/said/l-none").text == before.text
    assert client.get(f"/said/{lineage}", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_the_end_of_the_queue_and_the_table(pages: Browser, store: Store, run: Run) -> None:
    app = pages("triage", run=run.id)
    for _ in flagged(store, run):
        press(app, "Unsure")
    assert "is left" in " ".join(box.value for box in app.success)
    for shown in ("unsure", "all"):
        next(group for group in app.get("button_group") if group.label == "Show").set_value(shown).run()
        sound(app)
    next(group for group in app.get("button_group") if group.label == "View").set_value("As a table").run()
    table = sound(app).dataframe[0].value
    assert set(table["verdict"]) == {"unsure"}


@pytest.mark.parametrize("which", ["plain", "hostile"])
def test_every_order_and_rows_that_are_not_flagged(
    full: Browser, made: Made, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "ask", asked_here)
    chosen: Run = getattr(made, which)
    app = full("triage", run=chosen.id, row="1")
    for order in ORDERS:
        sound(next(each for each in app.get("button_group") if each.label == "Order").set_value(order).run())
    assert "there is no row" in " ".join(box.value for box in full("triage", run=chosen.id, row="<b>no</b>").error)


def test_who_else_spoke_and_what_changed_is_said(pages: Browser, store: Store, run: Run) -> None:
    dataset, row = store.datasets.get(run.dataset_id), int(flagged(store, run)[0])
    key = str(store.datasets.row_keys(dataset)[row])
    app = pages("triage", run=run.id)
    press(app, "Confirm")
    other = Store(store.settings, store.engine, Principal(store.space, "<i>Ben</i>"))
    other.verdicts.add(dataset.lineage_id, dataset.id, [Said(key, "another time", "dismissed", note="# no")])
    app = pages("triage", run=run.id, row=key)
    text = said(app)
    assert "Changed since" in text
    assert "Not everybody says the same" in text
    assert "<i>Ben</i>" in text
    app = pages("anomalies", run=run.id)
    table = next(frame.value for frame in app.dataframe if "verdict" in frame.value.columns)
    assert table["verdict"].iloc[0] == "dismissed"
    app = pages("map", run=run.id)
    colours = next(box for box in app.selectbox if box.label == "Colour by")
    assert "verdict" in colours.options
    sound(colours.select("verdict").run())


def test_a_row_stays_under_the_readers_eyes_when_somebody_else_decides_on_it(
    pages: Browser, store: Store, run: Run
) -> None:
    dataset = store.datasets.get(run.dataset_id)
    app = pages("triage", run=run.id)
    heading = next(each.value for each in app.markdown if each.value.startswith("#### "))
    row = int(flagged(store, run)[0])
    say(by(store, "Ben"), dataset, row, "dismissed")
    sound(app.run())
    assert next(each.value for each in app.markdown if each.value.startswith("#### ")) == heading
    assert "dismissed" in said(app)
    press(app, "Next")
    assert next(each.value for each in app.markdown if each.value.startswith("#### ")) != heading


def test_a_press_in_a_run_that_somebody_deleted_is_told_of_in_place(pages: Browser, store: Store, run: Run) -> None:
    rows, dataset = flagged(store, run), store.datasets.get(run.dataset_id)
    app = pages("triage", run=run.id)
    store.runs.delete(run.id)
    press(app, "Confirm")
    assert now(store, run).rows(CONFIRMED).tolist() == [rows[0]]
    told = next(box.value for box in app.warning if "This run was deleted meanwhile." in box.value)
    assert f"What you said of row {rows[0] + 1} (confirmed): kept." in told
    assert errors(app) == ""
    sound(app.run())  # it stands there for as long as the page does
    assert "kept." in said(app)
    assert "Not found" in errors(pages("triage", run=run.id))  # who did nothing in it reads what was asked for
    again = finished(store, dataset)
    app = pages("triage", run=again.id, row=now(store, again).newest[int(rows[0])].row_key)
    assert "What was said of it" in str([each.label for each in app.expander])
    store.runs.delete(again.id)
    store.datasets.delete(dataset.id)
    press(app, "Dismiss")
    assert "and its data with it.** What you said of row" in said(app)
    assert "not kept" in said(app)
    assert store.verdicts.stamp(dataset.lineage_id)[0] == 0


def test_what_was_taken_back_in_a_deleted_run_is_told_too(pages: Browser, store: Store, run: Run) -> None:
    app = pages("triage", run=run.id)
    press(app, "Confirm")
    store.runs.delete(run.id)
    press(app, "Undo")
    assert "What you took back: kept." in said(app)
    assert (now(store, run).codes == 0).all()


def test_nothing_flagged(pages: Browser, store: Store, tmp_path: Path) -> None:
    run = finished(store, add_csv(store, tmp_path, grid_csv(), name="grid.csv"))
    store.thresholds.new(run.id, "count", {"rows": 1}, 1e9, 0)
    assert "Nothing is flagged" in said(pages("triage", run=run.id))


def test_rows_like_a_dismissed_one_are_hidden_for_a_while(pages: Browser, store: Store, run: Run) -> None:
    rows = flagged(store, run)
    app = pages("triage", run=run.id)
    press(app, "Dismiss")
    press(app, "Back")
    assert "Dismiss rows like this for a while" in [each.label for each in app.expander]
    sound(next(g for g in app.get("button_group") if g.key == f"rule_width_{rows[0]}").set_value("wide").run())
    press(app, "Hide them until then")
    dataset = store.datasets.get(run.dataset_id)
    (rule,) = store.rules.of_lineage(dataset.lineage_id)
    assert rule.row_key == store.datasets.row_keys(dataset)[rows[0]]
    assert any(each.label.startswith("1 rule hides") for each in app.expander)
    hidden = int(re.search(r"hides (\d+)", said(app)).group(1))  # type: ignore[union-attr]
    assert hidden >= 1
    # The row that was decided on is not hidden: it stays among those that were reviewed.
    bars = " ".join(bar.proto.text for bar in app.get("progress"))
    assert re.search(rf"1 of {len(rows) - hidden} rows? reviewed", bars)
    sound(next(b for b in app.button if b.key == f"undo_rule_{rule.id}").click().run())
    assert store.rules.of_lineage(dataset.lineage_id)[0].undone_at is not None
    assert not any("rule" in each.label for each in app.expander if each.label.startswith("1 rule"))


def test_a_rule_asks_for_what_is_strange_and_tells_of_rows_that_are_flagged_for_something_else(
    pages: Browser, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    lines = ["weight,b,c,site"]
    for i in range(400):
        x = generator.normal()
        weight, b = (x + 9, x) if i < 6 else (x, x)
        c = 40 if i == 5 else generator.normal()  # flagged for weight too, but not mostly
        lines.append(f"{weight:.3f},{b + generator.normal() * 0.1:.3f},{c:.3f},{'west' if i % 2 else 'east'}")
    run = finished(store, add_csv(store, tmp_path, "\n".join(lines), name="heavy.csv"))
    monkeypatch.setattr(evidence_card, "ask", asked_here)
    dataset = store.datasets.get(run.dataset_id)
    keys, contents = store.datasets.row_keys(dataset), store.datasets.row_contents(dataset)
    store.verdicts.add(dataset.lineage_id, dataset.id, [Said(str(keys[1]), str(contents[1]), "dismissed")])
    app = pages("triage", run=run.id, row=keys[1])
    sound(next(g for g in app.get("button_group") if g.key == "rule_width_1").set_value("wide").run())
    asked = next(each.value for each in app.markdown if "that nobody decided on" in each.value)
    assert "weight" in asked
    assert "site" not in asked
    assert "1 is flagged mostly for other columns" in said(app)


def test_when_its_day_has_passed_a_rule_hides_nothing_and_the_list_says_so(
    pages: Browser, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = flagged(store, run)
    app = pages("triage", run=run.id)
    press(app, "Dismiss")
    press(app, "Back")
    sound(next(g for g in app.get("button_group") if g.key == f"rule_width_{rows[0]}").set_value("wide").run())
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)
    next(each for each in app.date_input if each.key == f"rule_until_{rows[0]}").set_value(tomorrow)
    press(app, "Hide them until then")
    (rule,) = store.rules.of_lineage(store.datasets.get(run.dataset_id).lineage_id)
    assert datetime.date.fromtimestamp(rule.until) == tomorrow

    def queue() -> tuple[int, str]:
        """How many rows are to be decided on, and what the page says, opened anew."""
        app = sound(pages("triage", run=run.id))
        bars = " ".join(bar.proto.text for bar in app.get("progress"))
        labels = " ".join(each.label for each in app.expander)
        return int(re.search(r"of (\d+) rows? reviewed", bars).group(1)), f"{labels} {said(app)}"  # type: ignore[union-attr]

    left, text = queue()
    assert left < len(rows)
    assert "1 rule hides" in text
    assert "A rule ended" not in text
    for then, count, is_said in (
        (rule.until - 1, left, "1 rule hides"),  # the last second of its day
        (rule.until, len(rows), f"A rule ended on {tomorrow.isoformat()}, and the rows that it hid are back"),
        (rule.until + 29 * 86_400, len(rows), "A rule ended"),
    ):
        monkeypatch.setattr(rules, "now", lambda then=then: then)
        back, text = queue()
        assert back == count
        assert is_said in text
        assert ("1 rule hides" in text) != ("A rule ended" in text)
    monkeypatch.setattr(rules, "now", lambda: rule.until + 31 * 86_400)
    assert "A rule ended" not in queue()[1]
    store.rules.undo(rule.id)
    monkeypatch.setattr(rules, "now", lambda: rule.until + 1)
    assert "A rule ended" not in queue()[1]


def test_training_again_leaves_the_confirmed_out_and_names_its_parent(pages: Browser, store: Store, run: Run) -> None:
    rows = flagged(store, run)
    app = pages("triage", run=run.id)
    assert next(button for button in app.button if button.key == "train_without_confirmed").disabled
    press(app, "Confirm")
    app = pages("triage", run=run.id)
    press(app, "Train again without the confirmed")
    made = next(each for each in store.runs.find() if each.parent_id == run.id)
    assert made.name == f"{run.name}, without 1 confirmed row"
    dataset = store.datasets.get(run.dataset_id)
    out = left_out(store, dataset, RunSpec.read(made.spec))
    assert np.flatnonzero(out).tolist() == [rows[0]]
    work = claim(store.engine, "here", 600, kinds=("train",))
    assert work is not None
    train.run(Work(work, store, Fence(store.engine, work.id, work.attempt)))
    before, after = (store.thresholds.current(each) for each in (run.id, made.id))
    assert before is not None
    assert after is not None
    assert (after.method, after.parameters, after.author) == ("quantile", before.parameters, "")
    changed = sound(pages("home", job=made.job_id))  # where the button led
    assert [title.value for title in changed.title] == ["Compare"]
    picked = next(box for box in changed.multiselect if box.label == "Runs").value
    assert picked == [run.id, made.id]
    again = without_confirmed(store, made)  # the earlier rows are not named twice
    assert len(RunSpec.read(again.spec).leave_out) == 1
    with pytest.raises(InputRefused, match="no row is confirmed"):
        store.verdicts.add(
            dataset.lineage_id, dataset.id, [Said(str(store.datasets.row_keys(dataset)[rows[0]]), "", "dismissed")]
        )
        without_confirmed(store, run)


@pytest.mark.parametrize(
    ("method", "parameters", "inherited"),
    [("count", {"rows": 7}, ("count", {"rows": 7})), ("score", {"score": 0.0}, ("count", {"rows": 60}))],
)
def test_what_is_trained_again_begins_with_the_threshold_of_before(
    store: Store, run: Run, method: str, parameters: dict[str, float], inherited: tuple[str, dict[str, float]]
) -> None:
    value, over = decide(Given(store.runs.scores(run).values), method, parameters)
    store.thresholds.new(run.id, method, parameters, value, over)
    again = store.runs.submit(run.dataset_id, RunSpec.read(run.spec), parent_id=run.id)
    assert threshold_of_parent(store, again) == inherited
    other = RunSpec.read(run.spec).model_copy(update={"contamination": 0.2})
    assert threshold_of_parent(store, store.runs.submit(run.dataset_id, other, parent_id=run.id)) is None
    store.runs.delete(run.id)
    assert threshold_of_parent(store, again) is None


def asked_here(_store: Store, question: str, **payload: Any) -> Any:
    """What the inference process would answer."""
    return getattr(Models(_store), question)(_store.space, **payload)


def test_the_sentence_for_a_ticket_has_score_and_percentile(
    pages: Browser, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_card, "ask", asked_here)
    scores, threshold = store.runs.scores(run), store.thresholds.current(run.id)
    assert threshold is not None
    raw = f"(score {scores.values.max():.4g}, above the threshold of {threshold.value:.4g}"
    assert f"{raw})." in sound(pages("triage", run=run.id)).code[0].value
    below = percent(float((scores.values < threshold.value).mean()))
    told = sound(pages("triage", run=run.id, scores="percentile")).code[0].value
    assert f"{raw}; flagged is what is stranger than at least {below})." in told


def test_flagged_rows_of_one_kind_are_one_case(
    pages: Browser, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    lines = ["a,b,c"]
    for i in range(300):
        x = generator.normal()
        b = x + 30 if i < 12 else x
        lines.append(f"{x:.3f},{b + generator.normal() * 0.1:.3f},{generator.normal():.3f}")
    run = finished(store, add_csv(store, tmp_path, "\n".join(lines), name="copies.csv"))
    monkeypatch.setattr(kinds, "ask", asked_here)
    app = pages("triage", run=run.id)
    app = sound(next(g for g in app.get("button_group") if g.label == "View").set_value("One kind at a time").run())
    table = next(frame.value for frame in app.dataframe if "case" in frame.value.columns)
    assert table["rows"].max() >= 10
    assert table["rows"].sum() == len(flagged(store, run))
    assert (table["rows"] == table["not decided"]).all()
    assert "b" in table["case"].iloc[int(table["rows"].argmax())]
    most = int(table["rows"].argmax())
    app.session_state[f"cases_{run.id}_0_{len(table)}"] = {"selection": {"rows": [most], "columns": [], "cells": []}}
    app = sound(app.run())
    count = int(table["rows"].iloc[most])
    press(app, f"Dismiss these {count}")
    said_now = store.verdicts.of_lineage(store.datasets.get(run.dataset_id).lineage_id)
    assert len(said_now) == count
    assert len({each.batch_id for each in said_now}) == 1
    assert "in a case" in said_now[0].note
    app = sound(next(g for g in app.get("button_group") if g.label == "View").set_value("One at a time").run())
    press(app, "Undo")
    assert (now(store, run).codes == 0).all()
    app = pages("triage", run=run.id)
    app.session_state[f"alike_{run.id}"] = True
    app = sound(app.run())
    alike = next(frame.value for frame in app.dataframe if "likeness" in frame.value.columns)
    assert len(alike) == len(flagged(store, run)) - 1
    assert alike["likeness"].is_monotonic_decreasing
    assert next(button for button in app.button if button.label == "Confirm these 0").disabled


def test_one_of_each_kind_first_goes_by_cases_which_are_told_once(
    pages: Browser, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    lines = ["a,b,c"]
    faults = {0: (30, 0), 1: (-30, 0), 2: (0, 30), 3: (0, -30), 4: (4, 0)}  # most of the largest are of the first
    for i in range(600):
        x = generator.normal(size=3)
        b, c = faults.get(0 if i < 10 else i - 9, (0, 0)) if i < 14 else (0, 0)
        lines.append(f"{x[0]:.3f},{x[0] + b + 0.1 * x[1]:.3f},{x[2] + c:.3f}")
    run = finished(store, add_csv(store, tmp_path, "\n".join(lines), name="kinds.csv"))
    asked = []

    def counted(_store: Store, question: str, **payload: Any) -> Any:
        asked.append(question)
        return asked_here(_store, question, **payload)

    monkeypatch.setattr(kinds, "ask", counted)
    threshold, scores = store.thresholds.current(run.id), store.runs.scores(run)
    assert threshold is not None
    rows = flagged(store, run)
    cases = Models(store).cases(store.space, run.id, rows.tolist(), "", threshold.value)["cases"]
    case_of = {row: number for number, case in enumerate(cases) for row in case["rows"]}
    columns = {int(scores.column_errors[row].argmax()) for row in rows}
    assert len(cases) > len(columns)  # else this would say nothing
    app = pages("triage", run=run.id)
    app = sound(next(g for g in app.get("button_group") if g.label == "Order").set_value(BY_KIND).run())
    shown = []
    for _ in cases:
        title = next(each.value for each in app.markdown if each.value.startswith("#### "))
        shown.append(int(title.removeprefix("#### Row ")) - 1)
        app = press(app, "Confirm")
    assert sorted(case_of[row] for row in shown) == list(range(len(cases)))
    assert asked == ["cases"]
    assert "Kinds are told among" not in said(app)


def test_what_is_beyond_the_strangest_that_are_grouped_comes_after_them_and_that_is_said(
    pages: Browser, store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "ask", asked_here)
    for block in (kinds, queue):
        monkeypatch.setattr(block, "MOST", 1)
    app = pages("triage", run=run.id)
    app = sound(next(g for g in app.get("button_group") if g.label == "Order").set_value(BY_KIND).run())
    assert "Kinds are told among the 1 strangest; all others come after these, by their scores." in said(app)
    app = sound(next(g for g in app.get("button_group") if g.label == "View").set_value("As a table").run())
    rows = flagged(store, run)
    assert len(rows) > 2
    assert [int(row) - 1 for row in app.dataframe[-1].value.index] == rows.tolist()


def test_where_no_label_is_verdicts_compare_runs_and_say_whose_rows_they_are(
    pages: Browser, store: Store, run: Run
) -> None:
    dataset = store.datasets.get(run.dataset_id)
    other = finished(store, dataset, RunSpec(training=Training(epochs=3, seed=1)))
    compare = f"{run.id},{other.id}"
    assert "stand in for one" not in said(sound(pages("compare", compare=compare)))
    rows = flagged(store, run)
    keys, contents = store.datasets.row_keys(dataset), store.datasets.row_contents(dataset)
    words = ["confirmed", *["dismissed"] * (len(rows) - 1)]
    store.verdicts.add(
        dataset.lineage_id,
        dataset.id,
        [Said(str(keys[row]), str(contents[row]), word) for row, word in zip(rows, words, strict=True)],
    )
    app = sound(pages("compare", compare=compare))
    assert f"1 confirmed and {len(rows) - 1} dismissed rows stand in for one" in said(app)
    table = next(frame.value for frame in app.dataframe if "detector" in frame.value.columns)
    assert table["confirmed of its reviewed flags"][0].startswith(f"{1 / len(rows):.3f} (")
    assert "AUROC among the reviewed" not in table  # too few of either
