"""Any server that speaks OpenAI's language: vLLM, llama.cpp, LM Studio, OpenRouter, Mistral, Gemini; and Ollama."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pointsman.core.faults import Format, ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers import openai_labels, systemone
from pointsman.providers.openai_request import in_parts
from pointsman.providers.remote import reading
from pointsman.providers.remote.asking import Ask, Calls, Cost, Metered
from pointsman.providers.remote.embeddings import Space
from pointsman.providers.remote.reading import Source
from pointsman.providers.remote.rules import Faults, Rule
from pointsman.providers.remote.wire import Reply, Request
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OLLAMA_URL: Final = "http://127.0.0.1:11434"
OPENROUTER: Final = "openrouter.ai"
LISTING: Final = "models"
# Ollama lets a model that could think first answer at once.
OLLAMA_EXTRAS: Final[Mapping[str, Any]] = {"reasoning_effort": "none"}
OTHER_KIND: Final = tuple(f"does not support {what}" for what in ("chat", "generate", "embed", "decision", "systemone"))
RULES: Final = (
    Rule("model_gone", "the model is for another kind of call", {400}, words=OTHER_KIND),
    Rule("server", "it has too little memory for the model", {500}, words=("more system memory", "out of memory")),
)


class OpenAiServer:
    """How such a server is spoken to (`remote.asking.Service`, and the seams for labels, decisions and vectors).

    `url` ends where /chat/completions begins. `models` is the address of its list, where that is not under `url`.
    `form` is the form of answer to ask chat models for; None begins with
    the strictest. `strict` says "strict": true in a schema, `logprobs` asks for the labels' probabilities, `extras`
    goes into every chat completion.
    """

    extras = False
    lists_to_all = True  # for all that is known: some list their models for everybody, and some only with a key

    def __init__(
        self,
        name: str,
        url: str,
        key: str | None = None,
        *,
        models: str = "",
        form: Format | None = None,
        strict: bool = True,
        logprobs: bool = False,
        chat_extras: Mapping[str, Any] | None = None,
        now: Clock = time.time,
    ) -> None:
        self.name = name
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._decisions = decisions_of(self._url)
        self.listed_at = models or f"{self._url}/models"
        self._form: Format = form or "json_schema"
        self._strict = strict
        self._logprobs = logprobs
        self._chat_extras = chat_extras or {}
        self._faults = Faults(name, *RULES, now=now)

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        """What went wrong, whatever the status says; None for an answer that is worth reading."""
        return in_parts(self._faults.fault_of(reply, model), reply)

    def metered(self, reply: Reply) -> Metered:
        """The tokens that the call took; headers about limits mean something else on every server."""
        return Metered(cost=reading.tokens_taken(reply))

    def form_of(self, model: str) -> Format:  # noqa: ARG002 - what is known is the same for all
        """The form that was set, or the strictest."""
        return self._form

    def label(self, model: str, question: Question, *, sample: int, form: Format) -> Ask[Choice]:
        """The call that asks a chat model for one of the question's candidates."""
        body = {
            **openai_labels.request_for(
                question, model, sample=sample, form=form, strict=self._strict, logprobs=self._logprobs
            ),
            **self._chat_extras,
        }
        read = Source(self.name, model).reader(
            lambda said, source: openai_labels.choice_of(said, question.candidates, source)
        )
        expected = reading.tokens_of(*(turn["content"] for turn in body["messages"])) + openai_labels.MOST_TOKENS
        return Ask(self.post("chat/completions", body), read, {"requests": 1, "tokens": expected})

    def decision(self, model: str, text: str, options: Mapping[str, str], *, plain: bool) -> Ask[Mapping[str, float]]:  # noqa: ARG002 - nothing is sent that could be left out
        """The call that asks a decision model for the probability of each option."""
        read = Source(self.name, model).reader(lambda said, source: systemone.shares_in(said, options, source))
        body = systemone.body_for(model, text, options)
        return Ask(Request("POST", self._decisions, self._headers, body), read, systemone.cost_of(text, options))

    def space_of(self, model: str) -> Space:  # noqa: ARG002 - its names tell nothing
        """Nothing is known of its models but that servers take 100 texts at once."""
        return Space()

    def vectors(self, model: str, texts: Sequence[str], dims: int | None) -> Ask[NDArray[np.float32]]:
        """The call that asks for a vector for each text."""
        read = Source(self.name, model).reader(lambda said, source: vectors_in(said, len(texts), dims, source))
        cost: Cost = {"requests": 1, "tokens": reading.tokens_of(*texts)}
        return Ask(self.post("embeddings", {"model": model, "input": list(texts)}), read, cost)

    def post(self, path: str, body: Mapping[str, Any]) -> Request:
        """A request to a path under its address."""
        return Request("POST", f"{self._url}/{path}", self._headers, body)

    async def listing(self, calls: Calls) -> tuple[str, ...]:
        """The models that it serves now; that one is listed does not mean that this key may use it."""
        read = Source(self.name, "").reader(reading.ids_of)
        request = Request("GET", self.listed_at, self._headers)
        return (await calls.call(lambda _: Ask(request, read, {"requests": 0}), (LISTING,))).value


def ollama(url: str = OLLAMA_URL, *, name: str = "ollama", now: Clock = time.time) -> OpenAiServer:
    """Ollama, 0.35 and later: decision models at /v1/systemone, chat and vectors in OpenAI's language."""
    url = url.rstrip("/").removesuffix("/v1")
    return OpenAiServer(
        name,
        f"{url}/v1",
        models=f"{url}/api/tags",
        strict=False,
        chat_extras=OLLAMA_EXTRAS,
        now=now,
    )


def decisions_of(url: str) -> str:
    """Where a server has its decision models: OpenRouter has a place of its own."""
    parts = urlsplit(url)
    if (parts.hostname or "").endswith(OPENROUTER):
        return f"{parts.scheme}://{parts.netloc}/api/alpha/decisions"
    return f"{url}/systemone"


def vectors_in(body: object, count: int, dims: int | None, source: Source) -> NDArray[np.float32]:
    """The vectors in a list of embeddings, in the order of the texts. Raises ServiceFailed (malformed)."""
    rows = reading.at(body, "data")
    if not isinstance(rows, list):
        raise source.unusable("gave no vectors")
    places = [reading.at(row, "index") for row in rows]
    if all(isinstance(place, int) for place in places) and sorted(places) == list(range(len(rows))):
        rows = sorted(rows, key=lambda row: int(row["index"]))
    return reading.unit_vectors([reading.at(row, "embedding") for row in rows], count, dims, source)
