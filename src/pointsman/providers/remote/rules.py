"""Names the faults of a service by a table of rules, of which the first that fits counts.

The rules follow what services document and what was seen of them; statuses alone mislead, so the body is read first.
"""

from __future__ import annotations

import time
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pointsman.core.faults import FaultKind, Format, Scope, ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers.remote.told import Told, stated_wait, told
from pointsman.providers.remote.wire import Reply

ANY: Final = range(1000)
REDIRECTS: Final = range(300, 400)
REFUSALS: Final = range(400, 500)
BREAKDOWNS: Final = range(500, 600)
# A good answer that is longer holds vectors; refusals are short.
MOST_LOOKED_AT: Final = 64_000
ANSWERS: Final = frozenset({"choices", "data", "answers", "result", "response", "models"})

CURES: Final[Mapping[FaultKind, str]] = {
    "rate_limited": "wait a little, or set its limits lower",
    "quota_exhausted": "wait until its free share is back, or use another service",
    "auth": "check its key, and what that key may do",
    "model_gone": "name another of its models; `pointsman doctor` lists them",
    "too_large": "shorten the message",
    "bad_request": "check its settings, or name another model",
    "malformed": "name another model if it stays so",
    "server": "try again later",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One way of failing: by which statuses and words it is known, and what it is.

    Where there are `codes` or `words`, one of them has to be there; `exactly` is all that there is. `plain` rules are
    for bodies that are no JSON. `wait` counts where the service does not say how long; `waits` is whether what it
    says counts at all.
    """

    kind: FaultKind
    what: str
    statuses: Container[int] = ANY
    codes: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    exactly: frozenset[str] = frozenset()
    plain: bool = False
    cure: str = ""
    retry: bool | None = None
    scope: Scope = "model"
    degrade: Format | Literal[""] = ""
    wait: float | None = None
    waits: bool = True

    def fits(self, said: Told) -> bool:
        """Whether a refusal is of this kind."""
        if said.status not in self.statuses or (self.plain and said.is_json):
            return False
        if not (self.codes or self.words or self.exactly):
            return True
        known = bool(self.codes & said.codes) or said.text in self.exactly
        return known or any(word in said.text for word in self.words)


def codes(*names: str | int) -> frozenset[str]:
    """Codes as they are compared."""
    return frozenset(str(name) for name in names)


URL: Final = "correct its `url`"
USED_UP: Final = "its free share is used up"
GENERAL: Final = (
    Rule("bad_request", "answers with a redirect", REDIRECTS, cure=URL, scope="service"),
    Rule("bad_request", "has nothing at this address", words=("unexpected endpoint",), cure=URL, scope="service"),
    Rule("auth", "refuses the key", words=("api key not valid", "api_key_invalid", "invalid api key"), scope="service"),
    Rule("auth", "is not offered where you are", {400, 403}, words=("location is not supported",), scope="service"),
    Rule("auth", "refuses the key", {401}, scope="service"),
    # Before what else 402 means: another model of it may be free.
    Rule("model_gone", "the model is for subscribers", {402, 403}, words=("requires a subscription",)),
    Rule("quota_exhausted", "wants to be paid", {402}, scope="service"),
    # Of one day, whatever else is said: a wait of seconds would only be a call that is refused again.
    Rule("quota_exhausted", "the day's free calls are used up", {429}, words=("free-models-per-day",)),
    Rule("quota_exhausted", USED_UP, {429}, words=("perday", "per day", "per-day"), waits=False),
    Rule("rate_limited", "too many calls in this minute", {429}, words=("perminute", "per minute", "per-min")),
    Rule("quota_exhausted", USED_UP, {403, 429}, codes("insufficient_quota"), scope="service"),
    Rule("quota_exhausted", USED_UP, {429}, words=("exceeded your current quota",)),
    # Nothing said at all: what Mistral does, whose limits are for a minute.
    Rule("rate_limited", "too many calls", {429}, exactly=frozenset({"", "null"}), plain=True, wait=20.0),
    Rule("rate_limited", "too many calls", {429}),
    Rule("too_large", "the text is too long for it", {413}, waits=False),
    Rule(
        "too_large",
        "the text is too long for the model",
        {400, 422, 500},
        codes("context_length_exceeded", "exceed_context_size_error"),
        ("context length", "context window", "context size", "input is too long", "must have less than"),
        waits=False,
    ),
    Rule("malformed", "refuses to look at the text", {400, 403}, words=("content_filter", "was flagged"), retry=False),
    Rule(
        "bad_request",
        "gives no answers by a schema",
        {400, 422, 500, 501},
        words=("json_schema", "json schema", "structured output", "guided", "grammar"),
        degrade="json_object",
    ),
    Rule(
        "bad_request",
        "gives no answers as JSON",
        {400, 422, 500, 501},
        words=("json_object", "json object", "json mode", "response_format", "response format"),
        degrade="text",
    ),
    Rule(
        "model_gone",
        "the model is not served, or not to you",
        {400, 403, 404, 410, 422},
        codes("model_not_found", "model_not_supported", "model_decommissioned", "invalid_model"),
        (
            "decommissioned",
            "model has been deprecated",
            "model is deprecated",
            "was deprecated on",
            "no such model",
            "not a valid model",
            "no models loaded",
            "no endpoints found",
            "not supported by any provider",
            "model not supported",
            "not supported by provider",
        ),
    ),
    Rule(
        "bad_request",
        "has nothing at this address",
        {404},
        codes("unknown_url"),
        ("file not found", "unknown request url"),
        frozenset({"not found"}),
        cure=URL,
        scope="service",
    ),
    Rule("bad_request", "has nothing at this address", {404, 405}, plain=True, cure=URL, scope="service"),
    Rule("model_gone", "the model is not served, or not to you", {404}),
    Rule("model_gone", "the model is no longer served", {410}, words=("model",)),
    Rule("bad_request", "is no longer offered at this address", {405, 410}, cure=URL, scope="service"),
    Rule("auth", "refuses access", {403}, scope="service"),
    Rule("server", "is at capacity, or took too long", {408, 409, 425, 498}),
    Rule("bad_request", "refuses the request", REFUSALS),
    Rule("server", "broke down", BREAKDOWNS, plain=True, scope="service"),
    Rule("server", "broke down", BREAKDOWNS),
    Rule("malformed", "says that it failed", ANY),
)


class Faults:
    """Names the faults of one service: by its own rules, then by the general ones."""

    def __init__(self, service: str, *rules: Rule, now: Clock = time.time) -> None:
        self._service = service
        self._rules = (*rules, *GENERAL)
        self._now = now

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        """What went wrong, whatever the status says; None for an answer that is worth reading."""
        if not 200 <= reply.status < 300:
            return self._named(reply, told(reply), model)
        start = reply.body[:100].lstrip()[:1]
        if start not in {b"{", b"["}:
            what = "answered with something that is no JSON" if start else "answered with nothing"
            return self._failed(Rule("malformed", what, retry=False if start else None), reply, model, None)
        if len(reply.body) > MOST_LOOKED_AT:
            return None
        body = reply.json()
        if body is None:
            return self._failed(Rule("malformed", "answered with broken JSON"), reply, model, None)
        return self._named(reply, inside(told(reply, body), body), model) if is_refusal(body) else None

    def _named(self, reply: Reply, said: Told, model: str) -> ServiceFailed:
        rule = next(rule for rule in self._rules if rule.fits(said))
        stated = stated_wait(reply, said, self._now()) if rule.waits else None
        return self._failed(rule, reply, model, rule.wait if stated is None else stated)

    def _failed(self, rule: Rule, reply: Reply, model: str, wait: float | None) -> ServiceFailed:
        who = f"{model}: " if model and rule.scope == "model" else ""
        return ServiceFailed(
            rule.kind,
            f"{who}{rule.what} (HTTP {reply.status})",
            service=self._service,
            model=model,
            cure=rule.cure or CURES[rule.kind],
            wait=wait,
            retry=rule.retry,
            scope=rule.scope,
            degrade=rule.degrade,
        )


def is_refusal(body: Any) -> bool:
    """Whether JSON that came with a good status says that it failed."""
    if not isinstance(body, dict):
        return False
    return body.get("success") is False or bool(body.get("error") and not ANSWERS & body.keys())


def inside(said: Told, body: Any) -> Told:
    """The same with the status that a refusal names inside, where it came with a good one."""
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else said.status
    return Told(status, said.text, said.codes, said.waits)
