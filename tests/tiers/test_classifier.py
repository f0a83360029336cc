"""The classifier: sums belief by path, knows its limits, and reads only a head of its own encoder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.core.decision import Abstain, Answer
from pointsman.core.errors import ModelFileError
from pointsman.core.message import Message
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers import ngrams
from pointsman.tiers.classifier import Classifier
from pointsman.tiers.fast import FastModel
from pointsman.tiers.head import Head
from pointsman.tiers.neighbours import Calibration
from pointsman.tiers.surroundings import Surroundings


@pytest.fixture
def head(encoder: BagEncoder) -> Head:
    """A head by hand: each category points at the sum of its words; n-grams of "png" speak for pictures."""
    grams = np.zeros((ngrams.BUCKETS, 3), dtype=np.float32)
    grams[ngrams.buckets("png"), 0] = 3.0
    return Head(
        categories=("image", "chat", "facts"),
        fingerprint="bag",
        dense=8 * np.stack([encoder.encode(t) for t in ("draw a cat", "tell me joke", "what is quark")]),
        bias=np.zeros(3, dtype=np.float32),
        center=np.zeros(64, dtype=np.float32),
        scale=1.0,
        grams=grams,
        idf=np.ones(ngrams.BUCKETS, dtype=np.float32),
        mix=1.0,
        temperature=1.0,
        scope_weights=(1.0, 1.0),
        scope=-100.0,
        neighbours=Calibration(-8.0, 8.0, 4.0),
    )


def test_it_answers_with_probabilities_and_the_nearest_example(
    head: Head, surroundings: Surroundings, catalogue: Catalogue
) -> None:
    verdict = Classifier(head, surroundings, catalogue).judge(Message("draw a cat"))
    assert isinstance(verdict, Answer)
    assert verdict.category == "image"
    assert sum(verdict.scores.values()) == pytest.approx(1.0, abs=1e-5)
    assert verdict.scores["image"] == verdict.confidence == verdict.path_confidence
    assert 'like "draw a cat" (1.00)' in verdict.reason


def test_belief_is_summed_by_path_before_a_category_is_chosen(
    head: Head, surroundings: Surroundings, catalogue: Catalogue
) -> None:
    tied = replace(head, dense=np.zeros((3, 64), dtype=np.float32), bias=np.array([1.2, 1.0, 0.9], dtype=np.float32))
    verdict = Classifier(tied, surroundings, catalogue).judge(Message("hm"))
    assert isinstance(verdict, Answer)
    assert verdict.category == "chat"
    assert verdict.scores["image"] > verdict.confidence
    assert verdict.path_confidence == pytest.approx(verdict.scores["chat"] + verdict.scores["facts"])


def test_spelling_counts_beside_meaning(head: Head, surroundings: Surroundings, catalogue: Catalogue) -> None:
    without = Classifier(replace(head, mix=0.0), surroundings, catalogue).judge(Message("png"))
    with_grams = Classifier(head, surroundings, catalogue).judge(Message("png"))
    assert isinstance(without, Answer)
    assert isinstance(with_grams, Answer)
    assert with_grams.scores["image"] > without.scores["image"] + 0.1


def test_out_of_scope_abstains_and_says_what_it_leant_to(
    head: Head, surroundings: Surroundings, catalogue: Catalogue
) -> None:
    verdict = Classifier(replace(head, scope=100.0), surroundings, catalogue).judge(Message("draw a cat"))
    assert isinstance(verdict, Abstain)
    assert "out of scope" in verdict.reason
    assert verdict.leaning is not None
    assert verdict.leaning.category == "image"


def test_a_category_that_the_head_does_not_know_is_left_to_the_neighbours(head: Head, encoder: BagEncoder) -> None:
    utterances = (Utterance("play some music", "music", "en"), Utterance("draw a cat", "image", "en"))
    catalogue = Catalogue(
        [
            Category("image", "p", "image", utterances=utterances[1:]),
            Category("music", "m", "llm+tools", utterances=utterances[:1]),
        ]
    )
    vectors = np.stack([encoder.encode(item.text) for item in catalogue.utterances])
    classifier = Classifier(head, Surroundings(encoder, catalogue.utterances, vectors), catalogue)
    verdict = classifier.judge(Message("play some music"))
    assert isinstance(verdict, Abstain)
    assert "music" in verdict.reason
    assert isinstance(classifier.judge(Message("draw a cat")), Answer)


def test_categories_that_were_removed_get_no_belief(head: Head, encoder: BagEncoder) -> None:
    catalogue = Catalogue([Category("chat", "t", "llm", utterances=(Utterance("joke", "chat", "en"),))])
    vectors = np.stack([encoder.encode("joke")])
    verdict = Classifier(head, Surroundings(encoder, catalogue.utterances, vectors), catalogue).judge(Message("draw"))
    assert isinstance(verdict, Answer)
    assert verdict.scores == {"chat": 1.0}


def test_no_category_in_common_and_a_blank_message_abstain(
    head: Head, surroundings: Surroundings, catalogue: Catalogue
) -> None:
    strange = Classifier(head, surroundings, Catalogue([Category("music", "m", "llm")]))
    assert isinstance(strange.judge(Message("hi")), Abstain)
    assert isinstance(Classifier(head, surroundings, catalogue).judge(Message("\t")), Abstain)


def no_fast() -> FastModel:
    raise AssertionError("this head was fitted without a fast model")


@pytest.mark.parametrize("text", ["", "   ", "🙂", "?!"])
def test_without_words_there_is_nothing_but_talk(
    text: str, head: Head, surroundings: Surroundings, catalogue: Catalogue
) -> None:
    verdict = Classifier(head, surroundings, catalogue, "chat").judge(Message(text))
    assert isinstance(verdict, Answer)
    assert verdict.category == "chat"
    assert verdict.path_confidence > 0.9


def test_a_head_survives_its_file(head: Head, tmp_path: Path) -> None:
    head.write(tmp_path / "head.npz")
    read = Head.read(tmp_path / "head.npz", "bag", no_fast)
    reading = BagEncoder().read("draw a png")
    assert read.categories == head.categories
    assert read.neighbours == head.neighbours
    assert read.logits(reading, "draw a png") == pytest.approx(head.logits(reading, "draw a png"), abs=0.01)


def test_another_encoders_head_and_a_damaged_file_are_refused(head: Head, tmp_path: Path) -> None:
    head.write(tmp_path / "head.npz")
    with pytest.raises(ModelFileError, match="fitted on bag, not on other"):
        Head.read(tmp_path / "head.npz", "other", no_fast)
    (tmp_path / "broken.npz").write_bytes((tmp_path / "head.npz").read_bytes()[:500])
    with pytest.raises(ModelFileError, match="cannot be read"):
        Head.read(tmp_path / "broken.npz", "bag", no_fast)
    with pytest.raises(ModelFileError, match="cannot be read"):
        Head.read(tmp_path / "absent.npz", "bag", no_fast)
