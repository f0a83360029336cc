"""A request that goes to one model's server as the caller wrote it, and the answer as the server gave it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Dialect = Literal["ollama", "openai", "here"]
"""The language of a model's server: Ollama's own, OpenAI's, or none, for a model that runs in this process."""


@dataclass(frozen=True, slots=True)
class Forward:
    """A request to be passed on.

    `path` begins behind the server's address: /api/chat of an Ollama, /chat/completions of a server whose address ends
    in /v1. `body` is the JSON object that is sent, with the model's name as the server knows it.
    """

    path: str
    body: Mapping[str, Any] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Opened:
    """The beginning of a server's answer; its bytes follow."""

    status: int
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is served: the language of its server, and its name there.

    `setup` is what a request that is put into the server's language begins with: an Ollama's options of the load and
    keep-alive, without which the model would be loaded anew.
    """

    model: str
    dialect: Dialect
    server: str = ""
    setup: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A model that can be asked by name; `row` is what its server says of it, as the server's language has it."""

    name: str
    place: Place
    row: Mapping[str, Any] = field(default_factory=dict)


class Upstream(Protocol):
    """A server of models that requests are passed on to."""

    @property
    def name(self) -> str:
        """What it is called in errors, metrics and headers: its host and port."""
        ...

    def relay(self, model: str, forward: Forward) -> AsyncGenerator[Opened | bytes, None]:
        """Its answer: Opened, then the bytes as they come; closing the iterator closes the connection.

        Raises Unreachable, ModelFailed; OutOfMemory and NoRoom before the first byte.
        """
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...
