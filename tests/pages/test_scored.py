"""Another file through a run that was trained before: offered, scored, looked at on every page, refused where it means nothing."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.datasets.ingest import change_columns, ingest, submit
from core.datasets.since import CHANGED, NEW
from core.errors import Cancelled, InputRefused
from core.jobs.tasks import ingest as ingest_task
from core.jobs.tasks import project, score
from core.jobs.wait import wait
from core.jobs.work import Work
from core.latent.neighbours import Index
from core.latent.placement import place
from core.presets import PRESETS
from core.results import HELD_BACK, Bound, Dataset, Run, ground
from core.scoring import recommended
from core.scoring.events import events
from core.scoring.files import files
from core.scoring.matching import likely_names
from core.scoring.recognised import recognised
from core.scoring.trained import Trained
from core.scoring.workbench import given_of, truth_of_label
from core.serving.server import Models
from core.settings import settings
from core.specs import (
    FOUND,
    OWN_ERROR,
    RECOMMENDED,
    ReadOptions,
    RunSpec,
    ScoreWith,
    Training,
    Windows,
    spec_from_settings,
    suited,
)
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.storage.verdicts import Said
from core.thresholds import decide
from dashboard import load
from dashboard.blocks import evidence_card
from dashboard.latent_map import bounds
from tests.conftest import add_csv
from tests.pages.conftest import Browser, errors, finished, said, sound
from tests.pages.test_profile import progress


def table(rows: int, seed: int, columns: str = "name,a,b,group,day", shift: float = 0.0) -> str:
    generator = np.random.default_rng(seed)
    lines = [columns]
    for i in range(rows):
        a = generator.normal()
        cells = {
            "name": f"s{seed}-{i}",
            "a": f"{a + shift:.3f}",
            "b": f"{2 * a + generator.normal(scale=0.1):.3f}",
            "group": "x" if a > 0 else "y",
            "day": f"2024-03-{1 + i % 28:02d}",
            "more": str(i % 7),
        }
        lines.append(",".join(cells[name] for name in columns.split(",")))
    return "\n".join(lines) + "\n"


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    dataset = add_csv(store, tmp_path, table(300, 1), name="last week.csv")
    return finished(store, dataset, RunSpec(scorer=OWN_ERROR, training=Training(epochs=3)))


def work_off(store: Store) -> Run:
    job = claim(store.engine, "here", 600, kinds=("score",))
    assert job is not None
    score.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    return store.runs.get(str(job.run_id))


def scored(store: Store, model: Run, dataset: Dataset, **how: Any) -> Run:
    store.runs.score_with(ScoreWith(run_id=model.id, **how), dataset.id)
    return work_off(store)


def test_a_file_is_offered_and_scored_as_the_run_would_have(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    text = table(200, 2, "more,day,group,b,a,name")
    monday = add_csv(store, tmp_path, text, name="monday.csv")
    app = pages("data", dataset=monday.id)
    assert "These columns were learned before" in said(app)
    sound(next(button for button in app.button if button.label == "Score with it").click().run())
    found = work_off(store)
    assert found.parent_id == run.id
    assert found.ready
    trained = Trained.load(store, run)
    names = list(trained.encoder.layout.columns)
    known = Models(store).rows_of(store, found, monday, names)
    again = trained.output(known.table)
    scores = store.runs.scores(found)
    np.testing.assert_array_equal(scores.values, again.scores)
    threshold, before = store.thresholds.current(found.id), store.thresholds.current(run.id)
    assert threshold is not None
    assert before is not None
    assert threshold.value == before.value
    assert threshold.flagged == int((scores.values >= before.value).sum())
    assert len(store.projections.of_run(found.id)) == len(store.projections.of_run(run.id)) == 1
    assert found.summary["drift"]["verdict"] == "no sign of drift"
    for page in ("anomalies", "triage", "errors", "map", "train"):
        text = said(pages(page, run=found.id))
        assert "“more” was not learned from" in text or page == "train"
    above = said(pages("anomalies", run=found.id))
    assert "No sign of drift" in above
    assert "Another score can be chosen" not in above  # what was only scored has one
    for question in ("explain", "evidence", "column"):
        asked = {
            "explain": {"rows": [3]},
            "evidence": {"row": 3, "threshold": before.value},
            "column": {"column": "a", "rows": [0, 3]},
        }[question]
        assert getattr(Models(store), question)(store.space, found.id, **asked)
    store.datasets.delete(monday.id)
    assert store.runs.get(run.id).ready
    np.testing.assert_array_equal(Trained.load(store, run).output(known.table).scores, again.scores)


def with_yes_or_no(rows: int, seed: int) -> list[list[str]]:
    """The table with a column of yes and no that goes by the group, as lists of cells; the header first."""
    lines = [line.split(",") for line in table(rows, seed).splitlines()]
    return [[*lines[0], "ok"], *([*cells, "yes" if cells[3] == "x" else "no"] for cells in lines[1:])]


def as_csv(lines: list[list[str]]) -> str:
    return "\n".join(",".join(cells) for cells in lines) + "\n"


def test_text_that_cannot_be_read_is_counted_and_shown_as_the_file_has_it(
    pages: Browser, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = add_csv(store, tmp_path, as_csv(with_yes_or_no(300, 1)), name="last week.csv")
    model = finished(store, learned, RunSpec(scorer=OWN_ERROR, training=Training(epochs=3)))
    lines = with_yes_or_no(300, 2)
    for i in range(1, 6):
        lines[i][2] = "heavy"
    for i in range(3, 14):
        lines[i][5] = "maybe"
    lines[20][2], lines[21][5] = "n/a", ""  # words for nothing, and nothing
    found = scored(store, model, add_csv(store, tmp_path, as_csv(lines), name="monday.csv"))
    assert found.summary["unreadable"] == {"number": {"b": 5}, "boolean": {"ok": 11}}
    assert load.unreadable(store, found).any(axis=1).sum() == 13
    text = said(pages("anomalies", run=found.id))
    assert "In **13 rows** stands text that is taken as empty" in text
    assert "can't be read as a number: 5 in “b”" in text
    assert "can't be read as yes or no: 11 in “ok”" in text
    monkeypatch.setattr(
        evidence_card, "ask", lambda _, question, **asked: getattr(Models(store), question)(store.space, **asked)
    )
    app = pages("errors", run=found.id, row=str(store.runs.scores(found).row_keys[3]))
    cells = next(frame.value for frame in app.dataframe if "in rows like it" in frame.value.columns)
    actual = cells.set_index("column")["actual"]
    assert (actual["b"], actual["ok"]) == ("heavy", "maybe")
    assert "b = heavy can't be read as a number, so taken as empty" in said(app)
    assert "ok = maybe can't be read as yes or no, so taken as empty" in said(app)
    ticket = next(each.value for each in app.code if "stranger than" in each.value)
    assert "b heavy" in ticket
    assert "can't be read as a number, so taken as empty" in ticket
    assert "b (empty)" not in ticket
    assert "No value alone is unusual" not in ticket
    among = [frame.value for frame in app.dataframe if "healthy rows" in frame.value.columns]
    assert any("heavy" in set(frame["stands here"]) for frame in among)
    app = pages("errors", run=found.id, row=str(store.runs.scores(found).row_keys[19]))  # n/a is no text to be read
    assert "can't be read as a number" not in said(app)


def test_a_file_whose_rows_moved_says_so_above_its_results(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    found = scored(store, run, add_csv(store, tmp_path, table(300, 3, shift=4.0), name="moved.csv"))
    assert found.summary["drift"]["verdict"] in ("some columns moved", "the model no longer fits")
    assert "a" in found.summary["drift"]["moved"]
    app = pages("anomalies", run=found.id)
    assert "moved" in said(app) + " ".join(box.value for box in app.error)


def test_a_column_that_is_missing_is_said_and_too_many_are_refused(
    pages: Browser, store: Store, tmp_path: Path
) -> None:
    header = "name," + ",".join(f"c{i}" for i in range(8))
    generator = np.random.default_rng(0)
    rows = ["r{},{}".format(i, ",".join(f"{x:.3f}" for x in generator.normal(size=8))) for i in range(200)]
    wide = add_csv(store, tmp_path, "\n".join([header, *rows]), name="wide.csv")
    model = finished(store, wide, RunSpec(scorer=OWN_ERROR, training=Training(epochs=2)))
    less = ["n{},{}".format(i, ",".join(f"{x:.3f}" for x in generator.normal(size=7))) for i in range(60)]
    narrow = add_csv(store, tmp_path, "\n".join(["name," + ",".join(f"c{i}" for i in range(7)), *less]), name="n.csv")
    found = scored(store, model, narrow)
    assert any("“c7” is not in the file" in each for each in found.summary["notices"])
    assert np.isfinite(store.runs.scores(found).values).all()
    for question, asked in (("explain", {"rows": [3]}), ("evidence", {"row": 3, "threshold": 1.0})):
        assert getattr(Models(store), question)(store.space, found.id, **asked)
    words = "\n".join(["name,c0,c1,c2,c3,c4,c5,c6,c7", *(f"w{i},a,b,a,b,a,b,a,{i % 3}" for i in range(60))])
    other = add_csv(store, tmp_path, words, name="words.csv")
    with pytest.raises(InputRefused, match="can't be found or read"):
        scored(store, model, other)


def test_a_file_whose_score_was_refused_is_called_so_and_can_be_deleted_there(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    words = "\n".join(["name,a,b,group,day", *(f"<b>w{i}</b>,x,y,z," for i in range(60))])
    other = add_csv(store, tmp_path, words, name="words.csv")
    made = store.runs.score_with(ScoreWith(run_id=run.id), other.id)
    job = claim(store.engine, "here", 600, kinds=("score",))
    assert job is not None
    with pytest.raises(InputRefused) as refused:
        score.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    Fence(store.engine, job.id, job.attempt).finish("failed", error=refused.value.to_json())
    told = said(pages("home"))
    assert f"Not scored: {refused.value.what}." in told
    app = pages("home", job=made.job_id)
    assert refused.value.what in errors(app)
    assert "**words** was read and stays among your data (60 rows), not scored." in said(app)
    sound(next(button for button in app.button if button.label == "Delete it…").click().run())
    assert "confirm_delete" in {button.key for button in app.button}
    store.datasets.delete(other.id)
    assert "Not scored" not in said(pages("home"))
    assert store.runs.get(run.id).ready


def test_numbers_with_a_unit_are_read_as_they_are_written_there(store: Store, run: Run, tmp_path: Path) -> None:
    header, *lines = table(200, 5).splitlines()
    with_units = [",".join([cells[0], cells[1] + " kg", *cells[2:]]) for cells in (line.split(",") for line in lines)]
    found = scored(store, run, add_csv(store, tmp_path, "\n".join([header, *with_units]), name="units.csv"))
    assert any("“a” has another unit here" in each for each in found.summary["notices"])
    bare = scored(store, run, add_csv(store, tmp_path, "\n".join([header, *lines]), name="bare.csv"))
    np.testing.assert_array_equal(store.runs.scores(found).values, store.runs.scores(bare).values)


def test_levels_are_known_however_another_program_spelt_them(store: Store, tmp_path: Path) -> None:
    text = table(300, 1, "a,b,more,group")
    coded = change_columns(store, add_csv(store, tmp_path, text, name="first.csv"), {"more": {"kind": "category"}})
    model = finished(store, coded, RunSpec(scorer=OWN_ERROR, training=Training(epochs=2)))
    header, *lines = table(90, 2, "a,b,more,group").splitlines()
    tenths = [",".join([a, b, f"{more}.0", group]) for a, b, more, group in (line.split(",") for line in lines)]
    found = scored(store, model, add_csv(store, tmp_path, "\n".join([header, *tenths]), name="tenths.csv"))
    assert "“more” is spelt otherwise here: the levels are taken as they were learned" in found.summary["notices"]
    usual = scored(store, model, add_csv(store, tmp_path, "\n".join([header, *lines]), name="usual.csv"))
    np.testing.assert_array_equal(store.runs.scores(found).values, store.runs.scores(usual).values)
    assert found.summary["drift"] == usual.summary["drift"]


def test_a_run_that_held_no_rows_back_scores_other_files_too(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, table(300, 1, "a,b,group"), name="clean.csv")
    settings = {**PRESETS["error_alone_clean"].settings, "epochs": 3}
    model = finished(store, dataset, spec_from_settings("denoising", settings, 0))
    found = scored(store, model, add_csv(store, tmp_path, table(90, 2, "a,b,group"), name="next.csv"))
    assert found.ready
    assert (
        "Codes are not compared: only 0 were held back from the training, not 21." in found.summary["drift"]["sentence"]
    )


def test_the_rows_that_were_learned_from_stay_behind_on_the_map(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    found = scored(store, run, add_csv(store, tmp_path, table(80, 2), name="monday.csv"))
    (old,) = store.projections.of_run(run.id)
    (new,) = store.projections.of_run(found.id)
    before = store.artifacts.get_array(store.space, old.address)
    under = load.under(store, found, new.method)
    np.testing.assert_array_equal(under, before)
    np.testing.assert_array_equal(load.under(store, found, "codes"), load.codes(store, run))
    assert len(load.under(store, run, new.method)) == 0  # of what it learned itself nothing lies behind
    app = pages("map", run=found.id)
    sent = app.session_state[f"map_{found.id}_memory"].data
    length = struct.unpack("<I", sent[:4])[0]
    header = json.loads(sent[4 : 4 + length])
    assert (header["n"], header["maps"][0]["under"]) == (80, 300)
    assert header["under_are"] == "points of the file that the run learned from"
    at = 4 + length + 4 * 2 * 80
    np.testing.assert_array_equal(np.frombuffer(sent[at : at + 4 * 2 * 300], np.float32).reshape(-1, 2), before)
    assert tuple(header["maps"][0]["bounds"]) == bounds(before)  # the new ones lie among the old
    # The model goes, and its map stays where others lie on it.
    store.runs.delete(run.id)
    st.cache_resource.clear()
    np.testing.assert_array_equal(load.under(store, store.runs.get(found.id), new.method), before)


def test_a_map_that_is_asked_for_later_is_the_one_of_the_run_that_learned(
    store: Store, run: Run, tmp_path: Path
) -> None:
    found = scored(store, run, add_csv(store, tmp_path, table(80, 2), name="monday.csv"))
    for each in (run, found):
        store.jobs.submit("project", {"run_id": each.id, "method": "umap", "seed": 0}, run_id=each.id)
        job = claim(store.engine, "here", 600, kinds=("project",))
        assert job is not None
        project.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    (laid,) = (each for each in store.projections.of_run(run.id) if each.method == "umap")
    (mine,) = (each for each in store.projections.of_run(found.id) if each.method == "umap")
    assert store.runs.get(found.id).artifacts[ground("umap")] == laid.address
    codes = [np.asarray(store.runs.embedding(each).codes) for each in (run, store.runs.get(found.id))]
    expected = place(codes[1], Index.build(codes[0]), np.asarray(store.artifacts.get_array(store.space, laid.address)))
    np.testing.assert_array_equal(store.artifacts.get_array(store.space, mine.address), expected)


def pictures(path: Path, seed: int, count: int = 60, side: int = 12) -> Path:
    generator = np.random.default_rng(seed)
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(count):
            pixels = np.clip(generator.normal(90, 15, (side, side)) + 80 * (np.arange(side) > side // 2), 0, 255)
            if i == 7:
                pixels[2:6, 2:6] = 255
            with archive.open(f"{seed}_{i:02d}.png", "w") as file:
                Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return path


def machine(seed: int, rows: int = 400, columns: str = "when,a,b") -> str:
    generator = np.random.default_rng(seed)
    lines = [columns]
    for i in range(rows):
        cells = {
            "when": f"2026-03-0{1 + i // 1440} {i // 60:02d}:{i % 60:02d}:00",
            "a": f"{np.sin(i / 9) + generator.normal(scale=0.05) + 2 * (200 <= i < 212):.4f}",
            "b": f"{np.cos(i / 9) + generator.normal(scale=0.05):.4f}",
        }
        lines.append(",".join(cells[name] for name in columns.split(",")))
    return "\n".join(lines) + "\n"


def test_new_images_are_scored_as_the_run_would_have(pages: Browser, store: Store, tmp_path: Path) -> None:
    first = ingest(store, pictures(tmp_path / "first.zip", 1), "first.zip")
    model = finished(store, first)
    again = ingest(store, pictures(tmp_path / "again.zip", 1), "again.zip")
    same = scored(store, model, again)
    np.testing.assert_array_equal(store.runs.scores(same).values, store.runs.scores(model).values)
    for name in ("PCA", "IsolationForest"):  # to kNN the copy is among those that were learned from
        np.testing.assert_allclose(store.runs.baselines(same)[name], store.runs.baselines(model)[name])
    second = ingest(store, pictures(tmp_path / "second.zip", 2), "second.zip")
    app = pages("data", dataset=second.id)
    assert "Images of this size were learned before" in said(app)
    found = scored(store, model, second)
    assert int(store.runs.scores(found).values.argmax()) == 7
    assert found.summary["drift"]["sentence"].startswith(
        ("No sign of drift: 60 images of this file", "Too few images to tell")
    )
    answer = Models(store).rebuild(store.space, found.id, 7)
    assert set(answer) == {"original", "rebuilt", "errors", "signed"}
    for page in ("anomalies", "errors", "map", "triage"):
        text = said(pages(page, run=found.id))
        assert "60 images" in text
    assert len(load.under(store, found, "pca")) == 60


def test_images_of_another_size_are_refused_with_both_sizes(pages: Browser, store: Store, tmp_path: Path) -> None:
    model = finished(store, ingest(store, pictures(tmp_path / "first.zip", 1), "first.zip"))
    larger = ingest(store, pictures(tmp_path / "large.zip", 2, side=40), "large.zip")
    assert "were learned before" not in said(pages("data", dataset=larger.id))
    store.runs.score_with(ScoreWith(run_id=model.id), larger.id)
    with pytest.raises(InputRefused, match=r"its images are 40 × 40 with 1 colour, the run's were 16 × 16 with 1"):
        work_off(store)
    rows = add_csv(store, tmp_path, table(80, 2), name="table.csv")
    store.runs.score_with(ScoreWith(run_id=model.id), rows.id)
    with pytest.raises(InputRefused, match="this is a table"):
        work_off(store)


@pytest.fixture
def of_series(store: Store, tmp_path: Path) -> Run:
    dataset = add_csv(store, tmp_path, machine(1), name="first.csv")
    spec = RunSpec(layers="fully_connected", windows=Windows(length=16, time="when"), training=Training(epochs=8))
    return finished(store, dataset, spec)


def test_a_new_series_is_scored_as_the_run_would_have(
    pages: Browser, store: Store, of_series: Run, tmp_path: Path
) -> None:
    again = add_csv(store, tmp_path, machine(1, columns="b,when,a"), name="again.csv")
    same = scored(store, of_series, again)
    np.testing.assert_array_equal(store.runs.scores(same).values, store.runs.scores(of_series).values)
    for name in ("PCA", "IsolationForest"):
        np.testing.assert_allclose(store.runs.baselines(same)[name], store.runs.baselines(of_series)[name])
    second = add_csv(store, tmp_path, machine(2, rows=500), name="second.csv")
    assert "These columns were learned before" in said(pages("data", dataset=second.id))
    found = scored(store, of_series, second)
    course = store.runs.scores(found).course
    assert course is not None
    assert len(course.rows) == 500
    assert found.summary["windows"]["number"] > of_series.summary["windows"]["number"]
    assert 195 <= int(store.runs.scores(found).values.argmax()) <= 217
    models = Models(store)
    answer = models.stretch(store.space, found.id, 190, 220, ["a"])
    assert len(answer["columns"]["a"]["expected"]) == 31
    threshold = store.thresholds.current(found.id)
    assert threshold is not None
    assert threshold.flagged == len(events(store.runs.scores(found), threshold.value)) > 0
    assert "windows of this file" in found.summary["drift"]["sentence"]
    for page in ("anomalies", "errors", "map", "triage"):
        assert "500 rows" in said(pages(page, run=found.id))
    assert len(load.under(store, found, "pca")) == of_series.summary["windows"]["number"]
    app = pages("anomalies", run=found.id)
    assert "The strangest events, and why" in said(app)
    named = [line for line in (element.proto.label for element in app.get("page_link")) if "· score" in line]
    peaks = [event.peak for event in events(store.runs.scores(found), threshold.value)][:10]
    assert [int(line.split()[1].replace(",", "")) - 1 for line in named] == peaks


def test_what_was_never_seen_in_a_series_is_counted_and_said_of_its_windows(
    pages: Browser, store: Store, of_series: Run, tmp_path: Path
) -> None:
    lines = machine(2, rows=500).splitlines()
    for i in range(301, 309):  # rows 300 to 307: beyond all that was learned from
        when, a, _ = lines[i].split(",")
        lines[i] = f"{when},{a},9.5"
    found = scored(store, of_series, add_csv(store, tmp_path, "\n".join(lines) + "\n", name="far.csv"))
    beyond = load.never_seen(store, found)
    assert beyond.shape == (500, 2)
    which = store.runs.scores(found).columns.index("b")
    known = np.asarray([float(line.split(",")[2]) for line in machine(1).splitlines()[1:]])
    values = np.asarray([float(line.split(",")[2]) for line in lines[1:]])
    np.testing.assert_array_equal(beyond[:, which], (values < known.min()) | (values > known.max()))
    assert found.summary["never_seen"]["b"] == beyond[:, which].sum() >= 8
    assert "stands what no row held that was learned from" in said(pages("anomalies", run=found.id))
    row, around = 303, slice(303 - 8, 303 + 8)
    text = said(pages("errors", run=found.id, row=str(store.runs.scores(found).row_keys[row])))
    assert "Of the 16 rows of the window around it" in text
    assert f"b in {beyond[around, which].mean():.0%}" in text
    assert "window around it these hold" not in said(
        pages("errors", run=of_series.id, row=str(store.runs.scores(of_series).row_keys[row]))
    )


def test_a_series_without_its_columns_or_long_enough_stretches_is_refused(
    pages: Browser, store: Store, of_series: Run, tmp_path: Path
) -> None:
    lacking = add_csv(store, tmp_path, machine(2, columns="when,a"), name="lacking.csv")
    assert "were learned before" not in said(pages("data", dataset=lacking.id))
    store.runs.score_with(ScoreWith(run_id=of_series.id), lacking.id)
    with pytest.raises(InputRefused, match=r"1 column that the run learns from is missing: b"):
        work_off(store)
    short = add_csv(store, tmp_path, machine(2, rows=12), name="short.csv")
    store.runs.score_with(ScoreWith(run_id=of_series.id), short.id)
    with pytest.raises(InputRefused, match="window of 16"):
        work_off(store)
    words = add_csv(store, tmp_path, machine(2).replace("0.", "zero ").replace("-", "minus "), name="words.csv")
    store.runs.score_with(ScoreWith(run_id=of_series.id), words.id)
    with pytest.raises(InputRefused, match="can't be read"):
        work_off(store)


def week_two(first: str) -> str:
    """Of 300 rows 250 again, ten of them changed, and 50 new ones, five of a group that was never seen; columns in another order."""
    header, *lines = first.splitlines()
    again = [line.split(",") for line in lines[50:]]
    for cells in again[:10]:
        cells[1] = f"{float(cells[1]) + 0.01:.3f}"
    new = [line.split(",") for line in table(50, 2).splitlines()[1:]]
    for cells in new[:5]:
        cells[3] = "z"
    return "\n".join(",".join(reversed(cells)) for cells in [header.split(","), *again, *new]) + "\n"


def press(app: Any, label: str) -> Any:
    return sound(next(button for button in app.button if button.label == label).click().run())


def test_above_a_scored_file_stands_what_is_new_in_it(pages: Browser, store: Store, run: Run, tmp_path: Path) -> None:
    week_1 = store.datasets.get(run.dataset_id)
    keys, contents = store.datasets.row_keys(week_1), store.datasets.row_contents(week_1)
    judged = [Said(str(keys[i]), str(contents[i]), "dismissed") for i in (0, 55, 150)]
    store.verdicts.add(week_1.lineage_id, week_1.id, judged)
    found = scored(store, run, add_csv(store, tmp_path, week_two(table(300, 1)), name="week 2.csv"))
    since = found.summary["since"]
    assert [since[name] for name in ("rows", "same", "changed", "new", "gone")] == [300, 240, 10, 50, 50]
    standing = store.artifacts.get_array(store.space, found.artifacts["since"])
    assert np.flatnonzero(standing == NEW).tolist() == list(range(250, 300))
    assert np.flatnonzero(standing == CHANGED).tolist() == list(range(10))
    assert found.summary["never_seen"]["group"] == 5
    flags = found.summary["flags"]
    scores = store.runs.scores(found).values
    assert flags["flagged"] == int((scores >= flags["value"]).sum())
    assert flags["fresh"]["flagged"] == int((scores >= flags["fresh"]["value"]).sum()) == 15
    app = pages("anomalies", run=found.id)
    text = said(app)
    assert "**240** came again as they were, **10** changed, **50** are new, **50** are gone" in text
    assert "**2 rows** were judged already (2 dismissed)" in text
    assert "1 of them changed since" in text
    assert "“group” 5" in text
    strangest = int(np.argmax(scores))
    assert any(each.label.startswith(f"row {strangest + 1:,} ") for each in app.get("page_link"))
    app = press(app, f"Flag {flags['fresh']['flagged']:,} by the fresh budget")
    now = store.thresholds.current(found.id)
    assert now is not None
    assert (now.method, now.flagged) == ("quantile", 15)
    assert "**15 rows** flagged of 300" in said(app)
    assert "Not saved" not in said(app)
    app = press(app, f"Flag {flags['flagged']:,} at the run's threshold")
    now = store.thresholds.current(found.id)
    assert now is not None
    assert (now.method, now.value) == ("score", flags["value"])
    assert f"**{flags['flagged']:,} rows** flagged of 300" in said(app)
    assert "Not saved" not in said(app)
    assert "Only the 10 selected rows." in said(press(app, "10 changed"))
    assert "Only the 50 selected rows." in said(press(pages("anomalies", run=found.id), "50 gone"))


def test_a_row_judged_before_stays_out_of_the_queue_unless_it_is_asked_for(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    second = add_csv(store, tmp_path, week_two(table(300, 1)), name="week 2.csv")
    found = scored(store, run, second)
    scores, week_1 = store.runs.scores(found), store.datasets.get(run.dataset_id)
    again = [int(i) for i in np.argsort(-scores.values) if str(scores.row_keys[i]).startswith("s1-")]
    strangest = again[0]
    key = str(scores.row_keys[strangest])
    place = store.datasets.row_keys(week_1).tolist().index(key)
    content = str(store.datasets.row_contents(week_1)[place])
    store.verdicts.add(week_1.lineage_id, week_1.id, [Said(key, content, "confirmed")])
    app = pages("triage", run=found.id)
    heading = f"#### Row {strangest + 1} &#40;"
    assert not any(each.value.startswith(heading) for each in app.markdown)
    show = next(each for each in app.button_group if each.label == "Show")
    app = sound(show.set_value("confirmed").run())
    assert any(each.value.startswith(heading) for each in app.markdown)


def test_a_fresh_budget_holds_where_it_was_asked_for(store: Store, run: Run, tmp_path: Path) -> None:
    found = scored(store, run, add_csv(store, tmp_path, table(200, 2), name="b.csv"), review=7)
    now = store.thresholds.current(found.id)
    assert now is not None
    assert (now.method, now.parameters, now.flagged) == ("count", {"rows": 7}, 7)


def test_a_file_of_which_most_is_flagged_is_said_to_differ(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    header, *lines = table(200, 2).splitlines()
    rows = [line.split(",") for line in lines]
    grams = [",".join([cells[0], f"{float(cells[1]) * 1000:.0f}", *cells[2:]]) for cells in rows]
    found = scored(store, run, add_csv(store, tmp_path, "\n".join([header, *grams]), name="grams.csv"))
    for page in ("anomalies", "triage", "map"):
        boxes = errors(pages(page, run=found.id))
        assert "the unit of a column changed" in boxes
        assert "“a”" in boxes
    assert any("moved" in each.label for each in pages("anomalies", run=found.id).expander)
    usual = scored(store, run, add_csv(store, tmp_path, table(200, 3), name="usual.csv"))
    assert usual.summary["too_many"] == ""


def apart(rows: int, seed: int, together: bool = True) -> str:
    """Five numbers that follow from two; or the same with two of them each put in an order of its own."""
    generator = np.random.default_rng(seed)
    numbers = generator.normal(size=(rows, 2)) @ [[1, 0.5, -1, 0.7, 0.2], [0.2, -1, 0.5, 0.7, 1]]
    numbers += 0.25 * generator.normal(size=numbers.shape)
    for column in () if together else (1, 3):
        numbers[:, column] = generator.permutation(numbers[:, column])
    lines = [",".join(f"{cell:.3f}" for cell in row) for row in numbers]
    return "\n".join(["a,b,c,d,e", *lines]) + "\n"


@pytest.fixture
def recommended_of(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], Run]:
    """A run of what a table gets where nothing was said, on so many rows of a seed."""
    monkeypatch.setattr(recommended, "STEPS", 400)

    def made(rows: int, seed: int) -> Run:
        dataset = add_csv(store, tmp_path, apart(rows, seed), name="learned.csv")
        return finished(store, dataset, suited(RunSpec(), dataset))

    return made


def test_columns_that_no_longer_go_together_are_drift_for_the_recommended_detector_too(
    pages: Browser, store: Store, recommended_of: Callable[[int, int], Run], tmp_path: Path
) -> None:
    model = recommended_of(600, 100)
    assert model.scorer == RECOMMENDED
    found = scored(store, model, add_csv(store, tmp_path, apart(600, 2, together=False), name="shuffled.csv"))
    report, _ = load.drift(store, found)
    assert report.verdict == "the model no longer fits"
    assert report.moved == ()
    assert report.scores is not None
    assert report.scores.reference == int((store.runs.scores(model).splits == HELD_BACK).sum()) == 60
    boxes = errors(pages("anomalies", run=found.id))
    assert "Reconstruction errors are higher: in" in boxes
    assert "most likely the file differs and not so many rows" in boxes  # no column has another unit
    usual = scored(store, model, add_csv(store, tmp_path, apart(600, 600), name="usual.csv"))
    assert usual.summary["drift"]["sentence"] == (
        "No sign of drift: 600 rows of this file look like what the run learned, in 5 columns, codes and reconstruction errors."
    )
    again = load.drift(store, scored(store, model, store.datasets.get(usual.dataset_id)))[0]
    assert again == load.drift(store, usual)[0]


def test_beside_a_file_of_which_most_is_flagged_there_is_no_all_clear(
    pages: Browser, store: Store, recommended_of: Callable[[int, int], Run], tmp_path: Path
) -> None:
    model = recommended_of(150, 1)  # of which too few are held back
    found = scored(store, model, add_csv(store, tmp_path, apart(600, 2, together=False), name="shuffled.csv"))
    assert found.summary["drift"]["verdict"] == "no sign of drift"
    app = pages("anomalies", run=found.id)
    assert "most likely the file differs" in errors(app)
    assert "No sign of drift" not in said(app) + errors(app)
    box = next(each for each in app.info if "and yet far more of them are flagged" in each.value)
    assert box.icon == ":material/info:"
    assert "Reconstruction errors are not compared: only 15 were held back from the training, not 21." in said(app)
    files_of = pages("data", dataset=found.dataset_id)
    assert "far more flagged" in [link.label for link in files_of.get("page_link")]


def test_figures_on_rows_that_a_cut_was_tuned_on_say_so_whatever_it_is_called(
    pages: Browser, store: Store, tmp_path: Path
) -> None:
    def labelled(seed: int) -> str:
        header, *lines = table(240, seed).splitlines()
        strange = {i: line.replace(",", ",9.", 1) for i, line in enumerate(lines) if i % 12 == 0}
        rows = [f"{strange.get(i, line)},{'bad' if i % 8 == 0 else 'good'}" for i, line in enumerate(lines)]
        return "\n".join([f"{header},outcome", *rows]) + "\n"

    def warned(run: Run) -> str:
        app = pages("anomalies", run=run.id)
        app.session_state["what_a_threshold_does"] = True
        sound(app.run())
        assert any("AUROC" in each.value for each in app.markdown)
        return "\n".join(box.value for box in app.warning if "flatter" in box.value)

    def saved(run: Run, method: str, **parameters: float) -> None:
        value, flagged = decide(given_of(store.runs.scores(run), OWN_ERROR, truth), method, parameters)
        store.thresholds.new(run.id, method, parameters, value, flagged)

    dataset = add_csv(store, tmp_path, labelled(1), name="labelled.csv", label="outcome")
    model = finished(store, dataset, RunSpec(scorer=OWN_ERROR, training=Training(epochs=3)))
    truth = truth_of_label(load.column_cells(store, dataset, "outcome"))
    saved(model, "max_f1")
    tuned = store.thresholds.current(model.id)
    assert tuned is not None
    assert "was chosen by the label" in warned(model)
    saved(model, "score", score=tuned.value)
    assert "*highest F1*" in warned(model)
    again = add_csv(store, tmp_path, labelled(1), name="again.csv", label="outcome")
    assert "*highest F1*" in warned(scored(store, model, again))
    assert warned(scored(store, model, again, review=3 * tuned.flagged)) == ""
    other = add_csv(store, tmp_path, labelled(2), name="other rows.csv", label="outcome")
    assert warned(scored(store, model, other)) == ""
    saved(model, "score", score=tuned.value * 2)
    assert warned(model) == ""


def test_a_renamed_column_is_taken_for_the_one_that_was_learned(store: Store, run: Run, tmp_path: Path) -> None:
    plain = add_csv(store, tmp_path, table(120, 7), name="plain.csv")
    other = add_csv(store, tmp_path, table(120, 7).replace("name,a,", "name,alpha (kg),"), name="renamed.csv")
    found = scored(store, run, other, renamed={"a": "alpha (kg)"})
    same = scored(store, run, plain)
    np.testing.assert_array_equal(store.runs.scores(found).values, store.runs.scores(same).values)
    assert "“alpha (kg)” is taken for “a”" in found.summary["notices"]
    assert found.summary["drift"] == same.summary["drift"]
    assert Models(store).explain(store.space, found.id, [3])["errors"]
    for wrong in ({"a": "no such"}, {"b": "a"}, {"no such": "alpha (kg)"}):
        with pytest.raises(InputRefused, match="can't be taken for"):
            scored(store, run, other, renamed=wrong)


def test_under_another_name_a_column_tells_which_judged_rows_changed_and_rules_go_by_it(
    pages: Browser, store: Store, run: Run, tmp_path: Path
) -> None:
    week_1 = store.datasets.get(run.dataset_id)
    keys, contents = store.datasets.row_keys(week_1), store.datasets.row_contents(week_1)
    judged = [Said(str(keys[i]), str(contents[i]), "dismissed") for i in (3, 8)]
    store.verdicts.add(week_1.lineage_id, week_1.id, judged)
    store.rules.new(week_1.lineage_id, (Bound("a", -99.0, 99.0),), 4e9, str(keys[3]))
    lines = table(300, 1).replace("name,a,", "name,alpha (kg),").splitlines()
    cells = lines[9].split(",")
    lines[9] = ",".join([cells[0], "1.234", *cells[2:]])
    other = add_csv(store, tmp_path, "\n".join(lines), name="renamed.csv")
    assert other.lineage_id == week_1.lineage_id
    found = scored(store, run, other, renamed={"a": "alpha (kg)"}, review=5)
    since = found.summary["since"]
    assert [since[name] for name in ("same", "changed", "new", "missing", "more")] == [299, 1, 0, [], []]
    stands = load.judged(store, other, found)
    assert np.flatnonzero(stands.changed).tolist() == [8]
    app = pages("triage", run=found.id)
    assert any(each.label.startswith("1 rule hides") and "not in" not in each.label for each in app.expander)
    assert "its columns are not in this file" not in said(app)
    assert "Changed since" in " ".join(box.value for box in pages("triage", run=found.id, row=str(keys[8])).info)
    store.verdicts.add(other.lineage_id, other.id, [Said(str(keys[8]), str(contents[8]), "confirmed")])
    assert not load.judged(store, other, found).changed.any()


def test_rules_hold_in_a_file_of_new_rows(pages: Browser, store: Store, run: Run, tmp_path: Path) -> None:
    week_1 = store.datasets.get(run.dataset_id)
    store.rules.new(week_1.lineage_id, (Bound("a", -99.0, 99.0),), 4e9, str(store.datasets.row_keys(week_1)[0]))
    other = add_csv(store, tmp_path, table(200, 2), name="other rows.csv")
    assert other.lineage_id != week_1.lineage_id
    found = scored(store, run, other, review=5)
    assert "1 rule hides 5 flagged rows" in [each.label for each in pages("triage", run=found.id).expander]


def test_files_stand_together_over_time(pages: Browser, store: Store, run: Run, tmp_path: Path) -> None:
    again = add_csv(store, tmp_path, week_two(table(300, 1)), name="week 2.csv")
    scored(store, run, again)
    other = add_csv(store, tmp_path, table(100, 4), name="week 3.csv")  # none of the rows, by the same run
    scored(store, run, other)
    week_1 = store.datasets.get(run.dataset_id)
    for each in (week_1, again, other):
        assert [file.dataset.id for file in files(store, each)] == [other.id, again.id, week_1.id]
        app = pages("data", dataset=each.id)
        assert "Files over time" in said(app)
        links = [link.label for link in app.get("page_link")]
        assert len([label for label in links if "flagged" in label]) == 3
        assert "learned from it" in links
    alone = add_csv(store, tmp_path, "x,y\n" + "\n".join(f"{i},{i % 7}" for i in range(50)), name="alone.csv")
    assert "Files over time" not in said(pages("data", dataset=alone.id))


def beside(pages: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes]) -> AppTest:
    """Home, where files of the server's folder can be chosen."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    monkeypatch.setenv("HOURGLASS_FOLDER", str(folder))
    settings.cache_clear()
    st.cache_resource.clear()
    app = pages("home")
    return next(each for each in app.radio if each.key == "upload_place").set_value("In the server's folder").run()


def file_chosen(app: AppTest, name: str) -> AppTest:
    return sound(next(each for each in app.selectbox if each.key == "upload_server_file").set_value(name).run())


def test_home_offers_the_run_first_and_reads_the_file_as_last_time(
    pages: Browser, store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"monday.csv": table(120, 9).encode(), "others.csv": b"p,q\n1,2\n3,4\n"}
    app = beside(pages, tmp_path, monkeypatch, files)
    app = file_chosen(app, "others.csv")
    assert "These columns were learned before" not in said(app)
    app = file_chosen(app, "monday.csv")
    assert "These columns were learned before" in said(app)
    place = [button.label for button in app.button]
    assert place.index("Score with it") < place.index("Find anomalies")
    next(each for each in app.radio if each.label == "Flag").set_value("As many as I can review").run()
    next(each for each in app.number_input if each.label == "Rows").set_value(9).run()
    press(app, "Score with it")
    found = worked_off(store)
    assert found.parent_id == run.id
    now = store.thresholds.current(found.id)
    assert now is not None
    assert (now.method, now.flagged) == ("count", 9)


def test_many_columns_under_other_names_are_asked_about_before_the_file_can_be_scored(
    pages: Browser, store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed = table(120, 9).replace("name,a,b,", "name,first,second,")
    app = file_chosen(beside(pages, tmp_path, monkeypatch, {"monday.csv": renamed.encode()}), "monday.csv")
    assert "These columns were learned before" in said(app)
    assert "of 4 columns that the run learned from 2 can't be found or read: a, b. Say above" in said(app)
    assert "Score with it" not in [button.label for button in app.button]
    for name, written in (("a", "first"), ("b", "second")):
        box = next(each for each in app.selectbox if each.label == f"“{name}” is not in the file. Take for it")
        app = sound(box.set_value(written).run())
    assert "Say above" not in said(app)
    assert "“second” is taken for “b”" in said(app)
    press(app, "Score with it")
    found, plain = worked_off(store), add_csv(store, tmp_path, table(120, 9), name="plain.csv")
    same = store.runs.scores(scored(store, run, plain)).values
    np.testing.assert_array_equal(store.runs.scores(found).values, same)


def retyped() -> str:
    """Rows with another order of columns, one more, and words in one that held numbers."""
    header, *lines = table(120, 9, "more,day,group,b,a,name").splitlines()
    rows = [line.split(",") for line in lines]
    return "\n".join(
        [header, *(",".join([*row[:4], row[4] if i % 4 else f"about {row[4]}", row[5]]) for i, row in enumerate(rows))]
    )


def packed(text: str, name: str) -> bytes:
    if name.endswith(".csv"):
        return text.encode()
    out = io.BytesIO()
    frame = pd.read_csv(io.StringIO(text), dtype=str)
    if name.endswith(".parquet"):
        frame.to_parquet(out)
    elif name.endswith(".xlsx"):
        frame.to_excel(out, index=False)
    elif name.endswith(".gz"):
        return gzip.compress(text.encode())
    else:
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("monday.csv", text)
    return out.getvalue()


@pytest.mark.parametrize("name", ["monday.parquet", "monday.csv.gz", "monday.zip", "monday.xlsx", "monday.csv"])
def test_a_file_is_recognised_whatever_it_is_packed_in(store: Store, run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(packed(retyped(), name))
    (known,) = recognised(store, tmp_path / name, name, FOUND)
    assert (known.run_id, known.lacking, known.more) == (run.id, (), ("more",))
    ((column, standing),) = ((each.column, each.standing) for each in known.differing)
    assert (column, standing) == ("a", "read otherwise")


def test_home_offers_the_run_first_of_a_file_that_a_job_has_to_look_at(
    pages: Browser, store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = beside(pages, tmp_path, monkeypatch, {"monday.parquet": packed(retyped(), "monday.parquet")})
    app = file_chosen(app, "monday.parquet")
    assert progress(app).startswith("Looking whether an earlier run knows this file")
    assert "These columns were learned before" not in said(app)
    (job,) = store.jobs.find(kind="recognise")
    assert wait(store, job.id).state == "succeeded"
    app = sound(app.run())
    assert "These columns were learned before" in said(app)
    assert "“a” looks like another kind here" in said(app)
    assert "That is what the first rows say" in said(app)
    assert "“more” was not learned from" in said(app)
    place = [button.label for button in app.button]
    assert place.index("Score with it") < place.index("Find anomalies")
    app = press(app, "Score with it")
    (read,) = store.jobs.find(kind="ingest")
    found = store.runs.get(wait(store, read.id).result["run_id"])
    assert wait(store, found.job_id).state == "succeeded"
    found = store.runs.get(found.id)
    assert (found.parent_id, found.summary["rows_scored"]) == (run.id, 120)
    assert any("“a” looks like another kind here" in each for each in found.summary["notices"])
    assert len(store.jobs.find(kind="recognise")) == 1


def test_what_looks_at_a_file_is_cancelled_once_it_is_decided_what_becomes_of_it(
    pages: Browser, store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = beside(pages, tmp_path, monkeypatch, {"monday.parquet": packed(retyped(), "monday.parquet")})
    file_chosen(app, "monday.parquet")
    job = claim(store.engine, "here", 600, kinds=("recognise",))
    assert job is not None
    work = Work(job, store, Fence(store.engine, job.id, job.attempt))
    work.listen()
    press(app, "Find anomalies")
    with pytest.raises(Cancelled):
        while True:
            work.check()


def test_images_and_rows_of_pixels_are_recognised_and_read_at_the_size_of_last_time(
    store: Store, tmp_path: Path
) -> None:
    first = ingest(store, pictures(tmp_path / "first.zip", 1), "first.zip", options=ReadOptions(image_size=20))
    model = finished(store, first)
    (known,) = recognised(store, pictures(tmp_path / "second.zip", 2, side=40), "second.zip", FOUND)
    assert (known.run_id, known.options.image_size, known.options.image_colour) == (model.id, 20, "grey")
    submit(store, tmp_path / "second.zip", "second.zip", then=ScoreWith(run_id=model.id), options=known.options)
    assert worked_off(store).summary["rows_scored"] == 60
    digits = [",".join(f"pixel{i}" for i in range(64))]
    generator = np.random.default_rng(0)
    for _ in range(80):
        soft = np.clip(generator.normal(100, 10, (8, 8)).cumsum(axis=0) / 4, 0, 255)
        digits.append(",".join(str(int(value)) for value in soft.ravel()))
    path = tmp_path / "digits.csv"
    path.write_text("\n".join(digits))
    eight = finished(store, ingest(store, path, "digits.csv", options=ReadOptions(images=True)))
    path.write_text("\n".join(digits[:60]))
    (known,) = recognised(store, path, "digits.csv", FOUND)
    assert (known.run_id, known.options.images) == (eight.id, True)
    assert recognised(store, path, "digits.csv", ReadOptions(images=False)) == []
    submit(store, path, "digits.csv", then=ScoreWith(run_id=eight.id), options=known.options)
    assert worked_off(store).summary["rows_scored"] == 59


def worked_off(store: Store) -> Run:
    """The run that a file's reading led to, both done here and now."""
    job = claim(store.engine, "here", 600, kinds=("ingest",))
    assert job is not None
    ingest_task.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    return work_off(store)


def test_what_was_decided_of_columns_and_reading_holds_for_the_next_file(store: Store, tmp_path: Path) -> None:
    lines = [line.replace(",", "|") for line in table(200, 1, "name,a,b,more").splitlines()]
    path = tmp_path / "first.csv"
    path.write_text("\n".join(lines))
    first = ingest(store, path, "first.csv", options=ReadOptions(delimiter="|"))
    coded = change_columns(store, first, {"more": {"kind": "coded"}})
    model = finished(store, coded, RunSpec(scorer=OWN_ERROR, training=Training(epochs=2)))
    path = tmp_path / "next.csv"
    path.write_text("\n".join(line.replace(",", "|") for line in table(90, 2, "name,a,b,more").splitlines()))
    offered = recognised(store, path, "next.csv", FOUND)
    assert [each.run_id for each in offered] == [model.id]
    assert offered[0].options == ReadOptions(delimiter="|")
    submit(store, path, "next.csv", then=ScoreWith(run_id=model.id), options=offered[0].options)
    found = worked_off(store)
    assert store.datasets.get(found.dataset_id).column("more").kind == "coded"
    assert not any("another kind" in each for each in found.summary["notices"])
    longer = tmp_path / "longer.csv"
    longer.write_text("\n".join(lines).replace("|b|", "|B (mm)|"))
    assert [each.likely for each in recognised(store, longer, "longer.csv", FOUND)] == [{"b": "B (mm)"}]
    strange = tmp_path / "renamed.csv"
    strange.write_text("\n".join(lines).replace("|b|", "|quite another name|"))
    offered = recognised(store, strange, "renamed.csv", FOUND)
    assert [each.likely for each in offered] == [{"b": "quite another name"}]  # by the cells: it is asked about
    less = tmp_path / "less.csv"
    less.write_text("\n".join("|".join(line.split("|")[:2] + line.split("|")[3:]) for line in lines))
    assert recognised(store, less, "less.csv", FOUND) == []  # a third of what was learned is not there


def test_the_run_whose_rows_were_judged_is_offered_before_a_newer_one(store: Store, run: Run, tmp_path: Path) -> None:
    other = add_csv(store, tmp_path, table(300, 4), name="another.csv")
    newer = finished(store, other, RunSpec(scorer=OWN_ERROR, training=Training(epochs=1)))
    path = tmp_path / "next.csv"
    path.write_text(table(90, 5))
    assert [each.run_id for each in recognised(store, path, "next.csv", FOUND)] == [newer.id, run.id]
    dataset = store.datasets.get(run.dataset_id)
    store.verdicts.add(dataset.lineage_id, dataset.id, [Said(store.datasets.row_keys(dataset)[3], "", "confirmed")])
    assert [each.run_id for each in recognised(store, path, "next.csv", FOUND)] == [run.id, newer.id]


def test_of_two_runs_that_learned_the_same_columns_that_of_the_likest_file_is_offered_first(
    store: Store, run: Run, tmp_path: Path
) -> None:
    of_b = finished(
        store,
        add_csv(store, tmp_path, table(300, 4).replace("name,", "record,"), name="records.csv"),
        RunSpec(scorer=OWN_ERROR, training=Training(epochs=1)),
    )
    for first, header, second in ((run, "name,", of_b), (of_b, "record,", run)):
        path = tmp_path / "next.csv"
        path.write_text(table(90, 5).replace("name,", header))
        assert [each.run_id for each in recognised(store, path, "next.csv", FOUND)] == [first.id, second.id]


def test_likely_names_are_proposed_by_the_name_or_by_the_cells(store: Store, tmp_path: Path) -> None:
    lines = ["id,c1,weight,size,kind"]
    lines += [f"k{i},{i * 7 % 50},{i * 1.25},{i * 3 % 211}.5,{'ab'[i % 2]}" for i in range(120)]
    before = add_csv(store, tmp_path, "\n".join(lines))
    known = store.datasets.cells(before)
    cells = {
        "c10": ["900"] * 30,
        "Weight (kg)": ["1"],
        "width": known["size"].to_pylist()[40:],
        "sort": ["a", "b"] * 40,
    }
    assert likely_names(store, before, ["c1", "weight", "size", "kind"], cells) == {
        "weight": "Weight (kg)",
        "size": "width",
    }
    long = add_csv(store, tmp_path, "weight_kg,c10\n" + "1,2\n" * 20, name="long.csv")
    assert likely_names(store, long, ["weight_kg", "c10"], {"Weight": ["1"], "c1": ["1"]}) == {"weight_kg": "Weight"}
