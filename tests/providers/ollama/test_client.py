"""The client: streams, tools, thoughts, downloads, and every way in which the connection or the server fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.core.errors import (
    InvalidInput,
    ModelFailed,
    NoRoom,
    OutOfMemory,
    PointsmanError,
    UnknownModel,
    Unreachable,
)
from pointsman.providers.ollama.asking import ChatAsk, ChatMessage, GenerateAsk, Manner, Setup
from pointsman.providers.ollama.client import Ollama, Patience
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.providers.ollama.wire import OllamaWire
from pointsman.testing.clouds import StreamTrouble, Trouble
from pointsman.testing.ollama import FakeOllamaOnCard, Mishap, OllamaFile

SETUP = Setup("smollm2:135m", RunnerOptions(4096))
HI = (ChatMessage("user", "hi"),)
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"required": ["city"]}}}


async def said(client: Ollama, asked: ChatAsk) -> str:
    return "".join([piece.text async for piece in client.chat(asked)])


async def test_a_chat(place: Any) -> None:
    assert await said(place.client, ChatAsk(SETUP, HI)) == "You said: hi"
    (body,) = place.bodies
    assert body["options"] == {"num_ctx": 4096}
    assert "keep_alive" not in body


async def test_a_completion(place: Any) -> None:
    pieces = [it async for it in place.client.generate(GenerateAsk(SETUP, "hi", system="Be brief."))]
    assert "".join(it.text for it in pieces) == "You said: hi"
    assert pieces[-1].end
    assert pieces[-1].end.tokens


async def test_thoughts_are_apart(place: Any) -> None:
    asked = ChatAsk(Setup("qwen3:4b"), HI, Manner(think=True))
    pieces = [it async for it in place.client.chat(asked)]
    assert "".join(it.thinking for it in pieces).startswith("The user")
    assert "".join(it.text for it in pieces) == "You said: hi"


async def test_tools_go_out_and_calls_come_back(place: Any) -> None:
    first = ChatMessage("user", "the weather in Lyon")
    asked = ChatAsk(Setup("qwen3:4b"), [first], Manner(think=False), tools=[TOOL])
    calls = [call async for piece in place.client.chat(asked) for call in piece.tool_calls]
    assert [(it.name, it.arguments) for it in calls] == [("get_weather", {"city": "the weather in Lyon"})]
    told = ChatMessage("tool", "Sunny", tool_name=calls[0].name, tool_call_id=calls[0].id)
    further = [first, ChatMessage("assistant", tool_calls=tuple(calls)), told]
    assert await said(place.client, ChatAsk(asked.setup, further, asked.manner, tools=[TOOL]))
    assert place.bodies[-1]["messages"][-1] == {
        "role": "tool",
        "content": "Sunny",
        "tool_name": "get_weather",
        "tool_call_id": "call_1",
    }


async def test_vectors(place: Any) -> None:
    vectors, end = await place.client.embed(Setup("all-minilm"), ["a", "b"], dimensions=16)
    assert [len(it) for it in vectors] == [16, 16]
    assert end.prompt_tokens == 2


async def test_what_it_has(place: Any) -> None:
    assert await place.client.version() == "0.35.2"
    rows = {it.name: it for it in await place.client.installed()}
    assert rows["all-minilm:latest"].abilities == {"embedding"}
    assert rows["qwen3:14b"].size == 9_300_000_000
    assert (await place.client.show("qwen3:14b"))["model_info"]["general.architecture"] == "qwen3"
    with pytest.raises(UnknownModel):
        await place.client.show("nope")


async def test_a_download(place: Any) -> None:
    tiny = OllamaFile("tiny:1b", 1_000_000_000)
    place.fake.pullable["tiny:1b"] = tiny
    told = [it async for it in place.client.pull("tiny:1b")]
    assert told[0].status == "pulling manifest"
    assert (told[-1].status, told[-1].done, told[-1].total) == ("success", tiny.size, tiny.size)
    assert [it.done for it in told] == sorted(it.done for it in told)


async def test_a_download_that_fails(place: Any) -> None:
    for name in ("nope", " "):
        with pytest.raises(UnknownModel, match="library has no model") as unknown:
            [it async for it in place.client.pull(name)]
        assert "https://ollama.com/library" in unknown.value.cure
    place.fake.pullable["tiny:1b"] = OllamaFile("tiny:1b", 10**9)
    place.fake.troubles.script(Trouble("truncated"))
    with pytest.raises(ModelFailed, match="ended") as ended:
        [it async for it in place.client.pull("tiny:1b")]
    assert "pointsman pull ollama:tiny:1b" in ended.value.cure


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble("html"), Unreachable),
        (Trouble("html_as_json"), Unreachable),
        (Trouble("empty"), ModelFailed),
        (Trouble("null"), Unreachable),
        (Trouble("truncated"), ModelFailed),
        (Trouble("reset_before_headers"), Unreachable),
        (Trouble("reset_mid_body"), Unreachable),
        (Trouble("cut_short"), Unreachable),
        (Trouble("redirect"), Unreachable),
        (Trouble("deep", size=10_000), Unreachable),
        (Trouble("error", name="ollama_busy_503"), NoRoom),
        (Trouble("error", name="load_oom"), OutOfMemory),
        (Trouble("error", name="load_crash"), ModelFailed),
        (Trouble("error", name="cloud"), ModelFailed),
        (StreamTrouble("error"), ModelFailed),
        (StreamTrouble("break"), Unreachable),
        (StreamTrouble("no_done"), ModelFailed),
    ],
)
async def test_chats_that_fail(place: Any, trouble: Any, kind: type[PointsmanError]) -> None:
    place.fake.troubles.script(trouble)
    with pytest.raises(kind) as told:
        await said(place.client, ChatAsk(SETUP, HI))
    assert type(told.value) is kind
    assert told.value.cure
    assert await said(place.client, ChatAsk(SETUP, HI)) == "You said: hi"


@pytest.mark.parametrize("kind", ["html", "empty", "null", "truncated", "reset_mid_body", "redirect", "deep"])
async def test_lists_that_fail(place: Any, kind: Any) -> None:
    place.fake.troubles.script(Trouble(kind))
    with pytest.raises((Unreachable, ModelFailed)) as told:
        await place.client.running()
    assert told.value.cure
    assert await place.client.running() == ()


@pytest.mark.parametrize("after", [0, 2])
async def test_out_of_memory_while_it_answers(place: Any, after: int) -> None:
    place.fake.residency.mishaps.append(Mishap("run_oom", after))
    pieces = place.client.chat(ChatAsk(SETUP, HI))
    assert [(await anext(pieces)).text for _ in range(after)] == ["You", " said:"][:after]
    with pytest.raises(OutOfMemory):
        await anext(pieces)
    assert not place.names


async def test_a_reply_that_is_cut_off(place: Any) -> None:
    place.fake.residency.mishaps.append(Mishap("cut", 1))
    with pytest.raises(ModelFailed, match="too early"):
        await said(place.client, ChatAsk(SETUP, HI))


@pytest.mark.parametrize("trouble", [Trouble("hang"), StreamTrouble("hang")])
async def test_silence(place: Any, trouble: Any) -> None:
    impatient = Ollama(place.fake.url, patience=Patience(0.05, 0.05, 0.05))
    place.fake.troubles.script(trouble)
    with pytest.raises(Unreachable, match="silent"):
        await said(impatient, ChatAsk(SETUP, HI))
    await impatient.close()


async def test_nobody_there() -> None:
    client = Ollama("http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="refused") as told:
        await client.version()
    assert "ollama serve" in told.value.cure
    await client.close()


async def test_an_inability_is_the_callers_mistake(place: Any) -> None:
    with pytest.raises(InvalidInput, match="does not support thinking"):
        await said(place.client, ChatAsk(SETUP, HI, Manner(think=True)))


async def test_leaving_a_reply_stops_the_model(slow: Any) -> None:
    async def leave() -> None:
        pieces = slow.client.chat(ChatAsk(SETUP, HI))
        await anext(pieces)
        await pieces.aclose()

    await slow.time.until(asyncio.create_task(leave()))
    await slow.fake.until(lambda: not slow.fake.in_flight)
    assert slow.fake.residency.runners["smollm2:135m"].users == 0


async def test_a_key_goes_along_and_is_not_shown() -> None:
    async with FakeOllamaOnCard() as fake:
        client = Ollama(fake.url, key="secret")
        await client.version()
        assert fake.requests[0].bearer == "secret"
        assert "secret" not in repr(client)
        await client.close()


class Bytes:
    """An answer in given pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    async def next(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


@pytest.mark.parametrize(
    "pieces",
    [
        (b'{"a":1}\n{"b":2}\n',),
        (b'{"a":', b'1}\n{"b', b'":2}'),
        (b'\n{"a":1}\r\n\n', b"\n", b'{"b":2}\n\n'),
        tuple(bytes([it]) for it in b'{"a":1}\n{"b":2}\n'),
    ],
)
async def test_lines_wherever_they_are_cut(pieces: tuple[bytes, ...]) -> None:
    wire = OllamaWire("http://127.0.0.1:9")
    source: Any = Bytes(*pieces)
    lines = [wire._object(line, "m") async for line in wire._split(source, 1.0, "m")]
    assert lines == [{"a": 1}, {"b": 2}]


async def test_a_line_without_an_end() -> None:
    wire = OllamaWire("http://127.0.0.1:9")
    source: Any = Bytes(*[b"x" * 1_000_000] * 6)
    with pytest.raises(ModelFailed, match="4,000,000 bytes"):
        [line async for line in wire._split(source, 1.0, "m")]
