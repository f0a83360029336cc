"""A week in the shadow, then assist: through the gateway, with a card, and the headers that tell of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.journeys.card_house import MAIN, House, chat_of, on_card, opened_client, opened_house, opened_router

JOB = "### Task:\nGenerate a concise, 3-5 word title summarizing the chat history.\n### Chat History:\nUSER: draw a cat"


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with opened_house(tmp_path) as made:
        yield on_card(monkeypatch, made)


@pytest.mark.parametrize(
    ("text", "category", "instead"),
    [
        ("draw me a cat", "image_generation", "draw"),
        ("hello!", "simple_greeting", "say"),
        ("what is 23*19?", "code_execution", "compute"),
        (JOB, "general_chat", "chore title"),
    ],
)
async def test_in_the_shadow_the_main_model_gets_what_was_sent(
    house: House, text: str, category: str, instead: str
) -> None:
    async with opened_router(house.config(mode="shadow")) as router, opened_client(router) as client:
        reply = await client.post("/v1/chat/completions", json=chat_of(text))
        kept = await router.find(reply.headers["x-pointsman-decision-id"])
    assert reply.status_code == 200
    assert (reply.headers["x-pointsman-category"], reply.headers["x-pointsman-mode"]) == (category, "shadow")
    assert reply.headers["x-pointsman-plan"] == kept.plan == f"chat {MAIN} (full: {instead})"
    assert set(house.asked) == {MAIN}
    assert house.drawn == []
    sent = [it.fields["messages"] for it in house.ollama.requests if it.path == "/api/chat" and "messages" in it.fields]
    assert [turns for turns in sent if turns] == [[{"role": "user", "content": text}]]


async def test_assist_draws_and_greets_and_gives_no_tools(house: House) -> None:
    async with opened_router(house.config(mode="assist")) as router, opened_client(router) as client:
        for text in ("draw me a cat", "hello!"):
            reply = await client.post("/v1/chat/completions", json=chat_of(text))
            assert reply.status_code == 200
        assert len(house.drawn) == 1
        assert house.asked == []
        reply = await client.post("/v1/chat/completions", json=chat_of("remember that my bins go out on thursdays"))
        assert reply.headers["x-pointsman-category"] == "memory_operation"
        assert reply.headers["x-pointsman-plan"] == f"chat {MAIN} (full: chat {MAIN} with memory)"
    assert set(house.asked) == {MAIN}


async def test_who_asks_is_told_more(house: House) -> None:
    async with opened_router(house.config()) as router, opened_client(router) as client:
        asks = {"x-pointsman-debug": "1"}
        reply = await client.post("/v1/chat/completions", json=chat_of("hello!"), headers=asks)
        decided = await client.post("/v1/route", json={"text": "hello!"}, headers=asks)
    for headers in (reply.headers, decided.headers):
        assert (headers["x-pointsman-mode"], headers["x-pointsman-plan"]) == ("full", "say")
        assert "tasks abstains" in headers["x-pointsman-tiers"]
