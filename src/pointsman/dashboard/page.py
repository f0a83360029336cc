"""Mounts the page beside the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from nicegui import ui

from pointsman.dashboard.backstage import prepared
from pointsman.dashboard.context import ConfigStatus
from pointsman.dashboard.door import Door
from pointsman.dashboard.shell import Shell
from pointsman.dashboard.theme import ICON
from pointsman.dashboard.views import VIEWS
from pointsman.dashboard.visitor import Visitor, visitor_of
from pointsman.engine.router import Router
from pointsman.observe.feed import Feed, TextLevel

RECONNECTS = 10.0  # a phone that looks away for a moment does not lose its reply


def mount(
    app: FastAPI,
    router: Router,
    *,
    host_allowed: Callable[[str], bool],
    reconnects: float = RECONNECTS,
    status: Callable[[], ConfigStatus] = ConfigStatus,
    feed: Feed | None = None,
) -> None:
    """Serves the page at "/" of `app`, in front of its own routes; once a process, for NiceGUI has one application.

    One of the gateway's keys has to be given once a browser; without any, `host_allowed` tells this machine's names.
    `reconnects` is how many seconds a reply outlives its browser. `status` tells which configuration is in force, and
    `feed` holds what happened lately; without one, one is kept from now on.
    """
    live = feed if feed is not None else Feed()
    leave = router.watch(live.take)
    stage = prepared(router, app.state)

    def page(request: Request) -> None:
        visitor = visitor_of(request.scope)
        text = text_for(visitor, status())
        query = f"?{request.url.query}" if request.url.query else ""
        Shell(router, live, visitor, text, status).build(f"{request.url.path}{query}")

    for view in VIEWS:
        ui.page(view.path, title="Pointsman")(page)

    inside = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ui.run_with(
        inside,
        title="Pointsman",
        favicon=ICON,
        dark=None,
        language="en-US",
        tailwind=False,
        show_welcome_message=False,
        reconnect_timeout=reconnects,
    )
    app.add_middleware(Door, page=inside, keys=app.state.gate.keys, host_allowed=host_allowed)
    gateway_lifespan = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(outer: FastAPI) -> AsyncIterator[Any]:
        # The page ends first: what it streams comes from the router that the gateway closes.
        async with gateway_lifespan(outer) as state, inside.router.lifespan_context(inside):
            yield state
            await stage.close()
        leave()

    app.router.lifespan_context = lifespan


def text_for(visitor: Visitor, status: ConfigStatus) -> TextLevel:
    """What a visitor is shown of what people said."""
    level = status.config.page.text
    return ("full" if visitor.loopback else "hash") if level == "auto" else level
