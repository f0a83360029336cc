"""How much people may ask: counted over restarts, told with the moment when there is more."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.config.discord import Discord
from pointsman.core.errors import StoreError
from pointsman.discord.gate import Refusal, Visitor
from pointsman.discord.shares import ON_SHELF, SAVED_AFTER, Shares, span
from pointsman.stores.shelf import MemoryShelf

T = TypeVar("T")
ANN, BEN = Visitor("1", guild="9", channel="5"), Visitor("2", guild="9", channel="5")
DIRECT = Visitor("1", channel="6", direct=True)
START = 1_700_000_000.0


class Watch:
    """Seconds since the epoch, which are stepped."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


async def never(_: float) -> None:
    await asyncio.Event().wait()


def opened(watch: Watch, shelf: MemoryShelf | None = None, **settings: object) -> Shares:
    return Shares(Discord.model_validate(settings), shelf or MemoryShelf(), now=watch, sleep=never)


def limits(**rates: object) -> dict[str, object]:
    return {"user": rates}


def reset_in(refusal: Refusal | None) -> float:
    """In how many seconds a refusal says that there is more."""
    assert refusal is not None
    match = re.search(r"<t:(\d+):R>", refusal.words)
    assert match is not None
    return int(match[1]) - START


async def test_without_limits_everybody_asks_what_he_likes() -> None:
    shares = opened(Watch())
    assert [await shares.ask(ANN) for _ in range(50)] == [None] * 50
    assert await shares.left(ANN) == ()


async def test_who_has_asked_as_much_as_he_may_is_told_when_there_is_more() -> None:
    watch = Watch()
    shares = opened(watch, limits=limits(messages="3/10m"))
    assert [await shares.ask(ANN) for _ in range(3)] == [None] * 3
    refusal = await shares.ask(ANN)
    assert refusal is not None
    assert "You have used up your 3 messages in 10 minutes." in refusal.words
    assert 600 <= reset_in(refusal) <= 600 * 1.02
    assert await shares.ask(BEN) is None
    watch.now += reset_in(refusal)
    assert await shares.ask(ANN) is None
    await shares.close()


async def test_a_refused_message_counts_as_nothing() -> None:
    watch = Watch()
    shares = opened(watch, limits=limits(messages=["2/1m", "4/1h"]))
    for _ in range(2):
        for _ in range(5):
            await shares.ask(ANN)
        watch.now += 62
    refusal = await shares.ask(ANN)
    assert refusal is not None
    assert "4 messages in an hour" in refusal.words
    assert reset_in(refusal) > 3000
    await shares.close()


async def test_a_server_has_a_share_of_its_own() -> None:
    shares = opened(Watch(), limits={"guild": {"messages": "2/1d"}})
    assert await shares.ask(ANN) is None
    assert await shares.ask(BEN) is None
    refusal = await shares.ask(ANN)
    assert refusal is not None
    assert refusal.words.startswith("This server has used up its 2 messages in a day.")
    assert not refusal.silent
    assert await shares.ask(DIRECT) is None
    await shares.close()


async def test_admins_have_no_limits_but_who_manages_a_server_has() -> None:
    shares = opened(Watch(), limits=limits(messages="1/1h"), admins={"users": ["1"], "roles": ["7"]})
    role = Visitor("3", frozenset({"7"}), guild="9")
    manager = Visitor("4", guild="9", manages=True)
    for admin in (ANN, role):
        assert [await shares.ask(admin) for _ in range(3)] == [None] * 3
        assert await shares.draw(admin, 9) is None
    assert await shares.ask(manager) is None
    assert await shares.ask(manager) is not None
    await shares.close()


async def test_pictures_are_counted_before_they_are_drawn_and_given_back_when_that_failed() -> None:
    shares = opened(Watch(), limits=limits(pictures="2/1h"))
    assert await shares.draw(ANN) is None
    assert await shares.draw(ANN) is None
    assert "2 pictures in an hour" in (await shares.draw(ANN) or Refusal("")).words
    assert await shares.ask(ANN, pictures=1) is not None
    assert await shares.ask(ANN) is None
    await shares.give_back(ANN)
    assert await shares.draw(ANN) is None
    assert await shares.draw(ANN) is not None
    await shares.give_back(ANN, 5)
    assert [it.left for it in await shares.left(ANN)] == [2]
    await shares.close()


async def test_what_was_spent_last_is_given_back_first() -> None:
    watch = Watch()
    shares = opened(watch, limits=limits(pictures="2/1m"))
    await shares.draw(ANN)
    watch.now += 50
    await shares.draw(ANN)
    await shares.give_back(ANN)
    watch.now += 12
    assert await shares.draw(ANN, 2) is None
    await shares.close()


async def test_of_two_limits_the_one_that_takes_longer_is_told() -> None:
    shares = opened(Watch(), limits=limits(messages=["1/1m", "1/1h"]))
    await shares.ask(ANN)
    assert reset_in(await shares.ask(ANN)) >= 3600
    await shares.close()


async def test_more_than_ever_may_be_has_no_moment() -> None:
    shares = opened(Watch(), limits=limits(pictures="2/1h"))
    refusal = await shares.draw(ANN, 3)
    assert refusal is not None
    assert "<t:" not in refusal.words
    assert "2 pictures in an hour" in refusal.words


async def test_what_is_left_can_be_asked() -> None:
    watch = Watch()
    shares = opened(watch, limits={"user": {"messages": "5/1h"}, "guild": {"pictures": "9/1d"}})
    await shares.ask(ANN)
    mine, everybodys = await shares.left(ANN)
    assert (mine.whose, mine.what, mine.left, mine.amount, mine.seconds) == ("user", "messages", 4, 5, 3600)
    assert 3600 <= mine.full_at - watch.now <= 3600 * 1.02
    assert (everybodys.whose, everybodys.left, everybodys.full_at) == ("guild", 9, watch.now)
    await shares.close()


async def test_counts_are_kept_over_a_restart_until_they_count_no_longer() -> None:
    watch, shelf = Watch(), MemoryShelf()
    settings = {"user": {"messages": "2/1h", "pictures": "1/1d"}}
    before = opened(watch, shelf, limits=settings)
    await before.ask(ANN)
    await before.ask(BEN)
    await before.draw(ANN)
    await before.close()
    after = opened(watch, shelf, limits=settings)
    assert await after.ask(ANN) is None
    assert await after.ask(ANN) is not None
    assert await after.draw(ANN) is not None
    await after.close()
    watch.now += 2 * 86_400
    third = opened(watch, shelf, limits=settings)
    assert await third.draw(BEN) is None
    await third.close()
    assert "user:1" not in await shelf.read(ON_SHELF)


async def test_a_killed_process_forgets_no_more_than_a_second() -> None:
    watch, shelf = Watch(), MemoryShelf()
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    shares = Shares(Discord.model_validate({"limits": limits(messages="1/1h")}), shelf, now=watch, sleep=sleep)
    await shares.ask(ANN)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asked == [SAVED_AFTER]
    assert "user:1" in await shelf.read(ON_SHELF)


async def test_two_processes_keep_each_others_counts() -> None:
    watch, shelf = Watch(), MemoryShelf()
    one, other = (opened(watch, shelf, limits=limits(messages="1/1h")) for _ in range(2))
    await one.ask(ANN)
    await other.ask(BEN)
    await one.close()
    await other.close()
    third = opened(watch, shelf, limits=limits(messages="1/1h"))
    assert await third.ask(ANN) is not None
    assert await third.ask(BEN) is not None


class Broken(MemoryShelf):
    """A shelf on a full disk."""

    async def change(self, key: str, change: Callable[[str], tuple[str, T]]) -> T:
        raise StoreError("the disk is full", cure="make room")

    async def read(self, key: str) -> str:
        raise StoreError("the file is damaged", cure="restore it")


async def test_where_nothing_can_be_kept_counting_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    shares = opened(Watch(), Broken(), limits=limits(messages="1/1h"))
    assert await shares.ask(ANN) is None
    assert await shares.ask(ANN) is not None
    await shares.close()
    assert "the disk is full" in caplog.text


@pytest.mark.parametrize("kept", ["[", "[]", '{"user:1": 3}', '{"user:1": {"messages/3600": [1, "x", {}]}}'])
async def test_what_cannot_be_read_is_begun_anew(kept: str) -> None:
    shelf = MemoryShelf()
    await shelf.change(ON_SHELF, lambda _: (kept, None))
    shares = opened(Watch(), shelf, limits=limits(messages="1/1h"))
    assert await shares.ask(ANN) is None
    assert await shares.ask(ANN) is not None
    await shares.close()


async def test_while_many_wait_everybody_waits_his_turn() -> None:
    watch = Watch()
    shares = opened(watch, slow={"waiting": 4, "every": 30})
    assert await shares.ask(ANN, waiting=9) is None
    assert await shares.ask(ANN, waiting=3) is None
    watch.now += 10
    refusal = await shares.ask(ANN, waiting=4)
    assert refusal is not None
    assert reset_in(refusal) == 30
    assert "(4)" in refusal.words
    assert await shares.ask(BEN, waiting=4) is None
    watch.now += 20
    assert await shares.ask(ANN, waiting=4) is None
    off = opened(watch, slow={"every": 0})
    assert [await off.ask(ANN, waiting=99) for _ in range(3)] == [None] * 3


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["ask", "draw", "back"]), st.floats(0, 40)), max_size=40))
async def test_in_no_time_is_more_asked_than_is_allowed(steps: list[tuple[str, float]]) -> None:
    watch = Watch()
    shares = opened(watch, limits=limits(messages=["3/1m", "5/2m"], pictures="2/1m"))
    asked: list[float] = []
    drawn: list[float] = []
    for what, wait in steps:
        watch.now += wait
        refusal = await (shares.draw(ANN) if what == "draw" else shares.ask(ANN)) if what != "back" else None
        if what == "back" and drawn:
            await shares.give_back(ANN)
            drawn.pop()
        elif what != "back" and refusal is None:
            (asked if what == "ask" else drawn).append(watch.now)
        elif refusal is not None:
            later = math.ceil(reset_in(refusal))
            assert 0 < later - (watch.now - START) <= 125
    await shares.close()
    for times, amount, seconds in ((asked, 3, 60), (asked, 5, 120), (drawn, 2, 60)):
        assert all(later - earlier >= seconds for earlier, later in zip(times, times[amount:], strict=False))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(600, "in 10 minutes"), (3600, "in an hour"), (86_400, "in a day"), (90, "in 90 seconds"), (1, "in a second")],
)
def test_times_are_said_as_people_do(seconds: float, words: str) -> None:
    assert span(seconds) == words
