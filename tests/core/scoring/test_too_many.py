"""That most of a file is flagged is said with the columns to blame, of images without any."""

from __future__ import annotations

import numpy as np

from core.drift import Sample, drift
from core.scoring.too_many import too_many
from core.scoring.trained import Output


def flagged_all(columns: int) -> Output:
    errors = np.ones((50, columns), np.float32)
    return Output(np.full(50, 9.0), errors, np.zeros((50, 2), np.float32))


def test_of_images_nothing_is_to_blame() -> None:
    report = drift(Sample({}), Sample({}))
    said = too_many(flagged_all(1), 1.0, 0.05, report, ("image",), "image")
    assert said.startswith("The run's threshold flags 100% of these images")
    assert "To blame" not in said
    assert "unit of a column" not in said


def test_of_rows_the_columns_are() -> None:
    report = drift(Sample({}), Sample({}))
    said = too_many(flagged_all(2), 1.0, 0.05, report, ("a", "b"))
    assert "To blame: “a” 50% of their score; “b” 50% of their score." in said
    assert too_many(flagged_all(2), 10.0, 0.05, report, ("a", "b")) == ""


def test_a_column_that_did_not_change_is_not_to_blame_where_others_did() -> None:
    generator = np.random.default_rng(0)
    values = {name: generator.normal(size=50) for name in "abcdef"}
    before = Sample(values)
    after = Sample(values | {name: np.full(50, np.nan) for name in "cdef"})
    output = flagged_all(6)
    output.column_errors[:, :] = [5, 4, 0.5, 0.5, 0.5, 0.5]
    said = too_many(output, 1.0, 0.05, drift(before, after), tuple("abcdef"))
    assert (
        "columns that did not change themselves: “a” 45% of their score; “b” 36% of their score. To blame is what did: "
        in said
    )
    assert said.endswith("; and 1 column more.")
    assert said.count("more often missing") == 3
    output.column_errors[:, 2] = 9
    assert "To blame: “c” 46% of their score, " in too_many(output, 1.0, 0.05, drift(before, after), tuple("abcdef"))
