"""The one JSON form of a decision: the store, the command line, the gateway and the page all speak it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, cast, get_args

from pointsman.core.category import Path
from pointsman.core.decision import Abstain, Answer, Decision, Evidence, Mode, Signal, SlotValue, TraceLine
from pointsman.core.errors import InvalidInput
from pointsman.core.message import without_surrogates

PATHS: Final = frozenset(get_args(Path))
MODES: Final = frozenset(get_args(Mode))

# Probabilities to 4 digits, times to the microsecond: what a reader can use, and what floats agree on.
SHARE_DIGITS: Final = 4
TIME_DIGITS: Final = 3


def decision_to_dict(decision: Decision) -> dict[str, Any]:
    """A decision as data that any JSON encoder takes.

    Probabilities (0..1) are rounded to 4 digits and milliseconds to 3; numbers that JSON cannot
    hold (NaN, infinities) become 0, and lone surrogates U+FFFD. In a trace line, the keys of an
    answer are absent when the tier abstained; `scores`, `slots`, `language` and `signals` are absent
    when the tier gave none, `leaning` when it leaned nowhere.
    """
    return {
        "id": without_surrogates(decision.id),
        "category": without_surrogates(decision.category),
        "path": decision.path,
        "confidence": share(decision.confidence),
        "tier": without_surrogates(decision.tier),
        "slots": slots_to_dict(decision.slots),
        "latency_ms": rounded(decision.latency_ms, TIME_DIGITS),
        "language": without_surrogates(decision.language),
        "alternatives": [
            {"category": without_surrogates(name), "score": share(score)} for name, score in decision.alternatives
        ],
        "reason": without_surrogates(decision.reason),
        "at": rounded(decision.at, TIME_DIGITS),
        "trace": [line_to_dict(line) for line in decision.trace],
        "signals": [signal_to_dict(signal) for signal in decision.signals],
        "mode": decision.mode,
        "plan": without_surrogates(decision.plan),
    }


def bulk_line(message_id: object, decision: Decision) -> dict[str, Any]:
    """A decision as one line of bulk classification; `message_id` is the caller's own, unchanged."""
    return {
        "id": message_id,
        "category": without_surrogates(decision.category),
        "path": decision.path,
        "confidence": share(decision.confidence),
        "tier": without_surrogates(decision.tier),
        "latency_ms": rounded(decision.latency_ms, TIME_DIGITS),
        "slots": slots_to_dict(decision.slots),
    }


def decision_from_dict(data: Mapping[str, Any]) -> Decision:
    """The decision that `decision_to_dict` wrote. Keys it does not know are passed over. Raises InvalidInput."""
    try:
        return Decision(
            id=text(data["id"]),
            category=text(data["category"]),
            path=known_path(data["path"]),
            confidence=number(data["confidence"]),
            tier=text(data["tier"]),
            trace=tuple(line_from_dict(line) for line in data["trace"]),
            slots=slots_from_dict(data["slots"]),
            alternatives=tuple((text(other["category"]), number(other["score"])) for other in data["alternatives"]),
            language=text(data["language"]),
            at=number(data["at"]),
            latency_ms=number(data["latency_ms"]),
            signals=signals_from(data),
            mode=known_mode(data.get("mode", "full")),
            plan=text(data.get("plan", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise InvalidInput(
            f"this is not a decision: {what}", cure="give the JSON that `pointsman route TEXT --json` prints"
        ) from error


def signal_to_dict(signal: Signal) -> dict[str, Any]:
    """What marks the message."""
    return {
        "name": without_surrogates(signal.name),
        "score": share(signal.score),
        "source": without_surrogates(signal.source),
        "matched": [without_surrogates(name) for name in signal.matched],
        "left_out": signal.left_out,
    }


def signal_from_dict(data: Mapping[str, Any]) -> Signal:
    """The signal that `signal_to_dict` wrote."""
    return Signal(
        name=text(data["name"]),
        score=number(data["score"]),
        source=text(data["source"]),
        matched=tuple(text(name) for name in data["matched"]),
        left_out=int(number(data["left_out"])),
    )


def signals_from(data: Mapping[str, Any]) -> tuple[Signal, ...]:
    """The signals in a decision or a verdict; records from before there were any hold none."""
    return tuple(signal_from_dict(signal) for signal in data.get("signals", ()))


def line_to_dict(line: TraceLine) -> dict[str, Any]:
    """One line of a trace."""
    head: dict[str, Any] = {"tier": without_surrogates(line.tier)}
    tail = {"ms": rounded(line.ms, TIME_DIGITS)}
    match line.verdict:
        case Answer() as answer:
            return head | {"verdict": "answer"} | answer_to_dict(answer) | tail
        case Abstain(reason=reason, leaning=leaning, signals=signals):
            said: dict[str, Any] = {"verdict": "abstain", "reason": without_surrogates(reason), "evidence": []}
            if signals:
                said["signals"] = [signal_to_dict(signal) for signal in signals]
            if leaning is not None:
                said["leaning"] = answer_to_dict(leaning)
            return head | said | tail


def line_from_dict(data: Mapping[str, Any]) -> TraceLine:
    """The line of a trace that `line_to_dict` wrote."""
    verdict: Answer | Abstain
    match data["verdict"]:
        case "answer":
            verdict = answer_from_dict(data)
        case "abstain":
            leaning = data.get("leaning")
            leant = None if leaning is None else answer_from_dict(leaning)
            verdict = Abstain(text(data["reason"]), leant, signals_from(data))
        case other:
            raise ValueError(f"unknown verdict {other!r}")
    return TraceLine(text(data["tier"]), verdict, number(data["ms"]))


def answer_to_dict(answer: Answer) -> dict[str, Any]:
    """What a tier said, or leaned to."""
    data: dict[str, Any] = {
        "category": without_surrogates(answer.category),
        "confidence": share(answer.confidence),
        "path_confidence": share(answer.path_confidence),
        "margin": share(answer.margin),
        "reason": without_surrogates(answer.reason),
        "evidence": [
            {
                "kind": without_surrogates(item.kind),
                "text": without_surrogates(item.text),
                "category": without_surrogates(item.category),
                "score": share(item.score),
            }
            for item in answer.evidence
        ],
    }
    if answer.scores:
        data["scores"] = {without_surrogates(name): share(score) for name, score in answer.scores.items()}
    if answer.slots:
        data["slots"] = slots_to_dict(answer.slots)
    if answer.language:
        data["language"] = without_surrogates(answer.language)
    if answer.signals:
        data["signals"] = [signal_to_dict(signal) for signal in answer.signals]
    return data


def answer_from_dict(data: Mapping[str, Any]) -> Answer:
    """The answer that `answer_to_dict` wrote."""
    return Answer(
        category=text(data["category"]),
        confidence=number(data["confidence"]),
        margin=number(data["margin"]),
        reason=text(data["reason"]),
        path_confidence=number(data["path_confidence"]),
        scores={text(name): number(score) for name, score in data.get("scores", {}).items()},
        evidence=tuple(
            Evidence(text(item["kind"]), text(item["text"]), text(item["category"]), number(item["score"]))
            for item in data["evidence"]
        ),
        slots=slots_from_dict(data.get("slots", {})),
        language=text(data.get("language", "")),
        signals=signals_from(data),
    )


def slots_to_dict(slots: Mapping[str, SlotValue]) -> dict[str, SlotValue]:
    """Slots by name, in their order."""
    return {
        without_surrogates(name): without_surrogates(value) if isinstance(value, str) else value
        for name, value in slots.items()
    }


def slots_from_dict(data: Mapping[str, Any]) -> dict[str, SlotValue]:
    """The slots that `slots_to_dict` wrote."""
    for name, value in data.items():
        if not isinstance(value, str | int):
            raise TypeError(f"slot {name!r} is neither text nor a whole number: {value!r}")
    return dict(data)


def known_path(value: object) -> Path:
    """`value`, which must be a path."""
    if value not in PATHS:
        raise ValueError(f"unknown path {value!r}")
    return cast("Path", value)


def known_mode(value: object) -> Mode:
    """`value`, which must be a mode; records from before there were any are of the full one."""
    if value not in MODES:
        raise ValueError(f"unknown mode {value!r}")
    return cast("Mode", value)


def share(value: float) -> float:
    """A probability or score as it is written."""
    return rounded(value, SHARE_DIGITS)


def rounded(value: float, digits: int) -> float:
    """`value` as a float that JSON can hold; 0 for what it cannot."""
    return round(float(value), digits) if math.isfinite(value) else 0.0


def text(value: object) -> str:
    """`value`, which must be text."""
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {value!r}")
    return value


def number(value: object) -> float:
    """`value`, which must be a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"expected a number, not {value!r}")
    return float(value)
