"""A fake Hugging Face: inference on its own machines, the router to others, and a month's credit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from pointsman.core.ports import Clock
from pointsman.testing.clouds.asked import HTML, Answer, Asked, tokens_in
from pointsman.testing.clouds.chat import Reply, completion, echo, said_to
from pointsman.testing.clouds.deciding import Decide, by_words, prompt_of, shares_of
from pointsman.testing.clouds.delivery import Sleep
from pointsman.testing.clouds.server import FakeService
from pointsman.testing.clouds.vectors import numbers
from pointsman.testing.clouds.workers import BAD_WORDS

HfTask = Literal["zero-shot-classification", "feature-extraction", "text-classification"]
MODELS: Final[Mapping[str, HfTask]] = MappingProxyType(
    {
        "facebook/bart-large-mnli": "zero-shot-classification",
        "sentence-transformers/all-MiniLM-L6-v2": "feature-extraction",
        "microsoft/harrier-oss-v1-0.6b": "feature-extraction",
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english": "text-classification",
    }
)
CHAT_MODELS: Final = ("openai/gpt-oss-20b", "openai/gpt-oss-120b", "Qwen/Qwen3-32B")
DIMENSIONS: Final[Mapping[str, int]] = MappingProxyType({"microsoft/harrier-oss-v1-0.6b": 1024})
INFERENCE: Final = "/hf-inference/models/"
PIPELINE: Final = "/pipeline/"
WINDOW: Final = 300
MOST_TOKENS: Final = 256
THOUGHT: Final = 20

NO_CREDIT: Final = (
    "You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers. "
    "Alternatively, subscribe to PRO to get 20x more included credits."
)
NO_PERMISSION: Final = (
    "This authentication method does not have sufficient permissions to call Inference Providers on behalf of user "
    "sample"
)
NOT_HERE: Final = "Model not supported by provider hf-inference"
DEPRECATED: Final = (
    "The requested model is deprecated and no longer supported by provider hf-inference. Please choose a different "
    "model."
)
OLD_HOST: Final = (
    "https://api-inference.huggingface.co is no longer supported. Please use https://router.huggingface.co instead."
)


class FakeHuggingFace(FakeService):
    """Hugging Face's router; `url` ends with the port, and model status is at the same place.

    A call costs `price` dollars for each label or text, until the month's `credit` is spent. At most `window_calls`
    are answered in each 300 seconds. Models in `loading` answer 503 with those seconds; `deprecated` ones 410.
    `legacy` is the old shape of zero-shot answers. `permitted` False is a token without the right to call.
    """

    title = "uvicorn"

    def __init__(
        self,
        *,
        key: str = "hf_test",
        clock: Clock = time.time,
        decide: Decide = by_words,
        reply: Reply = echo,
        models: Mapping[str, HfTask] = MODELS,
        chat_models: tuple[str, ...] = CHAT_MODELS,
        credit: float = 0.10,
        price: float = 0.000_02,
        window_calls: int = 500,
        legacy: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(key=key, clock=clock, decide=decide, sleep=sleep)
        self.models = dict(models)
        self.chat_models = chat_models
        self.reply = reply
        self.credit = credit
        self.price = price
        self.window_calls = window_calls
        self.legacy = legacy
        self.permitted = True
        self.loading: dict[str, float] = {}
        self.deprecated: set[str] = set()
        self._spent: dict[str, float] = {}
        self._calls: dict[int, int] = {}

    @property
    def month(self) -> str:
        """The month that it is, such as 2026-11."""
        return datetime.fromtimestamp(self.clock(), UTC).strftime("%Y-%m")

    @property
    def spent(self) -> float:
        """The dollars spent in this month."""
        return self._spent.get(self.month, 0.0)

    def spend(self, dollars: float) -> None:
        """Takes so much of this month's credit."""
        self._spent[self.month] = self.spent + dollars

    def errors(self, model: str) -> Mapping[str, Answer]:
        """Hugging Face's errors."""
        gateway = "<html><body><h1>504 Gateway Time-out</h1></body></html>"
        return {
            "auth_401": hf_error(401, "Invalid username or password."),
            "cold_start_503": loading(model, 20.0),
            "credits_402": hf_error(402, NO_CREDIT),
            "gateway_timeout_504": Answer(gateway, 504, kind=HTML),
            "input_too_long_413": too_long(902),
            "legacy_host_410": hf_error(410, OLD_HOST),
            "malformed_empty_list": Answer([], headers={"x-request-id": "sample-hf"}),
            "model_deprecated_410": hf_error(410, DEPRECATED),
            "model_unsupported_400": hf_error(400, NOT_HERE),
            "permission_403": hf_error(403, NO_PERMISSION),
            "rate_limit_429": self._limited(55),
            "router_model_missing_400": missing(model),
            "router_model_no_provider_400": no_provider(model),
            "server_error_500": hf_error(500, "Internal Server Error"),
        }

    async def answer(self, asked: Asked) -> Answer:
        """What Hugging Face answers."""
        answer = self._answer(asked)
        return answer.having(x_request_id=self._number())

    def _answer(self, asked: Asked) -> Answer:
        if asked.method == "GET" and asked.path.startswith("/api/models/"):
            return self._status(asked.path.removeprefix("/api/models/"))
        if asked.path.startswith("/models/"):
            return hf_error(410, OLD_HOST)
        if asked.bearer != self.key or not self.permitted:
            self.refused.auth += 1
            return self.errors("")["auth_401" if asked.bearer != self.key else "permission_403"]
        if asked.method == "GET" and asked.path == "/v1/models":
            return Answer({"object": "list", "data": [chat_row(name) for name in self.chat_models]})
        if asked.method != "POST":
            return hf_error(404, "Not Found")
        if asked.path == "/v1/chat/completions":
            return self._over() or self._chat(asked)
        if asked.path.startswith(INFERENCE):
            model, _, task = asked.path.removeprefix(INFERENCE).partition(PIPELINE)
            return self._gone(model, task) or self._over() or self._infer(model, asked.fields)
        return hf_error(404, "Not Found")

    def _gone(self, model: str, task: str) -> Answer | None:
        """The refusal of a model that is not served, or not for this."""
        if model in self.deprecated or self.models.get(model) is None or task not in {"", self.models[model]}:
            self.refused.model_gone += 1
            return hf_error(410, DEPRECATED) if model in self.deprecated else hf_error(400, NOT_HERE)
        return loading(model, self.loading[model]) if model in self.loading else None

    def _over(self) -> Answer | None:
        """The refusal where the window or the credit is used up."""
        window, into = divmod(int(self.clock()), WINDOW)
        calls = self._calls.get(window, 0)
        if calls >= self.window_calls:
            self.refused.over("window")
            return self._limited(WINDOW - into)
        if self.spent >= self.credit:
            self.refused.over("credit")
            return hf_error(402, NO_CREDIT)
        self._calls = {window: calls + 1}
        return None

    def _limited(self, seconds: int) -> Answer:
        policy = f'"fixed window";"api";q={self.window_calls};w={WINDOW}'
        return hf_error(429, "Too Many Requests").having(ratelimit=f'"api";r=0;t={seconds}', ratelimit_policy=policy)

    def _infer(self, model: str, body: Mapping[str, Any]) -> Answer:
        inputs = body.get("inputs")
        texts = [inputs] if isinstance(inputs, str) else inputs
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            self.refused.bad_request += 1
            return hf_error(422, "Input validation error: `inputs` is required")
        match self.models[model]:
            case "zero-shot-classification":
                return self._zero_shot(texts[0], body.get("parameters") or {})
            case "text-classification":
                self.spend(self.price)
                return Answer([sentiment(text) for text in texts])
        longest = max(map(tokens_in, texts))
        if longest > MOST_TOKENS and not body.get("truncate", True):
            self.refused.too_large += 1
            return too_long(longest)
        self.spend(self.price * len(texts))
        vectors = [numbers(text[: MOST_TOKENS * 4], DIMENSIONS.get(model, 384), model) for text in texts]
        return Answer(vectors[0] if isinstance(inputs, str) else vectors)

    def _zero_shot(self, text: str, parameters: Mapping[str, Any]) -> Answer:
        labels = parameters.get("candidate_labels")
        if not isinstance(labels, list) or not labels:
            self.refused.bad_request += 1
            return hf_error(400, "Zero-shot-classification: `candidate_labels` is required")
        self.spend(self.price * len(labels))
        shares = shares_of(self.decide(text, labels), labels)
        ordered = sorted(shares, key=lambda label: -shares[label])
        scores = [round(shares[label], 4) for label in ordered]
        if self.legacy:
            return Answer({"sequence": text, "labels": ordered, "scores": scores})
        return Answer([{"label": label, "score": score} for label, score in zip(ordered, scores, strict=True)])

    def _chat(self, asked: Asked) -> Answer:
        name, _, _ = asked.model.partition(":")
        if name not in self.chat_models:
            self.refused.model_gone += 1
            return no_provider(asked.model) if name in self.models else missing(asked.model)
        said = said_to(prompt_of(asked.fields), asked.fields, self.decide, self.reply, thought=THOUGHT)
        self.spend(self.price)
        answer = completion(said, asked.fields, number=self._number(), created=asked.at, model=name)
        return answer.having(x_inference_provider="groq")

    def _status(self, model: str) -> Answer:
        if model not in self.models:
            return hf_error(404, "Repository not found")
        provider = {
            "status": "error" if model in self.deprecated else "live",
            "providerId": model,
            "task": self.models[model],
            "isModelAuthor": False,
        }
        warm = {} if model in self.deprecated else {"inference": "warm"}
        mapping = {"hf-inference": provider}
        return Answer({"_id": self._number(), "id": model, **warm, "inferenceProviderMapping": mapping})


def hf_error(status: int, message: str, **more: Any) -> Answer:
    """An error of inference, whose `error` is a text."""
    return Answer({"error": message, **more}, status, {"x-request-id": "sample-hf"})


def loading(model: str, seconds: float) -> Answer:
    """The answer of a model that is not ready."""
    return hf_error(503, f"Model {model} is currently loading", estimated_time=seconds)


def too_long(tokens: int) -> Answer:
    """The answer to a text that may not be cut and is too long."""
    message = f"Input validation error: `inputs` must have less than {MOST_TOKENS} tokens. Given: {tokens}"
    return hf_error(413, message, error_type="Validation")


def router_error(message: str, code: str) -> Answer:
    """An error of the router, whose `error` is an object."""
    error = {"message": message, "type": "invalid_request_error", "param": "model", "code": code}
    return Answer({"error": error}, 400, {"x-request-id": "sample-hf"})


def missing(model: str) -> Answer:
    """The router's answer for a model that there is not."""
    return router_error(f"The requested model '{model}' does not exist.", "model_not_found")


def no_provider(model: str) -> Answer:
    """The router's answer for a model that nobody serves."""
    words = f"The requested model '{model}' is not supported by any provider you have enabled."
    return router_error(words, "model_not_supported")


def sentiment(text: str) -> list[dict[str, Any]]:
    """How a text sounds, the likelier first."""
    names = ("NEGATIVE", "POSITIVE") if BAD_WORDS.search(text) else ("POSITIVE", "NEGATIVE")
    return [{"label": name, "score": score} for name, score in zip(names, (0.9998, 0.0002), strict=True)]


def chat_row(name: str) -> dict[str, Any]:
    """A chat model in the list, with who serves it."""
    provider = {
        "provider": "groq",
        "status": "live",
        "context_length": 131_072,
        "pricing": {"input": 0.1, "output": 0.5},
        "is_free": False,
        "supports_tools": True,
        "supports_structured_output": True,
        "first_token_latency_ms": 210,
    }
    owner = name.partition("/")[0]
    return {"id": name, "object": "model", "created": 1_754_408_224, "owned_by": owner, "providers": [provider]}
