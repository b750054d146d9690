"""A row's evidence in a sentence or two that can stand in a ticket. Names and values as they are, not escaped."""

from __future__ import annotations

from collections.abc import Sequence

from core.triage.evidence import Cell, Evidence
from core.triage.lone import taken_as_empty
from core.words import count

TOLD, LEAST = 3, 0.1  # columns that are named, each with at least this part of the score that would go
LONGEST = 60  # characters of a name or a value
CAUTION = (
    "The score says how unlike the others this one is. It does not say that anything is wrong with it, nor that what is "
    "named here is the cause."
)

# As benchmarks/results/triage.json has it; a test holds the two together.
HOW_OFTEN = (
    "A change that would do is not always found: of the 51 strangest rows of a made table of 100,000 rows and 30 columns one was found "
    "for 47, for 12 of them in one column. Where none is named, there may still be one."
)


def sentence(
    found: Evidence,
    name: str,
    rows: int,
    score: float,
    less_strange: float,
    threshold: float,
    flagged_from: float | None = None,
) -> str:
    """What speaks for a row being strange, and what it would take.

    name: what the row is called; rows: how many there are; less_strange: the share of them with a lower score; flagged_from:
    where scores are said as percentiles, the share with a score lower than the threshold.
    """
    parts = [_standing(name, rows, "row", score, less_strange, threshold, flagged_from)]
    told = [cell for cell in found.cells[:TOLD] if cell.drop >= LEAST]
    if told:
        parts.append("The score would fall most with a usual value in " + "; ".join(map(_cell, told)) + ".")
    empty = sum(not cell.actual for cell in found.cells)
    by_gaps = bool(told) and not any(cell.actual for cell in told) and not any(each.value for each in found.lone)
    gaps = f"{empty:,} of its {len(found.cells):,} cells {'is' if empty == 1 else 'are'} empty"
    if found.lone and by_gaps and empty > 1:
        parts.append(f"{gaps}, first {_short(found.lone[0].column)} ({found.lone[0].how}).")
    elif found.lone:
        first = found.lone[0]
        parts.append(
            f"One value alone is unusual: {_short(first.column)} {_short(first.value) or '(empty)'} ({first.how})."
            if len(found.lone) == 1
            else f"{len(found.lone)} values are unusual by themselves, first {_short(first.column)} "
            f"{_short(first.value) or '(empty)'} ({first.how})."
        )
    elif by_gaps:
        parts.append(f"No value alone is unusual: it is that {gaps}.")
    elif score < threshold:
        parts.append("No value alone is unusual.")
    else:
        parts.append("No value alone is unusual: it is how they go together.")
    first_told = found.lone[0].column if found.lone else ""
    for cell in [each for each in found.cells if each.unread and each.column != first_told][:TOLD]:
        parts.append(f"{_short(cell.column)} {_short(cell.actual)} {taken_as_empty(cell.unread)}.")
    if score >= threshold:
        parts.append(_counterfactual(found))
    return " ".join(parts)


def image_sentence(
    name: str,
    images: int,
    score: float,
    less_strange: float,
    threshold: float,
    spot: Sequence[float],
    flagged_from: float | None = None,
) -> str:
    """The same of an image. spot: left, top, right, bottom of its worst spot, in shares of the image."""
    left, top, right, bottom = spot
    standing = _standing(name, images, "image", score, less_strange, threshold, flagged_from)
    return (
        f"{standing} It was rebuilt worst {where_in_image(spot)}, in a spot of {right - left:.0%} of its width and "
        f"{bottom - top:.0%} of its height."
    )


def stretch_sentence(
    name: str,
    rows: int,
    score: float,
    less_strange: float,
    threshold: float,
    columns: Sequence[tuple[str, float]],
    flagged_from: float | None = None,
) -> str:
    """The same of a row of a series. columns: with how many times worse than usual each was rebuilt, the worst first."""
    told = [f"{_short(column)} {times:.3g} times" for column, times in columns[:TOLD] if times > 1]
    what = f"Worse than usual was rebuilt {', '.join(told)}." if told else "No column was rebuilt worse than usual."
    return f"{_standing(name, rows, 'row', score, less_strange, threshold, flagged_from)} {what}"


def _standing(
    name: str,
    rows: int,
    item: str,
    score: float,
    less_strange: float,
    threshold: float,
    flagged_from: float | None,
) -> str:
    side = "at" if score == threshold else "above" if score > threshold else "below"
    digits = next((n for n in (4, 6, 9) if f"{score:.{n}g}" != f"{threshold:.{n}g}"), 17) if side != "at" else 4
    cut = "" if flagged_from is None else f"; flagged is what is stranger than at least {percent(flagged_from)}"
    return (
        f"{name} is stranger than {percent(less_strange)} of {count(rows, item)} (score {score:.{digits}g}, {side} the threshold "
        f"of {threshold:.{digits}g}{cut})."
    )


def where_in_image(spot: Sequence[float]) -> str:
    """In which ninth of an image the middle of a box lies."""
    left, top, right, bottom = spot
    across = ("left", "", "right")[min(2, max(0, int(3 * (left + right) / 2)))]
    down = ("upper", "", "lower")[min(2, max(0, int(3 * (top + bottom) / 2)))]
    if not across and not down:
        return "in the middle"
    if not across:
        return f"in the {down} middle"
    return f"at the {down} {across}" if down else f"at the {across}"


def percent(share: float) -> str:
    """A share of rows, never rounded up to all of them: 99.98 %."""
    for digits in (0, 1, 2, 3):
        if share == 1 or float(f"{100 * share:.{digits}f}") < 100:
            return f"{100 * share:.{digits}f} %"
    return "more than 99.999 %"


def _cell(cell: Cell) -> str:
    by = mean = f"by {cell.drop:.0%}"
    if cell.instead:
        best = f"by {cell.falls:.0%} with {_short(cell.instead)}"
        by = best if f"{cell.falls:.0%}" == f"{cell.drop:.0%}" else f"{mean} on average, {best}"
    return f"{_short(cell.column)} {_short(cell.actual) or '(empty)'} ({by})"


def _counterfactual(found: Evidence) -> str:
    if found.counterfactual is None:
        return "No change of up to three columns was found that takes it below the threshold."
    changes = [f"{_short(each.column)} {_short(each.after)}" for each in found.counterfactual.changes]
    said = changes[0] if len(changes) == 1 else ", ".join(changes[:-1]) + " and " + changes[-1]
    return f"With {said} it would be below the threshold."


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
