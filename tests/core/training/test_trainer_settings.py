"""Every setting of a training does what it says, and what is random goes on as it would have after a checkpoint."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
import torch
from pydantic.fields import FieldInfo
from torch import nn

from core.errors import SettingsRefused
from core.models.base import build
from core.results import Encoded
from core.specs import LAYERS, OBJECTIVES, RunSpec, SettingsModel, Training, spec_from_settings
from core.training.loop import Trainer, stages_of
from core.training.optimiser import OPTIMISERS
from core.training.rates import RateTest
from tests.core.models.test_contract import LAYOUTS, rows_of, scores
from tests.core.models.test_objectives import correlated
from tests.core.training.test_loop import bits


def trainer(model: str = "vanilla", data: Encoded | None = None, held: int = 60, **settings: Any) -> Trainer:
    data = data or correlated()
    spec = spec_from_settings(model, settings, settings.pop("seed", 0))
    torch.manual_seed(spec.training.seed)
    rows = np.arange(len(data.values))
    return Trainer(build(spec, data.layout), data, rows[held:], rows[:held], spec.training, torch.device("cpu"))


def run(one: Trainer) -> Trainer:
    for _ in one.epochs():
        pass
    return one


# --- resume, for each family ---------------------------------------------------------------------------

FAMILIES = [
    *[(name, "table", {}) for name in OBJECTIVES],
    ("vanilla", "table", {"dropout": 0.3, "normalisation": "batch"}),
    ("vanilla", "table", {"optimiser": "SGD", "learning_rate": 0.05}),
    ("vanilla", "table", {"find_rate": True, "schedule": "cosine"}),
    ("vanilla", "table", {"schedule": "on plateau", "patience": 2}),
    ("denoising", "images", {"layers": "convolutional", "noise": "erased"}),
    ("variational", "series", {"layers": "convolutional_1d"}),
    ("masked", "series", {"layers": "lstm"}),
]


@pytest.mark.parametrize(("model", "sort", "settings"), FAMILIES, ids=str)
def test_a_resumed_training_is_the_same_training(model: str, sort: str, settings: dict[str, Any]) -> None:
    data = rows_of(LAYOUTS[sort][""], 90)
    made = {"data": data, "held": 20, "epochs": 8, "batch_size": 16, **settings}
    whole = run(trainer(model, **made))
    for cut in (1, 5):
        first = trainer(model, **made)
        for progress in first.epochs():
            if progress.epoch == cut:
                break
        blobs = first.checkpoint()
        torch.rand(7)  # another state of the world
        second = trainer(model, **made)
        second.restore(blobs)
        run(second)
        assert second.step == whole.step
        assert bits(second) == bits(whole)
        assert second.best_epoch == whole.best_epoch
        assert second.rate == whole.rate
    assert bits(run(trainer(model, **made))) == bits(whole)


# --- every setting is honoured -------------------------------------------------------------------------


def other(field: FieldInfo, value: Any) -> Any:
    """Another value that the field allows."""
    if field.annotation is bool:
        return not value
    if options := get_args(field.annotation):
        return options[(options.index(value) + 1) % len(options)]
    if field.annotation is str:
        return "7, 5"
    if field.annotation is int:
        return value + 2
    return value * 0.5 if value else 0.3


def outcome(spec: RunSpec, data: Encoded) -> np.ndarray:
    torch.manual_seed(spec.training.seed)
    rows = np.arange(len(data.values))
    made = build(spec, data.layout)
    one = run(Trainer(made, data, rows[20:], rows[:20], spec.training, torch.device("cpu")))
    one.use_best()
    return scores(made, data)


@pytest.mark.parametrize("name", list(OBJECTIVES))
def test_every_setting_of_an_objective_changes_the_result(name: str) -> None:
    data, card = rows_of(LAYOUTS["table"][""], 90), OBJECTIVES.get(name)
    base = {"KL": {"penalty": "KL", "weight": 1.0}}  # a weight of L1 is too small to be seen in three epochs
    start = base["KL"] if name == "sparse" else {}
    differ(data, name, "objective_settings", card.settings, start)


@pytest.mark.parametrize("name", list(LAYERS))
def test_every_setting_of_layers_changes_the_result(name: str) -> None:
    sort = next(each for each in ("table", "series", "images") if each in LAYERS.get(name).suits)
    differ(rows_of(LAYOUTS[sort][""], 90), "vanilla", "layer_settings", LAYERS.get(name).settings, {}, layers=name)


def differ(
    data: Encoded, model: str, part: str, settings: type[SettingsModel], start: dict[str, Any], layers: str = ""
) -> None:
    training = Training(epochs=6, batch_size=16)
    usual = {"objective": model, "training": training, **({"layers": layers} if layers else {})}
    before = outcome(RunSpec.read({**usual, part: start}).checked(), data)
    for field, info in settings.model_fields.items():
        value = other(info, settings.read(start).model_dump()[field])
        if field == "depth" and layers == "convolutional":
            value = 1
        changed = RunSpec.read({**usual, part: {**start, field: value}}).checked()
        assert not np.array_equal(before, outcome(changed, data)), (field, value)


CHANGED: dict[str, dict[str, Any]] = {
    "epochs": {"epochs": 5},
    "batch_size": {"batch_size": 20},
    "learning_rate": {"learning_rate": 2e-3},
    "find_rate": {"find_rate": True},
    "schedule": {"schedule": "cosine"},
    "optimiser": {"optimiser": "Adam", "weight_decay": 0.1},
    "momentum": {"optimiser": "SGD", "momentum": 0.5},
    "clip": {"clip": 0.01},
    "weight_decay": {"weight_decay": 0.1},
    "validation_share": {"validation_share": 0.3},
    "members": {"members": 2},
    "trim": {"trim": 0.2},
    "precision": {"precision": "bfloat16"},
    "seed": {"seed": 1},
}
ELSEWHERE = {
    "minutes": "test_minutes_end_it",
    "validation": "tests/core/scoring/test_split.py",
    "patience": "test_loop.test_patience_ends_it_and_stop_ends_it",
    "device": "tests/core/test_cli.py",
}


def test_every_setting_of_the_training_is_looked_at() -> None:
    assert set(CHANGED) | set(ELSEWHERE) == set(Training.model_fields)


@pytest.mark.parametrize("name", [name for name in CHANGED if name != "validation_share"])
def test_a_setting_of_the_training_changes_the_result(name: str) -> None:
    usual: dict[str, Any] = {"epochs": 8, "batch_size": 16}
    if name == "momentum":
        usual["optimiser"] = "SGD"
    if name == "optimiser":
        usual["weight_decay"] = 0.1
    assert bits(run(trainer(**usual))) != bits(run(trainer(**{**usual, **CHANGED[name]})))


# --- optimisers and schedules --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("AdamW", lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1, fused=True)),
        ("Adam", lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1, fused=True)),
        ("SGD", lambda p: torch.optim.SGD(p, lr=0.01, weight_decay=0.1, momentum=0.9, fused=True)),
    ],
)
@pytest.mark.parametrize("clipped", [True, False])
def test_optimisers_step_as_torchs_do(name: str, peer: Any, clipped: bool) -> None:
    mine, theirs = (nn.Parameter(torch.randn(64, generator=torch.Generator().manual_seed(0))) for _ in range(2))
    mine.grad, theirs.grad = torch.zeros(64), torch.zeros(64)
    largest = 5.0 if clipped else 0.0
    own = OPTIMISERS[name](mine, learning_rate=0.01, weight_decay=0.1, largest_norm=largest, momentum=0.9)
    reference = peer([theirs])
    generator = torch.Generator().manual_seed(1)
    for _ in range(12):
        slope = torch.randn(64, generator=generator) * 10
        mine.grad.copy_(slope)
        theirs.grad.copy_(slope / torch.linalg.vector_norm(slope).div(5.0).clamp(min=1.0) if clipped else slope)
        own.step()
        reference.step()
        assert torch.equal(mine, theirs)
        assert float(own.norm) == pytest.approx(float(torch.linalg.vector_norm(slope)))


def test_parts_that_stand_still_stay_as_they_are() -> None:
    flat = nn.Parameter(torch.randn(30))
    flat.grad = torch.ones(30)
    own = OPTIMISERS["AdamW"](flat, learning_rate=0.1, weight_decay=0.5, largest_norm=5.0)
    before = flat.detach().clone()
    own.move([slice(0, 5), slice(20, 25)])
    own.step()
    moved = (flat != before).nonzero().flatten().tolist()
    assert moved == [*range(5), *range(20, 25)]
    assert float(own.norm) == pytest.approx(10**0.5)


@pytest.mark.parametrize("schedule", ["constant", "one cycle", "cosine", "on plateau"])
def test_the_rate_follows_its_schedule(schedule: str) -> None:
    one = trainer(epochs=30, schedule=schedule, learning_rate=0.01, patience=4)
    rates = [progress.measures["learning rate"] for progress in one.epochs()]
    if schedule == "constant":
        assert set(rates) == {0.01}
    if schedule == "cosine":
        assert all(a > b for a, b in pairwise(rates))
        assert rates[-1] < 1e-4
    if schedule == "one cycle":
        assert 0 < rates.index(max(rates)) < 6
        assert rates[-1] < 1e-4
    if schedule == "on plateau":
        assert set(np.diff(np.log2(rates)).round(6)) <= {0.0, -1.0}


def test_a_plateau_lowers_the_rate() -> None:
    noise = correlated()
    noise.values[:] = np.random.default_rng(1).normal(size=noise.values.shape)
    one = trainer(data=noise, epochs=60, schedule="on plateau", patience=8, learning_rate=0.02)
    rates = [progress.measures["learning rate"] for progress in one.epochs()]
    assert rates[-1] <= 0.01


def test_a_plateau_without_validation_rows_is_refused() -> None:
    with pytest.raises(SettingsRefused, match="no plateau"):
        spec_from_settings("vanilla", {"schedule": "on plateau", "validation_share": 0})


def test_batch_normalisation_of_one_row_is_refused_and_a_last_batch_of_one_is_not() -> None:
    with pytest.raises(SettingsRefused, match="no other rows"):
        spec_from_settings("vanilla", {"normalisation": "batch", "batch_size": 1})
    run(trainer(held=59, epochs=2, batch_size=60, normalisation="batch"))  # 541 = 9 × 60 + 1


def test_minutes_end_it() -> None:
    one = run(trainer(epochs=5_000, patience=1_000, minutes=0.005))
    assert 0 < one.epoch < 5_000
    assert one.seconds > 0.3
    assert not one.stopped


# --- the range test ------------------------------------------------------------------------------------


def test_the_range_test_finds_a_rate_and_leaves_the_network_as_it_was() -> None:
    one, plain = trainer(find_rate=True, epochs=1), trainer(epochs=1)
    one._find_rate()
    assert bits(one) == bits(plain)
    assert 1e-4 <= one.rate <= 0.3
    assert len(one.rate_test.rates) == len(one.rate_test.losses) > 20
    again = trainer(find_rate=True, epochs=1)
    again._find_rate()
    assert again.rate_test == one.rate_test


def test_a_found_rate_learns_faster_than_a_tiny_one() -> None:
    found = run(trainer(find_rate=True, learning_rate=1e-6, epochs=20))
    tiny = run(trainer(learning_rate=1e-6, epochs=20))
    assert found.best_loss < 0.5 * tiny.best_loss


def test_a_curve_that_does_not_fall_says_no_rate() -> None:
    rates = tuple(10.0 ** -(6 - i / 10) for i in range(40))
    assert RateTest(rates, tuple(1.0 + i / 10 for i in range(40))).found is None
    assert RateTest(rates[:3], (1.0, 0.9, 0.8)).found is None
    falling = (*[1.0] * 15, *[1.0 - 0.1 * i for i in range(1, 10)], *[0.1 + i for i in range(16)])
    found = RateTest(rates, falling).found
    assert found is not None
    assert rates[14] <= found <= rates[25]


# --- stages --------------------------------------------------------------------------------------------


def test_the_epochs_of_stages_add_up() -> None:
    one = trainer("stacked", depth=2)
    for epochs in (1, 2, 7, 60):
        stages = stages_of(one.network, epochs)
        assert sum(stage.epochs for stage in stages) == epochs
        assert stages[-1].name == "all levels"
    assert len(stages_of(one.network, 60)) == 4


def test_the_parts_of_a_loss_add_up_to_it() -> None:
    one = trainer("variational", epochs=2)
    for progress in one.epochs():
        for side in ("train", "validation"):
            parts = [value for name, value in progress.losses.items() if name.startswith(f"{side} ")]
            assert len(parts) == 2
            assert sum(parts) == pytest.approx(progress.losses[side], rel=1e-5)


def test_validation_noise_is_the_same_in_each_epoch() -> None:
    one = trainer("denoising", strength=1.0, epochs=1, learning_rate=1e-12)
    list(one.epochs())
    assert one._losses(one.validation) == one._losses(one.validation)
