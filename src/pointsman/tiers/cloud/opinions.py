"""What the members said of one message, put together: who backs whom, and whether that is enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pointsman.core.decision import Abstain, Answer, Verdict
from pointsman.tiers.cascade import Bars


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody's answer that was not sure enough by itself; `who` is as the reason calls them."""

    who: str
    answer: Answer


class Opinions:
    """Weighs what one member after the other says; keeps what went wrong and what was too unsure, for the reason.

    Below its bar an answer is backed by every earlier one on the same path, that of the local tiers included: they
    look at words and vectors, and the services each have a model of their own.
    """

    def __init__(self, bars: Bars, side_of: Callable[[str], str], local: Answer | None) -> None:
        self._bars = bars
        self._side_of = side_of
        self._witnesses = [] if local is None else [Witness("the local tiers", local)]
        self._leaning: Answer | None = None
        self._notes: list[str] = []

    def note(self, what: str) -> None:
        """Keeps something for the reason."""
        self._notes.append(what)

    def weigh(self, who: str, answer: Answer) -> Answer | None:
        """The answer when it is sure enough, by itself or with who backs it; otherwise it is kept."""
        weighed = self._bars.weigh(answer)
        if isinstance(weighed, Abstain):
            weighed = self._bars.weigh(backed(answer, self._same_side(answer)))
        if isinstance(weighed, Answer):
            return replace(weighed, reason="; ".join([*self._notes, weighed.reason]))
        self.note(weighed.reason)
        self._witnesses.append(Witness(who, answer))
        leaning = weighed.leaning
        if leaning and (self._leaning is None or leaning.path_confidence > self._leaning.path_confidence):
            self._leaning = leaning
        return None

    def conclusion(self) -> Verdict:
        """What is left when nobody was sure: an abstention with everything that was said, and the likeliest answer."""
        return Abstain("; ".join(self._notes), self._leaning)

    def _same_side(self, answer: Answer) -> list[Witness]:
        side = self._side_of(answer.category)
        return [witness for witness in self._witnesses if self._side_of(witness.answer.category) == side]


def backed(answer: Answer, witnesses: Sequence[Witness]) -> Answer:
    """The answer with others on its path taken in: at least one of independent witnesses is right (noisy-or).

    Only those who name the same category make that one likelier; the others speak for the path alone.
    """
    if not witnesses:
        return answer
    wrong_path, wrong_category = 1 - answer.path_confidence, 1 - answer.confidence
    for witness in witnesses:
        wrong_path *= 1 - witness.answer.path_confidence
        if witness.answer.category == answer.category:
            wrong_category *= 1 - witness.answer.confidence
    by = " and ".join(f"{it.who} ({it.answer.category} {it.answer.path_confidence:.2f})" for it in witnesses)
    return replace(
        answer,
        confidence=min(1 - wrong_category, 1 - wrong_path),
        path_confidence=1 - wrong_path,
        reason=f"{answer.reason}, backed by {by}",
    )
