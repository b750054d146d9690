"""Datasets in the database and, for their cells, in the artifact store."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Engine, desc, insert

from core.access import Principal
from core.errors import InputRefused, NotFound, printable
from core.profiles import Profile
from core.results import Column, Dataset, Pictures, Reading
from core.storage import removal
from core.storage.artifacts import Artifacts
from core.storage.records import from_json, matching, new_id, to_json
from core.storage.repository import Repository
from core.storage.tables import datasets

# In what the table of rows says of itself. Keys of before were made of the text of cells, and only said of which columns.
KEY_COLUMNS, KEYED_BY = b"key_columns", b"keyed_by"
READ_BY = ("name", "kind", "role", "form", "unit", "missing_words")


class Datasets(Repository):
    """The datasets of a space."""

    table = datasets
    word = "dataset"

    def __init__(self, engine: Engine, who: Principal, artifacts: Artifacts) -> None:
        super().__init__(engine, who)
        self.artifacts = artifacts

    def new(
        self,
        *,
        name: str,
        source_name: str,
        source_address: str,
        cells_address: str,
        rows_address: str,
        fingerprint: str,
        rows: int,
        columns: tuple[Column, ...],
        reading: Reading,
        bytes: int,
        rejects_address: str = "",
        profile_address: str = "",
        pictures: Pictures | None = None,
        parent: Dataset | None = None,
        lineage_id: str = "",
        id_: str | None = None,
    ) -> Dataset:
        """Record a dataset whose artifacts are already stored. lineage_id: of which it holds the rows, by default its parent's
        or its own."""
        id_ = id_ or new_id("d")
        with self.engine.begin() as connection:
            connection.execute(
                insert(datasets).values(
                    id=id_,
                    space_id=self.who.space_id,
                    parent_id=parent.id if parent is not None else None,
                    lineage_id=lineage_id or (parent.lineage_id if parent is not None else id_),
                    name=name,
                    source_name=source_name,
                    source_address=source_address,
                    cells_address=cells_address,
                    rows_address=rows_address,
                    fingerprint=fingerprint,
                    rows=rows,
                    columns=to_json(tuple[Column, ...], columns),
                    reading=to_json(Reading, reading),
                    bytes=bytes,
                    rejects_address=rejects_address,
                    profile_address=profile_address,
                    pictures=to_json(Pictures, pictures) if pictures is not None else None,
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> Dataset:
        """One dataset. Raises NotFound."""
        return _dataset(self._row(id_))

    def find(self, search: str = "", limit: int = 200) -> list[Dataset]:
        """Newest first; `search` narrows by name, note and tags."""
        query = matching(self._select(), datasets, search).order_by(desc(datasets.c.created_at)).limit(limit)
        return [_dataset(row) for row in self._rows(query)]

    def by_source(self, source_address: str) -> Dataset | None:
        """The newest dataset made from exactly these uploaded bytes."""
        query = self._select().where(datasets.c.source_address == source_address)
        rows = self._rows(query.order_by(desc(datasets.c.created_at)).limit(1))
        return _dataset(rows[0]) if rows else None

    def versions(self, dataset: Dataset) -> list[Dataset]:
        """What was made of this dataset by another reading or another schema, oldest first."""
        rows = self._rows(self._select().where(datasets.c.parent_id == dataset.id).order_by(datasets.c.created_at))
        return [_dataset(row) for row in rows]

    def family(self, dataset: Dataset) -> list[Dataset]:
        """All versions of the same source, this one among them: their rows have the same keys."""
        first = dataset
        while first.parent_id is not None:
            first = self.get(first.parent_id)
        out = [first]
        for version in out:  # grows while it is walked
            out.extend(self.versions(version))
        return out

    def read_differently(self, dataset: Dataset) -> Dataset | None:
        """The newest version whose cells are not this dataset's: the file was read in another way since."""
        later = self.versions(dataset)
        for version in reversed(later):
            found = self.read_differently(version) or version
            if found.cells_address != dataset.cells_address:
                return found
        return None

    def rejects(self, dataset: Dataset) -> pa.Table:
        """Line, text and reason of every line that is no row, or was mended to be one."""
        if not dataset.rejects_address:
            return pa.table(
                {
                    "line": pa.array([], pa.int64()),
                    "text": pa.array([], pa.string()),
                    "reason": pa.array([], pa.string()),
                }
            )
        return self.artifacts.get_table(self.who.space_id, dataset.rejects_address)

    def profile(self, dataset: Dataset) -> Profile:
        """What was counted of this version. Raises NotFound until it is, StorageFailed."""
        if not dataset.profile_address:
            raise NotFound("its profile is not counted yet", where=dataset.name, fix="open it on the Data page")
        return from_json(Profile, self.artifacts.get_json(self.who.space_id, dataset.profile_address))

    def rename(self, id_: str, name: str) -> None:
        """Raises InputRefused for an empty name, NotFound."""
        self.change(id_, name=usable_name(name))

    def cells(self, dataset: Dataset, columns: list[str] | None = None) -> pa.Table:
        """Source cells as text (null = missing), one column a source column, in file order."""
        return self.artifacts.get_table(self.who.space_id, dataset.cells_address, columns)

    def some_rows(self, dataset: Dataset, rows: NDArray[np.int64], columns: list[str]) -> pa.Table:
        """Source cells of some rows, (R,) of them from 0 in any order, in little memory whatever the table's size."""
        return self.artifacts.get_rows(self.who.space_id, dataset.cells_address, rows, columns)

    def cells_in_groups(self, dataset: Dataset, columns: list[str]) -> Iterator[pa.Table]:
        """Source cells as text, in file order, some thousand rows at a time."""
        return self.artifacts.get_groups(self.who.space_id, dataset.cells_address, columns)

    def lineage(self, lineage_id: str) -> list[Dataset]:
        """All files, and versions of them, that hold the same rows over time, oldest first."""
        query = self._select().where(datasets.c.lineage_id == lineage_id).order_by(datasets.c.created_at)
        return [_dataset(row) for row in self._rows(query)]

    def keyed_by(self, dataset: Dataset) -> tuple[Column, ...]:
        """What the rows' own keys are made of: the one column that names them, with the role of an identifier, or those of which
        the cells are hashed, and how they are read. Empty where keys were made before there was such a record."""
        written = self._says_of_rows(dataset)
        if KEYED_BY not in written:
            return ()
        said = json.loads(written[KEYED_BY])
        return tuple(Column(**{**each, "missing_words": tuple(each["missing_words"])}, reason="") for each in said)

    def key_columns(self, dataset: Dataset) -> tuple[str, ...]:
        """Where nothing says what keys are made of: the columns of which they were made, unless an identifier names the rows."""
        written = self._says_of_rows(dataset)
        if KEY_COLUMNS in written:
            return tuple(json.loads(written[KEY_COLUMNS]))
        return tuple(column.name for column in dataset.columns)

    def _says_of_rows(self, dataset: Dataset) -> dict[bytes, bytes]:
        return self.artifacts.get_table(self.who.space_id, dataset.rows_address, []).schema.metadata or {}

    def own_keys(self, dataset: Dataset) -> NDArray[np.str_]:
        """The key of each row by its own cells, where there is a record of how (`keyed_by`), (N,); also of rows that go by the key
        that they had in an earlier file."""
        return self._of_rows(dataset, "own_key")

    def row_contents(self, dataset: Dataset) -> NDArray[np.str_]:
        """The hash of each row's cells, (N,)."""
        return self._of_rows(dataset, "content")

    def row_keys(self, dataset: Dataset) -> NDArray[np.str_]:
        """The key of each row, (N,)."""
        return self._of_rows(dataset, "row_key")

    def _of_rows(self, dataset: Dataset, what: str) -> NDArray[np.str_]:
        table = self.artifacts.get_table(self.who.space_id, dataset.rows_address, [what])
        found: NDArray[np.str_] = table[what].to_numpy(zero_copy_only=False).astype(str)
        return found

    def pieces(self, dataset: Dataset) -> NDArray[np.uint8]:
        """What the network sees of the images, mapped from disk, (P, H, W, C). Raises NotFound, StorageFailed."""
        return self.artifacts.get_array(self.who.space_id, _pictures(dataset).pieces_address)

    def thumbs(self, dataset: Dataset) -> NDArray[np.uint8]:
        """The images, small, mapped from disk, (N, 64, 64, C). Raises NotFound, StorageFailed."""
        return self.artifacts.get_array(self.who.space_id, _pictures(dataset).thumbs_address)

    def places(self, dataset: Dataset) -> NDArray[np.int32]:
        """For each piece its image, top, left, and the image's height and width, (P, 5). Raises as `pieces`."""
        pictures = _pictures(dataset)
        if pictures.places_address:
            return np.asarray(self.artifacts.get_array(self.who.space_id, pictures.places_address))
        whole = np.zeros((pictures.pieces, 5), np.int32)
        whole[:, 0] = np.arange(pictures.pieces)
        whole[:, 3], whole[:, 4] = pictures.height, pictures.width
        return whole

    def would_remove(self, id_: str) -> removal.Removal:
        """What deleting this dataset takes with it."""
        self.get(id_)
        return removal.of_dataset(self.reader, self.who, id_)

    def delete(self, id_: str) -> removal.Removal:
        """Delete it and everything made from it. Raises InputRefused while a job of it runs."""
        self.get(id_)
        return removal.remove(self.engine, self.who, self.artifacts, removal.of_dataset(self.reader, self.who, id_))


def with_keyed_by(rows: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """A table of rows that says what its keys are made of."""
    said = [{what: getattr(column, what) for what in READ_BY} for column in columns]
    return rows.replace_schema_metadata({KEYED_BY: json.dumps(said).encode()})


def _pictures(dataset: Dataset) -> Pictures:
    if dataset.pictures is None:
        raise NotFound("there are no images in it", where=dataset.name, fix="choose a dataset of images")
    return dataset.pictures


def usable_name(name: str) -> str:
    """A name as it is kept: one line, 1–200 characters. Raises InputRefused."""
    cleaned = " ".join(printable(name).split())[:200]
    if not cleaned:
        raise InputRefused("a name can't be empty", where="name", fix="type at least one character")
    return cleaned


def _dataset(row: dict[str, Any]) -> Dataset:
    return Dataset(
        **{
            **row,
            "tags": tuple(row["tags"]),
            "columns": from_json(tuple[Column, ...], row["columns"]),
            "reading": from_json(Reading, row["reading"]),
            "pictures": from_json(Pictures, row["pictures"]) if row["pictures"] is not None else None,
        }
    )
