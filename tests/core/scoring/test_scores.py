"""Scores, baselines, thresholds and evaluation: right by a second way of computing them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.errors import SettingsRefused
from core.results import Threshold
from core.scoring import BASELINES
from core.scoring.baselines import baseline_scores
from core.scoring.blocks import BLOCK
from core.scoring.evaluation import compare, positives, verdict
from core.scoring.trained import Trained
from core.specs import RunSpec
from core.thresholds import THRESHOLDS, Given, decide, flags, not_as_asked


def trained(rows: int = 50, width: int = 4) -> tuple[Trained, np.ndarray]:
    import torch

    from core.models.base import build

    values = np.random.default_rng(0).normal(size=(rows, width))
    encoder = Encoder.fit(table_from_frame(values))
    torch.manual_seed(0)
    spec = RunSpec().checked()
    return Trained(encoder, build(spec, encoder.layout).eval(), spec), values


@given(st.lists(st.integers(0, BLOCK + 20), min_size=1, max_size=5))
def test_a_rows_score_does_not_depend_on_its_batch(picked: list[int]) -> None:
    model, values = SHARED
    whole = WHOLE
    some = model.output(table_from_frame(values[picked]))
    assert np.array_equal(some.scores, whole.scores[picked])
    assert np.array_equal(some.codes, whole.codes[picked])
    alone = model.scores(model.encoder.encode(table_from_frame(values[picked])))
    assert np.array_equal(alone, ALONE[picked])
    assert np.allclose(alone, some.scores, rtol=1e-5)


SHARED = trained(BLOCK + 21)
WHOLE = SHARED[0].output(table_from_frame(SHARED[1]))
ALONE = SHARED[0].scores(SHARED[0].encoder.encode(table_from_frame(SHARED[1])))


def test_column_errors_sum_to_the_score() -> None:
    assert np.allclose(WHOLE.column_errors.sum(axis=1), WHOLE.scores, rtol=1e-5)


@given(st.integers(0, 2**32), st.integers(2, 6))
def test_evaluation_agrees_with_scikit_learn_also_with_ties(seed: int, levels: int) -> None:
    generator = np.random.default_rng(seed)
    positive = generator.random(80) < 0.3
    positive[:5], positive[5:10] = True, False
    scores = generator.integers(0, levels, 80).astype(float)
    found = compare({"one": scores}, positive).evaluations[0]
    assert found.auroc is not None
    assert found.average_precision is not None
    assert found.auroc.value == pytest.approx(roc_auc_score(positive, scores))
    assert found.average_precision.value == pytest.approx(average_precision_score(positive, scores))
    assert found.auroc.low <= found.auroc.value <= found.auroc.high


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_precision_at_a_budget_is_that_of_the_strangest_rows(share: float) -> None:
    generator = np.random.default_rng(2)
    positive, scores = generator.random(200) < 0.2, generator.normal(size=200)
    found = compare({"one": scores}, positive, share=share).evaluations[0]
    assert found.precision is not None
    assert found.budget == round(share * 200)
    assert found.precision.value == pytest.approx(positive[np.argsort(-scores)[: found.budget]].mean())
    alike = compare({"one": np.zeros(200)}, positive, share=share).evaluations[0].precision
    assert alike is not None
    assert alike.value == pytest.approx(positive.mean())  # of equal rows none is ahead


def test_too_few_positives_give_a_reason_and_no_figure() -> None:
    positive = np.zeros(100, bool)
    positive[:3] = True
    found = compare({"one": np.arange(100.0)}, positive).evaluations[0]
    assert found.auroc is None
    assert "only 3 of 100" in found.refused


def test_the_verdict_says_better_worse_and_cannot_tell() -> None:
    generator = np.random.default_rng(0)
    positive = np.arange(400) < 60
    right = positive + 0.3 * generator.normal(size=400)
    noise = generator.normal(size=400)
    better = {"Autoencoder": right, "PCA": noise}
    worse = {"Autoencoder": noise, "PCA": right}
    same = {"Autoencoder": right, "PCA": right + 1e-9 * noise}
    assert "is better than" in verdict(better, compare(better, positive), 0.05)
    assert "prefer PCA" in verdict(worse, compare(worse, positive), 0.05)
    assert "can't be told apart" in verdict(same, compare(same, positive), 0.05)
    alike = verdict({"Autoencoder": right, "PCA": right}, compare({"Autoencoder": right, "PCA": right}, positive), 0.05)
    assert "can't be told apart: both rank it equally well" in alike
    assert "Without a label" in verdict(better, None, 0.05)
    few = {name: scores[:10] for name, scores in better.items()}
    assert "1 strangest row it" in verdict(few, None, 0.05)
    assert "3 strangest rows it" in verdict(few, None, 0.3)
    # Of equal scores none is among the strangest because of where its row stands.
    tied = {"Autoencoder": np.r_[2.0, np.ones(19)], "PCA": np.arange(20.0)}
    assert "1 strangest row it shares 0 with PCA" in verdict(tied, None, 0.25)
    alone = {name: scores[:1] for name, scores in tied.items()}
    assert verdict(alone, None, 0.05).startswith("As many rows are called strange as there are")


def test_the_verdict_says_where_no_method_finds_the_label_and_which_way_it_may_be_meant() -> None:
    generator = np.random.default_rng(0)
    positive = np.arange(400) < 60
    right, noise = positive + 0.5 * generator.normal(size=400), generator.normal(size=400)
    found = {"Autoencoder": right, "PCA": noise}
    assert "None of these" not in verdict(found, compare(found, positive), 0.05)
    lost = {"Autoencoder": noise, "PCA": generator.normal(size=400)}
    said = verdict(lost, compare(lost, positive), 0.05)
    assert "can't be told apart" in said
    assert "None of these methods finds this label" in said
    assert "ordinary" not in said
    turned = {"Autoencoder": -right, "PCA": -right + 0.3 * noise}
    said = verdict(turned, compare(turned, positive), 0.05)
    assert "None of these methods finds this label" in said
    assert "All of them even take these rows for more ordinary" in said
    assert "told apart" not in said
    worse = {"Autoencoder": -right, "PCA": noise}  # better than that is not yet to be preferred
    said = verdict(worse, compare(worse, positive), 0.05)
    assert "is worse than PCA" in said
    assert "prefer" not in said
    assert "ordinary" not in said


@pytest.mark.parametrize("positives_", [10, 60])
def test_on_shuffled_labels_the_verdict_claims_nothing(positives_: int) -> None:
    generator = np.random.default_rng(3)
    said = 0
    for _ in range(100):
        positive = np.zeros(300, bool)
        positive[generator.permutation(300)[:positives_]] = True
        detectors = {name: generator.normal(size=300) for name in ("Autoencoder", "PCA", "IsolationForest", "kNN")}
        said += "can't be told apart" in verdict(detectors, compare(detectors, positive), 0.05)
    assert said >= 95


def test_which_label_means_anomaly() -> None:
    for labels, said, which in (
        (["benign", "malignant"] * 3 + ["malignant"], "“malignant”", [1, 3, 5, 6]),
        (["a"] * 9 + ["b"] * 2, "“b”", [9, 10]),
        (["0", "1", "0", None], "“1”", [1]),
        (["good", "stain", "scratch", "good ", None, "good"], "all but “good”", [1, 2]),
        (["ok", "stain", "scratch", "ok", None], "all but “ok”", [1, 2]),
    ):
        found = positives(np.asarray(labels, object))
        assert found is not None
        assert (found[1], np.flatnonzero(found[0]).tolist()) == (said, which)
    assert positives(np.asarray(["same", "same"], object)) is None


def test_baselines_find_a_far_row_and_use_training_rows_alone() -> None:
    generator = np.random.default_rng(0)
    plane = generator.normal(size=(200, 2)) @ generator.normal(size=(2, 6))
    values = plane.astype(np.float32)
    values[7] = np.asarray([30, -30, 30, -30, 30, -30], np.float32)
    rows = np.delete(np.arange(200), 7)
    found = baseline_scores(values, rows, 2, seed=0)
    assert found.shape == (200, len(BASELINES))
    assert np.isfinite(found).all()
    assert found[:, [0, 2]].argmax(axis=0).tolist() == [7, 7]
    assert 7 in np.argsort(-found[:, 1])[:10]  # a forest sees no farther than the box of its training rows
    assert np.array_equal(found, baseline_scores(values, rows, 2, seed=0))


@pytest.mark.parametrize("method", [name for name in THRESHOLDS if THRESHOLDS.get(name).asked is not None])
@given(scores=st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_every_threshold_flags_what_it_says(method: str, scores: list[float]) -> None:
    values = np.asarray(scores)
    parameters = THRESHOLDS.get(method).parameters()
    value, count = decide(Given(values), method, parameters.model_dump())
    assert np.isfinite(value)
    assert count == int((values >= value).sum())
    found = flags(values, Threshold("t", "r", method, {}, value, count, "me", 0.0))
    assert len(found.rows) == count
    assert (np.diff(values[found.rows]) <= 0).all()


def test_more_or_fewer_flags_than_were_asked_for_are_said_and_why() -> None:
    scores = np.r_[np.arange(100, 111), np.full(40, 50.0), np.arange(49)].astype(float)

    def said(method: str, **parameters: float) -> str:
        value, _ = decide(Given(scores), method, parameters)
        return not_as_asked(Given(scores), method, parameters, value)

    assert said("count", rows=40) == "51 rows flagged rather than 40: 40 rows share the score at the threshold"
    assert said("quantile", share=0.4) == said("count", rows=40)
    # All of those that are equal would be farther from the number than none of them.
    fewer = "11 rows flagged rather than 20: from the next lower score on there would be more than 20"
    assert said("count", rows=20) == said("quantile", share=0.2) == fewer
    assert said("count", rows=11) == said("count", rows=51) == said("quantile", share=0.11) == ""
    assert said("count", rows=500) == "100 rows flagged rather than 500: there are no more"
    assert not_as_asked(Given(scores), "count", {"rows": 1}, 109.0, item="image").startswith("2 images flagged")


def test_count_flags_that_many_rows_and_quantile_that_share() -> None:
    scores = np.random.default_rng(0).permutation(1_000).astype(float)
    assert decide(Given(scores), "count", {"rows": 40})[1] == 40
    assert decide(Given(scores), "quantile", {"share": 0.05})[1] == 50
    assert decide(Given(scores), "count", {"rows": 5_000})[1] == 1_000
    assert decide(Given(np.asarray([1.0, 1.0, 1.0, 0.0])), "count", {"rows": 1})[1] == 3
    with pytest.raises(SettingsRefused, match="rows"):
        decide(Given(scores), "count", {"rows": 0})
    with pytest.raises(SettingsRefused, match="did you mean"):
        decide(Given(scores), "quantil", {})
