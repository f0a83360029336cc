"""The tier of corrections: exact repeats, near repeats, and nothing that only looks alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pointsman.core.category import Catalogue, Utterance
from pointsman.core.correction import Correction
from pointsman.core.decision import Abstain, Answer
from pointsman.core.message import Message
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.corrections import EXACT, NEAR, Corrections
from pointsman.tiers.learned import Learned, LearnedNow, packed
from pointsman.tiers.surroundings import Surroundings


def taught(encoder: BagEncoder, *pairs: tuple[str, str]) -> Learned:
    return Learned(
        Correction(f"k{number}", text, category, encoder="bag", vector=packed(encoder.encode(text)))
        for number, (text, category) in enumerate(pairs, 1)
    )


def utterances(category: str, *texts: str) -> tuple[Utterance, ...]:
    return tuple(Utterance(text, category, "en") for text in texts)


@pytest.fixture
def tier(encoder: BagEncoder, surroundings: Surroundings) -> Corrections:
    learned = LearnedNow(
        taught(encoder, ("draw the curtains in my room", "chat"), ("👍", "chat"), ("draw a tiny red dog", "facts"))
    )
    encoder.calls = 0
    return Corrections(learned, surroundings, 0.84)


def test_without_corrections_it_costs_nothing(surroundings: Surroundings, encoder: BagEncoder) -> None:
    assert Corrections(LearnedNow(), surroundings, 0.84).judge(Message("draw a cat")) == Abstain(
        "nothing has been corrected"
    )
    assert encoder.calls == 0


@pytest.mark.parametrize("text", ["draw the curtains in my room", "  Draw the curtains, in my room!! "])
def test_an_exact_repeat_is_answered_without_the_encoder(tier: Corrections, encoder: BagEncoder, text: str) -> None:
    verdict = tier.judge(Message(text))
    assert isinstance(verdict, Answer)
    assert (verdict.category, verdict.confidence, verdict.margin) == ("chat", EXACT, 1.0)
    assert verdict.reason == "corrected as k1: this text is chat"
    assert (verdict.evidence[0].kind, verdict.evidence[0].text) == ("correction", "draw the curtains in my room")
    assert encoder.calls == 0


def test_what_the_encoder_cannot_read_is_known_by_its_text(tier: Corrections) -> None:
    verdict = tier.judge(Message("👍"))
    assert isinstance(verdict, Answer)
    assert isinstance(tier.judge(Message("👍👍👍")), Abstain)


def test_a_near_repeat_is_answered_with_the_text_that_it_is_near_to(tier: Corrections) -> None:
    verdict = tier.judge(Message("please draw the curtains in my room"))
    assert isinstance(verdict, Answer)
    assert (verdict.category, verdict.confidence) == ("chat", NEAR)
    assert 'near to what was corrected as k1: "draw the curtains in my room"' in verdict.reason


@pytest.mark.parametrize("text", ["draw the dog", "what is a quark", "draw the curtains of the theatre as a poster"])
def test_another_wording_is_passed_on(tier: Corrections, text: str) -> None:
    assert isinstance(tier.judge(Message(text)), Abstain)


def test_most_messages_are_passed_on_without_the_encoder(tier: Corrections, encoder: BagEncoder) -> None:
    assert tier.judge(Message("how do you feel")) == Abstain("no corrected text is worded like it")
    assert encoder.calls == 0


def test_a_like_wording_of_another_meaning_is_passed_on(tier: Corrections) -> None:
    """All words differ for this encoder, and nine letters in ten are the same."""
    verdict = tier.judge(Message("drawn thee curtain inn any rooms"))
    assert isinstance(verdict, Abstain)
    assert "< 0.84 near to what was corrected as k1" in verdict.reason


def test_a_known_utterance_of_another_category_that_is_nearer_wins(tier: Corrections) -> None:
    verdict = tier.judge(Message("draw a red dog"))
    assert isinstance(verdict, Abstain)
    assert '"draw a red dog" is nearer than what was corrected as k3' in verdict.reason


def test_at_one_only_exact_repeats_count(encoder: BagEncoder, surroundings: Surroundings) -> None:
    strict = Corrections(LearnedNow(taught(encoder, ("draw the curtains in my room", "chat"))), surroundings, 1.0)
    assert isinstance(strict.judge(Message("Draw the curtains in my room")), Answer)
    assert isinstance(strict.judge(Message("draw the curtains in my room now")), Abstain)


def own(catalogue: Catalogue, *names: str) -> Catalogue:
    """The catalogue with a user's own files of those names; that of chat knows what looks like it and is not."""
    chat = catalogue["chat"]
    near = (
        *utterances("facts", "explain the moon"),
        *utterances("gone", "gone"),
        *utterances("image", "How do you feel?"),
    )
    others = [category for category in catalogue if category.name != "chat"]
    return Catalogue([*others, replace(chat, near_misses=near)], own=names)


@pytest.mark.parametrize(
    ("text", "category"), [("Tell me a joke!", "chat"), ("explain  the moon", "facts"), ("what is a quark", "")]
)
def test_an_utterance_of_the_users_own_is_answered(
    catalogue: Catalogue, surroundings: Surroundings, encoder: BagEncoder, text: str, category: str
) -> None:
    for learned in (Learned(), taught(encoder, ("draw the curtains in my room", "chat"))):
        encoder.calls = 0
        verdict = Corrections(LearnedNow(learned), surroundings, 0.84, own(catalogue, "chat")).judge(Message(text))
        if category:
            assert isinstance(verdict, Answer)
            assert (verdict.category, verdict.confidence, verdict.margin) == (category, EXACT, 1.0)
            assert verdict.reason == f"an utterance of your own categories: this text is {category}"
            assert [it.kind for it in verdict.evidence] == ["utterance"]
        else:
            assert isinstance(verdict, Abstain)
        assert encoder.calls == 0


@pytest.mark.parametrize("text", ["gone", "how do you feel"])
def test_an_utterance_that_is_given_twice_or_to_nobody_says_nothing(
    catalogue: Catalogue, surroundings: Surroundings, text: str
) -> None:
    tier = Corrections(LearnedNow(), surroundings, 0.84, own(catalogue, "chat", "gone"))
    assert tier.judge(Message(text)) == Abstain("nothing has been corrected")


def test_a_correction_wins_over_an_utterance_of_the_users_own(
    catalogue: Catalogue, surroundings: Surroundings, encoder: BagEncoder
) -> None:
    learned = LearnedNow(taught(encoder, ("tell me a joke", "facts")))
    verdict = Corrections(learned, surroundings, 0.84, own(catalogue, "chat")).judge(Message("tell me a joke"))
    assert isinstance(verdict, Answer)
    assert (verdict.category, verdict.evidence[0].kind) == ("facts", "correction")


@pytest.mark.parametrize("text", ["", " \n", "?!", "x" * 1_000_000, "\ud800", "\x00"])
def test_any_text_is_judged(tier: Corrections, text: str) -> None:
    assert isinstance(tier.judge(Message(text)), Abstain)
