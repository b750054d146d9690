"""What the colours on the maps mean: missing and far cells, scales of logarithms."""

from __future__ import annotations

import numpy as np
import pytest

from core.results import Column
from dashboard.blocks.map_colours import VERDICT_COLOURS, _of_numbers
from dashboard.charts.maps import static_map
from dashboard.latent_map import CLASS_COLOURS, MISSING, Colour, classes


def test_missing_and_blank_cells_are_no_class_and_long_names_are_cut() -> None:
    texts = np.asarray(["a", None, "  ", "", "b\x01", "x" * 10_000, "a"], object)
    found = classes("column", texts)
    assert found.labels[0] == "a"
    assert "" not in found.labels
    assert all(len(label) <= 80 for label in found.labels)
    assert "b�" in found.labels
    assert found.values[[1, 2, 3]].tolist() == [-1, -1, -1]
    assert (found.values[[0, 4, 5, 6]] >= 0).all()
    many = classes("column", np.asarray([str(i) for i in range(3_000)], object))
    assert many.labels[-1] == "2,953 others"


@pytest.mark.parametrize("far", [np.inf, 1e308, -1e308])
def test_a_far_cell_does_not_stretch_the_scale(far: float) -> None:
    values = np.append(np.linspace(1, 5, 400), [far, np.nan])
    found = _of_numbers("x", Column("x", "number", "feature", ""), values)
    assert np.isnan(found.values[-1])
    assert np.isfinite(found.values[:-1]).all()
    assert np.ptp(found.values[:-1]) < 40
    assert found.ends is not None
    assert ("more" in found.ends[1]) == (far > 0)
    assert ("less" in found.ends[0]) == (far < 0)


def test_infinite_cells_alone_and_equal_ones() -> None:
    column = Column("x", "number", "feature", "")
    assert np.isfinite(_of_numbers("x", column, np.asarray([np.inf, -np.inf])).values).all()
    assert _of_numbers("x", column, np.full(5, 3.0)).ends == ("3", "3")


def test_a_still_map_writes_scores_not_their_logarithms() -> None:
    points = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    scores = np.geomspace(0.01, 100, 50)
    colour = Colour("score", np.log10(scores).astype(np.float32), base=10)
    bar = static_map(points, colour, np.empty(0, np.int64), "PCA").data[0].marker.colorbar
    assert list(bar.ticktext) == ["0.01", "0.1", "1", "10", "100"]


def seen(colour: str, ground: str, strength: float) -> np.ndarray:
    """Lightness and the two hues of CIELAB (1976), (3,), of a colour laid over a ground."""
    over, under = (np.array([int(each[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for each in (colour, ground))
    mixed = strength * over + (1 - strength) * under
    linear = np.where(mixed <= 0.04045, mixed / 12.92, ((mixed + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.asarray(to_xyz) @ linear / (0.9505, 1, 1.089))  # of all but nearly black
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("ground", ["#ffffff", "#11161d"])  # of .streamlit/config.toml
@pytest.mark.parametrize("strength", [1.0, 0.5])  # of what is selected, and of what is not
def test_what_has_no_value_is_told_from_every_class(ground: str, strength: float) -> None:
    without = seen(MISSING, ground, strength)
    apart = [float(np.linalg.norm(seen(colour, ground, strength) - without)) for colour in CLASS_COLOURS]
    assert min(apart[:8]) > 18, dict(zip(CLASS_COLOURS, apart, strict=True))
    assert min(apart) > 14  # 2.3 is just seen side by side; slate was 9.7
    assert len(set(CLASS_COLOURS)) == 16
    by_verdict = [float(np.linalg.norm(seen(colour, ground, strength) - without)) for colour in VERDICT_COLOURS]
    assert min(by_verdict) > 18, dict(zip(VERDICT_COLOURS, by_verdict, strict=True))
