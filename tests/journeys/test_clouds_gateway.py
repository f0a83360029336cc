"""The gateway and Python with services: who decides, what is answered from memory, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from pointsman.build import open_router
from pointsman.core.message import Message, Origin
from pointsman.http.app import create_app
from pointsman.testing.clouds import FakeCloudflare, FakeGroq, FakeOpenAi, Trouble

Tiers = Sequence[Mapping[str, Any]]


def client_of(router: Any) -> httpx.AsyncClient:
    app = create_app(router, close_router=False)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1")


class TestGateway:
    async def test_a_route_is_found_by_a_service_and_its_quota_is_told(
        self, person: Any, cloudflare: FakeCloudflare, unsure: list[str]
    ) -> None:
        cloudflare.decide = lambda *_: "web_search"
        async with open_router(person.set_up(cloudflare)) as router, client_of(router) as client:
            reply = await client.post("/v1/route", json={"text": unsure[0]})
            assert reply.headers["x-pointsman-tier"] == "cloud"
            made = reply.json()
            assert (made["category"], made["trace"][-1]["tier"]) == ("web_search", "cloud")
            assert (await client.get(f"/v1/decisions/{made['id']}")).json()["reason"] == made["reason"]
            (standing,) = (await client.get("/v1/quota")).json()["services"]
        assert (standing["service"], standing["ready"], standing["sent_today"]) == ("cloudflare", True, 1)

    async def test_a_chat_goes_where_the_service_says(
        self, person: Any, cloudflare: FakeCloudflare, unsure: list[str]
    ) -> None:
        cloudflare.decide = lambda *_: "general_chat"
        async with FakeOpenAi(reply=lambda text: f"about {text}") as chat:
            main = {"provider": "openai", "url": chat.url, "key": chat.key, "model": "m"}
            file = person.set_up(cloudflare, models={"main": main})
            async with open_router(file) as router, client_of(router) as client:
                said = {"model": "auto", "messages": [{"role": "user", "content": unsure[0]}]}
                reply = await client.post("/v1/chat/completions", json=said)
                streamed = await client.post("/v1/chat/completions", json={**said, "stream": True})
            assert len(chat.requests) == 2
        assert reply.headers["x-pointsman-tier"] == "cloud"
        assert reply.json()["choices"][0]["message"]["content"].startswith(f"about {unsure[0]}")
        assert streamed.headers["x-pointsman-tier"] == "cache"
        assert "[DONE]" in streamed.text

    async def test_without_any_service_that_works_there_is_still_a_route(
        self, person: Any, cloudflare: FakeCloudflare, groq: FakeGroq, unsure: list[str]
    ) -> None:
        cloudflare.troubles.set(Trouble("error", name="timeout_408_3007"))
        groq.troubles.set(Trouble("truncated"))
        async with open_router(person.set_up(cloudflare, groq)) as router, client_of(router) as client:
            replies = [await client.post("/v1/route", json={"text": text}) for text in unsure[:1]]
        assert {(reply.status_code, reply.headers["x-pointsman-tier"]) for reply in replies} == {(200, "fallback")}

    async def test_a_direct_message_stays_here(
        self, person: Any, cloudflare: FakeCloudflare, remote_only: Tiers
    ) -> None:
        async with open_router(person.set_up(cloudflare, tiers=remote_only)) as router, client_of(router) as client:
            said = {"text": "show me how it looks"}
            private = await client.post("/v1/route", json={**said, "direct": True})
            assert len(cloudflare.requests) == 0
            public = await client.post("/v1/route", json=said)
        assert (private.headers["x-pointsman-tier"], public.headers["x-pointsman-tier"]) == ("fallback", "cloud")


class TestMemory:
    @pytest.mark.parametrize("again", ["show me how it looks", "Show me HOW it looks!", "  show me how it looks...  "])
    async def test_the_same_question_is_sent_once(
        self, person: Any, cloudflare: FakeCloudflare, remote_only: Tiers, again: str
    ) -> None:
        async with open_router(person.set_up(cloudflare, tiers=remote_only)) as router:
            first = await router.decide(Message("show me how it looks"))
            second = await router.decide(Message(again))
        assert (first.tier, second.tier) == ("cloud", "cache")
        assert second.category == first.category
        assert second.reason == f"as cloud answered before: {first.reason}"
        assert len(cloudflare.requests) == 1

    async def test_another_question_is_sent(self, person: Any, cloudflare: FakeCloudflare, remote_only: Tiers) -> None:
        async with open_router(person.set_up(cloudflare, tiers=remote_only)) as router:
            made = [await router.decide(Message(f"show me how {number} looks")) for number in range(3)]
        assert [it.tier for it in made] == ["cloud"] * 3

    async def test_what_one_says_in_private_is_remembered_for_nobody_else(
        self, person: Any, cloudflare: FakeCloudflare, remote_only: Tiers
    ) -> None:
        file = person.set_up(cloudflare, cloud={"privacy": {"direct_messages": True}}, tiers=remote_only)
        text = "show me how it looks"
        ada = Origin("discord", user="ada", channel="dm-ada", direct=True)
        bob = Origin("discord", user="bob", channel="dm-bob", direct=True)
        async with open_router(file) as router:
            tiers = [(await router.decide(Message(text, origin=who))).tier for who in (ada, ada, bob, Origin("http"))]
        assert tiers == ["cloud", "cache", "cloud", "cloud"]
        assert len(cloudflare.requests) == 3

    async def test_a_correction_ends_what_was_remembered(
        self, person: Any, cloudflare: FakeCloudflare, remote_only: Tiers
    ) -> None:
        async with open_router(person.set_up(cloudflare, tiers=remote_only)) as router:

            async def tier_of(text: str) -> tuple[str, str]:
                made = await router.decide(Message(text))
                return made.tier, made.category

            cloudflare.decide = lambda *_: "web_search"
            first = await router.decide(Message("show me how it looks"))
            assert (await tier_of("look at this mess"))[0] == "cloud"
            assert (await tier_of("look at this mess"))[0] == "cache"
            await router.correct(first.id, "reasoning")
            assert await tier_of("show me how it looks") == ("corrections", "reasoning")
            cloudflare.decide = lambda *_: "general_chat"
            assert await tier_of("look at this mess") == ("cloud", "general_chat"), "who taught it may have meant this"
            await router.undo()
            assert await tier_of("show me how it looks") == ("cloud", "general_chat")

    async def test_what_failed_is_not_remembered(
        self, person: Any, cloudflare: FakeCloudflare, remote_only: Tiers
    ) -> None:
        async with open_router(person.set_up(cloudflare, tiers=remote_only)) as router:
            cloudflare.troubles.script(Trouble("error", name="clef_too_large_413"))
            tiers = [(await router.decide(Message("show me how it looks"))).tier for _ in range(3)]
        assert tiers == ["fallback", "cloud", "cache"]
