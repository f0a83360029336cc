"""The embedded model follows a schema, for real, and calls tools where its chat template knows them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from pydantic import SecretStr

from pointsman.core.errors import ModelFailed, ModelFileError, ToolsUnsupported
from pointsman.core.message import ToolCall, Turn
from pointsman.core.ports import ChatModel, ChatOptions, Delta
from pointsman.core.tool import ToolSpec
from pointsman.providers import modelfiles
from pointsman.providers.embedded import Embedded
from pointsman.providers.llama_template import takes_tools
from pointsman.providers.openai_chat import OpenAiChat
from pointsman.providers.openai_server import OpenAiServer

WEATHER = ToolSpec(
    "get_weather",
    "The weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
PARIS = Turn("user", "Weather in Paris?")
# A template of the kind that Hermes and Qwen have, for a model that never saw one.
TEMPLATE: Final = """\
{%- if tools -%}
{{- '<|im_start|>system\\n' -}}
{%- for tool in tools -%}{{- (tool | tojson) + '\\n' -}}{%- endfor -%}
{{- '<|im_end|>\\n' -}}
{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'tool' -%}
{{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' -}}
{%- elif message.role == 'assistant' -%}
{{- '<|im_start|>assistant\\n' + (message.content or '') -}}
{%- for call in message.tool_calls or [] -%}
{{- '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' -}}
{{- (call.function.arguments | tojson) + '}\\n</tool_call>' -}}
{%- endfor -%}
{{- '<|im_end|>\\n' -}}
{%- else -%}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
"""


class Templated(Embedded):
    """SmolLM2 with another template."""

    def _parameters(self, given: Any, file: Path) -> Any:
        given = super()._parameters(given, file)
        given.chat_template = TEMPLATE
        return given


def of_file(kind: type[Embedded]) -> Iterator[Embedded]:
    pytest.importorskip("xllamacpp", reason="the [local] extra is not installed")
    try:
        file = modelfiles.smollm2()
    except ModelFileError as error:
        pytest.skip(f"no SmolLM2 on this machine: {error}")
    made = kind(file, context=512, parallel=1, system="")
    yield made
    asyncio.run(made.close())


@pytest.fixture(scope="module")
def model() -> Iterator[Embedded]:
    yield from of_file(Embedded)


@pytest.fixture(scope="module")
def templated() -> Iterator[Embedded]:
    yield from of_file(Templated)


async def talk(model: ChatModel, *turns: Turn, **options: Any) -> tuple[str, Delta]:
    """The text of a reply, and its last piece."""
    async with aclosing(model.chat(turns, ChatOptions(temperature=0.0, **options))) as deltas:
        heard = [delta async for delta in deltas]
    return "".join(delta.text for delta in heard), heard[-1]


def asked_before(city: str) -> Sequence[Turn]:
    """A question that was answered with the tool."""
    return (
        Turn("user", f"Weather in {city}?"),
        Turn("assistant", "", (ToolCall("get_weather", {"city": city}),)),
        Turn("tool", "Sunny", tool="get_weather"),
        Turn("assistant", f"It is sunny in {city}."),
    )


def closed(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}


WORD: Final = {"type": "string", "maxLength": 12}


def is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 12


SCHEMAS: list[tuple[dict[str, Any], Callable[[Any], bool]]] = [
    (
        closed(tool={"enum": ["none", "get_weather"]}, city=WORD),
        lambda it: {*it} == {"tool", "city"} and it["tool"] in {"none", "get_weather"} and is_word(it["city"]),
    ),
    (
        {"anyOf": [closed(tool={"const": "get_weather"}, arguments=closed(city=WORD)), closed(answer=WORD)]},
        lambda it: is_word(it["answer"]) if "answer" in it else is_word(it["arguments"]["city"]) and len(it) == 2,
    ),
    (
        {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 99}, "minItems": 2, "maxItems": 3},
        lambda it: len(it) in {2, 3} and all(0 <= number <= 99 for number in it),
    ),
    ({"enum": ["yes", "no"]}, lambda it: it in {"yes", "no"}),
]


@pytest.mark.parametrize(("schema", "valid"), SCHEMAS, ids=["object", "one of two", "list", "word"])
async def test_a_reply_is_valid_against_its_schema(
    model: Embedded, schema: dict[str, Any], valid: Callable[[Any], bool]
) -> None:
    text, last = await talk(model, PARIS, schema=schema, max_tokens=80)
    assert last.finish_reason == "stop"
    assert valid(json.loads(text))


async def test_a_fence_around_the_reply_is_no_part_of_it(model: Embedded) -> None:
    before = (Turn("user", "Capital of Italy?"), Turn("assistant", '```json\n{"city": "Rome"}\n```'))
    ask = Turn("user", "Capital of France?")
    assert (await talk(model, *before, ask, max_tokens=20))[0].startswith("```")
    text, _ = await talk(model, *before, ask, schema=closed(city=WORD), max_tokens=20)
    assert set(json.loads(text)) == {"city"}


async def test_a_schema_that_is_none_is_the_askers_failure(model: Embedded) -> None:
    with pytest.raises(ModelFailed, match="unrecognized type"):
        await talk(model, PARIS, schema={"type": "nonsense"})
    assert (await talk(model, PARIS, max_tokens=1))[1].finish_reason


async def test_smollm2_calls_no_tools(model: Embedded) -> None:
    with pytest.raises(ToolsUnsupported, match="calls no tools") as caught:
        await talk(model, PARIS, tools=(WEATHER,))
    assert "models.main.file" in caught.value.cure
    text, last = await talk(model, *asked_before("Rome"), PARIS, max_tokens=12)
    assert last.prompt_tokens > 40
    assert text


async def test_a_model_whose_template_knows_tools_calls_them(templated: Embedded) -> None:
    text, last = await talk(
        templated, *asked_before("Rome"), *asked_before("Oslo"), PARIS, tools=(WEATHER,), max_tokens=50
    )
    assert text == ""
    assert last.finish_reason == "tool_calls"
    (call,) = last.calls
    assert (call.name, call.arguments, call.problem) == ("get_weather", {"city": "Paris"}, "")
    assert call.id
    further = (PARIS, Turn("assistant", "", last.calls), Turn("tool", "Rain", call_id=call.id))
    assert (await talk(templated, *further, tools=(WEATHER,), max_tokens=2))[1].finish_reason == "length"


async def test_llama_server_calls_tools_over_http(templated: Embedded) -> None:
    await talk(templated, PARIS, max_tokens=1)
    url = f"{templated._server.listening_address}/v1"
    model = OpenAiChat(url, ("m",), service=OpenAiServer("llama", url), key=SecretStr(templated._key))
    before = (*asked_before("Rome"), *asked_before("Oslo"))
    text, last = await talk(model, *before, PARIS, tools=(WEATHER,), max_tokens=50)
    assert text == ""
    assert (last.finish_reason, [call.arguments for call in last.calls]) == ("tool_calls", [{"city": "Paris"}])
    text, _ = await talk(model, PARIS, schema=closed(city=WORD), max_tokens=20)
    assert set(json.loads(text)) == {"city"}
    await model.close()


async def test_closing_forgets_what_the_template_can_do(templated: Embedded) -> None:
    await talk(templated, PARIS, tools=(WEATHER,), max_tokens=1)
    assert templated._takes_tools is True
    await templated.close()
    assert templated._takes_tools is None


# --- what llama.cpp tells of a template


@asynccontextmanager
async def telling(answer: web.Response) -> AsyncIterator[str]:
    async def handle(request: web.Request) -> web.Response:
        known = request.headers["Authorization"] == "Bearer k" and request.path == "/props"
        return answer if known else web.Response(status=401)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


def caps(*, tools: Any, calls: Any) -> str:
    return json.dumps({"chat_template_caps": {"supports_tools": tools, "supports_tool_calls": calls}})


@pytest.mark.parametrize(
    ("told", "takes"),
    [
        (caps(tools=True, calls=True), True),
        (caps(tools=True, calls=False), False),
        (caps(tools=False, calls=True), False),
        ('{"chat_template_caps": []}', False),
        ("{}", False),
        ("[]", False),
        ("<html>", False),
        ("", False),
    ],
)
async def test_what_llama_cpp_tells_of_a_template(told: str, *, takes: bool) -> None:
    async with telling(web.Response(text=told)) as address:
        assert await asyncio.to_thread(takes_tools, address, "k") is takes


async def test_nobody_tells(unused_tcp_port: int) -> None:
    assert await asyncio.to_thread(takes_tools, f"http://127.0.0.1:{unused_tcp_port}", "k") is False
