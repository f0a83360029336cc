"""Happenings for tests of those who watch."""

from __future__ import annotations

from typing import Any

from pointsman.core.correction import Correction
from pointsman.core.decision import Abstain, Answer, Decision, TraceLine, Verdict
from pointsman.core.happening import Ended, Happening, Leased, Made, Relayed, Reloaded, Taught, Went
from pointsman.core.message import Message, Origin, ToolCall
from pointsman.core.reply import Done, Failed, Text, ToolUse

UNSURE = Abstain("general_chat 0.62 < 0.92, words", Answer("general_chat", 0.62, 0.3, "words"))
SURE = Answer("general_chat", 0.97, 0.9, "near to what is known")


def line(tier: str, verdict: Verdict, ms: float = 1.0) -> TraceLine:
    return TraceLine(tier, verdict, ms)


def decided(decision_id: str = "d1", **given: Any) -> Decision:
    trace = (line("fast", UNSURE, 0.2), line("neighbours", SURE, 3.0))
    known: dict[str, Any] = {"category": "general_chat", "path": "llm", "confidence": 0.97, "tier": "neighbours"}
    return Decision(**{"id": decision_id, "trace": trace, **known, **given})


def message(text: str = "tell me of the sea", **origin: Any) -> Message:
    return Message(text, origin=Origin(**{"surface": "http", **origin}))


def made(decision: Decision | None = None, said: Message | None = None, *, only: bool = False) -> Made:
    return Made(decision or decided(), said or message(), 0.004, only)


def done(model: str = "main", **given: Any) -> Done:
    return Done(None, **{"model": model, "seconds": 2.0, "prompt_tokens": 11, "completion_tokens": 40, **given})


def ended(outcome: Done | Failed | None = None, said: Message | None = None, **given: Any) -> Ended:
    decision = given.pop("decision", None) or decided()
    return Ended(decision, said or message(), outcome or done(), **{"seconds": 2.5, "first": 0.5, **given})


def used(name: str = "web_search", state: Any = "done", seconds: float = 0.8) -> ToolUse:
    return ToolUse(ToolCall(name, {"query": "a secret wish"}, "call-1"), state, "what was found", seconds)


def everything() -> tuple[Happening, ...]:
    """One happening of each kind."""
    correction = Correction("c1", "a text", "web_search", "general_chat")
    relayed = Relayed("main", "/api/chat", 200, 0.25)
    said = (made(), Went(decided(), Text("words"), 1.0), Went(decided(), used(), 1.0), ended())
    return (*said, relayed, Taught(correction), Leased("chat", "main", 0.1), Reloaded(("models",)))
