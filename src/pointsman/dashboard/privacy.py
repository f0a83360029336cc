"""A decision for eyes that may not read what people said: its tiers and numbers, without their words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pointsman.core.decision import Abstain, Answer, Decision, Evidence, Verdict
from pointsman.core.reply import ToolUse

HIDDEN: Final = "…"
# Reasons quote the message, or one that it is like: up to the last sign, as there are quotes in quotes.
QUOTED: Final = re.compile(r"\"[^\n]*\"|'[^\n]*'|“[^\n]*”|«[^\n]*»")
THEIRS: Final = frozenset({"correction", "utterance"})
"""The evidence that may be what somebody wrote: a message that was corrected, or an utterance of their own."""

Veil = Callable[[str], str]


def without_words(decision: Decision, veil: Veil) -> Decision:
    """The decision without what was said; `veil` says what stands for a text."""
    return replace(
        decision,
        trace=tuple(replace(line, verdict=verdict_without(line.verdict, veil)) for line in decision.trace),
        slots={name: HIDDEN if isinstance(value, str) else value for name, value in decision.slots.items()},
    )


def verdict_without(verdict: Verdict, veil: Veil) -> Verdict:
    """What a tier said."""
    if isinstance(verdict, Answer):
        return answer_without(verdict, veil)
    leaning = answer_without(verdict.leaning, veil) if verdict.leaning else None
    return Abstain(unquoted(verdict.reason), leaning, verdict.signals)


def answer_without(answer: Answer, veil: Veil) -> Answer:
    """A choice, with what it points at."""
    evidence = tuple(veiled(item, veil) for item in answer.evidence)
    return replace(answer, reason=unquoted(answer.reason), evidence=evidence, slots={})


def veiled(item: Evidence, veil: Veil) -> Evidence:
    """One thing that a tier points at."""
    return replace(item, text=veil(item.text) or HIDDEN) if item.kind in THEIRS else item


def unquoted(reason: str) -> str:
    """A reason without what it quotes."""
    return QUOTED.sub(f"“{HIDDEN}”", reason)


def use_without(use: ToolUse) -> ToolUse:
    """A call of a tool: which one, and what became of it."""
    return replace(use, call=replace(use.call, arguments={}), text="", sources=())
