"""A fake Groq: chat models with limits for each, which refill all the time."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from pointsman.core.ports import Clock
from pointsman.testing.clouds import groq_models as known
from pointsman.testing.clouds.asked import Answer, Asked
from pointsman.testing.clouds.buckets import DAY, MINUTE, Bucket, go_duration
from pointsman.testing.clouds.chat import Said, completion, form_of, said_to
from pointsman.testing.clouds.deciding import Decide, Prompt, by_words, prompt_of
from pointsman.testing.clouds.delivery import Sleep
from pointsman.testing.clouds.groq_models import GroqModel, groq_error
from pointsman.testing.clouds.server import FakeService

LIBRARIES: Final = re.compile(r"python-urllib|python-requests|python-httpx|python/|aiohttp|$", re.IGNORECASE)
UNSUPPORTED: Final = ("logprobs", "top_logprobs", "logit_bias")
THOUGHT: Final = {"none": 0, "low": 26, "medium": 120, "high": 600}
ATTACK: Final = re.compile(r"\b(ignore|disregard|forget)\b.*\b(instruction|rule|prompt)s?\b", re.IGNORECASE | re.DOTALL)
TIMES: Final = {"queue_time": 0.083587, "prompt_time": 0.005073, "completion_time": 0.034069, "total_time": 0.039142}


def attack_in(text: str) -> float:
    """What the guard models answer: the probability that a text is an attack."""
    return 0.9995254278182983 if ATTACK.search(text) else 0.0005137057160027325


class FakeGroq(FakeService):
    """Groq's API; `url` ends with /openai/v1.

    `buckets` are the limits of each model by their names: RPM, RPD, TPM, TPD, and OTPM where it has that; tests may
    `use` them. A request is admitted with its prompt and the output it allows (unless not `reserve_output`), and
    charged with what it took. `attack` is what the guard models answer.
    """

    title = "cloudflare"
    base = "/openai/v1"

    def __init__(
        self,
        *,
        key: str = "gsk_test",
        clock: Clock = time.time,
        decide: Decide = by_words,
        models: Mapping[str, GroqModel] = known.MODELS,
        attack: Callable[[str], float] = attack_in,
        reserve_output: bool = True,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(key=key, clock=clock, decide=decide, sleep=sleep)
        self.models = dict(models)
        self.attack = attack
        self.reserve_output = reserve_output
        self.buckets = {name: buckets_of(model, clock) for name, model in models.items()}

    def errors(self, model: str) -> Mapping[str, Answer]:
        """Groq's errors; those that a model gives come with what is left of its limits."""
        errors = known.errors_of(model)
        if model not in self.models:
            return errors
        told = {name: self._with_limits(model, answer) for name, answer in errors.items() if name in known.LIMITED}
        return errors | told

    async def answer(self, asked: Asked) -> Answer:
        """What Groq answers: the edge looks at who asks, then at the key, and then at the rest."""
        if LIBRARIES.match(asked.headers.get("user-agent", "")):
            self.refused.auth += 1
            return known.EDGE
        if asked.bearer != self.key:
            self.refused.auth += 1
            return known.BAD_KEY
        path = asked.path.removeprefix(self.base)
        if asked.method == "GET" and path == "/models":
            return Answer({"object": "list", "data": [row(name, model) for name, model in self.models.items()]})
        if asked.method == "GET" and path.startswith("/models/"):
            name = path.removeprefix("/models/")
            return Answer(row(name, self.models[name])) if name in self.models else self._missing(name)
        if asked.method == "POST" and path == "/chat/completions":
            return self._chat(asked)
        return groq_error(404, f"Unknown request URL: {asked.method} {asked.path}.", code="unknown_url")

    def _chat(self, asked: Asked) -> Answer:
        body = asked.fields
        if not isinstance(body.get("messages"), list) or not body["messages"] or not asked.model:
            self.refused.bad_request += 1
            return groq_error(400, "'messages' and 'model' : minimum number of items is 1")
        if asked.model not in self.models:
            return self._missing(asked.model)
        model = self.models[asked.model]
        problem = problem_in(body, model)
        if problem:
            self.refused.bad_request += 1
            return self._with_limits(asked.model, problem)
        prompt = prompt_of(body)
        if model.guard and prompt.tokens > model.context:
            self.refused.too_large += 1
            return self._with_limits(asked.model, known.TOO_LONG)
        refusal = self._over(asked.model, prompt, body)
        answer = refusal or self._said(asked, model, prompt)
        return self._with_limits(asked.model, answer)

    def _over(self, name: str, prompt: Prompt, body: Mapping[str, Any]) -> Answer | None:
        """The refusal of a request for which there is no room; minutes are looked at before days."""
        buckets = self.buckets[name]
        output = int(body.get("max_completion_tokens") or body.get("max_tokens") or 0) if self.reserve_output else 0
        wanted = {"TPM": prompt.tokens + output, "TPD": prompt.tokens + output, "OTPM": output}
        if wanted["TPM"] > buckets["TPM"].limit:
            self.refused.too_large += 1
            return known.over_minute(name, int(buckets["TPM"].limit), wanted["TPM"])
        for limit, bucket in buckets.items():
            asked = wanted.get(limit, 1)
            if wait := bucket.wait(asked):
                self.refused.over(limit)
                return known.over_limit(name, limit, int(bucket.limit), bucket.used, asked=asked, wait=wait)
        return None

    def _said(self, asked: Asked, model: GroqModel, prompt: Prompt) -> Answer:
        body = asked.fields
        if model.guard:
            said = Said(str(self.attack(prompt.text)), prompt_tokens=prompt.tokens, tokens=9)
        else:
            thought = THOUGHT[body.get("reasoning_effort") or "medium"] if model.efforts else 0
            said = said_to(prompt, body, self.decide, thought=thought, strict=form_of(body) == "json_schema")
        self._charge(asked.model, said)
        if said.reason == "length" and form_of(body) != "text":
            return known.NO_JSON
        return self._written(asked, said)

    def _charge(self, name: str, said: Said) -> None:
        taken = {"TPM": said.prompt_tokens + said.tokens, "TPD": said.prompt_tokens + said.tokens, "OTPM": said.tokens}
        for limit, bucket in self.buckets[name].items():
            bucket.use(taken.get(limit, 1))

    def _written(self, asked: Asked, said: Said) -> Answer:
        number = self._number()
        answer = completion(
            said, asked.fields, number=number, created=asked.at, model=asked.model, fingerprint="fp_sample"
        )
        if answer.events:
            return answer
        choice = {**answer.body["choices"][0], "logprobs": None}
        if said.thought and asked.fields.get("include_reasoning", True):
            choice["message"] = {**choice["message"], "reasoning": "One of these fits best."}
        usage = {**said.usage, **TIMES, "completion_tokens_details": {"reasoning_tokens": said.thought}}
        extra = {"usage_breakdown": None, "x_groq": {"id": f"req_{number}", "seed": 1234}, "service_tier": "on_demand"}
        return Answer({**answer.body, "choices": [choice], "usage": usage, **extra})

    def _with_limits(self, name: str, answer: Answer) -> Answer:
        """The answer with what is left of the limits that Groq tells, where it does not hold that already.

        Those are requests a day and tokens a minute.
        """
        told = {"x_request_id": f"req_{self._number()}"}
        for limit, what in (("RPD", "requests"), ("TPM", "tokens")):
            bucket = self.buckets[name][limit]
            told[f"x_ratelimit_limit_{what}"] = str(math.floor(bucket.limit))
            told[f"x_ratelimit_remaining_{what}"] = str(bucket.remaining)
            told[f"x_ratelimit_reset_{what}"] = go_duration(max(0.001, round(bucket.full_in, 3)))
        return answer.having(
            **{name: value for name, value in told.items() if name.replace("_", "-") not in answer.headers}
        )

    def _missing(self, name: str) -> Answer:
        self.refused.model_gone += 1
        return known.missing(name)


def buckets_of(model: GroqModel, clock: Clock) -> dict[str, Bucket]:
    """The limits of a model, those of a minute first."""
    buckets = {
        "RPM": Bucket(model.rpm, MINUTE, clock),
        "TPM": Bucket(model.tpm, MINUTE, clock),
        "RPD": Bucket(model.rpd, DAY, clock),
        "TPD": Bucket(model.tpd, DAY, clock),
    }
    return buckets if model.output is None else {**buckets, "OTPM": Bucket(model.output, MINUTE, clock)}


def problem_in(body: Mapping[str, Any], model: GroqModel) -> Answer | None:
    """Why Groq refuses what a request asks for, if it does."""
    for name in UNSUPPORTED:
        if body.get(name):
            return groq_error(400, f"property '{name}' is unsupported")
    if any(isinstance(turn, dict) and "name" in turn for turn in body["messages"]):
        return groq_error(400, "property 'name' is unsupported")
    if body.get("n", 1) != 1:
        return groq_error(400, "'n' : number must be at most 1")
    if body.get("service_tier", "on_demand") not in {"on_demand", "auto"}:
        return known.FLEX
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema" and (problem := schema_problem(form.get("json_schema") or {}, model)):
        return problem
    effort = body.get("reasoning_effort")
    if effort is not None and not model.efforts:
        return groq_error(400, "`reasoning_effort` is not supported with this model")
    if effort is not None and effort not in model.efforts:
        *some, last = (f"`{name}`" for name in model.efforts)
        return groq_error(400, f"`reasoning_effort` must be one of {', '.join(some)}, or {last}")
    if "include_reasoning" in body and "reasoning_format" in body:
        return groq_error(400, "cannot specify both `include_reasoning` and `reasoning_format`")
    return None


def schema_problem(wanted: Mapping[str, Any], model: GroqModel) -> Answer | None:
    """Why a schema is refused: the model takes none, or it is not as strict as it says."""
    if not model.schema:
        return known.NO_SCHEMA
    schema = wanted.get("schema") or {}
    if not wanted.get("name") or not schema:
        return groq_error(400, "'response_format.json_schema' : 'name' and 'schema' are required")
    loose = set(schema.get("properties", {})) != set(schema.get("required", ()))
    if wanted.get("strict") and (loose or schema.get("additionalProperties") is not False):
        return groq_error(
            400,
            f"invalid JSON schema for response_format: '{wanted['name']}': all properties must be `required` and "
            "`additionalProperties` must be `false`",
            param="response_format",
        )
    return None


def row(name: str, model: GroqModel) -> dict[str, Any]:
    """A model in the list."""
    return {
        "id": name,
        "object": "model",
        "created": known.CREATED,
        "owned_by": model.owner,
        "active": True,
        "context_window": model.context,
        "public_apps": None,
        "max_completion_tokens": model.most_out,
    }
