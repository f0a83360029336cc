"""Reads a chat or a completion as Ollama's clients ask for it; what is not known passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pointsman.core.errors import BadField
from pointsman.core.message import Message, Origin, Role, ToolCall, Turn
from pointsman.core.ports import ChatOptions
from pointsman.http.errors import shown
from pointsman.http.fields import Fields
from pointsman.http.ollama.images import images_of
from pointsman.http.ollama.lists import entries_of
from pointsman.http.ollama.options import read_options

Route = Literal["chat", "generate"]
ROLES: Final[Mapping[str, Role]] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, read: all that was said, oldest first, and how it is to be answered.

    `structured` is set where the caller wants JSON, to which nothing may be added.
    """

    route: Route
    model: str
    turns: tuple[Turn, ...]
    options: ChatOptions
    stream: bool = True

    @property
    def structured(self) -> bool:
        """Whether the caller wants JSON."""
        return self.options.json or self.options.schema is not None

    def message(self, origin: Origin, task: str) -> Message:
        """The last thing that the user said, with what stands before it and behind it. Raises BadField."""
        places = [place for place, turn in enumerate(self.turns) if turn.role == "user"]
        if not places:
            raise BadField("messages", "no message is by the user", cure='add {"role": "user", "content": "..."}')
        last = places[-1]
        said = self.turns[last]
        return Message(
            said.text,
            self.turns[:last],
            said.attachments,
            origin,
            task,
            after=self.turns[last + 1 :],
        )


def read_ask(route: Route, data: Mapping[str, Any]) -> Ask:
    """The request in `data`. Raises BadField with the field's name."""
    fields = Fields(data)
    stream = fields.value("stream") is None or fields.flag("stream")
    turns = read_messages(fields) if route == "chat" else read_prompt(fields)
    return Ask(route, fields.required_text("model"), turns, read_options(fields), stream)


def read_prompt(fields: Fields) -> tuple[Turn, ...]:
    """A prompt, with its system text before it. A text to be filled in is no message, and is refused."""
    if fields.text("suffix"):
        raise BadField(
            "suffix",
            f"{shown(fields.required_text('model'))} does not support insert",
            cure="name a model that fills in, such as qwen2.5-coder:1.5b-base",
        )
    system = fields.text("system")
    before = (Turn("system", system),) if system else ()
    return (*before, Turn("user", fields.text("prompt"), attachments=images_of(fields)))


def read_messages(fields: Fields) -> tuple[Turn, ...]:
    """The conversation; thoughts in it are left out, as models read none of earlier turns."""
    return tuple(
        read_turn(Fields(fields.object_at("messages", place, entry), f"messages.{place}"))
        for place, entry in enumerate(fields.required_list("messages"))
    )


def read_turn(fields: Fields) -> Turn:
    """One message."""
    role = fields.required_text("role")
    if role not in ROLES:
        raise BadField(fields.path("role"), f"no role is called {shown(role)}", cure=f"use one of: {', '.join(ROLES)}")
    return Turn(
        ROLES[role],
        fields.text("content"),
        read_calls(fields) if role == "assistant" else (),
        tool=fields.text("tool_name"),
        call_id=fields.text("tool_call_id"),
        attachments=images_of(fields),
    )


def read_calls(fields: Fields) -> tuple[ToolCall, ...]:
    """The tools that an assistant called."""
    return tuple(
        read_call(Fields(fields.object_at("tool_calls", place, entry), f"{fields.path('tool_calls')}.{place}"))
        for place, entry in enumerate(entries_of(fields, "tool_calls"))
    )


def read_call(fields: Fields) -> ToolCall:
    """One call."""
    function = Fields(fields.mapping("function"), fields.path("function"))
    return ToolCall(function.required_text("name"), function.mapping("arguments"), fields.text("id"))
