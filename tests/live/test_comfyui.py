"""The contract with ComfyUI, held against the real one at POINTSMAN_LIVE_COMFYUI (`make live`)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest
from tests.live.letting import let_through

from pointsman.providers.comfyui.backend import ComfyBackend
from pointsman.providers.comfyui.bindings import Binding
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.painter import ComfyPainter
from pointsman.providers.comfyui.workflow import load, of_graph
from pointsman.testing.comfyui.contract import CONTRACT, LETS_GO, Bench, Check

LIVE: Final = os.environ.get("POINTSMAN_LIVE_COMFYUI", "")
# Whoever works with that ComfyUI loses what it has in memory, so that this is only done when it is asked for.
CHECKS: Final = (*CONTRACT, *(LETS_GO if os.environ.get("POINTSMAN_LIVE_COMFYUI_FREE") else ()))
NOWHERE: Final[tuple[Binding, ...]] = ()

pytestmark = pytest.mark.skipif(not LIVE, reason="no ComfyUI is named: POINTSMAN_LIVE_COMFYUI=http://127.0.0.1:8188")


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch, loopback_only: None) -> None:  # noqa: ARG001 - it goes first
    """Lets these tests reach the ComfyUI that was named, and nothing else outside."""
    let_through(monkeypatch, LIVE)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    client = ComfyClient(LIVE)

    def painter_of(graph: Mapping[str, Mapping[str, Any]]) -> ComfyPainter:
        return ComfyPainter(client, of_graph(graph, "contract", {"prompt": NOWHERE}))

    yield Bench(
        client, ComfyPainter(client, load("connection")), painter_of, ComfyBackend(client, "comfyui:connection")
    )
    await client.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda it: it.__name__)
async def test_contract(bench: Bench, check: Check) -> None:
    await check(bench)
