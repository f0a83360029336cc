"""A language model's view: it sees the nearest utterances with their labels, and picks one of those labels.

Source: Zhang et al., "REIC: RAG-Enhanced Intent Classification at Scale", 2025 (arXiv 2506.00210).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer, Evidence, Verdict
from pointsman.core.errors import ModelFailed, PointsmanError
from pointsman.core.faults import ServiceFailed
from pointsman.core.message import Message
from pointsman.tiers.belief import believe
from pointsman.tiers.question import Question, Questions
from pointsman.tiers.surroundings import Neighbour, Surrounding, Surroundings

# With more candidates a small model does no better than chance, and the right one is among the first four anyway.
MOST_CANDIDATES: Final = 5
# All examples of one label would make that label the likeliest for no other reason (Zhao et al., "Calibrate Before
# Use", 2021, call it majority label bias).
MOST_OF_ONE: Final = 3
# Where nothing is near, every category is a candidate, as long as there are no more than a prompt describes.
MOST_WITHOUT_NEIGHBOURS: Final = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """What a model said: a label, and the probabilities of all candidates from those models that give them.

    `model` names who said it, where a labeller has several to ask.
    """

    label: str
    shares: Mapping[str, float] = field(default_factory=dict)
    model: str = ""


class Labeller(Protocol):
    """A language model that answers a question with one of its candidates."""

    name: str

    async def label(self, question: Question, sample: int = 0) -> Choice:
        """The label; `sample` 0 is the likeliest, 1 and up are drawn at random, each number another draw.

        Raises PointsmanError.
        """
        ...


Leaning = Callable[[Message], Verdict]
"""What a tier in this process says to a message, sure or not."""


class Judge:
    """Asks a language model which of the nearest utterances' categories a message belongs to.

    A model that gives probabilities is asked once, another one `samples` times, and then the share of the
    samples that agree counts. Both are scaled by `trust`: how often the model is right when it is certain.
    Without `shows_corrections` it is shown the catalogue's utterances alone, no texts of users. With `remote`, the
    labeller asks somebody else, so nothing is rehearsed with it.

    With a `leaning` the model only votes: what a tier before it said, too unsure for its bar, is answered when the
    model sees the same path, as of two witnesses of different kinds at least one is right. Of what that tier
    abstained from (out of scope, no words) the model is not asked at all: of 13 such leanings that SmolLM2 would
    have backed, 2 were wrong, and the fallback none. Without a `leaning` it decides by itself.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        labeller: Labeller,
        catalogue: Catalogue,
        *,
        fallback: str,
        k: int = 7,
        samples: int = 1,
        trust: float = 1.0,
        leaning: Leaning | None = None,
        shows_corrections: bool = True,
        remote: bool = False,
        name: str = "judge",
    ) -> None:
        self.name = name
        self.remote = remote
        self._surroundings = surroundings
        self._labeller = labeller
        self._catalogue = catalogue
        self._path_of = {category.name: catalogue.side_of(category.name) for category in catalogue}
        self._questions = Questions(catalogue)
        self._fallback = fallback
        self._k = k
        self._samples = samples
        self._trust = trust
        self._leaning = leaning
        self._shows_corrections = shows_corrections

    async def judge(self, message: Message) -> Verdict:
        """The model's label; abstains without words, without candidates, and when the model fails or strays."""
        if message.wordless:
            return Abstain("there are no words in it")
        leant = self._leaning(message) if self._leaning else None
        if isinstance(leant, Abstain):
            return Abstain(f"there is no leaning to back: {leant.reason}", leant.leaning)
        text = message.look.strip()
        surrounding = self._surroundings.of(text)
        candidates = self._candidates(surrounding)
        if len(candidates) < 2:
            return Abstain(f"there is no choice of categories: {len(candidates)} candidates")
        near = balanced([item for item in self._shown(surrounding) if item.utterance.category in candidates])
        question = self._questions.about(text, [item.utterance for item in reversed(near)], candidates)
        try:
            shares, who = await self._shares(question)
        except ServiceFailed:
            raise  # it says who failed, and whoever asks several services goes by its kind
        except PointsmanError as error:
            return Abstain(f"{self._labeller.name}: {error.message}")
        answer = self._answer(shares, near, who)
        return answer if leant is None else self._vote(answer, leant)

    def _shown(self, surrounding: Surrounding) -> tuple[Neighbour, ...]:
        """The neighbours that the model may see; what was corrected still counts for which labels it may choose."""
        near = surrounding.near
        if not self._shows_corrections and any(item.source == "correction" for item in near):
            near = self._surroundings.around(surrounding.vector).near
        return near[: self._k]

    def _candidates(self, surrounding: Surrounding) -> tuple[str, ...]:
        """The categories of the nearest utterances, in the catalogue's order so that places tell nothing."""
        seen = {item.utterance.category: None for item in surrounding.near[: self._k]}
        nearest = [name for name in seen if name in self._catalogue][:MOST_CANDIDATES]
        if not nearest:
            return self._catalogue.names if len(self._catalogue) <= MOST_WITHOUT_NEIGHBOURS else ()
        if len(nearest) == 1:
            nearest.append(self._fallback)
        return tuple(name for name in self._catalogue.names if name in nearest)

    async def _shares(self, question: Question) -> tuple[dict[str, float], str]:
        """The probability of each candidate, 0 for one that no sample named, and who gave it."""
        first = await self._labelled(question, 0)
        who = f"{self._labeller.name} ({first.model})" if first.model else self._labeller.name
        if first.shares:
            return {name: first.shares.get(name, 0.0) * self._trust for name in question.candidates}, who
        if self._samples == 1:
            # `trust` is a rate that was measured on single labels, so there is nothing left to guess.
            return {name: self._trust if name == first.label else 0.0 for name in question.candidates}, who
        others = await asyncio.gather(*(self._labelled(question, sample) for sample in range(1, self._samples)))
        counts = Counter(said.label for said in (first, *others))
        # Laplace's rule of succession: of three samples alike, the label is right four times in five.
        return {
            name: (counts[name] + 1) / (self._samples + 2) * self._trust if counts[name] else 0.0
            for name in question.candidates
        }, who

    async def _labelled(self, question: Question, sample: int) -> Choice:
        said = await self._labeller.label(question, sample)
        if said.label not in question.candidates:
            raise ModelFailed(f"said {said.label[:60]!r}, which was no candidate", cure="set a larger model")
        return said

    def _answer(self, shares: Mapping[str, float], near: Sequence[Neighbour], who: str) -> Answer:
        belief = believe(shares, self._path_of)
        like = next((item for item in near if item.utterance.category == belief.category), None)
        because = f', like "{like.utterance.text}" ({like.similarity:.2f})' if like else ""
        return Answer(
            category=belief.category,
            confidence=belief.of_category,
            path_confidence=belief.of_path,
            margin=belief.margin,
            reason=f"{who} says {belief.category}, of {len(shares)} candidates{because}",
            scores=shares,
            evidence=tuple(evidence_of(item) for item in near),
        )

    def _vote(self, answer: Answer, leaning: Answer) -> Verdict:
        """The leaning with the answer's backing, or an abstention that leans as it did."""
        if self._path_of.get(answer.category) != self._path_of.get(leaning.category):
            return Abstain(f"{answer.reason}; the earlier tiers lean to {leaning.category}", leaning)
        together = 1 - (1 - leaning.path_confidence) * (1 - answer.path_confidence)
        same = answer.category == leaning.category
        return replace(
            leaning,
            confidence=1 - (1 - leaning.confidence) * (1 - answer.confidence) if same else leaning.confidence,
            path_confidence=together,
            reason=f"{answer.reason}; {leaning.category} was the leaning, at {leaning.path_confidence:.2f}",
            evidence=answer.evidence,
        )


def balanced(near: Sequence[Neighbour]) -> list[Neighbour]:
    """The neighbours, nearest first, without those that come after enough others of their category."""
    counts: Counter[str] = Counter()
    kept: list[Neighbour] = []
    for item in near:
        counts[item.utterance.category] += 1
        if counts[item.utterance.category] <= MOST_OF_ONE:
            kept.append(item)
    return kept


def evidence_of(item: Neighbour) -> Evidence:
    """An utterance that the model was shown, as evidence."""
    return Evidence(item.source, item.utterance.text, item.utterance.category, round(item.similarity, 4))
