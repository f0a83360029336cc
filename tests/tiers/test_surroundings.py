"""Surroundings: exact search, shares of the vote, and a memory that is bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.category import Catalogue, Utterance
from pointsman.core.correction import Correction
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.learned import Learned, LearnedNow, packed
from pointsman.tiers.surroundings import Neighbour, Surrounding, Surroundings


def test_the_nearest_come_first_and_are_the_true_nearest() -> None:
    encoder = BagEncoder()
    known = [Utterance(f"word{i} word{i + 1}", "chat", "en") for i in range(50)]
    vectors = np.stack([encoder.encode(item.text) for item in known])
    near = Surroundings(encoder, known, vectors, k=5).of("word7 word8").near
    similarities = vectors @ encoder.encode("word7 word8")
    assert [item.similarity for item in near] == pytest.approx(sorted(similarities, reverse=True)[:5])
    assert near[0].utterance.text == "word7 word8"
    assert near[0].similarity == pytest.approx(1.0, abs=1e-5)


def test_a_text_is_encoded_once_and_the_memory_is_bounded(surroundings: Surroundings, encoder: BagEncoder) -> None:
    surroundings.of("a")
    surroundings.of("a")
    assert encoder.calls == 1
    for text in ("b", "c", "d", "e"):
        surroundings.of(text)
    surroundings.of("a")
    assert encoder.calls == 6


def test_fewer_utterances_than_k() -> None:
    encoder = BagEncoder()
    one = Surroundings(encoder, [Utterance("hi", "chat", "en")], encoder.encode("hi")[None], k=7)
    assert len(one.of("hi").near) == 1


def test_no_utterances() -> None:
    empty = Surroundings(BagEncoder(), [], np.empty((0, 64), dtype=np.float32))
    assert empty.of("hi").near == ()
    assert empty.of("hi").shares == {}
    assert len(empty) == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(-1, 1)), min_size=1, max_size=9))
def test_shares_add_up_to_one(votes: list[tuple[str, float]]) -> None:
    near = tuple(
        Neighbour(Utterance(name, name, "en"), similarity)
        for name, similarity in sorted(votes, key=lambda vote: -vote[1])
    )
    shares = Surrounding(np.zeros(1, dtype=np.float32), near).shares
    assert sum(shares.values()) == pytest.approx(1.0)
    assert set(shares) == {name for name, _ in votes}


def test_one_near_exact_neighbour_outvotes_six_far_ones() -> None:
    near = [Neighbour(Utterance("x", "chat", "en"), 0.99)]
    near += [Neighbour(Utterance("y", "image", "en"), 0.60) for _ in range(6)]
    shares = Surrounding(np.zeros(1, dtype=np.float32), tuple(near)).shares
    assert shares["chat"] > 0.9


def test_four_good_ones_outvote_one_that_is_slightly_closer() -> None:
    near = [Neighbour(Utterance("x", "chat", "en"), 0.72)]
    near += [Neighbour(Utterance("y", "image", "en"), 0.70) for _ in range(4)]
    shares = Surrounding(np.zeros(1, dtype=np.float32), tuple(near)).shares
    assert shares["image"] > 0.7


def taught(encoder: BagEncoder, *texts: str) -> Learned:
    return Learned(
        Correction(f"k{text}", text, "chat", encoder="bag", vector=packed(encoder.encode(text))) for text in texts
    )


def test_what_is_learned_is_a_neighbour_at_once_and_until_it_is_unlearned(
    encoder: BagEncoder, catalogue: Catalogue
) -> None:
    now = LearnedNow()
    vectors = np.stack([encoder.encode(utterance.text) for utterance in catalogue.utterances])
    around = Surroundings(encoder, catalogue.utterances, vectors, k=3, learned=now)
    before = around.of("draw the curtains")
    large = around._vectors
    now.become(taught(encoder, "draw the curtains"))
    nearest = around.of("draw the curtains").near[0]
    assert (nearest.source, nearest.utterance.category) == ("correction", "chat")
    assert nearest.similarity == pytest.approx(1.0, abs=1e-3)
    assert len(around.of("draw the curtains").near) == 3
    assert around.of("draw the curtains").evidence[0].kind == "correction"
    now.become(Learned())
    assert around.of("draw the curtains") is before
    assert around._vectors is large


def test_learning_encodes_nothing_again(encoder: BagEncoder) -> None:
    now = LearnedNow()
    around = Surroundings(encoder, [], np.empty((0, 64), dtype=np.float32), learned=now)
    around.of("draw the curtains")
    now.become(taught(encoder, "tell me a joke", "draw it"))
    encoder.calls = 0
    assert [item.utterance.text for item in around.of("draw the curtains").near] == ["draw it", "tell me a joke"]
    assert around.of("draw the curtains") is around.of("draw the curtains")
    assert encoder.calls == 0


def test_corrections_far_away_displace_no_neighbour(surroundings: Surroundings, encoder: BagEncoder) -> None:
    surroundings._learned.become(taught(encoder, "zyzzyva xylophone"))
    assert {item.source for item in surroundings.of("draw a cat").near[:2]} == {"utterance"}


def test_what_cannot_be_read_has_no_vector_and_no_neighbours(surroundings: Surroundings, encoder: BagEncoder) -> None:
    surroundings._learned.become(taught(encoder, "draw it"))
    assert surroundings.of("👍").near == ()
    assert surroundings.vector_of("👍") is None
    assert surroundings.vector_of("draw it") == pytest.approx(encoder.encode("draw it"))
