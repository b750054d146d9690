"""Which files hold the same rows over time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.datasets.ingest import ingest
from core.datasets.since import CHANGED, NEW, SAME, since
from core.results import Dataset
from core.specs import ReadOptions
from core.storage.store import Store
from tests.conftest import add_csv


def table(rows: int, seed: int = 0, name: str = "", extra: str = "", order: tuple[int, ...] = (0, 1, 2)) -> str:
    """Three columns of chance, and where `name` says so an identifier that counts from 1."""
    generator = np.random.default_rng(seed)
    header = np.array(["height", "weight", "site"])[list(order)].tolist()
    lines = [",".join([*([name] if name else []), *header, *([extra] if extra else [])])]
    for i in range(rows):
        cells = [f"{generator.normal(170, 9):.3f}", f"{generator.normal(70, 9):.3f}", "ABC"[generator.integers(3)]]
        line = [cells[place] for place in order]
        lines.append(",".join([*([f"P{i + 1:04d}"] if name else []), *line, *([str(i)] if extra else [])]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["", "patient"])
class TestTheSameRows:
    def test_added_rows_and_any_order(self, store: Store, tmp_path: Path, name: str) -> None:
        first = add_csv(store, tmp_path, table(200, name=name))
        header, *lines = table(260, name=name).splitlines()
        later = add_csv(store, tmp_path, "\n".join([header, *reversed(lines)]), name="other name.csv")
        assert first.lineage_id == first.id
        assert later.lineage_id == first.id
        shared(store, first, later, 200)
        assert [each.id for each in store.datasets.lineage(first.id)] == [first.id, later.id]

    def test_a_column_more_and_columns_in_another_order(self, store: Store, tmp_path: Path, name: str) -> None:
        first = add_csv(store, tmp_path, table(200, name=name))
        wider = add_csv(store, tmp_path, table(220, name=name, extra="visits", order=(2, 0, 1)))
        assert wider.lineage_id == first.id
        assert set(store.datasets.row_contents(first)) <= set(store.datasets.row_contents(wider))  # no row changed
        shared(store, first, wider, 200)
        again = add_csv(store, tmp_path, table(230, name=name, extra="visits", order=(1, 0, 2)))
        shared(store, first, again, 200)

    def test_other_rows_with_the_same_columns_are_others(self, store: Store, tmp_path: Path, name: str) -> None:
        first = add_csv(store, tmp_path, table(200, name=name))
        other = add_csv(store, tmp_path, table(200, seed=1, name=name))
        assert other.lineage_id == other.id != first.id

    def test_versions_of_a_dataset_stay_together(self, store: Store, tmp_path: Path, name: str) -> None:
        first = add_csv(store, tmp_path, table(50, name=name))
        path = tmp_path / "again.csv"
        path.write_text(table(50, name=name))
        again = ingest(store, path, "again.csv", options=ReadOptions(delimiter=";"), parent=first)
        assert again.lineage_id == first.id


def test_changed_cells_do_not_make_another_row_of_one_that_is_named(store: Store, tmp_path: Path) -> None:
    first = add_csv(store, tmp_path, table(200, name="patient"))
    header, *lines = table(200, name="patient").splitlines()
    changed = [line.replace(",A", ",B") if i % 3 == 0 else line for i, line in enumerate(lines)]
    later = add_csv(store, tmp_path, "\n".join([header, *changed]))
    assert later.lineage_id == first.id
    assert 0 < (store.datasets.row_contents(first) != store.datasets.row_contents(later)).sum() < 200


def test_a_table_of_two_columns_that_counts_from_one_is_not_any_other_that_does(store: Store, tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    first, other = (
        "id,answer\n" + "\n".join(f"K{i:03d},{'yes' if generator.random() < 0.5 else 'no'}" for i in range(300))
        for _ in range(2)
    )
    ours = add_csv(store, tmp_path, first)
    assert "K000" in store.datasets.row_keys(ours)
    theirs = add_csv(store, tmp_path, other)
    assert theirs.lineage_id == theirs.id


def shared(store: Store, first: Dataset, later: Dataset, rows: int) -> None:
    both = set(store.datasets.row_keys(first)) & set(store.datasets.row_keys(later))
    assert len(both) == rows


def without(text: str, column: str) -> str:
    """The same table without a column."""
    lines = [line.split(",") for line in text.splitlines()]
    place = lines[0].index(column)
    return "\n".join(",".join(cells[:place] + cells[place + 1 :]) for cells in lines) + "\n"


def test_a_column_less_changes_no_row_and_neither_does_its_return(store: Store, tmp_path: Path) -> None:
    text = table(200, name="patient", extra="visits")
    first = add_csv(store, tmp_path, text)
    less = without(text, "visits").replace("P0003,", "P0003,9", 1)  # one row is another
    second = add_csv(store, tmp_path, less, name="second.csv")
    third = add_csv(store, tmp_path, text, name="third.csv")
    assert first.lineage_id == second.lineage_id == third.lineage_id
    contents = [store.datasets.row_contents(each) for each in (first, second, third)]
    assert np.flatnonzero(contents[0] != contents[1]).tolist() == [2]
    assert np.flatnonzero(contents[1] != contents[2]).tolist() == [2]
    fourth = add_csv(store, tmp_path, less, name="fourth.csv")
    assert store.datasets.row_contents(fourth).tolist() == contents[1].tolist()
    other = since(store, second, first)
    assert (other.missing, other.more) == (("visits",), ())
    assert other.rows(CHANGED).tolist() == [2]
    assert len(other.rows(SAME)) == 199
    assert since(store, third, second).more == ("visits",)


def test_a_column_that_comes_back_with_another_cell_changes_its_row(store: Store, tmp_path: Path) -> None:
    text = table(200, name="patient", extra="visits")
    first = add_csv(store, tmp_path, text)
    add_csv(store, tmp_path, without(text, "visits"), name="second.csv")
    header, *lines = text.splitlines()
    lines[7] += "5"  # more visits
    third = add_csv(store, tmp_path, "\n".join([header, *lines]), name="third.csv")
    assert third.lineage_id == first.lineage_id
    changed = store.datasets.row_contents(third) != store.datasets.row_contents(first)
    assert np.flatnonzero(changed).tolist() == [7]


def test_a_file_beside_the_one_before_it(store: Store, tmp_path: Path) -> None:
    header, *lines = table(200, name="patient").splitlines()
    first = add_csv(store, tmp_path, "\n".join([header, *lines]))
    changed = [line.replace(",A", ",B") for line in lines[20:60]]
    later = [*changed, *lines[60:], *(line.replace("P", "N") for line in lines[:30])]
    moved = "\n".join(",".join(reversed(line.split(","))) for line in [header, *later])  # columns the other way round
    second = add_csv(store, tmp_path, moved, name="second.csv")
    found = since(store, second, first)
    assert found.gone.tolist() == list(range(20))
    assert len(found.rows(NEW)) == 30
    assert len(found.rows(CHANGED)) == sum(",A" in line for line in lines[20:60])
    assert (found.missing, found.more) == ((), ())
    other = add_csv(store, tmp_path, table(50, seed=4, name="patient"), name="another plant.csv")
    assert len(since(store, other, first).rows(NEW)) == 50  # P0001 there is another one here
