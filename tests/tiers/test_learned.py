"""What has been learned: the latest counts, contradictions are found, and a supposition stays where it is made."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from pointsman.core.correction import Correction
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.learned import (
    QUOTED,
    Learned,
    LearnedNow,
    conflicts,
    conflicts_of,
    counting,
    packed,
    quoted,
    supposing,
    unpacked,
)
from pointsman.tiers.wording import key_of

ENCODER = BagEncoder()


def correction(number: int, text: str, category: str, *, encoder: str = "bag", undone: bool = False) -> Correction:
    vector = packed(ENCODER.encode(text.lower())) if encoder else b""
    return Correction(f"k{number}", text, category, undone_at=1.0 if undone else None, encoder=encoder, vector=vector)


def test_of_several_for_one_text_the_latest_counts() -> None:
    learned = Learned(
        [correction(1, "Draw it", "chat"), correction(2, "hi", "chat"), correction(3, "draw it!", "image")]
    )
    found = learned.exact(key_of("DRAW IT"))
    assert found is not None
    assert found.id == "k3"
    assert len(learned) == 2
    assert [utterance.category for utterance in learned.utterances] == ["image", "chat"]


def test_what_the_encoder_could_not_read_counts_for_the_same_text_only() -> None:
    learned = Learned([correction(1, "👍", "chat", encoder=""), correction(2, "draw it", "image")])
    assert learned.exact(key_of("👍")) is not None
    assert [utterance.text for utterance in learned.utterances] == ["draw it"]
    assert learned.vectors.shape == (1, 64)


def test_wording_is_searched() -> None:
    learned = Learned([correction(1, "draw me a fox", "image"), correction(2, "tell me a joke", "chat")])
    ((found, part),) = learned.worded_like(key_of("Draw me a fox please"), 0.7)
    assert found.id == "k1"
    assert 0.7 <= part < 1


def test_a_vector_is_kept_as_half_floats() -> None:
    vector = ENCODER.encode("draw it")
    assert len(packed(vector)) == 2 * len(vector)
    assert unpacked(packed(vector)).dtype == np.float32
    assert unpacked(packed(vector)) == pytest.approx(vector, abs=1e-3)
    assert len(unpacked(b"")) == 0


def test_undone_ones_and_those_of_lost_categories_do_not_count() -> None:
    known = [correction(1, "a", "chat"), correction(2, "b", "gone"), correction(3, "c", "chat", undone=True)]
    assert [it.id for it in counting(known, {"chat"})] == ["k1"]


def test_contradictions_are_the_same_text_or_nearly_so_in_different_categories() -> None:
    known = [
        correction(1, "draw the red fox now", "image"),
        correction(2, "Draw the red fox, now!", "chat"),
        correction(3, "now draw the red fox", "chat"),
        correction(4, "draw the red fox NOW", "image", undone=True),
        correction(5, "tell me a joke", "image"),
    ]
    found = conflicts(known)
    assert [(it.earlier.id, it.later.id) for it in found] == [("k1", "k3"), ("k1", "k2")]
    assert [it.same for it in found] == [False, True]
    assert [it.earlier.id for it in conflicts_of(known[2], known)] == ["k1"]


def test_vectors_of_different_encoders_never_meet() -> None:
    known = [correction(1, "draw the red fox now", "image"), correction(2, "now draw the red fox", "chat", encoder="x")]
    assert conflicts(known) == []


def test_a_supposition_is_seen_inside_only_and_not_by_what_runs_beside_it() -> None:
    now = LearnedNow()
    supposed = Learned([correction(1, "a", "chat")])

    async def beside() -> int:
        return len(now.now)

    async def suppose() -> tuple[int, int, int]:
        other = asyncio.ensure_future(beside())
        with supposing(supposed):
            await asyncio.sleep(0)
            return len(now.now), await other, len(Learned())

    assert asyncio.run(suppose()) == (1, 0, 0)
    assert len(now.now) == 0
    with supposing(supposed):
        now.become(Learned([correction(1, "a", "chat"), correction(2, "b", "chat")]))
        with supposing(Learned()):
            assert len(now.now) == 0
        assert len(now.now) == 1
    assert len(now.now) == 2


def test_a_quotation_is_short_and_on_one_line() -> None:
    assert quoted(" a\n b ") == "a b"
    assert quoted("x" * 1_000_000) == "x" * QUOTED + "…"
