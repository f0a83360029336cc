"""Two servers of a kind: one that clients ask directly, and its twin behind Pointsman."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from tests.clients.native_calls import PULLED
from tests.http.openai.speaking import served

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.engine.router import Router
from pointsman.http.app import create_app
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.clouds import FakeOpenAi
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.ollama import LIBRARY, FakeOllamaOnCard, OllamaFile

NOW: Final = 1_790_000_000.5  # both servers and the gateway have the same moment, so that times can be compared
FILES: Final = (*LIBRARY.values(), OllamaFile("written", 1_000_000_000, "llama"))
NEW: Final = OllamaFile(PULLED, 700_000_000)
KEY: Final = "sk-test"


@dataclass(frozen=True, slots=True)
class House:
    """The addresses at which the same is asked, and the servers behind them."""

    through: str
    direct: str
    behind: Any
    router: Router
    comfyui: FakeComfyUi


def an_ollama(card: FakeCard, **settings: Any) -> FakeOllamaOnCard:
    """An Ollama with everything on its disk, whose time stands still."""
    return FakeOllamaOnCard(card, files=FILES, pullable=(NEW,), **{"clock": lambda: NOW, **settings})


@asynccontextmanager
async def ollama_house(folder: Path, *, owned: bool = False, **settings: Any) -> AsyncIterator[House]:
    """An Ollama, and another one with a ComfyUI on its card behind Pointsman; nothing takes time there.

    Where the card is not `owned` by Pointsman, models stay in memory as long as their callers say.
    """
    card = FakeCard(24 * GIB, time.monotonic)
    async with AsyncExitStack() as stack:
        behind = await stack.enter_async_context(an_ollama(card, **settings))
        direct = await stack.enter_async_context(an_ollama(FakeCard(24 * GIB, time.monotonic), **settings))
        painter = await stack.enter_async_context(FakeComfyUi(card, release_seconds=0, version="0.27.1"))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(wiring, "open_probe", lambda _: card)
        model = {"provider": "ollama", "url": behind.url}
        drawing = {"workflow": "z-image-turbo-int8", "text_encoder": "cpu"}
        config = {
            "models": {"main": {**model, "model": "qwen3:14b"}, "small": {**model, "model": "granite4:350m"}},
            "images": {"comfyui": {"enabled": True, "url": painter.url, **drawing}},
            "gpu": {"enabled": owned, "poll": 0.1},
        }
        router, url = await stack.enter_async_context(gateway(folder, config))
        yield House(url, direct.url, behind, router, painter)


@asynccontextmanager
async def server_house(folder: Path) -> AsyncIterator[House]:
    """A server that speaks OpenAI's language, asked directly and through Pointsman."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            FakeOpenAi(models=("m",), embedding_models={"m-embed": 8}, logprobs=True, clock=lambda: NOW)
        )
        painter = await stack.enter_async_context(FakeComfyUi(version="0.27.1"))
        model = {"provider": "openai", "url": server.url, "key": KEY}
        config = {
            "models": {"main": {**model, "model": "m"}, "small": {**model, "model": "m-embed"}},
            "images": {"comfyui": {"enabled": False}},
            "gpu": {"enabled": False},
        }
        router, url = await stack.enter_async_context(gateway(folder, config))
        yield House(url, server.url.removesuffix("/v1"), server, router, painter)


@asynccontextmanager
async def gateway(folder: Path, config: dict[str, Any]) -> AsyncIterator[tuple[Router, str]]:
    """The product over a configuration, and its address."""
    written = Config.model_validate({"store": {"path": folder / "decisions.db"}, **config})
    async with open_router(written, store=False) as router:
        app = create_app(router, close_router=False, now=lambda: NOW)
        async with served(app) as url:
            yield router, url


async def until(met: Any, seconds: float = 30) -> None:
    """Waits until something is so; a test that waits in vain fails."""
    async with asyncio.timeout(seconds):
        while not met():  # noqa: ASYNC110 - servers of another loop tell nobody
            await asyncio.sleep(0.01)
