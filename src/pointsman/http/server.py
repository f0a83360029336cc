"""Uvicorn, as the gateway runs it: says when it is up, and lets replies finish before it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Final, Protocol

import uvicorn
from fastapi import FastAPI

from pointsman.http.connection import bounded
from pointsman.http.draining import Drain

GRACE: Final = 1  # seconds that replies get to say their last word, when they have been asked to stop


class Beside(Protocol):
    """What runs beside the gateway, and ends with it."""

    @property
    def running(self) -> int:
        """How many replies of it are on their way."""
        ...

    async def drain(self, seconds: float) -> None:
        """Takes nothing new, and lets what is on its way go on for so many seconds."""
        ...

    def hurry(self) -> None:
        """Has `drain` wait no longer."""
        ...

    async def close(self) -> None:
        """Ends it."""
        ...


class GatewayServer(uvicorn.Server):
    """A server of the gateway.

    A first signal lets open replies go on for `patience()` seconds, while new requests are refused; a second one, or
    the end of that time, ends them with a last valid frame. `up` is called when requests are answered, `draining` with
    the number of replies that are waited for, and `end` when all is over. What is `beside` it is drained with it.
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        up: Callable[[], None],
        draining: Callable[[int], None],
        patience: Callable[[], float],
        end: Callable[[], Awaitable[None]],
        beside: Beside | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=bounded(),
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._drain: Drain = app.state.drain
        self._stopping: asyncio.Event = app.state.stopping
        self._up = up
        self._told = draining
        self._patience = patience
        self._end = end
        self._beside = beside
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to answer."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._up()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Takes a signal: the second does not wait for anybody."""
        again = self.should_exit
        # A supervisor that repeats itself is as much in a hurry as a person; uvicorn knows that of SIGINT only.
        super().handle_exit(signal.SIGINT if again else sig, frame)
        if again and self._loop is not None:
            self._captured_signals[-1] = sig
            self._loop.call_soon_threadsafe(self._hurry)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes nothing new, waits for what is on its way, and ends the rest."""
        self._drain.begun.set()
        beside = self._beside
        running = self._drain.running + (beside.running if beside else 0)
        if running and not self.force_exit:
            self._told(running)
            seconds = self._patience()
            await asyncio.gather(self._drain.over(seconds), *([beside.drain(seconds)] if beside else ()))
        if beside is not None:
            await beside.close()
        self._stopping.set()
        self.force_exit = False  # what is asked to stop now does so in a moment, and files are closed in order
        await super().shutdown(sockets)
        await self._end()  # here, as a signal ends everything right after this

    def _hurry(self) -> None:
        self._drain.hurry()
        if self._beside is not None:
            self._beside.hurry()
