"""The headers that tell every caller what was decided, and to those who ask for it, why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pointsman.core.decision import Answer, Decision, TraceLine

LONGEST: Final = 200
# Proxies take some 8 kB of headers in all; a dozen of these stay far below that.
LONGEST_DEBUG: Final = 600
DEBUG: Final = "x-pointsman-debug"
YES: Final = frozenset({"1", "true", "yes", "on"})


def reply_headers(
    decision: Decision | None,
    request_headers: Mapping[str, str],
    *,
    plan: str = "",
    mode: str = "",
    leased: str = "",
) -> dict[str, str]:
    """The x-pointsman headers of a reply; more of them for a caller who sends `x-pointsman-debug: 1`.

    `plan` and `mode` are the decision's own unless they are given; `leased` says in words which model has the card and
    how long that was waited for, where it is known before the first byte. None when nothing was decided.
    """
    headers = decision_headers(decision)
    if decision is None or request_headers.get(DEBUG, "").strip().lower() not in YES:
        return headers
    more = {
        "mode": mode or decision.mode,
        "plan": plan or decision.plan,
        "reason": decision.reason,
        "alternatives": ", ".join(f"{name} {score:.2f}" for name, score in decision.alternatives),
        "tiers": "; ".join(tier_in_words(line) for line in decision.trace),
        "latency-ms": f"{decision.latency_ms:.2f}",
        "language": decision.language,
        "signals": ", ".join(f"{it.name} {it.score:.2f}" for it in decision.signals),
        "lease": leased,
    }
    return headers | {f"x-pointsman-{name}": token(text, LONGEST_DEBUG) for name, text in more.items() if text}


def decision_headers(decision: Decision | None) -> dict[str, str]:
    """The x-pointsman headers that every reply has; none when nothing was decided."""
    if decision is None:
        return {}
    headers = {
        "x-pointsman-category": token(decision.category),
        "x-pointsman-path": token(decision.path),
        "x-pointsman-tier": token(decision.tier),
        "x-pointsman-confidence": f"{decision.confidence:.4f}",
        "x-pointsman-decision-id": token(decision.id),
    }
    if decision.mode != "full":  # then the track above is not the one that was taken
        headers["x-pointsman-mode"] = token(decision.mode)
        headers["x-pointsman-plan"] = token(decision.plan)
    return headers


def tier_in_words(line: TraceLine) -> str:
    """A tier with its verdict and its time in milliseconds, in a few characters."""
    verdict = line.verdict
    said = f"{verdict.category} {verdict.confidence:.2f}" if isinstance(verdict, Answer) else "abstains"
    return f"{line.tier} {said} {line.ms:.2f}"


def token(text: str, longest: int = LONGEST) -> str:
    """`text` as a header can carry it: printable ASCII, and no blanks at its ends."""
    text = text[:longest]
    if not (text.isascii() and text.isprintable()):
        text = "".join(letter if " " <= letter <= "~" else "?" for letter in text)
    return text.strip()
