"""What can be chosen from Pointsman, as surfaces offer it to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pointsman.core.errors import UnknownCorrection, UnknownDecision


@dataclass(frozen=True, slots=True)
class Known:
    """What can be chosen: categories with their descriptions, chat models by name, and what is done with pictures.

    `styles` are those that pictures are drawn in, `picture_jobs` what a picture can be made of another by
    ("edit", "vary", "upscale"), as far as there are workflows for that.
    """

    categories: Mapping[str, str] = field(default_factory=dict)
    models: Sequence[str] = ()
    styles: Sequence[str] = ()
    picture_jobs: frozenset[str] = frozenset()

    def to_dict(self) -> dict[str, Any]:
        """It as data that any JSON encoder takes."""
        return {
            "categories": dict(self.categories),
            "models": list(self.models),
            "styles": list(self.styles),
            "picture_jobs": sorted(self.picture_jobs),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Known:
        """What `to_dict` wrote; a part that is missing is empty."""
        return cls(
            {str(name): str(about) for name, about in data.get("categories", {}).items()},
            tuple(map(str, data.get("models", ()))),
            tuple(map(str, data.get("styles", ()))),
            frozenset(map(str, data.get("picture_jobs", ()))),
        )


def decision_named(decision_id: str) -> str:
    """An id of a decision, without the mark that it is often written with. Raises UnknownDecision for none."""
    if not (found := decision_id.removeprefix("#")):
        raise UnknownDecision("no decision is named", cure="give the id of one")
    return found


def correction_named(which: str) -> str:
    """The id of a correction, or of its decision. Raises UnknownCorrection for none."""
    if not (found := which.removeprefix("#")):
        raise UnknownCorrection("no correction is named", cure="give its id, or that of its decision")
    return found
