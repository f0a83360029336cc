"""What every Ollama does: held against the fake here, and against a real one where POINTSMAN_LIVE_OLLAMA names it.

    POINTSMAN_LIVE_OLLAMA=http://127.0.0.1:11434 pytest tests/providers/ollama/test_contract.py

Safe to run: nothing is downloaded or deleted, and only a tiny chat model and a tiny embedding model that are there
already are loaded and unloaded; POINTSMAN_LIVE_OLLAMA_MODEL and POINTSMAN_LIVE_OLLAMA_EMBEDDING name others.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.core.errors import UnknownModel
from pointsman.core.message import Turn
from pointsman.core.ports import ChatOptions
from pointsman.gpu.want import Rung
from pointsman.providers.ollama.asking import ChatAsk, ChatMessage, GenerateAsk, Manner, Setup
from pointsman.providers.ollama.backend import OllamaBackend, tenant_of
from pointsman.providers.ollama.chat import OllamaChat
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.footprint import estimate
from pointsman.providers.ollama.labels import OllamaLabeller
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.tiers.question import Question

RUNNER = RunnerOptions(2048)
SHORT = {"num_predict": 8, "temperature": 0}
HELLO = (ChatMessage("user", "Say hello."),)


async def until_gone(client: Ollama, model: str) -> bool:
    """Whether an unloaded model leaves the list, which it does as soon as its last reply has ended."""
    return any([await client.is_loaded(model) is None for _ in range(50)])


async def test_it_says_who_it_is(served: Any) -> None:
    assert (await served.client.version())[0].isdigit()
    rows = {it.name.removesuffix(":latest"): it for it in await served.client.installed()}
    assert rows[served.model].size > 1_000_000


async def test_a_shape_that_a_footprint_can_be_reckoned_from(served: Any) -> None:
    size = next(it.size for it in await served.client.installed() if it.name.startswith(served.model))
    show = await served.client.show(served.model)
    assert size < estimate(show, size, 2048) < estimate(show, size, 4096) < size + 10**10


async def test_a_reply_in_pieces_with_its_counts(served: Any) -> None:
    asked = ChatAsk(Setup(served.model, RUNNER), HELLO, Manner(options=SHORT))
    pieces = [piece async for piece in served.client.chat(asked)]
    end = pieces[-1].end
    assert end
    assert end.reason in {"stop", "length"}
    assert end.prompt_tokens > 0
    assert 0 < end.tokens <= 8
    assert all(piece.end is None for piece in pieces[:-1])


async def test_a_completion(served: Any) -> None:
    asked = GenerateAsk(Setup(served.model, RUNNER), "One, two,", Manner(options=SHORT), raw=True)
    pieces = [piece async for piece in served.client.generate(asked)]
    assert pieces[-1].end
    assert "".join(piece.text for piece in pieces)


async def test_load_list_and_unload(served: Any) -> None:
    backend = OllamaBackend(served.client)
    tenant = tenant_of(served.model)
    await backend.load(Rung(tenant, variant="ctx=2048"), "")
    loaded = {it.tenant: it for it in await backend.loaded()}
    assert loaded[tenant].variant == "ctx=2048"
    assert loaded[tenant].size > 0
    running = await served.client.is_loaded(served.model)
    assert running
    assert running.expires is None
    await backend.unload(tenant)
    assert await until_gone(served.client, served.model)


async def test_the_same_options_do_not_load_again(served: Any) -> None:
    setup = Setup(served.model, RUNNER, 60.0)
    await served.client.preload(setup)
    asked = ChatAsk(setup, HELLO, Manner(options=SHORT))
    ends = [piece.end async for piece in served.client.chat(asked) if piece.end]
    assert [end.cold for end in ends] == [False]
    await served.client.unload(served.model)


async def test_a_schema_and_probabilities(served: Any) -> None:
    schema = {"type": "object", "properties": {"label": {"enum": ["image", "chat"]}}, "required": ["label"]}
    manner = Manner(options={"temperature": 0, "num_predict": 64}, format=schema, logprobs=5)
    pieces = [it async for it in served.client.chat(ChatAsk(Setup(served.model, RUNNER), HELLO, manner))]
    assert json.loads("".join(it.text for it in pieces))["label"] in {"image", "chat"}
    tokens = [token for it in pieces for token in it.logprobs]
    if not tokens:
        pytest.skip("this version of Ollama does not tell probabilities")
    assert all(token["logprob"] <= 0 and len(token["top_logprobs"]) <= 5 for token in tokens)


async def test_a_label_of_the_judge(served: Any, question: Question) -> None:
    labeller = OllamaLabeller(served.client, Setup(served.model, RUNNER, 60.0))
    said = await labeller.label(question)
    assert said.label in question.candidates
    assert not said.shares or sum(said.shares.values()) == pytest.approx(1)
    await served.client.unload(served.model)


async def test_vectors(served: Any) -> None:
    if not served.embedding:
        pytest.skip("no embedding model is there: ollama pull all-minilm")
    setup = Setup(served.embedding, RunnerOptions(256), 60.0)
    vectors, _ = await served.client.embed(setup, ["a red fox", "a red fox", "tax forms"])
    assert len({len(it) for it in vectors}) == 1
    assert vectors[0] == pytest.approx(vectors[1], abs=1e-3)
    assert vectors[0] != pytest.approx(vectors[2], abs=1e-3)
    await served.client.preload(setup)
    await served.client.unload(served.embedding)
    assert await until_gone(served.client, served.embedding)


async def test_a_model_that_is_not_there(served: Any) -> None:
    with pytest.raises(UnknownModel) as told:
        await served.client.show("pointsman-has-no-such-model")
    assert "ollama pull pointsman-has-no-such-model" in told.value.cure
    with pytest.raises(UnknownModel):
        await served.client.preload(Setup("pointsman-has-no-such-model"))


async def test_a_chat_model(served: Any) -> None:
    chat = OllamaChat(served.client, Setup(served.model, RUNNER, 60.0))
    deltas = [it async for it in chat.chat([Turn("user", "Say hello.")], ChatOptions(max_tokens=8, temperature=0))]
    assert deltas[-1].finish_reason in {"stop", "length"}
    assert deltas[-1].completion_tokens > 0
    assert "".join(it.text for it in deltas)
    await served.client.unload(served.model)


async def test_leaving_a_reply_leaves_the_server_well(served: Any) -> None:
    setup = Setup(served.model, RUNNER, 60.0)
    pieces = served.client.chat(ChatAsk(setup, HELLO, Manner(options={"num_predict": 256})))
    assert await anext(pieces)
    await pieces.aclose()
    asked = ChatAsk(setup, HELLO, Manner(options=SHORT))
    assert [it async for it in served.client.chat(asked)][-1].end
    await served.client.unload(served.model)
