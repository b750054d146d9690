"""Rows keep their keys however their file is written, and whatever columns come and go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets.canonical import canonical
from core.datasets.keys import with_ordinals
from core.results import Column, Dataset
from core.storage.datasets import KEY_COLUMNS
from core.storage.store import Store
from tests.conftest import add_csv

ROWS = 300


def records(rows: int = ROWS, seed: int = 0) -> list[dict[str, str]]:
    """Rows of each kind of column, without an identifier."""
    draw = np.random.default_rng(seed)
    return [
        {
            "pieces": str(draw.integers(1, 900)),
            "height": f"{draw.normal(170, 9):.2f}",
            "weight": f"{draw.normal(70, 9):.2f}",
            "paid": draw.choice(["yes", "no"]),
            "day": f"2024-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}",
            "mark": f"{draw.integers(0, 90_000):05d}",
            "site": draw.choice(["Aachen", "Bonn", "Celle"]),
        }
        for _ in range(rows)
    ]


def text(rows: list[dict[str, str]], mark: str = ",") -> str:
    return "\n".join([mark.join(rows[0]), *(mark.join(row.values()) for row in rows)]) + "\n"


def shuffled(rows: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[int]]:
    order = np.random.default_rng(9).permutation(len(rows)).tolist()
    return [rows[i] for i in order], order


def as_old(store: Store, dataset: Dataset, identifier: str = "") -> Dataset:
    """The dataset as it was stored while keys were made of the text of cells."""
    cells = store.datasets.cells(dataset).to_pylist()
    parts = [
        "".join(f"{len((cell or '').encode())}:{cell or ''}:" for cell in row.values()).removesuffix(":")
        for row in cells
    ]
    hashes = [hashlib.blake2b(part.encode(), digest_size=8).hexdigest() for part in parts]
    keys = [row[identifier] for row in cells] if identifier else with_ordinals(hashes).tolist()
    rows = pa.table({"row_key": keys, "content": hashes, "line": list(range(2, len(keys) + 2))})
    made_of = json.dumps([column.name for column in dataset.columns]).encode()
    address = store.artifacts.put_table(store.space, rows.replace_schema_metadata({KEY_COLUMNS: made_of}))
    store.datasets.change(dataset.id, rows_address=address)
    return store.datasets.get(dataset.id)


def as_it_is(store: Store, dataset: Dataset) -> Dataset:
    return dataset


def known(store: Store, first: Dataset, later: Dataset, order: list[int]) -> tuple[int, int]:
    """Of how many rows of the later file key and content are those of the row of the first that they are, in this order."""
    assert later.lineage_id == first.lineage_id
    assert len(set(store.datasets.row_keys(later))) == later.rows
    same = [
        int((read(later)[: len(order)] == read(first)[order]).sum())
        for read in (store.datasets.row_keys, store.datasets.row_contents)
    ]
    return same[0], same[1]


WRITTEN_OTHERWISE: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "a point more": lambda row: {**row, "pieces": row["pieces"] + ".0"},
    "a zero more": lambda row: {**row, "height": row["height"] + "0"},
    "exponents": lambda row: {**row, "weight": f"{float(row['weight']):.8e}"},
    "thousands": lambda row: {**row, "height": f"{float(row['height']) * 1:,.3f}"},
    "days": lambda row: {**row, "day": ".".join(reversed(row["day"].split("-")))},
    "moments": lambda row: {**row, "day": row["day"] + " 00:00:00"},
    "words": lambda row: {**row, "paid": {"yes": "true", "no": "false"}[row["paid"]]},
}


@pytest.mark.parametrize("stored", [as_it_is, as_old])
@pytest.mark.parametrize("how", WRITTEN_OTHERWISE)
def test_another_way_of_writing_changes_no_row(
    store: Store, tmp_path: Path, how: str, stored: Callable[[Store, Dataset], Dataset]
) -> None:
    rows = records()
    first = stored(store, add_csv(store, tmp_path, text(rows)))
    other, order = shuffled(rows)
    again = add_csv(store, tmp_path, text([WRITTEN_OTHERWISE[how](row) for row in other]), name="again.csv")
    assert known(store, first, again, order) == (ROWS, ROWS)


def test_a_decimal_comma_changes_no_row(store: Store, tmp_path: Path) -> None:
    rows = records()
    first = add_csv(store, tmp_path, text(rows))
    comma = [
        {**row, "height": row["height"].replace(".", ","), "weight": row["weight"].replace(".", ",")} for row in rows
    ]
    again = add_csv(store, tmp_path, text(comma, ";"), name="again.csv")
    assert known(store, first, again, list(range(ROWS))) == (ROWS, ROWS)


def test_a_cell_that_is_another_number_changes_its_row(store: Store, tmp_path: Path) -> None:
    rows = [{"patient": f"P{i:04d}", **row} for i, row in enumerate(records())]
    first = add_csv(store, tmp_path, text(rows))
    otherwise = [{**row, "pieces": row["pieces"] + ".0"} for row in rows]
    otherwise[7]["pieces"] = "901.5"
    again = add_csv(store, tmp_path, text(otherwise), name="again.csv")
    assert known(store, first, again, list(range(ROWS))) == (ROWS, ROWS - 1)


def test_a_few_rows_of_a_file_are_read_under_the_kinds_that_the_whole_had(store: Store, tmp_path: Path) -> None:
    rows = records()
    first = add_csv(store, tmp_path, text(rows))
    places = [i for i, row in enumerate(rows) if row["mark"][0] != "0" and row["paid"] == "yes"][:4]
    few = [{**rows[i], "pieces": rows[i]["pieces"] + ".0"} for i in places]
    again = add_csv(store, tmp_path, text(few), name="few.csv")
    assert (first.column("mark").kind, again.column("mark").kind) == ("coded", "number")
    assert (first.column("paid").kind, again.column("paid").kind) == ("boolean", "constant")
    assert known(store, first, again, places) == (4, 4)


def test_codes_and_long_numbers_stay_apart(store: Store, tmp_path: Path) -> None:
    lines = ["code,long,height"]
    lines += [f"{code},1234567890123456789{long},170.5" for code in ("00501", "501") for long in range(10)]
    keys = store.datasets.row_keys(add_csv(store, tmp_path, "\n".join(lines) + "\n"))
    assert len(set(keys)) == len({key.split("-")[0] for key in keys}) == 20


@pytest.mark.parametrize("stored", [as_it_is, as_old])
def test_a_column_that_numbers_the_rows_displaces_no_key(
    store: Store, tmp_path: Path, stored: Callable[[Store, Dataset], Dataset]
) -> None:
    rows = records()
    first = stored(store, add_csv(store, tmp_path, text(rows)))
    other, order = shuffled(rows)
    numbered = [{"id": f"R{i:05d}", **row} for i, row in enumerate(other + records(30, seed=5))]
    again = add_csv(store, tmp_path, text(numbered), name="numbered.csv")
    assert again.column("id").role == "identifier"
    assert known(store, first, again, order) == (ROWS, ROWS)


@pytest.mark.parametrize("stored", [as_it_is, as_old])
def test_files_after_it_know_the_rows_too_also_when_the_first_is_gone(
    store: Store, tmp_path: Path, stored: Callable[[Store, Dataset], Dataset]
) -> None:
    rows = records()
    first = stored(store, add_csv(store, tmp_path, text(rows)))
    keys = store.datasets.row_keys(first).tolist()
    otherwise = [WRITTEN_OTHERWISE["a zero more"](row) for row in rows]
    second = add_csv(store, tmp_path, text(otherwise + records(40, seed=3)), name="second.csv")
    store.datasets.delete(first.id)
    third = add_csv(store, tmp_path, text(records(40, seed=3) + rows), name="third.csv")
    found = store.datasets.row_keys(third).tolist()
    assert found == store.datasets.row_keys(second).tolist()[ROWS:] + keys


@pytest.mark.parametrize("stored", [as_it_is, lambda store, dataset: as_old(store, dataset, "patient")])
def test_rows_that_are_named_keep_their_names(
    store: Store, tmp_path: Path, stored: Callable[[Store, Dataset], Dataset]
) -> None:
    rows = [{"patient": f"P{i:04d}", **row} for i, row in enumerate(records())]
    first = stored(store, add_csv(store, tmp_path, text(rows)))
    otherwise = [WRITTEN_OTHERWISE["a point more"](WRITTEN_OTHERWISE["a zero more"](row)) for row in rows]
    again = add_csv(store, tmp_path, text(otherwise), name="again.csv")
    assert known(store, first, again, list(range(ROWS))) == (ROWS, ROWS)
    assert store.datasets.row_keys(again)[3] == "P0003"


@pytest.mark.parametrize("stored", [as_it_is, as_old])
def test_a_column_less_leaves_the_rows_known_that_the_others_tell_apart(
    store: Store, tmp_path: Path, stored: Callable[[Store, Dataset], Dataset]
) -> None:
    rows = records()
    twins = {**rows[0], "site": "Celle" if rows[0]["site"] == "Bonn" else "Bonn"}  # another row only by its site
    first = stored(store, add_csv(store, tmp_path, text([*rows, twins])))
    other, order = shuffled(rows)
    less = [{name: cell for name, cell in row.items() if name != "site"} for row in other]
    again = add_csv(store, tmp_path, text(less), name="less.csv")
    assert known(store, first, again, order) == (ROWS - 1, ROWS - 1)
    assert store.datasets.row_keys(again)[order.index(0)] not in store.datasets.row_keys(first)
    third = add_csv(store, tmp_path, text([*rows, twins]), name="third.csv")  # it is back, and tells these two apart
    assert known(store, first, third, list(range(ROWS + 1))) == (ROWS + 1, ROWS + 1)


def test_a_column_less_that_leaves_most_rows_alike_makes_other_rows(store: Store, tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    rows = [
        {"height": f"{draw.normal(170, 9):.4f}", "paid": draw.choice(["yes", "no"]), "site": draw.choice(["A", "B"])}
        for _ in range(ROWS)
    ]
    first = add_csv(store, tmp_path, text(rows))
    less = add_csv(
        store, tmp_path, text([{name: row[name] for name in ("paid", "site")} for row in rows]), name="less.csv"
    )
    assert less.lineage_id != first.lineage_id


@pytest.mark.parametrize("stored", [as_it_is, lambda store, dataset: as_old(store, dataset, "id")])
@pytest.mark.parametrize("letter", ["P", ""])
@pytest.mark.parametrize("name", ["patient_id", "who"])
def test_an_identifier_by_another_name_changes_no_row(
    store: Store, tmp_path: Path, name: str, letter: str, stored: Callable[[Store, Dataset], Dataset]
) -> None:
    rows = [{"id": f"{letter}{4711 + 3 * i}", **row} for i, row in enumerate(records())]
    first = stored(store, add_csv(store, tmp_path, text(rows)))
    again = add_csv(store, tmp_path, text(rows).replace("id,", f"{name},", 1), name="again.csv")
    assert known(store, first, again, list(range(ROWS))) == (ROWS, ROWS)


POINT = Column("x", "number", "feature", "", form="point")


def said(column: Column, *cells: str | None) -> list[str | None]:
    out: list[str | None] = canonical(pa.array(cells, pa.string()), column).to_pylist()
    return out


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**25), max_value=10**25, places=6))
def test_a_number_says_the_same_however_it_is_written(number: object) -> None:
    text = f"{number:f}"
    ways = [text, text + "000", f"{number:e}", f"{number:,f}", f" {text} ", text if text[0] == "-" else f"+{text}"]
    assert len(set(said(POINT, *ways))) == 1


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30), unique=True))
def test_different_numbers_say_different_things(numbers: list[object]) -> None:
    found = said(POINT, *(f"{number:f}" for number in numbers))
    assert len(set(found)) == len(numbers)


def test_what_is_read_and_what_is_left() -> None:
    assert said(POINT, "1e3", "1,000.0", "1000", "-0.0", "0", "<5", "5", "n/a", None) == [
        *("1000", "1000", "1000", "0", "0", "<5", "5", "n/a", None)
    ]
    comma = Column("x", "number", "feature", "", form="comma")
    assert said(comma, "1.234", "1234,0", "0,50", "0,5") == ["1234", "1234", "0.5", "0.5"]
    euros = Column("x", "number", "feature", "", form="point", unit="€", missing_words=("n/a",))
    assert said(euros, "€5.10", "5.1", "n/a") == ["5.1", "5.1", None]
    length = Column("x", "number", "feature", "", form="duration", unit="s")
    assert said(length, "0:01:30", "00:01:30.0") == ["90", "90"]
    codes = Column("x", "coded", "feature", "")
    assert said(codes, "00501", "501", "1e3") == ["00501", "501", "1e3"]
    moments = Column("x", "datetime", "feature", "", form="%Y-%m-%d %H:%M:%S.%f")
    one, other = said(moments, "2024-01-31 10:00:00.1234567", "2024-01-31 10:00:00.1234568")
    assert one != other
    yes = Column("x", "boolean", "feature", "")
    assert said(yes, "yes", "1", "TRUE", "no", "0", "maybe") == ["1", "1", "1", "0", "0", "maybe"]


def test_a_few_lines_that_stand_twice_lose_nobody_his_row(store: Store, tmp_path: Path) -> None:
    named = [{"part": f"P{i:05d}", **row} for i, row in enumerate(records())]
    first = add_csv(store, tmp_path, text(named), name="first.csv")
    rows, order = shuffled(named)
    changed = [{**row, "height": "1.00"} if i % 10 == 0 else row for i, row in enumerate(rows)]
    later = add_csv(store, tmp_path, text([*changed, *changed[3:8]]), name="later.csv")
    assert later.lineage_id == first.lineage_id
    keys = store.datasets.row_keys(later)
    assert len(set(keys)) == later.rows == ROWS + 5
    assert keys[:ROWS].tolist() == store.datasets.row_keys(first)[order].tolist()
    same = store.datasets.row_contents(later)[:ROWS] == store.datasets.row_contents(first)[order]
    assert same.tolist() == [i % 10 != 0 for i in range(ROWS)]
    after = add_csv(store, tmp_path, text(named), name="after.csv")  # and the next file knows them too
    assert store.datasets.row_keys(after).tolist() == store.datasets.row_keys(first).tolist()
    half = [{**row, "part": f"P{i // 2:05d}"} for i, row in enumerate(rows)]
    names_nobody = add_csv(store, tmp_path, text(half), name="half.csv")
    assert len(set(store.datasets.row_keys(names_nobody))) == ROWS
