"""The training set in numbers: the same numbers that one message gets."""

from __future__ import annotations

import numpy as np
import pytest

from pointsman.tiers import ngrams
from pointsman.training.features import count_grams, unit_rows

TEXTS = ["draw the sea now", "draw a cat", "what is the price", "the price of the cat", "", "tell me a joke"]


def test_one_text_alone_gets_the_features_that_it_has_in_the_whole_set() -> None:
    counts, idf = count_grams(TEXTS)
    matrix = unit_rows(counts, idf)
    for place, text in enumerate(TEXTS):
        found = ngrams.buckets(text)
        alone = np.zeros(ngrams.BUCKETS, dtype=np.float32)
        alone[found] = ngrams.weighted(found, idf)
        assert matrix[place].toarray().ravel() == pytest.approx(alone, abs=1e-6)


def test_what_one_text_alone_has_counts_for_nothing() -> None:
    counts, idf = count_grams(["zebra", "cat", "cat"])
    seen = np.asarray(counts.sum(axis=0)).ravel()
    assert (idf[seen == 1] == 0).all()
    assert (idf[seen == 2] > 0).all()
