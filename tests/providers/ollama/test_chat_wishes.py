"""What callers wish of a reply, on Ollama's own route: pictures, tools of their choice, JSON, thinking, sampling."""

from __future__ import annotations

import base64
from contextlib import aclosing
from typing import Any

import pytest

from pointsman.core.errors import InvalidInput
from pointsman.core.message import Attachment, Turn
from pointsman.core.ports import ChatOptions
from pointsman.core.tool import ToolSpec
from pointsman.providers.ollama.asking import Setup, Think
from pointsman.providers.ollama.chat import OllamaChat
from pointsman.providers.ollama.failures import failure
from pointsman.providers.ollama.options import RunnerOptions

HELLO = Turn("user", "hello")
BYTES = b"\x89PNG and more"
CODED = base64.b64encode(BYTES).decode()
PNG = Attachment("image/png", f"data:image/png;base64,{CODED}")
TOOLS = tuple(ToolSpec(name, "", {"type": "object"}) for name in ("f", "g"))


async def body_of(
    place: Any, *turns: Turn, model: str = "qwen3:4b", think: Think = None, **options: Any
) -> dict[str, Any]:
    """What the fake was sent last."""
    chat = OllamaChat(place.client, Setup(model, RunnerOptions(4096), -1.0), think=think)
    async with aclosing(chat.chat(turns or (HELLO,), ChatOptions(**options))) as deltas:
        _ = [delta async for delta in deltas]
    found: dict[str, Any] = place.bodies[-1]
    return found


async def test_pictures_go_along_as_base64_and_stay_with_their_turn(place: Any) -> None:
    turns = (
        Turn("user", "", attachments=(PNG,)),
        Turn("user", "what is it?", attachments=(Attachment("text/plain", "data:,x"), PNG)),
        Turn("assistant", "a cat"),
        Turn("user", "and this?", attachments=(Attachment("image/svg+xml", "data:image/svg+xml,%3Csvg/%3E"),)),
    )
    first, _, last = (await body_of(place, *turns))["messages"]
    assert (first["content"], first["images"]) == ("what is it?", [CODED, CODED])
    assert last["images"] == [base64.b64encode(b"<svg/>").decode()]


@pytest.mark.parametrize(
    "url", ["https://example.org/a.png", "http://127.0.0.1/a.png", "file:///etc/passwd", "", "data:"]
)
async def test_an_address_is_never_fetched(place: Any, url: str) -> None:
    with pytest.raises(InvalidInput, match="not fetched") as refused:
        await body_of(place, Turn("user", "look", attachments=(Attachment("image/png", url),)))
    assert refused.value.cure == "send the picture as a data: URL"
    assert place.bodies == []


async def test_a_picture_that_is_no_base64_is_refused(place: Any) -> None:
    with pytest.raises(InvalidInput, match="not base64"):
        await body_of(place, Turn("user", "look", attachments=(Attachment("image/png", "data:image/png;base64,?"),)))


@pytest.mark.parametrize(
    "text",
    [
        "this model is missing data required for image input",
        "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        '"smollm2:135m" does not support vision',
    ],
)
def test_a_model_without_eyes_says_so(text: str) -> None:
    error = failure(500, text, "smollm2:135m")
    assert isinstance(error, InvalidInput)
    assert error.message == "smollm2:135m sees no pictures"
    assert "a model that sees" in error.cure


@pytest.mark.parametrize(
    ("choice", "names"), [("", ["f", "g"]), ("auto", ["f", "g"]), ("required", ["f", "g"]), ("none", []), ("g", ["g"])]
)
async def test_the_tools_are_those_that_may_be_called(place: Any, choice: str, names: list[str]) -> None:
    body = await body_of(place, tools=TOOLS, choice=choice)
    assert [it["function"]["name"] for it in body.get("tools", ())] == names
    assert "tool_choice" not in body


async def test_json_is_a_format_and_a_schema_comes_first(place: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert (await body_of(place, json=True))["format"] == "json"
    assert (await body_of(place, json=True, schema=schema))["format"] == schema
    assert "format" not in await body_of(place)


@pytest.mark.parametrize(
    ("effort", "own", "think"),
    [("", None, None), ("", True, True), ("none", True, False), ("low", None, "low"), ("high", False, "high")],
)
async def test_how_much_it_thinks(place: Any, effort: str, own: Think, think: Think) -> None:
    assert (await body_of(place, think=own, effort=effort)).get("think") == think


async def test_a_model_that_cannot_think_answers_without_and_is_not_asked_to_again(place: Any) -> None:
    chat = OllamaChat(place.client, Setup("smollm2:135m", RunnerOptions(4096), -1.0), preloads=False)
    for _ in range(2):
        async with aclosing(chat.chat((HELLO,), ChatOptions(effort="high"))) as deltas:
            assert "".join([delta.text async for delta in deltas])
    assert [it.get("think") for it in place.bodies] == ["high", None, None]


async def test_another_refusal_is_told(place: Any) -> None:
    with pytest.raises(InvalidInput, match="does not support chat"):
        await body_of(place, model="all-minilm", effort="high")


async def test_sampling_is_told_in_its_words_and_loads_nothing_anew(place: Any) -> None:
    more = {
        "top_k": 3, "temperature": 9, "user": "me", "repeat_penalty": True,
        "options": {"min_p": 0.1, "top_k": 5, "num_ctx": 99, "num_gpu": 0, "stop": ["x"]},
    }  # fmt: skip
    body = await body_of(place, temperature=0.5, frequency_penalty=0.1, presence_penalty=-0.2, more=more)
    assert body["options"] == {
        "temperature": 0.5, "frequency_penalty": 0.1, "presence_penalty": -0.2, "top_k": 5, "min_p": 0.1,
        "num_predict": 4096, "num_ctx": 4096,
    }  # fmt: skip
    assert "user" not in body
