"""Fetches one page of the public internet, within limits, and never anything of a private network."""

from __future__ import annotations

import asyncio
import socket
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from pointsman.core.errors import ToolFailed
from pointsman.tools.web.addresses import is_allowed
from pointsman.tools.web.target import PORTS, Allowed, Resolve, Target, parsed, system_resolve, target_of

SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 5.0
MOST_BYTES: Final = 2_000_000
MOST_REDIRECTS: Final = 5
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# zlib: gzip or zlib, as the first bytes say; some servers send "deflate" without either's header.
WRAPPED: Final = 32 + zlib.MAX_WBITS
BARE: Final = -zlib.MAX_WBITS
PACKED: Final = frozenset({"gzip", "x-gzip", "deflate"})
HEADERS: Final = {
    "User-Agent": "pointsman/0.1",
    "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,application/json;q=0.8,*/*;q=0.1",
    "Accept-Encoding": "gzip, deflate",
    "Accept-Language": "en,*;q=0.5",
}
READABLE: Final = frozenset({"application/xhtml+xml", "application/json", "application/xml", ""})
ANOTHER: Final = "read another page"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched: `url` is where it was in the end, `charset` what its header says of it ("": nothing).

    `cut` is whether there was more of it than is read.
    """

    url: str
    media_type: str
    charset: str
    body: bytes = field(repr=False)
    cut: bool = False


class Fetcher:
    """Fetches pages, each within `seconds` for all of it, and at most `most` bytes, unpacked.

    A name is resolved once for each step of a redirect; every address that it stands for has to be `allowed`, and
    the connection goes to one of them, whatever the name stands for a moment later. Nothing is kept between two
    pages: no cookie, no connection. Where `proxy_for` an address gives a proxy nothing is fetched, as that would
    resolve the name by itself.
    """

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        most: int = MOST_BYTES,
        resolve: Resolve = system_resolve,
        allowed: Allowed = is_allowed,
        ports: Collection[int] = PORTS,
        proxy_for: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._resolve = resolve
        self._allowed = allowed
        self._ports = ports
        self._proxy_for = proxy_for

    async def fetch(self, url: str) -> Fetched:
        """The page at an address. Raises ToolFailed."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._followed(url)
        except TimeoutError:
            raise ToolFailed(f"the page did not come within {self._seconds:g} s", cure=ANOTHER) from None
        except aiohttp.ClientConnectorCertificateError:
            raise ToolFailed("the page's server cannot prove who it is (its certificate)", cure=ANOTHER) from None
        except aiohttp.ClientConnectorError:
            raise ToolFailed("the page's server cannot be reached", cure=ANOTHER) from None
        except (aiohttp.ClientError, OSError, ValueError, zlib.error) as error:
            raise ToolFailed(f"the page could not be read ({type(error).__name__})", cure=ANOTHER) from None

    async def _followed(self, url: str) -> Fetched:
        for _ in range(MOST_REDIRECTS + 1):
            plain = parsed(url, self._ports)
            if self._proxy_for(str(plain)):
                raise ToolFailed(
                    "pages are not read behind a proxy: it looks names up itself, so that where they lead cannot be "
                    "checked",
                    cure="answer from the search results; NO_PROXY names the hosts that are reached without it",
                )
            got = await self._asked(await target_of(plain, resolve=self._resolve, allowed=self._allowed))
            if isinstance(got, Fetched):
                return got
            url = got
        raise ToolFailed(f"the page sends us on more than {MOST_REDIRECTS} times", cure=ANOTHER)

    async def _asked(self, target: Target) -> Fetched | str:
        """The page, or the address to which its server sends us on."""
        # A session for each step, so that no cookie goes along.
        connector = aiohttp.TCPConnector(resolver=Pinned(target), use_dns_cache=False, force_close=True)
        async with (
            aiohttp.ClientSession(
                connector=connector,
                headers=HEADERS,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                auto_decompress=False,  # it would unpack all of it, however much that is
                trust_env=False,
            ) as session,
            session.get(target.url, allow_redirects=False) as response,
        ):
            if response.status in REDIRECTS:
                if not (onward := response.headers.get("Location")):
                    raise ToolFailed("the page sends us on, and does not say where", cure=ANOTHER)
                return str(target.url.join(URL(onward)))
            check(response)
            body, cut = await self._read(response)
            media_type = response.content_type if "Content-Type" in response.headers else ""
            return Fetched(str(target.url), media_type, response.charset or "", body, cut)

    async def _read(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        """As much of the body as is read, unpacked, and whether there is more."""
        unpack = Unpacking(response.headers.get("Content-Encoding", ""))
        parts: list[bytes] = []
        room = self._most
        async for piece in response.content.iter_any():
            part = unpack.feed(piece, room + 1)
            parts.append(part[:room])
            if len(part) > room:
                return b"".join(parts), True
            room -= len(part)
            await asyncio.sleep(0)  # a body that never pauses does not keep other messages waiting
        return b"".join(parts), False


class Pinned(AbstractResolver):
    """Tells a connector the addresses that were checked, and no other."""

    def __init__(self, target: Target) -> None:
        self._target = target

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: int = 0,  # noqa: ARG002 - all of them, as they were checked
    ) -> list[ResolveResult]:
        """The checked addresses. Raises OSError for any other name than that they were checked for."""
        if host != self._target.url.raw_host:
            raise OSError(f"{host} was not checked")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._target.addresses
        ]

    async def close(self) -> None:
        """Holds nothing."""


class Unpacking:
    """Unpacks a body as it comes, never more of it than there is room for. Raises ToolFailed for what it cannot."""

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in PACKED | {"", "identity"}:
            raise ToolFailed(f"the page is packed in a way that was not asked for ({name[:40]})", cure=ANOTHER)
        self._unpacker = zlib.decompressobj(WRAPPED) if name in PACKED else None
        self._first = name == "deflate"

    def feed(self, piece: bytes, most: int) -> bytes:
        """What a piece holds, at most so many bytes of it. Raises zlib.error for what is not packed."""
        if self._unpacker is None:
            return piece
        first, self._first = self._first, False
        try:
            return self._unpacker.decompress(piece, most)
        except zlib.error:
            if not first:
                raise
            self._unpacker = zlib.decompressobj(BARE)
            return self._unpacker.decompress(piece, most)


def check(response: aiohttp.ClientResponse) -> None:
    """Raises ToolFailed for an answer that holds no page to read."""
    status = response.status
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise ToolFailed(f"there is no such page ({status})", cure=ANOTHER)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}:
        raise ToolFailed(f"the page's server lets no programs read it ({status})", cure=ANOTHER)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise ToolFailed(f"the page's server failed ({status})", cure=ANOTHER)
    media_type = response.content_type if "Content-Type" in response.headers else ""
    if not (media_type in READABLE or media_type.startswith("text/") or media_type.endswith(("+json", "+xml"))):
        raise ToolFailed(f"this is no text ({media_type[:60]})", cure="read a page of text")
