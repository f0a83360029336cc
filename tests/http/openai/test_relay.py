"""A concrete model of a server that speaks OpenAI's language: its own bytes, with nothing read or added."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from tests.http.openai.speaking import client_of, config_of, served

from pointsman.build import open_router
from pointsman.http.app import create_app
from pointsman.testing.clouds import FakeOpenAi, StreamTrouble, Trouble

HELLO: Any = [{"role": "user", "content": "hello"}]


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[tuple[FakeOpenAi, AsyncOpenAI, str]]:
    """A server, the client at the gateway in front of it, and the gateway's address."""
    async with FakeOpenAi(models=("m",), embedding_models={"m-embed": 8}) as server:
        main = {"provider": "openai", "url": server.url, "key": server.key, "model": "m", "name": "large"}
        small = {**main, "model": "m-embed", "name": "vectors"}
        async with open_router(config_of(folder, models={"main": main, "small": small}), store=False) as router:
            app = create_app(router, close_router=False)
            async with served(app) as url, client_of(url) as client:
                yield server, client, url


async def test_everything_is_passed_on_and_only_the_model_is_another_name(tmp_path: Path) -> None:
    said = {"model": "large", "messages": HELLO, "n": 1, "logprobs": True, "whatever": {"is": ["not", "ours"]}}
    async with house(tmp_path) as (server, _, url), httpx.AsyncClient() as client:
        direct = await client.post(
            f"{server.url}/chat/completions",
            json={**said, "model": "m"},
            headers={"authorization": f"Bearer {server.key}"},
        )
        through = await client.post(f"{url}/v1/chat/completions", json=said)
        streams = [
            (await client.post(f"{place}/chat/completions", json={**said, "model": name, "stream": True},
                               headers={"authorization": f"Bearer {server.key}"})).text
            for place, name in ((server.url, "m"), (f"{url}/v1", "large"))
        ]  # fmt: skip
    assert server.requests[1].fields == {**said, "model": "m"}
    assert server.requests[1].bearer == server.key
    one, other = direct.json(), through.json()
    assert {**one, "id": "", "created": 0} == {**other, "id": "", "created": 0}
    assert through.headers["content-type"] == direct.headers["content-type"]
    assert streams[0].count("data: ") == streams[1].count("data: ") > 3
    assert streams[1].endswith("data: [DONE]\n\n")
    assert "whatever" not in through.text


async def test_an_error_keeps_its_status_and_its_words(tmp_path: Path) -> None:
    async with house(tmp_path) as (server, client, _):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(model="large", messages=[])
        assert "messages" in caught.value.message
        server.troubles.set(Trouble("error", name="generic_openai_429_quota"))
        with pytest.raises(openai.RateLimitError) as limited:
            await client.chat.completions.create(model="large", messages=HELLO)
    assert limited.value.code == "insufficient_quota"


async def test_a_stream_that_breaks_off_ends_with_the_reason(tmp_path: Path) -> None:
    async with house(tmp_path) as (server, _, url), httpx.AsyncClient() as client:
        server.troubles.set(StreamTrouble("break", after=1))
        said = {"model": "large", "messages": HELLO, "stream": True}
        reply = await client.post(f"{url}/v1/chat/completions", json=said)
    *_, error, done = [line for line in reply.text.split("\n") if line.startswith("data: ")]
    assert '"error"' in error
    assert done == "data: [DONE]"
    assert reply.headers["x-accel-buffering"] == "no"


async def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    async with house(tmp_path) as (server, client, _):
        await server.__aexit__(None)
        with pytest.raises(openai.InternalServerError) as caught:
            await client.chat.completions.create(model="large", messages=HELLO, stream=True)
    assert caught.value.status_code == 503


async def test_it_is_not_sent_for_pictures_inside_the_network(tmp_path: Path) -> None:
    image: Any = {"type": "image_url", "image_url": {"url": "https://169.254.169.254/latest/meta-data"}}
    async with house(tmp_path) as (server, client, _):
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(model="large", messages=[{"role": "user", "content": [image]}])
        shown: Any = {"messages": [{"role": "user", "content": [image]}]}
        with pytest.raises(openai.BadRequestError):
            await client.embeddings.create(model="vectors", input="a", extra_body=shown)
        public: Any = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}
        await client.chat.completions.create(model="large", messages=[{"role": "user", "content": [public]}])
    assert caught.value.param == "messages.0.content.0.image_url.url"
    assert [it.fields["messages"][0]["content"][0] for it in server.requests] == [public]


async def test_vectors_are_the_servers_own(tmp_path: Path) -> None:
    async with house(tmp_path) as (server, client, _):
        reply = await client.embeddings.create(model="vectors", input=["a", "b"])
        listed = [(it.id, it.owned_by) for it in (await client.models.list()).data]
    assert server.requests[0].fields["encoding_format"] == "base64"  # as the client asks by itself
    assert [len(it.embedding) for it in reply.data] == [8, 8]
    assert listed == [("auto", "pointsman"), ("large", "pointsman"), ("vectors", "pointsman")]
