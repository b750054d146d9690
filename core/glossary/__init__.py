"""The one glossary: every term of the app, once, in the order of a guide to autoencoders.

Forms and charts take their help from here and link here; the Guide page shows it a chapter at a time. Plain values, no
torch. Families of autoencoders and layers have their chapters from their cards, so that a new one has its place at once.
"""

from __future__ import annotations

from functools import cache

from core.glossary.data import DATA
from core.glossary.deciding import DECIDING
from core.glossary.families import families, layers_key, objective_key
from core.glossary.learning import LEARNING
from core.glossary.terms import Chapter as Chapter
from core.glossary.terms import Section as Section
from core.glossary.terms import Term as Term
from core.glossary.uses import USES
from core.glossary.working import WORKING
from core.specs import LAYERS, OBJECTIVES, SettingsModel


@cache
def sections() -> tuple[Section, ...]:
    """All of it, in order."""
    written = (WORKING, LEARNING, USES, DECIDING, DATA)
    terms = [term for section in written for chapter in section.chapters for term in chapter.terms]
    told = {setting for term in terms for setting in term.settings}
    return WORKING, LEARNING, *families(told, {term.key for term in terms}), USES, DECIDING, DATA


@cache
def chapters() -> dict[str, Chapter]:
    """The chapters by key, in order."""
    return {chapter.key: chapter for section in sections() for chapter in section.chapters}


@cache
def terms() -> dict[str, Term]:
    """All terms by key, each behind its chapter's."""
    return {term.key: term for chapter in chapters().values() for term in chapter.terms}


@cache
def _homes() -> dict[str, str]:
    return {term.key: chapter.key for chapter in chapters().values() for term in chapter.terms}


def chapter_of(key: str) -> Chapter:
    """The chapter that tells of a term. Raises KeyError."""
    return chapters()[_homes()[key]]


@cache
def _by_setting() -> dict[str, str]:
    return {setting: term.key for term in terms().values() for setting in term.settings}


@cache
def _by_model() -> dict[type[SettingsModel], str]:
    return {
        **{LAYERS.get(name).settings: layers_key(name) for name in LAYERS},
        **{OBJECTIVES.get(name).settings: objective_key(name) for name in OBJECTIVES},
    }


def term_of_setting(model: type[SettingsModel], name: str) -> str:
    """The term that explains a field of a settings model. Raises KeyError for one that has none."""
    found = _by_setting()
    for setting in (f"{model.__name__}.{name}", name):
        if setting in found:
            return found[setting]
    return _by_model()[model]
