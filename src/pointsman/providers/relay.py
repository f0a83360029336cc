"""Passes requests on to a server of models, and its answers back, byte by byte."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from pointsman.core.errors import NoRoom, OutOfMemory, PointsmanError
from pointsman.core.faults import ServiceFailed
from pointsman.core.relay import Forward, Opened
from pointsman.providers.asker import MARK
from pointsman.providers.remote.posting import Answer, OtherInside, Patience, Posting
from pointsman.providers.remote.stream import CONNECT_SECONDS, failure_of
from pointsman.providers.remote.wire import KEEPALIVE_SECONDS, USER_AGENT, proxy_for

logger = logging.getLogger(__name__)

# An error is a sentence; what is longer is somebody's page, and passed on as it comes.
MOST_ERROR: Final = 65_536
OLLAMAS: Final = "/api/"
# Made once: `json.dumps` makes an encoder for every call that has options.
ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

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
        parts = urlsplit(self.url)
        self.name = parts.netloc
        self._proxy = proxy_for(self.url)
        # Others go by aiohttp's sessions, which know about proxies, and turn what is before an @ into a header.
        self._plain = self._proxy is None and "@" not in parts.netloc
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._silence = silence
        self._as_seen = as_seen
        self._failure = failure
        self._session: aiohttp.ClientSession | None = None
        self._postings: dict[bool, Posting] = {}

    async def relay(self, model: str, forward: Forward) -> AsyncGenerator[Opened | bytes, None]:
        """Its answer: Opened, then the bytes as they come; closing the iterator closes the connection.

        Raises Unreachable, ModelFailed; OutOfMemory and NoRoom before the first byte.
        """
        answer: Answer | None = None
        try:
            answer = await self._send(forward)
            kind = answer.headers.get("content-type", "application/json")
            if answer.status >= 500 and self._failure is not None:
                async with asyncio.timeout(self._silence):
                    said = await beginning(answer, MOST_ERROR)
                self._check(answer.status, said, model)
                yield Opened(answer.status, kind)
                yield said
            else:
                yield Opened(answer.status, kind)
            while piece := await answer.readany():
                yield piece
        except Exception as error:
            fault = failure_of(error, self.name, self._silence)
            if fault is None:
                raise
            raise self._as_seen(fault) from None
        finally:
            if answer is not None:
                answer.close()

    async def close(self) -> None:
        """Closes the connections; the next request opens new ones."""
        session, self._session = self._session, None
        self._postings = {}
        if session is not None:
            await session.close()

    def _check(self, status: int, said: bytes, model: str) -> None:
        assert self._failure is not None  # noqa: S101 - the caller has looked
        error = self._failure(status, said.decode("utf-8", "replace"), model)
        if isinstance(error, OutOfMemory | NoRoom):
            raise error

    async def _send(self, forward: Forward) -> Answer:
        address = f"{self.url}{forward.path}"
        marked = forward.path.startswith(OLLAMAS)
        if forward.method == "POST" and self._plain:
            try:
                return await self._posting(marked=marked).send(address, encoded(forward.body), self._silence)
            except OtherInside:
                logger.warning("this aiohttp is another inside than is known, so its longer way is gone", exc_info=True)
                self._plain = False
        async with asyncio.timeout(self._silence):
            response = await self._opened().request(
                forward.method,
                address,
                data=encoded(forward.body) if forward.method == "POST" or forward.body else None,
                headers=self._headers | MARK if marked else self._headers,
                allow_redirects=False,
            )
        patience = Patience(asyncio.get_running_loop(), self._silence)
        return Answer(response.status, response.headers, response.content, response, patience)

    def _posting(self, *, marked: bool) -> Posting:
        found = self._postings.get(marked)
        if found is None:
            headers = self._headers | MARK if marked else self._headers
            found = self._postings[marked] = Posting(self._opened(), self.url, headers)
        return found

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers={"User-Agent": USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),  # a server of models knows nobody by them, and looking costs 20 us
                proxy=self._proxy,
                auto_decompress=True,
            )
        return self._session


async def beginning(answer: Answer, most: int) -> bytes:
    """The first `most` bytes of an answer, or few more; all of it where it is shorter, in whatever pieces it comes."""
    said = b""
    while len(said) < most and (piece := await answer.readany()):
        said += piece
    return said


def encoded(body: Mapping[str, Any]) -> bytes:
    """A body as UTF-8."""
    return ENCODER.encode(body).encode("utf-8", "replace")
