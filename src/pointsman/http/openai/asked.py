"""Chats whose reply is made here: routed ones, and those of models that run in this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from pointsman.core.decision import Decision
from pointsman.core.ports import Clock
from pointsman.core.relay import Forward
from pointsman.core.reply import Decided, Event, Failed
from pointsman.engine.router import Router
from pointsman.http.errors import Json, Problem
from pointsman.http.feed import Feed
from pointsman.http.headers import reply_headers, token
from pointsman.http.limits import limits_of, within
from pointsman.http.named import named_reply
from pointsman.http.openai.choices import Told, together
from pointsman.http.openai.reply import Collected, Sheet, all_of
from pointsman.http.openai.request import Ask, read_ask
from pointsman.http.openai.streaming import streamed
from pointsman.http.origin import key_of
from pointsman.http.pictures import Pictures, base_of
from pointsman.http.sse import EventStream

AUTO: Final = "auto"
CHAT: Final = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Manner:
    """How replies are told: with a `footer` or not, by the time `now`, with no silence longer than `ping` seconds."""

    pictures: Pictures
    now: Clock
    ping: float
    footer: bool
    new_id: Callable[[], str]


async def answered(router: Router, manner: Manner, request: Request, data: dict[str, Any]) -> Response:
    """The reply to a request in `data`, whole or as a stream. Raises BadField, and what deciding raises."""
    headers, key = headers_of(request), key_of(request)
    ask, limits = read_ask(data, headers, key=key), limits_of(request)
    replies = [within(limits, reply_of(router, ask, number, data), key) for number in range(ask.copies)]
    if ask.stream:
        return await live(replies, ask, manner, request, headers)
    try:
        decision = of(await anext(replies[0], None)) if ask.model == AUTO else None
        sheet = sheet_of(ask, decision, manner, request)
        made = await all_of(replies, sheet)
        return whole(made, sheet, reply_headers(decision, headers))
    finally:
        for it in replies:
            await it.aclose()


async def live(
    replies: Sequence[AsyncGenerator[Event]], ask: Ask, manner: Manner, request: Request, headers: Mapping[str, str]
) -> Response:
    """The replies as a stream, or the error that they end in before anything was said."""
    feed = Feed(together(replies))
    try:
        told = await feed.take() if ask.model == AUTO else None  # of several, the first of which one is known
        decision = of(told.event) if told is not None else None
        sheet = sheet_of(ask, decision, manner, request)
        shown = reply_headers(decision, headers)
        if isinstance(failed := await first_failure(feed, manner.ping), Failed):
            await feed.close()
            return Problem.of_failed(failed).response(shown)
        return EventStream(streamed(feed, sheet, manner.ping), shown, feed.close)
    except BaseException:
        await feed.close()
        raise


def reply_of(router: Router, ask: Ask, number: int, data: dict[str, Any]) -> AsyncGenerator[Event]:
    """The events of one of the copies that are wanted."""
    if ask.model == AUTO:
        message = ask.message
        own = ask.copies > 1 or any(turn.attachments for turn in ask.turns)
        return router.stream(message, ask.copy(number), forward=None if own else Forward(CHAT, data))
    return named_reply(router, ask.model, ask.turns, ask.copy(number))


def of(event: Event | None) -> Decision | None:
    """The decision that an event tells."""
    return event.decision if isinstance(event, Decided) else None


async def first_failure(feed: Feed[Told], patience: float) -> Failed | None:
    """What went wrong before anything was said, as far as that is known in so many seconds."""
    while await feed.ahead(patience):
        told = await feed.peek()
        if told is None or not isinstance(told.event, Decided):
            return told.event if told is not None and isinstance(told.event, Failed) else None
        await feed.take()
    return None


def sheet_of(ask: Ask, decision: Decision | None, manner: Manner, request: Request) -> Sheet:
    """What all parts of the reply have in common."""
    # A page's background job reads the reply with a program, and so does who asks for JSON or brings tools.
    watched = decision is not None and "job" not in decision.slots and not ask.structured
    return Sheet(
        id=f"chatcmpl-{decision.id if decision else manner.new_id()}",
        created=int(manner.now()),
        model=ask.model,
        footer=manner.footer and watched,
        include_usage=ask.stream and ask.include_usage,
        copies=ask.copies,
        link=lambda picture: manner.pictures.link(picture, base_of(request)),
        sees_pictures=ask.sees_pictures,
        one_call=ask.one_call,
        bare=ask.options.json or ask.options.schema is not None,
    )


def whole(replies: list[Collected] | Failed, sheet: Sheet, headers: dict[str, str]) -> Response:
    """A reply that was not streamed, or the error that it ended in."""
    if isinstance(replies, Failed):
        return Problem.of_failed(replies).response(headers)
    if model := replies[0].done.model:
        headers = {**headers, "x-pointsman-model": token(model)}
    if raw := replies[0].raw:
        return Response(raw, headers={"content-type": "application/json", **headers})
    return Json(sheet.whole(replies), headers=headers)


def headers_of(request: Request) -> dict[str, str]:
    """The headers of a request, to be looked at several times: Starlette goes through all of them at each look."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(request.scope["headers"])}
