"""Where an address of a page leads, and whether it may be followed: found out before anything is sent there."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from yarl import URL

from pointsman.core.errors import ToolFailed
from pointsman.core.search import is_web
from pointsman.tools.web.addresses import Address

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name, for a port. Raises OSError where there is no such name."""
Allowed = Callable[[Address], bool]
"""Whether pages may be fetched from an address."""

# Where web servers are; on others there are mail, databases and consoles, which take a request for one of theirs.
PORTS: Final = frozenset({80, 443, 8080, 8443})
# Browsers and the C library read such a name as a number: 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1.
NUMBER: Final = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
MOST_NAME: Final = 253

ONLY_PUBLIC: Final = "only pages of the public internet are read: take another one"


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be fetched, and the numeric ones, all of them checked, that it is to be fetched from."""

    url: URL
    addresses: tuple[str, ...]


async def target_of(url: URL, *, resolve: Resolve, allowed: Allowed) -> Target:
    """Where a parsed address leads. Raises ToolFailed where any number that its host stands for is not allowed."""
    host, port = url.raw_host or "", url.port or 0
    if (number := number_in(host)) is not None:
        numbers = [number]
    else:
        numbers = [it for found in await looked_up(host, port, resolve) if (it := number_in(found)) is not None]
        if not numbers:
            raise ToolFailed(f"{shown(host)} is a name without an address", cure="is it spelt right?")
    # All, not some of them: the network picks which is used, and the next look-up may bring them in another order.
    if not all(map(allowed, numbers)):
        raise refused(f"{shown(host)} leads into a private network, or to this machine")
    return Target(url, tuple(dict.fromkeys(map(str, numbers))))


def parsed(url: str, ports: Collection[int]) -> URL:
    """An address in the form in which it is sent. Raises ToolFailed where it is none that is fetched."""
    if not is_web(url.strip()):
        raise refused("only http:// and https:// addresses are read")
    try:
        found = URL(url.strip())
        scheme, host, port, named = found.scheme, found.raw_host or "", found.port, found.user or found.password
    except (ValueError, TypeError):
        raise refused("this is no address of a page") from None
    if scheme not in {"http", "https"} or not host:  # where the two readers of addresses differ
        raise refused("only http:// and https:// addresses are read")
    if named:
        raise refused("an address with a name or password in it is not read")
    if port not in ports:
        raise refused(f"port {port} is none of a web server")
    if number_in(host) is None:
        host = host.rstrip(".")
        check_name(host)
        found = found.with_host(host)
    return found.with_fragment(None)


def check_name(host: str) -> None:
    """Raises ToolFailed for what is no name on the public internet."""
    labels = host.split(".")
    if NUMBER.fullmatch(labels[-1]):
        raise refused("an address in numbers has to be written as four of them")
    if len(labels) < 2:
        raise refused(f"{shown(host)} is a name in a private network")
    if len(host) > MOST_NAME or not all(map(LABEL.fullmatch, labels)):
        raise refused("this is no name of a web server")


def number_in(host: str) -> Address | None:
    """The numeric address that a host is written as; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


async def looked_up(host: str, port: int, resolve: Resolve) -> Sequence[str]:
    """What a name stands for, asked once: what is asked again may have changed."""
    try:
        return await resolve(host, port)
    except (OSError, UnicodeError):
        raise ToolFailed(f"there is no server called {shown(host)}", cure="is it spelt right?") from None


async def system_resolve(host: str, port: int) -> list[str]:
    """What the system knows of a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def refused(why: str) -> ToolFailed:
    """That an address is not fetched; what a name stands for is not told, or names could be tried out."""
    return ToolFailed(f"the page is not read: {why}", cure=ONLY_PUBLIC)


def shown(host: str) -> str:
    """A host as it stands in a sentence."""
    return host if len(host) <= 80 else f"{host[:80]}…"
