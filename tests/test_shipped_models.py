"""The model files that ship belong together, and to the categories that ship."""

from __future__ import annotations

import pytest

from pointsman.build import fast_model
from pointsman.config import intents
from pointsman.config.cache import packed_file, read
from pointsman.providers.encoders import MiniLm, models_folder
from pointsman.stores import vectors
from pointsman.tiers.head import HEAD_FILE, Head
from pointsman.tiers.surroundings import legible

REMEDY = "run: pointsman train head --data FILE"


@pytest.fixture(scope="module")
def encoder() -> MiniLm:
    return MiniLm()


def test_the_head_was_fitted_on_the_shipped_encoder_for_the_shipped_categories(encoder: MiniLm) -> None:
    head = Head.read(models_folder() / HEAD_FILE, encoder.fingerprint, fast_model)
    assert head.categories == intents.load().names, REMEDY


def test_every_shipped_utterance_has_its_vector(encoder: MiniLm) -> None:
    stored = vectors.read(models_folder() / vectors.SHIPPED, encoder.fingerprint)
    known = legible(intents.load().utterances, encoder)
    assert {vectors.key_of(utterance.text) for utterance in known} == set(stored), REMEDY


def test_a_shipped_vector_is_what_the_encoder_says(encoder: MiniLm) -> None:
    stored = vectors.read(models_folder() / vectors.SHIPPED, encoder.fingerprint)
    for utterance in legible(intents.load().utterances, encoder)[::200]:
        assert stored[vectors.key_of(utterance.text)] @ encoder.encode(utterance.text) > 0.98


def test_every_shipped_pattern_was_measured() -> None:
    for category in intents.load():
        for pattern in category.patterns:
            assert pattern.confidence != 0.8, f"{category.name}/{pattern.name}: run pointsman train patterns"


def test_the_shipped_categories_are_packed_as_they_are() -> None:
    sources = intents.sources_in(intents.shipped_folder())
    assert set(read(packed_file())) == {intents.key_of(source) for source in sources}, REMEDY
