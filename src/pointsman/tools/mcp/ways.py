"""The two ways to an MCP server: a command that is started, and the address of one that runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from pointsman.core.loopback import is_here
from pointsman.tools.mcp.heard import Heard

# Beside what the sdk passes on (HOME, LOGNAME, PATH, SHELL, TERM, USER): where programs write, and in what letters.
PASSED_TOO: Final = ("LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ")
BRINGS: Final = {
    "npx": "install Node.js, which brings npx", "node": "install Node.js", "uvx": "install uv, which brings uvx",
    "uv": "install uv", "docker": "install Docker", "bunx": "install Bun", "deno": "install Deno",
}  # fmt: skip
CONNECTS_IN: Final = 10.0
# A stream may be silent for as long as a call takes.
SILENT: Final = 600.0


class Way(Protocol):
    """How a server is reached; `secrets` are texts that no log and no error may show."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        ...

    def opened(self, heard: Heard) -> Any:
        """What the sdk's Client takes: a transport, whose troubles `heard` is told of."""
        ...

    def trouble(self, error: BaseException, heard: Heard) -> tuple[str, str]:
        """What went wrong when it was opened, and what to do about it, in words."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """A program that speaks over its standard input and output; `env` comes on top of a few safe variables."""

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values of its own variables."""
        return tuple(self.env.values())

    def opened(self, heard: Heard) -> Any:
        """The program, started."""
        from mcp.client.stdio import get_default_environment

        from pointsman.tools.mcp.process import streams

        passed = {name: os.environ[name] for name in PASSED_TOO if name in os.environ}
        env = {**get_default_environment(), **passed, **self.env}
        found = shutil.which(self.command, path=env.get("PATH")) or self.command
        return streams(found, self.args, env, self.cwd, heard)

    def trouble(self, error: BaseException, heard: Heard) -> tuple[str, str]:
        """Why it did not start; its last line says more than the protocol's error."""
        name = Path(self.command).name
        if self.cwd is not None and not self.cwd.is_dir():
            return f"its folder {self.cwd} is not there", "correct its `cwd`"
        if isinstance(error, FileNotFoundError):
            return f"there is no program {name}", BRINGS.get(name, "install it, or give its whole path as `command`")
        if isinstance(error, PermissionError):
            return f"{name} may not be run", "make the file executable, or name another as `command`"
        if isinstance(error, OSError | ValueError) and not isinstance(error, TimeoutError):
            return f"{name} cannot be started: {heard.told(str(error))}", "correct its `command` and `args`"
        if isinstance(error, TimeoutError):
            why = "it does not answer as MCP servers do"
        else:
            why = heard.why or heard.told(str(error))
        said = f"; it says: {heard.last}" if heard.last else ""
        return f"{name}: {why}{said}", f"run `{name}` with its `args` in a terminal, and see what it says"


@dataclass(frozen=True, slots=True)
class Address:
    """A server that runs already, by streamable HTTP, or with `sse` by what was spoken before that."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    sse: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """What its headers hold; and its address, which may hold a key."""
        return (*self.headers.values(), self.url)

    def opened(self, heard: Heard) -> Any:
        """The connection, opened."""
        if not self.sse:
            return self._streams(heard)
        from mcp.client.sse import sse_client

        def made(headers: Any = None, timeout: Any = None, auth: Any = None) -> Any:
            del headers, timeout, auth  # the same as this client has
            return self._client(heard)

        return sse_client(
            self.url,
            headers=dict(self.headers),
            timeout=CONNECTS_IN,
            sse_read_timeout=SILENT,
            httpx_client_factory=made,
        )

    @asynccontextmanager
    async def _streams(self, heard: Heard) -> AsyncGenerator[Any, None]:
        from mcp.client.streamable_http import streamable_http_client

        async with self._client(heard) as client, streamable_http_client(self.url, http_client=client) as pair:
            yield pair

    def _client(self, heard: Heard) -> Any:
        import httpx2

        async def note(response: Any) -> None:
            if response.status_code >= 400:
                heard.status = response.status_code

        return httpx2.AsyncClient(
            headers=dict(self.headers),
            timeout=httpx2.Timeout(CONNECTS_IN, read=SILENT),
            trust_env=not is_here(self.url),  # what is on this machine is not behind a proxy
            event_hooks={"response": [note]},
        )

    def trouble(self, error: BaseException, heard: Heard) -> tuple[str, str]:
        """Why nobody answered there, or what he answered."""
        parts = urlsplit(self.url)
        place = f"{parts.scheme}://{parts.netloc}"  # a path may hold a key
        if heard.status in {401, 403}:
            return (
                f"{place} wants a key ({heard.status})",
                "give it in its `headers`, such as Authorization: Bearer ...",
            )
        if heard.status in {404, 405} and not self.sse:
            return (
                f"{place} answers {heard.status} there",
                "correct its `url`; a server of the older kind also needs `type: sse`",
            )
        if heard.status:
            return f"{place} answers {heard.status}", "look into the server's own log"
        if isinstance(error, TimeoutError):
            return f"{place} does not answer in time", "is it an MCP server, and is it well?"
        return (
            f"{place} cannot be reached: {heard.told(first_words(error))}",
            "is the server running? correct its `url`",
        )


def first_words(error: BaseException) -> str:
    """What the innermost of grouped errors says."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or type(error).__name__
