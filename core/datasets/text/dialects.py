"""Which delimiter, quote and escape: those under which rows are equally wide and cells look like something.

After van den Burg, Nazábal and Sutton, “Wrangling messy CSV files by detecting row and type patterns” (2019): a score
of the rows' pattern times a score of the cells' types; both are measured our way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from core.datasets.text.records import BLANKS, Form, Records
from core.datasets.text.shapes import PLAUSIBLE, kind_of

RECORDS = 200  # looked at
CELLS = 4_000
ALL_WORDS = 0.9  # share of the cells with letters in them
COLUMNS = 1_000  # of wider tables, some
QUOTES = ('"', "'")
COMMENTS = re.compile(r"\A\ufeff?(?:[ \t]*(?:#[^\n]*)?\n)+")
# In the order of preference where two are as good.
COMMON = (",", "\t", ";", "|")
USUAL = (",", "\t", ";")
FEWEST_ROWS, FEWEST_CELLS, PLAIN_WORTH = 5, 3, 0.6
NEVER = frozenset("\n\r\"'`._\\()[]{}<>$€£%\ufeff")
# Marks that are at home inside dates, numbers, addresses and sentences.
AT_HOME = frozenset("/:-+@=&#*?! ")
AT_HOME_WORTH = 0.5
PROSE = frozenset({"word", "text", "empty"})
PROSE_WORTH = 0.3  # words between blanks are a sentence, or a name
LENIENT_WORTH = 0.95  # quotes that stand unmarked inside quotes are a fault: only where nothing else explains them
ALONE = 0.3  # what the best single column is worth


def find_form(sample: str, chosen: dict[str, str]) -> Form:
    """The form of a text's first lines; `chosen` (delimiter, quote, escape) is what the user said."""
    sample = _without_comments(sample)
    best, best_score = Form("", chosen.get("quote", '"'), chosen.get("escape", "")), -1.0
    best_rows: list[list[str]] = []
    even, even_score = best, 0.0  # the best form among those under which all rows are alike, names and all
    plain, plain_score = best, 0.0  # the best of these whose delimiter is one of the usual, with several in every row
    for form in candidates(sample, chosen):
        rows, quoted = _rows_of(sample, form)
        score = score_of(rows, quoted, form)
        if score > best_score + 1e-9:
            best, best_score, best_rows = form, score, rows
        if score > even_score + 1e-9 and form.delimiter in COMMON and _even(rows):
            even, even_score = form, score
        if score > plain_score + 1e-9 and form.delimiter in USUAL and _steady(rows):
            plain, plain_score = form, score
    # Titles and lists hold as many “|” in every row as there are; so many commas in every row, names and all, do not
    # come by chance.
    if best.mark[:1] not in USUAL and plain_score > PLAIN_WORTH * best_score:
        return _finished(sample, plain, chosen)
    # Lists in cells are as regular as a table can be; what tells them from it is that the names hold none.
    if even_score > 0 and len(best_rows[0]) != _usual_width(best_rows):
        best = even
    return _finished(sample, best, chosen)


def _finished(sample: str, form: Form, chosen: dict[str, str]) -> Form:
    form = replace(form, doubled=_doubled(sample, form))
    return _with_blank(sample, form) if "delimiter" not in chosen else form


def _doubled(sample: str, form: Form) -> str:
    """The double quote, where other quotes hold the cells and it never stands alone: it was doubled before."""
    pairs = sample.count('""')
    if form.quote in ("", '"') or pairs < 2 or sample.count('"') != 2 * pairs:
        return ""
    mark = re.escape(form.mark)
    return "" if re.search(f'(?:^|{mark})""(?:{mark}|$)', sample, re.MULTILINE) else '"'


def candidates(sample: str, chosen: dict[str, str]) -> Iterator[Form]:
    """Every form that the sample gives a reason for, the likeliest first."""
    delimiters = [chosen["delimiter"]] if "delimiter" in chosen else [*_delimiters(sample), ""]
    quotes = [chosen["quote"]] if "quote" in chosen else [quote for quote in QUOTES if quote in sample]
    for delimiter in delimiters:
        own = quotes
        if "quote" not in chosen:
            own = [quote for quote in quotes if quote != delimiter and _opens(sample, delimiter, quote)] or ['"']
            own += [quote for quote in _other_quotes(sample, delimiter) if quote not in own]
        for quote in own:
            yield Form(delimiter, quote, chosen.get("escape", ""))
            if "escape" not in chosen and quote:
                for escape in _escapes(sample, quote, delimiter):
                    yield Form(delimiter, quote, escape)
            if quote and delimiter not in ("", BLANKS):
                yield Form(delimiter, quote, chosen.get("escape", ""), lenient=True)


def _without_comments(sample: str) -> str:
    """The sample from its first line on that does not begin with “#”; what is written above it is prose."""
    rest = COMMENTS.sub("", sample, count=1)
    return rest if rest.strip() else sample


def _delimiters(sample: str) -> list[str]:
    lines = [line for line in sample.splitlines()[:RECORDS] if line.strip()]
    seen: Counter[str] = Counter()
    for line in lines:
        seen.update({mark for mark in line if not mark.isalnum() and mark not in NEVER})
    often = [mark for mark, count in seen.most_common() if count > max(0, 0.3 * len(lines)) or mark in COMMON]
    found = [mark for mark in COMMON if mark in often] + [mark for mark in often if mark not in COMMON and mark != " "]
    for mark in list(found):
        twice = mark * 2
        if mark not in " \t" and sample.count(twice) > 0.45 * sample.count(mark):
            found.insert(0, twice)
    if " " in often:
        found.append(" ")
        if any("  " in line.strip() for line in lines):
            found.append(BLANKS)
    elif "\t\t" in sample:
        found.append(BLANKS)
    return found


def _opens(sample: str, delimiter: str, quote: str) -> bool:
    """Whether a quote stands where a cell begins: an apostrophe in words says nothing of how cells are quoted."""
    before = r"\s" if delimiter == BLANKS else re.escape(delimiter)
    return bool(re.search(f"(?:^|{before})[ \t]*{re.escape(quote)}" if delimiter else f"^[ \t]*{quote}", sample, re.M))


def _other_quotes(sample: str, delimiter: str) -> list[str]:
    """Other marks, backticks among them, that stand on both sides of several cells, and for a reason: around cells with the
    delimiter, a line's end or the mark itself inside, or around all words or all names. Else they are a part of the cells."""
    if not delimiter or delimiter == BLANKS:
        return []
    begin, end, around, alone = (Counter[str]() for _ in range(4))
    words = 0
    for line in sample.splitlines()[:50]:
        for cell in line.split(delimiter):
            words += any(map(str.isalpha, cell))
            begin[cell[:1]] += 1
            end[cell[-1:]] += 1
            around[cell[:1]] += cell[:1] == cell[-1:] and len(cell.strip(cell[:1])) > 0
            alone[cell[:1]] += len(cell.strip(cell[:1])) == 0  # a dash, or two, for nothing
    marks = [mark for mark in begin if mark and not mark.isalnum() and not mark.isspace() and mark not in QUOTES]
    often = [mark for mark in marks if min(begin[mark], end[mark]) >= 3 and mark != delimiter]
    first = sample.lstrip().partition("\n")[0].strip().split(delimiter)
    named = {mark for mark in often if all(len(cell) > 1 and cell[0] == cell[-1] == mark for cell in first)}
    often = [mark for mark in often if mark in named or alone[mark] < max(3, around[mark])]
    return [
        mark
        for mark in often
        if mark in named or around[mark] >= max(3.0, ALL_WORDS * words) or _needed(sample, delimiter, mark)
    ]


def _needed(sample: str, delimiter: str, mark: str) -> bool:
    """Whether some cell between two of these marks could not be written without them."""
    end, quote = re.escape(delimiter), re.escape(mark)
    around = rf"(?:^|{end}){quote}((?:(?!{quote}).|\n|{quote}{quote})*){quote}(?=$|{end})"
    inside = (found[1] for found in re.finditer(around, sample, re.M))
    return any(delimiter in cell or "\n" in cell or mark in cell for cell in inside)


def _escapes(sample: str, quote: str, delimiter: str) -> list[str]:
    """Marks that stand before quotes inside cells."""
    ends = "".join(map(re.escape, ("\n", "\r", delimiter[:1])))
    found = Counter(re.findall(rf"([\\^/~*#!]){re.escape(quote)}(?=[^{ends}])", sample))
    return [mark for mark in found if mark not in (quote, delimiter[:1])]


def _rows_of(sample: str, form: Form) -> tuple[list[list[str]], int]:
    """The first records of a sample that hold something, and how many quotes stand beside delimiters in them."""
    rows: list[list[str]] = []
    quoted = 0  # cells with quotes between delimiters: the sign that a delimiter is one
    for record in Records(iter([sample]), form):
        if len(record.cells) > 1 or record.cells[0].strip():
            rows.append(record.cells)
            if form.quote and form.delimiter:
                opened, closed = record.text.count(form.mark + form.quote), record.text.count(form.quote + form.mark)
                quoted += min(opened, closed)
        if len(rows) >= RECORDS or len(rows) * len(rows[0] if rows else "x") > 20 * CELLS:
            break
    return rows, quoted


def _usual_width(rows: list[list[str]]) -> int:
    counts = Counter(len(row) for row in rows)
    return max(counts, key=lambda w: counts[w] * (w > 1) * (1 + 0.02 * min(w, 20)) + 0.5 * counts[w] * (w == 1))


def _steady(rows: list[list[str]]) -> bool:
    """Whether all of several rows have as many cells, several, as the first, all of whose cells may be names."""
    width = len(rows[0]) if len(rows) >= FEWEST_ROWS else 0
    named = width >= FEWEST_CELLS and all(name.strip() and kind_of(name) != "number" for name in rows[0])
    return named and all(len(row) == width and not all(cell[:1] == " " for cell in row[1:]) for row in rows)


def _even(rows: list[list[str]]) -> bool:
    """Whether all rows have as many cells as the first, and that one may be names: no sentence cut at its commas."""
    if not rows or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
        return False
    names = rows[0]
    kinds = {kind_of(name) for name in names}
    if kinds & {"empty", "broken"} or kinds <= {"number", "moment"}:
        return False
    blanks = any(name[:1] == " " for name in names[1:])
    return not blanks or all(cell[:1] == " " for row in rows[1:] for cell in row[1:])


def score_of(rows: list[list[str]], quoted: int, form: Form) -> float:
    """How well a form takes a sample apart, 0 … about 1.

    rows, quoted: the sample's records under it, and how many quotes stand beside delimiters in them.
    """
    if not rows:
        return 0.0
    counts = Counter(len(row) for row in rows)
    width = _usual_width(rows)
    if form.delimiter and width < 2:
        return 0.0
    # Two tables in one file have two widths, each the same from row to row.
    alike = sum(len(a) == len(b) for a, b in pairwise(rows)) / max(1, len(rows) - 1)
    share = max(counts[width] / len(rows), 0.9 * alike)
    good = [row for row in rows if len(row) == width]
    types = _types(good, width, form)
    if not form.delimiter:
        return ALONE * types
    worth = LENIENT_WORTH if form.lenient else 1.0
    if (form.mark[:1] in AT_HOME or form.delimiter == BLANKS) and quoted < max(2, len(rows) // 20):
        worth *= AT_HOME_WORTH
        if form.mark in (" ", BLANKS) and all(kind_of(cell) in PROSE for row in good for cell in row):
            worth *= PROSE_WORTH
    return float(worth * share**1.5 * (1 - 0.5 / width**1.5) * types)


def _types(rows: list[list[str]], width: int, form: Form) -> float:
    """How much the cells look like something, and the cells of a column like each other."""
    total = weight = 0.0
    step = max(1, width * len(rows) // CELLS)
    for i in range(0, width, max(1, width // COLUMNS)):
        kinds = Counter(_kind(row[i], form) for row in rows[::step])
        count = sum(kinds.values())
        plausible = sum(PLAUSIBLE.get(kind, 0.0) * n for kind, n in kinds.items()) / count
        filled = {kind: n for kind, n in kinds.items() if kind != "empty"}
        same = max(filled.values()) / sum(filled.values()) if filled else 0.6
        total += plausible * (0.5 + 0.5 * same)
        weight += 1
    return total / weight


def _kind(cell: str, form: Form) -> str:
    kind = kind_of(cell)
    if kind in ("word", "text", "code") and form.quote and form.quote in cell:
        text = cell.strip()
        if text.startswith(form.quote) or (text.endswith(form.quote) and not text[-2:-1].isdigit()):
            return "broken"
    return kind


def _with_blank(sample: str, form: Form) -> Form:
    """“, ” where a blank follows all but every delimiter."""
    if len(form.delimiter) != 1 or form.delimiter in " \t":
        return form
    blanks = cells = 0
    for number, record in enumerate(Records(iter([sample]), form)):
        # Cells that were quoted have lost what stood before their quote: the text tells.
        after = record.text.split(form.delimiter)[1:] if form.quote not in record.text else []
        if len(record.cells) > 1 and form.quote in record.text:
            blanks += record.text.count(f"{form.delimiter} {form.quote}")
            cells += record.text.count(f"{form.delimiter} {form.quote}") + record.text.count(
                form.delimiter + form.quote
            )
        blanks += sum(cell.startswith(" ") for cell in after)
        cells += len(after)
        if number > RECORDS:
            break
    return replace(form, delimiter=form.delimiter + " ") if cells and blanks >= 0.95 * cells else form
