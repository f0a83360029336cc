"""What each word adds to the sum of the fast tier's network, worked out once and remembered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.tiers import subwords

FIRST_ROWS: Final = 1024

Floats = NDArray[np.float32]


class WordRows:
    """The rows of words that have been met, float32 [words, D], and where each stands.

    `table` int8 [2^16, D] and `known` bool [2^16] are the network's, `scale` its unit. Words are
    only ever added, so those who read need no lock; who has too many starts afresh.
    """

    def __init__(self, table: NDArray[np.int8], scale: float, known: NDArray[np.bool_]) -> None:
        self._table = table
        self._scale = np.float32(scale)
        self._known = known
        self._places: dict[str, int] = {}
        self._new: list[bool] = []
        self._rows: Floats = np.empty((FIRST_ROWS, table.shape[1]), dtype=np.float32)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._places)

    def sum(self, words: Sequence[str]) -> tuple[Floats, float]:
        """The sum of some words' rows, float32 [D], and the share of them that training has not seen, 0..1."""
        try:
            found = list(map(self._places.__getitem__, words))
        except KeyError:
            found = self._learn(words)
        unknown = sum(map(self._new.__getitem__, found)) / len(found)
        return np.add.reduce(self._rows.take(found, axis=0), axis=0), unknown

    def _learn(self, words: Sequence[str]) -> list[int]:
        """The words' places, with those that were not met before."""
        with self._lock:
            for word in words:
                if word not in self._places:
                    place = len(self._places)
                    if place == len(self._rows):
                        self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
                    self._rows[place], known = self._row(word)
                    self._new.append(not known)
                    self._places[word] = place
            return [self._places[word] for word in words]

    def _row(self, word: str) -> tuple[Floats, bool]:
        """A word's own row plus that of its parts / sqrt(number of parts), float32 [D], and whether it is known."""
        own, pieces = subwords.bucket(word, subwords.WHOLE), subwords.parts(word)
        row: Floats = self._table[own] * self._scale
        if pieces:
            sums = np.add.reduce(self._table.take(pieces, axis=0), axis=0, dtype=np.float32)
            row += sums * (self._scale / np.float32(math.sqrt(len(pieces))))
        return row, bool(self._known[own])
