"""Each scorer by a second way of computing it, and the recommended detector on tables of every shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.models.base import build
from core.results import Encoded
from core.scoring import recommended
from core.scoring.detection import Detector, asked
from core.scoring.recommended import fit
from core.scoring.scorers import Fitted, Made
from core.scoring.scorers.joint_neighbours import JointNeighbours, joint
from core.scoring.scorers.neighbours import Neighbours
from core.specs import SCORERS, RunSpec


def made(rows: int = 120, width: int = 5, seed: int = 0) -> Made:
    generator = torch.Generator().manual_seed(seed)
    rebuilt, missed = (torch.randn(rows, width, generator=generator, dtype=torch.float64) for _ in "ab")
    codes = torch.randn(rows, 3, generator=generator, dtype=torch.float64)
    observed, owners = torch.ones_like(rebuilt), torch.arange(width)
    bound = torch.randn(rows, generator=generator, dtype=torch.float64)
    return Made(rebuilt, missed * torch.linspace(0.2, 2, width), codes, observed, owners, bound)


def distances(scorer: Fitted, of: Made) -> NDArray[np.float64]:
    out: NDArray[np.float64] = scorer.parts(of).sum(dim=1).numpy()
    return out


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("name", list(SCORERS))
@pytest.mark.parametrize(("rows", "width"), [(120, 5), (2, 5), (8, 40), (60, 1), (30, 310)])
class TestEveryScorer:
    def test_distances_are_finite_and_grow_with_what_was_missed(
        self, name: str, clean: bool, rows: int, width: int
    ) -> None:
        some = made(rows, width)
        scorer = SCORERS.get(name).fit(some, clean, 0)
        found = distances(scorer, some)
        assert np.isfinite(found).all()
        assert (found >= 0).all()
        assert scorer.parts(some).shape == (rows, width if SCORERS.get(name).splits else 1)
        assert some.bound is not None
        far = replace(some, residuals=some.residuals * 100, codes=some.codes * 100, bound=some.bound + 100)
        farther = distances(scorer, far)[found > 0] > found[found > 0]
        assert (farther.mean() > 0.9) == (name not in ("low_error", "missing_pattern"))

    def test_the_same_seed_gives_the_same_bits(self, name: str, clean: bool, rows: int, width: int) -> None:
        some = made(rows, width)
        first, again = (distances(SCORERS.get(name).fit(some, clean, 3), some) for _ in "ab")
        assert np.array_equal(first, again)


@pytest.mark.parametrize("name", list(SCORERS))
def test_a_stored_detector_answers_to_the_bit(name: str) -> None:
    data = encoded(table()[0])
    objective = (*SCORERS.get(name).objectives, "vanilla")[0]
    spec = RunSpec(objective=objective, layer_settings={"bottleneck": 2}, scorer=name).checked()
    network = build(spec, data.layout).eval()
    detector = asked(network, spec, data, np.arange(250), name)
    scores, columns = detector.score(data)
    again = Detector.of_bytes(detector.to_bytes(), network, data.layout)
    stored_scores, stored_columns = again.score(data)
    assert np.array_equal(stored_scores, scores)
    assert (columns is None) == (stored_columns is None) == (not SCORERS.get(name).splits)
    if columns is not None and stored_columns is not None:
        assert np.array_equal(stored_columns, columns)
        assert np.allclose(columns.sum(axis=1), scores, rtol=1e-4)
    assert 0.2 < np.median(scores) < 5  # times what is usual
    assert np.isfinite(scores).all()


def test_standardised_error_measures_a_column_by_what_is_usually_missed_of_it() -> None:
    some = made(5_000)
    parts = SCORERS.get("standardised_error").fit(some, True, 0).parts(some)
    usual = some.residuals.square().mean(dim=0)
    assert np.allclose(parts.mean(dim=0).numpy(), (usual / (usual + 0.1 * usual.mean()) / 5).numpy())


def test_latent_neighbours_are_those_of_scikit_learn() -> None:
    some, other = made(), made(seed=1)
    model = NearestNeighbors(n_neighbors=5).fit(some.codes.numpy())
    scorer = SCORERS.get("latent_neighbours").fit(some, True, 0)
    assert np.allclose(distances(scorer, other), model.kneighbors(other.codes.numpy())[0][:, [0, 4]].prod(axis=1))


def test_low_error_is_the_opposite_of_the_error_and_its_usual_value_is_one() -> None:
    some = made(5_000)
    found, error = (distances(SCORERS.get(name).fit(some, True, 0), some) for name in ("low_error", "squared_error"))
    assert np.array_equal(np.argsort(found), np.argsort(-error))
    assert np.median(found) == pytest.approx(1.0, rel=0.01)


def test_gaps_count_by_how_unusual_they_are_and_once_a_column() -> None:
    some = made(1_000, 4)
    some.observed[:100, 0] = 0  # a tenth
    some.observed[100, 1:3] = 0  # once, of a column with two cells
    some = replace(some, owners=torch.tensor([0, 1, 1, 2]))
    scorer = SCORERS.get("missing_pattern").fit(some, True, 0)
    parts = scorer.parts(some).numpy()
    assert parts[0, 0] == pytest.approx(-np.log(1 - 901 / 1002))
    assert parts[100, 1:3].sum() == pytest.approx(-np.log(1 - 1000 / 1002))
    assert parts[500].sum() < 0.2
    never = replace(some, observed=torch.zeros_like(some.observed))
    assert distances(scorer, never)[0] > distances(scorer, some).max()


def test_the_bound_of_a_variational_network_is_its_likelihood_and_the_divergence_of_its_code() -> None:
    data = encoded(table()[0])
    spec = RunSpec(objective="variational", scorer="negative_bound").checked()
    torch.manual_seed(0)
    network = build(spec, data.layout).eval()
    values = torch.from_numpy(data.values)
    with torch.inference_mode():
        mean, log_variance = network.posterior(values)
        output = network.decode(mean)
        scale = network.heads.log_scale.clamp(-4, 3).exp()
        likelihood = torch.distributions.Normal(output, scale).log_prob(values)  # (N, D)
        weights = network.heads.weight * len(data.layout.columns)  # columns count by how much they vary
        constant = 0.5 * np.log(2 * np.pi)
        prior = torch.distributions.Normal(0.0, 1.0)
        divergence = torch.distributions.kl_divergence(
            torch.distributions.Normal(mean, torch.exp(0.5 * log_variance)), prior
        ).sum(dim=1)
        wanted = (-(likelihood + constant) * weights).sum(dim=1) + divergence
        found = network.negative_bound(values, output, None)
    assert torch.allclose(found, wanted, rtol=1e-4)
    detector = asked(network, spec, data, np.arange(300), "negative_bound")
    above = (wanted - wanted.min()).double().numpy()
    assert np.allclose(detector.score(data)[0] * detector.usual, above, atol=1e-3)


def test_the_combined_score_is_the_mean_of_standardised_logarithms() -> None:
    some, other = made(), made(seed=1)
    logs = []
    for name in ("squared_error", "residual_distance", "joint_neighbours"):
        scorer = SCORERS.get(name).fit(some, False, 0)
        usual = np.log(distances(scorer, some))
        low, middle, high = np.quantile(usual, [0.25, 0.5, 0.75])
        logs.append((np.log(distances(scorer, other)) - middle) / (high - low))
    wanted = np.exp(np.mean(logs, axis=0))
    assert np.allclose(distances(SCORERS.get("combined").fit(some, False, 0), other), wanted)


def test_residual_distance_is_mahalanobis_with_a_shrunk_covariance() -> None:
    some = made()
    missed = some.residuals.numpy()
    covariance = np.cov(missed.T, bias=True)
    covariance += np.trace(covariance) / 5 * np.eye(5)
    away = missed - missed.mean(axis=0)
    wanted = np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away)
    assert np.allclose(distances(SCORERS.get("residual_distance").fit(some, True, 0), some), wanted)


def test_far_rows_do_not_decide_what_is_usual_where_there_may_be_anomalies() -> None:
    some = made(200)
    some.residuals[:30, 0] += 40
    strange, usual = (
        distances(SCORERS.get("residual_distance").fit(some, clean, 0), some)[:30].mean() for clean in (False, True)
    )
    assert strange > 10 * usual


@pytest.mark.parametrize(("clean", "which"), [(True, [0, 4]), (False, [19, 19])])
def test_joint_neighbours_are_those_of_scikit_learn(clean: bool, which: list[int]) -> None:
    some, other = made(), made(seed=1)
    scorer = SCORERS.get("joint_neighbours").fit(some, clean, 0)
    model = NearestNeighbors(n_neighbors=20).fit(joint(some).numpy())
    assert np.allclose(distances(scorer, other), model.kneighbors(joint(other).numpy())[0][:, which].prod(axis=1))
    assert np.allclose(
        distances(scorer, some), model.kneighbors()[0][:, which].prod(axis=1)
    )  # none is its own neighbour


def test_a_scorer_that_was_stored_with_one_neighbour_still_answers() -> None:
    some, other = made(), made(seed=1)
    stored = JointNeighbours(joint(some), torch.tensor(1))
    model = NearestNeighbors(n_neighbors=1).fit(joint(some).numpy())
    assert np.allclose(distances(stored, other), model.kneighbors(joint(other).numpy())[0][:, 0] ** 2)


def test_of_equal_rows_one_is_the_neighbour_of_the_other() -> None:
    some = made(30)
    twice = replace(some, rebuilt=some.rebuilt.repeat(2, 1), residuals=some.residuals.repeat(2, 1))
    scorer = SCORERS.get("joint_neighbours").fit(twice, True, 0)
    assert isinstance(scorer, JointNeighbours)
    assert not distances(scorer, twice).any()


def test_neighbours_are_those_of_scikit_learn_by_description_and_by_their_own_values() -> None:
    some, other = made(), made(seed=1)
    scorer = SCORERS.get("neighbours").fit(some, False, 0)
    assert isinstance(scorer, Neighbours)
    joint_model = NearestNeighbors(n_neighbors=20).fit(joint(some).numpy())
    rows_model = NearestNeighbors(n_neighbors=40, metric="manhattan").fit((some.rebuilt + some.residuals).numpy())
    usual = [np.median(model.kneighbors()[0][:, -1] ** 2) for model in (joint_model, rows_model)]  # none is its own
    near = joint_model.kneighbors(joint(other).numpy())[0][:, -1] ** 2
    far = rows_model.kneighbors((other.rebuilt + other.residuals).numpy())[0][:, -1] ** 2
    # Of an even number of rows the lower of the two in the middle is torch's median.
    assert np.allclose(scorer.usual.numpy(), usual, rtol=0.05)
    expected = np.maximum(near / float(scorer.usual[0]), 0.85 * far / float(scorer.usual[1]))
    assert np.allclose(distances(scorer, other), expected, rtol=1e-9)


def test_rows_that_lie_together_far_from_all_others_are_strange_still() -> None:
    some = made(1_000, 8)
    some.residuals[:30] = 0.01 * some.residuals[:30]
    some.rebuilt[:30] = 6 + 0.1 * some.rebuilt[:30]
    ranks = {
        name: roc_auc_score(np.arange(1_000) < 30, distances(SCORERS.get(name).fit(some, False, 0), some))
        for name in ("joint_neighbours", "neighbours")
    }
    assert ranks["neighbours"] > max(0.99, ranks["joint_neighbours"] + 0.9)


def test_where_most_rows_have_an_equal_the_others_are_compared_with_the_mean() -> None:
    some = made(200)
    some.rebuilt[:150], some.residuals[:150] = some.rebuilt[0], some.residuals[0]
    found = distances(SCORERS.get("neighbours").fit(some, False, 0), some)
    assert not found[:150].any()
    assert 1 < np.median(found[150:]) < 100


# --- the recommended detector --------------------------------------------------------------------------


def table(rows: int = 300, width: int = 8, strange: int = 12) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(rows, 2)) @ generator.normal(size=(2, width)) + 0.1 * generator.normal(
        size=(rows, width)
    )
    label = np.arange(rows) < strange
    values[label] = generator.permuted(values[label], axis=0) + generator.normal(size=(strange, width))
    return values, label


def encoded(values: object) -> Encoded:
    rows = table_from_frame(values)
    return Encoder.fit(rows, np.arange(len(rows))).encode(rows)


@pytest.fixture(scope="module")
def fitted() -> tuple[Detector, Encoded, NDArray[np.bool_]]:
    values, label = table()
    data = encoded(values)
    return fit(data, np.arange(len(data)), False, 0), data, label


Found = tuple[Detector, Encoded, NDArray[np.bool_]]


def test_it_finds_rows_that_break_what_holds_for_most(fitted: Found) -> None:
    detector, data, label = fitted
    scores, columns = detector.score(data)
    assert roc_auc_score(label, scores) > 0.97
    assert columns is not None
    assert columns.shape == (300, 8)
    assert np.allclose(columns.sum(axis=1), scores, rtol=1e-5)
    assert 0.3 < np.median(scores) < 3  # times what is usual


def test_a_rows_score_depends_neither_on_its_order_nor_on_its_company(fitted: Found) -> None:
    detector, data, _ = fitted
    whole, _ = detector.score(data)
    order = np.random.default_rng(1).permutation(300)
    assert np.array_equal(detector.score(data.take(order))[0], whole[order])
    assert np.array_equal(detector.score(data.take(order[:7]))[0], whole[order[:7]])


def test_the_same_seed_gives_the_same_bits_and_another_one_others(fitted: Found) -> None:
    detector, data, _ = fitted
    whole, _ = detector.score(data)
    torch.rand(5)
    assert np.array_equal(fit(data, np.arange(300), False, 0).score(data)[0], whole)
    assert not np.array_equal(fit(data, np.arange(300), False, 1).score(data)[0], whole)


def test_clean_rows_are_all_learned_from_and_others_scored() -> None:
    values, label = table()
    data = encoded(values)
    detector = fit(data, np.flatnonzero(~label), True, 0)
    scores, _ = detector.score(data)
    assert roc_auc_score(label, scores) > 0.97
    assert np.median(scores[label]) > 5 * np.median(scores[~label])


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize(("rows", "width"), [(10, 3), (12, 60), (40, 1)])
def test_few_rows_many_columns_and_a_single_one(rows: int, width: int, clean: bool) -> None:
    data = encoded(table(rows, width, 2)[0])
    scores, columns = fit(data, np.arange(rows), clean, 0).score(data)
    assert columns is not None
    assert np.isfinite(scores).all()
    assert len(np.unique(scores)) >= rows // 2  # two that are each other's nearest lie equally far
    assert np.allclose(columns.sum(axis=1), scores, rtol=1e-4, atol=1e-6)


def test_equal_rows_have_equal_scores_and_are_nothing_strange() -> None:
    values, _ = table(200)
    values[50:150] = values[50]
    data = encoded(values)
    scores, _ = fit(data, np.arange(200), False, 0).score(data)
    assert len(np.unique(scores[50:150])) == 1
    assert scores[50] < np.median(scores[:12])


def test_a_missing_cell_is_no_error() -> None:
    values, _ = table()
    values[200:, 3] = np.nan
    data = encoded(values)
    scores, columns = fit(data, np.arange(300), False, 0).score(data)
    assert columns is not None
    assert np.isfinite(columns).all()
    assert np.median(scores[200:]) < 4 * np.median(scores[12:200])


def test_where_cells_are_missing_it_learns_twice_as_long_in_a_wider_network(
    fitted: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = table()[0]
    values[np.random.default_rng(1).random(values.shape) < 0.1] = np.nan
    monkeypatch.setattr(recommended, "STEPS", 200)
    gaps = fit(data := encoded(values), np.arange(len(data)), False, 0)
    assert gaps.own is not None
    assert fitted[0].own is not None
    assert gaps.own.layer_settings["hidden_width"] == 2 * fitted[0].own.layer_settings["hidden_width"]
    assert gaps.own.training.epochs == 4  # of a hundred steps


def test_a_stored_recommended_detector_brings_its_own_network(fitted: Found) -> None:
    detector, data, _ = fitted
    network = build(RunSpec().checked(), data.layout)
    again = Detector.of_bytes(detector.to_bytes(), network, data.layout)
    assert np.array_equal(again.score(data)[0], detector.score(data)[0])
