"""Cells as people write them: each is read as what it says, alone as among others."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import moments, numbers
from core.datasets.kinds import infer
from core.datasets.parsing import parse_booleans, parse_moments, parse_numbers
from core.datasets.typed import typed_table
from core.results import Column


def texts(*cells: str | None) -> np.ndarray:
    return np.asarray([*cells, None], object)[:-1]


def understood(name: str, *cells: str | None) -> Column:
    (column,), _ = infer([(name, pa.chunked_array([pa.array(cells, pa.string())]))])
    return column


def typed(column: Column, *cells: str | None) -> list[object]:
    table = pa.table({column.name: pa.array(cells, pa.string())})
    return list(typed_table(table, (column,), np.asarray([str(i) for i in range(len(cells))])).values[column.name])


@pytest.mark.parametrize(
    ("cells", "expected", "form", "unit"),
    [
        (["1.5", "-2", ".5", "3."], [1.5, -2, 0.5, 3], "point", ""),
        (["1,5", "1.234,5", "7"], [1.5, 1234.5, 7], "comma", ""),
        (["1,234.50", "12,000", "5"], [1234.5, 12000, 5], "point", ""),
        (["1'234.5", "12’000", "5"], [1234.5, 12000, 5], "point", ""),
        (["1 234,5", "1\u00a0234\u00a0567,25", "1\u202f000"], [1234.5, 1234567.25, 1000], "comma", ""),
        (["1 234.5", "1\u2009000"], [1234.5, 1000], "point", ""),
        (["12,34,567", "1,00,000.5"], [1234567, 100000.5], "point", ""),
        (["$1,234.50", "-$3", "$-4", "($12.00)", "5"], [1234.5, -3, -4, -12, 5], "point", "$"),
        (["€ 5,50", "1.000,00 €"], [5.5, 1000], "comma", "€"),
        (["CHF 5.50", "USD 1", "CHF 12"], [5.5, np.nan, 12], "point", "CHF"),
        (["5%", "12.5 %", "-3 %"], [5, 12.5, -3], "point", "%"),
        (["(5)", "7", "5-", "−6", "+8"], [-5, 7, -5, -6, 8], "point", ""),
        (["5 kg", "3kg", "1.5 KG"], [5, 3, 1.5], "point", "kg"),
        (["5.2kWh", "3 kWh"], [5.2, 3], "point", "kWh"),
        (["1 day", "2 days"], [1, 2], "point", "day"),
        (["5 MW", "6 MW", "7 mW"], [5, 6, np.nan], "point", "MW"),
        (["<0.1", "2", "> 100", "≥5"], [0.1, 2, 100, 5], "point", ""),
        (["1e3", "-2.5E-3", "Inf", "-inf", "∞", "1e308"], [1e3, -2.5e-3, np.inf, -np.inf, np.inf, 1e308], "point", ""),
    ],
)
def test_numbers(cells: list[str], expected: list[float], form: str, unit: str) -> None:
    found = numbers.style("x", texts(*cells))
    assert (found.form, found.unit) == (form, unit)
    values = numbers.numbers(texts(*cells), found.form, found.unit)
    assert values.tolist() == pytest.approx(expected, nan_ok=True, rel=0, abs=0)


def test_what_is_no_number() -> None:
    cells = [
        "1,2,3",
        "1_000",
        "nan",
        "(5",
        "5)",
        "--5",
        "-(5)",
        "(-5)",
        "1.2.3",
        "12 34",
        "1e",
        "0x10",
        "٣",
        "",
        "5 kg 3",
    ]
    assert np.isnan(numbers.numbers(texts(*cells), "point", "")).all()
    assert np.isnan(numbers.numbers(texts("5 kg", "5 g", "$5"), "point", "lb")).all()


def test_the_header_names_the_unit() -> None:
    assert numbers.style("weight (kg)", texts("5", "6")).unit == "kg"
    assert numbers.style("flow [l/min]", texts("5", "6")).unit == "l/min"
    assert numbers.style("price (total)", texts("5", "6")).unit == ""


@given(st.floats(allow_nan=False, allow_infinity=False, width=64), st.sampled_from(["point", "comma"]))
def test_a_number_comes_back_from_either_form(number: float, form: str) -> None:
    cell = repr(number) if form == "point" else repr(number).replace(".", ",")
    assert numbers.numbers(texts(cell), form, "")[0] == number


@given(
    st.decimals(-(10**12), 10**12, places=2),
    st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u00a0", ","), ("\u202f", ".")]),
    st.sampled_from(["{}", "{} kg", "€ {}", "{} €", "({})", "{}-"]),
)
def test_grouped_numbers_come_back(number: object, marks: tuple[str, str], around: str) -> None:
    thousands, decimal = marks
    written = f"{number:,.2f}".translate({ord(","): thousands, ord("."): decimal})
    negates = around in ("({})", "{}-")
    if negates and written.startswith("-"):
        written = written[1:]
        number = -number  # type: ignore[operator]
    unit = "kg" if "kg" in around else "€" if "€" in around else ""
    read = numbers.numbers(texts(around.format(written)), "comma" if decimal == "," else "point", unit)[0]
    assert read == (-float(number) if negates else float(number))  # type: ignore[arg-type]


@given(st.text(max_size=12), st.sampled_from(["point", "comma"]))
def test_a_cell_alone_is_read_as_among_others(cell: str, form: str) -> None:
    others = ["1,5", "1.234", "7", "$3", "x", "1,234.5"]
    among = numbers.numbers(texts(cell, *others), form, "$")[0]
    assert numbers.numbers(texts(cell), form, "$")[0] == pytest.approx(among, nan_ok=True, rel=0)


@pytest.mark.parametrize(
    ("cells", "form", "first"),
    [
        (["2024-01-02", "2023-12-31"], "%Y-%m-%d", 1704153600),
        (["2024-1-2", "2023-12-31"], "%Y-%m-%d", 1704153600),
        (["2024/01/02"], "%Y/%m/%d", 1704153600),
        (["20240102", "20231231", "20220228"], "%Y%m%d", 1704153600),
        (["02.01.2024", "31.12.2023"], "%d.%m.%Y", 1704153600),
        (["2/1/2024", "31/12/2023"], "%d/%m/%Y", 1704153600),
        (["1/2/2024", "12/31/2023"], "%m/%d/%Y", 1704153600),
        (["1-2-24", "12-31-23"], "%m-%d-%y", 1704153600),
        (["2 Jan 2024"], "%d %b %Y", 1704153600),
        (["2 January 2024", "3 May 2024"], "%d %B %Y", 1704153600),
        (["May 2, 2024", "September 3, 2024"], "%B %d, %Y", 1714608000),
        (["Jan 2, 2024"], "%b %d, %Y", 1704153600),
        (["02-Jan-24"], "%d-%b-%y", 1704153600),
        (["02Jan2024"], "%d%b%Y", 1704153600),
        (["Tuesday, January 2, 2024"], "%A, %B %d, %Y", 1704153600),
        (["2024-01", "2023-12"], "%Y-%m", 1704067200),
        (["Jan 2024", "Feb 2024"], "%b %Y", 1704067200),
        (["2024-01-02 03:04"], "%Y-%m-%d %H:%M", 1704164640),
        (["20240102:0304"], "%Y%m%d:%H%M", 1704164640),
        (["2024Q3", "1988q1"], "%YQ%q", 1719792000),
        (["2024-Q3", "2023-Q4"], "%Y-Q%q", 1719792000),
        (["Q3 2024", "Q4 2023"], "Q%q %Y", 1719792000),
        (["T3-2024", "T4-2023"], "Q%q-%Y", 1719792000),
        (["julio 2024", "agosto 2023"], "%B %Y", 1719792000),
        (["1. März 2024", "2. Oktober 2023"], "%d. %B %Y", 1709251200),
        (["1 août 2024", "2 May 2023"], "%d %B %Y", 1722470400),
        (["1 de julho de 2024"], "%d de %B de %Y", 1719792000),
        (["2024-01-02T03:04:05Z"], "%Y-%m-%dT%H:%M:%S%z", 1704164645),
        (["2024-01-02T03:04:05.5Z", "2024-01-02T03:04:06Z"], "%Y-%m-%dT%H:%M:%S.%f%z", 1704164645.5),
        (["2024-01-02 03:04:05 +02:00"], "%Y-%m-%d %H:%M:%S %z", 1704157445),
        (["2024-01-02 03:04:05 UTC"], "%Y-%m-%d %H:%M:%S UTC", 1704164645),
        (["1/2/2024 3:04 PM", "12/31/2023 11:00 AM"], "%m/%d/%Y %I:%M %p", 1704207840),
        (["03:15 PM", "11:00 AM"], "%I:%M %p", 54900),
        (["15:15", "7:00"], "%H:%M", 54900),
        (["15:15:01"], "%H:%M:%S", 54901),
    ],
)
def test_moments(cells: list[str], form: str, first: float) -> None:
    assert moments.readings(texts(*cells))[0] == form
    assert moments.under(texts(*cells), form)[0] == first


@pytest.mark.parametrize(
    "cells", [["now", "today"], ["5", "6"], ["2024-13-01"], ["2009/10", "2010/11"], ["25:00"], ["1.2.3.4"], ["2024"]]
)
def test_what_is_no_moment(cells: list[str]) -> None:
    assert moments.readings(texts(*cells)) == ()


@given(
    st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2068, 12, 31)),
    st.sampled_from(
        [
            f"{day}{time}"
            for day in moments.DATES
            if "%d" in day and "%a" not in day and "%A" not in day
            for time in ("", " %H:%M:%S")
        ]
    ),
)
def test_a_moment_comes_back_from_every_format(moment: datetime.datetime, form: str) -> None:
    moment = (
        moment.replace(microsecond=0) if "%H" in form else moment.replace(hour=0, minute=0, second=0, microsecond=0)
    )
    cell = moment.strftime(form)
    assert form in moments.formats(cell)
    assert moments.under(texts(cell), form)[0] == (moment - datetime.datetime(1970, 1, 1)).total_seconds()


def test_epochs_by_name() -> None:
    assert typed(understood("created_at", "1700000000", "1700000060.5"), "1700000000") == [1700000000]
    assert understood("ts", "1700000000123", "1700000000456").form == "epoch ms"
    assert understood("balance", "1700000000", "1700000060").kind == "number"


def test_nanoseconds_do_not_make_old_dates_unreadable() -> None:
    cells = ("2024-01-02T03:04:05.123456789Z", "0001-01-01T00:00:00.5Z")
    assert moments.under(texts(*cells), "%Y-%m-%dT%H:%M:%S.%f%z").tolist() == [1704164645.123456, -62135596799.5]


@pytest.mark.parametrize(
    ("yes", "no"), [("TRUE", "FALSE"), ("ja", "Nein"), ("oui", "non"), ("sí", "no"), ("1.0", "0.0"), ("On", "Off")]
)
def test_booleans(yes: str, no: str) -> None:
    assert parse_booleans(texts(yes, no, None, "x"))[:2].tolist() == [1, 0]
    assert understood("b", yes, no, yes, no).kind == "boolean"


@given(st.lists(st.one_of(st.none(), st.text(max_size=9)), min_size=1, max_size=12), st.text(max_size=6))
def test_any_column_is_understood_and_a_row_alone_gives_the_same(cells: list[str | None], name: str) -> None:
    column = understood(name or "x", *cells)
    assert (column.confidence < 0.8) == bool(column.question)
    together = typed(column, *cells)
    for cell, value in zip(cells, together, strict=True):
        (alone,) = typed(column, cell)
        assert alone == value or (alone != alone and value != value)


def test_columns_of_earlier_versions_have_no_form_and_are_decided_from_the_column() -> None:
    number = Column("x", "number", "feature", "")
    assert typed(number, "1,234", "5,5") == [1.234, 5.5]
    assert typed(number, "1,234", "5 %") == [1234, 5]
    assert np.isnan(typed(number, "NA", "$5")[0])
    when = Column("x", "datetime", "feature", "")
    assert typed(when, "02/01/2024", "31/12/2023", "NA")[0] == 1704153600
    assert typed(Column("x", "category", "feature", ""), "NA", " a", None) == ["NA", " a", None]


def test_missing_words_count_as_missing_under_every_kind() -> None:
    assert np.isnan(typed(Column("x", "number", "feature", "", form="point", missing_words=("-999",)), "-999", "5")[0])
    assert typed(Column("x", "category", "feature", "", missing_words=("NA",)), "NA", " NA ", "na") == [
        None,
        None,
        "na",
    ]
    assert typed(Column("x", "ordered", "feature", "", levels=("a", "b")), "NA", "a") == ["NA", "a"]
    assert np.isnan(typed(Column("x", "boolean", "feature", "", missing_words=("0",)), "0", "1")[0])


def test_a_column_without_a_form_is_read_with_any_unit() -> None:
    assert parse_numbers(texts("12 kg", "5", "$3", None))[:3].tolist() == [12, 5, 3]
    assert parse_moments(texts("2024-01-02", None))[0] == 1704153600
