"""The decider: what an oracle is asked, and what is made of the probabilities that it gives."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from pointsman.core.category import Catalogue, Category
from pointsman.core.decision import Abstain, Answer
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message
from pointsman.tiers.calibration import Knots, Maps
from pointsman.tiers.decider import MOST_OPTIONS, Decider, Shares

FOX = Message("  draw a fox ")


class Gives:
    """An oracle that gives what it was told to give."""

    name = "cloudflare"

    def __init__(self, shares: Mapping[str, float] | ServiceFailed, model: str = "clef-flash") -> None:
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self._shares = shares
        self._model = model

    async def shares(self, text: str, options: Mapping[str, str]) -> Shares:
        self.asked.append((text, dict(options)))
        if isinstance(self._shares, ServiceFailed):
            raise self._shares
        return Shares(self._model, self._shares)


async def answer_of(decider: Decider, message: Message = FOX) -> Answer:
    verdict = await decider.judge(message)
    assert isinstance(verdict, Answer), verdict
    return verdict


async def test_the_oracle_sees_the_text_and_every_category_described(catalogue: Catalogue) -> None:
    oracle = Gives({"image": 0.97, "chat": 0.02, "facts": 0.01})
    answer = await answer_of(Decider(oracle, catalogue))
    assert oracle.asked == [("draw a fox", {"image": "pictures", "chat": "talk", "facts": "facts"})]
    assert (answer.category, answer.confidence, answer.path_confidence) == ("image", 0.97, 0.97)
    assert answer.margin == pytest.approx(0.94)
    assert answer.scores == {"image": 0.97, "chat": 0.02, "facts": 0.01}
    assert answer.reason == "cloudflare (clef-flash) gives image 0.97"


async def test_belief_is_summed_by_path(catalogue: Catalogue) -> None:
    answer = await answer_of(Decider(Gives({"image": 0.4, "chat": 0.35, "facts": 0.25}, model=""), catalogue))
    assert answer.category == "chat"
    assert answer.confidence == 0.35
    assert answer.path_confidence == pytest.approx(0.6)
    assert answer.reason == "cloudflare gives chat 0.35"


async def test_a_curve_may_be_given(catalogue: Catalogue) -> None:
    maps = Maps(path=Knots(((0.0, 0.0), (1.0, 0.5))))
    answer = await answer_of(Decider(Gives({"image": 0.8, "chat": 0.2}), catalogue, maps=maps))
    assert answer.path_confidence == pytest.approx(0.4)


async def test_of_a_long_message_it_sees_the_beginning_and_the_end(catalogue: Catalogue) -> None:
    oracle = Gives({"image": 1.0})
    text = "a" * 1500 + "b" * 3000 + "c" * 500
    await Decider(oracle, catalogue).judge(Message(text))
    assert oracle.asked[0][0] == "a" * 1500 + " … " + "c" * 500


async def test_descriptions_are_one_line_and_nameless_ones_their_name() -> None:
    oracle = Gives({"a_b": 1.0})
    catalogue = Catalogue([Category("a_b", "", "llm"), Category("c", "two\n  lines", "image")])
    await Decider(oracle, catalogue).judge(FOX)
    assert oracle.asked[0][1] == {"a_b": "a b", "c": "two lines"}


@pytest.mark.parametrize(
    ("given", "scores"),
    [
        ({"image": 0.9}, {"image": 0.9, "chat": 0.0, "facts": 0.0}),
        ({"image": 0.9, "other": 0.9}, {"image": 0.9, "chat": 0.0, "facts": 0.0}),
        ({"image": 0.9, "chat": math.nan, "facts": -1.0}, {"image": 0.9, "chat": 0.0, "facts": 0.0}),
        ({"image": 0.9, "chat": 0.9, "facts": 0.2}, {"image": 0.45, "chat": 0.45, "facts": 0.1}),
        ({"image": 97.0, "chat": 1.0}, {"image": 0.5, "chat": 0.5, "facts": 0.0}),
    ],
)
async def test_what_is_no_probability_makes_nobody_sure(
    catalogue: Catalogue, given: Mapping[str, float], scores: Mapping[str, float]
) -> None:
    assert (await answer_of(Decider(Gives(given), catalogue))).scores == pytest.approx(scores)


@pytest.mark.parametrize("given", [{}, {"image": 0.0}, {"other": 1.0}, {"image": math.inf}])
async def test_without_any_probability_it_abstains(catalogue: Catalogue, given: Mapping[str, float]) -> None:
    verdict = await Decider(Gives(given), catalogue).judge(FOX)
    assert verdict == Abstain("cloudflare (clef-flash) gives no category a probability")


@pytest.mark.parametrize("text", ["", " ", "👍"])
async def test_without_words_nobody_is_asked(catalogue: Catalogue, text: str) -> None:
    oracle = Gives({"image": 1.0})
    assert await Decider(oracle, catalogue).judge(Message(text)) == Abstain("there are no words in it")
    assert oracle.asked == []


@pytest.mark.parametrize(("count", "asked"), [(1, False), (2, True), (MOST_OPTIONS, True), (MOST_OPTIONS + 1, False)])
async def test_two_to_255_categories_can_be_asked_about(count: int, asked: bool) -> None:
    oracle = Gives({"c0": 1.0})
    catalogue = Catalogue([Category(f"c{place}", "d", "llm") for place in range(count)])
    verdict = await Decider(oracle, catalogue).judge(FOX)
    assert bool(oracle.asked) is asked is isinstance(verdict, Answer)
    assert asked or str(count) in verdict.reason


async def test_a_failure_is_passed_on(catalogue: Catalogue) -> None:
    error = ServiceFailed("server", "it broke", service="cloudflare")
    with pytest.raises(ServiceFailed, match="cloudflare: it broke"):
        await Decider(Gives(error), catalogue).judge(FOX)


def test_it_says_that_it_asks_somebody_else(catalogue: Catalogue) -> None:
    assert Decider(Gives({}), catalogue).remote
