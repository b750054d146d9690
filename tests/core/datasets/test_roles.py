"""Roles that are found: what says when, what says which row, what gives the answer away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.datasets.ingest import change_columns
from core.datasets.kinds import infer
from core.datasets.perhaps_label import among_strangest
from core.datasets.questions import answers
from core.results import Column
from core.storage.store import Store
from tests.conftest import add_csv

DAYS = [f"2024-01-{i + 1:02d}" for i in range(30)]


def role(name: str, values: list[str | None]) -> str:
    columns, _ = infer([(name, pa.chunked_array([pa.array(values, pa.string())]))])
    return columns[0].role


@pytest.mark.parametrize("days", [DAYS, DAYS[::-1], [None, *DAYS], sorted(DAYS + DAYS[:10])])
def test_moments_in_the_rows_order_are_the_time(days: list[str | None]) -> None:
    assert role("when", days) == "time"


@pytest.mark.parametrize("days", [DAYS[5:] + DAYS[:5], ["2024-01-01"] * 20 + ["2024-01-02"] * 10])
def test_other_moments_are_features(days: list[str | None]) -> None:
    assert role("delivered", days) == "feature"


@pytest.mark.parametrize("name", ["label", "Fault", "is_fraud", "defective", "ANOMALY"])
def test_a_column_that_is_named_like_the_answer_is_the_label(name: str) -> None:
    assert role(name, ["0", "1", "0"] * 10) == "label"


# --- what may be the label under another name -----------------------------------------------------------

RARE = ["1" if i % 20 == 7 else "0" for i in range(200)]


def understood(**columns: list[str]) -> dict[str, Column]:
    amounts = {"amount": [f"{i * 37 % 101}.5" for i in range(200)]}
    found, _ = infer((name, pa.chunked_array([pa.array(cells)])) for name, cells in {**amounts, **columns}.items())
    return {column.name: column for column in found}


@pytest.mark.parametrize(
    "name",
    ["fraud_flag", "isBad", "Outcome", "default payment next month", "y_true", "Pass/Fail", "Churned", "diagnosis"],
)
@pytest.mark.parametrize("values", [("0", "1"), ("1", "2"), ("no", "yes"), ("-1", "1"), ("good", "bad")])
def test_two_values_under_a_name_like_a_labels_are_no_feature_until_the_user_says_so(
    name: str, values: tuple[str, str]
) -> None:
    found = understood(**{name: [values[int(cell)] for cell in RARE]})[name]
    assert found.role == "label"
    assert found.question.startswith("Does it say what is an anomaly")
    assert found.kind in ("boolean", "category")
    assert [answer.change["role"] for answer in answers(found)] == ["label", "feature", "ignored"]


@pytest.mark.parametrize(
    "name", ["sex", "smoker", "married", "bad_weather", "fraud_count", "num_faults", "group", "flag"]
)
def test_a_plain_column_of_two_values_is_not_asked_about(name: str) -> None:
    found = understood(**{name: RARE})[name]
    assert (found.role, found.question) == ("feature", "")


def test_amounts_of_two_values_or_names_of_many_are_not_asked_about() -> None:
    rates = ["0.25" if cell == "1" else "0.75" for cell in RARE]
    found = understood(fraud_share=rates, outcome=["a", "b", "c", "d"] * 50)
    assert {column.role for column in found.values()} == {"feature"}
    assert not any(column.question for column in found.values())


def test_beside_a_label_or_among_many_such_names_nothing_is_asked() -> None:
    beside = understood(label=RARE[::-1], fraud_flag=RARE)
    assert (beside["label"].role, beside["fraud_flag"].role) == ("label", "feature")
    many = understood(**{f"fault_{part}": RARE for part in ("pump", "belt", "fan", "gear")})
    for found in (*beside.values(), *many.values()):
        assert not found.question
    several = understood(fraud_flag=RARE, is_bad=RARE[::-1])
    assert {name: column.role for name, column in several.items() if column.question} == {
        "fraud_flag": "ignored",
        "is_bad": "label",
    }


def test_answers_make_it_a_feature_and_a_label_that_is_named_settles_it(store: Store, tmp_path: Path) -> None:
    lines = "".join(
        f"{i * 7 % 31},{cell},{other}\n" for i, (cell, other) in enumerate(zip(RARE, RARE[::-1], strict=True))
    )
    text = f"amount,fraud_flag,paid_back\n{lines}"
    asked = add_csv(store, tmp_path, text)
    assert asked.label is not None
    assert asked.label.name == "fraud_flag"
    measured = change_columns(store, asked, {"fraud_flag": {"role": "feature"}})
    assert measured.label is None
    assert not measured.column("fraud_flag").question
    named = add_csv(store, tmp_path, text, label="paid_back")
    assert (named.column("fraud_flag").role, named.column("fraud_flag").question) == ("feature", "")
    confirmed = add_csv(store, tmp_path, text, label="fraud_flag")
    assert (confirmed.column("fraud_flag").role, confirmed.column("fraud_flag").question) == ("label", "")


def test_a_rare_value_that_nearly_all_of_the_strangest_rows_have_is_found() -> None:
    texts = np.asarray(RARE, object)
    scores = np.arange(200) / 1_000 + (texts == "1")
    assert among_strangest(texts, scores) == (10, 10)
    scores[np.flatnonzero(texts == "1")[0]] = 0.0
    assert among_strangest(texts, scores) == (9, 10)
    scores[np.flatnonzero(texts == "1")[:4]] = 0.0
    assert among_strangest(texts, scores) is None
    some = np.asarray(["yes" if i % 8 == 7 else "no" for i in range(200)], object)  # as of smokers
    assert among_strangest(some, 1.0 * (some == "yes")) is None
    assert among_strangest(np.asarray([*RARE[:-1], "2"], object), scores) is None
