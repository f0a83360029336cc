"""The one client, against a real server on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest
from aiohttp import web

from pointsman.core.faults import ServiceFailed
from pointsman.providers.openai_server import OpenAiServer
from pointsman.providers.remote.caller import Caller
from pointsman.providers.remote.wire import LARGE_BODY, Reply, Request, Wire, json_in
from pointsman.stores.shelf import MemoryShelf

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.01)
        runners.append(runner)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire("lab", most_at_once=3)
    yield made
    await made.close()


async def failed(wire: Wire, url: str, seconds: float = 1.0) -> ServiceFailed:
    with pytest.raises(ServiceFailed) as caught:
        await wire.send(Request("POST", url, {"Authorization": "Bearer secret"}, {"text": "private"}, 10_000), seconds)
    said = str(caught.value)
    assert "secret" not in said
    assert "private" not in said
    assert said.startswith("lab: ")
    return caught.value


async def test_a_request_arrives_as_it_was_made(serve: Serve, wire: Wire) -> None:
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, request.path, request.headers, await request.json()))
        return web.json_response({"ok": True}, headers={"X-Left": "3"}, status=201)

    request = Request("POST", f"{await serve(handler)}/run/@cf/a/b", {"Authorization": "Bearer k"}, {"a": "ä"})
    reply = await wire.send(request, 1.0)
    assert (reply.status, reply.headers["x-left"], reply.json()) == (201, "3", {"ok": True})
    assert reply.seconds > 0
    method, path, headers, body = seen[0]
    assert (method, path, body) == ("POST", "/run/@cf/a/b", {"a": "ä"})
    assert headers["Authorization"] == "Bearer k"
    assert headers["User-Agent"].startswith("pointsman/")
    assert "Bearer" not in repr(request)


async def test_connections_are_kept(serve: Serve, wire: Wire) -> None:
    ports = set()

    async def handler(request: web.Request) -> web.Response:
        assert request.transport
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.Response(text="ok")

    url = await serve(handler)
    for _ in range(5):
        await wire.send(Request("GET", url), 1.0)
    assert len(ports) == 1


async def test_a_redirect_is_an_answer_and_not_followed(serve: Serve, wire: Wire) -> None:
    asked = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    assert (await wire.send(Request("POST", f"{await serve(handler)}/here"), 1.0)).status == 307
    assert asked == ["/here"]


async def test_a_huge_body_is_not_read_to_its_end(serve: Serve, wire: Wire) -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionResetError):
            for _ in range(1000):
                await response.write(b"x" * 100_000)
                sent += 100_000
        return response

    fault = await failed(wire, await serve(handler))
    assert (fault.kind, fault.retry) == ("malformed", False)
    assert "more than 10,000 bytes" in fault.message
    assert sent < 50_000_000


async def test_a_large_answer_is_read_beforehand_in_a_thread(serve: Serve, wire: Wire) -> None:
    body = {"data": [[place / 7 for place in range(1024)]] * 4, "n": 3}

    async def handler(_request: web.Request) -> web.Response:
        return web.json_response(body)

    reply = await wire.send(Request("GET", await serve(handler)), 1.0)
    assert len(reply.body) > LARGE_BODY
    assert reply.read is not None
    assert reply.json() is reply.read.value
    assert reply.json() == body


def test_while_a_large_answer_is_read_others_go_on() -> None:
    body = json.dumps([place / 7 for place in range(400_000)]).encode()
    done, rounds = threading.Event(), 0

    def read() -> None:
        json_in(body)
        done.set()

    thread = threading.Thread(target=read)
    thread.start()
    while not done.is_set():
        time.sleep(0)
        rounds += 1
    thread.join()
    # The decoder alone would let this thread run before it begins and after it ends.
    assert rounds > 3


async def test_what_is_too_much_at_once_is_refused_and_not_sent(serve: Serve, wire: Wire) -> None:
    release, asked = asyncio.Event(), 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await release.wait()
        return web.Response(text="ok")

    url = await serve(handler)
    waiting = [asyncio.create_task(wire.send(Request("GET", url), 5.0)) for _ in range(3)]
    while asked < 3:  # noqa: ASYNC110 - the server is told by nobody
        await asyncio.sleep(0)
    fault = await failed(wire, url)
    assert (fault.kind, fault.asked, fault.retry) == ("server", False, False)
    assert fault.message == "lab: 3 calls are under way already"
    release.set()
    assert [reply.text for reply in await asyncio.gather(*waiting)] == ["ok"] * 3
    assert asked == 3
    assert (await wire.send(Request("GET", url), 1.0)).text == "ok"


async def test_a_call_that_was_not_sent_is_no_fault_of_the_service(serve: Serve, wire: Wire) -> None:
    release, asked = asyncio.Event(), 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await release.wait()
        return web.json_response({"data": [{"id": "m"}]})

    server = OpenAiServer("lab", await serve(handler))
    caller = Caller(server, wire, MemoryShelf(), models=("m",))
    waiting = [asyncio.create_task(server.listing(caller)) for _ in range(3)]
    while asked < 3:  # noqa: ASYNC110 - the server is told by nobody
        await asyncio.sleep(0)
    for _ in range(5):
        with pytest.raises(ServiceFailed, match="under way already"):
            await server.listing(caller)
    release.set()
    assert await asyncio.gather(*waiting) == [("m",)] * 3
    assert await server.listing(caller) == ("m",)
    await caller.close()


async def test_more_calls_than_a_hundred_do_not_wait_for_each_other(serve: Serve) -> None:
    release, asked = asyncio.Event(), 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked == 120:
            release.set()
        await release.wait()
        return web.Response(text="ok")

    wide = Wire("lab", most_at_once=120)
    url = await serve(handler)
    replies = await asyncio.gather(*(wide.send(Request("GET", url), 5.0) for _ in range(120)))
    assert {reply.text for reply in replies} == {"ok"}
    await wide.close()


async def test_what_stays_here_is_not_handed_to_a_proxy(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setattr("pointsman.providers.remote.wire.is_here", lambda _: False)  # as a machine in the network is

    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    url = await serve(handler)
    direct, through = Wire("lab", directly=True), Wire("lab")
    assert (await direct.send(Request("GET", url), 1.0)).text == "ok"
    assert (await failed(through, url)).kind == "server"
    await direct.close()
    await through.close()


async def test_silence_ends_with_the_time(serve: Serve, wire: Wire) -> None:
    never = asyncio.Event()

    async def handler(_request: web.Request) -> web.Response:
        with suppress(asyncio.CancelledError):
            await never.wait()
        return web.Response()

    fault = await failed(wire, await serve(handler), 0.02)
    assert (fault.kind, fault.message) == ("server", "lab: no answer within 0.02 s")
    never.set()


async def test_a_connection_that_breaks(serve: Serve, wire: Wire) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport
        request.transport.abort()
        return response

    assert (await failed(wire, await serve(handler))).kind == "server"


async def test_nobody_listens(wire: Wire) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    fault = await failed(wire, f"http://127.0.0.1:{port}/v1")
    assert fault.kind == "server"
    assert "cannot be reached" in fault.message


@pytest.mark.parametrize("url", ["", "nowhere", "http://", "ftp://127.0.0.1/"])
async def test_what_is_no_address(wire: Wire, url: str) -> None:
    fault = await failed(wire, url)
    assert fault.kind == "bad_request"
    assert fault.cure


async def test_it_opens_again_after_closing(serve: Serve, wire: Wire) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    url = await serve(handler)
    await wire.send(Request("GET", url), 1.0)
    await wire.close()
    assert (await wire.send(Request("GET", url), 1.0)).text == "ok"


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b"nul"])
def test_what_is_no_json_is_none(body: bytes) -> None:
    assert Reply(200, {}, body).json() is None
