"""The way to an Ollama: whole answers, and answers that come line by line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pointsman.core.errors import ModelFailed
from pointsman.core.faults import ServiceFailed
from pointsman.providers.asker import MARK
from pointsman.providers.ollama.failures import (
    IS_IT_OLLAMA,
    as_seen,
    ended_early,
    error_in,
    error_text,
    failure,
    foreign,
)
from pointsman.providers.remote.stream import CONNECT_SECONDS, Pieces, failures_of
from pointsman.providers.remote.wire import KEEPALIVE_SECONDS, USER_AGENT, proxy_for

if TYPE_CHECKING:
    import aiohttp

# 96 vectors of 4,096 numbers take 9 MB as JSON; a list of 1,000 models half a megabyte.
MOST_BODY: Final = 32_000_000
# The longest line of a stream: a whole reply with its probabilities is some hundred kB.
MOST_LINE: Final = 4_000_000


class OllamaWire:
    """Sends requests to the Ollama at `url`, over connections of its own that are kept open.

    `key` goes along as a bearer token, for an Ollama behind a proxy that wants one. Every call raises our errors:
    Unreachable where nobody answers, or nobody that is an Ollama, and what `failures.failure` makes of its errors.
    """

    def __init__(self, url: str, *, key: str = "") -> None:
        self.url = url.rstrip("/")
        self.server = urlsplit(self.url).netloc
        self._headers = MARK | ({"Authorization": f"Bearer {key}"} if key else {})
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, seconds: float, model: str = ""
    ) -> dict[str, Any]:
        """The JSON object that answers a request, all of it within so many seconds."""
        with self._failing(seconds):
            async with asyncio.timeout(seconds), self._sent(method, path, body) as response:
                whole = await self._whole(response)
        self._check(response.status, whole, model)
        said = parsed(whole)
        if not isinstance(said, dict):
            raise foreign(response.status, self.server)
        if (text := error_text(said)) is not None:
            raise failure(response.status, text, model)
        return said

    async def lines(
        self, path: str, body: Mapping[str, Any], *, seconds: float, model: str = ""
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The lines that answer a POST, each a JSON object; none of them, nor the first, is waited for longer.

        Closing the iterator closes the connection, upon which Ollama stops. An error in a line is raised as any other.
        """
        async with self._begun(path, body, seconds) as response:
            pieces = Pieces(response, self.server)
            if response.status != HTTPStatus.OK:
                with self._failing(seconds):
                    async with asyncio.timeout(seconds):
                        whole = await self._whole(response)
                self._check(response.status, whole, model)
                raise foreign(response.status, self.server)
            async with aclosing(self._split(pieces, seconds, model)) as lines:
                async for line in lines:
                    yield self._object(line, model)

    async def close(self) -> None:
        """Closes the connections; the next request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _split(self, pieces: Pieces, seconds: float, model: str) -> AsyncGenerator[bytes, None]:
        """The lines of an answer, wherever its bytes were cut; the last may lack its end."""
        rest = b""
        while True:
            with self._failing(seconds):
                async with asyncio.timeout(seconds):
                    piece = await pieces.next()
            *ended, rest = (rest + piece).split(b"\n")
            for line in ended:
                if line.strip():
                    yield line
            if not piece:
                break
            if len(rest) > MOST_LINE:
                raise ModelFailed(f"{model}: a line of the reply has more than {MOST_LINE:,} bytes", cure=IS_IT_OLLAMA)
        if rest.strip():
            yield rest

    def _object(self, line: bytes, model: str) -> dict[str, Any]:
        said = parsed(line)
        if (text := error_text(said)) is not None:
            raise failure(HTTPStatus.OK, text, model)
        if not isinstance(said, dict):
            # A line that was cut off in the middle is the end of a connection, a page is somebody else's.
            raise ended_early(model) if line.lstrip().startswith(b"{") else foreign(HTTPStatus.OK, self.server)
        return said

    @asynccontextmanager
    async def _begun(
        self, path: str, body: Mapping[str, Any], seconds: float
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """An answer whose headers are there; leaving closes its connection unless it was read to its end."""
        response: aiohttp.ClientResponse | None = None
        try:
            with self._failing(seconds):
                async with asyncio.timeout(seconds):
                    response = await self._request("POST", path, body)
            yield response
        finally:
            if response is not None:
                response.close()

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, body: Mapping[str, Any] | None
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        async with await self._request(method, path, body) as response:
            yield response

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None) -> aiohttp.ClientResponse:
        return await self._opened().request(
            method, f"{self.url}{path}", json=body, headers=self._headers, allow_redirects=False
        )

    async def _whole(self, response: aiohttp.ClientResponse) -> bytes:
        pieces = Pieces(response, self.server)
        return await pieces.rest(await pieces.next(), MOST_BODY)

    def _check(self, status: int, body: bytes, model: str) -> None:
        """Raises what is wrong with an answer by its status."""
        if status == HTTPStatus.OK:
            return
        text = error_in(body)
        raise foreign(status, self.server) if text is None else failure(status, text, model)

    @contextmanager
    def _failing(self, seconds: float) -> Iterator[None]:
        try:
            with failures_of(self.server, seconds):
                yield
        except ServiceFailed as fault:
            raise as_seen(fault) from None

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                # No limit on connections: a chat that waited for one would look like a model that is silent.
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers={"User-Agent": USER_AGENT},
                proxy=proxy_for(self.url),
            )
        return self._session


def parsed(body: bytes) -> Any:
    """A body or a line as JSON; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
