"""What a fake told the router's side by one call, in the plainest words: a fault of a kind, for whom, for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tests.chaos.seen import Arrival, Sent

Kind = Literal["good", "nothing", "other", "auth", "address", "model_gone", "quota", "rate", "server"]
DAY: Final = 86_400.0
FOREVER: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Told:
    """A fault, or "good", "nothing" (the caller went away), or some "other" answer; `whole` is for all models.

    `rest` is the least number of seconds for which nothing may be asked after it. A server fault is followed by that
    from the third in a row on, or `at_once`.
    """

    kind: Kind
    whole: bool = False
    rest: float = 0.0
    at_once: bool = False


GOOD: Final = Told("good")
NOTHING: Final = Told("nothing")
OTHER: Final = Told("other")
KEY: Final = Told("auth", whole=True, rest=FOREVER)
ADDRESS: Final = Told("address", whole=True, rest=900.0)
GONE: Final = Told("model_gone", rest=DAY)
BROKE: Final = Told("server", rest=30.0)
DOWN: Final = Told("server", whole=True, rest=30.0)
# Cloudflare's and Hugging Face's come back by the calendar, which the rules know.
NEURONS: Final = Told("quota", whole=True)
CREDIT: Final = Told("quota", whole=True)
USED_UP: Final = Told("quota", rest=300.0)

NAMED: Final[Mapping[str, Mapping[str, Told]]] = {
    "groq": {
        "auth_401": KEY,
        "forbidden_403_edge_1010": KEY,
        "forbidden_403_network": KEY,
        "bad_gateway_502_html": DOWN,
        "flex_capacity_498": BROKE,
        "server_error_500": BROKE,
        "over_capacity_503": Told("server", rest=40.0, at_once=True),
        "model_decommissioned_400": GONE,
        "model_gone_404": GONE,
        "quota_rpd": Told("quota", rest=86.4),
        "quota_tpd": Told("quota", rest=324.0),
        "rate_limit_otpm": Told("rate", rest=3.0),
        "rate_limit_rpm": Told("rate", rest=2.0),
        "rate_limit_tpm": Told("rate", rest=3.0),
    },
    "cloudflare": {
        "auth_401": KEY,
        "forbidden_403_scope": KEY,
        "quota_3036": NEURONS,
        "quota_4006": NEURONS,
        "capacity_3040": Told("rate", rest=0.5),
        "model_gone_410_5028": GONE,
        "model_unknown_400_5007": GONE,
        "paid_model_403_5035": GONE,
        "clef_inference_failed_529": BROKE,
        "server_error_500": BROKE,
        "timeout_408_3007": BROKE,
        "edge_html_522": DOWN,
        "no_route_400_7000": ADDRESS,
    },
    "huggingface": {
        "auth_401": KEY,
        "permission_403": KEY,
        "credits_402": CREDIT,
        "cold_start_503": Told("server", rest=20.0, at_once=True),
        "gateway_timeout_504": DOWN,
        "legacy_host_410": ADDRESS,
        "server_error_500": BROKE,
        "model_deprecated_410": GONE,
        "model_unsupported_400": GONE,
        "router_model_missing_400": GONE,
        "router_model_no_provider_400": GONE,
        "rate_limit_429": Told("rate", whole=True, rest=55.0),
    },
    "server": {
        "key_401": KEY,
        "model_404": GONE,
        "github_models_gone_410": ADDRESS,
        "nim_model_gone_404": GONE,
        "ollama_cloud_subscription_403": GONE,
        "ollama_model_missing_404_native": GONE,
        "ollama_model_missing_404_openai": GONE,
        "server_500": BROKE,
        "busy_503": BROKE,
        "ollama_busy_503": BROKE,
        "minute_429": Told("rate", rest=5.0),
        "mistral_429_empty": Told("rate", rest=20.0),
        # How far and how long a day's refusal reaches differs by dialect; Mistral's says nothing, so it is a minute's.
        "day_429": Told("quota", rest=5.0),
        "cerebras_payment_402": USED_UP,
        "gemini_quota_429": USED_UP,
        "generic_openai_429_quota": USED_UP,
    },
}
LIMITS: Final[Mapping[str, Told]] = {
    "RPM": Told("rate"),
    "TPM": Told("rate"),
    "OTPM": Told("rate"),
    "RPD": Told("quota"),
    "TPD": Told("quota"),
    "neurons": NEURONS,
    "rate": Told("rate", rest=0.5),
    "window": Told("rate", whole=True),
    "credit": CREDIT,
    "minute": Told("rate", rest=5.0),
    "day": Told("quota", rest=5.0),
}
# Troubles that leave an answer what it is, and those that break a connection off.
HARMLESS: Final = frozenset({"", "json_as_text", "clock_skew", "slow_first_byte", "trickle"})
BREAKS: Final = frozenset({"reset_before_headers", "reset_mid_body", "cut_short"})


def told(arrival: Arrival, sent: Sent, *, late: bool) -> Told:
    """What a call told; `late` is whether it ended when its message's time was up, so that nothing is certain."""
    if sent.end == "cancelled":
        return NOTHING
    if arrival.trouble in BREAKS and sent.end == "failed" and not late:
        return DOWN
    if sent.end != "reply":
        return NOTHING if late else OTHER
    if arrival.trouble == "error":
        return NAMED[arrival.service].get(arrival.name, OTHER)
    if arrival.trouble == "redirect":
        return ADDRESS
    if arrival.trouble not in HARMLESS:
        return OTHER
    if arrival.status == 200:
        return GOOD
    said = LIMITS.get(arrival.over, OTHER)
    if arrival.wait is None or (said.whole and said.kind == "quota"):
        return said
    if arrival.trouble == "clock_skew" and arrival.skew < 0:
        return Told(said.kind, said.whole)  # it may say that the wait is over
    return Told(said.kind, said.whole, max(said.rest, arrival.wait))
