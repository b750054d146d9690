"""Columns of names that are nearly numbers, dates or several choices: asked with what each answer changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from core.datasets import moments
from core.datasets.kinds import describe, infer
from core.datasets.parsing import parsed
from core.datasets.questions import answers
from core.results import Column


def understood(name: str, cells: Sequence[str], times: int = 3) -> Column:
    (column,), _ = infer([(name, pa.chunked_array([pa.array(list(cells) * times, pa.string())]))])
    return column


def answered(column: Column, words: str, cells: Sequence[str]) -> Column:
    (change,) = [answer.change for answer in answers(column) if answer.words == words]
    return describe(replace(column, **change), np.asarray(cells, object))[0]


PLACES = [*map(str, range(1, 21)), "NC", "DQ"]
DATES = [*(f"2024-03-{day:02d}" for day in range(1, 15)), "2024-XX-XX", "March 2024 or so", "2023-XX-XX"]
CHOICES = [
    "no, never",
    "signs",
    "lights, signs",
    "signs, lights, more police, or cameras",
    "lights, my own idea",
    "lights",
]


def test_numbers_with_some_names_are_asked() -> None:
    column = understood("Position", PLACES)
    assert (column.kind, column.question[:21]) == ("category", "Most cells are number")
    assert "“NC”" in column.question
    assert [answer.words for answer in answers(column)] == ["names", "numbers"]
    assert answered(column, "names", PLACES).kind == "category"
    number = answered(column, "numbers", PLACES)
    assert (number.kind, number.question) == ("number", "")


def test_dates_with_unknown_parts_are_asked() -> None:
    column = understood("date", DATES)
    assert column.question.startswith("Most cells are dates or times, such as “2024-03-01”, but not “2024-XX-XX”")
    assert (answered(column, "dates", DATES).kind, answered(column, "dates", DATES).form) == ("datetime", "%Y-%m-%d")


def test_what_may_be_several_choices_is_asked() -> None:
    column = understood("What would help?", CHOICES)
    assert column.question == "Do cells hold several choices, with “,” between them, or each cell one name?"
    several = answered(column, "several choices", CHOICES)
    assert (several.kind, several.form) == ("multiple", ",")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("team id", [*map(str, range(1, 21)), "A1", "B2"]),
        ("town", ["Lund, Sweden", "Paris, France", "Rouen, France", "Malmö, Sweden", "Lyon, France"]),
        ("note", [f"on day {day} all was well" for day in range(20)]),
        ("floor", ["1", "2", "attic", "cellar", "3"]),
        ("video", ["0681.mp4", "1044.mp4", "1422.mp4", "12.mp4", "7.mp4"]),
        ("antenna", ["DSS-14", "DSS-43", "DSS-26", "DSS-34", "DSS-54"]),
    ],
)
def test_names_are_not_asked_about(name: str, cells: list[str]) -> None:
    assert understood(name, cells).question == ""


@pytest.mark.parametrize("word", ["unknown", "UNKNOWN", "n.d.", "unbekannt", "desconocido"])
def test_a_word_for_unknown_is_missing_among_numbers_and_dates_and_a_name_among_names(word: str) -> None:
    number = understood("height", ["1.5", "2.25", "3.5", "7.75", word])
    assert (number.kind, number.question, number.missing_words) == ("number", "", (word,))
    date = understood("opened", ["1977-03-28", "1962-04-02", "2001-01-30", word])
    assert (date.kind, date.missing_words) == ("datetime", (word,))
    assert understood("answer", ["yes", "no", word]).kind == "category"
    assert understood("colour", ["red", "green", word]).kind == "category"


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("So. 20.08.2000", "2000-08-20"),
        ("mié 1/12/2021", "2021-12-01"),
        ("Mittwoch, 5. Januar 2022", "2022-01-05"),
        ("Sam 12 mai 2020", "2020-05-12"),
        ("Thu 12/31/2020 14:30", "2020-12-31T14:30"),
        ("Wed Jan 01 2020 01:00:00 GMT+0100 (Central European Standard Time)", "2020-01-01T00:00"),
        ("Wed Oct 10 20:19:24 +0000 2018", "2018-10-10T20:19:24"),
        ("Fri Mar 03 12:00:00 2023", "2023-03-03T12:00"),
        ("2018/02/13 1:03:41 am GMT-5", "2018-02-13T06:03:41"),
        ("2018/02/13 11:03:41 UTC+05:30", "2018-02-13T05:33:41"),
        ("April 2, 2026 8:00 (GMT+2)", "2026-04-02T06:00"),
        ("23/01/2021-13:02:55", "2021-01-23T13:02:55"),
        ("2026/05/08 4:48:22 p.\u202fm. EEST", "2026-05-08T13:48:22"),
        ("5 listopada 2023 r.", "2023-11-05"),
        ("12 января 2024 г.", "2024-01-12"),
        ("05-dic-2023", "2023-12-05"),
        ("3 févr. 2020", "2020-02-03"),
        ("25/04/2023 - 18:11", "2023-04-25T18:11"),
        ("2018/04/09 2:30:02 PM MDT", "2018-04-09T20:30:02"),
        ("10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36"),
        ("2018/10/31 3:50:46 ÖS GMT+3", "2018-10-31T12:50:46"),
        ("2018/10/31 3:50:46 ÖÖ GMT+3", "2018-10-31T00:50:46"),
        ("2018/10/31 下午3:50:46 GMT+8", "2018-10-31T07:50:46"),
        ("2018/10/31 오전 3:50:46", "2018-10-31T03:50:46"),
        ("11:49:31 07/24/26", "2026-07-24T11:49:31"),
        ("5 NİSAN 2021", "2021-04-05"),
        ("2020-04-29  22:33:33", "2020-04-29T22:33:33"),
        ("Apr  3, 2020", "2020-04-03"),
        ("Jan  3 2020  1:20AM", "2020-01-03T01:20"),
    ],
)
def test_the_day_of_the_week_and_a_zones_name_are_left_out(cell: str, seconds: str) -> None:
    cells = np.asarray([cell], object)
    (form, *_) = moments.readings(cells)
    assert moments.under(cells, form)[0] == np.datetime64(seconds, "s").astype(float)


@pytest.mark.parametrize("cell", ["Sun Valley 2020", "FEN LİS 3", "mar 5", "Do 12", "so 3 of them", "Me, 2020-13-45"])
def test_a_word_in_front_of_what_is_no_date_stays(cell: str) -> None:
    assert moments.readings(np.asarray([cell], object)) == ()


@pytest.mark.parametrize(
    "pair",
    [
        ("tak", "nie"),
        ("Ano", "Ne"),
        ("igen", "nem"),
        ("Kyllä", "Ei"),
        ("はい", "いいえ"),
        ("True", "0"),
        ("EVET", "HAYIR"),
    ],
)
def test_yes_and_no_in_other_languages(pair: tuple[str, str]) -> None:
    column = understood("answer", pair)
    assert column.kind == "boolean"
    values = parsed(column, np.asarray(pair, object))
    assert values is not None
    assert values.tolist() == [1.0, 0.0]


def test_versions_are_names_and_a_race_time_is_no_time_of_the_rows() -> None:
    assert understood("ver", ["1.1", "1.10", "1.2", "1.20"]).kind == "category"
    times = [f"1:{minute:02d}:14" for minute in range(30)]
    column = understood("Time", [*times, "DNF", "DQ"], times=1)
    assert (column.kind, column.role) == ("datetime", "feature")
    assert understood("Time", times, times=1).role == "time"
