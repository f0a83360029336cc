"""FastAPI without what the gateway has of its own: a third of what a request takes on its way to its route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import signature
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]

# The parameters of an endpoint that reads its request by itself.
BARE: Final[tuple[list[str], ...]] = ([], ["request"])


class Gateway(FastAPI):
    """FastAPI whose requests pass our own middleware only: it traces, bounds bodies and watches for errors, too.

    `unwrap` is to be called when all routes are there.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        if self.middleware_stack is None:
            self.middleware_stack = self.build_middleware_stack()
        await self.middleware_stack(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        """Our middleware, between what answers errors that nobody foresaw and what answers those that have a name."""
        stack: ASGIApp = ExceptionMiddleware(self.router, handlers=self.exception_handlers)
        for kind, arguments, options in reversed(self.user_middleware):
            stack = kind(stack, *arguments, **options)
        return ServerErrorMiddleware(stack)

    def unwrap(self) -> None:
        """Has routes that read their requests by themselves called as such; the others get FastAPI's stack of exits."""
        for route in self.router.routes:
            if isinstance(route, APIRoute):
                takes = list(signature(route.endpoint).parameters)
                route.app = called(route.endpoint, takes_it=bool(takes)) if takes in BARE else within_exits(route.app)


def called(endpoint: Callable[..., Awaitable[Response]], *, takes_it: bool) -> ASGIApp:
    """An endpoint as an ASGI application; what it raises is answered by the middleware around it."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        response = await (endpoint(Request(scope, receive, send)) if takes_it else endpoint())
        await response(scope, receive, send)

    return application


def within_exits(app: ASGIApp) -> ASGIApp:
    """A route of FastAPI's own, which looks for the stack in which files are closed."""
    return AsyncExitStackMiddleware(app)
