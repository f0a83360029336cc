"""The official client speaks to a real gateway, streaming and not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from pointsman.core.errors import ModelFailed
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.reply import Done
from pointsman.http.openai.reply import Sheet

HELLO: list[Any] = [{"role": "user", "content": "tell me something"}]


@pytest.fixture
def client(gateway: Any) -> Iterator[OpenAI]:
    with connect(gateway) as opened:
        yield opened


def connect(gateway: Any, key: str = "anything") -> OpenAI:
    return OpenAI(base_url=f"{gateway.url}/v1", api_key=key, max_retries=0)


def test_auto_finds_the_track_and_says_so_in_headers(client: OpenAI, gateway: Any) -> None:
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=HELLO)
    reply = raw.parse()
    assert reply.choices[0].message.content == "Hello from the model\n\n— a very small model"
    assert reply.choices[0].message.role == "assistant"
    assert reply.choices[0].finish_reason == "stop"
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (7, 3, 10)
    assert (reply.model, reply.object, reply.created) == ("auto", "chat.completion", 1234)
    assert raw.headers["x-pointsman-category"] == "general_chat"
    assert raw.headers["x-pointsman-path"] == "llm"
    assert raw.headers["x-pointsman-tier"] == "fallback"
    assert raw.headers["x-pointsman-confidence"] == "0.3000"
    assert raw.headers["x-pointsman-model"] == "tiny"
    assert raw.headers["x-pointsman-decision-id"] in gateway.store._decided
    assert reply.id == f"chatcmpl-{raw.headers['x-pointsman-decision-id']}"


def test_a_template_answers_a_greeting_without_a_model(client: OpenAI, gateway: Any) -> None:
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=[{"role": "user", "content": "hey!"}])
    assert raw.parse().choices[0].message.content == "Hello there!"
    assert (raw.headers["x-pointsman-category"], raw.headers["x-pointsman-tier"]) == ("simple_greeting", "words")
    assert raw.headers["x-pointsman-confidence"] == "0.9700"
    assert gateway.model.asked == []


def test_a_stream_has_role_text_end_and_usage(client: OpenAI) -> None:
    with client.chat.completions.create(
        model="auto", messages=HELLO, stream=True, stream_options={"include_usage": True}
    ) as stream:
        parts = list(stream)
    assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.response.headers["x-accel-buffering"] == "no"
    assert stream.response.headers["cache-control"] == "no-store"
    assert stream.response.headers["x-pointsman-category"] == "general_chat"
    assert parts[0].choices[0].delta.role == "assistant"
    said = [part.choices[0].delta.content for part in parts[1:-2]]
    assert said == ["Hello", " from", " the model", "\n\n— a very small model"]
    assert parts[-2].choices[0].finish_reason == "stop"
    assert parts[-2].choices[0].delta.content is None
    assert parts[-1].choices == []
    assert parts[-1].usage is not None
    assert parts[-1].usage.total_tokens == 10
    assert {part.id for part in parts} == {f"chatcmpl-{stream.response.headers['x-pointsman-decision-id']}"}


def test_a_stream_without_usage_ends_with_the_finish_reason(client: OpenAI) -> None:
    with client.chat.completions.create(model="auto", messages=HELLO, stream=True) as stream:
        parts = list(stream)
    assert parts[-1].choices[0].finish_reason == "stop"
    assert all("usage" not in part.to_dict() for part in parts)


async def test_the_async_client_works_too(gateway: Any) -> None:
    async with AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key="any", max_retries=0) as client:
        whole = await client.chat.completions.create(model="tiny", messages=HELLO)
        stream = await client.chat.completions.create(model="auto", messages=HELLO, stream=True)
        text = "".join([part.choices[0].delta.content or "" async for part in stream])
    assert whole.choices[0].message.content == "Hello from the model"
    assert text == "Hello from the model\n\n— a very small model"


def test_a_named_model_is_asked_untouched(client: OpenAI, gateway: Any) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="tiny",
        messages=[
            {"role": "developer", "content": "be brief"},
            {"role": "user", "content": "draw a cat"},
            {"role": "assistant", "content": None, "tool_calls": []},
            {"role": "tool", "content": "42", "tool_call_id": "1"},
        ],
        temperature=0.5,
        top_p=0.9,
        seed=3,
        max_tokens=10,
        max_completion_tokens=20,
        stop=["\n"],
    )
    assert raw.parse().choices[0].message.content == "Hello from the model"
    assert "x-pointsman-decision-id" not in raw.headers
    turns = (
        Turn("system", "be brief"),
        Turn("user", "draw a cat"),
        Turn("assistant", ""),
        Turn("tool", "42", call_id="1"),
    )
    assert gateway.model.asked == [(turns, ChatOptions(20, 0.5, 0.9, 3, ("\n",)))]
    assert gateway.words.judged == []


def test_the_message_is_the_last_of_the_user_and_the_rest_is_history(client: OpenAI, gateway: Any) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/webp;base64,AAAA"}}
    client.chat.completions.create(
        model="auto",
        user="the body's user",
        extra_headers={"X-OpenWebUI-Chat-Id": "chat-9"},
        messages=[
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "yes?"},
            {"role": "user", "content": [{"type": "text", "text": "look"}, picture, {"type": "text", "text": "here"}]},  # type: ignore[list-item,misc]
        ],
    )
    (message,) = gateway.words.judged
    assert message.text == "look\nhere"
    assert message.history == (Turn("system", "be kind"), Turn("user", "first"), Turn("assistant", "yes?"))
    assert [(file.media_type, file.url) for file in message.attachments] == [
        ("image/webp", "data:image/webp;base64,AAAA")
    ]
    assert (message.origin.surface, message.origin.user, message.origin.session) == (
        "http",
        "the body's user",
        "chat-9",
    )


def test_a_marked_job_is_recognised_and_gets_no_footer(client: OpenAI, gateway: Any) -> None:
    headers = {"X-OpenWebUI-Task": "title_generation", "X-OpenWebUI-User-Id": "u1"}
    raw = client.chat.completions.with_raw_response.create(
        model="auto", messages=[{"role": "user", "content": "draw a title"}], extra_headers=headers
    )
    assert raw.headers["x-pointsman-tier"] == "tasks"
    assert raw.parse().choices[0].message.content == "Hello from the model"
    assert gateway.words.judged == []


def test_who_asks_for_json_gets_no_footer(client: OpenAI) -> None:
    reply = client.chat.completions.create(model="auto", messages=HELLO, response_format={"type": "json_object"})
    assert reply.choices[0].message.content == "Hello from the model"


def test_the_footer_can_be_switched_off(start: Any) -> None:
    with connect(start(footer=False)) as client:
        reply = client.chat.completions.create(model="auto", messages=HELLO)
    assert reply.choices[0].message.content == "Hello from the model"


def test_a_footer_alone_needs_no_gap() -> None:
    assert Sheet("1", 0, "auto", footer=True).closing(Done(None, footer="small"), after_text=False) == "— small"


def test_what_is_missing_is_a_comment_in_a_stream_and_the_footer_of_a_whole_reply(gateway: Any, post: Any) -> None:
    said = {"model": "auto", "messages": [{"role": "user", "content": "search the web"}]}
    streamed = post(gateway, "/v1/chat/completions", json.dumps({**said, "stream": True}).encode()).body
    whole = post(gateway, "/v1/chat/completions", json.dumps(said).encode()).body
    assert b": status not set up here: search (no tool has this name)\n\n" in streamed
    assert streamed.rstrip(b"0\r\n").endswith(b"data: [DONE]")
    assert whole.count(b"not set up here: search (no tool has this name)") == 1


def test_models_are_listed_and_found(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["auto", "tiny"]
    assert client.models.retrieve("auto").id == "auto"
    assert client.models.retrieve("tiny").owned_by == "pointsman"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("none")


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="gpt-9", messages=HELLO)
    assert caught.value.code == "model_not_found"
    assert "ask for one of: auto, tiny" in caught.value.message


def test_a_bad_parameter_is_named(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO, n=9)
    assert (caught.value.param, caught.value.type) == ("n", "invalid_request_error")


def test_the_key_is_asked_for(start: Any) -> None:
    gateway = start(key="sesame")
    with connect(gateway, "sesame") as client:
        assert client.chat.completions.create(model="tiny", messages=HELLO).choices
    with connect(gateway, "wrong") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO)
    assert caught.value.code == "invalid_api_key"
    assert caught.value.response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", ["auto", "tiny"])
def test_a_failure_before_the_first_word_is_an_error_answer(start: Any, model: str, stream: bool) -> None:
    gateway = start(script=[ModelFailed("the model fell over", cure="pick it up")])
    with connect(gateway) as client, pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model=model, messages=HELLO, stream=stream)
    assert caught.value.status_code == 502
    assert caught.value.code == "model_failed"
    assert "the model fell over (cure: pick it up)" in caught.value.message
    assert ("x-pointsman-decision-id" in caught.value.response.headers) == (model == "auto")


def test_no_model_at_all_is_said_with_the_cure(start: Any) -> None:
    with connect(start(without_model=True)) as client, pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO, stream=True)
    assert caught.value.status_code == 503
    assert "pointsman pull" in caught.value.message


def test_a_failure_in_the_middle_ends_with_a_valid_frame(start: Any, post: Any) -> None:
    gateway = start(script=["Once", ModelFailed("the model fell over")])
    with connect(gateway) as client, pytest.raises(openai.APIError) as caught:
        list(client.chat.completions.create(model="auto", messages=HELLO, stream=True))
    assert "the model fell over" in caught.value.message
    body = json.dumps({"model": "auto", "messages": HELLO, "stream": True}).encode()
    frames = [line for line in post(gateway, "/v1/chat/completions", body).body.split(b"\n") if b"data: " in line]
    assert json.loads(frames[-2].removeprefix(b"data: "))["error"]["code"] == "model_failed"
    assert frames[-1] == b"data: [DONE]"


def test_a_mistake_of_ours_in_the_middle_tells_only_a_number(
    start: Any, post: Any, caplog: pytest.LogCaptureFixture
) -> None:
    gateway = start(script=["Once", ZeroDivisionError("secret detail")])
    body = json.dumps({"model": "auto", "messages": HELLO, "stream": True}).encode()
    reply = post(gateway, "/v1/chat/completions", body)
    assert b"an internal error, number " in reply.body
    assert b"data: [DONE]" in reply.body
    assert b"secret detail" not in reply.body
    assert "secret detail" in caplog.text
