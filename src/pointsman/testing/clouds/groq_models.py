"""What Groq's free plan offers, and the errors that it answers with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pointsman.testing.clouds.asked import HTML, Answer
from pointsman.testing.clouds.buckets import go_duration

CREATED: Final = 1_754_408_224
UPGRADE: Final = "Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing"
LIMIT_NAMES: Final = {
    "RPM": "requests per minute",
    "RPD": "requests per day",
    "TPM": "tokens per minute",
    "TPD": "tokens per day",
    "OTPM": "output tokens per minute",
}


@dataclass(frozen=True, slots=True)
class GroqModel:
    """A model: what the free plan allows of it (requests and tokens, a minute and a day), and what it can do.

    `efforts` are the reasoning efforts that it takes; one that takes none does not think. `guard` answers with the
    probability of an attack. `output` limits output tokens a minute, where an organisation has such a limit.
    """

    owner: str
    rpm: int = 30
    rpd: int = 1_000
    tpm: int = 8_000
    tpd: int = 200_000
    output: int | None = None
    context: int = 131_072
    most_out: int = 65_536
    schema: bool = False
    efforts: tuple[str, ...] = ()
    guard: bool = False


THREE: Final = ("low", "medium", "high")
GUARD: Final = GroqModel("Meta", rpd=14_400, tpm=15_000, tpd=500_000, context=512, most_out=512, guard=True)
MODELS: Final[Mapping[str, GroqModel]] = MappingProxyType(
    {
        "openai/gpt-oss-20b": GroqModel("OpenAI", schema=True, efforts=THREE),
        "openai/gpt-oss-120b": GroqModel("OpenAI", schema=True, efforts=THREE),
        "openai/gpt-oss-safeguard-20b": GroqModel("OpenAI", schema=True, efforts=THREE),
        "qwen/qwen3.8-27b": GroqModel("Alibaba Cloud", most_out=16_384, efforts=("none", *THREE)),
        "allam-2-7b": GroqModel("SDAIA", rpd=7_000, tpm=6_000, tpd=500_000, context=4_096, most_out=4_096),
        "meta-llama/llama-prompt-guard-2-22m": GUARD,
        "meta-llama/llama-prompt-guard-2-86m": GUARD,
    }
)
DECOMMISSIONED: Final = frozenset({"mixtral-8x7b-32768", "gemma-7b-it", "llama3-8b-8192", "llama3-70b-8192"})


def groq_error(status: int, message: str, kind: str = "invalid_request_error", **more: Any) -> Answer:
    """An error as Groq writes it."""
    return Answer({"error": {"message": message, **({"type": kind} if kind else {}), **more}}, status)


def over_limit(model: str, limit: str, allowed: int, used: float, *, asked: int, wait: float) -> Answer:
    """The answer to a request for which a limit has no room."""
    message = (
        f"Rate limit reached for model `{model}` in organization `org_01sample` service tier `on_demand` on "
        f"{LIMIT_NAMES[limit]} ({limit}): Limit {allowed}, Used {round(used)}, Requested {asked}. "
        f"Please try again in {go_duration(wait)}. {UPGRADE}"
    )
    kind = "requests" if limit.startswith("R") else "tokens"
    answer = groq_error(429, message, kind, code="rate_limit_exceeded")
    return answer.having(retry_after=str(math.ceil(round(wait, 6))))


def over_minute(model: str, allowed: int, asked: int) -> Answer:
    """The answer to a request that is larger than a whole minute's tokens."""
    message = (
        f"Request too large for model `{model}` in organization `org_01sample` service tier `on_demand` on tokens per "
        f"minute (TPM): Limit {allowed}, Requested {asked}, please reduce your message size and try again. {UPGRADE}"
    )
    wait = math.ceil((asked - allowed) * 60 / allowed)
    return groq_error(413, message, "tokens", code="rate_limit_exceeded").having(retry_after=str(wait))


def missing(model: str) -> Answer:
    """The answer for a model that is not offered, or not any more."""
    if model in DECOMMISSIONED:
        message = (
            f"The model `{model}` has been decommissioned and is no longer supported. Please refer to "
            "https://console.groq.com/docs/deprecations for a recommendation on which model to use instead."
        )
        return groq_error(400, message, code="model_decommissioned")
    message = f"The model `{model}` does not exist or you do not have access to it."
    return groq_error(404, message, code="model_not_found")


NO_SCHEMA: Final = groq_error(
    400,
    "This model does not support response format `json_schema`. See supported models at "
    "https://console.groq.com/docs/structured-outputs#supported-models",
    param="response_format",
)
NO_JSON: Final = groq_error(
    400,
    "Failed to validate JSON. Please adjust your prompt. See 'failed_generation' for more details.",
    code="json_validate_failed",
    failed_generation="",
)
TOO_LONG: Final = groq_error(
    400, "Please reduce the length of the messages or completion.", code="context_length_exceeded", param="messages"
)
BAD_KEY: Final = groq_error(401, "Invalid API Key", code="invalid_api_key")
EDGE: Final = Answer("error code: 1010", 403, kind="text/plain; charset=UTF-8")
NETWORK: Final = groq_error(403, "Access denied. Please check your network settings.", "")
FLEX: Final = groq_error(498, "Flex tier capacity exceeded. Please try again later.", code="capacity_exceeded")


def busy(model: str) -> Answer:
    """The answer of a model that too many ask."""
    message = (
        f"{model} is currently over capacity. Please try again and back off exponentially. Visit "
        "https://groqstatus.com to see if there is an active incident."
    )
    return groq_error(503, message, "internal_server_error").having(retry_after="40")


LIMITED: Final = frozenset(
    {
        "json_validate_failed_400",
        "prompt_guard_too_long",
        "quota_rpd",
        "quota_tpd",
        "rate_limit_otpm",
        "rate_limit_rpm",
        "rate_limit_tpm",
        "request_too_large",
    }
)
"""The errors that come with what is left of a model's limits."""


def errors_of(model: str) -> dict[str, Answer]:
    """All documented errors, as they are about a model."""
    day = over_limit(model, "RPD", 1_000, 1_000, asked=1, wait=86.4)
    minute = over_limit(model, "TPM", 8_000, 7_996, asked=452, wait=3.36)
    gateway = "<html><head><title>502 Bad Gateway</title></head><body>bad gateway</body></html>"
    return {
        "auth_401": BAD_KEY,
        "bad_gateway_502_html": Answer(gateway, 502, kind=HTML),
        "flex_capacity_498": FLEX,
        "forbidden_403_edge_1010": EDGE,
        "forbidden_403_network": NETWORK,
        "json_schema_unsupported_400": NO_SCHEMA,
        "json_validate_failed_400": NO_JSON,
        "malformed_200": Answer({"id": "x", "object": "chat.completion", "choices": []}),
        "model_decommissioned_400": missing("mixtral-8x7b-32768"),
        "model_gone_404": missing(model),
        "over_capacity_503": busy(model),
        "prompt_guard_too_long": TOO_LONG,
        "quota_rpd": day.having(x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="24h0m0s"),
        "quota_tpd": over_limit(model, "TPD", 200_000, 199_248, asked=1_503, wait=324.432),
        "rate_limit_otpm": over_limit(model, "OTPM", 1_000, 72, asked=981, wait=3.179999999),
        "rate_limit_rpm": over_limit(model, "RPM", 30, 30, asked=1, wait=2.0),
        "rate_limit_tpm": minute.having(x_ratelimit_remaining_tokens="4", x_ratelimit_reset_tokens="59.97s"),
        "request_too_large": over_minute(model, 8_000, 13_266),
        "server_error_500": groq_error(500, "Internal Server Error", "internal_server_error"),
    }
