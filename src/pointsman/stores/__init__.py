"""Where decisions and what became of them are kept: on disk (sqlite), or while the process lives (memory)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pointsman.core.decision import Decision
from pointsman.core.errors import InvalidInput, UnknownDecision
from pointsman.core.reply import Done, Failed, ToolUse

LISTED_MATCHES: Final = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision.

    `model` answered ("" when none was loaded), in `seconds`; the token counts are the model's
    own. `error` and `code` are empty unless the reply broke off. `at` is seconds since the epoch. `uses` are the tools
    that were called.
    """

    at: float
    model: str = ""
    seconds: float = 0.0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""
    code: str = ""
    uses: tuple[ToolUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One decision as a list shows it; `text` is None when it is not kept, `outcome` while it is open."""

    decision: Decision
    text: str | None
    surface: str
    outcome: Outcome | None


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
