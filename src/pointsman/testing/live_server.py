"""Uvicorn in a thread of the test: a real server on loopback, without signals."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn


class LiveServer(uvicorn.Server):
    """A server whose `run` belongs in a thread; `up` is set when it answers, and then `loop` is its event loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to the test runner; only a main thread may take them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and says that it has."""
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.up.set()
