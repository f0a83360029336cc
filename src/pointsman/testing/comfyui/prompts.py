"""The prompts of the fake ComfyUI: those that wait, the one that runs, and those that have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pointsman.testing.comfyui.execution import Outcome


@dataclass(slots=True)
class Prompt:
    """A prompt in the queue, the smallest number first."""

    number: float
    id: str
    graph: dict[str, Any]
    extra: dict[str, Any]
    outputs: tuple[str, ...]

    @property
    def row(self) -> list[Any]:
        """As /queue and /history show it."""
        return [self.number, self.id, self.graph, self.extra, list(self.outputs)]

    @property
    def client_id(self) -> str | None:
        """Who is told of it."""
        return self.extra.get("client_id")


@dataclass(slots=True)
class Prompts:
    """All prompts; `changed` wakes whoever waits for something to be so."""

    pending: list[Prompt] = field(default_factory=list)
    running: Prompt | None = None
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def remaining(self) -> int:
        """How many are not done, with the one that runs."""
        return len(self.pending) + (self.running is not None)

    @property
    def status(self) -> dict[str, Any]:
        """As `status` events and GET /prompt tell it."""
        return {"exec_info": {"queue_remaining": self.remaining}}

    @property
    def rows(self) -> dict[str, Any]:
        """As GET /queue shows them."""
        return {
            "queue_running": [self.running.row] if self.running else [],
            "queue_pending": [it.row for it in self.pending],
        }

    def next(self) -> Prompt:
        """Takes out the one that is next, which runs from now on."""
        self.running = min(self.pending, key=lambda it: it.number)
        self.pending.remove(self.running)
        return self.running

    def end(self, outcome: Outcome) -> None:
        """The one that runs has ended."""
        if self.running is None:
            return
        prompt, self.running = self.running, None
        nodes = ((node, {"node_id": node, "display_node": node}) for node in outcome.outputs)
        self.ended[prompt.id] = {
            "prompt": prompt.row,
            "outputs": outcome.outputs,
            "status": {
                "status_str": outcome.status,
                "completed": outcome.status == "success",
                "messages": outcome.messages,
            },
            "meta": {node: {**ids, "parent_node": None, "real_node_id": node} for node, ids in nodes},
        }

    async def notify(self) -> None:
        """Something has changed."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, met: Callable[[], bool]) -> None:
        """Waits until something is so; looks whenever something changes."""
        async with self.changed:
            await self.changed.wait_for(met)
