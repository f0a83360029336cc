"""A fake ComfyUI on a fake card, and time that passes as soon as somebody waits for it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import pytest

from pointsman.core.plan import Draw
from pointsman.core.ports import Painter
from pointsman.core.reply import Picture, Progress, Status
from pointsman.providers.comfyui.client import ComfyClient
from pointsman.providers.comfyui.painter import ComfyPainter
from pointsman.providers.comfyui.workflow import Workflow, load
from pointsman.testing.card import FakeCard
from pointsman.testing.comfyui import FakeComfyUi

Told = Status | Progress | Picture


class Hasty:
    """Calling it tells the time in seconds; sleeping moves it on, and lets others run once."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


class House:
    """What the tests of painters need."""

    def __init__(self, fake: FakeComfyUi, card: FakeCard, time: Hasty) -> None:
        self.fake = fake
        self.card = card
        self.time = time
        self.client = ComfyClient(fake.url)

    def painter(self, workflow: str | Workflow = "z-image-turbo", **more: Any) -> ComfyPainter:
        """A painter whose seeds are the same in each run."""
        flow = load(workflow) if isinstance(workflow, str) else workflow
        return ComfyPainter(self.client, flow, **{"chance": random.Random(1), **more})

    def hasty(self, workflow: str | Workflow = "z-image-turbo", **more: Any) -> ComfyPainter:
        """A painter for which no time passes while it waits."""
        return self.painter(workflow, **{"clock": self.time, "sleep": self.time.sleep, **more})

    async def drawn(self, painter: Painter, draw: Draw) -> list[Told]:
        """All that a painter tells."""
        async with aclosing(painter.draw(draw)) as events:
            return [event async for event in events]

    async def pictures(self, painter: Painter, draw: Draw) -> list[Picture]:
        return [event for event in await self.drawn(painter, draw) if isinstance(event, Picture)]

    @property
    def graphs(self) -> list[Mapping[str, Any]]:
        """The graphs that were submitted."""
        return [body["prompt"] for body in self.fake.asked("POST", "/prompt")]

    def sent(self, node: str, key: str, which: int = -1) -> Any:
        """The value of an input in a graph that was submitted."""
        return self.graphs[which][node]["inputs"][key]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    time = Hasty()
    card = FakeCard(24 * 1024**3, time)
    async with FakeComfyUi(card, sleep=time.sleep) as fake:
        made = House(fake, card, time)
        yield made
        await made.client.close()
