"""What Workers AI offers, what it costs in neurons, and the errors that it answers with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from pointsman.testing.clouds.asked import HTML, Answer

ACCOUNT: Final = "0123456789abcdef0123456789abcdef"
RAY: Final = "8f00000000000000-AMS"
Task = Literal["decisions", "chat", "embeddings", "rerank", "sentiment"]
TASK_NAMES: Final[Mapping[Task, str]] = MappingProxyType(
    {
        "decisions": "Text Generation",
        "chat": "Text Generation",
        "embeddings": "Text Embeddings",
        "rerank": "Text Classification",
        "sentiment": "Text Classification",
    }
)
# Calls a minute, by what a model does.
RATES: Final[Mapping[str, int]] = MappingProxyType(
    {"Text Generation": 300, "Text Classification": 2_000, "Text Embeddings": 3_000}
)


@dataclass(frozen=True, slots=True)
class WorkersModel:
    """A model: neurons for a million tokens in and out, and what it can take.

    `schema` models keep to a JSON schema; those that think spend `thought` tokens first. `fields` are what an
    embedding model's request may hold, `pooling` what it does when it is not told, `most_texts` and `most_tokens`
    what fits in one request. `gone` is the day on which it was withdrawn; `paid` models are not in the free plan.
    """

    task: Task
    neurons_in: float = 0.0
    neurons_out: float = 0.0
    context: int = 24_576
    schema: bool = False
    thought: int = 0
    dimensions: int = 0
    fields: frozenset[str] = frozenset()
    pooling: str = "mean"
    most_texts: int = 100
    most_tokens: int | None = None
    gone: str = ""
    paid: bool = False


BGE: Final = frozenset({"text", "pooling"})
BGE_M3: Final = frozenset({"text", "truncate_inputs", "query", "contexts"})
QWEN: Final = frozenset({"text", "queries", "documents", "instruction"})
MODELS: Final[Mapping[str, WorkersModel]] = MappingProxyType(
    {
        "@cf/cloudflare/clef-flash": WorkersModel("decisions", 3_455, context=24_576),
        "@cf/cloudflare/clef-omni": WorkersModel("decisions", 13_636, context=65_536),
        "@cf/cloudflare/clef": WorkersModel("decisions", 21_818, context=65_536),
        "@cf/meta/llama-3.3-70b-instruct-fp8-fast": WorkersModel("chat", 26_668, 204_805, schema=True),
        "@cf/meta/llama-3.2-1b-instruct": WorkersModel("chat", 2_457, 18_252, context=60_000),
        "@cf/meta/llama-3.2-3b-instruct": WorkersModel("chat", 4_625, 30_475, context=80_000),
        "@cf/meta/llama-3.1-8b-instruct-fp8": WorkersModel("chat", 4_119, 34_868, context=32_000),
        "@cf/meta/llama-3.1-8b-instruct-fp8-fast": WorkersModel("chat", 4_119, 34_868, context=32_000),
        "@cf/ibm-granite/granite-4.0-h-micro": WorkersModel("chat", 1_542, 10_158, context=131_000),
        "@cf/zai-org/glm-4.7-flash": WorkersModel("chat", 5_500, 36_400, context=131_072),
        "@cf/google/gemma-4-26b-a4b-it": WorkersModel("chat", 9_091, 27_273, context=256_000, thought=200),
        "@cf/openai/gpt-oss-20b": WorkersModel("chat", 18_182, 27_273, context=128_000, thought=60),
        "@cf/qwen/qwen3-30b-a3b-fp8": WorkersModel("chat", 4_625, 30_475, context=32_768, thought=900),
        "@cf/baai/bge-small-en-v1.5": WorkersModel("embeddings", 1_841, dimensions=384, fields=BGE),
        "@cf/baai/bge-base-en-v1.5": WorkersModel("embeddings", 6_058, dimensions=768, fields=BGE),
        "@cf/baai/bge-large-en-v1.5": WorkersModel("embeddings", 18_582, dimensions=1024, fields=BGE),
        "@cf/baai/bge-m3": WorkersModel(
            "embeddings", 1_075, dimensions=1024, fields=BGE_M3, pooling="cls", most_tokens=60_000
        ),
        "@cf/google/embeddinggemma-300m": WorkersModel("embeddings", dimensions=768, fields=frozenset({"text"})),
        "@cf/qwen/qwen3-embedding-0.6b": WorkersModel(
            "embeddings", 1_075, dimensions=1024, fields=QWEN, pooling="last", most_texts=32
        ),
        "@cf/baai/bge-reranker-base": WorkersModel("rerank", 283),
        "@cf/huggingface/distilbert-sst-2-int8": WorkersModel("sentiment", 2_394),
        "@cf/meta/llama-3.1-8b-instruct": WorkersModel("chat", gone="2026-05-30"),
        "@cf/mistral/mistral-7b-instruct-v0.1": WorkersModel("chat", gone="2026-05-30"),
        "@cf/moonshotai/kimi-k2.6": WorkersModel("chat", paid=True),
        "@cf/zai-org/glm-5.2": WorkersModel("chat", paid=True),
    }
)


def ai_error(status: int, code: int | None, message: str) -> Answer:
    """An error of a model, in Cloudflare's envelope; one binding reports the quota without a code."""
    error: dict[str, Any] = {"message": message} if code is None else {"message": message, "code": code}
    return Answer({"errors": [error], "success": False, "result": {}, "messages": []}, status)


def gateway_error(status: int, code: int, message: str) -> Answer:
    """An error of the API before any model is reached."""
    errors = [{"code": code, "message": message}]
    return Answer({"result": None, "success": False, "errors": errors, "messages": []}, status)


def twice(message: str, number: str) -> str:
    """A model's own words, as they come through Workers AI."""
    return f"AiError: AiError: {message} ({number})"


BAD_TOKEN: Final = gateway_error(401, 10_000, "Authentication error")
NO_SCOPE: Final = gateway_error(403, 10_000, "Authentication error")
NO_ROUTE: Final = gateway_error(400, 7_000, "No route for that URI")
BROKEN: Final = ai_error(500, 8_005, "AiError: Unknown internal error")
EDGE: Final = "<!DOCTYPE html><html><head><title>522: Connection timed out</title></head><body></body></html>"
FREE: Final = "daily free allocation of 10,000 neurons"
UPGRADE: Final = "to Cloudflare's Workers Paid plan if you would like to continue usage."


def quota(code: int | None, number: str) -> Answer:
    """The answer when the neurons are used up: 4006 as it is seen, 3036 as it is documented, or no code at all."""
    if code == 3036:
        return ai_error(429, code, f"You have used up your {FREE}. Please upgrade {UPGRADE}")
    return ai_error(429, code, twice(f"you have used up your {FREE}, please upgrade {UPGRADE}", number))


def full(number: str) -> Answer:
    """The answer when there is no capacity."""
    return ai_error(429, 3_040, twice("Capacity temporarily exceeded, please try again.", number))


def withdrawn(model: str, day: str) -> Answer:
    """The answer for a model that is gone."""
    owner, _, name = model.rpartition("/")
    return ai_error(410, 5_028, f"AiError: Model has been deprecated: {owner}/infire-{name} was deprecated on {day}.")


def unknown(model: str) -> Answer:
    """The answer for a model that there is not."""
    return ai_error(400, 5_007, f"No such model {model} or task")


def for_payers(model: str, number: str) -> Answer:
    """The answer for a model that the free plan does not hold."""
    refused = f"Model {model} is not available on the Workers Free plan"
    upgrade = "Upgrade to access this model: https://dash.cloudflare.com/?to=/:account/workers/plans"
    return ai_error(403, 5_035, f"AiError: {refused}: {refused}. {upgrade} ({number})")


def too_long(tokens: int, most: int, number: str) -> Answer:
    """The answer to a text that is longer than the model reads."""
    words = f"The estimated number of input and maximum output tokens ({tokens}) exceeded this model context window"
    return ai_error(413, 5_021, f"AiError: {words} limit ({most}). ({number})")


def too_many(tokens: int, most: int) -> Answer:
    """The answer to texts that are longer together than an embedding model takes."""
    return ai_error(400, 3_030, f"AiError: Max context reached {tokens} tokens but model supports only {most}")


def bad_question(problem: str, number: str) -> Answer:
    """The answer to questions that a decision model cannot take."""
    said = json.dumps({"error": {"message": problem}}, separators=(",", ":"))
    return ai_error(422, 5_012, twice(said, number))


def bad_input(problem: str, number: str) -> Answer:
    """The answer to a request with fields that the model does not have, or without those that it needs."""
    return ai_error(400, 5_006, f"AiError: Bad input: Error: {problem} ({number})")


def errors_of(model: str, number: str) -> dict[str, Answer]:
    """All documented errors, as they are about a model."""
    return {
        "auth_401": BAD_TOKEN,
        "bad_input_400_5006": bad_input("Additional or unevaluated properties '/seed' at '/' not allowed", number),
        "capacity_3040": full(number),
        "clef_inference_failed_529": ai_error(529, 5_012, twice("Clef inference failed", number)),
        "clef_too_large_413": too_long(131_277, 65_536, number),
        "clef_validation_422": bad_question("questions.intent.instructions must be a non-empty value", number),
        "edge_html_522": Answer(EDGE, 522, kind=f"{HTML}; charset=UTF-8"),
        "embed_context_exceeded_3030": too_many(82_800, 60_000),
        "forbidden_403_scope": NO_SCOPE,
        "json_mode_not_met": ai_error(400, 5_024, twice("JSON Mode couldn't be met", number)),
        "json_schema_unsupported_5025": ai_error(400, 5_025, twice("This model doesn't support JSON Schema.", number)),
        "malformed_200_success_false": gateway_error(200, 8_000, "AiError: Unknown internal error"),
        "model_gone_410_5028": withdrawn(model, "2026-05-30"),
        "model_unknown_400_5007": unknown(model),
        "no_route_400_7000": NO_ROUTE,
        "paid_model_403_5035": for_payers(model, number),
        "quota_3036": quota(3_036, number),
        "quota_4006": quota(4_006, number),
        "server_error_500": BROKEN,
        "timeout_408_3007": ai_error(408, 3_007, f"AiError: Request timeout ({number})"),
    }
