"""`pointsman serve` and `pointsman bot` as processes: the bot answers on Discord, and ends as it is told to."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from tests.cli.bot_process import started, written
from tests.cli.test_serve_drain import Slow

from pointsman.testing.fake_discord import FakeDiscord

KEY = "a-key-that-is-long-enough"


@pytest.fixture
def upstream() -> Iterator[Slow]:
    with Slow() as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.may_end.set()
        server.shutdown()


def slow(upstream: Slow) -> dict[str, Any]:
    main = {"provider": "openai", "url": f"http://127.0.0.1:{upstream.server_port}/v1", "model": "some/model"}
    return {"models": {"main": main}, "server": {"drain": "30s"}}


async def asked(line: str, path: str, **headers: str) -> Any:
    """What the gateway that says where it listens answers to a request."""
    port = int(re.findall(r"http://127\.0\.0\.1:(\d+) ", line)[0])

    def ask() -> Any:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path, headers=headers)
        try:
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    return await asyncio.to_thread(ask)


async def test_serve_has_the_bot_beside_it_and_drains_both(tmp_path: Path, upstream: Slow) -> None:
    file = written(tmp_path, **slow(upstream))
    async with (
        FakeDiscord() as discord,
        started(discord, tmp_path, "serve", "--port", "0", "--no-page", "--config", file) as served,
    ):
        ann = discord.person("Ann")
        listening = await served.until("listening on")
        up = await served.until("is up in")
        assert f"the bot {discord.me.name}" in up
        assert "in 1 server;" in up
        assert f"client_id={discord.me.id}&scope=bot+applications.commands&permissions=" in up
        health = await asked(listening, "/healthz")
        assert health["discord"] == {"state": "up", "servers": 1, "problem": ""}
        reply = await discord.replied(ann.asks("17 % of 2,340?", discord.channel))
        await discord.until(lambda: "397.8" in reply.content)
        story = await discord.replied(ann.asks("why is the sky blue?", discord.channel))
        await discord.until(lambda: "word" in story.content)
        served.process.send_signal(signal.SIGINT)
        await served.until("waits up to 30 s for 1 open reply")
        late = await discord.replied(ann.asks("and at night?", discord.channel))
        assert "restarted" in late.content
        upstream.may_end.set()
        assert await served.ended() == 130
        assert served.said.endswith("pointsman: stopped\n")
        assert story.content == "word"
        assert not discord.gateway.connections


async def test_without_the_bot_there_is_none_and_a_remote_one_asks_the_gateway(tmp_path: Path) -> None:
    file = written(tmp_path)
    async with (
        FakeDiscord() as discord,
        started(
            discord, tmp_path, "serve", "--port", "0", "--no-page", "--no-bot", "--config", file, POINTSMAN_KEY=KEY
        ) as served,
    ):
        ann = discord.person("Ann")
        url = re.findall(r"http://\S+", await served.until("listening on"))[0]
        async with started(discord, tmp_path, "bot", "--gateway", url, POINTSMAN_KEY=KEY) as remote:
            await remote.until("is up in 1 server")
            reply = await discord.replied(ann.asks("17 % of 2,340?", discord.channel))
            await discord.until(lambda: "397.8" in reply.content)
            assert await remote.ended(signal.SIGTERM) == -signal.SIGTERM


async def test_the_bot_alone_stops_at_once_when_it_is_told_twice(tmp_path: Path, upstream: Slow) -> None:
    file = written(tmp_path, **slow(upstream))
    async with FakeDiscord() as discord, started(discord, tmp_path, "bot", "--config", file) as bot:
        ann = discord.person("Ann")
        await bot.until("is up in 1 server")
        story = await discord.replied(ann.asks("why is the sky blue?", discord.channel))
        await discord.until(lambda: "word" in story.content)
        bot.process.send_signal(signal.SIGINT)
        await bot.until("waits up to 30 s for 1 open reply; once more stops at once")
        assert await bot.ended(signal.SIGINT) == 130
        assert bot.said.endswith("pointsman: stopped\n")
        assert "Traceback" not in bot.said
        assert "restarted" in story.content
