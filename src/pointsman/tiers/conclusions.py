"""What a trace comes to beside its last answer: the signals, what each category was given, and when nothing is left."""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.core.decision import Answer, Signal, TraceLine
from pointsman.tiers.watch import Watched


def nothing_left(category: str, watched: Watched) -> Answer:
    """The answer to a message that only tries to steer the router."""
    score = max(signal.score for signal in watched.signals)
    return Answer(category, score, score, "it asks for nothing else than to be steered", scores={category: score})


def signals_of(watched: Watched, trace: Sequence[TraceLine]) -> tuple[Signal, ...]:
    """What was noticed about a message, by the watch and on the way through the tiers; each thing once."""
    found = [*watched.signals]
    for line in trace:
        found += line.verdict.signals
    return tuple(dict.fromkeys(found)) if found else ()


def scores_of(trace: Sequence[TraceLine]) -> dict[str, float]:
    """What the last tier that had an opinion gave to each category."""
    for line in reversed(trace):
        answer = line.verdict if isinstance(line.verdict, Answer) else line.verdict.leaning
        if answer is not None:
            return dict(answer.scores) or {answer.category: answer.confidence}
    return {}
