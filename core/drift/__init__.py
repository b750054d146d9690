"""Whether new rows still look like those that a run learned, before their scores are shown.

Arrays in, a report out: no store, no torch, no page. columns: tests of each column by itself; whole: of codes, scores, ranges and
unseen categories; wandering: whether a series makes them less sure;
report: all of them together, at one level, in words; beside: a column of both sides, for a small chart.
"""

from core.drift.beside import Beside, beside
from core.drift.columns import Aspect, ColumnDrift
from core.drift.report import DriftReport, Verdict, drift
from core.drift.sample import ERRORS, MOST_ROWS, SCORES, Sample, rows_to_compare
from core.drift.wandering import alike
from core.drift.whole import Apart, Outside

__all__ = [
    "ERRORS",
    "MOST_ROWS",
    "SCORES",
    "Apart",
    "Aspect",
    "Beside",
    "ColumnDrift",
    "DriftReport",
    "Outside",
    "Sample",
    "Verdict",
    "alike",
    "beside",
    "drift",
    "rows_to_compare",
]
