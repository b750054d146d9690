"""Numbers go out as numbers where they are nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from core.export.triage.figures import figures
from core.export.triage.workbook import triage_xlsx
from core.results import Column
from core.storage.store import Store
from tests.core.export.triage.made import asked, column, finished

COLUMN = Column("x", "number", "feature", "", form="point")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(
            ("5", 5),
            ("-5", -5),
            ("0", 0),
            ("1.50", 1.5),
            (".5", 0.5),
            ("0.1", 0.1),
            ("123456789012345", 123456789012345),
        ),
        *(("1e5", 100_000), ("1e-7", 1e-7), ("1,234.5", 1234.5), ("\u22123", -3), ("1e400", "1e400"), ("-0", "-0")),
        *(("007", "007"), ("1234567890123456", "1234567890123456"), ("0.12345678901234567", "0.12345678901234567")),
        *(
            ("5 %", "5 %"),
            ("$5", "$5"),
            ("5 kg", "5 kg"),
            ("(5)", "(5)"),
            ("<5", "<5"),
            ("nan", "nan"),
            ("", ""),
            (None, None),
        ),
        *(("=1+1", "=1+1"), ("5=1", "5=1"), ("n/a", "n/a"), ("inf", "inf")),
    ],
)
def test_a_number_loses_nothing_or_stays_text(text: str | None, number: object) -> None:
    (found,) = figures(COLUMN, [text])
    assert (found, type(found)) == (number, type(number))


def test_what_is_a_name_stays_text_and_yes_is_no_number() -> None:
    assert figures(Column("x", "number", "identifier", "", form="point"), ["5"]) == ["5"]
    assert figures(Column("x", "coded", "feature", ""), ["5"]) == ["5"]
    assert figures(Column("x", "boolean", "feature", ""), ["1", "0", "yes"]) == [1, 0, "yes"]
    assert figures(Column("x", "number", "feature", "", form="comma"), ["1.234,5", "1,5"]) == [1234.5, 1.5]


def test_a_sheet_can_be_summed_and_keeps_its_codes(store: Store, tmp_path: Path) -> None:
    lines = [f"K{i:03d},{'AB'[i % 2]},{i / 4:.2f},{10_000 + 37 * i % 20_011:05d},00{i}" for i in range(16)]
    run = finished(store, tmp_path, "id,city,amount,zip,code\n" + "\n".join(lines) + "\n", ("city", "amount"))
    sheet = openpyxl.load_workbook(io.BytesIO(triage_xlsx(store, asked(store, run, list(range(16))))))["Triage"]
    cells = {
        name: [sheet.cell(row, column(sheet, name)).value for row in range(2, 18)]
        for name in ("id", "city", "amount", "code")
    }
    assert cells["amount"] == [i / 4 for i in range(16)]
    assert cells["code"] == [f"00{i}" for i in range(16)]
    assert (cells["id"][3], cells["city"][3]) == ("K003", "B")
