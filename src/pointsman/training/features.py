"""A training set in numbers: centred vectors and weighted n-grams, the two views that the head joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pointsman.tiers import ngrams

RARE: Final = 2  # an n-gram bucket seen in fewer texts tells about those texts, not about language

Matrix = Any  # scipy's sparse matrices carry no useful types
Floats = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Views:
    """Vectors, centred and divided by their spread, [N, D], weighted n-grams [N, 2^16], labels [N]."""

    vectors: Floats
    grams: Matrix
    labels: Places


def count_grams(texts: Sequence[str]) -> tuple[Matrix, Floats]:
    """Which bucket stands in which text, [N, 2^16], and each bucket's inverse document frequency; rare ones get 0."""
    counts = buckets_of(texts)
    seen = np.asarray(counts.sum(axis=0)).ravel()
    idf = np.where(seen >= RARE, np.log((1 + len(texts)) / (1 + seen)) + 1, 0.0).astype(np.float32)
    return counts, idf


def buckets_of(texts: Sequence[str]) -> Matrix:
    """Which bucket stands in which text: ones in a sparse matrix [N, 2^16]."""
    from scipy import sparse

    found = [ngrams.buckets(text) for text in texts]
    pointers = np.cumsum([0, *(len(row) for row in found)])
    ones = np.ones(pointers[-1], dtype=np.float32)
    places = np.concatenate([np.empty(0, dtype=np.int64), *found])
    return sparse.csr_matrix((ones, places, pointers), shape=(len(texts), ngrams.BUCKETS))


def unit_rows(counts: Matrix, idf: Floats) -> Matrix:
    """The counts weighted by `idf`, each row scaled to unit length, as `ngrams.weighted` does for one text."""
    from scipy import sparse

    weighted = counts.multiply(idf).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return sparse.diags(1.0 / np.where(lengths == 0, 1.0, lengths)) @ weighted
