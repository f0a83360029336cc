"""Carries out loads and releases in tasks of their own, which nobody's cancellation ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from pointsman.core.errors import PointsmanError
from pointsman.gpu.backend import Backend
from pointsman.gpu.calls import Sleep, within
from pointsman.gpu.footprints import Footprint, FootprintStore
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Load

logger = logging.getLogger(__name__)

Ended = Callable[[PointsmanError | None], None]


class Carrier:
    """Talks to the servers; every call ends, and its end is told once, with the error if there was one."""

    def __init__(
        self, backends: Mapping[str, Backend], footprints: FootprintStore, *, sleep: Sleep, settings: Settings
    ) -> None:
        self._backends = backends
        self._footprints = footprints
        self._sleep = sleep
        self._settings = settings
        self._tasks: set[asyncio.Task[None]] = set()

    def load(self, action: Load, ended: Ended) -> None:
        """Begins a load."""
        server = action.rung.tenant.partition(":")[0]

        async def call() -> None:
            await self._backends[server].load(action.rung, action.device)

        self.start(self._told(call(), self._settings.load_limit, server, ended))

    def unload(self, tenant: str, *, deep: bool, ended: Ended) -> None:
        """Asks a tenant's server for its memory."""
        server = tenant.partition(":")[0]

        async def call() -> None:
            await self._backends[server].unload(tenant, deep=deep)

        self.start(self._told(call(), self._settings.unload_limit, server, ended))

    def keep(self, key: str, footprint: Footprint) -> None:
        """Keeps a footprint; where that fails, it is learned again after a restart."""

        async def call() -> None:
            try:
                await self._footprints.keep(key, footprint)
            except PointsmanError as error:
                logger.warning("what %s takes cannot be kept: %s", key, error.message)

        self.start(call())

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Starts a task and holds on to it until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Ends all of them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _told(self, call: Coroutine[Any, Any, None], limit: float, server: str, ended: Ended) -> None:
        try:
            await within(limit, call, self._sleep, who=server)
        except PointsmanError as error:
            ended(error)
        else:
            ended(None)
