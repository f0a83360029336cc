"""Vectors of utterances, kept on disk so that a start does not embed what is known already."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.tiers.encoder import Encoder, Vector

SHIPPED = "utterances.npz"
# How many vectors the cache holds before it lets go of old ones; 384 numbers each, 20 MB in all.
CACHED = 50_000

Progress = Callable[[int, int], None]


def key_of(text: str) -> str:
    """Names a text by content."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def read(path: Path, fingerprint: str) -> dict[str, Vector]:
    """The vectors in a file that one encoder made; empty when it is absent, damaged or another encoder's."""
    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            if str(stored["fingerprint"]) != fingerprint:
                return {}
            vectors = unpacked(stored["vectors"], stored["steps"])
            return dict(zip((key.decode() for key in stored["keys"].tolist()), vectors, strict=True))
    except (OSError, KeyError, ValueError, EOFError, BadZipFile, AttributeError, TypeError):
        return {}


def write(path: Path, fingerprint: str, vectors: Mapping[str, Vector]) -> None:
    """Replaces a vector file in one step, and leaves nothing else behind. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers, steps = packed(np.stack(list(vectors.values())))
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez(
                stream,
                fingerprint=np.array(fingerprint),
                keys=np.array([key.encode() for key in vectors]),
                vectors=numbers,
                steps=steps,
            )
        scratch.chmod(0o644)  # a scratch file is private; this one may belong to a package
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def packed(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Vectors [N, D] in 8 bits, and how much one step is in each, [N]: a third of a percent off, at half the size."""
    steps = np.maximum(np.abs(vectors).max(axis=1), 1e-12).astype(np.float32) / np.float32(127)
    return np.round(vectors / steps[:, None]).astype(np.int8), steps


def unpacked(numbers: NDArray[np.int8], steps: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors that were packed, float32 [N, D]."""
    vectors: NDArray[np.float32] = numbers.astype(np.float32) * steps[:, None]
    return vectors


def vectors_for(
    texts: Sequence[str],
    encoder: Encoder,
    *,
    shipped: Path,
    cache_folder: Path | None,
    progress: Progress | None = None,
) -> NDArray[np.float32]:
    """One unit vector a text, float32 [texts, dimensions]; only texts that no file knows are embedded.

    Looks into the file that ships with Pointsman, then the user's cache, both keyed by encoder
    and text; what had to be embedded is added to the cache, beside what other catalogues left
    there. A cache that cannot be written to only costs time at the next start.
    """
    packaged = read(shipped, encoder.fingerprint)
    own = {key_of(text): text for text in texts if key_of(text) not in packaged}
    cache = cache_folder / f"vectors-{encoder.fingerprint}.npz" if cache_folder else None
    cached = read(cache, encoder.fingerprint) if own and cache else {}
    missing = [key for key in own if key not in cached]
    made: dict[str, Vector] = {}
    for done, key in enumerate(missing, 1):
        # Rounded as on disk, so that the first start and the second decide alike.
        made[key] = unpacked(*packed(encoder.encode(own[key])[None]))[0]
        if progress:
            progress(done, len(missing))
    if made and cache:
        used = {key: made[key] if key in made else cached[key] for key in own}
        others = {key: vector for key, vector in cached.items() if key not in used and key not in packaged}
        with suppress(OSError):
            write(cache, encoder.fingerprint, latest(others, CACHED - len(used)) | used)
    if not texts:
        return np.empty((0, encoder.dimensions), dtype=np.float32)
    known = packaged | cached | made
    return np.stack([known[key_of(text)] for text in texts])


class VectorLibrary:
    """Vectors that services made of utterances, in the user's cache folder: a file for each fingerprint.

    Two processes that embed at once each add to what the other has written; what one of them overwrites in the same
    moment is made again at its next start. Without a folder nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def load(self, fingerprint: str) -> dict[str, Vector]:
        """The vectors of one fingerprint, by the keys that they were saved under; none where that cannot be read."""
        return read(path, fingerprint) if (path := self._file(fingerprint)) else {}

    def save(self, fingerprint: str, vectors: Mapping[str, Vector]) -> dict[str, Vector]:
        """Adds vectors, all of one length, to the file, and gives all that are kept, rounded as they will be loaded.

        Those of another length are let go of: the model changed under its name. A folder that cannot be written to
        only costs time at the next start.
        """
        if not vectors:
            return self.load(fingerprint)
        new = dict(zip(vectors, unpacked(*packed(np.stack(list(vectors.values())))), strict=True))
        length = next(iter(new.values())).shape
        stored = {key: old for key, old in self.load(fingerprint).items() if old.shape == length and key not in new}
        kept = latest(stored, CACHED - len(new)) | new
        if path := self._file(fingerprint):
            with suppress(OSError):
                write(path, fingerprint, kept)
        return kept

    def _file(self, fingerprint: str) -> Path | None:
        """Where they are; a fingerprint names models, whose names hold slashes and colons."""
        return self._folder / f"service-{key_of(fingerprint)}.npz" if self._folder else None


def latest(stored: Mapping[str, Vector], count: int) -> dict[str, Vector]:
    """The last `count` vectors, in their order; what a start used was written last, so the longest unused go first."""
    return dict(list(stored.items())[max(0, len(stored) - max(0, count)) :])
