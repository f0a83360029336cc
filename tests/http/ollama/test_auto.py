"""Model "auto" for Ollama's clients: the official one, and who looks at the bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import ollama
import pytest

from pointsman.core.errors import ModelFailed
from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Done
from pointsman.http.ollama.lines import Sheet, Times
from pointsman.http.ollama.options import NO_PARAMETERS
from pointsman.testing.scripted_model import ScriptedModel

HELLO = [{"role": "user", "content": "tell me something"}]
PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "the weather"}}


@pytest.fixture
def client(gateway: Any) -> Iterator[ollama.Client]:
    with ollama.Client(gateway.url) as opened:
        yield opened


def posted(gateway: Any, path: str, body: Any, **headers: str) -> httpx.Response:
    return httpx.post(f"{gateway.url}{path}", json=body, headers=headers, timeout=20)


def lines_of(reply: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(line) for line in reply.text.splitlines()]


def test_a_whole_reply(client: ollama.Client, gateway: Any) -> None:
    reply = client.chat("auto", HELLO)
    assert reply.message.content == "Hello from the model\n\n— a very small model"
    assert (reply.model, reply.done, reply.done_reason, reply.created_at) == (
        "auto",
        True,
        "stop",
        "1970-01-01T00:20:34.500000Z",
    )
    assert (reply.prompt_eval_count, reply.eval_count) == (7, 3)
    assert (reply.total_duration or 0) >= (reply.eval_duration or 0) > 0
    raw = posted(gateway, "/api/chat", {"model": "auto", "messages": HELLO, "stream": False})
    assert raw.headers["x-pointsman-category"] == "general_chat"
    assert raw.headers["x-pointsman-model"] == "tiny"
    assert raw.headers["x-pointsman-decision-id"] in gateway.store._decided
    assert raw.headers["content-type"] == "application/json"


def test_a_stream_is_lines_of_json_and_ends_with_its_figures(client: ollama.Client, gateway: Any) -> None:
    *pieces, last = client.chat("auto", HELLO, stream=True)
    assert [it.message.content for it in pieces] == ["Hello", " from", " the model", "\n\n— a very small model"]
    assert not any(it.done for it in pieces)
    assert (last.message.content, last.done, last.done_reason, last.eval_count) == ("", True, "stop", 3)
    raw = posted(gateway, "/api/chat", {"model": "auto:latest", "messages": HELLO})
    assert raw.headers["content-type"] == "application/x-ndjson"
    assert raw.headers["x-accel-buffering"] == "no"
    assert raw.headers["x-pointsman-tier"] == "fallback"
    assert {it["model"] for it in lines_of(raw)} == {"auto:latest"}


def test_a_completion(client: ollama.Client, gateway: Any) -> None:
    reply = client.generate("auto", "tell me", system="be brief")
    assert reply.response == "Hello from the model\n\n— a very small model"
    ((turns, _),) = gateway.model.asked
    assert turns == (Turn("system", "be brief"), Turn("user", "tell me"))
    *pieces, last = client.generate("auto", "tell me", stream=True)
    assert [it.response for it in pieces] == ["Hello", " from", " the model", "\n\n— a very small model"]
    assert (last.response, last.done_reason) == ("", "stop")


def test_a_template_answers_a_greeting_and_what_is_zero_is_left_out(gateway: Any) -> None:
    said = posted(gateway, "/api/chat", {"model": "auto", "messages": [{"role": "user", "content": "hey!"}]})
    text, last = lines_of(said)
    assert text["message"] == {"role": "assistant", "content": "Hello there!"}
    assert last.keys() == {"model", "created_at", "message", "done", "done_reason", "total_duration"}
    assert gateway.model.asked == []


def test_options_reach_the_model(client: ollama.Client, gateway: Any) -> None:
    options = {
        "num_predict": 9.0, "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["x"], "frequency_penalty": 1,
        "presence_penalty": -1, "top_k": 3, "num_ctx": 4096,
    }  # fmt: skip
    client.chat("auto", HELLO, options=options, think="high", format="json")
    ((_, asked),) = gateway.model.asked
    assert asked == ChatOptions(
        9, 0.5, 0.9, 7, ("x",), json=True, frequency_penalty=1.0, presence_penalty=-1.0, effort="high",
        more={"options": {"top_k": 3, "num_ctx": 4096}},
    )  # fmt: skip


def test_a_schema_is_kept_to_and_nothing_is_added(client: ollama.Client, gateway: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert client.chat("auto", HELLO, format=schema).message.content == "Hello from the model"
    assert gateway.model.asked[0][1].schema == schema


def test_pictures_come_with_the_message(client: ollama.Client, gateway: Any) -> None:
    client.chat("auto", [{"role": "user", "content": "what is this?", "images": [PIXEL]}])
    client.generate("auto", "what is this?", images=[PIXEL])
    for message in gateway.words.judged:
        (file,) = message.attachments
        assert (file.media_type, file.url) == ("image/png", f"data:image/png;base64,{PIXEL}")
    assert len(gateway.words.judged) == 2


def test_the_callers_tools_come_back_as_calls(start: Any) -> None:
    call = ToolCall("get_weather", {"city": "Rome"}, "one")
    model = ScriptedModel(rounds=[["Let me see.", call, call], ["21 degrees"]], name="tiny")
    gateway = start(model=model)
    with ollama.Client(gateway.url) as client:
        *_, first, second, last = client.chat("auto", HELLO, tools=[WEATHER], stream=True)
    said = [
        *HELLO,
        {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [
            {"id": "one", "function": {"name": "get_weather", "arguments": {"city": "Rome"}}}]},
        {"role": "tool", "tool_name": "get_weather", "tool_call_id": "one", "content": "21"},
    ]  # fmt: skip
    body = {"model": "auto", "messages": said, "tools": [WEATHER], "stream": False}
    reply = posted(gateway, "/api/chat", body).json()
    calls = [call for piece in (first, second) for call in piece.message.tool_calls or ()]
    assert [it.function.arguments for it in calls] == [{"city": "Rome"}] * 2
    assert (last.done, last.done_reason) == (True, "stop")
    assert reply["message"]["content"].startswith("21 degrees")
    turns, options = model.asked[1]
    assert turns[-2:] == (
        Turn("assistant", "", (call,)),
        Turn("tool", "21", tool="get_weather", call_id="one"),
    )
    assert options.tools[0].parameters == NO_PARAMETERS


def test_a_pages_own_job_is_known_by_its_header(gateway: Any) -> None:
    body = {"model": "auto", "messages": HELLO, "stream": False}
    said = posted(gateway, "/api/chat", body, **{"x-openwebui-task": "title_generation", "x-openwebui-user-id": "u1"})
    assert said.headers["x-pointsman-tier"] == "tasks"
    assert said.json()["message"]["content"] == "Hello from the model", "no footer for who reads it with a program"


@pytest.mark.parametrize("stream", [True, False])
def test_a_failure_before_the_first_word_has_a_status(start: Any, stream: bool) -> None:
    gateway = start(script=(ModelFailed("it broke", cure="mend it"),))
    said = posted(gateway, "/api/chat", {"model": "auto", "messages": HELLO, "stream": stream})
    assert (said.status_code, said.json()) == (502, {"error": "it broke (cure: mend it)"})
    assert said.headers["x-pointsman-category"] == "general_chat"


def test_a_failure_in_the_middle_is_a_line(start: Any) -> None:
    gateway = start(script=("Once", ModelFailed("it broke")))
    first, last = lines_of(posted(gateway, "/api/generate", {"model": "auto", "prompt": "tell me"}))
    assert (first["response"], last) == ("Once", {"error": "it broke"})
    with ollama.Client(gateway.url) as client, pytest.raises(ollama.ResponseError, match="it broke"):
        list(client.chat("auto", HELLO, stream=True))


def test_asking_nothing_is_a_load_or_an_unload(client: ollama.Client, gateway: Any) -> None:
    assert client.generate("auto").done_reason == "load"
    assert client.chat("auto", []).done_reason == "load"
    assert client.generate("auto", keep_alive="0s").done_reason == "unload"
    assert client.chat("auto", keep_alive=0).done_reason == "unload"
    assert gateway.words.judged == []
    assert gateway.model.asked == []


def test_a_model_in_this_process_is_told_in_the_same_lines(client: ollama.Client, gateway: Any) -> None:
    assert client.chat("tiny", HELLO).message.content == "Hello from the model"
    assert [it.response for it in client.generate("tiny:latest", "tell me", stream=True)][:1] == ["Hello"]
    assert client.generate("tiny", keep_alive=0).done_reason == "unload"
    assert gateway.words.judged == []


def test_statistics_count_from_the_request_and_the_first_word() -> None:
    moments = iter([10.0, 12.0, 15.0])
    times = Times(lambda: next(moments))
    sheet = Sheet("chat", "auto", lambda: 0.0, times)
    times.spoke()
    told = sheet.whole(Done(None, prompt_tokens=4, completion_tokens=6, finish_reason="length"))
    assert told["done_reason"] == "length"
    assert {name: value for name, value in told.items() if name.endswith(("count", "duration"))} == {
        "total_duration": 5_000_000_000,
        "prompt_eval_count": 4,
        "prompt_eval_duration": 2_000_000_000,
        "eval_count": 6,
        "eval_duration": 3_000_000_000,
    }
