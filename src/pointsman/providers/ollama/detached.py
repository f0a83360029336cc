"""Work that outlives whoever asked for it: Ollama drops a load when the one who asked for it hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from contextvars import Context
from typing import Any

from pointsman.core.errors import Unreachable


class Detached:
    """Runs work in tasks of its own, one for each key; who asks for what is under way joins it."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[Any]] = {}

    async def run(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """What the work comes to; being cancelled here leaves it under way. Raises what it raises."""
        task = self._tasks.get(key)
        if task is None:
            # In a context of its own: the deadline of the message that happened to come first is not this one's.
            task = asyncio.get_running_loop().create_task(work(), context=Context())
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            asked = asyncio.current_task()
            if task.cancelled() and not (asked and asked.cancelling()):
                raise Unreachable("the connection to Ollama was closed meanwhile", cure="ask again") from None
            raise

    async def close(self) -> None:
        """Ends all work."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
        if not task.cancelled():
            task.exception()  # where nobody waits any more, nobody else takes note of it
