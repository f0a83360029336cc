"""What goes on from a command: all of it counts, not only the words that it was given with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.tiers.followups.conftest import CATALOGUE, alone

from pointsman.core.decision import Abstain, Answer, Slots
from pointsman.core.message import Attachment, Command, Message, Origin, Turn
from pointsman.tiers import slots
from pointsman.tiers.cascade import Cascade, Stage
from pointsman.tiers.commands import Heeder
from pointsman.tiers.followups import FollowUps
from pointsman.tiers.followups.antecedent import Wanted
from pointsman.tiers.followups.commanded import Commanded

HERE = Origin("discord", user="ann", channel="art", guild="g", session="1")
SHOWN = Turn("assistant", "", attachments=(Attachment("image/png", "https://cdn.example/1.png"),))
DRAWN: Slots = {"prompt": "a fox", "width": 512, "height": 768, "steps": 8, "style": "anime", "seed": 7}


@pytest.fixture
def tier() -> FollowUps:
    return FollowUps(alone, CATALOGUE, "talk", slots.find)


async def commanded(tier: FollowUps, text: str = "a fox", origin: Origin = HERE, **more: str | int) -> None:
    cascade = Cascade([Stage(tier, 0.5)], CATALOGUE, fallback="talk", find_slots=slots.find)
    picture = SHOWN.attachments if "job" in more else ()
    command = Command("picture", {**DRAWN, **more})
    await cascade.decide(Message(text, attachments=picture, origin=origin, command=command))


def then(tier: FollowUps, text: str, *between: Turn, origin: Origin = HERE, said: str = "a fox") -> Answer | Abstain:
    return tier.judge(Message(text, (Turn("user", said), SHOWN, *between), origin=origin))


def test_the_cascade_knows_whom_to_tell(tier: FollowUps) -> None:
    assert isinstance(tier, Heeder)


async def test_again_repeats_all_of_it(tier: FollowUps) -> None:
    await commanded(tier)
    made = then(tier, "again")
    assert isinstance(made, Answer)
    assert (made.category, made.slots, made.reason) == ("picture", DRAWN, 'repeats "a fox"')


async def test_a_wish_refines_it_and_the_rest_stays(tier: FollowUps) -> None:
    await commanded(tier)
    made = then(tier, "now in blue")
    assert isinstance(made, Answer)
    assert made.category == "picture"
    assert made.slots == {**DRAWN, "prompt": "a fox, in blue"}


async def test_and_what_was_refined_can_be_refined_again(tier: FollowUps) -> None:
    await commanded(tier)
    made = then(tier, "with a hat", Turn("user", "now in blue"), SHOWN)
    assert isinstance(made, Answer)
    assert made.slots == {**DRAWN, "prompt": "a fox, in blue, with a hat"}


async def test_somebody_else_in_the_channel_goes_on_from_it(tier: FollowUps) -> None:
    await commanded(tier)
    made = then(tier, "again", origin=replace(HERE, user="ben", session="2"))
    assert isinstance(made, Answer)
    assert made.slots == DRAWN


@pytest.mark.parametrize(
    "origin",
    [
        replace(HERE, channel="other"),
        replace(HERE, channel="", user="ben"),
        replace(HERE, surface="http"),
        replace(HERE, key="another"),
    ],
)
async def test_elsewhere_only_the_words_count(tier: FollowUps, origin: Origin) -> None:
    await commanded(tier)
    made = then(tier, "again", origin=origin)
    assert isinstance(made, Answer)
    assert (made.category, made.slots) == ("picture", {"prompt": "a fox"})


async def test_whose_words_they_were_is_no_part_of_them(tier: FollowUps) -> None:
    await commanded(tier)
    history = (Turn("user", "Ann: a fox", judged="a fox"), SHOWN)
    made = tier.judge(Message("Ben: now in blue", history, origin=HERE, judged="now in blue"))
    assert isinstance(made, Answer)
    assert made.slots == {**DRAWN, "prompt": "a fox, in blue"}


async def test_another_picture_is_not_made_of_the_same_one(tier: FollowUps) -> None:
    await commanded(tier, job="vary")
    made = then(tier, "again")
    assert isinstance(made, Answer)
    assert made.slots == DRAWN


async def test_words_that_differ_from_the_prompt_are_kept_beside_it(tier: FollowUps) -> None:
    await commanded(tier, "/draw prompt: a fox style: anime")
    made = then(tier, "again", said="/draw prompt: a fox style: anime")
    assert isinstance(made, Answer)
    assert made.slots == DRAWN


def test_the_latest_are_kept_and_without_the_words_that_the_turn_has() -> None:
    kept = Commanded(most=2)
    wanted = Wanted("picture", "image", {"prompt": "a fox", "seed": 7}, "")
    for text in ("a fox", "an owl", "a fox", "a bear"):
        kept.keep(Message(text, origin=HERE), replace(wanted, slots={"prompt": text, "seed": 7}))
    kept.keep(Message(" ", origin=HERE), wanted)
    assert kept.of(Message("an owl", origin=HERE)) is None
    assert kept.of(Message(" ", origin=HERE)) is None
    found = kept.of(Message("a fox ", origin=HERE))
    assert found is not None
    assert (found.slots, found.said) == ({"prompt": "a fox", "seed": 7}, "a fox")
    assert "fox" not in repr(kept._latest)
