"""What is kept of a decision: itself, its message's text for a while, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from pointsman.core.decision import Decision
from pointsman.core.reply import ToolUse


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
