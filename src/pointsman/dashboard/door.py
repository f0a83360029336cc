"""Who may see the page: the same people who may call the gateway, and no other website in their browser."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pointsman.dashboard.login import login_page

COOKIE = "pointsman_page"
LOGIN = "/login"
STAYS = 7 * 24 * 3600  # seconds until the key is asked for again
LONGEST_FORM = 4096
MOST_SESSIONS = 1000

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


class Door:
    """ASGI middleware that gives the page's own paths to `page`, and everything else to the gateway.

    Other pages in the same browser are refused, whatever cookie they bring: a cookie belongs to a
    host and not to one of its ports. With a key, the page asks for it once and remembers the browser
    by a cookie. Without one, only hosts that `host_allowed` knows are answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        page: ASGIApp,
        key: str | None,
        host_allowed: Callable[[str], bool],
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._app = app
        self._page = page
        self._key = key
        self._host_allowed = host_allowed
        self._new_token = new_token
        self._sessions: dict[str, None] = {}

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
        if self._key is None:
            if not self._host_allowed(visit.headers.get("host", "")):
                return PlainTextResponse("only for this machine; see server.key in the configuration", 403)
            return RedirectResponse("/", 303) if scope["path"] == LOGIN else None
        if scope["path"] == LOGIN and scope.get("method") == "POST":
            return await self._log_in(Request(scope, receive), self._key)
        if visit.cookies.get(COOKIE, "") in self._sessions:
            return RedirectResponse("/", 303) if scope["path"] == LOGIN else None
        return HTMLResponse(login_page(), 401, {"cache-control": "no-store"})

    async def _log_in(self, request: Request, key: str) -> Response:
        form = bytearray()
        try:
            async for part in request.stream():
                form += part
                if len(form) > LONGEST_FORM:
                    return PlainTextResponse("the form is too large", 413, {"connection": "close"})
        except ClientDisconnect:
            return PlainTextResponse("the form is not complete", 400)
        given = parse_qs(form.decode("utf-8", "replace")).get("key", [""])[0].strip()
        if not hmac.compare_digest(given.encode("utf-8", "replace"), key.encode("utf-8", "replace")):
            return HTMLResponse(login_page("That is not the key."), 401, {"cache-control": "no-store"})
        token = self._new_token()
        self._sessions[token] = None
        while len(self._sessions) > MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        answer = RedirectResponse("/", 303)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, max_age=STAYS, httponly=True, samesite="strict", secure=secure)
        return answer


def belongs_to_page(scope: Scope) -> bool:
    """Whether a path is the page's; the rest is the gateway's, whatever is wrong with it."""
    path: str = scope["path"]
    if path.startswith("/_nicegui"):
        return True
    method = scope.get("method", "GET")
    return (path in {"/", "/favicon.ico"} and method == "GET") or (path == LOGIN and method in {"GET", "POST"})


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
