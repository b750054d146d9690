"""A label or an identifier among the features: the one tells the answer, the other says nothing that rows share."""

from __future__ import annotations

from core.datasets import names
from core.datasets.ingest import BY_HAND
from core.datasets.kinds import IDENTIFIER_NAME, LABEL_NAMES
from core.training.doctor import Check, ColumnFacts, Evidence, Finding

# Names of a label that may be a feature's as well, where they are only a part of it: passenger class.
ALONE = frozenset({"y", "class", "target", "label", "labels", "outcome", "outcomes", "ground_truth", "groundtruth"})
FEW_VALUES = 20  # of a label
FEWEST = 20  # rows, below which all values may differ by chance
NEARLY_ALL, MOST = 0.95, 0.5  # of the rows have a value of their own: of codes, and where the name says it
NAMES = ("coded", "category", "ordered")  # kinds whose values are names
SHOWN = 3
SAYS_IT = 0.995  # AUROC of one column against the label: hardly a measurement does that
# The same of a column of two values, a copy with slips: in the tables that benchmarks are made of none has more than .81,
# while good measurements, such as a hormone of the thyroid, reach .99.
TWO_SAY_IT = 0.95


def look(evidence: Evidence) -> Finding | None:
    """See the module."""
    labels = [column for column in evidence.columns if is_label(column) or tells_it(column)]
    identifiers = [column for column in evidence.columns if column not in labels and is_identifier(column)]
    if not labels and not identifiers:
        return None
    parts = [
        f"{_quoted(column)} alone tells the label (AUROC {column.tells:.3f})"
        if tells_it(column)
        else f"{_quoted(column)}, with {column.distinct:,} values, is named like a label"
        for column in labels[:SHOWN]
    ]
    parts += [
        f"{_quoted(column)} has {column.distinct:,} different values in {column.rows:,} rows, like an identifier"
        for column in identifiers[:SHOWN]
    ]
    rest = len(labels) + len(identifiers) - len(parts)
    more = f"; and so on with {rest:,} more" if rest else ""
    what = " and ".join(word for word, found in (("a label", labels), ("an identifier", identifiers)) if found)
    return Finding(
        "label_or_identifier",
        "doubtful",
        f"{what[0].upper()}{what[1:]} may be among the features",
        f"The network learns from columns that may be no measurement: {'; '.join(parts)}{more}.",
        advice([*labels[:SHOWN], *identifiers[:SHOWN]], rest),
        {},
        "role",
    )


def advice(columns: list[ColumnFacts], rest: int) -> str:
    """What to do with the columns that are named and the rest of them. A shell shows it without the figures."""
    named = ", ".join(map(_quoted, columns)) + (" and so on" if rest else "")
    each = "each of " if len(columns) + rest > 1 else ""
    return f"On the data's page give {each}{named} the role that it has, label, identifier or ignored, and train again."


def is_label(column: ColumnFacts) -> bool:
    """Whether it is named like one, and has few values. What the user has said of it is not doubted."""
    if column.reason.endswith(BY_HAND):
        return False
    name = column.name.strip().lower()
    words = names.tokens(column.name)
    parts = {word for word in LABEL_NAMES - ALONE if "_" not in word}
    named = name in LABEL_NAMES | ALONE or "_".join(words) in LABEL_NAMES | ALONE or not parts.isdisjoint(words)
    named = named or (column.distinct == 2 and names.says_label(column.name))
    return named and 2 <= column.distinct <= FEW_VALUES


def tells_it(column: ColumnFacts) -> bool:
    """Whether it alone says what the label says."""
    return column.tells is not None and column.tells >= (TWO_SAY_IT if column.distinct <= 2 else SAYS_IT)


def is_identifier(column: ColumnFacts) -> bool:
    """Whether nearly every row has a value of its own, by the name or among values that are names."""
    if column.rows < FEWEST or column.kind in ("boolean", "datetime", "constant"):
        return False
    named = names.says_id(column.name) or IDENTIFIER_NAME.search(column.name) or names.says_row(column.name)
    if named and column.distinct >= MOST * column.rows:
        return column.kind != "number" or column.distinct >= NEARLY_ALL * column.rows
    return column.kind in NAMES and column.distinct >= NEARLY_ALL * column.rows


def _quoted(column: ColumnFacts) -> str:
    return f"“{column.name}”"


CHECK = Check("label_or_identifier", True, look, of_data=True)
