"""Every trouble of a stream does to a plain client what it says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from pointsman.testing.clouds import FakeOpenAi, StreamTrouble

CHAT = {"model": "m", "messages": [{"role": "user", "content": "one two three four five"}]}
PAUSE = 0.002


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer sk-test"}) as opened:
        yield opened


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAi]:
    async with FakeOpenAi() as started:
        yield started


async def stream(session: aiohttp.ClientSession, fake: FakeOpenAi) -> AsyncIterator[str]:
    async with session.post(f"{fake.url}/chat/completions", json={**CHAT, "stream": True}) as response:
        assert response.headers["content-type"] == "text/event-stream"
        async for line in response.content:
            if line.strip():
                yield line.decode().removeprefix("data: ").strip()


def texts(events: list[str]) -> list[str]:
    deltas = [json.loads(event)["choices"][0]["delta"] for event in events if '"delta"' in event]
    return [delta["content"] for delta in deltas if delta.get("content")]


async def test_a_stream_that_breaks(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(StreamTrouble("break", after=3))
    events: list[str] = []
    with pytest.raises(aiohttp.ClientError):
        await collect(stream(session, fake), events)
    assert texts(events) == ["You", " said:", " one"]


async def test_a_stream_with_an_error_in_it(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(StreamTrouble("error", after=2))
    events = [event async for event in stream(session, fake)]
    assert texts(events) == ["You", " said:"]
    assert json.loads(events[-1])["error"]["type"] == "server_error"


async def test_a_stream_without_its_end(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    whole = [event async for event in stream(session, fake)]
    assert whole[-1] == "[DONE]"
    fake.troubles.set(StreamTrouble("no_done"))
    events = [event async for event in stream(session, fake)]
    assert texts(events) == texts(whole)
    assert json.loads(events[-1])["choices"][0]["finish_reason"] == "stop"


async def test_a_slow_stream(session: aiohttp.ClientSession) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with FakeOpenAi(sleep=sleep) as fake:
        fake.troubles.set(StreamTrouble("slow", after=2, seconds=4))
        events = [event async for event in stream(session, fake)]
        assert len(texts(events)) == 7
        assert waited == [4.0] * 5


async def test_a_stream_that_hangs(session: aiohttp.ClientSession) -> None:
    async with FakeOpenAi() as fake:
        fake.troubles.set(StreamTrouble("hang", after=1))
        events = stream(session, fake)
        assert "role" in await anext(events)
        assert texts([await anext(events)]) == ["You"]
        rest: list[str] = []
        waiting = asyncio.create_task(collect(events, rest))
        await asyncio.sleep(PAUSE)
        assert not waiting.done()
    with pytest.raises(aiohttp.ClientError):
        await waiting
    assert not rest


async def collect(stream: AsyncIterator[str], into: list[str]) -> None:
    """What came before a break counts too."""
    async for event in stream:
        into.append(event)  # noqa: PERF401


async def test_a_call_that_is_no_stream_has_no_trouble_of_streams(
    session: aiohttp.ClientSession, fake: FakeOpenAi
) -> None:
    fake.troubles.set(StreamTrouble("break", after=0))
    async with session.post(f"{fake.url}/chat/completions", json=CHAT) as response:
        assert (await response.json())["object"] == "chat.completion"
