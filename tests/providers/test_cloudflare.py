"""Workers AI: what it is asked, what calls cost, and how its faults are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pointsman.core.faults import ServiceFailed
from pointsman.providers.cloudflare import Cloudflare
from pointsman.providers.label_choice import ChatLabeller
from pointsman.providers.remote.embeddings import RemoteEmbedder
from pointsman.providers.remote.wire import Request
from pointsman.providers.sentiment import Sentiment
from pointsman.providers.systemone import DecisionOracle
from pointsman.testing.clouds.chat import echo
from pointsman.testing.clouds.cloudflare_models import MODELS
from pointsman.testing.clouds.deciding import by_words
from pointsman.testing.clouds.workers import ran
from pointsman.tiers.question import Question

ACCOUNT = "0123456789abcdef0123456789abcdef"
CLOUDFLARE = Cloudflare(ACCOUNT, "secret", url="http://cf.test/v4")
AI = f"http://cf.test/v4/accounts/{ACCOUNT}/ai"
OPTIONS = {"image": "Create a picture", "chat": "Talk"}
QUESTION = Question("The labels: ...\n", "", (), '"a fox"', ("image", "chat"))
LLAMA, LARGE = "@cf/meta/llama-3.2-3b-instruct", "@cf/meta/llama-3.3-70b-instruct-fp8-fast"


def enveloped(result: object, **more: object) -> dict[str, Any]:
    return {"result": result, "success": True, "errors": [], "messages": [], **more}


def refused(code: int | None, message: str = "AiError: no") -> dict[str, Any]:
    error = {"message": message} if code is None else {"message": message, "code": code}
    return {"errors": [error], "success": False, "result": {}, "messages": []}


def decided(**probabilities: float) -> dict[str, Any]:
    return enveloped({"model": "clef-flash", "answers": {"intent": {"type": "choice", "probabilities": probabilities}}})


async def test_a_decision_is_asked_for_by_the_models_bare_name(make: Any) -> None:
    model = "@cf/cloudflare/clef-flash"
    calls = make.calls(CLOUDFLARE, make.reply(decided(image=0.9, chat=0.1)), models=(model,))
    shares = await DecisionOracle(calls, CLOUDFLARE).shares("a fox", OPTIONS)
    assert (shares.model, shares.shares) == (model, {"image": 0.9, "chat": 0.1})
    (request,) = calls.sent
    assert request.url == f"{AI}/run/{model}"
    assert request.headers == {"Authorization": "Bearer secret"}
    assert (request.body["model"], request.body["state"]) == ("clef-flash", "a fox")
    assert request.body["questions"]["intent"]["criteria"] == OPTIONS
    assert request.body["options"] == {"rejectIfBusy": True}
    assert calls.asks[0].cost["neurons"] == pytest.approx(1.49, abs=0.1), "which is what it was told to take"


def test_a_decision_is_thought_to_take_about_what_it_did() -> None:
    options = {
        "IMAGE": "Create or edit a picture",
        "CHAT": "Ordinary conversation or writing help",
        "SEARCH": "Needs fresh facts from the web",
        "TOOLS": "Run an action, code or a file operation",
    }
    ask = CLOUDFLARE.decision("@cf/cloudflare/clef-flash", "draw me a red fox in the snow", options, plain=False)
    # The same short message and four options took 1.62; too high is better than too low.
    assert 1.62 <= ask.cost["neurons"] < 1.75


async def test_a_model_that_refuses_the_option_is_asked_without_it_from_then_on(make: Any) -> None:
    refusal = make.reply(refused(5006, "Additional or unevaluated properties '/options'"), 400)
    calls = make.calls(CLOUDFLARE, refusal, make.reply(decided(image=0.9, chat=0.1)))
    oracle = DecisionOracle(calls, CLOUDFLARE)
    for _ in range(2):
        await oracle.shares("a fox", OPTIONS)
    assert ["options" in body for body in calls.bodies] == [True, False, False]


@pytest.mark.parametrize(("status", "code"), [(429, 4006), (401, 10000), (500, 8005), (400, 7000)])
async def test_only_a_refused_request_is_made_otherwise(make: Any, status: int, code: int) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(refused(code), status))
    with pytest.raises(ServiceFailed):
        await DecisionOracle(calls, CLOUDFLARE).shares("a fox", OPTIONS)
    assert len(calls.sent) == 1


async def test_a_request_that_is_refused_for_another_reason_stays_refused(make: Any) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(refused(5006), 400))
    oracle = DecisionOracle(calls, CLOUDFLARE)
    with pytest.raises(ServiceFailed) as caught:
        await oracle.shares("a fox", OPTIONS)
    assert (caught.value.kind, len(calls.sent)) == ("bad_request", 2)
    with pytest.raises(ServiceFailed):
        await oracle.shares("a fox", OPTIONS)
    assert "options" in calls.bodies[2]


@pytest.mark.parametrize("response", ["image", '{"label": "image"}', {"label": "image"}, "IMAGE\n"])
async def test_a_label_is_text_or_an_object(make: Any, response: object) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(enveloped({"response": response})), models=(LARGE,))
    assert (await ChatLabeller(calls, CLOUDFLARE).label(QUESTION)).label == "image"
    (body,) = calls.bodies
    schema = body["response_format"]["json_schema"]
    assert schema["properties"]["label"]["enum"] == ["image", "chat"], "bare, without a name around it"


async def test_small_models_are_asked_for_text(make: Any) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(enveloped({"response": "chat"})), models=(LLAMA,))
    assert (await ChatLabeller(calls, CLOUDFLARE).label(QUESTION)).label == "chat"
    (body,) = calls.bodies
    assert body.keys() == {"messages", "max_tokens", "temperature", "options"}
    assert calls.sent[0].url == f"{AI}/run/{LLAMA}"
    assert 0 < calls.asks[0].cost["neurons"] < 3


@pytest.mark.parametrize(
    ("model", "room"),
    [(LLAMA, 32), ("@cf/openai/gpt-oss-20b", 512), ("@cf/qwen/qwen3-30b-a3b-fp8", 1_500), ("@cf/qwen/qwq-32b", 1_500)],
)
async def test_models_that_think_have_room_for_it(make: Any, model: str, room: int) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(enveloped({"response": "chat"})), models=(model,))
    await ChatLabeller(calls, CLOUDFLARE).label(QUESTION)
    assert calls.bodies[0]["max_tokens"] == room


async def test_a_model_that_thinks_for_long_comes_to_an_answer(make: Any) -> None:
    model = "@cf/qwen/qwen3-30b-a3b-fp8"

    async def send(request: Request) -> Any:
        run = ran(model, MODELS[model], dict(request.body or {}), by_words, reply=echo, number="1")
        return make.reply(enveloped(run.result))

    labeller = ChatLabeller(make.http(CLOUDFLARE, send, (model,)), CLOUDFLARE)
    assert (await labeller.label(QUESTION)).label in QUESTION.candidates


async def test_a_model_without_schemas_is_asked_for_text_from_then_on(make: Any) -> None:
    calls = make.calls(
        CLOUDFLARE, make.reply(refused(5025), 400), make.reply(enveloped({"response": "chat"})), models=(LARGE,)
    )
    labeller = ChatLabeller(calls, CLOUDFLARE)
    for _ in range(2):
        assert (await labeller.label(QUESTION)).label == "chat"
    assert ["response_format" in body for body in calls.bodies] == [True, False, False]


async def test_gemma_is_told_not_to_think_in_openais_language(make: Any) -> None:
    model = "@cf/google/gemma-4-26b-a4b-it"
    reply = make.reply({"choices": [{"message": {"content": "image"}}], "usage": {"neurons": 1.19}})
    calls = make.calls(CLOUDFLARE, reply, models=(model,))
    assert (await ChatLabeller(calls, CLOUDFLARE).label(QUESTION)).label == "image"
    assert calls.sent[0].url == f"{AI}/v1/chat/completions"
    assert calls.bodies[0]["chat_template_kwargs"] == {"enable_thinking": False}
    assert CLOUDFLARE.metered(reply).cost == {"neurons": 1.19}


@pytest.mark.parametrize(
    ("model", "fingerprint", "dims", "body"),
    [
        ("@cf/baai/bge-small-en-v1.5", "cls/384", 384, {"text": ["a"], "pooling": "cls"}),
        ("@cf/baai/bge-m3", "own/1024", 1024, {"text": ["a"], "truncate_inputs": True}),
        ("@cf/new/embedder", "own/any", 7, {"text": ["a"]}),
    ],
)
async def test_each_embedding_model_is_sent_what_it_knows(
    make: Any, model: str, fingerprint: str, dims: int, body: dict[str, Any]
) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(enveloped({"shape": [1, dims], "data": [[2.0] * dims]})))
    embedder = RemoteEmbedder(calls, CLOUDFLARE, model)
    assert embedder.fingerprint == f"cloudflare/{model}/{fingerprint}"
    vectors = await embedder.embed(["a"])
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0])
    assert calls.bodies == [body]


def test_the_two_poolings_have_spaces_of_their_own(make: Any) -> None:
    mean = Cloudflare(ACCOUNT, "secret", pooling="mean")
    prints = {
        RemoteEmbedder(make.calls(service), service, "@cf/baai/bge-small-en-v1.5").fingerprint
        for service in (CLOUDFLARE, mean)
    }
    assert len(prints) == 2


@pytest.mark.parametrize(("label", "score", "side"), [("POSITIVE", 0.9, "positive"), ("NEGATIVE", 0.7, "negative")])
async def test_sentiment_is_a_mark(make: Any, label: str, score: float, side: str) -> None:
    other = {"POSITIVE": "NEGATIVE", "NEGATIVE": "POSITIVE"}[label]
    rows = [{"label": other, "score": 1 - score}, {"label": label, "score": score}]
    calls = make.calls(CLOUDFLARE, make.reply(enveloped(rows)))
    signal = await Sentiment(calls, CLOUDFLARE).sense("well")
    assert signal is not None
    assert (signal.name, signal.score, signal.matched) == ("sentiment", score, (side,))
    assert calls.bodies == [{"text": "well"}]


async def test_no_more_of_a_text_is_sent_than_the_model_reads(make: Any) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(enveloped([{"label": "POSITIVE", "score": 0.9}])))
    await Sentiment(calls, CLOUDFLARE).sense("well " * 1000)
    assert len(calls.bodies[0]["text"]) == 1500


@pytest.mark.parametrize("rows", [[{"label": "NEUTRAL", "score": 0.9}], [{"label": "POSITIVE", "score": 1.9}]])
async def test_labels_of_another_kind_are_no_sentiment(make: Any, rows: object) -> None:
    assert await Sentiment(make.calls(CLOUDFLARE, make.reply(enveloped(rows))), CLOUDFLARE).sense("well") is None


async def test_batches_hold_no_more_than_the_model_takes(make: Any) -> None:
    def answer(count: int) -> Any:
        return make.reply(enveloped({"data": [[1.0] * 1024] * count}))

    calls = make.calls(CLOUDFLARE, answer(10), answer(2), answer(100), answer(1))
    embedder = RemoteEmbedder(calls, CLOUDFLARE, "@cf/baai/bge-m3")
    await embedder.embed(["x" * 9000] * 12)
    await embedder.embed(["x"] * 101)
    assert [len(body["text"]) for body in calls.bodies] == [10, 2, 100, 1]
    assert max(len(text) for text in calls.bodies[0]["text"]) == 4000


async def test_a_text_without_words_has_no_sentiment(make: Any) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(enveloped([])))
    assert await Sentiment(calls, CLOUDFLARE).sense("?!") is None
    assert not calls.sent


@pytest.mark.parametrize(
    ("status", "body", "headers", "cost"),
    [
        (200, enveloped({}), {"cf_ai_neurons": "1.62"}, {"neurons": 1.62}),
        (200, enveloped({"usage": {"neurons": 2}}), {}, {"neurons": 2}),
        (200, enveloped({}), {"cf_ai_neurons": "nan"}, {}),
        # Less than a hundredth is not nothing: what was expected counts.
        (200, enveloped({}), {"cf_ai_neurons": "0.00"}, {}),
        (400, refused(5006), {"cf_ai_neurons": "0.00"}, {"neurons": 0}),
        (200, enveloped({}), {}, {}),
        (429, refused(4006), {}, {"neurons": 0}),
        (500, refused(8005), {}, {}),
    ],
)
def test_neurons_are_counted(
    make: Any, status: int, body: object, headers: dict[str, str], cost: dict[str, float]
) -> None:
    assert CLOUDFLARE.metered(make.reply(body, status, **headers)).cost == cost


@pytest.mark.parametrize(
    ("status", "code", "kind", "scope"),
    [
        (429, 4006, "quota_exhausted", "service"),
        (429, 3036, "quota_exhausted", "service"),
        (200, 4006, "quota_exhausted", "service"),
        (429, 3040, "rate_limited", "model"),
        (429, 971, "rate_limited", "model"),
        (401, 10000, "auth", "service"),
        (403, 10000, "auth", "service"),
        (403, 3023, "auth", "model"),
        (403, 5018, "auth", "model"),
        (403, 3041, "auth", "model"),
        (403, 5016, "auth", "model"),
        (403, 5035, "model_gone", "model"),
        (410, 5028, "model_gone", "model"),
        (400, 5007, "model_gone", "model"),
        (404, 3042, "model_gone", "model"),
        (400, 7000, "bad_request", "service"),
        (404, 7003, "bad_request", "service"),
        (400, 5006, "bad_request", "model"),
        (400, 5004, "bad_request", "model"),
        (400, 3003, "bad_request", "model"),
        (400, 6003, "bad_request", "model"),
        (400, 8007, "bad_request", "model"),
        (422, 5012, "bad_request", "model"),
        (529, 5012, "server", "model"),
        (413, 3006, "too_large", "model"),
        (413, 5021, "too_large", "model"),
        (400, 3030, "too_large", "model"),
        (400, 5024, "malformed", "model"),
        (408, 3007, "server", "model"),
        (408, 3008, "server", "model"),
        (500, 8005, "server", "model"),
        (200, 8000, "server", "model"),
        (200, 12345, "malformed", "model"),
    ],
)
def test_its_codes_tell_more_than_its_statuses(make: Any, status: int, code: int, kind: str, scope: str) -> None:
    failed = CLOUDFLARE.fault_of(make.reply(refused(code), status), "m")
    assert failed is not None
    assert (failed.kind, failed.scope) == (kind, scope)


def test_the_used_up_quota_is_known_by_its_words_alone(make: Any) -> None:
    text = "you have used up your daily free allocation of 10,000 neurons"
    failed = CLOUDFLARE.fault_of(make.reply(refused(None, text), 429), "m")
    assert failed is not None
    assert (failed.kind, failed.wait) == ("quota_exhausted", None)


def test_a_busy_model_is_worth_another_try_at_once(make: Any) -> None:
    failed = CLOUDFLARE.fault_of(make.reply(refused(3040), 429), "m")
    assert failed is not None
    assert (failed.wait, failed.retry) == (0.5, True)


async def test_the_list_is_read_page_by_page_until_one_is_empty(make: Any) -> None:
    pages = [
        enveloped([{"id": "1", "name": "@cf/a"}, {"name": "@cf/b"}]),
        enveloped([{"name": "@cf/c"}]),
        enveloped([]),
    ]
    calls = make.calls(CLOUDFLARE, *map(make.reply, pages))
    assert await CLOUDFLARE.listing(calls) == ("@cf/a", "@cf/b", "@cf/c")
    assert calls.sent[2].url == f"{AI}/models/search?per_page=50&page=3"


async def test_a_list_that_never_ends_does(make: Any) -> None:
    calls = make.calls(CLOUDFLARE, make.reply(enveloped([{"name": "@cf/a"}])))
    assert await CLOUDFLARE.listing(calls) == ("@cf/a",)
    assert len(calls.sent) == 40
