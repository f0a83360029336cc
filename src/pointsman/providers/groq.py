"""Groq: chat models that answer by a schema, and a model that scores attempts to steer the router.

Facts: `x-ratelimit-*-requests` are of a day, `-tokens` of a minute, both refill steadily; no model gives probabilities,
and `logprobs`, `name`, `n` and `service_tier` are refused.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pointsman.core.decision import Signal
from pointsman.core.faults import Format, ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers import openai_labels
from pointsman.providers.remote import reading
from pointsman.providers.remote.asking import Ask, Calls, Metered, Unit
from pointsman.providers.remote.reading import Source
from pointsman.providers.remote.rules import Faults, Rule, codes
from pointsman.providers.remote.wire import Reply, Request
from pointsman.tiers.guard.guard import INJECTION
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

URL: Final = "https://api.groq.com/openai/v1"
DAY: Final = 86_400.0
MINUTE: Final = 60.0
# How each family of models is asked; no other takes a schema for certain, or says how much it is to think.
STRICT: Final = "openai/gpt-oss"
THINKING: Final[Mapping[str, str]] = {STRICT: "low", "qwen/": "none"}
LIMITS: Final[Mapping[str, tuple[Unit, float]]] = {"requests": ("requests", DAY), "tokens": ("tokens", MINUTE)}
LISTING: Final = "models"
VERIFY: Final = "check the network: a VPN, or a region that it does not serve"

RULES: Final = (
    # One request that is larger than a whole minute's share: no wait makes it fit, although it says Retry-After.
    Rule("too_large", "the text is more than its limit for a minute", {413}, waits=False),
    Rule("quota_exhausted", "the day's share is used up", {429}, words=("(rpd)", "(tpd)", "per day")),
    Rule("rate_limited", "the minute's share is used up", {429}),
    Rule("malformed", "the model did not keep to the schema", {400}, codes("json_validate_failed"), retry=True),
    Rule(
        "model_gone",
        "the model is not open to this account",
        {400, 403},
        codes("model_terms_required", "model_permission_blocked_org", "model_permission_blocked_project"),
    ),
    # Only the prompt guard is this short, and its texts are cut: no other model is asked because of it.
    Rule("bad_request", "the text is longer than the model takes", {400}, codes("context_length_exceeded")),
    Rule("auth", "refuses this program at its edge", {403}, words=("error code: 1010",), scope="service", cure=VERIFY),
    Rule("auth", "refuses this network", {403}, words=("network settings",), scope="service", cure=VERIFY),
    Rule("server", "its spare capacity is used up", {498}),
)


class Groq:
    """How Groq is spoken to (`remote.asking.Service`, `label_choice.Labels`)."""

    name = "groq"

    def __init__(self, key: str, *, url: str = URL, now: Clock = time.time) -> None:
        self._headers = {"Authorization": f"Bearer {key}"}
        self._url = url
        self._faults = Faults(self.name, *RULES, now=now)

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        """What went wrong, whatever the status says; None for an answer that is worth reading."""
        return self._faults.fault_of(reply, model)

    def metered(self, reply: Reply) -> Metered:
        """What is left of the day's requests and of the minute's tokens, and the tokens that the call took."""
        left, limits = (
            {
                limit: count
                for what, limit in LIMITS.items()
                if (count := reading.number(reply.headers.get(f"x-ratelimit-{which}-{what}"))) is not None
                and count >= 0
            }
            for which in ("remaining", "limit")
        )
        return Metered(cost=reading.tokens_taken(reply), left=left, limits=limits)

    def form_of(self, model: str) -> Format:
        """A schema where it is enforced, else JSON."""
        return "json_schema" if model.startswith(STRICT) else "json_object"

    def label(self, model: str, question: Question, *, sample: int, form: Format) -> Ask[Choice]:
        """The call that asks a chat model for one of the question's candidates."""
        body = openai_labels.request_for(
            question, model, sample=sample, form=form, most_tokens="max_completion_tokens"
        ) | {
            name: value
            for family, effort in THINKING.items()
            if model.startswith(family)
            for name, value in (("reasoning_effort", effort), ("include_reasoning", False))
        }
        source = Source(self.name, model)
        read = source.reader(lambda said, source: openai_labels.choice_of(said, question.candidates, source))
        # The limiter counts what may come out as well.
        expected = reading.tokens_of(*(turn["content"] for turn in body["messages"])) + openai_labels.MOST_TOKENS
        return Ask(self.chat(body), read, {"requests": 1, "tokens": expected})

    def attack(self, model: str, text: str) -> Ask[float]:
        """The call that asks a prompt guard how likely a text is to be an attack, 0..1."""
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        read = Source(self.name, model).reader(chance_of_attack)
        return Ask(self.chat(body), read, {"requests": 1, "tokens": reading.tokens_of(text) + 20})

    def chat(self, body: Mapping[str, Any]) -> Request:
        """A chat completion."""
        return Request("POST", f"{self._url}/chat/completions", self._headers, body)

    async def listing(self, calls: Calls) -> tuple[str, ...]:
        """The models that it serves now; that one is listed does not mean that this key may use it."""
        read = Source(self.name, "").reader(reading.ids_of)
        request = Request("GET", f"{self._url}/models", self._headers)
        return (await calls.call(lambda _: Ask(request, read, {"requests": 0}), (LISTING,))).value


# The guard reads 512 tokens, about 800 characters. Of a longer text it sees the beginning, the middle and the end.
CHUNK: Final = 800
MOST_CHUNKS: Final = 3
LEAST: Final = 0.5  # from where on it is taken for an attack
SAID: Final[Mapping[str, float]] = {
    "benign": 0.0,
    "safe": 0.0,
    "label_0": 0.0,
    "injection": 1.0,
    "malicious": 1.0,
    "jailbreak": 1.0,
    "label_1": 1.0,
}


class PromptGuard:
    """Scores attempts to steer the router with a model that is made for it; it marks a message, and decides nothing.

    A text of up to 2,400 characters is seen whole, in pieces of 800; of a longer one its first, middle and last 800.
    The highest score counts, and after an attack no further piece is asked about.
    """

    def __init__(self, calls: Calls, groq: Groq, model: str, *, name: str = "groq prompt guard") -> None:
        self.name = name
        self._calls = calls
        self._groq = groq
        self._model = model

    async def sense(self, text: str) -> Signal | None:
        """A signal where the text is likely an attack. Raises ServiceFailed."""
        for chunk in chunks(text):
            called = await self._calls.call(partial(self._groq.attack, text=chunk), (self._model,))
            if called.value > LEAST:
                return Signal(INJECTION, called.value, self.name)
        return None


def chunks(text: str) -> list[str]:
    """Pieces of 800 characters that cover a text of up to 2,400; the two ends and the middle of a longer one."""
    text = text.strip()
    if len(text) <= CHUNK * MOST_CHUNKS:
        return [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    middle = (len(text) - CHUNK) // 2
    return [text[:CHUNK], text[middle : middle + CHUNK], text[-CHUNK:]]


def chance_of_attack(body: object, source: Source) -> float:
    """The probability, 0..1, that a prompt guard gives as its answer's text; also where it says a word."""
    content = reading.at(body, "choices", 0, "message", "content")
    said = content.strip().lower() if isinstance(content, str) else ""
    chance = SAID.get(said, reading.number(said) if said else None)
    if chance is None or not 0 <= chance <= 1:
        raise source.unusable("gave no probability of an attack", retry=False)
    return chance
