"""What there is: "auto" first, each Ollama's own rows, and the models of others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import ollama
import pytest
import pytest_asyncio
from tests.http.ollama.speaking import MAIN, SMALL, House, house
from tests.http.openai.speaking import config_of, served

from pointsman.build import open_router
from pointsman.http.app import create_app
from pointsman.providers.asker import HEADER
from pointsman.testing.clouds import FakeOpenAi
from pointsman.testing.ollama import FakeOllamaOnCard

KEY = "sk-test"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One house for all of them, as opening what decides takes a second."""
    async with house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def test_somebody_is_there(at: House) -> None:
    for method in ("GET", "HEAD"):
        said = await at.through.request(method, "/")
        assert (said.status_code, said.text) == (200, "Ollama is running" if method == "GET" else "")
        for path in ("/api/version", "/api/tags"):
            assert (await at.through.request(method, path)).status_code == 200
    assert (await at.through.get("/api/version")).json() == {"version": at.fake.version}


async def test_auto_comes_first_then_every_row_as_it_is_then_other_names(at: House) -> None:
    own = (await at.direct.get("/api/tags")).json()["models"]
    auto, *rows = (await at.through.get("/api/tags")).json()["models"]
    assert rows[:-1] == own
    assert rows[-1] == {**next(it for it in own if it["name"] == MAIN), "name": "big", "model": "big"}
    assert auto["name"] == auto["model"] == "auto:latest"
    assert auto.keys() == own[0].keys()
    assert auto["details"].keys() <= own[0]["details"].keys()
    assert auto["capabilities"] == ["completion", "tools", "vision"]
    assert len(auto["digest"]) == len(own[0]["digest"]) == 64
    assert (await at.client.list()).models[0].model == "auto:latest"


async def test_a_gateway_that_is_its_own_ollama_does_not_ask_itself_for_ever(at: House) -> None:
    await at.client.list()
    askers = {it.headers.get(HEADER, "") for it in at.fake.requests if it.path == "/api/tags"}
    (asker,) = askers - {""} if len(askers) == 2 else askers  # the test asked directly, too
    for path in ("/api/tags", "/api/ps", "/api/version"):
        said = await at.through.get(path, headers={HEADER: asker})
        assert (said.status_code, list(said.json())) == (508, ["error"])
    for path in ("/api/chat", "/api/generate", "/api/embed", "/api/show", "/api/pull"):
        assert (await at.through.post(path, json={}, headers={HEADER: asker})).status_code == 508
    assert (await at.through.get("/api/tags", headers={HEADER: "another gateway"})).status_code == 200


async def test_models_of_other_servers_and_of_this_process_are_rows_too(tmp_path: Path) -> None:
    async with FakeOpenAi(models=("m",)) as server:
        models: Any = {
            "main": {"provider": "openai", "url": server.url, "key": KEY, "model": "m", "name": "gpt"},
            "small": {"provider": "embedded"},
        }
        async with (
            open_router(config_of(tmp_path, models=models), store=False) as router,
            served(create_app(router, close_router=False)) as url,
            httpx.AsyncClient(base_url=url) as client,
        ):
            rows = (await client.get("/api/tags")).json()["models"]
            assert [it["name"] for it in rows] == ["auto:latest", "gpt", "smollm2-135m-instruct"]
            assert [it["details"]["family"] for it in rows] == ["pointsman", "openai", "here"]
            assert (await client.get("/api/ps")).json() == {"models": []}
            assert (await client.get("/api/version")).json()["version"] >= "0.12"
            async with ollama.AsyncClient(url) as official:
                shown = await official.show("gpt")
                said = await official.chat("gpt", [{"role": "user", "content": "hello"}])
            assert shown.capabilities == ["completion", "tools"]
            assert "hello" in (said.message.content or "")
            assert server.requests[-1].fields["model"] == "m"


async def test_two_ollamas_are_one_list(tmp_path: Path) -> None:
    async with FakeOllamaOnCard(files=()) as other, FakeOllamaOnCard() as full:
        other.install(full.files[SMALL])
        models: Any = {
            "main": {"provider": "ollama", "url": full.url, "model": MAIN},
            "small": {"provider": "ollama", "url": other.url, "model": SMALL},
        }
        async with (
            open_router(config_of(tmp_path, models=models), store=False) as router,
            served(create_app(router, close_router=False)) as url,
            httpx.AsyncClient(base_url=url) as client,
        ):
            names = [it["name"] for it in (await client.get("/api/tags")).json()["models"]]
            assert len(names) == len(set(names))
            assert {"auto:latest", *full.files} <= set(names)
            for name in (MAIN, SMALL):
                await client.post("/api/generate", json={"model": name})
            running = [it["name"] for it in (await client.get("/api/ps")).json()["models"]]
            assert running == [MAIN, SMALL]


async def test_a_model_is_shown_by_its_ollama_and_auto_by_us(at: House) -> None:
    for body in ({"model": SMALL, "verbose": True}, {"name": SMALL}):
        through, direct = [await it.post("/api/show", json=body) for it in (at.through, at.direct)]
        assert (through.status_code, through.content) == (200, direct.content)
    auto = await at.client.show("auto")
    assert auto.capabilities == ["completion", "tools", "vision"]
    assert auto.modelinfo == {
        "general.architecture": "pointsman",
        "general.basename": "auto",
        "pointsman.context_length": 8192,
    }
