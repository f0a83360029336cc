"""What a request may ask for: several choices, forms of answer, files, and fields that are not ours to read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import openai
import pytest
from openai import OpenAI
from tests.http.openai.speaking import Speaker

from pointsman.core.errors import ModelFailed
from pointsman.core.message import Attachment, Turn
from pointsman.core.ports import ChatOptions, Delta
from pointsman.core.reply import Done, Event, Text
from pointsman.http.openai.choices import Told, together

HELLO: Any = [{"role": "user", "content": "tell me something"}]
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def seeded(_: Sequence[Turn], options: ChatOptions) -> Sequence[Delta]:
    return [Delta("seed "), Delta(str(options.seed)), Delta("", "stop", 5, 2)]


@pytest.fixture
def model() -> Speaker:
    return Speaker(seeded)


@pytest.fixture
def client(start: Any, model: Speaker) -> OpenAI:
    return OpenAI(base_url=f"{start(model=model).url}/v1", api_key="any", max_retries=0)


@pytest.mark.parametrize("name", ["auto", "tiny"])
def test_several_choices_each_have_a_seed_of_their_own(client: OpenAI, name: str) -> None:
    reply = client.chat.completions.create(
        model=name, messages=HELLO, n=3, seed=7, response_format={"type": "json_object"}
    )
    assert [(it.index, it.message.content) for it in reply.choices] == [(0, "seed 7"), (1, "seed 8"), (2, "seed 9")]
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (15, 6, 21)


def test_several_choices_are_streamed_side_by_side(client: OpenAI) -> None:
    parts = list(
        client.chat.completions.create(
            model="auto", messages=HELLO, n=2, seed=1, stream=True, stream_options={"include_usage": True}
        )
    )
    said = {0: "", 1: ""}
    for part in parts[:-1]:
        said[part.choices[0].index] += part.choices[0].delta.content or ""
    assert said == {0: "seed 1\n\n— a very small model", 1: "seed 2\n\n— a very small model"}
    ends = [part.choices[0].index for part in parts[:-1] if part.choices[0].finish_reason]
    assert sorted(ends) == [0, 1]
    assert parts[-1].usage is not None
    assert parts[-1].usage.total_tokens == 14


def test_templates_come_as_often_as_they_are_wanted(client: OpenAI, model: Speaker) -> None:
    greeting: Any = [{"role": "user", "content": "hey!"}]
    reply = client.chat.completions.create(model="auto", messages=greeting, n=2)
    assert [it.message.content for it in reply.choices] == ["Hello there!", "Hello there!"]
    assert model.asked == []


async def test_closing_several_replies_closes_each() -> None:
    closed: list[int] = []

    async def reply(number: int) -> AsyncGenerator[Event]:
        try:
            yield Text(str(number))
            await asyncio.Event().wait()
        finally:
            closed.append(number)

    merged = together([reply(1), reply(2)])
    assert {it.event for it in (await anext(merged), await anext(merged))} == {Text("1"), Text("2")}
    await merged.aclose()
    assert sorted(closed) == [1, 2]


async def test_an_error_of_one_reply_ends_them_all() -> None:
    async def fine() -> AsyncGenerator[Event]:
        yield Done(None)
        await asyncio.Event().wait()

    async def broken() -> AsyncGenerator[Event]:
        raise ZeroDivisionError
        yield Done(None)

    merged = together([fine(), broken()])
    assert await anext(merged) == Told(0, Done(None))
    with pytest.raises(ZeroDivisionError):
        await anext(merged)


def test_a_schema_and_json_reach_the_model(client: OpenAI, model: Speaker) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    form: Any = {"type": "json_schema", "json_schema": {"name": "it", "schema": schema}}
    reply = client.chat.completions.create(model="auto", messages=HELLO, response_format=form)
    client.chat.completions.create(model="auto", messages=HELLO, response_format={"type": "json_object"})
    assert reply.choices[0].message.content == "seed None"  # and no footer
    assert [(options.schema, options.json) for _, options in model.asked] == [(schema, False), (None, True)]


def test_settings_and_what_we_do_not_read_reach_the_model(client: OpenAI, model: Speaker) -> None:
    client.chat.completions.create(
        model="tiny",
        messages=HELLO,
        frequency_penalty=0.5,
        presence_penalty=-1,
        reasoning_effort="minimal",
        logit_bias={"1": 2},
        extra_body={"top_k": 20, "nothing": None},
        user="somebody",
    )
    options = model.asked[0][1]
    assert (options.frequency_penalty, options.presence_penalty, options.effort) == (0.5, -1.0, "low")
    assert options.more == {"logit_bias": {"1": 2}, "top_k": 20}


def test_pictures_come_along_with_their_turn(client: OpenAI, model: Speaker) -> None:
    image: Any = {"type": "image_url", "image_url": {"url": PIXEL}}
    far: Any = {"type": "image_url", "image_url": {"url": "https://example.org/cat.jpg", "detail": "low"}}
    client.chat.completions.create(
        model="auto",
        messages=[
            {"role": "user", "content": [image, {"type": "text", "text": "what is it?"}]},
            {"role": "assistant", "content": "a dot"},
            {"role": "user", "content": [{"type": "text", "text": "and this?"}, far]},
        ],
    )
    ((turns, _),) = model.asked
    assert turns[0] == Turn("user", "what is it?", attachments=(Attachment("image/png", PIXEL),))
    assert turns[2].attachments == (Attachment("image/jpeg", "https://example.org/cat.jpg"),)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/cat.png",
        "https://127.0.0.1/cat.png",
        "https://[::1]/cat.png",
        "https://localhost:8188/view",
        "https://router.lan/",
        "https://2130706433/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1\\@example.org/",
        "https://\uff11\uff12\uff17.0.0.1/",
        "https://exam\nple.org/",
        "https://[/",
        "file:///etc/passwd",
        "//example.org/x",
        "cat.png",
    ],
)
@pytest.mark.parametrize("name", ["auto", "tiny"])
def test_no_server_is_sent_where_only_it_can_go(client: OpenAI, model: Speaker, name: str, url: str) -> None:
    image: Any = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=name, messages=[image])
    assert caught.value.param == "messages.0.content.0.image_url.url"
    assert model.asked == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"n": 9}, "n"),
        ({"n": 0}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"response_format": {"type": "grammar"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        ({"reasoning_effort": "enormous"}, "reasoning_effort"),
        ({"reasoning": {"effort": "enormous"}}, "reasoning.effort"),
        ({"presence_penalty": 3}, "presence_penalty"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": 1}]},
         "messages.1.tool_calls"),
        ({"messages": [{"role": "tool", "tool_call_id": "1"}]}, "messages.0.content"),
    ],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_named(client: OpenAI, said: Any, field: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="auto", messages=HELLO, extra_body=said)
    assert caught.value.param == field


def test_probabilities_that_are_not_wanted_are_no_matter(client: OpenAI) -> None:
    assert client.chat.completions.create(model="auto", messages=HELLO, logprobs=False, top_logprobs=None).choices


def test_a_failure_of_one_choice_is_the_answer(start: Any) -> None:
    def failing(turns: Sequence[Turn], options: ChatOptions) -> Sequence[Delta]:
        if options.seed == 2:
            raise ModelFailed("the second fell over")
        return seeded(turns, options)

    with OpenAI(base_url=f"{start(model=Speaker(failing)).url}/v1", api_key="any", max_retries=0) as client:
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model="auto", messages=HELLO, n=2, seed=1)
        with pytest.raises(openai.APIError) as streamed:
            list(client.chat.completions.create(model="auto", messages=HELLO, n=2, seed=1, stream=True))
    assert "the second fell over" in caught.value.message
    assert "the second fell over" in json.dumps(streamed.value.body)
