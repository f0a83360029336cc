"""A message's vector and its nearest known utterances, worked out once for all tiers that look at them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Utterance
from pointsman.core.decision import Evidence
from pointsman.core.message import digest_of
from pointsman.tiers.encoder import Encoder, Reading, Vector
from pointsman.tiers.learned import Learned, LearnedNow

# A neighbour's weight halves for every 0.05 of similarity that it lies behind the nearest: one
# stray close utterance cannot outvote four good ones, nor seven far ones a near-exact one.
HALVING = 0.05


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known utterance and its cosine similarity, -1..1, to what was asked about.

    `source` is "utterance" for one of the catalogue's, "correction" for what a user taught.
    """

    utterance: Utterance
    similarity: float
    source: str = "utterance"


@dataclass(frozen=True)
class Surrounding:
    """Where a message lies: its unit vector, float32 [dimensions], and its nearest utterances first.

    A text that the encoder cannot read has no neighbours and is not `legible`. What several tiers ask of the
    neighbours is worked out once.
    """

    vector: Vector
    near: tuple[Neighbour, ...]
    legible: bool = True

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The neighbours as evidence for the trace."""
        return tuple(
            Evidence(item.source, item.utterance.text, item.utterance.category, round(item.similarity, 4))
            for item in self.near
        )

    @cached_property
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
    """Known utterances with their unit vectors, searched exhaustively (6,000 in 0.25 ms).

    The latest results are kept, so tiers that ask about the same message pay once. What users
    taught stands in a small matrix of its own, which changes at any time: it is searched when
    somebody asks (1,000 in 0.04 ms), so the large one is never copied.
    """

    def __init__(
        self,
        encoder: Encoder,
        utterances: Iterable[Utterance],
        vectors: NDArray[np.float32],
        *,
        k: int = 7,
        remembered: int = 256,
        learned: LearnedNow | None = None,
    ) -> None:
        self.encoder = encoder
        self._utterances: Sequence[Utterance] = list(utterances)
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._k = k
        self._capacity = remembered
        self._learned = learned or LearnedNow()
        self._latest: OrderedDict[bytes, Surrounding] = OrderedDict()
        self._joined: tuple[Surrounding, Learned, Surrounding] | None = None

    def __len__(self) -> int:
        return len(self._utterances)

    @property
    def fingerprint(self) -> str:
        """Names the encoder."""
        return self.encoder.fingerprint

    def vector_of(self, text: str) -> Vector | None:
        """The unit vector of a text; None when the encoder cannot read it."""
        surrounding = self.of(text)
        return surrounding.vector if surrounding.legible else None

    def knows(self, text: str) -> bool:
        """Whether a text was read lately, so that `of` takes no time."""
        return digest_of(text) in self._latest

    def of(self, text: str) -> Surrounding:
        """The surrounding of a text, with what has been learned by now."""
        key = digest_of(text)
        known = self._latest.pop(key, None)
        if known is None:
            known = self._around(text)
        self._latest[key] = known
        if len(self._latest) > self._capacity:
            self._latest.popitem(last=False)
        return self._with_learned(known, self._learned.now)

    def reading(self, text: str) -> Reading:
        """Everything that the encoder says about a text; free after `of`."""
        return self.encoder.read(text)

    def _around(self, text: str) -> Surrounding:
        vector = self.encoder.encode(text)
        return self.around(vector) if self.encoder.legible(text) else Surrounding(vector, (), legible=False)

    def around(self, vector: Vector) -> Surrounding:
        """The surrounding of a unit vector, float32 [dimensions], among the catalogue's utterances."""
        return Surrounding(vector, nearest(self._utterances, self._vectors, vector, self._k))

    def _with_learned(self, around: Surrounding, learned: Learned) -> Surrounding:
        """The surrounding with corrections among the neighbours; at the same distance, a correction comes first."""
        if not learned.utterances or not around.legible:
            return around
        joined = self._joined
        if joined is None or joined[0] is not around or joined[1] is not learned:
            taught = nearest(learned.utterances, learned.vectors, around.vector, self._k, "correction")
            near = sorted((*taught, *around.near), key=lambda item: -item.similarity)[: self._k]
            joined = self._joined = around, learned, Surrounding(around.vector, tuple(near))
        return joined[2]


def nearest(
    utterances: Sequence[Utterance], vectors: NDArray[np.float32], vector: Vector, k: int, source: str = "utterance"
) -> tuple[Neighbour, ...]:
    """The `k` utterances whose unit vectors, float32 [utterances, dimensions], are nearest to one, nearest first."""
    k = min(k, len(utterances))
    if not k:
        return ()
    similarities = vectors @ vector
    top = np.argpartition(similarities, -k)[-k:]
    top = top[np.argsort(-similarities[top], kind="stable")]
    return tuple(Neighbour(utterances[place], float(similarities[place]), source) for place in top)
