"""Who may see the page: the same people who may call the gateway, and no other website in their browser."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.core.access import ANYBODY, Bearer
from pointsman.dashboard.login import login_page
from pointsman.dashboard.views import PATHS
from pointsman.dashboard.visitor import VISITOR, arrived

COOKIE = "pointsman_page"
LOGIN = "/login"
STAYS = 7 * 24 * 3600  # seconds until the key is asked for again
OWN: Final = PATHS | {"/favicon.ico"}
LONGEST_FORM = 4096
MOST_SESSIONS = 1000
UNKEPT: Final = {"cache-control": "no-store"}

# The page needs scripts inside itself; nothing may come from, or go to, anywhere but here.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# Not `no-referrer`: under it browsers post our own form with `Origin: null`, like a stranger's.
PROTECTION = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)


class Keyring(Protocol):
    """The gateway's keys, as they are now."""

    @property
    def locked(self) -> bool:
        """Whether a key is needed."""
        ...

    def digest(self, given: str) -> bytes:
        """What is kept in the place of a key."""
        ...

    def bearer(self, digest: bytes) -> Bearer | None:
        """Who holds the key of a digest; None where nobody does."""
        ...


class Door:
    """ASGI middleware that gives the page's own paths to `page`, and everything else to the gateway.

    Other pages in the same browser are refused, whatever cookie they bring: a cookie belongs to a
    host and not to one of its ports. With keys, the page asks for one once and remembers the browser
    by a cookie, for as long as that key is one. Without any, only hosts that `host_allowed` knows are
    answered. Who looks is left in the request's state, for `visitor`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        page: ASGIApp,
        keys: Keyring,
        host_allowed: Callable[[str], bool],
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._app = app
        self._page = page
        self._keys = keys
        self._host_allowed = host_allowed
        self._new_token = new_token
        self._sessions: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request to the page, the gateway, or nowhere."""
        if scope["type"] == "lifespan" or not belongs_to_page(scope):
            await self._app(scope, receive, send)
            return
        answer = await self._instead(scope, receive)
        if answer is None:
            await self._page(scope, receive, protected(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await answer(scope, receive, protected(send))

    async def _instead(self, scope: Scope, receive: Receive) -> Response | None:
        """What to answer instead of the page; None for who may see it."""
        visit = HTTPConnection(scope)
        if not same_origin(visit):
            return PlainTextResponse("not for other pages; a proxy in front has to pass the Host header on", 403)
        scope.setdefault("state", {}).pop(VISITOR, None)
        if not self._keys.locked:
            if not self._host_allowed(visit.headers.get("host", "")):
                return PlainTextResponse("only for this machine; see server.key in the configuration", 403)
            return self._welcome(scope, ANYBODY)
        if scope["path"] == LOGIN and scope.get("method") == "POST":
            return await self._log_in(Request(scope, receive))
        digest = self._sessions.get(visit.cookies.get(COOKIE, ""))
        bearer = self._keys.bearer(digest) if digest is not None else None
        return self._welcome(scope, bearer) if bearer else HTMLResponse(login_page(wanted(scope)), 401, UNKEPT)

    def _welcome(self, scope: Scope, bearer: Bearer) -> Response | None:
        if scope["path"] == LOGIN:
            return RedirectResponse("/", 303)
        scope["state"][VISITOR] = arrived(scope, bearer)
        return None

    async def _log_in(self, request: Request) -> Response:
        form = bytearray()
        try:
            async for part in request.stream():
                form += part
                if len(form) > LONGEST_FORM:
                    return PlainTextResponse("the form is too large", 413, {"connection": "close"})
        except ClientDisconnect:
            return PlainTextResponse("the form is not complete", 400)
        fields = parse_qs(form.decode("utf-8", "replace"))
        given, after = (fields.get(name, [""])[0].strip() for name in ("key", "next"))
        after = after if after in PATHS else "/"  # nowhere else, whatever the form says
        digest = self._keys.digest(given)
        if self._keys.bearer(digest) is None:
            return HTMLResponse(login_page(after, "That is not the key."), 401, UNKEPT)
        token = self._new_token()
        self._sessions[token] = digest
        while len(self._sessions) > MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        answer = RedirectResponse(after, 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, max_age=STAYS, httponly=True, samesite="strict", secure=secure)
        return answer


def belongs_to_page(scope: Scope) -> bool:
    """Whether a path is the page's; the rest is the gateway's, whatever is wrong with it."""
    path: str = scope["path"]
    if path.startswith("/_nicegui"):
        return True
    method = scope.get("method", "GET")
    if path == LOGIN:
        return method in {"GET", "POST"}
    if path == "/" and scope["type"] == "http":  # Ollama's clients ask here whether it runs; browsers want HTML
        return method == "GET" and "text/html" in HTTPConnection(scope).headers.get("accept", "")
    return path in OWN and method == "GET"


def wanted(scope: Scope) -> str:
    """The view that somebody asked for who has to show a key first."""
    return scope["path"] if scope["path"] in PATHS else "/"


def same_origin(visit: HTTPConnection) -> bool:
    """Whether a request was made by our own page, or by no page at all."""
    host = visit.headers.get("host", "").lower()
    return all(network_place(origin) == host for origin in visit.headers.getlist("origin"))


def network_place(origin: str) -> str | None:
    """The host and port of an Origin header; None when it names none, as `null` does."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:  # an address in brackets that is none
        return None


def protected(send: Send) -> Send:
    """A send that adds what keeps the page to itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *PROTECTION]}
        await send(message)

    return sending
