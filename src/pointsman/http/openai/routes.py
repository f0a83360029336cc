"""The OpenAI routes: chat completions, models, vectors and pictures; a concrete model's server answers for itself."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fastapi import FastAPI, Request, Response

from pointsman.core.ports import Clock
from pointsman.engine.router import Router
from pointsman.http.errors import Json
from pointsman.http.fields import Fields
from pointsman.http.jsonbody import read_object
from pointsman.http.limits import limits_of
from pointsman.http.openai import images, models, through_ollama
from pointsman.http.openai.asked import AUTO, Manner, answered
from pointsman.http.openai.embeddings import embedded
from pointsman.http.openai.messages import check_urls
from pointsman.http.openai.relay import passed
from pointsman.http.origin import key_of
from pointsman.http.pictures import PATH, Pictures, base_of

PING: Final = 15.0  # seconds of silence after which a proxy could think that we are dead; most give up at 60


class OpenAiRoutes:
    """Serves a router as if it were a model called "auto"; its models can be asked by name.

    `footer` adds a model's own note to routed replies, `pictures` keeps what they show. `now` gives seconds since the
    epoch, `ping` is the longest silence of a stream in seconds.
    """

    def __init__(
        self,
        router: Router,
        *,
        pictures: Pictures | None = None,
        footer: bool = True,
        now: Clock = time.time,
        ping: float = PING,
        new_id: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self.pictures = pictures or Pictures(now=now)
        self._router = router
        self._manner = Manner(self.pictures, now, ping, footer, new_id)
        self._began = int(now())

    async def models(self) -> Response:
        """Lists "auto" and every model that can be asked by name."""
        return Json({"object": "list", "data": await models.listed(self._router, self._began)})

    async def model(self, name: str) -> Response:
        """One of them."""
        return Json(await models.one(self._router, name, self._began))

    async def chat(self, request: Request) -> Response:
        """Answers a conversation. Model "auto" finds the track; the name of a model asks that one."""
        data = await read_object(request)
        name = Fields(data).required_text("model")
        if name == AUTO:
            return await answered(self._router, self._manner, request, data)
        place = await self._router.place(name)
        match place.dialect:
            case "openai":
                check_urls(data.get("messages"))
                return await passed(self._router, place, "/chat/completions", data, key=key_of(request))
            case "ollama":
                return await through_ollama.chat(self._router, self._manner, place, data, key=key_of(request))
            case "here":
                return await answered(self._router, self._manner, request, data)

    async def embeddings(self, request: Request) -> Response:
        """The vectors of texts."""
        return await embedded(self._router, await read_object(request), key=key_of(request))

    async def images(self, request: Request) -> Response:
        """Draws pictures."""
        data = await read_object(request)
        more = partial(limits_of(request).pictures, key_of(request))
        return await images.drawn(self._router, self.pictures, data, base_of(request), self._manner.now, more=more)


def add_openai_routes(app: FastAPI, openai: OpenAiRoutes) -> None:
    """Everything that OpenAI's clients ask for, and the links to pictures in replies."""
    app.add_api_route("/v1/models", openai.models, methods=["GET"], tags=["openai"])
    app.add_api_route("/v1/models/{name:path}", openai.model, methods=["GET"], tags=["openai"])
    for path, route, required in (
        ("/v1/chat/completions", openai.chat, ("model", "messages")),
        ("/v1/embeddings", openai.embeddings, ("model", "input")),
        ("/v1/images/generations", openai.images, ("prompt",)),
    ):
        app.add_api_route(path, route, methods=["POST"], tags=["openai"], openapi_extra=takes(required))
    app.add_api_route(f"{PATH}{{name}}", openai.pictures.show, methods=["GET"], tags=["openai"])
    app.add_api_route(f"{PATH}{{name}}", openai.pictures.show, methods=["HEAD"], include_in_schema=False)


def takes(required: tuple[str, ...]) -> dict[str, Any]:
    """What OpenAPI says about a route whose body is read by hand."""
    schema = {"type": "object", "required": list(required)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
