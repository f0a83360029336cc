"""A question as servers take it that speak OpenAI's language, and the label in their answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.core.faults import Format
from pointsman.providers.remote.reading import Source, at
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

# Room for {"label": "..."} and, with models that think first, for a short thought.
MOST_TOKENS: Final = 256
WARMTH: Final = 0.7
AFTER_LABEL: Final = '"} \n'  # may be in the label's last token
# What models put around a label that they were to say alone: their thoughts, a fence, marks.
THOUGHT: Final = "</think>"
FENCE: Final = "```"
MARKS: Final = " \t\r\n\"'`*.:"
MOST_SAID: Final = 20_000
MOST_TOLD: Final = 1000  # tokens whose probabilities are looked at


def request_for(
    question: Question,
    model: str,
    *,
    sample: int = 0,
    form: Format = "json_schema",
    strict: bool = True,
    logprobs: bool = False,
    most_tokens: str = "max_tokens",
) -> dict[str, Any]:
    """The body of a chat completion that is answered with {"label": one of the candidates}, or with the label alone.

    Only `form` json_schema keeps a model to the candidates; text asks for the label alone. `strict` says "strict":
    true, which some servers refuse; `logprobs` asks for the labels' probabilities, which Groq and Ollama refuse;
    `most_tokens` is what the server calls the limit on generated tokens.
    """
    request: dict[str, Any] = {
        "model": model,
        "messages": messages_for(question, form),
        "temperature": WARMTH if sample else 0,
        most_tokens: MOST_TOKENS,
    }
    if form == "json_schema":
        request["response_format"] = {"type": form, "json_schema": named_schema(question.candidates, strict=strict)}
    elif form == "json_object":
        request["response_format"] = {"type": form}
    if sample:
        request["seed"] = sample
    if logprobs:
        request |= {"logprobs": True, "top_logprobs": 20}
    return request


def messages_for(question: Question, form: Format) -> list[dict[str, str]]:
    """What is said to the model: the constant part, then the examples, the message, and what is wanted."""
    ending = ENDINGS[form].format(", ".join(question.candidates))
    return [
        {"role": "system", "content": question.prefix},
        {"role": "user", "content": f"{question.shown}Message: {question.text}\n\n{ending}"},
    ]


# Stands behind the message, so that no instruction in it has the last word. Servers refuse JSON mode unless a message
# names it.
AS_JSON: Final = 'Which label fits the message? Answer with JSON, {{"label": ...}}, one of: {}.'
ENDINGS: Final[Mapping[Format, str]] = {
    "json_schema": AS_JSON,
    "json_object": AS_JSON,
    "text": "Which label fits the message? Answer with nothing but the label, one of: {}.",
}


def named_schema(candidates: Sequence[str], *, strict: bool) -> dict[str, Any]:
    """The schema that only the candidates fit, with the name that OpenAI's language wants."""
    return {"name": "label", "schema": schema_of(candidates)} | ({"strict": True} if strict else {})


def schema_of(candidates: Sequence[str]) -> dict[str, Any]:
    """The schema that only the candidates fit."""
    return {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": list(candidates)}},
        "required": ["label"],
        "additionalProperties": False,
    }


def choice_of(body: object, candidates: Sequence[str], source: Source) -> Choice:
    """The label in a chat completion, with the candidates' probabilities when the server gave them.

    Raises ServiceFailed (malformed) when there is none, or it is no candidate: not every server enforces a schema.
    """
    first = at(body, "choices", 0)
    if not isinstance(at(first, "message"), dict):
        raise source.unusable("the answer is no chat completion", retry=False)
    cut = at(first, "finish_reason") == "length"
    label = label_among(at(first, "message", "content"), candidates, source, cut=cut)
    return Choice(label, shares_of(at(first, "logprobs"), label, candidates))


def label_among(content: object, candidates: Sequence[str], source: Source, *, cut: bool = False) -> str:
    """The candidate that was said: as text, as JSON, or in the parts of either. Raises ServiceFailed (malformed)."""
    if isinstance(content, list):
        content = "".join(text for part in content if isinstance(text := at(part, "text"), str))
    if not content or (isinstance(content, str) and not content.strip()):
        raise source.unusable("used up its tokens before it answered" if cut else "said nothing")
    said = label_in(content) if isinstance(content, str) else only_text(content)
    alike = {name.casefold(): name for name in candidates}
    label = said if said in candidates else alike.get(said.casefold())
    if label is None:
        raise source.unusable("said something that is no candidate", retry=False)
    return label


def label_in(content: str) -> str:
    """The only text of a JSON object, or the text itself without what models put around it; "" for other JSON."""
    content = content[-MOST_SAID:].rpartition(THOUGHT)[2].strip()
    if content.startswith(FENCE):
        content = content.removesuffix(FENCE).removeprefix(FENCE).strip().removeprefix("json").strip()
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return content.strip(MARKS)
    return only_text(said)


def only_text(said: object) -> str:
    """The text that JSON is, or that is the only value in it; "" otherwise."""
    values = list(said.values()) if isinstance(said, dict) else [said]
    return values[0].strip() if len(values) == 1 and isinstance(values[0], str) else ""


def shares_of(logprobs: Any, label: str, candidates: Sequence[str]) -> dict[str, float]:
    """The candidates' probabilities from the tokens that spelled the label, and those that could have stood there.

    At each token, the chance of one that would have led elsewhere goes to the candidates that it leads to, in equal
    parts. Empty when the tokens do not tell.
    """
    try:
        tokens = [(str(token["token"]), alternatives_of(token)) for token in logprobs["content"][:MOST_TOLD]]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return {}
    text = "".join(token for token, _ in tokens)
    start = text.rfind(label)
    if start < 0:
        return {}
    shares = dict.fromkeys(candidates, 0.0)
    so_far, place = 1.0, 0
    for token, alternatives in tokens:
        if start - len(token) < place < start + len(label):
            lead = text[place:start]  # a quotation mark, when the label's first token holds one
            spelt = text[start:place]
            for other, chance in alternatives.items():
                would_be = spelt + other.removeprefix(lead).rstrip(AFTER_LABEL)
                led = [name for name in candidates if name.startswith(would_be)]
                if other != token and other.startswith(lead) and would_be != spelt:
                    for name in led:
                        shares[name] += so_far * chance / len(led)
            so_far *= alternatives[token]
        place += len(token)
    shares[label] += so_far
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()} if 0 < total < math.inf else {}


def alternatives_of(token: Mapping[str, Any]) -> dict[str, float]:
    """The probabilities, 0..1, of a token and of the others that could have stood in its place."""
    found = {str(other["token"]): chance_of(other) for other in token.get("top_logprobs") or ()}
    return found | {str(token["token"]): chance_of(token)}


def chance_of(token: Mapping[str, Any]) -> float:
    """A token's probability, 0..1. Raises ValueError for what is none."""
    logprob = float(token["logprob"])
    if math.isnan(logprob):
        raise ValueError("not a number")
    return math.exp(min(0.0, logprob))
