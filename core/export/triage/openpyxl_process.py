"""A process of its own for openpyxl, run as a script: a workbook that comes from anywhere in, some of its columns out.

It knows nothing of Hourglass. Arguments: the file, and the address space in bytes. One line on stdin says what to look for:
`key` and `columns`, by their headings; `title`, the first cell of the sheet that tells about the file; `formulas`, whether
there are some without a value. The answer, each line JSON: what was found, then [row number, cells] for each row that says
something, then null. A cell is text or null, false where a formula has no value. What can't be read ends in {"error": …}.
"""

from __future__ import annotations

import datetime
import json
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.utils.escape import unescape

CPU_SECONDS = 300
NO_MEMORY = ("Error -4 ", "out of memory")  # as zlib and expat say it
HEADER_WITHIN, ABOUT_WITHIN = 50, 100  # rows
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384


def main(path: str, memory: int) -> None:
    """Answer the one question on stdin."""
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, CPU_SECONDS)):
        most = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (value if most == resource.RLIM_INFINITY else min(value, most), most))
    warnings.simplefilter("ignore")  # of what openpyxl leaves out
    try:
        answer(path, json.loads(sys.stdin.readline()))
    except MemoryError:
        say({"error": "memory"})
    except Exception as error:  # noqa: BLE001 — openpyxl has many words for a damaged file
        short = any(word in str(error) for word in NO_MEMORY)
        say({"error": "memory"} if short else {"error": "damaged", "why": str(error)})


def answer(path: str, asked: dict[str, Any]) -> None:
    """All of it."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    about: dict[str, str | None] = {}
    found = None
    for sheet in book.worksheets:
        about |= told(sheet, asked["title"])
        found = found or header(sheet, asked)
    about |= {each.name.removeprefix("hourglass "): text(each.value) for each in book.custom_doc_props.props}
    if found is None:
        say({"sheet": "", "columns": [], "twice": "", "about": about})
        return
    title, start, places, twice = found
    columns = [name for name in asked["columns"] if name in places]
    say({"sheet": title, "columns": columns, "twice": twice, "about": about})
    wanted = [places[name] for name in columns]
    without = formulas(path, title, set(wanted)) if asked["formulas"] else set()
    for number, cells in rows(book[title]):
        if number > start:
            words = [text(cells[i]) if i < len(cells) else None for i in wanted]
            formulas_of = [(number, i) in without for i in wanted]
            said = [False if each and cell is None else cell for each, cell in zip(formulas_of, words, strict=True)]
            if any(cell is not None for cell in said):
                say([number, said])
    say(None)


def rows(sheet: Any, values: bool = True) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows with their numbers. What the sheet says of its size is not believed."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=values), 1):
        if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise ValueError("beyond the last cell of a sheet")
        yield number, cells


def header(sheet: Any, asked: dict[str, Any]) -> tuple[str, int, dict[str, int], str] | None:
    """Sheet, number of the row of headings, where each wanted column stands, one that stands twice; None where it is not here."""
    for number, cells in rows(sheet):
        if number > HEADER_WITHIN:
            return None
        names = [" ".join((text(cell) or "").split()).casefold() for cell in cells]
        if asked["key"] in names:
            twice = next((name for name in asked["columns"] if names.count(name) > 1), "")
            return sheet.title, number, {name: names.index(name) for name in asked["columns"] if name in names}, twice
    return None


def told(sheet: Any, title: str) -> dict[str, str | None]:
    """Names and values from the sheet that tells about the file; nothing from another one."""
    found: dict[str, str | None] = {}
    for number, cells in rows(sheet):
        name = text(cells[0]) if cells else None
        if (number == 1 and name != title) or number > ABOUT_WITHIN:
            break
        if name is not None and len(cells) > 1:
            found.setdefault(name, text(cells[1]))
    return found


def formulas(path: str, title: str, columns: set[int]) -> set[tuple[int, int]]:
    """Which cells of some columns hold formulas: (row number, place)."""
    sheet = openpyxl.load_workbook(path, read_only=True, keep_links=False)[title]
    return {
        (number, i)
        for number, cells in rows(sheet, values=False)
        for i in columns
        if i < len(cells) and cells[i].data_type == "f"
    }


def text(value: Any) -> str | None:
    """A cell as text: numbers with all their digits and no more, dates as ISO 8601."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return str(unescape(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value.isoformat()) if isinstance(value, datetime.date | datetime.time) else str(value)


def say(value: Any) -> None:
    """One line to who asked."""
    sys.stdout.write(json.dumps(value) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
