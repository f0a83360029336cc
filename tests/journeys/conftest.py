"""Journeys go through the real router: shipped categories, encoder, head; only the store is in memory."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.forked import REAL, command

from pointsman.build import open_router
from pointsman.core.decision import Decision
from pointsman.core.message import Message
from pointsman.engine.router import Router
from pointsman.testing.clouds import (
    FakeCloudflare,
    FakeGroq,
    FakeHuggingFace,
    FakeOllama,
    FakeOpenAi,
    FakeService,
)

GUARD = Path(__file__).with_name("guard")
HANGS = 60  # seconds after which a process is given up
# Short, and they may mean several things; of these, those count of which no local tier is sure.
DOUBTFUL = (
    "red one",
    "look at this mess",
    "show me how it looks",
    "three squares and a circle",
    "let us see the moon",
    "good night moon story",
    "could you sort of sketch how it works",
    "help with the poster text",
    "plum jam label wording for the market",
    "the lighthouse at night, in words or otherwise",
)


@pytest.fixture
async def router() -> AsyncIterator[Router]:
    async with open_router(store=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def decide() -> object:
    """Decides texts with one router for the whole run; opening it takes most of the time."""
    opened = open_router(store=False)

    def decided(text: str) -> Decision:
        return asyncio.run(opened.decide(Message(text)))

    return decided


@pytest.fixture(scope="session")
def unsure() -> list[str]:
    """Messages of which no local tier is sure."""

    async def found() -> list[str]:
        async with open_router(store=False) as opened:
            decisions = await opened.decide_many([Message(text) for text in DOUBTFUL])
        return [text for text, made in zip(DOUBTFUL, decisions, strict=True) if made.tier == "fallback"]

    with ThreadPoolExecutor(1) as aside:  # a loop of its own, whatever runs here
        texts = aside.submit(asyncio.run, found()).result()
    assert len(texts) >= 4, "the local tiers have become surer: write others"
    return texts


@dataclass(frozen=True)
class Person:
    """Somebody who works in a folder with a pointsman.yaml, and a database that outlives their commands."""

    folder: Path

    def set_up(self, *fakes: FakeService, cloud: Mapping[str, Any] | None = None, **sections: Any) -> Path:
        """Writes the configuration: the fakes with their keys, `cloud` beside that, and other sections."""
        settings: dict[str, Any] = dict(cloud or {})
        for fake in fakes:
            name, told = settings_of(fake)
            if name == "servers":
                settings[name] = [{**told, **dict(*settings.get(name, ()))}]
            else:
                settings[name] = {**told, **settings.get(name, {})}
        file = self.folder / "pointsman.yaml"
        # JSON is YAML.
        file.write_text(json.dumps({"store": {"path": "decisions.db"}, "cloud": settings, **sections}))
        return file

    async def run(
        self, *words: str, exits: int = 0, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """What a command says, in a process of its own; the fakes of this one can answer it."""
        return await asyncio.to_thread(self.run_now, *words, exits=exits, variables=variables)

    def run_now(
        self, *words: str, exits: int = 0, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The same where no fake is asked."""
        done = subprocess.run(
            [*(REAL if "PYTHONPATH" in (variables or {}) else command()), *words],  # that is for Python's own start
            env={**os.environ, **(variables or {})},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=HANGS,
            check=False,
        )
        assert done.returncode == exits, done.stdout + done.stderr
        return done

    async def route(self, text: str, **variables: str) -> dict[str, Any]:
        """The decision about a text, made in a process of its own; the reason of the cloud stage as `cloud`."""
        done = await self.run("route", text, "--json", variables=variables)
        made = json.loads(done.stdout)
        return {**made, "cloud": "".join(line["reason"] for line in made["trace"] if line["tier"] == "cloud")}


def settings_of(fake: FakeService) -> tuple[str, dict[str, Any]]:
    """Where a fake stands in the configuration, and what a user would write there."""
    match fake:
        case FakeCloudflare():
            return "cloudflare", {"token": fake.key, "account": fake.account, "url": fake.url}
        case FakeGroq():
            return "groq", {"key": fake.key, "url": fake.url}
        case FakeHuggingFace():
            return "huggingface", {"token": fake.key, "url": fake.url}
        case FakeOllama():
            return "ollama", {"enabled": True, "url": fake.url}
        case FakeOpenAi():
            return "servers", {"name": "lan", "url": fake.url, "key": fake.key, "models": list(fake.models)}
    raise AssertionError(f"nobody configures a {type(fake).__name__}")


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.fixture
async def cloudflare() -> AsyncIterator[FakeCloudflare]:
    async with FakeCloudflare() as fake:
        yield fake


@pytest.fixture
async def groq() -> AsyncIterator[FakeGroq]:
    async with FakeGroq() as fake:
        yield fake


@pytest.fixture
async def huggingface() -> AsyncIterator[FakeHuggingFace]:
    async with FakeHuggingFace() as fake:
        yield fake


@pytest.fixture
async def ollama() -> AsyncIterator[FakeOllama]:
    async with FakeOllama() as fake:
        yield fake


@pytest.fixture
def remote_only() -> Sequence[Mapping[str, Any]]:
    """Tiers that know nothing by themselves: corrections, the cache, and the services with time enough."""
    return [{"kind": "corrections"}, {"kind": "cache"}, {"kind": "cloud", "deadline": "20s"}]


@pytest.fixture(scope="session")
def guarding() -> ModuleType:
    """The guard's module; `GUARD` on PYTHONPATH makes every Python process load it at its start."""
    spec = importlib.util.spec_from_file_location("guard_of_journeys", GUARD / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def guard(guarding: ModuleType) -> Any:
    """The guard of this process, which is down until a test has it `up`."""
    return guarding.Guard()


@pytest.fixture
def guarded(tmp_path: Path, guarding: ModuleType) -> dict[str, str]:
    """The variables with which another process is guarded from its start; it notes in `attempts` of the folder."""
    path = os.pathsep.join([str(GUARD), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PYTHONPATH": path, guarding.NOTES: str(tmp_path / "attempts")}
