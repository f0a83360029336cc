"""A chat page's own jobs on a card that others use: nothing is loaded, nobody goes, and the page gets its title."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.journeys.card_house import MAIN, House, chat_of, on_card, opened_client, opened_house, opened_router, say

JOB = (
    "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n### Output:\n"
    'JSON format: { "title": "your concise title here" }\n'
    "### Chat History:\n<chat_history>\nUSER: draw me a cat, please\nASSISTANT: [image]\n</chat_history>"
)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with opened_house(tmp_path) as made:
        yield on_card(monkeypatch, made)


def only_main(house: House) -> dict[str, object]:
    return {"main": house.model(MAIN)}


async def test_when_cold_nothing_is_loaded_for_a_title(house: House) -> None:
    async with opened_router(house.config(models=only_main(house))) as router, opened_client(router) as client:
        reply = await client.post("/v1/chat/completions", json=chat_of(JOB))
        marked = chat_of("name it", user="x")
        tagged = await client.post("/v1/chat/completions", json=marked, headers={"X-OpenWebUI-Task": "tags_generation"})
    assert reply.status_code == tagged.status_code == 200
    assert json.loads(reply.json()["choices"][0]["message"]["content"]) == {"title": "draw me a cat, please"}
    assert json.loads(tagged.json()["choices"][0]["message"]["content"]) == {"tags": ["General"]}
    assert house.asked == []
    assert house.ollama.residency.counts.loads == 0
    assert house.drawn == []
    assert house.card.most_used == 0


async def test_a_picture_model_stays_where_it_is(house: House) -> None:
    config = house.config(models=only_main(house), images=house.images(workflow="z-image-turbo"))
    async with opened_router(config) as router:
        await say(router, "draw me a cat")
        await house.seen(router)
        drawn, held = len(house.drawn), house.comfyui.held
        told = await say(router, JOB)
        await house.seen(router)
        assert (len(house.drawn), house.comfyui.held, house.comfyui.frees) == (drawn, held, 0)
    assert json.loads(told.text) == {"title": "draw me a cat, please"}
    assert (told.model, told.failed) == ("", None)
    assert house.ollama.residency.counts.loads == 0


async def test_a_main_model_that_is_in_memory_is_asked(house: House) -> None:
    async with opened_router(house.config(models=only_main(house))) as router:
        await say(router, "why is the sky blue?")
        told = await say(router, JOB)
    assert told.model == MAIN
    assert house.asked[-1] == MAIN
    assert house.ollama.residency.counts.loads == 1


async def test_a_job_has_nothing_loaded_ahead_while_a_service_is_asked(house: House) -> None:
    """The tiers lean to talk, and of talk the main model would be loaded ahead."""
    server = {"name": "far", "url": "http://127.0.0.1:9/v1", "models": ["m"], "key": "k"}
    config = house.config(models=only_main(house), cloud={"enabled": True, "servers": [server]})
    async with opened_router(config) as router:
        assert router.parts.services is not None
        await say(router, JOB)
        await house.seen(router)
    assert house.ollama.residency.counts.loads == 0
