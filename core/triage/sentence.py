"""A row's evidence in a sentence or two that can stand in a ticket. Names and values as they are, not escaped."""

from __future__ import annotations

from core.triage.evidence import Cell, Evidence
from core.words import count

TOLD, LEAST = 3, 0.1  # columns that are named, each with at least this part of the score that would go
LONGEST = 60  # characters of a name or a value
CAUTION = (
    "The score says how unlike the other rows this one is. It does not say that anything is wrong with it, nor that what is "
    "named here is the cause."
)


def sentence(found: Evidence, name: str, rows: int, score: float, less_strange: float, threshold: float) -> str:
    """What speaks for a row being strange, and what it would take.

    name: what the row is called; rows: how many there are; less_strange: the share of them with a lower score.
    """
    side = "above" if score >= threshold else "below"
    parts = [
        f"{name} is stranger than {percent(less_strange)} of {count(rows, 'row')} (score {score:.4g}, {side} the threshold "
        f"of {threshold:.4g})."
    ]
    told = [cell for cell in found.cells[:TOLD] if cell.drop >= LEAST]
    if told:
        parts.append("The score would fall most with a usual value in " + "; ".join(map(_cell, told)) + ".")
    if found.lone:
        first = found.lone[0]
        parts.append(
            f"One value alone is unusual: {_short(first.column)} {_short(first.value) or '(empty)'} ({first.how})."
            if len(found.lone) == 1
            else f"{len(found.lone)} values are unusual by themselves, first {_short(first.column)} "
            f"{_short(first.value) or '(empty)'} ({first.how})."
        )
    else:
        parts.append("No value alone is unusual: it is how they go together.")
    if score >= threshold:
        parts.append(_counterfactual(found))
    return " ".join(parts)


def percent(share: float) -> str:
    """A share of rows, never rounded up to all of them: 99.98 %."""
    for digits in (0, 1, 2, 3):
        if share == 1 or float(f"{100 * share:.{digits}f}") < 100:
            return f"{100 * share:.{digits}f} %"
    return "more than 99.999 %"


def _cell(cell: Cell) -> str:
    usual = f", where rows like it have {_short(cell.usual)}" if cell.usual and not cell.as_usual else ""
    return f"{_short(cell.column)} {_short(cell.actual) or '(empty)'}{usual} (by {cell.drop:.0%})"


def _counterfactual(found: Evidence) -> str:
    if found.counterfactual is None:
        return "No change of up to three columns was found that takes it below the threshold."
    changes = [f"{_short(each.column)} {_short(each.after)}" for each in found.counterfactual.changes]
    said = changes[0] if len(changes) == 1 else ", ".join(changes[:-1]) + " and " + changes[-1]
    return f"With {said} it would be below the threshold."


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
