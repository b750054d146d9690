"""What a glossary is made of: terms, each with one place; chapters, which are terms that a story is told about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One word. settings: the fields of settings models that it explains, as `field`, or as `Model.field` where several
    models have one of that name."""

    key: str  # as a link names it: lower case, digits, underscores
    title: str
    help: str  # what it is, in a sentence or two
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter(Term):
    """A term with a text of a few paragraphs, figures (by the names that the Guide page knows them by), and smaller terms
    that belong to it."""

    text: str = ""
    figures: tuple[str, ...] = ()
    words: tuple[Term, ...] = ()
    see: tuple[str, ...] = ()  # terms to go on with

    @property
    def terms(self) -> tuple[Term, ...]:
        """The chapter itself and its smaller terms."""
        return (self, *self.words)


@dataclass(frozen=True)
class Section:
    """Chapters that are told one after the other."""

    title: str
    chapters: tuple[Chapter, ...]
