"""Puts the gateway together: routes, limits, the key, and errors in the caller's dialect."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from pointsman import __version__
from pointsman.core.errors import PointsmanError
from pointsman.core.happening import Ended, Went
from pointsman.core.ports import Clock
from pointsman.engine.router import Router
from pointsman.http.auth import KeyGuard
from pointsman.http.cors import Cors
from pointsman.http.draining import Drain, Draining
from pointsman.http.errors import Problem, shown
from pointsman.http.gate import MAX_BODY, Gate
from pointsman.http.gateway import Gateway
from pointsman.http.gpu import add_gpu_routes
from pointsman.http.intake import Intake
from pointsman.http.limiting import LimitGuard
from pointsman.http.memories import add_people_routes
from pointsman.http.metrics import add_metrics_route
from pointsman.http.native import CorrectionRequest, NativeRoutes, RouteRequest
from pointsman.http.ollama.mount import add_ollama_routes
from pointsman.http.openai.routes import PING, OpenAiRoutes, add_openai_routes
from pointsman.http.openapi import describe
from pointsman.http.pictures import Pictures
from pointsman.http.replying import add_ask_route
from pointsman.http.requestid import RequestIds
from pointsman.observe.metrics import Metrics


def create_app(
    router: Router,
    *,
    key: str | None = None,
    gate: Gate | None = None,
    max_body: int = MAX_BODY,
    close_router: bool = True,
    footer: bool = True,
    now: Clock = time.time,
    ping: float = PING,
    pictures: Pictures | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """The gateway as an ASGI application.

    `key` is what callers must send as a bearer token; None lets in who reaches the port by a
    private name. `max_body` is in bytes. `gate` says both, and more, and can change while
    requests are served. `footer` adds a model's own note to routed replies.
    Setting `app.state.draining` has new requests refused, `app.state.stopping` ends open replies
    at once. The router is closed with the application unless `close_router` is false. `metrics`
    are served at /metrics. `pictures` keeps those of replies behind links.
    """
    stopping = asyncio.Event()
    gate = gate or Gate.with_key(key, max_body=max_body)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if close_router:
            await router.close()
        await gate.close()

    # No docs pages: they would fetch their scripts from elsewhere, and this works offline.
    app = Gateway(
        title="Pointsman",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.stopping = stopping
    app.state.drain = Drain()
    app.state.draining = app.state.drain.begun
    app.state.gate = gate
    router.watch(gate.limits.heard, Went, Ended)
    # Starlette types handlers by the widest exception.
    app.add_exception_handler(PointsmanError, named_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, http_error)  # type: ignore[arg-type]
    app.add_middleware(Intake, bounds=gate, stopping=stopping)
    app.add_middleware(LimitGuard, limits=gate.limits)
    app.add_middleware(Draining, drain=app.state.drain)
    app.add_middleware(KeyGuard, gate=gate)  # added last, so it is asked first: nobody else's bodies are read
    app.add_middleware(Cors, allowed=gate)
    # The outermost: refusals have an id, too, and are counted.
    app.add_middleware(RequestIds, answered=metrics.answered if metrics else None)
    pictures = app.state.pictures = pictures or Pictures(now=now)
    add_openai_routes(app, OpenAiRoutes(router, pictures=pictures, footer=footer, now=now, ping=ping))
    add_ollama_routes(app, router, pictures=pictures, footer=footer, now=now, ping=ping)
    add_routes(app, NativeRoutes(router))
    add_ask_route(app, router, ping)
    add_people_routes(app, router)
    add_gpu_routes(app, lambda: router.card)
    if metrics is not None:
        add_metrics_route(app, metrics, lambda: router.card.snapshot() if router.card else None, router.services)
    describe(app)
    app.unwrap()
    return app


def add_routes(app: FastAPI, native: NativeRoutes) -> None:
    """Everything that the gateway answers to in its own words."""
    app.add_api_route("/healthz", native.health, methods=["GET"], tags=["native"])
    app.add_api_route("/healthz", native.health, methods=["HEAD"], include_in_schema=False)
    app.add_api_route("/readyz", native.ready, methods=["GET"], tags=["native"])
    app.add_api_route("/readyz", native.ready, methods=["HEAD"], include_in_schema=False)
    app.add_api_route("/v1/config/reload", native.reload, methods=["POST"], tags=["native"])
    app.add_api_route(
        "/v1/route",
        native.route,
        methods=["POST"],
        tags=["native"],
        openapi_extra=body(RouteRequest.model_json_schema()),
    )
    app.add_api_route("/v1/decisions/{decision_id}", native.decision, methods=["GET"], tags=["native"])
    correction = "/v1/decisions/{decision_id}/correction"
    app.add_api_route(
        correction,
        native.correct,
        methods=["POST"],
        tags=["native"],
        openapi_extra=body(CorrectionRequest.model_json_schema()),
    )
    app.add_api_route("/v1/quota", native.quota, methods=["GET"], tags=["native"])
    app.add_api_route(correction, native.undo, methods=["DELETE"], tags=["native"])


def body(schema: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says about a route whose body is read by hand."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def named_error(request: Request, error: PointsmanError) -> Response:
    """An error that we can name, in the caller's dialect."""
    return Problem.of(error).response(path=request.url.path)


async def http_error(request: Request, error: HTTPException) -> Response:
    """An unknown path or a wrong method, in the caller's dialect."""
    path = shown(request.url.path)
    problem = {
        404: Problem(f"there is nothing at {path}", 404, "not_found", "see /openapi.json"),
        405: Problem(f"{path} does not take {request.method}", 405, "method_not_allowed", "see the Allow header"),
    }.get(error.status_code, Problem(str(error.detail), error.status_code, "http_error"))
    return problem.response(error.headers or {}, request.url.path)
