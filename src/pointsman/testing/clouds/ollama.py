"""A fake Ollama: OpenAI's language under /v1, decision models, and its own addresses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from pointsman.core.ports import Clock
from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.testing.clouds.chat import Reply, echo
from pointsman.testing.clouds.deciding import Decide, by_words
from pointsman.testing.clouds.delivery import Sleep
from pointsman.testing.clouds.openai import FakeOpenAi
from pointsman.testing.clouds.tools import UseTool, by_name

MODELS: Final = ("qwen3:4b",)
EMBEDDING_MODELS: Final[Mapping[str, int]] = MappingProxyType({"all-minilm": 384})
DECISION_MODELS: Final = ("nimble", "tev1:0.8b", "clef-flash")
LATEST: Final = ":latest"
QUEUE: Final = 512


class FakeOllama(FakeOpenAi):
    """Ollama; `url` ends with the port, and `openai_url` with /v1. It asks for no key.

    `places` calls run at once and `queue` wait; further ones are refused as busy. None is as many as come.
    """

    title = "ollama"
    fingerprint = "fp_ollama"

    def __init__(
        self,
        *,
        models: tuple[str, ...] = MODELS,
        embedding_models: Mapping[str, int] = EMBEDDING_MODELS,
        decision_models: tuple[str, ...] = DECISION_MODELS,
        version: str = "0.35.2",
        places: int | None = None,
        queue: int = QUEUE,
        clock: Clock = time.time,
        decide: Decide = by_words,
        reply: Reply = echo,
        use_tool: UseTool = by_name,
        toolless: Collection[str] = (),
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(
            key="",
            models=models,
            embedding_models=embedding_models,
            decision_models=decision_models,
            dialect="ollama",
            clock=clock,
            decide=decide,
            reply=reply,
            use_tool=use_tool,
            toolless=toolless,
            sleep=sleep,
        )
        self.base = ""  # its own addresses stand beside /v1
        self.version = version
        self.places = places
        self.queue = queue

    @property
    def openai_url(self) -> str:
        """Its address as a server that speaks OpenAI's language."""
        return self.url + self.api

    async def answer(self, asked: Asked) -> Answer:
        """What Ollama answers."""
        if asked.method in {"GET", "HEAD"} and asked.path == "/":
            return Answer("Ollama is running", kind="text/plain; charset=utf-8")
        if asked.method == "GET" and asked.path == "/api/version":
            return Answer({"version": self.version})
        if asked.method == "GET" and asked.path == "/api/tags":
            return Answer({"models": [self._tag(name) for name in self._names()]})
        if not asked.path.startswith(f"{self.api}/"):
            return Answer("404 page not found", 404, kind="text/plain")
        answer = await self._busy(asked) if asked.method == "POST" else None
        answer = answer or await super().answer(asked)
        return native(answer) if asked.path == f"{self.api}/systemone" else answer

    async def _busy(self, asked: Asked) -> Answer | None:
        """Waits for a place; refuses where too many wait."""
        if self.places is None:
            return None
        if self.in_flight > self.places + self.queue:
            self.refused.busy += 1
            return self._refuse("busy")
        await self._take_place(asked, self.places)
        return None

    def _named(self, model: str) -> str:
        """The model that a name stands for; the newest where it has no tag."""
        return model.removesuffix(LATEST)

    def _decide(self, asked: Asked) -> Answer:
        answer = super()._decide(asked)
        if answer.status == 200:
            return Answer({**answer.body, "usage": {**answer.body["usage"], "output_tokens": 1}})
        return answer

    def _tag(self, name: str) -> dict[str, Any]:
        full = name if ":" in name else name + LATEST
        details = {
            "parent_model": "",
            "format": "gguf",
            "family": name.partition(":")[0],
            "families": [name.partition(":")[0]],
            "parameter_size": "0.8B",
            "quantization_level": "Q4_K_M",
        }
        return {
            "name": full,
            "model": full,
            "modified_at": "2026-10-01T09:00:00Z",
            "size": 523_000_000,
            "digest": "0" * 64,
            "details": details,
        }


def native(answer: Answer) -> Answer:
    """An error as Ollama's own addresses write it: a text; other answers as they are."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    return Answer({"error": error["message"]}, answer.status) if isinstance(error, dict) else answer
