"""A process of its own for calamine, run as a script: a workbook's sheets in, rows of text out.

calamine makes room for a whole sheet at once, and where there is none it ends its process. So it has one, under a
limit, that knows nothing of Hourglass. Arguments: the file, and the address space in bytes. The first line on stdout
names the sheets; then each line on stdin names a sheet, and the answer is its size, its merged cells,
one line for each row, and null. All lines are JSON. A workbook that can't be read ends in {"error": …}.
"""

from __future__ import annotations

import datetime
import json
import resource
import sys
from typing import Any

import python_calamine

CPU_SECONDS = 600


def main(path: str, memory: int) -> None:
    """Answer until stdin ends."""
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, CPU_SECONDS)):
        most = resource.getrlimit(limit)[1]
        least = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (least, most))
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        say({"sheets": [{"name": sheet.name, "shown": _shown(sheet)} for sheet in book.sheets_metadata]})
        for line in sys.stdin:
            answer(book.get_sheet_by_name(json.loads(line)))
    except python_calamine.PasswordError:
        say({"error": "password"})
    except MemoryError:
        say({"error": "memory"})
    except BaseException as error:  # a panic in Rust is no Exception
        if type(error).__name__ == "PanicException" or isinstance(error, Exception):
            say({"error": "damaged", "why": str(error)})
        else:
            raise


def _shown(sheet: python_calamine.SheetMetadata) -> bool:
    return (
        sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        and sheet.visible == python_calamine.SheetVisibleEnum.Visible
    )


def answer(sheet: python_calamine.CalamineSheet) -> None:
    """One sheet: its first column (from 0), how wide and high it is, what is merged; its rows from the first one on."""
    row, column = sheet.start or (0, 0)
    merged = sheet.merged_cell_ranges or []
    say({"column": column, "width": sheet.width, "height": row + sheet.height, "merged": merged})
    if sheet.start is not None:
        for cells in sheet.iter_rows():
            say([text(cell) for cell in cells])
    say(None)


def say(value: Any) -> None:
    """One line to who asked."""
    sys.stdout.write(json.dumps(value))
    sys.stdout.write("\n")
    if not isinstance(value, list):
        sys.stdout.flush()


def text(value: Any) -> str | None:
    """A cell as text: numbers with all their digits and no more, dates as ISO 8601."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.timedelta):
        return span(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def span(value: datetime.timedelta) -> str:
    """A length of time as hours:minutes:seconds; the hours may be many."""
    sign = "-" if value < datetime.timedelta() else ""
    seconds, micro = divmod(abs(value) // datetime.timedelta(microseconds=1), 1_000_000)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}" + (f".{micro:06d}" if micro else "")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
