"""Labels from a model of Ollama: kept to the candidates by a schema, with their probabilities."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from pointsman.core.errors import ModelFailed
from pointsman.core.faults import ServiceFailed
from pointsman.providers.ollama.asking import ChatAsk, ChatMessage, Manner, Setup
from pointsman.providers.ollama.client import Ollama
from pointsman.providers.ollama.keep_alive import AT_ONCE
from pointsman.providers.ollama.options import RunnerOptions
from pointsman.providers.openai_labels import MOST_TOKENS, WARMTH, label_among, messages_for, schema_of, shares_of
from pointsman.providers.remote.reading import Source
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

# The question with its examples takes some 1,200 tokens; the shipped descriptions alone are 600.
CONTEXT: Final = 4096
TOP: Final = 20  # alternatives of a token, the most that Ollama tells
# The probabilities are those before the schema shut other tokens out. Where the candidates hold less of them than
# this, the model wanted to say something else, and their proportions mean nothing.
LEAST_MASS: Final = 0.05


class OllamaLabeller:
    """Asks a model of Ollama for one of a question's candidates (`tiers.judge.Labeller`).

    The model goes from memory as soon as it has answered, unless the `setup` says otherwise: where the judge is
    also a chat model, both need the same setup, as another set of options would reload it, and keep-alive 0 would
    send it away.
    """

    def __init__(self, ollama: Ollama, setup: Setup, *, name: str = "") -> None:
        self.name = name or setup.model
        self.setup = setup
        self._ollama = ollama

    @classmethod
    def of(cls, ollama: Ollama, model: str, *, context: int = CONTEXT, name: str = "") -> OllamaLabeller:
        """A labeller with a model that nobody else uses: it is loaded for a question, and goes after it."""
        return cls(ollama, Setup(model, RunnerOptions(context), AT_ONCE), name=name)

    async def label(self, question: Question, sample: int = 0) -> Choice:
        """The label, with the probability of each candidate where the tokens tell; `sample` as in the protocol.

        Raises ModelFailed, UnknownModel, Unreachable and what else `Ollama` raises.
        """
        options: dict[str, Any] = {"temperature": WARMTH if sample else 0, "num_predict": MOST_TOKENS}
        if sample:
            options["seed"] = sample
        manner = Manner(options=options, think=False, format=schema_of(question.candidates), logprobs=TOP)
        messages = [ChatMessage(it["role"], it["content"]) for it in messages_for(question, "json_schema")]
        text, tokens, reason = await self._answer(ChatAsk(self.setup, messages, manner))
        try:
            label = label_among(text, question.candidates, Source(self.name, ""), cut=reason == "length")
        except ServiceFailed as failed:
            raise ModelFailed(failed.message, cure="set a larger model as the judge") from None
        return Choice(label, shares_in(tokens, label, question.candidates))

    async def _answer(self, asked: ChatAsk) -> tuple[str, list[Mapping[str, Any]], str]:
        """The text of an answer, its tokens, and why it ended."""
        said: list[str] = []
        tokens: list[Mapping[str, Any]] = []
        reason = ""
        async with aclosing(self._ollama.chat(asked)) as pieces:
            async for piece in pieces:
                said.append(piece.text)
                tokens += piece.logprobs
                reason = piece.end.reason if piece.end else reason
        return "".join(said), tokens, reason


def shares_in(tokens: Sequence[Mapping[str, Any]], label: str, candidates: Sequence[str]) -> dict[str, float]:
    """The candidates' probabilities from the tokens of an answer; empty where they do not tell."""
    shares = shares_of({"content": list(tokens)}, label, candidates)
    return shares if shares and mass_of(tokens, label, candidates) >= LEAST_MASS else {}


def mass_of(tokens: Sequence[Mapping[str, Any]], label: str, candidates: Sequence[str]) -> float:
    """The probability that all candidates had together where the label begins, before others were shut out."""
    texts = [str(token.get("token", "")) for token in tokens]
    start = "".join(texts).rfind(label)
    place = 0
    for token, text in zip(tokens, texts, strict=True):
        if place <= start < place + len(text):
            lead = text[: start - place]
            return sum(chance for said, chance in chances_of(token).items() if leads(said, lead, candidates))
        place += len(text)
    return 0.0


def chances_of(token: Mapping[str, Any]) -> dict[str, float]:
    """The probabilities of a token and of what could have stood in its place."""
    rows = [*(token.get("top_logprobs") or ()), token]
    return {str(row["token"]): math.exp(min(0.0, float(row["logprob"]))) for row in rows}


def leads(said: str, lead: str, candidates: Sequence[str]) -> bool:
    """Whether a token begins one of the candidates, behind what stands before them."""
    rest = said[len(lead) :]
    return said.startswith(lead) and bool(rest) and any(it.startswith(rest) or rest.startswith(it) for it in candidates)
