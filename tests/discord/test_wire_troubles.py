"""What the bot does on a Discord over real sockets that cuts it off, slows it down, or refuses it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.discord.wire import Wire, opened_wire

from pointsman.core.errors import ConfigError
from pointsman.testing.fake_discord import Message

SENDS = "POST /channels/{channel}/messages"
EDITS = "PATCH /channels/{channel}/messages/{message}"
STORY = " ".join(f"word{number}" for number in range(60))


async def begun(wire: Wire) -> tuple[Message, Message]:
    """A question whose reply has begun, and goes no further."""
    asked = wire.ann.asks("tell me a story", wire.discord.channel)
    return asked, await wire.begun(asked, "word0")


async def test_a_429_while_a_reply_grows_is_waited_for(tmp_path: Path) -> None:
    async with opened_wire(tmp_path, says=lambda _: STORY) as wire:
        asked, reply = await begun(wire)
        wire.discord.rates.refuse_next(3, after=0.01, part=EDITS)
        wire.discord.rates.refuse_next(1, after=0.01, part=SENDS, scope="global")
        wire.drip.go()
        other = wire.bob.asks("tell me another one", wire.discord.channel)
        await wire.until(lambda: reply.content == STORY)
        second = await wire.discord.replied(other)
        await wire.until(lambda: second.content == STORY)
        assert wire.discord.rates.ordered == 4
        assert wire.discord.lost([asked, other]) == wire.discord.doubled([asked, other]) == []


async def test_many_at_once_in_one_channel_are_slowed_down_and_hardly_refused(tmp_path: Path) -> None:
    async with opened_wire(tmp_path) as wire:
        people = [wire.discord.person(f"P{number}") for number in range(12)]
        asked = [it.asks(f"what is {it.name}?", wire.discord.channel) for it in people]
        await wire.until(lambda: not wire.discord.lost(asked) and not wire.bot.answers.running)
        assert wire.discord.doubled(asked) == []
        # Windows are shortened: where the machine pauses for one, two requests may meet in it, as on the real network.
        assert sum(wire.discord.rates.limited.values()) <= 3
        for message, person in zip(asked, people, strict=True):
            assert person.name in wire.discord.replies_to(message)[0].content


@pytest.mark.parametrize("how", ["drop", "reconnect", "invalidate"])
async def test_a_connection_lost_in_the_middle_of_a_reply_loses_and_doubles_nothing(tmp_path: Path, how: str) -> None:
    async with opened_wire(tmp_path, says=lambda _: STORY) as wire:
        asked, reply = await begun(wire)
        before = wire.discord.gateway.sessions.copy()
        wire.discord.gateway.hold()
        getattr(wire.discord.gateway, how)()
        await wire.until(lambda: not wire.discord.gateway.connections)
        wire.drip.go()
        await wire.until(lambda: reply.content == STORY)  # writing needs no gateway
        meanwhile = wire.bob.asks("and me?", wire.discord.channel)
        wire.discord.gateway.let_in()
        back = how != "invalidate"
        await wire.until(lambda: wire.discord.gateway.resumed if back else wire.discord.gateway.identified == 2)
        after = wire.bob.asks("and now?", wire.discord.channel)
        await wire.discord.replied(after)
        if back:  # what was missed is told again, and answered once
            await wire.discord.replied(meanwhile)
            assert set(wire.discord.gateway.sessions) == set(before)
        wire.discord.gateway.tell_message("MESSAGE_CREATE", asked)  # a second time, as Discord does now and then
        last = wire.ann.asks("the last", wire.discord.channel)
        await wire.discord.replied(last)
        await wire.until(lambda: not wire.bot.answers.running)
        everything = [asked, *([meanwhile] if back else []), after, last]
        assert wire.discord.lost(everything) == wire.discord.doubled(everything) == []
        assert reply.content == STORY


async def test_a_channel_that_refuses_the_bot_is_told_elsewhere(tmp_path: Path) -> None:
    async with opened_wire(tmp_path) as wire:
        wire.discord.deny(wire.discord.channel, "send_messages", quietly=True)
        wire.ann.asks("anybody?", wire.discord.channel)
        direct = wire.discord.world.direct(wire.ann.user)
        await wire.until(lambda: wire.discord.said(direct))
        assert f"<#{wire.discord.channel.id}>" in wire.discord.said(direct)[0]
        assert wire.discord.said(wire.discord.channel) == []
        assert wire.discord.rest.counted(SENDS, status=403) == 1
        wire.discord.allow(wire.discord.channel)
        again = wire.ann.asks("and now?", wire.discord.channel)
        await wire.discord.replied(again)


async def test_who_cannot_be_told_either_does_no_harm(tmp_path: Path) -> None:
    async with opened_wire(tmp_path) as wire:
        wire.ann.user.reachable = False
        wire.discord.deny(wire.discord.channel, "send_messages", quietly=True)
        wire.ann.asks("anybody?", wire.discord.channel)
        await wire.until(lambda: wire.discord.rest.counted(SENDS, status=403) == 2)
        other = wire.bob.says("hello?")
        await wire.discord.replied(other)


async def test_a_shutdown_lets_replies_finish(tmp_path: Path) -> None:
    async with opened_wire(tmp_path, says=lambda _: STORY) as wire:
        asked, reply = await begun(wire)
        draining = asyncio.create_task(wire.bot.drain(500))
        late = wire.bob.asks("one more?", wire.discord.channel)
        refusal = await wire.discord.replied(late)
        assert "restarted" in refusal.content
        wire.drip.go()
        await draining
        assert reply.content == STORY
        assert wire.discord.doubled([asked, late]) == []


async def test_a_shutdown_that_cannot_wait_says_so_where_it_is_read(tmp_path: Path) -> None:
    async with opened_wire(tmp_path, says=lambda _: STORY) as wire:
        asked, reply = await begun(wire)
        await wire.bot.drain(0.01)
        await wire.bot.close()
        assert reply.content.startswith("word0")
        assert "restarted" in reply.content
        assert not reply.components
        assert wire.discord.doubled([asked]) == []


async def test_it_says_which_intent_is_off(tmp_path: Path) -> None:
    async with opened_wire(tmp_path, granted=(), start=False) as wire:
        with pytest.raises(ConfigError, match="Message Content") as refused:
            await wire.running
        assert "switch it on" in refused.value.cure
        assert wire.discord.gateway.refused == [4014]


async def test_it_says_that_the_token_is_wrong(tmp_path: Path) -> None:
    async with opened_wire(tmp_path, token="not this one", start=False) as wire:
        with pytest.raises(ConfigError, match="token") as refused:
            await wire.running
        assert "DISCORD_TOKEN" in refused.value.cure
        assert wire.discord.gateway.identified == 0
