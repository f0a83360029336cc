"""Passes requests on to a server of models, and its answers back, byte by byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pointsman.core.errors import NoRoom, OutOfMemory, PointsmanError
from pointsman.core.faults import ServiceFailed
from pointsman.core.relay import Forward, Opened
from pointsman.core.waiting import within
from pointsman.providers.asker import MARK
from pointsman.providers.remote.stream import CONNECT_SECONDS, Failing
from pointsman.providers.remote.wire import KEEPALIVE_SECONDS, USER_AGENT, proxy_for

if TYPE_CHECKING:
    import aiohttp

# An error is a sentence; what is longer is somebody's page, and passed on as it comes.
MOST_ERROR: Final = 65_536
OLLAMAS: Final = "/api/"

AsSeen = Callable[[ServiceFailed], PointsmanError]
Failure = Callable[[int, str, str], PointsmanError]


class RelayServer:
    """One server at `url`, over connections of its own that are kept open (`core.relay.Upstream`).

    `silence` is how many seconds it may say nothing, before its first byte and between two. `as_seen` makes our errors
    of what goes wrong on the way; `failure` those of an error that it answers with (status, body, model), of which
    only a full card and a full queue are raised: anything else is the caller's to see.
    """

    def __init__(self, url: str, *, key: str = "", silence: float, as_seen: AsSeen, failure: Failure | None) -> None:
        self.url = url.rstrip("/")
        self.name = urlsplit(self.url).netloc
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._silence = silence
        self._as_seen = as_seen
        self._failure = failure
        self._session: aiohttp.ClientSession | None = None

    async def relay(self, model: str, forward: Forward) -> AsyncGenerator[Opened | bytes, None]:
        """Its answer: Opened, then the bytes as they come; closing the iterator closes the connection.

        Raises Unreachable, ModelFailed; OutOfMemory and NoRoom before the first byte.
        """
        response: aiohttp.ClientResponse | None = None
        try:
            with self._failing():
                async with asyncio.timeout(self._silence):
                    response = await self._send(forward)
            kind = response.headers.get("content-type", "application/json")
            if response.status >= 500 and self._failure is not None:
                with self._failing():
                    async with asyncio.timeout(self._silence):
                        said = await beginning(response, MOST_ERROR)
                self._check(response.status, said, model)
                yield Opened(response.status, kind)
                yield said
            else:
                yield Opened(response.status, kind)
            while True:
                with self._failing():
                    piece = await within(self._silence, response.content.readany())
                if not piece:
                    return
                yield piece
        finally:
            if response is not None:
                response.close() if not response.content.at_eof() else response.release()

    async def close(self) -> None:
        """Closes the connections; the next request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _check(self, status: int, said: bytes, model: str) -> None:
        assert self._failure is not None  # noqa: S101 - the caller has looked
        error = self._failure(status, said.decode("utf-8", "replace"), model)
        if isinstance(error, OutOfMemory | NoRoom):
            raise error

    async def _send(self, forward: Forward) -> aiohttp.ClientResponse:
        data = encoded(forward.body) if forward.method == "POST" or forward.body else None
        headers = self._headers | MARK if forward.path.startswith(OLLAMAS) else self._headers
        return await self._opened().request(
            forward.method, f"{self.url}{forward.path}", data=data, headers=headers, allow_redirects=False
        )

    def _failing(self) -> Failing:
        return Failing(self.name, self._silence, self._as_seen)

    def _opened(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers={"User-Agent": USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),  # a server of models knows nobody by them, and looking costs 20 us
                proxy=proxy_for(self.url),
                auto_decompress=True,
            )
        return self._session


async def beginning(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The first `most` bytes of an answer, or few more; all of it where it is shorter, in whatever pieces it comes."""
    said = b""
    while len(said) < most and (piece := await response.content.readany()):
        said += piece
    return said


def encoded(body: Mapping[str, Any]) -> bytes:
    """A body as UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
