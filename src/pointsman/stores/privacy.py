"""What is left of a decision when the text of its message is not kept."""

from __future__ import annotations

from dataclasses import replace

from pointsman.core.decision import Abstain, Answer, Decision, Slots, SlotValue, TraceLine

MASK = "***"
NOT_KEPT = "(not kept, like the message's text)"


def without_text(decision: Decision) -> Decision:
    """The decision with nothing in it that this message, or another, said.

    Categories, numbers, times, tiers and evidence (the catalogue's own words) stay, but not the
    texts of corrections, which are other messages. Slots that hold text are cut out of the
    message, so each becomes "***". A reason may quote the message, or a remote service's echo of
    it, so all reasons go: a list of safe ones would be wrong the day a tier changes its wording.
    """
    return replace(decision, slots=masked(decision.slots), trace=tuple(bare_line(line) for line in decision.trace))


def bare_line(line: TraceLine) -> TraceLine:
    """A line of a trace without its reason and its slots' texts."""
    match line.verdict:
        case Answer() as answer:
            return replace(line, verdict=bare_answer(answer))
        case Abstain(leaning=leaning):
            return replace(line, verdict=Abstain(NOT_KEPT, None if leaning is None else bare_answer(leaning)))


def bare_answer(answer: Answer) -> Answer:
    """An answer without its reason, its slots' texts, and the texts of corrections."""
    evidence = tuple(replace(it, text=MASK) if it.kind == "correction" else it for it in answer.evidence)
    return replace(answer, reason=NOT_KEPT, slots=masked(answer.slots), evidence=evidence)


def masked(slots: Slots) -> dict[str, SlotValue]:
    """Slots whose texts are hidden; numbers (size, count, seed) stay."""
    return {name: MASK if isinstance(value, str) else value for name, value in slots.items()}
