"""Vectors for Ollama's clients: of an Ollama, of another server, of the encoder that routing goes by."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from tests.http.ollama.speaking import House, house
from tests.http.openai.speaking import config_of, served

from pointsman.build import open_router
from pointsman.core.relay import Place
from pointsman.http.app import create_app
from pointsman.http.ollama.embedding import refusal
from pointsman.testing.clouds import FakeOpenAi

TEXTS = ["a red fox", "a fox in the snow"]


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One house for all of them, as opening what decides takes a second."""
    async with house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


async def test_of_an_ollama_they_are_its_own(at: House) -> None:
    bodies: list[dict[str, Any]] = [
        {"input": TEXTS},
        {"input": "one", "dimensions": 8, "truncate": True},
        {"input": []},
    ]
    for body in bodies:
        asked = {"model": "all-minilm", **body}
        through, direct = [(await it.post("/api/embed", json=asked)).json() for it in (at.through, at.direct)]
        assert through["embeddings"] == direct["embeddings"]
        assert through.keys() == direct.keys()
    await at.through.post("/api/embeddings", json={"model": "all-minilm", "prompt": "old"})
    assert at.fake.requests[-1].path == "/api/embeddings"


async def test_of_auto_they_are_made_here(at: House) -> None:
    before = len(at.fake.requests)
    said = await at.client.embed("auto", TEXTS)
    assert [len(it) for it in said.embeddings] == [384, 384]
    assert (said.prompt_eval_count or 0) > 4
    short = await at.client.embed("auto", TEXTS[0], dimensions=64)
    assert len(short.embeddings[0]) == 64
    assert math.hypot(*short.embeddings[0]) == pytest.approx(1)
    assert (await at.client.embed("auto", [])).embeddings == []
    assert len((await at.client.embeddings("auto", TEXTS[0])).embedding) == 384
    assert len(at.fake.requests) == before


async def test_of_another_server_they_are_told_in_ollamas_words(tmp_path: Path) -> None:
    async with FakeOpenAi(models=("m",), embedding_models={"vectors": 8}) as server:
        models: Any = {
            "main": {"provider": "openai", "url": server.url, "key": "sk-test", "model": "m"},
            "small": {"provider": "openai", "url": server.url, "key": "sk-test", "model": "vectors", "name": "v"},
        }
        async with (
            open_router(config_of(tmp_path, models=models), store=False) as router,
            served(create_app(router, close_router=False)) as url,
            httpx.AsyncClient(base_url=url) as client,
        ):
            said = (await client.post("/api/embed", json={"model": "v", "input": TEXTS})).json()
            assert [len(it) for it in said["embeddings"]] == [8, 8]
            assert said["model"] == "v"
            assert said["prompt_eval_count"] > 0
            assert server.requests[-1].fields["model"] == "vectors"
            old = (await client.post("/api/embeddings", json={"model": "v", "prompt": TEXTS[0]})).json()
            assert old == {"embedding": said["embeddings"][0]}
            assert (await client.post("/api/embeddings", json={"model": "v", "prompt": ""})).json() == {"embedding": []}
            refused = await client.post("/api/embed", json={"model": "m", "input": TEXTS})
            assert refused.status_code == 400
            assert refused.json()["error"].startswith("m: its server answers 4")


@pytest.mark.parametrize(
    ("status", "said", "http"),
    [(404, {"error": {"message": "no"}}, 400), (401, {}, 502), (500, {"error": "oh"}, 502), (200, None, 502)],
)
async def test_a_refusal_has_the_status_that_fits(status: int, said: Any, http: int) -> None:
    assert refusal(Place("m", "openai").model, status, said).http_status == http
