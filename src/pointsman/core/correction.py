"""What somebody taught: a text is of a category from now on, and what that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Correction:
    """That a text is of a category, until it is undone.

    `was` is the category that had been decided and `decision_id` the decision, both "" for a new
    utterance. `at` and `undone_at` are seconds since the epoch. An undone correction stays as
    history without its text. `vector` is the text's unit vector as float16 (little-endian), and
    `encoder` the fingerprint of what made it; with an encoder and no vector, that one could not
    read the text.
    """

    id: str
    text: str
    category: str
    was: str = ""
    decision_id: str = ""
    surface: str = "python"
    at: float = 0.0
    undone_at: float | None = None
    encoder: str = ""
    vector: bytes = b""

    def to_dict(self) -> dict[str, Any]:
        """The correction as data that any JSON encoder takes."""
        return {
            "id": self.id,
            "text": self.text,
            "category": self.category,
            "was": self.was,
            "decision_id": self.decision_id,
            "surface": self.surface,
            "at": self.at,
            "undone_at": self.undone_at,
        }


@dataclass(frozen=True, slots=True)
class Flip:
    """A recorded decision that would be another one now."""

    decision_id: str
    text: str
    before: str
    after: str

    def to_dict(self) -> dict[str, str]:
        """The flip as data that any JSON encoder takes."""
        return {"decision_id": self.decision_id, "text": self.text, "from": self.before, "to": self.after}


@dataclass(frozen=True, slots=True)
class Conflict:
    """An earlier correction of the same text, or nearly the same, to another category.

    `similarity` is the cosine of the two, 1 when they are the same but for case, white space and
    punctuation; then the later of the two counts.
    """

    earlier: Correction
    later: Correction
    similarity: float

    @property
    def same(self) -> bool:
        """Whether it is the same text."""
        return self.similarity >= 1

    @property
    def cure(self) -> str:
        """What to do about it."""
        undo = f"undo one of them: pointsman correct --undo {self.earlier.id}"
        return f"{undo}, or {self.later.id}" if self.later.id else undo

    def to_dict(self) -> dict[str, Any]:
        """The conflict as data that any JSON encoder takes; the earlier correction's keys first."""
        return {
            **self.earlier.to_dict(),
            "with": self.later.id,
            "similarity": round(self.similarity, 4),
            "cure": self.cure,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """What a correction would change, or did: `flips` among the last `looked_at` decisions that kept their text.

    The correction's `id` is "" as long as it is not applied.
    """

    correction: Correction
    flips: Sequence[Flip] = ()
    conflicts: Sequence[Conflict] = ()
    looked_at: int = 0

    @property
    def summary(self) -> str:
        """How many of the decisions that were looked at come out differently; true before the change, and after it."""
        if not self.looked_at:
            return "there are no recorded texts to compare with"
        if self.looked_at == 1:
            return f"the one decision whose text is kept {'comes out differently' if self.flips else 'stays as it is'}"
        many = f"{len(self.flips) or 'none'} of the last {self.looked_at} decisions whose text is kept"
        return f"{many} {'come' if len(self.flips) > 1 else 'comes'} out differently"

    @property
    def changes(self) -> tuple[tuple[Flip, int], ...]:
        """Each change of each text once, by its first flip, with how many decisions it is the change of; same order."""
        often = Counter((it.text, it.before, it.after) for it in self.flips)
        first = {(it.text, it.before, it.after): it for it in reversed(self.flips)}
        return tuple((first[change], count) for change, count in often.items())

    def to_dict(self) -> dict[str, Any]:
        """The preview as data that any JSON encoder takes."""
        return {
            "correction": self.correction.to_dict(),
            "flips": [flip.to_dict() for flip in self.flips],
            "conflicts": [conflict.to_dict() for conflict in self.conflicts],
            "looked_at": self.looked_at,
        }
