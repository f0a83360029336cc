"""The general head: from lines alone to a classifier that knows its limits."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.core.decision import Abstain, Answer
from pointsman.core.errors import InvalidInput
from pointsman.core.message import Message
from pointsman.observe.detection import auroc, equal_mass_error
from pointsman.testing.bag_encoder import BagEncoder
from pointsman.tiers.classifier import Classifier
from pointsman.tiers.head import Head
from pointsman.tiers.neighbours import Neighbours
from pointsman.tiers.surroundings import Surroundings
from pointsman.training import general
from pointsman.training.features import Floats
from pointsman.training.linear import HeldOut
from pointsman.training.measure import Lines, guesses_of

INTENTS = {
    "balance": ("account", "balance", "money", "left", "savings"),
    "card": ("card", "lost", "stolen", "block", "wallet"),
    "travel": ("flight", "hotel", "trip", "seat", "airport"),
    "weather": ("rain", "sunny", "forecast", "umbrella", "cloudy"),
}
STRANGE = ("python", "kangaroo", "opera", "algebra", "volcano", "recipe", "violin", "glacier", "chess", "pyramid")
COMMON = ("please", "my", "the", "is", "what", "can", "you", "now", "about", "tell")


def lines(count: int, seed: int, *, wrong: float = 0.0) -> list[tuple[str, str]]:
    """Lines of two words of an intent among common ones; some with a label of another."""
    chance = random.Random(seed)
    made = []
    for _, intent in zip(range(count), itertools.cycle(INTENTS), strict=False):
        words = [*chance.sample(INTENTS[intent], 2), *chance.sample(COMMON, 2)]
        chance.shuffle(words)
        made.append((" ".join(words), chance.choice(list(INTENTS)) if chance.random() < wrong else intent))
    return made


def strange(count: int) -> list[str]:
    """Lines that no intent fits."""
    chance = random.Random(9)
    return [" ".join([*chance.sample(STRANGE, 2), *chance.sample(COMMON, 2)]) for _ in range(count)]


ENCODER = BagEncoder()


def seen(texts: list[str]) -> Lines:
    return Lines(texts, vectors(texts))


def vectors(texts: list[str]) -> Floats:
    return np.stack([ENCODER.encode(text) for text in texts])


def fitted(made: list[tuple[str, str]]) -> Head:
    texts = [text for text, _ in made]
    return general.fit(texts, [intent for _, intent in made], vectors(texts), ENCODER)


@pytest.fixture(scope="module")
def few() -> list[tuple[str, str]]:
    """Ten lines an intent."""
    return lines(40, 1)


@pytest.fixture(scope="module")
def head(few: list[tuple[str, str]]) -> Head:
    return fitted(few)


def test_ten_lines_an_intent_are_learnt(few: list[tuple[str, str]], head: Head) -> None:
    asked = lines(200, 2)
    made = guesses_of(head, vectors([text for text, _ in few]), seen([text for text, _ in asked]))
    right = [guess == intent for guess, (_, intent) in zip(made.intents, asked, strict=True)]
    assert np.mean(right) > 0.95


def test_what_no_intent_fits_looks_less_in_scope(few: list[tuple[str, str]], head: Head) -> None:
    known = vectors([text for text, _ in few])
    inside = guesses_of(head, known, seen([text for text, _ in lines(200, 2)])).scope
    outside = guesses_of(head, known, seen(strange(200))).scope
    assert auroc(inside, outside) > 0.95
    assert (inside < head.scope).mean() < 0.2
    assert (outside < head.scope).mean() > 0.5


def test_confidence_is_what_it_says_even_when_labels_are_wrong() -> None:
    taught = lines(400, 3, wrong=0.25)
    asked = lines(400, 4, wrong=0.25)
    texts = [text for text, _ in taught]
    made = guesses_of(fitted(taught), vectors(texts), seen([text for text, _ in asked]))
    right = np.array([guess == intent for guess, (_, intent) in zip(made.intents, asked, strict=True)])
    assert made.confidences is not None
    assert equal_mass_error(made.confidences, right, 5) < 0.1
    assert made.confidences.mean() < 0.92


def test_many_messages_at_once_get_what_each_gets_alone(few: list[tuple[str, str]], head: Head) -> None:
    """The measured figures are those of the tier that answers."""
    catalogue = Catalogue(
        Category(name, name, "llm", utterances=tuple(Utterance(text, name, "en") for text, it in few if it == name))
        for name in INTENTS
    )
    known = [utterance.text for utterance in catalogue.utterances]
    tier = Classifier(head, Surroundings(ENCODER, catalogue.utterances, vectors(known)), catalogue)
    texts = [text for text, _ in lines(12, 5)] + strange(12)
    made = guesses_of(head, vectors(known), seen(texts))
    assert made.confidences is not None
    for place, text in enumerate(texts):
        verdict = tier.judge(Message(text))
        answer = verdict if isinstance(verdict, Answer) else verdict.leaning
        assert answer is not None
        assert answer.category == made.intents[place]
        assert answer.confidence == pytest.approx(made.confidences[place], abs=1e-4)
        assert isinstance(verdict, Abstain) == bool(made.scope[place] < head.scope)


def test_categories_of_one_path_are_told_apart_by_themselves(few: list[tuple[str, str]], head: Head) -> None:
    """All intents being answered by the main model, a doubt between two of them is still a doubt."""
    catalogue = Catalogue(
        Category(name, name, "llm", utterances=tuple(Utterance(text, name, "en") for text, it in few if it == name))
        for name in INTENTS
    )
    known = Surroundings(ENCODER, catalogue.utterances, vectors([item.text for item in catalogue.utterances]))
    torn = Message("rain card")
    flat = replace(head, temperature=head.temperature * 3, scope=-99.0)
    for verdict in (
        Classifier(flat, known, catalogue).judge(torn),
        Neighbours(known, catalogue, head.neighbours).judge(torn),
    ):
        assert isinstance(verdict, Answer)
        assert verdict.path_confidence == verdict.confidence < 0.95
        assert verdict.margin < 0.95


def test_two_intents_and_one_line_of_a_third_are_enough() -> None:
    taught = [line for line in lines(40, 6) if line[1] in {"card", "travel"}] + [("rain forecast", "weather")]
    head = fitted(taught)
    assert head.categories == ("card", "travel", "weather")
    assert np.isfinite(head.bias).all()
    for text in ("block my card", "seat on the flight"):
        assert np.isfinite(head.logits(ENCODER.read(text), text)).all()


def test_lines_that_are_not_searched_teach_and_are_not_near_to_anything() -> None:
    """Labelled messages count for the weights; only utterances are searched when a message comes."""
    made = lines(120, 7)
    texts, intents = [text for text, _ in made], [intent for _, intent in made]
    own = np.arange(120) < 20
    every = general.fit(texts, intents, vectors(texts), ENCODER)
    some = general.fit(texts, intents, vectors(texts), ENCODER, own=own)
    assert some.dense == pytest.approx(every.dense)
    assert some.scope < every.scope
    none = general.fit(texts, intents, vectors(texts), ENCODER, own=own & False)
    assert np.isfinite([none.scope, *none.scope_weights]).all()
    assert 0 < none.neighbours.confidence(0.9, 1.0) < 1


def test_what_the_encoder_cannot_read_is_learnt_by_its_spelling() -> None:
    made = [(f"{text} 👍", intent) for text, intent in lines(80, 8)]
    head = fitted(made)
    assert np.isfinite([head.scope, *head.scope_weights, head.temperature]).all()
    assert (
        head.categories[
            int(head.logits(ENCODER.read("block my stolen card 👍"), "block my stolen card 👍", legible=False).argmax())
        ]
        == "card"
    )


@pytest.mark.parametrize(
    ("made", "what"),
    [
        ([("a", "one"), ("b", "one")], "fewer than two categories"),
        ([("a", "one"), ("b", "two")], "no category has two"),
    ],
)
def test_too_little_to_learn_from_is_said(made: list[tuple[str, str]], what: str) -> None:
    with pytest.raises(InvalidInput, match=what) as caught:
        fitted(made)
    assert caught.value.cure


@pytest.mark.parametrize(("dense_is_good", "expected"), [(True, "usual"), (False, "more")])
def test_spelling_counts_more_only_where_it_clearly_fits_better(dense_is_good: bool, expected: str) -> None:
    chance = np.random.default_rng(1)
    labels = np.arange(300) % 3
    good = 4.0 * np.eye(3)[labels] + chance.normal(0, 1, (300, 3))
    noise = chance.normal(0, 2, (300, 3))
    held = HeldOut(np.arange(300), good if dense_is_good else noise, good, labels)
    mix = general.choose_mix(held, 0.3)
    usual = 0.3 * held.dense.std() / held.grams.std()
    assert (mix == pytest.approx(usual)) == (expected == "usual")
    assert mix >= usual - 1e-9
