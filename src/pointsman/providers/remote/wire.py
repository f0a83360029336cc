"""The one HTTP client: sends a request, reads the whole answer up to a limit, and names what went wrong on the way."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pointsman.core.faults import ServiceFailed
from pointsman.core.loopback import is_here
from pointsman.core.ports import Clock

if TYPE_CHECKING:
    import aiohttp

# aiohttp closes idle connections after 15 s; a quiet router would then pay a TLS handshake on nearly every call.
KEEPALIVE_SECONDS: Final = 120.0
CONNECT_SECONDS: Final = 1.0
# The longest answer that is read where a request does not say otherwise: lists of models are the longest of them.
MOST_BODY: Final = 4_000_000
# From here on an answer is read in a thread: 2 MB take 30 ms.
LARGE_BODY: Final = 64_000
# A service that is asked more than this at once is slow for all of them.
MOST_AT_ONCE: Final = 100
# Some services refuse a library's own name at their edge (403, "error code: 1010").
USER_AGENT: Final = "pointsman/0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """A request; `headers` hold the key and are not shown, `body` is sent as JSON when there is one.

    Of its answer at most `most_body` bytes are read.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    most_body: int = MOST_BODY


@dataclass(frozen=True, slots=True)
class Read:
    """What the JSON of a body is, read beforehand."""

    value: Any


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to its end: header names are in lower case, `seconds` is how long it took.

    `read` is its JSON where that was read beforehand.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float = 0.0
    read: Read | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; None when it is no JSON, such as the page of a proxy."""
        return self.read.value if self.read else json_in(self.body)


def json_in(body: bytes) -> Any:
    """A body as JSON; None when it is none.

    The numbers of a large one are read by a function of ours: the decoder by itself would let no other thread run
    before its end.
    """
    try:
        return json.loads(body, parse_float=yielding_float) if len(body) > LARGE_BODY else json.loads(body)
    except (ValueError, RecursionError):
        return None


def yielding_float(text: str) -> float:
    """A number; as Python code, it lets other threads run now and then."""
    return float(text)


def proxy_for(url: str) -> str | None:
    """The proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY set for an address; none for this very machine.

    aiohttp's own `trust_env` would read passwords from ~/.netrc too, and send them where a key belongs.
    """
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if is_here(url) or proxy_bypass(parts.netloc):
        return None
    return getproxies().get(parts.scheme)


class Wire:
    """Sends requests for one service, over connections of its own that are kept open.

    Redirects are not followed: they would take the key to another place. Proxies are taken from HTTP_PROXY and
    HTTPS_PROXY, as other programs do, for all but this very machine, and none where the service is to be reached
    `directly`. At most `most_at_once` calls are under way; another one is refused at once, without being sent: one
    that waited for a connection would look like a service that is slow.
    """

    def __init__(
        self,
        service: str,
        *,
        clock: Clock = time.monotonic,
        directly: bool = False,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        self.service = service
        self._clock = clock
        self._directly = directly
        self._most_at_once = most_at_once
        self._under_way = 0
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request, seconds: float) -> Reply:
        """The answer, whatever its status. Raises ServiceFailed, kind server or malformed, when there is none."""
        if self._under_way >= self._most_at_once:
            raise ServiceFailed(
                "server",
                f"{self._under_way} calls are under way already",
                service=self.service,
                retry=False,
                scope="service",
                asked=False,
            )
        self._under_way += 1
        try:
            return await self._sent(request, seconds)
        finally:
            self._under_way -= 1

    async def _sent(self, request: Request, seconds: float) -> Reply:
        import aiohttp

        began = self._clock()
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_SECONDS, seconds))
        try:
            async with self._opened(request.url).request(
                request.method,
                request.url,
                headers=request.headers,
                json=request.body,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                body = await self._read(response, request.most_body)
                headers = {name.lower(): value for name, value in response.headers.items()}
                took = self._clock() - began
            large = len(body) > LARGE_BODY and body[:100].lstrip().startswith((b"{", b"["))  # and no picture
            return Reply(
                response.status, headers, body, took, Read(await asyncio.to_thread(json_in, body)) if large else None
            )
        except TimeoutError:
            raise self._failed(f"no answer within {seconds:.2g} s") from None
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise ServiceFailed(
                "bad_request", "its address is no URL", service=self.service, cure="correct its `url`", scope="service"
            ) from None
        except aiohttp.ClientConnectorError as error:
            raise self._failed(f"cannot be reached: {error.strerror or type(error).__name__}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed(f"the connection broke: {type(error).__name__}") from None

    async def close(self) -> None:
        """Closes the connections; the next request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self, url: str) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS)
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers={"User-Agent": USER_AGENT},
                proxy=None if self._directly else proxy_for(url),
                auto_decompress=True,
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse, most: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > most:
                response.close()
                raise ServiceFailed("malformed", f"sent more than {most:,} bytes", service=self.service, retry=False)
            await asyncio.sleep(0)  # a body that never pauses does not keep other messages waiting
        return b"".join(parts)

    def _failed(self, what: str) -> ServiceFailed:
        return ServiceFailed("server", what, service=self.service, scope="service")
