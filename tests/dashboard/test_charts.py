"""Charts on both grounds, on narrow screens and in a file of their own; a comparison in words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from core.specs import Plan
from dashboard.blocks.evaluation import in_words
from dashboard.charts import theme
from dashboard.charts.errors import error_heatmap, score_histogram
from dashboard.charts.training import hourglass
from dashboard.snapshot import snapshot_html

GROUNDS = ("#ffffff", "#11161d")  # of .streamlit/config.toml
PHONE = 358  # pixels that a chart has on one
BOLD = 8.2  # pixels of a letter of a title, on average


def luminance(colour: str) -> float:
    """Relative luminance, 0 … 1, of #rrggbb (WCAG 2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("colour", [theme.TRAIN, theme.VALIDATION])
def test_lines_can_be_told_from_the_ground(ground: str, colour: str) -> None:
    low, high = sorted((luminance(ground), luminance(colour)))
    assert (high + 0.05) / (low + 0.05) >= 3


def test_nothing_is_the_colour_of_the_ground() -> None:
    middle = [colour for place, colour in theme.AROUND_GROUND if place == 0.5]
    assert middle
    assert all(colour.endswith(",0)") for colour in middle)


def test_the_title_of_the_network_fits_on_a_phone() -> None:
    title = hourglass(Plan((12_345, 64, 4_000, 64, 12_345), 4_000, 123_456_789)).layout.title.text
    lines = re.sub(r"<(?!br)[^>]+>", "", title).split("<br>")
    assert "123,456,789 parameters" in lines[1]
    assert max(map(len, lines)) * 0.8 * BOLD < PHONE


def test_a_chart_in_a_file_has_room_for_its_names() -> None:
    heatmap = error_heatmap(np.ones((2, 2), np.float32), ["a long name of a column", "b"], ["row 1", "row 2"])
    page = snapshot_html("t", {}, [heatmap], [("rows", pd.DataFrame({"a": [1]}))])
    layout = page[page.index("Plotly.newPlot(") :]
    for axis in ("xaxis", "yaxis"):
        drawn = re.search(rf'"{axis}":(\{{.*?\}}),"(?:x|y)axis|"{axis}":(\{{.*)', layout)
        assert drawn is not None
        assert '"automargin":true' in drawn.group(0)
        assert '"standoff":14' in drawn.group(0)
    assert heatmap.layout.xaxis.automargin is None  # what the page shows stays as it was


def test_the_scores_fill_their_axis() -> None:
    scores = np.r_[np.full(1_000, 1e-4), np.linspace(0.1, 0.5, 9)]
    assert list(score_histogram(scores, 2e-4).layout.xaxis.range) == [1e-4, 0.5]


@pytest.mark.parametrize(
    ("network", "pca", "words"),
    [
        (0.35, 0.1, "3.5 times worse than"),
        (0.002, 0.048, "24 times better than"),
        (0.1, 0.102, "about as well as"),
        (0.0, 0.0, "about as well as"),
        (0.1, 0.0, "far worse than"),
        (1e-9, 0.1, "far better than"),
        (0.1, 0.994, "9.9 times better than"),
        (0.1, 0.999, "10 times better than"),
    ],
)
def test_two_errors_in_words(network: float, pca: float, words: str) -> None:
    assert in_words(network, pca) == words
