"""What the encoder says about many texts, kept from one fit to the next because it takes minutes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.tiers.encoder import Encoder

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Readings:
    """Unit vectors and gists of texts, both float32 [texts, dimensions]."""

    vectors: Floats
    gists: Floats

    def __getitem__(self, places: slice) -> Readings:
        return Readings(self.vectors[places], self.gists[places])


def read_all(texts: Sequence[str], encoder: Encoder, cache_folder: Path, tell: Callable[[str], None]) -> Readings:
    """The readings of texts, in order; a cache that cannot be read or written only costs time."""
    digest = hashlib.sha256("\0".join([encoder.fingerprint, *texts]).encode("utf-8", "replace")).hexdigest()
    cache = cache_folder / f"readings-{digest[:24]}.npz"
    with suppress(OSError, KeyError, ValueError, BadZipFile), cache.open("rb") as stream, np.load(stream) as stored:
        return Readings(stored["vectors"].astype(np.float32), stored["gists"].astype(np.float32))
    vectors = np.zeros((len(texts), encoder.dimensions), dtype=np.float16)
    gists = np.zeros_like(vectors)
    for place, text in enumerate(texts):
        reading = encoder.read(text)
        vectors[place], gists[place] = reading.vector, reading.gist
        if (place + 1) % 2000 == 0 or place + 1 == len(texts):
            tell(f"read {place + 1} of {len(texts)} messages")
    with suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, vectors=vectors, gists=gists)
    return Readings(vectors.astype(np.float32), gists.astype(np.float32))
