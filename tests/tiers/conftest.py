"""Shared by the tests of the tiers: a small catalogue and its surroundings."""

from __future__ import annotations

import numpy as np
import pytest

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.surroundings import Surroundings


def utterances(category: str, *texts: str) -> tuple[Utterance, ...]:
    return tuple(Utterance(text, category, "en") for text in texts)


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(
        [
            Category("image", "pictures", "image", utterances=utterances("image", "draw a cat", "draw a red dog")),
            Category("chat", "talk", "llm", utterances=utterances("chat", "tell me a joke", "how do you feel")),
            Category("facts", "facts", "llm", utterances=utterances("facts", "what is a quark")),
        ]
    )


@pytest.fixture
def encoder() -> BagEncoder:
    return BagEncoder()


@pytest.fixture
def surroundings(catalogue: Catalogue, encoder: BagEncoder) -> Surroundings:
    vectors = np.stack([encoder.encode(utterance.text) for utterance in catalogue.utterances])
    encoder.calls = 0
    return Surroundings(encoder, catalogue.utterances, vectors, k=3, remembered=4)
