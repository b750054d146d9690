"""The doctor finds what is provoked, says it in sentences with a valid change, and leaves healthy runs alone."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from core import cli
from core.glossary import terms
from core.results import Column, Metric, Run
from core.scoring.evidence import tells
from core.specs import RECOMMENDED, RunSpec, Training, spec_from_settings
from core.training.doctor import FINDINGS, ORDER, SCORE_STAYS, ColumnFacts, Evidence, Finding, examine, together
from tests.core.training.examined import evidence_of, findings, names
from tests.core.training.ill import FAST, ILL, Ill, bent, low_rank, with_column, with_infinities

ALARMS = ("wrong", "doubtful")


def known(model: str = "vanilla", inputs: int = 12, rows: int = 900, **settings: Any) -> Evidence:
    """Of a run of which only spec and size are known."""
    spec = spec_from_settings(model, {"bottleneck": 4, **settings}, 0)
    return Evidence(spec, spec.plan((inputs,)), inputs, rows, rows // 9)


def curves(evidence: Evidence, finished: bool = True, **values: Any) -> Evidence:
    """With such curves, by epoch from 1, ten steps each."""
    curve = [
        Metric(epoch, 10 * epoch, name, float(value))
        for name, each in values.items()
        for epoch, value in enumerate(each, start=1)
    ]
    best = int(np.argmin(values.get("validation", values.get("train", [0])))) + 1
    return replace(evidence, curve=curve, finished=finished, best_epoch=best)


def look(name: str, evidence: Evidence) -> Finding | None:
    return FINDINGS.get(name).look(evidence)


def falling(epochs: int = 60, start: float = 1.0, end: float = 0.1) -> np.ndarray:
    """A loss that falls fast and then hardly, (E,)."""
    return end + (start - end) * np.exp(-np.arange(epochs) / 5)


# --- each finding, on a training that provokes it --------------------------------------------------------


@pytest.mark.parametrize("ill", ILL, ids=[ill.name for ill in ILL])
def test_what_is_provoked_is_found(ill: Ill) -> None:
    evidence = evidence_of(ill.data(), ill.model, **ill.settings)
    found = examine(evidence)
    assert ill.name in names(found)
    assert set(names(found, *ALARMS)) <= {ill.name} | ill.beside
    for finding in found:
        is_said_well(finding, evidence.spec)


def test_every_finding_is_provoked() -> None:
    assert {ill.name for ill in ILL} == set(FINDINGS)


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("vanilla", {"bottleneck": 3}),
        ("denoising", {"bottleneck": 3, "strength": 0.1}),
        ("masked", {}),
        ("sparse", {}),
        ("contractive", {}),
        ("variational", {}),
        ("stacked", {"bottleneck": 3}),
    ],
)
def test_a_healthy_run_raises_no_alarm(model: str, settings: dict[str, Any]) -> None:
    long = {"epochs": 100, "learning_rate": 3e-3, "schedule": "one cycle", "patience": 30}
    assert names(findings(bent(1_000), model, **long, **settings), *ALARMS) == []


def is_said_well(finding: Finding, spec: RunSpec) -> None:
    """Sentences with figures, and a change that a run of that kind takes."""
    assert finding.severity in ORDER
    assert finding.title[0].isupper()
    assert not finding.title.endswith(".")
    for sentence in (finding.evidence, finding.next_step):
        assert not sentence[0].islower()
        assert sentence.endswith(".")
        assert "nan" not in sentence
    assert finding.term in terms()
    changed = spec_from_settings(spec.objective, {"layers": spec.layers, **finding.change}, 0)
    for name, value in finding.change.items():
        homes = (changed.objective_settings, changed.layer_settings, changed.training.model_dump())
        assert any(home.get(name) == value for home in homes), name


def test_infinite_cells_are_blamed_and_not_the_learning_rate() -> None:
    evidence = evidence_of(with_infinities(), **FAST)
    assert look("learning_rate_too_large", evidence) is not None
    (found,) = examine(evidence)
    assert "“sensor 3” has 3 infinite cells" in found.evidence
    assert found.severity == "doubtful"
    diverged = examine(replace(evidence, diverged=True))
    assert names(diverged, "wrong") == ["infinite_cells"]


def test_enormous_cells_are_blamed_as_infinite_ones_are() -> None:
    table = with_infinities().replace(np.inf, 1e308)
    (found,) = examine(evidence_of(table, **FAST))
    assert found.name == "infinite_cells"
    assert "enormous" in found.title
    assert "“sensor 3” has 3 cells beyond 3.4e38" in found.evidence
    table.loc[[7, 8], "sensor 3"] = -np.inf
    (found,) = examine(evidence_of(table, epochs=2))
    assert "“sensor 3” has 2 infinite cells and 3 cells beyond 3.4e38" in found.evidence
    assert "infinite_cells" not in names(examine(evidence_of(table.clip(-1e38, 1e38), epochs=2)))


# --- the registry ----------------------------------------------------------------------------------------

EDGES = {
    "nothing known": known(),
    "nothing known, finished": replace(known(), finished=True),
    "no rows": replace(known(), rows_trained=0, rows_validation=0, finished=True),
    "diverged": replace(known(), diverged=True, finished=True),
    "one epoch": curves(known(), train=[1.0], validation=[1.0]),
    "no validation": curves(known(validation_share=0.0), train=falling()),
    "negative losses": curves(known("variational"), train=falling() - 5, validation=falling() - 4.9),
    "constant": curves(known(), train=np.ones(60), validation=np.ones(60)),
    "zero": curves(known(), train=np.zeros(60), validation=np.zeros(60)),
    "exact": replace(
        known(), finished=True, error_network=0.0, error_pca=0.0, error_means=0.0, pca_by_width=((1, 0.0),)
    ),
    "empty arrays": replace(
        known(), finished=True, codes=np.zeros((0, 4), np.float32), active=np.zeros(0), kl=np.zeros(0)
    ),
    "one constant code": replace(known(), finished=True, codes=np.ones((9, 1), np.float32)),
    "sparse of nothing": replace(known("sparse"), finished=True, active_target=0.2, active_share=0.0),
}


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("name", list(FINDINGS))
def test_every_finding_works_with_little(name: str, edge: str) -> None:
    check = FINDINGS.get(name)
    assert check.name == name
    finding = check.look(EDGES[edge])
    if finding is not None:
        assert finding.name == name
        is_said_well(finding, EDGES[edge].spec)


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert examine(EDGES["nothing known, finished"]) == ()


def test_while_it_trains_only_live_findings_are_said() -> None:
    ready = replace(known(), error_network=1.0, error_means=1.0, diverged=True)
    assert names(examine(ready)) == ["diverged"]
    live = {name for name in FINDINGS if FINDINGS.get(name).live}
    assert live == {
        *("diverged", "overfitting", "learning_rate_too_large", "learning_rate_too_small"),
        *("batch_larger_than_data", "too_few_rows", "label_or_identifier", "infinite_cells"),
    }


OTHER_LAYERS = {
    "images": ("convolutional", (16, 16, 1), {}),
    "series": ("convolutional_1d", (32, 3), {"window": 32}),
    "recurrent": ("gru", (32, 3), {"window": 32}),
    "widths by hand": ("fully_connected", (40,), {"widths": "128, 64", "activation": "relu"}),
}


@pytest.mark.parametrize("which", OTHER_LAYERS)
def test_changes_suit_all_layers(which: str) -> None:
    """Where much is wrong, each change is one that these layers take."""
    layers, shape, settings = OTHER_LAYERS[which]
    spec = spec_from_settings("vanilla", {"layers": layers, "bottleneck": 30, **settings}, 0)
    size = int(np.prod(shape))
    evidence = Evidence(spec, spec.plan(shape), size, 10, 5, item="image")
    train, validation = falling(end=0.001), falling(end=0.3)
    steps = ((1, 0.5), (2, 0.005), (size, 0.0))
    ill = replace(
        curves(evidence, train=train, validation=validation),
        error_network=0.3,
        error_pca=0.001,
        error_means=1.0,
        pca_by_width=steps,
        active=np.zeros(20),
        codes=np.zeros((9, 30), np.float32),
    )
    found = examine(ill)
    assert {"overfitting", "identity_mapping", "no_better_than_pca"} <= set(names(found))
    assert ("dead_units" in names(found)) == (which == "widths by hand")
    for finding in [*found, look("too_few_rows", replace(evidence, finished=True))]:
        assert finding is not None
        is_said_well(finding, spec)


def test_the_worst_is_said_first() -> None:
    ill = replace(known(rows=30, batch_size=64), finished=True, diverged=True)
    severities = [ORDER.index(finding.severity) for finding in examine(ill)]
    assert len(severities) > 1
    assert severities == sorted(severities)


def test_it_needs_no_torch() -> None:
    code = (
        "import sys\nfrom core.training.doctor import FINDINGS\n"
        "[FINDINGS.get(name) for name in FINDINGS]\nassert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- curves ----------------------------------------------------------------------------------------------


def test_a_turn_after_the_best_epoch_is_overfitting_only_where_the_gap_is_large() -> None:
    validation = np.concatenate([np.linspace(1.0, 0.5, 30), np.linspace(0.51, 0.6, 15)])
    near, far = (
        np.concatenate([np.linspace(1.0, level, 30), np.linspace(level, level - 0.1, 15)]) for level in (0.45, 0.3)
    )
    assert look("overfitting", curves(known(), train=near, validation=validation)) is None
    found = look("overfitting", curves(known(), train=far, validation=validation))
    assert found is not None
    assert "lowest at epoch 30 (0.5)" in found.evidence


def test_what_began_as_a_pca_and_is_no_worse_on_new_rows_harms_nothing() -> None:
    validation = [1.0, 0.5, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    train = [1.0, 0.3, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01]
    begun = replace(curves(known(), train=train, validation=validation), error_pca=1.0)
    for layers, error, said in (("fully_connected", 0.9, True), ("around_pca", 0.9, False), ("around_pca", 1.1, True)):
        evidence = replace(begun, spec=RunSpec(layers=layers).checked(), error_network=error)
        assert (look("overfitting", evidence) is not None) == said, (layers, error)


def test_advice_on_the_network_says_that_the_recommended_score_stays() -> None:
    copies = replace(known(inputs=4, rows=900, bottleneck=4), finished=True, twins=300, twins_among=900)
    leaks = replace(copies, columns=(ColumnFacts("is_fraud", "boolean", 2, 900),))
    own = {finding.name: finding.next_step for finding in examine(leaks)}
    assert not any(SCORE_STAYS in step for step in own.values())
    explains = replace(leaks, spec=leaks.spec.model_copy(update={"scorer": RECOMMENDED}))
    steps = {finding.name: finding.next_step for finding in examine(explains)}
    assert steps.keys() == own.keys() >= {"identity_mapping", "label_or_identifier", "twins_across_validation"}
    about = {name for name, step in steps.items() if step.endswith(f" {SCORE_STAYS}")}
    assert about == steps.keys() - {
        "label_or_identifier",
        "twins_across_validation",
    }  # rows and columns change every score


@pytest.mark.parametrize("inputs", [1, 4, 24])
def test_an_explainer_of_the_width_that_was_meant_is_not_told_to_be_narrower(inputs: int) -> None:
    def bottleneck(chosen: int, **more: object) -> Finding | None:
        spec = RunSpec(layers="around_pca", layer_settings={"bottleneck": chosen}, **more).checked()
        width = spec.plan((inputs,)).kept
        steps = ((width, 0.001), (inputs, 0.0)) if width < inputs else ((inputs, 0.001),)
        evidence = Evidence(spec, spec.plan((inputs,)), inputs, 900, 100, finished=True, pca_by_width=steps)
        return look("identity_mapping", replace(evidence, error_network=0.001, error_pca=0.001, error_means=1.0))

    assert bottleneck(0, scorer=RECOMMENDED) is None
    for found in (
        bottleneck(0),
        bottleneck(max(1, inputs // 2), scorer=RECOMMENDED),
    ):  # its own score, or a width by hand
        assert found is not None
        assert found.title == "The bottleneck lets everything through"


def test_a_turn_is_no_overfitting_where_the_training_loss_stands_still() -> None:
    train = np.concatenate([np.linspace(1.0, 0.2, 15), np.full(30, 0.2)])
    validation = np.concatenate([np.linspace(1.0, 0.7, 15), np.linspace(0.7, 1.0, 30)])
    assert look("overfitting", curves(known(), train=train, validation=validation)) is None
    falls_on = np.concatenate([np.linspace(1.0, 0.2, 15), np.linspace(0.2, 0.1, 30)])
    assert look("overfitting", curves(known(), train=falls_on, validation=validation)) is not None


def test_rows_that_are_harder_from_the_first_epoch_on_are_no_overfitting() -> None:
    # Faults among the rows to validate on; the network starts near its best.
    train = np.concatenate([np.linspace(0.0050, 0.00445, 30), np.linspace(0.00445, 0.00437, 8)])
    validation = np.concatenate([np.linspace(0.0325, 0.0323, 30), np.linspace(0.0323, 0.0324, 8)])
    assert look("overfitting", curves(known(), train=train, validation=validation)) is None
    parted = np.concatenate([np.linspace(0.0325, 0.0323, 15), np.linspace(0.0323, 0.0400, 23)])
    learned = np.linspace(0.0325, 0.0010, 38)
    assert look("overfitting", curves(known(), train=learned, validation=parted)) is not None


def test_what_was_learned_in_a_warm_up_counts_for_the_turn() -> None:
    validation = np.concatenate([np.linspace(5.0, 0.5, 30), np.linspace(0.4, 0.5, 30)]) - 0.2
    train = np.concatenate([np.linspace(5.0, 0.3, 30), np.linspace(0.3, 0.0, 30)]) - 0.2
    assert look("overfitting", curves(known("variational", warm_up=0.5), train=train, validation=validation)) is None


def test_patience_alone_is_no_overfitting() -> None:
    loss = np.concatenate([falling(50), np.full(10, 0.105)])
    assert look("overfitting", curves(known(), train=falling(60, end=0.09), validation=loss)) is None


def test_overfitting_is_seen_in_negative_losses_wherever_they_lie() -> None:
    train = np.linspace(1.0, 0.1, 60)
    validation = np.concatenate([np.linspace(1.0, 0.7, 20), np.linspace(0.7, 1.0, 40)])
    for shift in (0.0, -8.0):
        moved = curves(known("variational", warm_up=0), train=train + shift, validation=validation + shift)
        assert look("overfitting", moved) is not None, shift
    assert look("overfitting", curves(known("variational", warm_up=0), train=train - 8, validation=train - 7.9)) is None


def test_memorised_rows_are_overfitting_without_a_turn() -> None:
    found = look("overfitting", curves(known(), train=falling(end=0.001), validation=falling(end=0.1)))
    assert found is not None
    assert "with 99.3 times the error" in found.evidence
    by_far = look("overfitting", curves(known(), train=falling(end=0.0), validation=falling(end=0.1)))
    assert by_far is not None
    assert "more than 100 times the error" in by_far.evidence
    assert look("overfitting", curves(known(), train=falling(end=0.05), validation=falling(end=0.1))) is None


def test_only_the_last_stage_is_judged() -> None:
    """A stage begins with a higher loss than the one before ended with: no turn."""
    both = np.concatenate([falling(30), falling(30, start=0.8, end=0.3)])
    stage = np.repeat([1.0, 2.0], 30)
    plain = curves(known("stacked"), train=both, validation=both)
    staged = curves(known("stacked"), train=both, validation=both, stage=stage)
    assert look("learning_rate_too_large", plain) is not None
    assert look("learning_rate_too_large", staged) is None


def test_the_epochs_of_a_stage_are_told_from_those_that_were_asked_for() -> None:
    line = np.concatenate([falling(20), np.linspace(1.0, 0.2, 20)])
    staged = curves(known("stacked", epochs=40), train=line, validation=line, stage=np.repeat([1.0, 2.0], 20))
    found = look("learning_rate_too_small", staged)
    assert found is not None
    assert "in the last 4 of the 20 epochs of stage 2 (epochs 21 to 40)" in found.evidence
    whole = look("learning_rate_too_small", curves(known(epochs=20), validation=np.linspace(1.0, 0.2, 20)))
    assert whole is not None
    assert "in the last 4 of 20 epochs:" in whole.evidence
    warm = curves(known("variational", epochs=40, warm_up=0.5), train=np.linspace(1.0, 0.2, 40))
    after = look("learning_rate_too_small", warm)
    assert after is not None
    assert "of the 20 epochs after the warm-up (epochs 21 to 40)" in after.evidence


@pytest.mark.parametrize(("epochs", "advised"), [(2, 60), (29, 60), (60, 120), (4_000, 5_000)])
def test_more_epochs_are_never_fewer_than_usual(epochs: int, advised: int) -> None:
    means = replace(known(epochs=epochs), error_network=0.99, error_means=1.0, error_pca=0.2, finished=True)
    evidence = {
        "no_better_than_means": means,
        "no_better_than_pca": compared(0.5, 0.2, epochs=epochs),
        "sparsity_missed": replace(known("sparse", epochs=epochs), active_target=0.2, active_share=0.6, finished=True),
    }
    for name, each in evidence.items():
        found = look(name, each)
        assert found is not None, name
        assert found.change["epochs"] == advised, name


def test_where_few_epochs_are_usual_no_more_are_advised_than_help() -> None:
    few = replace(known(epochs=2, rows=200_000), error_network=0.99, error_means=1.0, error_pca=0.2, finished=True)
    for shape in ((16, 16, 1), (64, 3)):
        found = look("no_better_than_means", replace(few, shape=shape))
        assert found is not None
        assert found.change["epochs"] == 4


def test_a_warm_up_of_the_loss_is_no_turn() -> None:
    """Of a variational run the training loss rises while beta grows."""
    train = np.concatenate([np.linspace(0.5, 1.4, 30), np.full(30, 1.4)])
    warm = curves(known("variational", warm_up=0.5), train=train)
    cold = curves(known("variational", warm_up=0), train=train, validation=train)
    assert look("learning_rate_too_large", warm) is None
    assert look("learning_rate_too_large", cold) is not None
    hard_batches = curves(known("variational", warm_up=0), train=train, validation=falling(60))
    assert look("learning_rate_too_large", hard_batches) is None


def test_a_leap_at_the_start_is_a_rate_too_large() -> None:
    leapt = curves(known(learning_rate=0.3), train=[30.0, *falling(20, end=0.7)])
    found = look("learning_rate_too_large", leapt)
    assert found is not None
    assert found.change == {"learning_rate": 0.03}
    assert look("learning_rate_too_large", curves(known(), train=falling())) is None
    assert look("learning_rate_too_large", replace(leapt, diverged=True)) is None


def test_names_and_penalties_may_cost_more_at_first() -> None:
    names_cost = [2.3, *falling(20, end=0.9)]
    with_names = replace(curves(known(), train=names_cost), columns=(ColumnFacts("region", "category", 4, 900),))
    assert look("learning_rate_too_large", curves(known(), train=names_cost)) is not None
    assert look("learning_rate_too_large", with_names) is None
    learned = curves(known(), train=[2.3, *falling(20, end=0.1)])
    assert look("learning_rate_too_large", learned) is None
    penalty = {"train": [9.0, *falling(20, end=0.9)], "train reconstruction": falling(21, end=0.6)}
    assert look("learning_rate_too_large", curves(known("contractive"), **penalty)) is None


def test_a_rate_that_was_found_is_no_longer_looked_for() -> None:
    leapt = curves(known(find_rate=True), train=[30.0, *falling(20, end=0.7)], **{"learning rate": [0.2] * 21})
    found = look("learning_rate_too_large", leapt)
    assert found is not None
    assert found.change == {"learning_rate": 0.02, "find_rate": False}


def test_a_line_downwards_is_a_rate_too_small_and_a_curve_is_not() -> None:
    line = np.linspace(1.0, 0.6, 60)
    found = look("learning_rate_too_small", curves(known(learning_rate=1e-4), train=line, validation=line))
    assert found is not None
    assert found.change == {"learning_rate": 1e-3}
    assert look("learning_rate_too_small", curves(known(), train=falling(), validation=falling())) is None
    short = look("learning_rate_too_small", curves(known(learning_rate=0.01), train=line, validation=line))
    assert short is not None
    assert short.change == {"epochs": 180}


@pytest.mark.parametrize("epochs", [1, 60])
def test_where_no_weight_can_move_the_rate_is_raised_and_not_only_the_epochs(epochs: int) -> None:
    flat = np.ones(epochs)
    found = look("learning_rate_too_small", curves(known(learning_rate=1e-300, epochs=epochs), train=flat))
    assert found is not None
    assert "higher learning rate" in found.next_step
    assert found.change == {"learning_rate": 1e-3, **({"epochs": 60} if epochs == 1 else {})}


def test_of_a_network_that_learned_nothing_no_bottleneck_is_blamed() -> None:
    wide = replace(known(bottleneck=12), error_means=1.0, pca_by_width=((1, 0.5), (3, 0.005), (12, 0.0)), finished=True)
    assert look("identity_mapping", replace(wide, error_network=0.01)) is not None
    assert look("identity_mapping", replace(wide, error_network=1.02)) is None
    narrow = replace(known(inputs=24, bottleneck=1), error_means=1.0, pca_by_width=((1, 0.8), (6, 0.05)), finished=True)
    assert look("bottleneck_too_narrow", replace(narrow, error_network=0.8)) is not None
    assert look("bottleneck_too_narrow", replace(narrow, error_network=1.02)) is None


@pytest.mark.parametrize(("seconds", "advised"), [(0.0, 5_000), (2.0, 600), (1_200.0, 4)])
def test_where_epochs_take_long_no_hours_are_advised(seconds: float, advised: int) -> None:
    """A series of a few long windows, for which thousands of epochs are usual. seconds: of two epochs."""
    windows = spec_from_settings("vanilla", {"window": 32, "layers": "convolutional_1d", "epochs": 2}, 0)
    series = Evidence(windows, windows.plan((32, 4)), 128, 10, 1, shape=(32, 4), seconds=seconds, finished=True)
    means = replace(series, curve=[Metric(2, 200, "train", 1.0)], error_network=0.99, error_means=1.0, error_pca=0.2)
    found = look("no_better_than_means", means)
    assert found is not None
    assert found.change["epochs"] == advised


def test_all_advice_together_follows_the_first_where_two_contradict() -> None:
    def of(name: str, **change: Any) -> Finding:
        return Finding(name, "doubtful", "", "", "", change)

    lower, longer, wider = (
        of("a", learning_rate=1e-4),
        of("b", epochs=120, find_rate=True),
        of("c", epochs=180, depth=2),
    )
    assert together([lower, longer, wider]) == {"learning_rate": 1e-4, "epochs": 120, "depth": 2}
    assert together([longer, lower]) == {"epochs": 120, "find_rate": True}
    assert together([of("d")]) == {}


def test_a_run_that_was_ended_early_or_has_just_begun_says_nothing_of_its_rate() -> None:
    line = np.linspace(1.0, 0.6, 30)
    assert look("learning_rate_too_small", curves(known(), train=line, validation=line)) is None
    assert look("learning_rate_too_small", curves(known(), finished=False, train=line[:20])) is None
    assert look("learning_rate_too_small", curves(known(), finished=False, train=line)) is not None


@pytest.mark.parametrize(("slips", "found"), [(0, True), (8, True), (150, False)])
def test_a_copy_of_the_label_with_a_few_slips_is_found(slips: int, found: bool) -> None:
    generator = np.random.default_rng(0)
    label = generator.random(900) < 0.3
    copy = label.copy()
    copy[generator.permutation(900)[:slips]] ^= True
    column = Column("paid back", "boolean", "feature", "", distinct=2)
    told = tells(column, copy.astype(int).astype(str).astype(object), label)
    evidence = replace(known(), columns=(ColumnFacts("paid back", "boolean", 2, 900, tells=told),))
    said = look("label_or_identifier", evidence)
    assert (said is not None) == found
    if said is not None:
        assert "“paid back” alone tells the label" in said.evidence


def test_a_good_measurement_is_no_copy_of_the_label() -> None:
    """As in the thyroid tables among the benchmarks: .989 by one hormone."""
    measured = ColumnFacts("tsh", "number", 326, 7_200, tells=0.989)
    assert look("label_or_identifier", replace(known(), columns=(measured,))) is None


def test_a_bottleneck_of_one_is_not_told_to_be_narrower() -> None:
    steps = ((1, 0.001), (2, 0.0))
    for inputs, words in ((1, "Add columns"), (12, "can't be narrower")):
        narrow = replace(known(inputs=inputs, bottleneck=1), finished=True, error_means=1.0, pca_by_width=steps)
        found = look("identity_mapping", narrow)
        assert found is not None
        assert words in found.next_step
        assert found.change == {}
    few = look("too_few_rows", known(inputs=1, rows=8, bottleneck=1))
    assert few is not None
    assert "narrower" not in few.next_step
    assert "bottleneck" not in few.change
    alike = replace(narrow, error_network=0.5, error_pca=0.5, pca_by_width=())
    equal = look("no_better_than_pca", alike)
    assert equal is not None
    assert "narrower" not in equal.next_step


def test_noise_is_no_fall() -> None:
    noise = 1 - 0.002 * np.arange(60) + 0.1 * np.random.default_rng(0).normal(size=60)
    assert look("learning_rate_too_small", curves(known(), train=noise, validation=noise)) is None


def test_weights_that_cannot_move_are_a_rate_too_small() -> None:
    flat = np.full(11, 1.07)
    assert look("learning_rate_too_small", curves(known(learning_rate=1e-7), train=flat, validation=flat)) is not None
    assert look("learning_rate_too_small", curves(known(learning_rate=1e-3), train=flat, validation=flat)) is None


# --- errors and widths -----------------------------------------------------------------------------------

STEPS = ((1, 0.8), (2, 0.6), (3, 0.4), (4, 0.2), (6, 0.05), (8, 0.004), (12, 0.0))


def compared(network: float, pca: float, model: str = "vanilla", **settings: Any) -> Evidence:
    evidence = replace(known(model, **settings), finished=True)
    return replace(evidence, error_network=network, error_pca=pca, error_means=1.0, pca_by_width=STEPS)


def test_a_pca_is_compared_by_how_much_better_it_is() -> None:
    severities = {network: look("no_better_than_pca", compared(network, 0.2)) for network in (0.15, 0.2, 0.3)}
    assert severities[0.15] is None
    assert severities[0.2] is not None
    assert severities[0.2].severity == "hint"
    assert severities[0.3] is not None
    assert severities[0.3].severity == "doubtful"


def test_who_leaves_strange_rows_out_of_the_loss_wants_a_score_not_a_reconstruction() -> None:
    found = look("no_better_than_pca", compared(0.5, 0.2, "denoising", trim=0.1))
    assert found is not None
    assert (found.severity, found.change) == ("hint", {})
    assert "it learns the anomalies as well" in found.next_step


def test_few_rows_held_back_make_a_comparison_doubtful() -> None:
    unsure = look("no_better_than_pca", replace(compared(0.3, 0.2), error_doubt=0.06))
    sure = look("no_better_than_pca", replace(compared(0.3, 0.2), error_doubt=0.04))
    assert unsure is not None
    assert sure is not None
    assert (unsure.severity, sure.severity) == ("hint", "doubtful")


def test_a_pca_is_not_compared_where_that_is_not_fair() -> None:
    assert look("no_better_than_pca", compared(0.3, 0.2, "masked")) is None
    assert look("no_better_than_pca", compared(0.3, 0.2, number_loss="absolute")) is None
    assert look("no_better_than_pca", compared(0.3, 0.2, bottleneck=12)) is None
    assert look("no_better_than_pca", compared(0.99, 0.2)) is None  # the means are as good: that is said
    assert look("no_better_than_pca", compared(0.2, 0.2, depth=0)) is None  # it is one
    assert look("no_better_than_pca", compared(0.005, 0.001)) is None


def test_the_means_are_spoken_of_once() -> None:
    nothing = compared(1.0, 0.2)
    assert names(examine(nothing)) == ["no_better_than_means"]
    cause = curves(nothing, train=[30.0, *falling(20, end=0.9)])
    assert names(examine(cause), *ALARMS) == ["learning_rate_too_large"]
    assert examine(cause)[0].severity == "wrong"


def test_identity_by_the_dimension_of_the_data() -> None:
    found = {width: look("identity_mapping", compared(0.3, 0.2, bottleneck=width)) for width in (4, 8, 12)}
    assert found[4] is None
    assert found[8] is not None
    assert found[8].severity == "hint"
    assert found[12] is not None
    assert found[12].severity == "doubtful"
    assert found[12].change["bottleneck"] < 8
    data_of_three = tuple((width, 0.5 if width < 3 else 0.001) for width in (1, 2, 3, 4, 6, 8, 12))
    wide = look("identity_mapping", replace(compared(0.3, 0.2, bottleneck=8), pca_by_width=data_of_three))
    assert wide is not None
    assert (wide.severity, wide.change) == ("doubtful", {"bottleneck": 2})
    for model in ("denoising", "sparse", "contractive", "variational", "masked"):
        assert look("identity_mapping", compared(0.3, 0.2, model, bottleneck=12)) is None, model


def test_a_narrow_bottleneck_is_named_with_the_width_that_is_enough() -> None:
    narrow = replace(compared(0.6, 0.6, bottleneck=2), inputs=24)
    found = look("bottleneck_too_narrow", narrow)
    assert found is not None
    assert 4 < found.change["bottleneck"] <= 6
    assert look("bottleneck_too_narrow", replace(narrow, error_network=0.1)) is None  # bends make up for it
    assert look("bottleneck_too_narrow", replace(narrow, inputs=8)) is None  # nothing would be squeezed
    unrelated = tuple((width, 1 - width / 24) for width in (1, 2, 3, 4, 6, 8, 12, 16, 24))
    assert look("bottleneck_too_narrow", replace(narrow, pca_by_width=unrelated)) is None


# --- units, codes, rows, columns -------------------------------------------------------------------------


def test_only_rectified_units_die() -> None:
    active = np.where(np.arange(64) % 2, 0.5, 0.0)
    for activation, dies in (("relu", True), ("gelu", False), ("leaky_relu", False), ("linear", False)):
        evidence = replace(known(activation=activation), finished=True, active=active)
        assert (look("dead_units", evidence) is not None) == dies, activation
    assert look("dead_units", replace(known(), finished=True, active=np.where(np.arange(64) < 5, 0.0, 0.5))) is None


def test_dimensions_that_stand_still_are_counted() -> None:
    codes = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)
    assert look("unused_dimensions", replace(known(), codes=codes)) is None
    codes[:, 1:3] = 0.7
    found = look("unused_dimensions", replace(known(), codes=codes))
    assert found is not None
    assert found.change == {"bottleneck": 2}
    assert look("unused_dimensions", replace(known(), codes=codes, diverged=True)) is None


def test_a_collapse_is_said_once() -> None:
    collapsed = replace(known("variational"), finished=True, kl=np.full(4, 0.001))
    assert names(examine(collapsed)) == ["posterior_collapse"]
    nearly = look("posterior_collapse", replace(collapsed, kl=np.asarray([2.0, 0.001, 0.001, 0.001, 0.001])))
    assert nearly is not None
    assert nearly.severity == "doubtful"
    partly = replace(collapsed, kl=np.asarray([2.0, 1.0, 0.001, 0.001]))
    assert names(examine(partly)) == ["unused_dimensions"]
    assert examine(replace(collapsed, kl=np.ones(4))) == ()


@pytest.mark.parametrize(("share", "said"), [(0.2, False), (0.22, False), (0.3, True), (0.1, True)])
def test_a_sparsity_is_missed_by_a_quarter(share: float, said: bool) -> None:
    evidence = replace(known("sparse"), finished=True, active_target=0.2, active_share=share)
    assert (look("sparsity_missed", evidence) is not None) == said


@pytest.mark.parametrize(
    ("twins", "among", "severity"),
    [(0, 100, None), (4, 100, None), (2, 10, None), (9, 100, "hint"), (40, 100, "doubtful")],
)
def test_twins_count_by_their_share(twins: int, among: int, severity: str | None) -> None:
    found = look("twins_across_validation", replace(known(), twins=twins, twins_among=among))
    assert (found.severity if found else None) == severity


def test_twins_are_counted_among_those_that_were_looked_at() -> None:
    evidence = evidence_of(np.tile(bent(150), (4, 1)), epochs=2)
    assert evidence.twins_among == evidence.rows_validation
    assert evidence.twins is not None
    assert evidence.twins > 0.9 * evidence.twins_among
    assert evidence_of(bent(600), epochs=2).twins == 0


def test_a_batch_is_compared_with_the_training_rows() -> None:
    assert look("batch_larger_than_data", known(rows=64, batch_size=64)) is None
    found = look("batch_larger_than_data", known(rows=63, batch_size=64))
    assert found is not None
    assert found.severity == "doubtful"
    single = look("batch_larger_than_data", known(rows=63, batch_size=64, epochs=1))
    assert single is not None
    assert "there is 1 step at most" in single.evidence
    many = look("batch_larger_than_data", known(rows=63, batch_size=64, epochs=2_000))
    assert many is not None
    assert many.severity == "hint"
    assert look("batch_larger_than_data", replace(known(rows=63, batch_size=64), batch_used=32)) is None


def test_few_rows_are_those_that_parameters_outnumber() -> None:
    assert look("too_few_rows", known(rows=900)) is None
    few = look("too_few_rows", known(rows=20))
    assert few is not None
    assert few.severity == "hint"
    assert few.change["hidden_width"] < 64
    very = look("too_few_rows", known(rows=20, hidden_width=512, depth=2))
    assert very is not None
    assert very.severity == "doubtful"
    for_the_code = look("too_few_rows", known(rows=10, hidden_width=4))
    assert for_the_code is not None
    assert for_the_code.change == {"bottleneck": 3}


@pytest.mark.parametrize(
    ("name", "kind", "distinct", "said"),
    [
        ("is_fraud", "boolean", 2, True),
        ("Class", "category", 3, True),
        ("target", "number", 2, True),
        ("outcome", "category", 2, True),
        ("anomaly type", "category", 6, True),
        ("target", "number", 600, False),
        ("passenger_class", "category", 3, False),
        ("customer_id", "number", 900, True),
        ("customer_id", "category", 30, False),
        ("article", "coded", 900, True),
        ("comment", "text", 900, False),
        ("height", "number", 900, False),
        ("width", "number", 2, False),
        ("label", "constant", 1, False),
    ],
)
def test_labels_and_identifiers_by_name_and_values(name: str, kind: str, distinct: int, said: bool) -> None:
    evidence = replace(known(), columns=(ColumnFacts("a", "number", 700, 900), ColumnFacts(name, kind, distinct, 900)))
    found = look("label_or_identifier", evidence)
    assert (found is not None) == said
    if found is not None:
        assert f"“{name}”" in found.evidence
        assert f"“{name}”" in found.next_step


def test_a_column_that_was_said_to_be_measured_is_not_called_a_label() -> None:
    for reason, said in (("only 0 and 1", True), ("set by hand", False)):
        column = ColumnFacts("isBad", "boolean", 2, 900, reason)
        assert (look("label_or_identifier", replace(known(), columns=(column,))) is not None) == said


def in_a_shell(evidence: Evidence) -> str:
    """What `train` says in the end of a run with these findings."""
    spec, found = evidence.spec.model_dump(), [asdict(finding) for finding in examine(evidence)]
    ids = ("r-1", "local", "d-1", None, "j-1", "a run", "", (), 0.0, "")
    return "\n".join(cli._lines_of(Run(*ids, spec, "succeeded", {"findings": found}, {})))


def test_a_shell_which_shows_no_figures_names_the_columns_all_the_same() -> None:
    columns = tuple(ColumnFacts(name, "boolean", 2, 900) for name in ("is_fraud", "defect"))
    said = in_a_shell(replace(known(), columns=columns))
    assert "give each of “is_fraud”, “defect” the role that it has" in said


def test_a_shell_says_how_the_recommended_score_is_kept_where_settings_of_the_network_are_advised() -> None:
    copies = replace(known(inputs=4, rows=900, bottleneck=4), finished=True)
    explains = replace(copies, spec=copies.spec.model_copy(update={"scorer": RECOMMENDED}))
    assert "--set scorer=recommended keeps the anomaly score" in in_a_shell(explains)
    assert "scorer=recommended" not in in_a_shell(copies)


def test_an_identifier_left_in_is_found() -> None:
    table = with_column("order_id", [f"A{i:05d}" for i in range(600)])
    assert "label_or_identifier" in names(findings(table, epochs=3))
    assert "label_or_identifier" not in names(findings(with_column("pressure", bent(600)[:, 0]), epochs=3))


# --- what is measured ------------------------------------------------------------------------------------


def test_errors_are_weighted_as_the_loss_is() -> None:
    """A column with wild cells counts no more than another: the PCA is not drawn to it."""
    rows = low_rank(600)
    rows[:, :4] = np.sinh(3 * np.random.default_rng(1).normal(size=(600, 4)))
    settings = {"depth": 0, "bottleneck": 4, "learning_rate": 1e-2, "epochs": 150, "patience": 50}
    evidence = evidence_of(rows, numbers="robust", **settings)
    assert evidence.error_network is not None
    assert evidence.error_pca is not None
    assert evidence.error_doubt is not None
    assert abs(evidence.error_network - evidence.error_pca) < 0.1 * evidence.error_pca
    assert 0 < evidence.error_doubt < evidence.error_pca


def test_names_and_numbers_share_the_numbers_that_are_kept() -> None:
    """A PCA of a table with names keeps them too: its curve goes on to the width of the whole encoded row."""
    kinds = np.random.default_rng(0).choice(list("abcdef"), 600)
    evidence = evidence_of(with_column("kind", kinds), epochs=2)
    assert evidence.pca_by_width[-1][0] == evidence.inputs > 12


def test_without_validation_rows_nothing_is_compared() -> None:
    evidence = evidence_of(bent(200), epochs=5, validation_share=0.0)
    assert (evidence.error_network, evidence.twins, evidence.pca_by_width) == (None, None, ())
    examine(evidence)


def test_a_rate_far_below_the_usual_is_raised_before_epochs_are_added() -> None:
    evidence = curves(known(learning_rate=1e-5, epochs=4), validation=np.linspace(1.6, 1.59, 4), train=[1.6] * 4)
    evidence = replace(evidence, finished=True)
    found = look("learning_rate_too_small", evidence)
    assert found is not None
    assert found.change["learning_rate"] == Training().learning_rate
    assert found.change["epochs"] > 4
