"""A fake of any server that speaks OpenAI's language: chat, whole and as a stream, embeddings, models, decisions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from pointsman.core.faults import Format
from pointsman.core.ports import Clock
from pointsman.testing.clouds import systemone
from pointsman.testing.clouds.asked import Answer, Asked, tokens_in
from pointsman.testing.clouds.buckets import DAY, MINUTE, Bucket
from pointsman.testing.clouds.chat import Reply, called, completion, echo, form_of, said_to
from pointsman.testing.clouds.deciding import Decide, by_words, prompt_of
from pointsman.testing.clouds.delivery import Sleep
from pointsman.testing.clouds.dialects import DIALECTS, Case, DialectName, Problem, errors_of
from pointsman.testing.clouds.server import FakeService
from pointsman.testing.clouds.tools import UseTool, Writing, by_name, odd_id_in, problem_in
from pointsman.testing.clouds.typed import Kind, fits, misfit
from pointsman.testing.clouds.vectors import numbers, packed

FORMATS: Final[frozenset[Format]] = frozenset({"json_schema", "json_object", "text"})
EMBEDDING_MODELS: Final[Mapping[str, int]] = MappingProxyType({"all-minilm": 384, "text-embedding-3-small": 1536})
# How calls are written: a letter at a time, but for those that send each of them whole.
WRITINGS: Final[Mapping[DialectName, Writing]] = MappingProxyType(
    {"ollama": Writing(whole=True), "mistral": Writing(whole=True), "gemini": Writing(whole=True, indexes=False)}
)
TOOL: Final[Kind] = {"type": str, "function": {"name": str, "parameters": {"required": [str]}}}
CALL: Final[Kind] = {"id": str, "type": str, "function": {"name": str}}
MESSAGE: Final[Kind] = {"role": str, "content": None, "name": str, "tool_calls": [CALL], "tool_call_id": str}
BODY: Final[Kind] = {
    "messages": [MESSAGE],
    "tools": [TOOL],
    "stream": bool,
    "stream_options": dict,
    "response_format": {"type": str, "json_schema": {"schema": dict}},
    "max_tokens": int,
    "max_completion_tokens": int,
    "n": int,
    "logprobs": bool,
    "top_logprobs": int,
}
DECISIONS: Final = "/api/alpha/decisions"


class FakeOpenAi(FakeService):
    """A server such as vLLM, llama.cpp, LM Studio, OpenRouter, Mistral or Gemini; `url` is its base address.

    An empty `key` is one that everybody has. `formats` are the forms of answer that it takes; it refuses others in
    the words of its `dialect`. `embedding_models` are models with their dimensions, `decision_models` answer at
    /systemone and at OpenRouter's address. `per_minute` and `per_day` (UTC) limit the calls to each model.
    `use_tool` says which tools are called; models in `toolless` refuse any, and `writing` is how calls are written.
    With `logprobs` it tells the probabilities of tokens where it is asked for them, else it passes over that.
    """

    title = "uvicorn"
    fingerprint: str | None = None

    def __init__(
        self,
        *,
        key: str = "sk-test",
        models: tuple[str, ...] = ("m",),
        embedding_models: Mapping[str, int] = EMBEDDING_MODELS,
        decision_models: tuple[str, ...] = (),
        formats: frozenset[Format] = FORMATS,
        dialect: DialectName = "openai",
        logprobs: bool = False,
        toolless: Collection[str] = (),
        writing: Writing | None = None,
        context: int = 8_192,
        per_minute: int | None = None,
        per_day: int | None = None,
        clock: Clock = time.time,
        decide: Decide = by_words,
        reply: Reply = echo,
        use_tool: UseTool = by_name,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(key=key, clock=clock, decide=decide, sleep=sleep)
        self.models = models
        self.embedding_models = dict(embedding_models)
        self.decision_models = decision_models
        self.formats = formats
        self.dialect: DialectName = dialect
        self.logprobs = logprobs
        self.toolless = toolless
        self.writing = writing or WRITINGS.get(dialect, Writing())
        self.use_tool = use_tool
        self.context = context
        self.per_minute = per_minute
        self.per_day = per_day
        self.reply = reply
        self.api = self.base = DIALECTS[dialect].base
        self._minutes: dict[str, Bucket] = {}
        self._days: dict[tuple[str, int], int] = {}

    def errors(self, model: str) -> Mapping[str, Answer]:
        """The errors of its dialect, and those that such servers are known for."""
        return errors_of(model, self.clock(), self.dialect)

    async def answer(self, asked: Asked) -> Answer:
        """What it answers: it looks at the key, at the address, at the model, at its limits, and then at the rest."""
        if self.key and asked.bearer != self.key:
            self.refused.auth += 1
            return self._refuse("key")
        path = asked.path.removeprefix(self.api)
        if asked.method == "GET" and path == "/models":
            return Answer({"object": "list", "data": [self._row(name) for name in self._names()]})
        if asked.method == "GET" and path.startswith("/models/"):
            name = path.removeprefix("/models/")
            return Answer(self._row(name)) if name in self._names() else self._gone(name)
        if asked.method != "POST":
            return self._refuse("request", words=f"Unknown request URL: {asked.method} {asked.path}")
        if path == "/chat/completions":
            return self._over(asked, self.models) or self._chat(asked)
        if path == "/embeddings":
            return self._over(asked, tuple(self.embedding_models)) or self._embed(asked)
        if path == "/systemone" or asked.path == DECISIONS:
            return self._over(asked, self.decision_models) or self._decide(asked)
        return self._refuse("request", words=f"Unknown request URL: {asked.method} {asked.path}")

    def _refuse(self, problem: Problem, **said: Any) -> Answer:
        return DIALECTS[self.dialect].write(Case(problem, now=self.clock(), **said))

    def _gone(self, model: str) -> Answer:
        self.refused.model_gone += 1
        return self._refuse("model", model=model)

    def _over(self, asked: Asked, served: tuple[str, ...]) -> Answer | None:
        """The refusal of a model that is not served, or whose limits are used up."""
        model = self._named(asked.model)
        if model not in served:
            return self._gone(asked.model)
        today = (model, int(self.clock() // DAY))
        used = self._days.get(today, 0)
        if self.per_day is not None and used >= self.per_day:
            self.refused.over("day")
            return self._refuse("day", model=model, words=str(self.per_day), wait=DAY - self.clock() % DAY)
        if self.per_minute is not None:
            minute = self._minutes.setdefault(model, Bucket(self.per_minute, MINUTE, self.clock))
            if wait := minute.wait(1):
                self.refused.over("minute")
                return self._refuse("minute", model=model, words=str(self.per_minute), wait=wait)
            minute.use(1)
        self._days[today] = used + 1
        return None

    def _chat(self, asked: Asked) -> Answer:
        body = asked.fields
        if not isinstance(body.get("messages"), list) or not body["messages"]:
            return self._bad("you must provide a messages parameter")
        if (wrong := misfit(dict(body), BODY)) is not None:
            return self._bad(f"Invalid type for '{wrong[0]}': expected {wrong[2]}, but got {wrong[1]} instead.")
        if body.get("tools") and self._calls_none(asked.model):
            self.refused.bad_request += 1
            return self._refuse("tools", model=asked.model)
        if self.dialect != "ollama" and (problem := problem_in(body)):
            return self._bad(problem)
        if self.dialect == "mistral" and (odd := odd_id_in(body)):
            return self._bad(f"Tool call id was {odd} but must be a-z, A-Z, 0-9, with a length of 9.")
        form = form_of(body)
        if form not in self.formats:
            self.refused.bad_request += 1
            return self._refuse("format", model=asked.model, words=form)
        prompt = prompt_of(body)
        if prompt.tokens > self.context:
            self.refused.too_large += 1
            return self._refuse("length", model=asked.model, words=str(self.context))
        if script := self.use_tool(body) if body.get("tools") else ():
            said = called(prompt, script, len(self.requests))
        else:
            said = said_to(prompt, body, self.decide, self.reply, strict=form == "json_schema")
        wanted = body if self.logprobs else {name: value for name, value in body.items() if name != "logprobs"}
        return completion(
            said,
            wanted,
            number=self._number(),
            created=asked.at,
            model=asked.model,
            fingerprint=self.fingerprint,
            writing=self.writing,
        )

    def _embed(self, asked: Asked) -> Answer:
        given = asked.fields.get("input")
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            return self._bad("'input' must be a string or a list of strings")
        model = self._named(asked.model)
        most = self.embedding_models[model]
        dimensions = asked.fields.get("dimensions") or most
        if not fits(dimensions, int) or not 1 <= dimensions <= most:
            return self._bad(f"Invalid value for 'dimensions': the model has {most}.")
        written = packed if asked.fields.get("encoding_format") == "base64" else numbers
        data = [
            {"object": "embedding", "embedding": written(text, int(dimensions), model), "index": place}
            for place, text in enumerate(texts)
        ]
        tokens = sum(map(tokens_in, texts))
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return Answer({"object": "list", "data": data, "model": asked.model, "usage": usage})

    def _decide(self, asked: Asked) -> Answer:
        if problem := systemone.problem_in(asked.fields):
            return self._bad(problem)
        usage: dict[str, Any] = {"input_tokens": systemone.tokens_of(asked.fields), "output_tokens": 0}
        if asked.path == DECISIONS:
            usage["cost"] = 0
        answers = systemone.answered(asked.fields, self.decide)
        return Answer({"model": asked.model, "answers": answers, "usage": usage})

    def _bad(self, words: str) -> Answer:
        self.refused.bad_request += 1
        return self._refuse("request", words=words)

    def _calls_none(self, model: str) -> bool:
        """Whether a model can use no tools."""
        return self._named(model) in self.toolless

    def _named(self, model: str) -> str:
        """The model that a name stands for."""
        return model

    def _names(self) -> tuple[str, ...]:
        return (*self.models, *self.embedding_models, *self.decision_models)

    def _row(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": 1_754_408_224, "owned_by": "library"}
