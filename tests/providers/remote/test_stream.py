"""Server-sent events: however their bytes were cut, and whatever happens on the way."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from pointsman.core.faults import ServiceFailed
from pointsman.core.loopback import is_here
from pointsman.providers.remote.sse import Event, Parser
from pointsman.providers.remote.stream import Events, Streams
from pointsman.providers.remote.wire import Reply, Request

RECORDED = (
    "\ufeff: a comment first\r\n"
    'data: {"text": "zwölf 🦊"}\r\n\r\n'
    ":\n\n: OPENROUTER PROCESSING\n\n"
    "event: error\ndata:no space\n\n"
    "id: 7\nretry: 10\ndata:  two spaces\n\n"
    "data: one\rdata: two\r\r"
    "data\n\n"
    "nonsense: x\nnonsense\n\n"
    "data: \u2028 is no end of a line\n\n"
    "data: [DONE]\n"
).encode()
SAID = [
    Event("", '{"text": "zwölf 🦊"}'),
    Event("error", "no space"),
    Event("", " two spaces"),
    Event("", "one\ntwo"),
    Event("", ""),
    Event("", "\u2028 is no end of a line"),
    Event("", "[DONE]"),
]


def events_of(*pieces: bytes) -> list[Event]:
    parser = Parser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.end()


def cut(data: bytes, places: set[int]) -> list[bytes]:
    edges = [0, *sorted(places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.sets(st.integers(0, len(RECORDED))))
def test_wherever_the_bytes_are_cut_the_events_are_the_same(places: set[int]) -> None:
    assert events_of(*cut(RECORDED, places)) == SAID


def test_one_byte_at_a_time() -> None:
    assert events_of(*(RECORDED[place : place + 1] for place in range(len(RECORDED)))) == SAID


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_any_bytes_are_read_without_an_error(pieces: list[bytes]) -> None:
    assert events_of(*pieces) == events_of(b"".join(pieces))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_three_ways(end: str) -> None:
    assert events_of(f"data: a{end}{end}data: b{end}{end}".encode()) == [Event("", "a"), Event("", "b")]


def test_what_is_no_utf_8_is_replaced() -> None:
    assert events_of(b"data: \xff!\n\n") == [Event("", "\ufffd!")]


def test_an_event_that_never_ends_is_given_up_and_comments_are_not() -> None:
    parser = Parser(most=1000)
    for _ in range(100):
        assert parser.feed(b": " + b"x" * 500 + b"\n") == []
    assert parser.feed(b"data: " + b"x" * 900 + b"\n\n")
    for _ in range(3):
        parser.feed(b"data: " + b"x" * 300 + b"\n")
    with pytest.raises(ValueError, match="more than 1,000 bytes"):
        parser.feed(b"data: " + b"x" * 300)


def test_events_do_not_show_what_they_hold() -> None:
    assert "secret" not in repr(Event("", "secret"))


# --- over a connection

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asked(handler: Handler, seconds: float = 5.0, most_body: int = 10_000) -> AsyncIterator[Reply | Events]:
    async with served(handler) as url:
        streams = Streams(url, most_body=most_body)
        try:
            async with streams.open(Request("POST", f"{url}/x", {"Authorization": "Bearer k"}, {}), seconds) as answer:
                yield answer
        finally:
            await streams.close()


def sending(*pieces: bytes, status: int = 200, kind: str = "text/event-stream") -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"Content-Type": kind})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        return response

    return handler


async def test_events_come_one_by_one_and_then_none() -> None:
    async with asked(sending(*cut(RECORDED, {30, 31, 60}))) as answer:
        assert isinstance(answer, Events)
        assert [await answer.next(5) for _ in range(len(SAID) + 2)] == [*SAID, None, None]


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json", "text/plain"])
async def test_a_stream_is_known_by_what_it_says(kind: str) -> None:
    async with asked(sending(b"\n", b"data: x\n\n", kind=kind)) as answer:
        assert isinstance(answer, Events)
        assert await answer.next(5) == Event("", "x")


@pytest.mark.parametrize("body", [b' {"a": 1}', b"[1]", b"<html>log in</html>", b"\xef\xbb\xbf{}"])
@pytest.mark.parametrize("kind", ["text/event-stream", "text/html"])
async def test_json_and_pages_are_read_whole(body: bytes, kind: str) -> None:
    async with asked(sending(body[:3], body[3:], kind=kind)) as answer:
        assert isinstance(answer, Reply)
        assert (answer.status, answer.body.strip()) == (200, body.removeprefix(b"\xef\xbb\xbf").strip())
        assert answer.headers["content-type"] == kind


async def test_an_error_is_read_whole_even_as_a_stream() -> None:
    async with asked(sending(b"data: no\n\n", status=429)) as answer:
        assert isinstance(answer, Reply)
        assert (answer.status, answer.body) == (429, b"data: no\n\n")


async def test_a_redirect_is_not_followed() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.path == "/x"
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async with asked(handler) as answer:
        assert isinstance(answer, Reply)
        assert answer.status == 307


async def test_nothing_at_all_is_no_event() -> None:
    async with asked(sending()) as answer:
        assert isinstance(answer, Events)
        assert await answer.next(5) is None


async def failure_of(handler: Handler, seconds: float = 5.0) -> ServiceFailed:
    async def read() -> None:
        async with asked(handler, seconds) as answer:
            assert isinstance(answer, Events)
            while await answer.next(seconds):
                pass

    with pytest.raises(ServiceFailed) as caught:
        await read()
    assert caught.value.cure
    return caught.value


async def silent(_request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


async def pinging(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"data: a\n\n")
    while True:
        await response.write(b": ping\n\n")
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("handler", [silent, pinging])
async def test_silence_has_its_limit_and_comments_do_not_break_it(handler: Handler) -> None:
    fault = await failure_of(handler, 0.02)
    assert (fault.kind, fault.scope, fault.retry) == ("server", "service", False)
    assert "was silent for 0.02 s" in fault.message
    assert "timeout" in fault.cure


async def test_a_connection_that_breaks_is_named() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"data: a\n\n")
        assert request.transport
        request.transport.abort()
        return response

    fault = await failure_of(handler)
    assert (fault.kind, fault.scope, fault.retry) == ("server", "service", True)
    assert "the connection broke" in fault.message


async def test_an_event_that_is_too_long_is_malformed() -> None:
    fault = await failure_of(sending(b"data: ", *[b"x" * 900_000] * 3))
    assert (fault.kind, fault.retry) == ("malformed", False)


async def test_a_body_that_is_too_long_is_malformed() -> None:
    with pytest.raises(ServiceFailed, match="more than 10,000 bytes") as caught:
        async with asked(sending(b"{", *[b"x" * 5000] * 3)):
            pass
    assert caught.value.kind == "malformed"


async def test_nobody_there(unused_tcp_port: int) -> None:
    streams = Streams(f"http://127.0.0.1:{unused_tcp_port}/v1")
    with pytest.raises(ServiceFailed) as caught:
        async with streams.open(Request("GET", f"http://127.0.0.1:{unused_tcp_port}/v1"), 5):
            pass
    await streams.close()
    assert caught.value.message == f"127.0.0.1:{unused_tcp_port}: cannot be reached: Connection refused"
    assert "is the server running?" in caught.value.cure


async def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_asked: object, **_more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    streams = Streams("http://nowhere.invalid/v1")
    with pytest.raises(ServiceFailed, match=r"nowhere\.invalid: cannot be reached: Name or service not known"):
        async with streams.open(Request("GET", "http://nowhere.invalid/v1"), 5):
            pass
    await streams.close()


async def test_leaving_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"data: a\n\n")
        try:
            await asyncio.Event().wait()
        finally:
            gone.set()
        return response

    async with served(handler) as url:
        streams = Streams(url)
        async with streams.open(Request("GET", url), 5) as answer:
            assert isinstance(answer, Events)
            assert await answer.next(5)
            assert not gone.is_set()
        async with asyncio.timeout(5):
            await gone.wait()
        await streams.close()


async def test_a_proxy_is_not_asked_for_what_is_here(monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    async with asked(sending(b"data: x\n\n")) as answer:
        assert isinstance(answer, Events)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.1.2.3/v1", True),
        ("http://[::1]:8080/v1", True),
        ("https://api.example.org/v1", False),
        ("http://192.168.1.2/v1", False),
    ],
)
def test_what_is_here(url: str, here: bool) -> None:
    assert is_here(url) is here
