"""A reply's events in OpenAI's words: one object, or chunks of a stream."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

from pointsman.core.reply import Done, Failed, Picture, Progress, Status, Text, ToolUse
from pointsman.http.errors import Problem
from pointsman.http.feed import Feed
from pointsman.http.sse import DONE, PING, comment, frame

FINISHES = frozenset({"stop", "length", "content_filter", "tool_calls"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all parts of one reply have in common; `created` is in seconds since the epoch."""

    id: str
    created: int
    model: str
    footer: bool = False
    include_usage: bool = False

    def chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        """One piece of a streamed reply."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        extra = {"usage": None} if self.include_usage else {}
        return frame({**self._head("chat.completion.chunk"), "choices": [choice], **extra})

    def usage_chunk(self, done: Done) -> bytes:
        """The piece after the last one, which only counts."""
        return frame({**self._head("chat.completion.chunk"), "choices": [], "usage": usage(done)})

    def whole(self, reply: Collected) -> dict[str, Any]:
        """A reply that was not streamed."""
        message = {"role": "assistant", "content": reply.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish(reply.done)}
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage(reply.done)}

    def closing(self, done: Done, *, after_text: bool) -> str:
        """The footer as a last small paragraph; empty when there is none or it is not wanted."""
        if not (self.footer and done.footer):
            return ""
        return f"\n\n— {done.footer}" if after_text else f"— {done.footer}"

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


@dataclass(slots=True)
class Collected:
    """A reply, or as much of it as there was."""

    text: str = ""
    done: Done = field(default_factory=lambda: Done(None))


async def collect(feed: Feed, sheet: Sheet) -> Collected | Failed:
    """The whole reply; status lines are for those who watch, so they are left out."""
    parts: list[str] = []
    while (event := await feed.take()) is not None:
        match event:
            case Text(delta):
                parts.append(delta)
            case Picture() as picture:
                parts.append(markdown(picture))
            case Done() as done:
                text = "".join(parts)
                return Collected(text + sheet.closing(done, after_text=bool(text)), done)
            case Failed() as failed:
                return failed
    return Collected("".join(parts))


async def chunks(feed: Feed, sheet: Sheet, ping: float) -> AsyncGenerator[bytes]:
    """The frames of a streamed reply; when nothing happens for `ping` seconds, a comment says that we live."""
    yield sheet.chunk({"role": "assistant", "content": ""})
    spoken = False
    while True:
        while not await feed.ahead(ping):
            yield PING
        match event := await feed.take():
            case Status() | ToolUse() | Progress() as aside:
                yield comment(f"status {status(aside)}")
            case Text(delta):
                yield sheet.chunk({"content": delta})
                spoken = spoken or bool(delta)
            case Picture() as picture:
                yield sheet.chunk({"content": markdown(picture)})
                spoken = True
            case Failed() as failed:
                yield frame(Problem.of_failed(failed).to_dict())
                break
            case Done() | None:
                for part in ending(event or Done(None), sheet, after_text=spoken):
                    yield part
                break
    yield DONE


def status(event: Status | ToolUse | Progress) -> str:
    """What who waits should know, on one line."""
    match event:
        case Status(text):
            return text
        case ToolUse():
            return event.line
        case Progress(done=done, most=most):
            return f"drawing: step {done} of {most}"


def ending(done: Done, sheet: Sheet, *, after_text: bool) -> list[bytes]:
    """The last chunks of a reply that went well."""
    closing = sheet.closing(done, after_text=after_text)
    parts = [sheet.chunk({"content": closing})] if closing else []
    parts.append(sheet.chunk({}, finish(done)))
    return [*parts, sheet.usage_chunk(done)] if sheet.include_usage else parts


def finish(done: Done) -> str:
    """Why the reply ended, in one of the words that OpenAI has for it."""
    return done.finish_reason if done.finish_reason in FINISHES else "stop"


def usage(done: Done) -> dict[str, int]:
    """The tokens that were read and written."""
    read, written = done.prompt_tokens, done.completion_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def markdown(picture: Picture) -> str:
    """A picture as chat pages show it."""
    data = base64.b64encode(picture.data).decode("ascii")
    return f"\n\n![picture](data:{picture.media_type};base64,{data})\n\n"
