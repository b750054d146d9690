"""Help from the one glossary: what a word means where it stands, and the way to its place in the Guide."""

from __future__ import annotations

from urllib.parse import urlencode

from core import glossary
from core.specs import SettingsModel
from dashboard import state
from dashboard.charts.markdown import plain
from dashboard.navigation import link
from dashboard.uploader import base_path


def help_of(key: str) -> str:
    """A term in a sentence or two, for a hover. Raises KeyError."""
    return glossary.terms()[key].help


def term_link(key: str, label: str | None = None) -> str:
    """Markdown that leads to a term's place in the Guide; it opens beside the page, so that nothing typed is lost.

    Raises KeyError.
    """
    title = glossary.terms()[key].title
    return f"[{plain(label or title)}]({_address(key)})"


def _address(key: str) -> str:
    run = state.param("run")
    return f"{base_path()}/guide?{urlencode({'term': key, **({'run': run} if run else {})})}"


def settings_links(model: type[SettingsModel]) -> str:
    """Markdown with a link a field of a settings model, by the field's title; empty for a model without fields."""
    links = [
        term_link(glossary.term_of_setting(model, name), field.title or name.replace("_", " ").capitalize())
        for name, field in model.model_fields.items()
    ]
    return " · ".join(links)


def in_guide(model: type[SettingsModel], name: str) -> str:
    """Markdown that leads from a setting to its place in the Guide."""
    return term_link(glossary.term_of_setting(model, name), "More in the Guide")


def what_is_this(key: str, label: str = "What is this?") -> None:
    """A link to a term's place in the Guide, told on the run of the page."""
    params = {"run": state.carried()["run"], "dataset": state.param("dataset")}
    link("guide", label, icon=":material/menu_book:", help=help_of(key), term=key, **params)
