"""What a fitted encoding is on disk: JSON of a pydantic model."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import SettingsRefused, StorageFailed


class Stored(BaseModel):
    """A fitted encoding that comes back from its JSON as it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Self:
        """What `to_json` made, of this version or an older one. Raises StorageFailed for anything else."""
        try:
            return cls.model_validate(record)
        except (ValidationError, SettingsRefused) as error:
            raise StorageFailed(
                "the stored encoding is damaged, or of a newer version", where="encoder", fix="train again"
            ) from error
