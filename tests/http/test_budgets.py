"""The limits of keys and of everybody: before work, after replies, over a restart, and while they change."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from pointsman.config.server import Allowance, Key, Server
from pointsman.core.category import Path
from pointsman.core.decision import Decision, Mode
from pointsman.core.errors import LimitReached, StoreError
from pointsman.core.happening import Ended, Happening, Went
from pointsman.core.message import Message, Origin
from pointsman.core.reply import Decided, Done, Event, Failed, Status, Text
from pointsman.http.limits import ON_SHELF, Limits, allowances_in, decoded, within
from pointsman.stores.shelf import MemoryShelf
from pointsman.testing.stepped_time import SteppedTime


def allowances(everybody: dict[str, Any] | None = None, **keys: dict[str, Any]) -> dict[str, Allowance]:
    return {name: Allowance.model_validate(it) for name, it in {"": everybody or {}, **keys}.items()}


def decided(path: Path = "llm", mode: Mode = "full") -> Decision:
    return Decision("d1", "general_chat", path, 0.9, "words", (), mode=mode)


def ended(outcome: Done | Failed, key: str = "phone", text: str = "x" * 40) -> list[Happening]:
    decision, message = decided(), Message(text, origin=Origin(key=key))
    return [*(Went(decision, Text("a"), 0.1) for _ in range(5)), Ended(decision, message, outcome, 1.0)]


def left(limits: Limits, name: str, what: str = "requests") -> str:
    return limits.headers(name)[f"x-ratelimit-remaining-{what}"]


def test_a_request_counts_for_its_key_and_for_everybody() -> None:
    limits = Limits(allowances({"messages": "3/1m"}, phone={"messages": "2/1m"}, desk={}), now=lambda: 1000.0)
    for name in ("phone", "phone"):
        with limits.passing(name):
            pass
    with pytest.raises(LimitReached, match="the key phone"), limits.passing("phone"):
        pass
    with limits.passing("desk"):
        pass
    for name in ("desk", "", "phone"):
        with pytest.raises(LimitReached, match="all callers together"), limits.passing(name):
            pass


def test_what_is_refused_counts_nowhere() -> None:
    limits = Limits(allowances({"messages": "9/1m"}, phone={"pictures": "1/1h"}), now=lambda: 1000.0)
    with limits.passing("phone", picture=True):
        pass
    for _ in range(5):
        with pytest.raises(LimitReached), limits.passing("phone", picture=True):
            pass
    assert left(limits, "phone") == "8"


def test_what_is_over_makes_room_for_the_next_also_when_it_failed() -> None:
    limits = Limits(allowances(phone={"at_once": 1}))
    with limits.passing("phone"):
        with pytest.raises(LimitReached), limits.passing("phone"):
            pass
        with limits.passing("desk"):
            pass
    with pytest.raises(ValueError, match="it broke"), limits.passing("phone"):
        raise ValueError("it broke")
    with limits.passing("phone"):
        pass


def test_the_router_tells_what_a_reply_took() -> None:
    limits = Limits(allowances({"tokens": "1000/1d"}, phone={"tokens": "50/1d"}), now=lambda: 1000.0)
    for it in ended(Done(decided(), "tiny", 1.0, prompt_tokens=30, completion_tokens=12)):
        limits.heard(it)
    assert (left(limits, "phone", "tokens"), left(limits, "", "tokens")) == ("8", "958")
    for it in ended(Done(decided(), "tiny", 1.0, prompt_tokens=30, completion_tokens=12), key="desk"):
        limits.heard(it)
    assert (left(limits, "phone", "tokens"), left(limits, "", "tokens")) == ("8", "916")


def test_the_bot_beside_it_has_limits_of_its_own() -> None:
    limits = Limits(allowances({"tokens": "1000/1d"}), now=lambda: 1000.0)
    done = Done(decided(), "tiny", 1.0, prompt_tokens=30, completion_tokens=12)
    for origin in (Origin("discord", user="17"), Origin("discord", user="17", key="bot")):
        limits.heard(Ended(decided(), Message("x", origin=origin), done, 1.0))
    assert left(limits, "", "tokens") == "958"  # the one elsewhere shows a key, and is a caller like all others


def test_who_hangs_up_before_the_end_is_not_let_off() -> None:
    limits = Limits(allowances(phone={"tokens": "100/1d"}), now=lambda: 1000.0)
    for it in ended(Failed("gone", code="cancelled")):
        limits.heard(it)
    assert left(limits, "phone", "tokens") == str(100 - 10 - 5)


def test_several_pictures_are_counted_together_or_not_at_all() -> None:
    limits = Limits(allowances(phone={"pictures": "4/1h"}), now=lambda: 1000.0)
    limits.pictures("phone", 3)
    with pytest.raises(LimitReached):
        limits.pictures("phone", 2)
    limits.pictures("phone", 1)
    limits.pictures("desk", 99)


@pytest.mark.parametrize(("path", "mode", "drawn"), [("image", "full", 1), ("llm", "full", 3), ("image", "shadow", 3)])
async def test_a_routed_picture_over_the_limit_is_not_drawn(path: Path, mode: Mode, drawn: int) -> None:
    limits = Limits(allowances(phone={"pictures": "1/1h"}), now=lambda: 1000.0)
    made = []

    async def reply() -> Any:
        yield Decided(decided(path, mode))
        made.append(path)
        yield Status("drawing")
        yield Done(decided(path, mode))

    seen: list[Event] = []
    for _ in range(3):
        seen = [event async for event in within(limits, reply(), "phone")]
    assert len(made) == drawn
    if drawn == 1:
        assert isinstance(seen[-1], Failed)
        assert (seen[-1].http_status, seen[-1].code) == (429, "rate_limit_exceeded")
        assert seen[-1].retry_after > 3000


async def test_what_was_used_outlives_the_process() -> None:
    shelf, time = MemoryShelf(), SteppedTime()
    given = allowances({"messages": "9/1m"}, phone={"tokens": "50/1d"})
    first = Limits(given, open_shelf=lambda: shelf, now=lambda: 1000.0 + time(), sleep=time.sleep)
    await first.ready()
    with first.passing("phone"):
        first.tokens("phone", 20)
    assert await shelf.read(ON_SHELF) == ""
    await time.settle()
    await time.until(asyncio.ensure_future(time.sleep(1.0)))
    await time.settle()
    killed = json.loads(await shelf.read(ON_SHELF))
    assert set(killed) == {"", "phone"}
    first.tokens("phone", 5)
    await first.close()
    second = Limits(given, open_shelf=lambda: shelf, now=lambda: 1010.0)
    await second.ready()
    assert (left(second, ""), left(second, "phone", "tokens")) == ("8", "25")


async def test_a_shelf_that_fails_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryShelf):
        async def read(self, key: str) -> str:
            raise StoreError(f"no disk for {key}")

        async def change(self, key: str, change: Any) -> Any:
            raise StoreError(f"no disk for {key}")

    limits = Limits(allowances({"messages": "2/1m"}), open_shelf=Broken)
    await limits.ready()
    with limits.passing(""):
        pass
    await limits.close()
    assert [it.message for it in caplog.records] == [
        "the limits begin anew: no disk for gateway/limits",
        "what was used of the limits is not kept: no disk for gateway/limits",
    ]


async def test_without_limits_no_shelf_is_opened() -> None:
    limits = Limits(allowances(), open_shelf=lambda: pytest.fail("opened"))
    await limits.ready()
    with limits.passing("phone"):
        pass
    assert not limits
    await limits.close()


def test_who_was_being_answered_before_other_limits_came_makes_room_after_it() -> None:
    limits = Limits(allowances(phone={"at_once": 1}))
    with limits.passing("phone"):
        limits.become(allowances(phone={"at_once": 1, "messages": "9/1m"}))
    with limits.passing("phone"), pytest.raises(LimitReached), limits.passing("phone"):
        pass


async def test_other_limits_take_over_what_was_used_and_what_is_going_on() -> None:
    limits = Limits(allowances(phone={"messages": "3/1m", "at_once": 2}), now=lambda: 1000.0)
    await limits.ready()
    with limits.passing("phone"):
        limits.become(allowances(phone={"messages": "5/1m", "at_once": 1}))
        with pytest.raises(LimitReached), limits.passing("phone"):
            pass
    assert left(limits, "phone") == "4"
    limits.become(allowances())
    limits.become(allowances(phone={"messages": "5/1m"}))
    assert left(limits, "phone") == "4"


def test_the_limits_of_a_configuration() -> None:
    phone = Key.model_validate({"key": "k", "limits": {"messages": "1/1m"}})
    given = allowances_in(Server(limits=Allowance(at_once=4), keys={"phone": phone}))
    assert (given[""].at_once, given["phone"].messages) == (4, ("1/1m",))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"a": 1}', '"x"'])
def test_what_cannot_have_been_kept_is_nothing(text: str) -> None:
    assert decoded(text) == {}
