"""Tools for tests: they bring what they were told to, or fail as they were told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pointsman.core.message import ToolCall
from pointsman.core.tool import SECONDS, Effect, First, Occasion, Source, Tool, ToolResult, ToolSpec

Bring = Callable[[Mapping[str, Any]], ToolResult | Exception]
"""What a call brings, or raises."""


class ScriptedTool:
    """A tool that brings `brought`: in turn where it is a list (the last for good), or what a callable makes of it.

    An exception is raised. `hold` is waited for first. What happened is in `called` (arguments) and `cancelled`.
    """

    def __init__(
        self,
        name: str = "look",
        brought: str | ToolResult | Exception | Sequence[str | ToolResult | Exception] | Bring = "it is there",
        *,
        effect: Effect = "reads",
        seconds: float = SECONDS,
        hold: asyncio.Event | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        schema = parameters or {"type": "object", "properties": {"what": {"type": "string"}}}
        self.spec = ToolSpec(name, f"Does {name}.", schema, effect, seconds)
        self.called: list[Mapping[str, Any]] = []
        self.cancelled = 0
        self._brought = brought
        self._hold = hold

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """What it was told to bring; it raises what it was told to raise."""
        self.called.append(arguments)
        try:
            if self._hold is not None:
                await self._hold.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        brought = self._next(arguments)
        if isinstance(brought, Exception):
            raise brought
        return ToolResult(brought) if isinstance(brought, str) else brought

    def _next(self, arguments: Mapping[str, Any]) -> str | ToolResult | Exception:
        if callable(self._brought):
            return self._brought(arguments)
        if isinstance(self._brought, str | ToolResult | Exception):
            return self._brought
        return self._brought[min(len(self.called), len(self._brought)) - 1]


class ScriptedToolset:
    """A toolset of scripted tools; `first` is what it says the message asks for, `refuses` why it may not be used."""

    def __init__(
        self,
        *tools: Tool,
        name: str = "box",
        first: First | None = None,
        refuses: str = "",
        error: Exception | None = None,
    ) -> None:
        self.name = name
        self.closed = False
        self.occasions: list[Occasion] = []
        self._tools = tools
        self._first = first
        self._refuses = refuses
        self._error = error

    def refusal(self, occasion: Occasion) -> str:
        """What it was told."""
        self.occasions.append(occasion)
        return self._refuses

    async def tools(self, occasion: Occasion) -> Sequence[Tool]:
        """The tools; it raises what it was told to raise."""
        del occasion
        if self._error is not None:
            raise self._error
        return self._tools

    def first(self, occasion: Occasion) -> First | None:
        """What it was told."""
        del occasion
        return self._first

    async def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True


def page(title: str, url: str, text: str) -> ToolResult:
    """A result with one source."""
    return ToolResult(f"[1] {title}\n{url}\n{text}", sources=(Source(title, url),))


def call(name: str = "look", **arguments: Any) -> ToolCall:
    """A model's wish to have a tool called."""
    return ToolCall(name, arguments)
