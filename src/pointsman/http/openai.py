"""The OpenAI routes: the list of models, and chat completions, streamed and not."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from fastapi import Request, Response

from pointsman.core.decision import Decision
from pointsman.core.errors import PointsmanError
from pointsman.core.ports import Clock
from pointsman.core.reply import Decided, Done, Event, Failed, Text
from pointsman.engine.router import Router
from pointsman.http.errors import Json, Problem
from pointsman.http.feed import Feed
from pointsman.http.headers import decision_headers, token
from pointsman.http.jsonbody import read_object
from pointsman.http.openai_reply import Collected, Sheet, chunks, collect
from pointsman.http.openai_request import Ask, read_ask
from pointsman.http.sse import EventStream

AUTO = "auto"
PING = 15.0  # seconds of silence after which a proxy could think that we are dead; most give up at 60


@dataclass(frozen=True, slots=True)
class Begun:
    """A reply of which the headers are known: what was decided (None when a model was named), and what follows."""

    decision: Decision | None
    feed: Feed


class OpenAiRoutes:
    """Serves a router as if it were a model called "auto"; its models can be asked by name.

    `now` gives seconds since the epoch, `ping` is the longest silence of a stream in seconds.
    """

    def __init__(
        self,
        router: Router,
        *,
        footer: bool,
        now: Clock,
        ping: float = PING,
        new_id: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self._router = router
        self._footer = footer
        self._now = now
        self._ping = ping
        self._new_id = new_id
        self._began = int(now())

    async def models(self) -> Response:
        """Lists "auto" and every model that can be asked by name."""
        return Json({"object": "list", "data": [self._model(name) for name in (AUTO, *self._router.models)]})

    async def model(self, name: str) -> Response:
        """One of them."""
        if name != AUTO:
            self._router.model(name)
        return Json(self._model(name))

    async def chat(self, request: Request) -> Response:
        """Answers a conversation. Model "auto" finds the track; the name of a model asks that one."""
        ask = read_ask(await read_object(request), request.headers)
        begun = await (self._routed(ask) if ask.model == AUTO else self._direct(ask))
        try:
            sheet = self._sheet(ask, begun.decision)
            headers = decision_headers(begun.decision)
            if not ask.stream:
                reply = await collect(begun.feed, sheet)
                await begun.feed.close()
                return answer(reply, sheet, headers)
            if await begun.feed.ahead(self._ping) and isinstance(first := await begun.feed.peek(), Failed):
                await begun.feed.close()
                return Problem.of_failed(first).response(headers)
            return EventStream(chunks(begun.feed, sheet, self._ping), headers, begun.feed.close)
        except BaseException:
            await begun.feed.close()
            raise

    async def _routed(self, ask: Ask) -> Begun:
        """The decision, and the events that follow it."""
        feed = Feed(self._router.stream(ask.message, ask.options))
        try:
            first = await feed.take()
        except BaseException:
            await feed.close()
            raise
        return Begun(first.decision if isinstance(first, Decided) else None, feed)

    async def _direct(self, ask: Ask) -> Begun:
        """What the named model says. Raises UnknownModel."""
        self._router.model(ask.model)
        return Begun(None, Feed(direct(self._router, ask)))

    def _sheet(self, ask: Ask, decision: Decision | None) -> Sheet:
        # A page's background job reads the reply with a program, and so does who asks for JSON: no footer for them.
        watched = decision is not None and "job" not in decision.slots and not ask.structured
        return Sheet(
            id=f"chatcmpl-{decision.id if decision else self._new_id()}",
            created=int(self._now()),
            model=ask.model,
            footer=self._footer and watched,
            include_usage=ask.stream and ask.include_usage,
        )

    def _model(self, name: str) -> dict[str, object]:
        return {"id": name, "object": "model", "created": self._began, "owned_by": "pointsman"}


def answer(reply: Collected | Failed, sheet: Sheet, headers: dict[str, str]) -> Response:
    """A reply that was not streamed, or the error that it ended in."""
    if isinstance(reply, Failed):
        return Problem.of_failed(reply).response(headers)
    if reply.done.model:
        headers = {**headers, "x-pointsman-model": token(reply.done.model)}
    return Json(sheet.whole(reply), headers=headers)


async def direct(router: Router, ask: Ask) -> AsyncGenerator[Event]:
    """One model's reply as events; errors that we can name end it with Failed."""
    try:
        async with aclosing(router.chat(ask.model, ask.turns, ask.options)) as deltas:
            async for delta in deltas:
                if delta.text:
                    yield Text(delta.text)
                if delta.finish_reason:
                    yield Done(
                        None,
                        model=ask.model,
                        prompt_tokens=delta.prompt_tokens,
                        completion_tokens=delta.completion_tokens,
                        finish_reason=delta.finish_reason,
                    )
    except PointsmanError as error:
        yield Failed.of(error)
