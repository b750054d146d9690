"""Job *search*: trials as runs of their own, each asked for by Optuna, in the same queue as all trainings.

Its own process only asks and watches: a trial that is behind the others at the same epoch is stopped early and keeps what
it has. What it did stands in the job's result while it runs, so that it goes on from there.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState

from core.datasets.seen import plan_for, shape_of
from core.errors import Cancelled, NotFound, SettingsRefused, TrainingFailed
from core.jobs.beforehand import refuse_hopeless
from core.jobs.work import Work
from core.results import Dataset, Run
from core.specs import RunSpec
from core.training.search import SearchPlan, Span, beside_pca, chosen, figure_of

STARTUP, WARM_UP = 4, 8  # trials before any is stopped early; epochs of a trial before it can be
LOOK_SECONDS = 0.5
REFUSALS = 50  # settings in a row that can't work together


@dataclass
class Going:
    """A trial that has not ended."""

    trial: Trial
    job_id: str
    kept: int  # numbers that the code keeps
    reported: int = 0  # the last epoch that was


class Search:
    """One search on one dataset."""

    def __init__(self, work: Work) -> None:
        self.work, self.store = work, work.store
        args = work.job.args
        self.dataset: Dataset = self.store.datasets.get(args["dataset_id"])
        self.spec, self.plan = RunSpec.read(args["spec"]), SearchPlan.read(args["plan"])
        self.spans = chosen(self.plan, self.spec, math.prod(shape_of(self.spec, self.dataset)))
        before = [trial for trial in work.job.result.get("trials", []) if self._usable(trial["run"])]
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.study = optuna.create_study(
            sampler=optuna.samplers.TPESampler(seed=self.plan.seed + len(before)),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=WARM_UP),
        )
        self.runs: list[str] = []
        self.going: dict[str, Going] = {}  # by run
        self.pruned: set[str] = set()
        self.pca: list[list[float]] = []  # error by width, once a trial has ended
        self._again(before)

    def _usable(self, run_id: str) -> bool:
        """Whether a trial of an earlier attempt has a result, or will have one; what was broken off is tried anew."""
        try:
            run = self.store.runs.get(run_id)
        except NotFound:
            return False
        return run.ready or not self.store.jobs.get(run.job_id).ended

    def _again(self, trials: list[dict[str, Any]]) -> None:
        """What an earlier attempt began: its runs are watched on, or taken as they ended."""
        for trial in trials:
            self.study.enqueue_trial(trial["values"])
            self.runs.append(trial["run"])
            self._watch(self.store.runs.get(trial["run"]), self.study.ask(distributions(self.spans)))

    def _watch(self, run: Run, trial: Trial) -> None:
        kept = plan_for(RunSpec.read(run.spec), self.dataset).kept
        self.going[run.id] = Going(trial, run.job_id, kept)

    def go(self) -> dict[str, Any]:
        """Until all trials have ended."""
        wait = threading.Event()
        try:
            while len(self.runs) < self.plan.trials or self.going:
                while len(self.going) < self.work.settings.slots and len(self.runs) < self.plan.trials:
                    self._begin()
                for run_id in list(self.going):
                    self._look(run_id)
                done = len(self.runs) - len(self.going)
                self.work.tell(done / self.plan.trials, f"{done} of {self.plan.trials} trials")
                wait.wait(LOOK_SECONDS)
        except Cancelled:
            for going in self.going.values():
                self.store.jobs.request(going.job_id, "cancel")
            raise
        return self._result()

    def _begin(self) -> None:
        for _ in range(REFUSALS):
            trial = self.study.ask(distributions(self.spans))
            values = {name: trial.params[name] for name in self.spans}
            try:
                spec = self.spec.changed(values)
                refuse_hopeless(self.store, self.dataset, spec)
            except SettingsRefused:
                self.study.tell(trial, state=TrialState.FAIL)
                continue
            said = ", ".join(f"{name.replace('_', ' ')} {_short(value)}" for name, value in values.items())
            run = self.store.runs.submit(self.dataset.id, spec, name=f"trial {len(self.runs) + 1}: {said}", trial=True)
            self.runs.append(run.id)
            self._watch(run, trial)
            self._keep()
            return
        raise TrainingFailed(
            f"{REFUSALS} draws in a row could not work together", where="search", fix="vary fewer settings, or others"
        )

    def _look(self, run_id: str) -> None:
        going = self.going[run_id]
        trial = going.trial
        ended = self.store.runs.get(run_id) if self.store.jobs.get(going.job_id).ended else None
        if ended is not None:
            self.pca = self.pca or ended.summary.get("pca_by_width") or []
        if (share := self._share(going.kept)) is not None:
            for metric in self.store.runs.metrics(run_id):
                if metric.name == "validation" and metric.epoch > going.reported:
                    trial.report(metric.value * share, metric.epoch)
                    going.reported = metric.epoch
        if ended is None:
            if run_id not in self.pruned and self.prunable and trial.should_prune():
                self.pruned.add(run_id)
                self.store.jobs.request(going.job_id, "stop")
            return
        self._tell(trial, ended)
        del self.going[run_id]
        self._keep()

    def _tell(self, trial: Trial, run: Run) -> None:
        """How a trial ended."""
        value = figure_of(run, self.plan.aim) if run.ready else None
        if value is None:
            self.study.tell(trial, state=TrialState.FAIL)
        elif self._stopped(run):
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self.study.tell(trial, value)

    def _share(self, kept: int) -> float | None:
        """What a trial's loss is multiplied by, so that trials are compared by what is searched for; None while unknown."""
        if self.plan.aim == "error on rows held back":
            return 1.0
        if not self.pca:
            return None
        widths, errors = zip(*self.pca, strict=True)
        return beside_pca(1.0, float(np.interp(kept, widths, errors)), max(errors))

    def _stopped(self, run: Run) -> bool:
        """Whether it was asked to stop, and did before its end."""
        return run.id in self.pruned and bool(run.summary.get("stopped", True))

    @property
    def prunable(self) -> bool:
        """Whether losses of trials can be compared epoch by epoch: not where their meaning or their pace is searched for."""
        return not set(self.spans) & {"beta", "hidden_share", "strength", "contraction", "active", "batch_size"}

    def _keep(self) -> None:
        self.work.fence.keep(self._result())

    def _result(self) -> dict[str, Any]:
        trials: list[dict[str, Any]] = []
        for number, run_id in enumerate(self.runs):
            run = self.store.runs.get(run_id)
            trials.append(
                {
                    "run": run_id,
                    "values": _values(self.spans, run),
                    "figure": figure_of(run, self.plan.aim) if run.ready else None,
                    "stopped_early": self._stopped(run),
                    "number": number + 1,
                }
            )
        known = [trial for trial in trials if trial["figure"] is not None]
        best = min(known, key=lambda trial: trial["figure"])["run"] if known else None
        return {"dataset_id": self.dataset.id, "aim": self.plan.aim, "trials": trials, "best": best}


def distributions(spans: dict[str, Span]) -> dict[str, BaseDistribution]:
    """The spans in Optuna's words."""
    out: dict[str, BaseDistribution] = {}
    for name, span in spans.items():
        if span.options:
            out[name] = CategoricalDistribution(span.options)
        elif span.whole:
            out[name] = IntDistribution(int(span.low), int(span.high), log=span.logarithmic)
        else:
            out[name] = FloatDistribution(span.low, span.high, log=span.logarithmic)
    return out


def _values(spans: dict[str, Span], run: Run) -> dict[str, Any]:
    """What a trial's run was made with."""
    return {name: run.spec[span.part][name] for name, span in spans.items()}


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def run(work: Work) -> dict[str, Any]:
    """args: dataset_id, spec, plan. The result names all trials with their figures, and the best."""
    return Search(work).go()
