"""What the folders of images say: which of them are splits, which are labels, which hold masks.

The usual layouts: “train/good/…, test/scratch/…, ground_truth/scratch/…” of industrial sets, one folder a class, and
either of them under folders that all images share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

SPLITS = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
}
GOOD = ("good", "ok", "okay", "normal", "normals", "healthy", "clean", "defect-free", "defect_free", "negative", "io")
MASKS = ("ground_truth", "groundtruth", "ground-truth", "masks", "mask", "annotations", "segmentation")
MOST_LABELS = 100  # folders; more than that are no kinds of images


@dataclass(frozen=True)
class Folders:
    """By image: the folder it lies in, its split and its label; None for all where the folders tell none."""

    folders: tuple[str, ...]
    splits: tuple[str, ...] | None
    labels: tuple[str, ...] | None


def in_mask_folder(name: str) -> bool:
    """Whether a file lies where the masks of an industrial set do."""
    return any(part.lower() in MASKS for part in PurePosixPath(name).parts[:-1])


def read_folders(names: Sequence[str]) -> Folders:
    """What the folders in the images' names say."""
    paths = [PurePosixPath(name).parts[:-1] for name in names]
    folders = tuple("/".join(path) for path in paths)
    shared = _shared(paths)
    inner = [path[shared:] for path in paths]
    depth = _split_depth(inner)
    splits = None
    if depth is not None:
        splits = tuple(SPLITS[path[depth].lower()] for path in inner)
        inner = [path[:depth] + path[depth + 1 :] for path in inner]
    labels = tuple(path[-1] if path else "" for path in inner)
    return Folders(folders, splits, labels if _are_labels(labels) else None)


def _shared(paths: Sequence[tuple[str, ...]]) -> int:
    """How many folders from the outside all images share, up to the first that says something."""
    first = min(paths, default=())
    last = max(paths, default=())
    count = 0
    for one, other in zip(first, last, strict=False):
        if one != other or one.lower() in SPLITS or one.lower() in GOOD:
            break
        count += 1
    return count


def _split_depth(paths: Sequence[tuple[str, ...]]) -> int | None:
    """At which depth each image's folder is a split."""
    for depth in range(min(map(len, paths), default=0)):
        if all(path[depth].lower() in SPLITS for path in paths):
            return depth
    return None


def _are_labels(labels: Sequence[str]) -> bool:
    """Whether folders are kinds of images: not one folder an image, nor a single one that says nothing."""
    distinct = set(labels) - {""}
    if not distinct:
        return False
    if len(distinct) == 1 and "" not in labels:
        return next(iter(distinct)).lower() in GOOD
    return len(distinct) <= min(MOST_LABELS, max(2, len(labels) // 2))
