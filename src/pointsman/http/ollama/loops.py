"""Keeps a gateway whose Ollama is set to its own address from asking itself for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import signature
from typing import Final

from fastapi import Request, Response

from pointsman.http.errors import Problem
from pointsman.providers.asker import HEADER, PROCESS

CURE: Final = "where Pointsman runs, set OLLAMA_HOST, or the `url` of models.main, to the address of Ollama itself"


def once(endpoint: Callable[..., Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that does not answer this process itself."""
    takes_it = bool(signature(endpoint).parameters)

    async def called(request: Request) -> Response:
        if request.headers.get(HEADER) == PROCESS:
            problem = Problem("Pointsman's Ollama is set to Pointsman's own address", 508, "loop", CURE)
            return problem.response(path=request.url.path)
        return await (endpoint(request) if takes_it else endpoint())

    called.__name__, called.__doc__ = endpoint.__name__, endpoint.__doc__  # which the document of the API shows
    return called
