"""Servers that speak OpenAI's language: forms of answer that are found out, vectors, lists, ways to fail."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pointsman.core.category import Catalogue, Category, Utterance
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message
from pointsman.providers.label_choice import ChatLabeller
from pointsman.providers.openai_server import OpenAiServer, ollama
from pointsman.providers.remote.embeddings import RemoteEmbedder, Space
from pointsman.providers.remote.wire import Reply, Request
from pointsman.stores.vectors import VectorLibrary
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question
from pointsman.tiers.remote_neighbours import RemoteNeighbours

SERVER = OpenAiServer("lab", "http://lab.test/v1/", "secret")
QUESTION = Question("The labels: ...\n", "", (), '"a fox"', ("image", "chat"))
NO_SCHEMA = {"error": {"message": "json_schema is not supported", "param": "response_format"}}
NO_JSON = {"error": "response_format is not supported"}


def said(content: object) -> dict[str, Any]:
    return {"choices": [{"message": {"content": content}}], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}


def forms(bodies: list[dict[str, Any]]) -> list[str]:
    return [body.get("response_format", {"type": "text"})["type"] for body in bodies]


async def test_the_form_of_answer_is_found_out_once(make: Any) -> None:
    replies = [make.reply(NO_SCHEMA, 400), make.reply(said('{"label": "chat"}'))]
    calls = make.calls(SERVER, *replies)
    labeller = ChatLabeller(calls, SERVER)
    for _ in range(3):
        assert await labeller.label(QUESTION) == Choice("chat", {}, "m")
    assert forms(calls.bodies) == ["json_schema", "json_object", "json_object", "json_object"]


async def test_a_server_that_takes_no_form_at_all_is_asked_for_text(make: Any) -> None:
    replies = [make.reply(NO_SCHEMA, 422), make.reply(NO_JSON, 400), make.reply(said("chat"))]
    calls = make.calls(SERVER, *replies)
    labeller = ChatLabeller(calls, SERVER)
    for _ in range(2):
        assert (await labeller.label(QUESTION)).label == "chat"
    assert forms(calls.bodies) == ["json_schema", "json_object", "text", "text"]


async def test_a_server_that_refuses_even_text_is_not_asked_for_ever(make: Any) -> None:
    calls = make.calls(SERVER, make.reply(NO_SCHEMA, 400))
    with pytest.raises(ServiceFailed) as caught:
        await ChatLabeller(calls, SERVER).label(QUESTION)
    assert (caught.value.kind, len(calls.sent)) == ("bad_request", 3)


async def test_a_late_refusal_does_not_undo_what_was_learnt_meanwhile(make: Any) -> None:
    asked: list[str] = []
    learnt = asyncio.Event()

    async def send(request: Request) -> Reply:
        form = forms([dict(request.body or {})])[0]
        asked.append(form)
        if len(asked) == 1:
            await learnt.wait()
        reply: Reply = make.reply(said("chat")) if form == "text" else make.reply(NO_SCHEMA, 400)
        return reply

    labeller = ChatLabeller(make.http(SERVER, send), SERVER)
    slow = asyncio.create_task(labeller.label(QUESTION))
    await asyncio.sleep(0)
    await labeller.label(QUESTION)
    learnt.set()
    await slow
    assert asked == ["json_schema", "json_schema", "json_object", "text", "text"]


NEW_LIMIT = {
    "error": {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "
        "instead.",
        "param": "max_tokens",
        "code": "unsupported_parameter",
    }
}
NO_WARMTH = {"error": {"message": "Unsupported value: 'temperature' does not support 0 with this model."}}


async def test_a_part_that_a_model_refuses_is_not_sent_to_it_again(make: Any) -> None:
    replies = [make.reply(NEW_LIMIT, 400), make.reply(NO_WARMTH, 400), make.reply(said('{"label": "chat"}'))]
    calls = make.calls(SERVER, *replies, models=("new",))
    labeller = ChatLabeller(calls, SERVER)
    for _ in range(2):
        assert (await labeller.label(QUESTION)).label == "chat"
    limits = [[name for name in body if "tokens" in name] for body in calls.bodies]
    assert limits == [["max_tokens"], *[["max_completion_tokens"]] * 3]
    assert ["temperature" in body for body in calls.bodies] == [True, True, False, False]
    assert calls.bodies[-1]["max_completion_tokens"] == calls.bodies[0]["max_tokens"]
    calls.models = ("old",)
    await labeller.label(QUESTION)
    assert "max_tokens" in calls.bodies[-1]


async def test_a_part_that_is_refused_although_it_was_not_sent_ends_it(make: Any) -> None:
    calls = make.calls(SERVER, make.reply(NEW_LIMIT, 400))
    with pytest.raises(ServiceFailed) as caught:
        await ChatLabeller(calls, SERVER).label(QUESTION)
    assert (caught.value.kind, len(calls.sent)) == ("bad_request", 2)


async def test_probabilities_that_a_server_does_not_give_are_not_asked_for_again(make: Any) -> None:
    server = OpenAiServer("lab", "http://lab.test/v1", logprobs=True)
    no = make.reply({"error": {"message": "logprobs is not supported with this model"}}, 400)
    calls = make.calls(server, no, make.reply(said("chat")))
    await ChatLabeller(calls, server).label(QUESTION)
    assert [{"logprobs", "top_logprobs"} & body.keys() for body in calls.bodies] == [
        {"logprobs", "top_logprobs"},
        set(),
    ]


async def test_what_one_model_takes_says_nothing_of_another(make: Any) -> None:
    calls = make.calls(SERVER, make.reply(NO_SCHEMA, 400), make.reply(said("chat")), models=("a",))
    labeller = ChatLabeller(calls, SERVER)
    await labeller.label(QUESTION)
    calls.models = ("b",)
    await labeller.label(QUESTION)
    assert forms(calls.bodies) == ["json_schema", "json_object", "json_schema"]


@pytest.mark.parametrize("form", ["json_object", "text"])
async def test_a_form_that_was_set_is_asked_for_at_once(make: Any, form: Any) -> None:
    server = OpenAiServer("lab", "http://lab.test/v1", form=form)
    calls = make.calls(server, make.reply(said("chat")))
    await ChatLabeller(calls, server).label(QUESTION)
    assert forms(calls.bodies) == [form]


async def test_probabilities_are_read_where_a_server_gives_them(make: Any) -> None:
    token = {"token": "image", "logprob": -0.1, "top_logprobs": [{"token": "chat", "logprob": -2.4}]}
    body = {"choices": [{"message": {"content": "image"}, "logprobs": {"content": [token]}}]}
    server = OpenAiServer("lab", "http://lab.test/v1", logprobs=True)
    calls = make.calls(server, make.reply(body))
    shares = (await ChatLabeller(calls, server).label(QUESTION)).shares
    assert shares["image"] == pytest.approx(0.909, abs=0.01)
    assert calls.bodies[0]["logprobs"] is True


async def test_the_key_is_sent_only_where_there_is_one(make: Any) -> None:
    for key, headers in (("secret", {"Authorization": "Bearer secret"}), (None, {})):
        server = OpenAiServer("lab", "http://lab.test/v1", key)
        calls = make.calls(server, make.reply(said("chat")))
        await ChatLabeller(calls, server).label(QUESTION)
        assert (calls.sent[0].headers, calls.sent[0].url) == (headers, "http://lab.test/v1/chat/completions")
        assert "secret" not in repr(calls.sent[0])


async def test_ollama_answers_at_once(make: Any) -> None:
    server = ollama("http://host:11434")
    calls = make.calls(server, make.reply(said("chat")))
    await ChatLabeller(calls, server).label(QUESTION)
    body = calls.bodies[0]
    assert body["reasoning_effort"] == "none"
    assert "strict" not in body["response_format"]["json_schema"]
    assert calls.sent[0].url == "http://host:11434/v1/chat/completions"


def test_tokens_are_counted(make: Any) -> None:
    assert SERVER.metered(make.reply(said("x"))).cost == {"tokens": 12}
    assert SERVER.metered(make.reply({"usage": {"input_tokens": 174, "output_tokens": 1}})).cost == {"tokens": 175}
    assert SERVER.metered(make.reply({"usage": {"total_tokens": -5}})).cost == {}
    assert SERVER.metered(make.reply(b"<html>")).cost == {}


async def test_vectors_are_put_into_the_order_of_the_texts(make: Any) -> None:
    rows = [{"index": 1, "embedding": [0.0, 3.0]}, {"index": 0, "embedding": [2.0, 0.0]}]
    calls = make.calls(SERVER, make.reply({"data": rows}))
    embedder = RemoteEmbedder(calls, SERVER, "nomic")
    assert np.array_equal(await embedder.embed(["a", ""]), np.eye(2, dtype=np.float32))
    assert calls.bodies == [{"model": "nomic", "input": ["a", " "]}]
    assert embedder.fingerprint == "lab/nomic/own/any"


async def test_a_model_that_changes_under_its_name_has_everything_embedded_anew(make: Any, tmp_path: Path) -> None:
    length = {"now": 4}

    async def send(request: Request) -> Reply:
        texts = (request.body or {})["input"]
        rows = [{"index": at, "embedding": [float(len(text))] * length["now"]} for at, text in enumerate(texts)]
        reply: Reply = make.reply({"data": rows})
        return reply

    class Known(OpenAiServer):
        def space_of(self, model: str) -> Space:
            return Space(dims=4)

    utterances = tuple(Utterance(text, "chat", "en") for text in ("one", "three", "thirteen"))
    catalogue = Catalogue([Category("chat", "talk", "llm", utterances=utterances)])

    async def asked_twice() -> list[str]:
        server = Known("lab", "http://lab.test/v1")
        tier = RemoteNeighbours(
            RemoteEmbedder(make.http(server, send), server, "m"), VectorLibrary(tmp_path), catalogue, name="lab"
        )
        said = []
        for _ in range(2):
            await tier.ready()
            said.append((await tier.judge(Message("hello"))).reason.partition(",")[0])
        await tier.close()
        return said

    votes = "lab: 3 of the 3 nearest agree"
    assert await asked_twice() == [votes, votes]
    length["now"] = 6
    assert await asked_twice() == ["lab: utterances are being embedded: 0 of 3", votes]
    kept = [VectorLibrary(tmp_path).load(f"lab/m/own/{dims}") for dims in (4, 6)]
    assert [{vector.shape for vector in vectors.values()} for vectors in kept] == [{(4,)}, {(6,)}]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        [{"embedding": [1.0, 0.0]}, {"embedding": [1.0, 0.0]}],
        [{"embedding": "AACAPw=="}],
        [{"embedding": [1.0, None]}],
        [{"embedding": [0.0, 0.0]}],
        [{"embedding": [True, False]}],
        [{"embedding": [10**400, 1]}],
        [5],
    ],
)
async def test_what_is_no_vector_for_each_text_is_refused(make: Any, data: object) -> None:
    with pytest.raises(ServiceFailed) as caught:
        await RemoteEmbedder(make.calls(SERVER, make.reply({"data": data})), SERVER, "nomic").embed(["a"])
    assert caught.value.kind == "malformed"


async def test_a_vector_with_nan_is_refused(make: Any) -> None:
    reply = make.reply(b'{"data": [{"embedding": [NaN, 1.0]}]}')
    with pytest.raises(ServiceFailed, match="nowhere"):
        await RemoteEmbedder(make.calls(SERVER, reply), SERVER, "nomic").embed(["a"])


@pytest.mark.parametrize(
    "body",
    [{"data": [{"id": "a"}, {"id": "b"}]}, {"models": [{"name": "a"}, {"model": "b"}]}, [{"id": "a"}, {"id": "b"}]],
)
async def test_lists_come_in_several_shapes(make: Any, body: object) -> None:
    assert await SERVER.listing(make.calls(SERVER, make.reply(body))) == ("a", "b")


async def test_an_empty_list_is_one_and_anything_else_is_none(make: Any) -> None:
    assert await SERVER.listing(make.calls(SERVER, make.reply({"data": []}))) == ()
    with pytest.raises(ServiceFailed):
        await SERVER.listing(make.calls(SERVER, make.reply({"data": "a"})))


async def test_ollamas_list_is_its_own(make: Any) -> None:
    server = ollama("http://host:11434")
    calls = make.calls(server, make.reply({"models": [{"name": "nimble:latest"}]}))
    assert await server.listing(calls) == ("nimble:latest",)
    assert calls.sent[0].url == "http://host:11434/api/tags"


DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
MINUTE = {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]}
RETRY = {"@type": "RetryInfo", "retryDelay": "37s"}
GEMINI = "You exceeded your current quota, please check your plan and billing details."
FREE = {
    "message": "Rate limit exceeded: free-models-per-day.",
    "metadata": {"headers": {"X-RateLimit-Reset": "1795428090000"}},
}


@pytest.mark.parametrize(
    ("status", "body", "kind", "wait", "scope"),
    [
        (429, [{"error": {"code": 429, "message": GEMINI, "details": [DAY, RETRY]}}], "quota_exhausted", None, "model"),
        (429, [{"error": {"code": 429, "message": GEMINI, "details": [MINUTE, RETRY]}}], "rate_limited", 37, "model"),
        (429, {"error": {"message": GEMINI, "code": "insufficient_quota"}}, "quota_exhausted", None, "service"),
        (429, {"error": FREE}, "quota_exhausted", 90, "model"),
        (429, {"error": {"message": "Please try again in 20s."}}, "rate_limited", 20, "model"),
        (429, b"", "rate_limited", 20, "model"),
        (429, {}, "rate_limited", None, "model"),
        (402, {"message": "Payment required"}, "quota_exhausted", None, "service"),
        (401, {"error": {"message": "no"}}, "auth", None, "service"),
        (403, {"error": "no"}, "auth", None, "service"),
        (400, [{"error": {"message": "API key not valid.", "status": "INVALID_ARGUMENT"}}], "auth", None, "service"),
        (400, {"error": {"message": "User location is not supported for the API use."}}, "auth", None, "service"),
        (403, {"error": {"message": "this model requires a subscription"}}, "model_gone", None, "model"),
        (403, {"error": {"message": "Your input was flagged"}}, "malformed", None, "model"),
        (404, {"error": "model 'nope' not found"}, "model_gone", None, "model"),
        (404, {"title": "Not Found", "detail": "Function 'x': Not found for account"}, "model_gone", None, "model"),
        (404, {"error": {"message": "No endpoints found for x"}}, "model_gone", None, "model"),
        (400, {"error": {"message": "x is not a valid model ID"}}, "model_gone", None, "model"),
        (400, {"object": "error", "message": "Invalid model: x", "type": "invalid_model"}, "model_gone", None, "model"),
        (400, {"error": '"qwen3:4b" does not support chat'}, "model_gone", None, "model"),
        (404, b"404 page not found", "bad_request", None, "service"),
        (404, {"detail": "Not Found"}, "bad_request", None, "service"),
        (404, {"error": {"message": "File Not Found", "type": "not_found_error"}}, "bad_request", None, "service"),
        (404, b"", "bad_request", None, "service"),
        (405, {"detail": "Method Not Allowed"}, "bad_request", None, "service"),
        (410, b"Gone", "bad_request", None, "service"),
        (410, {"error": "this model was retired"}, "model_gone", None, "model"),
        (413, b"", "too_large", None, "model"),
        (
            400,
            {"error": {"message": "This model's maximum context length is 8192 tokens."}},
            "too_large",
            None,
            "model",
        ),
        (400, {"error": {"type": "exceed_context_size_error", "n_ctx": 512}}, "too_large", None, "model"),
        (400, {"object": "error", "message": "no"}, "bad_request", None, "model"),
        (418, b"", "bad_request", None, "model"),
        (408, b"", "server", None, "model"),
        (500, {"error": "model requires more system memory (9 GiB)"}, "server", None, "model"),
        (503, {"error": {"message": "server busy, please try again."}}, "server", None, "model"),
        (502, b"<html>", "server", None, "service"),
        (302, b"", "bad_request", None, "service"),
        (200, b"<!doctype html>", "malformed", None, "model"),
        (200, b"\xff\xfe", "malformed", None, "model"),
        (200, {"error": "Unexpected endpoint or method. (POST /v1/x)"}, "bad_request", None, "service"),
        (200, {"error": {"code": 502, "message": "Provider returned error"}}, "server", None, "model"),
        (200, {"error": {"code": 429, "message": "slow down"}}, "rate_limited", None, "model"),
        (200, {"error": "odd"}, "malformed", None, "model"),
    ],
)
def test_faults_are_named(make: Any, *, status: int, body: object, kind: str, wait: float | None, scope: str) -> None:
    server = OpenAiServer("lab", "http://lab.test/v1", now=lambda: 1_795_428_000.0)
    failed = server.fault_of(make.reply(body, status), "m")
    assert failed is not None
    assert (failed.kind, failed.wait, failed.scope) == (kind, wait, scope)
    assert failed.cure


@pytest.mark.parametrize(
    ("message", "degrade"),
    [
        ("This model does not support response format `json_schema`.", "json_object"),
        ("'response_format.type' must be 'json_schema' or 'text'", "json_object"),
        ("guided decoding is not available", "json_object"),
        ("json_object is not supported", "text"),
        ("This response_format type is unavailable now", "text"),
        ("temperature must be below 2", ""),
    ],
)
def test_a_refused_form_says_which_one_to_try(make: Any, message: str, degrade: str) -> None:
    failed = SERVER.fault_of(make.reply({"error": {"message": message}}, 400), "m")
    assert failed is not None
    assert (failed.kind, failed.degrade) == ("bad_request", degrade)


@pytest.mark.parametrize("body", [{"choices": [], "error": None}, {"data": []}, {"choices": [{}], "error": "odd"}, []])
def test_an_answer_is_worth_reading_unless_it_says_that_it_failed(make: Any, body: object) -> None:
    assert SERVER.fault_of(make.reply(body), "m") is None
