"""What is done at Ollama itself: routes that change its models are not passed on, and say so."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI, Request, Response

from pointsman.http.errors import Problem

NOT_HERE: Final = (
    ("DELETE", "/api/delete", "deletes no models"),
    ("POST", "/api/copy", "copies no models"),
    ("POST", "/api/create", "makes no models"),
    ("POST", "/api/push", "uploads no models"),
    ("HEAD", "/api/blobs/{digest}", "takes no files of models"),
    ("POST", "/api/blobs/{digest}", "takes no files of models"),
)


async def not_here(request: Request) -> Response:
    """The refusal of one of them."""
    path = request.url.path
    what = next((it for method, route, it in NOT_HERE if route.partition("{")[0] in path), "does not do that")
    cure = "do that at Ollama itself: set OLLAMA_HOST to its own address for this command"
    return Problem(f"Pointsman {what}", 501, "not_implemented", cure).response(path=path)


def add_elsewhere(app: FastAPI) -> None:
    """Adds these routes, which no document lists."""
    for method, path, _ in NOT_HERE:
        app.add_api_route(path, not_here, methods=[method], include_in_schema=False)
