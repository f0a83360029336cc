"""Reads the messages of a chat completion request: text, files, calls of tools and what came of them."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from pointsman.core.errors import BadField
from pointsman.core.message import Attachment, Role, ToolCall, Turn
from pointsman.http.auth import is_private
from pointsman.http.errors import shown
from pointsman.http.fields import Fields
from pointsman.http.jsonbody import named

ROLES: Final[Mapping[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
SPEAKERS: Final = {name: role for name, role in ROLES.items() if role != "tool"}
PLAIN: Final = frozenset({"role", "content"})
NUMBER: Final = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")  # 127.1 and 0x7f.1 are addresses, too
MEDIA_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+", re.IGNORECASE)


def read_messages(fields: Fields) -> tuple[Turn, ...]:
    """The conversation, which a user must have taken part in. Raises BadField."""
    entries = fields.required_list("messages")
    turns = [
        plain(entry) or read_entry(Fields(fields.object_at("messages", place, entry), f"messages.{place}"))
        for place, entry in enumerate(entries)
    ]
    if not any(turn.role == "user" for turn in turns):
        raise BadField("messages", "no message is by the user", cure='add {"role": "user", "content": "..."}')
    return with_names(turns)


def plain(entry: Any) -> Turn | None:
    """A message that is a text and nothing else, as most are; None for any other."""
    if isinstance(entry, dict) and entry.keys() == PLAIN and isinstance(text := entry["content"], str):
        role = entry["role"]
        return Turn(SPEAKERS[role], text) if isinstance(role, str) and role in SPEAKERS else None
    return None


def with_names(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns with the name of its tool at each result, which the language gives by the call's id only."""
    if not any(turn.role == "tool" for turn in turns):
        return tuple(turns)
    names = {call.id: call.name for turn in turns for call in turn.calls if call.id}
    return tuple(
        replace(turn, tool=names.get(turn.call_id, "")) if turn.role == "tool" and not turn.tool else turn
        for turn in turns
    )


def read_entry(fields: Fields) -> Turn:
    """One message, its text parts joined and its files attached. Raises BadField."""
    role = fields.required_text("role")
    if role not in ROLES:
        raise BadField(fields.path("role"), f"no role is called {shown(role)}", cure=f"use one of: {', '.join(ROLES)}")
    text, files = read_content(fields, may_be_empty=role == "assistant")
    if role == "assistant":
        return Turn("assistant", text, read_calls(fields), attachments=files)
    if ROLES[role] == "tool":
        return Turn("tool", text, tool=fields.text("name"), call_id=fields.text("tool_call_id"), attachments=files)
    return Turn(ROLES[role], text, attachments=files)


def read_content(fields: Fields, *, may_be_empty: bool) -> tuple[str, tuple[Attachment, ...]]:
    """The text and the files of a message; an assistant may have called a tool instead of speaking."""
    match content := fields.value("content"):
        case str():
            return content, ()
        case list():
            parts = [
                read_part(Fields(fields.object_at("content", place, part), fields.path(f"content.{place}")))
                for place, part in enumerate(content)
            ]
            text = "\n".join(part for part in parts if isinstance(part, str))
            return text, tuple(part for part in parts if isinstance(part, Attachment))
        case None if may_be_empty:
            return "", ()
    raise BadField(fields.path("content"), f"content is {named(content)}", cure="send text, or a list of parts")


def read_part(fields: Fields) -> str | Attachment:
    """One part of a message: text, or a file."""
    match kind := fields.required_text("type"):
        case "text" | "input_text" | "output_text" | "refusal":
            return fields.required_text("refusal" if kind == "refusal" else "text")
        case "image_url":
            if isinstance(given := fields.value("image_url"), str):
                return attachment(given, "image/*", fields.path("image_url"))
            image = Fields(fields.mapping("image_url"), fields.path("image_url"))
            return attachment(image.required_text("url"), "image/*", image.path("url"))
        case "input_audio":
            audio = Fields(fields.mapping("input_audio"), fields.path("input_audio"))
            media_type = f"audio/{audio.text('format') or 'wav'}"
            return Attachment(media_type, f"data:{media_type};base64,{audio.required_text('data')}")
        case "file":
            file = Fields(fields.mapping("file"), fields.path("file"))
            where = file.path("file_data")
            return attachment(file.text("file_data"), "application/octet-stream", where, file.text("filename"))
    raise BadField(
        fields.path("type"),
        f"no part is called {shown(kind)}",
        cure="use one of: text, image_url, input_audio, file",
    )


def attachment(url: str, otherwise: str, path: str, name: str = "") -> Attachment:
    """A file by its URL; its media type stands in a data: URL, and is guessed from the name in others."""
    if url:
        check_url(url, path)
    if url.startswith("data:"):
        media_type = re.split("[;,]", url[5:105], maxsplit=1)[0]
        return Attachment(media_type if MEDIA_TYPE.fullmatch(media_type) else otherwise, url, name)
    place = re.split("[?#]", url, maxsplit=1)[0]
    guessed, _ = mimetypes.guess_type((name or place).rsplit("/", 1)[-1])
    return Attachment(guessed or otherwise, url, name)


def check_url(url: str, path: str) -> None:
    """Refuses an address that no server of models should fetch for a caller. Raises BadField.

    Nothing is fetched here. Some servers do, and stand inside the network: what only they reach is not for callers.
    Hosts that are not plain ASCII are refused, too, as not everybody reads the same out of them.
    """
    if url.startswith("data:"):
        return
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # an address in brackets that is none
        parts, host = urlsplit(""), ""
    printed = url.isprintable() and url == url.strip()
    plain = printed and parts.netloc.isascii() and "\\" not in parts.netloc and not NUMBER.search(host)
    if not plain or parts.scheme != "https" or not host or is_private(f"[{host}]" if ":" in host else host):
        raise BadField(
            path,
            f"{path} is no data: URL, and no https: address of a public name",
            cure="send the file itself: data:image/png;base64,...",
        )


def check_urls(messages: object) -> None:
    """The same for all pictures in messages that are passed on as they are; what is none of that passes."""
    for place, message in enumerate(messages if isinstance(messages, list) else ()):
        content = message.get("content") if isinstance(message, dict) else None
        for number, part in enumerate(content if isinstance(content, list) else ()):
            for name, url in urls_in(part):
                check_url(url, f"messages.{place}.content.{number}.{name}")


def urls_in(part: object) -> Iterator[tuple[str, str]]:
    """The addresses in a part of a message, each with its field: image_url, video_url, audio_url and their like."""
    for name, value in part.items() if isinstance(part, dict) else ():
        if not name.endswith("_url"):
            continue
        url = value.get("url") if isinstance(value, dict) else value
        if isinstance(url, str):
            yield (f"{name}.url" if isinstance(value, dict) else name), url


def read_calls(fields: Fields) -> tuple[ToolCall, ...]:
    """The tools that an assistant called; the older language has one `function_call`, without an id."""
    older = fields.mapping("function_call")
    entries = fields.value("tool_calls") or ([{"function": older}] if older else [])
    if not isinstance(entries, list):
        raise BadField(fields.path("tool_calls"), f"tool_calls is {named(entries)}", cure="send a list")
    return tuple(
        read_call(Fields(fields.object_at("tool_calls", place, entry), fields.path(f"tool_calls.{place}")))
        for place, entry in enumerate(entries)
    )


def read_call(fields: Fields) -> ToolCall:
    """One call; arguments that are no JSON object are what a model wrote, so they are kept as a problem."""
    function = Fields(fields.mapping("function"), fields.path("function"))
    name, written = function.required_text("name"), function.text("arguments")
    try:
        arguments: Any = json.loads(written or "{}")
    except (ValueError, RecursionError):
        arguments = None
    if isinstance(arguments, dict):
        return ToolCall(name, arguments, fields.text("id"))
    return ToolCall(name, {}, fields.text("id"), problem=f"no JSON object: {written[:200]}")
