"""Chat with a server that speaks OpenAI's language: a scripted one, and llama.cpp's own."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from pointsman.config.models import OpenAiModel
from pointsman.core.errors import InputTooLarge, ModelFailed, ModelFileError, PointsmanError, Unreachable
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Turn
from pointsman.core.ports import ChatModel, ChatOptions, Delta
from pointsman.providers import modelfiles, openai_chat
from pointsman.providers.embedded import SYSTEM
from pointsman.providers.openai_chat import OpenAiChat
from pointsman.providers.openai_events import Heard
from pointsman.providers.openai_request import is_listed, request_of
from pointsman.providers.openai_server import OpenAiServer
from pointsman.providers.remote.sse import Event, Parser
from pointsman.testing.clouds.chat import echo
from pointsman.testing.clouds.dialects import DIALECTS, DialectName
from pointsman.testing.clouds.faults import KINDS, StreamTrouble, Trouble
from pointsman.testing.clouds.openai import FakeOpenAi

HELLO = Turn("user", "a secret hello")
KEY = "sk-not-to-be-seen"


# --- a server that says what it is told to


@dataclass
class Answer:
    """What the server says to one request; after `pieces` it ends, breaks (`cut`) or hangs (`hold`)."""

    pieces: Sequence[bytes] = ()
    status: int = 200
    kind: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hold: bool = False


class Server:
    """Gives its answers in order, the last again and again.

    `asked` are the bodies, `came` is set by the first call, `left` when a caller went away.
    """

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.came = asyncio.Event()
        self.left = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(dict(request.headers))
        self.asked.append(await request.json() if request.can_read_body else {"path": request.path})
        self.came.set()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.kind, **answer.headers})
        await response.prepare(request)
        for piece in answer.pieces:
            await response.write(piece)
        if answer.cut and request.transport:
            request.transport.abort()
        if answer.hold:
            try:
                await asyncio.Event().wait()
            finally:
                self.left.set()
        return response


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/v1"
    finally:
        await runner.cleanup()


class Talk:
    """A chat model on a scripted server, and how long it rested between its calls."""

    def __init__(self, model: OpenAiChat, server: Server, rests: list[float]) -> None:
        self.model = model
        self.server = server
        self.rests = rests
        self.now = 0.0

    async def deltas(self, *turns: Turn, **options: Any) -> list[Delta]:
        return await deltas_of(self.model, *turns, **options)

    async def text(self, **options: Any) -> str:
        return "".join(delta.text for delta in await self.deltas(**options))

    async def failure(self, kind: type[PointsmanError], *, hurry: bool = False) -> tuple[str, PointsmanError]:
        """What came before the failure, and the failure; in a `hurry`, nobody waits once all words are said."""
        heard: list[str] = []

        async def read() -> None:
            async with aclosing(self.model.chat([HELLO], ChatOptions())) as deltas:
                async for delta in deltas:
                    heard.append(delta.text)
                    if hurry and "".join(heard) == WHOLE:
                        self.model._timeout = 0.01

        with pytest.raises(kind) as caught:
            await read()
        assert type(caught.value) is kind
        assert caught.value.cure
        assert "secret" not in str(caught.value)
        assert KEY not in str(caught.value)
        return "".join(heard), caught.value

    @property
    def models(self) -> list[str]:
        """The ids that were asked, in order."""
        return [body["model"] for body in self.server.asked]


async def deltas_of(model: ChatModel, *turns: Turn, **options: Any) -> list[Delta]:
    async with aclosing(model.chat(turns or (HELLO,), ChatOptions(**options))) as deltas:
        return [delta async for delta in deltas]


@asynccontextmanager
async def talk(*answers: Answer, models: Sequence[str] = ("m",), patience: float = 5.0) -> AsyncIterator[Talk]:
    server = Server(*answers)
    rests: list[float] = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    async with served(server) as url:
        made: list[Talk] = []
        model = OpenAiChat(
            url,
            models,
            service=service(url),
            key=SecretStr(KEY),
            timeout=patience,
            clock=lambda: made[0].now,
            sleep=sleep,
            chance=random.Random(1),
        )
        made.append(Talk(model, server, rests))
        try:
            yield made[0]
        finally:
            await model.close()


def service(url: str) -> OpenAiServer:
    return OpenAiServer(url.split("/")[2], url)


# --- what it says


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def sse(*events: dict[str, Any] | str, end: str = "\n\n") -> bytes:
    return "".join(f"data: {it if isinstance(it, str) else json.dumps(it)}{end}" for it in events).encode()


def usage(prompt: int, completion: int) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def refusal(status: int, message: str = "no", **more: Any) -> Answer:
    body = json.dumps({"error": {"message": message, "type": "x", "code": None, **more}}).encode()
    return Answer([body], status, "application/json")


GONE = refusal(404, "the model 'a' does not exist", code="model_not_found")
BUSY = refusal(503, "server busy")
WORDS = (chunk("Hello"), chunk(", zwölf 🦊"), chunk(" of you!"))
WHOLE = "Hello, zwölf 🦊 of you!"
STREAM = sse({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}, *WORDS, chunk(finish="stop"))
COUNTS = {"choices": [], "usage": usage(9, 4)}
GOOD = Answer([STREAM + sse(COUNTS, "[DONE]")])


async def test_what_came_before_a_failure_is_said_before_it() -> None:
    broken = sse(*WORDS[:2], {"error": {"message": "out of luck", "code": 500}})
    async with talk(Answer([broken])) as it:
        text, _ = await it.failure(ModelFailed)
    assert text == "Hello, zwölf 🦊"


async def test_a_reply_comes_in_pieces_and_ends_with_its_counts() -> None:
    async with talk(GOOD) as it:
        assert await it.deltas() == [Delta(WHOLE), Delta("", "stop", 9, 4)]  # it came at once, so it goes on at once
        assert it.server.headers[0]["Authorization"] == f"Bearer {KEY}"
        assert it.server.headers[0]["User-Agent"].startswith("pointsman")
        assert it.server.asked == [
            {
                "model": "m",
                "messages": [{"role": "user", "content": HELLO.text}],
                "stream": True,
                "stream_options": {"include_usage": True},
            }
        ]


async def test_the_options_are_passed_on_and_what_is_open_is_left_to_the_server() -> None:
    body = request_of("m", [HELLO], ChatOptions(7, 0.5, 0.9, 3, ("###", "")))
    said = {"max_tokens": 7, "temperature": 0.5, "top_p": 0.9, "seed": 3, "stop": ["###"]}
    assert body == request_of("m", [HELLO], ChatOptions()) | said
    assert request_of("m", [HELLO], ChatOptions(temperature=0.0, seed=0))["temperature"] == 0.0


async def test_turns_are_put_as_every_template_takes_them() -> None:
    turns = [Turn("user", "a"), Turn("system", "s"), Turn("user", "b"), Turn("assistant", "c"), Turn("tool", "d\ud800")]
    assert request_of("m", turns, ChatOptions())["messages"] == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "a\n\nb"},
        {"role": "assistant", "content": "c"},
        {"role": "user", "content": "d\ufffd"},
    ]


@given(st.sets(st.integers(0, len(GOOD.pieces[0]))))
def test_wherever_a_stream_is_cut_the_text_is_the_same(places: set[int]) -> None:
    data = GOOD.pieces[0]
    parser, heard = Parser(), Heard()
    for start, end in pairwise([0, *sorted(places), len(data)]):
        for event in parser.feed(data[start:end]):
            if event.data != "[DONE]":
                heard.take(json.loads(event.data))
    assert ("".join(heard.pieces), heard.last("m")) == (WHOLE, Delta("", "stop", 9, 4))


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        pytest.param(Answer([bytes([byte]) for byte in GOOD.pieces[0]]), (9, 4), id="byte by byte"),
        pytest.param(Answer([STREAM]), (0, 0), id="neither counts nor [DONE]"),
        pytest.param(Answer([STREAM.rstrip()]), (0, 0), id="no end of the last line"),
        pytest.param(Answer([sse(*WORDS, "[DONE]")]), (0, 0), id="no reason"),
        pytest.param(Answer([STREAM], hold=True), (0, 0), id="never closed"),
        pytest.param(Answer([STREAM], cut=True), (0, 0), id="broken behind its end"),
        pytest.param(Answer([STREAM.replace(b"\n", b"\r\n")]), (0, 0), id="CR LF"),
        pytest.param(Answer([STREAM.replace(b"data: ", b"data:")]), (0, 0), id="no space"),
        pytest.param(Answer([b": wait\n\n", STREAM, b": wait\n\n"]), (0, 0), id="comments"),
        pytest.param(Answer([b"data:\n\n", STREAM]), (0, 0), id="empty events"),
        pytest.param(
            Answer([sse(*WORDS, chunk(finish="stop", usage=usage(1, 2)))], hold=True),
            (1, 2),
            id="counts with the reason",
        ),
        pytest.param(
            Answer([sse(chunk(usage=usage(9, 0)), *WORDS, chunk(finish="stop"), COUNTS)], hold=True),
            (9, 4),
            id="counts all along",
        ),
        pytest.param(
            Answer([STREAM + sse({"usage": {"prompt_tokens": "9", "completion_tokens": None}})]),
            (0, 0),
            id="odd counts",
        ),
        pytest.param(Answer([STREAM], kind="application/json"), (0, 0), id="said to be JSON"),
    ],
)
async def test_every_dialect_of_a_stream_is_understood(
    answer: Answer, counts: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_chat, "LAST_WORD_SECONDS", 0.01 if counts == (0, 0) else 60.0)
    async with talk(answer) as it:
        deltas = await it.deltas()
    assert "".join(delta.text for delta in deltas) == WHOLE
    assert deltas[-1] == Delta("", "stop", *counts)


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_a_whole_reply_in_place_of_a_stream_is_taken(kind: str) -> None:
    choice = {"index": 0, "message": {"role": "assistant", "content": WHOLE}, "finish_reason": "length"}
    body = json.dumps({"choices": [choice], "usage": usage(9, 4)}).encode()
    async with talk(Answer([body], kind=kind)) as it:
        assert await it.deltas() == [Delta(WHOLE), Delta("", "length", 9, 4)]


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (chunk("a"), "a"),
        (chunk(None), ""),
        ({"choices": [{"delta": {"content": None}}]}, ""),
        ({"choices": [{"delta": {"content": "a"}}, {"index": 1, "delta": {"content": "b"}}]}, "a"),
        ({"choices": [{"message": {"content": "a"}}]}, "a"),
        ({"choices": [{"delta": {"refusal": "no"}}]}, "no"),
        ({"choices": [{"delta": {"content": [{"type": "thinking", "thinking": ["x"]}]}}]}, ""),
        ({"choices": [{"delta": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}}]}, "ab"),
        ({"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}, ""),
        ({"choices": [None, 3, {"delta": [1]}], "usage": [1]}, ""),
        ({"choices": "x"}, ""),
        ([], ""),
    ],
)
def test_the_text_in_an_event(event: Any, text: str) -> None:
    assert Heard().take(event) == text


def test_a_character_that_was_cut_in_two_is_whole_again() -> None:
    heard = Heard()
    said = ("a \ud83e", "\udd8a", " b", "\udd8a", "\ud83e", "", "c", "\ud83e")
    assert [heard.take(chunk(text)) for text in said] == ["a ", "🦊", " b", "\ufffd", "", "", "\ufffdc", ""]
    assert "".join(heard.pieces).encode()


@pytest.mark.parametrize(
    ("said", "meant"),
    [("length", "length"), ("model_length", "length"), ("MAX_TOKENS", "length"), ("content_filter", "content_filter")],
)
async def test_the_reason_of_the_end(said: str, meant: str) -> None:
    async with talk(Answer([sse(*WORDS, chunk(finish=said))])) as it:
        assert (await it.deltas())[-1].finish_reason == meant


async def test_an_empty_reply_is_a_reply() -> None:
    async with talk(Answer([sse(chunk("", "stop"))])) as it:
        assert await it.deltas() == [Delta("", "stop")]


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_thoughts_are_not_shown_and_are_no_reply(name: str) -> None:
    thought = {"choices": [{"index": 0, "delta": {name: "hm"}}]}
    async with talk(Answer([sse(thought, *WORDS, chunk(finish="stop"))])) as it:
        assert await it.text() == WHOLE
    async with talk(Answer([sse(thought, chunk(finish="length"), {"choices": [], "usage": usage(9, 64)})])) as it:
        _, error = await it.failure(ModelFailed)
        assert error.message == "m thought, and said nothing (64 tokens)"
        assert "max_tokens" in error.cure
        assert it.rests == []


# --- what goes wrong before the first word


async def test_a_fault_that_may_pass_is_tried_once_more_after_a_moment() -> None:
    async with talk(BUSY, GOOD) as it:
        assert await it.text() == WHOLE
        assert len(it.rests) == 1
        assert 0.25 <= it.rests[0] <= 0.5


async def test_and_only_once() -> None:
    async with talk(BUSY) as it:
        _, error = await it.failure(ServiceFailed)
        assert error.http_status == 503
        assert (len(it.server.asked), len(it.rests)) == (2, 1)


@pytest.mark.parametrize(
    "first",
    [
        Answer([sse(chunk(""))]),
        Answer([sse({"choices": [{"delta": {"reasoning": "hm"}}]})], cut=True),
        Answer([sse(chunk("")), b"data: {\n\n"]),
        Answer([sse({"error": {"message": "out of memory", "code": 500}})]),
        Answer(cut=True),
    ],
    ids=["ended", "cut in its thoughts", "no JSON", "an error event", "cut"],
)
async def test_a_reply_that_breaks_before_its_first_word_is_asked_for_again(first: Answer) -> None:
    async with talk(first, GOOD) as it:
        assert await it.text() == WHOLE
        assert len(it.rests) == 1


async def test_the_next_model_is_asked_and_the_one_that_is_gone_no_more(caplog: pytest.LogCaptureFixture) -> None:
    async with talk(GONE, GOOD, models=("a", "b")) as it:
        with caplog.at_level(logging.WARNING):
            assert await it.text() == WHOLE
        assert "b is asked instead" in caplog.text
        assert "secret" not in caplog.text
        assert await it.text() == WHOLE
        it.now += 86_401
        assert await it.text() == WHOLE
        assert it.models == ["a", "b", "b", "a"]
        assert it.rests == []


async def test_when_all_models_are_gone_the_last_failure_is_told() -> None:
    async with talk(GONE, models=("a", "b")) as it:
        _, error = await it.failure(ServiceFailed)
        assert isinstance(error, ServiceFailed)
        assert (error.kind, error.model) == ("model_gone", "b")
        await it.failure(ServiceFailed)
        assert it.models == ["a", "b", "a", "b"]


async def test_one_retry_in_all_then_the_other_models() -> None:
    async with talk(BUSY, models=("a", "b", "c")) as it:
        await it.failure(ServiceFailed)
        assert it.models == ["a", "a", "b", "c"]


async def test_a_limit_is_waited_for_when_that_is_short_and_nobody_else_is_there() -> None:
    limited = refusal(429, "slow down")
    limited.headers["Retry-After"] = "3"
    async with talk(limited, GOOD) as it:
        assert await it.text() == WHOLE
        assert 3 <= it.rests[0] <= 3.5
    async with talk(limited, GOOD, models=("a", "b")) as it:
        assert await it.text() == WHOLE
        assert (it.models, it.rests) == (["a", "b"], [])
    limited.headers["Retry-After"] = "60"
    async with talk(limited) as it:
        await it.failure(ServiceFailed)
        assert (len(it.server.asked), it.rests) == (1, [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(401, "Incorrect API key provided", code="invalid_api_key"), "auth"),
        (refusal(402, "Payment required"), "quota_exhausted"),
        (refusal(400, "temperature must be below 1"), "bad_request"),
        (Answer([b"<html>log in</html>"], kind="text/html"), "malformed"),
        (Answer([b"It works!"], kind="text/plain"), "malformed"),
        (Answer([b'{"hello": 1}'], kind="application/json"), "malformed"),
        (Answer(status=302, headers={"Location": "/login"}), "bad_request"),
    ],
    ids=["key", "money", "request", "page", "text", "other JSON", "redirect"],
)
async def test_what_no_retry_helps_is_told_at_once(answer: Answer, kind: str) -> None:
    async with talk(answer) as it:
        text, error = await it.failure(ServiceFailed)
        assert isinstance(error, ServiceFailed)
        assert (error.kind, text, len(it.server.asked)) == (kind, "", 1)


@pytest.mark.parametrize("inside", [False, True], ids=["refused", "in the stream"])
async def test_a_conversation_that_is_too_long_is_the_callers_to_shorten(*, inside: bool) -> None:
    error = {"message": "maximum context length is 8192 tokens", "code": "context_length_exceeded"}
    as_event = Answer([sse({"error": {**error, "code": 400, "type": "exceed_context_size_error"}})])
    async with talk(as_event if inside else refusal(400, **error), models=("a", "b")) as it:
        _, failed = await it.failure(InputTooLarge)
        assert failed.http_status == 413
        assert len(it.server.asked) == 1


async def test_nobody_there(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/v1"
    rests: list[float] = []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)

    model = OpenAiChat(url, ("a", "b"), service=service(url), sleep=sleep)
    with pytest.raises(Unreachable) as caught:
        await deltas_of(model)
    await model.close()
    assert caught.value.message == f"127.0.0.1:{unused_tcp_port}: cannot be reached: Connection refused"
    assert "is the server running?" in caught.value.cure
    assert len(rests) == 1


async def test_silence_before_the_first_word_has_its_limit_and_is_not_tried_again() -> None:
    async with talk(Answer(hold=True), models=("a", "b"), patience=0.02) as it:
        _, error = await it.failure(Unreachable)
        assert "was silent for 0.02 s" in error.message
        assert "timeout" in error.cure
        assert len(it.server.asked) <= 1  # a busy machine may be late even to ask
        assert it.rests == []


# --- what goes wrong after it


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        (Answer(), "ended the reply too early"),
        (Answer(cut=True), "the connection broke"),
        (Answer(hold=True), "was silent for 0.01 s"),
        (Answer([b"data: {oops\n\n"]), "no JSON"),
        (Answer([b"data: {oops"]), "no JSON"),
        (Answer([sse({"error": {"message": "a secret failed", "code": 500}})]), ""),
        (Answer([sse({"object": "error", "message": "out of memory", "code": 400})]), ""),
        (Answer([b"event: error\n" + sse("a secret failed")]), ""),
        (Answer([sse(chunk("", "error", error={"code": 502, "message": "a secret failed"}))]), ""),
        (Answer([b"data: " + b"x" * 2_500_000]), "more than 2,000,000 bytes"),
    ],
    ids=["ended", "cut", "silent", "no JSON", "half an event", "error", "flat", "named", "reason", "endless"],
)
async def test_what_breaks_in_the_middle_is_told_and_never_asked_for_again(rest: Answer, why: str) -> None:
    rest.pieces = [sse(*WORDS), *rest.pieces]
    async with talk(rest, GOOD, models=("a", "b")) as it:
        text, error = await it.failure(ModelFailed, hurry=rest.hold)
        assert text == WHOLE
        assert error.message.startswith("a broke off after 5 words: ")
        assert why in error.message
        assert (len(it.server.asked), it.rests) == (1, [])


async def test_closing_the_iterator_closes_the_connection() -> None:
    async with talk(Answer([sse(*WORDS)], hold=True)) as it:
        deltas = it.model.chat([HELLO], ChatOptions())
        assert await anext(deltas) == Delta(WHOLE)
        assert not it.server.left.is_set()
        await deltas.aclose()
        async with asyncio.timeout(5):
            await it.server.left.wait()


async def test_cancelling_who_waits_closes_the_connection() -> None:
    async with talk(Answer(hold=True)) as it:
        waiting = asyncio.ensure_future(it.text())
        async with asyncio.timeout(5):
            await it.server.came.wait()
        waiting.cancel()
        async with asyncio.timeout(5):
            await it.server.left.wait()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_chats_at_the_same_time_stay_separate() -> None:
    async with talk(GOOD) as it:
        assert await asyncio.gather(*(it.text() for _ in range(120))) == [WHOLE] * 120


# --- servers as they are known to be


async def outcome_of(fake: FakeOpenAi, seconds: float, **options: Any) -> tuple[str, PointsmanError | None]:
    """What a chat with a fake server said, and how it failed if it did."""

    async def sleep(_seconds: float) -> None:
        pass

    said: list[str] = []
    failed: PointsmanError | None = None
    model = OpenAiChat(
        fake.url, fake.models[:1], service=service(fake.url), key=SecretStr(fake.key), timeout=seconds, sleep=sleep
    )
    try:
        async with aclosing(model.chat([HELLO], ChatOptions(**options))) as deltas:
            async for delta in deltas:
                said.append(delta.text)
        assert delta.finish_reason
    except PointsmanError as error:
        failed = error
    finally:
        await model.close()
    return "".join(said), failed


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_every_dialect_is_spoken(dialect: DialectName) -> None:
    async with FakeOpenAi(dialect=dialect) as fake:
        assert await outcome_of(fake, 5) == (echo(HELLO.text), None)
        fake.context = 1
        assert isinstance((await outcome_of(fake, 5))[1], InputTooLarge)


SLOW = {"hang", "slow_first_byte", "trickle"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "error"])
async def test_whatever_happens_to_an_answer_it_comes_whole_or_fails_by_name(kind: Any) -> None:
    async with FakeOpenAi() as fake:
        fake.troubles.set(Trouble(kind, seconds=60.0, size=100_000))
        said, failed = await outcome_of(fake, 0.05 if kind in SLOW else 5)
    assert echo(HELLO.text).startswith(said)
    if failed is None:
        assert said == echo(HELLO.text)
    else:
        assert failed.cure
        assert "secret" not in str(failed)


@pytest.mark.parametrize("kind", ["break", "hang", "error", "no_done"])
@pytest.mark.parametrize("after", [0, 2])
async def test_whatever_happens_in_a_stream_what_came_stays(kind: Any, after: int) -> None:
    async with FakeOpenAi() as fake:
        fake.troubles.set(StreamTrouble(kind, after))
        said, failed = await outcome_of(fake, 0.2 if kind == "hang" else 5)
    assert echo(HELLO.text).startswith(said)
    assert (failed is None) == (kind == "no_done") == (said == echo(HELLO.text))
    if failed is not None:
        assert isinstance(failed, ModelFailed) == bool(said)
        assert len(fake.requests) <= (1 if said or kind == "hang" else 2)


# --- what a server does not know


@pytest.mark.parametrize(
    ("part", "instead", "status"),
    [("stream_options", {}, 400), ("seed", {}, 422), ("max_tokens", {"max_completion_tokens": 5}, 400)],
)
async def test_what_a_server_refuses_by_name_is_left_out_from_then_on(
    part: str, instead: dict[str, Any], status: int
) -> None:
    no = refusal(status, f"Unsupported parameter: '{part}'")
    async with talk(no, GOOD) as it:
        for _ in range(2):
            assert await it.text(max_tokens=5, seed=1) == WHOLE
        first, second, third = it.server.asked
        assert {name: value for name, value in first.items() if name != part} | instead == second == third
        assert it.rests == []


async def test_what_is_refused_again_without_it_is_told_and_not_remembered() -> None:
    no = refusal(400, "seed or stream_options, I cannot say")
    async with talk(no, no, GOOD) as it:
        await it.failure(ServiceFailed)
        assert await it.text() == WHOLE
        assert ["stream_options" in body for body in it.server.asked] == [True, False, True]


# --- its list of models


@pytest.mark.parametrize(
    ("answer", "listed"),
    [
        (Answer([b'{"object": "list", "data": [{"id": "a"}, {"id": "b"}, {}]}'], kind="application/json"), ("a", "b")),
        (Answer([b'[{"id": "a"}]'], kind="application/json"), ("a",)),
        (Answer([b'{"hello": 1}'], kind="application/json"), None),
        (Answer([b"data: x\n\n"]), None),
        (refusal(404), None),
    ],
)
async def test_the_list_of_models(answer: Answer, listed: tuple[str, ...] | None) -> None:
    async with talk(answer) as it:
        assert await it.model.listed(5) == listed
        assert it.server.asked == [{"path": "/v1/models"}]


async def test_a_list_that_is_refused_or_late() -> None:
    async with talk(refusal(401)) as it:
        with pytest.raises(ServiceFailed):
            await it.model.listed(5)
    async with talk(Answer(hold=True)) as it:
        with pytest.raises(Unreachable):
            await it.model.listed(0.02)


@pytest.mark.parametrize(
    ("model", "listed", "found"),
    [
        ("a", ("b", "a"), True),
        ("a", ("b", "a1"), False),
        ("llama3.2", ("llama3.2:latest",), True),
        ("gemini-2.5-flash", ("models/gemini-2.5-flash",), True),
        ("openai/gpt-oss-20b:cheapest", ("openai/gpt-oss-20b",), True),
        ("qwen3:4b", ("qwen3:8b",), False),
        ("a", (), False),
    ],
)
def test_whether_a_model_is_listed(model: str, listed: tuple[str, ...], *, found: bool) -> None:
    assert is_listed(model, listed) is found


def test_a_model_from_the_configuration() -> None:
    settings = OpenAiModel(provider="openai", url="http://127.0.0.1:1/v1/", models=("a/b", "c"), timeout=3)
    model = OpenAiChat.from_config(settings, service(settings.url))
    assert (model.name, model.note) == ("a/b", "")
    named = OpenAiModel(provider="openai", url="http://127.0.0.1:1/v1", model="a", name="mine")
    assert OpenAiChat.from_config(named, service(named.url)).name == "mine"


# --- llama.cpp's own server


@pytest.fixture(scope="module")
def llama_cpp() -> Iterator[str]:
    """The address of a llama.cpp server with SmolLM2, two chats at once of 256 tokens each."""
    xllamacpp = pytest.importorskip("xllamacpp", reason="the [local] extra is not installed")
    try:
        file = modelfiles.smollm2()
    except ModelFileError as error:
        pytest.skip(f"no SmolLM2 on this machine: {error}")
    given = xllamacpp.CommonParams()
    given.model.path = str(file)
    given.model_alias = {"smollm2"}
    given.n_parallel, given.n_ctx, given.n_batch, given.n_ubatch = 2, 512, 128, 128
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = 1
    given.n_gpu_layers, given.fit_params, given.verbosity = 0, False, -1
    given.api_keys = [KEY]
    server = xllamacpp.Server(given)
    yield f"{server.listening_address}/v1"
    del server


@asynccontextmanager
async def llama(url: str, key: str = KEY) -> AsyncIterator[OpenAiChat]:
    model = OpenAiChat(url, ("smollm2",), service=service(url), key=SecretStr(key))
    try:
        yield model
    finally:
        await model.close()


async def test_llama_cpp_chats(llama_cpp: str) -> None:
    async with llama(llama_cpp) as model:
        france = (Turn("system", SYSTEM), Turn("user", "What is the capital of France?"))
        deltas = await deltas_of(model, *france, max_tokens=16, temperature=0.0, top_p=0.9, seed=1, stop=("###",))
        assert "Paris" in "".join(delta.text for delta in deltas)
        assert len(deltas) > 3
        assert deltas[-1].prompt_tokens > 15
        assert deltas[-1].completion_tokens > 2
        cut = (await deltas_of(model, *france, max_tokens=2))[-1]
        assert (cut.finish_reason, cut.completion_tokens) == ("length", 2)


async def test_llama_cpp_says_what_it_has(llama_cpp: str) -> None:
    async with llama(llama_cpp) as model:
        assert await model.listed(10) == ("smollm2",)


async def test_llama_cpp_refuses_what_is_too_long(llama_cpp: str) -> None:
    async with llama(llama_cpp) as model:
        with pytest.raises(InputTooLarge):
            await deltas_of(model, Turn("user", "fox " * 2000))


async def test_llama_cpp_refuses_a_wrong_key(llama_cpp: str) -> None:
    async with llama(llama_cpp, key="wrong") as model:
        with pytest.raises(ServiceFailed) as caught:
            await deltas_of(model)
        assert caught.value.kind == "auth"


async def test_llama_cpp_stops_when_the_iterator_is_closed(llama_cpp: str) -> None:
    async with llama(llama_cpp) as model:
        # Two chats are answered at once: a fifth only comes to its turn when the four before it have stopped.
        for _ in range(4):
            story = model.chat([Turn("user", "Write a very long story.")], ChatOptions(max_tokens=200))
            assert (await anext(story)).text
            await story.aclose()
        assert (await deltas_of(model, max_tokens=2))[-1].completion_tokens == 2


def test_events_are_not_shown() -> None:
    assert "secret" not in repr(Event("", HELLO.text))
