"""Runs the tiers in order until one is sure; keeps every verdict."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Literal, Protocol, runtime_checkable

from pointsman.core.category import Catalogue
from pointsman.core.decision import COMMAND, Abstain, Answer, Decision, Slots, TraceLine, Verdict
from pointsman.core.language import languages_of
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.tiers.asking import ask, at_once, in_time, is_remote, waited_for
from pointsman.tiers.commands import Heeder, answer_to
from pointsman.tiers.conclusions import nothing_left, scores_of, signals_of
from pointsman.tiers.rehearsal import CONVERSATIONS, OPENING, REHEARSED, STEERING
from pointsman.tiers.votes import Votes
from pointsman.tiers.watch import UNREMARKABLE, Watch, Watched, seen_at_once, seen_by

FALLBACK = "fallback"
# How often the fallback turned out right on messages that nothing learnt from: (16 + 1) / (55 + 2), Laplace's rule.
UNSURE = 0.3

FindSlots = Callable[[str, str, Sequence[str]], Slots]
GoesBy = Literal["letter", "words", "meaning"]


class Tier(Protocol):
    """One way of finding out what a message wants."""

    name: str

    def judge(self, message: Message) -> Verdict | Awaitable[Verdict]:
        """The verdict, or an awaitable of it when somebody else has to be asked.

        Never raises for what a message holds.
        """
        ...


@runtime_checkable
class Keeper(Protocol):
    """A tier that is told what those after it answered, so that it can say it again."""

    def keep(self, message: Message, tier: str, answer: Answer) -> None:
        """Takes the answer that a tier of that name gave to a message."""
        ...


@dataclass(frozen=True, slots=True)
class Bars:
    """How sure a tier must be: `accept`, 0..1, by category where that differs, and the least `margin`, 0..1."""

    accept: float
    by_category: Mapping[str, float] = field(default_factory=dict)
    margin: float = 0.0

    def weigh(self, verdict: Verdict, vote: float = 0.0) -> Verdict:
        """The verdict, or an abstention that says by how much an answer missed the bar.

        `vote` is what earlier tiers gave to the answer's path, 0..1.
        """
        if isinstance(verdict, Abstain):
            return verdict
        bar = self.by_category.get(verdict.category, self.accept)
        answer = supported(verdict, vote) if verdict.path_confidence < bar else verdict
        if answer.path_confidence < bar:
            missed = f"{answer.category} {answer.path_confidence:.2f} < {bar:.2f}"
        elif answer.margin < self.margin:
            missed = f"{answer.category} margin {answer.margin:.2f} < {self.margin:.2f}"
        else:
            return answer
        return Abstain(f"{missed}, {answer.reason}", verdict, verdict.signals)


@dataclass(frozen=True, slots=True)
class Stage:
    """A tier's place in the cascade, and how sure it must be there.

    `accept` is the lowest path confidence that decides, by category with a default; `margin`
    the least distance to the best category on another path. With `votes`, an answer below the
    bar still speaks for its path when later tiers are weighed; that is for tiers whose
    evidence is of another kind than theirs. `deadline` is in seconds: a tier that takes longer
    has abstained. (A local tier is not interrupted, as its time is bounded by how much of a
    message it looks at; but what it says too late does not count either.) With `whole`, the tier
    looks at the whole text of a message, and is asked even when nothing of it is to be judged.
    With `rehearses`, it builds as it goes what words need, so warming it takes more than one message.
    `goes_by` is what its answers rest on: the very letter of a text (a pattern, a correction), its words,
    or its meaning.
    """

    tier: Tier
    accept: float
    accept_by_category: Mapping[str, float] = field(default_factory=dict)
    margin: float = 0.0
    deadline: float = 2.0
    votes: bool = False
    whole: bool = False
    rehearses: bool = False
    goes_by: GoesBy = "meaning"
    bars: Bars = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "bars", Bars(self.accept, self.accept_by_category, self.margin))

    def weigh(self, verdict: Verdict, vote: float = 0.0) -> Verdict:
        """What the stage's bars leave of a verdict: see `Bars.weigh`."""
        return self.bars.weigh(verdict, vote)


def supported(answer: Answer, vote: float) -> Answer:
    """The answer with a vote for its path taken in: at least one of two independent witnesses is right."""
    if not vote:
        return answer
    return replace(
        answer,
        confidence=1 - (1 - answer.confidence) * (1 - vote),
        path_confidence=1 - (1 - answer.path_confidence) * (1 - vote),
        reason=f"{answer.reason}, and an earlier vote of {vote:.2f}",
    )


class Cascade:
    """The tiers in their order. Nobody sure means `fallback`, the main model's category."""

    def __init__(
        self,
        stages: Sequence[Stage],
        catalogue: Catalogue,
        *,
        fallback: str = "general_chat",
        find_slots: FindSlots,
        watch: Watch | None = None,
        clock: Clock = time.perf_counter,
        now: Clock = time.time,
        new_id: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self._stages = tuple(stages)
        # Looked up once: Python takes 25 us to tell whether an object fits a protocol.
        self._keepers: dict[str, Keeper] = {it.tier.name: it.tier for it in stages if isinstance(it.tier, Keeper)}
        self._heeders = tuple(it.tier for it in stages if isinstance(it.tier, Heeder))
        self._catalogue = catalogue
        self.fallback = catalogue[fallback].name
        self._find_slots = find_slots
        self._watch = watch
        self._languages = catalogue.derived(languages_of)
        self._clock = clock
        self._now = now
        self._new_id = new_id

    async def warm(self) -> None:
        """Asks the tiers once, so that what they open lazily is open before the first message, and some more often.

        Those that ask somebody else are left out: nothing is sent that nobody said.
        """
        await seen_by(self._watch, STEERING)
        stages = [stage for stage in self._stages if not is_remote(stage.tier)]
        for stage in stages:
            await ask(stage, OPENING)
        known = self._catalogue.utterances[::REHEARSED]
        for utterance in known:
            self._find_slots(utterance.category, utterance.text, self._catalogue[utterance.category].slots)
        for message in (*(Message(utterance.text) for utterance in known), *CONVERSATIONS):
            await seen_by(self._watch, message)
            for stage in stages:
                if stage.rehearses:
                    await ask(stage, message)

    async def decide(self, message: Message) -> Decision:
        """The decision for a message, with the verdict of every tier that was asked.

        What is asked for by a command is not guessed: no tier is asked then, and no watch. Raises BadField for a
        command that asks for what there is not.
        """
        began = self._clock()
        if message.command is not None and message.command.category:
            return self._commanded(message, began)
        watched = seen_at_once(self._watch, message) if message.local else await seen_by(self._watch, message)
        message = watched.shown(message)
        trace = await self._ask_all(message, watched)
        return self._conclude(message, trace, watched, began)

    def _commanded(self, message: Message, began: float) -> Decision:
        answer = answer_to(message, self._catalogue, self._find_slots)
        for it in self._heeders:
            it.heed(message, answer)
        trace = [TraceLine(COMMAND, answer, (self._clock() - began) * 1e3)]
        return self._conclude(message, trace, UNREMARKABLE, began)

    async def _ask_all(self, message: Message, watched: Watched) -> list[TraceLine]:
        trace: list[TraceLine] = []
        votes = Votes(self._catalogue)
        keepers: list[Keeper] = []
        emptied = watched.judged is not None and message.wordless
        for stage in self._stages:
            if emptied and not stage.whole:
                continue
            name, started = stage.tier.name, self._clock()
            said = at_once(stage, message)
            if not isinstance(said, Answer | Abstain):
                said = await waited_for(said, stage)
            seconds = self._clock() - started
            if isinstance(said, Answer):
                said = votes.weigh(stage, in_time(said, seconds, stage.deadline))
            trace.append(TraceLine(name, said, seconds * 1e3))
            if isinstance(said, Answer):
                for it in keepers:
                    it.keep(message, name, said)
                break
            if (keeper := self._keepers.get(name)) is not None:
                keepers.append(keeper)
        if emptied and not (trace and isinstance(trace[-1].verdict, Answer)):
            trace.append(TraceLine(watched.signals[0].source, nothing_left(self.fallback, watched), 0.0))
        return trace

    def _conclude(self, message: Message, trace: Sequence[TraceLine], watched: Watched, began: float) -> Decision:
        last = trace[-1].verdict if trace else Abstain("no tier is configured")
        scores = scores_of(trace)
        if isinstance(last, Answer):
            category, confidence, tier, found = last.category, last.confidence, trace[-1].tier, last.slots
            language = last.language
        else:
            category, tier, found, language = self.fallback, FALLBACK, {}, ""
            confidence = UNSURE
        others = sorted([it for it in scores.items() if it[0] != category], key=itemgetter(1), reverse=True)
        wanted = self._catalogue[category]
        slots = found or self._find_slots(category, message.told, wanted.slots)
        language = language or self._languages.guess(message.look)
        return Decision(
            id=self._new_id(),
            category=category,
            path=wanted.path,
            confidence=confidence,
            tier=tier,
            trace=tuple(trace),
            slots=slots,
            alternatives=tuple(others[:4]),
            language=language,
            at=self._now(),
            signals=signals_of(watched, trace),
            latency_ms=(self._clock() - began) * 1e3,
        )
