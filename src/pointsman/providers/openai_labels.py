"""A question as servers take it that speak OpenAI's language, and the label in their answer.

Nothing is sent here, and nothing in the package asks yet: it is what a tier that asks a server puts the judge on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pointsman.core.errors import ModelFailed
from pointsman.tiers.judge import Choice
from pointsman.tiers.question import Question

# Room for {"label": "..."} and, with models that think first, for a short thought.
MOST_TOKENS: Final = 256
WARMTH: Final = 0.7
AFTER_LABEL: Final = '"} \n'  # may be in the label's last token
STRAYED: Final = "name another model: this one does not keep to the schema"


def request_for(
    question: Question,
    model: str,
    *,
    sample: int = 0,
    strict: bool = True,
    logprobs: bool = False,
    most_tokens: str = "max_tokens",
) -> dict[str, Any]:
    """The body of a chat completion whose only possible answer is {"label": one of the candidates}.

    `strict` says "strict": true, which some servers refuse; `logprobs` asks for the labels' probabilities, which
    Groq and Ollama refuse; `most_tokens` is what the server calls the limit on generated tokens.
    """
    request: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": "system", "content": question.prefix},
            {"role": "user", "content": f"{question.shown}Message: {question.text}\n\n{ending(question.candidates)}"},
        ],
        "temperature": WARMTH if sample else 0,
        most_tokens: MOST_TOKENS,
        "response_format": {"type": "json_schema", "json_schema": schema_of(question.candidates, strict=strict)},
    }
    if sample:
        request["seed"] = sample
    if logprobs:
        request |= {"logprobs": True, "top_logprobs": 20}
    return request


def ending(candidates: Iterable[str]) -> str:
    """What stands behind the message, so that no instruction in it has the last word."""
    return f'Which label fits the message? Answer with JSON, {{"label": ...}}, one of: {", ".join(candidates)}.'


def schema_of(candidates: Sequence[str], *, strict: bool) -> dict[str, Any]:
    """The schema that only the candidates fit."""
    schema = {
        "type": "object",
        "properties": {"label": {"type": "string", "enum": list(candidates)}},
        "required": ["label"],
        "additionalProperties": False,
    }
    return {"name": "label", "schema": schema} | ({"strict": True} if strict else {})


def choice_of(body: Any, candidates: Sequence[str]) -> Choice:
    """The label in a chat completion, with the candidates' probabilities when the server gave them.

    Raises ModelFailed when there is none, or it is no candidate: not every server enforces a schema.
    """
    try:
        first = body["choices"][0]
        content = first["message"]["content"]
        cut = first.get("finish_reason") == "length"
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ModelFailed("the reply is no chat completion", cure="check the address of the server") from None
    if not isinstance(content, str) or not content.strip():
        raise ModelFailed("the model used up its tokens" if cut else "the model said nothing", cure=STRAYED)
    label = label_in(content)
    if label not in candidates:
        raise ModelFailed(f"the model said {content.strip()[:80]!r}, which is no candidate", cure=STRAYED)
    return Choice(label, shares_of(first.get("logprobs"), label, candidates))


def label_in(content: str) -> str:
    """The only string of a JSON object, or the text itself; "" when it is other JSON."""
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return content.strip().strip('"')
    values = list(said.values()) if isinstance(said, dict) else [said]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else ""


def shares_of(logprobs: Any, label: str, candidates: Sequence[str]) -> dict[str, float]:
    """The candidates' probabilities from the tokens that spelled the label, and those that could have stood there.

    At each token, the chance of one that would have led elsewhere goes to the candidates that it leads to, in equal
    parts. Empty when the tokens do not tell.
    """
    try:
        tokens = [(str(token["token"]), alternatives_of(token)) for token in logprobs["content"]]
    except (KeyError, TypeError, ValueError, AttributeError):
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
    return {name: share / sum(shares.values()) for name, share in shares.items()}


def alternatives_of(token: Mapping[str, Any]) -> dict[str, float]:
    """The probabilities, 0..1, of a token and of the others that could have stood in its place."""
    found = {str(other["token"]): math.exp(float(other["logprob"])) for other in token.get("top_logprobs") or ()}
    return found | {str(token["token"]): math.exp(float(token["logprob"]))}
