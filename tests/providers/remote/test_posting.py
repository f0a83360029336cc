"""The short way through aiohttp: what its sessions send, what they understand, and when it gives up."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from pointsman.core.errors import PointsmanError
from pointsman.core.relay import Forward
from pointsman.providers.ollama import failures
from pointsman.providers.relay import RelayServer
from pointsman.providers.remote.posting import Patience, Posting

OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"
ZIPPED = gzip.compress(b"hello")
ASKED = Forward("/chat/completions", {"model": "é", "messages": []})


class Server:
    """Answers each request with the same bytes, and knows what came."""

    def __init__(self, says: bytes, *, closes: bool = False) -> None:
        self._says = says
        self._closes = closes
        self.asked: list[bytes] = []
        self.connections = 0
        self.came = asyncio.Event()
        self.lost = asyncio.Event()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                self.asked.append(head + await reader.readexactly(int(length or 0)))
                self.came.set()
                writer.write(self._says)
                if self._closes:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.lost.set()
        finally:
            writer.close()


@asynccontextmanager
async def serving(says: bytes, *, closes: bool = False) -> AsyncGenerator[Server]:
    server = Server(says, closes=closes)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def relay_to(url: str, *, key: str = "", silence: float = 30.0, long_way: bool = False) -> RelayServer:
    relay = RelayServer(url, key=key, silence=silence, as_seen=failures.as_seen, failure=failures.failure)
    if long_way:
        relay._plain = False
    return relay


async def outcome(relay: RelayServer, forward: Forward = ASKED) -> list[Any]:
    """What a request comes to: its beginning, its bytes, and how it breaks off."""
    found, body = list[Any](), b""
    try:
        async for it in relay.relay("m", forward):
            if isinstance(it, bytes):
                body += it
            else:
                found.append(it)
    except PointsmanError as error:
        found.append((type(error), error.message, error.cure))
    return [*found, body]


@pytest.mark.parametrize("path", ["/chat/completions", "/api/chat", "/api/a b/é?x=1&y=%20#z"])
@pytest.mark.parametrize("key", ["", "sésame"])
async def test_it_sends_what_a_session_of_aiohttp_sends(path: str, key: str) -> None:
    async with serving(OK) as server:
        for long_way in (False, True):
            relay = relay_to(f"http://127.0.0.1:{server.port}/v1/", key=key, long_way=long_way)
            assert (await outcome(relay, Forward(path, ASKED.body)))[-1] == b"hi"
            await relay.close()
    short, long = server.asked
    assert short == long
    assert short.endswith('{"model":"é","messages":[]}'.encode())


ANSWERS = {
    "short": OK,
    "pieces": CHUNKED + b"\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    "packed": CHUNKED + b"content-encoding: gzip\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED),
    "an early hint first": b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + OK,
    "nothing": b"HTTP/1.1 204 No Content\r\n\r\n",
    "elsewhere": b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    "a wrong request": b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
    "a broken server": b"HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\n{}",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "a header that is too long": b"HTTP/1.1 200 OK\r\nx: " + b"y" * 20_000 + b"\r\n\r\n",
    "until it hangs up": b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello",
    "no answer": b"",
    "half a head": b"HTTP/1.1 200 OK\r\ncontent-",
    "half a body": b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
    "half a piece": CHUNKED + b"\r\n9\r\nhello",
}


@pytest.mark.parametrize("says", ANSWERS)
async def test_it_understands_what_a_session_understands(says: str) -> None:
    found = []
    for long_way in (False, True):
        async with serving(ANSWERS[says], closes=True) as server:
            relay = relay_to(f"http://127.0.0.1:{server.port}/v1", long_way=long_way)
            told = str(await outcome(relay)).replace(str(server.port), "PORT")
            await relay.close()
            found.append(told)
    short, long = found
    assert short == long


async def test_who_is_not_there_is_told_as_by_a_session() -> None:
    async with serving(OK) as server:
        port = server.port
    found = []
    for long_way in (False, True):
        relay = relay_to(f"http://127.0.0.1:{port}/v1", long_way=long_way)
        found.append(await outcome(relay))
        await relay.close()
    short, long = found
    assert short == long
    assert "cannot be reached" in short[0][1]


async def test_a_connection_is_kept_when_all_was_read_and_closed_when_not() -> None:
    async with serving(OK) as server:
        relay = relay_to(f"http://127.0.0.1:{server.port}/v1")
        for _ in range(3):
            assert (await outcome(relay))[-1] == b"hi"
        assert server.connections == 1
        await relay.close()
    async with serving(CHUNKED + b"\r\n2\r\nhe\r\n") as server:
        relay = relay_to(f"http://127.0.0.1:{server.port}/v1")
        pieces = relay.relay("m", ASKED)
        await anext(pieces)
        assert await anext(pieces) == b"he"
        await pieces.aclose()
        await asyncio.wait_for(server.lost.wait(), 20)
        await relay.close()


async def test_a_kept_connection_that_the_server_closed_is_not_taken() -> None:
    async with serving(OK, closes=True) as server:
        relay = relay_to(f"http://127.0.0.1:{server.port}/v1")
        for number in (1, 2, 3):
            assert (await outcome(relay))[-1] == b"hi"
            assert server.connections == number
            # Its end has been read when the next request comes.
            for _ in range(20):
                await asyncio.sleep(0.001)
        await relay.close()


async def test_a_cancelled_request_closes_its_connection() -> None:
    async with serving(b"") as server:
        relay = relay_to(f"http://127.0.0.1:{server.port}/v1")
        asking = asyncio.ensure_future(outcome(relay))
        await asyncio.wait_for(server.came.wait(), 20)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(server.lost.wait(), 20)
        await relay.close()


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\n", CHUNKED + b"\r\n2\r\nhe\r\n"])
async def test_silence_ends_a_request_before_its_head_and_after_it(says: bytes) -> None:
    async with serving(says) as server:
        found = []
        for long_way in (False, True):
            relay = relay_to(f"http://127.0.0.1:{server.port}/v1", silence=0.05, long_way=long_way)
            found.append(await outcome(relay))
            await relay.close()
    short, long = found
    assert short == long
    assert "was silent for 0.05 s" in str(short)


async def test_a_header_with_the_end_of_a_line_is_not_sent() -> None:
    async with serving(OK) as server, aiohttp.ClientSession() as session:
        with pytest.raises(ValueError, match="end of a line"):
            Posting(session, f"http://127.0.0.1:{server.port}", {"Authorization": "Bearer x\r\ny: z"})
        assert server.asked == []


async def test_a_name_and_a_password_in_the_address_become_a_header() -> None:
    async with serving(OK) as server:
        relay = relay_to(f"http://me:secret@127.0.0.1:{server.port}/v1")
        assert (await outcome(relay))[-1] == b"hi"
        await relay.close()
    assert b"Authorization: Basic bWU6c2VjcmV0" in server.asked[0]
    assert b"secret@" not in server.asked[0]


async def test_a_proxy_is_asked_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(OK) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        relay = relay_to("http://models.example.com/v1")
        assert (await outcome(relay))[-1] == b"hi"
        await relay.close()
    assert proxy.asked[0].startswith(b"POST http://models.example.com/v1/chat/completions HTTP/1.1\r\n")


class Hours:
    """A loop whose time is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Any:
        self.due.append((self.now + seconds, callback))
        return self

    def cancel(self) -> None:
        self.due.clear()

    def until(self, moment: float) -> None:
        while self.due and min(self.due)[0] <= moment:
            self.now, callback = self.due.pop(0)
            callback()
        self.now = moment


class Waiting:
    """Somebody who waits."""

    def __init__(self) -> None:
        self.told: list[BaseException] = []

    def set_exception(self, exc: BaseException) -> None:
        self.told.append(exc)


def patience(hours: Any, seconds: float) -> Patience:
    return Patience(hours, seconds)


def test_patience_ends_with_the_wait_that_is_too_long_and_with_no_other() -> None:
    hours, waiting = Hours(), Waiting()
    watched = patience(hours, 10.0)
    watched.waits_for = waiting
    hours.until(9.0)
    for began in (9.0, 18.0, 27.0):  # each of them is answered in time, and all together take longer
        watched.begins(waiting)
        hours.until(began + 9.0)
        assert waiting.told == []
    watched.waits_for = None  # whoever reads is busy with something else, for as long as he likes
    hours.until(500.0)
    assert waiting.told == []
    watched.begins(waiting)
    hours.until(509.0)
    assert waiting.told == []
    hours.until(510.0)
    assert [type(it) for it in waiting.told] == [TimeoutError]
    assert hours.due == []


def test_patience_that_has_ended_tells_nobody() -> None:
    hours, waiting = Hours(), Waiting()
    watched = patience(hours, 10.0)
    watched.begins(waiting)
    watched.ends()
    watched.ends()
    hours.until(100.0)
    assert waiting.told == []


@pytest.mark.parametrize("lacks", ["client.ClientRequest.__init__", "client_proto.ResponseHandler.set_response_params"])
async def test_another_aiohttp_inside_costs_time_and_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, lacks: str
) -> None:
    def once(*_: object, **__: object) -> None:
        monkeypatch.undo()  # sessions need it, too
        raise TypeError("takes something else now")

    async with serving(OK) as server:
        relay = relay_to(f"http://127.0.0.1:{server.port}/v1")
        relay._opened()
        monkeypatch.setattr(f"aiohttp.{lacks}", once)
        for _ in range(2):
            assert (await outcome(relay))[-1] == b"hi"
        await relay.close()
    assert [it.levelname for it in caplog.records] == ["WARNING"]  # said once
    assert len(server.asked) == 2


async def test_a_connection_on_which_a_request_is_still_on_its_way_is_nobody_elses() -> None:
    connections = 0
    asked: list[bytes] = []

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Refuses what is large by its head, and reads no further."""
        nonlocal connections
        connections += 1
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if length > 1_000_000:
            writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
            await done.wait()
        else:
            asked.append(await reader.readexactly(length))
            writer.write(OK)
            await writer.drain()
        writer.close()

    done = asyncio.Event()
    listening = await asyncio.start_server(early, "127.0.0.1", 0)
    relay = relay_to(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1", silence=5.0)
    try:
        assert (await outcome(relay, Forward("/chat/completions", {"text": "x" * 30_000_000})))[-1] == b"no"
        assert (await outcome(relay))[-1] == b"hi"
        assert (connections, len(asked)) == (2, 1)
    finally:
        done.set()
        await relay.close()
        listening.close()
