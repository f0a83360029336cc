"""Fitting the head: it learns, it says what scikit-learn says, and its confidence means something."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers import subwords
from pointsman.tiers.fast import FastModel, Gate
from pointsman.tiers.head import Head
from pointsman.tiers.surroundings import Surroundings
from pointsman.training import head as training
from pointsman.training.head import Known
from pointsman.training.readings import Readings
from pointsman.training.rows import OWN, Row

WORDS = {
    "image": ("draw", "paint", "picture", "sketch", "portrait", "poster"),
    "chat": ("joke", "feel", "story", "poem", "bored", "chat"),
    "search": ("weather", "news", "price", "traffic", "tomorrow", "near"),
}
COMMON = ("the", "a", "please", "me", "of", "now", "cat", "sea", "city")


def rows() -> list[Row]:
    """Messages of own and common words; two sources, and one line in twelve has a wrong label."""
    chance = random.Random(7)
    made = []
    for number, category in zip(range(360), itertools.cycle(WORDS), strict=False):
        words = [*chance.sample(WORDS[category], 2), *chance.sample(COMMON, 3)]
        chance.shuffle(words)
        label = chance.choice(list(WORDS)) if number % 12 == 0 else category
        made.append(Row(" ".join(words), label, f"source{number % 2}"))
    return made


CATALOGUE = Catalogue(
    Category(
        name, name, "image" if name == "image" else "llm", utterances=tuple(Utterance(w, name, "en") for w in words)
    )
    for name, words in WORDS.items()
)


@pytest.fixture(scope="module")
def encoder() -> BagEncoder:
    return BagEncoder()


def known(encoder: BagEncoder, lines: list[Row]) -> Known:
    readings = [encoder.read(row.text) for row in lines]
    return Known(lines, Readings(np.stack([one.vector for one in readings]), np.stack([one.gist for one in readings])))


def ignorant() -> FastModel:
    """A fast model to which no word says anything."""
    table = np.zeros((subwords.BUCKETS, 2), dtype=np.int8)
    flat = np.zeros((len(CATALOGUE.names), 2), dtype=np.float32)
    none = np.zeros(len(CATALOGUE.names), dtype=np.float32)
    words = np.zeros(subwords.BUCKETS, dtype=bool)
    square, pair = np.zeros((2, 2), dtype=np.float32), np.zeros(2, dtype=np.float32)
    return FastModel(CATALOGUE.names, table, 1.0, square, pair, flat, none, words, Gate(0.0, 1.0, 0.0))


def fit(encoder: BagEncoder, lines: list[Row]) -> Head:
    own = Surroundings(encoder, CATALOGUE.utterances, np.stack([encoder.encode(u.text) for u in CATALOGUE.utterances]))
    learnt, unseen = known(encoder, lines[::2]), known(encoder, lines[1::2])
    return training.fit(learnt, unseen, CATALOGUE, fast=ignorant(), own=own, encoder=encoder)


@pytest.fixture(scope="module")
def fitted(encoder: BagEncoder) -> Head:
    return fit(encoder, [*rows(), *(Row(item.text, item.category, OWN) for item in CATALOGUE.utterances)])


@pytest.mark.parametrize(
    ("text", "category"),
    [("please paint the portrait now", "image"), ("tell me a joke poem", "chat"), ("price news near me", "search")],
)
def test_it_learns(fitted: Head, encoder: BagEncoder, text: str, category: str) -> None:
    logits = fitted.logits(encoder.read(text), text)
    assert fitted.categories[int(logits.argmax())] == category


def test_wrong_labels_keep_it_from_being_certain(fitted: Head) -> None:
    assert fitted.temperature > 0.5


def test_neighbours_are_surer_when_nearer_and_agreed(fitted: Head) -> None:
    sure, torn = fitted.neighbours.confidence(0.9, 1.0), fitted.neighbours.confidence(0.2, 0.4)
    assert sure > torn
    assert 0 < torn < sure < 1


def test_most_labelled_messages_are_in_scope(fitted: Head, encoder: BagEncoder) -> None:
    own = Surroundings(encoder, CATALOGUE.utterances, np.stack([encoder.encode(u.text) for u in CATALOGUE.utterances]))
    inside = 0
    for row in rows():
        surrounding = own.of(row.text)
        logit, similarity = fitted.scope_weights
        score = (
            logit * fitted.logits(encoder.read(row.text), row.text).max() + similarity * surrounding.near[0].similarity
        )
        inside += score >= fitted.scope
    assert inside >= 0.98 * len(rows())


def test_it_sees_the_gist_and_the_fast_model(fitted: Head) -> None:
    assert fitted.sees == "gist"
    assert fitted.fast is not None


def test_of_what_the_encoder_cannot_read_only_the_words_count(fitted: Head, encoder: BagEncoder) -> None:
    assert not fitted.logits(encoder.read("draw"), "draw", legible=False).any()
