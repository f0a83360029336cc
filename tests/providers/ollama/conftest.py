"""A fake Ollama on a card, a client of it, and the Ollama that the contract is held against."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from tests.live.letting import let_through

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.providers.ollama.client import Ollama, Patience
from pointsman.providers.ollama.said import plain
from pointsman.testing.card import GIB, FakeCard
from pointsman.testing.ollama import REAL, FakeOllamaOnCard, Limits, Pace, PatientTime
from pointsman.tiers.question import Question, Questions

LIVE = os.environ.get("POINTSMAN_LIVE_OLLAMA", "")
CATALOGUE = Catalogue([Category("image", "pictures", "image"), Category("chat", "talk", "llm")])


class Place:
    """A fake on a card with a stepped clock, and a client of it."""

    def __init__(self, fake: FakeOllamaOnCard, client: Ollama, time: PatientTime) -> None:
        self.fake = fake
        self.client = client
        self.time = time
        self.card = fake.card

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was asked by POST, in order."""
        return [dict(asked.fields) for asked in self.fake.requests if asked.method == "POST"]

    @property
    def names(self) -> set[str]:
        """The models in memory."""
        return set(self.fake.residency.runners)


class Places:
    """Opens fakes with settings of their own."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    async def open(
        self, total: int = 24 * GIB, *, pace: Pace | None = None, limits: Limits | None = None, patience: float = 30.0
    ) -> Place:
        time = PatientTime()
        fake = FakeOllamaOnCard(FakeCard(total, time), clock=time, sleep=time.sleep, pace=pace, limits=limits)
        await self._stack.enter_async_context(fake)
        client = Ollama(fake.url, patience=Patience(patience, patience, patience), clock=time)
        self._stack.push_async_callback(client.close)
        return Place(fake, client, time)


@pytest.fixture
async def places() -> AsyncIterator[Places]:
    async with AsyncExitStack() as stack:
        yield Places(stack)


@pytest.fixture
async def place(places: Places) -> Place:
    """A fake at which nothing takes time."""
    return await places.open()


@pytest.fixture
async def slow(places: Places) -> Place:
    """A fake at which loads, replies and releases take the time that they do on a good machine."""
    return await places.open(pace=REAL)


@pytest.fixture
def question() -> Question:
    """Is it a picture or a talk?"""
    return Questions(CATALOGUE).about("draw a fox", [Utterance("a joke", "chat", "en")], ["image", "chat"])


@dataclass(frozen=True, slots=True)
class Served:
    """The Ollama under contract: a tiny chat model and an embedding model, "" where there is none."""

    client: Ollama
    model: str
    embedding: str


@pytest.fixture
async def served(place: Place) -> AsyncIterator[Served]:
    """The fake; or the real one at POINTSMAN_LIVE_OLLAMA, with models that are there already."""
    if not LIVE:
        yield Served(place.client, "smollm2:135m", "all-minilm")
        return
    client = Ollama(LIVE)
    model = os.environ.get("POINTSMAN_LIVE_OLLAMA_MODEL", "smollm2:135m")
    vectors = os.environ.get("POINTSMAN_LIVE_OLLAMA_EMBEDDING", "all-minilm")
    try:
        has = {plain(it.name) for it in await client.installed()}
        if model not in has:
            pytest.skip(f"{LIVE} has no {model}: ollama pull {model}, or name another in POINTSMAN_LIVE_OLLAMA_MODEL")
        yield Served(client, model, vectors if vectors in has else "")
    finally:
        await client.close()


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch, loopback_only: None) -> None:  # noqa: ARG001 - it goes first
    """Lets the contract reach the live Ollama that was named, and nothing else outside."""
    let_through(monkeypatch, LIVE)
