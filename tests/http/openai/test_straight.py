"""What is routed to a server of the caller's own language: the server's own bytes, with our headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.http.openai.test_relay import house

from pointsman.core.reply import Done
from pointsman.testing.clouds import StreamTrouble, Trouble

ASKED: Any = [{"role": "user", "content": "explain how a sundial works, to a child"}]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_routed_chat_is_the_servers_own_answer(tmp_path: Path, stream: bool) -> None:
    said = {"messages": ASKED, "stream": stream, "whatever": {"is": "not ours"}}
    async with house(tmp_path) as (server, _, url), httpx.AsyncClient() as client:
        named = await client.post(f"{url}/v1/chat/completions", json={**said, "model": "large"})
        routed = await client.post(f"{url}/v1/chat/completions", json={**said, "model": "auto"})
        debugged = await client.post(
            f"{url}/v1/chat/completions", json={**said, "model": "auto"}, headers={"x-pointsman-debug": "1"}
        )
    assert [it.fields for it in server.requests] == [{**said, "model": "m"}] * 3
    assert routed.headers["content-type"].startswith("text/event-stream" if stream else "application/json")
    assert routed.headers["x-pointsman-category"] in {"knowledge_question", "reasoning", "general_chat"}
    assert routed.headers["x-pointsman-decision-id"]
    assert debugged.headers["x-pointsman-plan"] == "chat large"
    if stream:
        assert routed.text.count("data: ") == named.text.count("data: ") > 3
        assert routed.text.endswith("data: [DONE]\n\n")
    else:
        assert {**routed.json(), "id": "", "created": 0} == {**named.json(), "id": "", "created": 0}


async def test_it_is_recorded_with_its_tokens_and_told_to_who_watches(tmp_path: Path) -> None:
    from tests.http.openai.speaking import config_of, served

    from pointsman.build import open_router
    from pointsman.core.happening import Ended
    from pointsman.http.app import create_app
    from pointsman.testing.clouds import FakeOpenAi

    ended: list[Ended] = []
    async with FakeOpenAi(models=("m",)) as server:
        main = {"provider": "openai", "url": server.url, "key": server.key, "model": "m", "name": "large"}
        async with open_router(config_of(tmp_path, models={"main": main})) as router:
            router.watch(lambda it: ended.append(it) if isinstance(it, Ended) else None)
            async with served(create_app(router, close_router=False)) as url, httpx.AsyncClient() as client:
                reply = await client.post(f"{url}/v1/chat/completions", json={"model": "auto", "messages": ASKED})
            (row,) = await router.recent(1)
    usage = reply.json()["usage"]
    (it,) = ended
    assert isinstance(it.outcome, Done)
    assert (it.outcome.prompt_tokens, it.outcome.completion_tokens) == (
        usage["prompt_tokens"],
        usage["completion_tokens"],
    )
    assert it.first is not None
    assert row.outcome is not None
    assert (row.outcome.model, row.outcome.completion_tokens) == ("large", usage["completion_tokens"])
    assert row.decision.id == reply.headers["x-pointsman-decision-id"]


@pytest.mark.parametrize("stream", [False, True])
async def test_a_refusal_goes_the_long_way_which_has_our_words(tmp_path: Path, stream: bool) -> None:
    async with house(tmp_path) as (server, _, url), httpx.AsyncClient() as client:
        server.troubles.set(Trouble("error", name="generic_openai_429_quota"))
        said = {"model": "auto", "messages": ASKED, "stream": stream}
        reply = await client.post(f"{url}/v1/chat/completions", json=said)
    assert reply.status_code >= 400
    assert "cure" in reply.json()["error"]["message"]
    assert reply.headers["x-pointsman-decision-id"]


async def test_a_stream_that_breaks_off_says_so_in_its_own_format(tmp_path: Path) -> None:
    async with house(tmp_path) as (server, _, url), httpx.AsyncClient() as client:
        server.troubles.set(StreamTrouble("break", after=2))
        said = {"model": "auto", "messages": ASKED, "stream": True}
        reply = await client.post(f"{url}/v1/chat/completions", json=said)
    *_, error, done = [line for line in reply.text.split("\n") if line.startswith("data: ")]
    assert '"error"' in error
    assert done == "data: [DONE]"


async def test_pictures_in_a_chat_and_several_answers_are_ours_to_send(tmp_path: Path) -> None:
    pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
    image: Any = {"type": "image_url", "image_url": {"url": pixel}}
    shown: Any = [{"role": "user", "content": [{"type": "text", "text": "explain what this shows"}, image]}]
    async with house(tmp_path) as (server, _, url), httpx.AsyncClient() as client:
        await client.post(f"{url}/v1/chat/completions", json={"model": "auto", "messages": shown})
        both = await client.post(f"{url}/v1/chat/completions", json={"model": "auto", "messages": ASKED, "n": 2})
    assert all(it.fields["stream"] for it in server.requests)  # as we ask by ourselves
    assert len(both.json()["choices"]) == 2
