"""Help from the glossary: links that lead to the Guide, and names that never become markup."""

from __future__ import annotations

import re

import pytest

from core import glossary
from core.glossary import Chapter
from core.specs import LAYERS, OBJECTIVES, Training
from dashboard.blocks.guide.figures import FIGURES, usual_network, without_run
from dashboard.help import help_of, settings_links, term_link


def test_every_setting_of_a_form_has_a_link() -> None:
    links = settings_links(Training)
    assert "[Epochs](/guide?term=epochs)" in links
    assert len(re.findall(r"\]\(/guide\?term=[a-z_]+\)", links)) == len(Training.model_fields)
    assert settings_links(OBJECTIVES.get("vanilla").settings) == ""


def test_a_link_shows_its_label_as_typed() -> None:
    assert term_link("threshold", "<b>[x]").startswith("[&#60;b&#62;&#91;x&#93;](/guide?term=threshold")
    assert help_of("threshold") == "The score from which a row is flagged."
    with pytest.raises(KeyError):
        term_link("gone")


@pytest.mark.parametrize("chapter", glossary.chapters().values(), ids=lambda chapter: chapter.key)
def test_every_chapter_has_its_figures_also_without_a_run(chapter: Chapter) -> None:
    for name in chapter.figures:
        assert name in FIGURES
        assert len(without_run(name, chapter).table)


@pytest.mark.parametrize("name", list(LAYERS))
def test_every_layer_family_can_be_drawn_without_a_run(name: str) -> None:
    for sort in LAYERS.get(name).suits:
        assert usual_network(name, sort).parameters > 0
