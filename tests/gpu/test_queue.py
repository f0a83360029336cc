"""Who waits, for whom, for how long, and what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.gpu.scene import GB, HUGE, IMAGE, MAIN, MIDDLE, SHORT, TINY, Scene, want

from pointsman.core.errors import ModelFailed, NoRoom
from pointsman.gpu.settings import Settings
from pointsman.gpu.ticket import Ticket
from pointsman.gpu.want import Notice, Rung

LARGE = Rung("comfyui:large", 12 * GB, "", "large pictures")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with Scene() as it:
        yield it


async def test_a_picture_and_the_chat_model_stay_together_where_both_fit(scene: Scene) -> None:
    await scene.used(MAIN)
    image = await scene.granted(IMAGE, kind="image")
    assert scene.ollama.calls("unload") == []
    assert scene.tenant(MAIN).phase == "resident"
    image.give_back()


async def test_most_leases_of_a_tenant(scene: Scene) -> None:
    first = await scene.granted(MAIN)
    second = scene.arbiter.request(want())
    await scene.run(20)
    assert [it.seconds > 0 for it in [last(second)]] == [True]
    assert scene.tenant(MAIN).leases == {first.id}
    first.give_back()
    await scene.until(second.lease(), seconds=0.1)


async def test_two_at_once_where_the_server_takes_two() -> None:
    async with Scene(settings=Settings(most_leases={"ollama": 2})) as scene:
        await scene.granted(MAIN)
        await scene.granted(MAIN)
        assert len(scene.tenant(MAIN).leases) == 2


def last(ticket: Ticket) -> Notice:
    """What a ticket was told last."""
    assert ticket._notice is not None
    return ticket._notice


async def test_who_waits_is_told_the_place_the_time_and_for_what(scene: Scene) -> None:
    chat = await scene.granted(MAIN)
    image = scene.arbiter.request(want(LARGE, kind="image"))
    other = scene.arbiter.request(want(MIDDLE, kind="chat"))
    waits = scene.arbiter.request(want(LARGE, kind="image"))
    await scene.run(0.1)
    assert (last(image).position, last(image).text) == (
        1,
        "waiting for main to finish, to make room for large pictures",
    )
    assert 5 < last(image).seconds < 30
    assert last(waits).position >= 2
    assert scene.arbiter.snapshot().queue[0].why == last(image).text
    for it in (chat, image, other, waits):
        it.give_back()


async def test_notices_end_with_the_lease(scene: Scene) -> None:
    ticket = scene.arbiter.request(want())

    async def listen() -> list[str]:
        return [it.text async for it in ticket.notices()]

    said = await scene.until(listen())
    assert said == ["loading main"]
    assert (await ticket.lease()).cold


async def test_a_short_model_passes_one_that_waits(scene: Scene) -> None:
    chat = await scene.granted(MAIN)
    image = scene.arbiter.request(want(LARGE, kind="image"))
    await scene.run(1)
    tiny = scene.arbiter.request(want(TINY))
    await scene.until(tiny.lease(), seconds=4)
    assert not image._lease.done()
    for it in (chat, image, tiny):
        it.give_back()


async def test_overtaking_ends(scene: Scene) -> None:
    """B waits for the card while A comes again and again: after four of A, or 20 s, it is B's turn."""
    chat = await scene.granted(MAIN, seconds=5)
    image = scene.arbiter.request(want(LARGE, kind="image"))
    since = scene.time.now
    turns = 0
    while not image._lease.done():
        following = scene.arbiter.request(want(MAIN, deadline=2000))
        await scene.run(3)
        chat.give_back()
        chat = following
        turns += 1
        assert turns < 20, "it starves"
    assert scene.time.now - since <= 20 + 3 * 3


async def test_same_tenants_go_together_but_not_for_ever(scene: Scene) -> None:
    first = await scene.granted(MAIN)
    image = scene.arbiter.request(want(LARGE, kind="image"))
    chats = [scene.arbiter.request(want(MAIN, deadline=2000)) for _ in range(8)]
    order: list[str] = []

    async def use(name: str, ticket: Ticket) -> None:
        async with ticket as _:
            order.append(name)
            await scene.time.sleep(1.0)

    tasks = [asyncio.ensure_future(use(name, it)) for name, it in [("image", image), *[("chat", c) for c in chats]]]
    first.give_back()
    await scene.until(asyncio.gather(*tasks))  # type: ignore[arg-type]
    assert order == ["chat"] * 4 + ["image"] + ["chat"] * 4


async def test_the_conversations_model_is_kept_for_its_next_turn(scene: Scene) -> None:
    await scene.used(MAIN, holder="ann")
    image = scene.arbiter.request(want(LARGE, kind="image", holder="bob"))
    await scene.run(8)
    assert scene.ollama.calls("unload") == []
    await scene.run(8)
    assert image._lease.done()
    image.give_back()


async def test_the_last_turn_of_a_conversation_keeps_nothing(scene: Scene) -> None:
    for last in (False, True):
        (await scene.granted(MAIN, holder="ann")).give_back(last=last)
        await scene.time.settle()
    lease = await scene.until(scene.arbiter.request(want(LARGE, kind="image", holder="bob")).lease(), seconds=3)
    assert lease.evicted == (MAIN.tenant,)


async def test_the_conversation_itself_does_not_wait_for_its_own_model(scene: Scene) -> None:
    await scene.used(MAIN, holder="ann")
    lease = await scene.until(scene.arbiter.request(want(LARGE, kind="image", holder="ann")).lease(), seconds=3)
    assert lease.evicted == (MAIN.tenant,)


async def test_the_thrash_brake(scene: Scene) -> None:
    """Two hasty swaps in two minutes are served at once; the third has to let the residency end."""
    waited = []
    for rung in (MAIN, LARGE, MAIN, LARGE):
        ticket = await scene.granted(rung)
        waited.append((await ticket.lease()).waited)
        ticket.give_back()
        await scene.time.settle()
    assert max(waited[:3]) < 5
    assert 20 < waited[3] < 35


async def test_background_waits_for_the_interactive_and_ages(scene: Scene) -> None:
    chat = await scene.granted(MAIN)
    background = scene.arbiter.request(want(SHORT, priority="background", deadline=2000))
    order: list[str] = []

    async def use(name: str, ticket: Ticket) -> None:
        async with ticket as _:
            order.append(name)

    tasks = [asyncio.ensure_future(use("background", background))]
    await scene.run(5)
    tasks.append(asyncio.ensure_future(use("interactive", scene.arbiter.request(want()))))
    await scene.run(1)
    chat.give_back()
    await scene.until(asyncio.gather(*tasks))  # type: ignore[arg-type]
    assert order == ["interactive", "background"]


async def test_what_no_card_holds_is_refused_at_once(scene: Scene) -> None:
    with pytest.raises(NoRoom, match=r"huge needs 40.0 GB, more than the 23.0 GB of the card") as refused:
        await scene.until(scene.arbiter.request(want(HUGE)).lease(), seconds=0.5)
    assert refused.value.retry_after == 30
    assert refused.value.cure


async def test_an_unknown_server_is_named(scene: Scene) -> None:
    with pytest.raises(ModelFailed, match="no server named vllm"):
        await scene.until(scene.arbiter.request(want(Rung("vllm:x", GB))).lease(), seconds=1)


async def test_a_wish_ends_with_its_deadline(scene: Scene) -> None:
    await scene.granted(MAIN)
    ticket = scene.arbiter.request(want(deadline=30.0))
    with pytest.raises(NoRoom, match="no room for it in 30 s"):
        await scene.until(ticket.lease(), seconds=33)
