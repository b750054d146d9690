"""What would fail for sure is refused before there is a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.seen import plan_for
from core.errors import DatasetRefused, SettingsRefused
from core.jobs import beforehand
from core.jobs.beforehand import ROOM, device_of, refuse_hopeless
from core.results import Dataset, Device
from core.specs import Condition, spec_from_settings
from core.storage.store import Store
from tests.conftest import add_csv, grid_csv

CPU, GPU = Device("cpu", "CPU, 2 threads", 10_000_000), Device("cuda:0", "a GPU", 5_000_000)


@pytest.fixture
def dataset(store: Store, tmp_path: Path) -> Dataset:
    return add_csv(store, tmp_path, grid_csv())


def machine(monkeypatch: pytest.MonkeyPatch, *found: Device) -> None:
    monkeypatch.setattr(beforehand, "devices", lambda settings: found)


def refused(store: Store, dataset: Dataset, **settings: object) -> bool:
    try:
        refuse_hopeless(store, dataset, spec_from_settings("vanilla", settings))
    except SettingsRefused as error:
        return "this network is too large" in error.what
    return False


def test_the_largest_network_that_fits_is_taken_and_the_next_one_refused(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_from_settings("vanilla", {"hidden_width": 512, "members": 3})
    weights = plan_for(spec, dataset).parameters * 3
    for device, each in ((CPU, 48), (GPU, 24)):
        fits = round(weights * each / ROOM) + 1
        for memory, wanted in ((fits, False), (fits - 2, True)):
            machine(monkeypatch, Device(device.name, device.description, memory))
            assert refused(store, dataset, hidden_width=512, members=3) == wanted


def test_batches_that_no_memory_holds_are_refused_where_a_process_would_be_killed_for_them(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 60 rows are all there are for a batch.
    settings = {"hidden_width": 64, "members": 2, "batch_size": 65_536, "validation_share": 0}
    plan = plan_for(spec_from_settings("vanilla", settings), dataset)
    fits = round((plan.parameters * 2 * 48 + 60 * sum(plan.widths) * 2 * 8) / ROOM) + 1
    machine(monkeypatch, Device("cpu", "CPU", fits))
    refuse_hopeless(store, dataset, spec_from_settings("vanilla", settings))
    machine(monkeypatch, Device("cpu", "CPU", fits - 2))
    with pytest.raises(SettingsRefused, match="batches of 60 rows are too large for this network"):
        refuse_hopeless(store, dataset, spec_from_settings("vanilla", settings))
    refuse_hopeless(store, dataset, spec_from_settings("vanilla", {**settings, "batch_size": 59}))
    refuse_hopeless(store, dataset, spec_from_settings("vanilla", {**settings, "precision": "bfloat16"}))
    machine(monkeypatch, Device("cuda:0", "a GPU", fits - 2))
    refuse_hopeless(store, dataset, spec_from_settings("vanilla", settings))


def test_rows_that_are_left_out_count_neither_as_rows_nor_in_windows(store: Store, tmp_path: Path) -> None:
    dataset = add_csv(store, tmp_path, grid_csv())  # 60 rows; a is i % 7: over 0 in all but 9 of them
    most = Condition(column="a", operator="above", value="0")
    spec = spec_from_settings("vanilla", {"window": 8, "validation_share": 0}).model_copy(update={"leave_out": (most,)})
    with pytest.raises(DatasetRefused, match="only 9 rows are left to train on, at least 10 are needed") as refused:
        refuse_hopeless(store, dataset, spec)
    assert "60 rows of which 51 are left out" in refused.value.where
    some = Condition(column="a", operator="is", value="0")
    with pytest.raises(DatasetRefused, match="only 0 windows of 8 steps are left to train on"):
        refuse_hopeless(store, dataset, spec.model_copy(update={"leave_out": (some,)}))
    refuse_hopeless(store, dataset, spec.model_copy(update={"leave_out": ()}))


def test_the_memory_that_counts_is_that_of_the_device_that_trains(
    store: Store, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(monkeypatch, GPU, CPU)
    for wanted, device in (("auto", GPU), ("cuda", GPU), ("cuda:0", GPU), ("cpu", CPU)):
        assert device_of(store, spec_from_settings("vanilla", {"device": wanted})) == device
    with pytest.raises(SettingsRefused, match="there is no device “cuda:1” on this machine"):
        device_of(store, spec_from_settings("vanilla", {"device": "cuda:1"}))
    # 0.2 million weights: 5 MB on a GPU, 10 MB elsewhere.
    large = {"hidden_width": 4_096, "bottleneck": 20, "batch_size": 1}
    assert refused(store, dataset, **large)
    assert refused(store, dataset, device="cpu", **large)
    machine(monkeypatch, Device("cuda:0", "a larger GPU", 10_000_000), CPU)
    assert not refused(store, dataset, **large)
    assert refused(store, dataset, device="cpu", **large)
