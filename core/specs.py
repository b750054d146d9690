"""What a user chooses for a run, as pydantic models: unknown settings are refused with the nearest name.

A bound, a unit and a help text stand on each field; forms, CLI help and documentation are drawn from there.
The settings of an objective or of layers live in that family's own `spec.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import SettingsRefused
from core.registry import Registry, close_to, nearest
from core.results import Dataset


class SettingsModel(BaseModel):
    """Base of everything that can be set. `read` turns loose values into a model, or refuses in words."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def read(cls, values: dict[str, Any]) -> Self:
        """The model of these values. Raises SettingsRefused naming the setting and its bounds."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise refusal(error, cls) from error


def refusal(error: ValidationError, model: type[BaseModel]) -> SettingsRefused:
    """The first complaint of pydantic in our words."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"]) or model.__name__
    if first["type"] == "extra_forbidden":
        return SettingsRefused(
            f"there is no setting named “{name}”", where="settings", fix=nearest(name, list(model.model_fields))
        )
    said = first["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]  # the values that it names stay as they are to be written
    said = next((words for begins, words in OURS.items() if first["type"].startswith(begins)), said)
    return SettingsRefused(
        f"{name} = {first['input']!r}: {said}", where=name, fix=_what_fits(name, model, first["input"])
    )


# What pydantic says of a programmer's types, by how its kinds of errors begin.
OURS = {"int_": "this is no whole number", "float_": "this is no number", "bool_": "this is neither true nor false",
        "string_pattern": "there is none of that name"}  # fmt: skip


def _what_fits(name: str, model: type[BaseModel], given: Any) -> str:
    """What may be written in its place: the choice that is nearly it, or between what it lies, and what it does."""
    field = model.model_fields.get(name)
    if field is None or not field.description:
        return "choose another value"
    schema = model.model_json_schema()["properties"][name]
    schema = schema.get("anyOf", [schema])[0]
    if "enum" in schema and (close := close_to(str(given), schema["enum"])):
        return f"did you mean “{close}”?"
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    share = " Write it as a share: 0.2 for 20 %." if extra.get("unit") == "%" else ""
    bounds = between(schema)
    return f"{f'it may be {bounds}. ' if bounds else ''}{field.description}{share}"


def between(schema: dict[str, Any]) -> str:
    """The bounds of a number, from its JSON schema, as they are written; empty where there are none."""
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    if least is None:
        return ""
    low = f"{'above ' if 'exclusiveMinimum' in schema else ''}{written(least)}"
    if most is None:
        return f"{low} or more"
    return f"{low} to {'below ' if 'exclusiveMaximum' in schema else ''}{written(most)}"


def written(value: Any) -> str:
    """A value as `--set` takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def unit(
    text: str, *, step: float | None = None, expert: bool = False, search: tuple[float, float] | None = None
) -> dict[str, Any]:
    """json_schema_extra of a field: its unit, the form's step, whether it hides behind *Expert*, and between what a search
    looks for it.

    A share has the unit "%": it is kept as a share, and the form asks for it in percent.
    """
    return {"unit": text, "step": step, "expert": expert, "search": list(search) if search else None}


class Training(SettingsModel):
    """How long and how fast any network is trained."""

    epochs: int = Field(
        60,
        ge=1,
        le=5_000,
        title="Epochs",
        description="Passes over the training rows at most; raising it trains longer.",
        json_schema_extra=unit("passes"),
    )
    batch_size: int = Field(
        64,
        ge=1,
        le=65_536,
        title="Batch size",
        description="Rows per step; raising it makes an epoch faster and each step smoother, but fewer.",
        json_schema_extra=unit("rows", search=(16, 256)),
    )
    learning_rate: float = Field(
        1e-3,
        gt=0,
        le=1.0,
        title="Learning rate",
        description="Size of a step; raising it learns faster until the loss starts to jump or diverges.",
        json_schema_extra=unit("", step=1e-4, search=(1e-4, 2e-2)),
    )
    find_rate: bool = Field(
        False,
        title="Find the learning rate for me",
        description="Tries rates from tiny to huge on a copy of the network first, shows the curve, and takes the one at which "
        "the loss falls fastest.",
        json_schema_extra=unit(""),
    )
    schedule: Literal["constant", "one cycle", "cosine", "on plateau"] = Field(
        "constant",
        title="Schedule",
        description="constant: the same rate throughout. one cycle: it rises over the first tenth of the epochs and then "
        "falls to nothing, which ends nearer to the best. cosine: it falls from the start. on plateau: it is halved when the "
        "validation loss has not fallen for half the patience.",
        json_schema_extra=unit("", expert=True),
    )
    optimiser: Literal["AdamW", "Adam", "SGD"] = Field(
        "AdamW",
        title="Optimiser",
        description="AdamW: the usual choice. Adam: weight decay is part of the gradient. SGD: plain steps with momentum, which "
        "need a rate ten to a hundred times higher.",
        json_schema_extra=unit("", expert=True),
    )
    momentum: float = Field(
        0.9,
        ge=0,
        lt=1.0,
        title="Momentum of SGD",
        description="Of SGD: how much of the last step is in the next one; raising it goes faster and overshoots sooner.",
        json_schema_extra=unit("", step=0.05, expert=True),
    )
    clip: float = Field(
        5.0,
        ge=0,
        le=1e6,
        title="Gradient clipping",
        description="A longer gradient is cut to this length, so that one wild cell does not throw the weights away; raising it "
        "lets more through.",
        json_schema_extra=unit("norm, 0 = never", step=1.0, expert=True),
    )
    trim: float = Field(
        0.0,
        ge=0,
        le=0.5,
        title="Left out of each step",
        description="Share of each batch, its worst rebuilt rows, that teach nothing in that step; raising it keeps the network "
        "from learning anomalies, and rare kinds of rows with them.",
        json_schema_extra=unit("%", step=0.05, expert=True),
    )
    members: int = Field(
        1,
        ge=1,
        le=32,
        title="Members",
        description="Networks of this shape that are trained at once, each from a start of its own; what is rebuilt is their "
        "mean. Raising it makes scores depend less on chance and costs more time, though far less than as many runs.",
        json_schema_extra=unit("networks", expert=True),
    )
    minutes: float = Field(
        0.0,
        ge=0,
        le=10_080,
        title="Minutes",
        description="The training ends after the epoch in which this time is over; raising it allows more epochs. How many fit "
        "depends on the machine, so that two runs may differ.",
        json_schema_extra=unit("minutes, 0 = no limit", step=1.0, expert=True),
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        title="Precision",
        description="bfloat16: products are computed with fewer digits, which is faster for images on recent GPUs and on some "
        "processors. auto: where the network and the machine gain by it.",
        json_schema_extra=unit("", expert=True),
    )
    weight_decay: float = Field(
        1e-5,
        ge=0,
        le=1.0,
        title="Weight decay",
        description="Pull of all weights towards zero; raising it makes the network simpler.",
        json_schema_extra=unit("", step=1e-5, expert=True, search=(1e-6, 1e-2)),
    )
    validation_share: float = Field(
        0.1,
        ge=0,
        le=0.5,
        title="Validation share",
        description="Rows kept out of training to see when it stops generalising; 0 turns early stopping off.",
        json_schema_extra=unit("%", step=0.05),
    )
    validation: Literal["random", "by time", "by group"] = Field(
        "random",
        title="Validation rows",
        description="random: drawn among all. by time: the last ones by the column of role time. by group: whole groups by the "
        "column of role group, so that no group is on both sides. (A series always keeps the end of each stretch.)",
        json_schema_extra=unit("", expert=True),
    )
    patience: int = Field(
        10,
        ge=1,
        le=1_000,
        title="Patience",
        description="Epochs without a better validation loss before training stops; raising it waits longer.",
        json_schema_extra=unit("epochs", expert=True),
    )
    seed: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="Start of everything random; the same seed gives the same run on the same machine.",
        json_schema_extra=unit("", expert=True),
    )
    device: str = Field(
        "auto",
        title="Device",
        pattern=r"^(auto|cpu|cuda(:\d+)?)$",
        description="Where to train: auto takes a GPU where there is one and the network is large enough to be faster there. cpu: "
        "the processor. cuda, or cuda:1 for the second: that GPU.",
        json_schema_extra=unit("", expert=True),
    )


class ReadOptions(SettingsModel):
    """What a user says about how a file is to be read. What is None is found from the file."""

    delimiter: str | None = Field(
        None, max_length=8, title="Delimiter", description="What stands between two cells; empty where there is one."
    )
    quote: str | None = Field(
        None, max_length=1, title="Quote", description="What stands around a cell; empty for none."
    )
    escape: str | None = Field(
        None,
        max_length=1,
        title="Escape",
        description="What stands before a quote inside a quoted cell; empty where the quote is doubled.",
    )
    encoding: str | None = Field(
        None,
        max_length=40,
        title="Encoding",
        description="How bytes become letters: utf-8, cp1252, …; mixed is UTF-8 with bytes of Windows-1252 in it.",
    )
    header_rows: int | None = Field(
        None, ge=0, le=20, title="Header rows", description="Rows that name the columns; 0 where there are no names."
    )
    preamble_rows: int | None = Field(
        None, ge=0, le=10_000, title="Rows before the table", description="Lines to pass over before the header."
    )
    sheet: str | None = Field(
        None, max_length=300, title="Sheet", description="The sheet of a workbook, or the file in an archive."
    )
    sample_rows: int | None = Field(
        None,
        ge=10,
        title="Sample",
        description="Take only so many rows, drawn at random.",
        json_schema_extra=unit("rows"),
    )
    sample_seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed", description="Start of the sample's draw.")
    images: bool | None = Field(
        None, title="As images", description="Whether rows of pixels are images; None for images where they must be."
    )
    image_rule: Literal["fit", "fill", "tiles"] | None = Field(
        None,
        title="To one size",
        description="fit: the whole image, with a border. fill: its middle, cut. tiles: overlapping pieces at full sharpness.",
    )
    image_size: int | None = Field(
        None,
        ge=8,
        le=512,
        title="Size for training",
        description="Height and width of what the network sees; raising it shows smaller marks and takes longer.",
        json_schema_extra=unit("pixels"),
    )
    image_colour: Literal["grey", "colour"] | None = Field(
        None, title="Colour", description="Grey where the colour says nothing: a third of the work."
    )


Sort = Literal["table", "series", "images"]


def sort_of(shape: tuple[int, ...]) -> Sort:
    """What rows of a shape are: (D,) of a table, (T, C) of a series, (H, W, C) images."""
    sorts: dict[int, Sort] = {1: "table", 2: "series", 3: "images"}
    return sorts[len(shape)]


SMALLEST_CONVOLVED = 8  # pixels a side
SERIES_LAYERS, SERIES_STEPS = "convolutional_1d", 1_500  # what a series is looked at with, and for how long
FOUND = ReadOptions()  # nothing was said: all is found from the file


class ScoreWith(SettingsModel):
    """A finished run that another file shall be scored with."""

    run_id: str
    review: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        title="Rows I can review",
        description="Flag so many of the strangest rows; without it the run's own threshold holds.",
    )
    renamed: dict[str, str] = Field({}, description="Learned columns, and what they are called in the file.")


class Windows(SettingsModel):
    """How the rows of a series are looked at: so many together, in the order of time, each group by itself."""

    length: int = Field(
        64,
        ge=8,
        le=4_096,
        title="Window",
        description="Steps that the network sees at once; as long as what it should know by heart, a cycle or a reaction. "
        "Raising it finds slower faults and blurs short ones.",
        json_schema_extra=unit("steps"),
    )
    stride: int = Field(
        0,
        ge=0,
        le=4_096,
        title="Stride",
        description="Steps from one window to the next; lowering it looks at each step more often and takes longer.",
        json_schema_extra=unit("steps, 0 = an eighth of the window", expert=True),
    )
    every: float = Field(
        0.0,
        ge=0,
        le=366 * 86_400,
        title="Resample to one step every",
        description="Rows within so many seconds become one step: numbers by their mean, all else by its last cell. 0 "
        "takes each row as a step.",
        json_schema_extra=unit("seconds, 0 = as they come", step=1.0, expert=True),
    )
    time: str = Field(
        "",
        title="Time column",
        description="The column that puts the rows in order; empty for the one of role *time*, else the rows' own order.",
    )
    group: str = Field(
        "",
        title="Group column",
        description="The column that says whose a row is; empty for the one of role *group*, else all are one series.",
    )

    @property
    def step(self) -> int:
        """The stride that is meant."""
        return self.stride or max(1, self.length // 8)


class Condition(SettingsModel):
    """One condition on a source column; rows that meet any condition are left out of training.

    selected: the rows of the named selection whose id is the value, whatever their columns say.
    """

    column: str = ""
    operator: Literal["is", "is not", "above", "below", "missing", "selected"]
    value: str = ""


OWN_ERROR, RECOMMENDED = "reconstruction_error", "recommended"


class RunSpec(SettingsModel):
    """Everything that, with the dataset's fingerprint, the seed and the thread count, makes a run."""

    objective: str = Field("vanilla", title="Autoencoder", description="The autoencoder's family.")
    objective_settings: dict[str, Any] = Field(default_factory=dict)
    layers: str = Field("fully_connected", title="Layers", description="The layers it is built of.")
    layer_settings: dict[str, Any] = Field(default_factory=dict)
    training: Training = Training()
    numbers: Literal["robust-log", "z-score", "robust", "quantile-normal"] = Field(
        "robust-log",
        title="Encoding of numbers",
        description="What every number becomes for the network. robust-log: by median and interquartile range, far values "
        "drawn in. robust: the same, in proportion. z-score: by mean and standard deviation, so that outliers widen the "
        "scale and all else looks alike. quantile-normal: by rank, as a bell curve.",
        json_schema_extra=unit("", expert=True),
    )
    number_loss: Literal["auto", "squared", "absolute", "huber", "likelihood", "cross-entropy"] = Field(
        "auto",
        title="Error of numbers",
        description="squared: large errors count most. absolute: in proportion, so that outliers teach less. huber: squared for "
        "small errors, in proportion for large ones. likelihood: squared, in units of a scale that is learned for each column. "
        "cross-entropy: for pixels, from black to white. auto: likelihood for a variational autoencoder, else squared.",
        json_schema_extra=unit("", expert=True),
    )
    assume_clean: bool = Field(
        False,
        title="The rows are clean",
        description="True where the rows are known to hold no anomalies and serve as the reference.",
    )
    normal: tuple[str, ...] = Field(
        (),
        title="Labels that are normal",
        description="Values of the label column that say that a row is as it should be: only such rows are learned from, as clean "
        'ones; all rows are scored. Several as ["good", "fair"].',
    )
    contamination: float = Field(
        0.05,
        gt=0,
        le=0.5,
        title="Expected share of anomalies",
        description="Share of rows flagged until a threshold is set; of a series, a number of events is.",
        json_schema_extra=unit("%", step=0.01),
    )
    scorer: str = Field(
        OWN_ERROR,
        title="Anomaly score",
        description="What makes a row of a table strange. reconstruction_error: what this network misses of it. recommended: how "
        "far it lies from rows that networks of their own learned from; this one then says what was expected. Else a scorer "
        "that is asked of this network's answers.",
    )
    image_score: Literal["combined", "mean", "maximum", "top share"] = Field(
        "combined",
        title="Score of an image",
        description="combined: how far its code and its errors, taken together, lie from the training images', and its code from the "
        "next of theirs. Of its pixels' errors alone: mean, the whole image; maximum, its worst spot, however small; top share, the worst "
        "hundredth, for marks that are small but no single spot.",
    )
    windows: Windows | None = Field(
        None,
        title="Windows",
        description="Where the rows are a series in time, how many are looked at together.",
    )
    leave_out: tuple[Condition, ...] = Field((), title="Rows to leave out of training")

    @field_validator("normal", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        values = (value,) if isinstance(value, str | int | float | bool) else value  # as a shell gives a single one
        if not isinstance(values, list | tuple):
            return values
        return tuple(written(each).strip() if not isinstance(each, str) else each.strip() for each in values)

    def checked(self) -> RunSpec:
        """This spec with the family settings validated and filled in. Raises SettingsRefused."""
        objective = OBJECTIVES.get(self.objective).settings.read(self.objective_settings)
        layers = LAYERS.get(self.layers).settings.read(self.layer_settings)
        if self.windows is not None and self.windows.step > self.windows.length:
            raise SettingsRefused(
                f"with a stride of {self.windows.step:,} the windows of {self.windows.length:,} steps leave rows out between them",
                where="stride",
                fix="choose a stride up to the window's length",
            )
        if self.training.schedule == "on plateau" and self.training.validation_share == 0:
            raise SettingsRefused(
                "without validation rows no plateau can be seen",
                where="schedule",
                fix="choose another schedule, or a validation share above 0",
            )
        if getattr(layers, "normalisation", "none") == "batch" and self.training.batch_size == 1:
            raise SettingsRefused(
                "a batch of one row has no other rows to be normalised by",
                where="normalisation",
                fix="raise the batch size, or choose layer normalisation",
            )
        if self.scorer not in (OWN_ERROR, RECOMMENDED, *SCORERS):
            raise SettingsRefused(
                f"there is no anomaly score named “{self.scorer[:60]}”",
                where="scorer",
                fix=nearest(self.scorer, [OWN_ERROR, RECOMMENDED, *SCORERS]),
            )
        if self.scorer not in scores_of(self):
            able = " or ".join(SCORERS.get(self.scorer).objectives)
            raise SettingsRefused(
                f"{score_card(self.scorer)[0].lower()} is asked of one {able} network",
                where="scorer",
                fix=f"choose the autoencoder {able} with one member, or another score",
            )
        if self.scorer != OWN_ERROR and self.windows is not None:
            pictures = "images" in LAYERS.get(self.layers).suits and "series" not in LAYERS.get(self.layers).suits
            raise SettingsRefused(
                f"{'images' if pictures else 'windows of a series'} are scored by their reconstruction error",
                where="scorer",
                fix=f"choose {OWN_ERROR}{'' if pictures else ', or take each row by itself'}",
            )
        return self.model_copy(
            update={
                "objective_settings": objective.model_dump(),
                "layer_settings": layers.model_dump(),
                "assume_clean": self.assume_clean or bool(self.normal),
            }
        )

    @property
    def parts(self) -> dict[str, type[SettingsModel]]:
        """The parts of the spec that have settings of their own, by the field that holds them."""
        return {
            "objective_settings": OBJECTIVES.get(self.objective).settings,
            "layer_settings": LAYERS.get(self.layers).settings,
            "training": Training,
        }

    def changed(self, values: dict[str, Any]) -> RunSpec:
        """This spec with other values of some settings, by their names. Raises SettingsRefused."""
        every = self.model_dump()
        homes = {name: part for part, model in reversed(self.parts.items()) for name in model.model_fields}
        for name, value in values.items():
            if name in homes:
                every[homes[name]] = {**every[homes[name]], name: value}
            else:
                every[name] = value
        return RunSpec.read(every).checked()

    @property
    def number_loss_used(self) -> str:
        """What numbers are compared by, where it is chosen here."""
        if self.number_loss != "auto":
            return self.number_loss
        return "likelihood" if OBJECTIVES.get(self.objective).probabilistic else "squared"

    def shape_settings(self, shape: tuple[int, ...]) -> Any:
        """The layers' settings for rows of that shape (core.results.Layout), with what the objective wants of the code."""
        settings = LAYERS.get(self.layers).settings.read(self.layer_settings)
        wanted = OBJECTIVES.get(self.objective).code_width
        if wanted is None or getattr(settings, "bottleneck", None) != 0:
            return settings
        width = wanted(math.prod(shape))
        if sort_of(shape) == "series":  # whose layers are a PCA at first, and can't be wider than the window
            width = min(width, math.prod(shape) - 1)
        return settings.model_copy(update={"bottleneck": width})

    def plan(self, shape: tuple[int, ...]) -> Plan:
        """The network for rows of that shape (core.results.Layout), before it is built. Raises SettingsRefused."""
        objective = OBJECTIVES.get(self.objective)
        own = objective.settings.read(self.objective_settings)
        objective.check(own, shape)
        layers = LAYERS.get(self.layers)
        if objective.needs_levels and not layers.levels:
            raise SettingsRefused(
                f"{layers.title}: these layers begin as a finished PCA, in one level; there is nothing to stack",
                where="layers",
                fix="choose fully connected layers, or another autoencoder",
            )
        if self.number_loss == "cross-entropy" and sort_of(shape) != "images":
            raise SettingsRefused(
                "cross-entropy compares pixels",
                where="number_loss",
                fix="choose squared, absolute, huber or likelihood",
            )
        plan = layers.plan(self.shape_settings(shape), shape)
        if objective.needs_levels and plan.code < 2:
            raise SettingsRefused(
                "there is one level only, and nothing to stack", where="depth", fix="choose at least one hidden layer"
            )
        added = objective.adds(own, plan)
        kept, members = objective.kept(own, plan.latent), self.training.members
        return replace(plan, parameters=plan.parameters + added, kept=kept, members=members)


def each_once(named: Iterable[tuple[str, RunSpec]]) -> list[tuple[str, RunSpec]]:
    """Named specs without those that would make a run like one before: 2 and 02 are one value."""
    out: dict[str, tuple[str, RunSpec]] = {}
    for name, spec in named:
        out.setdefault(spec.model_dump_json(), (name, spec))
    return list(out.values())


def refuse_unfit(spec: RunSpec, dataset: Dataset) -> None:
    """What can't work on that dataset is refused before a job starts. Raises SettingsRefused."""
    if spec.scorer != OWN_ERROR and dataset.pictures is not None:
        raise SettingsRefused(
            "images are scored by their reconstruction error", where="scorer", fix=f"choose {OWN_ERROR}"
        )
    by = spec.training.validation
    if by == "random" or spec.training.validation_share == 0:
        return
    if spec.windows is not None:
        raise SettingsRefused(
            "a series always keeps the end of each stretch to validate on",
            where="validation",
            fix="choose random, which leaves that as it is",
        )
    role = "time" if by == "by time" else "group"
    if not any(column.role == role for column in dataset.columns):
        raise SettingsRefused(
            f"to validate {by}, a column must have the role {role}",
            where="validation",
            fix=f"give a column of {dataset.name} the role {role} on the Data page, or choose random",
        )


def no_device(wanted: str) -> SettingsRefused:
    """What is said of a device that isn't there."""
    return SettingsRefused(f"there is no device “{wanted}” on this machine", where="device", fix="choose auto or cpu")


def suited(spec: RunSpec, dataset: Dataset, windows: Windows | None = None) -> RunSpec:
    """The spec as it is best for a dataset, in what was not said: the recommended detector for tables, layers for images; a
    test split is left out.

    windows: those over its rows, where these are a series (core.datasets.series).
    """
    if dataset.pictures is None:
        return _of_series(spec, dataset, windows)
    found: dict[str, Any] = {}
    if "layers" not in spec.model_fields_set:
        small = min(dataset.pictures.height, dataset.pictures.width) < SMALLEST_CONVOLVED
        found["layers"] = "fully_connected" if small else "convolutional"
    split = next((column for column in dataset.columns if column.name == "split"), None)
    if "leave_out" not in spec.model_fields_set and split is not None and "train" in split.histogram.labels:
        found["leave_out"] = (Condition(column=split.name, operator="is not", value="train"),)
    if "training" not in spec.model_fields_set:
        found["training"] = _for_images(dataset.pictures.pieces)
    return spec.model_copy(update=found).checked()


def _for_images(pieces: int) -> Training:
    """So many steps as images need, whatever their number: few images are seen more often."""
    return _for_steps(min(2_500, max(600, 40 * pieces // Training().batch_size)), pieces)


def _for_steps(steps: int, rows: int, **more: Any) -> Training:
    epochs = max(1, round(steps * Training().batch_size / max(rows, 1)))
    return Training(epochs=min(epochs, 5_000), learning_rate=2e-3, weight_decay=1e-4, **more)


def for_series(windows: int) -> Training:
    """As many steps as a series needs, at a rate that falls in the end."""
    training = _for_steps(SERIES_STEPS, windows, schedule="one cycle")
    return training.model_copy(
        update={"patience": min(1_000, training.epochs)}
    )  # the best comes last, where the rate is low


def usual_epochs(sort: Sort, pieces: int) -> int:
    """For so many rows, images or windows, where nobody says it."""
    usual = {"table": Training(), "series": for_series(pieces), "images": _for_images(pieces)}
    return usual[sort].epochs


def _of_table(spec: RunSpec, dataset: Dataset) -> RunSpec:
    """The recommended detector with what explains it, where nothing was said of the network or the score."""
    if spec.model_fields_set & {"objective", "layers", "scorer"}:
        return spec
    found: dict[str, Any] = dict(EXPLAINER)
    if "training" not in spec.model_fields_set:
        found["training"] = spec.training.model_copy(update=explainer_training(dataset.rows))
    return spec.model_copy(update=found).checked()


def _of_series(spec: RunSpec, dataset: Dataset, windows: Windows | None) -> RunSpec:
    said = spec.model_fields_set
    asked = "layers" in said and "table" not in LAYERS.get(spec.layers).suits
    windows = spec.windows or (windows if "layers" not in said else Windows() if asked else None)
    if windows is None or ("windows" in said and spec.windows is None):
        return _of_table(spec, dataset)
    found: dict[str, Any] = {"windows": windows}
    if "layers" not in said:
        found["layers"] = SERIES_LAYERS
    if "training" not in said:
        found["training"] = for_series(dataset.rows // windows.step)
    return spec.model_copy(update=found).checked()


@dataclass(frozen=True)
class Plan:
    """The drawing of a network before it is built: the width of each layer from input to output, mirrored."""

    widths: tuple[int, ...]
    bottleneck: int  # the narrowest width
    parameters: int
    shared: int = 1  # how often a parameter is used for one row, on average: filters are, others are not
    linear: bool = False  # nothing in it bends: it can do what a PCA can
    kept: int = 0  # how many numbers of a row the code keeps: fewer than its width where most are off
    members: int = 1  # of an ensemble; all else is said of one of them

    @property
    def code(self) -> int:
        """Which of the widths is the code's."""
        return len(self.widths) // 2

    @property
    def latent(self) -> int:
        """L: the width of the code."""
        return self.widths[self.code]


@dataclass(frozen=True)
class ObjectiveSpec:
    """An objective's card. `module.py` beside it defines `Objective` (core.models.base)."""

    name: str
    title: str
    summary: str  # what it is, in two plain sentences
    helps: str  # when it helps
    paper: str
    settings: type[SettingsModel]
    # check(settings, shape): raises SettingsRefused where it can't work on rows of that shape.
    check: Callable[[Any, tuple[int, ...]], None] = lambda settings, shape: None
    # code_width(inputs): how wide the code is where nobody says it; None leaves it to the layers.
    code_width: Callable[[int], int] | None = None
    kept: Callable[[Any, int], int] = lambda settings, code: code  # how many numbers of the code tell a row
    adds: Callable[[Any, Plan], int] = lambda settings, plan: 0  # parameters besides those of the layers
    probabilistic: bool = False  # whether its reconstruction is a likelihood
    needs_levels: bool = False  # whether it trains the layers one by one
    loss_of: str = ""  # what the reconstruction in its loss is of, where that is not rows as they are


@dataclass(frozen=True)
class LayersSpec:
    """A layer family's card. `module.py` beside it defines `build(settings, shape)` (core.models.base).

    plan(settings, shape): the drawing for rows of a shape, (D,), (H, W, C) or (T, C); equals the built network.
    """

    name: str
    title: str
    summary: str
    suits: tuple[Literal["table", "images", "series"], ...]
    settings: type[SettingsModel]
    plan: Callable[[Any, tuple[int, ...]], Plan]
    levels: bool = True  # whether they lie one within the other, and can be trained one by one
    begins: bool = False  # whether they are something before the first step, that may stay the best


@dataclass(frozen=True)
class Scorer:
    """A way to tell how strange a row is from what a network makes of it (core.scoring.scorers).

    fit(rows to compare with as they were made, whether these are known to be clean, seed) → what is fitted; load(its tensors
    by name) → the same as it was stored; splits: whether the score is a sum over source columns; objectives: of which networks
    it can be asked, () for all.
    """

    title: str
    summary: str
    fit: Callable[[Any, bool, int], Any]
    load: Callable[[dict[str, Any]], Any]
    splits: bool = True
    objectives: tuple[str, ...] = ()


OBJECTIVES: Registry[ObjectiveSpec] = Registry("autoencoder", "core.models.objectives", "SPEC", folders=True)
LAYERS: Registry[LayersSpec] = Registry("layer family", "core.models.layers", "SPEC", folders=True)
SCORERS: Registry[Scorer] = Registry("scorer", "core.scoring.scorers", "SCORER", folders=False)

# Of a table where nothing else is said: what scores, and the network that says what was expected.
EXPLAINER = {"scorer": RECOMMENDED, "layers": "around_pca"}


def explainer_training(rows: int, validated: bool = True) -> dict[str, Any]:
    """Settings of its training on so many rows: large batches at a high rate where there are rows for several of them; the
    rate goes with the root of the batch, and falls where it is too high to gain more than the PCA that it begins with.
    validated: whether rows are held back, by which that is seen."""
    batch = min(256, max(16, rows // 8))
    found = {"batch_size": batch, "learning_rate": round(4e-3 * math.sqrt(batch / 256), 6)}
    return {**found, "schedule": "on plateau"} if validated else found


def scores_of(spec: RunSpec) -> list[str]:
    """The anomaly scores that such a run can have, the recommended one first."""
    alone = spec.training.members == 1  # what is asked of one family is asked of its network, not of a mean of several
    known = [
        name
        for name in SCORERS
        if not SCORERS.get(name).objectives or (alone and spec.objective in SCORERS.get(name).objectives)
    ]
    return [RECOMMENDED, OWN_ERROR, *known]


def score_splits(name: str) -> bool:
    """Whether a score is a sum over source columns. Raises SettingsRefused."""
    return name in (OWN_ERROR, RECOMMENDED) or SCORERS.get(name).splits


def score_card(name: str, images: bool = False) -> tuple[str, str]:
    """What an anomaly score is called, and what it is in a sentence or two. Raises SettingsRefused."""
    if images:
        return OF_IMAGES[name]
    if name == OWN_ERROR:
        return (
            "Reconstruction error",
            "What the run's own network misses of a row, by the error that it was trained with.",
        )
    if name == RECOMMENDED:
        return (
            "Recommended",
            "How many times farther than usual the rows most like it lie, as a network made for this alone describes them. Where "
            "there may be anomalies among the rows, those that are strangest to it teach it nothing, and the rows' own values are "
            "compared too. Where cells are missing, unusually many of them, or unusual ones, make a row as strange; where other columns tell "
            "which are missing, as of a module of questions, rows that lack the same are judged among themselves.",
        )
    card = SCORERS.get(name)
    return card.title, card.summary


OF_IMAGES = {
    "combined": (
        "Combined",
        "How far an image's code and its errors, taken together, lie from the training images', and its code from the next of "
        "theirs.",
    ),
    "mean": ("Mean error", "What the network misses of an image, over all its pixels."),
    "maximum": ("Worst spot", "What the network misses at the one spot that it rebuilds worst, however small."),
    "top share": ("Worst hundredth", "What the network misses in the hundredth of the pixels that it rebuilds worst."),
}

# Of the run itself, besides those of its parts, as a shell takes them.
RUN_SETTINGS = ("assume_clean", "normal", "contamination", "numbers", "number_loss", "scorer", "image_score")


def spec_from_settings(
    model: str, values: dict[str, Any], seed: int | None = None, start: RunSpec | None = None
) -> RunSpec:
    """A RunSpec from flat `name=value` settings, as the CLI takes them. start: what holds where they say nothing.

    Each name is looked up among the objective's, the layers', the training's and the run's own settings.
    Raises SettingsRefused with the nearest name of all four.
    """
    start = start or RunSpec()
    if model in LAYERS.names:
        raise SettingsRefused(
            f"“{model}” is a family of layers, and no autoencoder",
            where="autoencoder",
            fix=f"choose it by --set layers={model}, with any autoencoder",
        )
    objective = OBJECTIVES.get(model).settings
    single = str(values.get("window")) == "0"  # each row by itself
    usual = start.layers if not single or "table" in LAYERS.get(start.layers).suits else RunSpec().layers
    layer_name = str(values.get("layers", usual))
    shape = LAYERS.get(layer_name).settings
    parts: dict[str, dict[str, Any]] = {"objective": {}, "layers": {}, "training": {}, "own": {}, "windows": {}}
    homes = {
        **dict.fromkeys(("layers", *RUN_SETTINGS), "own"),
        **dict.fromkeys(("window", *Windows.model_fields), "windows"),
        **dict.fromkeys(Training.model_fields, "training"),
        **dict.fromkeys(shape.model_fields, "layers"),
        **dict.fromkeys(objective.model_fields, "objective"),
    }
    for name, value in values.items():
        if name not in homes:
            raise SettingsRefused(
                f"there is no setting named “{name}”",
                where=f"model {model}",
                fix=_whose(name) or nearest(name, sorted(homes)),
            )
        parts[homes[name]][name] = value
    if seed is not None:
        parts["training"]["seed"] = seed
    parts["own"].pop("layers", None)
    spec = RunSpec.read(
        {
            "objective": model,
            "objective_settings": parts["objective"],
            "layers": layer_name,
            "layer_settings": parts["layers"],
            "training": Training.read({**start.training.model_dump(), **parts["training"]}),
            "leave_out": start.leave_out,
            "windows": _windows(start.windows, parts["windows"], layer_name),
            "scorer": start.scorer,
            **parts["own"],
        }
    )
    return spec.checked()


def says_the_network(values: dict[str, Any]) -> bool:
    """Whether flat settings say what the network is like or what it looks at, and not only how it is trained."""
    said = set(values) - {*Training.model_fields, *RUN_SETTINGS}
    return bool(said - {"window"} if str(values.get("window")) == "0" else said)


def _whose(name: str) -> str:
    """Which autoencoders, or else layers, have a setting of that name; empty where none has."""
    models = [each for each in OBJECTIVES if name in OBJECTIVES.get(each).settings.model_fields]
    if models:
        return f"it belongs to {' or '.join(models)}: choose that autoencoder, or leave the setting out"
    layers = [each for each in LAYERS if name in LAYERS.get(each).settings.model_fields]
    said = " or ".join(f"layers={each}" for each in layers)
    return f"it belongs to other layers: set {said}, or leave the setting out" if layers else ""


def _windows(start: Windows | None, given: dict[str, Any], layers: str) -> Windows | None:
    """The windows of flat settings: window=0 takes each row by itself."""
    values = {("length" if name == "window" else name): value for name, value in given.items()}
    suits = LAYERS.get(layers).suits
    for_series_alone = "series" in suits and "table" not in suits  # which can't do without
    if str(values.get("length")) == "0" or (not values and start is None and not for_series_alone):
        return None
    try:
        return Windows.read({**(start.model_dump() if start else {}), **values})
    except SettingsRefused as error:
        if error.where != "length" or "window" not in given:
            raise
        said = error.what.replace("length", "window", 1)  # by the name that it was given
        raise SettingsRefused(said, where="window", fix=error.fix) from error
