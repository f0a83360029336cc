"""Labelled messages as arrays: how high each tier's bars may be for it still to answer, and whether it is right."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer
from pointsman.observe.evaluation import IMAGE
from pointsman.observe.tuning.heard import Heard, Rung
from pointsman.observe.tuning.tally import Tally
from pointsman.tiers.cascade import Bars

# Bars that a person can read. Below 0.3 no answer is worth having; near 1 a thousandth matters.
STEPS: Final = (*(step / 100 for step in range(30, 100)), *(step / 1000 for step in range(991, 1000)), 0.9995, 1.0)
MARGINS: Final = tuple(step / 20 for step in range(20))
SIMPLE: Final = "simple"
# A tier has a bar for each group of categories: pictures and small talk have their own, as has any other category
# that has one in the configuration; the rest share `accept`.
REST, PICTURES, SMALL_TALK = 0, 1, 2

Ints = NDArray[np.int_]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setting:
    """The bars of all tiers as places in STEPS and MARGINS: accept [tiers, groups] and margin [tiers]."""

    accept: Ints
    margin: Ints

    def copy(self) -> Setting:
        """One that may be changed."""
        return Setting(self.accept.copy(), self.margin.copy())


class Shape:
    """How bars are laid out: the steps that they may have, and the group of every category at every tier."""

    def __init__(self, rungs: Sequence[Rung], catalogue: Catalogue) -> None:
        self.rungs = tuple(rungs)
        self.catalogue = catalogue
        present = [bar for rung in rungs for bar in (rung.bars.accept, *rung.bars.by_category.values())]
        self.steps = tuple(sorted({*STEPS, *present}))
        self.margins = tuple(sorted({*MARGINS, *(rung.bars.margin for rung in rungs)}))
        own: list[str] = []
        for rung in rungs:
            known = (name for name in rung.bars.by_category if name in catalogue)
            own += [name for name in known if catalogue.path_of(name) not in {IMAGE, SIMPLE}]
        self.own = tuple(dict.fromkeys(own))
        self.groups = SMALL_TALK + 1 + len(self.own)

    def group_of(self, category: str) -> int:
        """The group of a category."""
        if category in self.own:
            return SMALL_TALK + 1 + self.own.index(category)
        return {IMAGE: PICTURES, SIMPLE: SMALL_TALK}.get(self.catalogue.path_of(category), REST)

    def setting_of(self, bars: Sequence[Bars]) -> Setting:
        """Bars as places. Of several bars in a group the highest counts."""
        accept = np.zeros((len(bars), self.groups), dtype=np.int_)
        for place, one in enumerate(bars):
            accept[place] = self.steps.index(one.accept)
            for group in range(1, self.groups):
                inside = [name for name in self.catalogue.names if self.group_of(name) == group]
                accept[place, group] = max(
                    (self.steps.index(one.by_category.get(name, one.accept)) for name in inside),
                    default=accept[place, REST],
                )
        return Setting(accept, np.array([self.margins.index(one.margin) for one in bars], dtype=np.int_))

    def bars_of(self, setting: Setting) -> tuple[Bars, ...]:
        """Places as bars; a category is named where its bar differs, or is named now."""
        return tuple(
            self._bars(rung, setting.accept[place], int(setting.margin[place])) for place, rung in enumerate(self.rungs)
        )

    def _bars(self, rung: Rung, accept: Ints, margin: int) -> Bars:
        if not rung.tunable:
            return rung.bars
        found = {name: self.steps[accept[self.group_of(name)]] for name in self.catalogue.names}
        default = self.steps[accept[REST]]
        named = {name: bar for name, bar in found.items() if bar != default or name in rung.bars.by_category}
        kept = {name: bar for name, bar in rung.bars.by_category.items() if name not in self.catalogue}
        return Bars(default, {**named, **kept}, self.margins[margin])


@dataclass(frozen=True, slots=True)
class Table:
    """Arrays [tiers, messages] over heard messages.

    `highest` and `widest` are the places in the steps and margins up to which a tier answers, -1
    when it never does; `group` is the group of the category that it says; `wrong` and `picture`
    say whether that is a wrong path, or a picture by mistake, and `doubt` what the tier itself
    gives to its path being wrong, 0..1. `other` [messages] says whether no picture is wanted;
    `ms` [tiers] are mean costs.
    """

    highest: Ints
    widest: Ints
    group: Ints
    wrong: Flags
    picture: Flags
    doubt: Floats
    other: Flags
    ms: Floats

    @property
    def n(self) -> int:
        """How many messages there are."""
        return int(self.highest.shape[1])

    def answers(self, setting: Setting) -> Flags:
        """Whether each tier would answer if it were asked, [tiers, messages]."""
        tiers = np.arange(len(self.ms))[:, None]
        return (self.highest >= setting.accept[tiers, self.group]) & (self.widest >= setting.margin[:, None])

    def deciding(self, setting: Setting) -> Ints:
        """The place of the tier that decides each message; the number of tiers when none does."""
        answers = self.answers(setting)
        return np.where(answers.any(axis=0), answers.argmax(axis=0), len(self.ms))

    def tally(self, setting: Setting) -> Tally:
        """What a cascade with these bars does."""
        deciding = self.deciding(setting)
        answered = deciding < len(self.ms)
        tier, message = deciding[answered], np.flatnonzero(answered)
        spent = np.append(np.cumsum(self.ms), self.ms.sum())
        return Tally(
            self.n,
            int(answered.sum()),
            int(self.wrong[tier, message].sum()),
            int(self.picture[tier, message].sum()),
            int(self.other.sum()),
            float(spent[deciding].sum()),
        )


def tabulate(heard: Sequence[Heard], shape: Shape, ms: Sequence[float] | None = None) -> Table:
    """The table of heard messages; `ms` are the tiers' mean costs when they are known from more messages."""
    catalogue = shape.catalogue
    size = len(shape.rungs), len(heard)
    highest, widest = np.full(size, -1, dtype=np.int_), np.full(size, -1, dtype=np.int_)
    group, wrong, picture = np.zeros(size, dtype=np.int_), np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    doubt = np.ones(size)
    reach = [Reach(rung, shape) for rung in shape.rungs]

    def is_picture(category: str) -> bool:
        return catalogue.path_of(category) == IMAGE

    for column, one in enumerate(heard):
        wanted = catalogue.side_of(one.category)
        votes: dict[str, float] = {}
        for row, (said, rung) in enumerate(zip(one.said, shape.rungs, strict=True)):
            if not isinstance(said, Answer):
                continue
            side = catalogue.side_of(said.category)
            vote = votes.get(side, 0.0)
            highest[row, column], widest[row, column], belief = reach[row](said, vote)
            doubt[row, column] = 1 - belief
            group[row, column] = shape.group_of(said.category)
            wrong[row, column] = side != wanted
            picture[row, column] = is_picture(said.category) and not is_picture(one.category)
            if rung.votes:  # as in Cascade.decide: whoever is asked has been passed on by all before
                votes[side] = max(vote, said.path_confidence)
    other = np.array([not is_picture(one.category) for one in heard], dtype=bool)
    costs = np.array(mean_ms(heard) if ms is None else ms, dtype=np.float64)
    return Table(highest, widest, group, wrong, picture, doubt, other, costs)


def mean_ms(heard: Sequence[Heard]) -> list[float]:
    """The mean milliseconds of each tier."""
    return [sum(column) / len(column) for column in zip(*(one.ms for one in heard), strict=True)]


class Reach:
    """Finds how high a tier's bars may be for it to answer, by asking Bars.weigh itself."""

    def __init__(self, rung: Rung, shape: Shape) -> None:
        self._fixed = None if rung.tunable else rung.bars
        self._bars = [Bars(step) for step in shape.steps]
        self._margins = [Bars(0.0, margin=margin) for margin in shape.margins]

    def __call__(self, said: Answer, vote: float) -> tuple[int, int, float]:
        """The highest place among the steps, and among the margins, at which the tier answers, -1 for none; how surely.

        A vote is taken in where the bar is above what the tier says by itself.
        """
        if self._fixed is not None:
            weighed = self._fixed.weigh(said, vote)
            if isinstance(weighed, Answer):
                return len(self._bars) - 1, len(self._margins) - 1, weighed.path_confidence
            return -1, -1, said.path_confidence
        highest = highest_of(self._bars, said, vote)
        weighed = self._bars[max(highest, 0)].weigh(said, vote)
        belief = weighed.path_confidence if isinstance(weighed, Answer) else said.path_confidence
        return highest, highest_of(self._margins, said, vote), belief


def highest_of(ladder: Sequence[Bars], said: Answer, vote: float) -> int:
    """The last of some bars, from the most lenient to the strictest, that lets an answer pass; -1 for none."""

    def abstains(bars: Bars) -> bool:
        return not isinstance(bars.weigh(said, vote), Answer)

    return bisect_left(ladder, x=True, key=abstains) - 1
