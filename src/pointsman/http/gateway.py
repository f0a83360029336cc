"""FastAPI without what the gateway has of its own: a third of what a request takes on its way to its route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from inspect import signature
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
Handlers = Mapping[Any, Callable[[Request, Any], Any]]

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
        handlers = self.exception_handlers
        stack: ASGIApp = Directly(self, ExceptionMiddleware(self.router, handlers=handlers))
        for kind, arguments, options in reversed(self.user_middleware):
            stack = kind(stack, *arguments, **options)
        return stack  # what fails in our own middleware, uvicorn answers with 500

    def unwrap(self) -> None:
        """Has routes that read their requests by themselves called as such."""
        for route in self.router.routes:
            if isinstance(route, APIRoute) and (takes := takes_of(route)) in BARE:
                route.app = called(route.endpoint, takes_it=bool(takes), handlers=self.exception_handlers)


class Directly:
    """Leads to a route that reads its requests by itself, and has one path, without asking every route before it."""

    def __init__(self, app: FastAPI, otherwise: ASGIApp) -> None:
        self._otherwise = AsyncExitStackMiddleware(otherwise)  # where FastAPI's own routes close files
        self._routes = {
            (method, route.path): route
            for route in reversed(app.router.routes)  # of two that take the same, the first counts
            if isinstance(route, APIRoute) and "{" not in route.path and takes_of(route) in BARE
            for method in route.methods or ()
        }

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serves one request."""
        known = scope["type"] == "http" and not scope.get("root_path")
        route = self._routes.get((scope["method"], scope["path"])) if known else None
        if route is None:
            return self._otherwise(scope, receive, send)
        scope["route"], scope["endpoint"], scope["path_params"] = route, route.endpoint, {}
        return route.app(scope, receive, send)


def takes_of(route: APIRoute) -> list[str]:
    """The names of the parameters of a route's endpoint."""
    return list(signature(route.endpoint).parameters)


def called(endpoint: Callable[..., Awaitable[Response]], *, takes_it: bool, handlers: Handlers) -> ASGIApp:
    """An endpoint as an ASGI application; what it raises is answered as `handlers` say, else by who called."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            response = await (endpoint(request) if takes_it else endpoint())
        except Exception as error:
            handler = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
            if handler is None:
                raise
            response = await handler(request, error)
        await response(scope, receive, send)

    return application
