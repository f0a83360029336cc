"""Finds the bars that answer most, for every price of a mistake: coordinate ascent, each coordinate solved exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pointsman.observe.tuning.table import PICTURES, Flags, Ints, Setting, Shape, Table
from pointsman.observe.tuning.tally import LEAST_ANSWERS

# How likely a wrong path may be for an answer still to be worth giving; one costs 1 / risk answers.
RISKS: Final = (
    0.005, 0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.125, 0.15, 0.175, 0.2, 0.225, 0.25, 0.3, 0.35, 0.4, 0.5, 0.65,
)  # fmt: skip
# What a millisecond costs, so that of bars which answer alike the cheaper ones win.
MS_PRICE: Final = 1e-4
SWEEPS: Final = 12
TIE: Final = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Manner:
    """How bars are looked for: what a `picture` by mistake costs on top, and how much a tier's own `doubt` counts.

    Labels alone, a doubt of 0, put the bars right beside single mistakes, of the labels too: on
    500 messages nothing then holds a target of 1 % that holds with a doubt of 0.5, when half of
    how wrong an answer is counts by its label and half by what the tier itself gives to it. On
    many messages labels alone do better, as they know a tier that is better than it says.
    """

    picture: float
    doubt: float


MANNERS: Final = (Manner(0.0, 0.0), Manner(20.0, 0.0), Manner(0.0, 0.5), Manner(20.0, 0.5))


def frontier(table: Table, shape: Shape, manner: Manner) -> list[Setting]:
    """The best bars for every risk, in the order of RISKS."""
    free = free_bars(table, shape)
    present = shape.setting_of([rung.bars for rung in shape.rungs])
    found: list[Setting] = []
    for risk in RISKS:
        worths = worths_of(table, 1 / risk, manner)
        starts = [level(present, shape, free, 1 - risk), *(found[-1:] or [present])]
        ends = [ascend(table, worths, shape, start, free) for start in starts]
        found.append(max(ends, key=lambda end: end[1])[0])
    return found


def free_bars(table: Table, shape: Shape) -> Flags:
    """Which bars may change, [tiers, groups]: those of tunable tiers that say the group often enough."""
    groups = np.arange(shape.groups)[:, None]
    said = [
        ((group == groups) & (highest >= 0)).sum(axis=1)
        for group, highest in zip(table.group, table.highest, strict=True)
    ]
    tunable = np.array([rung.tunable for rung in shape.rungs])
    free: Flags = (np.stack(said) >= LEAST_ANSWERS) & tunable[:, None]
    return free


def level(present: Setting, shape: Shape, free: Flags, bar: float) -> Setting:
    """All free bars at one height, and no margins where they may change."""
    setting = present.copy()
    setting.accept[free] = np.searchsorted(shape.steps, bar)
    setting.margin[[row for row, rung in enumerate(shape.rungs) if rung.has_margin and free[row].any()]] = 0
    return setting


def worths_of(table: Table, price: float, manner: Manner) -> Floats:
    """What each message is worth, in answers, when each tier decides it, and at last none: [tiers + 1, messages]."""
    wrong = (1 - manner.doubt) * table.wrong + manner.doubt * table.doubt
    picture = (1 - manner.doubt) * table.picture + manner.doubt * table.doubt * (table.group == PICTURES)
    spent = np.cumsum(table.ms)[:, None]
    answered = 1 - price * wrong - manner.picture * picture - MS_PRICE * spent
    return np.vstack([answered, np.full((1, table.n), -MS_PRICE * table.ms.sum())])


def ascend(table: Table, worths: Floats, shape: Shape, start: Setting, free: Flags) -> tuple[Setting, float]:
    """Bars that no change of a single one makes better, reached from some, and what they are worth."""
    setting = start.copy()
    before = worth(table, worths, setting)
    for _ in range(SWEEPS):
        for row in np.flatnonzero(free.any(axis=1)):
            improve(table, worths, shape, setting, row=int(row), free=free[row])
        after = worth(table, worths, setting)
        if after <= before + TIE:
            break
        before = after
    return setting, before


def worth(table: Table, worths: Floats, setting: Setting) -> float:
    """What a cascade with these bars is worth."""
    return float(worths[table.deciding(setting), np.arange(table.n)].sum())


def improve(table: Table, worths: Floats, shape: Shape, setting: Setting, *, row: int, free: Flags) -> None:
    """Sets the bars of one tier to the best, those of the others being given; of equals, the highest."""
    answers = table.answers(setting)
    asked = ~answers[:row].any(axis=0)
    later = answers[row + 1 :]
    then = later.argmax(axis=0) + row + 1 if len(later) else np.full(table.n, row + 1)
    then[~later.any(axis=0)] = len(table.ms)
    gain = worths[row] - worths[then, np.arange(table.n)]
    highest, widest, group = table.highest[row], table.widest[row], table.group[row]
    for one in np.flatnonzero(free):
        inside = asked & (group == one) & (widest >= setting.margin[row])
        setting.accept[row, one] = np.flatnonzero(is_best(highest[inside], gain[inside], len(shape.steps)))[-1]
    if shape.rungs[row].has_margin:
        inside = asked & (highest >= setting.accept[row][group])
        setting.margin[row] = np.flatnonzero(is_best(widest[inside], gain[inside], len(shape.margins)))[0]


def is_best(reach: Ints, gain: Floats, steps: int) -> Flags:
    """Which bars, of so many, are the best when each message that reaches the bar brings its gain."""
    reaching = reach >= 0
    brought = np.bincount(reach[reaching], weights=gain[reaching], minlength=steps)
    totals = brought[::-1].cumsum()[::-1]
    best: Flags = totals >= totals.max() - TIE
    return best
