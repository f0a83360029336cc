"""One card of 24 GB and everything on it: who is loaded for which message, who goes, and who is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.journeys.card_house import LIGHT, MAIN, SMALL, House, chat_of, on_card, opened_client, opened_house, say
from tests.journeys.card_house import opened_router as opened

from pointsman.testing.ollama import Pace

GREETING = "hello!"
PICTURE = "draw me a cat"
QUESTION = "why is the sky blue?"
GB = 10**9


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with opened_house(tmp_path) as made:
        yield on_card(monkeypatch, made)


class TestWhoIsLoaded:
    async def test_a_greeting_loads_nothing(self, house: House) -> None:
        async with opened(house.config()) as router:
            told = await say(router, GREETING)
        assert (told.category, told.model) == ("simple_greeting", "")
        assert told.text
        assert (house.asked, house.drawn, house.card.most_used) == ([], [], 0)

    async def test_a_picture_touches_seven_gigabytes_and_no_chat_model(self, house: House) -> None:
        async with opened(house.config()) as router:
            told = await say(router, PICTURE)
        assert (told.category, told.model) == ("image_generation", "z-image-turbo-int8")
        assert [it.media_type for it in told.pictures] == ["image/png"]
        assert house.asked == []
        assert 6 * GB < house.card.most_used <= 7 * GB

    async def test_a_question_loads_the_model_once_and_it_stays(self, house: House) -> None:
        async with opened(house.config()) as router:
            first = await say(router, QUESTION)
            second = await say(router, QUESTION)
        assert (first.model, first.footer, first.failed) == (MAIN, "", None)
        assert first.notices[-1].startswith(f"loading {MAIN}: about ")
        assert second.notices == []
        assert house.ollama.residency.counts.loads == 1
        assert list(house.resident) == [MAIN]
        assert house.drawn == []

    async def test_a_background_job_of_a_chat_page_is_for_the_small_model(self, house: House) -> None:
        async with opened(house.config()) as router, opened_client(router) as client:
            job = "### Task:\nGenerate a concise, 3-5 word title with an emoji.\n### Chat History:\nUSER: draw a cat"
            reply = await client.post("/v1/chat/completions", json=chat_of(job))
        assert reply.status_code == 200
        assert set(house.asked) == {SMALL}
        assert house.drawn == []


class TestBesideEachOther:
    async def test_what_fits_stays(self, house: House) -> None:
        async with opened(house.config()) as router:
            for text in (QUESTION, PICTURE, QUESTION, PICTURE):
                assert (await say(router, text)).failed is None
        assert house.ollama.residency.counts.loads == 1
        assert house.ollama.residency.counts.evicted == []
        assert house.comfyui.frees == 0
        assert list(house.resident) == [MAIN]
        assert len(house.drawn) == 2

    async def test_an_idle_model_goes_for_a_picture_that_needs_its_room_and_comes_back(self, house: House) -> None:
        config = house.config(images=house.images(workflow="z-image-turbo"))
        async with opened(config) as router:
            assert (await say(router, QUESTION)).failed is None
            picture = await say(router, PICTURE)
            assert (picture.model, picture.footer) == ("z-image-turbo", "")
            assert any("waiting for memory to come back for z-image-turbo: about" in it for it in picture.notices)
            assert house.resident == {}
            await house.seen(router)
            answer = await say(router, QUESTION)
            assert (answer.model, answer.footer) == (MAIN, "")
        assert house.comfyui.frees == 1
        assert house.comfyui.held == 0
        assert house.ollama.residency.counts.loads == 2
        assert house.ollama.residency.counts.spills == 0

    async def test_both_at_once_are_served(self, house: House) -> None:
        async with opened(house.config()) as router:
            told = await asyncio.gather(*(say(router, text) for text in (QUESTION, PICTURE, QUESTION, PICTURE)))
        assert [it.failed for it in told] == [None] * 4
        assert [len(it.pictures) for it in told] == [0, 1, 0, 1]
        assert house.ollama.residency.counts.loads == 1

    async def test_memory_that_comes_back_late_is_waited_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Ollama's list is empty at once, its memory is back 0.4 s later: nothing is drawn before that."""
        async with opened_house(tmp_path, pace=Pace(release=0.4)) as house:
            on_card(monkeypatch, house)
            async with opened(house.config(images=house.images(workflow="z-image-turbo"))) as router:
                await say(router, QUESTION)
                picture = await say(router, PICTURE)
        assert (picture.model, picture.footer, len(picture.pictures)) == ("z-image-turbo", "", 1)
        assert any("waiting for memory to come back" in it for it in picture.notices)
        assert house.card.most_used <= house.card.total - house.card.total // 25


class TestInUse:
    async def test_a_model_that_answers_is_not_sent_away_for_a_picture(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The picture takes the smaller way while the model is at work."""
        gate = asyncio.Event()
        async with opened_house(tmp_path, pace=Pace(piece=1.0), sleep=lambda _: gate.wait()) as house:
            on_card(monkeypatch, house)
            async with opened(house.config(images=house.images(workflow="z-image-turbo"))) as router:
                answering = asyncio.create_task(say(router, QUESTION))
                await house.until(lambda: bool(house.asked and house.resident))
                picture = await say(router, PICTURE)
                assert picture.failed is None
                assert len(picture.pictures) == 1
                assert list(house.resident) == [MAIN]
                assert not answering.done()
                gate.set()
                assert (await answering).failed is None
        assert house.ollama.residency.counts.loads == 1


class TestAtTheGateway:
    async def test_how_the_card_stands(self, house: House) -> None:
        async with opened(house.config()) as router, opened_client(router) as client:
            for text in (QUESTION, PICTURE):
                reply = await client.post("/v1/chat/completions", json=chat_of(text))
                assert reply.status_code == 200, reply.text
            await house.seen(router)
            said = (await client.get("/v1/gpu")).json()
        assert said["managed"] is True
        (card,) = said["cards"]
        assert (card["device"], card["total"], card["source"]) == ("gpu0", house.card.total, "fake")
        assert {it["name"]: it["phase"] for it in said["tenants"]} == {
            "comfyui:z-image-turbo-int8": "resident",
            f"ollama:{MAIN}": "resident",
        }
        assert card["booked"] == sum(it["booked"] for it in said["tenants"])
        assert card["booked"] + card["external"] + card["margin"] <= card["total"]

    async def test_a_picture_comes_in_the_reply(self, house: House) -> None:
        async with opened(house.config()) as router, opened_client(router) as client:
            reply = await client.post("/v1/chat/completions", json=chat_of(PICTURE))
            text = reply.json()["choices"][0]["message"]["content"]
            link = text.strip().removeprefix("![picture](").removesuffix(")")
            assert (await client.get(link)).content.startswith(b"\x89PNG")
        assert reply.headers["x-pointsman-category"] == "image_generation"
        assert reply.headers["x-pointsman-model"] == "z-image-turbo-int8"

    async def test_who_streams_is_told_what_they_wait_for(self, house: House) -> None:
        async with opened(house.config()) as router, opened_client(router) as client:
            reply = await client.post("/v1/chat/completions", json=chat_of(QUESTION, stream=True))
        assert f": status loading {MAIN}" in reply.text
        assert reply.text.rstrip().endswith("data: [DONE]")

    async def test_the_memory_is_given_back_when_it_is_asked_for(self, house: House) -> None:
        async with opened(house.config()) as router, opened_client(router) as client:
            for text in (QUESTION, PICTURE):
                await client.post("/v1/chat/completions", json=chat_of(text))
            await house.seen(router)
            said = (await client.post("/v1/gpu/free")).json()
        assert said["still"] == []
        assert said["freed"] > 16 * GB
        assert (house.resident, house.comfyui.held) == ({}, 0)

    async def test_one_of_them_may_be_named(self, house: House) -> None:
        async with opened(house.config(images=house.images(**LIGHT))) as router, opened_client(router) as client:
            for text in (QUESTION, PICTURE):
                await client.post("/v1/chat/completions", json=chat_of(text))
            await house.seen(router)
            said = (await client.post("/v1/gpu/free", json={"tenant": f"ollama:{MAIN}"})).json()
        assert said["freed"] > 10 * GB
        assert house.resident == {}
        assert house.comfyui.held > 6 * GB
