"""What Ollama is asked: a model as it is set up once and for all, and the requests to it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pointsman.core.message import ToolCall
from pointsman.providers.ollama.keep_alive import on_the_wire
from pointsman.providers.ollama.options import RunnerOptions

Think = bool | Literal["low", "medium", "high", "max"] | None
Format = str | Mapping[str, Any] | None
"""The form of answer: "json", a JSON schema, or None for any text."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A model, and how it is loaded: the same in every request, because another set of options would reload it.

    `keep_alive` is how many seconds it stays after a request, negative for ever; None leaves that as it is.
    """

    model: str
    runner: RunnerOptions = field(default_factory=RunnerOptions)
    keep_alive: float | None = None

    def kept(self, seconds: float | None) -> Setup:
        """The same with another keep-alive."""
        return replace(self, keep_alive=seconds)

    def body(self, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The part of a request's body that names the model; `options` may not hold options of the load."""
        body: dict[str, Any] = {"model": self.model, "options": {**(options or {}), **self.runner.given}}
        if self.keep_alive is not None:
            body["keep_alive"] = on_the_wire(self.keep_alive)
        return body


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a conversation; what a tool said has the role tool, and names the tool and the call."""

    role: str
    content: str = ""
    thinking: str = ""
    images: tuple[bytes, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_name: str = ""
    tool_call_id: str = ""

    def wire(self) -> dict[str, Any]:
        """As Ollama takes it."""
        said: dict[str, Any] = {
            "thinking": self.thinking,
            "images": [base64.b64encode(image).decode() for image in self.images],
            "tool_calls": [wire_of(call) for call in self.tool_calls],
            "tool_name": self.tool_name,
            "tool_call_id": self.tool_call_id,
        }
        return {"role": self.role, "content": self.content, **{name: value for name, value in said.items() if value}}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a request is to be answered.

    `options` are those that need no reload. `think` None leaves thinking to the model. `logprobs` is how many
    alternatives of each token are told, 0..20, None for no probabilities at all. `truncate` False refuses what is
    longer than the context, where Ollama would leave out the older messages and say nothing.
    """

    options: Mapping[str, Any] = field(default_factory=dict)
    think: Think = None
    format: Format = None
    logprobs: int | None = None
    truncate: bool | None = None

    def body(self) -> dict[str, Any]:
        """The part of a request's body that says so, without the options."""
        said: dict[str, Any] = {"think": self.think, "format": self.format, "truncate": self.truncate}
        if self.logprobs is not None:
            said |= {"logprobs": True, "top_logprobs": self.logprobs}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class ChatAsk:
    """A conversation that is to be gone on with; `tools` are described as OpenAI does it."""

    setup: Setup
    messages: Sequence[ChatMessage]
    manner: Manner = field(default_factory=Manner)
    tools: Sequence[Mapping[str, Any]] = ()

    def body(self) -> dict[str, Any]:
        """The body of the request."""
        tools = {"tools": [dict(tool) for tool in self.tools]} if self.tools else {}
        messages = [message.wire() for message in self.messages]
        return {**self.setup.body(self.manner.options), "messages": messages, **self.manner.body(), **tools}


@dataclass(frozen=True, slots=True)
class GenerateAsk:
    """A text that is to be gone on with; `raw` leaves out the model's chat template, `suffix` is what follows."""

    setup: Setup
    prompt: str
    manner: Manner = field(default_factory=Manner)
    system: str = ""
    suffix: str = ""
    images: tuple[bytes, ...] = ()
    raw: bool = False

    def body(self) -> dict[str, Any]:
        """The body of the request."""
        said: dict[str, Any] = {
            "system": self.system,
            "suffix": self.suffix,
            "images": [base64.b64encode(image).decode() for image in self.images],
            "raw": self.raw,
        }
        given = {name: value for name, value in said.items() if value}
        return {**self.setup.body(self.manner.options), "prompt": self.prompt, **self.manner.body(), **given}


def wire_of(call: ToolCall) -> dict[str, Any]:
    """A call as Ollama writes it: the arguments are an object."""
    named = {"id": call.id} if call.id else {}
    return {**named, "function": {"name": call.name, "arguments": dict(call.arguments)}}
