"""However rows are held, in memory, on disk or far from the device, a training sees each of them once an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.encoding.on_disk import RowsOnDisk
from core.models.base import Batch, build
from core.results import Block, Encoded, Layout
from core.specs import RunSpec, Training
from core.training import held as places
from core.training.held import CPU, Held, Resident, Sent, Streamed, Taken, ahead, cut, held, sent_whole
from core.training.loop import Trainer
from tests.core.models.test_contract import MIXED, rows_of
from tests.core.training.test_loop import bits

NUMBERED = Layout(tuple(Block(f"c{i}", "squared", i, i + 1) for i in range(3)))


def numbered(rows: int, gaps: bool = False) -> Encoded:
    """The first cell of each row is its number."""
    values = np.random.default_rng(0).normal(size=(rows, 3)).astype(np.float32)
    values[:, 0] = np.arange(rows)
    observed = np.ones(values.shape, bool)
    if gaps:
        observed[::3, 1] = False
    return Encoded(NUMBERED, values, observed)


def on_disk(data: Encoded, folder: Path, group: int = 7, parts: int = 3) -> RowsOnDisk:
    pieces = (data.take(rows) for rows in np.array_split(np.arange(len(data)), parts))
    return RowsOnDisk.write(data.layout, pieces, folder, group)


def seen(batches: Iterator[Batch]) -> list[list[int]]:
    return [batch.values[:, 0].long().tolist() for batch in batches]


@pytest.mark.parametrize("gaps", [False, True])
def test_rows_come_back_from_disk_as_they_were(tmp_path: Path, gaps: bool) -> None:
    data = numbered(100, gaps)
    kept = on_disk(data, tmp_path)
    assert len(kept) == 100
    assert kept.whole is not gaps
    assert list(tmp_path.iterdir()) == []  # nothing to sweep up where the process dies
    for rows in (np.asarray([99, 0, 41, 41]), slice(95, 200), slice(0, 0), np.arange(100)):
        found, wanted = kept.take(rows), data.take(rows)
        assert np.array_equal(found.values, wanted.values)
        assert np.array_equal(found.observed, wanted.observed)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 20), st.integers(1, 40), st.integers(1, 400), st.data())
def test_every_row_is_seen_once_an_epoch_in_whole_batches(
    tmp_path_factory: pytest.TempPathFactory, count: int, group: int, size: int, pool: int, draw: st.DataObject
) -> None:
    kept = on_disk(numbered(count, gaps=True), tmp_path_factory.mktemp("rows"), group)
    rows = np.asarray(sorted(draw.draw(st.sets(st.integers(0, count - 1), min_size=1))))
    streamed = Streamed(kept, rows, pool)
    in_order = seen(streamed.batches(size))
    assert [row for batch in in_order for row in batch] == rows.tolist()
    generator = torch.Generator().manual_seed(1)
    for _ in range(2):
        batches = seen(streamed.shuffled(size, generator))
        assert sorted(row for batch in batches for row in batch) == rows.tolist()
        assert [len(batch) for batch in batches] == [len(batch) for batch in in_order]
        assert all(len(batch) == size for batch in batches[:-1])


def test_rows_on_disk_come_in_another_order_each_epoch_and_in_the_same_by_the_same_seed(tmp_path: Path) -> None:
    streamed = Streamed(on_disk(numbered(500), tmp_path, 25, 1), np.arange(500), pool_bytes=25 * 4 * 12)
    generator = torch.Generator().manual_seed(3)
    epochs = [[row for batch in seen(streamed.shuffled(16, generator)) for row in batch] for _ in range(2)]
    again = torch.Generator().manual_seed(3)
    assert [row for batch in seen(streamed.shuffled(16, again)) for row in batch] == epochs[0]
    assert epochs[0] != epochs[1]
    first = np.asarray(epochs[0][:100])  # four groups of twenty-five, from anywhere, their rows mixed
    assert len(set((first // 25).tolist())) == 4
    assert (np.diff(first // 25) != 0).sum() > 50


def test_the_missing_stays_missing(tmp_path: Path) -> None:
    data = numbered(50, gaps=True)
    for batch in Streamed(on_disk(data, tmp_path), np.arange(50), 100).shuffled(8, torch.Generator().manual_seed(0)):
        assert batch.observed is not None
        rows = batch.values[:, 0].long().numpy()
        assert np.array_equal(batch.observed.numpy().astype(bool), data.observed[rows])


def trained(data: Encoded | RowsOnDisk, monkeypatch: pytest.MonkeyPatch, wrap: bool = False) -> Trainer:
    if wrap:
        plain = places.held
        monkeypatch.setattr(
            "core.training.loop.held", lambda data, rows, device: Sent(plain(data, rows, device), device)
        )
    spec = RunSpec(training=Training(epochs=4, batch_size=16)).checked()
    torch.manual_seed(0)
    rows = np.arange(len(data))
    one = Trainer(build(spec, data.layout), data, rows[20:], rows[:20], spec.training, CPU)
    for _ in one.epochs():
        pass
    return one


def test_what_is_sent_to_a_device_is_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    data = rows_of(MIXED, 200)
    assert bits(trained(data, monkeypatch)) == bits(trained(data, monkeypatch, wrap=True))


def test_a_training_from_disk_learns_as_one_in_memory_and_twice_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = rows_of(MIXED, 600)
    inside = trained(data, monkeypatch)
    monkeypatch.setattr(places, "SMALL", 0)
    kept = on_disk(data, tmp_path, 50)
    outside = trained(kept, monkeypatch)
    assert isinstance(outside.train, Streamed)
    assert outside.best_loss == pytest.approx(inside.best_loss, rel=0.1)
    assert bits(outside) == bits(trained(kept, monkeypatch))


def test_the_way_is_chosen_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, rows = numbered(100), np.arange(100)
    kept = on_disk(data, tmp_path)
    assert isinstance(held(data, rows, CPU), Resident)
    assert isinstance(held(kept, rows, CPU), Resident)  # small enough, though it lies on disk
    monkeypatch.setattr(places, "SMALL", 500)
    assert isinstance(held(kept, rows, CPU), Streamed)
    assert isinstance(held(kept, rows[:20], CPU), Resident)
    far = torch.device("meta")  # a device that is not the CPU, with room for nothing
    monkeypatch.setattr(places, "room", lambda device: 0.0)
    for source, way in ((data, Resident), (kept, Streamed)):
        sent = held(source, rows, far)
        assert isinstance(sent, Sent)
        assert isinstance(sent.kept, way)
    assert isinstance(kept_of(held(Some3(data), rows, far)), Taken)


def kept_of(found: Held) -> Held:
    assert isinstance(found, Sent)
    return found.kept


class Some3:
    """Rows that are made as they are taken."""

    def __init__(self, data: Encoded) -> None:
        self.data, self.layout, self.whole = data, data.layout, data.whole

    def __len__(self) -> int:
        return len(self.data)

    def take(self, rows: np.ndarray | slice) -> Encoded:
        return self.data.take(rows)


def test_what_fails_ahead_fails_here_and_who_stops_listening_ends_it() -> None:
    def breaking() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    found = ahead(breaking())
    assert next(found) == 1
    with pytest.raises(OSError, match="gone"):
        next(found)
    made: list[int] = []

    def counting() -> Iterator[int]:
        for i in range(1, 100):
            made.append(i)
            yield i

    listening = ahead(counting())
    assert next(listening) == 1
    listening.close()
    assert len(made) <= 3


@pytest.mark.parametrize("members", [(), (4,)])
def test_all_that_belongs_to_a_row_stays_with_it_where_rows_are_cut(members: tuple[int, ...]) -> None:
    rows = torch.arange(7.0)[:, None].expand(*members, 7, 3)
    parts = list(cut(Batch(rows, None, rows + 10, rows + 20), 3))
    assert [part.values.shape for part in parts] == [(*members, 3, 3), (*members, 3, 3), (*members, 1, 3)]
    for part in parts:
        assert part.observed is None
        assert part.corrupted is not None and torch.equal(part.corrupted, part.values + 10)
        assert part.hidden is not None and torch.equal(part.hidden, part.values + 20)
    assert torch.equal(torch.cat([part.values for part in parts], dim=-2), rows)


@pytest.mark.parametrize("gaps", [False, True])
def test_what_fits_on_a_gpu_is_sent_there_part_by_part_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gaps: bool
) -> None:
    data, rows = numbered(100, gaps), np.arange(3, 98, 2)
    monkeypatch.setattr(places, "POOL_BYTES", 4 * 3 * 10)  # ten rows at a time
    wanted = data.take(rows)
    for source in (data, on_disk(data, tmp_path)):
        sent = sent_whole(source, rows, CPU)
        assert np.array_equal(sent.values.numpy(), wanted.values)
        assert (sent.observed is not None) is gaps
        if sent.observed is not None:
            assert np.array_equal(sent.observed.numpy().astype(bool), wanted.observed)
    far = torch.device("meta")
    for free, kind in ((1e9, Resident), (4 * 3 * len(rows), Resident if not gaps else Sent)):
        monkeypatch.setattr(places, "room", lambda device, free=free: free)
        assert type(held(data, rows, far)) is kind  # that a cell is missing takes as much room as its value
