"""Who may call: the bearers of keys, or, when there is none, programs of this machine and its networks."""

from __future__ import annotations

from collections.abc import Awaitable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from pointsman.core.access import ANYBODY, Bearer
from pointsman.core.errors import HostNotAllowed, NotAllowed, PointsmanError
from pointsman.http.errors import Problem
from pointsman.http.gate import Gate
from pointsman.http.heads import header, headers, too_much
from pointsman.http.intake import refuse
from pointsman.http.scopes import STATE_BEARER, STATE_KEY, check, entry_for, is_open

PRIVATE_ENDINGS: Final = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class KeyGuard:
    """ASGI middleware that lets a request through when its head is of a good size, and its key opens its route.

    Who asks is left in the request's state. Without any key it looks at the Host instead: a page on the web can point
    its own name at 127.0.0.1 and would then speak to us as if it were ours (DNS rebinding), so names that the
    public DNS can hold are refused. So are requests that a browser sends for such a page (cross-site
    request forgery), unless the configuration names the page; programs that are no browsers send no Origin, and are
    not asked for one.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Passes the request on, or answers it with 401, 403, 414 or 431."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem is None:
            return self._app(scope, receive, send)
        extra = {"www-authenticate": "Bearer"} if problem.status == 401 else {}
        return refuse(problem, scope, receive, send, extra)

    def _problem(self, scope: Scope) -> Problem | None:
        problem = too_much(scope)
        if problem is None:
            try:
                self._let_in(scope)
            except PointsmanError as error:
                problem = Problem.of(error)
        return problem

    def _let_in(self, scope: Scope) -> None:
        """Leaves who asks in the request's state. Raises NotAllowed."""
        bearer = ANYBODY
        if not is_open(scope["path"]):
            bearer = self._bearer(scope)
            check(bearer, entry_for(scope).scope)
        state = scope.setdefault("state", {})
        state[STATE_BEARER], state[STATE_KEY] = bearer, bearer.name

    def _bearer(self, scope: Scope) -> Bearer:
        keys = self._gate.keys
        if not keys.locked:
            host = header(scope, b"host")
            if not is_private(host):
                raise public_host()
            for origin in headers(scope, b"origin"):
                if not is_near(origin, host) and origin.lower() not in self._gate.origins:
                    raise foreign_page()
            return ANYBODY
        scheme, _, given = header(scope, b"authorization").partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        found = keys.bearer(keys.digest(given))
        if found is None:
            what = "the key is wrong" if given else "a key is needed"
            raise NotAllowed(what, cure="send it as `Authorization: Bearer KEY`")
        return found


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
        cure="open the page from a private name or address, name it in server.origins, or set server.key",
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


@lru_cache(maxsize=256)  # the same few are looked at in every request
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
