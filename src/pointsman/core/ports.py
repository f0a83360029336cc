"""Seams that several layers share; a seam with one user is declared where it is used."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pointsman.core.message import ToolCall, Turn
from pointsman.core.plan import Draw
from pointsman.core.reply import Picture, Progress, Status
from pointsman.core.tool import ToolSpec

Clock = Callable[[], float]
"""Seconds from any fixed start; injected, so that tests step it and never sleep."""


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """How a chat model should answer; None leaves a setting to the model.

    `max_tokens` counts generated tokens; `temperature` is 0..2; `stop` ends the reply at any
    of its texts. `tools` may be called: by `choice` "auto" as the model likes, "none" not at all, "required" one at
    least, or the tool of that name; "" leaves it to the server. `schema` is a JSON Schema that the reply has to follow,
    `json` any JSON object. `frequency_penalty` and `presence_penalty` are -2..2, `effort` how much it thinks first
    (none, low, medium, high; "" leaves it to the model). `more` are fields of a caller's request that are not read
    here; servers that speak the caller's language get them as they are.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Any] | None = None
    choice: str = ""
    json: bool = False
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    effort: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a model's reply; the last one carries `finish_reason` and the token counts.

    `calls` are the tools that it wants called, each whole; they come before the last Delta, or with it.
    `model` and `note` say who answered and what is to be known of that, where the asker may not know.
    """

    text: str = ""
    finish_reason: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model: str = ""
    note: str = ""
    calls: tuple[ToolCall, ...] = ()


class ChatModel(Protocol):
    """A model that talks.

    `name` is what clients call it, `note` a remark on its limits for the reply's footer ("" when
    there is nothing to say). One that answers outside the house says so with an attribute `outside`.
    """

    name: str
    note: str

    def chat(self, turns: Sequence[Turn], options: ChatOptions) -> AsyncGenerator[Delta, None]:
        """The reply in pieces; closing the iterator stops the model.

        Raises InputTooLarge, ModelFailed, ModelFileError, Unreachable; ServiceFailed where a service answers;
        ToolsUnsupported, before the first piece, where `options.tools` were given to a model that calls none.
        """
        ...

    async def close(self) -> None:
        """Lets go of what the model holds."""
        ...


class Painter(Protocol):
    """A server that draws; `name` is what its workflow is called."""

    name: str

    def draw(self, draw: Draw) -> AsyncGenerator[Status | Progress | Picture, None]:
        """The way to the pictures, then each of them; closing the iterator stops the drawing.

        Raises InvalidInput, OutOfMemory, PictureFailed, Unreachable, WorkflowError.
        """
        ...
