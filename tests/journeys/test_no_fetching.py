"""Nobody has the gateway fetch an address for them: a server that only this machine reaches is never asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.http.app import create_app
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.ollama import FakeOllamaOnCard

MODEL = "qwen3:4b"
ADDRESSES = (
    "http://127.0.0.1:{}/secret.png",
    "http://localhost:{}/secret.png",
    "http://[::ffff:127.0.0.1]:{}/secret.png",
    "http://2130706433:{}/secret.png",
    "http://0x7f.1:{}/secret.png",
    "http://someone@127.0.0.1:{}/secret.png",
    "https://127.0.0.1:{}/secret.png",
    "HTTPS://localhost.:{}/secret.png",
    "//127.0.0.1:{}/secret.png",
    "ftp://127.0.0.1:{}/secret.png",
    "data:image/png,http://127.0.0.1:{}/secret.png",
)


class Secret:
    """A server that should never be asked for anything."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0

    def visited(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        self.visits += 1
        writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Secret]:
    secret = Secret()
    server = await asyncio.start_server(secret.visited, "127.0.0.1", 0)
    secret.port = server.sockets[0].getsockname()[1]
    async with server:
        yield secret


@asynccontextmanager
async def caller(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at a gateway with an Ollama and a ComfyUI."""
    async with FakeOllamaOnCard() as ollama, FakeComfyUi() as comfyui:
        main = {"provider": "ollama", "url": ollama.url, "model": MODEL}
        config = Config.model_validate(
            {
                "store": {"path": folder / "decisions.db"},
                "models": {"main": main},
                "gpu": {"enabled": False},
                "images": {"comfyui": {"enabled": True, "url": comfyui.url}},
            }
        )
        async with open_router(config, store=False) as router:
            app = create_app(router, close_router=False)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
                yield client


def asked(url: str) -> list[tuple[str, dict[str, Any]]]:
    """Every request that can name a picture by its address."""
    found: list[tuple[str, dict[str, Any]]] = []
    for model in ("auto", MODEL):
        for part in ({"type": "image_url", "image_url": {"url": url}}, {"type": "image_url", "image_url": url}):
            said = [{"role": "user", "content": [{"type": "text", "text": "what is in this picture?"}, part]}]
            found += [
                ("/v1/chat/completions", {"model": model, "messages": said, "stream": it}) for it in (True, False)
            ]
        chat = [{"role": "user", "content": "what is in this picture?", "images": [url]}]
        found += [
            ("/api/chat", {"model": model, "messages": chat, "stream": False}),
            ("/api/generate", {"model": model, "prompt": "what is in it?", "images": [url], "stream": False}),
        ]
    found.append(("/v1/embeddings", {"model": MODEL, "input": [url]}))
    pictures = {"image": url, "image_url": url, "mask": url, "response_format": "b64_json"}
    found.append(("/v1/images/generations", {"prompt": f"a fox like {url}", **pictures}))
    attached = {"media_type": "image/png", "url": url}
    found.append(("/v1/route", {"text": "what is in this picture?", "attachments": [attached]}))
    return found


async def test_no_surface_fetches_a_picture_for_its_caller(tmp_path: Path) -> None:
    async with listening() as secret, caller(tmp_path) as client:
        for address in ADDRESSES:
            for path, data in asked(address.format(secret.port)):
                answer = await client.post(path, json=data)
                assert "nothing at" not in answer.text, path
                assert secret.visits == 0, (path, address)
        async with httpx.AsyncClient() as somebody:  # who does ask is seen
            with pytest.raises(httpx.RemoteProtocolError):
                await somebody.get(f"http://127.0.0.1:{secret.port}/secret.png")
        assert secret.visits == 1
