"""Ready-made choices for what people come with: an autoencoder, its layers and settings, by what they are for.

`benchmarks/presets.py` holds each against the quick look on a sample, by the figure that is named here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.errors import SettingsRefused
from core.registry import nearest
from core.results import Dataset
from core.specs import LAYERS, RunSpec, Sort, Windows, spec_from_settings, suited


@dataclass(frozen=True)
class Preset:
    """One choice. settings: as `hourglass train --set name=value` takes them; what is not said suits the dataset."""

    title: str
    summary: str
    sorts: tuple[Sort, ...]  # what it is for
    model: str
    settings: dict[str, Any] = field(default_factory=dict)
    sample: str = ""  # where it is held against the quick look
    figure: str = ""  # by what
    of_images: dict[str, Any] = field(default_factory=dict)  # settings that are others for images


PRESETS: dict[str, Preset] = {
    "quick_look": Preset(
        "Quick look",
        "A plain, small network for a few seconds: what is there at all.",
        ("table", "series", "images"),
        "vanilla",
        {"layers": "fully_connected", "epochs": 30, "learning_rate": 3e-3},
    ),
    "error_alone": Preset(
        "Anomalies by the error alone",
        "Strong noise and a short training: only what most rows have in common is rebuilt, and what is missed is strange. For "
        "rows with anomalies among them. That it rebuilds less than PCA is meant: trained longer it learns the anomalies.",
        ("table",),
        "denoising",
        {
            "strength": 2.0,  # in encoded units: longer, or with less, the network learns the anomalies too
            "bottleneck": 32,
            "epochs": 10,
            "learning_rate": 3e-3,
            "trim": 0.1,
            "scorer": "residual_distance",
        },
        "wine",
        "AUROC of the rows that the label calls anomalies",
    ),
    "error_alone_clean": Preset(
        "The error alone, beside clean rows",
        "For rows that are known to hold no anomalies: a long training under noise of all strengths, all rows learned from. What "
        "is missed then in other rows is strange.",
        ("table",),
        "denoising",
        {
            "assume_clean": True,
            "noise": "gaussian up to",
            "strength": 0.7,  # in encoded units, at most
            "bottleneck": 32,
            "hidden_width": 256,
            "epochs": 500,
            "patience": 500,
            "batch_size": 128,
            "learning_rate": 6e-3,
            "schedule": "one cycle",
            "validation_share": 0.0,
            "scorer": "residual_distance",
        },
    ),
    "images": Preset(
        "Images",
        "Filters that slide over the picture, trained until small marks stand out.",
        ("images",),
        "vanilla",
        {"layers": "convolutional"},
        "plates",
        "share of the pixels' variance that is rebuilt on plates held back that lie two pixels off their place",
    ),
    "sensor_data": Preset(
        "Ordered sensor data",
        "Rows in the order of time, looked at in windows: what matters is how values follow each other.",
        ("series",),
        "vanilla",
        {"layers": "convolutional_1d"},
        "sensors",
        "AUROC of the rows inside a fault",
    ),
    "new_samples": Preset(
        "Generate new samples",
        "A variational network, trained longer: a point drawn from its code becomes a row that could have been.",
        ("table", "images"),
        "variational",
        {
            "bottleneck": 16,
            "hidden_width": 256,
            "beta": 1.0,
            "epochs": 300,
            "learning_rate": 2e-3,
            "schedule": "one cycle",
            "patience": 300,
        },
        "digits",
        "share of drawn digits that a classifier of real ones is sure of, times how evenly it finds the ten kinds",
        {"layers": "fully_connected", "beta": 16.0},  # of pixels there are many: their likelihood outweighs the prior's
    ),
    "sharp_features": Preset(
        "Find few, sharp features",
        "Many units of which few are active for any one row: each comes to stand for one thing.",
        ("table", "images"),
        "sparse",
        {
            "active": 0.1,
            "bottleneck": 64,
            "epochs": 300,
            "learning_rate": 3e-3,
            "schedule": "one cycle",
            "patience": 300,
        },
        "digits",
        "how often a digit's strongest unit alone says which digit it is",
    ),
}


def preset(name: str) -> Preset:
    """The preset of that name, also written as its title. Raises SettingsRefused with the nearest name."""
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    titles = {each.title.lower().replace(",", "").replace(" ", "_"): known for known, each in PRESETS.items()}
    found = key if key in PRESETS else titles.get(key.replace(",", ""))
    if found is None:
        raise SettingsRefused(
            f"there is no preset named “{name[:40]}”", where="preset", fix=nearest(key, list(PRESETS))
        )
    return PRESETS[found]


def sort_in(dataset: Dataset, windows: Windows | None) -> Sort:
    """What a dataset's rows are, where windows lie over them or not."""
    return "images" if dataset.pictures is not None else "series" if windows is not None else "table"


def preset_spec(
    chosen: Preset,
    dataset: Dataset,
    windows: Windows | None,
    values: dict[str, Any] | None = None,
    seed: int | None = None,
) -> RunSpec:
    """The run that a preset makes of a dataset. windows: those over its rows, where they are a series; values: settings
    that are said besides. Raises SettingsRefused for a dataset that it is not for."""
    sort = sort_in(dataset, windows)
    if sort not in chosen.sorts:
        raise SettingsRefused(
            f"“{chosen.title}” is for {' and '.join(chosen.sorts)}, {dataset.name} is a {sort if sort != 'images' else 'set of images'}",
            where="preset",
            fix="choose another preset",
        )
    settings = {**chosen.settings, **(chosen.of_images if sort == "images" else {})}
    if sort == "series" and "table" in LAYERS.get(str(settings.get("layers", "fully_connected"))).suits:
        settings["window"], windows = 0, None  # each row by itself
    return spec_from_settings(
        chosen.model, {**settings, **(values or {})}, seed, suited(RunSpec(objective=chosen.model), dataset, windows)
    )
