"""What users taught, as the tiers look at it: corrections by their text, by their wording and by their vectors."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

import numpy as np

from pointsman.core.category import Utterance
from pointsman.core.correction import Conflict, Correction
from pointsman.tiers.encoder import Vector
from pointsman.tiers.wording import Wordings, key_of

# From this cosine on, two corrected texts say the same; to different categories, they contradict each other.
SAME: Final = 0.95
# A reason and a trace quote no more of a corrected text than this.
QUOTED: Final = 200
STORED: Final = np.dtype("<f2")


class Learned:
    """The corrections that count, at one moment; nothing in it changes.

    Of several for the same text the latest counts. `utterances` and `vectors` (float32
    [corrections, dimensions]) are those that an encoder could read.
    """

    def __init__(self, corrections: Iterable[Correction] = ()) -> None:
        self._by_key = {key_of(correction.text): correction for correction in corrections}
        self._counting = tuple(self._by_key.values())
        self._wordings = Wordings(tuple(self._by_key))
        read = [correction for correction in self._counting if correction.vector]
        self.utterances = tuple(Utterance(quoted(it.text), it.category, "") for it in read)
        self.vectors = np.stack([unpacked(it.vector) for it in read]) if read else np.empty((0, 0), np.float32)

    def __len__(self) -> int:
        return len(self._counting)

    def exact(self, key: str) -> Correction | None:
        """The correction of the text with that key."""
        return self._by_key.get(key)

    def worded_like(self, key: str, least: float) -> list[tuple[Correction, float]]:
        """Corrections whose texts share at least that part of their letters with the text of that key, and the part."""
        return [(self._counting[place], part) for place, part in self._wordings.like(key, least)]


NOTHING: Final = Learned()
SUPPOSED: Final[ContextVar[Learned | None]] = ContextVar("supposed", default=None)


class LearnedNow:
    """The one place where a router's tiers find what has been learned; replaced as a whole, between two decisions."""

    def __init__(self, learned: Learned = NOTHING) -> None:
        self._learned = learned

    @property
    def now(self) -> Learned:
        """What counts here and now."""
        supposed = SUPPOSED.get()
        return self._learned if supposed is None else supposed

    def become(self, learned: Learned) -> None:
        """Lets something else count from now on."""
        self._learned = learned


@contextmanager
def supposing(learned: Learned) -> Iterator[None]:
    """Inside, tiers decide as if that had been learned; what runs beside it, such as other requests, does not."""
    token = SUPPOSED.set(learned)
    try:
        yield
    finally:
        SUPPOSED.reset(token)


def counting(corrections: Iterable[Correction], categories: Container[str]) -> list[Correction]:
    """Those that are not undone and whose category is there, in their order."""
    return [it for it in corrections if it.undone_at is None and it.category in categories]


def same(known: Sequence[Correction], wanted: Correction) -> Correction | None:
    """The one of those in effect, in their order, that counts for a text already, if it says what is wanted."""
    key = key_of(wanted.text)
    counts = next((it for it in reversed(known) if key_of(it.text) == key), None)
    return counts if counts is not None and counts.category == wanted.category else None


def conflicts(corrections: Iterable[Correction]) -> list[Conflict]:
    """Corrections of the same text, or nearly the same, to different categories; the newest pair first.

    `corrections` stand in the order in which they were made. Vectors of different encoders are
    not compared.
    """
    known = [Known(it) for it in corrections if it.undone_at is None]
    return [pair for place in reversed(range(len(known))) for pair in contradicted(known[place], known[:place])]


def conflicts_of(correction: Correction, others: Iterable[Correction]) -> list[Conflict]:
    """The conflicts of one correction with others that are in effect."""
    return contradicted(Known(correction), [Known(it) for it in others if it.undone_at is None])


def contradicted(later: Known, earlier: Iterable[Known]) -> list[Conflict]:
    """The pairs of `later` with those that say otherwise about the same text, or nearly the same."""
    pairs = ((it.correction, later.similarity(it)) for it in earlier if it.category != later.category)
    return [Conflict(correction, later.correction, near) for correction, near in pairs if near >= SAME]


class Known:
    """A correction with what it is compared by."""

    def __init__(self, correction: Correction) -> None:
        self.correction = correction
        self.category = correction.category
        self._key = key_of(correction.text)
        self._vector = unpacked(correction.vector)

    def similarity(self, other: Known) -> float:
        """1 for the same text, else the cosine, below 1; 0 when the two cannot be compared."""
        if self._key == other._key:
            return 1.0
        comparable = self.correction.encoder == other.correction.encoder and len(self._vector) == len(other._vector)
        return min(float(self._vector @ other._vector), 0.9999) if comparable else 0.0


def packed(vector: Vector) -> bytes:
    """A unit vector as it is kept."""
    return vector.astype(STORED).tobytes()


def unpacked(kept: bytes) -> Vector:
    """The unit vector that was kept, float32 [dimensions]."""
    return np.frombuffer(kept, STORED).astype(np.float32)


def quoted(text: str, most: int = QUOTED) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text[: 2 * most].split())
    return line if len(line) <= most else f"{line[:most]}…"
