"""How the bot connects: what it wants to hear of, over how many connections, and what is said where it may not."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from tests.discord.conftest import Staged
from tests.discord.stage import Stage

from pointsman.config.discord import Discord
from pointsman.core.errors import ConfigError
from pointsman.discord.bot import Bot, ShardedBot, make_bot
from pointsman.stores.shelf import MemoryShelf

SKY = "why is the sky blue?"


def bot(**settings: Any) -> Bot:
    service: Any = None
    return make_bot(Discord.model_validate(settings), service, MemoryShelf())


async def test_it_wants_to_hear_of_messages_and_of_nothing_private() -> None:
    wanted = bot().intents

    assert wanted.message_content
    assert not wanted.members
    assert not wanted.presences


async def test_it_has_as_many_connections_as_is_configured() -> None:
    assert not isinstance(bot(), discord.AutoShardedClient)
    advised = bot(sharding={"count": "auto"})
    assert isinstance(advised, ShardedBot)
    assert advised.shard_count is None
    some = bot(sharding={"count": 4, "ids": [1, 3]})
    assert (some.shard_count, some.shard_ids) == (4, [1, 3])


async def test_with_several_connections_it_answers_on_each(staged: Staged) -> None:
    async with staged(sharding={"count": 2}) as stage:
        other = stage.env.create_guild("Hill", shard_id=1)
        channel = other.create_text_channel("general")
        ann = other.add_member(stage.env.create_user("ann of the hill"))
        await ann.send(channel, f"{stage.me} {SKY}")
        await stage.tell(SKY)

        assert stage.read(channel) == stage.read() == [f"You said: {SKY}"]


async def test_without_a_token_it_says_where_there_is_one() -> None:
    with pytest.raises(ConfigError, match="no token") as raised:
        await bot().run_until_closed()
    assert "DISCORD_TOKEN" in raised.value.cure


@pytest.mark.parametrize(
    ("error", "cure"),
    [
        (discord.PrivilegedIntentsRequired(None), "Message Content Intent"),
        (discord.LoginFailure("Improper token has been passed."), "Reset Token"),
    ],
)
async def test_what_discord_refuses_is_put_right_in_its_portal(
    monkeypatch: pytest.MonkeyPatch, error: Exception, cure: str
) -> None:
    async def start(*_: object, **__: object) -> None:
        raise error

    refused = bot(token="secret")
    monkeypatch.setattr(refused, "start", start)
    with pytest.raises(ConfigError) as raised:
        await refused.run_until_closed()
    assert cure in raised.value.cure
    assert "discord.com/developers" in raised.value.cure
    assert "secret" not in str(raised.value)


async def test_while_many_wait_everybody_waits_his_turn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def card() -> dict[str, Any]:
        return {"queue": [{}] * 4}

    monkeypatch.setattr(stage.service, "card", card, raising=False)
    await stage.tell("hello")
    await stage.tell("hello")

    assert len(stage.service.asked) == 1
    assert "Many wait for the graphics card (4)" in stage.read()[1]
    await stage.advance(31)
    await stage.tell("hello")
    assert len(stage.service.asked) == 2


async def test_a_command_that_takes_longer_than_discord_waits_is_answered_in_the_channel(stage: Stage) -> None:
    stage.service.pace = 400.0
    await stage.ann.slash(stage.channel, "ask", text=SKY)
    for _ in range(30):
        await stage.advance(400)

    assert [it for it in stage.read() if "You said" in it] == [f"You said: {SKY}"]
