"""How often the memory that answers a question is recalled: labelled facts, told by their persons, then asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

from pointsman.core.errors import InvalidInput
from pointsman.core.memories import Circle, Full, Kept, Memory, Scope, seen
from pointsman.core.message import Origin

FIVE: Final = 5
By = Literal["both", "words", "meaning"]
# Settings were chosen on the questions of facts with an odd number; the others were never looked at for it.
HELD: Final = "held back"
TUNED: Final = "tuned on"
ABROAD: Final = "in another language"
OWN: Final = "in the fact's language"
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a fact; `text` is "" where no fact answers it."""

    id: str
    person: str
    text: str
    question: str
    language: str
    asked_in: str

    @property
    def parts(self) -> tuple[str, ...]:
        """What it counts for."""
        if self.language != self.asked_in:
            return (ALL, ABROAD)
        return (ALL, OWN, HELD if int(self.id.rpartition("-")[2]) % 2 == 0 else TUNED, self.language)


@dataclass(frozen=True, slots=True)
class Recalled:
    """Of so many questions, the share whose fact came first, and among the first five."""

    questions: int
    first: float
    five: float


class Recaller(Protocol):
    """What remembers and recalls."""

    async def remember(self, text: str, origin: Origin, *, scope: Scope | None = None, own: bool = True) -> Kept | Full:
        """Keeps a text."""
        ...

    async def recall(self, query: str, circles: Sequence[Circle], limit: int, *, by: By = "both") -> list[Memory]:
        """The memories nearest to a question."""
        ...


def read_facts(path: Path) -> list[Asked]:
    """The questions in a file of labelled facts (labelled/README.md). Raises InvalidInput."""
    found = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found += [
                Asked(row["id"], row["person"], row["text"], it["text"], row["language"], it["language"])
                for it in row["questions"]
            ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(f"{path}: no labelled facts: {error}", cure="see labelled/README.md") from error
    return found


def speaker(person: str) -> Origin:
    """A person who speaks in private."""
    return Origin("python", user=person, direct=True)


async def told(memories: Recaller, facts: Sequence[Asked]) -> Mapping[str, str]:
    """Has every person tell his facts; the memories' ids by the facts'."""
    ids: dict[str, str] = {}
    for it in facts:
        if it.text and it.id not in ids:
            kept = await memories.remember(it.text, speaker(it.person))
            assert isinstance(kept, Kept)  # noqa: S101 - a few hundred are no limit
            ids[it.id] = kept.memory.id
    return ids


async def score(
    memories: Recaller, facts: Sequence[Asked], ids: Mapping[str, str], by: By = "both"
) -> dict[str, Recalled]:
    """How often the right memory comes, in all and in parts, the parts in the order in which they come up."""
    places: dict[str, list[int]] = {ALL: [], OWN: [], TUNED: [], HELD: [], ABROAD: []}
    for it in facts:
        if it.text:
            found = [memory.id for memory in await memories.recall(it.question, seen(speaker(it.person)), FIVE, by=by)]
            place = found.index(ids[it.id]) if ids[it.id] in found else FIVE
            for part in it.parts:
                places.setdefault(part, []).append(place)
    return {
        part: Recalled(len(them), sum(it == 0 for it in them) / len(them), sum(it < FIVE for it in them) / len(them))
        for part, them in places.items()
        if them
    }
