"""Where decisions and what became of them are kept: on disk (sqlite), or while the process lives (memory)."""

from __future__ import annotations

from typing import Final

from pointsman.core.errors import InvalidInput, UnknownDecision
from pointsman.core.record import Outcome, Row
from pointsman.core.reply import Done, Failed

__all__ = ["LISTED_MATCHES", "Outcome", "Row", "ambiguous", "outcome_of", "unknown"]

LISTED_MATCHES: Final = 5


def outcome_of(event: Done | Failed, at: float) -> Outcome:
    """The last event of a reply, as it is recorded."""
    match event:
        case Done():
            return Outcome(
                at, event.model, event.seconds, event.prompt_tokens, event.completion_tokens, uses=event.uses
            )
        case Failed():
            return Outcome(at, error=event.cause, code=event.code, uses=event.uses)


def unknown(decision_id: str) -> UnknownDecision:
    """The error for an id that no decision has."""
    if not decision_id:
        return UnknownDecision("no decision has been recorded yet", cure="make one: pointsman route 'draw me a cat'")
    return UnknownDecision(
        f"no decision is recorded under {decision_id[:64]!r}",
        cure="use the id that `pointsman route` printed, or none for the latest decision",
    )


def ambiguous(prefix: str, matches: list[str], total: int) -> InvalidInput:
    """The error for the beginning of several ids; `matches` are the first of `total`."""
    more = ", ..." if total > len(matches) else ""
    return InvalidInput(
        f"{total} decisions begin with {prefix[:64]!r}: {', '.join(matches)}{more}", cure="give more of the id"
    )
