"""What its writer wants kept in the house: nobody outside is asked what it wants."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest
from tests.tiers.test_cascade import CATALOGUE, Says, answer, found

from pointsman.core.decision import Abstain, Answer, Signal, Verdict
from pointsman.core.message import Message
from pointsman.testing.scripted_cloud import answer as said
from pointsman.testing.scripted_cloud import cloud, judged, remote, sure, unsure
from pointsman.testing.scripted_service import ScriptedSensor, ScriptedService
from pointsman.testing.stepped_time import SteppedTime
from pointsman.tiers.asking import KEPT_LOCAL
from pointsman.tiers.cascade import Cascade, Stage
from pointsman.tiers.cloud import Member
from pointsman.tiers.watch import Watched

HERE = Message("draw a fox", local=True)


class Elsewhere:
    """A tier that asks somebody outside."""

    name = "elsewhere"

    def __init__(self) -> None:
        self.asked = 0

    async def judge(self, message: Message) -> Verdict:
        del message
        self.asked += 1
        return answer("image_generation", 1.0)


class InTheHouse(Elsewhere):
    """One that asks a model in the house."""

    name = "in the house"
    remote = False


@pytest.fixture
def time() -> SteppedTime:
    return SteppedTime()


async def test_a_tier_that_asks_outside_is_passed_over_and_the_trace_says_why() -> None:
    outside, last = Elsewhere(), Says("last", answer("general_chat", 1.0))
    cascade = Cascade([Stage(outside, 0.5), Stage(last, 0.5)], CATALOGUE, find_slots=found)
    made = await cascade.decide(HERE)
    assert (made.tier, outside.asked) == ("last", 0)
    assert made.trace[0].verdict == KEPT_LOCAL
    assert "elsewhere" in made.explain()
    assert "kept local: the writer wants nothing to leave the house" in made.explain()
    assert (await cascade.decide(Message("draw a fox"))).tier == "elsewhere"


async def test_one_that_asks_a_model_of_the_house_is_asked() -> None:
    house = InTheHouse()
    made = await Cascade([Stage(house, 0.5)], CATALOGUE, find_slots=found).decide(HERE)
    assert (made.tier, house.asked) == ("in the house", 1)


async def test_a_watch_that_asks_somebody_is_not_asked_and_one_that_does_not_is() -> None:
    asked: list[str] = []

    class Abroad:
        name = "abroad"

        def watch(self, message: Message) -> Awaitable[Watched]:
            async def look() -> Watched:
                asked.append(message.text)
                return Watched()

            return look()

    class AtHome:
        name = "at home"

        def watch(self, message: Message) -> Watched:
            return Watched((Signal("noted", 1.0, message.text),))

    stages = [Stage(Says("last", answer("general_chat", 1.0)), 0.5)]
    await Cascade(stages, CATALOGUE, find_slots=found, watch=Abroad()).decide(HERE)
    assert asked == []
    made = await Cascade(stages, CATALOGUE, find_slots=found, watch=AtHome()).decide(HERE)
    assert [signal.name for signal in made.signals] == ["noted"]


class TestCloud:
    async def test_only_members_of_the_house_are_asked_and_no_sensor(self, time: SteppedTime) -> None:
        outside, house = ScriptedService(time, said("image", 0.95)), ScriptedService(time, said("chat", 0.9))
        sensor = ScriptedSensor(time, Signal("injection", 0.97, "prompt guard"))
        members = (remote("far", outside), Member("near", house, at_home=True))
        tier = cloud(time, *members, sensors=[sensor])
        verdict = await sure(tier, time, HERE)
        assert (verdict.category, outside.asked, sensor.sensed) == ("chat", [], [])
        assert verdict.signals == ()

    async def test_without_any_it_abstains(self, time: SteppedTime) -> None:
        outside = ScriptedService(time, said("image", 0.95))
        assert await unsure(cloud(time, remote("far", outside)), time, HERE) == KEPT_LOCAL
        assert outside.asked == []
        assert await unsure(cloud(time), time, HERE) == Abstain("no service is set up")

    async def test_the_cascade_leaves_it_to_the_tier(self, time: SteppedTime) -> None:
        house = ScriptedService(time, said("chat", 0.9))
        tier = cloud(time, Member("near", house, local=True))
        assert isinstance(await judged(tier, time, HERE), Answer)
        assert len(house.asked) == 1
