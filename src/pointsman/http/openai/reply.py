"""A reply's events in OpenAI's words, gathered into one object."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pointsman.core.errors import Unreachable
from pointsman.core.message import ToolCall
from pointsman.core.reply import Calls, Done, Event, Failed, Picture, Raw, Text
from pointsman.http.pictures import data_url
from pointsman.http.sse import frame

FINISHES: Final = frozenset({"stop", "length", "content_filter", "tool_calls"})
Link = Callable[[Picture], str]
"""Gives a picture an address."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all parts of one reply have in common; `created` is in seconds since the epoch.

    `copies` are its choices. `link` gives pictures addresses, `sees_pictures` sends them beside the text, too, and
    `one_call` lets a model call one tool at a time. `bare` replies are read by programs, so a picture is its address.
    """

    id: str
    created: int
    model: str
    footer: bool = False
    include_usage: bool = False
    copies: int = 1
    link: Link = data_url
    sees_pictures: bool = False
    one_call: bool = False
    bare: bool = False
    new_call: Callable[[], str] = lambda: f"call_{secrets.token_hex(12)}"

    def chunk(self, delta: dict[str, Any], finish_reason: str | None = None, choice: int = 0) -> bytes:
        """One piece of a streamed reply."""
        told = {"index": choice, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        extra = {"usage": None} if self.include_usage else {}
        return frame({**self._head("chat.completion.chunk"), "choices": [told], **extra})

    def usage_chunk(self, ends: Sequence[Done]) -> bytes:
        """The piece after the last one, which only counts."""
        return frame({**self._head("chat.completion.chunk"), "choices": [], "usage": usage(ends)})

    def whole(self, replies: Sequence[Collected]) -> dict[str, Any]:
        """A reply that was not streamed."""
        choices = [
            {"index": place, "message": reply.message, "logprobs": None, "finish_reason": finish(reply.done)}
            for place, reply in enumerate(replies)
        ]
        return {
            **self._head("chat.completion"),
            "choices": choices,
            "usage": usage([reply.done for reply in replies]),
        }

    def closing(self, done: Done, *, after_text: bool) -> str:
        """The footer as a last small paragraph; empty when there is none or it is not wanted."""
        if not (self.footer and done.footer):
            return ""
        return f"\n\n— {done.footer}" if after_text else f"— {done.footer}"

    def markdown(self, picture: Picture) -> str:
        """A picture as chat pages show it."""
        if self.bare:
            return self.link(picture)
        return f"\n\n![picture]({self.link(picture)})\n\n"

    def calls(self, calls: Sequence[ToolCall], before: int) -> list[dict[str, Any]]:
        """Calls of the caller's tools, as far as these may be made, behind as many `before` them."""
        kept = calls[: max(0, 1 - before)] if self.one_call else calls
        return [
            {
                "id": call.id or self.new_call(),
                "type": "function",
                "function": {"name": call.name, "arguments": written(call)},
            }
            for call in kept
        ]

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


UNKNOWN: Final = Done(None)


@dataclass(slots=True)
class Collected:
    """One choice of a reply, or as much of it as there was; `raw` is all of it as its model's server wrote it."""

    text: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    raw: bytes = b""
    done: Done = UNKNOWN

    @property
    def message(self) -> dict[str, Any]:
        """It as a message of the assistant."""
        said: dict[str, Any] = {"role": "assistant", "content": self.text, "refusal": None}
        if self.calls:
            said |= {"content": self.text or None, "tool_calls": self.calls}
        return {**said, "images": self.images} if self.images else said


async def all_of(replies: Sequence[AsyncGenerator[Event]], sheet: Sheet) -> list[Collected] | Failed:
    """All choices, made at the same time, or what the first failure was, at which the others end."""
    if len(replies) == 1:
        made = await collect(replies[0], sheet)
        return made if isinstance(made, Failed) else [made]
    tasks = [asyncio.create_task(copy_of(it, sheet)) for it in replies]
    try:
        for ready in asyncio.as_completed(tasks):
            if isinstance(made := await ready, Failed):
                return made
        return [made for task in tasks if not isinstance(made := task.result(), Failed)]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def copy_of(events: AsyncGenerator[Event], sheet: Sheet) -> Collected | Failed:
    """One of several choices. Raises Unreachable where it is taken back by somebody who did not cancel this."""
    try:
        return await collect(events, sheet)
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        raise Unreachable("the reply was taken back", cure="ask again") from None


async def collect(events: AsyncGenerator[Event], sheet: Sheet) -> Collected | Failed:
    """The whole reply, or why it failed; status lines are for those who watch, so they are left out."""
    reply = Collected()
    async for event in events:
        match event:
            case Text(delta):
                reply.text += delta
            case Raw(data):
                reply.raw += data
            case Picture() as picture:
                reply.text += sheet.markdown(picture)
                if sheet.sees_pictures:
                    reply.images.append(image_part(picture, len(reply.images)))
            case Calls(calls):
                reply.calls += sheet.calls(calls, len(reply.calls))
            case Done() as done:
                reply.text += sheet.closing(done, after_text=bool(reply.text))
                reply.done = done
            case Failed() as failed:
                return failed
    return reply


def image_part(picture: Picture, index: int) -> dict[str, Any]:
    """A picture as the part of a message that those read who asked for it."""
    return {"index": index, "type": "image_url", "image_url": {"url": data_url(picture)}}


def written(call: ToolCall) -> str:
    """A call's arguments as a JSON text."""
    return json.dumps(dict(call.arguments), ensure_ascii=False)


def finish(done: Done) -> str:
    """Why the reply ended, in one of the words that OpenAI has for it."""
    return done.finish_reason if done.finish_reason in FINISHES else "stop"


def usage(ends: Sequence[Done]) -> dict[str, int]:
    """The tokens that were read and written for all choices."""
    read, written = sum(it.prompt_tokens for it in ends), sum(it.completion_tokens for it in ends)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
