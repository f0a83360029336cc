"""The Ollama routes: chat, completion, vectors, lists, downloads; what names a model of an Ollama goes there raw."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import PlainTextResponse

from pointsman.core.errors import BadField, InvalidInput, PointsmanError, UnknownModel
from pointsman.core.ports import Clock
from pointsman.core.relay import Forward, Place
from pointsman.core.reply import Decided, Event, Failed
from pointsman.engine.router import Router
from pointsman.http.errors import Json, Problem
from pointsman.http.errors import shown as quoted
from pointsman.http.feed import Feed
from pointsman.http.fields import Fields
from pointsman.http.headers import reply_headers, token
from pointsman.http.jsonbody import read_object
from pointsman.http.limits import limits_of, within
from pointsman.http.named import named_reply
from pointsman.http.ollama.embedding import embedded, texts_of
from pointsman.http.ollama.lines import Sheet, Times
from pointsman.http.ollama.listing import (
    AUTO,
    FAMILY,
    OTHERS,
    ROUTED,
    is_auto,
    ollamas,
    plain,
    running,
    shown,
    tags,
)
from pointsman.http.ollama.passing import passed, whole
from pointsman.http.ollama.reading import Ask, Route, read_ask
from pointsman.http.ollama.replies import ShowPicture, collect, failed_first, lines
from pointsman.http.ollama.stream import LineStream
from pointsman.http.origin import key_of, origin_of, task_of
from pointsman.http.scopes import needs
from pointsman.providers.ollama.forwarded import asks_nothing, named, unloads

RUNNING: Final = "Ollama is running"
# What clients hear who ask for a version where no Ollama tells one: they want 0.6 or later, for tools and schemas.
VERSION: Final = "0.12.0"
PING: Final = 15.0
ShowFor = Callable[[Request], ShowPicture]
"""Gives the addresses of pictures as the sender of a request can reach them."""


class OllamaRoutes:
    """Serves a router as if it were an Ollama with a model called "auto"; its other models can be asked by name.

    `now` gives seconds since the epoch, `clock` from any start; `ping` is the longest silence of a routed stream in
    seconds. `show` says where a routed picture can be seen. `footer` adds a model's own note to routed replies.
    """

    def __init__(
        self,
        router: Router,
        *,
        show: ShowFor,
        footer: bool = True,
        now: Clock = time.time,
        clock: Clock = time.perf_counter,
        ping: float = PING,
    ) -> None:
        self._router = router
        self._show = show
        self._footer = footer
        self._now = now
        self._clock = clock
        self._ping = ping
        self._began = now()

    async def root(self) -> Response:
        """What clients look for to know that somebody is there."""
        return PlainTextResponse(RUNNING)

    async def version(self) -> Response:
        """The first Ollama's version; one that clients take where there is none."""
        try:
            for place in (await ollamas(self._router))[:1]:
                status, said = await whole(self._router, place, Forward("/api/version", method="GET"))
                if status == 200 and isinstance(said, dict) and said.get("version"):
                    return Json({"version": said["version"]})
        except PointsmanError:
            pass  # it may come up later, and others are served without it
        return Json({"version": VERSION})

    async def tags(self) -> Response:
        """Lists every model that can be asked for."""
        return Json({"models": await tags(self._router, self._began)})

    async def running(self) -> Response:
        """Lists the models in memory."""
        return Json({"models": await running(self._router)})

    async def show(self, request: Request) -> Response:
        """Tells of one model."""
        data = await read_object(request)
        name = named(data)
        if is_auto(name):
            return Json(shown(name, FAMILY, ROUTED, self._began))
        place = await self._place(name)
        if place.dialect != "ollama":
            return Json(shown(name, place.dialect, OTHERS, self._began))
        return await self._passed(request, place, Forward("/api/show", {**data, "model": place.model}))

    async def pull(self, request: Request) -> Response:
        """Has the first Ollama download a model; nothing else has a library."""
        data = await read_object(request)
        name = named(data)
        if not name:
            raise missing()
        if is_auto(name):
            return Json({"status": "success"})
        first = next(iter(await ollamas(self._router)), None)
        if first is None:
            raise InvalidInput("no Ollama is set up that could download it", cure="set models.main to one of an Ollama")
        return await self._passed(request, replace(first, model=name), Forward("/api/pull", data))

    async def chat(self, request: Request) -> Response:
        """Answers a conversation."""
        return await self._answer("chat", request)

    async def generate(self, request: Request) -> Response:
        """Goes on with a text."""
        return await self._answer("generate", request)

    async def embed(self, request: Request) -> Response:
        """The vectors of texts."""
        return await self._vectors(request, "/api/embed")

    async def embeddings(self, request: Request) -> Response:
        """The vector of one text, as older clients ask for it."""
        return await self._vectors(request, "/api/embeddings")

    async def _answer(self, route: Route, request: Request) -> Response:
        """Model "auto" finds the track; any other name asks that model."""
        data = await read_object(request)
        name = model_in(data)
        forward = Forward(f"/api/{route}", data)
        unloading = unloads(forward)
        if unloading:
            needs(request, "admin")
        place = None if is_auto(name) else await self._place(name)
        if unloading:
            await self._send_away(place)
        if place is not None and place.dialect == "ollama":
            # It hears of an unload in any case: a model that is answering goes when it has answered.
            return await self._passed(request, place, replace(forward, body={**data, "model": place.model}))
        sheet = Sheet(route, name, self._now, Times(self._clock))
        if asks_nothing(forward):
            return Json(sheet.nothing("unload" if unloading else "load"))
        ask = read_ask(route, data)
        if place is not None:
            known = name if name in self._router.models else plain(name)
            feed = Feed(named_reply(self._router, known, ask.turns, ask.options))
            return await answered(feed, sheet, {}, show=self._show(request), ping=self._ping if ask.stream else None)
        return await self._routed(ask, sheet, request)

    async def _routed(self, ask: Ask, sheet: Sheet, request: Request) -> Response:
        """The reply to a message, with what was decided in the headers."""
        message = ask.message(origin_of(request.headers, key=key_of(request)), task_of(request.headers))
        events = self._router.stream(message, ask.options)
        feed = Feed(within(limits_of(request), events, message.origin.key))
        try:
            first = await feed.take()
        except BaseException:
            await feed.close()
            raise
        decision = first.decision if isinstance(first, Decided) else None
        # A page's background job reads the reply with a program, and so does who asks for JSON: no footer for them.
        watched = decision is not None and "job" not in decision.slots and not ask.structured
        return await answered(
            feed,
            replace(sheet, footer=self._footer and watched),
            reply_headers(decision, request.headers),
            show=self._show(request),
            ping=self._ping if ask.stream else None,
        )

    async def _vectors(self, request: Request, path: str) -> Response:
        """Vectors, from the model that is named; "auto" makes them here."""
        times = Times(self._clock)
        data = await read_object(request)
        name = model_in(data)
        place = Place(AUTO, "here") if is_auto(name) else await self._place(name)
        if place.dialect == "ollama":
            return await self._passed(request, place, Forward(path, {**data, "model": place.model}))
        if path.endswith("/embed"):
            return Json(await embedded(self._router, place, data, texts_of(data), key=key_of(request), times=times))
        text = Fields(data).text("prompt")
        said = await embedded(self._router, place, data, [text] if text else [], key=key_of(request), times=times)
        return Json({"embedding": next(iter(said["embeddings"]), [])})

    async def _place(self, name: str) -> Place:
        """Where a model is served. Raises UnknownModel in the words by which Ollama's clients know it; Unreachable."""
        if not name:
            raise missing()
        for tried in (name, plain(name)):  # clients that write tags everywhere mean our names, too
            try:
                return await self._router.place(tried)
            except UnknownModel:
                continue
        raise UnknownModel(f"model {quoted(name)} not found")

    async def _passed(self, request: Request, place: Place, forward: Forward) -> Response:
        return await passed(self._router, place, forward, key=key_of(request))

    async def _send_away(self, place: Place | None) -> None:
        """Unloads a model; where routing itself is meant, whatever is idle on the card."""
        if place is not None:
            await self._router.unload(place)
        elif (card := self._router.card) is not None:
            await card.free()


async def answered(
    feed: Feed[Event], sheet: Sheet, headers: Mapping[str, str], *, show: ShowPicture, ping: float | None
) -> Response:
    """The answer that events make: lines, or one object where `ping` is None. The feed is closed in any case."""
    try:
        if ping is not None:
            if (failed := await failed_first(feed, ping)) is None:
                return LineStream(lines(feed, sheet, show, ping), feed.close, headers)
        else:
            made = await collect(feed, sheet, show)
            if not isinstance(made, Failed):
                await feed.close()
                model = {"x-pointsman-model": token(made.model)} if headers and made.model else {}
                return Json(made.content, headers={**headers, **model})
            failed = made
        await feed.close()
        return Problem.of_failed(failed).response(headers, f"/api/{sheet.route}")
    except BaseException:
        await feed.close()
        raise


def model_in(data: Mapping[str, Any]) -> str:
    """The model that a request names. Raises BadField."""
    name = Fields(data).text("model")
    if not name:
        raise missing()
    return name


def missing() -> BadField:
    """The refusal of a request without a model, in Ollama's own words."""
    return BadField("model", "model is required", cure='name one, such as "auto"')
