"""Labels by the embedded model: the probability of each candidate, read off the tokens that could come next."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from pointsman.core.errors import ModelFailed
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

# How many of the likeliest tokens are looked at: 1,000 cost 10 ms more than one, all 49,152 of SmolLM2 nearly a second.
TOKENS: Final = 1000
# What follows a label in the examples; with it no label is the beginning of another.
END: Final = "\n\n"
# A beginning that several labels share is followed where it holds at least this part of what the candidates hold.
WORTH_FOLLOWING: Final = 0.05
LONGEST: Final = 8
# Stands in for a message when the model's liking for each label is measured.
CONTENT_FREE: Final = '"N/A"'


class Completer(Protocol):
    """A model that completes a text."""

    name: str

    async def complete(self, request: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """All events of a completion in llama.cpp's own terms. Raises PointsmanError."""
        ...


class EmbeddedLabeller:
    """A labeller on top of the embedded model; both chat with it and this may go on at once.

    A label is never generated: the probabilities of the candidates' tokens are read, and put in proportion, which
    is what sampling under a grammar of the candidates would give, without its luck. (A grammar does not do it:
    llama.cpp draws first, and brings the grammar in only when the draw was not allowed, so that the probabilities
    are now of all tokens, and now of the allowed ones.) Nothing is random, so further samples say the same.

    With `neutral`, each probability is divided by the one that the label has with no message at all
    (Zhao et al., "Calibrate Before Use", 2021).
    """

    def __init__(self, model: Completer, *, neutral: bool = True) -> None:
        self.name = model.name
        self._model = model
        self._neutral = neutral

    async def label(self, question: Question, sample: int = 0) -> Choice:  # noqa: ARG002 - nothing is random
        """The likeliest candidate, and the probability of each."""
        shares = await self._shares(question)
        if self._neutral:
            blank = await self._shares(replace(question, text=CONTENT_FREE))
            shares = in_proportion({name: share / max(blank[name], 1e-6) for name, share in shares.items()})
        return Choice(max(shares, key=lambda name: shares[name]), shares)

    async def _shares(self, question: Question) -> dict[str, float]:
        prompt = question.prefix + question.shown + question.asked
        endings = {name: f" {name}{END}".encode() for name in question.candidates}
        return await self._spread(prompt, endings)

    async def _spread(self, prompt: str, endings: Mapping[str, bytes], depth: int = 0) -> dict[str, float]:
        """The probability of each candidate; `endings` is what is still to come of each one's label."""
        tokens = tokens_of(await self._model.complete(request_for(prompt)))
        begun = [
            (token, chance, [name for name, rest in endings.items() if rest.startswith(token)])
            for token, chance in tokens.items()
        ]
        total = sum(chance for _, chance, names in begun if names)
        masses = dict.fromkeys(endings, 0.0)
        for token, chance, names in begun:
            if len(names) == 1:
                masses[names[0]] += chance
            elif names and chance >= WORTH_FOLLOWING * total and depth < LONGEST:
                rests = {name: endings[name][len(token) :] for name in names}
                for name, share in (await self._spread(prompt + token.decode(), rests, depth + 1)).items():
                    masses[name] += chance * share
        return in_proportion(masses)


def request_for(prompt: str) -> dict[str, Any]:
    """The request for the tokens that could come after a text."""
    return {
        "prompt": prompt,
        "max_tokens": 1,
        "temperature": 0.0,
        "n_probs": TOKENS,
        "cache_prompt": True,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
    }


def tokens_of(events: Sequence[Mapping[str, Any]]) -> dict[bytes, float]:
    """The probabilities, 0..1, of the tokens that could come next. Raises ModelFailed."""
    for event in events:
        for choice in event.get("choices") or ():
            for place in (choice.get("logprobs") or {}).get("content") or ():
                return {bytes(token["bytes"]): math.exp(token["logprob"]) for token in place["top_logprobs"]}
    raise ModelFailed("llama.cpp gave no probabilities", cure="pointsman doctor")


def in_proportion(masses: Mapping[str, float]) -> dict[str, float]:
    """The masses scaled to sum to 1; all alike when there is none."""
    total = sum(masses.values())
    return {name: mass / total if total else 1 / len(masses) for name, mass in masses.items()}
