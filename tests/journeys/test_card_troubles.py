"""One card when things go wrong: games, servers that are down, full memory, loads that somebody else made."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.card_house import LIGHT, MAIN, SMALL, House, chat_of, on_card, opened_client, opened_house, say
from tests.journeys.card_house import opened_router as opened

from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.testing.clouds import FakeOpenAi
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.ollama import Mishap

PICTURE = "draw me a cat"
QUESTION = "why is the sky blue?"
GAME = "elden.exe"
GB = 10**9


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with opened_house(tmp_path) as made:
        yield on_card(monkeypatch, made)


class TestGame:
    async def test_a_shorter_memory_first(self, house: House) -> None:
        house.card.take(GAME, 13_500_000_000)
        async with opened(house.config()) as router:
            told = await say(router, QUESTION)
        assert told.model == MAIN
        assert told.footer == f"{MAIN} answers with half of its context, as the card has no room for more"
        assert house.ollama.residency.counts.spills == 0

    async def test_then_the_small_model(self, house: House) -> None:
        house.card.take(GAME, 16 * GB)
        async with opened(house.config()) as router:
            told = await say(router, QUESTION)
        assert (told.model, told.footer) == (SMALL, f"{SMALL} answers, as the card has no room for {MAIN}")
        assert house.ollama.residency.counts.spills == 0
        assert set(house.asked) == {SMALL}

    async def test_a_picture_that_is_smaller_than_it_would_be(self, house: House) -> None:
        house.card.take(GAME, 17_800_000_000)
        async with opened(house.config()) as router:
            told = await say(router, PICTURE)
        assert told.failed is None
        assert any("768 pixels along its longer side" in it for it in told.notices)
        (graph,) = house.drawn
        assert graph["6"]["inputs"]["width"] == 768

    async def test_another_computer_where_that_is_allowed(self, house: House) -> None:
        house.card.take(GAME, 24_500_000_000)
        async with FakeOpenAi(reply=lambda _: "from afar") as spare:
            models = {
                "main": house.model(MAIN),
                "small": house.model(SMALL),
                "spare": {"provider": "openai", "url": spare.url, "key": spare.key, "model": "m"},
            }
            async with opened(house.config(models=models, gpu={"poll": 0.1, "cloud_when_full": True})) as router:
                told = await say(router, QUESTION)
            assert (told.text, told.model) == ("from afar", "m")
            assert "answers on another computer" in told.footer
            async with opened(house.config(models=models)) as router:
                told = await say(router, QUESTION)
            assert told.failed is not None
            assert len(spare.requests) == 1
        assert house.asked == []

    async def test_or_the_reason(self, house: House) -> None:
        house.card.take(GAME, 24_500_000_000)
        async with opened(house.config()) as router, opened_client(router) as client:
            reply = await client.post("/v1/chat/completions", json=chat_of(QUESTION))
            greeted = await client.post("/v1/chat/completions", json=chat_of("hello!"))
        assert reply.status_code == 503
        said = reply.json()["error"]
        assert said["code"] == "no_room"
        assert f"{GAME} holds 24.5 GB" in said["message"]
        assert f"{MAIN} needs " in said["message"]
        assert greeted.status_code == 200
        assert house.asked == []

    async def test_what_is_idle_gives_way_to_a_game_that_starts_later(self, house: House) -> None:
        async with opened(house.config()) as router:
            for text in (QUESTION, PICTURE):
                assert (await say(router, text)).failed is None
            await house.seen(router)
            house.card.take(GAME, house.card.free - GB // 10)
            await house.until(lambda: house.card.free > house.card.total // 25)
        assert house.resident == {} or house.comfyui.held == 0
        assert house.ollama.residency.counts.spills == 0


class TestServersThatAreDown:
    async def test_without_ollama_pictures_are_drawn_and_chats_say_what_to_do(self, house: House) -> None:
        config = house.config(models={"main": {"provider": "ollama", "url": "http://127.0.0.1:9", "model": MAIN}})
        async with opened(config) as router, opened_client(router) as client:
            picture = await say(router, PICTURE)
            reply = await client.post("/v1/chat/completions", json=chat_of(QUESTION))
        assert len(picture.pictures) == 1
        assert reply.status_code == 503
        said = reply.json()["error"]
        assert said["code"] == "unreachable"
        assert "127.0.0.1:9" in said["message"]
        assert "ollama serve" in said["message"]

    async def test_without_comfyui_chats_are_answered_and_pictures_say_what_to_do(self, house: House) -> None:
        config = house.config(images={"comfyui": {"enabled": True, "url": "http://127.0.0.1:9", **LIGHT}})
        async with opened(config) as router:
            answer, picture = await say(router, QUESTION), await say(router, PICTURE)
        assert answer.model == MAIN
        assert picture.failed is not None
        assert (picture.failed.code, picture.failed.http_status) == ("unreachable", 503)
        assert picture.failed.cure

    async def test_a_comfyui_that_was_only_looked_for_is_not_missed(self, house: House) -> None:
        config = house.config(images={"comfyui": {"url": "http://127.0.0.1:9"}})
        async with opened(config) as router:
            picture = await say(router, PICTURE)
        assert picture.failed is None
        assert picture.text.startswith("No picture server is connected")
        assert "prompt: a cat" in picture.text

    async def test_ollama_comes_back(self, house: House) -> None:
        """It refuses for a while, and then serves again; nobody has to restart anything."""
        async with opened(house.config()) as router:
            house.ollama.residency.mishaps.append(Mishap("load_crash"))
            first = await say(router, QUESTION)
            assert (first.model, bool(first.footer)) == (SMALL, True)
            second = await say(router, QUESTION)
            assert second.failed is None

    async def test_a_comfyui_without_the_files_says_where_they_belong(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with opened_house(tmp_path) as made, FakeComfyUi(made.card, models={}) as empty:
            house = on_card(monkeypatch, made)
            async with opened(house.config(images={"comfyui": {"enabled": True, "url": empty.url, **LIGHT}})) as router:
                picture = await say(router, PICTURE)
        assert picture.failed is not None
        assert picture.failed.code == "workflow_invalid"
        assert "z_image_turbo_int8_convrot.safetensors" in picture.failed.cause
        assert "models/diffusion_models" in picture.failed.cause + picture.failed.cure
        assert house.card.most_used == 0


class TestFullMemory:
    async def test_a_picture_that_ran_out_is_drawn_once_more(self, house: House) -> None:
        house.comfyui.mishaps.out_of_memory = 1
        async with opened(house.config()) as router:
            told = await say(router, PICTURE)
        assert told.failed is None
        assert len(told.pictures) == 1
        assert "the card ran out of memory: making room, then trying once more" in told.notices
        assert len(house.drawn) == 2

    async def test_and_only_once(self, house: House) -> None:
        house.comfyui.mishaps.out_of_memory = 2
        async with opened(house.config()) as router:
            told = await say(router, PICTURE)
        assert told.failed is not None
        assert (told.failed.code, told.failed.http_status) == ("out_of_memory", 503)
        assert len(house.drawn) == 2

    async def test_a_chat_that_ran_out_is_answered_once_more(self, house: House) -> None:
        house.ollama.residency.mishaps.append(Mishap("run_oom"))
        async with opened(house.config()) as router:
            told = await say(router, QUESTION)
        assert told.failed is None
        assert told.text == f"You said: {QUESTION}"
        assert house.ollama.residency.counts.loads == 2

    async def test_what_was_said_is_not_said_again(self, house: House) -> None:
        house.ollama.residency.mishaps.append(Mishap("run_oom", after=2))
        models = {"main": house.model(MAIN, think=False)}
        async with opened(house.config(models=models)) as router:
            told = await say(router, QUESTION)
        assert told.failed is not None
        assert told.failed.code == "out_of_memory"
        assert told.text == "You said:"

    async def test_a_load_that_ran_out_is_tried_once_more(self, house: House) -> None:
        house.ollama.residency.mishaps += [Mishap("load_oom"), Mishap("load_oom")]
        async with opened(house.config()) as router:
            told = await say(router, QUESTION)
        assert told.failed is None
        assert told.text


class TestOthers:
    async def test_what_somebody_else_loaded_is_not_ours_to_send_away(self, house: House) -> None:
        """A model that somebody asked Ollama for directly: its bytes count, and no picture is drawn over them."""
        somebody = Ollama(house.ollama.url)
        async with opened(house.config()) as router:
            await somebody.preload(Setup("qwen3:30b", RunnerOptions(4096)))
            assert house.card.used > 18 * GB
            picture = await say(router, PICTURE)
        await somebody.close()
        assert picture.failed is not None
        assert picture.failed.code == "no_room"
        assert re.search(
            r"needs 7\.0 GB of 25\.8 GB, and (ollama:qwen3:30b|other programs) holds? 19\.\d GB", picture.failed.cause
        )
        assert list(house.resident) == ["qwen3:30b"]
        assert house.drawn == []

    async def test_a_model_that_we_know_is_taken_over(self, house: House) -> None:
        """Loaded by somebody else with our options: nothing is loaded again, and it gives way like our own."""
        async with opened(house.config(images=house.images(workflow="z-image-turbo"))) as router:
            assert (await say(router, QUESTION)).failed is None
            await house.seen(router)
            house.ollama.residency.expire(MAIN)
            await house.until(lambda: not router.card or router.card.snapshot().tenants == ())
            assert (await say(router, QUESTION)).failed is None
        assert house.ollama.residency.counts.loads == 2


class TestAsConfigured:
    async def test_what_stays_free_is_what_was_said(self, house: House) -> None:
        async with opened(house.config(gpu={"poll": 0.1, "margin": "16GB"})) as router:
            told = await say(router, QUESTION)
        assert told.model == SMALL
        assert house.card.free > 16 * GB

    async def test_what_is_pinned_stays(self, house: House) -> None:
        images = house.images(workflow="z-image-turbo")
        async with opened(house.config(images=images, gpu={"poll": 0.1, "pinned": [f"ollama:{MAIN}"]})) as router:
            await say(router, QUESTION)
            picture = await say(router, PICTURE)
        assert list(house.resident) == [MAIN]
        assert len(picture.pictures) == 1
        assert "its text encoder runs on the processor, which takes some seconds more" in picture.notices
        assert house.ollama.residency.counts.evicted == []

    async def test_nobody_owns_the_card_where_that_was_said(self, house: House) -> None:
        async with opened(house.config(gpu={"enabled": False})) as router, opened_client(router) as client:
            told = [await say(router, text) for text in (QUESTION, PICTURE)]
            said = (await client.get("/v1/gpu")).json()
        assert [it.failed for it in told] == [None, None]
        assert said["managed"] is False

    async def test_the_card_of_another_box_is_the_one_that_comfyui_tells(self, tmp_path: Path) -> None:
        """No sensor of this computer is asked: the game that holds that card is seen all the same."""
        async with opened_house(tmp_path) as house:
            house.card.take(GAME, 16 * GB)
            async with opened(house.config(gpu={"poll": 0.1, "probe": "comfyui"})) as router:
                told = await say(router, QUESTION)
                picture = await say(router, PICTURE)
                cards = router.card.snapshot().cards if router.card else ()
        assert [(it.source, it.total) for it in cards] == [("comfyui", house.card.total)]
        assert (told.model, len(picture.pictures)) == (SMALL, 1)
        assert house.ollama.residency.counts.spills == 0

    async def test_a_budget_where_nothing_can_be_measured(self, person: Any, tmp_path: Path) -> None:
        """A process of its own, as somebody runs it, and nothing of it replaced."""
        async with opened_house(tmp_path) as house:
            person.set_up(
                models={"main": house.model(MAIN), "small": house.model(SMALL)},
                images=house.images(**LIGHT),
                gpu={"probe": "static", "budget": "20GB"},
            )
            drawn = await person.run("ask", PICTURE, "-o", "cat.png")
            assert house.asked == []
            said = await person.run("ask", QUESTION, "--quiet")
            looked = json.loads((await person.run("gpu", "--json")).stdout)
        assert "saved cat.png" in drawn.stderr
        assert (person.folder / "cat.png").read_bytes().startswith(b"\x89PNG")
        assert said.stdout.strip() == f"You said: {QUESTION}"
        assert [(it["source"], it["total"]) for it in looked["cards"]] == [("static", 20 * GB)]
