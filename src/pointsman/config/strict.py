"""What every section of the configuration has in common: frozen, and no key that nobody reads."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Strict(BaseModel):
    """Frozen; unknown keys are errors, and errors never repeat a value, which may be secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Section(Strict):
    """Holds other sections; one whose keys are all commented out, which YAML reads as null, keeps its defaults."""

    @model_validator(mode="before")
    @classmethod
    def without_empty(cls, data: Any) -> Any:
        """The keys that hold something."""
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data
