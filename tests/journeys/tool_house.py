"""A house with tools: a model on a server, a SearXNG, some web sites; and what somebody is told there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pointsman.build import open_router
from pointsman.config.model import Config
from pointsman.core.message import Message, Origin, ToolCall
from pointsman.core.reply import Decided, Done, Event, Failed, Status, Text, ToolUse
from pointsman.engine.router import Router
from pointsman.testing.clouds import FakeOpenAi
from pointsman.testing.searxng import FakeSearxng
from pointsman.testing.website import Names, Website
from pointsman.tools.web import fetch

Script = Callable[[Mapping[str, Any]], Sequence[str | ToolCall]]


@dataclass
class Told:
    """What somebody was told, and what was called for it."""

    text: str = ""
    category: str = ""
    notices: list[str] = field(default_factory=list)
    uses: list[ToolUse] = field(default_factory=list)
    done: Done | None = None
    failed: Failed | None = None
    decision: str = ""

    def take(self, event: Event) -> None:
        match event:
            case Decided(decision):
                self.category, self.decision = decision.category, decision.id
            case Status(text):
                self.notices.append(text)
            case ToolUse() if event.state != "running":
                self.uses.append(event)
            case Text(delta):
                self.text += delta
            case Done():
                self.done = event
            case Failed():
                self.failed = event

    @property
    def called(self) -> list[tuple[str, str]]:
        return [(use.call.name, use.state) for use in self.uses]


async def say(router: Router, text: str, **origin: Any) -> Told:
    told = Told()
    async with aclosing(router.stream(Message(text, origin=Origin(**origin)))) as events:
        async for event in events:
            told.take(event)
    return told


@dataclass
class House:
    """The servers; `script` is what the model says and calls, given the body of a request."""

    model: FakeOpenAi
    search: FakeSearxng
    site: Website
    folder: Path
    script: list[Script] = field(default_factory=list)

    def config(self, **tools: Any) -> Config:
        """A configuration with all of it, and tools as given."""
        main = {"provider": "openai", "url": self.model.url, "model": "m", "key": "sk-test", "name": "big"}
        return Config.model_validate(
            {
                "models": {"main": main, "small": {"file": "smollm2"}},
                "store": {"path": str(self.folder / "house.db")},
                "gpu": {"enabled": False},
                "images": {"comfyui": {"enabled": False}},
                "tools": {"web_search": {"searxng": self.search.url}, **tools},
            }
        )

    @property
    def heard(self) -> list[Mapping[str, Any]]:
        """The messages that the model was sent, request by request."""
        return [asked.fields for asked in self.model.requests if asked.path.endswith("/chat/completions")]

    def said_to_model(self) -> str:
        """All that the model read in its last request."""
        return "\n".join(str(turn.get("content")) for turn in self.heard[-1]["messages"])


@asynccontextmanager
async def opened_house(folder: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """The servers, up; pages are read from the site's own loopback address."""
    async with FakeOpenAi() as model, FakeSearxng() as search, Website() as site:
        reading = partial(fetch.Fetcher, resolve=Names(), allowed=lambda _: True, ports=(site.port,))
        patch.setattr(fetch, "Fetcher", lambda **given: reading(**{**given, "proxy_for": lambda _: None}))
        yield House(model, search, site, folder)


__all__ = ["House", "Told", "open_router", "opened_house", "say"]
