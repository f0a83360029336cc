"""POST /v1/ask: the whole way of a message, told as a stream of events, one JSON object a line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Final

from fastapi import FastAPI, Request, Response

from pointsman.core.eventcodec import KIND, event_to_dict
from pointsman.core.reply import Decided, Event, Failed
from pointsman.engine.router import Router
from pointsman.http.asking import AskRequest
from pointsman.http.claims import origin_for
from pointsman.http.errors import Problem, to_json
from pointsman.http.feed import Feed
from pointsman.http.headers import reply_headers
from pointsman.http.jsonbody import read_object
from pointsman.http.limits import limits_of, within
from pointsman.http.native import checked
from pointsman.http.streamed import UNBUFFERED, Streamed

PATH: Final = "/v1/ask"
# Whoever reads events passes over those that he does not know, so this one needs no place among them.
STILL_HERE: Final = to_json({KIND: "ping"}) + b"\n"


class EventLines(Streamed):
    """An answer of whole lines, each an event; where it breaks off, the last one is a Failed."""

    def __init__(
        self, pieces: AsyncGenerator[bytes], headers: Mapping[str, str], close: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(pieces, {"content-type": "application/x-ndjson", **UNBUFFERED, **headers}, close)

    def last(self, problem: Problem) -> bytes:
        """The problem as the end of a reply."""
        wait = problem.retry_after
        failed = Failed(problem.message, problem.cure, problem.code, problem.status, retry_after=wait)
        return line_of(failed)


class AskRoute:
    """Answers messages with a router; `ping` is the longest silence of a reply in seconds."""

    def __init__(self, router: Router, ping: float) -> None:
        self._router = router
        self._ping = ping

    async def ask(self, request: Request) -> Response:
        """Decides what a message wants and does it, and tells every event of the reply as it happens."""
        wanted = checked(AskRequest, await read_object(request))
        message = wanted.message(origin_for(request, wanted.origin))
        events = self._router.stream(message, wanted.options.options())
        feed = Feed(within(limits_of(request), events, message.origin.key))
        try:
            first = await feed.take()
        except BaseException:
            await feed.close()
            raise
        decision = first.decision if isinstance(first, Decided) else None
        return EventLines(lines(first, feed, self._ping), reply_headers(decision, request.headers), feed.close)


async def lines(first: Event | None, feed: Feed[Event], ping: float) -> AsyncGenerator[bytes]:
    """The lines of a reply; when nothing happens for `ping` seconds, one says that we live."""
    event = first
    while event is not None:
        yield line_of(event)
        while not await feed.ahead(ping):
            yield STILL_HERE
        event = await feed.take()


def line_of(event: Event) -> bytes:
    """An event as a line."""
    return to_json(event_to_dict(event)) + b"\n"


def add_ask_route(app: FastAPI, router: Router, ping: float) -> None:
    """Adds the route to the gateway."""
    schema = {"application/json": {"schema": AskRequest.model_json_schema()}}
    body = {"requestBody": {"required": True, "content": schema}}
    app.add_api_route(PATH, AskRoute(router, ping).ask, methods=["POST"], tags=["native"], openapi_extra=body)
