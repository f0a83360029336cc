"""A reply's events in OpenAI's words, as the frames of a stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any

from pointsman.core.reply import Calls, Done, Event, Failed, Picture, Progress, Raw, Status, Text, ToolUse
from pointsman.http.errors import Problem
from pointsman.http.feed import Feed
from pointsman.http.openai.choices import Told
from pointsman.http.openai.reply import Sheet, finish, image_part
from pointsman.http.sse import DONE, PING, comment, frame


class Choice:
    """One choice as it is told: what was said of it so far decides what its next frame looks like."""

    def __init__(self, sheet: Sheet, place: int) -> None:
        self._sheet = sheet
        self._place = place
        self._spoken = False
        self._calls = 0
        self._images = 0
        self.done: Done | None = None

    def begin(self) -> bytes:
        """Who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def frames(self, event: Event) -> Iterator[bytes]:
        """The frames of an event, as far as it is told."""
        match event:
            case Status() | ToolUse() | Progress():
                yield comment(f"status {status(event)}")
            case Text(delta):
                self._spoken = self._spoken or bool(delta)
                yield self._chunk({"content": delta})
            case Picture():
                self._spoken = True
                yield self._chunk({"content": self._sheet.markdown(event)})
                if self._sheet.sees_pictures:
                    yield self._chunk({"images": [image_part(event, self._images)]})
                    self._images += 1
            case Calls(calls):
                for row in self._sheet.calls(calls, self._calls):
                    yield self._chunk({"tool_calls": [{"index": self._calls, **row}]})
                    self._calls += 1
            case Done():
                yield from self.end(event)

    def end(self, done: Done) -> Iterator[bytes]:
        """The footer, and why it ended."""
        if footer := self._sheet.closing(done, after_text=self._spoken):
            yield self._chunk({"content": footer})
        yield self._chunk({}, finish(done))
        self.done = done

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        return self._sheet.chunk(delta, finish_reason, self._place)


async def streamed(feed: Feed[Told], sheet: Sheet, ping: float) -> AsyncGenerator[bytes]:
    """A streamed reply, made here or by its model's server."""
    while not await feed.ahead(ping):
        yield PING
    first = await feed.peek()
    raw = first is not None and isinstance(first.event, Raw)
    async with aclosing(passed(feed, ping) if raw else chunks(feed, sheet, ping)) as parts:
        async for part in parts:
            yield part


async def chunks(feed: Feed[Told], sheet: Sheet, ping: float) -> AsyncGenerator[bytes]:
    """The frames of a streamed reply; when nothing happens for `ping` seconds, a comment says that we live."""
    choices = [Choice(sheet, place) for place in range(sheet.copies)]
    for choice in choices:
        yield choice.begin()
    while any(choice.done is None for choice in choices):
        while not await feed.ahead(ping):
            yield PING
        told = await feed.take()
        if told is None:
            break
        if isinstance(told.event, Failed):
            yield frame(Problem.of_failed(told.event).to_dict())
            yield DONE
            return
        for part in choices[told.choice].frames(told.event):
            yield part
    for choice in choices:
        for part in choice.end(Done(None)) if choice.done is None else ():
            yield part
    if sheet.include_usage:
        yield sheet.usage_chunk([choice.done for choice in choices if choice.done is not None])
    yield DONE


async def passed(feed: Feed[Told], ping: float) -> AsyncGenerator[bytes]:
    """A stream as its model's server wrote it; nothing is said in the middle of one of its frames."""
    ended = True
    while True:
        while not await feed.ahead(ping):
            if ended:
                yield PING
        told = await feed.take()
        match told.event if told is not None else None:
            case Raw(data):
                ended = data.endswith(b"\n\n")
                yield data
            case Failed() as failed:
                yield (b"" if ended else b"\n\n") + frame(Problem.of_failed(failed).to_dict()) + DONE
                return
            case None:
                return


def status(event: Status | ToolUse | Progress) -> str:
    """What who waits should know, on one line."""
    match event:
        case Status(text):
            return text
        case ToolUse():
            return event.line
        case Progress(done=done, most=most):
            return f"drawing: step {done} of {most}"
