"""Ollama as the arbiter sees it: tenants, variants, loads that nobody can cancel, and who else is there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.core.errors import ModelFailed, OutOfMemory, Unreachable
from pointsman.gpu.backend import Backend
from pointsman.gpu.want import Rung
from pointsman.providers.ollama.asking import Setup
from pointsman.providers.ollama.backend import OllamaBackend, tenant_of
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.testing.card import GIB
from pointsman.testing.clouds import Trouble
from pointsman.testing.ollama import Mishap


def rung(model: str = "qwen3:14b", variant: str = "ctx=4096") -> Rung:
    return Rung(tenant_of(model), variant=variant)


@pytest.fixture
def backend(place: Any) -> OllamaBackend:
    return OllamaBackend(place.client)


async def test_load_list_and_unload(place: Any, backend: OllamaBackend) -> None:
    seen: Backend = backend
    assert (seen.name, seen.loads_on_use) == ("ollama", False)
    await seen.load(rung(), "gpu0")
    (loaded,) = await seen.loaded()
    assert (loaded.tenant, loaded.variant, loaded.spilled) == ("ollama:qwen3:14b", "ctx=4096", False)
    assert loaded.size == loaded.on_card > 9e9
    assert place.bodies[0]["keep_alive"] == -1
    await seen.unload("ollama:qwen3:14b")
    assert await seen.loaded() == ()


async def test_the_tag_that_is_not_said(backend: OllamaBackend) -> None:
    assert tenant_of("all-minilm:latest") == tenant_of("all-minilm") == "ollama:all-minilm"
    await backend.load(rung("all-minilm", "ctx=256"), "")
    assert [it.tenant for it in await backend.loaded()] == ["ollama:all-minilm"]


async def test_partial_offload_is_a_variant_and_no_surprise(place: Any, backend: OllamaBackend) -> None:
    await backend.load(rung(variant="ctx=4096,gpu=20"), "")
    (loaded,) = await backend.loaded()
    assert loaded.variant == "ctx=4096,gpu=20"
    assert loaded.spilled
    assert place.bodies[0]["options"] == {"num_ctx": 4096, "num_gpu": 20}


async def test_a_context_that_was_cut_is_still_the_variant_that_was_asked_for(backend: OllamaBackend) -> None:
    await backend.load(rung("all-minilm", "ctx=4096"), "")
    assert [it.variant for it in await backend.loaded()] == ["ctx=4096"]


async def test_a_load_by_somebody_else_is_told_as_it_is(place: Any, backend: OllamaBackend) -> None:
    await backend.load(rung(variant="ctx=4096,gpu=40"), "")
    await place.client.preload(Setup("qwen3:14b", RunnerOptions(2048), 60.0))
    await place.client.preload(Setup("smollm2:135m", RunnerOptions(1024), 60.0))
    assert {(it.tenant, it.variant) for it in await backend.loaded()} == {
        ("ollama:qwen3:14b", "ctx=2048"),
        ("ollama:smollm2:135m", "ctx=1024"),
    }


async def test_another_name_for_a_second_ollama(place: Any) -> None:
    backend = OllamaBackend(place.client, name="attic")
    await backend.load(Rung("attic:qwen3:4b", variant="ctx=2048"), "")
    assert [it.tenant for it in await backend.loaded()] == ["attic:qwen3:4b"]
    await backend.unload("attic:qwen3:4b", deep=True)
    assert not place.names


async def test_a_spill_is_told(place: Any, backend: OllamaBackend) -> None:
    place.card.take("game", 18 * GIB)
    await backend.load(rung(), "")
    (loaded,) = await backend.loaded()
    assert 0 < loaded.on_card < loaded.size
    assert loaded.spilled


async def test_nobody_can_cancel_a_load(slow: Any) -> None:
    backend = OllamaBackend(slow.client)
    loading = asyncio.create_task(backend.load(rung(variant="ctx=4096,gpu=40"), ""))
    await slow.fake.until(lambda: bool(slow.names))
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)
    await slow.time.go_on(60.0)
    assert slow.fake.residency.counts.aborted == 0
    assert [it.variant for it in await backend.loaded()] == ["ctx=4096,gpu=40"]


@pytest.mark.parametrize(
    ("kind", "error"), [("load_oom", OutOfMemory), ("load_crash", ModelFailed), ("load_timeout", ModelFailed)]
)
async def test_loads_that_fail(place: Any, backend: OllamaBackend, kind: Any, error: type[Exception]) -> None:
    place.fake.residency.mishaps.extend([Mishap(kind)] * 2)
    with pytest.raises(error) as told:
        await backend.load(rung(), "")
    assert type(told.value) is error
    assert await backend.loaded() == ()


@pytest.mark.parametrize(("model", "variant"), [("nope", "ctx=1"), ("qwen3:4b", "x=1")])
async def test_what_cannot_be_loaded_is_a_model_that_failed(backend: OllamaBackend, model: str, variant: str) -> None:
    with pytest.raises(ModelFailed) as told:
        await backend.load(rung(model, variant), "")
    assert told.value.cure


async def test_busy_is_a_failure_to_the_arbiter(place: Any, backend: OllamaBackend) -> None:
    place.fake.troubles.script(Trouble("error", name="ollama_busy_503"))
    with pytest.raises(ModelFailed):
        await backend.load(rung(), "")


async def test_a_model_that_was_deleted_holds_nothing(backend: OllamaBackend) -> None:
    await backend.unload("ollama:nope")


async def test_nobody_there() -> None:
    client = Ollama("http://127.0.0.1:9")
    backend = OllamaBackend(client)
    for call in (backend.load(rung(), ""), backend.unload("ollama:m"), backend.loaded()):
        with pytest.raises(Unreachable):
            await call
    await client.close()
