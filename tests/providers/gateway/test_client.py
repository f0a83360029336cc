"""What the client of a gateway makes of gateways that are gone, break off, or are none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from pointsman.core import errors
from pointsman.core.codec import decision_to_dict
from pointsman.core.decision import Decision
from pointsman.core.errors import BadField, LimitReached, MissingExtra, PointsmanError, Unreachable
from pointsman.core.eventcodec import event_to_dict
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Command, Message, Origin
from pointsman.core.reply import Decided, Done, Event, Failed, Text
from pointsman.providers.gateway.client import GatewayService
from pointsman.providers.gateway.failures import KINDS, error_in, error_of

DECISION = Decision("a1b2", "general_chat", "llm", 0.5, "fallback", ())
SAID: tuple[Event, ...] = (Decided(DECISION), Text("Hello"), Done(DECISION, model="tiny"))
HEAD = "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
HANGS = 20


@dataclass
class Impostor:
    """Answers every request with the same bytes, and then says no more; `asked` are the requests."""

    answer: Sequence[bytes]
    hangs_up: bool = True
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    serving: set[asyncio.Task[Any] | None] = field(default_factory=set)
    url: str = ""
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append((first, headers, body))
        try:
            for part in self.answer:
                writer.write(part)
                await writer.drain()
            if not self.hangs_up:
                await reader.read()
                self.left.set()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@asynccontextmanager
async def standing(impostor: Impostor, port: int = 0) -> AsyncIterator[GatewayService]:
    """The client of an impostor."""
    server = await asyncio.start_server(impostor.serve, "127.0.0.1", port)
    impostor.port = server.sockets[0].getsockname()[1]
    impostor.url = f"http://127.0.0.1:{impostor.port}"
    service = GatewayService(f"{impostor.url}/", "the-key", silence=HANGS)
    try:
        async with asyncio.timeout(HANGS):
            yield service
    finally:
        await service.close()
        server.close()
        await asyncio.gather(*filter(None, impostor.serving), return_exceptions=True)


def chunk(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(it), it) for it in parts)


def line(event: Event) -> bytes:
    return json.dumps(event_to_dict(event)).encode() + b"\n"


def whole(content: object, status: int = 200, more: str = "") -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return HEAD.format(status=status, length=len(body), more=more).encode() + body


async def told(service: GatewayService, message: Message | None = None) -> list[Event]:
    return [event async for event in service.stream(message or Message("hello"))]


async def test_lines_are_read_wherever_they_are_cut() -> None:
    said = b"".join(map(line, SAID))
    for size in (1, 7, 10_000):
        parts = [said[place : place + size] for place in range(0, len(said), size)]
        async with standing(Impostor([STREAM, chunk(*parts), END])) as service:
            assert await told(service) == list(SAID)


async def test_pings_and_what_a_newer_gateway_adds_are_passed_over() -> None:
    new = b'{"event": "ping"}\n{"event": "smell", "of": "roses"}\n'
    async with standing(Impostor([STREAM, chunk(line(SAID[0]), new, *map(line, SAID[1:])), END])) as service:
        assert await told(service) == list(SAID)


async def test_the_key_goes_as_a_bearer_token_with_the_whole_message() -> None:
    impostor = Impostor([STREAM, chunk(*map(line, SAID)), END])
    message = Message("x", origin=Origin("discord", "1", guild="2"), command=Command("image_generation", {"seed": 0}))
    async with standing(impostor) as service:
        await told(service, message)
        ((first, headers, body),) = impostor.asked
    assert (first, headers["authorization"]) == ("POST /v1/ask HTTP/1.1", "Bearer the-key")
    assert json.loads(body) == {
        "text": "x",
        "origin": {"surface": "discord", "user": "1", "guild": "2"},
        "command": {"category": "image_generation", "slots": {"seed": 0}, "model": "", "name": ""},
    }


async def test_a_reply_that_breaks_off_is_a_failed() -> None:
    async with standing(Impostor([STREAM, chunk(line(SAID[0]), line(SAID[1]), b'{"event": "te')])) as service:
        *begun, failed = await told(service)
    assert begun == list(SAID[:2])
    assert isinstance(failed, Failed)
    assert (failed.code, failed.decision) == ("unreachable", DECISION)
    assert service.url in failed.cause
    assert failed.cure


async def test_so_is_one_that_ends_without_its_end() -> None:
    async with standing(Impostor([STREAM, chunk(*map(line, SAID[:2])), END])) as service:
        *_, failed = await told(service)
    assert isinstance(failed, Failed)
    assert "broke the reply off" in failed.cause


async def test_one_that_breaks_off_before_its_decision_is_an_error() -> None:
    for answer in ([], [STREAM], [STREAM, END]):
        async with standing(Impostor(answer)) as service:
            with pytest.raises(Unreachable, match=service.url):
                await told(service)


async def test_a_gateway_that_hangs_is_gone_after_a_while() -> None:
    impostor = Impostor([STREAM, chunk(line(SAID[0]))], hangs_up=False)
    async with standing(impostor) as service:
        impatient = GatewayService(impostor.url, silence=0.05)
        *_, failed = await told(impatient)
        await impatient.close()
    assert isinstance(failed, Failed)
    assert "was silent for 0.05 s" in failed.cause
    assert service.url in failed.cause


async def test_leaving_a_reply_hangs_up() -> None:
    impostor = Impostor([STREAM, chunk(line(SAID[0]))], hangs_up=False)
    async with standing(impostor) as service:
        async with aclosing(service.stream(Message("hello"))) as events:
            assert await anext(events) == SAID[0]
        await impostor.left.wait()


async def test_a_gateway_that_is_not_there_is_named_and_found_again() -> None:
    known = Impostor([whole({"categories": {"a": "b"}, "models": ["m"], "new": 1})], hangs_up=False)
    async with standing(known) as other:
        service = GatewayService(other.url)
        first = await service.known()
        assert first.models == ("m",)
        port = known.port
        for task in known.serving:
            assert task is not None
            task.cancel()  # as a process ends, under a connection that is kept open
    for call in (service.known, lambda: told(service)):
        with pytest.raises(Unreachable) as caught:
            await call()
        assert known.url in caught.value.message
        assert "pointsman serve" in caught.value.cure
    async with standing(Impostor(known.answer), port):
        assert await service.known() == first
        await service.close()


CALLS: list[Callable[[GatewayService], Awaitable[Any]]] = [
    lambda it: it.known(),
    lambda it: it.find("a"),
    lambda it: it.uses("a"),
    lambda it: it.preview("c", decision_id="a"),
    lambda it: it.correct("a", "c"),
    lambda it: it.undo("a"),
    lambda it: it.quota(),
    lambda it: it.memories(Origin()),
    lambda it: it.remember("x", Origin()),
    lambda it: it.forget(["m1"], Origin()),
    told,
]


@pytest.mark.parametrize(
    "answer",
    [
        whole(b"<html>hello</html>"),
        whole(b"<html>no</html>", 502),
        whole([1, 2]),
        whole({"detail": "Not Found"}, 404),
        whole({"error": {"message": "there is nothing at '/v1/ask'", "code": "not_found"}}, 404),
        whole(b"", 302, "Location: http://127.0.0.1:1/elsewhere\r\n"),
        whole(b"\xff\xfe"),
    ],
    ids=["a page", "a proxy's error", "a list", "another's error", "an older gateway", "a redirect", "noise"],
)
async def test_what_is_no_gateway_is_said_to_be_none(answer: bytes) -> None:
    async with standing(Impostor([answer])) as service:
        for call in CALLS:
            with pytest.raises(Unreachable, match=service.url):
                await call(service)


@pytest.mark.parametrize("said", [{}, {"memories": [{}]}, {"services": 1, "tools": [1], "models": 1, "memory": {}}])
async def test_so_is_what_answers_with_other_fields(said: Any) -> None:
    async with standing(Impostor([whole(said)])) as service:
        for call in CALLS[1:-1]:
            with pytest.raises(Unreachable, match=service.url):
                await call(service)


async def test_ids_and_names_stay_one_step_of_the_address() -> None:
    impostor = Impostor([whole(decision_to_dict(DECISION))])
    async with standing(impostor) as service:
        assert await service.find("#../x?y") == DECISION
        assert await service.find() == DECISION
        await service.export("http:a/b ü#?")
    paths = [first.split()[1] for first, _, _ in impostor.asked]
    assert paths == ["/v1/decisions/..%2Fx%3Fy", "/v1/decisions/latest", "/v1/persons/http:a%2Fb%20%C3%BC%23%3F"]


async def test_an_error_comes_back_with_cause_cure_and_time() -> None:
    told_of = {"error": {"message": "too much (cure: wait (a bit))", "code": "rate_limit_exceeded", "param": None}}
    async with standing(Impostor([whole(told_of, 429, "Retry-After: 7\r\n")])) as service:
        with pytest.raises(LimitReached) as caught:
            await told(service)
    assert (caught.value.message, caught.value.cure, caught.value.retry_after) == ("too much", "wait (a bit)", 7.0)


@pytest.mark.parametrize("kind", [it for it in dict.fromkeys(KINDS.values()) if it is not PointsmanError])
def test_every_error_comes_back_as_its_class(kind: type[PointsmanError]) -> None:
    error = error_of(kind.code, "groq: it broke", "mend it", status=500)
    assert type(error) is kind
    assert error.http_status == kind.http_status
    if kind is not MissingExtra:
        assert (error.message, error.cure) == ("groq: it broke", "mend it")


def test_no_code_is_left_out() -> None:
    kinds = (it for it in vars(errors).values() if isinstance(it, type))
    codes = {str(getattr(it, "code", "")) for it in kinds if issubclass(it, PointsmanError)}
    assert codes | {ServiceFailed.code} <= KINDS.keys()


def test_errors_with_more_to_them_keep_it() -> None:
    field = error_of("invalid_request", "text: wrong", "", field="text")
    assert isinstance(field, BadField)
    assert field.field == "text"
    extra = MissingExtra("discord", "the bot")
    back = error_of(extra.code, extra.message, extra.cure)
    assert (back.message, back.cure) == (extra.message, extra.cure)
    assert isinstance(back, MissingExtra)


def test_an_error_that_is_not_known_here_keeps_its_code() -> None:
    error = error_in({"error": {"message": "odd", "code": "new_code"}}, 418, "http://x", "/v1/ask", 0.0)
    assert (type(error), error.code, error.http_status, error.message) == (PointsmanError, "new_code", 418, "odd")
