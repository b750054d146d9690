"""What every autoencoder promises, asked of each objective on each layer family in the registries."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from core.errors import SettingsRefused
from core.models.base import Batch, Objective, build
from core.results import Block, Encoded, Head, Layout
from core.specs import LAYERS, OBJECTIVES, RunSpec, Training
from core.training.loop import Trainer

MIXED = Layout(
    (
        Block("number", "squared", 0, 1),
        Block("flag", "binary", 1, 2, 0.5),
        Block("name", "categorical", 2, 6, 2.0),
        Block("gaps", "squared", 6, 7),
        Block("gaps", "binary", 7, 8),
    )
)

PICTURE = Layout((Block("image", "squared", 0, 9 * 11 * 3, 1 / 297),), (9, 11, 3))  # odd sizes, in colour


def windows(steps: int, *heads: Head) -> Layout:
    """A window of so many steps, one channel a head, step by step."""
    return Layout(
        tuple(
            Block(f"channel {c}", head, t * len(heads) + c, t * len(heads) + c + 1, 1 / steps)
            for t in range(steps)
            for c, head in enumerate(heads)
        ),
        (steps, len(heads)),
    )


LAYOUTS = {
    "table": {"": MIXED},
    "images": {"": PICTURE},
    "series": {"": windows(12, "squared", "squared", "squared"), "-switch": windows(13, "squared", "binary")},
}
# Every pair that can work; layers on all that they claim to suit, in all variants, with the plain objective.
PAIRS = [
    pytest.param((objective, layers), layout, id=f"{objective}-{layers}-{sort}{variant}")
    for objective in OBJECTIVES
    for layers in LAYERS
    if LAYERS.get(layers).levels or not OBJECTIVES.get(objective).needs_levels
    for sort in LAYERS.get(layers).suits[: None if objective == "vanilla" else 1]
    for variant, layout in LAYOUTS[sort].items()
    if objective == "vanilla" or not variant
]


def rows_of(layout: Layout, count: int, seed: int = 0) -> Encoded:
    """Random rows that fit the layout, with gaps."""
    generator = np.random.default_rng(seed)
    values = np.zeros((count, layout.width), np.float32)
    observed = np.ones((count, layout.width), bool)
    for block in layout.blocks:
        width = block.stop - block.start
        if block.head == "squared":
            values[:, block.start : block.stop] = generator.normal(size=(count, width))
        elif block.head == "binary":
            values[:, block.start : block.stop] = generator.integers(0, 2, (count, width))
        else:
            values[np.arange(count), block.start + generator.integers(0, width, count)] = 1.0
    if layout is MIXED:
        gone = values[:, 7] == 1
        values[gone, 6], observed[gone, 6] = 0.0, False
    return Encoded(layout, values, observed)


def batch_of(data: Encoded) -> Batch:
    return Batch(torch.from_numpy(data.values), torch.from_numpy(data.observed.astype(np.float32)))


def made(pair: tuple[str, str], layout: Layout, still: bool = False, **training: Any) -> tuple[RunSpec, Objective]:
    """still: rows are not varied while they are learned."""
    shape = {"shift": 0} if still and "shift" in LAYERS.get(pair[1]).settings.model_fields else {}
    spec = RunSpec(objective=pair[0], layers=pair[1], layer_settings=shape, training=Training(**training)).checked()
    torch.manual_seed(spec.training.seed)
    return spec, build(spec, layout)


def trained(
    pair: tuple[str, str], data: Encoded, still: bool = False, enough: float = 0.0, **training: Any
) -> tuple[Trainer, Objective]:
    """enough: a mean score with which it may stop, once all stages have been."""
    spec, network = made(pair, data.layout, still, **training)
    everything = np.arange(len(data.values))

    def learned() -> bool:
        kept = trainer.epoch == trainer.best_epoch and trainer.stage is trainer.stages[-1]
        return kept and enough > 0 and bool(scores(network, data).mean() < enough)

    trainer = Trainer(network, data, everything, everything[:0], spec.training, torch.device("cpu"), stop=learned)
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    return trainer, network


def scores(network: Objective, data: Encoded) -> np.ndarray:
    with torch.inference_mode():
        batch = batch_of(data)
        return network.heads.errors(network.reconstruct(batch.values), batch.values, batch.observed).numpy()


@pytest.mark.parametrize(("pair", "layout"), PAIRS)
class TestEveryPair:
    def test_shapes(self, pair: tuple[str, str], layout: Layout) -> None:
        _, network = made(pair, layout)
        batch = batch_of(rows_of(layout, 5))
        codes = network.encode(batch.values)
        assert codes.ndim == 2
        assert codes.shape[0] == 5
        output = network.reconstruct(batch.values)
        assert output.shape == (5, layout.width)
        for term in network.loss_terms(batch).values():
            assert term.shape == (5,)
        columns = network.heads.column_errors(output, batch.values, batch.observed)
        assert columns.shape == (5, len(layout.columns))
        whole = network.heads.errors(output, batch.values, batch.observed)
        assert torch.allclose(columns.sum(dim=1), whole, rtol=1e-5)

    def test_the_plan_is_the_built_network(self, pair: tuple[str, str], layout: Layout) -> None:
        spec, network = made(pair, layout)
        plan = spec.plan(layout.row_shape)
        heads = sum(parameter.numel() for parameter in network.heads.parameters())
        assert plan.parameters == sum(parameter.numel() for parameter in network.parameters()) - heads
        assert plan.widths[0] == plan.widths[-1] == layout.width
        assert plan.bottleneck == min(plan.widths)
        assert plan.latent == network.encode(torch.zeros(1, layout.width)).shape[1]
        if OBJECTIVES.get(pair[0]).code_width is None:
            assert plan.bottleneck == plan.latent == plan.kept

    def test_every_term_has_a_finite_gradient(self, pair: tuple[str, str], layout: Layout) -> None:
        _, network = made(pair, layout)
        for name, term in network.loss_terms(batch_of(rows_of(layout, 16))).items():
            network.zero_grad()
            term.mean().backward(retain_graph=True)
            gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
            assert gradients, name
            assert all(bool(torch.isfinite(gradient).all()) for gradient in gradients), name

    def test_a_missing_cell_does_not_count(self, pair: tuple[str, str], layout: Layout) -> None:
        _, network = made(pair, layout)
        batch = batch_of(rows_of(layout, 4))
        output = network.reconstruct(batch.values)
        hidden = torch.zeros_like(batch.values)
        assert not network.heads.errors(output, batch.values, hidden).detach().any()

    def test_the_same_seed_gives_the_same_bits(self, pair: tuple[str, str], layout: Layout) -> None:
        data = rows_of(layout, 70)
        first, second = (scores(trained(pair, data, epochs=3)[1], data) for _ in range(2))
        assert np.array_equal(first, second)
        assert not np.array_equal(first, scores(trained(pair, data, epochs=3, seed=1)[1], data))

    def test_it_overfits_eight_rows(self, pair: tuple[str, str], layout: Layout) -> None:
        data = rows_of(layout, 8)
        most = 0.3 * scores(made(pair, layout)[1], data).mean()
        # Layers along time begin as a PCA, and have not as far to go.
        epochs = 1_500 if LAYERS.get(pair[1]).levels else 500
        _, network = trained(pair, data, still=True, enough=most, epochs=epochs, learning_rate=5e-3)
        assert scores(network, data).mean() < most

    @pytest.mark.parametrize("count", [1, 3, 65])
    def test_fewer_rows_than_a_batch_and_one_more(self, pair: tuple[str, str], layout: Layout, count: int) -> None:
        data = rows_of(layout, count)
        trainer, network = trained(pair, data, epochs=2, batch_size=64)
        assert trainer.step == 2 * -(-count // 64)
        assert np.isfinite(scores(network, data)).all()

    def test_weights_survive_safetensors(self, pair: tuple[str, str], layout: Layout) -> None:
        data = rows_of(layout, 30)
        _, network = trained(pair, data, epochs=2)
        _, again = made(pair, layout, seed=9)
        again.load_state_dict(load(save({name: v.contiguous() for name, v in network.state_dict().items()})))
        assert np.array_equal(scores(network, data), scores(again.eval(), data))

    def test_an_unknown_setting_is_refused_with_the_nearest_name(self, pair: tuple[str, str], layout: Layout) -> None:
        for registry, name in ((OBJECTIVES, pair[0]), (LAYERS, pair[1])):
            settings = registry.get(name).settings
            with pytest.raises(SettingsRefused, match="there is no setting named"):
                settings.read({"no_such_setting": 1})


@pytest.mark.parametrize("pair", [pair.values[0] for pair in PAIRS if pair.values[1] is MIXED], ids="-".join)
def test_one_feature(pair: tuple[str, str]) -> None:
    data = rows_of(Layout((Block("x", "squared", 0, 1),)), 40)
    _, network = trained(pair, data, epochs=3)
    assert np.isfinite(scores(network, data)).all()


def test_convolutions_are_refused_for_what_is_no_image() -> None:
    family = LAYERS.get("convolutional")
    for shape, depth, words in (
        ((40,), 0, "at least 8 × 8"),
        ((7, 30, 1), 0, "at least 8 × 8"),
        ((8, 8, 1), 5, "4 times|3 times"),
    ):
        with pytest.raises(SettingsRefused, match=words):
            family.plan(family.settings.read({"depth": depth}), shape)


@pytest.mark.parametrize("registry", [OBJECTIVES, LAYERS], ids=["objectives", "layers"])
def test_every_setting_has_bounds_unit_and_help(registry: Any) -> None:
    for name in registry:
        card = registry.get(name)
        assert card.name == name
        assert card.summary
        for field, info in card.settings.model_fields.items():
            assert info.title, (name, field)
            assert info.description, (name, field)
            assert "unit" in (info.json_schema_extra or {}), (name, field)
            if info.annotation in (int, float):
                assert len(info.metadata) >= 2, (name, field)


def test_cards_need_no_torch() -> None:
    """Pages draw forms from specs: the registry of cards must stay light."""
    code = (
        "import json, sys\nfrom core.specs import LAYERS, OBJECTIVES\n"
        "cards = [registry.get(name).title for registry in (OBJECTIVES, LAYERS) for name in registry]\n"
        "print(json.dumps([cards, 'torch' in sys.modules, 'sklearn' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    cards, torch_loaded, sklearn_loaded = json.loads(done.stdout)
    assert cards
    assert not torch_loaded
    assert not sklearn_loaded


def test_the_contract_names_what_an_objective_may_override() -> None:
    members = {name for name, _ in inspect.getmembers(Objective, inspect.isfunction)}
    assert {"loss_terms", "corrupt", "penalties", "stages", "encode", "reconstruct"} <= members
