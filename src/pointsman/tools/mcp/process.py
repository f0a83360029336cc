"""Speaks MCP with a program over its standard input and output, and leaves none running.

The sdk's own transport has no bound on a line, takes quadratic time for a long one, logs a traceback for each line
that is no message, and leaves its child when it is cancelled while it ends it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pointsman.tools.mcp.heard import Heard

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from mcp.shared.message import SessionMessage

    Inbox = MemoryObjectReceiveStream[SessionMessage | Exception]
    ToInbox = MemoryObjectSendStream[SessionMessage | Exception]
    Outbox = MemoryObjectSendStream[SessionMessage]
    FromOutbox = MemoryObjectReceiveStream[SessionMessage]

# A picture of 10 MB as base64 fits.
LONGEST: Final = 16_000_000
# Some servers greet on standard output; one that goes on like this is no MCP server.
MOST_RUBBISH: Final = 100
FLUSHES_IN: Final = 0.5
ENDS_IN: Final = 2.0
POLL: Final = 0.01
LONGEST_UNENDED: Final = 10_000


@asynccontextmanager
async def streams(
    command: str, args: Sequence[str], env: Mapping[str, str], cwd: Path | None, heard: Heard
) -> AsyncGenerator[tuple[Inbox, Outbox], None]:
    """Starts a program in a process group of its own, with just that environment; ends the group on the way out.

    Its end is told to `heard`. Raises OSError and ValueError when it cannot be started.
    """
    import anyio
    from mcp.shared.message import SessionMessage

    process = await asyncio.create_subprocess_exec(
        command, *args, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=dict(env), cwd=cwd, limit=LONGEST,
        start_new_session=True,
    )  # fmt: skip
    # Nothing is awaited from here to the `try`: a cancellation in between would leave the process behind.
    to_inbox, inbox = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outbox, from_outbox = anyio.create_memory_object_stream[SessionMessage](0)
    reading = asyncio.create_task(read(process, to_inbox, heard))
    writing = asyncio.create_task(write(process, from_outbox, to_inbox))
    listening = asyncio.create_task(listen(process, heard))
    at_work = (reading, writing, listening)
    try:
        yield inbox, outbox
    finally:
        try:
            outbox.close()
            await asyncio.wait({writing}, timeout=FLUSHES_IN)
            reading.cancel()
            await ended(process)
            await asyncio.wait({listening}, timeout=FLUSHES_IN)
            if process.returncode is not None and heard.ended.is_set():
                heard.why = heard.why or ending(process.returncode)
        finally:
            end_group(process.pid, kill=True)  # also when this very ending is cancelled
            for task in at_work:
                task.cancel()
            for stream in (inbox, outbox, to_inbox, from_outbox):
                stream.close()
            close_pipes(process)


async def read(process: Process, to_inbox: ToInbox, heard: Heard) -> None:
    """Passes messages on, line by line; what is none is left out, as far as there is not too much of it."""
    import anyio

    try:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError):
            heard.end(await passed_on(process, to_inbox, heard))
    finally:
        heard.end()
        to_inbox.close()


async def passed_on(process: Process, to_inbox: ToInbox, heard: Heard) -> str:
    """Why no more is read, once it is; "" at the end of the output."""
    from mcp.shared.message import SessionMessage
    from mcp_types import jsonrpc_message_adapter

    stdout, rubbish = process.stdout, 0
    while stdout:
        try:
            line = await stdout.readline()
        except ValueError:
            return f"it sent more than {LONGEST // 10**6} MB at once"
        if not line:
            break
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:
            rubbish += 1
            heard.last = heard.last or heard.told(line[:200].decode(errors="replace"))
            if rubbish >= MOST_RUBBISH:
                return "it writes other things than MCP messages to its standard output"
            await asyncio.sleep(0)  # a flood of it must not keep everything else waiting
            continue
        rubbish = 0
        await to_inbox.send(SessionMessage(message))
    return ""


async def write(process: Process, from_outbox: FromOutbox, to_inbox: ToInbox) -> None:
    """Sends messages, one a line; when nobody reads them any more, the inbox is closed, so that nobody waits."""
    stdin = process.stdin
    try:
        async for sent in from_outbox:
            if stdin:
                stdin.write(sent.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                await stdin.drain()
    except (OSError, ValueError):
        to_inbox.close()


async def listen(process: Process, heard: Heard) -> None:
    """Notes what it says on its standard error."""
    rest = b""
    while process.stderr and (piece := await process.stderr.read(65_536)):
        *lines, rest = (rest + piece).split(b"\n")
        rest = rest[-LONGEST_UNENDED:]
        for line in lines:
            heard.line(line.decode(errors="replace"))
    heard.line(rest.decode(errors="replace"))


async def ended(process: Process) -> None:
    """Ends a program as the protocol says: its input is closed, then it is asked to end, then it is killed."""
    draining = asyncio.create_task(drain(process))
    try:
        if process.stdin:
            process.stdin.close()
        if not await has_ended(process):
            end_group(process.pid)
            if not await has_ended(process):
                end_group(process.pid, kill=True)
                await has_ended(process)
    finally:
        draining.cancel()


async def drain(process: Process) -> None:
    """Reads what still comes: who cannot get rid of his output does not see that his input was closed."""
    with suppress(ValueError, ConnectionError):
        while process.stdout and await process.stdout.read(65_536):
            pass


async def has_ended(process: Process) -> bool:
    """Whether a program ends within ENDS_IN.

    It is looked at and not waited for: asyncio's `wait` also waits for pipes that a child of the program may hold.
    """
    for _ in range(int(ENDS_IN / POLL)):
        if process.returncode is not None:
            return True
        await asyncio.sleep(POLL)
    return process.returncode is not None


def end_group(pid: int, *, kill: bool = False) -> None:
    """Asks a program and all that it started to end, or kills them."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL if kill else signal.SIGTERM)


def close_pipes(process: Process) -> None:
    """Lets go of the pipes, which a grandchild that left the group may still hold."""
    transport = getattr(process, "_transport", None)
    if transport is not None:
        with suppress(PermissionError, ProcessLookupError):
            transport.close()


def ending(code: int) -> str:
    """How a program ended, in words."""
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"
