"""A gateway with everything behind it that its OpenAPI document speaks of, on a port of its own, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from tests.http.openai.speaking import served

from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.http.app import create_app
from pointsman.observe.metrics import Metrics
from pointsman.testing.clouds import FakeOpenAi
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.ollama import LIBRARY, FakeOllamaOnCard, OllamaFile

NEW: Final = OllamaFile("tiny-new:latest", 700_000_000)
MODELS: Final = ("auto", "qwen3:4b", "smollm2:135m", "all-minilm", "m", NEW.full_name)


@dataclass
class Fuzzed:
    """The gateway's address, its document, a decision that it made, and the servers behind it."""

    url: str
    document: dict[str, Any]
    decision: str
    behind: tuple[Any, ...]
    stop: threading.Event = field(default_factory=threading.Event)

    def failed_behind(self) -> int:
        """How many errors of their own the servers behind it have answered."""
        return sum(count for it in self.behind for status, count in it.answered.items() if status >= 500)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Fuzzed]:
    """The gateway, in this loop."""
    async with AsyncExitStack() as stack:
        ollama = await stack.enter_async_context(FakeOllamaOnCard(files=LIBRARY.values(), pullable=(NEW,)))
        server = await stack.enter_async_context(FakeOpenAi(logprobs=True))
        painter = await stack.enter_async_context(FakeComfyUi(release_seconds=0, version="0.27.1"))
        config = Config.model_validate(
            {
                "store": {"path": folder / "decisions.db"},
                "models": {
                    "main": {"provider": "ollama", "url": ollama.url, "model": "qwen3:4b"},
                    "small": {"provider": "openai", "url": server.url, "key": server.key, "model": "m"},
                },
                "images": {"comfyui": {"enabled": True, "url": painter.url}},
                "gpu": {"enabled": False},
            }
        )
        router = await stack.enter_async_context(open_router(config))
        app = create_app(router, close_router=False, metrics=Metrics())
        url = await stack.enter_async_context(served(app))
        async with httpx.AsyncClient(base_url=url) as client:
            document = (await client.get("/openapi.json")).json()
            decided = (await client.post("/v1/route", json={"text": "draw me a cat"})).json()
        yield Fuzzed(url, document, decided["id"], (ollama, server))


@contextmanager
def running(folder: Path) -> Iterator[Fuzzed]:
    """The gateway, in a thread."""
    up: list[Fuzzed] = []
    ready = threading.Event()

    async def serve() -> None:
        async with opened(folder) as house:
            up.append(house)
            ready.set()
            await asyncio.to_thread(house.stop.wait)

    def run() -> None:
        try:
            asyncio.run(serve())
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait()
    try:
        (house,) = up
        yield house
    finally:
        for it in up:
            it.stop.set()
        thread.join()
