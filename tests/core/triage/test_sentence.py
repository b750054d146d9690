"""What is said of images and stretches in a sentence."""

from __future__ import annotations

import pytest

from core.triage.evidence import Cell, Evidence
from core.triage.lone import Lone
from core.triage.sentence import image_sentence, sentence, stretch_sentence, where_in_image


@pytest.mark.parametrize(
    ("spot", "words"),
    [
        ((0.0, 0.0, 0.2, 0.2), "at the upper left"),
        ((0.4, 0.4, 0.6, 0.6), "in the middle"),
        ((0.4, 0.8, 0.6, 1.0), "in the lower middle"),
        ((0.8, 0.4, 1.0, 0.6), "at the right"),
        ((0.9, 0.9, 1.3, 1.3), "at the lower right"),  # tiles may reach beyond
    ],
)
def test_where_a_spot_lies(spot: tuple[float, ...], words: str) -> None:
    assert where_in_image(spot) == words


def test_an_image_in_a_sentence() -> None:
    assert image_sentence("Image 3 (a.png)", 700, 5.5, 0.9987, 4.5, (0.0, 0.0, 0.25, 0.125)) == (
        "Image 3 (a.png) is stranger than 99.9 % of 700 images (score 5.5, above the threshold of 4.5). It was rebuilt worst at "
        "the upper left, in a spot of 25% of its width and 12% of its height."
    )


def test_where_scores_are_percentiles_the_cut_is_one_too_beside_the_score() -> None:
    assert image_sentence("Image 3", 700, 5.5, 0.9987, 4.5, (0.0, 0.0, 0.25, 0.125), 0.98).startswith(
        "Image 3 is stranger than 99.9 % of 700 images (score 5.5, above the threshold of 4.5; flagged is what is stranger than "
        "at least 98 %)."
    )


def test_a_stretch_in_a_sentence() -> None:
    said = stretch_sentence("Row 9", 80, 3.0, 0.5, 4.0, [("flow", 3.0), ("room", 0.5)])
    assert "below the threshold of 4" in said
    assert said.endswith("Worse than usual was rebuilt flow 3 times.")
    assert stretch_sentence("Row 9", 80, 0.5, 0.1, 4.0, [("room", 0.5)]).endswith(
        "No column was rebuilt worse than usual."
    )


@pytest.mark.parametrize(
    ("actual", "said"), [("", "it is that 2 of its 3 cells are empty."), ("7", "it is how they go")]
)
def test_a_row_that_is_strange_for_its_empty_cells_says_so(actual: str, said: str) -> None:
    cells = (
        Cell("a", actual, "1", "1", 0.5, drop=0.4),
        Cell("b", "", "1", "1", 0.4, drop=0.05),
        Cell("c", "3", "3", "3", 0.1),
    )
    found = Evidence(0, cells, (), (), (), None, 0)
    assert f"No value alone is unusual: {said}" in sentence(found, "Row 1", 80, 3.0, 0.99, 2.0)


def test_of_a_row_below_the_threshold_it_is_not_said_what_makes_it_strange() -> None:
    found = Evidence(0, (Cell("a", "2", "1", "1", 1.0, drop=0.4),), (), (), (), None, 0)
    assert sentence(found, "Row 1", 80, 1.0, 0.5, 2.0).endswith("No value alone is unusual.")


def test_of_a_nearly_empty_row_it_is_no_one_value_also_where_one_is_never_empty() -> None:
    cells = (Cell("a", "", "1", "1", 0.5, drop=0.4), Cell("b", "", "1", "1", 0.4), Cell("c", "3", "3", "3", 0.1))
    never = Lone("a", "", "every healthy row has a value", 0.01)
    text = sentence(Evidence(0, cells, (never,), (), (), None, 0), "Row 1", 80, 3.0, 0.99, 2.0)
    assert "2 of its 3 cells are empty, first a (every healthy row has a value)." in text
    assert "alone" not in text
    far = Lone("c", "3", "higher than all others", 0.01)
    text = sentence(Evidence(0, cells, (far,), (), (), None, 0), "Row 1", 80, 3.0, 0.99, 2.0)
    assert "One value alone is unusual: c 3" in text


def test_one_empty_cell_is_empty() -> None:
    cells = (Cell("a", "", "1", "1", 0.5, drop=0.4), Cell("b", "2", "2", "2", 0.1))
    said = sentence(Evidence(0, cells, (), (), (), None, 0), "Row 1", 80, 3.0, 0.99, 2.0)
    assert "it is that 1 of its 2 cells is empty." in said
