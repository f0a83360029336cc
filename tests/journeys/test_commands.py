"""Commands of a surface, and what is to stay in the house: the whole product over one card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from tests.journeys.card_house import MAIN, SMALL, House, Told, on_card, opened_house
from tests.journeys.card_house import opened_router as opened

from pointsman.core.decision import COMMAND
from pointsman.core.message import Attachment, Command, Message, Origin, Turn
from pointsman.core.reply import Decided, Done, Failed, Picture, Status, Text
from pointsman.engine.router import Router

OTHER: Final = "gemma3:4b"
CHANNEL: Final = Origin("discord", user="ann", channel="art", guild="g")
SHOWN: Final = Turn("assistant", "", attachments=(Attachment("image/png", "data:image/png;base64,AA=="),))
DRAW: Final = Message(
    "a fox",
    origin=CHANNEL,
    command=Command(
        "image_generation",
        {"prompt": "a fox", "width": 512, "height": 768, "steps": 5, "seed": 7, "style": "anime"},
        name="/draw",
    ),
)
# Never reached: a test that tries to leave this machine fails.
FAR: Final = {"provider": "openai", "url": "https://api.example.com/v1", "key": "x", "model": "far"}


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with opened_house(tmp_path) as made:
        yield on_card(monkeypatch, made)


async def send(router: Router, message: Message) -> Told:
    told = Told()
    async with aclosing(router.stream(message)) as events:
        async for event in events:
            match event:
                case Decided(decision):
                    told.decision = decision
                case Status(text=notice):
                    told.notices.append(notice)
                case Text(delta):
                    told.text += delta
                case Picture():
                    told.pictures.append(event)
                case Done():
                    told.done = event
                case Failed():
                    told.failed = event
    return told


def inputs(graph: dict[str, Any], kind: str) -> dict[str, Any]:
    """What a node of that class was given."""
    return next(node["inputs"] for node in graph.values() if node["class_type"] == kind)


class TestDraw:
    async def test_all_that_was_said_reaches_the_painter_and_is_on_record(self, house: House) -> None:
        async with opened(house.config()) as router:
            told = await send(router, DRAW)
            assert told.decision is not None
            kept = await router.find(told.decision.id)
        assert (told.failed, [it.seed for it in told.pictures]) == (None, [7])
        assert (kept.tier, kept.confidence, kept.reason) == (COMMAND, 1.0, "asked for by /draw")
        assert dict(kept.slots) == dict(DRAW.command.slots if DRAW.command else {})
        (graph,) = house.drawn
        sampler = inputs(graph, "KSampler")
        assert (sampler["seed"], sampler["steps"]) == (7, 5)
        assert "a fox, anime" in str(graph)
        assert house.asked == []

    async def test_a_wish_goes_on_from_it_with_the_rest_as_it_was(self, house: House) -> None:
        async with opened(house.config()) as router:
            await send(router, DRAW)
            history = (Turn("user", "a fox"), SHOWN)
            told = await send(router, Message("now in blue", history, origin=CHANNEL))
            assert told.decision is not None
            assert (told.category, told.decision.tier) == ("image_generation", "followups")
            again = await send(router, Message("again", history, origin=replace(CHANNEL, user="ben")))
        assert again.category == "image_generation"
        graphs = house.drawn
        assert [inputs(it, "KSampler")["steps"] for it in graphs] == [5, 5, 5]
        assert "a fox, in blue, anime" in str(graphs[1])
        assert "a fox, anime" in str(graphs[2])

    async def test_in_the_shadow_it_draws_all_the_same(self, house: House) -> None:
        async with opened(house.config(mode="shadow")) as router:
            told = await send(router, DRAW)
        assert len(told.pictures) == 1
        assert house.asked == []


class TestModel:
    async def test_one_that_no_configuration_names_is_loaded_and_answers(self, house: House) -> None:
        async with opened(house.config()) as router:
            listed = [it.name for it in await router.listed()]
            other = next(name for name in listed if name not in {MAIN, SMALL} and "embed" not in name)
            told = await send(router, Message("why is the sky blue?", command=Command(model=other)))
        assert told.failed is None
        assert (told.model, set(house.asked), list(house.resident)) == (other, {other}, [other])
        assert told.decision is not None
        assert told.decision.plan.startswith(f"chat {other}")

    async def test_one_that_nobody_has_is_said(self, house: House) -> None:
        async with opened(house.config()) as router:
            told = await send(router, Message("why is the sky blue?", command=Command(model="nix:1b")))
        assert told.failed is not None
        assert (told.failed.cause, told.failed.code) == ("there is no model 'nix:1b'", "model_not_found")
        assert MAIN in told.failed.cure


class TestLocal:
    async def test_a_main_model_outside_is_not_asked_and_the_one_of_the_house_answers(self, house: House) -> None:
        models = {"main": FAR, "small": house.model(SMALL)}
        async with opened(house.config(models=models)) as router:
            told = await send(router, Message("why is the sky blue?", local=True))
        assert (told.model, set(house.asked)) == (SMALL, {SMALL})
        assert told.notices[0] == f"{SMALL} answers, as far is outside the house, which nothing of this is to leave"

    async def test_without_one_it_says_what_to_do(self, house: House) -> None:
        models = {"main": FAR, "small": house.model("gpt-oss:120b-cloud")}
        async with opened(house.config(models=models)) as router:
            told = await send(router, Message("why is the sky blue?", local=True))
            drawn = await send(router, replace(DRAW, local=True))
        assert told.failed is not None
        assert told.failed.cause == "far is outside the house, and nothing of this is to leave it"
        assert "models.main or models.small" in told.failed.cure
        assert house.asked == []
        assert len(drawn.pictures) == 1

    async def test_nothing_is_searched_and_no_service_asked(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GROQ_API_KEY", "gsk_" + "x" * 52)
        tools = {"web_search": {"searxng": "https://searx.example.com"}}
        config = house.config(tools=tools, cloud={"groq": {"key": "gsk_" + "x" * 52}})
        async with opened(config) as router:
            told = await send(router, Message("search the web for the weather in Oslo", local=True))
            doubtful = await router.decide(Message("let us see the moon", local=True))
        assert told.category == "web_search"
        assert told.notices[0] == "left out, as nothing of this is to leave the house: web_search"
        assert (told.failed, told.model) == (None, MAIN)
        (line,) = [it for it in doubtful.trace if it.tier == "cloud"]
        assert "kept local" in line.verdict.reason
