"""The neighbours tier: answers by vote, explains by utterances, abstains with nothing to compare."""

from __future__ import annotations

import numpy as np

from pointsman.core.category import Catalogue
from pointsman.core.correction import Correction
from pointsman.core.decision import Abstain, Answer
from pointsman.core.message import Message
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.learned import Learned, packed
from pointsman.tiers.neighbours import Calibration, Neighbours
from pointsman.tiers.surroundings import Surroundings

CALIBRATION = Calibration(bias=-8.0, nearest=8.0, share=4.0)


def test_an_utterance_is_recognised_with_its_neighbours_as_evidence(
    surroundings: Surroundings, catalogue: Catalogue
) -> None:
    verdict = Neighbours(surroundings, catalogue, CALIBRATION).judge(Message("draw a cat"))
    assert isinstance(verdict, Answer)
    assert verdict.category == "image"
    assert verdict.confidence > 0.9
    assert verdict.evidence[0].text == "draw a cat"
    assert verdict.evidence[0].score == 1.0
    assert verdict.language == "en"
    assert '"draw a cat"' in verdict.reason


def test_votes_of_one_path_add_up(surroundings: Surroundings, catalogue: Catalogue) -> None:
    verdict = Neighbours(surroundings, catalogue, CALIBRATION).judge(Message("tell me what is a joke quark"))
    assert isinstance(verdict, Answer)
    assert verdict.path_confidence > verdict.confidence


def test_far_from_everything_is_unsure(surroundings: Surroundings, catalogue: Catalogue) -> None:
    verdict = Neighbours(surroundings, catalogue, CALIBRATION).judge(Message("zyzzyva xylophone"))
    assert isinstance(verdict, Answer)
    assert verdict.path_confidence < 0.5
    assert verdict.language == ""


def test_a_blank_message_and_an_empty_index_abstain(surroundings: Surroundings, catalogue: Catalogue) -> None:
    neighbours = Neighbours(surroundings, catalogue, CALIBRATION)
    assert neighbours.judge(Message(" \n ")) == neighbours.judge(Message("👍!")) == Abstain("there are no words in it")
    nothing = Surroundings(BagEncoder(), [], np.empty((0, 64), dtype=np.float32))
    assert isinstance(Neighbours(nothing, catalogue, CALIBRATION).judge(Message("hi")), Abstain)


def test_what_the_encoder_cannot_read_has_no_neighbours(surroundings: Surroundings, catalogue: Catalogue) -> None:
    """All emoji have the same vector: without this, every one of them is near-exactly like any other."""
    verdict = Neighbours(surroundings, catalogue, CALIBRATION).judge(Message("👍👍1"))
    assert isinstance(verdict, Abstain)
    assert "cannot read" in verdict.reason


def test_a_correction_votes_like_an_utterance_and_is_named_as_one(
    surroundings: Surroundings, catalogue: Catalogue, encoder: BagEncoder
) -> None:
    text = "draw the curtains"
    taught = Correction("k1", text, "chat", encoder="bag", vector=packed(encoder.encode(text)))
    surroundings._learned.become(Learned([taught]))
    verdict = Neighbours(surroundings, catalogue, CALIBRATION).judge(Message("draw those curtains"))
    assert isinstance(verdict, Answer)
    assert verdict.category == "chat"
    assert (verdict.evidence[0].kind, verdict.evidence[0].text) == ("correction", text)
