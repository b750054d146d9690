"""What each column is found to be, what is asked, and what the user's change makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.datasets.cells import distinct
from core.datasets.encoding import Encoder
from core.datasets.kinds import describe, infer
from core.datasets.numbers import numbers
from core.datasets.questions import answers
from core.datasets.typed import typed_table
from core.datasets.witnesses import Witnesses, crossed, follows, paired
from core.errors import InputRefused
from core.results import Column
from tests.core.datasets.typical_tables import invented, tables


def chunked(cells: Sequence[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def understood(name: str, cells: Sequence[str | None], times: int = 5) -> Column:
    """The column of these cells, again and again in a fixed order that is not theirs."""
    return said(name, cells, times)[0]


def said(name: str, cells: Sequence[str | None], times: int = 5) -> tuple[Column, str]:
    order = np.random.default_rng(0).permutation(len(cells) * times)
    column, notices = infer([(name, chunked([[*cells, *cells][i % len(cells)] for i in order]))])
    return column[0], "\n".join(notices)


def array(cells: Sequence[str | None]) -> np.ndarray:
    return np.asarray(cells, object)


@pytest.mark.parametrize(
    ("name", "cells", "kind", "role"),
    [
        ("height", ["1.5", "2.5", "3.5"], "number", "feature"),
        ("children", ["0", "1", "2", "3"], "number", "feature"),
        ("n_groups", ["1", "2", "3"], "number", "feature"),
        ("year", ["1990", "1991", "1992"], "number", "feature"),
        ("treatment", ["1", "2", "3"], "category", "feature"),
        ("treatment", ["1.0", "2.0", "3.0"], "category", "feature"),
        ("age_group", ["1", "2", "3"], "category", "feature"),
        ("block no.", ["1", "2", "3", "4"], "category", "feature"),
        ("subject", ["308", "309", "330"], "coded", "group"),
        ("site_id", ["3", "4", "7"], "category", "feature"),
        ("customerID", ["308", "309", "330"], "coded", "group"),
        ("zip", ["10115", "80331"], "coded", "feature"),
        ("TP_COR", ["0", "1", "2", "3"], "category", "feature"),
        ("Categories_Label", ["0", "1", "2", "3"], "category", "feature"),
        ("MUNICIPALI", ["1", "2", "3", "4"], "category", "feature"),
        ("fk_localidad", ["121", "150", "28", "2"], "category", "feature"),
        ("col_7", ["9781529045222", "9781529050868", "9781335429285"], "coded", "feature"),
        ("col_7", ["9781529045223", "9781529050869", "9781335429286"], "number", "feature"),
        (
            "id",
            [f"3474_{i}" for i in (908, 8680, 13012, 11444, 3182, 17099, 1338, 1321, 3418, 1468, 15055, 1466, 7)],
            "coded",
            "group",
        ),
        ("Nº de hijos", ["0", "1", "2", "3"], "number", "feature"),
        ("Nº mesa", ["0", "1", "2", "3"], "category", "feature"),
        ("USER_建築年", ["1981", "1994", "2007"], "number", "feature"),
        ("user", ["1981", "1994", "2007"], "coded", "group"),
        ("valor", ["R$             0,00", "R$         3.000,50", "R$     5.000,00"], "number", "feature"),
        ("tel", ["555-1234", "555 9876"], "coded", "feature"),
        ("nr", ["00501", "10001"], "coded", "feature"),
        ("number", ["12345678901234567890", "12345678901234567891"], "coded", "feature"),
        ("amount", ["12345678901234567890", "1.5"], "number", "feature"),
        ("treated", ["0", "1"], "boolean", "feature"),
        ("who", ["Ann", "Bob", "Cid"], "category", "feature"),
        ("seat", ["1A", "2A", "3A"], "category", "feature"),
        ("mixed", ["5 kg", "12 g", "1.5 kg"], "category", "feature"),
        ("season", ["2009/10", "2010/11", "2011/12"], "category", "feature"),
    ],
)
def test_kinds_and_roles(name: str, cells: list[str], kind: str, role: str) -> None:
    column = understood(name, cells)
    assert (column.kind, column.role, column.question) == (kind, role, "")
    assert column.confidence >= 0.8
    assert column.reason


@pytest.mark.parametrize(
    ("name", "cells", "levels"),
    [
        ("dose", ["high", "low", "medium"], ("low", "medium", "high")),
        ("pain", ["None", "Severe", "Mild"], ("None", "Mild", "Severe")),
        ("pain", ["NA", "Severe", "Mild"], ("Mild", "Severe")),
        ("q", ["Agree", "Strongly agree", "neutral", "Disagree"], ("Disagree", "neutral", "Agree", "Strongly agree")),
        ("how often", ["always", "never", "sometimes"], ("never", "sometimes", "always")),
        ("cut", ["Ideal", "Fair", "Premium", "Good", "Very Good"], ("Fair", "Good", "Very Good", "Premium", "Ideal")),
        ("size", ["XL", "S", "M"], ("S", "M", "XL")),
        ("stars", ["5 stars", "1 star", "2 stars"], ("1 star", "2 stars", "5 stars")),
        ("age", ["65+", "18-24", "25-34"], ("18-24", "25-34", "65+")),
        ("age", ["(20,30]", "<20", "(30,100]"], ("<20", "(20,30]", "(30,100]")),
        ("grade", ["A", "C", "B+"], ("C", "B+", "A")),
        ("stage", ["III", "I", "II"], ("I", "II", "III")),
        ("pclass", ["3rd", "1st", "2nd"], ("1st", "2nd", "3rd")),
        ("month", ["Mar", "Jan", "Feb"], ("Jan", "Feb", "Mar")),
        ("day", ["Sunday", "Monday", "Friday"], ("Monday", "Friday", "Sunday")),
        ("when", ["2024-W12", "2024-W03", "2023-W51"], ("2023-W51", "2024-W03", "2024-W12")),
        (
            "income",
            ["$50,000 - $99,999", "$25,000 - $49,999", "$150,000+", "$0 - $24,999"],
            ("$0 - $24,999", "$25,000 - $49,999", "$50,000 - $99,999", "$150,000+"),
        ),
        (
            "education",
            ["Bachelor degree", "Less than high school degree", "Graduate degree", "High school degree"],
            ("Less than high school degree", "High school degree", "Bachelor degree", "Graduate degree"),
        ),
        ("q", ["trifft zu", "teils/teils", "trifft nicht zu"], ("trifft nicht zu", "teils/teils", "trifft zu")),
        ("note", ["gut", "sehr gut", "mangelhaft"], ("mangelhaft", "gut", "sehr gut")),
        ("tag", ["Mi", "Mo", "So"], ("Mo", "Mi", "So")),
        ("mois", ["août", "janvier", "mars"], ("janvier", "mars", "août")),
        ("q", ["de acuerdo", "en desacuerdo", "neutral"], ("en desacuerdo", "neutral", "de acuerdo")),
    ],
)
def test_ordered_categories(name: str, cells: list[str], levels: tuple[str, ...]) -> None:
    column = understood(name, cells)
    assert (column.kind, column.levels, column.form) == ("ordered", levels, "")


@pytest.mark.parametrize("cells", [["A", "B", "C"], ["10-20", "15-30", "5-6"], ["red", "low", "high"], ["3-1", "2-2"]])
def test_names_without_an_order(cells: list[str]) -> None:
    assert understood("letter", cells).kind == "category"


def test_lengths_of_time_are_numbers_of_seconds_where_they_are_no_times_of_a_day() -> None:
    column = understood("run", ["27:35:05", "1:00:00", "0:00:01.5", None])
    assert (column.kind, column.form, column.unit) == ("number", "duration", "s")
    assert (column.minimum, column.maximum, column.missing) == (1.5, 99_305, 5)
    day = understood("at", ["23:35:05", "1:00:00", "0:00:01"])
    assert day.kind == "datetime"
    changed, _ = describe(replace(day, kind="number", form="", unit=""), array(["23:35:05", "1:00:00"]))
    assert (changed.form, changed.unit, changed.maximum) == ("duration", "s", 84_905)


def test_multiple_choice() -> None:
    column = understood("likes", ["tea; milk", "milk", "coffee; tea", "tea", "milk; coffee; tea"])
    assert (column.kind, column.form) == ("multiple", ";")
    assert understood("where", ["Paris, France", "Lyon, France", "Berlin, Germany"]).kind == "category"
    assert understood("who", ["Smith, Ann", "Smith, Bob", "Ann"]).kind == "category"


def test_choices_may_have_a_slash_between_them_and_one_thing_with_two_names_is_none() -> None:
    cells = ["Mail", "Phone", "Mail/ Phone", "Web/ Mail", "Phone/ Web/ Mail", "Web"]
    assert understood("contact", cells).form == "/"
    assert understood("unit", ["Sales/Marketing", "IT/Data", "Law", "HR/People"]).kind == "category"


def test_multiple_choice_of_a_form_ends_with_its_mark_and_may_hold_an_own_answer() -> None:
    own = "I waited long in the emergency room and nobody there could tell me why, so that I can name nothing else"
    ticked = ["beds;waiting;", "waiting;", "beds;", "beds;files;", f"{own};", "files;waiting;", "beds;files;waiting;"]
    column = understood("What became better?", ticked)
    assert (column.kind, column.form) == ("multiple", ";")
    assert understood("path", ["a;b", "a;c", "a;d", "a;e"] * 3).kind == "category"


def test_years_down_an_unnamed_column_are_no_numbers_of_rows() -> None:
    years = [str(year) for year in range(1961, 2001)]
    for name in ("", "col_1"):
        (column,), _ = infer([(name, chunked(years))])
        assert (column.kind, column.role) == ("number", "feature")
        (column,), _ = infer([(name, chunked([str(i) for i in range(1, 41)]))])
        assert (column.kind, column.role) == ("coded", "identifier")


def test_different_numbers_named_as_things_are_names_only_where_they_may_have_been_handed_out() -> None:
    people = ["165", "2610", "1376", "863", "89", "1341", "3439", "200", "127", "185", "123", "142"]
    (column,), _ = infer([("Prince Edward Island", chunked(people))])
    assert (column.kind, column.role) == ("number", "feature")
    (column,), _ = infer([("island", chunked(["7", "1", "5", "3", "2", "4", "12", "11", "9", "6", "8", "10"]))])
    assert (column.kind, column.role) == ("coded", "identifier")


def test_a_total_below_codes_or_numbers_leaves_their_kind() -> None:
    accounts = [str(4000 + i) for i in range(12)]
    (column,), notices = infer([("Account", chunked([*accounts, "Total"]))])
    assert column.kind == "coded"
    (column,), notices = infer([("amount", chunked(["5.5", "7.25", "1.5", "2.5", "9.75", "3.125", "Sum:"]))])
    assert column.kind == "number"
    assert any("“Sum:”" in notice for notice in notices)
    (column,), _ = infer([("code", chunked(["01", "02", "10", *["12345"] * 60, *(str(i) for i in range(90)), "DG"]))])
    assert column.kind == "coded"


def test_years_with_months_in_digits_are_dates_where_their_name_says_so() -> None:
    months = [f"{year}{month:02d}" for year in (2010, 2011) for month in range(1, 13)]
    for name, cells, kind in (
        ("YearMo", months, "datetime"),
        ("count", months, "number"),
        ("Data", [f"{cell[:4]}.{cell[4:]}" for cell in months], "datetime"),
        ("date", ["201013", *months], "number"),
        ("date", ["911202", "911231", "920229", "920301"], "datetime"),
        ("date", ["911202", "911231", "910229"], "number"),
        ("amount", ["911202", "911231", "920229"], "number"),
    ):
        (column,), _ = infer([(name, chunked(cells))])
        assert column.kind == kind, name


def test_shares_are_no_codes_whatever_their_name() -> None:
    (column,), _ = infer([("Contact by telephone", chunked(["0.217", "0.2211", "0.5190", "0.226"] * 3))])
    assert column.kind == "number"


def test_dates_with_a_few_other_cells_are_dates_and_say_which_are_not() -> None:
    days = [f"{day:02d}.{month:02d}.2024" for month in range(1, 4) for day in range(1, 29)]
    (column,), notices = infer([("d", chunked([*days, "unbekannt", "Frühjahr"]))])
    assert (column.kind, column.missing) == ("datetime", 2)
    assert "not: Frühjahr" in column.reason
    assert column.missing_words == ("unbekannt",)
    assert any("1 cell is no date and counts as missing: “Frühjahr”" in notice for notice in notices)
    assert any("1 cell counts as missing: “unbekannt”" in notice for notice in notices)


def test_what_is_unsure_is_asked() -> None:
    for name, cells, words in (
        ("d", ["1/2/2024", "5/6/2024"], "“1/2/2024”: day first or month first?"),
        ("d", ["1/2/24 10:00", "5/6/24 11:00"], "day first or month first?"),
        ("x", ["1,234", "5,678"], "comma for thousands"),
        ("x", ["3.5", "4", "7", "8", "-999"], "Does -999 in “x” (5 cells) say that a value is missing?"),
        ("x", ["12", "31", "25", "44", "999"], "Does 999"),
        ("code word", ["1", "5"], "Are 1, 5 in “code word” amounts (a number), or names"),
        ("stage", ["1", "2", "4"], "names in an order"),
    ):
        column = understood(name, cells)
        assert words in column.question
        assert column.confidence < 0.8
    assert understood("x", ["990", "995", "998", "999"]).question == ""


def test_a_name_that_says_amount_is_asked_where_half_of_the_cells_are_numbers() -> None:
    cells = ["18", "19", "20", "21", "22", "Rahul", "Satyam", "Sejal"]
    assert understood("your age", cells).question.startswith("Most cells are numbers")
    assert not understood("nickname", cells).question


def test_a_point_before_three_digits_is_asked_unless_other_columns_tell() -> None:
    thousands = ["1.234", "12.750", "980"]
    column = understood("amount", thousands)
    assert column.question == "Is “1.234” 1234 (point for thousands), or 1.234 (decimal point)?"
    assert [(answer.words, answer.change) for answer in answers(column)] == [
        ("thousands", {"form": "comma"}),
        ("a decimal point", {"form": "point"}),
    ]
    assert understood("amount", ["1.234", "12.750"]).form == "point"
    for other, form, most in (("2,5", "comma", 12_750), ("2.5", "point", 980)):
        (column, _), notices = infer([("amount", chunked(thousands * 9)), ("other", chunked([other, "7", "8"] * 9))])
        assert (column.question, column.form, column.maximum) == ("", form, most)
    assert not notices
    for other, form in (("2,5", "comma"), ("2.5", "point")):
        (column, _), _ = infer([("amount", chunked(["1,234", "5,678"] * 9)), ("other", chunked([other, "7"] * 9))])
        assert (column.question, column.form) == ("", form)
    assert not understood("x", ["1.234", "0.750"]).question
    assert not understood("x", ["1.234", "1750"]).question


def test_the_rows_order_says_which_of_two_readings_of_a_date_is_meant() -> None:
    days = [f"{month:02d}/{day:02d}/2024" for month in (1, 2, 3) for day in range(1, 13)]
    (column,), _ = infer([("d", chunked(days))])
    assert (column.form, column.question, column.role) == ("%m/%d/%Y", "", "time")
    assert "month first, since the rows then stand in order" in column.reason


def test_one_word_for_missing_is_found_in_numbers_and_only_proposed_among_names() -> None:
    column, _ = said("x", ["5", "NA", "7.5", "-"])
    assert (sorted(column.missing_words), column.missing, column.kind) == (["-", "NA"], 10, "number")
    column, notices = said("name", ["Null", "Smith", "Jones"])
    assert (column.missing_words, column.missing, column.question) == ((), 0, "")
    assert "“Null” (5) may say that a value is missing; kept as a name until you say so" in notices


def test_minus_nine_below_amounts_is_asked_about_where_it_comes_again() -> None:
    weights = [f"{48 + i * 0.7:.1f}" for i in range(70)]
    for times, asked in ((1, False), (3, False), (6, True)):
        column, _ = said("weight", [*weights, *["-9"] * times], 1)
        assert ("-9 in “weight”" in column.question) == asked
    column, _ = said("change", [*(f"{i - 8 + 0.5}" for i in range(60)), *["-9"] * 6], 1)
    assert column.question == ""


def test_bounds_and_missing_units_are_said() -> None:
    assert "10 cells give a bound and count as it: “<0.1” (5), “>9” (5)" in said("x", ["<0.1", "2", "3", ">9"])[1]
    assert "5 cells have no unit and count as kg" in said("x", ["5 kg", "6 kg", "7"])[1]
    assert "no unit" not in said("x (kg)", ["5", "6", "7"])[1]


def test_time_zones_and_two_digit_years_are_said() -> None:
    assert (
        "kept as that moment in UTC"
        in understood("t", ["2024-01-02 10:00:00+02:00"] * 2 + ["2024-01-03 10:00:00Z"]).reason
    )
    assert "1969 to 2068" in understood("t", ["13-Jan-24", "14-Feb-23"]).reason


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("g", (1, 2), "category"),
        ("w", (1, 2, 3), "category"),
        ("w", (3, 4, 5), "ordered"),
        ("w", (4, 5, 6), "number"),
        ("gear", (3, 4, 5), "number"),
        ("w", (-9999, 1), "category"),
        ("q", (0, 1, 9995, 9999), "category"),
        ("stage", (1, 2, 3, 4), "ordered"),
        ("educ", (2, 3, 4), "ordered"),
        ("educ", (1, 2, 3, 4, 5, 7, 9), "category"),
        ("income", (1, 2, 3, 4, 5), "ordered"),
        ("age", (1, 2, 3), "ordered"),
        ("age", (11, 12, 13), "number"),
        ("income_hh", (110, 120, 135), "number"),
        ("vote", (0, 1, 8), "category"),
        ("w", (1, 2, 9), "category"),
        ("w", (0, 1, 2, 3, 4, 5, 9), "number"),
        ("region_fid", (1, 2, 3), "category"),
        ("n_groups", (1, 2, 3), "number"),
        ("how many cars?", (1, 2), "number"),
        ("g", (-1, 1), "category"),
        ("w", (-2, -1, 0, 1, 2), "ordered"),
        ("w", (-1, 1, 2, 3), "ordered"),  # -1 says something of its own
        ("w", (-5, 1, 2, 3), "category"),  # as panels write why there is no answer
        ("w", (-6, -1, 1, 2), "category"),
        ("w", (-5, 4, 5, 6), "number"),
        ("charge", (-3, -2, -1, 1, 2, 3), "number"),
        ("junction", (-1, *range(9)), "category"),
        ("junction", (-9, -1, 1, 2, 3, 4), "category"),
        ("w", (-1, 10, 20, 30, 45), "number"),
        ("temperature", (-1, 1, 2, 3, 4), "number"),
        ("w", (1, 2, 7), "category"),  # 7: refused
        ("w", (1, 2, 3, 4, 5, 7, 9), "category"),
        ("visits", (1, 2, 3, 4, 5, 7), "number"),
        ("income_bracket", tuple(range(1, 19)), "ordered"),
        ("family_income", tuple(range(1, 25)), "ordered"),
        ("income", (1, 2, 3, 5, 8, 9, 12, 15), "number"),
        ("age", tuple(range(1, 19)), "number"),
        ("age_band_of_driver", (1, 2, 3, 4, 5, 6, 7, 8), "category"),
        ("agegrp", (2, 3, 4), "category"),
        ("weekday", tuple(range(7)), "ordered"),
        ("Day of the week", (2, 3, 4, 5, 6), "ordered"),
        ("Fedu", (0, 1, 2, 3, 4), "ordered"),
        ("Type of vehicle", (1, 2, 3, 8, 9, 10, 11, 19), "category"),
        ("Tankno", tuple(range(1, 9)), "category"),
        ("pct_college", (20, 21, 22, 27, 30), "number"),
        ("w", (-20, -10, 0, 10), "number"),
        ("temperature", (-1, 0, 1), "number"),
        ("age_range", (0, 1, 2, 3, 4, 5), "category"),
        ("range", (0, 1, 2, 3, 4, 5), "number"),
        ("Tank.Unique", (2, 3, 4, 6, 7, 11), "category"),
        ("farmer", (47, 48, 50, 51), "category"),
        ("run", (1, 2, 3), "category"),
        ("age1", (0, 1, 2), "ordered"),
        ("income", (0, 1, 2, 3, 4, 5, 6), "ordered"),
        ("PersIncm", (1, 2, 3, 4, 5, 6, 7, 8), "ordered"),
        ("SizeTown", (1, 2, 3, 4, 5, 6), "ordered"),
        ("company_size", tuple(range(1, 19)), "number"),
        ("wt1", (41, 48, 50, 57), "number"),
    ],
)
def test_few_whole_numbers_without_a_gap_are_steps(name: str, values: tuple[int, ...], kind: str) -> None:
    cells = np.random.default_rng(1).permutation(np.repeat([str(value) for value in values], 12))
    (column,), _ = infer([(name, chunked(list(cells)))])
    assert (column.kind, column.question) == (kind, "")
    assert column.levels == (tuple(map(str, values)) if kind == "ordered" else ())


@pytest.mark.parametrize("number", ["-1", "1", "0", "7"])
def test_one_number_or_a_word_for_missing_is_taken_without_a_question_of_steps(number: str) -> None:
    (column,), _ = infer([("w", chunked([number, "NA"] * 20))])
    assert column.missing == 20 or column.kind == "category"


def test_numbers_of_units_that_each_have_as_many_rows_say_whose_these_are() -> None:
    units = [str(unit) for unit in range(1, 91) for _ in range(6)]
    w = [f"{i % 37}.5" for i in range(540)]
    for name, cells, kind in (
        ("unit", units, "coded"),
        ("year", units, "number"),
        ("unit", [*units[:-1], "91"], "coded"),  # each for a run of rows
        ("unit", [*units[-1:], *units[:-2], "91"], "number"),
        ("weight", units, "number"),
    ):
        columns, _ = infer([(name, chunked(cells)), ("w", chunked(w))])
        assert (columns[0].kind == "coded" and columns[0].role == "group") == (kind == "coded"), (name, columns[0])


def test_days_in_digits_with_a_word_among_them_are_dates() -> None:
    days = [f"2019{month:02d}{day:02d}" for month in range(1, 7) for day in range(1, 20)]
    (column,), _ = infer([("Date", chunked([*days, "RR"]))])
    assert (column.kind, column.form, column.missing) == ("datetime", "%Y%m%d", 1)
    assert "not: RR" in column.reason
    (column,), _ = infer([("Date", chunked([*days, "20191399", "20191398", "20191397", "20191396"]))])
    assert column.kind != "datetime" or column.question


def test_steps_that_may_be_amounts_are_asked_where_their_name_says_so_or_they_begin_at_0() -> None:
    cells = np.random.default_rng(1).permutation(np.repeat(["1", "2", "3"], 12))
    for name, shown in (("visits", cells), ("w", [str(int(cell) - 1) for cell in cells])):
        (column,), _ = infer([(name, chunked(list(shown)))])
        assert "amounts (a number), or names" in column.question


def test_steps_keep_how_they_are_written_and_what_says_missing() -> None:
    rng = np.random.default_rng(2)
    cells = [str(rng.choice(["1.0", "2.0", "3.0", "NA"], p=[0.2, 0.5, 0.25, 0.05])) for _ in range(200)]
    columns, _ = infer((f"q{i}", chunked(list(rng.permutation(cells)))) for i in range(4))
    for column in columns:
        assert (column.kind, column.levels, column.missing_words) == ("ordered", ("1.0", "2.0", "3.0"), ("NA",))
        assert column.missing == cells.count("NA")


def test_ratings_of_a_battery_are_not_asked_one_by_one() -> None:
    rng = np.random.default_rng(3)
    answers = [[str(value) for value in rng.choice(range(1, 5), 200, p=[0.4, 0.1, 0.4, 0.1])] for _ in range(4)]
    columns, _ = infer((f"q{i}", chunked(cells)) for i, cells in enumerate(answers))
    found = {(column.kind, column.levels, column.question, sum(column.histogram.counts)) for column in columns}
    assert found == {("ordered", ("1", "2", "3", "4"), "", 200)}
    of_ten = [[str(value) for value in rng.permutation(np.repeat(range(1, 11), 20))] for _ in range(4)]
    columns, _ = infer((f"q{i}", chunked(cells)) for i, cells in enumerate(of_ten))
    assert {column.kind for column in columns} <= {"number", "category"}  # too many for steps


@pytest.mark.parametrize("name", ["rownames", "", "col_1", "index", "num."])
def test_the_rows_own_numbers_are_no_feature(name: str) -> None:
    (column,), _ = infer([(name, chunked([str(i) for i in range(1, 13)]))])
    assert (column.kind, column.role) == ("coded", "identifier")


def test_a_quantity_called_index_or_y_stays_one() -> None:
    (column,), _ = infer([("index", chunked(["105", "98", "101", "99.5"]))])
    assert (column.kind, column.role) == ("number", "feature")
    assert understood("y", ["3", "8", "11", "2"]).role == "feature"
    assert understood("target", ["3", "8", "11", "2"]).role == "label"
    assert understood("target", ["3.5", "8.1", "11", "2"]).role == "feature"
    (column,), _ = infer([("i", chunked([str(i) for i in range(15)]))])
    assert (column.kind, column.role) == ("number", "feature")


@pytest.mark.parametrize(
    ("name", "cells", "kind", "role"),
    [
        ("AccountLength", ["128", "107", "137", "84", "75"], "number", "feature"),
        ("account", ["128", "107", "137", "84", "75"], "coded", "feature"),
        ("yearID", ["1998", "1999", "2000", "2001"], "number", "feature"),
        ("player ID#", ["1007", "1012", "1013", "1017"], "category", "feature"),
        ("patno", ["50", "176", "194", "220"], "coded", "group"),
        ("Subject", ["001L", "076L", "101L", "112L"], "category", "feature"),
    ],
)
def test_names_that_were_misread(name: str, cells: list[str], kind: str, role: str) -> None:
    column = understood(name, cells)
    assert (column.kind, column.role) == (kind, role)


def test_a_reason_names_nothing_that_speaks_against_the_kind() -> None:
    assert understood("g", ["-1", "1"]).reason.endswith("; two values")
    assert understood("g", ["1", "2"]).reason.endswith("; few from 1 on, none left out")


def test_what_counts_many_rows_without_a_gap_is_their_number_unless_named_as_an_amount() -> None:
    count = [str(i) for i in range(1, 31)]
    shuffled = [str(i) for i in np.random.default_rng(0).permutation(30) + 1]
    for name, cells, kind in (
        ("w", count, "coded"),
        ("w", shuffled, "coded"),
        ("w", [*count[:-1], "31"], "number"),  # a gap
        ("day", count, "number"),
        ("finish_rank", shuffled, "number"),
        ("case", [str(77 * i % 211) for i in range(30)], "coded"),
        ("number", [str(77 * i % 211) for i in range(30)], "number"),
        ("index", [str(77 * i % 211) for i in range(30)], "number"),
        ("weight", [str(7 * i % 211) for i in range(30)], "number"),
    ):
        (column,), _ = infer([(name, chunked(cells))])
        assert column.kind == kind, (name, cells)
        assert (column.role == "identifier") == (kind == "coded")


def test_of_several_columns_that_hold_each_number_once_one_numbers_the_rows_and_the_others_are_ranks() -> None:
    count = [str(i) for i in range(1, 31)]
    one, two, three = ([str(i) for i in np.random.default_rng(seed).permutation(30) + 1] for seed in range(3))
    for columns, kinds in (
        ({"w": one, "v": two, "u": three}, ["coded", "number", "number"]),
        ({"w": one, "v": two, "no": count}, ["number", "number", "coded"]),
        ({"v": two, "id": one, "no": count}, ["number", "coded", "coded"]),
        ({"w": one, "v": [f"{float(cell) / 7:.3f}" for cell in two]}, ["coded", "number"]),
    ):
        found, _ = infer((name, chunked(cells)) for name, cells in columns.items())
        assert [column.kind for column in found] == kinds
        assert all((column.role == "identifier") == (column.kind == "coded") for column in found)
    ranked = infer((name, chunked(cells)) for name, cells in {"w": one, "v": two}.items())[0][1]
    assert (ranked.minimum, ranked.maximum, ranked.question) == (1.0, 30.0, "")


TRUE_KINDS = {
    "N": {"number"},
    "F": {"category", "coded", "ordered"},
    "E": {"number", "category", "coded", "ordered"},
    "S": {"number", "category", "ordered"},
    "C": {"text", "category", "coded", "ordered"},
    "L": {"boolean"},
    "D": {"datetime"},
}


Tables = Iterable[dict[str, tuple[list[str], str]]]


def judged(found: Tables) -> tuple[list[str], list[str], int]:
    """The columns that are asked about, those decided alone and wrongly, and how many are decided alone."""
    asked: list[str] = []
    wrong: list[str] = []
    decided = 0
    for table in found:
        columns, _ = infer((name, chunked(cells)) for name, (cells, _) in table.items())
        for column in columns:
            truth = table[column.name][1]
            right = column.kind in {*TRUE_KINDS[truth], "boolean"} or column.role == "identifier"
            if column.question:
                asked.append(column.name)
            elif column.kind != "constant":
                decided += 1
                wrong += [] if right else [f"{truth} as {column.kind}: {column.name}"]
    return asked, wrong, decided


def test_of_the_columns_of_typical_tables_few_are_asked_and_fewer_are_wrong() -> None:
    asked, wrong, decided = judged(tables(seed=1))
    assert decided > 700
    # These tables are rich in whole numbers that are names, and their columns do not depend on each other.
    assert len(asked) < 0.05 * (decided + len(asked)), asked
    assert len(wrong) < 0.02 * decided, wrong


@pytest.mark.parametrize(
    ("half", "telling", "most_asked", "most_wrong"),
    [(0, True, 0.05, 0.01), (1, True, 0.06, 0.025), (0, False, 0.15, 0.03), (1, False, 0.12, 0.04)],
)
def test_of_the_columns_of_invented_tables_few_are_asked_and_fewer_are_wrong(
    half: int, telling: bool, most_asked: float, most_wrong: float
) -> None:
    found = [table for seed in range(2) for tells, table in invented(seed, half) if tells == telling]
    asked, wrong, decided = judged(found)
    assert decided > 150
    assert len(asked) < most_asked * (decided + len(asked)), asked
    assert len(wrong) < most_wrong * decided, wrong


# --- marks, codes, words among dates ------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["#", "*", " (e)", "[1]", " b", "p", "²"])
def test_a_footnotes_mark_at_some_numbers_is_left_out_and_said(mark: str) -> None:
    cells = [f"{i / 10}" for i in range(500, 530)]
    column, notices = said("sun", [*cells, *(f"{cell}1{mark}" for cell in cells[:4])], times=1)
    assert (column.kind, column.missing, column.question) == ("number", 0, "")
    assert column.maximum == 52.9
    assert f"“{mark.strip()}” at 4" in column.reason
    assert "4 cells have a mark beside the number, which is left out" in notices


@pytest.mark.parametrize(
    "cells",
    [
        [f"{i}{'abc'[i % 3]}" for i in range(10, 40)],  # all are marked: names
        [*(str(i) for i in range(10, 40)), "12a", "14q", "15x", "17y"],  # too many different letters
        [*(str(i) for i in range(10, 40)), "14n"],  # one letter alone
    ],
)
def test_other_letters_behind_digits_are_part_of_a_name(cells: list[str]) -> None:
    assert understood("box", cells, times=1).kind != "number"


def test_a_letter_behind_small_whole_numbers_is_asked_unless_the_name_says_amount() -> None:
    cells = [*(str(i) for i in range(10, 60)), "12b", "17b", "21b"]
    assert "mark behind an amount" in understood("box", cells, times=1).question
    assert understood("price", cells, times=1).question == ""


def test_numbers_under_a_form_are_read_without_marks_and_a_cut_exponent_is_none() -> None:
    cells = array(["105.2#", "#83.0", "12 (e)", "17p", "7[2]", "12 e", "1e", "1.5kg", "b"])
    read = numbers(cells, "point", "")
    np.testing.assert_array_equal(read, [105.2, 83.0, 12, 17, 7, 12, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(numbers(array(["23,5 b", "1.234,5*"]), "comma", ""), [23.5, 1234.5])


@pytest.mark.parametrize(("mark", "kind"), [("Y", "boolean"), ("1", "boolean"), ("x", "boolean"), ("*", "category")])
def test_a_mark_in_some_rows_tells_and_reaches_the_network(mark: str, kind: str) -> None:
    cells = [mark if i % 3 == 0 else None for i in range(60)]
    columns, _ = infer([("seen", chunked(cells))])
    assert (columns[0].kind, columns[0].role) == (kind, "feature")
    assert "marked or not (20 of 60 rows)" in columns[0].reason
    table = typed_table(pa.table({"seen": cells}), columns, np.arange(60).astype(str))
    matrix = Encoder.fit(table).encode(table)
    marks = np.asarray([cell is None for cell in cells], float)
    assert any((column == marks).all() for column in np.asarray(matrix.values).T)


@pytest.mark.parametrize(
    "cells",
    [["Y"] * 60, ["Y", *[None] * 59], [*["Y"] * 59, None], ["2019-03-01", None] * 30, ["12", None] * 30],
)
def test_one_value_that_tells_nothing_is_constant(cells: list[str | None]) -> None:
    assert infer([("seen", chunked(cells))])[0][0].kind == "constant"


def test_many_whole_numbers_of_as_many_digits_are_asked_for() -> None:
    rng = np.random.default_rng(3)
    codes = [str(3_100_000 + 7 * int(i)) for i in rng.permutation(400)]
    column = understood("ort", codes, times=1)
    assert (column.kind, column.role) == ("coded", "identifier")
    assert "codes of something" in column.question
    assert [answer.change["kind"] for answer in answers(column)] == ["coded", "number"]


def test_amounts_of_as_many_digits_are_not_asked_for() -> None:
    rng = np.random.default_rng(3)
    walk = 50_000 + np.cumsum(rng.integers(-300, 301, 400))
    round_ones = 100 * rng.integers(100, 900, 400)
    named = rng.integers(10_000, 90_000, 400)
    for name, values in (("ort", walk), ("ort", round_ones), ("salary", named)):
        assert infer([(name, chunked([str(value) for value in values]))])[0][0].kind == "number"


def test_whole_numbers_that_never_meet_where_amounts_would_are_asked_for() -> None:
    rng = np.random.default_rng(3)
    never, meeting = rng.permutation(900), rng.integers(0, 900, 900)
    assert "codes of something" in understood("ort", [str(each + 50) for each in never], times=1).question
    assert infer([("ort", chunked([str(each + 50) for each in meeting]))])[0][0].question == ""
    grid = infer([("ort", chunked([str(each) for each in range(50, 950)]))])[0][0]
    assert (grid.kind, grid.question) == ("number", "")


def test_zeros_among_longer_numbers_are_no_code() -> None:
    assert understood("level", ["000", "2000", "3333", "2667", "5125"]).kind == "number"
    assert understood("level", ["00000000", "51392971", "51402299"]).kind == "coded"
    assert understood("Month", ["01", "02", "11"]).kind == "number"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("account", ["DE89370400440532013001", "DE89370400440532013002", "DE89370400440532013003"]),
        ("country code", ["AL", "AK", "AZ", "AR"]),
        ("article", ["3S919", "3S307", "012B47", "A-117-3"]),
        ("Code INAO", ["3S919", "3B", "1S531 04", "1S480S 1"]),
        ("workerID", ["a2ctbahecdqsix", "a178bxd4ubx932", "aaislve", "plain"]),
        ("permit", ["B937E9-16", "253769-16", "D4AF6F-16"]),
        ("parcel_id", ["5-1", "105-117", "1-3-100", "A-1"]),
        ("site.id", ["2271", "2271.1", "2405", "3774"]),
    ],
)
def test_one_word_of_letters_and_digits_is_a_code(name: str, cells: list[str]) -> None:
    assert understood(name, cells, times=1).kind == "coded"


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["2019-03-01", "3/1/2019", "3/25/2019"], "%Y-%m-%d | %m/%d/%Y"),
        (["25.3.2019", "25.3.2019 12:30", "26.3.2019"], "%d.%m.%Y | %d.%m.%Y %H:%M"),
        (["06/18/2022 20:00:00", "06/19/2022 21:00:00", "09/13/22 1:00:00 PM"], None),
    ],
)
def test_dates_of_two_formats_are_read_by_both(cells: list[str], form: str | None) -> None:
    column = understood("when", cells)
    assert (column.kind, column.missing, column.question) == ("datetime", 0, "")
    assert form in (None, column.form)
    assert "of two formats" in column.reason


def test_of_two_formats_that_leave_day_and_month_open_is_asked() -> None:
    column = understood("when", ["2019-03-01", "3/1/2019", "3/2/2019"])
    assert column.question.endswith("day first or month first?")
    day, month = answers(column)
    cells = array(["2019-03-01", "3/1/2019", "3/2/2019"])
    changed, _ = describe(replace(column, **month.change), cells)
    assert (changed.form, changed.missing) == ("%Y-%m-%d | %m/%d/%Y", 0)
    assert day.change["form"] == column.form == "%Y-%m-%d | %d/%m/%Y"


@pytest.mark.parametrize("other", ["12:30", "2019-03-01 12:30Z", "n. d."])
def test_a_date_and_what_is_none_are_no_two_formats(other: str) -> None:
    assert understood("when", ["2019-03-01", other, "2019-03-02"]).kind == "category"


def test_one_word_among_dates_leaves_them_dates() -> None:
    column = understood("processed", ["12-Dec-2019", "Pending", "03-Dec-2019", "02-Dec-2019"])
    assert (column.kind, column.missing) == ("datetime", 5)
    assert column.missing_words == ("Pending",)


def test_a_note_in_the_last_row_leaves_numbers_what_they_are() -> None:
    amounts = [f"{i}.5" for i in range(12)]
    assert infer([("pop", chunked([*amounts, "May 2020"]))])[0][0].kind == "number"
    assert infer([("pop", chunked(["May 2020", *amounts]))])[0][0].kind == "text"


def test_a_few_words_among_named_codes_leave_them_codes() -> None:
    codes = [str(500_000 + 11 * i) for i in range(99)]
    column = infer([("OBEC_KOD", chunked(["XNA", *codes]))])[0][0]
    assert column.kind == "coded"


@pytest.mark.parametrize("written", ["{}.0", "{}.00"])
def test_whole_numbers_with_zeros_behind_the_point_may_be_names_too(written: str) -> None:
    cells = [written.format(value) for value in (1, 2, 9)] * 12
    assert understood("w", cells).kind == "category"
    assert understood("price", [written.format(value) for value in (3, 5, 8)] * 12).kind == "number"
    assert understood("w", [*cells, "2.50"]).kind == "number"


def test_answers_with_a_code_for_not_known_are_those_of_their_neighbours_and_no_amounts() -> None:
    rng = np.random.default_rng(3)
    mood = rng.normal(size=400)
    table = {f"q{i}": [str(int(each)) for each in np.clip(4 + mood + rng.normal(size=400), 1, 7)] for i in range(1, 6)}
    table["q2"] = ["-9" if i % 20 == 0 else cell for i, cell in enumerate(table["q2"])]
    columns, _ = infer((name, chunked(cells)) for name, cells in table.items())
    assert [(column.kind, column.question) for column in columns] == [
        ("category" if column.name == "q2" else "ordered", "") for column in columns
    ]


def test_an_amount_with_a_code_for_not_known_is_asked_about() -> None:
    (column,), _ = infer([("visits", chunked(["-9", "0", "1", "2", "3", "4", "5", "6", "8", "11"] * 12))])
    assert column.kind == "number"
    (column,), _ = infer([("w", chunked(["-9", *map(str, [0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 6, 9])] * 12))])
    assert (column.kind, column.question) == ("number", "Does -9 in “w” say that a value is missing?")
    assert [answer.words for answer in answers(column)] == ["it is a value", "it says missing"]


def test_an_experiments_runs_and_numbered_people_are_identifiers() -> None:
    for name, cells in (
        ("Run", range(1, 17)),
        ("student_number", (17, 3, 12, 25, 8, 30, 41, 2, 9, 14)),
        ("empno", (7369, 7499, 7521, 7566, 7654, 7698, 7782, 7788, 7839, 7844)),
        ("countyfips", (1001, 1003, 1005, 1007, 1009, 1011, 1013, 1015, 1017, 1019)),
        ("도서관코드", (11, 23, 31, 45, 52, 64, 77, 81, 93, 99)),
    ):
        (column,), _ = infer([(name, chunked([str(cell) for cell in cells]))])
        assert (column.kind, column.question) == ("coded", ""), name
        assert column.role == ("feature" if name == "countyfips" else "identifier")
    (column,), _ = infer([("order", chunked([str(n) for n in (3, 1, 2, 5, 4, 8, 7, 6, 10, 9)]))])
    assert column.kind == "number"


def test_different_numbers_under_one_word_that_ends_in_number_are_names() -> None:
    cells = [str(1000 + 37 * i % 211) for i in range(30)]
    for name, again, kind in (
        ("snum", 0, "coded"),
        ("Partnumber", 0, "coded"),
        ("snum", 1, "number"),
        ("magnum", 0, "coded"),
    ):
        (column,), _ = infer([(name, chunked([*cells, *cells[:again]]))])
        assert (column.kind, column.question) == (kind, ""), name


def test_how_many_there_are_or_which_one_it_is_is_asked() -> None:
    cells = [str(i % 9 + 1) for i in range(60)]
    (column,), _ = infer([("number", chunked(cells))])
    assert column.question


def test_names_in_other_languages_and_with_accents_are_known() -> None:
    assert understood("Código", ["1", "2", "3"]).kind == "coded"
    assert understood("estadocivil", ["1", "2", "3", "1"] * 9).kind == "category"
    assert understood("phone.usage", ["1", "2", "3", "4"] * 9).kind != "coded"
    assert understood("AGE", ["02", "11", "07"] * 9).kind == "number"
    assert understood("Geschlecht", ["1", "2"]).kind == "category"
    assert understood("Fläche", ["11", "12", "13"]).kind == "number"
    assert understood("Hôtel", ["12", "13", "18"]).kind == "number"


# --- what other columns tell ---------------------------------------------------------------------------


def beside(pull: Sequence[float], **others: Sequence[str]) -> Column:
    """A column “k” of 1, 2, 3, 4, 6 in 200 rows, named like nothing, beside an amount that each number pulls so far."""
    rng = np.random.default_rng(5)
    k = rng.integers(0, 5, 200)
    k[:5] = range(5)
    amounts = np.asarray(pull)[k] + rng.normal(size=200)
    cells = {"k": [str((1, 2, 3, 4, 6)[i]) for i in k], "w": [f"{amount:.3f}" for amount in amounts]}
    cells |= {name: [each[i] for i in k] for name, each in others.items()}
    columns, _ = infer((name, chunked(each)) for name, each in cells.items())
    return columns[0]


def test_numbers_that_amounts_rise_with_are_amounts() -> None:
    column = beside([0, 1, 2, 3, 4])
    assert (column.kind, column.question) == ("number", "")
    assert column.reason.endswith("other amounts rise or fall with it")


def test_numbers_that_amounts_step_with_are_names() -> None:
    column = beside([3, -2, 2, -3, 1])
    assert (column.kind, column.question) == ("category", "")
    assert column.reason.endswith("other amounts step with it in no order")


def test_numbers_that_each_have_a_name_in_another_column_are_names() -> None:
    towns = ("Genf", "Bern", "Chur", "Zug", "Basel")
    assert beside([0] * 5).question
    column = beside([0] * 5, town=towns)
    assert (column.kind, column.question) == ("category", "")
    assert column.reason.endswith("another column has a name for each")
    assert beside([0] * 5, size=("tiny", "small", "medium", "large", "huge")).question  # an order, as amounts have


def test_values_are_paired_with_names_where_each_has_its_own() -> None:
    assert paired(np.diag([5, 6, 7]))
    assert not paired(np.diag([5, 6]))  # two
    assert not paired(np.diag([1, 1, 1]))  # in a row each
    assert not paired(np.asarray([[5, 1, 0], [0, 5, 0], [0, 0, 5]]))


def test_numbers_that_amounts_do_not_depend_on_are_asked() -> None:
    assert beside([0, 0, 0, 0, 0]).question


def test_a_word_for_missing_is_missing_in_what_turns_out_to_be_a_number_as_in_names() -> None:
    cells = ["11", "12", "13", "14", "15", "NA"] * 20
    (column, _), notices = infer([("age", chunked(cells)), ("w", chunked([f"{i}.5" for i in range(120)]))])
    assert (column.kind, column.missing, column.missing_words) == ("number", 20, ("NA",))
    (column,), notices = infer([("treatment", chunked(cells))])
    assert (column.kind, column.missing, column.missing_words) == ("category", 20, ("NA",))
    assert "may say" not in "\n".join(notices)


def beside_one(values: Sequence[float], cells: str) -> np.ndarray:
    """How often each value stands with each letter of another column."""
    witnesses = Witnesses()
    witnesses.add("other", distinct(chunked(list(cells))), None)
    (table,) = witnesses.tables("own", np.asarray(values))
    return table


def test_a_column_follows_from_names_where_it_changes_to_and_fro() -> None:
    subjects = [1.0] * 3 + [2.0] * 3 + [3.0] * 3 + [4.0] * 3
    assert follows(beside_one(subjects, "mmmfffmmmfff"))
    assert not follows(beside_one(subjects, "aaaaaabbbbbb"))  # young and old: a band of amounts
    assert not follows(beside_one(subjects, "abcabcabcabc"))
    assert not follows(beside_one(subjects, "mmmfffmmmffm"))


def test_empty_cells_say_nothing_of_other_columns() -> None:
    assert follows(beside_one([1.0, 1, 2, 2, np.nan, 3, 3], "mmffxmm"))
    assert beside_one([np.nan, np.nan], "ab").shape == (0, 0)


def test_a_design_crosses_its_factors() -> None:
    assert crossed(beside_one([1.0, 2, 3] * 4, "aaabbbaaabbb"))
    assert not crossed(beside_one([1.0, 2, 3] * 4, "aaabbbaaabba"))
    assert not crossed(beside_one([1.0, 1, 1], "aab"))


# --- what the user says --------------------------------------------------------------------------------


def test_the_users_form_unit_and_words_are_honoured() -> None:
    cells = array(["1,234", "5,678", "-9"])
    column, _ = describe(Column("x", "number", "feature", "set by hand", form="comma", missing_words=("-9",)), cells)
    assert (column.minimum, column.maximum, column.missing, column.form) == (1.234, 5.678, 1, "comma")
    column, _ = describe(Column("d", "datetime", "feature", "", form="%m/%d/%Y"), array(["1/2/2024", "12/31/2024"]))
    assert column.minimum == 1704153600
    column, notices = describe(Column("x", "number", "feature", "", unit="g"), array(["5 kg", "6 g", "7"]))
    assert (column.missing, column.unit) == (1, "g")
    assert "1 cell is no number and counts as missing: “5 kg” (1)" in "\n".join(notices)


def test_a_change_answers_the_question_and_drops_what_the_kind_has_no_use_for() -> None:
    column = understood("stage", ["1", "2", "4"])
    assert column.question
    texts = array(["3", "1", "2", "1"])
    ordered, _ = describe(replace(column, kind="ordered"), texts)
    assert (ordered.levels, ordered.question, ordered.confidence) == (("1", "2", "3"), "", 1.0)
    number, _ = describe(replace(ordered, kind="number"), texts)
    assert (number.form, number.levels, number.maximum) == ("point", (), 3)
    category, _ = describe(replace(number, kind="category"), texts)
    assert (category.form, category.histogram.labels[0]) == ("", "1")


def test_levels_that_the_user_orders() -> None:
    texts = array(["b", "a", "c", "a"])
    column, notices = describe(Column("x", "ordered", "feature", "", levels=("c", "a")), texts)
    assert column.levels == ("c", "a")
    assert "no place in the order for “b” (1)" in "\n".join(notices)
    assert describe(Column("x", "ordered", "feature", ""), texts)[0].levels == ("a", "b", "c")


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        (Column("x", "number", "feature", ""), ["a", "b"], "none of its cells is a number"),
        (Column("x", "datetime", "feature", "", form="%d.%m.%Y"), ["2024-01-02"], "written as %d.%m.%Y"),
        (Column("x", "datetime", "feature", ""), ["a", "b"], "none of its cells is a datetime"),
        (Column("x", "boolean", "feature", ""), ["a", "b"], "none of its cells is a boolean"),
        (Column("x", "multiple", "feature", ""), ["a", "b"], "no cell holds several choices"),
        (Column("x", "ordered", "feature", "", levels=("a", "a")), ["a", "b"], "stands twice"),
        (Column("x", "ordered", "feature", "", levels=("low",)), ["a", "b"], "none of its cells is one of the levels"),
    ],
)
def test_what_can_not_be_is_refused_with_words(column: Column, cells: list[str], words: str) -> None:
    with pytest.raises(InputRefused, match=words) as caught:
        describe(column, array(cells))
    assert "“x”" in caught.value.where
    assert caught.value.fix


def test_a_missing_word_that_the_user_sets_among_names_is_missing() -> None:
    cells = ["NA", "DE", "FR", "NA"]
    column, notices = describe(Column("country", "category", "feature", "", missing_words=("NA",)), array(cells))
    assert column.missing == 2
    assert notices == ("column “country”: 2 cells count as missing: “NA” (2)",)
    table = typed_table(pa.table({"country": cells}), (column,), np.asarray(list("abcd")))
    assert table.values["country"].tolist() == [None, "DE", "FR", None]


@pytest.mark.parametrize("form", ["%d%d", "%Q", "%", "%U %Y", "%Y%Y" * 9, "%z"])
def test_what_is_no_format_of_dates_is_refused(form: str) -> None:
    with pytest.raises(InputRefused, match="no format of dates"):
        describe(Column("d", "datetime", "feature", "", form=form), array(["2024-01-02"] * 3))


def test_a_column_that_holds_nothing_may_be_called_a_date() -> None:
    column, notices = describe(Column("d", "datetime", "feature", ""), array([None, None]))
    assert (column.missing, notices) == (2, ())


def test_answers_that_give_none_do_not_hide_an_order() -> None:
    column, notices = said("q", ["Agree", "Disagree", "Prefer not to say", "Neutral", "Strongly agree"])
    assert (column.kind, column.levels) == ("ordered", ("Disagree", "Neutral", "Agree", "Strongly agree"))
    assert "no place in the order for “Prefer not to say” (5)" in notices


def test_a_few_rows_that_were_entered_twice_make_an_identifier_no_feature() -> None:
    ids = [str(5_000 + 7 * i) for i in range(400)]
    for name, cells in (("customer_id", ids), ("mail", [f"a{id_}@x.org" for id_ in ids])):
        (column,), _ = infer([(name, chunked([*cells, *cells[:3]]))])
        assert (column.role, "different in nearly every row (400 of 403)" in column.reason) == ("identifier", True)


@pytest.mark.parametrize(
    ("name", "unit"), [("P (kEUR)", "kEUR"), ("P (Mio €)", "Mio €"), ("P (old)", ""), ("P [mm]", "mm")]
)
def test_the_header_may_give_the_unit(name: str, unit: str) -> None:
    assert understood(name, ["1.5", "2.5", "7"]).unit == unit


def test_a_zip_code_names_no_row_though_all_are_different() -> None:
    (column,), _ = infer([("zip_code", chunked([f"{10_000 + 97 * i}" for i in range(60)]))])
    assert (column.kind, column.role) == ("coded", "feature")


@pytest.mark.parametrize(
    "bands",
    [
        ("0 a 5 personas", "6 a 10 personas", "11 a 30 personas", "251 y más personas"),
        ("Under $20K", "$20K to $39K", "$40K to $59K", "$100K+"),
        ("bis 10 Jahre", "11 bis 20 Jahre", "21 bis 30 Jahre", "über 30 Jahre"),
        ("moins de 18 ans", "18 à 25 ans", "26 à 40 ans", "41 ans et plus"),
        ("less than 5", "between 5 and 10", "11 to 20", "21 or more"),
    ],
)
def test_bands_in_words_have_an_order(bands: tuple[str, ...]) -> None:
    cells = pa.chunked_array([pa.array([bands[i % len(bands)] for i in range(60)])])
    (column,), _ = infer([("group", cells)])
    assert (column.kind, column.levels) == ("ordered", bands)


def test_numbers_of_things_are_asked_about() -> None:
    generator = np.random.default_rng(0)
    cells = pa.chunked_array([pa.array([str(value) for value in generator.integers(100, 400, 200)])])
    asked, _ = infer([("car_number", cells)])
    assert asked[0].question
    counted, _ = infer([("number_of_cars", cells)])
    assert (counted[0].kind, counted[0].question) == ("number", "")


@pytest.mark.parametrize("cells", [("1a2", "3a4", "5a6"), ("12 e 13", "14 e 15", "16 e 17")])
def test_letters_between_numbers_make_no_band(cells: tuple[str, ...]) -> None:
    column = pa.chunked_array([pa.array([cells[i % 3] for i in range(60)])])
    (found,), _ = infer([("x", column)])
    assert found.kind == "category"


def test_names_of_things_may_stand_once_each_more_often_than_other_words() -> None:
    cells = ["saas", "saas", "saas", "media", "media", "health", "travel", "retail", "food", "energy"]
    assert said("industry", cells, 1)[0].kind == "category"
    assert said("remark", cells, 1)[0].kind == "text"


def test_cells_that_differ_in_their_letters_places_are_no_codes() -> None:
    cells = [f"{day}-{month}" for day in (12, 13, 24) for month in ("Mar", "Apr", "Jun", "Jul")]
    assert understood("when", cells, 1).kind != "coded"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("contact", [f"(502) 690-9{i:03d}" for i in range(0, 120, 10)]),
        ("cause", [f"{letter}{i}" for letter in "GEH" for i in (21, 44, 58, 37)]),
    ],
)
def test_cells_of_one_shape_are_codes(name: str, cells: list[str]) -> None:
    assert said(name, cells, 1)[0].kind == "coded"
