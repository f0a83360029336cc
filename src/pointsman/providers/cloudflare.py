"""Cloudflare Workers AI: decision models, chat models, embeddings and sentiment, paid in neurons by the account.

Facts: answers stand in an envelope whose `success` counts whatever the status is; there are no headers about limits
and no Retry-After; `cf-ai-neurons` says what a call took. Its own codes tell more than its statuses.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pointsman.core.faults import Format, ServiceFailed
from pointsman.core.ports import Clock
from pointsman.providers import cloudflare_models, openai_labels, systemone
from pointsman.providers.remote import reading
from pointsman.providers.remote.asking import Ask, Calls, Cost, Metered
from pointsman.providers.remote.embeddings import Space
from pointsman.providers.remote.reading import Source
from pointsman.providers.remote.rules import URL as CORRECT_URL
from pointsman.providers.remote.rules import Faults, Rule, codes
from pointsman.providers.remote.wire import Reply, Request
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

URL: Final = "https://api.cloudflare.com/client/v4"
# A model that is busy says so at once, so that another can be asked while there is time.
AT_ONCE: Final[Mapping[str, Any]] = {"options": {"rejectIfBusy": True}}
LISTING: Final = "models"
PAGE: Final = 50
MOST_PAGES: Final = 40

RULES: Final = (
    # The text or either code: one way of asking was seen to tell no code at all.
    Rule(
        "quota_exhausted",
        "the account's neurons of the day are used up",
        codes=codes(4006, 3036),
        words=("daily free allocation",),
        scope="service",
    ),
    Rule("rate_limited", "it is at capacity", codes=codes(3040), wait=0.5),
    Rule(
        "bad_request",
        "has nothing at this address, or no such account",
        codes=codes(7000, 7003),
        cure="check `account`, the account's id of 32 hex digits, and `url`",
        scope="service",
    ),
    Rule("auth", "refuses the token", codes=codes(10000, 9109), scope="service"),
    Rule("auth", "the model is not open to this account", codes=codes(3023, 5018, 3041, 5016)),
    Rule("model_gone", "the model needs a paid plan", codes=codes(5035)),
    Rule("model_gone", "the model is no longer served", codes=codes(5028, 5007, 3042)),
    Rule("too_large", "the text is too long for the model", codes=codes(3006, 5021, 3030), waits=False),
    Rule("bad_request", "the model gives no answers by a schema", codes=codes(5025), degrade="text"),
    Rule("malformed", "the model did not keep to the schema", codes=codes(5024), words=("json mode couldn't be met",)),
    Rule("server", "the model took too long", codes=codes(3007, 3008)),
    Rule("bad_request", "the model refuses the request", codes=codes(5006, 5004, 3003, 6003, 8007)),
    Rule("bad_request", "the model refuses the request", {400, 422}, codes(5012)),
    Rule("server", "the model broke down", codes=codes(5012, 3043, *range(8000, 8010))),
    Rule("model_gone", "the model is no longer served", {410}),
    Rule("bad_request", "has nothing at this address", {404}, cure=CORRECT_URL, scope="service", plain=True),
)


class Cloudflare:
    """How Workers AI is spoken to (`remote.asking.Service`, and the seams for labels, decisions and vectors)."""

    name = "cloudflare"
    extras = True

    def __init__(
        self, account: str, token: str, *, url: str = URL, pooling: str = "cls", now: Clock = time.time
    ) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._url = f"{url.rstrip('/')}/accounts/{account}/ai"
        self._pooling = pooling
        self._faults = Faults(self.name, *RULES, now=now)

    def fault_of(self, reply: Reply, model: str) -> ServiceFailed | None:
        """What went wrong, whatever the status says; None for an answer that is worth reading."""
        return self._faults.fault_of(reply, model)

    def metered(self, reply: Reply) -> Metered:
        """The neurons that the call took; a request that is refused takes none.

        They are told in hundredths. An answer that is said to have taken none took less than that, and what it was
        expected to take counts: thousands of short texts are not for nothing.
        """
        told = reading.number(reply.headers.get("cf-ai-neurons"))
        if told is None and len(reply.body) <= reading.MOST_COUNTED:
            told = reading.usage_of(reply.json()).get("neurons")
        if told is None and 400 <= reply.status < 500:
            told = 0.0
        rounded = told == 0 and reply.status < 300
        return Metered(cost={} if told is None or told < 0 or rounded else {"neurons": told})

    def decision(self, model: str, text: str, options: Mapping[str, str], *, plain: bool) -> Ask[Mapping[str, float]]:
        """The call that asks a decision model for the probability of each option."""
        body = systemone.body_for(model.rpartition("/")[2], text, options)
        source = Source(self.name, model)
        cost = systemone.cost_of(text, options)
        return Ask(
            self.run(model, body if plain else {**body, **AT_ONCE}),
            source.reader(lambda said, source: systemone.shares_in(result_of(said), options, source)),
            {"requests": 1, "neurons": cloudflare_models.neurons(model, cost["tokens"])},
        )

    def form_of(self, model: str) -> Format:
        """A schema where it is enforced; the others are as good without."""
        return "json_schema" if model in cloudflare_models.KEEPS_TO_SCHEMA else "text"

    def label(self, model: str, question: Question, *, sample: int, form: Format) -> Ask[Choice]:
        """The call that asks a chat model for one of the question's candidates."""
        room = cloudflare_models.room(model)
        body: dict[str, Any] = {
            "messages": openai_labels.messages_for(question, form),
            "max_tokens": room,
            "temperature": openai_labels.WARMTH if sample else 0,
            **({"seed": sample} if sample else {}),
            **AT_ONCE,
        }
        if form == "json_schema":
            body["response_format"] = {"type": form, "json_schema": openai_labels.schema_of(question.candidates)}
        if model.startswith(cloudflare_models.OPENAI_SPOKEN):
            body = {"model": model, **body, **cloudflare_models.NOT_THINKING}
            request = Request("POST", f"{self._url}/v1/chat/completions", self._headers, body)
        else:
            request = self.run(model, body)
        read = Source(self.name, model).reader(lambda said, source: choice_in(said, question.candidates, source))
        tokens = reading.tokens_of(*(turn["content"] for turn in body["messages"]))
        return Ask(request, read, {"requests": 1, "neurons": cloudflare_models.neurons(model, tokens, room)})

    def space_of(self, model: str) -> Space:
        """Where an embedding model's vectors live."""
        return cloudflare_models.space(model, self._pooling)

    def vectors(self, model: str, texts: Sequence[str], dims: int | None) -> Ask[NDArray[np.float32]]:
        """The call that asks for a vector for each text."""

        def read(said: object, source: Source) -> NDArray[np.float32]:
            return reading.unit_vectors(reading.at(result_of(said), "data"), len(texts), dims, source)

        body = cloudflare_models.embedding_body(model, list(texts), self._pooling)
        return Ask(self.run(model, body), Source(self.name, model).reader(read), self._cost(model, *texts))

    def sentiment(self, model: str, text: str) -> Ask[Mapping[str, float]]:
        """The call that asks how a text sounds."""
        read = Source(self.name, model).reader(lambda said, source: reading.scores_of(result_of(said), source))
        return Ask(self.run(model, {"text": text}), read, self._cost(model, text))

    def run(self, model: str, body: Mapping[str, Any]) -> Request:
        """A request to a model; the slashes in its id stay as they are."""
        return Request("POST", f"{self._url}/run/{model}", self._headers, body)

    async def listing(self, calls: Calls) -> tuple[str, ...]:
        """The models that it serves now; that one is listed does not mean that this account may use it."""
        found: list[str] = []
        for page in range(1, MOST_PAGES + 1):
            more = (await calls.call(partial(self._page, page), (LISTING,))).value
            if not more:
                break
            found += more
        return tuple(dict.fromkeys(found))

    def _page(self, page: int, _: str) -> Ask[tuple[str, ...]]:
        request = Request("GET", f"{self._url}/models/search?per_page={PAGE}&page={page}", self._headers)
        return Ask(request, Source(self.name, "").reader(names_in), {"requests": 0})

    def _cost(self, model: str, *texts: str) -> Cost:
        return {"requests": 1, "neurons": cloudflare_models.neurons(model, reading.tokens_of(*texts))}


def result_of(said: object) -> object:
    """What is in the envelope; what comes without one, as it is."""
    return said["result"] if isinstance(said, dict) and "result" in said else said


def choice_in(said: object, candidates: Sequence[str], source: Source) -> Choice:
    """The label in an answer: text or an object under `response`, or a chat completion."""
    result = result_of(said)
    if isinstance(result, dict) and "response" in result:
        return Choice(openai_labels.label_among(result["response"], candidates, source))
    return openai_labels.choice_of(result, candidates, source)


def names_in(said: object, source: Source) -> tuple[str, ...]:
    """The names in one page of the list of models; its ids are of no use."""
    rows = result_of(said)
    if not isinstance(rows, list):
        raise source.unusable("gave no list of models")
    names = (reading.at(row, "name") for row in rows)
    return tuple(name for name in names if isinstance(name, str))
