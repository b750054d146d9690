"""Charts along time: no peak is lost, no gap is bridged, names stay names."""

from __future__ import annotations

import numpy as np

from dashboard.charts.series import (
    LEVELS,
    POINTS,
    Channel,
    Line,
    column_bars,
    event_heatmap,
    moments,
    score_line,
    stretch_chart,
)

HOSTILE = '<a href="http://evil.example">x</a>'


def line(scores: np.ndarray, stretch: np.ndarray) -> Line:
    return Line(moments(60.0 * np.arange(len(scores)), True), scores, stretch)


def test_thinning_keeps_every_peak_at_its_time() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.1, 1.0, 50_000)
    peaks = np.arange(37, 50_000, 1_000)
    scores[peaks] = 10.0 + np.arange(len(peaks))
    whole = line(scores, np.zeros(len(scores), np.int64))
    thin = whole.thinned()
    assert len(thin.scores) <= POINTS
    kept = thin.scores >= 10
    assert thin.scores[kept].tolist() == scores[peaks].tolist()
    assert thin.at[kept].tolist() == whole.at[peaks].tolist()


def test_a_gap_is_not_bridged_and_a_stretch_of_one_point_is_seen() -> None:
    scores = np.asarray([1.0, 2.0, 3.0, 50.0, 1.0, 1.0])
    chart = score_line(line(scores, np.asarray([0, 0, 0, 1, 2, 2])), 10.0, [], True)
    drawn, alone = chart.data
    missing = np.isnan(drawn.y)
    assert np.flatnonzero(missing).tolist() == [3, 5]
    assert drawn.y[~missing].tolist() == scores.tolist()
    assert alone.mode == "markers"
    assert alone.y.tolist() == [50.0]


def test_a_score_of_nothing_has_a_place_on_a_log_scale() -> None:
    chart = score_line(line(np.asarray([0.0, 0.5, 2.0]), np.zeros(3, np.int64)), 0.0, [], True)
    assert chart.data[0].y.tolist() == [0.5, 0.5, 2.0]
    assert all(value > 0 for value in (shape.y0 for shape in chart.layout.shapes if shape.y0 == shape.y1))


def test_rows_without_times_are_numbered_from_one() -> None:
    assert moments(np.asarray([0.0, 1.0, 5.0]), False).tolist() == [1, 2, 6]
    assert str(moments(np.asarray([0.25]), True)[0]) == "1970-01-01T00:00:00.250"


def test_a_column_of_words_is_drawn_as_steps_between_its_levels() -> None:
    at = moments(np.arange(4.0), False)
    words = Channel("state", ["on", None, HOSTILE, "on"], ["on", "on", "on", "on"], None, None, [])
    chart = stretch_chart(at, [words], 2, False)
    expected, actual = chart.data
    assert actual.line.shape == "hv"
    labels = chart.layout.yaxis.ticktext
    assert len(labels) == 2
    assert not any("<a" in label for label in labels)
    assert actual.y[1] is None
    assert actual.y[0] == actual.y[3] == expected.y[0] != actual.y[2]


def test_many_levels_leave_the_commonest() -> None:
    cells = [str(i) for i in range(40)] + ["often"] * 5
    channel = Channel("id", cells, ["often"] * 45, None, None, [])
    labels = stretch_chart(moments(np.arange(45.0), False), [channel], 1, False).layout.yaxis.ticktext
    assert len(labels) == LEVELS
    assert "often" in labels


def test_the_band_lies_between_low_and_high_and_missing_cells_break_the_line() -> None:
    at = moments(np.arange(3.0), True)
    channel = Channel(HOSTILE, [1.0, None, 3.0], [1.0, 1.0, 1.0], [0.0, 0.5, 0.0], [2.0, 1.5, 2.0], [(at[1], at[1])])
    chart = stretch_chart(at, [channel], at[1], True)
    band, _, actual = chart.data
    assert list(band.y) == [2.0, 1.5, 2.0, 0.0, 0.5, 0.0]
    assert list(actual.y) == [1.0, None, 3.0]
    assert "<a" not in chart.layout.annotations[0].text
    shaded = [shape for shape in chart.layout.shapes if shape.fillcolor]
    assert len(shaded) == 1
    assert shaded[0].line.width > 0  # one row has no width of its own


def test_an_infinite_cell_is_marked_where_no_line_can_reach() -> None:
    at = moments(np.arange(3.0), True)
    channel = Channel("flow", [1.0, None, 3.0], [1.0, 1.0, 4.0], [0.0] * 3, [2.0] * 3, [], [1])
    (mark,) = [trace for trace in stretch_chart(at, [channel], at[1], True).data if trace.name == "infinite"]
    assert (list(mark.x), list(mark.y), mark.text) == ([at[1]], [4.0], "∞")
    without = stretch_chart(at, [Channel("flow", [1.0] * 3, [1.0] * 3, [0.0] * 3, [2.0] * 3, [])], at[1], True)
    assert not [trace for trace in without.data if trace.name == "infinite"]


def test_bars_are_the_largest_first_and_names_are_escaped() -> None:
    chart = column_bars(("a", HOSTILE, "c"), np.asarray([0.5, 40.0, 3.0]))
    assert chart.layout.yaxis.ticktext[::-1][1:] == ("c", "a")  # from the top
    assert list(chart.data[0].x) == [0.5, 3.0, 40.0]
    assert not any("<a" in label for label in (*chart.layout.yaxis.ticktext, *chart.data[0].customdata))


def test_the_heatmap_says_multiples_and_colours_their_logarithm() -> None:
    errors = np.asarray([[100.0, 0.2], [1.0, 10.0]], np.float32)
    chart = event_heatmap(errors, ["a", HOSTILE], ["1: now", "2: then"])
    assert np.asarray(chart.data[0].z).round(4).tolist() == [[2.0, 0.0], [0.0, 1.0]]
    assert [cell[1] for cell in chart.data[0].customdata[0]] == [100.0, np.float32(0.2)]
    assert not any("<a" in label for label in chart.layout.xaxis.ticktext)
