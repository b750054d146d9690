"""All columns' distributions, a page of small charts at a time, and one of them large."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.profiles import QUANTILES, ColumnProfile, Profile
from core.results import Dataset
from dashboard import words
from dashboard.charts.markdown import plain
from dashboard.charts.profile.distributions import (
    distribution,
    distribution_table,
    facts,
    others,
    skew,
    small_multiple,
    with_middle,
)
from dashboard.charts.text import headings
from dashboard.charts.theme import PLOTLY_CONFIG

PAGE = 12
ACROSS = 3
FEW = 6  # columns among which nobody needs to search
ORDERS = ("order of the file", "most missing", "most skewed", "most different values")


def distributions(dataset: Dataset, found: Profile) -> None:
    """Controls, the chosen column large, then the page."""
    units = {column.name: column.unit for column in dataset.columns if column.unit}
    columns = list(found.columns)
    pages, closer = st.container(), st.container()
    if len(columns) > FEW:
        with pages:
            search, order, page, pick = st.columns([3, 3, 2, 3])
        with search:
            wanted = st.text_input("Columns whose name holds", key=f"profile_search_{dataset.id}", placeholder="all")
        with order:
            by = st.selectbox("Sorted by", ORDERS, key=f"profile_order_{dataset.id}")
        columns = ordered([column for column in columns if wanted.strip().casefold() in column.name.casefold()], by)
        with page:
            columns = _page(dataset, columns)
    else:
        pick = pages
    if not columns:
        st.markdown("No column has such a name.")
        return
    with pick:
        chosen = _closer(dataset, found, columns)
    if chosen is not None:
        with closer:
            _large(chosen, units.get(chosen.name, ""))
    across = min(ACROSS, len(columns))
    for start in range(0, len(columns), across):  # a line at a time: on a phone, too, they stand in their order
        for i, place in enumerate(st.columns(across), start):
            if i < len(columns):
                with place:
                    st.plotly_chart(
                        small_multiple(columns[i], units.get(columns[i].name, "")),
                        config={**PLOTLY_CONFIG, "displayModeBar": False},  # it would cover the title
                        key=f"small_multiples_{dataset.id}_{i}",
                    )


def ordered(columns: list[ColumnProfile], by: str) -> list[ColumnProfile]:
    """The columns in one of ORDERS; equal ones stay as they stand in the file."""
    figure: dict[str, Callable[[ColumnProfile], float]] = {
        "most missing": lambda column: column.missing,
        "most skewed": lambda column: skew(column, quantiles(column).get(0.5)),
        "most different values": lambda column: column.distinct,
    }
    return sorted(columns, key=lambda column: -figure[by](column)) if by in figure else columns


def _page(dataset: Dataset, columns: list[ColumnProfile]) -> list[ColumnProfile]:
    pages = max(1, -(-len(columns) // PAGE))
    page = 1
    if pages > 1:
        page = int(st.number_input(f"Page (of {pages:,})", 1, pages, key=f"profile_page_{dataset.id}_{pages}"))
    return columns[(page - 1) * PAGE : page * PAGE]


def _closer(dataset: Dataset, found: Profile, columns: list[ColumnProfile]) -> ColumnProfile | None:
    """One of the page's columns, to be seen large."""
    places = {column.name: i for i, column in enumerate(found.columns)}  # names may look alike once they can be seen
    options = [places[column.name] for column in columns]
    picked = st.selectbox(
        "Look closer at",
        options,
        index=None,
        format_func=headings(column.name for column in found.columns).__getitem__,
        placeholder="a column below",
        key=f"closer_{dataset.id}",
    )
    return found.columns[picked] if picked in options else None


def _large(column: ColumnProfile, unit: str) -> None:
    """One column: its chart, its figures, its bars as a table."""
    with st.container(border=True):
        st.markdown(f"**{plain(column.name, 80)}**: {column.kind}")
        if column.spread is None and column.levels is None:
            st.markdown("It holds no value." if not column.filled else "Its values were not counted.")
            return
        chart, figures = st.columns([2, 1])
        with chart:
            made = distribution(column, unit)
            st.plotly_chart(
                with_middle(made, column, quantiles(column)), config=PLOTLY_CONFIG, key="profile_distribution"
            )
            spread = column.spread
            if spread is not None and spread.below + spread.above:
                st.caption(
                    f"Not drawn, so that the rest can be seen: {words.count(spread.below, 'row')} below the first bar, "
                    f"{spread.above:,} above the last."
                )
            if more := others(column):
                st.caption(f"Not drawn: {more}.")
        with figures:
            st.dataframe(facts(column, quantiles(column)), hide_index=True)
        with st.expander("The same as a table"):
            st.dataframe(
                distribution_table(column),
                hide_index=True,
                column_config={"share": st.column_config.NumberColumn("share", format="percent")},
            )


def quantiles(column: ColumnProfile) -> dict[float, float]:
    """A column's quantiles by their part, 0 … 1; none where its values have no order."""
    return dict(zip(QUANTILES, column.spread.quantiles, strict=True)) if column.spread is not None else {}
