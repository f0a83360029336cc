"""What a call does about each kind of fault, with a scripted service, a stepped clock and no network."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pointsman.core.deadline import within
from pointsman.core.errors import StoreError
from pointsman.core.faults import TREATMENTS, FaultKind, ServiceFailed
from pointsman.providers.remote.account import account_of
from pointsman.providers.remote.asking import Ask, Metered
from pointsman.providers.remote.caller import Caller
from pointsman.providers.remote.meters import Limit
from pointsman.providers.remote.wire import Reply, Request
from pointsman.stores.shelf import MemoryShelf, SqliteShelf

START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC).timestamp()
KEY = "sk-secret"
SAYS_MORE = "pointsman doctor --online says more"


class Time:
    """A clock that moves when somebody sleeps or something takes its time."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return 1000 + self.passed

    def now(self) -> float:
        return START + self.passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed += seconds
        await asyncio.sleep(0)


Step = str | Exception | Callable[[], Any]


@dataclass
class Scripted:
    """A wire and its service in one: each answer is a fault to raise, or the text of a good answer."""

    time: Time
    steps: list[Step] = field(default_factory=list)
    name: str = "groq"
    seconds: float = 0.2
    asked: list[str] = field(default_factory=list)
    given: list[float] = field(default_factory=list)
    told: Metered = field(default_factory=Metered)
    closed: bool = False

    async def send(self, request: Request, seconds: float) -> Reply:
        self.asked.append(request.url)
        self.given.append(seconds)
        step = self.steps.pop(0) if self.steps else "fine"
        if callable(step):
            step = await step()
        self.time.passed += min(self.seconds, seconds)
        if isinstance(step, ServiceFailed) and not step.model:
            raise step
        if isinstance(step, Exception):
            self.fault: Exception | None = step
            return Reply(500, {}, b"")
        self.fault = None
        return Reply(200, {}, step.encode())

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        if isinstance(self.fault, ServiceFailed):
            return self.fault
        if self.fault:
            raise self.fault
        return None

    def metered(self, reply: Reply) -> Metered:
        return self.told

    async def close(self) -> None:
        self.closed = True


def ask(model: str) -> Ask[str]:
    return Ask(Request("POST", model, {"Authorization": KEY}, {"text": "a private matter"}), lambda reply: reply.text)


def fault(kind: FaultKind, wait: float | None = None, **rest: Any) -> ServiceFailed:
    """A fault that came as an answer; without a `model`, it is the wire's own."""
    return ServiceFailed(kind, f"{kind} it was", service="groq", wait=wait, **{"model": "m", **rest})


@pytest.fixture
def time() -> Time:
    return Time()


def caller(time: Time, *steps: Step, shelf: Any = None, models: tuple[str, ...] = ("m", "n"), **rest: Any) -> Caller:
    script = Scripted(time, list(steps))
    return Caller(
        script,
        script,
        shelf or MemoryShelf(),
        models=models,
        clock=time.clock,
        now=time.now,
        sleep=time.sleep,
        chance=random.Random(1),
        **{"credential_digest": "d", **rest},
    )


def asked(made: Caller) -> list[str]:
    assert isinstance(made.service, Scripted)
    return made.service.asked


def until(time: Time, seconds: float = 2.0) -> AbstractContextManager[None]:
    return within(seconds, time.clock)


async def failure(made: Caller) -> ServiceFailed:
    with pytest.raises(ServiceFailed) as caught:
        await made.call(ask)
    return caught.value


async def test_a_good_answer_comes_from_the_first_model_with_its_time(time: Time) -> None:
    made = caller(time, "yes")
    called = await made.call(ask)
    assert (called.value, called.model) == ("yes", "m")
    assert called.seconds == pytest.approx(0.2)
    assert (await made.status()).sent_today == 1


@pytest.mark.parametrize(
    ("given", "calls", "slept"),
    [
        (fault("rate_limited", 0.5), ["m", "m"], (0.52, 0.75)),
        (fault("rate_limited", 4.0), ["m", "n"], None),
        (fault("rate_limited"), ["m", "n"], None),
        (fault("quota_exhausted", 87.0), ["m", "n"], None),
        (fault("auth", scope="service"), ["m"], None),
        (fault("auth"), ["m", "n"], None),
        (fault("model_gone"), ["m", "n"], None),
        (fault("too_large"), ["m"], None),
        (fault("bad_request"), ["m"], None),
        (fault("bad_request", scope="service"), ["m"], None),
        (fault("malformed"), ["m", "m"], (0.25, 0.5)),
        (fault("malformed", retry=False), ["m", "n"], None),
        (fault("server"), ["m", "m"], (0.25, 0.5)),
        (fault("server", 20.0), ["m", "n"], None),
        (fault("server", model="", scope="service"), ["m", "m"], (0.25, 0.5)),
        (KeyError("answers"), ["m", "m"], (0.25, 0.5)),
    ],
)
async def test_each_fault_is_tried_again_or_elsewhere_as_it_asks(
    time: Time, given: Exception, calls: list[str], slept: tuple[float, float] | None
) -> None:
    made = caller(time, given)
    with until(time):
        if calls == ["m"]:
            assert (await failure(made)).model == "m"
        else:
            assert (await made.call(ask)).model == calls[-1]
    assert asked(made) == calls
    assert len(time.slept) == (1 if slept else 0)
    if slept:
        assert slept[0] <= time.slept[0] <= slept[1]


async def test_a_model_is_tried_twice_at_most(time: Time) -> None:
    made = caller(time, *[fault("server") for _ in range(9)])
    found = await failure(made)
    assert asked(made) == ["m", "m", "n", "n"]
    assert (found.kind, found.model) == ("server", "m")


@pytest.mark.parametrize(("left", "calls"), [(1.0, ["m", "m"]), (0.5, ["m", "n"]), (0.205, ["m"])])
async def test_a_second_try_has_to_fit_into_the_deadline(time: Time, left: float, calls: list[str]) -> None:
    made = caller(time, fault("malformed"))
    with until(time, left):
        if len(calls) == 1:
            await failure(made)
        else:
            await made.call(ask)
    assert asked(made) == calls


async def test_a_call_gets_the_time_that_is_left_and_without_a_deadline_patience(time: Time) -> None:
    made = caller(time, patience=7)
    await made.call(ask)
    with until(time, 1.5):
        await made.call(ask)
    assert isinstance(made.service, Scripted)
    assert made.service.given == [7, pytest.approx(1.5)]


async def test_nothing_is_sent_after_the_deadline(time: Time) -> None:
    made = caller(time)
    with until(time, 0):
        found = await failure(made)
    assert (asked(made), found.asked) == ([], False)
    assert "no time is left" in found.message


async def test_an_open_circuit_lets_nothing_through_until_its_time_and_then_one(time: Time) -> None:
    down = [fault("server", model="", scope="service") for _ in range(4)]
    made = caller(time, *down, models=("m",))
    await failure(made)
    assert (await failure(made)).asked
    assert len(asked(made)) == 3
    refused = await failure(made)
    assert (refused.asked, refused.scope) == (False, "service")
    assert refused.message == "groq: out of order; not asked for 30 s"
    assert len(asked(made)) == 3
    time.passed += 30
    begun, gate = asyncio.Event(), asyncio.Event()

    async def hang() -> str:
        begun.set()
        await gate.wait()
        return "fine"

    assert isinstance(made.service, Scripted)
    made.service.steps = [hang]
    probe = asyncio.create_task(made.call(ask))
    await begun.wait()
    others = [await failure(made) for _ in range(5)]
    assert {other.asked for other in others} == {False}
    gate.set()
    await probe
    assert len(asked(made)) == 4
    await made.call(ask)


async def test_a_whole_service_s_refusal_skips_its_models(time: Time) -> None:
    made = caller(time, fault("quota_exhausted", scope="service"), recovery="utc_day")
    await failure(made)
    found = await failure(made)
    assert found.message == "groq: quota exhausted until 00:05 UTC"
    assert asked(made) == ["m"]


async def test_a_model_without_quota_is_passed_over_until_it_has_some(time: Time) -> None:
    made = caller(time, fault("quota_exhausted", 87.0))
    for _ in range(3):
        assert (await made.call(ask)).model == "n"
    assert asked(made) == ["m", "n", "n", "n"]
    time.passed += 87
    assert (await made.call(ask)).model == "m"


async def test_a_used_up_minute_is_waited_for_only_where_nobody_waits(time: Time) -> None:
    made = caller(time, limits=[Limit("requests", 30, 60)], models=("m",))
    assert isinstance(made.service, Scripted)
    made.service.seconds = 0.0
    for _ in range(30):
        await made.call(ask)
    with until(time, 60):
        assert (await failure(made)).kind == "rate_limited"
    assert time.slept == []
    await made.call(ask)
    assert 2 < time.slept[0] < 2.3
    assert len(asked(made)) == 31


async def test_limits_hold_for_calls_at_once(time: Time) -> None:
    made = caller(time, limits=[Limit("requests", 5, 86_400)], models=("m",))
    found = await asyncio.gather(*(made.call(ask) for _ in range(20)), return_exceptions=True)
    assert sum(not isinstance(it, Exception) for it in found) == 5
    assert len(asked(made)) == 5


async def test_two_callers_on_one_shelf_agree_and_a_restart_forgets_nothing(time: Time) -> None:
    shelf = MemoryShelf()
    limits = [Limit("neurons", 3, 86_400, "trailing", "service")]

    def neuron(model: str) -> Ask[str]:
        return Ask(Request("POST", model), lambda reply: reply.text, {"neurons": 1})

    for _ in range(3):
        await caller(time, shelf=shelf, limits=limits).call(neuron)
    with pytest.raises(ServiceFailed, match="quota exhausted until 2026-11-23"):
        await caller(time, shelf=shelf, limits=limits).call(neuron)
    assert (await caller(time, shelf=shelf, limits=limits).status()).calls_left == 0


async def cancelled(made: Caller, time: Time, deadline: float = 2.0, waited: float = 0.0) -> None:
    """One call, cancelled while the service is thinking."""
    begun = asyncio.Event()

    async def hang() -> str:
        begun.set()
        await asyncio.Event().wait()
        return ""

    assert isinstance(made.service, Scripted)
    made.service.steps.insert(0, hang)
    with until(time, deadline):
        task = asyncio.create_task(made.call(ask))
    await begun.wait()
    time.passed += waited
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_hedge_that_lost_is_spent_and_says_nothing_of_the_service(time: Time) -> None:
    made = caller(time, limits=[Limit("requests", 10, 86_400)])
    for _ in range(5):
        await cancelled(made, time, waited=1.5)
    status = await made.status()
    assert status.models[0].meters[0].left == pytest.approx(5, abs=0.01)
    assert (status.circuit.state, status.faults, status.sent_today) == ("closed", {}, 5)


async def test_one_that_was_still_waiting_at_the_deadline_was_too_slow(time: Time) -> None:
    made = caller(time)
    for _ in range(3):
        await cancelled(made, time, deadline=2, waited=2)
    assert (await made.status()).circuit.kind == "server"


async def test_the_rest_of_another_s_deadline_is_no_fair_time(time: Time) -> None:
    made = caller(time)
    for _ in range(3):
        for _ in range(4):
            await cancelled(made, time, deadline=0.3, waited=0.3)
        await made.call(ask)
    assert (await made.status()).faults == {}
    assert (await made.status()).circuit.state == "closed"


async def test_who_hangs_is_not_asked_by_every_message_however_short_the_deadline(time: Time) -> None:
    made = caller(time)
    for _ in range(5):
        await cancelled(made, time, deadline=0.3, waited=0.3)
    with until(time, 0.3):
        refused = await failure(made)
    slow = "slow for this deadline, 5 times no answer within 0.3 s"
    assert (refused.asked, refused.message) == (False, f"groq: {slow}; not asked for 30 s")
    assert "raise `deadline`" in refused.cure
    # One probe each time, and longer rests in between.
    for rest in (30, 60, 120):
        time.passed += rest
        await cancelled(made, time, deadline=0.3, waited=0.3)
        with until(time, 0.3):
            assert not (await failure(made)).asked
    assert (await made.status()).circuit.trouble == slow


class Steady(Scripted):
    """A service that takes its time, and whose wire gives up when a call's is over."""

    async def send(self, request: Request, seconds: float) -> Reply:
        reply = await super().send(request, seconds)
        if self.seconds > seconds:
            raise ServiceFailed("server", "no answer in time", service=self.name, scope="service")
        return reply


async def test_who_is_slower_than_the_deadline_is_told_so_and_asked_again_when_there_is_more_time(time: Time) -> None:
    service = Steady(time, seconds=0.4)
    made = Caller(service, service, MemoryShelf(), models=("m",), clock=time.clock, now=time.now, sleep=time.sleep)
    for _ in range(6):
        await made.call(ask)
    service.asked.clear()
    for _ in range(100):
        with until(time, 0.3):
            await failure(made)
        time.passed += 10
    assert len(service.asked) <= 10
    assert (await made.status()).circuit.words.startswith("slow for this deadline, 5 times no answer within 0.3 s")
    time.passed += 900
    with until(time, 2):
        await made.call(ask)
    assert (await made.status()).circuit.state == "closed"


async def test_a_server_that_says_to_come_back_much_later_is_left_alone_at_once(time: Time) -> None:
    made = caller(time, fault("server", 40.0), fault("server", 3600.0), models=("m",))
    with until(time):
        assert (await failure(made)).asked
        assert not (await failure(made)).asked
    time.passed += 40
    assert (await failure(made)).asked
    circuit = (await made.status()).models[0].circuit
    assert circuit.until == pytest.approx(time.now() + 900)
    assert asked(made) == ["m", "m"]
    assert time.slept == []


async def test_a_server_that_wants_a_moment_gets_it(time: Time) -> None:
    made = caller(time, fault("server", 0.5))
    with until(time):
        assert (await made.call(ask)).model == "m"
    assert asked(made) == ["m", "m"]
    assert 0.5 < time.slept[0] < 0.8


async def test_a_wrong_address_is_not_found_out_by_every_message(time: Time) -> None:
    shelf = MemoryShelf()
    wrong = [fault("bad_request", scope="service") for _ in range(3)]
    made = caller(time, *wrong, shelf=shelf)
    assert (await failure(made)).asked
    refused = await failure(made)
    assert not refused.asked
    assert refused.message == "groq: wrong address or account; not asked until the configuration changes, or 14:15 UTC"
    assert "doctor --online" in refused.cure
    assert (await made.status()).calls_left == 0
    time.passed += 900
    assert (await failure(made)).asked
    assert not (await failure(made)).asked
    # Somebody has looked, and was let in.
    await made.forgive(())
    assert (await failure(made)).asked
    # With another address it is asked at once.
    assert await caller(time, shelf=shelf, credential_digest="another").call(ask)


async def test_a_wrong_request_to_one_model_shuts_nothing(time: Time) -> None:
    made = caller(time, *[fault("bad_request") for _ in range(9)])
    for _ in range(9):
        assert (await failure(made)).asked


@pytest.mark.parametrize(("given", "kind"), [(0.3, ""), (2.0, "server")])
async def test_the_wire_s_own_time_out_counts_if_it_was_fair(time: Time, given: float, kind: str) -> None:
    made = caller(time, *[fault("server", model="", scope="service", retry=False) for _ in range(3)])
    assert isinstance(made.service, Scripted)
    made.service.seconds = 9
    for _ in range(3):
        with until(time, given):
            await failure(made)
    assert (await made.status()).circuit.kind == kind


async def test_a_refused_connection_counts_however_little_time_there_was(time: Time) -> None:
    made = caller(time, *[fault("server", model="", scope="service", retry=False) for _ in range(3)])
    assert isinstance(made.service, Scripted)
    made.service.seconds = 0.01
    for _ in range(3):
        with until(time, 0.3):
            await failure(made)
    assert (await made.status()).circuit.kind == "server"


async def test_a_cancelled_probe_frees_the_way(time: Time) -> None:
    made = caller(time, *[fault("server", model="", scope="service", retry=False) for _ in range(3)], models=("m",))
    for _ in range(3):
        await failure(made)
    time.passed += 30
    await cancelled(made, time)
    assert (await made.status()).circuit.state == "half_open"
    await made.call(ask)
    assert (await made.status()).circuit.state == "closed"


class Slow(MemoryShelf):
    """A shelf whose thread is busy: what it is asked for happens, later."""

    def __init__(self) -> None:
        super().__init__()
        self.free = asyncio.Event()

    async def change(self, key: str, change: Callable[[str], tuple[str, Any]]) -> Any:
        await self.free.wait()
        return await super().change(key, change)


async def test_a_call_that_is_cancelled_before_it_was_sent_costs_nothing(time: Time) -> None:
    shelf = Slow()
    made = caller(time, shelf=shelf, limits=[Limit("requests", 10, 86_400)])
    task = asyncio.create_task(made.call(ask))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    shelf.free.set()
    await made.close()
    status = await made.status()
    assert (status.sent_today, status.models[0].meters[0].left, asked(made)) == (0, 10, [])
    assert '"flights":{}' in await shelf.read("service/groq")


async def test_one_that_is_cancelled_twice_is_settled_all_the_same(time: Time) -> None:
    shelf = Slow()
    shelf.free.set()
    begun = asyncio.Event()

    async def hang() -> str:
        shelf.free.clear()
        begun.set()
        await asyncio.Event().wait()
        return ""

    made = caller(time, hang, shelf=shelf)
    task = asyncio.create_task(made.call(ask))
    await begun.wait()
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    shelf.free.set()
    await made.close()
    assert '"flights":{}' in await shelf.read("service/groq")
    assert isinstance(made.service, Scripted)
    assert made.service.closed


async def test_an_answer_does_not_wait_for_the_books_and_the_next_call_comes_after_them(time: Time) -> None:
    shelf = Slow()
    shelf.free.set()

    async def busy() -> str:
        shelf.free.clear()
        return "yes"

    made = caller(time, busy, shelf=shelf, limits=[Limit("tokens", 100, 60)], models=("m",))
    assert isinstance(made.service, Scripted)
    made.service.told, made.service.seconds = Metered({"tokens": 10}), 0.0

    def most(model: str) -> Ask[str]:
        return Ask(Request("POST", model), lambda reply: reply.text, {"tokens": 90})

    first = asyncio.create_task(made.call(most))
    for _ in range(20):
        await asyncio.sleep(0)
    assert first.done()
    assert first.result().value == "yes"
    # Both would not fit if what the first one took were not known: it had reserved nine times as much.
    with until(time):
        second = asyncio.create_task(made.call(most))
    for _ in range(5):
        await asyncio.sleep(0)
    assert asked(made) == ["m"]
    shelf.free.set()
    assert (await second).value == "fine"
    await made.close()
    assert (await made.status()).models[0].meters[0].left == 80


async def test_nothing_that_is_still_to_be_written_is_lost_when_it_is_closed(time: Time, tmp_path: Path) -> None:
    shelf = SqliteShelf(tmp_path / "d.db")
    made = caller(time, shelf=shelf)
    for _ in range(3):
        await made.call(ask)
    await made.close()
    text = await shelf.read("service/groq")
    await shelf.close()
    assert '"flights":{}' in text
    assert account_of(text, made._ledger._terms).sent_today(time.now()) == 3


async def test_books_that_cannot_be_kept_are_told_of_and_spoil_no_answer(
    time: Time, log: pytest.LogCaptureFixture
) -> None:
    class Torn(MemoryShelf):
        torn = False

        async def change(self, key: str, change: Callable[[str], tuple[str, Any]]) -> Any:
            if self.torn:
                raise RuntimeError("a private matter")
            return await super().change(key, change)

    shelf = Torn()

    async def tear() -> str:
        shelf.torn = True
        return "yes"

    made = caller(time, tear, shelf=shelf)
    assert (await made.call(ask)).value == "yes"
    await made.close()
    assert words(log) == [("ERROR", "groq: what a call took could not be written down: RuntimeError")]


async def test_a_shelf_that_is_locked_is_waited_for_once_and_not_by_each_call(time: Time) -> None:
    class Locked(MemoryShelf):
        tries = 0

        async def change(self, key: str, change: Callable[[str], tuple[str, Any]]) -> Any:
            self.tries += 1
            await asyncio.sleep(0)
            raise StoreError("d.db: another process has held the database for 1 s")

    shelf = Locked()
    made = caller(time, shelf=shelf)
    await asyncio.gather(*(made.call(ask) for _ in range(9)))
    assert shelf.tries == 1


async def test_a_bug_while_reading_is_raised_and_settled(time: Time) -> None:
    class Bug(Exception):
        pass

    shelf = MemoryShelf()
    with pytest.raises(Bug):
        await caller(time, Bug(), shelf=shelf).call(ask)
    assert '"flights":{}' in await shelf.read("service/groq")


async def test_an_answer_of_another_shape_is_malformed_and_not_quoted(time: Time) -> None:
    found = await failure(caller(time, *[KeyError("secret words") for _ in range(9)], models=("m",)))
    assert (found.kind, found.model) == ("malformed", "m")
    assert found.message == "groq: its answer cannot be read (KeyError)"


def words(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.INFO, logger="pointsman.providers")
    yield caplog
    assert KEY not in caplog.text
    assert "private" not in caplog.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (fault("model_gone"), f"groq m: model_gone, not asked until 2026-11-23 14:00:00 UTC; {SAYS_MORE}"),
        (fault("quota_exhausted", 87.0), "groq m: quota_exhausted, not asked until 2026-11-22 14:01:27 UTC"),
        (fault("auth", scope="service"), f"groq: auth, not asked until the configuration changes; {SAYS_MORE}"),
        (fault("server", retry=False), "groq m: server, not asked until 2026-11-22 14:00:30 UTC"),
    ],
)
async def test_an_opening_is_logged_once(
    time: Time, log: pytest.LogCaptureFixture, given: ServiceFailed, said: str
) -> None:
    # The same fault, for the probe too: reopening is no news.
    made = caller(time, *[given] * TREATMENTS[given.kind].opens_after, given, models=("m",))
    assert isinstance(made.service, Scripted)
    made.service.seconds = 0.0
    for _ in range(6):
        await failure(made)
    assert [line for line in words(log) if line[0] == "WARNING"] == [("WARNING", said)]
    if given.kind != "auth":
        time.passed += 86_400
        assert (await failure(made)).asked
        assert [line for line in words(log) if line[0] == "WARNING"] == [("WARNING", said)]


async def test_when_the_last_model_is_gone_it_says_so_once_and_what_to_do(
    time: Time, log: pytest.LogCaptureFixture
) -> None:
    made = caller(time, *[fault("model_gone") for _ in range(4)], models=("m", "n"))
    await failure(made)
    cry = ("ERROR", "groq no longer serves m, n; see what it does: pointsman doctor --online")
    assert [line for line in words(log) if line[0] == "ERROR"] == [cry]
    time.passed += 86_400
    await failure(made)
    assert [line for line in words(log) if line[0] == "ERROR"] == [cry]


async def test_as_long_as_one_model_is_there_nothing_is_mourned(time: Time, log: pytest.LogCaptureFixture) -> None:
    made = caller(time, fault("model_gone"), models=("m", "n"))
    await made.call(ask)
    assert [line for line in words(log) if line[0] == "ERROR"] == []


async def test_a_wrong_request_is_logged_loudly_and_once_a_minute(time: Time, log: pytest.LogCaptureFixture) -> None:
    made = caller(time, *[fault("bad_request") for _ in range(4)], fault("bad_request", degrade="text"))
    for pause in (0, 10, 60, 0):
        time.passed += pause
        await failure(made)
    assert words(log) == [("ERROR", "groq: bad_request it was")] * 2
    # A form of answer that it does not know is asked for more simply, and is nobody's mistake.
    time.passed += 100
    await failure(made)
    assert len(words(log)) == 2


class Broken(MemoryShelf):
    """A shelf on a disk that is full, or was."""

    full = True

    async def change(self, key: str, change: Callable[[str], tuple[str, Any]]) -> Any:
        if self.full:
            raise StoreError("d.db: the disk is full", cure="make room")
        return await super().change(key, change)


async def test_a_shelf_that_cannot_be_written_to_stops_nothing(time: Time, log: pytest.LogCaptureFixture) -> None:
    shelf = Broken()
    made = caller(time, shelf=shelf, limits=[Limit("requests", 10, 86_400)])
    for _ in range(3):
        await made.call(ask)
    assert (await made.status()).sent_today == 3
    assert await made.p95() is None
    shelf.full = False
    time.passed += 60
    for _ in range(2):
        await made.call(ask)
    assert [level for level, _ in words(log)] == ["WARNING", "INFO"]
    assert "the disk is full" in words(log)[0][1]
    # What happened meanwhile counts.
    assert (await caller(time, shelf=shelf).status()).sent_today == 5


async def test_what_others_wrote_meanwhile_is_not_overwritten(time: Time) -> None:
    shelf = Broken()
    shelf.full = False
    made, other = caller(time, shelf=shelf), caller(time, shelf=shelf)
    await made.call(ask)
    await made.status()  # which comes after what is still to be written
    shelf.full = True
    await made.call(ask)
    shelf.full = False
    for _ in range(5):
        await other.call(ask)
    time.passed += 60
    await made.call(ask)
    assert (await made.status()).sent_today == 7


async def test_the_usual_time_is_known_after_a_few_answers(time: Time) -> None:
    made = caller(time)
    for _ in range(4):
        await made.call(ask)
    assert await made.p95() is None
    await made.call(ask)
    assert await made.p95() == await made.p95("m") == pytest.approx(0.2)
    assert await made.p95("n") is None


async def test_models_may_be_named_for_one_call(time: Time) -> None:
    made = caller(time)
    assert (await made.call(ask, ["z"])).model == "z"
    with pytest.raises(ServiceFailed, match="no model"):
        await caller(time, models=()).call(ask)


async def test_nothing_secret_is_kept(time: Time) -> None:
    shelf = MemoryShelf()
    made = caller(time, fault("auth", scope="service"), shelf=shelf)
    await failure(made)
    text = await shelf.read("service/groq")
    assert KEY not in text
    assert "private" not in text
    assert "it was" not in text


async def test_calls_that_fail_in_every_way_end_in_time_and_are_settled() -> None:
    time, chance, shelf = Time(), random.Random(7), MemoryShelf()
    kinds: list[FaultKind] = list(TREATMENTS)
    waits: Mapping[FaultKind, tuple[float | None, ...]] = {
        "rate_limited": (None, 0.3, 4),
        "quota_exhausted": (None, 60),
    }
    outcomes = 0
    made = caller(time, shelf=shelf, limits=[Limit("requests", 30, 60), Limit("tokens", 1000, 60)])
    assert isinstance(made.service, Scripted)
    for number in range(2000):
        made.service.steps = [
            "fine"
            if chance.random() < 0.6
            else fault(
                kind := chance.choice(kinds),
                chance.choice(waits.get(kind, (None,))),
                scope=chance.choice(["model", "model", "model", "service"]),
            )
            for _ in range(4)
        ]
        time.passed += chance.expovariate(1 / 20)
        if number % 100 == 0:
            made = Caller(
                made.service,
                made.service,
                shelf,
                models=("m", "n"),
                clock=time.clock,
                now=time.now,
                sleep=time.sleep,
                chance=chance,
                credential_digest=str(number),
                limits=[Limit("requests", 30, 60), Limit("tokens", 1000, 60)],
            )
        with until(time):
            before = time.passed
            try:
                await made.call(lambda model: Ask(Request("POST", model), lambda reply: reply.text, {"tokens": 100}))
            except ServiceFailed:
                outcomes += 1
            assert time.passed - before <= 2.2
    assert 0 < outcomes < 2000
    await made.close()
    terms = made._ledger._terms
    assert account_of(await shelf.read("service/groq"), terms).flights == {}
