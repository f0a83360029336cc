"""A message's vector and its nearest known utterances, worked out once for all tiers that look at them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Utterance
from pointsman.core.decision import Evidence
from pointsman.tiers.encoder import Encoder, Vector

# A neighbour's weight halves for every 0.05 of similarity that it lies behind the nearest: one
# stray close utterance cannot outvote four good ones, nor seven far ones a near-exact one.
HALVING = 0.05


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known utterance and its cosine similarity, -1..1, to what was asked about."""

    utterance: Utterance
    similarity: float


@dataclass(frozen=True, slots=True)
class Surrounding:
    """Where a message lies: its unit vector, float32 [dimensions], and its nearest utterances first.

    A text that the encoder cannot read has no neighbours and is not `legible`.
    """

    vector: Vector
    near: tuple[Neighbour, ...]
    legible: bool = True

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The neighbours as evidence for the trace."""
        return tuple(
            Evidence("utterance", item.utterance.text, item.utterance.category, round(item.similarity, 4))
            for item in self.near
        )

    @property
    def shares(self) -> dict[str, float]:
        """Each category's share of the neighbours' weight; the shares add up to 1."""
        weights: dict[str, float] = {}
        for item in self.near:
            weight: float = 0.5 ** ((self.near[0].similarity - item.similarity) / HALVING)
            weights[item.utterance.category] = weights.get(item.utterance.category, 0.0) + weight
        total = sum(weights.values())
        return {name: weight / total for name, weight in weights.items()}


def legible(utterances: Iterable[Utterance], encoder: Encoder) -> tuple[Utterance, ...]:
    """The utterances that the encoder can read; the others serve patterns, languages and n-grams only."""
    return tuple(utterance for utterance in utterances if encoder.legible(utterance.text))


class Surroundings:
    """Known utterances with their unit vectors, searched exhaustively (2,000 in 0.1 ms).

    The latest results are kept, so tiers that ask about the same message pay once.
    """

    def __init__(
        self,
        encoder: Encoder,
        utterances: Iterable[Utterance],
        vectors: NDArray[np.float32],
        *,
        k: int = 7,
        remembered: int = 256,
    ) -> None:
        self._encoder = encoder
        self._utterances: Sequence[Utterance] = list(utterances)
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._k = min(k, len(self._utterances))
        self._capacity = remembered
        self._latest: OrderedDict[str, Surrounding] = OrderedDict()

    def __len__(self) -> int:
        return len(self._utterances)

    def of(self, text: str) -> Surrounding:
        """The surrounding of a text."""
        known = self._latest.pop(text, None)
        if known is None:
            known = self._around(text)
        self._latest[text] = known
        if len(self._latest) > self._capacity:
            self._latest.popitem(last=False)
        return known

    def _around(self, text: str) -> Surrounding:
        vector = self._encoder.encode(text)
        return self.around(vector) if self._encoder.legible(text) else Surrounding(vector, (), legible=False)

    def around(self, vector: Vector) -> Surrounding:
        """The surrounding of a unit vector, float32 [dimensions]."""
        if not self._k:
            return Surrounding(vector, ())
        similarities = self._vectors @ vector
        top = np.argpartition(similarities, -self._k)[-self._k :]
        top = top[np.argsort(-similarities[top], kind="stable")]
        return Surrounding(vector, tuple(Neighbour(self._utterances[i], float(similarities[i])) for i in top))
