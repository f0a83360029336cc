"""Every trouble does to a plain client what it says."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from pointsman.testing.clouds import KINDS, AnyTrouble, FakeOpenAi, Trouble
from pointsman.testing.clouds.faults import PAGE

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


async def ask(session: aiohttp.ClientSession, fake: FakeOpenAi, **given: Any) -> tuple[int, str, bytes]:
    url = f"{fake.url}/chat/completions"
    async with session.post(url, json=CHAT, allow_redirects=False, **given) as response:
        return response.status, response.headers.get("content-type", ""), await response.read()


async def well(session: aiohttp.ClientSession, fake: FakeOpenAi) -> bytes:
    """What it answers when all is well; only the id is new each time."""
    status, kind, body = await ask(session, fake)
    assert (status, kind) == (200, "application/json")
    assert json.loads(body)["choices"][0]["message"]["content"] == "You said: one two three four five"
    return body


async def test_a_hanging_call_ends_when_the_client_goes(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("hang"))
    call = asyncio.create_task(ask(session, fake))
    await fake.until(lambda: fake.in_flight == 1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await fake.until(lambda: fake.in_flight == 0)
    assert len(fake.requests) == 1


async def test_a_hanging_call_ends_when_the_fake_closes(session: aiohttp.ClientSession) -> None:
    async with FakeOpenAi() as fake:
        fake.troubles.set(Trouble("hang"))
        call = asyncio.create_task(ask(session, fake))
        await fake.until(lambda: fake.in_flight == 1)
    with pytest.raises(aiohttp.ClientError):
        await call


async def test_a_slow_first_byte_waits_before_the_headers(session: aiohttp.ClientSession) -> None:
    waited: list[float] = []
    begun, go = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        begun.set()
        await go.wait()

    async with FakeOpenAi(sleep=sleep) as fake:
        fake.troubles.set(Trouble("slow_first_byte", seconds=7))
        call = asyncio.create_task(ask(session, fake))
        await begun.wait()
        assert not call.done()
        go.set()
        assert (await call)[0] == 200
        assert waited == [7]


async def test_a_trickle_comes_in_ten_pieces(session: aiohttp.ClientSession) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(PAUSE)

    async with FakeOpenAi(sleep=sleep) as fake:
        fake.troubles.set(Trouble("trickle", seconds=3))
        status, _, body = await ask(session, fake)
        assert status == 200
        assert json.loads(body)["object"] == "chat.completion"
        assert waited == [3.0] * 10


async def test_a_reset_before_the_headers(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("reset_before_headers"))
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await ask(session, fake)


async def test_a_reset_is_a_real_one(fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("reset_before_headers"))
    host, port = fake.url.removeprefix("http://").removesuffix("/v1").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-test\r\n\r\n")
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_a_reset_in_the_middle_of_the_body(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    whole = await well(session, fake)
    fake.troubles.set(Trouble("reset_mid_body"))
    async with session.post(f"{fake.url}/chat/completions", json=CHAT) as response:
        assert response.status == 200
        assert response.content_length == len(whole)
        with pytest.raises(aiohttp.ClientError):
            await response.read()


async def test_half_of_the_body_announced_as_that(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    whole = await well(session, fake)
    fake.troubles.set(Trouble("truncated"))
    status, _, body = await ask(session, fake)
    assert status == 200
    assert len(body) == len(whole) // 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


async def test_half_of_the_body_announced_as_all(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    whole = await well(session, fake)
    fake.troubles.set(Trouble("cut_short"))
    async with session.post(f"{fake.url}/chat/completions", json=CHAT) as response:
        assert response.content_length == len(whole)
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


@pytest.mark.parametrize(("kind", "mime"), [("html", "text/html"), ("html_as_json", "application/json")])
async def test_a_page_with_status_200(session: aiohttp.ClientSession, fake: FakeOpenAi, kind: Any, mime: str) -> None:
    fake.troubles.set(Trouble(kind))
    assert await ask(session, fake) == (200, mime, PAGE.encode())


async def test_json_as_text(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("json_as_text"))
    status, kind, body = await ask(session, fake)
    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert json.loads(body)["object"] == "chat.completion"


async def test_a_huge_body_is_right_and_ends_when_the_client_has_enough(
    session: aiohttp.ClientSession, fake: FakeOpenAi
) -> None:
    fake.troubles.set(Trouble("huge", size=1_000_000))
    status, _, body = await ask(session, fake)
    assert status == 200
    assert 1_000_000 <= len(body) <= 1_100_000
    assert json.loads(body)["object"] == "chat.completion"
    fake.troubles.set(Trouble("huge"))
    assert Trouble("huge").amount == 50_000_000
    async with session.post(f"{fake.url}/chat/completions", json=CHAT) as response:
        assert response.content_length is None
        assert await response.content.read(1000)
        response.close()
    await fake.until(lambda: fake.in_flight == 0)


async def test_a_gzip_bomb_is_small_until_it_is_unpacked(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("gzip_bomb", size=2_000_000))
    async with session.post(f"{fake.url}/chat/completions", json=CHAT) as response:
        assert response.headers["content-encoding"] == "gzip"
        assert int(response.headers["content-length"]) < 3000
        body = await response.read()
    assert len(body) == 2_000_004
    assert json.loads(body) is None


@pytest.mark.parametrize(("kind", "body"), [("empty", b""), ("null", b"null")])
async def test_nothing_with_status_200(
    session: aiohttp.ClientSession, fake: FakeOpenAi, kind: Any, body: bytes
) -> None:
    fake.troubles.set(Trouble(kind))
    assert await ask(session, fake) == (200, "application/json", body)


async def test_deep_json(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("deep"))
    _, _, body = await ask(session, fake)
    assert len(body) == 200_000
    with pytest.raises(RecursionError):
        json.loads(body)


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_leads_to_what_would_answer(
    session: aiohttp.ClientSession, fake: FakeOpenAi, status: Any
) -> None:
    fake.troubles.set(Trouble("redirect", status=status))
    async with session.post(f"{fake.url}/chat/completions", json=CHAT, allow_redirects=False) as response:
        assert response.status == status
        place = response.headers["location"]
    assert place == "/elsewhere/v1/chat/completions"
    assert not fake.followed
    root = fake.url.removesuffix("/v1")
    async with session.post(root + place, json=CHAT) as response:
        assert (await response.json())["object"] == "chat.completion"
    assert len(fake.followed) == 1
    assert fake.followed_with_key


async def test_a_client_that_follows_is_caught(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("redirect"))
    async with session.post(f"{fake.url}/chat/completions", json=CHAT) as response:
        assert response.status == 200
    assert fake.followed_with_key
    assert fake.followed[0].json == CHAT


async def test_troubles_come_by_script_by_chance_or_always(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    fake.troubles.set(Trouble("null"))
    fake.troubles.script(None, Trouble("empty"))
    kinds = [(await ask(session, fake))[2] for _ in range(3)]
    assert json.loads(kinds[0])["object"] == "chat.completion"
    assert kinds[1:] == [b"", b"null"]
    weights: dict[AnyTrouble | None, float] = {None: 1.0, Trouble("empty"): 1.0, Trouble("null"): 1.0}
    drawn = []
    for _ in range(2):
        fake.troubles.draw(random.Random(5), weights)
        drawn.append([(await ask(session, fake))[2][:4] for _ in range(12)])
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {b"", b"null", b'{"id'}
    fake.troubles.set(None)
    await well(session, fake)


async def test_every_kind_leaves_the_fake_able_to_answer(session: aiohttp.ClientSession, fake: FakeOpenAi) -> None:
    kinds = [kind for kind in KINDS if kind not in {"hang", "error"}]
    for kind in kinds:
        fake.troubles.script(Trouble(kind, seconds=0.0001, size=1000))
        try:
            await ask(session, fake)
        except aiohttp.ClientError:
            assert kind in {"reset_before_headers", "reset_mid_body", "cut_short"}
    await well(session, fake)
    assert len(fake.requests) == len(kinds) + 1
    assert fake.in_flight == 0


async def test_a_fake_that_broke_says_so(session: aiohttp.ClientSession) -> None:
    schema = {"name": "x", "schema": {"properties": {"label": {"enum": ["a", "b"]}}}}
    body = {**CHAT, "response_format": {"type": "json_schema", "json_schema": schema}}
    fake = FakeOpenAi(decide=lambda _text, _options: "c")
    await fake.__aenter__()
    async with session.post(f"{fake.url}/chat/completions", json=body) as response:
        assert response.status == 500
    with pytest.raises(ValueError, match="but the options are"):
        await fake.__aexit__(None)
