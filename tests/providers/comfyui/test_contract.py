"""The contract with ComfyUI, here against the fake; tests/live runs the same against a real one.

How: make a `Bench` of the provider's parts for a URL, as `bench_of` does, and await each of
`pointsman.testing.comfyui.contract.CONTRACT` with it; those of `LETS_GO` unload the models of whoever works with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from pointsman.providers.comfyui.backend import ComfyBackend
from pointsman.providers.comfyui.bindings import Binding
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.painter import ComfyPainter
from pointsman.providers.comfyui.workflow import load, of_graph
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.comfyui.contract import CONTRACT, LETS_GO, Bench, Check


def bench_of(client: ComfyClient) -> Bench:
    def painter_of(graph: Mapping[str, Mapping[str, Any]]) -> ComfyPainter:
        nowhere: tuple[Binding, ...] = ()
        return ComfyPainter(client, of_graph(graph, "contract", {"prompt": nowhere}))

    backend = ComfyBackend(client, "comfyui:connection")
    return Bench(client, ComfyPainter(client, load("connection")), painter_of, backend)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with FakeComfyUi() as fake:
        client = ComfyClient(fake.url)
        yield bench_of(client)
        await client.close()


@pytest.mark.parametrize("check", [*CONTRACT, *LETS_GO], ids=lambda it: it.__name__)
async def test_contract(bench: Bench, check: Check) -> None:
    await check(bench)
