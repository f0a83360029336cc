"""Hashed n-grams: deterministic, distinct, bounded, and blind to what should not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tiers import ngrams


@given(st.text())
def test_any_text_gives_distinct_buckets_in_range(text: str) -> None:
    found = ngrams.buckets(text)
    assert len(set(found.tolist())) == len(found)
    assert all(0 <= bucket < ngrams.BUCKETS for bucket in found)
    assert np.array_equal(found, ngrams.buckets(text))


def test_known_buckets_stay_where_they_are() -> None:
    """The shipped head's weights are indexed by these: a changed hash would scramble it."""
    assert ngrams.buckets("draw a cat").tolist()[:6] == KNOWN


def test_case_digits_and_white_space_do_not_matter() -> None:
    assert np.array_equal(ngrams.buckets("What's  23*19?"), ngrams.buckets("what's 47*85?\n"))
    assert np.array_equal(ngrams.buckets("ﬁne"), ngrams.buckets("FINE"))


def test_blank_texts_have_no_features() -> None:
    assert len(ngrams.buckets("")) == len(ngrams.buckets(" \t\n")) == 0
    assert len(ngrams.weighted(ngrams.buckets(""), np.ones(ngrams.BUCKETS, dtype=np.float32))) == 0


def test_texts_that_share_words_share_features() -> None:
    cat, dog, sea = (set(ngrams.buckets(text).tolist()) for text in ("draw a cat", "draw a dog", "quantum foam"))
    assert len(cat & dog) > 3 * len(cat & sea)


def test_a_long_text_is_seen_by_its_head_and_tail() -> None:
    long = "summarise this " + "x" * 50_000 + " in blue"
    assert len(ngrams.folded(long)) <= ngrams.LONGEST + 1
    assert ngrams.folded(long).endswith("in blue")


def test_weights_have_unit_length() -> None:
    found = ngrams.buckets("draw a cat")
    weights = ngrams.weighted(found, np.linspace(0.5, 3, ngrams.BUCKETS, dtype=np.float32))
    assert float(weights @ weights) == pytest.approx(1.0, abs=1e-5)


KNOWN = [2056, 2156, 8716, 10886, 11844, 14008]
