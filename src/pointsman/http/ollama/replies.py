"""Tells a reply's events as Ollama's clients read them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final

from pointsman.core.message import ToolCall
from pointsman.core.reply import Calls, Done, Event, Failed, Picture, Progress, Status, Text, ToolUse
from pointsman.http.errors import OLLAMA, Problem
from pointsman.http.feed import Feed
from pointsman.http.ollama.lines import Sheet, calls_of, markdown, written

ShowPicture = Callable[[Picture], str]
"""Gives the address at which a picture can be seen."""

PATH: Final = OLLAMA


@dataclass(frozen=True, slots=True)
class Made:
    """A reply as one object, and the model that made it."""

    content: dict[str, object]
    model: str


async def failed_first(feed: Feed[Event], patience: float) -> Failed | None:
    """The failure of a reply that has not begun; what only who watches wants to know is passed over.

    None where it begins, or where nothing is known after `patience` seconds.
    """
    while await feed.ahead(patience):
        event = await feed.peek()
        if isinstance(event, Failed):
            return event
        if not isinstance(event, Status | ToolUse):
            return None
        await feed.take()
    return None


async def lines(feed: Feed[Event], sheet: Sheet, show: ShowPicture, ping: float) -> AsyncGenerator[bytes]:
    """The lines of a streamed reply, ended by its statistics or by an error.

    Nothing but JSON may stand on a line. So when nothing is said for `ping` seconds, an empty piece of the reply says
    that we live, before a proxy thinks otherwise.
    """
    spoken, called = False, 0
    while True:
        while not await feed.ahead(ping):
            yield sheet.line()
        match event := await feed.take():
            case Failed() as failed:
                yield failure(Problem.of_failed(failed))
                return
            case Done() | None:
                end = event or Done(None)
                if closing := "" if called else sheet.closing(end, after_text=spoken):
                    yield sheet.line(closing)
                yield sheet.last(end)
                return
        if line := told(event, sheet, show, called):
            yield line
        if isinstance(event, Text | Picture | Calls):
            sheet.times.spoke()
            spoken = spoken or isinstance(event, Picture) or (isinstance(event, Text) and bool(event.delta))
            called += len(event.calls) if isinstance(event, Calls) else 0


def told(event: Event, sheet: Sheet, show: ShowPicture, called: int) -> bytes:
    """The line that an event makes in the middle of a reply with so many calls before it; b"" for none."""
    match event:
        case Text(delta) if delta:
            return sheet.line(delta)
        case Picture() as picture:
            return sheet.picture(picture, show(picture))
        case Calls(calls):
            return sheet.calls(calls, called)
        case Progress(done=done, most=most) if sheet.route == "generate":
            return sheet.line(completed=done, total=most)
    return b""


async def collect(feed: Feed[Event], sheet: Sheet, show: ShowPicture) -> Made | Failed:
    """The whole reply."""
    parts: list[str] = []
    calls: list[ToolCall] = []
    image: dict[str, str] = {}
    done = Done(None)
    while (event := await feed.take()) is not None:
        if isinstance(event, Text | Picture | Calls):
            sheet.times.spoke()
        match event:
            case Text(delta):
                parts.append(delta)
            case Picture() as picture:
                parts.append(markdown(show(picture)))
                image = image or sheet.image(picture)
            case Calls(wanted):
                calls += wanted
            case Failed() as failed:
                return failed
            case Done():
                done = event
    text = "".join(parts)
    text += "" if calls else sheet.closing(done, after_text=bool(text))
    more = {"tool_calls": calls_of(calls)} if calls else {}
    return Made(sheet.whole(done, text, **more, **image), done.model)


def failure(problem: Problem) -> bytes:
    """An error as a line."""
    return written(problem.as_told(PATH))
