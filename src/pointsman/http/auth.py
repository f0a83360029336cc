"""Who may call: the bearer of the key, or, when there is none, programs of this machine and its networks."""

from __future__ import annotations

import hmac
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pointsman.core.errors import HostNotAllowed, NotAllowed, PointsmanError
from pointsman.http.errors import Problem
from pointsman.http.intake import refuse

OPEN = frozenset({"/healthz"})
PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class KeyGuard:
    """ASGI middleware that lets a request through when it carries the key.

    Without a key it looks at the Host instead: a page on the web can point its own name at
    127.0.0.1 and would then speak to us as if it were ours (DNS rebinding), so names that the
    public DNS can hold are refused. So are requests that a browser sends for such a page (cross-site
    request forgery); programs that are no browsers send no Origin, and are not asked for one.
    """

    def __init__(self, app: ASGIApp, key: str | None) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it with 401 or 403."""
        if scope["type"] == "http" and scope["path"] not in OPEN:
            problem = self._refusal(Headers(scope=scope))
            if problem is not None:
                headers = {"www-authenticate": "Bearer"} if problem.status == 401 else {}
                await refuse(problem, scope, receive, send, headers)
                return
        await self._app(scope, receive, send)

    def _refusal(self, headers: Headers) -> Problem | None:
        if self._key is None:
            host = headers.get("host", "")
            if not is_private(host):
                return Problem.of(public_host())
            near = all(is_near(origin, host) for origin in headers.getlist("origin"))
            return None if near else Problem.of(foreign_page())
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and same_key(given.strip(), self._key):
            return None
        what = "the key is wrong" if given.strip() else "a key is needed"
        return Problem.of(NotAllowed(what, cure="send it as `Authorization: Bearer KEY`"))


def same_key(given: str, key: str) -> bool:
    """Whether both are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), key.encode("utf-8", "replace"))


def public_host() -> PointsmanError:
    """The refusal of a name that anybody on the web could have made up."""
    return HostNotAllowed(
        "without a key, only private names and addresses of this machine are answered",
        cure="use http://127.0.0.1 or set server.key",
    )


def foreign_page() -> PointsmanError:
    """The refusal of a page on the web that has its visitor's browser ask us."""
    return HostNotAllowed(
        "without a key, pages of other sites are not answered (see the Origin header)",
        cure="open the page from a private name or address, or set server.key",
    )


def is_near(origin: str, host: str) -> bool:
    """Whether an Origin header is the called `host` itself, or a page of this machine or its networks.

    Unlike a Host, an Origin with a public address is foreign: anybody can serve a page from one.
    """
    try:
        parts = urlsplit(origin)
        name = parts.hostname
    except ValueError:  # an address in brackets that is none
        return False
    if parts.scheme not in {"http", "https"} or not name or parts.path:  # `null`, and what is not one host
        return False
    if parts.netloc.lower() == host.lower():
        return True
    try:
        address = ip_address(name.split("%", 1)[0])
    except ValueError:
        return is_private(name)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not address.is_global


def is_private(host: str) -> bool:
    """Whether a Host header is an address, or a name that the public DNS cannot hold; no Host at all is one too."""
    name = host.rsplit("]", 1)[0].lstrip("[") if host.startswith("[") else host.rsplit(":", 1)[0]
    name = name.rstrip(".").lower()
    if "." not in name and ":" not in name:
        return True
    if name.endswith(PRIVATE_ENDINGS):
        return True
    try:
        ip_address(name.split("%", 1)[0])
    except ValueError:
        return False
    return True
