"""Reads a chat completion request; fields that we do not know pass, those that we know must make sense."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pointsman.core.errors import BadField
from pointsman.core.message import Attachment, Message, Origin, Role, Turn
from pointsman.core.ports import ChatOptions
from pointsman.http.errors import shown
from pointsman.http.fields import Fields
from pointsman.http.jsonbody import named

ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
MOST_STOPS = 16
MOST_TOKENS = 2**31 - 1  # what the libraries behind the models count with
LONGEST_LABEL = 256  # of a user, session or task name


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of `messages`."""

    role: Role
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A chat completion request, read.

    `structured` is set when the caller wants JSON, to which nothing may be added.
    """

    model: str
    said: tuple[Said, ...]
    options: ChatOptions
    stream: bool = False
    include_usage: bool = False
    structured: bool = False
    origin: Origin = field(default_factory=Origin)
    task: str = ""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Everything that was said, for a model that is asked directly."""
        return tuple(Turn(said.role, said.text) for said in self.said)

    @property
    def message(self) -> Message:
        """The last thing that the user said, with what stands before it as history."""
        last = max(place for place, said in enumerate(self.said) if said.role == "user")
        said = self.said[last]
        return Message(said.text, self.turns[:last], said.attachments, self.origin, self.task)


def read_ask(data: Mapping[str, Any], headers: Mapping[str, str]) -> Ask:
    """The request in `data`. Raises InvalidInput, BadField with the field's name."""
    fields = Fields(data)
    if fields.whole("n", 1, None) not in {None, 1}:
        raise BadField("n", "only one choice is made for now", cure="leave n out, or set it to 1")
    return Ask(
        model=fields.required_text("model"),
        said=read_messages(fields),
        options=read_options(fields),
        stream=fields.flag("stream"),
        include_usage=Fields(fields.mapping("stream_options"), "stream_options").flag("include_usage"),
        structured=fields.mapping("response_format").get("type", "text") != "text",
        origin=Origin(
            "http",
            user=label(headers.get("x-openwebui-user-id") or fields.text("user")),
            session=label(headers.get("x-openwebui-chat-id", "")),
        ),
        task=label(headers.get("x-openwebui-task", "")),
    )


def read_options(fields: Fields) -> ChatOptions:
    """The settings for the model; those that were not given are left to it."""
    older, newer = (fields.whole(name, 1, MOST_TOKENS) for name in ("max_tokens", "max_completion_tokens"))
    return ChatOptions(
        max_tokens=newer if newer is not None else older,
        temperature=fields.number("temperature", 0, 2),
        top_p=fields.number("top_p", 0, 1),
        seed=fields.whole("seed", -(2**63), 2**63 - 1),
        stop=fields.texts("stop", MOST_STOPS),
    )


def read_messages(fields: Fields) -> tuple[Said, ...]:
    """The conversation, which a user must have taken part in."""
    entries = fields.required_list("messages")
    said = tuple(
        read_entry(Fields(fields.object_at("messages", place, entry), f"messages.{place}"))
        for place, entry in enumerate(entries)
    )
    if not any(entry.role == "user" for entry in said):
        raise BadField("messages", "no message is by the user", cure='add {"role": "user", "content": "..."}')
    return said


def read_entry(fields: Fields) -> Said:
    """One message, its text parts joined and its files attached."""
    role = fields.required_text("role")
    if role not in ROLES:
        raise BadField(fields.path("role"), f"no role is called {shown(role)}", cure=f"use one of: {', '.join(ROLES)}")
    content = fields.value("content")
    match content:
        case str():
            return Said(ROLES[role], content)
        case list():
            parts = [
                read_part(Fields(fields.object_at("content", place, part), fields.path(f"content.{place}")))
                for place, part in enumerate(content)
            ]
            text = "\n".join(part for part in parts if isinstance(part, str))
            return Said(ROLES[role], text, tuple(part for part in parts if isinstance(part, Attachment)))
        case None if role == "assistant":  # it called a tool instead of speaking
            return Said(ROLES[role], "")
    raise BadField(fields.path("content"), f"content is {named(content)}", cure="send text, or a list of parts")


def read_part(fields: Fields) -> str | Attachment:
    """One part of a message: text, or a file."""
    match kind := fields.required_text("type"):
        case "text" | "input_text" | "refusal":
            return fields.required_text("refusal" if kind == "refusal" else "text")
        case "image_url":
            if isinstance(given := fields.value("image_url"), str):
                return attachment(given, "image/*")
            image = Fields(fields.mapping("image_url"), fields.path("image_url"))
            return attachment(image.required_text("url"), "image/*")
        case "input_audio":
            audio = Fields(fields.mapping("input_audio"), fields.path("input_audio"))
            media_type = f"audio/{audio.text('format') or 'wav'}"
            return Attachment(media_type, f"data:{media_type};base64,{audio.required_text('data')}")
        case "file":
            file = Fields(fields.mapping("file"), fields.path("file"))
            return attachment(file.text("file_data"), "application/octet-stream", file.text("filename"))
    raise BadField(
        fields.path("type"),
        f"no part is called {shown(kind)}",
        cure="use one of: text, image_url, input_audio, file",
    )


def attachment(url: str, otherwise: str, name: str = "") -> Attachment:
    """A file by its URL; its media type stands in a data: URL, and is guessed from the name in others."""
    if url.startswith("data:"):
        media_type = re.split("[;,]", url[5:105], maxsplit=1)[0]
        return Attachment(media_type or otherwise, url, name)
    path = re.split("[?#]", url, maxsplit=1)[0]
    guessed, _ = mimetypes.guess_type((name or path).rsplit("/", 1)[-1])
    return Attachment(guessed or otherwise, url, name)


def label(text: str) -> str:
    """A name that a caller gave, not longer than a name."""
    return text.strip()[:LONGEST_LABEL]
