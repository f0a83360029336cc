"""The cloud stage: there is a verdict in time whatever they do, and slow ones get company."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from pointsman.core.deadline import seconds_left, within
from pointsman.core.errors import StoreError
from pointsman.testing.scripted_cloud import FOX, answer, cloud, failed, remote, sure, takes, unsure
from pointsman.testing.scripted_service import ScriptedService, Stubborn
from pointsman.testing.stepped_time import SteppedTime


@pytest.fixture
def time() -> SteppedTime:
    return SteppedTime()


class TestDeadline:
    async def test_who_never_answers_holds_nothing_up_beyond_the_deadline(self, time: SteppedTime) -> None:
        hangs, second = ScriptedService(time, None), ScriptedService(time, answer("chat", 0.8))
        verdict = await unsure(cloud(time, remote("first", hangs), remote("second", second)), time)
        assert (verdict.reason, time.now) == ("first: no answer within 2 s", 2.0)
        assert hangs.cancelled
        assert second.asked == []

    async def test_who_does_not_even_stop_when_told_to_holds_nothing_up_either(self, time: SteppedTime) -> None:
        stubborn = Stubborn(time)
        tier = cloud(time, remote("first", stubborn))
        assert (await unsure(tier, time)).reason == "first: no answer within 2 s"
        assert time.now == 2.0
        assert stubborn.cancelled
        assert len(tier._let_go) == 1, "it is held until it ends, or it could vanish in the middle"
        stubborn.released.set()
        await time.settle()
        assert tier._let_go == set()

    async def test_the_second_has_what_the_first_has_left(self, time: SteppedTime) -> None:
        first, second = ScriptedService(time, failed(), after=1.5), ScriptedService(time, None)
        verdict = await unsure(cloud(time, remote("first", first), remote("second", second)), time)
        assert first.left == [2.0]
        assert second.left == [0.5]
        assert time.now == 2.0
        assert verdict.reason == "first: it broke; second: no answer within 2 s"

    async def test_nobody_is_asked_when_hardly_any_time_is_left(self, time: SteppedTime) -> None:
        rest = [ScriptedService(time, answer("chat", 0.8)) for _ in range(2)]
        members = [remote(name, tier) for name, tier in zip(("second", "third"), rest, strict=True)]
        verdict = await unsure(
            cloud(time, remote("first", ScriptedService(time, failed(), after=1.96)), *members), time
        )
        assert verdict.reason == "first: it broke; no time left for second, third"
        assert [tier.asked for tier in rest] == [[], []]

    async def test_an_answer_below_the_bar_is_kept_when_the_next_is_too_slow(self, time: SteppedTime) -> None:
        first, second = ScriptedService(time, answer("image", 0.7), after=0.3), ScriptedService(time, None)
        verdict = await unsure(cloud(time, remote("first", first), remote("second", second)), time)
        assert verdict.leaning == answer("image", 0.7)
        assert verdict.reason == "image 0.70 < 0.90, it says so; second: no answer within 2 s"

    async def test_an_earlier_deadline_around_it_counts(self, time: SteppedTime) -> None:
        tier = cloud(time, remote("first", ScriptedService(time, None)))
        with within(0.5, time):
            verdict = await unsure(tier, time)
        assert (verdict.reason, time.now) == ("first: no answer within 0.5 s", 0.5)

    async def test_the_deadline_is_gone_afterwards(self, time: SteppedTime) -> None:
        tier = cloud(time, remote("first", ScriptedService(time, answer("chat", 0.8))))
        await tier.judge(FOX)
        assert seconds_left(time) == float("inf")

    async def test_when_it_is_given_up_so_are_those_that_it_asks(self, time: SteppedTime) -> None:
        hangs = ScriptedService(time, None)
        task = asyncio.create_task(cloud(time, remote("first", hangs)).judge(FOX))
        await time.settle()
        task.cancel()
        await time.settle()
        assert task.cancelled()
        assert hangs.cancelled


class TestHedge:
    async def test_without_it_a_slow_one_is_waited_for(self, time: SteppedTime) -> None:
        first, second = (
            ScriptedService(time, answer("chat", 0.8), after=1.9),
            ScriptedService(time, answer("chat", 0.8)),
        )
        await sure(cloud(time, remote("first", first, takes(0.3)), remote("second", second)), time)
        assert second.asked == []

    @pytest.mark.parametrize(("p95", "asked_at"), [(takes(0.3), 0.3), (takes(None), 1.0), (None, 1.0)])
    async def test_the_second_is_asked_beside_the_first_after_its_p95(
        self, time: SteppedTime, p95: Callable[[], Awaitable[float | None]] | None, asked_at: float
    ) -> None:
        first, second = (
            ScriptedService(time, None),
            ScriptedService(time, answer("chat", 0.8, "second says chat"), after=0.2),
        )
        verdict = await sure(cloud(time, remote("first", first, p95), remote("second", second), hedge=True), time)
        assert second.asked_at == [asked_at]
        assert time.now == pytest.approx(asked_at + 0.2)
        assert first.cancelled
        assert verdict.reason == "first: no answer yet; second says chat"

    async def test_times_that_cannot_be_read_count_as_unknown(self, time: SteppedTime) -> None:
        async def broken() -> float | None:
            raise StoreError("locked")

        second = ScriptedService(time, answer("chat", 0.8))
        await sure(
            cloud(time, remote("first", ScriptedService(time, None), broken), remote("s", second), hedge=True), time
        )
        assert second.asked_at == [1.0]

    async def test_the_first_may_still_win(self, time: SteppedTime) -> None:
        first, second = ScriptedService(time, answer("chat", 0.8), after=0.4), ScriptedService(time, None)
        tier = cloud(time, remote("first", first, takes(0.3)), remote("second", second), hedge=True)
        assert await sure(tier, time) == answer("chat", 0.8)
        assert time.now == 0.4
        assert second.cancelled

    async def test_the_first_in_order_wins_where_both_are_done(self, time: SteppedTime) -> None:
        first = ScriptedService(time, answer("chat", 0.8, "first"), after=0.4)
        second = ScriptedService(time, answer("image", 0.95, "second"), after=0.1)
        tier = cloud(time, remote("first", first, takes(0.3)), remote("second", second), hedge=True)
        assert (await sure(tier, time)).reason == "first"
        assert time.now == pytest.approx(0.4)

    async def test_a_failure_before_the_p95_leads_straight_to_the_next_which_gets_its_own(
        self, time: SteppedTime
    ) -> None:
        first, second, third = (
            ScriptedService(time, failed(), after=0.1),
            ScriptedService(time, None),
            ScriptedService(time, None),
        )
        members = [remote("first", first, takes(0.3)), remote("second", second, takes(0.5)), remote("third", third)]
        await unsure(cloud(time, *members, hedge=True), time)
        assert second.asked_at == [0.1]
        assert third.asked_at == [pytest.approx(0.6)]

    async def test_never_more_than_two_at_once_and_a_fast_failure_makes_room(self, time: SteppedTime) -> None:
        first, second, third = (
            ScriptedService(time, None),
            ScriptedService(time, failed(), after=0.2),
            ScriptedService(time, None),
        )
        fourth = ScriptedService(time, answer("chat", 1.0))
        members = [
            remote("first", first, takes(0.3)),
            remote("second", second),
            remote("third", third, takes(0.1)),
            remote("fourth", fourth),
        ]
        verdict = await unsure(cloud(time, *members, hedge=True), time)
        assert third.asked_at == [0.5]
        assert fourth.asked == []
        assert verdict.reason.endswith("first: no answer within 2 s; third: no answer within 2 s")

    async def test_when_the_slow_one_is_done_nobody_else_is_taken_to_be_slow(self, time: SteppedTime) -> None:
        first, second, third, fourth = (
            ScriptedService(time, failed(), after=0.5),
            ScriptedService(time, failed(), after=0.6),
            ScriptedService(time, failed(), after=0.2),
            ScriptedService(time, answer("chat", 0.8)),
        )
        members = [
            remote("first", first, takes(0.3)),
            remote("second", second, takes(0.4)),
            remote("third", third, takes(0.3)),
            remote("fourth", fourth),
        ]
        await sure(cloud(time, *members, hedge=True), time)
        # The second was asked beside the first, is not slow when that one fails, and is 0.4 s after it was asked.
        assert [it.asked_at for it in (second, third, fourth)] == [[0.3], [pytest.approx(0.7)], [pytest.approx(0.9)]]

    async def test_who_comes_after_a_slow_one_is_waited_for_alone(self, time: SteppedTime) -> None:
        first, second, third = (
            ScriptedService(time, failed(), after=0.5),
            ScriptedService(time, answer("chat", 0.8), after=0.3),
            ScriptedService(time, answer("chat", 0.8)),
        )
        members = [remote("first", first, takes(0.3)), remote("second", second, takes(0.4)), remote("third", third)]
        await sure(cloud(time, *members, hedge=True), time)
        assert time.now == pytest.approx(0.6)
        assert third.asked == []

    async def test_an_unsure_second_backs_the_slow_first(self, time: SteppedTime) -> None:
        first, second = (
            ScriptedService(time, answer("image", 0.8), after=0.9),
            ScriptedService(time, answer("image", 0.6)),
        )
        tier = cloud(time, remote("first", first, takes(0.3)), remote("second", second), hedge=True)
        verdict = await sure(tier, time)
        assert verdict.path_confidence == pytest.approx(0.92)
        assert verdict.reason.endswith("backed by second (image 0.60)")

    async def test_what_every_service_would_refuse_ends_it_for_both(self, time: SteppedTime) -> None:
        first, second = (
            ScriptedService(time, None),
            ScriptedService(time, failed("bad_request", "no such field", "second")),
        )
        tier = cloud(time, remote("first", first, takes(0.3)), remote("second", second), hedge=True)
        assert (await unsure(tier, time)).reason == "second: no such field"
        assert time.now == 0.3
        assert first.cancelled
