"""Who may call: the bearer of the key, or, when there is none, programs of this machine and its networks."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

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
    public DNS can hold are refused.
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
            return None if is_private(host) else Problem.of(public_host())
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
