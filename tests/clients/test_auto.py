"""Model "auto" through every official client: what comes back is well-formed for the client's own types."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ollama
import pytest
from openai.types import CreateEmbeddingResponse, ImagesResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from pydantic import BaseModel
from tests.clients.auto_calls import OLLAMA, OPENAI
from tests.clients.calls import Call, Client
from tests.clients.houses import ollama_house
from tests.clients.running import Results, Target, in_javascript, in_python

CALLS: Mapping[Client, tuple[Call, ...]] = {"openai": tuple(OPENAI), "ollama": tuple(OLLAMA)}
TYPES: Mapping[str, type[BaseModel]] = {
    "chat.completions.create": ChatCompletion,
    "chat.completions.create, streamed": ChatCompletionChunk,
    "images.generate": ImagesResponse,
    "embeddings.create": CreateEmbeddingResponse,
    "models.retrieve": Model,
    "chat": ollama.ChatResponse,
    "chat, streamed": ollama.ChatResponse,
    "generate": ollama.GenerateResponse,
    "generate, streamed": ollama.GenerateResponse,
    "embed": ollama.EmbedResponse,
    "show": ollama.ShowResponse,
    "list": ollama.ListResponse,
    "ps": ollama.ProcessResponse,
    "pull, streamed": ollama.ProgressResponse,
}
REFUSED = {"nothing to draw", "bad field", "nothing said"}
Said = dict[tuple[str, Client], Results]
BOTH = [(language, client) for language in ("python", "javascript") for client in CALLS]


async def everything(folder: Path, *, with_node: bool) -> Said:
    """What every client is told."""
    async with ollama_house(folder, owned=True) as house:
        targets = {client: Target(client, house.through, calls) for client, calls in CALLS.items()}
        said: Said = {("python", client): await in_python(target) for client, target in targets.items()}
        if with_node:
            results = await in_javascript(*targets.values())
            said |= {("javascript", client): it for client, it in zip(targets, results, strict=True)}
    return said


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Said:
    try:
        request.getfixturevalue("node")
        with_node = True
    except pytest.skip.Exception:
        with_node = False
    return asyncio.run(everything(tmp_path_factory.mktemp("auto"), with_node=with_node))


@pytest.fixture(params=BOTH, ids="-".join)
def told(request: pytest.FixtureRequest, said: Said) -> tuple[Client, Results]:
    """What one client was told."""
    language, client = request.param
    if (language, client) not in said:
        request.getfixturevalue("node")
    return client, said[language, client]


def said_in(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message of a choice, or what a piece adds to it."""
    found: Mapping[str, Any] = choice["delta"] if "delta" in choice else choice["message"]
    return found


def text_in(client: Client, answer: Mapping[str, Any]) -> str:
    """What an answer says."""
    if client == "openai":
        parts = answer["said"] if isinstance(answer["said"], list) else [answer["said"]]
        return "".join(said_in(it).get("content") or "" for part in parts for it in part["choices"])
    parts = answer["said"] if isinstance(answer["said"], list) else [answer["said"]]
    return "".join(part.get("response") or (part.get("message") or {}).get("content") or "" for part in parts)


def test_everything_is_of_its_type(told: tuple[Client, Results]) -> None:
    client, results = told
    methods = {it.name: it.method + (", streamed" if it.stream else "") for it in CALLS[client]}
    for name, answer in results.items():
        assert ("failed" in answer) is (client == "openai" and name in REFUSED), (name, answer)
        if (kind := TYPES.get(methods[name])) is not None and "failed" not in answer:
            for part in answer["said"] if isinstance(answer["said"], list) else [answer["said"]]:
                kind.model_validate_json(json.dumps(part), by_alias=True, by_name=True)


@pytest.mark.parametrize("way", ["", ", streamed"])
def test_each_message_is_answered_in_its_way(told: tuple[Client, Results], way: str) -> None:
    client, results = told
    greeting, question, picture = (text_in(client, results[name + way]) for name in ("greeting", "question", "picture"))
    assert greeting
    assert "You said" not in greeting
    assert "why is the sky blue?" in question
    assert picture.strip().startswith("![picture](")


@pytest.mark.parametrize("way", ["", ", streamed"])
def test_the_callers_tool_is_called(told: tuple[Client, Results], way: str) -> None:
    client, results = told
    said = results[f"tool{way}"]["said"]
    parts = said if isinstance(said, list) else [said]
    if client == "openai":
        choices = [it for part in parts for it in part["choices"]]
        calls = [call for it in choices for call in said_in(it).get("tool_calls") or ()]
        assert choices[-1]["finish_reason"] == "tool_calls"
        arguments = json.loads("".join(call["function"]["arguments"] for call in calls))
    else:
        calls = [call for part in parts for call in part["message"].get("tool_calls") or ()]
        arguments = calls[0]["function"]["arguments"]
    assert calls[0]["function"]["name"] == "get_weather"
    assert arguments == {"city": "what is the weather in Rome?"}


def test_a_stream_ends_with_its_figures(told: tuple[Client, Results]) -> None:
    client, results = told
    last = results["question, streamed"]["said"][-1]
    if client == "openai":
        assert last["choices"] == []
        assert last["usage"]["total_tokens"] == last["usage"]["prompt_tokens"] + last["usage"]["completion_tokens"] > 0
    else:
        assert last["done"] is True
        assert last["done_reason"] == "stop"
        assert last["total_duration"] >= last["eval_duration"] > 0
        assert last["eval_count"] > 0


def test_pictures_are_drawn_and_refusals_named(told: tuple[Client, Results]) -> None:
    client, results = told
    if client == "openai":
        assert [bool(it["url"]) for it in results["drawn"]["said"]["data"]] == [True]
        assert [it["b64_json"][:5] for it in results["drawn and packed"]["said"]["data"]] == ["iVBOR", "iVBOR"]
        failed = {name: results[name]["failed"] for name in REFUSED}
        assert {it["class"] for it in failed.values()} == {"BadRequestError"}
        assert {name: it["param"] for name, it in failed.items()} == {
            "nothing to draw": "prompt",
            "bad field": "temperature",
            "nothing said": "messages",
        }
    else:
        assert results["drawn text"]["said"]["image"][:5] == "iVBOR"
