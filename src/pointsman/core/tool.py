"""What a model may use: tools, their description, calls, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from pointsman.core.decision import Slots
from pointsman.core.message import Message, ToolCall

Effect = Literal["reads", "changes", "destroys"]
"""What a call does to the world: nothing, something that is easily undone, or something that is not."""

SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model is told of a tool, and how the tool is treated.

    `name` has letters, digits, _ and - (at most 64); `parameters` is the JSON Schema of an object. `effect` is
    "reads" where a call changes nothing; "changes" is not called once words of strangers are in the conversation,
    unless the person agrees; "destroys" always asks the person. `seconds` is the longest that a call may take.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    effect: Effect = "reads"
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call.

    `text` is what the model reads. `said` is what the person reads where no model answers, `text` when that is "".
    `sources` may be cited; `numbered` says that the text numbers them, over all results of the reply. `empty` says
    that nothing was found, `trusted` that no stranger wrote any of it.
    """

    text: str
    said: str = ""
    sources: tuple[Source, ...] = ()
    empty: bool = False
    trusted: bool = False
    numbered: bool = False

    @property
    def shown(self) -> str:
        """What the person reads."""
        return self.said or self.text


@dataclass(frozen=True, slots=True)
class Occasion:
    """On what occasion tools are used: the message, the slots that its decision found, and its language (BCP 47)."""

    message: Message
    slots: Slots = field(default_factory=dict)
    language: str = "en"


class Tool(Protocol):
    """Something that a model may call."""

    @property
    def spec(self) -> ToolSpec:
        """What it is."""
        ...

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """What came of it; the arguments are as the model wrote them, and may be anything. Raises ToolFailed."""
        ...


@dataclass(frozen=True, slots=True)
class First:
    """A call that the message itself asks for, so that it is made before a model is asked.

    With `answers` its result is the whole reply, and no model is asked at all.
    """

    call: ToolCall
    answers: bool = False


class Toolset(Protocol):
    """Tools that belong together; `name` is what a category calls them."""

    @property
    def name(self) -> str:
        """Its name, as categories and the configuration write it."""
        ...

    def refusal(self, occasion: Occasion) -> str:
        """Why it may not be used on this occasion, in words for the person, with the cure; "" when it may."""
        ...

    async def tools(self, occasion: Occasion) -> Sequence[Tool]:
        """Its tools for one reply, made anew, so that they may keep what is known within it. Raises PointsmanError."""
        ...

    def first(self, occasion: Occasion) -> First | None:
        """What the message asks for in so many words; None when a model has to find that out."""
        ...

    async def close(self) -> None:
        """Lets go of processes, connections and files."""
        ...
