"""Where a run's score comes from: the recommended detector with its explainer, scorers chosen with the run and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from core import AutoencoderDetector
from core.errors import HourglassError, SettingsRefused
from core.jobs.beforehand import refuse_hopeless
from core.jobs.tasks import rescore, score, stability, train
from core.jobs.work import Work
from core.results import Dataset, Run
from core.scoring import recommended
from core.scoring.stability import TIMES
from core.scoring.stability import stability as found_again
from core.scoring.trained import Trained
from core.scoring.workbench import given_of
from core.settings import Settings
from core.specs import RECOMMENDED, RunSpec, Training, scores_of, suited
from core.storage.database import migrate
from core.storage.jobs import Fence, claim
from core.storage.store import Store
from core.thresholds import decide
from tests.conftest import add_csv

ROWS, STRANGE = 240, 8


def table() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Six columns that follow from two, but for some rows."""
    generator = np.random.default_rng(1)
    values = generator.normal(size=(ROWS, 2)) @ generator.normal(size=(2, 6)) + 0.1 * generator.normal(size=(ROWS, 6))
    label = np.arange(ROWS) < STRANGE
    values[label] = generator.normal(size=(STRANGE, 6)) * 2
    return values, label


def as_csv(values: NDArray[np.float64], label: NDArray[np.bool_]) -> str:
    lines = [",".join([*(f"c{i}" for i in range(values.shape[1])), "label"])]
    lines += [
        ",".join([*(f"{cell:.6f}" for cell in row), "anomaly" if strange else "normal"])
        for row, strange in zip(values, label, strict=True)
    ]
    return "\n".join(lines) + "\n"


def work_on(store: Store) -> Work:
    job = claim(store.engine, "here", 600)
    assert job is not None
    return Work(job, store, Fence(store.engine, job.id, job.attempt))


def made(store: Store, dataset: Dataset, spec: RunSpec) -> Run:
    run = store.runs.submit(dataset.id, spec)
    train.run(work_on(store))
    for waiting in store.jobs.find(("queued",)):
        store.jobs.request(waiting.id, "cancel")
    return store.runs.get(run.id)


def asked(store: Store, run: Run, scorer: str) -> Run:
    threshold = store.thresholds.current(run.id)
    assert threshold is not None
    args = {"run_id": run.id, "scorer": scorer, "author": "ada"}
    args |= {"method": threshold.method, "parameters": threshold.parameters}
    store.jobs.submit("rescore", args, dataset_id=run.dataset_id, run_id=run.id)
    rescore.run(work_on(store))
    return store.runs.get(run.id)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    deployment = Settings(home=tmp_path_factory.mktemp("scores") / "home")
    migrate(deployment)
    store = Store.open(deployment)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recommended, "STEPS", 400)
        yield store
    store.close()


@pytest.fixture(scope="module")
def dataset(home: Store, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return add_csv(home, tmp_path_factory.mktemp("rows"), as_csv(*table()), label="label")


@pytest.fixture(scope="module")
def usual(home: Store, dataset: Dataset) -> Run:
    """What a table gets where nothing was said."""
    return made(home, dataset, suited(RunSpec(), dataset))


def test_a_table_gets_the_recommended_detector_and_a_network_that_explains_it(home: Store, usual: Run) -> None:
    assert usual.spec["scorer"] == RECOMMENDED
    assert usual.spec["layers"] == "around_pca"
    assert usual.name == "recommended"
    scores = home.runs.scores(usual)
    assert roc_auc_score(table()[1], scores.values) > 0.97
    assert np.allclose(scores.column_errors.sum(axis=1), scores.values, rtol=1e-4)
    assert "the strangest 12 rows taught the network nothing" in " ".join(usual.summary["notices"])
    assert usual.summary["error_network"] <= usual.summary["error_pca"] * 1.0001
    assert usual.summary["weak_columns"] == []


def test_a_column_of_noise_is_called_badly_rebuilt_by_any_draw_and_never_one_that_is_known(
    home: Store, tmp_path: Path
) -> None:
    noise = {"noise", "word"}
    for seed in range(20):
        generator = np.random.default_rng(seed)
        known = np.repeat(generator.normal(size=(200, 5)), 4, axis=1) + 0.3 * generator.normal(size=(200, 20))
        lines = [",".join([*(f"c{i}" for i in range(20)), "noise", "word"])]
        lines += [
            ",".join([*(f"{cell:.5f}" for cell in row), f"{chance:.5f}", f"v{word}"])
            for row, chance, word in zip(known, generator.normal(size=200), generator.integers(0, 4, 200), strict=True)
        ]
        dataset = add_csv(home, tmp_path, "\n".join(lines) + "\n", name=f"{seed}.csv")
        # A code no wider than there are causes has no room to copy noise through.
        spec = RunSpec(layers="around_pca", layer_settings={"bottleneck": 5}, training=Training(epochs=5))
        run = made(home, dataset, spec)
        assert set(run.summary["weak_columns"]) == noise, seed


def test_python_and_the_app_give_the_same_bits(home: Store, dataset: Dataset, usual: Run) -> None:
    import pandas as pd

    frame = pd.read_csv(pd.io.common.StringIO(as_csv(*table()))).drop(columns="label")
    spec = RunSpec.read(usual.spec)
    settings = {"validation_share": 0.0}
    fitted = AutoencoderDetector(settings=settings).fit(frame)
    # Without rows held back no plateau can be seen.
    training = spec.training.model_copy(update={**settings, "schedule": "constant"})
    run = made(home, dataset, spec.model_copy(update={"training": training}))
    assert np.array_equal(home.runs.scores(run).values, fitted.decision_scores_)


def test_a_stored_run_answers_to_the_bit_also_by_the_score_job(home: Store, dataset: Dataset, usual: Run) -> None:
    trained = Trained.load(home, usual)
    assert trained.detector is not None
    job = home.jobs.submit("score", {"run_id": usual.id, "dataset_id": dataset.id}, dataset_id=dataset.id)
    found = score.run(work_on(home))
    assert job.id
    again = home.artifacts.get_array(home.space, found["scores"])
    assert np.array_equal(again, home.runs.scores(usual).values)


def test_what_the_clean_rows_are_like_is_learned_from_all_of_them(home: Store, dataset: Dataset) -> None:
    run = made(home, dataset, suited(RunSpec(assume_clean=True), dataset))
    assert not any("taught the network nothing" in notice for notice in run.summary["notices"])
    assert np.isfinite(home.runs.scores(run).values).all()


@pytest.mark.parametrize("scorer", scores_of(RunSpec())[1:])
def test_every_score_can_be_asked_for_afterwards_and_is_as_if_chosen_before(
    home: Store, dataset: Dataset, usual: Run, scorer: str
) -> None:
    short = Training(epochs=3)
    run = made(home, dataset, RunSpec(training=short))
    before = home.runs.scores(run)
    run = asked(home, run, scorer)
    found = home.runs.scores(run, scorer)
    chosen = made(home, dataset, RunSpec(training=short, scorer=scorer))
    assert np.array_equal(found.values, home.runs.scores(chosen).values)
    assert np.array_equal(found.column_errors, home.runs.scores(chosen).column_errors)
    assert np.array_equal(home.runs.scores(run).values, before.values)  # what it was made with stays
    threshold = home.thresholds.current(run.id)
    assert threshold is not None
    assert (threshold.scorer, threshold.author) == (scorer, "ada")
    assert threshold.flagged == int((found.values >= threshold.value).sum())
    name = run.of_scorer("verdict_text", scorer)
    assert run.summary[name] == chosen.summary["verdict_text"]
    assert [item.auroc for item in home.runs.evaluations(run, scorer)] == [
        item.auroc for item in home.runs.evaluations(chosen)
    ]
    assert np.array_equal(Trained.load(home, run, scorer).of_encoded(encoded(home, run)).scores, found.values)


def test_a_score_that_is_there_is_only_chosen_anew(home: Store, dataset: Dataset) -> None:
    run = asked(home, asked(home, made(home, dataset, RunSpec(training=Training(epochs=3))), "low_error"), RECOMMENDED)
    artifacts = run.artifacts
    for scorer in ("low_error", "reconstruction_error", RECOMMENDED):
        assert asked(home, run, scorer).artifacts == artifacts
        threshold = home.thresholds.current(run.id)
        assert threshold is not None
        assert (threshold.scorer, threshold.author) == (scorer, "ada")
        assert threshold.flagged == int((home.runs.scores(run, scorer).values >= threshold.value).sum())


def test_the_recommended_score_can_be_asked_for_afterwards(home: Store, dataset: Dataset, usual: Run) -> None:
    run = asked(home, made(home, dataset, RunSpec(training=Training(epochs=3))), RECOMMENDED)
    assert np.array_equal(home.runs.scores(run, RECOMMENDED).values, home.runs.scores(usual).values)


def test_its_own_network_does_not_learn_from_the_strangest_when_asked_later(home: Store, usual: Run) -> None:
    run = asked(home, usual, "squared_error")
    error = home.runs.scores(run, "squared_error").values
    assert np.median(error[:STRANGE]) > 5 * np.median(error[STRANGE:])


@pytest.mark.parametrize(
    "settings",
    [{}, {"training": Training(epochs=3)}, {"training": Training(epochs=3), "scorer": "joint_neighbours"}],
)
def test_what_comes_again_is_found_out_by_further_trainings(
    home: Store, dataset: Dataset, settings: dict[str, Any]
) -> None:
    run = made(home, dataset, suited(RunSpec(**settings), dataset))
    asked_for = home.jobs.submit("stability", {"run_id": run.id}, dataset_id=dataset.id, run_id=run.id)
    stability.run(work_on(home))
    assert home.jobs.get(asked_for.id).state == "succeeded"
    run = home.runs.get(run.id)
    refits = home.artifacts.get_array(home.space, run.artifacts["refits"])
    assert refits.shape == (ROWS, TIMES)
    assert len({column.tobytes() for column in np.asarray(refits).T}) == TIMES
    strangest = np.argsort(-home.runs.scores(run).values)[:STRANGE]
    assert found_again(refits, strangest).overlap > 0.7


@pytest.mark.parametrize("scorer", ["reconstruction_error", "residual_distance", RECOMMENDED])
def test_what_comes_again_by_another_score_is_as_if_that_had_been_the_runs_own(
    home: Store, dataset: Dataset, usual: Run, scorer: str
) -> None:
    short = Training(epochs=3)
    run = usual if scorer == RECOMMENDED else made(home, dataset, RunSpec(training=short, scorer=scorer))
    other = made(home, dataset, RunSpec(training=short, scorer="low_error"))
    found = []
    for each, args in ((run, {}), (other, {"scorer": scorer})):
        home.jobs.submit("stability", {"run_id": each.id, **args}, dataset_id=dataset.id, run_id=each.id)
        stability.run(work_on(home))
        each = home.runs.get(each.id)
        found.append(np.asarray(home.artifacts.get_array(home.space, each.artifacts[each.of_scorer("refits", scorer)])))
    assert np.array_equal(*found)
    assert "refits" not in home.runs.get(other.id).artifacts


def test_what_comes_again_by_the_network_that_explains_is_found_without_the_strangest(
    home: Store, dataset: Dataset, usual: Run
) -> None:
    home.jobs.submit("stability", {"run_id": usual.id, "scorer": "squared_error"}, run_id=usual.id)
    stability.run(work_on(home))
    artifacts = home.runs.get(usual.id).artifacts
    refits = np.asarray(home.artifacts.get_array(home.space, artifacts["refits:squared_error"]))
    assert (np.median(refits[:STRANGE], axis=0) > 5 * np.median(refits[STRANGE:], axis=0)).all()


def test_the_usual_run_looks_by_itself_whether_its_flags_come_again(home: Store, dataset: Dataset) -> None:
    run = home.runs.submit(dataset.id, suited(RunSpec(training=Training(epochs=1)), dataset))
    train.run(work_on(home))
    waiting = home.jobs.find(("queued",))
    assert {job.kind for job in waiting} == {"project", "stability"}
    home.runs.delete(run.id)  # which takes them along


def test_labels_that_are_normal_are_the_clean_reference(home: Store, dataset: Dataset) -> None:
    run = made(home, dataset, suited(RunSpec(normal=("normal",)), dataset))
    assert run.spec["assume_clean"] is True
    splits = home.runs.scores(run).splits
    assert (splits[:STRANGE] == 2).all()
    assert (splits[STRANGE:] < 2).all()
    assert roc_auc_score(table()[1], home.runs.scores(run).values) > 0.99
    said = " ".join(run.summary["notices"])
    assert "all but “normal” in label counts as an anomaly" in said
    assert "figures flatter" in said


@pytest.mark.parametrize(
    ("normal", "labelled", "words", "fix"),
    [
        (("norml",), True, "no row of table has the label “norml”", "did you mean “normal”?"),
        (("normal",), False, "no column has the role label", "make a column the label"),
        (("anomaly",), True, "only 8 rows are left to train on", "leave fewer out"),
        (("anomaly", "normal"), True, "all values of the label are declared normal", "say that the rows are clean"),
    ],
)
def test_a_normal_label_that_cannot_be_is_refused_before(
    home: Store, tmp_path: Path, normal: tuple[str, ...], labelled: bool, words: str, fix: str
) -> None:
    made_here = add_csv(home, tmp_path, as_csv(*table()).replace("label", "label" if labelled else "about", 1))
    with pytest.raises(HourglassError) as refused:
        refuse_hopeless(home, made_here, RunSpec(normal=normal).checked())
    assert words in refused.value.what
    assert fix in refused.value.fix


def encoded(store: Store, run: Run) -> Any:
    from core.scoring.material import material_of

    dataset = store.datasets.get(run.dataset_id)
    return material_of(store, dataset, RunSpec.read(run.spec), np.arange(dataset.rows)).data


def test_a_threshold_that_is_tuned_on_the_label_is_tuned_anew_for_another_score(
    home: Store, dataset: Dataset, usual: Run
) -> None:
    scores = home.runs.scores(usual)
    truth = table()[1].astype(np.int8)
    home.thresholds.new(usual.id, "max_f1", {}, *decide(given_of(scores, RECOMMENDED, truth), "max_f1", {}))
    run = asked(home, usual, "low_error")
    now = home.thresholds.current(run.id)
    assert now is not None
    assert (now.method, now.scorer) == ("max_f1", "low_error")
    other = given_of(home.runs.scores(run, "low_error"), "low_error", truth)
    assert (now.value, now.flagged) == decide(other, "max_f1", {})


def test_what_cannot_be_scored_so_is_refused_in_words() -> None:
    with pytest.raises(SettingsRefused, match="no anomaly score named “joint_neighbour”") as refused:
        RunSpec(scorer="joint_neighbour").checked()
    assert refused.value.fix == "did you mean “joint_neighbours”?"
    for spec in (
        RunSpec(scorer="negative_bound"),
        RunSpec(objective="variational", scorer="negative_bound", training=Training(members=2)),
    ):
        with pytest.raises(SettingsRefused, match="is asked of one variational network"):
            spec.checked()
    assert RunSpec(objective="variational", scorer="negative_bound").checked()
