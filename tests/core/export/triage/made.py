"""A run with scores without a training, its triage as a workbook, and what people do to that."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl

from core.access import Principal
from core.export.triage.rows import KEY, Asked
from core.export.triage.workbook import triage_xlsx
from core.results import Dataset, Judgement, Run
from core.specs import RunSpec
from core.storage.store import Store
from core.storage.verdicts import Said
from core.triage.judged import judged
from tests.conftest import add_csv

ROWS = 16
Sheet = Any


def table(names: tuple[str, ...] = ("id", "city", "amount"), rows: int = ROWS) -> str:
    lines = [",".join(names)]
    lines += [",".join([f"K{i:03d}", "ABC"[i % 3], *(str(i * 7 % 50) for _ in names[2:])]) for i in range(rows)]
    return "\n".join(lines) + "\n"


def finished(store: Store, folder: Path, text: str = "", columns: tuple[str, ...] = ("city", "amount")) -> Run:
    """Row i has the score i, four fifths of it from the last column; all rows are flagged."""
    dataset = add_csv(store, folder, text or table())
    run = store.runs.submit(dataset.id, RunSpec(), name="a run")
    values = np.arange(dataset.rows, dtype=np.float64)
    parts = np.r_[np.full(len(columns) - 1, 0.2 / max(1, len(columns) - 1)), 0.8]
    addresses = {
        "scores": store.artifacts.put_array(store.space, values),
        "column_errors": store.artifacts.put_array(store.space, (values[:, None] * parts).astype(np.float32)),
        "splits": store.artifacts.put_array(store.space, np.zeros(dataset.rows, np.uint8)),
    }
    store.runs.change(run.id, artifacts=addresses, summary={"columns": list(columns)})
    store.thresholds.new(run.id, "count", {"rows": dataset.rows}, 0.0, dataset.rows)
    return store.runs.get(run.id)


def asked(store: Store, run: Run, rows: list[int] | None = None) -> Asked:
    dataset, scores, threshold = (
        store.datasets.get(run.dataset_id),
        store.runs.scores(run),
        store.thresholds.current(run.id),
    )
    assert threshold is not None
    said = store.verdicts.of_lineage(dataset.lineage_id)
    stands = judged(said, scores.row_keys, store.datasets.row_contents(dataset))
    order = np.asarray(rows, np.int64) if rows is not None else np.argsort(-scores.values, kind="stable")
    return Asked(run, dataset, scores, threshold, order, stands)


def by(store: Store, author: str) -> Store:
    return Store(store.settings, store.engine, Principal(store.space, author))


def say(store: Store, dataset: Dataset, row: int, verdict: Judgement, note: str = "", **more: Any) -> None:
    key, content = (of(dataset)[row] for of in (store.datasets.row_keys, store.datasets.row_contents))
    store.verdicts.add(dataset.lineage_id, dataset.id, [Said(str(key), str(content), verdict, note, **more)])


def exported(store: Store, run: Run) -> bytes:
    return triage_xlsx(store, asked(store, run))


def edited(data: bytes, change: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def column(sheet: Sheet, name: str) -> int:
    """Where a column stands, from 1."""
    return 1 + [cell.value for cell in sheet[1]].index(name)


def filled(data: bytes, words: dict[int, dict[str, str | None]]) -> bytes:
    """The workbook with these words, by row of the dataset and column."""

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Triage"]
        places = {cells[0].value - 1: cells[0].row for cells in sheet.iter_rows(min_row=2)}
        for row, said in words.items():
            for name, word in said.items():
                sheet.cell(places[row], column(sheet, name)).value = word

    return edited(data, change)


def line_of(data: bytes, row: int) -> int:
    """The row of the sheet in which a row of the dataset stands."""
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Triage"]
    return next(cells[0].row for cells in sheet.iter_rows(min_row=2) if cells[0].value == row + 1)


def without(*names: str) -> Callable[[openpyxl.Workbook], None]:
    """Somebody deletes columns."""

    def change(book: openpyxl.Workbook) -> None:
        for name in names:
            book["Triage"].delete_cols(column(book["Triage"], name))

    return change


def with_key(book: openpyxl.Workbook, line: int, key: str | None) -> None:
    book["Triage"].cell(line, column(book["Triage"], KEY)).value = key
