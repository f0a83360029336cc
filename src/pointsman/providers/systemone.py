"""The wire format of decision models ("System One"): a text and typed questions in, a probability for each option out.

Cloudflare, Ollama and OpenRouter speak it alike; they differ in where it is sent and in what is put around the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from pointsman.core.faults import ServiceFailed
from pointsman.providers.remote.asking import Ask, Calls, Cost
from pointsman.providers.remote.reading import Source, at, shares_among, tokens_of
from pointsman.tiers.decider import Shares

QUESTION: Final = "intent"
INSTRUCTIONS: Final = "What does the person who wrote the message want?"
FEWEST: Final = 2
MOST: Final = 255
# What a decision model reads beside the text and the options: a short message with four options was 468 tokens in all,
# of which these are the rest, and a little more: an estimate that is too low would let calls pass that are refused.
OVERHEAD: Final = 410


class Decides(Protocol):
    """A service that has decision models; `extras` is whether it is sent more than the format asks for."""

    name: str
    extras: bool

    def decision(self, model: str, text: str, options: Mapping[str, str], *, plain: bool) -> Ask[Mapping[str, float]]:
        """The call that asks for the probability of each option; `plain` leaves the extras out."""
        ...


class DecisionOracle:
    """Asks decision models for the probability of each option (`tiers.decider.Oracle`)."""

    def __init__(self, calls: Calls, service: Decides, *, name: str = "") -> None:
        self.name = name or service.name
        self._calls = calls
        self._service = service
        self._plain: set[str] = set()

    async def shares(self, text: str, options: Mapping[str, str]) -> Shares:
        """The probability of each option; `options` maps names to descriptions. Raises ServiceFailed."""
        if not FEWEST <= len(options) <= MOST:
            raise ServiceFailed(
                "bad_request",
                f"{len(options)} options; a decision has {FEWEST} to {MOST}",
                service=self._service.name,
                cure="ask it some other way",
                asked=False,
            )
        try:
            return await self._asked(text, options, self._plain)
        except ServiceFailed as failed:
            # A model may refuse an extra that others take; one that refuses without it has another reason.
            known = not self._service.extras or failed.model in self._plain
            if known or failed.kind != "bad_request" or failed.scope == "service" or not failed.asked:
                raise
            shares = await self._asked(text, options, {*self._plain, failed.model})
            self._plain.add(failed.model)
            return shares

    async def _asked(self, text: str, options: Mapping[str, str], plain: set[str]) -> Shares:
        def ask(model: str) -> Ask[Mapping[str, float]]:
            return self._service.decision(model, text, options, plain=model in plain)

        called = await self._calls.call(ask)
        return Shares(called.model, called.value)


def body_for(model: str, text: str, options: Mapping[str, str]) -> dict[str, Any]:
    """The body of a request that asks which option a text is for."""
    question = {"type": "choice", "instructions": INSTRUCTIONS, "criteria": dict(options)}
    return {"model": model, "state": text, "questions": {QUESTION: question}}


def shares_in(body: object, options: Mapping[str, str], source: Source) -> Mapping[str, float]:
    """The probability of each option in an answer without its envelope. Raises ServiceFailed (malformed)."""
    return shares_among(at(body, "answers", QUESTION, "probabilities"), tuple(options), source)


def cost_of(text: str, options: Mapping[str, str]) -> Cost:
    """About what a decision takes; nothing is generated."""
    return {"requests": 1, "tokens": OVERHEAD + tokens_of(text, *options, *options.values())}
