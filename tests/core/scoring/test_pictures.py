"""Images through training and scoring: what a pixel's error becomes, and how tiles come back to their image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.datasets.encoding import PictureEncoder, encoder_from_json
from core.errors import InputRefused, StorageFailed, TrainingFailed
from core.models.base import build
from core.results import Encoded, Pictures
from core.scoring.pictures import (
    GRID,
    SCORES,
    Looked,
    _coarse,
    look,
    of_images,
    picture_output,
    rebuilt,
    reference_of,
    small,
)
from core.scoring.reference import ARRAYS, Reference
from core.scoring.trained import Trained
from core.specs import RunSpec, Training
from core.training.loop import Trainer


def pieces_of(count: int, height: int = 12, width: int = 10, channels: int = 1, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    base = generator.integers(60, 200, (1, height, width, channels))
    return np.clip(base + generator.normal(0, 6, (count, height, width, channels)), 0, 255).astype(np.uint8)


def whole(pieces: np.ndarray) -> np.ndarray:
    places = np.zeros((len(pieces), 5), np.int32)
    places[:, 0], places[:, 3], places[:, 4] = np.arange(len(pieces)), pieces.shape[1], pieces.shape[2]
    return places


def encoder_of(pieces: np.ndarray, ignored: tuple[tuple[float, float, float, float], ...] = ()) -> PictureEncoder:
    pictures = Pictures("fit", *pieces.shape[1:], len(pieces), "", "", ignored=ignored)
    return PictureEncoder.fit(pictures, pieces, np.arange(len(pieces)))


def trained_on(pieces: np.ndarray, layers: str = "convolutional", by: str = "mean", **ignored: object) -> Trained:
    spec = RunSpec(layers=layers, image_score=by, training=Training(epochs=30, learning_rate=3e-3)).checked()
    encoder = encoder_of(pieces, **ignored)
    torch.manual_seed(0)
    network = build(spec, encoder.layout)
    rows = encoder.rows(pieces, whole(pieces))
    trainer = Trainer(network, rows, np.arange(len(pieces)), np.arange(0), spec.training, torch.device("cpu"))
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    trained = Trained(encoder, network, spec)
    return replace(trained, reference=reference_of(trained, rows))


@pytest.fixture(scope="module")
def trained() -> Trained:
    return trained_on(pieces_of(60))


def test_encoding_and_back_gives_the_image_and_its_json_the_encoder() -> None:
    for channels in (1, 3):
        pieces = pieces_of(7, channels=channels)
        encoder = encoder_of(pieces)
        rows = encoder.rows(pieces, whole(pieces)).take(slice(None))
        assert rows.values.shape == (7, 12 * 10 * channels)
        assert abs(rows.values.mean()) < 1e-5
        assert rows.values.std() == pytest.approx(1, abs=1e-4)
        assert np.array_equal(encoder.decode(rows.values), pieces)
        assert encoder_from_json(encoder.to_json()) == encoder
    with pytest.raises(StorageFailed):
        encoder_from_json({"spread": "wide"})


def test_images_of_one_colour_stay_finite() -> None:
    pieces = np.full((5, 9, 9, 1), 7, np.uint8)
    values = encoder_of(pieces).rows(pieces, whole(pieces)).take(np.asarray([0, 3])).values
    assert np.isfinite(values).all()


def test_what_is_ignored_is_neither_seen_nor_counted() -> None:
    pieces = pieces_of(20)
    trained = trained_on(pieces, ignored=((0.0, 0.0, 0.5, 0.5),))
    rows = trained.of_images.rows
    stained = pieces.copy()
    stained[:, :6, :5] = 255
    clean, dirty = (look(trained, rows(images, whole(images))) for images in (pieces, stained))
    assert np.array_equal(clean.scores, dirty.scores)
    assert np.array_equal(clean.codes, dirty.codes)
    assert not rows(pieces, whole(pieces)).seen(slice(0, 1))[0, :6, :5].any()
    assert rows(pieces, whole(pieces)).seen(slice(0, 1))[0, 6:].all()


def test_ignored_rectangles_are_of_the_image_not_of_its_tiles() -> None:
    pieces = pieces_of(2, 8, 8)
    encoder = encoder_of(pieces, ((0.0, 0.0, 0.25, 1.0),))
    places = np.asarray([[0, 0, 0, 8, 16], [0, 0, 8, 8, 16]], np.int32)  # left and right half of one image
    seen = encoder.rows(pieces, places).seen(slice(None))
    assert not seen[0, :, :4].any()
    assert seen[0, :, 4:].all()
    assert seen[1].all()


def test_a_mark_is_found_where_it_is(trained: Trained) -> None:
    pieces = pieces_of(60)
    pieces[17, 7:10, 2:5] = 255
    looked = look(trained, trained.of_images.rows(pieces, whole(pieces)))
    assert (looked.scores.argmax(axis=0) == 17).all()
    left, top, right, bottom = looked.worst[17]
    assert left <= 4
    assert right >= 3
    assert top <= 9
    assert bottom >= 8
    assert (looked.worst >= 0).all()
    assert (looked.worst[:, 2] <= 10).all()
    assert (looked.worst[:, 3] <= 12).all()
    _, mean, maximum, top_share = looked.scores.T
    assert (mean <= top_share).all()
    assert (top_share <= maximum + 1e-9).all()


def test_an_image_alone_scores_as_among_others(trained: Trained) -> None:
    pieces = pieces_of(300, seed=3)
    rows = trained.of_images.rows
    together = look(trained, rows(pieces, whole(pieces))).scores
    for picked in ([0], [255, 256], [299, 5, 17]):
        alone = look(trained, rows(pieces[picked], whole(pieces[picked]))).scores
        assert np.array_equal(alone, together[picked])


def test_tiles_come_back_to_their_image() -> None:
    scores = np.asarray([[0, 1, 5, 2], [0, 3, 4, 9], [0, 7, 7, 7]], float)
    worst = np.asarray([[0, 0, 4, 4], [2, 2, 6, 6], [1, 0, 5, 4]], np.float32)
    places = np.asarray([[1, 0, 0, 8, 16], [1, 0, 8, 8, 16], [0, 0, 0, 8, 8]], np.int32)
    maps = np.zeros((3, 2, GRID, GRID), np.float32)
    maps[1, 0, 0, -1], maps[1, 1] = 2.0, 3.0
    looked = Looked(np.arange(6, dtype=np.float32).reshape(3, 2), scores, worst, maps)
    by_mean = of_images(looked, places, 2, "mean", (8, 8))
    assert by_mean.scores.tolist() == [[0, 7, 7, 7], [0, 3, 5, 9]]
    assert by_mean.codes.tolist() == [[4, 5], [2, 3]]
    assert by_mean.worst[1].tolist() == [10 / 16, 2 / 8, 14 / 16, 6 / 8]
    assert of_images(looked, places, 2, "maximum", (8, 8)).codes[1].tolist() == [0, 1]
    # The second tile is the right half of image 1: its corner half as wide there, its left half not off at all.
    assert by_mean.maps[1, 0, 0].tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert by_mean.maps[1, 1, 5].tolist() == [0, 0, 0, 0, 3, 3, 3, 3]
    assert not by_mean.maps[0].any()


@pytest.mark.parametrize("side", [5, 8, 12, 21])
def test_a_map_of_overlapping_tiles_is_that_of_the_whole_image(side: int) -> None:
    """Of an image that grows brighter from left to right, by whatever tiles it was cut into."""
    rising = np.tile((np.arange(32) + 0.5) / 32, (32, 1))  # (32, 32)
    starts = sorted({*range(0, 32 - side, max(1, side // 2)), 32 - side})
    places = np.asarray([[0, top, left, 32, 32] for top in starts for left in starts], np.int32)
    maps = np.asarray(
        [
            coarse(torch.from_numpy(-rising[top : top + side, left : left + side].copy()).float())
            for _, top, left, _, _ in places
        ]
    )
    count = len(places)
    looked = Looked(np.zeros((count, 1), np.float32), np.zeros((count, 4)), np.zeros((count, 4), np.float32), maps)
    found = of_images(looked, places, 1, "mean", (side, side)).maps[0]
    whole_map = coarse(torch.from_numpy(-rising).float())
    np.testing.assert_allclose(found, whole_map, atol=0.05)
    assert (np.diff(found[0].mean(axis=0)) > 0).all()


def coarse(residual: torch.Tensor) -> np.ndarray:
    """The map of one grey residual, (H, W)."""
    return _coarse(residual[None, None])[0].numpy()


def test_a_map_says_where_and_on_which_side_an_image_is_off(trained: Trained) -> None:
    pieces = pieces_of(60)[:8]
    pieces[0, :3, :3], pieces[1, -3:, -3:] = 255, 0
    output = picture_output(trained, trained.of_images.rows(pieces, whole(pieces)), whole(pieces), 8)
    maps = output.arrays["residual_maps"]
    assert maps.shape == (8, 2, GRID, GRID)
    for row, corner, sign in ((0, slice(None, 2), 1), (1, slice(-2, None), -1)):
        off = maps[row, 1]
        inside = off[corner, corner].mean()
        assert inside > 2 * (off.sum() - off[corner, corner].sum()) / (GRID**2 - 4)
        assert (sign * maps[row, 0, corner, corner] > 0.8 * off[corner, corner]).all()
    assert (maps[:, 1] >= np.abs(maps[:, 0]) - 1e-5).all()


def test_the_score_is_the_one_that_was_asked_for() -> None:
    pieces = pieces_of(30)
    for i, by in enumerate(SCORES):
        trained = trained_on(pieces[:12], by=by)
        output = picture_output(trained, trained.of_images.rows(pieces, whole(pieces)), whole(pieces), 30)
        assert np.array_equal(output.scores, output.arrays["image_scores"][:, i])
        assert output.column_errors.shape == (30, 1)
        assert output.codes.shape == (30, 32)


def test_one_image_beside_its_reconstruction(trained: Trained) -> None:
    pieces = pieces_of(3)
    one = rebuilt(trained, pieces[:1], whole(pieces[:1]))
    assert np.array_equal(one.original, pieces[0])
    assert one.rebuilt.shape == (12, 10, 1)
    assert one.errors.shape == one.signed.shape == (12, 10)
    expected = look(trained, trained.of_images.rows(pieces[:1], whole(pieces[:1]))).scores[0, 1]
    assert one.errors.mean() == pytest.approx(expected, rel=1e-5)
    assert one.signed.mean() == pytest.approx((one.rebuilt.mean() - one.original.mean()) / 255, abs=1e-6)
    wide = np.asarray([[0, 0, 0, 12, 15], [0, 0, 5, 12, 15]], np.int32)
    assert rebuilt(trained, pieces[:2], wide).original.shape == (12, 15, 1)


def test_simple_methods_see_small_images() -> None:
    pieces = pieces_of(5, 80, 40, 3)
    assert small(encoder_of(pieces).rows(pieces, whole(pieces))).shape == (5, 32 * 32 * 3)
    pieces = pieces_of(5)
    assert small(encoder_of(pieces).rows(pieces, whole(pieces))).shape == (5, 120)


def test_a_model_of_images_does_not_answer_for_tables(trained: Trained) -> None:
    assert trained.looks_at_images
    with pytest.raises(InputRefused, match="looks at images"):
        _ = trained.of_tables


def test_rows_are_made_where_they_are_taken(tmp_path: Path) -> None:
    pieces = pieces_of(50)
    np.save(tmp_path / "p.npy", pieces)
    mapped = np.load(tmp_path / "p.npy", mmap_mode="r")
    rows = encoder_of(pieces).rows(mapped, whole(pieces))
    order = np.asarray([40, 3, 3, 0])
    part = rows.take(order)
    assert isinstance(part, Encoded)
    assert np.array_equal(part.values, rows.take(slice(None)).values[order])
    assert len(rows) == 50


def test_what_is_usual_comes_back_from_its_arrays(trained: Trained) -> None:
    pieces = pieces_of(20, seed=4)
    rows = trained.of_images.rows(pieces, whole(pieces))
    arrays = trained.usual.arrays()
    assert tuple(arrays) == ARRAYS
    again = Reference.of_arrays(arrays, trained.of_images.layout.row_shape)
    assert np.array_equal(look(replace(trained, reference=again), rows).scores, look(trained, rows).scores)
    # A run of before neighbours counted goes on with the distance that it was stored with.
    before = Reference.of_arrays({name: arrays[name] for name in ARRAYS[:2]}, trained.of_images.layout.row_shape)
    features = torch.from_numpy(np.random.default_rng(1).normal(size=(9, len(before.centre))))
    assert torch.equal(before.scores(features), trained.usual.distances(features))


def test_strange_training_images_say_little_about_what_is_usual() -> None:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(200, 5))
    rows[:10] += 30
    typical = [torch.ones(2, 2)]
    trimmed, plain = (Reference.fit(typical, rows, 2, clean=clean, seed=0) for clean in (False, True))
    away = torch.from_numpy(rows[:1])
    assert trimmed.distances(away) > 20 * plain.distances(away)
    assert trimmed.distances(torch.from_numpy(rows[10:])).median() < 8


def test_images_of_several_kinds_are_compared_with_their_own() -> None:
    generator = np.random.default_rng(0)
    kinds = np.repeat(np.asarray([[-9.0, -9, 0], [9, 9, 0]]), 100, axis=0) + generator.normal(size=(200, 3))
    found = Reference.fit([torch.ones(2, 2)], kinds, 2, clean=False, seed=0)
    between = torch.zeros(1, 3, dtype=torch.float64)  # the middle of all, and like none of them
    rows = torch.from_numpy(kinds)
    assert found.distances(between) < found.distances(rows).quantile(0.1)
    assert found.scores(between) > found.scores(rows).quantile(0.8)


def test_images_that_are_all_alike_but_one_have_finite_scores() -> None:
    rows = np.zeros((60, 4))
    rows[7] = 1e6
    for clean in (False, True):
        found = Reference.fit([torch.ones(2, 2)], rows, 2, clean=clean, seed=0).scores(torch.from_numpy(rows))
        assert torch.isfinite(found).all()
        assert found.argmax() == 7


def test_before_a_training_nothing_is_usual() -> None:
    with pytest.raises(TrainingFailed, match="not looked at yet"):
        _ = replace(trained_on(pieces_of(12)), reference=None).usual
