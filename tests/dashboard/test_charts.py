"""Charts on both grounds, on narrow screens and in a file of their own; a comparison in words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from core.results import Metric, Strip
from core.specs import Plan
from dashboard.blocks.evaluation import in_words
from dashboard.charts import theme
from dashboard.charts.errors import column_table, error_heatmap, score_histogram, score_histogram_table
from dashboard.charts.training import (
    curves_side_by_side,
    hourglass,
    learning_curve,
    live_curve,
    live_measures,
    windows_beside,
)
from dashboard.snapshot import snapshot_html
from dashboard.words import compression

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


def test_the_labels_of_a_deep_network_do_not_lie_over_each_other() -> None:
    deep = (1_000, 512, 256, 128, 64, 32, 16, 8, 16, 32, 64, 128, 256, 512, 1_000)
    axis = hourglass(Plan(deep, 8, 10)).layout.xaxis
    assert list(axis.ticktext) == ["input<br>1,000", "bottleneck<br>8", "output<br>1,000"]
    assert list(axis.tickvals) == [0, 7, 14]
    shallow = hourglass(Plan((5, 4, 2, 4, 5), 2, 10)).layout.xaxis.ticktext
    assert list(shallow) == ["input<br>5", "<br>4", "bottleneck<br>2", "<br>4", "output<br>5"]


@pytest.mark.parametrize(
    ("inputs", "kept", "words"),
    [(12, 4, "a compression of 3.0 to 1"), (4, 200, "an expansion of 1 to 50.0"), (4, 4, "no compression")],
)
def test_a_code_that_is_wider_than_its_input_compresses_nothing(inputs: int, kept: int, words: str) -> None:
    assert compression(inputs, kept) == words


@pytest.mark.parametrize(
    ("low", "high"), [(0.31, 0.45), (0.81, 0.95), (0.97, 1.04), (1.0, 1.0), (0.02, 30.0), (3e-4, 3.1e-4)]
)
def test_every_loss_axis_has_labels(low: float, high: float) -> None:
    within = theme.ticks_within(low, high)
    assert len(within) >= (1 if low == high else theme.FEWEST_TICKS)
    assert len(within) <= 16
    assert len(set(theme.log_ticks(low, high)["ticktext"])) == len(theme.log_ticks(low, high)["tickvals"])
    metrics = [Metric(epoch, epoch, "train", value) for epoch, value in enumerate((high, low), start=1)]
    assert live_curve(metrics)[1]["encoding"]["y"]["axis"]["values"] == within
    assert set(within) <= set(learning_curve(metrics, 1).layout.yaxis.tickvals)


def test_few_epochs_have_a_tick_each_and_none_between() -> None:
    few, many = ([Metric(epoch, epoch, "train", 1.0) for epoch in range(1, last + 1)] for last in (3, 60))
    assert learning_curve(few, 1).layout.xaxis.dtick == 1
    assert curves_side_by_side({"a": few}).layout.xaxis.dtick == 1
    assert learning_curve(many, 1).layout.xaxis.dtick is None


def test_runs_of_any_loss_are_overlaid_by_their_reconstruction() -> None:
    def run(**last: float) -> list[Metric]:
        return [Metric(1, 1, name.replace("_", " "), value) for name, value in last.items()]

    made = curves_side_by_side(
        {
            "variational": run(train=9.0, validation=8.0, train_reconstruction=4.0, validation_reconstruction=3.0),
            "plain": run(train=2.0, validation=1.0),
            "nothing held back": run(train=7.0, train_reconstruction=6.0, train_KL=1.0),
        }
    )
    assert [list(trace.y) for trace in made.data] == [[3.0], [1.0], [6.0]]
    assert "(squared)" in curves_side_by_side({"plain": run(train=2.0)}, "squared").layout.title.text


def test_a_chart_in_a_file_has_room_for_its_names() -> None:
    heatmap = error_heatmap(
        np.ones((2, 2), np.float32), np.ones((3, 2), np.float32), ["a long name of a column", "b"], ["row 1", "row 2"]
    )
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
        (6.7e-5, 2.7e-5, "about as well as"),
        (3e-14, 9e-5, "about as well as"),
        (0.1, 0.0, "far worse than"),
        (1e-9, 0.1, "far better than"),
        (0.1, 0.994, "9.9 times better than"),
        (0.1, 0.999, "10 times better than"),
    ],
)
def test_two_errors_in_words(network: float, pca: float, words: str) -> None:
    assert in_words(network, pca) == words


def test_beside_what_the_means_leave_two_small_errors_are_alike() -> None:
    assert in_words(0.0004, 0.005, means=0.9) == "about as well as"
    assert in_words(0.0004, 0.01, means=0.9) == "25 times better than"
    assert in_words(0.0004, 0.005) == "12 times better than"


def test_what_is_measured_is_a_chart_each_that_a_phone_has_room_for() -> None:
    measured = {"train": 1.0, "train KL": 0.2, "validation KL": 0.3, "learning rate": 1e-3, "stage": 1.0}
    charts = live_measures([Metric(epoch, epoch, name, value) for epoch in (1, 2) for name, value in measured.items()])
    assert [chart.name for chart in charts] == ["KL", "learning rate"]
    assert list(charts[0].frame["curve"]) == ["training", "validation"] * 2
    assert list(charts[0].frame["value"]) == [0.2, 0.3] * 2
    assert list(charts[1].frame["epoch"]) == [1, 2]
    assert not any({"facet", "width", "columns"} & set(chart.spec) for chart in charts)  # as wide as its place
    assert live_measures([Metric(1, 1, "train", 1.0)]) == []


def test_windows_stand_on_one_scale_that_does_not_move_while_it_learns() -> None:
    strip = Strip(1, "series", ("flow",), actual=[[0.0, 1.0], [2.0, 4.0]], expected=[[9.0, 0.0], [0.0, 0.0]])
    charts = windows_beside(strip)
    assert [chart.name for chart in charts] == ["window 1", "window 2"]
    scales = [chart.spec["encoding"]["y"]["scale"]["domain"] for chart in charts]
    assert scales == [[-1.0, 5.0]] * 2
    first = charts[0].frame
    assert list(first[first["line"] == "rebuilt"]["value"]) == [9.0, 0.0]
    same = windows_beside(Strip(1, "series", ("flow",), actual=[[3.0, 3.0]], expected=[[3.0, 3.0]]))
    low, high = same[0].spec["encoding"]["y"]["scale"]["domain"]
    assert low < 3.0 < high


def test_a_column_that_is_rebuilt_badly_everywhere_and_worse_in_flagged_rows_is_called_both() -> None:
    errors = np.asarray([[1, 1, 1, 1], [1, 1, 1, 1], [7, 7, 2, 2]], np.float32)
    table = column_table(errors, np.asarray([False, False, True]), ["a", "b", "c", "d"], {"a", "c"})
    said = table.set_index("column")["rebuilt"]
    everywhere = "badly everywhere (hardly better than the column's middle)"
    assert said["a"] == f"{everywhere}, worse in flagged rows (7 times)"
    assert said["b"] == "badly in flagged rows (7 times)"
    assert said["c"] == everywhere
    assert said["d"] == ""


def test_a_logarithmic_axis_begins_with_what_is_usual_however_far_the_strangest_lie() -> None:
    usual = np.random.default_rng(0).lognormal(size=200)
    far = np.concatenate([usual, [3e10, 4e10]])
    bins = score_histogram_table(far, 1e9, log=True)
    assert bins["from"].min() == pytest.approx(usual.min())
    assert (bins["rows"] > 0).sum() > 5
    near = np.concatenate([usual, [1e-200, 0.0]])  # what is rebuilt to the last digit makes no axis of its own
    assert score_histogram_table(near, 2.0, log=True)["from"].min() > 1e-6
    assert theme.least_shown(np.asarray([0.0, np.nan])) == 1.0
