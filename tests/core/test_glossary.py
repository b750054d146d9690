"""The glossary: every term once, a text for every chapter, and a place for every family and every setting."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from pydantic import Field

from core import glossary
from core.glossary.families import _objective
from core.specs import (
    LAYERS,
    OBJECTIVES,
    Condition,
    ObjectiveSpec,
    ReadOptions,
    RunSpec,
    SettingsModel,
    Training,
    Windows,
)
from core.thresholds import THRESHOLDS

MODELS: list[type[SettingsModel]] = [
    Training,
    ReadOptions,
    Windows,
    Condition,
    RunSpec,
    *(OBJECTIVES.get(name).settings for name in OBJECTIVES),
    *(LAYERS.get(name).settings for name in LAYERS),
    *(THRESHOLDS.get(name).parameters for name in THRESHOLDS),
]
# The words of the design, and what a guide to autoencoders has to tell.
WANTED = {
    "encoder",
    "bottleneck",
    "decoder",
    "activation",
    "loss",
    "learning_rate",
    "batch_size",
    "depth",
    "overfitting",
    "underfitting",
    "epochs",
    "patience",
    "validation",
    "schedule",
    "range_test",
    "dropout",
    "weight_decay",
    "normalisation",
    "tied_weights",
    "gradient",
    "latent_code",
    "embedding",
    "projection",
    "reconstruction",
    "reconstruction_error",
    "loss_term",
    "squared",
    "absolute",
    "huber",
    "cross_entropy",
    "likelihood",
    "objective",
    "layers",
    "anomaly_score",
    "contamination",
    "threshold",
    "flag",
    "verdict",
    "source_column",
    "trustworthiness",
    "continuity",
    "neighbour_recall",
    "kl_term",
    "beta",
    "warm_up",
    "free_bits",
    "posterior",
    "prior",
    "corruption",
    "sparsity",
    "windows",
    "detector",
    "explainer",
    "event",
    "run",
    "percentile",
    "kind",
    "role",
    "dimensionality_reduction",
    "feature_extraction",
    "anomaly_detection",
    "removing_noise",
    "compression",
    "generation",
}


def test_every_term_has_one_place() -> None:
    keys = Counter(term.key for chapter in glossary.chapters().values() for term in chapter.terms)
    assert [key for key, times in keys.items() if times > 1] == []
    titles = Counter(term.title.lower() for term in glossary.terms().values())
    assert [title for title, times in titles.items() if times > 1] == []
    claimed = Counter(setting for term in glossary.terms().values() for setting in term.settings)
    assert [setting for setting, times in claimed.items() if times > 1] == []


@pytest.mark.parametrize("key", glossary.terms())
def test_every_term_can_be_linked_to_and_says_what_it_is(key: str) -> None:
    term = glossary.terms()[key]
    assert re.fullmatch(r"[a-z0-9_]+", key)
    assert term.title and term.help
    assert term.help.endswith(".")
    assert term in glossary.chapter_of(key).terms


@pytest.mark.parametrize("key", glossary.chapters())
def test_every_chapter_has_a_text_a_figure_and_ways_on(key: str) -> None:
    chapter = glossary.chapters()[key]
    assert len([part for part in chapter.text.split("\n\n") if part.strip()]) >= 2
    assert chapter.figures
    assert set(chapter.see) <= set(glossary.terms())
    assert key not in chapter.see


def test_the_words_of_the_design_are_told() -> None:
    assert set(glossary.terms()) >= WANTED


@pytest.mark.parametrize("name", list(OBJECTIVES))
def test_every_family_has_a_chapter_from_its_card(name: str) -> None:
    chapter, card = glossary.chapters()[glossary.objective_key(name)], OBJECTIVES.get(name)
    for words in (card.summary, card.helps, card.paper):
        assert words in chapter.text


@pytest.mark.parametrize("name", list(LAYERS))
def test_every_layer_family_has_a_chapter_from_its_card(name: str) -> None:
    assert LAYERS.get(name).summary in glossary.chapters()[glossary.layers_key(name)].text


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_setting_has_a_place(model: type[SettingsModel]) -> None:
    for name in model.model_fields:
        assert glossary.term_of_setting(model, name) in glossary.terms()


def test_a_setting_that_means_several_things_leads_to_its_own() -> None:
    convolutional, gru = (LAYERS.get(name).settings for name in ("convolutional_1d", "gru"))
    assert glossary.term_of_setting(convolutional, "hidden") == "channels"
    assert glossary.term_of_setting(gru, "hidden") == "memory"


def test_a_new_family_has_a_chapter_with_its_settings_at_once() -> None:
    class Own(SettingsModel):
        swirl: float = Field(1.0, title="Swirl", description="Raising it swirls more.")
        weight: float = Field(1.0, title="Weight", description="Of the swirl.")

    card = ObjectiveSpec("swirling", "Swirling autoencoder", "Swirls.", "Swirls in data.", "Nobody (2020)", Own)
    chapter = _objective(card, set(), {"weight"})
    assert "Swirls in data." in chapter.text
    assert [word.key for word in chapter.words] == ["swirl", "swirling_weight"]
