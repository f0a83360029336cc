"""The seam between the tiers and whatever turns text into vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one pass of the encoder says about a text.

    `vector` is its unit vector, float32 [dimensions], for comparing texts; `gist` the state of the
    first token, float32 [dimensions], which is tuned to say what the text wants; `states` one state a
    token, float32 [tokens, dimensions]; `spans` where each token stands in the text, as character
    offsets [start, end), (0, 0) for the marks that the tokenizer adds.
    """

    vector: Vector
    gist: Vector
    states: NDArray[np.float32]
    spans: tuple[tuple[int, int], ...]


class Encoder(Protocol):
    """Turns texts into vectors, one at a time."""

    @property
    def fingerprint(self) -> str:
        """Names model, pooling and tokenizer by content; vectors of different ones never meet in one index."""
        ...

    @property
    def dimensions(self) -> int:
        """How long a vector is."""
        ...

    def encode(self, text: str) -> Vector:
        """The unit vector of a text, float32 [dimensions]."""
        ...

    def read(self, text: str) -> Reading:
        """Everything that one pass over a text yields; the latest are kept, so that asking again is free."""
        ...

    def legible(self, text: str) -> bool:
        """Whether the encoder can read a text: vectors of texts that it cannot read are all alike."""
        ...
