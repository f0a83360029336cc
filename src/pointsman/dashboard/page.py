"""Mounts the page beside the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from nicegui import ui

from pointsman.dashboard.door import Door
from pointsman.dashboard.playground import Playground
from pointsman.dashboard.theme import ICON
from pointsman.engine.router import Router

RECONNECTS = 10.0  # a phone that looks away for a moment does not lose its reply


def mount(
    app: FastAPI,
    router: Router,
    *,
    key: str | None,
    host_allowed: Callable[[str], bool],
    reconnects: float = RECONNECTS,
) -> None:
    """Serves the page at "/" of `app`, in front of its own routes; once a process, for NiceGUI has one application.

    `key` has to be given once a browser; without one, `host_allowed` tells the names of this machine.
    `reconnects` is how many seconds a reply outlives its browser.
    """

    @ui.page("/", title="Pointsman")
    def page() -> None:
        Playground(router).build()

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
    app.add_middleware(Door, page=inside, key=key, host_allowed=host_allowed)
    gateway_lifespan = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(outer: FastAPI) -> AsyncIterator[Any]:
        # The page ends first: what it streams comes from the router that the gateway closes.
        async with gateway_lifespan(outer) as state, inside.router.lifespan_context(inside):
            yield state

    app.router.lifespan_context = lifespan
