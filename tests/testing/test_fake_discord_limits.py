"""The limits and the gateway of the fake Discord, through a real client: refusals, lost connections, sessions."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
import discord
import pytest
from tests.testing.discord_client import Client, connected, pair

from pointsman.testing.fake_discord import NONE, FakeDiscord, Limits
from pointsman.testing.fake_discord.rates import EVERYTHING, Rates
from pointsman.testing.stepped_time import SteppedTime

MESSAGES = "POST /channels/{channel}/messages"


def test_a_bucket_fills_and_starts_anew() -> None:
    time = SteppedTime()
    rates = Rates(Limits(), time, time)
    assert [rates.check(MESSAGES, "1") for _ in range(5)] == [None] * 5
    assert rates.headers(MESSAGES, "1")["X-RateLimit-Remaining"] == "0"
    assert rates.check(MESSAGES, "2") is None
    time.now = 4.0
    limited = rates.check(MESSAGES, "1")
    assert limited is not None
    assert (limited.seconds, limited.scope) == (1.0, "user")
    time.now = 5.0
    assert rates.check(MESSAGES, "1") is None
    assert rates.limited == {MESSAGES: 1}


def test_all_together_have_a_limit_too() -> None:
    time = SteppedTime()
    rates = Rates(Limits(), time, time)
    said = [rates.check("GET /users/{user}", str(place)) for place in range(51)]
    assert said[:50] == [None] * 50
    assert said[50] is not None
    assert said[50].body == {"message": "You are being rate limited.", "retry_after": 1.0, "global": True}
    assert rates.limited == {EVERYTHING: 1}


async def test_a_client_heeds_the_headers() -> None:
    async with pair(limits=Limits().faster(500)) as (fake, client):
        fake.person("Ann").says("hello", fake.channel)
        await fake.until(lambda: client.heard)
        await asyncio.gather(*(client.heard[0].channel.send(str(number)) for number in range(12)))
        assert len(fake.said()) == 12
        assert sum(fake.rates.limited.values()) <= 1  # a window is 10 ms here, and machines pause for longer


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_a_429_on_order_is_waited_for(scope: str, caplog: pytest.LogCaptureFixture) -> None:
    async with pair() as (fake, client):
        fake.person("Ann").says("hello", fake.channel)
        await fake.until(lambda: client.heard)
        fake.rates.refuse_next(2, after=0.01, part=MESSAGES, scope=scope)
        with caplog.at_level(logging.CRITICAL, "discord"):
            await client.heard[0].channel.send("at last")
        assert fake.rates.ordered == fake.rest.counted(MESSAGES, status=429) == 2
        assert fake.said() == ["at last"]


async def test_errors_on_order() -> None:
    async with pair() as (fake, client):
        fake.person("Ann").says("hello", fake.channel)
        await fake.until(lambda: client.heard)
        fake.rest.refuse_next("missing_permissions", part=MESSAGES)
        with pytest.raises(discord.Forbidden):
            await client.heard[0].channel.send("no")
        await client.heard[0].channel.send("yes")
        assert fake.rest.statuses()[403] == 1


async def test_what_is_not_there_fails_the_test() -> None:
    async def ask() -> None:
        async with (
            FakeDiscord() as fake,
            aiohttp.ClientSession() as session,
            session.get(f"{fake.url}/api/v10/stage") as response,
        ):
            assert response.status == 404

    with pytest.raises(NotImplementedError, match="GET /stage"):
        await ask()


@pytest.mark.parametrize("how", ["drop", "reconnect"])
async def test_what_was_missed_is_told_again(how: str) -> None:
    async with pair() as (fake, client):
        ann = fake.person("Ann")
        ann.says("before", fake.channel)
        await fake.until(lambda: client.heard)
        fake.gateway.hold()
        getattr(fake.gateway, how)()
        await fake.until(lambda: not fake.gateway.connections)
        ann.says("meanwhile", fake.channel)
        fake.gateway.let_in()
        await fake.until(lambda: client.count["resumed"])
        ann.says("after", fake.channel)
        await fake.until(lambda: len(client.heard) == 3)
        assert [it.content for it in client.heard] == ["before", "meanwhile", "after"]
        assert (fake.gateway.identified, fake.gateway.resumed, fake.gateway.replayed) == (1, 1, 1)


async def test_a_session_that_is_over_begins_anew() -> None:
    async with pair() as (fake, client):
        fake.gateway.invalidate()
        await fake.until(lambda: client.count["ready"] == 2)
        assert (fake.gateway.identified, fake.gateway.resumed) == (2, 0)


async def test_a_dead_connection_is_noticed() -> None:
    fake = FakeDiscord(limits=NONE)
    fake.gateway.beat = 20
    async with fake, connected(fake, Client(heartbeat_timeout=0.1)) as client:
        await fake.until(lambda: fake.gateway.beats > 2)
        fake.gateway.fall_silent()
        fake.person("Ann").says("anybody?", fake.channel)
        await fake.until(lambda: client.heard)
        assert fake.gateway.resumed == 1


async def test_who_asks_for_too_much_or_has_the_wrong_token_is_sent_away() -> None:
    async with FakeDiscord(granted=(), limits=NONE) as fake:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with connected(fake, Client()):
                pass
        assert fake.gateway.refused == [4014]
        fake.token = "wrong"
        with pytest.raises(discord.LoginFailure):
            async with connected(fake, Client()):
                pass


async def test_shards_hear_of_their_servers_only() -> None:
    async with FakeDiscord(limits=NONE) as fake:
        guild = fake.guild
        mine = (int(guild.id) >> 22) % 2
        clients = [Client(shard_id=shard, shard_count=2) for shard in range(2)]
        async with connected(fake, clients[0]), connected(fake, clients[1]):
            fake.person("Ann").says("hello", fake.channel)
            await fake.until(lambda: clients[mine].heard)
            assert [len(it.guilds) for it in clients] == [int(mine == 0), int(mine == 1)]
            assert not clients[1 - mine].heard


async def test_the_redirection_is_taken_back() -> None:
    before = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY, discord.Asset.BASE
    async with FakeDiscord() as fake:
        with fake.redirected():
            assert fake.url == discord.http.Route.BASE.removesuffix("/api/v10")
        assert before == (
            discord.http.Route.BASE,
            discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY,
            discord.Asset.BASE,
        )
