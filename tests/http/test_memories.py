"""The routes to what is kept of people: each key hears of its own, and admins of whom they name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from tests.http.openai.speaking import config_of, served

from pointsman.build import open_router
from pointsman.config.server import Key, Server
from pointsman.core.message import Message, Origin
from pointsman.http.app import create_app
from pointsman.http.gate import Gate
from pointsman.http.origin import origin_of

TIERS = [{"kind": "tasks"}, {"kind": "patterns"}]
ANN, BOB, BOSS = ({"Authorization": f"Bearer {name}-key"} for name in ("ann", "bob", "boss"))
BIKE = {"text": "my bike is blue"}
PERSON = {"surface": "discord", "user": "1"}


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway with the keys of two users and an admin; what the machine's owner said is remembered, too."""
    keys = {name: Key(key=SecretStr(f"{name}-key"), scopes=("use", "read")) for name in ("ann", "bob")}
    keys["boss"] = Key(key=SecretStr("boss-key"), scopes=("use", "read", "admin"))
    async with AsyncExitStack() as stack:
        router = await stack.enter_async_context(open_router(config_of(tmp_path, tiers=TIERS)))
        await router.remember("the safe opens with 1-2-3", Origin("cli", direct=True))
        app = create_app(router, gate=Gate.of(Server(keys=keys)), close_router=False)
        url = await stack.enter_async_context(served(app))
        yield await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))


async def texts(gateway: httpx.AsyncClient, headers: dict[str, str], **claims: str) -> list[str]:
    found = await gateway.get("/v1/memories", headers=headers, params=claims)
    assert found.status_code == 200, found.text
    return [it["text"] for it in found.json()["memories"]]


async def test_each_key_hears_of_its_own(gateway: httpx.AsyncClient) -> None:
    kept = await gateway.post("/v1/memories", headers=ANN, json=BIKE)
    assert kept.json()["memory"]["owner"] == "http:key:ann"
    assert await texts(gateway, ANN) == ["my bike is blue"]
    assert await texts(gateway, BOB) == []
    assert await texts(gateway, BOSS) == ["the safe opens with 1-2-3"]
    assert await texts(gateway, BOSS, user="key:ann") == ["my bike is blue"]
    assert await texts(gateway, ANN, channel="where others read") == []


async def test_nobody_claims_to_be_another(gateway: httpx.AsyncClient) -> None:
    for claim in ({"user": "key:bob"}, {"surface": "discord"}, {"surface": "cli"}, {"guild": "5"}):
        asked = [
            await gateway.get("/v1/memories", headers=ANN, params=claim),
            await gateway.delete("/v1/memories", headers=ANN, params={**claim, "id": "m1"}),
            await gateway.post("/v1/memories", headers=ANN, json={**BIKE, "origin": claim}),
        ]
        assert [(it.status_code, it.json()["error"]["code"]) for it in asked] == [(403, "scope_missing")] * 3, claim
    assert await texts(gateway, BOSS) == ["the safe opens with 1-2-3"]


async def test_no_page_calls_its_user_as_a_key_is_called(gateway: httpx.AsyncClient) -> None:
    await gateway.post("/v1/memories", headers=ANN, json=BIKE)
    assert origin_of({"x-openwebui-user-id": "key:ann"}).owner == origin_of({}, "key:ann").owner == "local"
    assert await texts(gateway, {**BOB, "x-openwebui-user-id": "key:ann"}) == []


async def test_another_ones_memories_are_not_forgotten(gateway: httpx.AsyncClient) -> None:
    kept = (await gateway.post("/v1/memories", headers=ANN, json=BIKE)).json()["memory"]["id"]
    for headers, gone in ((BOB, 0), (BOSS, 0), (ANN, 1)):
        said = await gateway.delete("/v1/memories", headers=headers, params={"id": [kept, "m1"]})
        assert len(said.json()["forgotten"]) == (gone if headers is not BOSS else 1)  # its own
    assert await texts(gateway, ANN) == []


async def test_what_is_kept_of_a_person_is_for_admins(gateway: httpx.AsyncClient) -> None:
    await gateway.post("/v1/memories", headers=BOSS, json={**BIKE, "origin": PERSON})
    asked = await gateway.post("/v1/ask", headers=BOSS, json={"text": "good morning", "origin": PERSON})
    decision = asked.headers["x-pointsman-decision-id"]
    for method in ("GET", "DELETE"):
        refused = await gateway.request(method, "/v1/persons/discord:1", headers=ANN)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "scope_missing")
    kept = (await gateway.get("/v1/persons/discord:1", headers=BOSS)).json()
    assert [it["text"] for it in kept["memories"]] == ["my bike is blue"]
    assert [it["id"] for it in kept["decisions"]] == [decision]
    erased = await gateway.delete("/v1/persons/discord:1", headers=BOSS)
    assert erased.json() == {"memories": 1, "decisions": 1, "corrections": 0, "log_emptied": True}
    assert (await gateway.get(f"/v1/decisions/{decision}", headers=BOSS)).status_code == 404
    assert await texts(gateway, BOSS) == ["the safe opens with 1-2-3"]


async def test_what_there_is_too_much_of_is_said(gateway: httpx.AsyncClient) -> None:
    asked = await gateway.delete("/v1/memories", headers=ANN, params={"id": ["m1"] * 1_001})
    assert (asked.status_code, asked.json()["error"]["param"]) == (400, "id")


async def test_the_tools_of_a_reply_are_listed(gateway: httpx.AsyncClient) -> None:
    asked = await gateway.post(
        "/v1/ask", headers=BOSS, json={"text": "remember that my cat is called Tom", "origin": PERSON}
    )
    found = await gateway.get(f"/v1/decisions/{asked.headers['x-pointsman-decision-id']}/tools", headers=ANN)
    ((tool, state),) = [(it["tool"], it["state"]) for it in found.json()["tools"]]
    assert (tool, state) == ("remember", "done")
    assert (await gateway.get("/v1/decisions/ffff/tools", headers=ANN)).status_code == 404


async def test_what_can_be_chosen(gateway: httpx.AsyncClient) -> None:
    known: Any = (await gateway.get("/v1/known", headers=ANN)).json()
    assert known["categories"].keys() >= {"image_generation", "general_chat"}
    assert known["picture_jobs"] == []


async def test_without_a_store_nothing_is_known_of_anybody(tmp_path: Path) -> None:
    async with open_router(
        config_of(tmp_path, tiers=TIERS, tools={"memory": {"enabled": False}}), store=False
    ) as router:
        await router.decide(Message("good morning"))
        app = create_app(router, close_router=False)
        async with served(app) as url, httpx.AsyncClient(base_url=url) as client:
            for path, what in (("/v1/memories", "nothing is remembered here"), ("/v1/persons/local", "keeps nothing")):
                said = await client.get(path)
                assert said.status_code == 400
                assert what in said.json()["error"]["message"]
