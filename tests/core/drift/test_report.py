"""The verdict: alarms by chance no more often than promised, what moved is named, and nothing that rows may hold is too much."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from core.drift import ERRORS, MOST_ROWS, DriftReport, Sample, drift, rows_to_compare
from core.drift.report import FEWEST, LARGE, STRONG
from core.errors import InputRefused
from tests.core.drift.drawn import sample, values

ROOT = Path(__file__).resolve().parents[3]


def numbers_of(thing: object) -> list[float]:
    """All numbers that stand in a report."""
    if is_dataclass(thing):
        return [number for each in fields(thing) for number in numbers_of(getattr(thing, each.name))]
    if isinstance(thing, tuple):
        return [number for each in thing for number in numbers_of(each)]
    return [float(thing)] if isinstance(thing, int | float) else []


def sound(report: DriftReport) -> DriftReport:
    assert np.isfinite(numbers_of(report)).all()
    assert report.sentence()
    assert all(each.difference is None or each.difference.low <= each.difference.effect for each in report.columns)
    assert all(each.difference is None or each.difference.effect <= each.difference.high for each in report.columns)
    return report


def test_halves_of_a_table_sound_an_alarm_as_seldom_as_promised() -> None:
    alarms = 0
    for trial in range(60):
        whole = sample(240, trial % 3)
        order = np.random.default_rng(trial).permutation(240)
        reference = replace(whole.take(order[:120]), held=np.arange(120) < 40)
        alarms += sound(drift(reference, whole.take(order[120:]), trial)).alarm
    assert alarms <= 7  # 60 trials at 5 %: 7 is beyond chance by 1 in 50


def test_a_column_that_moved_is_named() -> None:
    found = 0
    for trial in range(10):
        new = sample(1_000, 2 * trial)
        new.values["n3"][:] += 0.5 * np.nanstd(new.values["n3"])  # type: ignore[index]
        report = sound(drift(sample(1_000, 2 * trial + 1, held=200), new, trial))
        found += report.verdict == "some columns moved" and report.moved == ("n3",)
        assert report.columns[0].in_words() in report.sentence()
    assert found >= 9


def test_every_column_that_moved_is_told_with_those_that_moved_most() -> None:
    new = sample(600, 0)
    new.values["n0"][:200] = np.nan  # type: ignore[index]
    new.values["kind"][:300] = "c"  # type: ignore[index]
    new.values["n5"][:] *= 3  # type: ignore[index]
    new.values["rare"][:12] = "new"  # type: ignore[index]
    report = sound(drift(sample(600, 1), new))
    assert report.moved == ("n5", "kind", "n0", "rare")
    said = report.sentence()
    assert said.startswith("4 columns moved of 12, most of all: more spread n5 (")
    assert "more often kind = c (" in said and "n0 more often missing" in said
    strengths = [each.strength for each in report.columns if each.moved]
    assert strengths == sorted(strengths, reverse=True)


def test_scores_that_are_much_higher_say_that_the_model_no_longer_fits() -> None:
    reference, new = sample(400, 0, held=100), sample(400, 1)
    assert new.scores is not None
    report = sound(drift(reference, replace(new, scores=2.5 * new.scores)))
    assert report.verdict == "the model no longer fits"
    assert "of pairs the new row is stranger than one of 100 rows not learned from." in report.sentence()
    lower = sound(drift(reference, replace(new, scores=new.scores / 2.5)))
    assert lower.verdict == "no sign of drift"


@pytest.mark.parametrize("times", [1.6, 2.5, 6])
def test_that_scores_are_higher_is_said_once(times: float) -> None:
    new = sample(400, 1)
    assert new.scores is not None
    report = sound(drift(sample(400, 0, held=100), replace(new, scores=times * new.scores)))
    said = report.sentence()
    assert report.scores is not None and report.scores.moved
    assert said.count("higher") == said.count(" of pairs the new row is stranger than one of 100 rows not learned") == 1


def test_what_was_compared_is_called_what_it_is() -> None:
    reference, new = replace(sample(400, 0, held=100), scores_are=ERRORS), sample(400, 1)
    assert new.scores is not None
    assert sound(drift(reference, new)).sentence() == (
        "No sign of drift: 400 rows of this file look like what the run learned, in 12 columns, codes and reconstruction errors."
    )
    likely, sure = (drift(reference, replace(new, scores=times * new.scores)).sentence() for times in (2.5, 6))
    assert likely.startswith("Reconstruction errors are higher by more than chance; that the model no longer fits")
    assert sure.startswith("The model no longer fits these rows. Reconstruction errors are higher: in ")
    for said in (likely, sure):
        assert "% of pairs the new row is rebuilt worse than one of 100 rows not learned from." in said
    few = sound(drift(reference.take(np.arange(90, 400)), new)).sentence()
    assert "in 12 columns. Reconstruction errors are not compared: only 10 were held back" in few
    most = {name: each + 1 if each.dtype.kind == "f" else each for name, each in new.values.items()}
    moved = drift(reference, replace(new, values=most)).sentence()
    assert "but reconstruction errors are not higher by more than chance" in moved
    flagged = drift(reference, replace(new, values=most)).sentence(many_flagged=True)
    assert flagged.startswith(
        "Most columns moved by more than chance, and far more rows are flagged than of those that it learned from; reconstruction errors are "
        "not higher by more than chance, so that the model no longer fits these rows is likely, not certain."
    )


def test_where_many_are_flagged_there_is_no_all_clear() -> None:
    report = sound(drift(sample(300, 0, held=10), sample(300, 1)))
    assert report.sentence().startswith(
        "No sign of drift: 300 rows of this file look like what the run learned, in 12 columns."
    )
    said = report.sentence(many_flagged=True)
    assert "No sign" not in said
    assert said.startswith(
        "300 rows of this file look like what the run learned, in 12 columns, and yet far more of them are flagged than of those that it "
        "learned from: what goes with what may have changed. Scores are not compared: only 10 were held back"
    )
    moved = sample(300, 1)
    moved.values["n0"][:] += 3  # type: ignore[index]
    found = drift(sample(300, 0, held=10), moved)
    assert found.sentence(many_flagged=True) == found.sentence()


def test_most_columns_moved_say_so_too() -> None:
    new = {name: each + 1 if each.dtype.kind == "f" else each for name, each in values(400, 1).items()}
    report = sound(drift(Sample(values(400, 0)), Sample(new)))
    assert report.verdict == "the model no longer fits"
    assert not report.sure
    assert report.sentence().startswith("Most columns moved by more than chance, but scores were not compared; that")
    held = sample(400, 0, held=100)
    beside = sound(drift(held, replace(sample(400, 1), values=new)))  # whose scores did not move
    assert (beside.verdict, beside.sure) == ("the model no longer fits", False)
    assert "but scores are not higher by more than chance; that the model no longer fits" in beside.sentence()


@pytest.mark.parametrize(
    ("times", "held", "sure"), [(2.2, 100, False), (2.5, 100, False), (4, 400, True), (6, 100, True)]
)
def test_that_the_model_no_longer_fits_is_said_by_degree(times: float, held: int, sure: bool) -> None:
    new = sample(400, 1)
    assert new.scores is not None
    report = sound(drift(sample(400, 0, held=held), replace(new, scores=times * new.scores)))
    assert report.scores is not None
    assert report.scores.interval is not None
    assert (report.verdict, report.sure) == ("the model no longer fits", sure)
    assert sure == (report.scores.interval[0] >= LARGE)
    assert report.sentence().startswith(
        "The model no longer fits these rows."
        if sure
        else "Scores are higher by more than chance; that the model no longer fits these rows is likely, not certain."
    )
    assert report.scores.effect >= STRONG


def test_what_is_certain_is_said_so_of_every_other_verdict() -> None:
    assert drift(sample(300, 0), sample(300, 1)).sure
    assert drift(sample(300, 0), sample(4, 1)).sure


def test_codes_alone_say_that_the_rows_moved() -> None:
    reference, new = sample(300, 0), sample(300, 1)
    assert new.codes is not None
    report = sound(drift(reference, replace(new, codes=new.codes + 1)))
    assert report.verdict == "the rows moved as a whole" and report.moved == ()
    assert "As a whole the rows look different to the network (their codes moved)." in report.sentence()


def test_rows_that_were_learned_do_not_stand_for_fresh_ones() -> None:
    reference, new = sample(400, 0, held=100), sample(400, 1)
    assert reference.scores is not None and reference.codes is not None and reference.held is not None
    learned = replace(
        reference,
        scores=np.where(reference.held, reference.scores, 0.0),
        codes=np.where(reference.held[:, None], reference.codes, 0.0),
    )
    report = sound(drift(learned, new))
    assert (report.verdict, report.held) == ("no sign of drift", 100)
    assert drift(replace(learned, held=None), new).verdict == "the model no longer fits"


def test_too_few_held_back_rows_are_told_and_the_rest_is_compared() -> None:
    report = sound(drift(sample(300, 0, held=FEWEST - 1), sample(300, 1)))
    assert (report.scores, report.codes, report.verdict) == (None, None, "no sign of drift")
    assert "Scores are not compared: only 20 were held back from the training, not 21." in report.sentence()
    assert report.range is not None and report.compared == 12


@pytest.mark.parametrize(("ours", "theirs"), [(1, 300), (300, 1), (20, 300), (300, 20), (1, 1)])
def test_few_rows_tell_nothing(ours: int, theirs: int) -> None:
    new = sample(ours, 0)
    new.values["n0"][:] = 1e9  # type: ignore[index]
    reference = sample(theirs, 1)
    reference.values["n0"][:] = 0  # type: ignore[index]
    report = sound(drift(reference, new))
    assert report.verdict == "too few rows to tell" and not report.alarm and report.moved == ()
    assert report.sentence().startswith("Too few rows to tell: ")
    assert report.range is not None and ("n0", ours) in report.range.columns


@pytest.mark.parametrize("held", [None, 60])
def test_identical_files_do_not_drift(held: int | None) -> None:
    whole = sample(300, 0, held)
    report = sound(drift(whole, replace(whole, held=None)))
    assert report.verdict == "no sign of drift"
    assert report.range is not None and report.range.rows == 0
    assert report.unseen is not None and report.unseen.rows == 0


def test_the_order_of_rows_changes_nothing() -> None:
    reference, new = sample(1_200, 0, held=300), sample(1_500, 1)
    draw = np.random.default_rng(0)
    again = drift(reference.take(draw.permutation(1_200)), new.take(draw.permutation(1_500)))
    assert again == drift(reference, new)


def test_the_order_of_columns_changes_nothing_that_is_found() -> None:
    reference, new = sample(300, 0), sample(300, 1)
    turned = replace(reference, values=dict(reversed(reference.values.items())))
    one, other = drift(reference, new), drift(turned, new)
    assert {each.column: each for each in one.columns if each.aspect != "missing"} == {
        each.column: each for each in other.columns if each.aspect != "missing"
    }
    assert (one.range, one.codes, one.scores) == (other.range, other.codes, other.scores)


def test_of_large_tables_some_rows_are_drawn_and_it_is_told() -> None:
    draw = np.random.default_rng(0)
    large = Sample({"x": draw.normal(size=MOST_ROWS + 5_000)})
    report = sound(drift(large, large.take(np.arange(3_000))))
    assert (report.rows, report.of_rows) == ((3_000, MOST_ROWS), (25_000, 25_000))
    assert "3,000 of 25,000 new rows with 20,000 of 25,000 of the reference" in report.sentence()
    some = rows_to_compare(100, 3, most=10)
    assert len(set(some.tolist())) == 10 and (np.diff(some) > 0).all()
    assert (some == rows_to_compare(100, 3, most=10)).all() and not (some == rows_to_compare(100, 4, most=10)).all()
    assert (rows_to_compare(7, 0, most=10) == np.arange(7)).all()


STRANGE = {
    "empty": np.full(40, np.nan),
    "no words": np.array([None] * 40, object),
    "one value": np.zeros(40),
    "infinite": np.where(np.arange(40) % 2, np.inf, -np.inf),
    "huge": np.where(np.arange(40) % 3, 1e308, -1e308),
    "whole": np.arange(40),
    "yes": np.arange(40) % 2 == 0,
    "words": np.array(["<b>x</b>", None] * 20, object),
    "no text": np.array([1, 2.5, float("nan"), None] * 10, object),
    "different": np.arange(40).astype(str).astype(object),
}


@pytest.mark.parametrize("ours", STRANGE)
@pytest.mark.parametrize("theirs", STRANGE)
def test_columns_of_any_make_are_taken(ours: str, theirs: str, recwarn: pytest.WarningsRecorder) -> None:
    for kind in ("number", "category", "text", "datetime", "multiple"):
        reference = Sample({"x": STRANGE[theirs]}, {"x": kind}, {"x": ";"} if kind == "multiple" else {})  # type: ignore[dict-item]
        report = sound(drift(reference, Sample({"x": STRANGE[ours]})))
        assert ours != theirs or report.verdict == "no sign of drift"
    assert not recwarn.list


@pytest.mark.parametrize("rows", [0, 40])
def test_columns_rows_codes_and_scores_may_be_none(rows: int) -> None:
    empty = Sample({})
    some = Sample({"x": np.arange(40.0)[:rows]}, codes=np.full((rows, 2), np.nan), scores=np.full(rows, np.nan))
    for reference, new in ((empty, some), (some, empty), (empty, empty), (some, some)):
        assert not sound(drift(reference, new)).alarm
    assert drift(Sample({"x": np.arange(40.0)}), Sample({}, scores=np.arange(40.0))).moved == ("x",)
    infinite = Sample({}, codes=np.full((40, 2), np.inf), scores=np.full(40, np.inf))
    assert sound(drift(infinite, infinite)).verdict == "no sign of drift"


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(InputRefused, match="not of the same rows"):
        Sample({"x": np.arange(4.0)}, scores=np.arange(3.0))
    with pytest.raises(InputRefused, match="not of one width"):
        drift(Sample({}, codes=np.zeros((30, 2))), Sample({}, codes=np.zeros((30, 3))))


def test_neither_torch_nor_scikit_learn_is_imported() -> None:
    script = "import sys, core.drift; print(*[name for name in ('torch', 'sklearn', 'streamlit', 'faiss') if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
