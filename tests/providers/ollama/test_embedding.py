"""Vectors by Ollama's own /api/embed, through the same calls as every service's."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from pointsman.core.faults import ServiceFailed
from pointsman.providers.ollama.embedding import OllamaEmbeddings
from pointsman.providers.remote.asking import Ask, Called
from pointsman.providers.remote.embeddings import RemoteEmbedder
from pointsman.providers.remote.wire import Wire
from pointsman.testing.clouds import Trouble


class Direct:
    """Calls that are made at once, over HTTP."""

    def __init__(self, service: OllamaEmbeddings) -> None:
        self.service = service
        self.wire = Wire(service.name)

    async def call(self, ask: Any, models: Any = ()) -> Called[Any]:
        made: Ask[Any] = ask(models[0])
        began = time.monotonic()
        reply = await self.wire.send(made.request, 10.0)
        if fault := self.service.fault_of(reply, models[0]):
            raise fault
        return Called(made.read(reply), models[0], time.monotonic() - began)


@pytest.fixture
async def calls(place: Any) -> Any:
    direct = Direct(OllamaEmbeddings(place.fake.url, keep_alive=60.0))
    yield direct
    await direct.wire.close()


@pytest.mark.parametrize(("model", "dims"), [("all-minilm", 384), ("qwen3-embedding:0.6b", 1024)])
async def test_unit_vectors(place: Any, calls: Any, model: str, dims: int) -> None:
    embedder = RemoteEmbedder(calls, calls.service, model)
    vectors = await embedder.embed(["a red fox", "a red fox", "tax forms"])
    assert vectors.shape == (3, dims)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] == pytest.approx(vectors[1])
    assert embedder.fingerprint == f"ollama/{model}/own/{dims}"
    (body,) = place.bodies
    assert (body["options"], body["keep_alive"], body["truncate"]) == ({"num_ctx": 2048}, 60, True)


async def test_a_model_of_which_nothing_is_known(calls: Any) -> None:
    assert calls.service.space_of("another").dims is None
    assert calls.service.space_of("all-minilm:latest").dims == 384
    assert calls.service.metered(None).cost == {}


@pytest.mark.parametrize(
    ("model", "trouble", "kind"),
    [
        ("nope", None, "model_gone"),
        ("qwen3:4b", None, "model_gone"),
        ("all-minilm", Trouble("error", name="load_oom"), "server"),
        ("all-minilm", Trouble("html"), "malformed"),
        ("all-minilm", Trouble("null"), "malformed"),
        ("all-minilm", Trouble("truncated"), "malformed"),
    ],
)
async def test_vectors_that_fail(place: Any, calls: Any, model: str, trouble: Any, kind: str) -> None:
    place.fake.troubles.script(trouble)
    with pytest.raises(ServiceFailed) as told:
        await RemoteEmbedder(calls, calls.service, model).embed(["a"])
    assert told.value.kind == kind


def test_a_key_goes_along_and_is_not_shown() -> None:
    ask = OllamaEmbeddings("http://h:1/", key="secret").vectors("m", ["a"], None)
    assert ask.request.url == "http://h:1/api/embed"
    assert ask.request.headers == {"Authorization": "Bearer secret"}
    assert "secret" not in repr(ask)
    assert "keep_alive" not in (ask.request.body or {})
