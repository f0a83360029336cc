"""What the models of Workers AI do with a request: the result, and what it cost in neurons."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pointsman.testing.clouds import cloudflare_models as known
from pointsman.testing.clouds import systemone
from pointsman.testing.clouds.asked import Answer, strings_in, tokens_in
from pointsman.testing.clouds.chat import Reply, Said, form_of, said_to
from pointsman.testing.clouds.cloudflare_models import WorkersModel
from pointsman.testing.clouds.deciding import Decide, prompt_of
from pointsman.testing.clouds.vectors import numbers, vector

MILLION: Final = 1e6
MOST_READ: Final = 512  # tokens of a text that the small embedding models look at
DEFAULT_MOST: Final = 256  # tokens that a chat model says where it is not told
BAD_WORDS: Final = re.compile(r"\b(bad|hate|awful|terrible|wrong|broken|angry|sad|worst)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a request: a problem, or a result with its cost; `said` is what a chat model said."""

    problem: Answer | None = None
    too_large: bool = False
    result: Any = None
    neurons: float = 0.0
    said: Said | None = None


def ran(name: str, model: WorkersModel, body: Mapping[str, Any], decide: Decide, *, reply: Reply, number: str) -> Run:
    """What a model answers to its own kind of request."""
    match model.task:
        case "decisions":
            return decided(model, body, decide, number)
        case "chat":
            run = chatted(model, body, decide, reply, number)
            return run if run.problem or run.said is None else native_chat(run, run.said, body)
        case "embeddings":
            return embedded(name, model, body, number)
        case "rerank":
            return ranked(model, body, number)
    return felt(model, body, number)


def decided(model: WorkersModel, body: Mapping[str, Any], decide: Decide, number: str) -> Run:
    """The answers of a decision model."""
    tokens = systemone.tokens_of(body)
    if problem := systemone.problem_in(body):
        return Run(known.bad_question(problem, number))
    if tokens > model.context:
        return Run(known.too_long(tokens, model.context, number), too_large=True)
    usage = {"input_tokens": tokens, "output_tokens": 0}
    result = {"model": body.get("model", "clef"), "answers": systemone.answered(body, decide), "usage": usage}
    return Run(result=result, neurons=tokens * model.neurons_in / MILLION)


def chatted(model: WorkersModel, body: Mapping[str, Any], decide: Decide, reply: Reply, number: str) -> Run:
    """What a chat model says."""
    if not body.get("messages") and not body.get("prompt"):
        return Run(known.bad_input("oneOf at '/' not met, 0 matches: required properties at '/' are 'prompt'", number))
    if form_of(body) != "text" and not model.schema:
        return Run(known.errors_of("", number)["json_schema_unsupported_5025"])
    prompt = prompt_of(body)
    most = int(body.get("max_tokens") or body.get("max_completion_tokens") or DEFAULT_MOST)
    if prompt.tokens + most > model.context:
        return Run(known.too_long(prompt.tokens + most, model.context, number), too_large=True)
    thinks = (body.get("chat_template_kwargs") or {}).get("enable_thinking", True)
    thought = model.thought if thinks and body.get("reasoning_effort") != "none" else 0
    said = said_to(prompt, body, decide, reply, thought=thought, strict=form_of(body) == "json_schema", most=most)
    if said.reason == "length" and form_of(body) != "text":
        return Run(known.errors_of("", number)["json_mode_not_met"])
    cost = (said.prompt_tokens * model.neurons_in + said.tokens * model.neurons_out) / MILLION
    return Run(said=said, neurons=cost)


def native_chat(run: Run, said: Said, body: Mapping[str, Any]) -> Run:
    """The same in Cloudflare's own form: JSON that was asked for is an object, not a text."""
    response = said.content if form_of(body) == "text" else json.loads(said.content)
    return Run(result={"response": response, "tool_calls": [], "usage": said.usage}, neurons=run.neurons)


def embedded(name: str, model: WorkersModel, body: Mapping[str, Any], number: str) -> Run:
    """The vectors of texts; a query with contexts is ranked instead, where the model can."""
    strange = [field for field in body if field not in model.fields and field != "options"]
    if strange:
        named = ", ".join(f"'/{field}'" for field in strange)
        return Run(known.bad_input(f"Additional or unevaluated properties {named} at '/' not allowed", number))
    if "query" in body:
        return ranked(model, body, number)
    given = next((body[field] for field in ("text", "queries", "documents") if field in body), None)
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        return Run(known.bad_input("required properties at '/' are 'text'", number))
    if len(texts) > model.most_texts:
        return Run(known.bad_input(f"'/text' has more than {model.most_texts} items", number))
    pooling = body.get("pooling", model.pooling)
    if pooling not in {model.pooling, "cls", "mean"}:
        return Run(known.bad_input("'/pooling' must be one of 'mean', 'cls'", number))
    tokens = sum(map(tokens_in, texts))
    if model.most_tokens and tokens > model.most_tokens:
        return Run(known.too_many(tokens, model.most_tokens), too_large=True)
    data = [numbers(text[: MOST_READ * 4], model.dimensions, f"{name} {pooling}") for text in texts]
    result = {"shape": [len(texts), model.dimensions], "data": data, "pooling": pooling}
    return Run(result=result, neurons=tokens * model.neurons_in / MILLION)


def embedded_openai(name: str, model: WorkersModel, body: Mapping[str, Any], number: str) -> Run:
    """The vectors in OpenAI's form, which has no pooling: the model's own."""
    run = embedded(name, model, {"text": body.get("input")}, number)
    if run.problem:
        return run
    data = [{"object": "embedding", "embedding": row, "index": place} for place, row in enumerate(run.result["data"])]
    tokens = sum(map(tokens_in, strings_in(body.get("input"))))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return Run(result={"object": "list", "data": data, "model": name, "usage": usage}, neurons=run.neurons)


def ranked(model: WorkersModel, body: Mapping[str, Any], number: str) -> Run:
    """How near each context is to the query, nearest first."""
    query, contexts = body.get("query"), body.get("contexts")
    if not isinstance(query, str) or not isinstance(contexts, list) or not contexts:
        return Run(known.bad_input("required properties at '/' are 'query,contexts'", number))
    asked = vector(query, 256, "rank")
    scores = [float(asked @ vector(str(context.get("text", "")), 256, "rank")) for context in contexts]
    rows = [{"id": place, "score": round(min(1.0, max(0.0, score)), 4)} for place, score in enumerate(scores)]
    rows.sort(key=lambda row: -row["score"])
    tokens = sum(map(tokens_in, strings_in(dict(body))))
    return Run(result={"response": rows[: body.get("top_k")]}, neurons=tokens * model.neurons_in / MILLION)


def felt(model: WorkersModel, body: Mapping[str, Any], number: str) -> Run:
    """How a text sounds."""
    text = body.get("text")
    if not isinstance(text, str):
        return Run(known.bad_input("Type mismatch of '/text', 'string' expected", number))
    bad = 0.9661 if BAD_WORDS.search(text) else 0.2211
    result = [{"label": "NEGATIVE", "score": bad}, {"label": "POSITIVE", "score": round(1 - bad, 4)}]
    return Run(result=result, neurons=tokens_in(text) * model.neurons_in / MILLION)
