"""An MCP server as a toolset: started when it is first used, shared by all replies, started again when it died."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pointsman.core.errors import MissingExtra, PointsmanError, ToolFailed, Unreachable
from pointsman.core.ports import Clock
from pointsman.core.tool import Effect, First, Occasion, ToolResult, ToolSpec
from pointsman.tools.mcp.connection import Connection
from pointsman.tools.mcp.content import result_of
from pointsman.tools.mcp.listing import MOST_TOOLS, specs_of
from pointsman.tools.mcp.ways import Way

# A server that does not start, or does not list its tools, would otherwise cost every message the time that it takes
# to find out.
REST: Final = 30.0
# A list is read again after this long, also from a server that never says that it changed.
KEPT: Final = 300.0
TWICE: Final = 2


class McpTools:
    """The tools of one MCP server.

    `way` says how it is reached, `timeout` how many seconds a call may take. `unmarked` is the effect of a tool whose
    server says nothing of it. A reply waits `patience` seconds for a server that starts, which may take `starts_in`.
    """

    def __init__(
        self,
        name: str,
        way: Way,
        *,
        timeout: float = 30.0,
        unmarked: Effect = "destroys",
        patience: float = 15.0,
        starts_in: float = 60.0,
        clock: Clock = time.monotonic,
    ) -> None:
        self.name = name
        self._way = way
        self._timeout = timeout
        self._unmarked = unmarked
        self._patience = patience
        self._starts_in = starts_in
        self._clock = clock
        self._connection: Connection | None = None
        self._leaving: set[Connection] = set()
        self._failed: tuple[float, PointsmanError] | None = None
        self._listed: tuple[Connection, float, list[tuple[str, ToolSpec]]] | None = None
        self._silent: tuple[Connection, float, Unreachable] | None = None
        self._listing = asyncio.Lock()
        self._closed = False

    def refusal(self, occasion: Occasion) -> str:
        """Nothing stands against it; whether the server is there shows when it is used."""
        del occasion
        return ""

    def first(self, occasion: Occasion) -> First | None:
        """A message never asks for it in so many words."""
        del occasion
        return None

    async def tools(self, occasion: Occasion) -> Sequence[McpTool]:
        """What the server lists; it is started for that if need be. Raises Unreachable, MissingExtra."""
        del occasion
        for _ in range(TWICE):
            connection = await self._connected()
            listed = await self._specs(connection)
            if listed is not None:
                return [McpTool(self, name, spec) for name, spec in listed]
        raise self._rest(Unreachable(f"the MCP server {self.name!r} ended twice", cure="look into its log"))

    async def call(self, tool: str, spec: ToolSpec, arguments: Mapping[str, Any]) -> ToolResult:
        """Calls a tool by its own name.

        A server that has died is started again once; a call that died with it is made again only where it reads, as
        nobody knows whether it was done. Raises ToolFailed.
        """
        written = as_json(arguments, spec.name)
        why = ""
        for _ in range(TWICE):
            try:
                connection = await self._connected()
            except PointsmanError as error:
                raise ToolFailed(f"{spec.name}: {error.message}", cure="answer without it", trusted=False) from error
            if connection.stale:
                # Some servers refuse a call to what was not listed as it is now.
                with suppress(Unreachable):
                    await self._specs(connection)
            if not connection.alive:
                continue
            try:
                answer = await connection.call(tool, written, self._timeout)
            except ToolFailed as error:
                raise ToolFailed(f"{spec.name}: {error.message}", cure=error.cure, trusted=error.trusted) from None
            if answer is not None:
                return result_of(spec.name, answer)
            why = await connection.gone()
            if spec.effect != "reads":
                raise ToolFailed(
                    f"{spec.name}: the server ended during the call: {why}",
                    cure="say that nobody knows whether it was done; do not simply repeat it",
                )
        told = f"{spec.name}: the server ended twice: {why}".removesuffix(": ")
        raise ToolFailed(told, cure="answer without it", trusted=False)

    async def close(self) -> None:
        """Ends the server, or the connection to it; no process is left."""
        self._closed = True
        connections = {*self._leaving, *([self._connection] if self._connection else [])}
        self._connection = None
        await asyncio.gather(*(connection.close() for connection in connections))
        self._leaving.clear()

    async def _connected(self) -> Connection:
        """The one connection, opened. Raises Unreachable, MissingExtra."""
        if self._closed:
            raise Unreachable(f"the MCP server {self.name!r} was closed", cure="open the router again")
        if self._connection is None or not self._connection.alive:
            if self._failed is not None and self._clock() - self._failed[0] < REST:
                raise self._failed[1]
            if self._connection is not None:
                self._leaving = {it for it in self._leaving if not it.over} | {self._connection}
            self._connection = Connection(self.name, self._way, starts_in=self._starts_in)
        connection = self._connection
        try:
            await connection.opened(self._patience)
        except (Unreachable, MissingExtra) as error:
            if not connection.alive:
                self._rest(error)
            raise
        self._failed = None
        return connection

    def _rest(self, error: PointsmanError) -> PointsmanError:
        """Has an error raised again for a while, and nothing tried."""
        self._failed = (self._clock(), error)
        return error

    async def _specs(self, connection: Connection) -> list[tuple[str, ToolSpec]] | None:
        """The tools as they are listed now; None when the connection was lost. Raises Unreachable."""
        async with self._listing:
            kept = self._listed
            if kept and kept[0] is connection and not connection.stale and self._clock() - kept[1] < KEPT:
                return kept[2]
            if self._silent and self._silent[0] is connection and self._clock() - self._silent[1] < REST:
                raise self._silent[2]
            try:
                tools = await connection.list_tools(MOST_TOOLS)
            except Unreachable as error:
                self._silent = (connection, self._clock(), error)
                raise
            if tools is None:
                return None
            specs = specs_of(self.name, tools, seconds=self._timeout, unmarked=self._unmarked)
            self._listed = (connection, self._clock(), specs)
            return specs


@dataclass(frozen=True, slots=True)
class McpTool:
    """One tool of a server; `own` is what the server calls it."""

    server: McpTools
    own: str
    spec: ToolSpec

    async def call(self, arguments: Mapping[str, Any]) -> ToolResult:
        """What came of it; a stranger's words, whoever the server is. Raises ToolFailed."""
        return await self.server.call(self.own, self.spec, arguments)


def as_json(arguments: Mapping[str, Any], tool: str) -> dict[str, Any]:
    """The arguments as the wire takes them. Raises ToolFailed."""
    try:
        text = json.dumps(dict(arguments), allow_nan=False, ensure_ascii=False)
        read: dict[str, Any] = json.loads(text.encode("utf-8", "replace"))
    except (TypeError, ValueError, RecursionError):
        raise ToolFailed(f"{tool}: the arguments should be a JSON object", cure="write them as one") from None
    return read
