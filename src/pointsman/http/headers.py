"""The headers that tell every caller what was decided."""

from __future__ import annotations

from pointsman.core.decision import Decision

LONGEST = 200


def decision_headers(decision: Decision | None) -> dict[str, str]:
    """The x-pointsman headers; none when nothing was decided."""
    if decision is None:
        return {}
    return {
        "x-pointsman-category": token(decision.category),
        "x-pointsman-path": token(decision.path),
        "x-pointsman-tier": token(decision.tier),
        "x-pointsman-confidence": f"{decision.confidence:.4f}",
        "x-pointsman-decision-id": token(decision.id),
    }


def token(text: str) -> str:
    """`text` as a header can carry it: printable ASCII."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text[:LONGEST])
