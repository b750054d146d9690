"""Scores raw or as percentiles: one switch, kept from page to page and in links."""

from __future__ import annotations

import re

import pytest

from tests.pages.conftest import Browser, Made, said


@pytest.mark.parametrize("page", ["errors", "anomalies", "triage"])
def test_the_switch_turns_scores_into_percentiles(full: Browser, made: Made, page: str) -> None:
    app = full(page, run=made.plain.id)
    assert "percentile from" not in said(app)
    app = app.button_group(key="scores_as").set_value("percentile").run()
    assert not app.exception
    assert "percentile" in app.query_params["scores"]
    page_says = said(app)
    if page == "errors":
        assert re.search(r"stranger than 9\d(\.\d+)? %", page_says)
        assert re.search(r"rows\*\* with a percentile from \d\d(\.\d+)? %", page_says)
    if page == "anomalies":
        assert re.search(r"percentile from \d\d(\.\d+)? %", page_says)
        assert "score from" not in page_says
    app = app.button_group(key="scores_as").set_value("raw").run()
    assert "scores" not in app.query_params
    assert "percentile from" not in said(app)


def test_a_link_says_how_scores_are_shown(full: Browser, made: Made) -> None:
    assert "percentile from" in said(full("anomalies", run=made.plain.id, scores="percentile"))
    assert "score from" in said(full("anomalies", run=made.plain.id, scores="<b>"))


def test_a_threshold_typed_as_a_percentile_flags_the_rows_from_there(full: Browser, made: Made) -> None:
    saved = made.store.thresholds.current(made.plain.id)
    app = full("errors", run=made.plain.id, scores="percentile")
    box = next(box for box in app.number_input if box.label == "Threshold (percentile)")
    app = box.set_value(90.0).run()
    assert not app.exception
    over = int((made.store.runs.scores(made.plain).percentiles >= 90).sum())
    assert 3 < over <= 6
    assert f"**{over} rows** with a percentile from 9" in said(app)
    assert f"Flag these {over}" in [button.label for button in app.button]
    assert saved is not None and saved.flagged != over
    assert made.store.thresholds.current(made.plain.id) == saved
