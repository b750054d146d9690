"""Rows of a dataset under a name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, desc, insert

from core.access import Principal
from core.errors import InputRefused
from core.results import Dataset, Selection
from core.storage.artifacts import Artifacts
from core.storage.datasets import Datasets, usable_name
from core.storage.records import new_id
from core.storage.repository import Repository
from core.storage.tables import selections


class Selections(Repository):
    """The named selections of a space."""

    table = selections
    word = "selection"

    def __init__(self, engine: Engine, who: Principal, artifacts: Artifacts, datasets: Datasets) -> None:
        super().__init__(engine, who)
        self.artifacts = artifacts
        self.datasets = datasets

    def new(self, dataset: Dataset, name: str, row_keys: NDArray[np.str_], note: str = "") -> Selection:
        """Keep rows of a dataset, by their keys (K,). Raises InputRefused for an empty name or no rows."""
        if len(row_keys) == 0:
            raise InputRefused("no row is selected", where=dataset.name, fix="select some rows first")
        id_ = new_id("l")
        address = self.artifacts.put_array(self.who.space_id, np.sort(np.asarray(row_keys, str)))
        with self.engine.begin() as connection:
            connection.execute(
                insert(selections).values(
                    id=id_,
                    space_id=self.who.space_id,
                    dataset_id=dataset.id,
                    name=usable_name(name),
                    note=note,
                    tags=[],
                    rows=len(row_keys),
                    keys_address=address,
                    author=self.who.author,
                )
            )
        return self.get(id_)

    def get(self, id_: str) -> Selection:
        """One selection. Raises NotFound."""
        return _selection(self._row(id_))

    def of_dataset(self, dataset: Dataset) -> list[Selection]:
        """Those made on this dataset, another version of it or another file with the same rows, newest first."""
        kin = [each.id for each in self.datasets.lineage(dataset.lineage_id)]
        query = self._select().where(selections.c.dataset_id.in_(kin)).order_by(desc(selections.c.created_at))
        return [_selection(row) for row in self._rows(query)]

    def row_keys(self, selection: Selection) -> NDArray[np.str_]:
        """The keys of its rows, sorted, (rows,)."""
        return np.asarray(self.artifacts.get_array(self.who.space_id, selection.keys_address)).astype(str)

    def among(self, id_: str, dataset: Dataset) -> NDArray[np.bool_]:
        """Which rows of a dataset are in it, (N,). Raises NotFound."""
        return np.isin(self.datasets.row_keys(dataset), self.row_keys(self.get(id_)))

    def tag(self, id_: str, tags: tuple[str, ...]) -> None:
        """Set its tags. Raises NotFound."""
        self.change(id_, tags=list(tidy(tags)))

    def rename(self, id_: str, name: str) -> None:
        """Raises InputRefused for an empty name, NotFound."""
        self.change(id_, name=usable_name(name))

    def delete(self, id_: str) -> None:
        """Forget the name; its rows stay where they are. Raises NotFound."""
        self.get(id_)
        with self.engine.begin() as connection:
            connection.execute(delete(selections).where(selections.c.id == id_, self._mine()))


def tidy(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: each once, without the space around it, none empty."""
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _selection(row: dict[str, Any]) -> Selection:
    return Selection(**{**row, "tags": tuple(row["tags"])})
