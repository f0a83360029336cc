"""Decision models: typed questions about a state, and a probability for each answer.

Cloudflare serves this format, Ollama (0.35 and later) and OpenRouter too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.testing.clouds.asked import tokens_in
from pointsman.testing.clouds.deciding import Decide, shares_of

MOST_QUESTIONS: Final = 64
OPTIONS: Final[Mapping[str, tuple[int, int]]] = {"choice": (2, 255), "score": (2, 10)}
# The tokens around a question that is as short as can be.
AROUND: Final = 380


def problem_in(body: Mapping[str, Any]) -> str:
    """What is wrong with a request; "" for nothing."""
    questions = body.get("questions")
    if not isinstance(body.get("state"), str) or not body["state"]:
        return "state must be a non-empty value"
    if not isinstance(questions, dict) or not 1 <= len(questions) <= MOST_QUESTIONS:
        return f"questions must have between 1 and {MOST_QUESTIONS} entries"
    problems = (question_problem(name, question) for name, question in questions.items())
    return next((problem for problem in problems if problem), "")


def question_problem(name: str, question: Any) -> str:
    """What is wrong with a question; "" for nothing."""
    at = f"questions.{name}"
    if not isinstance(question, dict) or question.get("type") not in {"choice", "noul", "score"}:
        return f"{at}.type must be one of choice, noul, score"
    if not isinstance(question.get("instructions"), str) or not question["instructions"].strip():
        return f"{at}.instructions must be a non-empty value"
    if question["type"] == "noul":
        return ""
    least, most = OPTIONS[question["type"]]
    criteria = question.get("criteria")
    if not isinstance(criteria, dict | list) or not least <= len(criteria) <= most:
        return f"{at}.criteria must have between {least} and {most} options"
    descriptions = criteria.values() if isinstance(criteria, dict) else criteria
    if not all(text is None or isinstance(text, str) for text in descriptions):
        return f"{at}.criteria must be descriptions"
    return ""


def tokens_of(body: Mapping[str, Any]) -> int:
    """About how many tokens a request has."""
    return AROUND + tokens_in(str(body.get("state", ""))) + tokens_in(json.dumps(body.get("questions", "")))


def answered(body: Mapping[str, Any], decide: Decide) -> dict[str, Any]:
    """The answer to each question. Raises ValueError where `decide` says what is no option."""
    return {name: answer_to(body["state"], question, decide) for name, question in body["questions"].items()}


def answer_to(state: str, question: Mapping[str, Any], decide: Decide) -> dict[str, Any]:
    """The answer to a question."""
    kind = question["type"]
    options: Sequence[str] = ("yes", "no") if kind == "noul" else [str(name) for name in question["criteria"]]
    shares = {name: round(share, 4) for name, share in shares_of(decide(state, options), options).items()}
    best = max(shares, key=lambda name: shares[name])
    if kind == "noul":
        return {"type": kind, "probability": shares["yes"], "confidence": certainty(shares)}
    return {"type": kind, kind: best, "probabilities": shares, "confidence": certainty(shares)}


def certainty(shares: Mapping[str, float]) -> float:
    """How far from even the probabilities are: 0 for even, 1 for a sure one."""
    entropy = -sum(share * math.log(share) for share in shares.values() if share > 0)
    return round(max(0.0, 1 - entropy / math.log(len(shares))), 4)
