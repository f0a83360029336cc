"""Hugging Face Inference Providers: models that compare descriptions, embeddings, and a router to chat models.

Facts: `error` is a text at hf-inference and an object at /v1; 402 is for the rest of the month; a model that is not on
the list of warm ones is refused with 400, and never loaded; hf-inference bills seconds of compute.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final

from pointsman.core.faults import Format, ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers import openai_labels
from pointsman.providers.openai_request import in_parts
from pointsman.providers.remote import durations, reading
from pointsman.providers.remote.asking import Ask, Calls, Cost, Metered, Unit
from pointsman.providers.remote.embeddings import Space
from pointsman.providers.remote.reading import Source
from pointsman.providers.remote.rules import URL as CORRECT_URL
from pointsman.providers.remote.rules import Faults, Rule
from pointsman.providers.remote.wire import Reply, Request
from pointsman.tiers.decider import Shares
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

URL: Final = "https://router.huggingface.co"
HUB: Final = "https://huggingface.co"
LISTING: Final = "models"
# No price of the processors that run these models is published. A second is taken to cost what the documented example
# on a graphics card costs, and a call to compute for as long as it took, so rather too much than too little is counted.
DOLLARS_A_SECOND: Final = 0.00012
# A comparison is one pass for each label.
SECONDS_A_LABEL: Final = 0.3
SECONDS_A_TEXT: Final = 0.05
# The chat models that a router may pick cost less than a dollar for a million tokens.
DOLLARS_A_TOKEN: Final = 1e-6

RULES: Final = (
    Rule("quota_exhausted", "the month's credit is used up", {402}, scope="service"),
    Rule("bad_request", "is no longer offered at this address", {410}, words=("api-inference",), cure=CORRECT_URL,
         scope="service"),
    Rule("rate_limited", "too many calls", {429}, scope="service"),
    Rule("server", "the model is being loaded", {503}, words=("loading",)),
    Rule("model_gone", "the model is not served", {404}),
)  # fmt: skip
SPACES: Final[Mapping[str, Space]] = {
    "sentence-transformers/all-MiniLM-L6-v2": Space("own", 384, most_texts=32),
    "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2": Space("own", 384, most_texts=32),
    "sentence-transformers/all-mpnet-base-v2": Space("own", 768, most_texts=32),
    "BAAI/bge-small-en-v1.5": Space("own", 384, most_texts=32),
    "BAAI/bge-m3": Space("own", 1024, most_texts=32),
}


class HuggingFace:
    """How the router is spoken to (`remote.asking.Service`, and the seams for labels and vectors)."""

    name = "huggingface"

    def __init__(self, token: str, *, url: str = URL, hub: str = HUB, now: Clock = time.time) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._url = url.rstrip("/")
        self._hub = hub.rstrip("/")
        self.listed_at = f"{self._url}/v1/models"
        self.lists_to_all = not self._hub  # the hub says whose token it is; a gateway in its place need not
        self._faults = Faults(self.name, *RULES, now=now)

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        """What went wrong, whatever the status says; None for an answer that is worth reading."""
        return in_parts(self._faults.fault_of(reply, model), reply)

    def metered(self, reply: Reply) -> Metered:
        """What the call cost at most, and what is left of a limit where a header tells."""
        told = durations.allowance(reply.headers)
        window = told.window or told.resets
        limit: tuple[Unit, float] | None = ("requests", window) if window else None
        return Metered(
            cost=dollars_of(reply),
            left={limit: told.left} if limit and told.left is not None else {},
            limits={limit: told.limit} if limit and told.limit is not None else {},
        )

    def compared(self, model: str, text: str, labels: Sequence[str], template: str) -> Ask[Mapping[str, float]]:
        """The call that asks how likely each label describes a text."""
        parameters = {"candidate_labels": list(labels), "hypothesis_template": template, "multi_label": False}

        def read(said: object, source: Source) -> Mapping[str, float]:
            return reading.shares_among(reading.scores_of(said, source), labels, source)

        body = {"inputs": text, "parameters": parameters}
        cost: Cost = {"requests": 1, "dollars": DOLLARS_A_SECOND * SECONDS_A_LABEL * len(labels)}
        return Ask(self.run(model, body), Source(self.name, model).reader(read), cost)

    def space_of(self, model: str) -> Space:
        """Where an embedding model's vectors live."""
        return SPACES.get(model, Space(most_texts=32))

    def vectors(self, model: str, texts: Sequence[str], dims: int | None) -> Ask[NDArray[np.float32]]:
        """The call that asks for a vector for each text."""

        def read(said: object, source: Source) -> NDArray[np.float32]:
            # A text by itself is answered with its vector by itself.
            flat = isinstance(said, list) and len(texts) == 1 and not isinstance(reading.at(said, 0), list)
            return reading.unit_vectors([said] if flat and said else said, len(texts), dims, source)

        inputs = texts[0] if len(texts) == 1 else list(texts)
        body = {"inputs": inputs, "normalize": True, "truncate": True}
        cost: Cost = {"requests": 1, "dollars": DOLLARS_A_SECOND * SECONDS_A_TEXT * len(texts)}
        return Ask(self.run(f"{model}/pipeline/feature-extraction", body), Source(self.name, model).reader(read), cost)

    def sentiment(self, model: str, text: str) -> Ask[Mapping[str, float]]:
        """The call that asks how a text sounds."""
        cost: Cost = {"requests": 1, "dollars": DOLLARS_A_SECOND * SECONDS_A_TEXT}
        return Ask(self.run(model, {"inputs": text}), Source(self.name, model).reader(reading.scores_of), cost)

    def form_of(self, model: str) -> Format:  # noqa: ARG002 - it depends on who serves the model
        """A schema; whoever serves the model may refuse it."""
        return "json_schema"

    def label(self, model: str, question: Question, *, sample: int, form: Format) -> Ask[Choice]:
        """The call that asks a chat model for one of the question's candidates."""
        body = openai_labels.request_for(question, model, sample=sample, form=form)
        read = Source(self.name, model).reader(
            lambda said, source: openai_labels.choice_of(said, question.candidates, source)
        )
        expected = reading.tokens_of(*(turn["content"] for turn in body["messages"])) + openai_labels.MOST_TOKENS
        request = Request("POST", f"{self._url}/v1/chat/completions", self._headers, body)
        return Ask(request, read, {"requests": 1, "dollars": DOLLARS_A_TOKEN * expected})

    def run(self, path: str, body: Mapping[str, Any]) -> Request:
        """A request to a model of hf-inference."""
        return Request("POST", f"{self._url}/hf-inference/models/{path}", self._headers, body)

    async def listing(self, calls: Calls, models: Iterable[str] = ()) -> tuple[str, ...]:
        """The chat models that its router serves now, behind those of `models` that hf-inference serves.

        There is no short list of the latter: each is asked about by itself, at the hub where there is one. The hub is
        first asked whose token this is, as its lists are for everybody.
        """
        if self._hub:
            await calls.call(self._whose, (LISTING,))
        warm = [
            model
            for model in models
            if self._hub and (await calls.call(partial(self._status, model), (LISTING,))).value
        ]
        read = Source(self.name, "").reader(reading.ids_of)
        request = Request("GET", self.listed_at, self._headers)
        chat = (await calls.call(lambda _: Ask(request, read, {"requests": 0}), (LISTING,))).value
        return (*warm, *chat)

    def _whose(self, _: str) -> Ask[None]:
        request = Request("GET", f"{self._hub}/api/whoami-v2", self._headers)
        return Ask(request, lambda _: None, {"requests": 0})

    def _status(self, model: str, _: str) -> Ask[bool]:
        asked = "expand[]=inference&expand[]=inferenceProviderMapping"
        request = Request("GET", f"{self._hub}/api/models/{model}?{asked}", self._headers)
        return Ask(request, Source(self.name, model).reader(is_served), {"requests": 0})


def dollars_of(reply: Reply) -> Cost:
    """What a call cost at most: nothing when it was refused, by its tokens in a chat, else by how long it took."""
    if 400 <= reply.status < 500:
        return {"dollars": 0.0}
    tokens = reading.tokens_taken(reply).get("tokens")
    return {"dollars": reply.seconds * DOLLARS_A_SECOND if tokens is None else tokens * DOLLARS_A_TOKEN}


def is_served(said: object, source: Source) -> bool:
    """Whether a model's page says that hf-inference serves it."""
    if not isinstance(said, dict):
        raise source.unusable("gave no description of the model")
    return bool(reading.at(said, "inferenceProviderMapping", "hf-inference", "status") == "live")


TEMPLATE: Final = "This message asks for {}."


class ZeroShotOracle:
    """Asks models that compare a text with each of some labels (`tiers.decider.Oracle`).

    A label is a short phrase that completes `template`: that of `phrases`, or the category's name in plain words; a
    description of two lines is no phrase, and each word of each label costs time.
    """

    def __init__(
        self,
        calls: Calls,
        service: HuggingFace,
        *,
        phrases: Mapping[str, str] | None = None,
        template: str = TEMPLATE,
        name: str = "",
    ) -> None:
        self.name = name or service.name
        self._calls = calls
        self._service = service
        self._phrases = phrases or {}
        self._template = template

    async def shares(self, text: str, options: Mapping[str, str]) -> Shares:
        """The probability of each option; `options` maps names to descriptions. Raises ServiceFailed."""
        labels = labels_of(options, self._phrases)
        called = await self._calls.call(
            lambda model: self._service.compared(model, text, tuple(labels.values()), self._template)
        )
        return Shares(called.model, {name: called.value[label] for name, label in labels.items()})


def labels_of(names: Iterable[str], phrases: Mapping[str, str]) -> dict[str, str]:
    """A label for each name, no two alike."""
    labels: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        numbered = (f"{name} {number}" for number in count(2))
        wanted = chain((phrases.get(name, ""), name.replace("_", " ").strip(), name), numbered)
        labels[name] = next(label for label in wanted if label and label not in taken)
        taken.add(labels[name])
    return labels
