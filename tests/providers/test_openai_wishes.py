"""What callers wish of a reply, as servers in OpenAI's language, and llama.cpp, are asked for it."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment, ToolCall, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.providers import llama_wire
from pointsman.providers.embedded import Embedded
from pointsman.providers.openai_request import OBJECT, TOLD_OBJECT, named_parts, request_of
from pointsman.providers.openai_tools import arranged
from pointsman.providers.remote.wire import Reply

HELLO = Turn("user", "hello")
TOOLS = tuple(ToolSpec(name, "", {"type": "object"}) for name in ("f", "g"))
HTTPS = Attachment("image/png", "https://example.org/a.png")
DATA = Attachment("image/jpeg", "data:image/jpeg;base64,AAAA")
SOUND = Attachment("audio/wav", "data:audio/wav;base64,AAAA")


def asked(*turns: Turn, unknown: frozenset[str] = frozenset(), **options: Any) -> dict[str, Any]:
    return request_of("m", turns or (HELLO,), ChatOptions(**options), unknown)


def at_llama(**options: Any) -> dict[str, Any]:
    return llama_wire.request_of((HELLO,), ChatOptions(**options), ChatOptions(), "")


def test_pictures_are_parts_with_the_address_that_came() -> None:
    turns = (
        Turn("user", "look", attachments=(HTTPS, SOUND)),
        Turn("user", "and", attachments=(DATA,)),
        Turn("assistant", "a cat", attachments=(DATA,)),
        Turn("user", "", attachments=(DATA,)),
    )
    first, second, third = asked(*turns)["messages"]
    assert first["content"] == [
        {"type": "text", "text": "look\n\nand"},
        {"type": "image_url", "image_url": {"url": HTTPS.url}},
        {"type": "image_url", "image_url": {"url": DATA.url}},
    ]
    assert second["content"] == "a cat"
    assert third["content"] == [{"type": "image_url", "image_url": {"url": DATA.url}}]


def test_files_stay_where_they_were_when_turns_are_put_in_order() -> None:
    call = ToolCall("f", {}, "one")
    turns = arranged(
        [
            Turn("assistant", "", (call,)),
            Turn("tool", "seen", tool="f", call_id="one", attachments=(DATA,)),
            Turn("tool", "nobody asked", attachments=(HTTPS,)),
            Turn("user", "so?", attachments=(SOUND,)),
        ],
        "",
    )
    assert [it.attachments for it in turns] == [(), (DATA,), (HTTPS, SOUND)]


@pytest.mark.parametrize(
    ("choice", "sent", "llama", "names"),
    [
        ("", None, None, ["f", "g"]),
        ("auto", "auto", "auto", ["f", "g"]),
        ("none", "none", "none", []),
        ("required", "required", "required", ["f", "g"]),
        ("g", {"type": "function", "function": {"name": "g"}}, "required", ["g"]),
    ],
)
def test_which_tool_is_called(choice: str, sent: Any, llama: Any, names: list[str]) -> None:
    body, local = asked(tools=TOOLS, choice=choice), at_llama(tools=TOOLS, choice=choice)
    assert body.get("tool_choice") == sent
    assert len(body["tools"]) == 2
    assert local.get("tool_choice") == llama
    assert [it["function"]["name"] for it in local["tools"]] == names


def test_without_tools_nothing_is_chosen() -> None:
    assert "tool_choice" not in asked(choice="required")
    assert "tool_choice" not in at_llama(choice="required")


def test_penalties_and_effort() -> None:
    body = asked(frequency_penalty=0.5, presence_penalty=-0.5, effort="low")
    assert (body["frequency_penalty"], body["presence_penalty"], body["reasoning_effort"]) == (0.5, -0.5, "low")
    assert not asked().keys() & {"frequency_penalty", "presence_penalty", "reasoning_effort", "tool_choice"}
    local = at_llama(frequency_penalty=0.5, presence_penalty=-0.5, effort="low")
    assert (local["frequency_penalty"], local["presence_penalty"]) == (0.5, -0.5)
    assert "reasoning_effort" not in local


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Unsupported parameter: 'presence_penalty' is not supported with this model.", ("presence_penalty",)),
        ("frequency_penalty must be between -2 and 2", ()),
        ("Unrecognized request argument supplied: reasoning_effort", ("reasoning_effort",)),
    ],
)
def test_what_a_server_does_not_know_is_left_out(text: str, parts: tuple[str, ...]) -> None:
    reply = Reply(400, {"content-type": "application/json"}, text.encode())
    assert named_parts(reply) == parts
    body = asked(unknown=frozenset(parts), presence_penalty=1.0, effort="low")
    assert not body.keys() & set(parts)


def test_any_json_object() -> None:
    body = asked(json=True)
    assert body["response_format"] == {"type": "json_object"}
    assert body["messages"][0] == {"role": "system", "content": TOLD_OBJECT}, "OpenAI insists on the word"
    assert asked(Turn("user", "as Json, please"), json=True)["messages"][0]["role"] == "user"
    refused = asked(Turn("user", "as json"), json=True, unknown=frozenset({OBJECT}))
    assert "response_format" not in refused
    assert refused["messages"][0]["content"] == TOLD_OBJECT
    assert asked(json=True, schema={"type": "object"})["response_format"]["type"] == "json_schema"
    assert at_llama(json=True)["response_format"] == {"type": "json_object"}


def test_fields_that_are_not_read_go_along_and_override_nothing() -> None:
    more = {"logit_bias": {"1": 2}, "model": "other", "stream": False, "seed": 3, "options": {"top_k": 1}}
    body = asked(more=more)
    assert body["logit_bias"] == {"1": 2}
    assert (body["model"], body["stream"]) == ("m", True)
    assert not body.keys() & {"seed", "options"}


def test_llama_takes_the_sampling_that_it_knows() -> None:
    local = at_llama(more={"top_k": 3, "logit_bias": {}, "stream": False, "options": {"min_p": 0.1, "num_ctx": 9}})
    assert (local["top_k"], local["min_p"], local["stream"]) == (3, 0.1, True)
    assert not local.keys() & {"logit_bias", "num_ctx", "options"}


async def test_the_model_in_this_process_sees_no_pictures() -> None:
    model = Embedded()
    turns = (Turn("user", "look", attachments=(DATA,)), Turn("assistant", "no"), HELLO)
    with pytest.raises(InvalidInput, match="sees no pictures") as refused:
        async with aclosing(model.chat(turns, ChatOptions())) as deltas:
            await anext(deltas)
    assert refused.value.cure.startswith("set models.main to a model that sees")
