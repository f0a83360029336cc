"""The door of the page: who comes in, and that nothing else of the gateway changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from pointsman.core.access import Bearer, Scope
from pointsman.dashboard.door import COOKIE, LONGEST_FORM, Door
from pointsman.dashboard.visitor import NOBODY, Visitor, visitor, visitor_of

OURS = "127.0.0.1:8080"


async def inside(scope: Any, receive: Any, send: Any) -> None:
    del receive
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"the page"})


async def gateway(scope: Any, receive: Any, send: Any) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"the gateway"})


@dataclass
class Ring:
    """Keys by what they are, kept as they are."""

    held: dict[bytes, Bearer]

    @property
    def locked(self) -> bool:
        return bool(self.held)

    def digest(self, given: str) -> bytes:
        return given.encode("utf-8", "replace")

    def bearer(self, digest: bytes) -> Bearer | None:
        return self.held.get(digest)


def ring(**keys: Bearer) -> Ring:
    return Ring({key.encode(): bearer for key, bearer in keys.items()})


def door(key: str | None = None, keys: Ring | None = None) -> Door:
    held = keys or ring(**({} if key is None else {key: Bearer("main")}))
    return Door(gateway, page=inside, keys=held, host_allowed=lambda host: host == OURS, new_token=lambda: "token")


class Visit:
    """One request, and what came of it."""

    def __init__(
        self, method: str = "GET", path: str = "/", body: bytes = b"", kind: str = "http", **headers: str
    ) -> None:
        given = {"host": OURS, "accept": "text/html,*/*;q=0.8", **headers}
        self.scope: dict[str, Any] = {
            "type": kind,
            "path": path,
            "scheme": "http",
            "query_string": b"",
            "server": ("127.0.0.1", 8080),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            **({"method": method} if kind == "http" else {}),
        }
        self._body = body
        self.sent: list[Any] = []

    async def through(self, passed: Door) -> Visit:
        async def receive() -> Any:
            return {"type": "http.request", "body": self._body, "more_body": False}

        async def send(message: Any) -> None:
            self.sent.append(message)

        await passed(self.scope, receive, send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


@pytest.mark.parametrize(
    "path", ["/", "/feed", "/settings", "/favicon.ico", "/_nicegui/x.js", "/_nicegui_ws/socket.io/"]
)
async def test_the_page_has_its_own_paths_and_is_protected(path: str) -> None:
    visit = await Visit(path=path).through(door())
    assert visit.body == b"the page"
    assert "default-src 'self'" in visit.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in visit.headers["content-security-policy"]
    assert visit.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/models"), ("GET", "/x"), ("POST", "/"), ("DELETE", "/login")]
)
@pytest.mark.parametrize("key", [None, "sesame"])
async def test_everything_else_is_the_gateway(method: str, path: str, key: str | None) -> None:
    visit = await Visit(method, path).through(door(key))
    assert visit.body == b"the gateway"
    assert visit.headers == {}


@pytest.mark.parametrize("accept", ["", "*/*", "application/json"])
async def test_what_is_no_browser_asks_the_gateway_whether_it_runs(accept: str) -> None:
    assert (await Visit(accept=accept).through(door("sesame"))).body == b"the gateway"


@pytest.mark.parametrize("path", ["/", "/_nicegui_ws/socket.io/", "/login"])
async def test_without_a_key_other_names_are_refused(path: str) -> None:
    assert (await Visit(path=path, host="evil.example").through(door())).status == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
async def test_without_a_key_other_pages_are_refused(origin: str) -> None:
    assert (await Visit(path="/_nicegui_ws/socket.io/", origin=origin).through(door())).status == 403
    refused = await Visit(path="/_nicegui_ws/socket.io/", kind="websocket", origin=origin).through(door())
    assert refused.sent == [{"type": "websocket.close", "code": 1008}]


async def test_the_page_itself_may_open_its_socket() -> None:
    visit = await Visit(path="/_nicegui_ws/socket.io/", kind="websocket", origin=f"http://{OURS}").through(door())
    assert visit.sent == [{"type": "websocket.accept"}]


@pytest.mark.parametrize("path", ["/", "/_nicegui/x.js", "/_nicegui_ws/socket.io/", "/favicon.ico", "/login"])
@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=wrong", f"{COOKIE}=", "other=token"])
async def test_with_a_key_strangers_see_only_the_form(path: str, cookie: str) -> None:
    visit = await Visit(path=path, cookie=cookie).through(door("sesame"))
    assert visit.status == 401
    assert b"the page" not in visit.body
    assert b'type="password"' in visit.body
    assert visit.headers["cache-control"] == "no-store"


async def test_with_a_key_strangers_get_no_socket() -> None:
    visit = await Visit(path="/_nicegui_ws/socket.io/", kind="websocket").through(door("sesame"))
    assert visit.sent == [{"type": "websocket.close", "code": 1008}]


async def test_the_right_key_opens_for_this_browser() -> None:
    passed = door("sesame")
    welcome = await Visit("POST", "/login", b"key=sesame").through(passed)
    assert (welcome.status, welcome.headers["location"]) == (303, "/")
    cookie = welcome.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    known = f"{COOKIE}=token"
    assert cookie.startswith(known)
    assert (await Visit(cookie=known, host="any.example").through(passed)).body == b"the page"
    assert (await Visit(path="/login", cookie=known).through(passed)).status == 303
    socket = await Visit(path="/_nicegui_ws/socket.io/", kind="websocket", cookie=known).through(passed)
    assert socket.sent == [{"type": "websocket.accept"}]
    assert (await Visit(cookie=known).through(door("sesame"))).status == 401


@pytest.mark.parametrize(
    "form", [b"", b"key=", b"key=Sesame", b"key=sesame1", b"x=sesame", b"\xff", b"key=\xed\xa0\x80", b"key=%ED%A0%80"]
)
async def test_a_wrong_key_does_not(form: bytes) -> None:
    passed = door("sesame")
    visit = await Visit("POST", "/login", form).through(passed)
    assert visit.status == 401
    assert b"That is not the key." in visit.body
    assert "set-cookie" not in visit.headers
    assert (await Visit(cookie=f"{COOKIE}=token").through(passed)).status == 401


FOREIGN = ["http://evil.example", "null", "", "http://127.0.0.1:9999", "http://127.0.0.1", "http://[bad"]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_with_a_key_the_cookie_is_no_use_to_other_pages(origin: str) -> None:
    passed = door("sesame")
    await Visit("POST", "/login", b"key=sesame", origin=f"http://{OURS}").through(passed)
    known = f"{COOKIE}=token"
    assert (await Visit(cookie=known, origin=f"http://{OURS}").through(passed)).body == b"the page"
    for path in ("/", "/_nicegui/x.js", "/_nicegui_ws/socket.io/"):
        assert (await Visit(path=path, cookie=known, origin=origin).through(passed)).status == 403
    refused = await Visit(path="/_nicegui_ws/socket.io/", kind="websocket", cookie=known, origin=origin).through(passed)
    assert refused.sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("origin", FOREIGN)
async def test_other_pages_cannot_log_a_browser_in(origin: str) -> None:
    visit = await Visit("POST", "/login", b"key=sesame", origin=origin).through(door("sesame"))
    assert visit.status == 403
    assert "set-cookie" not in visit.headers


async def test_an_origin_that_names_nobody_is_not_a_host_that_names_nobody() -> None:
    assert (await Visit(host="", origin="null").through(door("sesame"))).status == 403


@pytest.mark.parametrize(
    ("path", "asked", "after"),
    [("/feed", "/feed", "/feed"), ("/favicon.ico", "/", "/"), ("/", "https://evil.example", "/"), ("/", "//evil", "/")],
)
async def test_the_right_key_leads_to_the_view_that_was_asked_for(path: str, asked: str, after: str) -> None:
    passed = door("sesame")
    form = await Visit(path=path).through(passed)
    assert f'name="next" value="{after}"'.encode() in form.body
    welcome = await Visit("POST", "/login", f"key=sesame&next={asked}".encode()).through(passed)
    assert welcome.headers["location"] == after


async def test_a_huge_form_is_not_read() -> None:
    assert (await Visit("POST", "/login", b"key=" + b"x" * LONGEST_FORM).through(door("sesame"))).status == 413


async def test_without_a_key_there_is_no_form() -> None:
    assert (await Visit("POST", "/login", b"key=").through(door())).status == 303


async def test_who_looks_is_known_behind_the_door_with_what_their_key_opens() -> None:
    reads: frozenset[Scope] = frozenset({"use", "read"})
    passed = door(keys=ring(sesame=Bearer("main"), thyme=Bearer("screen", reads)))
    seen = []
    for key in ("sesame", "thyme"):
        await Visit("POST", "/login", f"key={key}".encode()).through(passed)
        visit = Visit(cookie=f"{COOKIE}=token")
        visit.scope["client"] = ("192.168.1.9", 5)
        await visit.through(passed)
        seen.append(visitor_of(visit.scope))
    assert [(it.name, it.may("use"), it.may("read"), it.may("admin"), it.loopback) for it in seen] == [
        ("main", True, True, True, False),
        ("screen", True, True, False, False),
    ]


@pytest.mark.parametrize(("client", "near"), [(("127.0.0.1", 1), True), (("::1", 1), True), (("10.0.0.2", 1), False)])
async def test_without_a_key_everybody_may_do_everything(client: tuple[str, int], near: bool) -> None:
    visit = Visit()
    visit.scope["client"] = client
    await visit.through(door())
    assert visitor_of(visit.scope) == Visitor(loopback=near)
    assert visitor_of(visit.scope).may("admin")


async def test_nobody_is_taken_for_a_visitor_who_did_not_come_through_the_door() -> None:
    assert visitor_of({}) == visitor() == NOBODY
    assert not NOBODY.may("use")
    smuggled = Visit(cookie="other=token")
    smuggled.scope["state"] = {"pointsman_visitor": Visitor()}
    await smuggled.through(door("sesame"))
    assert visitor_of(smuggled.scope) == NOBODY


async def test_a_browser_is_known_no_longer_than_its_key() -> None:
    keys = ring(sesame=Bearer("main"), thyme=Bearer("screen"))
    passed = door(keys=keys)
    await Visit("POST", "/login", b"key=thyme").through(passed)
    known = f"{COOKIE}=token"
    assert (await Visit(cookie=known).through(passed)).body == b"the page"
    del keys.held[b"thyme"]
    assert (await Visit(cookie=known).through(passed)).status == 401
    socket = await Visit(path="/_nicegui_ws/socket.io/", kind="websocket", cookie=known).through(passed)
    assert socket.sent == [{"type": "websocket.close", "code": 1008}]
