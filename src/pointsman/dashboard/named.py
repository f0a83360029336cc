"""A message to one model by its name, without a decision: its reply as the events of a routed one."""

from __future__ import annotations

import codecs
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from pointsman.core.errors import ModelFailed, PointsmanError
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.relay import Forward, Opened, Place
from pointsman.core.reply import Done, Event, Failed, Status, Text
from pointsman.engine.router import Router

LONGEST_ERROR: Final = 300
PATHS: Final = {"ollama": "/api/chat", "openai": "/chat/completions"}
KEY: Final = "page"


async def asked(
    router: Router, model: str, turns: Sequence[Turn], clock: Callable[[], float]
) -> AsyncGenerator[Event, None]:
    """The reply of a model, ended by exactly one Done or Failed; `clock` is in seconds."""
    began = clock()
    try:
        place = None if model in router.models else await router.place(model)
        here = place is None or place.dialect == "here"
        events = configured(router, model, turns) if here or place is None else elsewhere(router, place, turns)
        async with aclosing(events) as pieces:
            async for event in pieces:
                if isinstance(event, Done):
                    read, written = event.prompt_tokens, event.completion_tokens
                    yield Done(None, model, clock() - began, read, written, event.finish_reason)
                    return
                yield event
        raise ModelFailed(f"{model} stopped without ending its reply", cure="ask again")
    except PointsmanError as error:
        yield Failed.of(error)


async def configured(router: Router, model: str, turns: Sequence[Turn]) -> AsyncGenerator[Event, None]:
    """The reply of a model that the configuration names."""
    async with aclosing(router.chat(model, turns, ChatOptions())) as deltas:
        async for delta in deltas:
            if delta.text:
                yield Text(delta.text)
            if delta.finish_reason:
                yield Done(None, model, 0.0, delta.prompt_tokens, delta.completion_tokens, delta.finish_reason)


async def elsewhere(router: Router, place: Place, turns: Sequence[Turn]) -> AsyncGenerator[Event, None]:
    """The reply of a model on the disk of a server, out of the server's own lines."""
    said = [{"role": turn.role, "content": turn.text} for turn in turns]
    forward = Forward(PATHS[place.dialect], {"model": place.model, "messages": said, "stream": True})
    decoder, rest, refused = codecs.getincrementaldecoder("utf-8")("replace"), "", 0
    async with aclosing(router.relay(place, forward, key=KEY)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Status):
                yield piece
            elif isinstance(piece, Opened):
                refused = piece.status if piece.status >= 400 else 0
            else:
                *lines, rest = (rest + decoder.decode(piece)).split("\n")
                for line in lines:
                    for event in events_of(line):
                        yield event
    for event in events_of(rest):
        yield event
    if refused:
        raise ModelFailed(f"{place.model}: status {refused}", cure="see the log of its server")


def events_of(line: str) -> list[Event]:
    """What a line of either language says. Raises ModelFailed where it says that something went wrong."""
    try:
        said = json.loads(line.removeprefix("data:"))
    except ValueError:  # blank lines, comments, and OpenAI's [DONE]
        return []
    if not isinstance(said, dict):
        return []
    if problem := said.get("error"):
        told = problem.get("message") if isinstance(problem, dict) else problem
        raise ModelFailed(str(told)[:LONGEST_ERROR], cure="see the log of its server")
    return of_openai(said) if "choices" in said else of_ollama(said)


def of_ollama(said: Mapping[str, Any]) -> list[Event]:
    """A line of Ollama's."""
    message = said.get("message") or {}
    events: list[Event] = [Text(str(message["content"]))] if message.get("content") else []
    if said.get("done"):
        counts = int(said.get("prompt_eval_count") or 0), int(said.get("eval_count") or 0)
        events.append(Done(None, "", 0.0, *counts, str(said.get("done_reason") or "stop")))
    return events


def of_openai(said: Mapping[str, Any]) -> list[Event]:
    """A line of OpenAI's; the one that ends it may come without its counts."""
    usage = said.get("usage") or {}
    events: list[Event] = []
    for choice in said["choices"]:
        if text := (choice.get("delta") or {}).get("content"):
            events.append(Text(str(text)))
        if reason := choice.get("finish_reason"):
            counts = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
            events.append(Done(None, "", 0.0, *counts, str(reason)))
    return events
