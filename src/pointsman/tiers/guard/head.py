"""How much like an attack a sentence is: weights for the signs in it and for its n-grams, and their file."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.core.errors import ModelFileError
from pointsman.tiers import ngrams

GUARD_FILE: Final = "guard.npz"
REMAKE: Final = "reinstall Pointsman, or make the file again: pointsman train guard --data FILE"

# Four neighbouring buckets of the n-grams' 65,536 share a weight: 16,384 tell as much about one sentence.
FOLDED: Final = 2
BUCKETS: Final = ngrams.BUCKETS >> FOLDED
# More of a sentence says no more.
LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class GuardHead:
    """Logistic regression on two views of a sentence, joined at their logits.

    logit = bias + the weights of its signs + the mean weight of its n-grams, times the root of their number

    `signs` holds a weight by the sign's name, `grams` one a bucket, float32 [BUCKETS].
    """

    bias: float
    signs: Mapping[str, float]
    grams: NDArray[np.float32]

    def score(self, sentence: str, signs: Collection[str]) -> float:
        """P(an attack on the router or the model), 0..1; categories' names stand as NAMED in the sentence."""
        found = buckets(sentence)
        logit = self.bias + sum(self.signs.get(name, 0.0) for name in signs)
        if len(found):
            logit += float(self.grams[found].sum()) / math.sqrt(len(found))
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))

    def write(self, path: Path) -> None:
        """Saves the head; n-gram weights as float16, which moves no logit by more than 0.01."""
        np.savez_compressed(
            path,
            bias=np.array(self.bias),
            names=np.array(tuple(self.signs)),
            signs=np.array(tuple(self.signs.values()), dtype=np.float32),
            grams=self.grams.astype(np.float16),
        )

    @classmethod
    def read(cls, path: Path) -> GuardHead:
        """The head in a file. Raises ModelFileError when it is absent or damaged."""
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
                names = (str(name) for name in stored["names"])
                head = cls(
                    bias=float(stored["bias"]),
                    signs=dict(zip(names, stored["signs"].tolist(), strict=True)),
                    grams=stored["grams"].astype(np.float32),
                )
        except (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile) as error:
            raise ModelFileError(f"{path}: the guard's weights cannot be read: {error}", cure=REMAKE) from error
        if head.grams.shape != (BUCKETS,):
            raise ModelFileError(f"{path}: the guard's weights are of shape {head.grams.shape}", cure=REMAKE)
        return head


def buckets(sentence: str) -> NDArray[np.int64]:
    """The distinct buckets, ascending, that a sentence's n-grams fall into."""
    return np.unique(ngrams.buckets(sentence[:LONGEST]) >> FOLDED)
