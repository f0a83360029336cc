"""A house with one card: Ollama and ComfyUI share it, a game takes its part, and the whole product runs over them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from pointsman.build import gpu as wiring
from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.core.reply import Decided, Done, Failed, Picture, Status, Text
from pointsman.engine.router import Router
from pointsman.http.app import create_app
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.comfyui import FakeComfyUi
from pointsman.testing.ollama import FakeOllamaOnCard

MAIN: Final = "qwen3:14b"
SMALL: Final = "smollm2:135m"
# The picture's files in int8, its text encoder in the computer's memory.
LIGHT: Final[Mapping[str, Any]] = {"workflow": "z-image-turbo-int8", "text_encoder": "cpu"}
# What asks a model for something, or loads it; lists and shapes do neither.
TO_MODELS: Final = frozenset({"/api/chat", "/api/generate", "/api/embed", "/v1/chat/completions"})
HANGS: Final = 30  # seconds after which a test is given up


@dataclass
class Told:
    """What somebody was told in answer to a message."""

    decision: Decision | None = None
    notices: list[str] = field(default_factory=list)
    text: str = ""
    pictures: list[Picture] = field(default_factory=list)
    done: Done | None = None
    failed: Failed | None = None

    @property
    def category(self) -> str:
        return self.decision.category if self.decision else ""

    @property
    def model(self) -> str:
        return self.done.model if self.done else ""

    @property
    def footer(self) -> str:
        return self.done.footer if self.done else ""


class House:
    """One card, its servers, and who lives with them; nothing takes time unless the servers are told to."""

    def __init__(self, folder: Path, card: FakeCard, ollama: FakeOllamaOnCard, comfyui: FakeComfyUi) -> None:
        self.folder = folder
        self.card = card
        self.ollama = ollama
        self.comfyui = comfyui

    def config(self, **sections: Any) -> Config:
        """The configuration that somebody with both servers would write; sections that are given replace its own."""
        written = {
            "store": {"path": self.folder / "decisions.db"},
            "models": {"main": self.model(MAIN), "small": self.model(SMALL)},
            "images": self.images(**LIGHT),
            # Looked at ten times a second, so that a test need not wait for the next look.
            "gpu": {"poll": 0.1},
        }
        return Config.model_validate({**written, **sections})

    def model(self, name: str, **more: Any) -> dict[str, Any]:
        """A model of this Ollama, as it stands in the configuration."""
        return {"provider": "ollama", "url": self.ollama.url, "model": name, **more}

    def images(self, **more: Any) -> dict[str, Any]:
        """This ComfyUI, as it stands in the configuration."""
        return {"comfyui": {"enabled": True, "url": self.comfyui.url, **more}}

    @property
    def asked(self) -> list[str]:
        """Which of Ollama's models were asked or loaded, in order."""
        return [str(it.fields.get("model")) for it in self.ollama.requests if it.path in TO_MODELS]

    @property
    def resident(self) -> dict[str, int]:
        """Ollama's models in memory, with their bytes on the card."""
        return {name: it.on_card for name, it in self.ollama.residency.runners.items()}

    @property
    def drawn(self) -> list[dict[str, Any]]:
        """The graphs that ComfyUI was sent."""
        return [body["prompt"] for body in self.comfyui.asked("POST", "/prompt")]

    async def seen(self, router: Router) -> None:
        """Waits until the card's owner has seen what is on it now."""
        owner = router.card
        assert owner is not None
        await self.until(lambda: [it.used for it in owner.snapshot().cards] == [self.card.used])

    async def until(self, met: Callable[[], bool]) -> None:
        """Waits until something is so; a test that waits in vain fails."""
        async with asyncio.timeout(HANGS):
            while not met():  # noqa: ASYNC110 - other processes and servers tell nobody
                await asyncio.sleep(0.01)


@asynccontextmanager
async def opened_house(folder: Path, *, total: int = 24 * GIB, **ollama: Any) -> AsyncIterator[House]:
    """A house; `ollama` has settings of its fake."""
    card = FakeCard(total, time.monotonic)
    async with (
        FakeOllamaOnCard(card, **ollama) as models,
        FakeComfyUi(card, release_seconds=0, version="0.27.1") as painter,
    ):
        yield House(folder, card, models, painter)


@asynccontextmanager
async def opened_router(config: Config) -> AsyncIterator[Router]:
    """The product over a configuration."""
    async with asyncio.timeout(HANGS), open_router(config) as router:
        yield router


def on_card(monkeypatch: pytest.MonkeyPatch, house: House) -> House:
    """Has the product look at the house's card, in place of the one of this computer."""
    monkeypatch.setattr(wiring, "open_probe", lambda _: house.card)
    return house


async def say(router: Router, text: str) -> Told:
    """What somebody is told who says this."""
    told = Told()
    async with aclosing(router.stream(Message(text))) as events:
        async for event in events:
            match event:
                case Decided(decision):
                    told.decision = decision
                case Status(text=notice):
                    told.notices.append(notice)
                case Text(delta):
                    told.text += delta
                case Picture():
                    told.pictures.append(event)
                case Done():
                    told.done = event
                case Failed():
                    told.failed = event
    return told


@asynccontextmanager
async def opened_client(router: Router) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the gateway."""
    app = create_app(router, close_router=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
        yield client


def chat_of(text: str, **more: Any) -> dict[str, Any]:
    """A request to the gateway's chat."""
    return {"model": "auto", "messages": [{"role": "user", "content": text}], **more}
