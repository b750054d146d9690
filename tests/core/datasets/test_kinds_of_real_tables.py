"""What real tables taught about kinds: names taken apart, whole numbers that count or name, codes and words in cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from core.datasets import moments, names
from core.datasets.kinds import infer
from core.datasets.levels import choices
from core.results import Column


def columns(**cells: Sequence[object]) -> tuple[Column, ...]:
    """The columns of a table with these cells, None where empty."""
    texts = {name: [None if cell is None else str(cell) for cell in each] for name, each in cells.items()}
    return infer((name, pa.chunked_array([pa.array(each, pa.string())])) for name, each in texts.items())[0]


def column(name: str, cells: Sequence[object]) -> Column:
    return columns(**{name: cells})[0]


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


# --- words in cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [str, str.upper, str.title, lambda name: name.replace("ı", "i")])
def test_a_months_name_is_read_in_any_case_and_with_a_turkish_i_of_either_sort(write) -> None:  # type: ignore[no-untyped-def]
    for month, words in moments.MONTHS.items():
        for name in words.split():
            (form, *_) = moments.readings(np.asarray([f"5 {write(name)} 2021"], object))
            seconds = moments.under(np.asarray([f"5 {write(name)} 2021"], object), form)[0]
            assert seconds == np.datetime64(f"2021-{month:02d}-05", "s").astype(float), name


def test_the_mark_that_databases_write_for_nothing_is_missing() -> None:
    found = column("depth", ["3.5", "\\N", "4", "0.5", "\\N", "7.25"] * 4)
    assert (found.kind, found.question, found.missing_words) == ("number", "", ("\\N",))


@pytest.mark.parametrize("word", ["**", "No Aplica", "não informado", "нет данных", "不明"])
def test_what_says_in_other_languages_that_nothing_is_known_is_missing_among_numbers_alone(word: str) -> None:
    found = column("edad", [17, 19, 15, 21, 16, 18, 20, word] * 9)
    assert (found.kind, found.question, found.missing_words) == ("number", "", (word,))
    assert column("answer", ["rot", "blau", word] * 9).missing == 0


@pytest.mark.parametrize("word", ["no", "No", "nein", "нет", "False"])
def test_no_or_nothing_is_a_boolean_as_yes_or_nothing_is(word: str) -> None:
    assert column("contained", [word, None, None] * 20).kind == "boolean"
    assert column("count", ["0", None, None] * 20).kind == "constant"


# --- names taken apart ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["idMedidaCampoColuna", "ID_DO_ALUNO", "reportid", "SITEVISITID", "idcliente", "Submission SID"]
)
def test_an_id_at_either_end_of_a_name_is_one_however_it_is_written(name: str) -> None:
    assert column(name, range(5, 305, 3)).role == "identifier"


@pytest.mark.parametrize("name", ["paid", "crinoid", "acid", "fluid", "idade", "covid"])
def test_words_that_only_end_like_an_id_are_none(name: str) -> None:
    counts = rng().poisson(60, 400)
    found = column(name, counts)
    assert (found.kind, found.question) == ("number", "")


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("NoControl", ""),
        ("numero de empleado", ""),
        ("numero de empleados", "amount"),
        ("no_children", "amount"),
        ("number_customer_service_calls", "amount"),
        ("AreaCode", "name"),
        ("lines of code", ""),
        ("Crm Cd", "name"),
        ("CODIGOENTIDAD", "name"),
        ("קוד שינוי", "name"),
        ("מספר ילדים", "amount"),
        ("負傷者数", "amount"),
        ("当事者種別", "name"),
        ("性别", "name"),
        ("月", "amount"),
        ("lightConditions", "maybe name"),
    ],
)
def test_what_names_say_in_several_languages(name: str, about: str) -> None:
    assert names.about(name) == about


def test_many_numbers_of_a_thing_that_count_or_have_one_length_are_codes_without_a_question() -> None:
    files = 25_000 + rng().permutation(400)
    for name, cells in (
        ("numero_expediente", files),
        ("municipality_code", 1_100_000 + 37 * rng().permutation(300)),
        ("NoControl", [*range(1, 101), *range(1, 91)]),
        ("Weapon Used Cd", range(101, 260, 2)),
    ):
        found = column(name, cells)
        assert (found.kind, found.question) == ("coded", ""), name


@pytest.mark.parametrize("name", ["fecha", "Datum", "Horodateur", "Data de nascimento", "tanggal lahir"])
def test_a_name_in_a_language_with_the_day_first_settles_dates_that_may_be_read_twice(name: str) -> None:
    cells = ["01/02/2024", "05/03/2024", "04/01/2024", "07/07/2024"]
    found = column(name, cells)
    assert (found.kind, found.form, found.question) == ("datetime", "%d/%m/%Y", "")
    assert "day first" in found.reason
    for english in ("date", "Data As Of"):
        assert "day first or month first" in column(english, cells).question


# --- what whole numbers say when their name says nothing -------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        range(1, 201),
        range(200),
        [i for i in range(1, 240) if i % 9],  # a few were deleted
        [*range(3, 160), 1, 2],
    ],
)
def test_numbers_that_count_the_rows_of_a_long_table_are_their_own(cells: Sequence[int]) -> None:
    assert column("redBroj", cells).role == "identifier"


def test_a_grid_a_count_that_grows_and_named_amounts_do_not_count_the_rows() -> None:
    growing = np.cumsum(rng().poisson(3, 200) + 1)
    for name, cells in (("ort", range(50, 250)), ("ort", growing), ("minute", range(200)), ("rank", range(1, 201))):
        found = column(name, cells)
        assert (found.kind, found.role, found.question) == ("number", "feature", ""), name


def test_numbers_that_count_again_and_again_are_asked_about() -> None:
    found = column("alumno", [*range(1, 101), *range(1, 91), *range(1, 96)])
    assert "codes of something" in found.question


def test_the_name_that_r_gives_to_row_numbers_is_none_of_an_amount() -> None:
    assert column("X", range(1, 101)).role == "identifier"
    assert column("x", range(1, 101)).kind == "number"


def test_sorted_numbers_with_gaps_that_stand_for_runs_of_rows_are_asked_about_and_a_series_is_not() -> None:
    ids = np.repeat(np.cumsum(rng().integers(1, 60, 100)), 5)
    assert "codes of something" in column("visita", ids).question
    assert column("reportid", ids).kind == "coded"
    assert column("visita", np.repeat(np.arange(0, 1000, 10), 5)).question == ""
    close = np.cumsum(rng().integers(1, 6, 100))  # of few different steps
    assert "codes of something" in column("nr", np.repeat(close, 8)).question
    assert column("nr", np.repeat(close, rng().integers(1, 9, 100))).question == ""


def test_long_numbers_of_one_length_are_codes_and_milliseconds_are_asked_about() -> None:
    firms = rng().choice([20, 20, 20, 10], 300) * 10**9 + rng().integers(1e8, 9e8, 300)
    found = column("RUC", [368552, *firms])
    assert (found.kind, found.question) == ("coded", "")
    assert "codes of something" in column("ort", 1_600_000_000_000 + rng().permutation(300) * 86_400_123).question


def test_a_smooth_trend_is_no_list_of_codes() -> None:
    at = np.arange(80)
    for trend in (410_000 - 3_000 * at + 17 * at**2, (150_000 * 1.01**at).round().astype(int)):
        found = column("inflow", trend)
        assert (found.kind, found.question) == ("number", "")


def test_seconds_since_1970_under_no_name_are_moments_where_the_rows_stand_in_their_order() -> None:
    at = 1_598_193_241 + np.cumsum(rng().integers(50, 70, 200))
    assert column("col_3", at).kind == "datetime"
    assert column("col_3", rng().permutation(at)).kind != "datetime"


def test_amounts_with_a_long_tail_are_not_taken_for_names_though_other_amounts_step_with_them() -> None:
    nights = [1] * 300 + [2] * 200 + [3] * 120 + [4] * 70 + [5] * 60 + [7] * 50 + [10] * 20 + [14] * 15 + [21] * 8
    nights += [30] * 30 + [60] * 6 + [90] * 5 + [120] * 3 + [180] * 2 + [365] * 2
    price = 100 + 25 * (np.asarray(nights) % 3) + rng().normal(0, 40, len(nights)).round()
    order = rng().permutation(len(nights))
    found, _ = columns(minimum_nights=np.asarray(nights)[order], price=price[order])
    assert (found.kind, found.question) == ("number", "")


def test_years_of_seasons_and_versions_are_years() -> None:
    found = column("BudgetBookVersion", [*range(1992, 2014)] * 9)
    assert (found.kind, found.question) == ("number", "")


# --- words, codes, choices -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        [f"DEA{i}{'BCD'[i % 3]}{j:03d}"[: 8 - 3 * (j % 2)] for i in range(9) for j in range(20, 30)],
        [f"us{7000 + i}q{'vwxz'[i % 4]}" for i in range(0, 300, 4)],
        [f"{1 + i // 30:02d}-{51 + i // 10 % 3}-{i % 10:02d}" for i in range(120)] * 8,
    ],
)
def test_words_of_letters_and_digits_in_one_case_are_codes(cells: list[str]) -> None:
    assert column("ort", cells).kind == "coded"


def test_words_in_mixed_case_or_without_digits_are_no_codes() -> None:
    formulas = [f"{a}{i}{b}O{j}" for a, b in (("Li", "V"), ("Na", "Mn")) for i in range(2, 8) for j in range(2, 8)]
    assert column("ort", [*formulas, *formulas[:9]]).kind == "text"
    assert column("ort", [f"{a}{b}TON" for a in "ABCDEFGHIJ" for b in "AEIOUY"]).kind != "coded"


def test_amounts_with_words_around_them_are_text_and_things_with_a_number_are_names() -> None:
    runs = [f"{1 + i % 130} {'runs' if i % 3 else 'wickets'}" for i in range(900)]
    prices = [f"${5 + i % 90}.50/{8 + 4 * (i % 2)} ounces" for i in range(900)]
    for cells in (runs, prices, [f"片长{90 + i % 80}分钟" for i in range(400)]):
        assert column("ort", cells).kind == "text"
    for cells in ([f"Room {i % 80}" for i in range(900)], [f"{60 + i % 60}th" for i in range(900)]):
        assert column("ort", cells).kind == "category"


def test_long_names_that_come_again_often_are_names() -> None:
    steps = [
        f"Step {i % 13} of the procedure, as the law has it in article {i % 10} of its first part."
        for i in range(2_000)
    ]
    assert column("procedure", steps).kind == "category"
    assert column("procedure", steps[:250]).kind == "text"
    assert column("page", [f"https://example.org/{step.replace(' ', '-')}" for step in steps]).kind == "text"


def test_choices_between_chinese_or_japanese_words_and_in_a_programs_list() -> None:
    kinds = ["剧情", "喜剧", "爱情", "战争", "科幻", "动作"]
    draw = rng()
    picked = [[kinds[j] for j in draw.permutation(6)[: 1 + i % 4]] for i in range(90)]
    for mark in (" ", "、"):
        found = column("genre", [mark.join(dict.fromkeys(each)) for each in picked])
        assert (found.kind, found.form) == ("multiple", mark)
    listed = [str(list(dict.fromkeys(each))) for each in picked]
    found = column("genre", listed)
    assert (found.kind, found.form) == ("multiple", ",")
    assert choices("['tea', 'milk']", ",") == ["tea", "milk"]
    assert column("name", ["山田 太郎", "佐藤 花子", "鈴木 一郎"] * 9).kind == "category"


@pytest.mark.parametrize(
    ("zone", "offset"), [("AST", "-0400"), ("NZDT", "+1300"), ("WIB", "+0700"), ("IST", "+0530"), ("TRT", "+0300")]
)
def test_times_with_a_zones_name_are_moments(zone: str, offset: str) -> None:
    cells = [f"2026/06/{21 + i % 8} {1 + i % 12}:19:3{i % 10} PM {zone}" for i in range(35)]
    found = column("Timestamp", cells)
    assert found.kind == "datetime"
    plain = moments.under(np.asarray([f"2026-06-21T13:19:30{offset}"], object), "%Y-%m-%dT%H:%M:%S%z")
    assert moments.under(np.asarray(cells[:1], object), found.form)[0] == plain[0]


@pytest.mark.parametrize(
    "pair", [("Var", "Yok"), ("есть", "нет"), ("あり", "なし"), ("예", "아니오"), ("ada", "tidak")]
)
def test_there_is_and_there_is_not_are_yes_and_no(pair: tuple[str, str]) -> None:
    assert column("servis", [pair[i % 3 == 0] for i in range(60)]).kind == "boolean"


def test_ids_with_a_few_of_two_words_are_codes() -> None:
    cells = [f"FR*SEO*PAB{i:05d}A" for i in range(300)] + [f"MLV {i}-B1-AP" for i in range(100, 112)]
    assert column("ID_station", cells).kind in ("coded", "text")
    assert column("ID_station", cells).role == "identifier"
    assert column("station", ["Main Street", "Low Road", "Hill", "Park Lane", "Old Town"] * 60).kind == "category"
