"""Decimal marks of a table's columns: those that leave no doubt decide for those that do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.datasets import numbers, summary
from core.datasets.cells import Distinct, matching
from core.datasets.parsing import parsed
from core.results import Column

MOST = 100  # columns whose cells are kept until the whole table was seen


@dataclass
class Marks:
    """What the columns that were seen say: the marks that are sure, and the columns that may have either."""

    sure: set[str] = field(default_factory=set)
    tied: dict[str, Distinct] = field(default_factory=dict)

    def add(self, column: Column, cells: Distinct) -> None:
        """The table's next column."""
        if column.kind != "number":
            return
        if "for thousands" in column.question:
            if len(self.tied) < MOST:
                self.tied[column.name] = cells
        elif column.form == "comma":
            self.sure.add("comma")
        elif matching(cells.values[: numbers.ENOUGH], numbers.FRACTION).any():
            self.sure.add("point")

    def settled(self, column: Column) -> tuple[Column, list[str]] | None:
        """A column that may have either mark, with the one of all others, and what to say of it; None for all else."""
        if column.name not in self.tied or len(self.sure) != 1:
            return None
        (form,) = self.sure
        cells = self.tied[column.name]
        column = replace(column, form=form, question="", confidence=0.9, reason=f"{column.reason}, as in other columns")
        values = parsed(column, cells.values)
        column = summary.described(column, cells, values)
        return column, summary.notices(column, cells, values)
