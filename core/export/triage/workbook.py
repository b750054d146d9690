"""Triage as an Excel workbook that people decide in, and that comes back with their verdicts.

Every word is written as text, so that no spreadsheet makes a number, a date or a formula of it; numbers are numbers where they
are nothing else (figures.py).
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from core.errors import InputRefused
from core.export.csv import AT_ONCE, Tell, nobody, so_far
from core.export.triage.cells import MADE, MOST_COLUMNS, MOST_ROWS, TITLE, escaped, written
from core.export.triage.figures import MOST_DIGITS, figures
from core.export.triage.rows import BEFORE, BEHIND, Asked, causes, ours
from core.results import JUDGEMENTS
from core.storage.store import Store
from core.triage.sentence import CAUTION
from core.words import count

FLAGGED = PatternFill("solid", fgColor="F8DFB0")  # #E69F00, light enough to read on
HEADER = PatternFill("solid", fgColor="E8ECF1")
WIDTHS = {"row": 8, "verdict": 12, "note": 40, "tags": 18, "assignee": 16, "by": 14, "when": 21, "reasons": 36}
WRITTEN = 0.85  # of the time that a workbook takes, until it is packed
USUAL, WIDEST, LOOKED_AT = 12, 40, 100
IDS = ("run id", "dataset", "dataset id", "lineage id", "scorer", "threshold")


def triage_xlsx(store: Store, asked: Asked, tell: Tell = nobody) -> bytes:
    """A workbook: the rows, and what is to be known about them. tell: as core.jobs.work.Work.tell.

    Raises InputRefused for more rows or columns than a sheet holds.
    """
    header = asked.header
    for number, most, what in ((len(asked.rows) + 1, MOST_ROWS, "row"), (len(header), MOST_COLUMNS, "column")):
        if number > most:
            raise InputRefused(
                f"an Excel sheet holds {count(most, what)}, this would have {number:,}",
                where=asked.run.name,
                fix="export CSV or Parquet, or fewer rows",
            )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Triage")
    found = ours(store, asked)
    cells = store.datasets.some_rows(asked.dataset, asked.rows, asked.source)
    _dress(sheet, asked, cells)
    made: Counter[str] = Counter()
    sheet.append([_styled(sheet, written(name, made), HEADER) for name in header])
    first = len(BEFORE)
    places = {name: first + i for i, name in enumerate(asked.source)}
    before = zip(*(found[name] for name in BEFORE), strict=True)
    behind = zip(*(found[name] for name in BEHIND), strict=True)
    each = zip(before, _source(asked, cells), behind, causes(asked), strict=True)
    for done, (left, source, right, why) in enumerate(each):
        if done % AT_ONCE == 0:
            tell(WRITTEN * done / len(asked.rows), so_far(done))
        row = [_cell(sheet, value, made) for value in (*left, *source, *right)]
        for name, _, marked in why:
            if marked and (place := places.get(name)) is not None:
                row[place] = _styled(sheet, row[place], FLAGGED)
        sheet.append(row)
    about = asked.about()
    _about(book.create_sheet("About"), about, Counter(found["verdict"]), made)
    for name in IDS:
        book.custom_doc_props.append(StringProperty(name=f"hourglass {name}", value=written(about[name])))
    tell(WRITTEN, "packing the workbook")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _source(asked: Asked, cells: Any) -> Iterator[list[Any]]:
    """Source cells row by row, as they stand in a sheet; few of them at a time are Python values."""
    for start in range(0, len(cells), AT_ONCE):
        some = cells.slice(start, AT_ONCE).columns
        columns = [
            figures(column, texts.to_pylist()) for column, texts in zip(asked.dataset.columns, some, strict=True)
        ]
        yield from map(list, zip(*columns, strict=True))


def _cell(sheet: Any, value: Any, made: Counter[str]) -> Any:
    if not isinstance(value, str):
        return value
    if not value:
        return None
    text = escaped(written(value, made))
    return _styled(sheet, text) if text.startswith("#") else text  # #N/A would be an error, not a word


def _styled(sheet: Any, value: Any, fill: PatternFill | None = None) -> Any:
    """A cell of its own. value: what is in it, or another such cell."""
    cell = WriteOnlyCell(sheet, value.value if isinstance(value, Cell) else value)
    if isinstance(cell.value, str):
        cell.data_type = "s"
    if fill is not None:
        cell.fill = fill
    if fill is HEADER:
        cell.font = Font(bold=True)
    return cell


def _dress(sheet: Any, asked: Asked, cells: Any) -> None:
    """All that has to be said of a sheet before its rows are written."""
    header, last = asked.header, len(asked.rows) + 1
    sheet.freeze_panes = "D2"  # row, verdict and note stay in sight
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{last}"
    shown = cells.slice(0, LOOKED_AT)
    for place, name in enumerate(header):
        width = WIDTHS.get(name, USUAL) if place < len(BEFORE) else USUAL
        if len(BEFORE) <= place < len(header) - len(BEHIND):
            words = shown.column(place - len(BEFORE)).to_pylist()
            width = min(WIDEST, max(USUAL, *(len(word or "") + 2 for word in (*words, name))))
        dimension = sheet.column_dimensions[get_column_letter(place + 1)]
        dimension.width = width
        dimension.hidden = name in BEHIND
    words = ",".join(word for word in JUDGEMENTS if word)
    rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=True)
    rule.error, rule.errorTitle = f"One of {words.replace(',', ', ')}, or nothing.", "Verdict"
    if last > 1:
        rule.add(f"B2:B{last}")
        sheet.data_validations.append(rule)


def _about(sheet: Any, about: dict[str, str], verdicts: Counter[str], made: Counter[str]) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 100
    decided = {word or "no verdict": f"{verdicts[word]:,}" for word in JUDGEMENTS}
    changed = [(count(made[what], "cell"), f"{how}.") for what, how in MADE.items() if made[what]]
    lines: list[tuple[str, str]] = [
        (TITLE, ""),
        *about.items(),
        *decided.items(),
        ("the score", CAUTION),
        ("marked cells", "Those of the columns that are named in “reasons” with at least a tenth of the score."),
        ("verdict", "confirmed, dismissed or unsure; an emptied cell takes back what was said. Note, tags (with commas "
                    "between) and assignee are taken along."),
        ("coming back", "On the page Triage, or by `hourglass verdicts`. Rows may be sorted, filtered and deleted, "
                        "columns added. The hidden columns say which row is which: keep them."),
        ("numbers", f"Cells of the source that are numbers and nothing else are numbers here. Text, as the file had it, stay "
                    f"identifiers, codes, dates, and what would lose something: leading zeros, more than {MOST_DIGITS} digits, a unit."),
    ]  # fmt: skip
    lines += changed or [("changed cells", "None had to be changed.")]
    for name, text in lines:
        words = WriteOnlyCell(sheet, escaped(written(text)))
        words.data_type, words.alignment = "s", Alignment(wrap_text=True, vertical="top")
        title = WriteOnlyCell(sheet, name)
        title.font = Font(bold=True)
        sheet.append([title, words])
