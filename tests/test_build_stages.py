"""How the tiers are wired: what their answers rest on, and what follow-ups lean on."""

from __future__ import annotations

import pytest

from pointsman.build import open_stages
from pointsman.config import intents
from pointsman.config.model import Config
from pointsman.config.tiers import FastTier, FollowUpsTier, PatternsTier, TasksTier, Tier
from pointsman.core.decision import Abstain, Answer
from pointsman.core.message import Message, Turn
from pointsman.tiers.cascade import Stage
from pointsman.tiers.head import Head
from pointsman.tiers.learned import LearnedNow
from pointsman.tiers.surroundings import Surroundings
from pointsman.tiers.watch import Watch, Watched

CATALOGUE = intents.load()


class Cuts:
    """A watch that leaves of a text what stands behind the last bar."""

    name = "guard"

    def watch(self, message: Message) -> Watched:
        return Watched(judged=message.text.rpartition("|")[2])


def stages_of(*tiers: Tier, watch: Watch | None = None) -> list[Stage]:
    def known() -> tuple[Head, Surroundings]:
        raise AssertionError("none of these tiers looks at the encoder")

    return open_stages(Config(tiers=tiers), CATALOGUE, known, LearnedNow(), {}, watch=watch)


def test_a_stage_says_what_its_tier_goes_by() -> None:
    stages = stages_of(TasksTier(), FollowUpsTier(), FastTier(), PatternsTier())
    assert {stage.tier.name: stage.goes_by for stage in stages} == {
        "tasks": "meaning",
        "followups": "meaning",
        "fast": "words",
        "patterns": "letter",
    }


@pytest.mark.parametrize("others", [(FastTier(), PatternsTier()), (PatternsTier(), FastTier())])
def test_follow_ups_ask_the_patterns_first_wherever_they_stand(others: tuple[Tier, ...]) -> None:
    followups = stages_of(FollowUpsTier(), *others)[0].tier
    history = (Turn("user", "what is the capital of Peru"), Turn("assistant", "Lima."))
    assert isinstance(followups.judge(Message("great, thanks!", history=history)), Abstain)


def test_follow_ups_see_of_earlier_turns_what_the_watch_leaves() -> None:
    message = Message("again", history=(Turn("user", "draw a cat|what is 17 * 24"), Turn("assistant", "Done.")))
    said = [stages_of(FollowUpsTier(), PatternsTier(), watch=watch)[0].tier.judge(message) for watch in (None, Cuts())]
    assert [it.category for it in said if isinstance(it, Answer)] == ["image_generation", "code_execution"]
