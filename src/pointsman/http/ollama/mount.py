"""Adds the Ollama routes to the gateway, with what its document says of their bodies."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from fastapi import FastAPI

from pointsman.core.ports import Clock
from pointsman.engine.router import Router
from pointsman.http.ollama.elsewhere import add_elsewhere
from pointsman.http.ollama.loops import once
from pointsman.http.ollama.routes import PING, OllamaRoutes
from pointsman.http.pictures import Pictures, base_of

TAG: Final = "ollama"
TEXT: Final = {"type": "string"}
NAME: Final = {"type": "string", "minLength": 1}
OBJECT: Final = {"type": "object"}
IMAGES: Final = {"type": "array", "items": {"type": "string", "contentEncoding": "base64"}}
# What chats and completions have in common.
COMMON: Final[dict[str, Any]] = {
    "model": NAME,
    "stream": {"type": "boolean", "default": True},
    "format": {"anyOf": [{"enum": ["json", ""]}, OBJECT]},
    "keep_alive": {"type": ["string", "number"]},
    "options": OBJECT,
    "think": {"anyOf": [{"type": "boolean"}, {"enum": ["low", "medium", "high", "max"]}]},
}
MESSAGE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["role"],
    "properties": {"role": {"enum": ["system", "user", "assistant", "tool"]}, "content": TEXT, "images": IMAGES},
}
CHAT: Final[dict[str, Any]] = {
    **COMMON,
    "messages": {"type": "array", "items": MESSAGE},
    "tools": {"type": "array", "items": OBJECT},
}
GENERATE: Final[dict[str, Any]] = {**COMMON, "prompt": TEXT, "system": TEXT, "suffix": TEXT, "images": IMAGES}
TEXTS: Final[dict[str, Any]] = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}


def add_ollama_routes(
    app: FastAPI,
    router: Router,
    *,
    pictures: Pictures,
    footer: bool,
    now: Clock,
    ping: float = PING,
) -> None:
    """Everything that Ollama's clients ask for; `pictures` keeps those of replies behind links."""
    routes = OllamaRoutes(
        router,
        show=lambda request: partial(pictures.link, base=base_of(request)),
        footer=footer,
        now=now,
        ping=ping,
    )
    for path, answer in (("/", routes.root), ("/api/version", routes.version), ("/api/tags", routes.tags)):
        app.add_api_route(path, once(answer), methods=["GET"], tags=[TAG])
        app.add_api_route(path, once(answer), methods=["HEAD"], include_in_schema=False)
    app.add_api_route("/api/ps", once(routes.running), methods=["GET"], tags=[TAG])
    for path, answers, properties in (
        ("/api/show", routes.show, {"model": NAME}),
        ("/api/chat", routes.chat, CHAT),
        ("/api/generate", routes.generate, GENERATE),
        ("/api/embed", routes.embed, {"model": NAME, "input": TEXTS}),
        ("/api/embeddings", routes.embeddings, {"model": NAME, "prompt": TEXT}),
        ("/api/pull", routes.pull, {"model": NAME, "stream": {"type": "boolean", "default": True}}),
    ):
        app.add_api_route(path, once(answers), methods=["POST"], tags=[TAG], openapi_extra=body(properties))
    add_elsewhere(app)


def body(properties: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says about a route whose body is read by hand."""
    schema = {"type": "object", "required": ["model"], "properties": properties}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
