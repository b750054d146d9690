"""What people said of the rows of a dataset, as it stands now: of each row the newest verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from core.datasets.since import CHANGED
from core.errors import InputRefused
from core.results import Dataset, Judgement, Run, Verdict
from core.storage.store import Store
from core.storage.verdicts import Said

OPEN, CONFIRMED, DISMISSED, UNSURE = 0, 1, 2, 3  # as in `Judged.codes`
CODES: dict[Judgement, int] = {"": OPEN, "confirmed": CONFIRMED, "dismissed": DISMISSED, "unsure": UNSURE}


@dataclass(frozen=True)
class Judged:
    """The newest verdicts on a dataset's rows.

    codes: (N,) of OPEN, CONFIRMED, DISMISSED, UNSURE. changed: (N,), whose cells are not those that were judged. disputed:
    (N,), on which two people's last words differ. newest: by row, of those of which something was said.
    """

    codes: NDArray[np.int8]
    changed: NDArray[np.bool_]
    disputed: NDArray[np.bool_]
    newest: dict[int, Verdict]

    @property
    def truth(self) -> NDArray[np.int8]:
        """Of each row, as core.thresholds.Given has it, (N,): 1 confirmed, 0 dismissed; nothing, or unsure, is no truth, -1."""
        return np.where(self.codes == CONFIRMED, 1, np.where(self.codes == DISMISSED, 0, -1)).astype(np.int8)

    @property
    def counts(self) -> dict[Judgement, int]:
        """How many rows stand as what, of those of which something stands."""
        found = {name: int((self.codes == code).sum()) for name, code in CODES.items() if code != OPEN}
        return {name: number for name, number in found.items() if number}

    def rows(self, code: int) -> NDArray[np.int64]:
        """The rows that stand so, in order, (K,)."""
        return np.flatnonzero(self.codes == code)


def judged(said: Sequence[Verdict], row_keys: NDArray[np.str_], contents: NDArray[np.str_]) -> Judged:
    """The newest verdicts on rows, out of all that was said, in the order of writing.

    row_keys, contents: of the rows, (N,) each; verdicts on other rows are passed over.
    """
    codes = np.zeros(len(row_keys), np.int8)
    changed, disputed = np.zeros(len(row_keys), bool), np.zeros(len(row_keys), bool)
    newest: dict[int, Verdict] = {}
    if not said:
        return Judged(codes, changed, disputed, newest)
    keys = np.unique(np.asarray([each.row_key for each in said], str))
    there = np.flatnonzero(np.isin(row_keys, keys))
    places = dict(zip(row_keys[there].tolist(), there.tolist(), strict=True))
    last_words: dict[int, dict[str, Judgement]] = {}
    for each in said:
        row = places.get(each.row_key)
        if row is not None:
            newest[row] = each
            last_words.setdefault(row, {})[each.author] = each.verdict
    for row, verdict in newest.items():
        codes[row] = CODES[verdict.verdict]
        changed[row] = verdict.content != contents[row]
        disputed[row] = len(set(last_words[row].values()) - {""}) > 1
    return Judged(codes, changed, disputed, newest)


def judged_in(store: Store, run: Run, found: Judged) -> Judged:
    """The same of the rows of a run. Where a file was scored with columns under other names, their cells are in no hash that was
    made before that was said; which rows changed is known of the run."""
    if not run.summary.get("since", {}).get("renamed"):
        return found
    standing, changed = store.artifacts.get_array(store.space, run.artifacts["since"]), found.changed.copy()
    for row, verdict in found.newest.items():
        changed[row] |= standing[row] == CHANGED and verdict.dataset_id != run.dataset_id
    return replace(found, changed=changed)


def take_back(store: Store, dataset: Dataset, batch_id: str) -> tuple[int, int]:
    """Undo what was said at once: what stood before is said again. Where somebody spoke since, that stands.

    How many rows were set back, and how many were not. Raises InputRefused where there is no such batch.
    """
    batch = {each.row_key: each for each in store.verdicts.of_batch(batch_id)}
    if not batch:
        raise InputRefused("there is nothing to take back", where=batch_id[:40], fix="look at the row's history")
    before: dict[str, Verdict] = {}
    newest: dict[str, Verdict] = {}
    for each in store.verdicts.of_rows(dataset.lineage_id, list(batch)):
        newest[each.row_key] = each
        if each.number < batch[each.row_key].number:
            before[each.row_key] = each
    said = [_again(before.get(key), verdict) for key, verdict in batch.items() if newest[key].number == verdict.number]
    if said:
        store.verdicts.add(dataset.lineage_id, dataset.id, said)
    return len(said), len(batch) - len(said)


def _again(before: Verdict | None, taken_back: Verdict) -> Said:
    if before is None:
        return Said(taken_back.row_key, taken_back.content, "")
    return Said(**{field.name: getattr(before, field.name) for field in fields(Said)})
