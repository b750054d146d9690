"""Pages of a dataset of images and of a run on it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from core.datasets import uploads
from core.datasets.ingest import ignore_regions, ingest
from core.errors import InputRefused, TooLarge
from core.jobs.tasks import rescore, stability
from core.jobs.work import Work
from core.results import IMAGE_SCORES, Dataset, Run
from core.serving.server import Models, _kept_with
from core.settings import Settings
from core.specs import ReadOptions, RunSpec, score_card, spec_from_settings, suited
from core.storage.database import migrate
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.thresholds import flags
from dashboard.api import thumbs
from dashboard.blocks import snapshots
from dashboard.blocks.images.frames import from_thumb, in_thumbs
from dashboard.blocks.run_header import Chosen
from dashboard.blocks.triage import kinds
from tests.pages.conftest import Browser, errors, finished, opened, said, sound, use

MARKUP = "![x](http://evil.example/a.png)<b>$x$"

QUARTERS = tuple((x, y, x + 0.5, y + 0.5) for x in (0.0, 0.5) for y in (0.0, 0.5))


@dataclass(frozen=True)
class Pictured:
    store: Store
    dataset: Dataset
    run: Run


def zipped(path: Path, count: int = 24) -> Path:
    """Images of 12 × 12 in folders, one with a name that wants to be markup, and a file that is none."""
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(count):
            folder = "train/good" if i < count - 6 else "test/spot" if i % 2 else "test/good"
            name = MARKUP.replace("/", "_") if i == 3 else f"{i:02d}"
            pixels = np.clip(generator.normal(120, 20, (12, 12)), 0, 255).astype(np.uint8)
            with archive.open(f"{folder}/{name}.png", "w") as file:
                Image.fromarray(pixels).save(file, "PNG")
        archive.writestr("train/good/notes.txt", "hello")
    return path


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    folder = tmp_path_factory.mktemp("images")
    deployment = Settings(home=folder / "home")
    migrate(deployment)
    store = Store.open(deployment)
    dataset = ingest(store, zipped(folder / "parts.zip"), "parts.zip")
    yield Pictured(store, dataset, finished(store, dataset))
    store.close()


@pytest.fixture
def pages(pictured: Pictured, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    yield from opened(pictured.store.settings.home, monkeypatch)


def test_data_shows_the_images_and_what_could_not_be_read(pages: Browser, pictured: Pictured) -> None:
    app = pages("data", dataset=pictured.dataset.id)
    assert "24 images" in said(app)
    assert "notes.txt" in said(app)
    assert "The network sees 16 × 16 pixels in grey" in said(app)
    assert [box.label for box in app.selectbox if box.label in ("Sort", "Label", "Split")] == ["Sort", "Label", "Split"]
    label = next(box for box in app.selectbox if box.label == "Label")
    app = label.set_value("spot").run()
    assert "3 images of 24" in said(app)
    assert not errors(app)


def test_data_shows_how_sharp_an_image_is_seen(pages: Browser, pictured: Pictured) -> None:
    app = pages("data", dataset=pictured.dataset.id)
    assert "It has 12 × 12 pixels" in said(app)
    buttons = {button.label: button for button in app.button}
    assert buttons["Read the images again like this"].disabled
    assert buttons["Ignore these regions"].disabled
    side = next(box for box in app.number_input if box.label == "Pixels a side")
    app = side.set_value(24).run()
    assert not {button.label: button for button in app.button}["Read the images again like this"].disabled


def test_training_offers_what_fits_images_and_leaves_the_test_split_out(pages: Browser, pictured: Pictured) -> None:
    app = pages("train", dataset=pictured.dataset.id)
    layers = next(box for box in app.selectbox if box.label == "Layers")
    assert layers.value == "convolutional"
    assert set(layers.options) == {"Convolutional", "Fully connected"}
    assert "Score of an image" in [box.label for box in app.selectbox]
    assert "6 images of 24 will be left out" in said(app)
    assert "Each image is 256 inputs" in said(app)
    app = layers.set_value("fully_connected").run()
    assert not errors(app)


@pytest.mark.parametrize("page", ["map", "errors", "anomalies"])
def test_pages_about_a_run_on_images(pages: Browser, pictured: Pictured, page: str) -> None:
    app = pages(page, run=pictured.run.id)
    assert "24 images" in said(app)
    if page == "errors":  # no inference process runs here
        assert "can't be reached" in errors(app)
        assert "rank 1 of 24" in said(app)
    else:
        assert not errors(app)


def test_errors_draw_one_image_on_the_scale_of_all(
    pages: Browser, pictured: Pictured, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.serving.server import Models
    from dashboard.blocks.images import one_image

    models = Models(pictured.store)
    monkeypatch.setattr(
        one_image, "ask", lambda store, question, **asked: getattr(models, question)(space_id=store.space, **asked)
    )
    app = pages("errors", run=pictured.run.id)
    captions = [image.caption for block in app.get("image") for image in block.proto.imgs]
    assert captions[:2] == ["original", "reconstruction"]
    assert "for every image of this run" in captions[2]
    assert not errors(app)


def test_a_table_of_pixels_is_offered_as_images(pages: Browser, pictured: Pictured, tmp_path: Path) -> None:
    path = tmp_path / "pixels.csv"
    header = [f"pixel{i}" for i in range(64)]
    cells = np.random.default_rng(0).integers(0, 256, (12, 64))
    path.write_text("\n".join([",".join(header), *(",".join(map(str, row)) for row in cells)]))
    table = ingest(pictured.store, path, "pixels.csv")
    app = pages("data", dataset=table.id)
    assert "Each row seems to be an image of 8 × 8 pixels" in said(app)
    assert "Read the rows as images" in [button.label for button in app.button]
    images = ingest(pictured.store, path, "pixels.csv", options=ReadOptions(images=True))
    app = pages("data", dataset=images.id)
    assert "seems to be" not in said(app)
    assert "12 images" in said(app)
    assert "The images came as pixels" in said(app)
    for made in (table, images):
        pictured.store.datasets.delete(made.id)


def test_a_run_from_the_shell_starts_from_what_suits_images_too(pictured: Pictured) -> None:
    plain = suited(RunSpec(), pictured.dataset)
    spec = spec_from_settings("vanilla", {"patience": 3}, 7, plain)
    assert (spec.layers, spec.leave_out) == ("convolutional", plain.leave_out)
    assert (spec.training.epochs, spec.training.learning_rate) == (plain.training.epochs, plain.training.learning_rate)
    assert (spec.training.patience, spec.training.seed) == (3, 7)
    assert spec.windows is None  # there is nothing to lay them over


def test_a_region_drawn_on_the_thumbnail_is_kept_where_the_network_sees_it(
    pictured: Pictured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use(pictured.store.settings.home, monkeypatch)
    path = tmp_path / "wide.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(4):
            with archive.open(f"{i}.png", "w") as file:
                Image.fromarray(np.full((20, 40), 60 + i, np.uint8)).save(file, "PNG")
    drawn = np.asarray([[0.25, 0.25, 0.5, 0.5], [0.0, 0.0, 1.0, 0.2]])  # the second on the border alone
    for rule, wanted in (
        ("fit", drawn.tolist()),
        ("fill", [[0.0, 0.0, 0.5, 0.5]]),  # of 40 × 20, the middle 20 × 20 is seen
        ("tiles", [[0.25, 0.0, 0.5, 0.5]]),  # the image lies between 0.25 and 0.75 of its thumbnail's height
    ):
        made = ingest(pictured.store, path, "wide.zip", options=ReadOptions(image_rule=rule, image_size=16))
        kept = from_thumb(made, 0, drawn)
        assert kept == pytest.approx(np.asarray(wanted)), rule
        assert in_thumbs(made, np.asarray([0]), kept[:1]) == pytest.approx(drawn[:1]), rule
        pictured.store.datasets.delete(made.id)


def test_ignored_regions_make_a_version(pictured: Pictured) -> None:
    store = pictured.store
    version = ignore_regions(store, pictured.dataset, ((0.0, 0.0, 0.25, 0.5),))
    assert version.parent_id == pictured.dataset.id
    assert version.pictures is not None
    assert version.pictures.ignored == ((0.0, 0.0, 0.25, 0.5),)
    assert version.fingerprint != pictured.dataset.fingerprint
    for boxes, words in ((((0.5, 0, 0.2, 1),), "outside"), (((0, 0, 1, 1),), "nearly all"), (QUARTERS, "nearly all")):
        with pytest.raises(InputRefused, match=words):
            ignore_regions(store, pictured.dataset, boxes)
    store.datasets.delete(version.id)
    assert store.datasets.pieces(pictured.dataset).shape == (24, 16, 16, 1)


def test_small_images_are_served_to_our_own_pages_only(pictured: Pictured) -> None:
    client = TestClient(Starlette(routes=thumbs.routes(lambda: pictured.store)))
    found = client.get(f"/thumbs/{pictured.dataset.id}/3")
    assert found.headers["content-type"] == "image/png"
    assert found.headers["cross-origin-resource-policy"] == "same-origin"
    assert client.get(f"/thumbs/{pictured.dataset.id}/24").status_code == 404
    assert client.get("/thumbs/d-none/0").status_code == 404
    assert client.get(f"/thumbs/{pictured.dataset.id}/-1").status_code == 404
    away = {"sec-fetch-site": "cross-site"}
    assert client.get(f"/thumbs/{pictured.dataset.id}/3", headers=away).status_code == 403


def test_several_files_become_one_upload(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    files = {"parts/a.png": b"1", "parts/sub/../b.png": b"22"}

    def pack(names: dict[str, bytes], limits: Settings = home) -> uploads.Upload:
        for i, data in enumerate(names.values()):
            (tmp_path / str(i)).write_bytes(data)
        return uploads.pack(
            limits, "parts.zip", ((name, (tmp_path / str(i)).open("rb")) for i, name in enumerate(names))
        )

    first, second = pack(files), pack(files)
    assert first.whole
    assert first.sha256 == second.sha256
    with zipfile.ZipFile(first.path) as archive:
        assert archive.namelist() == ["parts/a.png", "parts/sub/b.png"]
    with pytest.raises(InputRefused, match="no file"):
        pack({})
    with pytest.raises(InputRefused, match="chosen twice"):
        pack({"a.png": b"", "./a.png": b""})
    with pytest.raises(TooLarge):
        pack({"a.png": bytes(2_000_000)}, Settings(home=tmp_path, upload_limit_mb=1))
    assert not list(tmp_path.glob("uploads/*.part"))


def test_components_pack_what_they_are_given() -> None:
    def walls() -> None:
        import numpy as np

        from dashboard.brush import brush
        from dashboard.gallery import gallery

        images = np.zeros((3, 4, 6, 3), np.uint8)
        assert gallery(images, ["<b>a</b>", "b", "c"], key="g", boxes=np.full((3, 4), 2.0, np.float32)) is None
        assert brush(images[0], ((0.0, 0.0, 0.5, 0.5),), key="b") == ((0.0, 0.0, 0.5, 0.5),)

    assert not AppTest.from_function(walls).run().exception


def test_a_shared_file_shows_the_images(pictured: Pictured, pages: Browser) -> None:
    store, run = pictured.store, pictured.run
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    chosen = Chosen(run, store.datasets.get(run.dataset_id), store.runs.scores(run), threshold)
    found = flags(chosen.scores.values, threshold)
    page = snapshots.anomalies_snapshot(chosen, found)
    assert page.count("<img src='data:image/png;base64,") == len(found.rows)
    assert MARKUP not in page
    assert "Flagged images" in page


def test_a_shared_file_of_one_image_shows_it_in_full(
    pictured: Pictured, pages: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.serving.server import Models

    store, run = pictured.store, pictured.run
    models = Models(store)
    monkeypatch.setattr(
        snapshots, "ask", lambda store, question, **asked: getattr(models, question)(space_id=store.space, **asked)
    )
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    chosen = Chosen(run, store.datasets.get(run.dataset_id), store.runs.scores(run), threshold)
    page = snapshots.errors_snapshot(chosen, 3)
    assert page.count("<img src='data:image/png;base64,") == 3 + min(30, len(chosen.scores.values))
    assert page.index(": reconstruction") < page.index("The worst images by")
    assert MARKUP not in page


def test_pixels_compared_by_cross_entropy_are_beside_a_pca_as_well(pages: Browser, pictured: Pictured) -> None:
    spec = suited(RunSpec(number_loss="cross-entropy"), pictured.dataset).changed({"epochs": 2}).checked()
    run = finished(pictured.store, pictured.dataset, spec)
    network, pca = run.summary["error_network"], run.summary["error_pca"]
    assert 0 < network < 0.25  # of shares, not of what the network gives before they are made
    assert 0 < pca < 0.05
    assert "from 0 for black to 1 for white" in said(pages("train", run=run.id))
    assert "from 0 for black" not in said(pages("train", run=pictured.run.id))


def test_threshold_and_flags_go_by_any_of_an_images_scores(pages: Browser, pictured: Pictured) -> None:
    store = pictured.store
    run = finished(store, pictured.dataset)
    before = store.thresholds.current(run.id)
    assert before is not None
    box = next(box for box in pages("errors", run=run.id).selectbox if box.label == "Anomaly score")
    assert box.value == "combined"
    assert list(box.options) == ["Combined", "Mean error", "Worst spot", "Worst hundredth"]
    args = {"run_id": run.id, "scorer": "maximum", "author": "ada"}
    args |= {"method": before.method, "parameters": before.parameters}
    store.jobs.submit("rescore", args, dataset_id=run.dataset_id, run_id=run.id)
    job = claim(store.engine, "here", 600, kinds=("rescore",))
    assert job is not None
    rescore.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    run = store.runs.get(run.id)
    kept = store.artifacts.get_array(store.space, run.artifacts["image_scores"])
    assert np.array_equal(store.runs.scores(run, "maximum").values, kept[:, IMAGE_SCORES.index("maximum")])
    assert np.array_equal(store.runs.scores(run, "combined").values, store.runs.scores(run).values)
    app = pages("anomalies", run=run.id)
    assert "Scored by **worst spot**" in said(app)
    assert "Set by the run itself" in said(app)  # it only went along
    assert "Contested" in "".join(expander.label for expander in app.expander)
    app = pages("errors", run=run.id)
    assert "(worst spot), rank 1 of 24" in said(app)


def test_whether_flags_come_again_is_found_out_by_each_of_an_images_scores(pages: Browser, pictured: Pictured) -> None:
    store, run = pictured.store, finished(pictured.store, pictured.dataset)
    own, worst = refits(store, run, ""), refits(store, run, "maximum")
    assert own.shape == worst.shape
    assert not np.array_equal(own, worst)
    assert "of the flags came again" in said(pages("anomalies", run=run.id))
    chosen_before = finished(store, pictured.dataset, RunSpec.read({**run.spec, "image_score": "maximum"}))
    assert np.array_equal(refits(store, chosen_before, ""), worst)


def refits(store: Store, run: Run, scorer: str) -> NDArray[np.float32]:
    """The scores after further trainings, (N, K), that are made here and now."""
    store.jobs.submit("stability", {"run_id": run.id, "scorer": scorer}, dataset_id=run.dataset_id, run_id=run.id)
    job = claim(store.engine, "here", 600, kinds=("stability",))
    assert job is not None
    stability.run(Work(job, store, Fence(store.engine, job.id, job.attempt)))
    run = store.runs.get(run.id)
    return np.asarray(store.artifacts.get_array(store.space, run.artifacts[run.of_scorer("refits", scorer)]))


def test_a_score_of_images_has_its_card() -> None:
    for name in IMAGE_SCORES:
        title, summary = score_card(name, images=True)
        assert title
        assert summary.endswith(".")


def test_an_image_has_its_evidence_and_is_decided_on(pages: Browser, pictured: Pictured) -> None:
    store, run = pictured.store, pictured.run
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    rows = flags(store.runs.scores(run).values, threshold).rows
    assert len(rows) > 0
    app = pages("triage", run=run.id)
    first = int(rows[0])
    sentence = next(code.value for code in app.get("code") if "is stranger than" in code.value)
    assert sentence.startswith(f"Image {first + 1} (")
    assert "It was rebuilt worst" in sentence
    text = said(app)
    assert "nor which change would make it healthy" in text
    assert "The healthy images most like it" in text
    assert "Stranger than so many images, by" in text
    assert MARKUP not in text
    opened_box = f"alike_{run.id}"
    app.session_state[opened_box] = True
    assert not app.run().exception
    dismiss = next(button for button in app.button if str(button.key).startswith("triage_dismissed"))
    app = dismiss.click().run()
    assert not app.exception
    dataset = pictured.dataset
    (verdict,) = store.verdicts.of_lineage(dataset.lineage_id)
    assert (verdict.row_key, verdict.verdict) == (str(store.datasets.row_keys(dataset)[first]), "dismissed")
    app = pages("triage", run=run.id, row=verdict.row_key)
    assert "rules go by the values of a row's columns, and an image has none" in said(app)
    app = app.button_group(key="triage_view").set_value("As a table").run()
    assert not errors(app)
    assert not app.exception


def stamped(path: Path, count: int = 80, stamps: int = 5) -> Path:
    """Images of 16 × 16: the last ones with a bright stamp at the upper left, and those before with a dark one at the lower right."""
    generator = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(count):
            pixels = np.clip(generator.normal(120, 4, (16, 16)), 0, 255).astype(np.uint8)
            if i >= count - stamps:
                pixels[1:5, 1:5] = 250
            elif i >= count - 2 * stamps:
                pixels[-5:-1, -5:-1] = 0
            with archive.open(f"{i:03d}.png", "w") as file:
                Image.fromarray(pixels).save(file, "PNG")
    return path


def test_flagged_images_of_one_kind_are_one_case_and_decided_on_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = 5
    run = finished(store, ingest(store, stamped(tmp_path / "stamps.zip"), "stamps.zip"))
    store.thresholds.new(run.id, "count", {"rows": 2 * stamps}, _cut(store, run, 2 * stamps), 2 * stamps)

    def asked(_store: Store, question: str, **payload: Any) -> Any:
        return getattr(Models(store), question)(store.space, **payload)

    monkeypatch.setattr(kinds, "ask", asked)
    for pages in opened(store.settings.home, monkeypatch):
        app = sound(pages("triage", run=run.id))
        app = sound(app.button_group(key="triage_view").set_value("One kind at a time").run())
        table = next(frame.value for frame in app.dataframe if "case" in frame.value.columns)
        assert dict(zip(table["case"], table["images"], strict=True)) == {
            "brighter than expected at the upper left": stamps,
            "darker than expected at the lower right": stamps,
        }
        app.session_state[f"cases_{run.id}_0_2"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
        app = sound(app.run())
        sound(next(button for button in app.button if button.label == f"Dismiss these {stamps}").click().run())
        said_of = store.verdicts.of_lineage(store.datasets.get(run.dataset_id).lineage_id)
        keys = store.datasets.row_keys(store.datasets.get(run.dataset_id))
        rows = {int(np.flatnonzero(keys == each.row_key)[0]) for each in said_of}
        bright = "brighter" in table["case"].iloc[0]
        assert rows == set(range(75, 80) if bright else range(70, 75))
        assert all(str(table["case"].iloc[0]) in each.note for each in said_of)
        # One of each kind first: the second in the queue is of the other kind.
        app = sound(pages("triage", run=run.id))
        app = sound(app.button_group(key=f"triage_shown_{run.id}").set_value("all").run())
        app = sound(app.button_group(key=f"triage_order_{run.id}").set_value("one of each kind first").run())
        app = sound(app.button_group(key="triage_view").set_value("As a table").run())
        order = next(frame.value for frame in app.dataframe if "score" in frame.value.columns).index - 1
        assert [row >= 75 for row in order[:2]] in ([True, False], [False, True])
        assert sorted(order) == list(range(70, 80))


def _cut(store: Store, run: Run, count: int) -> float:
    return float(np.sort(store.runs.scores(run).values)[-count])


def test_a_run_of_before_maps_were_kept_says_so(pictured: Pictured) -> None:
    run = pictured.run
    assert _kept_with(run, "residual_maps") == run.artifacts["residual_maps"]
    before = replace(run, artifacts={name: where for name, where in run.artifacts.items() if name != "residual_maps"})
    with pytest.raises(InputRefused, match="made before") as refused:
        _kept_with(before, "residual_maps")
    assert "train again" in refused.value.fix
