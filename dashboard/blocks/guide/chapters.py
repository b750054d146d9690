"""Which chapter is open, its text, and the ways to others."""

from __future__ import annotations

import difflib

import streamlit as st

from core import glossary
from core.glossary import Term
from dashboard import state
from dashboard.charts.markdown import plain

ABREAST = 3  # sections of the contents


def chosen_term() -> tuple[Term, bool]:
    """The term of the URL, with a box to look for another; the first chapter where none is asked for.

    And whether one was asked for that there is: else the contents are worth showing.
    """
    terms = glossary.terms()
    asked = state.param("term")
    known = asked in terms
    if asked is not None and not known:
        near = difflib.get_close_matches(asked.lower().replace("-", "_").replace(" ", "_"), list(terms), n=1)
        meant = f" Did you mean *{terms[near[0]].title}*?" if near else ""
        st.warning(
            f"There is no chapter and no word “{plain(asked, 60)}” in the guide.{meant} Choose one from the contents.",
            icon=":material/help:",
        )
    term = terms[asked] if known and asked is not None else next(iter(terms.values()))
    picked = st.selectbox(
        "Chapter or word",
        list(terms),
        list(terms).index(term.key),
        format_func=_entry,
        key=f"guide_term_{asked}",
        help="Type to look for a word.",
    )
    if picked != term.key:
        state.set_param("term", picked)
        st.rerun()
    return term, known


def _entry(key: str) -> str:
    term, chapter = glossary.terms()[key], glossary.chapter_of(key)
    return term.title if term.key == chapter.key else f"{term.title} (in: {chapter.title})"


def chapter_text(term: Term) -> None:
    """The chapter that tells of a term, the term itself first where it is a smaller one."""
    chapter = glossary.chapter_of(term.key)
    if term.key != chapter.key:
        st.info(f"**{term.title}**: {term.help}", icon=":material/menu_book:")
    st.subheader(chapter.title, anchor=False)
    st.markdown(chapter.text)


def further(term: Term) -> None:
    """The chapter's smaller words, chapters to go on with, and the ones before and behind."""
    chapter, every = glossary.chapter_of(term.key), list(glossary.chapters().values())
    at = every.index(chapter)
    if chapter.words:
        st.markdown("##### Words")
        st.markdown("\n".join(f"- **{word.title}**: {word.help}" for word in chapter.words))
    if chapter.see:
        st.markdown("##### See also")
        with st.container(horizontal=True):
            for key in chapter.see:
                _way(glossary.terms()[key], "see", ":material/menu_book:")
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if at > 0:
            _way(every[at - 1], "before", ":material/arrow_back:")
        if at + 1 < len(every):
            _way(every[at + 1], "behind", ":material/arrow_forward:")


def _way(term: Term, place: str, icon: str) -> None:
    """To another place in the Guide. No link: one to the page that is open would leave the URL as it was."""
    st.button(
        term.title,
        key=f"guide_{place}_{term.key}",
        help=term.help if place == "see" else None,
        icon=icon,
        type="tertiary",
        on_click=state.set_param,
        args=("term", term.key),
    )


def contents(*, expanded: bool) -> None:
    """All chapters, section by section."""
    with st.expander("Contents", expanded=expanded, icon=":material/list:"):
        sections = glossary.sections()
        for start in range(0, len(sections), ABREAST):
            places = sections[start : start + ABREAST]
            for column, section in zip(st.columns(ABREAST), places, strict=False):
                with column, st.container(gap="xxsmall"):
                    st.markdown(f"**{section.title}**")
                    for chapter in section.chapters:
                        _way(chapter, "contents", ":material/chevron_right:")
