"""How servers that speak OpenAI's language word their errors: the status tells little, and each has its own shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from pointsman.testing.clouds.asked import HTML, Answer

Problem = Literal["key", "model", "format", "tools", "request", "length", "minute", "day", "server", "busy"]
DialectName = Literal["openai", "mistral", "gemini", "nim", "cerebras", "openrouter", "llamacpp", "lmstudio", "ollama"]
DAY_MS: Final = 86_400_000

STATUS: Final[Mapping[Problem, int]] = MappingProxyType(
    {
        "key": 401,
        "model": 404,
        "format": 400,
        "tools": 400,
        "request": 400,
        "length": 400,
        "minute": 429,
        "day": 429,
        "server": 500,
        "busy": 503,
    }
)
# Type and code, as OpenAI has them.
TYPES: Final[Mapping[Problem, tuple[str, str | None]]] = MappingProxyType(
    {
        "key": ("invalid_request_error", "invalid_api_key"),
        "model": ("invalid_request_error", "model_not_found"),
        "format": ("invalid_request_error", None),
        "tools": ("invalid_request_error", "unsupported_parameter"),
        "request": ("invalid_request_error", None),
        "length": ("invalid_request_error", "context_length_exceeded"),
        "minute": ("requests", "rate_limit_exceeded"),
        "day": ("insufficient_quota", "insufficient_quota"),
        "server": ("server_error", None),
        "busy": ("server_error", "overloaded"),
    }
)
GOOGLE: Final[Mapping[Problem, str]] = MappingProxyType(
    {
        "key": "UNAUTHENTICATED",
        "model": "NOT_FOUND",
        "minute": "RESOURCE_EXHAUSTED",
        "day": "RESOURCE_EXHAUSTED",
        "server": "INTERNAL",
        "busy": "UNAVAILABLE",
    }
)
TITLES: Final = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests", 503: "Busy"}
JINJA: Final = "tools param requires --jinja flag"
LIBRARY: Final = "registry.ollama.ai/library/"
AUTO: Final = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
QUOTA: Final = "You exceeded your current quota, please check your plan and billing details."


@dataclass(frozen=True, slots=True)
class Case:
    """A problem, with the model it is about, the words for it, and how many seconds to wait; `now` is the time."""

    problem: Problem
    model: str = ""
    words: str = ""
    wait: float = 0.0
    now: float = 0.0

    @property
    def message(self) -> str:
        """What is said about it."""
        match self.problem:
            case "key":
                return "Incorrect API key provided."
            case "model":
                return f"The model `{self.model}` does not exist or you do not have access to it."
            case "format":
                return f"Invalid parameter: 'response_format' of type '{self.words}' is not supported with this model."
            case "tools":
                return "Unsupported parameter: 'tools' is not supported with this model."
            case "length":
                return f"This model's maximum context length is {self.words} tokens."
            case "minute":
                return f"Rate limit reached for {self.model} on requests per min (RPM): Limit {self.words}."
            case "day":
                return QUOTA
            case "server":
                return "The server had an error while processing your request. Sorry about that!"
            case "busy":
                return "The engine is currently overloaded, please try again later"
        return self.words

    @property
    def status(self) -> int:
        """The usual status."""
        return STATUS[self.problem]

    @property
    def waited(self) -> str:
        """The whole seconds to wait."""
        return str(math.ceil(self.wait))


def openai(case: Case) -> Answer:
    """OpenAI's own, and vLLM's."""
    kind, code = TYPES[case.problem]
    param = {"format": "response_format", "model": "model", "tools": "tools"}.get(case.problem)
    answer = Answer({"error": {"message": case.message, "type": kind, "param": param, "code": code}}, case.status)
    return answer.having(retry_after=case.waited) if case.problem == "minute" else answer


def mistral(case: Case) -> Answer:
    """Mistral's: nothing at all when there are too many calls, and a message that is no text for a bad field."""
    if case.status == 429:
        return Answer(status=429, kind="")
    if case.problem == "key":
        return Answer({"detail": "Unauthorized"}, 401)
    kind, code = TYPES[case.problem]
    body: dict[str, Any] = {"object": "error", "message": case.message, "type": kind, "param": None, "code": code}
    if case.problem == "model":
        return Answer({**body, "message": f"Invalid model: {case.model}", "type": "invalid_model", "code": "1500"}, 400)
    if case.problem == "format":
        where = ["body", "response_format", "type"]
        detail = [{"type": "literal_error", "loc": where, "msg": "Input should be 'text'", "input": case.words}]
        return Answer({**body, "message": {"detail": detail}}, 422)
    if case.problem == "tools":
        return Answer({**body, "message": "Function calling is not enabled for this model"}, 400)
    return Answer(body, case.status)


def gemini(case: Case) -> Answer:
    """Gemini's: a list with one error in it, and the wait as a detail."""
    error: dict[str, Any] = {
        "code": case.status,
        "message": case.message,
        "status": GOOGLE.get(case.problem, "INVALID_ARGUMENT"),
    }
    if case.problem == "tools":
        error["message"] = f"Function calling is not enabled for models/{case.model}"
    if case.status == 429:
        each = "PerDay" if case.problem == "day" else "PerMinute"
        violations = [{"quotaId": f"GenerateRequests{each}PerProjectPerModel-FreeTier"}]
        google = "type.googleapis.com/google.rpc"
        error["message"] = QUOTA
        error["details"] = [
            {"@type": f"{google}.QuotaFailure", "violations": violations},
            {"@type": f"{google}.RetryInfo", "retryDelay": f"{case.waited}s"},
        ]
    return Answer([{"error": error}], case.status)


def nim(case: Case) -> Answer:
    """NVIDIA's: a problem without an `error`."""
    detail = case.message
    if case.problem == "model":
        detail = "Function '00000000-0000-0000-0000-000000000000': Not found for account 'sample'"
    return Answer({"status": case.status, "title": TITLES.get(case.status, "Error"), "detail": detail}, case.status)


def cerebras(case: Case) -> Answer:
    """Cerebras': flat, and 402 when the credit is gone."""
    kind, code = TYPES[case.problem]
    if case.problem == "day":
        paid = {"message": "Payment required", "type": "payment_required_error", "param": None}
        return Answer({**paid, "code": "payment_required"}, 402)
    return Answer({"message": case.message, "type": kind, "param": None, "code": code}, case.status)


def openrouter(case: Case) -> Answer:
    """OpenRouter's: the status as the code, and what resets when as headers inside the body."""
    error: dict[str, Any] = {"message": case.message, "code": case.status}
    if case.problem == "tools":
        more = "To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing"
        return Answer({"error": {"message": f"No endpoints found that support tool use. {more}", "code": 404}}, 404)
    if case.problem == "day":
        more = "Add 10 credits to unlock 1000 free model requests per day"
        error["message"] = f"Rate limit exceeded: free-models-per-day. {more}"
        midnight = (int(case.now * 1000) // DAY_MS + 1) * DAY_MS
        headers = {
            "X-RateLimit-Limit": case.words,
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": str(midnight),
        }
        error["metadata"] = {"headers": headers, "limit_source": "openrouter_free_tier_daily"}
    return Answer({"error": error}, case.status)


def llamacpp(case: Case) -> Answer:
    """llama.cpp's server: the status as the code."""
    message = case.message
    if case.problem == "format":
        message = f'response_format type must be one of "text" or "json_object", but got: {case.words}'
    if case.problem == "tools":  # as it was until jinja was its default; since then it says nothing
        return Answer({"error": {"code": 500, "message": JINJA, "type": "server_error"}}, 500)
    return Answer({"error": {"code": case.status, "message": message, "type": TYPES[case.problem][0]}}, case.status)


def lmstudio(case: Case) -> Answer:
    """LM Studio's: the error is a text."""
    said = "'response_format.type' must be 'json_schema' or 'text'" if case.problem == "format" else case.message
    return Answer({"error": said}, case.status)


def ollama(case: Case) -> Answer:
    """Ollama's under /v1; its own addresses say the same as a text."""
    message, kind = case.message, "api_error"
    if case.problem == "model":
        message, kind = f"model '{case.model}' not found", "not_found_error"
    if case.problem == "tools":
        message = toolless(case.model)
    if case.problem in {"request", "format", "length"}:
        kind = "invalid_request_error"
    if case.problem == "busy":
        message = "server busy, please try again.  maximum pending requests exceeded"
    return Answer({"error": {"message": message, "type": kind, "param": None, "code": None}}, case.status)


def toolless(model: str) -> str:
    """What Ollama says to tools for a model that calls none."""
    full = model if ":" in model else f"{model}:latest"
    return f"{full if '/' in full else LIBRARY + full} does not support tools"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a server words its errors, and where its API begins."""

    write: Callable[[Case], Answer]
    base: str = "/v1"


DIALECTS: Final[Mapping[DialectName, Dialect]] = MappingProxyType(
    {
        "openai": Dialect(openai),
        "mistral": Dialect(mistral),
        "gemini": Dialect(gemini, "/v1beta/openai"),
        "nim": Dialect(nim),
        "cerebras": Dialect(cerebras),
        "openrouter": Dialect(openrouter, "/api/v1"),
        "llamacpp": Dialect(llamacpp),
        "lmstudio": Dialect(lmstudio),
        "ollama": Dialect(ollama),
    }
)


def errors_of(model: str, now: float, dialect: DialectName) -> dict[str, Answer]:
    """All errors that such servers are known for, about a model: those of one dialect, and those of all."""
    write = DIALECTS[dialect].write
    said: dict[Problem, str] = {"format": "json_schema", "length": "8192", "minute": "60", "day": "50"}
    own = {
        f"{problem}_{status}": write(Case(problem, model, said.get(problem, ""), 20.0, now))
        for problem, status in STATUS.items()
    }
    plan = "this model requires a subscription, upgrade for access: https://ollama.com/upgrade"
    return own | {
        "cerebras_payment_402": cerebras(Case("day")),
        "gemini_quota_429": gemini(Case("day", wait=37.0)),
        "generic_malformed_200_text": Answer("<html>login</html>", kind=HTML),
        "generic_openai_429_quota": openai(Case("day")),
        "github_models_gone_410": Answer("Gone", 410, kind="text/plain"),
        "mistral_429_empty": mistral(Case("minute")),
        "nim_model_gone_404": nim(Case("model", model)),
        "ollama_busy_503": ollama(Case("busy")),
        "ollama_cloud_subscription_403": Answer(
            {"error": {"message": f"{plan} (ref: sample)", "type": "api_error", "param": None}}, 403
        ),
        "ollama_model_missing_404_native": Answer({"error": f"model '{model}' not found"}, 404),
        "ollama_model_missing_404_openai": ollama(Case("model", model)),
        "vllm_tools_400": Answer(
            {"error": {"message": AUTO, "type": "BadRequestError", "param": None, "code": 400}}, 400
        ),
        "openrouter_free_daily_429": openrouter(Case("day", words="50", now=now)),
    }
