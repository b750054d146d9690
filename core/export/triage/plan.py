"""What becomes of the verdicts in a workbook that came back: told before anything is written, then written at once.

Each row of the file is held against what stood when the file was made, by the number of that verdict, and against what stands
now. So nothing that somebody said meanwhile is passed over in silence, and what the file merely repeats is not said again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from core.errors import InputRefused, NotFound
from core.export.csv import neutralise
from core.export.triage.cells import written
from core.export.triage.returned import Line, Returned
from core.export.triage.rows import DIGEST, KEY, in_one_cell, mark
from core.results import JUDGEMENTS, Dataset, Judgement, Verdict
from core.storage.selections import tidy
from core.storage.store import Store
from core.storage.verdicts import LONGEST_NAME, LONGEST_NOTE, MOST_TAGS, Said

SHOWN = 60
UNCOMPUTED, COMPUTE = "the formula has no stored value", "save the file in a spreadsheet first"


@dataclass(frozen=True)
class Words:
    """What can be said of a row in the file."""

    verdict: Judgement = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    assignee: str = ""


NOTHING = Words()


@dataclass(frozen=True)
class Step:
    """A verdict that the file would write. line: row of the sheet; row: of the dataset, None where only another file of the
    lineage has it; before: what stood when the file was made, where that is known; now: what stands."""

    line: int
    row: int | None
    said: Said
    before: Verdict | None
    now: Verdict | None


@dataclass(frozen=True)
class Problem:
    """A row of the sheet that is passed over, or of one that is not, a cell beside its verdict."""

    line: int
    column: str
    what: str
    fix: str


@dataclass(frozen=True)
class Twice:
    """A row that stands more than once in the sheet, with different words: nothing of it is written. lines: of the sheet; row: of
    the dataset, None where only another file has it; verdicts: what each line says; now: what stands."""

    lines: tuple[int, ...]
    row: int | None
    verdicts: tuple[str, ...]
    now: Verdict | None


@dataclass(frozen=True)
class Plan:
    """What would be written, and what not.

    new: on rows of which nothing stands. changed, taken_back: nobody else has spoken since. conflicts: somebody has, and says
    otherwise. twice: the file itself is at odds. same: rows of which the file says nothing new. elsewhere: rows of the sheet whose keys no file of the lineage has.
    """

    new: tuple[Step, ...]
    changed: tuple[Step, ...]
    taken_back: tuple[Step, ...]
    conflicts: tuple[Step, ...]
    twice: tuple[Twice, ...]
    same: int
    elsewhere: tuple[int, ...]
    problems: tuple[Problem, ...]

    @property
    def clear(self) -> tuple[Step, ...]:
        """What nobody has to choose about."""
        return (*self.new, *self.changed, *self.taken_back)


@dataclass(frozen=True)
class Written:
    """What was written, under which batch (empty where nothing was). kept: conflicts that stand as they are; overtaken: rows of
    which somebody spoke after the plan was made."""

    batch_id: str
    written: int
    kept: int
    overtaken: int


def plan_import(store: Store, dataset: Dataset, returned: Returned) -> Plan:
    """What a workbook would change. Raises InputRefused where it is of other data."""
    if returned.lineage_id != dataset.lineage_id:
        own, theirs = dataset.name[:SHOWN], returned.dataset_name[:SHOWN]
        raise InputRefused(
            f"this file is of “{theirs}”, not of “{own}”"
            if own != theirs
            else f"this file is of another “{own}” than this one",
            where=returned.name,
            fix="open a run on the data that it was exported from",
        )
    said = store.verdicts.of_lineage(dataset.lineage_id)
    by_number = {each.number: each for each in said}
    newest = {each.row_key: each for each in said}
    keys = store.datasets.row_keys(dataset)
    known = _known(store, dataset, keys, {line.mark for line in returned.lines})
    places = _places(keys, known.values())
    contents = store.datasets.row_contents(dataset)
    seen = _seen(store, returned, known.values())
    found: dict[str, list[Step]] = {"new": [], "changed": [], "taken back": [], "conflict": []}
    problems: list[Problem] = []
    elsewhere: list[int] = []
    same = 0
    once, several = _each_once(returned.lines, problems)
    there = keys if returned.dataset_id == dataset.id else _rows_then(store, returned)
    for line in once:
        key = known.get(line.mark)
        if key is None:
            elsewhere.append(line.number)
            continue
        now = newest.get(key)
        before = by_number.get(line.said or 0)
        before = before if before is not None and before.row_key == key else None
        told = line.said == 0 or before is not None  # whether the file says what stood when it was made
        reference = before if told else now
        words = _words(line, reference, told, problems)
        if words is None:
            continue
        if words == _of(reference) or words == _of(now):
            same += 1
            continue
        if there is not None and line.row is not None and not (line.row <= len(there) and there[line.row - 1] == key):
            fix = "sort whole rows, also the hidden columns; or export again and copy the verdicts into that"
            problems.append(
                Problem(line.number, KEY, f"its key is not that of row {line.row:,}, whose cells it shows", fix)
            )
            continue
        row = places.get(key)
        content = line.content or (str(contents[row]) if row is not None else "")
        stood = _of(before) if told else NOTHING
        found[_kind(words, stood, _of(now))].append(Step(line.number, row, seen.said(key, content, words), before, now))
    new, changed, taken_back, conflicts = map(tuple, found.values())
    twice = tuple(_twice(lines, known, places, newest) for lines in several)
    return Plan(new, changed, taken_back, conflicts, twice, same, tuple(elsewhere), tuple(problems))


def apply(
    store: Store, dataset: Dataset, plan: Plan, conflicts: Literal["keep", "take"] = "keep", batch_id: str = ""
) -> Written:
    """Write what was planned, all of it or nothing, and with “take” what the file says where others spoke too.

    Of rows of which somebody spoke since the plan was made, nothing is written. Raises InputRefused.
    """
    steps = [*plan.clear, *(plan.conflicts if conflicts == "take" else ())]
    numbers = {
        each.row_key: each.number
        for each in store.verdicts.of_rows(dataset.lineage_id, [step.said.row_key for step in steps])
    }
    due = [step.said for step in steps if numbers.get(step.said.row_key, 0) == (step.now.number if step.now else 0)]
    batch = store.verdicts.add(dataset.lineage_id, dataset.id, due, batch_id) if due else ""
    kept = 0 if conflicts == "take" else len(plan.conflicts)
    return Written(batch, len(due), kept, len(steps) - len(due))


def _kind(words: Words, before: Words, now: Words) -> str:
    if now != before:
        return "conflict"
    if not now.verdict:
        return "new"
    return "changed" if words.verdict else "taken back"


# --- whose a row is ------------------------------------------------------------------------------------


def _known(store: Store, dataset: Dataset, keys: NDArray[np.str_], marks: set[str]) -> dict[str, str]:
    """Row keys by their marks, looked for in this dataset first, then in the other files of its lineage."""
    found = _named(keys, marks)
    for other in store.datasets.lineage(dataset.lineage_id):
        if len(found) == len(marks):
            break
        if other.id != dataset.id:
            found |= _named(store.datasets.row_keys(other), marks - found.keys())
    return found


def _named(keys: NDArray[np.str_], marks: set[str]) -> dict[str, str]:
    plain = [each for each in marks if not each.startswith(DIGEST)]
    found = {key: key for key in keys[np.isin(keys, plain)].tolist() if mark(key) == key} if plain else {}
    if len(plain) < len(marks):
        found |= {each: key for key in keys.tolist() if (each := mark(key)) in marks}
    return found


def _rows_then(store: Store, returned: Returned) -> NDArray[np.str_] | None:
    """The keys of the rows of the dataset that the file was made of, (N,); None where it is gone, or of another lineage."""
    try:
        dataset = store.datasets.get(returned.dataset_id)
    except NotFound:
        return None
    return store.datasets.row_keys(dataset) if dataset.lineage_id == returned.lineage_id else None


def _places(keys: NDArray[np.str_], wanted: Iterable[str]) -> dict[str, int]:
    there = np.flatnonzero(np.isin(keys, list(wanted)))
    return dict(zip(keys[there].tolist(), there.tolist(), strict=True))


def _each_once(lines: Iterable[Line], problems: list[Problem]) -> tuple[list[Line], list[list[Line]]]:
    """The rows of the sheet that are a row's, each once where all that stand for it say the same; and those that do not."""
    by_mark: dict[str, list[Line]] = {}
    for line in lines:
        if line.mark:
            by_mark.setdefault(line.mark, []).append(line)
        elif any(line.words.values()) or line.uncomputed:
            fix = "write it beside an exported row: nothing says which row this is"
            problems.append(Problem(line.number, "hourglass_row", "it has no key", fix))
    once: list[Line] = []
    differing: list[list[Line]] = []
    for several in by_mark.values():
        if all(line.words == several[0].words and line.uncomputed == several[0].uncomputed for line in several):
            once.append(several[0])
        else:
            differing.append(several)
    return once, differing


def _twice(lines: list[Line], known: dict[str, str], places: dict[str, int], newest: dict[str, Verdict]) -> Twice:
    key = known.get(lines[0].mark, "")
    said = tuple(line.words["verdict"].strip()[:SHOWN] for line in lines)
    return Twice(tuple(line.number for line in lines), places.get(key), said, newest.get(key))


@dataclass(frozen=True)
class _Seen:
    """The run through which rows were looked at. figures: score and percentile by row key."""

    run_id: str
    scorer: str
    threshold: float | None
    figures: dict[str, tuple[float, float]]

    def said(self, key: str, content: str, words: Words) -> Said:
        """What is written of a row."""
        score, percentile = self.figures.get(key, (None, None))
        context = (self.run_id, self.scorer, self.threshold, score, percentile)
        return Said(key, content, words.verdict, words.note, words.tags, words.assignee, *context)


def _seen(store: Store, returned: Returned, keys: Iterable[str]) -> _Seen:
    """From the store, not from the file, in which everything can be written."""
    try:
        run = store.runs.get(returned.run_id)
    except NotFound:  # deleted since
        return _Seen("", "", None, {})
    if not run.ready:
        return _Seen("", "", None, {})
    scorer = returned.scorer if run.of_scorer("scores", returned.scorer) in run.artifacts else run.scorer
    scores = store.runs.scores(run, scorer)
    places = _places(scores.row_keys, keys)
    figures = {key: (float(scores.values[row]), float(scores.percentiles[row])) for key, row in places.items()}
    return _Seen(run.id, scorer, returned.threshold, figures)


# --- what is said --------------------------------------------------------------------------------------


def _of(verdict: Verdict | None) -> Words:
    if verdict is None:
        return NOTHING
    return Words(**{field.name: getattr(verdict, field.name) for field in fields(Words)})


def _words(line: Line, reference: Verdict | None, told: bool, problems: list[Problem]) -> Words | None:
    """What a row of the sheet says; None where that can't be kept, which is added to the problems. reference: whose words stand
    where the file's cell is as it was written."""
    stood = _of(reference)
    wrong: list[tuple[str, str, str]] = []
    for name in line.uncomputed:
        if name == "verdict":
            wrong.append((name, UNCOMPUTED, COMPUTE))
        else:  # what can't be read beside a verdict costs nobody the verdict
            problems.append(Problem(line.number, name, f"{UNCOMPUTED}: the cell is as if not filled in", COMPUTE))
    word = " ".join(line.words["verdict"].split()).casefold()
    if word not in JUDGEMENTS:
        wrong.append(
            (
                "verdict",
                f"“{line.words['verdict'].strip()[:SHOWN]}” is no verdict",
                "write confirmed, dismissed or unsure",
            )
        )
    if not word and not told:  # whether it was emptied can't be known
        word = stood.verdict
    shown = {"note": stood.note, "tags": in_one_cell(reference), "assignee": stood.assignee}
    new = {
        name: None if name in line.uncomputed else _typed(line.words.get(name), stands)
        for name, stands in shown.items()
    }
    if new["note"] is not None and len(new["note"]) > LONGEST_NOTE:
        wrong.append(
            (
                "note",
                f"the note has {len(new['note']):,} characters",
                f"at most {LONGEST_NOTE:,}: keep the rest elsewhere",
            )
        )
    tags = stood.tags if new["tags"] is None else tidy(tag[:LONGEST_NAME] for tag in new["tags"].split(","))
    if len(tags) > MOST_TAGS:
        wrong.append(("tags", f"{len(tags):,} tags", f"at most {MOST_TAGS}"))
    if wrong:
        problems += [Problem(line.number, *each) for each in wrong]
        return None
    note = stood.note if new["note"] is None else new["note"]
    assignee = stood.assignee if new["assignee"] is None else " ".join(new["assignee"].split())[:LONGEST_NAME]
    return Words(cast(Judgement, word), note, tags, assignee)


def _typed(cell: str | None, stood: str) -> str | None:
    """What somebody wrote into a cell; None where it is as it was written into the file, or not there."""
    if cell is None or _bare(cell) == _bare(written(stood)):
        return None
    text = _bare(cell)
    return text[1:] if text.startswith("'") and neutralise(text[1:]) == text else text


def _bare(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
