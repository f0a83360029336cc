"""An Ollama and the product in front of it, in this process; and who asks both."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import ollama
import pytest
from tests.http.openai.speaking import config_of, served

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.engine.router import Router
from pointsman.http.app import create_app
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.ollama import FakeOllamaOnCard

MAIN = "qwen3:14b"
SMALL = "smollm2:135m"
NOW = 1_790_000_000.5


@dataclass(frozen=True, slots=True)
class House:
    """The Ollama, the product, a client at each of them, and the official one at the product."""

    fake: FakeOllamaOnCard
    router: Router
    through: httpx.AsyncClient
    direct: httpx.AsyncClient
    client: ollama.AsyncClient


def configured(folder: Path, fake: FakeOllamaOnCard, *, owned: bool, **sections: Any) -> Config:
    """Models of this Ollama; with an owned card it is looked at ten times a second."""
    written: dict[str, Any] = {
        "models": {
            "main": {"provider": "ollama", "url": fake.url, "model": MAIN, "name": "big"},
            "small": {"provider": "ollama", "url": fake.url, "model": SMALL},
        },
        "gpu": {"enabled": owned, "poll": 0.1},
    }
    return config_of(folder, **written | sections)


@asynccontextmanager
async def house(folder: Path, *, owned: bool = False, sections: Any = None, **settings: Any) -> AsyncIterator[House]:
    """A house; `settings` are those of the fake, `sections` parts of the configuration."""
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(
            FakeOllamaOnCard(FakeCard(24 * GIB, time.monotonic), **{"clock": lambda: NOW, **settings})
        )
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(wiring, "open_probe", lambda _: fake.card)
        config = configured(folder, fake, owned=owned, **(sections or {}))
        router = await stack.enter_async_context(open_router(config, store=False))
        url = await stack.enter_async_context(served(create_app(router, close_router=False, now=lambda: NOW)))
        clients = [httpx.AsyncClient(base_url=it, timeout=20) for it in (url, fake.url)]
        through, direct = [await stack.enter_async_context(it) for it in clients]
        client = await stack.enter_async_context(ollama.AsyncClient(url))
        yield House(fake, router, through, direct, client)
