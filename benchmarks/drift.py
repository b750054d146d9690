"""Whether a file still looks like what a run learned: false alarms on random halves, what is found, and how long it takes.

`python -m benchmarks.drift [TRIALS]`. Halves: both of one table, by lot; an alarm is false. A PCA is fitted on four fifths of the
one half and gives codes and scores; the last fifth is held back. With the recommended detector fewer trials; and, to show what
comes of it, with scores of rows that it did learn from in place of held-back ones. Found: 30 drawn columns that depend on each
other, one of which is changed in the new rows; found is an alarm that names it first.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_breast_cancer, load_wine

from benchmarks.measure import alone, write
from benchmarks.mixed import spoilt
from benchmarks.truth import TABLES, Array, Case
from core import AutoencoderDetector
from core.datasets.encoding import Encoder
from core.datasets.frames import table_from_frame
from core.datasets.samples.tables import orders
from core.drift import DriftReport, Sample, drift
from core.errors import DatasetRefused
from core.results import Table

TRIALS, OF_DETECTOR, OF_FOUND, OF_WIDE = 200, 20, 50, 20
MOST, HELD = 2_000, 0.2  # rows of a table that are taken; share of the reference that is held back
LEARNED = "learned from instead"


def _numbers(name: str) -> pd.DataFrame:
    with np.load(TABLES / f"{name}.npz", allow_pickle=False) as file:
        values = file["X"].astype(np.float64)
    some = np.sort(np.random.default_rng(0).permutation(len(values))[:MOST])
    return pd.DataFrame(values[some], columns=[f"c{i}" for i in range(values.shape[1])])


def _spoilt(frame: pd.DataFrame) -> pd.DataFrame:
    values = frame.to_numpy()
    case = Case("", False, values, values, np.zeros(len(values), bool))
    return spoilt(case, "words and gaps", 0)[0]


def _orders() -> pd.DataFrame:
    names, cells = orders()
    frame = pd.DataFrame(cells, columns=names).drop(columns=["order_id", "label"]).replace("", np.nan)
    return frame.astype(dict.fromkeys(("kilograms", "price", "days"), float))


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables of several makes by name."""
    cancer = load_breast_cancer(as_frame=True).data
    yield "breast cancer: columns that depend strongly on each other", cancer
    yield "breast cancer, words and gaps", _spoilt(cancer)
    yield "wine, every row five times", pd.concat([load_wine(as_frame=True).data] * 5, ignore_index=True)
    yield "orders: categories and gaps", _orders()
    for name, about in (
        ("6_cardio", "numbers of few values"),
        ("2_annthyroid", "booleans as numbers"),
        ("35_SpamBase", "mostly zeros, equal rows"),
        ("31_satimage-2", "36 columns that depend on each other"),
        ("33_skin", "many equal rows"),
        ("42_WBC", "223 rows of ten values"),
        ("15_Hepatitis", "80 rows"),
    ):
        yield f"{name.partition('_')[2]}: {about}", _numbers(name)
    yield "cardio, words and gaps", _spoilt(_numbers("6_cardio"))


def wide() -> Iterator[tuple[str, pd.DataFrame]]:
    """Tables of so many columns that fewer trials are made."""
    yield "InternetAds: 1,555 columns of two values", _numbers("17_InternetAds")


@dataclass(frozen=True)
class Half:
    """A table as it is compared, and as it is encoded."""

    frame: pd.DataFrame
    table: Table

    def take(self, rows: Array) -> Table:
        return Table(
            self.table.columns,
            {name: each[rows] for name, each in self.table.values.items()},
            self.table.row_keys[rows],
        )


def pca(learned: Table, others: list[Table]) -> list[tuple[Array, Array]]:
    """Codes and scores of tables by a PCA of the learned one."""
    encoder = Encoder.fit(learned, np.arange(len(learned)))
    known = encoder.encode(learned).values.astype(np.float64)
    middle = known.mean(axis=0)
    _, _, directions = np.linalg.svd(known - middle, full_matrices=False)
    kept = directions[: max(1, min(8, known.shape[1] // 2))]
    out = []
    for each in others:
        apart = encoder.encode(each).values.astype(np.float64) - middle
        codes = apart @ kept.T
        out.append((codes, ((apart - codes @ kept) ** 2).sum(axis=1)))
    return out


def sides(half: Half, seed: int) -> tuple[Table, Table, np.ndarray]:
    """The reference, as many new rows, and which of the reference are held back."""
    order = np.random.default_rng(seed).permutation(len(half.table))
    middle = len(order) // 2
    held = np.zeros(middle, bool)
    held[: int(HELD * middle)] = True
    return half.take(order[:middle]), half.take(order[middle:]), held


def some(table: Table, rows: np.ndarray) -> Table:
    return Half(pd.DataFrame(), table).take(rows)


def with_pca(half: Half, seed: int) -> DriftReport:
    """One trial on random halves."""
    reference, new, held = sides(half, seed)
    kinds = {column.name: column.kind for column in reference.columns}
    try:
        (codes, scores), (new_codes, new_scores) = pca(some(reference, np.flatnonzero(~held)), [reference, new])
    except DatasetRefused:  # nothing varies in what was learned
        return drift(Sample(reference.values, kinds), Sample(new.values, kinds), seed)
    return drift(
        Sample(reference.values, kinds, codes=codes, scores=scores, held=held),
        Sample(new.values, kinds, codes=new_codes, scores=new_scores),
        seed,
    )


def with_detector(frame: pd.DataFrame, seed: int, held_back: bool) -> DriftReport:
    """One trial with the recommended detector's scores and codes; held_back: whether what stands for the reference is."""
    order = np.random.default_rng(seed).permutation(len(frame))
    middle = len(order) // 2
    reference, new = frame.iloc[order[:middle]], frame.iloc[order[middle:]]
    held = np.arange(middle) < int(HELD * middle)
    detector = AutoencoderDetector(random_state=seed).fit(reference[~held] if held_back else reference)
    values = [table_from_frame(each).values for each in (reference, new)]
    return drift(
        Sample(values[0], codes=None, scores=detector.decision_function(reference), held=held),
        Sample(values[1], codes=None, scores=detector.decision_function(new)),
        seed,
    )


def drawn(generator: np.random.Generator, rows: int) -> dict[str, np.ndarray]:
    """26 numbers and 4 categories of some factors; a tenth of the cells of numbers is missing."""
    factors = generator.normal(size=(rows, 5))
    numbers = factors @ np.random.default_rng(0).normal(size=(5, 26)) / 5**0.5 + generator.normal(size=(rows, 26))
    numbers /= 2**0.5
    numbers[:, 20:] = np.exp(numbers[:, 20:])  # with a tail
    numbers[generator.random(numbers.shape) < 0.1] = np.nan
    out = {f"n{i}": numbers[:, i] for i in range(26)}
    words = np.array(["a", "b", "c", "d"], object)
    for i in range(4):
        cuts = np.quantile(factors[:, i], [0.5, 0.8, 0.95])
        out[f"k{i}"] = words[np.searchsorted(cuts, factors[:, i])]
    return out


Changed = Callable[[dict[str, np.ndarray], np.random.Generator], None]


def _shifted(by: float) -> Changed:
    def change(values: dict[str, np.ndarray], generator: np.random.Generator) -> None:
        values["n3"] = values["n3"] + by * np.nanstd(values["n3"])

    return change


def _spread(values: dict[str, np.ndarray], generator: np.random.Generator) -> None:
    values["n3"] = np.nanmean(values["n3"]) + 2**0.5 * (values["n3"] - np.nanmean(values["n3"]))


def _missing(values: dict[str, np.ndarray], generator: np.random.Generator) -> None:
    values["n3"] = np.where(generator.random(len(values["n3"])) < 0.1 / 0.9, np.nan, values["n3"])


def _new_category(values: dict[str, np.ndarray], generator: np.random.Generator) -> None:
    values["k2"] = np.where(generator.random(len(values["k2"])) < 0.02, "e", values["k2"]).astype(object)


def _mix(values: dict[str, np.ndarray], generator: np.random.Generator) -> None:
    lost = (values["k2"] == "a") & (generator.random(len(values["k2"])) < 0.2)
    values["k2"] = np.where(lost, "b", values["k2"]).astype(object)


def _apart(values: dict[str, np.ndarray], generator: np.random.Generator) -> None:
    for name in ("n3", "n4", "n5", "n6"):
        values[name] = generator.permutation(values[name])


CHANGES: dict[str, tuple[str, Changed]] = {
    "mean half a standard deviation higher": ("n3", _shifted(0.5)),
    "mean a fifth of one higher": ("n3", _shifted(0.2)),
    "variance doubled": ("n3", _spread),
    "missing cells 10 % → 19 %": ("n3", _missing),
    "a new category in 2 % of rows": ("k2", _new_category),
    "categories 50/30/15/5 → 40/40/15/5 %": ("k2", _mix),
    "four columns no longer go with the others": ("", _apart),
}


def changed(change: Changed, rows: int, seed: int) -> DriftReport:
    """One trial with new rows that were changed."""
    generator = np.random.default_rng(seed)
    frames = [drawn(generator, rows), drawn(generator, rows)]
    change(frames[1], generator)
    learned = table_from_frame(pd.DataFrame(frames[0]))
    held = np.arange(rows) < int(HELD * rows)
    new = table_from_frame(pd.DataFrame(frames[1]), learned.columns)
    (codes, scores), (new_codes, new_scores) = pca(some(learned, np.flatnonzero(~held)), [learned, new])
    return drift(
        Sample(frames[0], codes=codes, scores=scores, held=held),
        Sample(frames[1], codes=new_codes, scores=new_scores),
        seed,
    )


LARGE = """
import numpy as np
from benchmarks.drift import drawn
from core.drift import Sample, drift
generator = np.random.default_rng(0)
rows = 100_000
sides = [Sample(drawn(generator, rows), codes=generator.normal(size=(rows, 32)), scores=generator.normal(size=rows)) for _ in range(2)]
"""
CODES = """
import numpy as np
from core.drift import Sample, drift
generator = np.random.default_rng(0)
sides = [Sample({}, codes=generator.normal(size=(100_000, 32))) for _ in range(2)]
"""


def main() -> None:
    """Measure, print, keep."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    rows: list[list[str]] = []
    record: dict[str, object] = {}

    def add(
        what: str, case: str, reports: list[DriftReport], good: Callable[[DriftReport], bool], began: float
    ) -> None:
        times = sum(good(each) for each in reports)
        seconds = (time.perf_counter() - began) / len(reports)
        rows.append([what, case, f"{times} of {len(reports)}", f"{times / len(reports):.1%}"])
        record[f"{what}, {case}"] = {"times": times, "trials": len(reports), "seconds": seconds}
        verdicts = {
            verdict: sum(each.verdict == verdict for each in reports) for verdict in {e.verdict for e in reports}
        }
        record[f"{what}, {case}"]["verdicts"] = verdicts  # type: ignore[index]
        print(rows[-1], verdicts, f"{seconds:.2f} s", flush=True)

    for name, frame in [*tables(), *wide()]:
        half, began = Half(frame, table_from_frame(frame)), time.perf_counter()
        few = min(trials, OF_WIDE if frame.shape[1] > 500 else trials)
        found = [with_pca(half, seed) for seed in range(few)]
        add("false alarms", f"{name} ({len(frame):,} × {frame.shape[1]:,})", found, lambda each: each.alarm, began)
    for held_back in (True, False):
        for name, frame in (
            ("breast cancer", load_breast_cancer(as_frame=True).data),
            ("cardio", _numbers("6_cardio")),
        ):
            began = time.perf_counter()
            found = [with_detector(frame, seed, held_back) for seed in range(min(trials, OF_DETECTOR))]
            case = f"{name}, recommended detector" + ("" if held_back else f", {LEARNED}")
            add("false alarms", case, found, lambda each: each.alarm, began)
    for name, (column, change) in CHANGES.items():
        for size in (200, 2_000):
            began = time.perf_counter()
            found = [changed(change, size, seed) for seed in range(min(trials, OF_FOUND))]

            def good(each: DriftReport, column: str = column) -> bool:
                return each.alarm and (not column or each.moved[:1] == (column,))

            add("found", f"{name}, {size:,} rows a side", found, good, began)
    for name, prepare in (
        ("100,000 × 30 rows a side, with codes and scores", LARGE),
        ("codes alone, 100,000 × 32", CODES),
    ):
        cost = alone(prepare, "drift(*sides)")
        rows.append(["took", name, f"{cost.wall:.1f} s", f"{cost.cpu:.1f} CPU s, {cost.peak_mb:.0f} MB at most"])
        record[f"took, {name}"] = {"wall": cost.wall, "cpu": cost.cpu, "peak_mb": cost.peak_mb}
        print(rows[-1], flush=True)
    write(
        "drift",
        "Whether a file still looks like what a run learned",
        [__doc__ or ""],
        ["what", "case", "times", ""],
        rows,
        record,
    )


if __name__ == "__main__":
    main()
