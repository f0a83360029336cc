"""Every recorded exchange of the reference, through our clients and over real HTTP, ends as the reference says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from pointsman.core.decision import Signal
from pointsman.core.faults import ServiceFailed
from pointsman.providers.cloudflare import Cloudflare
from pointsman.providers.groq import Groq
from pointsman.providers.huggingface import HuggingFace, ZeroShotOracle
from pointsman.providers.label_choice import ChatLabeller
from pointsman.providers.openai_server import OpenAiServer, ollama
from pointsman.providers.remote.asking import Ask, Calls, Service
from pointsman.providers.remote.embeddings import RemoteEmbedder
from pointsman.providers.remote.reading import Source, scores_of
from pointsman.providers.remote.wire import Request, Wire
from pointsman.providers.sentiment import Sentiment
from pointsman.providers.systemone import DecisionOracle
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

FOLDER = Path(__file__).resolve().parents[2] / ".." / "shared" / "reference" / "samples"
GROUPS = ("groq", "cloudflare", "huggingface", "ollama-openai")
FILES = sorted(path for group in GROUPS for path in FOLDER.glob(f"{group}/*.json"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in FILES]
COUNT = 96

KINDS = {"config": "bad_request", "loading": "server"}
PHRASES = {
    "IMAGE": "creating a picture",
    "CHAT": "ordinary conversation",
    "SEARCH": "looking up facts on the web",
    "TOOLS": "running an action",
}
QUESTION = Question("The labels: ...\n", "", (), '"draw me a red fox in the snow"', tuple(PHRASES))
# Addresses that our clients never ask, but with a wrong `url`.
NOT_OUR_PATH = {"cloudflare/no_route_400_7000", "huggingface/legacy_host_410"}
# What we never send: it is what the service refuses there, or the model is none that takes it.
NOT_SENT = {
    "cloudflare/bad_input_400_5006": {"seed"},
    "cloudflare/json_schema_unsupported_5025": {"response_format"},
    "groq/flex_capacity_498": {"service_tier"},
    "groq/logprobs_unsupported_400": {"logprobs"},
    "groq/json_schema_unsupported_400": {"reasoning_effort", "include_reasoning"},
    "groq/model_gone_404": {"reasoning_effort", "include_reasoning"},
    "groq/model_decommissioned_400": {"reasoning_effort", "include_reasoning"},
}


@dataclass
class Exchange:
    """One sample, the address of the server that plays it, and what that server was asked."""

    name: str
    data: dict[str, Any]
    base: str = ""
    seen: list[tuple[str, str, Any]] | None = None

    @property
    def path(self) -> str:
        return str(urlsplit(self.data["request"]["path"]).path)

    @property
    def body(self) -> dict[str, Any]:
        return self.data["request"].get("json") or {}

    @property
    def expect(self) -> dict[str, Any]:
        expect: dict[str, Any] = self.data["expect"]
        return expect

    def model_after(self, mark: str) -> str:
        return self.path.partition(mark)[2]


def recorded(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


@pytest.fixture
async def exchange(request: pytest.FixtureRequest) -> AsyncIterator[Exchange]:
    path: Path = request.param
    it = Exchange(f"{path.parent.name}/{path.stem}", recorded(path), seen=[])
    response = it.data["response"]
    body = response["body"]
    raw = b"" if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()

    async def answer(asked: web.Request) -> web.Response:
        assert it.seen is not None
        it.seen.append((asked.method, asked.path, await asked.json() if asked.can_read_body else None))
        if asked.path != it.path and it.name not in NOT_OUR_PATH:
            return web.json_response({"data": []})  # the rest of a listing
        if asked.query.get("page", "1") != "1":
            return web.json_response({"result": [], "success": True})
        return web.Response(status=response["status"], reason="as recorded", headers=response["headers"], body=raw)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    it.base = f"http://{host}:{port}"
    yield it
    await runner.cleanup()


Outcome = Choice | dict[str, float] | int | float | tuple[str, ...] | Signal | None
Connects = Callable[[Service, str], Calls]


async def groq(it: Exchange, connect: Connects) -> Outcome:
    service = Groq("gsk_test", url=f"{it.base}/openai/v1")
    calls = connect(service, it.body.get("model", ""))
    if it.path.endswith("/models"):
        return await service.listing(calls)
    if "prompt-guard" in it.body["model"]:
        return (await calls.call(lambda model: service.attack(model, "hello"))).value
    return await ChatLabeller(calls, service).label(QUESTION)


async def cloudflare(it: Exchange, connect: Connects) -> Outcome:
    account = it.path.partition("/accounts/")[2].partition("/")[0]
    service = Cloudflare(account, "token", url=f"{it.base}/client/v4")
    model = it.body.get("model", "") if "/v1/" in it.path else it.model_after("/run/") or "@cf/cloudflare/clef-flash"
    calls = connect(service, model)
    if it.path.endswith("/models/search"):
        return await service.listing(calls)
    if it.path.endswith("/v1/embeddings"):
        server = OpenAiServer("cloudflare", it.base + it.path.removesuffix("/embeddings"), "token")
        return await dims(RemoteEmbedder(connect(server, model), server, model), it.body["input"])
    match it.body:
        case {"questions": _}:
            return dict((await DecisionOracle(calls, service).shares(it.body["state"], PHRASES)).shares)
        case {"messages": _}:
            return await ChatLabeller(calls, service).label(QUESTION)
        case {"text": list(texts)}:
            return await dims(RemoteEmbedder(calls, service, model), texts)
        case {"text": str(text)}:
            return await Sentiment(calls, service, model).sense(text)
    # Reranking is no way of asking that we offer: the scores of single descriptions are no probabilities.
    ask = Ask(service.run(model, it.body), lambda reply: len(reply.json()["result"]["response"]))
    return (await calls.call(lambda _: ask)).value


async def huggingface(it: Exchange, connect: Connects) -> Outcome:
    service = HuggingFace("hf_test", url=it.base, hub=it.base)
    if it.path.startswith("/api/models/"):
        return await service.listing(connect(service, ""), [it.model_after("/api/models/")])
    if it.path.startswith("/v1/"):
        return await ChatLabeller(connect(service, it.body["model"]), service).label(QUESTION)
    model = it.model_after("models/").removesuffix("/pipeline/feature-extraction")
    calls = connect(service, model)
    if it.path.endswith("/feature-extraction"):
        inputs = it.body["inputs"]
        return await dims(RemoteEmbedder(calls, service, model), [inputs] if isinstance(inputs, str) else inputs)
    if "parameters" in it.body:
        return dict((await ZeroShotOracle(calls, service, phrases=PHRASES).shares("a fox", PHRASES)).shares)
    return await Sentiment(calls, service, model).sense("I like you")


async def openai(it: Exchange, connect: Connects) -> Outcome:
    model = it.body["model"]
    path = it.path.removesuffix("/chat/completions").removesuffix("/embeddings")
    server = OpenAiServer("server", it.base + path, "key")
    server._decisions = it.base + it.path  # as if this were the host that has them at a place of their own
    if it.name.startswith("ollama-openai/ollama_") and "cloud" not in it.name:
        server = ollama(it.base)
    calls = connect(server, model)
    if "questions" in it.body:
        return dict((await DecisionOracle(calls, server).shares(it.body["state"], PHRASES)).shares)
    if "input" in it.body:
        return await dims(RemoteEmbedder(calls, server, model), it.body["input"])
    return await ChatLabeller(calls, server).label(QUESTION)


async def dims(embedder: RemoteEmbedder, texts: list[str]) -> int:
    vectors = await embedder.embed(texts)
    assert len(vectors) == len(texts)
    return int(vectors.shape[1])


ASKED: dict[str, Callable[[Exchange, Connects], Awaitable[Outcome]]] = {
    "groq": groq,
    "cloudflare": cloudflare,
    "huggingface": huggingface,
    "ollama-openai": openai,
}


def test_every_exchange_is_replayed() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the recorded exchanges are not here")
    assert len(FILES) == COUNT


@pytest.mark.parametrize("exchange", FILES, ids=NAMES, indirect=True)
async def test_an_exchange_ends_as_the_reference_says(exchange: Exchange, make: Any) -> None:
    it = exchange
    wire = Wire("test")

    async def send(request: Request) -> Any:
        return await wire.send(request, 5.0)

    try:
        said: Outcome | ServiceFailed = await ASKED[it.name.partition("/")[0]](
            it, lambda service, model: make.http(service, send, (model,))
        )
    except ServiceFailed as failed:
        said = failed
    finally:
        await wire.close()
    check_request(it)
    if it.expect["class"] == "ok":
        assert not isinstance(said, ServiceFailed), said
        check_answer(it, said)
    else:
        assert isinstance(said, ServiceFailed), said
        check_fault(it, said)


def check_request(it: Exchange) -> None:
    assert it.seen
    # Hugging Face is first asked whose token it is, which no exchange is about.
    method, path, body = next(one for one in it.seen if not one[1].endswith("/whoami-v2"))
    assert method == it.data["request"]["method"]
    assert path == it.path or it.name in NOT_OUR_PATH
    assert it.body.keys() - NOT_SENT.get(it.name, set()) <= (body or {}).keys()


def check_fault(it: Exchange, said: ServiceFailed) -> None:
    expect = it.expect
    assert said.kind == KINDS.get(expect["class"], expect["class"])
    assert said.retry is expect["retryable"]
    assert said.degrade == expect.get("degrade_to", "")
    assert said.cure
    if expect["class"] == "config":
        assert said.scope == "service"
    if "wait_s" in expect:
        assert said.wait == expect["wait_s"]
    if expect.get("switch_model"):
        assert said.treatment.next_model
        assert said.scope == "model"
    if expect.get("disable_provider"):
        assert said.scope == "service"
    if said.kind == "too_large":
        assert said.wait is None, "no wait makes it fit"
    sent = ("red fox", "gsk_", "org_", "0123456789abcdef", "sample")
    assert not any(secret in str(said) for secret in sent)


def check_answer(it: Exchange, said: Outcome) -> None:
    expect = it.expect
    match said:
        case Choice(label=label):
            assert label == expect["label"]
        case dict():
            best = max(said, key=said.__getitem__)
            assert expect.get("label", "creating a picture") in {best, PHRASES[best]}
            assert sum(said.values()) == pytest.approx(1)
        case float():
            assert said == pytest.approx(expect["p_attack"], abs=1e-6)
        case int() if "dims" in expect:
            assert said == expect["dims"]
        case int():
            assert said == 2  # contexts that were ranked
        case tuple():
            assert LISTED[it.name] <= set(said)
        case Signal():
            assert said.name == "sentiment"
            assert said.matched == ("positive",)
            assert said.score == max(scores_of(inside(it), Source("s", "m")).values())
        case None:
            pytest.fail("nothing was noticed")


def inside(it: Exchange) -> object:
    body = it.data["response"]["body"]
    return body["result"] if isinstance(body, dict) else body


LISTED = {
    "groq/models_list": {"openai/gpt-oss-20b", "qwen/qwen3.8-27b", "meta-llama/llama-prompt-guard-2-22m"},
    "cloudflare/models_search": {"@cf/cloudflare/clef-flash"},
    "huggingface/model_status": {"facebook/bart-large-mnli"},
}
