"""The log of verdicts: nothing is lost, nothing is said twice, the newest counts, what is taken back is said too."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from core.access import Principal
from core.errors import InputRefused, NotFound
from core.results import Dataset
from core.settings import Settings
from core.storage.store import Store
from core.storage.verdicts import Said
from core.triage.judged import CONFIRMED, DISMISSED, OPEN, UNSURE, Judged, judged, take_back
from tests.conftest import add_csv, grid_csv
from tests.waiting import eventually

WRITERS, EACH = 10, 40


def said(store: Store, dataset: Dataset, row: int, verdict: str, **more: object) -> Said:
    key = str(store.datasets.row_keys(dataset)[row])
    return Said(key, str(store.datasets.row_contents(dataset)[row]), verdict, **more)  # type: ignore[arg-type]


def now(store: Store, dataset: Dataset) -> Judged:
    return judged(
        store.verdicts.of_lineage(dataset.lineage_id),
        store.datasets.row_keys(dataset),
        store.datasets.row_contents(dataset),
    )


def by(store: Store, author: str) -> Store:
    return Store(store.settings, store.engine, Principal(store.space, author))


def test_the_newest_counts_and_every_record_stays(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    write = store.verdicts.add
    write(
        dataset.lineage_id,
        dataset.id,
        [said(store, dataset, 3, "confirmed", note=" broken\0 "), said(store, dataset, 4, "unsure")],
    )
    write(dataset.lineage_id, dataset.id, [said(store, dataset, 3, "dismissed", tags=("a", " a", "b"), score=2.5)])
    found = now(store, dataset)
    assert found.codes[3] == DISMISSED
    assert found.codes[4] == UNSURE
    assert (found.codes != OPEN).sum() == 2
    history = store.verdicts.of_row(dataset.lineage_id, found.newest[3].row_key)
    assert [each.verdict for each in history] == ["dismissed", "confirmed"]
    assert (history[1].note, history[0].tags, history[0].score) == ("broken", ("a", "b"), 2.5)
    assert not found.disputed.any()
    by(store, "Ben").verdicts.add(dataset.lineage_id, dataset.id, [said(store, dataset, 3, "confirmed")])
    assert np.flatnonzero(now(store, dataset).disputed).tolist() == [3]


def test_what_was_asked_for_twice_is_written_once(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    words = [said(store, dataset, row, "confirmed") for row in range(3)]
    for _ in range(2):
        store.verdicts.add(dataset.lineage_id, dataset.id, words, "b-mine")
    assert len(store.verdicts.of_batch("b-mine")) == 3
    with pytest.raises(IntegrityError):
        store.verdicts.add(dataset.lineage_id, dataset.id, [*words, said(store, dataset, 9, "unsure")], "b-mine")
    assert store.verdicts.stamp(dataset.lineage_id)[0] == 3


def test_what_is_taken_back_leaves_what_stood_before_and_what_others_said_since(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    write = store.verdicts.add
    write(dataset.lineage_id, dataset.id, [said(store, dataset, 0, "unsure", note="why")])
    batch = write(dataset.lineage_id, dataset.id, [said(store, dataset, row, "dismissed") for row in (0, 1, 2)])
    by(store, "Ben").verdicts.add(dataset.lineage_id, dataset.id, [said(store, dataset, 2, "confirmed")])
    assert take_back(store, dataset, batch) == (2, 1)
    found = now(store, dataset)
    assert found.codes[:3].tolist() == [UNSURE, OPEN, CONFIRMED]
    assert found.newest[0].note == "why"
    assert store.verdicts.stamp(dataset.lineage_id)[0] == 7
    with pytest.raises(InputRefused, match="nothing to take back"):
        take_back(store, dataset, "b-none")


def test_verdicts_follow_their_rows_into_the_next_file(store: Store, tmp_path: Path) -> None:
    lines = ["name,a,b", *(f"K{i:03d},{i * 7 % 50},{i * 3 % 11}" for i in range(100))]
    first = add_csv(store, tmp_path, "\n".join(lines))
    store.verdicts.add(first.lineage_id, first.id, [said(store, first, row, "confirmed") for row in (5, 6)])
    lines[6] = "K005,999,999"
    later = add_csv(store, tmp_path, "\n".join([lines[0], "K900,1,2", *lines[1:]]))
    found = now(store, later)
    assert found.rows(CONFIRMED).tolist() == [6, 7]
    assert np.flatnonzero(found.changed).tolist() == [6]
    assert now(store, first).changed.sum() == 0
    lines_of_removal = store.datasets.would_remove(first.id).lines()
    assert not any("verdict" in line for line in lines_of_removal)
    store.datasets.delete(first.id)
    assert len(now(store, later).newest) == 2
    assert "the verdicts on 2 rows" in store.datasets.would_remove(later.id).lines()
    store.datasets.delete(later.id)
    assert store.verdicts.stamp(first.lineage_id)[0] == 0


def test_nothing_is_said_of_rows_that_are_deleted(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())
    words = [said(store, dataset, 3, "confirmed")]
    batch = store.verdicts.add(dataset.lineage_id, dataset.id, words)
    store.datasets.delete(dataset.id)
    with pytest.raises(NotFound, match="nothing was written of its rows"):
        store.verdicts.add(dataset.lineage_id, dataset.id, words)
    with pytest.raises(InputRefused, match="nothing to take back"):
        take_back(store, dataset, batch)
    assert store.verdicts.stamp(dataset.lineage_id)[0] == 0


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (Said("a", "", "maybe"), "is no verdict"),  # type: ignore[arg-type]
        (Said("a", "", "unsure", note="x" * 10_001), "the note has 10,001 characters"),
        (Said("a", "", "unsure", tags=tuple(map(str, range(51)))), "51 tags"),
    ],
)
def test_what_can_not_be_kept_is_refused(store: Store, words: Said, wrong: str) -> None:
    with pytest.raises(InputRefused, match=wrong):
        store.verdicts.add("d-x", "d-x", [words])
    assert store.verdicts.stamp("d-x") == (0, 0)


WRITER = """
import sys
from core.access import Principal
from core.settings import settings
from core.storage.store import Store
from core.storage.verdicts import Said

name, each, data = sys.argv[1], int(sys.argv[2]), sys.argv[3]
store = Store.open(settings(), Principal("local", name))
for i in range(each):
    store.verdicts.add(data, data, [Said(f"row {i}", "", "confirmed", note=f"{name} {i}")], f"b-{name}-{i}")
    print(i, flush=True)
"""


def test_ten_writers_of_which_one_is_killed_lose_no_verdict_and_write_none_twice(
    anywhere: Settings, tmp_path: Path
) -> None:
    generator = random.Random(5)
    environment = {**os.environ, "HOURGLASS_HOME": str(anywhere.home), "HOURGLASS_DATABASE_URL": anywhere.database}
    store = Store.open(anywhere)
    data = add_csv(store, tmp_path, grid_csv()).lineage_id
    answers = [tmp_path / f"w{i}" for i in range(WRITERS)]
    chosen, enough = generator.randrange(WRITERS), generator.randrange(3, EACH // 2)
    # The chosen one would go on for long after the others: it is killed while it writes, never after its last line.
    each = [EACH * 1_000 if i == chosen else EACH for i in range(WRITERS)]
    writers = []
    for path, how_many in zip(answers, each, strict=True):
        with path.open("w") as answer:
            command = [sys.executable, "-c", WRITER, path.name, str(how_many), data]
            writers.append(subprocess.Popen(command, stdout=answer, env=environment))
    eventually(lambda: len(answers[chosen].read_text().split()) >= enough, "the writer does not write")
    writers[chosen].send_signal(signal.SIGKILL)
    for i, writer in enumerate(writers):
        assert writer.wait(timeout=120) == (-signal.SIGKILL if i == chosen else 0)
    acknowledged = {f"{path.name} {line}" for path in answers for line in path.read_text().split()}
    notes = [each.note for each in store.verdicts.of_lineage(data)]
    store.close()
    assert len(notes) == len(set(notes))
    assert acknowledged <= set(notes)
    assert (WRITERS - 1) * EACH + enough <= len(acknowledged) < sum(each)
    assert len(notes) - len(acknowledged) <= 1  # written, and killed before it could say so
