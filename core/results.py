"""The frozen records that flow between the rooms: Dataset → Run → Embedding, Scores → Threshold → Flags.

Each names its parent by id. They hold numpy arrays and plain values, never torch tensors or data frames,
and no behaviour beyond looking at themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from core.errors import Diverged, InputRefused, from_json

Kind = Literal["number", "boolean", "category", "ordered", "multiple", "coded", "datetime", "text", "constant"]
Role = Literal["feature", "label", "identifier", "time", "group", "ignored"]
JobState = Literal["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]
JobCommand = Literal["cancel", "stop"]
Judgement = Literal["confirmed", "dismissed", "unsure", ""]
Head = Literal["squared", "binary", "categorical"]
LEARNED_FROM, HELD_BACK, NOT_TRAINED_ON = 0, 1, 2  # as Scores.splits numbers rows

KINDS: tuple[Kind, ...] = get_args(Kind)
NUMERIC: tuple[Kind, ...] = ("number", "boolean", "datetime")  # whose cells are numbers in memory
ROLES: tuple[Role, ...] = get_args(Role)
JUDGEMENTS: tuple[Judgement, ...] = get_args(Judgement)
ENDED: tuple[JobState, ...] = ("succeeded", "failed", "cancelled", "interrupted")

FloatArray = NDArray[np.float32] | NDArray[np.float64]


# --- data ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Histogram:
    """A small distribution of one column.

    Numbers and datetimes: `edges` has one more entry than `counts`. All others: `labels` names each count,
    most frequent first, and `other` counts the values that have no bar.
    """

    counts: tuple[int, ...] = ()
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    other: int = 0


@dataclass(frozen=True)
class Column:
    """One source column: how it is understood, why, and what it holds.

    form: how its cells are written, where there are several ways (core.datasets.parsing lists them: the decimal
    mark of numbers, the format of dates, the separator of multiple choice); empty where one look at a cell tells.
    levels: the order of an ordered category, lowest first. missing_words: cells that count as missing, beside
    empty ones. question: what only the user can say, empty where the cells say it; confidence: 0 … 1.
    """

    name: str
    kind: Kind
    role: Role
    reason: str
    form: str = ""
    unit: str = ""
    levels: tuple[str, ...] = ()
    missing_words: tuple[str, ...] = ()
    confidence: float = 1.0
    question: str = ""
    missing: int = 0
    distinct: int = 0
    minimum: float | None = None
    maximum: float | None = None
    histogram: Histogram = Histogram()
    huge: int = 0  # finite cells beyond what a network's numbers reach

    def infinite(self, rows: int) -> int:
        """How many of its cells are infinite numbers: of a column of so many rows, those that no bar counts."""
        if self.kind != "number":
            return 0
        return rows - self.missing - (sum(self.histogram.counts) if self.minimum is not None else 0)


@dataclass(frozen=True)
class Dialect:
    """How a file was taken apart. Blank lines are not counted among the rows before the table.

    sheet: the sheet of a workbook, the member of an archive or the table of a file that was read, where there are several.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    encoding: str = "utf-8"
    header_rows: int = 1
    preamble_rows: int = 0
    sheet: str = ""


@dataclass(frozen=True)
class Reject:
    """A source line that could not become a row, or that had to be mended to be one. `line` counts from 1."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What the reader did with a file: the dialect found, what it said, what it could not read.

    rejects: the first of them, with the rows that were mended; all stand in the dataset's table of rejects. rejected
    and mended: how many of each. chosen: what the user said
    about the reading (core.specs.ReadOptions). sheets: what else the workbook or archive holds. sampled_from: the
    number of rows in the file where a sample was taken, with `chosen` giving its size and seed.
    """

    dialect: Dialect = Dialect()
    notices: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()
    rejected: int = 0
    mended: int = 0
    chosen: dict[str, Any] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    sampled_from: int = 0


@dataclass(frozen=True)
class Pictures:
    """The images of a dataset, all of one size. Row i of the dataset is image i.

    An image is one piece, or with rule *tiles* several that overlap; what the network sees is a piece.
    `ignored`: rectangles (left, top, right, bottom) in shares of the image, which nothing looks at.
    """

    rule: Literal["fit", "fill", "tiles"]
    height: int  # of a piece, in pixels
    width: int
    channels: int  # 1 grey, 3 colour
    pieces: int
    pieces_address: str  # npy (P, H, W, C) uint8
    thumbs_address: str  # npy (N, 64, 64, C) uint8: the whole image, padded to a square
    places_address: str = ""  # npy (P, 5) int32: image, top, left, and the image's height, width; "" where P = N
    ignored: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a piece."""
        return self.height, self.width, self.channels


@dataclass(frozen=True)
class Dataset:
    """An immutable version of a table, or of images with a table about them.

    An edited schema is a new version that names its parent.
    """

    id: str
    space_id: str
    name: str
    note: str
    tags: tuple[str, ...]
    created_at: float
    parent_id: str | None
    source_name: str
    source_address: str
    cells_address: str
    rows_address: str
    fingerprint: str
    rows: int
    columns: tuple[Column, ...]
    reading: Reading
    bytes: int
    lineage_id: str = ""  # the same of all files that hold the same rows over time
    rejects_address: str = ""  # Parquet: line, text, reason of every reject; empty where there is none
    profile_address: str = ""  # JSON of core.profiles; empty until it is counted
    pictures: Pictures | None = None

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that the network sees."""
        return tuple(column for column in self.columns if column.role == "feature")

    @property
    def item(self) -> str:
        """What a row of it is called."""
        return "row" if self.pictures is None else "image"

    @property
    def identifiers(self) -> tuple[str, ...]:
        """The names of the columns by which a reader knows a row."""
        return tuple(column.name for column in self.columns if column.role == "identifier")

    @property
    def label(self) -> Column | None:
        """The label column, if there is one."""
        return next((column for column in self.columns if column.role == "label"), None)


@dataclass(frozen=True)
class Template:
    """A schema that was kept under a name, to be laid over other files with the same columns."""

    id: str
    space_id: str
    name: str
    columns: tuple[Column, ...]  # what was decided about each; what they held then is not looked at
    created_at: float


@dataclass(frozen=True)
class Table:
    """A table's typed cells in memory.

    values[name]: number, boolean (0/1) and datetime (seconds since 1970) → float64 (N,) with NaN where
    missing; every other kind → object (N,) of str with None where missing.
    """

    columns: tuple[Column, ...]
    values: dict[str, NDArray[Any]]
    row_keys: NDArray[np.str_]  # (N,)

    def __len__(self) -> int:
        return len(self.row_keys)

    def take(self, rows: NDArray[np.int64] | slice) -> Table:
        """Some of the rows."""
        return Table(self.columns, {name: cells[rows] for name, cells in self.values.items()}, self.row_keys[rows])


@dataclass(frozen=True)
class Block:
    """Columns start:stop of the encoded matrix: what one source column became, and how it is compared.

    weight: what the block's loss is multiplied by, so that every source column weighs alike. scale: what its cells are multiplied
    by before rows are set beside each other by their distances, to the same end.
    """

    column: str
    head: Head
    start: int
    stop: int
    weight: float = 1.0
    scale: float = 1.0


@dataclass(frozen=True)
class Layout:
    """How the encoded matrix is made up. `shape`: what a row of it is, where it is no plain list of numbers."""

    blocks: tuple[Block, ...]
    shape: tuple[int, ...] = ()  # images (H, W, C), windows (T, C); empty for tables

    @property
    def width(self) -> int:
        return self.blocks[-1].stop if self.blocks else 0

    @property
    def row_shape(self) -> tuple[int, ...]:
        """The shape of a row: (D,) in a table."""
        return self.shape or (self.width,)

    @property
    def squared(self) -> NDArray[np.int64]:
        """The cells of a row that are compared by squared error, in order."""
        parts = [np.arange(block.start, block.stop) for block in self.blocks if block.head == "squared"]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    @property
    def owners(self) -> NDArray[np.int64]:
        """The number of the source column that each cell of a row belongs to, (D,)."""
        numbers = {name: number for number, name in enumerate(self.columns)}
        out = np.zeros(self.width, np.int64)
        for block in self.blocks:
            out[block.start : block.stop] = numbers[block.column]
        return out

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Which cells of a row are part of an error or a distance, (D,): not those that only tell the network something."""
        out = np.zeros(self.width, bool)
        for block in self.blocks:
            out[block.start : block.stop] = block.weight > 0
        return out

    @property
    def scale(self) -> NDArray[np.float64]:
        """What each cell is multiplied by before rows are set beside each other by their distances, (D,)."""
        out = np.zeros(self.width)
        for block in self.blocks:
            out[block.start : block.stop] = block.scale if block.weight > 0 else 0.0
        return out

    @property
    def columns(self) -> tuple[str, ...]:
        """Source columns, in the order of their first block."""
        return tuple(dict.fromkeys(block.column for block in self.blocks))


@dataclass(frozen=True)
class Encoded:
    """Rows as the network sees them; `observed` is False where the source cell was missing."""

    layout: Layout
    values: NDArray[np.float32]  # (N, D)
    observed: NDArray[np.bool_]  # (N, D)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def whole(self) -> bool:
        """Whether nothing is missing in any row."""
        return bool(self.observed.all())

    @property
    def compared(self) -> NDArray[np.float32]:
        """The values of the cells that rows are compared by, (N, D), the others 0."""
        which = self.layout.compared
        return self.values if which.all() else self.values * which

    def take(self, rows: NDArray[np.int64] | slice) -> Encoded:
        """Some of the rows."""
        return Encoded(self.layout, self.values[rows], self.observed[rows])


class Rows(Protocol):
    """What a network is fed: rows that are at hand (`Encoded`), or that are made where they are taken."""

    @property
    def layout(self) -> Layout: ...

    @property
    def whole(self) -> bool: ...

    def __len__(self) -> int: ...

    def take(self, rows: NDArray[np.int64] | slice) -> Encoded:
        """Some of the rows, as the network sees them."""


@dataclass(frozen=True)
class Some:
    """Some rows of others, none of them at hand before it is taken."""

    data: Rows
    rows: NDArray[np.int64]  # (S,)

    @property
    def layout(self) -> Layout:
        return self.data.layout

    @property
    def whole(self) -> bool:
        return self.data.whole

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: NDArray[np.int64] | slice) -> Encoded:
        """Some of them."""
        return self.data.take(self.rows[rows])


# --- work ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One piece of slow work, as the queue knows it. Times are seconds since 1970."""

    id: str
    space_id: str
    kind: str
    args: dict[str, Any]
    dataset_id: str | None
    run_id: str | None
    state: JobState
    attempt: int
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    fraction: float = 0.0
    message: str = ""
    seconds_left: float | None = None
    command: JobCommand | None = None
    error: dict[str, str] | None = None
    result: dict[str, Any] = field(default_factory=dict)
    position: int | None = None

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def resumable(self) -> bool:
        """Whether going on can end otherwise than it did: not where the input was refused, or the loss diverged."""
        if self.state == "failed" and self.error is not None:
            return not isinstance(from_json(self.error), (InputRefused, Diverged))
        return self.state in ("interrupted", "failed", "cancelled")


@dataclass(frozen=True)
class Progress:
    """One step of a training loop, as the loop yields it."""

    epoch: int
    epochs: int
    step: int
    losses: dict[str, float]  # train, validation; with several terms also each of them: "train KL"
    seconds_left: float | None
    measures: dict[str, float] = field(default_factory=dict)  # learning rate, gradient norm, code usage, stage
    best: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class Strip:
    """Some rows held back, and what the network made of them after an epoch.

    actual, expected: of tables cells by row and column; of series the steps of a window; of images base64 of uint8.
    """

    epoch: int
    sort: Literal["table", "series", "images"]
    columns: tuple[str, ...]
    actual: list[Any]
    expected: list[Any]
    shape: tuple[int, ...] = ()  # of an image
    more: int = 0  # columns that are not among them


@dataclass(frozen=True)
class Metric:
    """One measured value of a run while it trained."""

    epoch: int
    step: int
    name: str
    value: float


@dataclass(frozen=True)
class Run:
    """One fit. `artifacts` maps a name (core.results.ARTIFACTS) to its address in the artifact store."""

    id: str
    space_id: str
    dataset_id: str
    parent_id: str | None
    job_id: str
    name: str
    note: str
    tags: tuple[str, ...]
    created_at: float
    author: str
    spec: dict[str, Any]
    state: JobState
    summary: dict[str, Any]
    artifacts: dict[str, str]

    @property
    def ready(self) -> bool:
        """Whether there are scores to look at."""
        return "scores" in self.artifacts

    @property
    def scorer(self) -> str:
        """The anomaly score that the run was made with."""
        return str(self.summary.get("image_score") or self.spec.get("scorer", "reconstruction_error"))

    def is_own(self, scorer: str) -> bool:
        """Whether it is the anomaly score that the run was made with."""
        return scorer in ("", self.scorer)

    def of_scorer(self, artifact: str, scorer: str) -> str:
        """The name under which an artifact is kept that is another one for each anomaly score."""
        return artifact if self.is_own(scorer) else f"{artifact}:{scorer}"


IMAGE_SCORES = ("combined", "mean", "maximum", "top share")  # RunSpec.image_score
# Of scores that were asked for later, NAME:SCORER.
ARTIFACTS: dict[str, str] = {
    "encoder": "JSON of the fitted encoder",
    "weights": "safetensors of the network",
    "detector": "safetensors of what gives the score, where that is not the network's own error (core.scoring.detection)",
    "refits": "npy (N, K) float32: scores after further trainings (core.scoring.stability)",
    "plan": "JSON: objective, layers, their settings, the layout",
    "moved": "npy (L, C) float32: how far each number of the codes moves each column (core.scoring.traversal)",
    "learned": "JSON of the columns as they were learned, of a run that only scored (core.scoring.matching)",
    "matched": "JSON: how its file's columns stand to these",
    "drift": "JSON: whether its rows are like those that were learned (core.drift)",
    "drift_charts": "JSON: columns that moved, beside those that were learned (core.drift.beside)",
    "since": "npy (N,) uint8: how its rows stand to the file before (core.datasets.since)",
    "never_seen": "npy (N, C) bool: cells beyond all that was learned from, in layout order (core.scoring.unseen)",
    "unreadable": "npy (N, C) bool: cells whose text can't be read as what was learned, taken as empty (core.scoring.unseen)",
    "codes": "npy (N, L) float32: latent code of each row of the dataset; of a series (W, L), of each window",
    "strip": "JSON: some rows held back beside what the network makes of them (core.results.Strip)",
    "scores": "npy (N,) float64: anomaly score, higher is stranger",
    "column_errors": "npy (N, C) float32: each feature column's part of the score, in layout order",
    "splits": "npy (N,) uint8: 0 trained on, 1 validation, 2 left out",
    "baselines": "npy (N, 3) float64: scores of PCA, IsolationForest, kNN in core.scoring.BASELINES order",
    "evaluation": "JSON list of Evaluation; empty without a label",
    "image_scores": "npy (N, 4) float64, of images only: combined; mean, maximum and top share of the pixels' errors",
    "reference": "npy (F + 2, F) float64, of images only: centre, spread and precision of the training images' features",
    "typical_errors": "npy float32, of images only: what is usual of the errors at each place, at several scales",
    "near_codes": "npy (R, L) float64, of images only: standardised codes of training images to compare with",
    "near_usual": "npy (4 + K,) float64, of images only: middle and spread of the logarithms of both distances; which neighbours",
    "worst_spots": "npy (N, 4) float32, of images only: left, top, right, bottom of the worst spot, in shares",
    "residual_maps": "npy (N, 2, 8, 8) float32, of images only: on a coarse grid, how much brighter than expected it is, and how far from "
    "it, in the network's units (core.scoring.pictures)",
    "sides": "npy (N, C) float16, of series only: whether each column lies above what is expected, 1, or below, −1 (core.scoring.windows)",
    "ordinary": "npy (3 + T, C) float64, of series only: what is usual of each column's error, and at each place in a window",
    "series_rows": "npy (K,) int64, of series only: the dataset's rows in the order of time",
    "series_stretch": "npy (K,) int64, of series only: the unbroken stretch that each of them lies in",
    "series_times": "npy (K,) float64, of series only: their times",
    "window_rows": "npy (W,) int64, of series only: the row in the middle of each window",
}


# --- what was learned ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Embedding:
    """Latent codes of all rows of a run's dataset, or of the windows over them."""

    run_id: str
    codes: NDArray[np.float32]  # (N, L)
    rows: NDArray[np.int64] | None = None  # (N,) the row that each code stands for; None where it is the row itself


@dataclass(frozen=True)
class Neighbours:
    """Each row's nearest others by their codes, nearest first; a row is never its own neighbour, though its copies are."""

    rows: NDArray[np.int32]  # (N, K)
    distances: NDArray[np.float32]  # (N, K) Euclidean

    def nearest(self, k: int) -> Neighbours:
        """The first k of each."""
        return Neighbours(self.rows[:, :k], self.distances[:, :k])


@dataclass(frozen=True)
class Projection:
    """A stored picture of an embedding, never drawn again: new rows are placed on it without moving the old ones.

    settings: seed, dimensions (2 or 3), level (of a stacked run, where the codes are not those of the bottleneck).
    trust: how far it can be believed (core.latent.trust), None until that was measured; distortion_address: how much
    each point is torn from its neighbours, npy (N,) float32.
    """

    id: str
    run_id: str
    method: str
    settings: dict[str, Any]
    address: str  # npy (N, 2 or 3) float32
    created_at: float
    trust: dict[str, Any] | None = None
    distortion_address: str = ""

    @property
    def dimensions(self) -> int:
        return int(self.settings.get("dimensions", 2))

    @property
    def level(self) -> int | None:
        """The level of a stacked run whose codes it shows; None for the bottleneck's."""
        level = self.settings.get("level")
        return None if level is None else int(level)


def ground(method: str, dimensions: int = 2) -> str:
    """The artifact of a run that only scored: the map of the run that learned on which its rows were placed. Of method *codes*,
    the codes themselves."""
    return f"ground_{method}_{dimensions}"


def level_codes(level: int) -> str:
    """The run's artifact that holds what a level of a stacked network, from 1, makes of the rows, npy (N, F) float32."""
    return f"codes_level_{level}"


@dataclass(frozen=True)
class Selection:
    """Rows of a dataset under a name, by their keys, so that they are found again in its other versions and runs."""

    id: str
    space_id: str
    dataset_id: str
    name: str
    note: str
    tags: tuple[str, ...]
    rows: int  # how many
    keys_address: str  # npy (rows,) of text
    author: str
    created_at: float


@dataclass(frozen=True)
class Course:
    """The order of time in which a run saw its rows, K of them; the others belong to no series, or to a stretch shorter
    than a window, and have score 0.

    times: seconds since 1970 where `by_time`; else what the column `time` of numbers says, or the row's number where
    there is none.
    """

    rows: NDArray[np.int64]  # (K,) positions in the dataset
    stretch: NDArray[np.int64]  # (K,) which unbroken stretch each lies in
    times: NDArray[np.float64]  # (K,)
    by_time: bool
    length: int  # steps of a window
    time: str = ""  # the column of times, "" where the order is that of the rows
    group: str = ""  # the column that says whose a row is, "" where all are one series

    def place(self, row: int) -> int | None:
        """Where a row of the dataset stands in the course; None where it was not looked at."""
        found = np.flatnonzero(self.rows == row)
        return int(found[0]) if len(found) else None


def share_below(values: NDArray[np.float64], ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a percentile is, wherever one is said: the share of scores, (K,) in order, that are lower than each value, (N,)."""
    return np.asarray(np.searchsorted(ordered, values, side="left") / max(1, len(ordered)), np.float64)


@dataclass(frozen=True)
class Scores:
    """Anomaly scores of a run's rows, and how they split into source columns. `course`: of series only."""

    run_id: str
    row_keys: NDArray[np.str_]  # (N,)
    values: NDArray[np.float64]  # (N,)
    columns: tuple[str, ...]  # C names
    column_errors: NDArray[np.float32]  # (N, C); sums over C to values where the score is a sum
    splits: NDArray[np.uint8]  # (N,)
    course: Course | None = None

    @property
    def scored(self) -> NDArray[np.bool_]:
        """The rows that were looked at: of a series those in its course, (N,)."""
        if self.course is None:
            return np.ones(len(self.values), bool)
        looked = np.zeros(len(self.values), bool)
        looked[self.course.rows] = True
        return looked

    def less_strange(self, value: float) -> float:
        """The share of the rows that were looked at whose score is lower than this one."""
        return float(share_below(np.asarray([value]), self.ordered)[0])

    def score_at(self, share: float) -> float:
        """The lowest score that at least this share of the rows is below; of a share that no row reaches, the highest."""
        below = share_below(self.ordered, self.ordered)
        return float(self.ordered[min(int(np.searchsorted(below, share - 1e-9)), len(below) - 1)])

    @cached_property
    def ordered(self) -> NDArray[np.float64]:
        """The scores of the rows that were looked at, the lowest first, (K,)."""
        return np.sort(self.values[self.scored])

    @cached_property
    def percentiles(self) -> NDArray[np.float64]:
        """The percentile of each row, (N,): `less_strange` in percent, to three digits. No row is stranger than itself, so
        none has 100, also not by rounding; 0 for rows that were not looked at."""
        shares = np.where(self.scored, share_below(self.values, self.ordered), 0.0)
        return np.asarray(np.minimum((100 * shares).round(3), 99.999), np.float64)


@dataclass(frozen=True)
class Event:
    """Rows of a series that are flagged one after the other: one thing to look at.

    first_place, last_place: in the course. first, last, peak: positions in the dataset. columns: those that were rebuilt
    badly, with their score at its highest, the worst first.
    """

    first_place: int
    last_place: int
    first: int
    last: int
    peak: int
    start: float  # as Course.times
    end: float
    score: float
    columns: tuple[tuple[str, float], ...]

    @property
    def rows(self) -> int:
        """How many rows it has, with those between flagged ones."""
        return self.last_place - self.first_place + 1

    @property
    def places(self) -> slice:
        """Its rows in the course."""
        return slice(self.first_place, self.last_place + 1)


@dataclass(frozen=True)
class Threshold:
    """A decision where to cut the scores of a run. Rows with score >= value are flagged.

    scorer: by which of its scores; "" for the one that the run was made with.
    """

    id: str
    run_id: str
    method: str
    parameters: dict[str, float]
    value: float
    flagged: int
    author: str
    created_at: float
    scorer: str = ""


@dataclass(frozen=True)
class Flags:
    """The rows that a threshold flags, strangest first (ties by row order)."""

    threshold: Threshold
    rows: NDArray[np.int64]  # (F,) positions in the dataset


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Evaluation:
    """How well one detector's scores agree with the label. `refused` says why there is no figure.

    precision: the share of anomalies among the `budget` strangest labelled rows.
    """

    detector: str
    positives: int
    rows: int
    auroc: Estimate | None
    average_precision: Estimate | None
    refused: str = ""
    precision: Estimate | None = None
    budget: int = 0


@dataclass(frozen=True)
class View:
    """A shared view: a page's state at the moment of sharing, kept as it was."""

    id: str
    space_id: str
    run_id: str
    page: str
    state: dict[str, Any]
    row_keys: tuple[str, ...]
    author: str
    created_at: float


@dataclass(frozen=True)
class Verdict:
    """What somebody said of a row. Records are added, never changed: the newest of a row counts, by `number`.

    verdict: empty takes back what was said before. content: the hash of the row's cells at that time. batch_id: the same of
    verdicts that were given at once. threshold, score, percentile: of the run through which the row was looked at, by its
    `scorer`; None where there was none.
    """

    number: int
    id: str
    space_id: str
    created_at: float
    lineage_id: str
    row_key: str
    content: str
    verdict: Judgement
    note: str
    tags: tuple[str, ...]
    assignee: str
    author: str
    batch_id: str
    dataset_id: str
    run_id: str
    scorer: str
    threshold: float | None
    score: float | None
    percentile: float | None


@dataclass(frozen=True)
class Bound:
    """What a rule asks of one column: a number or moment from low to high, or else exactly this text ("" for an empty cell)."""

    column: str
    low: float | None = None
    high: float | None = None
    text: str = ""


@dataclass(frozen=True)
class Rule:
    """Rows that need no look until a day, since somebody dismissed one like them. All bounds have to be met.

    row_key: the row that it was made from; until: seconds since 1970; undone_at: None while it holds.
    """

    id: str
    space_id: str
    created_at: float
    lineage_id: str
    bounds: tuple[Bound, ...]
    until: float
    author: str
    row_key: str
    undone_at: float | None = None


@dataclass(frozen=True)
class Device:
    """A place where training can run, as a supervisor published it."""

    name: str  # "cpu", "cuda:0"
    description: str
    memory_bytes: int
