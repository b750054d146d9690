"""A feature that gives the label away: known only afterwards, perhaps, or the label in other words."""

from __future__ import annotations

from collections.abc import Iterable

from core.datasets.profile.suspicions import Check, Suspicion, Whole

TELLS = 0.98
LEAST_ROWS = 30


def look(whole: Whole) -> Iterable[Suspicion]:
    """Association with the label; for numbers and a label of two values, how far the one keeps the others apart."""
    label = next((column.name for column in whole.columns if column.role == "label"), None)
    features = {column.name for column in whole.columns if column.role == "feature"}
    strengths = {
        other: (pair.strength, pair.measure, pair.rows)
        for pair in whole.associations.pairs
        if label in (pair.first, pair.second)
        for other in ({pair.first, pair.second} - {label} if label else ())
    }
    for name, (strength, measure, rows) in strengths.items():
        apart = whole.separations.get(name, 0.0)
        if name not in features or rows < LEAST_ROWS or max(strength, apart) <= TELLS:
            continue
        how = f"{measure} {strength:.3f}" if strength >= apart else f"AUC {(1 + apart) / 2:.4f}"
        what = f"tells the label “{label}” nearly by itself ({how}): was it known before?"
        yield Suspicion(name, what, rows, (), (), 0.7)


SUSPICION = Check("a feature that gives the label away", table=look)
