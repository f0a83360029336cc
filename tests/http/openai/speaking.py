"""Who takes part in the tests of OpenAI's surface: a model that says what it is told, and a gateway in this process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from openai import AsyncOpenAI

from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.http.app import create_app
from pointsman.testing.live_server import LiveServer

Says = Callable[[Sequence[Turn], ChatOptions], Sequence[Delta]]


@dataclass
class Speaker:
    """A chat model whose pieces depend on what it is asked."""

    says: Says
    name: str = "tiny"
    note: str = "a very small model"
    asked: list[tuple[tuple[Turn, ...], ChatOptions]] = field(default_factory=list)

    async def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        self.asked.append((tuple(turns), options))
        for delta in self.says(turns, options):
            yield delta

    async def close(self) -> None:
        pass


def config_of(folder: Path, **sections: Any) -> Config:
    """A configuration that owns no card, so that what is asked goes at once to its server."""
    written: Mapping[str, Any] = {
        "store": {"path": folder / "decisions.db"},
        "gpu": {"enabled": False},
        "images": {"comfyui": {"enabled": False}},
        **sections,
    }
    return Config.model_validate(written)


def client_of(url: str) -> AsyncOpenAI:
    """The official client, at a server."""
    return AsyncOpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0)


@asynccontextmanager
async def gateway(config: Config, **settings: Any) -> AsyncIterator[AsyncOpenAI]:
    """The official client, at the product over a configuration."""
    async with open_router(config, store=False) as router:
        app = create_app(router, close_router=False, **settings)
        async with served(app) as url, client_of(url) as client:
            yield client


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The address of an application that answers on loopback, in this loop."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as `pointsman serve` does
    server = LiveServer(uvicorn.Config(app, log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=5))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
