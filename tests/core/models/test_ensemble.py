"""Members of an ensemble learn as they would alone, each from its own start and noise; the ensemble is their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from core.models.base import Objective, build
from core.models.ensemble import Ensemble, each_of
from core.results import Encoded, Layout
from core.specs import LAYERS, OBJECTIVES, RunSpec, Training, spec_from_settings
from core.training.gradients import ByAutograd, ByAutogradTogether, ByHand, flatten, gradient_of
from core.training.loop import Trainer
from tests.core.models.test_contract import LAYOUTS, MIXED, batch_of, rows_of
from tests.core.training.test_loop import bits

MEMBERS = 3
FEW = {"epochs": 6, "batch_size": 16, "members": MEMBERS}


def ensemble(model: str, layout: Layout, **settings: Any) -> Ensemble:
    torch.manual_seed(4)
    made = build(spec_from_settings(model, {"members": MEMBERS, **settings}, 0), layout)
    assert isinstance(made, Ensemble)
    return made


def trainer(model: str, data: Encoded, settings: dict[str, Any]) -> Trainer:
    spec = spec_from_settings(model, settings, 0)
    torch.manual_seed(0)
    rows = np.arange(len(data.values))
    return Trainer(build(spec, data.layout), data, rows[20:], rows[:20], spec.training, torch.device("cpu"))


def run(one: Trainer) -> Trainer:
    for _ in one.epochs():
        pass
    return one


def slopes(network: Objective) -> torch.Tensor:
    return torch.cat([p.grad.reshape(-1) for p in network.parameters() if p.grad is not None])


@pytest.mark.parametrize(
    ("model", "settings", "way"),
    [
        ("vanilla", {}, ByHand),
        ("denoising", {"depth": 2}, ByHand),
        ("denoising", {"layers": "around_pca"}, ByHand),
        ("vanilla", {"activation": "gelu", "normalisation": "layer"}, ByAutogradTogether),
        ("vanilla", {"layers": "convolutional_1d"}, ByAutogradTogether),
        ("vanilla", {"layers": "convolutional"}, ByAutograd),  # on a processor
        ("stacked", {"depth": 2}, ByAutogradTogether),
        ("variational", {}, ByAutogradTogether),
        ("masked", {}, ByAutogradTogether),
        ("vanilla", {"normalisation": "batch"}, ByAutograd),
        ("vanilla", {"layers": "gru"}, ByAutograd),
        ("contractive", {}, ByAutograd),
        ("sparse", {}, ByAutograd),
    ],
    ids=str,
)
def test_each_member_has_the_gradient_that_it_would_have_alone(model: str, settings: dict[str, Any], way: type) -> None:
    sort = LAYERS.get(settings.get("layers", "fully_connected")).suits[0]
    together = ensemble(model, LAYOUTS[sort][""], **settings)
    flat = flatten(together)
    together.train()
    together.begin(next(iter(together.stages())))
    seen = together.corrupt(batch_of(rows_of(LAYOUTS[sort][""], 9)), torch.Generator().manual_seed(1))
    gradient = gradient_of(together, flat)
    assert type(gradient) is way
    weights = {name: value.clone() for name, value in together.state_dict().items()}
    losses = gradient(seen)
    found = slopes(together)
    together.load_state_dict(weights)  # running means of a batch's normalisation too
    alone, own = [], []
    for number, member in enumerate(together.each):
        member.zero_grad(set_to_none=True)
        own.append(ByAutograd(member, flatten(member))(together.batch_of(number, seen)))
        alone.append(slopes(member))
    assert float(found.abs().max()) > 0
    assert torch.allclose(found, torch.cat(alone), rtol=1e-4, atol=1e-6)
    assert torch.allclose(losses, torch.stack(own).mean(dim=0), rtol=1e-5, atol=1e-7)
    assert gradient.names[: gradient.terms] == tuple(own_names(together, seen))


def own_names(together: Ensemble, seen: Any) -> list[str]:
    return list(together.loss_terms(seen))


@pytest.mark.parametrize(("model", "way"), [("denoising", ByHand), ("variational", ByAutogradTogether)], ids=str)
def test_each_member_leaves_its_own_worst_rows_out(model: str, way: type) -> None:
    together = ensemble(model, LAYOUTS["table"][""])
    flat = flatten(together)
    together.train()
    seen = together.corrupt(batch_of(rows_of(LAYOUTS["table"][""], 9)), torch.Generator().manual_seed(1))
    gradient = gradient_of(together, flat, trim=0.25)
    assert type(gradient) is way
    losses = gradient(seen)
    found = slopes(together)
    alone, own = [], []
    for number, member in enumerate(together.each):
        member.zero_grad(set_to_none=True)
        own.append(ByAutograd(member, flatten(member), trim=0.25)(together.batch_of(number, seen)))
        alone.append(slopes(member))
    assert torch.allclose(found, torch.cat(alone), rtol=1e-4, atol=1e-6)
    assert torch.allclose(losses, torch.stack(own).mean(dim=0), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", list(OBJECTIVES))
def test_it_is_the_mean_of_its_members_and_its_code_the_first_ones(name: str) -> None:
    data = rows_of(MIXED, 90)
    one = run(trainer(name, data, {"depth": 2, **FEW}))
    one.use_best()
    network, values = one.network, torch.from_numpy(data.values)
    with torch.inference_mode():
        of_each = torch.stack([member.reconstruct(values) for member in each_of(network)])
        codes, output = network.look(values)
        assert torch.equal(network.reconstruct(values), of_each.mean(dim=0))
        assert torch.equal(output, of_each.mean(dim=0))
        assert torch.equal(codes, each_of(network)[0].encode(values))
        assert torch.equal(codes, network.encode(values))
    assert float((of_each[0] - of_each[1]).abs().max()) > 1e-3  # each from a start of its own


def test_noise_is_each_members_own() -> None:
    together = ensemble("denoising", MIXED)
    seen = together.corrupt(batch_of(rows_of(MIXED, 9)), torch.Generator().manual_seed(1))
    assert seen.corrupted is not None
    assert seen.corrupted.shape == (MEMBERS, 9, MIXED.width)
    assert not torch.equal(seen.corrupted[0], seen.corrupted[1])
    assert torch.equal(seen.values[0], seen.values[1])


@pytest.mark.parametrize("name", ["vanilla", "denoising", "variational", "sparse", "stacked"])
def test_the_same_run_twice_and_a_resumed_one_give_the_same_bits(name: str) -> None:
    data, settings = rows_of(MIXED, 90), {"depth": 2, "dropout": 0.2, **FEW}
    whole = run(trainer(name, data, settings))
    first = trainer(name, data, settings)
    for progress in first.epochs():
        if progress.epoch == 3:
            break
    blobs = first.checkpoint()
    torch.rand(5)
    second = trainer(name, data, settings)
    second.restore(blobs)
    assert bits(run(second)) == bits(whole)
    assert bits(run(trainer(name, data, settings))) == bits(whole)


def test_it_comes_back_from_storage() -> None:
    data = rows_of(MIXED, 90)
    one = run(trainer("variational", data, dict(FEW)))
    one.use_best()
    spec = RunSpec(objective="variational", training=Training(**FEW)).checked()
    back = build(spec, MIXED)
    back.load_state_dict(load(save(dict(one.network.state_dict()))))
    values = torch.from_numpy(data.values)
    with torch.inference_mode():
        assert torch.equal(back.eval().reconstruct(values), one.network.reconstruct(values))


def test_clipping_and_what_is_reported_are_of_one_member() -> None:
    data = rows_of(MIXED, 90)
    norms = []
    for members in (1, 8):
        progress = next(trainer("vanilla", data, {**FEW, "members": members, "learning_rate": 1e-6}).epochs())
        norms.append(progress.measures["gradient norm"])
    assert norms[1] == pytest.approx(norms[0], rel=0.4)  # other starts, as steep


def test_the_mean_errs_no_more_than_its_members_do_on_average() -> None:
    data = rows_of(LAYOUTS["table"][""], 200)
    one = run(trainer("vanilla", data, {**FEW, "epochs": 30}))
    one.use_best()
    network, batch = one.network, batch_of(data)
    with torch.inference_mode():
        own = [
            network.heads.errors(m.reconstruct(batch.values), batch.values, batch.observed) for m in each_of(network)
        ]
        mean = network.heads.errors(network.reconstruct(batch.values), batch.values, batch.observed)
    assert bool((mean <= torch.stack(own).mean(dim=0) + 1e-5).all())


def test_members_of_a_network_for_images_can_be_run_at_once_as_well_as_one_by_one() -> None:
    layout = LAYOUTS["images"][""]
    together = ensemble("vanilla", layout, layers="convolutional", precision="float32")
    flat = flatten(together)
    together.train()
    seen = batch_of(rows_of(layout, 9))
    one_by_one = ByAutograd(together, flat)(seen)
    wanted = slopes(together).clone()
    at_once = ByAutogradTogether(together, flat)(seen)
    assert torch.allclose(at_once, one_by_one, rtol=1e-5)
    assert torch.allclose(slopes(together), wanted, rtol=1e-3, atol=1e-6)
