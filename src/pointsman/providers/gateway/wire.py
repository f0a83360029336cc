"""The way to a gateway: whole answers, and replies that come line by line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pointsman.core.errors import Unreachable
from pointsman.core.faults import ServiceFailed
from pointsman.providers.gateway.failures import IS_IT_OURS, as_seen, error_in
from pointsman.providers.remote.stream import CONNECT_SECONDS, Pieces, failures_of
from pointsman.providers.remote.wire import KEEPALIVE_SECONDS, USER_AGENT, proxy_for

if TYPE_CHECKING:
    import aiohttp

# All that is kept of one person is the longest answer that is no stream.
MOST_BODY: Final = 256_000_000
# A line holds a picture at most.
MOST_LINE: Final = 256_000_000
# From here on JSON is read beside the event loop: a picture takes some 20 ms.
LARGE: Final = 200_000
# What a preview of 200 decisions takes is the longest; a gateway that is silent for longer than its pings is gone.
ANSWER_SECONDS: Final = 60.0
SILENCE_SECONDS: Final = 60.0


class GatewayWire:
    """Sends requests to the gateway at `url`, over connections of its own that are kept open.

    `key` goes along as a bearer token. Redirects are not followed: they would take it to another place. Every call
    raises the gateway's own errors, and Unreachable where nobody answers, or nobody that is a gateway. `silence` is
    how many seconds a reply may bring nothing at all.
    """

    def __init__(self, url: str, key: str = "", *, silence: float = SILENCE_SECONDS) -> None:
        self.url = url.rstrip("/")
        self._server = urlsplit(self.url).netloc
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._silence = silence
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str | list[str]] | None = None,
    ) -> dict[str, Any]:
        """The JSON object that answers a request."""
        with self._failing(ANSWER_SECONDS):
            async with asyncio.timeout(ANSWER_SECONDS), self._sent(method, path, body, query) as response:
                whole = await self._whole(response)
        said = await parsed(whole)
        self._check(response, said, path)
        if not isinstance(said, dict):
            raise Unreachable(f"{self.url} answered {path} with no JSON object", cure=IS_IT_OURS)
        return said

    async def lines(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The lines that answer a POST, each a JSON object; closing the iterator closes the connection."""
        async with self._begun(path, body) as response:
            if response.status != HTTPStatus.OK:
                with self._failing(ANSWER_SECONDS):
                    async with asyncio.timeout(ANSWER_SECONDS):
                        whole = await self._whole(response)
                self._check(response, await parsed(whole), path)
            pieces = Pieces(response, self._server)
            rest = bytearray()
            while piece := await self._next(pieces):
                rest += piece
                if b"\n" not in piece:
                    if len(rest) > MOST_LINE:
                        raise Unreachable(f"{self.url} sent a line without an end", cure=IS_IT_OURS)
                    continue
                *ended, last = bytes(rest).split(b"\n")
                rest = bytearray(last)
                for line in ended:
                    yield await self._object(line, path)

    async def close(self) -> None:
        """Closes the connections; the next request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _next(self, pieces: Pieces) -> bytes:
        with self._failing(self._silence):
            async with asyncio.timeout(self._silence):
                return await pieces.next()

    async def _object(self, line: bytes, path: str) -> dict[str, Any]:
        said = await parsed(line)
        if not isinstance(said, dict):
            raise Unreachable(f"{self.url} answered {path} with a line that is no JSON object", cure=IS_IT_OURS)
        return said

    def _check(self, response: aiohttp.ClientResponse, said: Any, path: str) -> None:
        """Raises the error that an answer is."""
        if response.status == HTTPStatus.OK:
            return
        wait = 0.0
        with suppress(ValueError):
            wait = float(response.headers.get("retry-after", "0"))
        raise error_in(said, response.status, self.url, path, wait)

    @asynccontextmanager
    async def _begun(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """An answer whose headers are there; leaving closes its connection unless it was read to its end."""
        response: aiohttp.ClientResponse | None = None
        try:
            with self._failing(self._silence):
                async with asyncio.timeout(self._silence):
                    response = await self._request("POST", path, body)
            yield response
        finally:
            if response is not None:
                response.release() if response.content.at_eof() else response.close()

    @asynccontextmanager
    async def _sent(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str | list[str]] | None,
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        async with await self._request(method, path, body, query) as response:
            yield response

    async def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | list[str]] | None = None,
    ) -> aiohttp.ClientResponse:
        from yarl import URL

        address = URL(f"{self.url}{path}", encoded=True).update_query(query or {})
        return await self._opened().request(method, address, json=body, headers=self._headers, allow_redirects=False)

    async def _whole(self, response: aiohttp.ClientResponse) -> bytes:
        pieces = Pieces(response, self._server)
        return await pieces.rest(await pieces.next(), MOST_BODY)

    @contextmanager
    def _failing(self, seconds: float) -> Iterator[None]:
        try:
            with failures_of(self._server, seconds):
                yield
        except ServiceFailed as fault:
            raise as_seen(fault, self.url) from None

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                # No limit on connections: a reply that waited for one would look like a gateway that is silent.
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers={"User-Agent": USER_AGENT},
                proxy=proxy_for(self.url),
            )
        return self._session


async def parsed(body: bytes) -> Any:
    """A body or a line as JSON; None where it is none."""
    try:
        return json.loads(body) if len(body) < LARGE else await asyncio.to_thread(json.loads, body)
    except (ValueError, RecursionError):
        return None
