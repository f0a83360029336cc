"""Vectors of utterances, kept on disk so that a start does not embed what is known already."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from pointsman.tiers.encoder import Encoder, Vector

SHIPPED = "utterances.npz"

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
            vectors = stored["vectors"].astype(np.float32)
            return dict(zip((str(key) for key in stored["keys"]), vectors, strict=True))
    except (OSError, KeyError, ValueError, EOFError, BadZipFile, AttributeError):
        return {}


def write(path: Path, fingerprint: str, vectors: Mapping[str, Vector]) -> None:
    """Replaces a vector file in one step; an unwritable folder only costs time at the next start."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as scratch:
            np.savez(
                scratch,
                fingerprint=np.array(fingerprint),
                keys=np.array(list(vectors)),
                vectors=np.stack(list(vectors.values())).astype(np.float16),
            )
        Path(scratch.name).chmod(0o644)  # a scratch file is private; this one may belong to a package
        Path(scratch.name).replace(path)
    except OSError:
        return


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
    and text; what had to be embedded is added to the cache.
    """
    known = read(shipped, encoder.fingerprint)
    cache = cache_folder / f"vectors-{encoder.fingerprint}.npz" if cache_folder else None
    missing = [text for text in texts if key_of(text) not in known]
    if missing and cache:
        known |= read(cache, encoder.fingerprint)
        missing = [text for text in texts if key_of(text) not in known]
    for done, text in enumerate(missing, 1):
        # Rounded as on disk, so that the first start and the second decide alike.
        known[key_of(text)] = encoder.encode(text).astype(np.float16).astype(np.float32)
        if progress:
            progress(done, len(missing))
    wanted = {key_of(text): known[key_of(text)] for text in texts}
    if missing and cache:
        write(cache, encoder.fingerprint, wanted)
    if not wanted:
        return np.empty((0, encoder.dimensions), dtype=np.float32)
    return np.stack([wanted[key_of(text)] for text in texts])
