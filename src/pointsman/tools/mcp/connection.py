"""One open connection to an MCP server, held by a task of its own from its beginning to its end."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

from pointsman.core.errors import MissingExtra, PointsmanError, ToolFailed, Unreachable
from pointsman.tools.mcp.heard import Heard
from pointsman.tools.mcp.ways import Way, first_words

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult, Tool

LISTS_IN: Final = 15.0
MOST_PAGES: Final = 20
# What the sdk and its server side log; without a handler, Python would write it to the terminal.
LOGGERS: Final = ("mcp", "client", "httpx2")


class Connection:
    """Opens a connection and keeps it open.

    What the sdk enters must be left in the same task, so one task enters it, waits, and leaves it; calls come from
    any other. `starts_in` seconds are the most that opening may take.
    """

    def __init__(self, name: str, way: Way, *, starts_in: float) -> None:
        self.stale = True
        """Whether the server's list of tools may have changed since it was read."""
        self.heard = Heard(name, way.secrets)
        self._name = name
        self._way = way
        self._starts_in = starts_in
        self._client: Client | None = None
        self._problem: PointsmanError | None = None
        self._settled = asyncio.Event()
        self._leave = asyncio.Event()
        self._task = asyncio.create_task(self._hold(), name=f"mcp {name}")

    @property
    def alive(self) -> bool:
        """Whether it is being opened, or is open."""
        return not (self._task.done() or self.heard.ended.is_set() or self._leave.is_set() or self._problem)

    @property
    def over(self) -> bool:
        """Whether nothing is left of it."""
        return self._task.done()

    async def opened(self, patience: float) -> None:
        """Waits until it is open, for at most `patience` seconds; the opening goes on. Raises Unreachable."""
        waiting = asyncio.ensure_future(self._settled.wait())
        try:
            await asyncio.wait({waiting}, timeout=patience)
        finally:
            waiting.cancel()
        if self._problem is not None:
            raise self._problem
        if not self._settled.is_set():
            raise Unreachable(
                f"the MCP server {self._name!r} is still starting after {patience:g} s", cure="ask again in a minute"
            )

    async def list_tools(self, most: int) -> list[Tool] | None:
        """The server's tools, at most so many; None when the connection was lost. Raises Unreachable."""
        from mcp_types import ListToolsRequest, ListToolsResult, PaginatedRequestParams

        self.stale = False  # what changes from here on makes it so again
        listed: list[Tool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            request = ListToolsRequest(params=PaginatedRequestParams(cursor=cursor))
            try:
                page = await self._asked(request, ListToolsResult, LISTS_IN)
            except ToolFailed as error:
                self.stale = True
                raise Unreachable(
                    f"the MCP server {self._name!r} does not list its tools: {error.message}",
                    cure="look into its log: what it writes to its standard error is in ours",
                ) from None
            if page is None:
                return None
            listed += page.tools
            cursor = page.next_cursor
            if cursor is None or len(listed) >= most:
                break
        return listed[:most]

    async def call(self, tool: str, arguments: Mapping[str, Any], seconds: float) -> CallToolResult | None:
        """What came of a call; None when the connection was lost meanwhile. Raises ToolFailed."""
        from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult, InputRequiredResult
        from pydantic import TypeAdapter

        # Not Client.call_tool: that checks the result by the server's own schema, whose patterns can hang us, and
        # answers servers that ask for more.
        kinds: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=dict(arguments)))
        result: CallToolResult | InputRequiredResult | None = await self._asked(request, kinds, seconds)
        if isinstance(result, InputRequiredResult):
            raise ToolFailed("the server asks for more than a call gives it", cure="answer without it")
        return result

    async def _asked(self, request: Any, kind: Any, seconds: float) -> Any:
        """The answer to a request; None when the connection was lost. Raises ToolFailed."""
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED, HEADER_MISMATCH, REQUEST_TIMEOUT
        from pydantic import ValidationError

        if self._client is None or not self.alive:
            return None
        try:
            return await self._client.session.send_request(request, kind, request_read_timeout_seconds=seconds)
        except ValidationError:
            raise ToolFailed("the server's answer is not one that MCP knows", cure="answer without it") from None
        except MCPError as error:
            if error.code == CONNECTION_CLOSED or error.message == "Session terminated":
                self._leave.set()
                return None
            if error.code == REQUEST_TIMEOUT:
                raise ToolFailed(f"no answer within {seconds:g} s", cure="ask for less, or answer without it") from None
            self.stale = self.stale or error.code == HEADER_MISMATCH
            raise ToolFailed(
                f"refused: {self.heard.told(error.message)}", cure="correct the arguments", trusted=False
            ) from None

    async def close(self) -> None:
        """Ends it; nothing of it is left when this returns."""
        self._leave.set()
        if not self._settled.is_set():
            self._task.cancel()
        # Waited for and not awaited: who waits here may be cancelled, and that must not cancel the ending.
        await asyncio.wait({self._task})

    async def gone(self) -> str:
        """Why it ended, once it has."""
        await asyncio.wait({self._task})
        return self.heard.why or "it closed the connection"

    async def _hold(self) -> None:
        """Opens the connection, waits until it is to end or does, and leaves it; all of that in one task."""
        try:
            await loaded()
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._starts_in):
                    self._client = await stack.enter_async_context(self._new_client())
                listening = asyncio.create_task(self._listen(self._client))
                stack.push_async_callback(let_go, listening)
                self._settled.set()
                await first_of(self._leave, self.heard.ended)
        except PointsmanError as error:
            self._problem = error
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - whatever sdk, system and network raise
            if not self._settled.is_set():
                what, cure = self._way.trouble(error, self.heard)
                self._problem = Unreachable(f"the MCP server {self._name!r} did not start: {what}", cure=cure)
            self.heard.end(self.heard.told(first_words(error)))
        finally:
            self._client = None
            self.heard.end()
            self._settled.set()

    def _new_client(self) -> Client:
        from mcp import Client
        from mcp_types import Implementation, ToolListChangedNotification

        async def noted(message: Any) -> None:
            if isinstance(message, ToolListChangedNotification):
                self.stale = True

        # Without callbacks for them, the sdk refuses what servers ask of us: sampling, elicitation, roots.
        return Client(
            self._way.opened(self.heard),
            message_handler=noted,
            client_info=Implementation(name="pointsman", version="1"),
            cache=None,
        )

    async def _listen(self, client: Client) -> None:
        """Notes when the list of tools changes, with servers that tell this on a stream of its own (2026-07-28 on)."""
        from mcp import MCPError
        from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost

        try:
            async with client.listen(tools_list_changed=True) as events:
                self.stale = True
                async for _ in events:
                    self.stale = True
        except (ListenNotSupportedError, SubscriptionLost, MCPError):
            return  # the list's age still has it read again


async def loaded() -> None:
    """Imports the sdk (2 s, 55 MB) in a thread. Raises MissingExtra."""
    try:
        await asyncio.to_thread(importlib.import_module, "mcp")
    except ImportError as error:
        raise MissingExtra("mcp", "using MCP servers") from error
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


async def first_of(*events: asyncio.Event) -> None:
    """Waits until one of them is set."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waiting:
            wait.cancel()


async def let_go(task: asyncio.Task[None]) -> None:
    """Ends a task and waits until it has ended."""
    task.cancel()
    await asyncio.wait({task})
