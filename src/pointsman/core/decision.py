"""What was decided, by whom, how surely, and why: verdicts, their trace, the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pointsman.core.category import Path

Mode = Literal["full", "assist", "shadow"]
"""How far Pointsman is trusted: all tracks, those without a chat model only, or none (decide and log)."""

SESSION: Final = "session"
"""The tier of what goes on with the caller's own tools, and so is not decided anew."""

COMMAND: Final = "command"
"""The tier of what somebody asked for by a command of a surface, of which nothing is guessed."""

SlotValue = str | int
Slots = Mapping[str, SlotValue]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that a tier points at: a pattern that matched, or an utterance that is near."""

    kind: str
    text: str
    category: str
    score: float


@dataclass(frozen=True, slots=True)
class Signal:
    """Something about a message that people should know; it marks the message, and blocks nothing.

    `score`, 0..1, says how sure `source` is. `matched` names what gave it away, in words of the
    source's own, never the message's. `left_out` counts the characters of the message that the
    tiers did not look at because of it.
    """

    name: str
    score: float
    source: str
    matched: tuple[str, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A tier's choice.

    `confidence` is the calibrated probability that the category is right, `path_confidence`
    that at least its path is (the same, unless the tier spread its belief over several
    categories of one path), `margin` the distance to the best category on another path;
    all 0..1. `scores` holds what the tier gave to every category it considered, `signals` what
    was noticed on the way.
    """

    category: str
    confidence: float
    margin: float
    reason: str
    path_confidence: float = -1.0
    scores: Mapping[str, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    slots: Slots = field(default_factory=dict)
    language: str = ""
    signals: tuple[Signal, ...] = ()

    def __post_init__(self) -> None:
        if self.path_confidence < 0:
            object.__setattr__(self, "path_confidence", self.confidence)


@dataclass(frozen=True, slots=True)
class Abstain:
    """A tier's refusal to choose, with the reason.

    `leaning` is what it would have said, `signals` what was noticed on the way.
    """

    reason: str
    leaning: Answer | None = None
    signals: tuple[Signal, ...] = ()


Verdict = Answer | Abstain


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line of a trace: which tier was asked, what it said, and how long it took."""

    tier: str
    verdict: Verdict
    ms: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The track that a message takes, and everything that led to it.

    `tier` names the tier that decided, or "fallback" when every one abstained. `alternatives`
    are the other categories that were considered with their scores, best first. `language`
    is a BCP 47 primary tag. `at` is seconds since the epoch; `latency_ms` milliseconds. `signals`
    mark the message, as an attempt to steer the router, for example. `mode` is how far Pointsman was trusted,
    and `plan` says in a few words what was done, or would be ("" where no plan was made).
    """

    id: str
    category: str
    path: Path
    confidence: float
    tier: str
    trace: tuple[TraceLine, ...]
    slots: Slots = field(default_factory=dict)
    alternatives: tuple[tuple[str, float], ...] = ()
    language: str = "en"
    at: float = 0.0
    latency_ms: float = 0.0
    signals: tuple[Signal, ...] = ()
    mode: Mode = "full"
    plan: str = ""

    @property
    def reason(self) -> str:
        """Why, in the words of the tier that decided."""
        for line in self.trace:
            if line.tier == self.tier and isinstance(line.verdict, Answer):
                return line.verdict.reason
        return "every tier abstained, so the main model answers: a wrong guess costs more than a slow reply"

    def explain(self) -> str:
        """The whole trace as text, one line a tier."""
        lines = [
            f"#{self.id} {self.category} ({self.path}) {self.confidence:.2f} by {self.tier} in {self.latency_ms:.1f} ms"
        ]
        lines += [explain_signal(signal) for signal in self.signals]
        lines += [explain_line(line) for line in self.trace]
        if self.slots:
            lines.append("  slots: " + ", ".join(f"{name}={value!r}" for name, value in self.slots.items()))
        lines.append(f"  because: {self.reason}")
        if self.plan:
            lines.append(f"  plan: {self.plan}" + ("" if self.mode == "full" else f" [mode: {self.mode}]"))
        return "\n".join(lines)


VISIBLE: Final = 0.005  # of a difference that two decimals show


def explain_line(line: TraceLine) -> str:
    """One line of a trace: the tier, its verdict and its time."""
    match line.verdict:
        case Answer() as answer:
            # The bars are on the path; where several categories of it are likely, the two differ.
            surer = answer.path_confidence - answer.confidence > VISIBLE
            path = f", its path {answer.path_confidence:.2f}" if surer else ""
            said = f"{answer.category} {answer.confidence:.2f}{path}, margin {answer.margin:.2f}: {answer.reason}"
        case Abstain(reason=reason):
            said = f"abstains: {reason}"
    return f"  {line.tier:<11} {line.ms:6.2f} ms  {said}"


def explain_signal(signal: Signal) -> str:
    """A signal in one line: what, how surely, by whom, and what of it."""
    return f"  {signal.name:<11} {signal.score:6.2f} by {signal.source}{details_of(signal)}"


def details_of(signal: Signal) -> str:
    """What gave a signal away, and how much of the message the tiers did not look at because of it."""
    by = f": {', '.join(signal.matched)}" if signal.matched else ""
    return f"{by}; judged without {signal.left_out} of its characters" if signal.left_out else by
