"""What a user may answer to the question that a column's cells leave open, and what each answer changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from core.datasets import nearly, perhaps_label
from core.datasets.moments import OR
from core.results import Column

DAY_OR_MONTH = re.compile("%[dm]")
SURE = ("%Y", "%d.")  # how a format begins that leaves no doubt of day and month
SENTINEL = re.compile(r"^Does (\S+) in ")


@dataclass(frozen=True)
class Answer:
    """An answer in words, and the change of the column (core.datasets.ingest.change_columns) that it stands for."""

    words: str
    change: dict[str, Any]


def answers(column: Column) -> tuple[Answer, ...]:
    """The answers to a column's question, the one that was assumed first; none where nothing is asked."""
    if not column.question:
        return ()
    if perhaps_label.is_asked(column):
        roles = {"label": "it says what is an anomaly", "feature": "it was measured", "ignored": "leave it out"}
        return tuple(
            Answer(roles[role], {"role": role}) for role in sorted(roles, key=lambda role: role != column.role)
        )
    if column.kind == "datetime":
        asked = next((each for each in column.form.split(OR) if not each.startswith(SURE)), column.form)
        first = "day" if asked.find("%d") < asked.find("%m") else "month"
        other = "month" if first == "day" else "day"
        return (
            Answer(f"the {first} comes first", {"form": column.form}),
            Answer(f"the {other} comes first", {"form": _turned(column.form)}),
        )
    if sentinel := SENTINEL.match(column.question):
        words = (*column.missing_words, sentinel[1])
        return (Answer("it is a value", {"kind": "number"}), Answer("it says missing", {"missing_words": words}))
    if column.kind == "number" and "for thousands" in column.question:
        said = (
            ("a decimal comma", "thousands") if "decimal comma" in column.question else ("thousands", "a decimal point")
        )
        comma, point = (Answer(words, {"form": form}) for words, form in zip(said, ("comma", "point"), strict=True))
        return (comma, point) if column.form == "comma" else (point, comma)
    if (nearly_that := _nearly(column)) is not None:
        return Answer("names" if column.kind == "category" else "text", {"kind": column.kind}), nearly_that
    amount, names = Answer("an amount", {"kind": "number"}), Answer("names of groups", {"kind": "category"})
    if column.kind == "number":
        return amount, names
    kept = names if column.kind == "category" else Answer(f"as assumed: {column.kind}", {"kind": column.kind})
    return kept, amount


def _nearly(column: Column) -> Answer | None:
    """The answer that takes a column of names for what it nearly is."""
    if column.question.startswith(nearly.DATES):
        return Answer("dates", {"kind": "datetime"})
    if column.question.startswith(nearly.NUMBERS):
        return Answer("numbers", {"kind": "number"})
    if column.question.startswith(nearly.CHOICES):
        return Answer("several choices", {"kind": "multiple", "form": nearly.mark(column.question)})
    return None


def _turned(form: str) -> str:
    """The format with day and month in each other's place; of two, not in one that leaves no doubt of them."""
    parts = form.split(OR)
    sure = [len(parts) > 1 and each.startswith(SURE) for each in parts]
    turned = (each if known else DAY_OR_MONTH.sub(_the_other, each) for each, known in zip(parts, sure, strict=True))
    return OR.join(turned)


def _the_other(part: re.Match[str]) -> str:
    return "%m" if part[0] == "%d" else "%d"
