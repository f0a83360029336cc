"""Which memories mean what a question means: their vectors' signs, kept in the process, then their vectors."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.stores.memory_table import CircleRow, Sketched, marks
from pointsman.tiers.encoder import Encoder, Vector

# The signs of 384 numbers take 48 bytes where the numbers take 1,536: 100,000 memories are 6 MB in the process instead
# of 154. The nearest by their signs are then compared by their whole vectors, which are read from the file: among 1,000
# of 100,000 stand 99 % of the nearest 5, among 400 96 % (bench/memory.py).
CANDIDATES: Final = 1_000
# How many memories are kept ready, 56 bytes each; those of the circles that were searched longest ago go first.
MOST_READY: Final = 500_000
# Below this cosine, memories have nothing to do with the question; of those that answer one, 2 % are below.
FLOOR: Final = 0.2
# An encoder reads the beginning and the end of a text only, so a long one is read in pieces of so many characters.
PIECE: Final = 120
MOST_PIECES: Final = 12


@dataclass(frozen=True, slots=True)
class Ready:
    """A circle's memories: their numbers [N], their signs as 64-bit words [words, N], and the state they are of.

    The words stand in rows, as counting the bits of 100,000 then takes 0.7 ms, and 3 ms where they stand in columns.
    """

    numbers: NDArray[np.int64]
    signs: NDArray[np.uint64]
    changed: int
    latest: int


class MemoryIndex:
    """The signs of the memories that were searched lately, brought up to date at every search."""

    def __init__(self) -> None:
        self._ready: OrderedDict[tuple[int, str], Ready] = OrderedDict()

    def nearest(
        self, connection: sqlite3.Connection, rows: Sequence[CircleRow], vector: Vector, encoder: str, limit: int
    ) -> list[tuple[int, float]]:
        """The memories nearest to a vector, with their cosines, the nearest first, among equals the latest."""
        asked = signs_of([sketch_of(vector)], len(vector))
        ready = [self._current(connection, row, encoder, len(vector)) for row in rows]
        self._let_go(len(ready))
        if not any(len(it.numbers) for it in ready):
            return []
        numbers = np.concatenate([it.numbers for it in ready])
        apart = np.concatenate([differing(it.signs, asked) for it in ready])
        if len(numbers) > CANDIDATES:
            numbers = numbers[np.argpartition(apart, CANDIDATES)[:CANDIDATES]]
        found, vectors = read_vectors(connection, numbers.tolist(), encoder, len(vector))
        cosines = vectors @ vector
        order = np.lexsort((-found, -cosines))
        return [(int(found[it]), float(cosines[it])) for it in order[:limit] if cosines[it] >= FLOOR]

    def _current(self, connection: sqlite3.Connection, row: CircleRow, encoder: str, dimensions: int) -> Ready:
        place = (row.number, encoder)
        ready = self._ready.pop(place, None)
        if ready is None or ready.changed != row.changed:
            ready = Ready(np.empty(0, np.int64), signs_of([], dimensions), row.changed, 0)
        new = connection.execute(
            "SELECT number, sketch FROM memories WHERE circle = ? AND encoder = ? AND number > ? ORDER BY number",
            (row.number, encoder, ready.latest),
        ).fetchall()
        if new:
            legible = [(number, sketch) for number, sketch in new if len(sketch) == -(-dimensions // 8)]
            ready = Ready(
                np.concatenate([ready.numbers, np.array([number for number, _ in legible], np.int64)]),
                np.concatenate([ready.signs, signs_of([sketch for _, sketch in legible], dimensions)], axis=1),
                row.changed,
                new[-1][0],
            )
        self._ready[place] = ready
        return ready

    def _let_go(self, in_use: int) -> None:
        total = sum(len(it.numbers) for it in self._ready.values())
        while total > MOST_READY and len(self._ready) > in_use:
            total -= len(self._ready.popitem(last=False)[1].numbers)


def read_vectors(
    connection: sqlite3.Connection, numbers: Sequence[int], encoder: str, dimensions: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The vectors of memories, float32 [found, dimensions], and whose they are."""
    rows = connection.execute(
        f"SELECT number, vector FROM memories WHERE number IN ({marks(numbers)}) AND encoder = ?",  # noqa: S608
        [*numbers, encoder],
    ).fetchall()
    rows = [(number, vector) for number, vector in rows if len(vector) == 4 * dimensions]
    whole = np.frombuffer(b"".join(vector for _, vector in rows), dtype="<f4").reshape(len(rows), dimensions)
    return np.array([number for number, _ in rows], np.int64), whole.astype(np.float32, copy=False)


def sketched(text: str, encoder: Encoder) -> Sketched:
    """What an encoder makes of a text; nothing but its fingerprint where it cannot read it."""
    if not encoder.legible(text):
        return Sketched(encoder.fingerprint)
    vector = np.sum([encoder.encode(piece) for piece in pieces_of(text)], axis=0)
    unit = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype("<f4")
    return Sketched(encoder.fingerprint, sketch_of(unit), unit.tobytes())


def pieces_of(text: str) -> Iterator[str]:
    """A text in pieces of whole words that an encoder reads from end to end; a short one is one piece."""
    piece, made = "", 0
    for word in text.split():
        if piece and len(piece) + len(word) >= PIECE:
            yield piece
            piece, made = "", made + 1
            if made == MOST_PIECES:
                return
        piece = f"{piece} {word}" if piece else word
    yield piece


def sketch_of(vector: Vector) -> bytes:
    """The signs of a vector, a bit each."""
    return np.packbits(vector > 0).tobytes()


def signs_of(sketches: Sequence[bytes], dimensions: int) -> NDArray[np.uint64]:
    """Sketches as 64-bit words [words, N], so that a comparison takes few steps."""
    width, used = -(-dimensions // 64) * 8, -(-dimensions // 8)
    signs = np.zeros((len(sketches), width), np.uint8)
    signs[:, :used] = np.frombuffer(b"".join(sketches), np.uint8).reshape(len(sketches), used)
    return np.ascontiguousarray(signs.view(np.uint64).T)


def differing(signs: NDArray[np.uint64], asked: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """How many bits of each of the signs [words, N] differ from those asked for [words, 1]; [N]."""
    total = np.zeros(signs.shape[1], np.uint16)
    for row, word in zip(signs, asked, strict=True):
        total += np.bitwise_count(row ^ word)
    return total
