"""What each objective's mathematics promises, beyond the contract that all share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence

from core.errors import SettingsRefused
from core.models.base import Batch, Objective, build
from core.models.corruption import groups
from core.models.heads import Heads
from core.models.objectives.variational.module import kl_to_standard_normal
from core.results import Block, Encoded, Layout
from core.specs import RunSpec, spec_from_settings
from core.training.loop import Trainer
from tests.core.models.test_contract import LAYOUTS, MIXED, PICTURE, batch_of, rows_of, scores, windows

NUMBERS = Layout(tuple(Block(f"c{i}", "squared", i, i + 1) for i in range(10)))


def network(model: str, layout: Layout = NUMBERS, **settings: Any) -> Objective:
    torch.manual_seed(0)
    return build(spec_from_settings(model, settings), layout)


def correlated(rows: int = 600, seed: int = 0) -> Encoded:
    """Ten columns that follow from three."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(rows, 3)) @ generator.normal(size=(3, 10)) / 1.7
    values = (np.tanh(values) + 0.1 * generator.normal(size=values.shape)).astype(np.float32)
    return Encoded(NUMBERS, values, np.ones_like(values, bool))


def fitted(model: str, data: Encoded, **settings: Any) -> tuple[Trainer, Objective]:
    spec = spec_from_settings(model, settings, 0)
    torch.manual_seed(0)
    made = build(spec, data.layout)
    rows = np.arange(len(data.values))
    trainer = Trainer(made, data, rows[60:], rows[:60], spec.training, torch.device("cpu"))
    for _ in trainer.epochs():
        pass
    trainer.use_best()
    return trainer, made


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# --- variational ---------------------------------------------------------------------------------------


def test_the_kl_term_is_the_closed_form_in_sign_and_size() -> None:
    mean, log_variance = torch.randn(50, 4), torch.randn(50, 4)
    expected = kl_divergence(Normal(mean, torch.exp(0.5 * log_variance)), Normal(0.0, 1.0))
    found = kl_to_standard_normal(mean, log_variance)
    assert torch.allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert bool((found >= 0).all())
    assert float(kl_to_standard_normal(torch.zeros(1), torch.zeros(1))) == 0.0


def test_the_loss_is_the_negative_bound_by_the_number_of_columns() -> None:
    made = network("variational", bottleneck=3, beta=2.0)
    made.eval()
    batch = batch_of(correlated(20))
    mean, log_variance = made.posterior(batch.values)
    terms = made.loss_terms(batch)
    kl = kl_divergence(Normal(mean, torch.exp(0.5 * log_variance)), Normal(0.0, 1.0)).sum(dim=1)
    assert torch.allclose(terms["KL"], 2.0 * kl / 10, rtol=1e-5)
    likelihood = -Normal(made.decode(mean), torch.exp(made.heads.log_scale)).log_prob(batch.values).mean(dim=1)
    assert torch.allclose(terms["reconstruction"] + 0.5 * np.log(2 * np.pi), likelihood, rtol=1e-4)


def test_scores_use_the_mean_code_and_never_a_sample() -> None:
    made = network("variational", bottleneck=3).eval()
    data = correlated(30)
    torch.manual_seed(1)
    first = scores(made, data)
    torch.manual_seed(2)
    assert np.array_equal(first, scores(made, data))
    batch = batch_of(data)
    noisy = [made.loss_terms(made.corrupt(batch, generator(seed)))["reconstruction"] for seed in (1, 2)]
    assert not torch.equal(*noisy)


def test_beta_grows_in_the_warm_up_and_is_whole_for_what_is_only_looked_at() -> None:
    made = network("variational", beta=3.0, warm_up=0.5)
    seen = []
    for done in (0.0, 0.25, 0.5, 1.0):
        made.done = done
        seen.append(made.train().beta())
    assert seen == [0.0, 1.5, 3.0, 3.0]
    made.done = 0.0
    assert made.eval().beta() == 3.0


def test_free_bits_are_a_floor_of_each_dimension() -> None:
    made = network("variational", bottleneck=4, free_bits=0.5)
    mean, log_variance = torch.zeros(20, 4), torch.zeros(20, 4)
    assert torch.allclose(made.kl(mean, log_variance), torch.full((20,), 2.0))
    mean[:, 0] = 3.0  # 4.5 nats
    assert torch.allclose(made.kl(mean, log_variance), torch.full((20,), 4.5 + 1.5))


# --- denoising and masked ------------------------------------------------------------------------------


@pytest.mark.parametrize("noise", ["gaussian", "masking", "swap"])
def test_noise_spoils_as_much_as_it_says(noise: str) -> None:
    made = network("denoising", noise=noise, strength=0.3)
    batch = batch_of(correlated(2_000))
    spoilt = made.corrupt(batch, generator()).seen
    changed = spoilt != batch.values
    if noise == "gaussian":
        assert float((spoilt - batch.values).std()) == pytest.approx(0.3, rel=0.05)
    else:
        assert float(changed.float().mean()) == pytest.approx(0.3, rel=0.08)
    if noise == "masking":
        assert not spoilt[changed].any()
    if noise == "swap":
        assert all(bool(torch.isin(spoilt[:, i], batch.values[:, i]).all()) for i in range(10))
    assert torch.equal(spoilt, made.corrupt(batch, generator()).seen)
    assert not torch.equal(spoilt, made.corrupt(batch, generator(1)).seen)


def test_noise_of_images() -> None:
    data = rows_of(PICTURE, 400)
    batch = Batch(torch.from_numpy(data.values), None)
    pepper = network("denoising", PICTURE, noise="salt and pepper", strength=0.2).corrupt(batch, generator()).seen
    changed = pepper != batch.values
    assert float(changed.float().mean()) == pytest.approx(0.2, rel=0.05)
    assert set(pepper[changed].tolist()) == {float(batch.values.min()), float(batch.values.max())}
    erased = network("denoising", PICTURE, noise="erased", strength=0.25).corrupt(batch, generator()).seen
    gone = (erased == 0).view(400, 9, 11, 3).all(dim=3)
    assert float(gone.float().mean()) == pytest.approx(0.25, rel=0.25)
    rows, columns = gone.any(dim=2).sum(dim=1), gone.any(dim=1).sum(dim=1)
    assert torch.equal(rows * columns, gone.sum(dim=(1, 2)))  # one rectangle each


def test_what_is_missing_stays_unknown_under_noise() -> None:
    made = network("denoising", MIXED, noise="gaussian", strength=1.0)
    batch = batch_of(rows_of(MIXED, 200))
    assert batch.observed is not None
    assert not made.corrupt(batch, generator()).seen[batch.observed == 0].any()


def test_cells_of_one_column_are_hidden_together() -> None:
    made = network("denoising", MIXED, noise="masking", strength=0.5)
    values = torch.ones(300, MIXED.width)
    hidden = made.corrupt(Batch(values, None), generator()).seen == 0
    assert torch.equal(hidden[:, 2:6].any(dim=1), hidden[:, 2:6].all(dim=1))
    assert torch.equal(hidden[:, 6], hidden[:, 7])


@pytest.mark.parametrize("layout", [PICTURE, windows(13, "squared", "binary"), MIXED], ids=["image", "window", "table"])
def test_groups_cover_all_cells(layout: Layout) -> None:
    group = groups(layout)
    assert group.shape == (layout.width,)
    assert set(group.tolist()) == set(range(int(group.max()) + 1))
    if layout is MIXED:
        assert int(group.max()) + 1 == len(layout.columns)


def test_noise_that_rows_cannot_have_is_refused_with_what_they_can() -> None:
    for layout, noise, fits in (
        (NUMBERS, "erased", "gaussian, gaussian up to, masking or swap"),
        (PICTURE, "swap", "salt and pepper or erased"),
    ):
        with pytest.raises(SettingsRefused, match="noise is not for") as caught:
            spec_from_settings("denoising", {"noise": noise}).plan(layout.row_shape)
        assert fits in (caught.value.fix or "")
    with pytest.raises(SettingsRefused, match="spoils everything"):
        spec_from_settings("denoising", {"noise": "masking", "strength": 1.0}).plan((10,))


def test_a_denoising_network_gives_back_what_was_spoilt() -> None:
    data = correlated(2_000)
    _, made = fitted("denoising", data, strength=0.5, bottleneck=4, epochs=100, learning_rate=3e-3)
    clean = torch.from_numpy(data.values)
    spoilt = clean + 0.5 * torch.randn(clean.shape, generator=generator(5))
    with torch.inference_mode():
        rebuilt = made.reconstruct(spoilt)
    before, after = ((each - clean).square().mean() for each in (spoilt, rebuilt))
    assert float(after) < 0.6 * float(before)


def test_a_masked_cell_is_not_seen_by_what_stands_for_it() -> None:
    made = network("masked", MIXED).eval()
    values = torch.from_numpy(rows_of(MIXED, 40).values)
    with torch.inference_mode():
        before = made.reconstruct(values)
        for cells in ([0], [1], [2, 3, 4, 5], [6, 7]):
            other = values.clone()
            other[:, cells] = torch.randn(40, len(cells))
            after = made.reconstruct(other)
            assert torch.equal(before[:, cells], after[:, cells])
            assert not torch.equal(before, after)


def test_a_masked_network_learns_from_hidden_cells_alone() -> None:
    made = network("masked", hidden_share=0.3)
    batch = made.corrupt(batch_of(correlated(50)), generator())
    assert batch.hidden is not None
    other = Batch(batch.values + 5 * (1 - batch.hidden), batch.observed, hidden=batch.hidden)
    with torch.inference_mode():
        terms = made.loss_terms(Batch(batch.values, batch.observed, hidden=torch.zeros_like(batch.hidden)))
        assert not terms["hidden cells"].any()
        assert not torch.equal(made.loss_terms(batch)["hidden cells"], made.loss_terms(other)["hidden cells"])
    made.loss_terms(batch)["hidden cells"].mean().backward()
    assert made.token.grad is not None
    assert bool(made.token.grad.any())


# --- contractive, sparse, stacked ----------------------------------------------------------------------


def test_the_contraction_is_the_jacobians_norm() -> None:
    made = network("contractive", depth=0, bottleneck=4).train()
    weight = made.layers.code.weight.detach()
    batch = batch_of(correlated(4_000))
    with torch.inference_mode():
        codes = made.encode(batch.values)
        direction = torch.randn(batch.values.shape, generator=generator())
        found = made.sensitivity(batch.values, codes, direction).mean()
    expected = weight.square().sum() / codes.var(dim=0, unbiased=False).sum() / 10
    assert float(found) == pytest.approx(float(expected), rel=0.05)


def test_a_smaller_code_is_no_way_out_of_contraction() -> None:
    made = network("contractive", bottleneck=4).train()
    batch = made.corrupt(batch_of(correlated(200)), generator())
    with torch.no_grad():
        before = made.loss_terms(batch)["contraction"].mean()
        made.layers.code.weight.mul_(0.1)
        made.layers.code.bias.mul_(0.1)
        made.usual.mul_(0.01)
        after = made.loss_terms(batch)["contraction"].mean()
    assert float(after) == pytest.approx(float(before), rel=1e-2)


def test_contraction_takes_a_batch_of_one_row() -> None:
    made = network("contractive").train()
    made.loss_terms(made.corrupt(batch_of(correlated(64)), generator()))
    one = made.loss_terms(made.corrupt(batch_of(correlated(1)), generator()))["contraction"]
    assert float(one.detach()) < 100


@pytest.mark.parametrize("active", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("penalty", ["L1", "KL"])
def test_the_active_share_is_held(penalty: str, active: float) -> None:
    data, others = correlated(1_000), correlated(1_000, seed=0)
    trainer, made = fitted("sparse", data, penalty=penalty, active=active, bottleneck=40, epochs=60)
    assert trainer.best_reached
    with torch.inference_mode():
        codes = made.encode(torch.from_numpy(others.values))
    share = float((codes > 0).float().mean()) if penalty == "L1" else float(codes.mean())
    assert share == pytest.approx(active, rel=0.2)
    assert made.usage(codes) == pytest.approx(share)


def test_a_sparse_code_is_wide_and_keeps_few_numbers() -> None:
    plan = spec_from_settings("sparse", {"active": 0.1}).plan((30,))
    assert plan.latent == 60
    assert plan.kept == 6
    assert spec_from_settings("sparse", {"bottleneck": 8}).plan((30,)).latent == 8


@pytest.mark.parametrize("layout", ["table", "images"])
def test_only_one_level_moves_in_each_greedy_stage(layout: str) -> None:
    shape = LAYOUTS[layout][""]
    data = rows_of(shape, 40)
    settings = {"layers": "convolutional"} if layout == "images" else {"depth": 2}
    spec = spec_from_settings("stacked", {**settings, "epochs": 24}, 0)
    torch.manual_seed(0)
    made = build(spec, shape)
    trainer = Trainer(made, data, np.arange(40), np.arange(0), spec.training, torch.device("cpu"))
    names = {id(parameter): name for name, parameter in made.named_parameters()}
    level = [{names[id(parameter)] for parameter in made.layers.level(k)} for k in range(made.layers.levels)]
    assert set().union(*level) == {f"layers.{name}" for name, _ in made.layers.named_parameters()}
    assert sum(map(len, level)) == len(set().union(*level))
    seen: set[int] = set()
    before = {name: value.clone() for name, value in made.state_dict().items()}
    for progress in trainer.epochs():
        number = int(progress.measures["stage"])
        moved = {name for name, value in made.state_dict().items() if not torch.equal(value, before[name])}
        if number not in seen:  # it began from the best weights of the stage before
            seen.add(number)
        elif number <= len(level):
            assert moved == level[number - 1]
        else:
            assert len(moved) > len(level[0])
        before = {name: value.clone() for name, value in made.state_dict().items()}
    assert seen == set(range(1, len(level) + 2))


@pytest.mark.parametrize(
    ("layout", "settings"),
    [
        ("table", {"depth": 3}),
        ("table", {"depth": 2, "tied": True}),
        ("table", {"depth": 2, "normalisation": "layer", "dropout": 0.2}),
        ("images", {"layers": "convolutional"}),
        ("images", {"layers": "convolutional", "normalisation": "batch", "dropout": 0.1}),
    ],
    ids=str,
)
def test_all_levels_together_are_the_whole_network(layout: str, settings: dict[str, Any]) -> None:
    shape = LAYOUTS[layout][""]
    made = network("vanilla", shape, **settings).eval()
    values = torch.from_numpy(rows_of(shape, 12).values)
    with torch.inference_mode():
        whole = made.reconstruct(values)
        assert torch.equal(made.layers.shallow(values, made.layers.levels), whole)
        assert made.layers.shallow(values, 1).shape == whole.shape
        assert torch.allclose(made.layers.code(made.layers.features(values)), made.layers.encode(values), atol=1e-6)


def test_stacking_one_level_is_refused() -> None:
    with pytest.raises(SettingsRefused, match="one level"):
        spec_from_settings("stacked", {"depth": 0}).plan((10,))
    with pytest.raises(SettingsRefused, match="nothing to stack"):
        RunSpec(objective="stacked", layers="gru").plan((16, 3))


def test_tied_weights_are_the_encoders() -> None:
    made = network("vanilla", tied=True, depth=1)
    weights = [parameter for parameter in made.parameters() if parameter.ndim == 2]
    assert len(weights) == 2
    free = network("vanilla", depth=1)
    assert sum(p.numel() for p in made.parameters()) < sum(p.numel() for p in free.parameters())
    values = torch.randn(5, 10)
    codes = made.encode(values)
    first, last = made.layers.encoder[0], made.layers.encoder[-1]
    assert isinstance(first, nn.Linear)
    assert isinstance(last, nn.Linear)
    hidden = torch.relu(codes @ last.weight + made.layers.decoder[0].bias)
    assert torch.allclose(made.decode(codes), hidden @ first.weight + made.layers.decoder[1].bias, atol=1e-6)


# --- what numbers are compared by ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("squared", lambda d: d**2),
        ("absolute", abs),
        ("huber", lambda d: torch.where(d.abs() < 1, 0.5 * d**2, d.abs() - 0.5)),
    ],
)
def test_numbers_are_compared_as_said(loss: str, expected: Any) -> None:
    heads = Heads(NUMBERS, loss)
    output, target = torch.randn(20, 10) * 2, torch.randn(20, 10)
    wanted: Tensor = expected(output - target).mean(dim=1)
    assert torch.allclose(heads.errors(output, target, None), wanted, rtol=1e-5)
    assert torch.equal(heads.losses(output, target, None), heads.errors(output, target, None))
    observed = (torch.rand(20, 10) > 0.5).float()
    wanted = (expected(output - target) * observed).sum(dim=1) / 10
    assert torch.allclose(heads.errors(output, target, observed), wanted, rtol=1e-5)


def test_a_likelihood_learns_the_scale_of_each_column() -> None:
    heads = Heads(NUMBERS, "likelihood")
    scale = torch.linspace(0.1, 2.0, 10)
    noise = torch.randn(4_000, 10, generator=generator()) * scale
    optimiser = torch.optim.Adam(heads.parameters(), lr=0.05)
    for _ in range(400):
        optimiser.zero_grad()
        heads.losses(noise, torch.zeros_like(noise), None).mean().backward()
        optimiser.step()
    assert torch.allclose(heads.log_scale.exp(), scale, rtol=0.05)
    assert bool((heads.errors(noise, torch.zeros_like(noise), None) >= 0).all())


def test_cross_entropy_is_for_pixels() -> None:
    with pytest.raises(SettingsRefused, match="cross-entropy compares pixels"):
        spec_from_settings("vanilla", {"number_loss": "cross-entropy"}).plan((10,))
    assert spec_from_settings("vanilla", {"number_loss": "cross-entropy", "layers": "convolutional"}).plan((9, 9, 1))
