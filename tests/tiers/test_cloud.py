"""The cloud stage: who is asked in which order, and what is made of what they say."""

from __future__ import annotations

import asyncio
import logging
from inspect import iscoroutinefunction
from typing import get_args

import pytest

from pointsman.core.decision import Abstain, Answer, Signal, Slots, Verdict
from pointsman.core.errors import ModelFailed
from pointsman.core.faults import TREATMENTS, FaultKind
from pointsman.core.message import Message
from pointsman.testing.scripted_cloud import CATALOGUE, FOX, answer, cloud, failed, judged, remote, sure, unsure
from pointsman.testing.scripted_service import ScriptedSensor, ScriptedService
from pointsman.testing.stepped_time import SteppedTime
from pointsman.tiers.cascade import Bars, Cascade, Stage
from pointsman.tiers.cloud import GRACE, Cloud, Member

SIGNAL = Signal("injection", 0.97, "prompt guard")


@pytest.fixture
def time() -> SteppedTime:
    return SteppedTime()


class TestOrder:
    async def test_the_first_that_is_sure_decides_and_the_next_is_not_asked(self, time: SteppedTime) -> None:
        first, second = ScriptedService(time, answer("image", 0.95)), ScriptedService(time, answer("chat", 1.0))
        verdict = await sure(cloud(time, remote("first", first), remote("second", second)), time)
        assert (verdict.category, verdict.confidence, verdict.reason) == ("image", 0.95, "it says so")
        assert second.asked == []

    async def test_one_that_fails_is_passed_over_and_the_reason_tells_all_of_it(self, time: SteppedTime) -> None:
        first = ScriptedService(time, failed("quota_exhausted", "quota exhausted until 00:05 UTC", "cloudflare"))
        second = ScriptedService(time, answer("chat", 0.8, "groq (openai/gpt-oss-20b) says chat"))
        verdict = await sure(cloud(time, remote("cloudflare", first), remote("groq", second)), time)
        assert verdict.reason == ("cloudflare: quota exhausted until 00:05 UTC; groq (openai/gpt-oss-20b) says chat")

    @pytest.mark.parametrize("kind", get_args(FaultKind))
    async def test_what_every_service_would_refuse_is_not_asked_again(self, time: SteppedTime, kind: FaultKind) -> None:
        second = ScriptedService(time, answer("chat", 0.8))
        tier = cloud(time, remote("first", ScriptedService(time, failed(kind))), remote("second", second))
        verdict = await judged(tier, time)
        assert isinstance(verdict, Answer) is bool(second.asked) is TREATMENTS[kind].failover
        assert verdict.reason.startswith("first: it broke")

    async def test_when_all_fail_it_abstains_with_every_reason(self, time: SteppedTime) -> None:
        first, second = (
            ScriptedService(time, failed()),
            ScriptedService(time, failed("auth", "the key is wrong", "second")),
        )
        verdict = await unsure(cloud(time, remote("first", first), remote("second", second)), time)
        assert verdict == Abstain("first: it broke; second: the key is wrong")

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            (Abstain("300 categories are too many"), "first: 300 categories are too many"),
            (Abstain("first (m) gives nothing"), "first (m) gives nothing"),
            (ModelFailed("it strayed"), "first: it strayed"),
            (TimeoutError(), "first: took too long"),
            (asyncio.CancelledError(), "first: broke off"),
        ],
    )
    async def test_whatever_is_no_answer_leads_on(
        self, time: SteppedTime, said: Verdict | BaseException, told: str
    ) -> None:
        tier = cloud(
            time,
            remote("first", ScriptedService(time, said)),
            remote("second", ScriptedService(time, answer("chat", 0.8))),
        )
        assert (await sure(tier, time)).reason == f"{told}; it says so"

    async def test_a_bug_leads_on_too_and_its_words_are_written_nowhere(
        self, time: SteppedTime, caplog: pytest.LogCaptureFixture
    ) -> None:
        tier = cloud(time, remote("first", ScriptedService(time, KeyError("draw a fox"))))
        with caplog.at_level(logging.ERROR):
            verdict = await unsure(tier, time)
        assert verdict.reason == "first: an unforeseen KeyError"
        assert "the member first failed with KeyError" in caplog.text
        assert "a fox" not in caplog.text

    async def test_a_member_may_answer_at_once(self, time: SteppedTime) -> None:
        class AtOnce:
            name = "at once"

            def judge(self, message: Message) -> Verdict:
                return answer("chat", 0.8, message.text)

        assert (await sure(cloud(time, Member("first", AtOnce())), time)).reason == "draw a fox"


class TestBars:
    async def test_below_the_bar_the_next_is_asked_and_the_unsure_answer_is_kept(self, time: SteppedTime) -> None:
        first, second = (
            ScriptedService(time, answer("chat", 0.5, "one says chat")),
            ScriptedService(time, failed(service="second")),
        )
        verdict = await unsure(cloud(time, remote("first", first), remote("second", second)), time)
        assert verdict.reason == "chat 0.50 < 0.60, one says chat; second: it broke"
        assert verdict.leaning == answer("chat", 0.5, "one says chat")

    async def test_two_unsure_answers_on_one_path_back_each_other(self, time: SteppedTime) -> None:
        first, second = (
            ScriptedService(time, answer("chat", 0.5, "one says chat")),
            ScriptedService(time, answer("facts", 0.4)),
        )
        verdict = await sure(cloud(time, remote("first", first), remote("second", second)), time)
        assert verdict.category == "facts"
        assert verdict.path_confidence == pytest.approx(1 - 0.5 * 0.6)
        assert verdict.confidence == pytest.approx(0.4), "another category of the path does not speak for this one"
        assert verdict.reason == ("chat 0.50 < 0.60, one says chat; it says so, backed by first (chat 0.50)")

    async def test_the_same_category_gains_too(self, time: SteppedTime) -> None:
        tier = cloud(time, *(remote(name, ScriptedService(time, answer("image", 0.7))) for name in ("first", "second")))
        verdict = await sure(tier, time)
        assert verdict.confidence == verdict.path_confidence == pytest.approx(0.91)

    async def test_answers_on_two_paths_help_nobody_and_the_likelier_is_the_leaning(self, time: SteppedTime) -> None:
        said = [answer("image", 0.5), answer("chat", 0.4), answer("memory", 0.3)]
        tier = cloud(time, *(remote(str(place), ScriptedService(time, one)) for place, one in enumerate(said)))
        verdict = await unsure(tier, time)
        assert verdict.leaning is not None
        assert (verdict.leaning.category, verdict.leaning.path_confidence) == ("image", 0.5)
        assert verdict.reason.count("; ") == 2

    async def test_the_local_leaning_backs_an_answer_on_its_path(self, time: SteppedTime) -> None:
        leaning = answer("image", 0.6)
        tier = cloud(time, remote("first", ScriptedService(time, answer("image", 0.8))), leaning=lambda _: leaning)
        verdict = await sure(tier, time)
        assert verdict.path_confidence == pytest.approx(0.92)
        assert verdict.reason == "it says so, backed by the local tiers (image 0.60)"

    async def test_a_sure_answer_is_left_as_it_is(self, time: SteppedTime) -> None:
        leaning = answer("chat", 0.9)
        tier = cloud(time, remote("first", ScriptedService(time, answer("chat", 0.6))), leaning=lambda _: leaning)
        assert await sure(tier, time) == answer("chat", 0.6)

    @pytest.mark.parametrize("leaning", [answer("chat", 0.9), Abstain("out of scope", answer("image", 0.9))])
    async def test_a_leaning_elsewhere_or_one_that_abstained_backs_nothing(
        self, time: SteppedTime, leaning: Verdict
    ) -> None:
        tier = cloud(time, remote("first", ScriptedService(time, answer("image", 0.8))), leaning=lambda _: leaning)
        assert (await unsure(tier, time)).reason == "image 0.80 < 0.90, it says so"

    async def test_the_margin_counts_as_well(self, time: SteppedTime) -> None:
        tier = cloud(
            time, remote("first", ScriptedService(time, answer("chat", 0.8, margin=0.1))), bars=Bars(0.6, margin=0.2)
        )
        assert (await unsure(tier, time)).reason == "chat margin 0.10 < 0.20, it says so"

    async def test_a_category_that_nobody_knows_is_weighed_by_its_name(self, time: SteppedTime) -> None:
        tier = cloud(time, *(remote(name, ScriptedService(time, answer("new", 0.5))) for name in ("first", "second")))
        assert (await sure(tier, time)).path_confidence == pytest.approx(0.75)


class TestNobody:
    @pytest.mark.parametrize("text", ["", "  ", "👍", "?!"])
    async def test_without_words_nobody_is_asked(self, time: SteppedTime, text: str) -> None:
        service = ScriptedService(time, answer("chat", 1.0))
        verdict = await judged(cloud(time, remote("first", service)), time, Message(text))
        assert verdict == Abstain("there are no words in it")
        assert service.asked == []

    async def test_without_members_it_says_so(self, time: SteppedTime) -> None:
        assert await judged(cloud(time), time) == Abstain("no service is set up")


class TestInACascade:
    def cascade(self, tier: Cloud) -> Cascade:
        def no_slots(*_: object) -> Slots:
            return {}

        return Cascade(
            [Stage(tier, 0.6, {"image": 0.9}, deadline=2 + GRACE)], CATALOGUE, fallback="chat", find_slots=no_slots
        )

    async def test_its_answer_decides_and_its_signals_mark_the_decision(self, time: SteppedTime) -> None:
        tier = cloud(
            time, remote("first", ScriptedService(time, answer("image", 0.95))), sensors=[ScriptedSensor(time, SIGNAL)]
        )
        decision = await self.cascade(tier).decide(FOX)
        assert (decision.category, decision.tier, decision.signals) == ("image", "cloud", (SIGNAL,))

    async def test_its_abstention_is_in_the_trace_with_all_its_reasons(self, time: SteppedTime) -> None:
        tier = cloud(time, remote("first", ScriptedService(time, failed())), sensors=[ScriptedSensor(time, SIGNAL)])
        decision = await self.cascade(tier).decide(FOX)
        assert (decision.tier, decision.signals) == ("fallback", (SIGNAL,))
        assert "abstains: first: it broke" in decision.explain()

    async def test_nobody_is_asked_to_warm_up_nor_for_previews(self, time: SteppedTime) -> None:
        service = ScriptedService(time, answer("chat", 1.0))
        tier = cloud(time, Member("near", service, local=True), remote("first", service))
        await self.cascade(tier).warm()
        assert service.asked == []
        assert tier.remote
        assert iscoroutinefunction(tier.judge), "which is how previews tell whom to leave out"
