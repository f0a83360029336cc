"""Chooses bars and calibration for a stated target, by what they did on messages that they were not chosen on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

import numpy as np

from pointsman.core.category import Catalogue
from pointsman.core.decision import Answer
from pointsman.observe.tuning.heard import Heard, Rung
from pointsman.observe.tuning.outcome import Mistake, Point, Target, Tuning
from pointsman.observe.tuning.refusals import check, unreachable
from pointsman.observe.tuning.search import MANNERS, RISKS, Manner, frontier
from pointsman.observe.tuning.table import Ints, Shape, Table, mean_ms, tabulate
from pointsman.observe.tuning.tally import Tally, total
from pointsman.observe.tuning.trust import Claims, claims, fitted_maps, trusts
from pointsman.tiers.calibration import Maps

FOLDS: Final = 5
# A choice that answers this much more than another is better; less than that, the quicker one is.
NOTABLE: Final = 0.005
SHOWN_MISTAKES: Final = 5


def tune(heard: Sequence[Heard], rungs: Sequence[Rung], catalogue: Catalogue, target: Target) -> Tuning:
    """The calibration and the bars that answer most within the target; of those that answer alike, the quickest.

    Raises InvalidInput when the messages are too few to show it, when a category has none, and
    when no bars reach it.
    """
    check([one.category for one in heard], catalogue, target)
    bench = Bench(heard, rungs, catalogue)
    points = bench.points()
    feasible = [point for point in points if target.met_by(point.expected) and target.met_by(point.fitted)]
    chosen = max(feasible, key=merit, default=None)
    if target.met_by(bench.now) and (chosen is None or bench.now.coverage >= chosen.expected.coverage):
        chosen = None
    elif chosen is None:
        raise unreachable(points, target)
    return Tuning(
        n=len(heard),
        target=target,
        rungs=tuple(rungs),
        trusts=tuple(bench.trusts),
        maps=bench.maps if chosen else tuple(rung.maps for rung in rungs),
        now=bench.now,
        curve=thinned(undominated([it for it in points if target.pictures_met_by(it.expected)] or points), chosen),
        chosen=chosen,
        elsewhere=bench.elsewhere(chosen) if chosen else None,
        mistakes=tuple(bench.mistakes(chosen)),
    )


def merit(point: Point) -> tuple[int, float]:
    """The order of points: answering notably more is better, then being quicker."""
    return round(point.expected.coverage / NOTABLE), -point.expected.ms


class Bench:
    """Labelled messages, ready to try bars on."""

    def __init__(self, heard: Sequence[Heard], rungs: Sequence[Rung], catalogue: Catalogue) -> None:
        self._heard = heard
        self._rungs = tuple(rungs)
        self._catalogue = catalogue
        self._shape = Shape(rungs, catalogue)
        self._all = np.arange(len(heard))
        self._folds = by_text(heard)
        self._ms = mean_ms(heard)
        # As they are, with their bars and maps: every tier is taken for one that cannot be tuned.
        fixed = Shape([replace(rung, tunable=False) for rung in rungs], catalogue)
        in_use = fixed.setting_of([rung.bars for rung in rungs])
        now = tabulate([one.mapped([rung.maps for rung in rungs]) for one in heard], fixed, self._ms)
        self.now = now.tally(in_use)
        self._deciding_now = now.deciding(in_use)
        self._claims: Claims = claims(heard, catalogue, self._deciding_now)
        self.maps, fits = fitted_maps(self._claims, rungs, self._all, self._folds)
        self.trusts = trusts(self._claims, rungs, fits, self._ms)
        self._table = self._tabulated(self.maps, self._all)

    def points(self) -> list[Point]:
        """The best bars for every manner of looking and every risk, with what to expect of them."""
        found: list[Point] = []
        expected = self._cross_validated(self._folds, MANNERS)
        for column, manner in enumerate(MANNERS):
            for row, setting in enumerate(frontier(self._table, self._shape, manner)):
                fitted = self._table.tally(setting)
                found.append(Point(self._shape.bars_of(setting), fitted, expected[column][row], (column, row)))
        return found

    def elsewhere(self, point: Point) -> Tally | None:
        """What a point's manner and risk do on sources that nothing was fitted on; None without enough of them."""
        if len({one.source for one in self._heard if one.source}) < FOLDS:
            return None
        column, row = point.origin
        return self._cross_validated(by_source(self._heard), MANNERS[column : column + 1])[0][row]

    def mistakes(self, point: Point | None) -> list[Mistake]:
        """The surest messages on wrong paths, for a look at their labels."""
        deciding = self._deciding_now
        maps = [rung.maps for rung in self._rungs]
        if point is not None:
            deciding, maps = self._table.deciding(self._shape.setting_of(point.bars)), list(self.maps)
        found = []
        for one, row in zip(self._heard, deciding.tolist(), strict=True):
            said = one.mapped(maps).said[row] if row < len(self._rungs) else None
            if isinstance(said, Answer) and self._catalogue.side_of(said.category) != self._catalogue.side_of(
                one.category
            ):
                name = self._rungs[row].name
                found.append(Mistake(one.id, one.category, said.category, name, said.path_confidence))
        return sorted(found, key=lambda mistake: -mistake.confidence)[:SHOWN_MISTAKES]

    def _cross_validated(self, folds: Ints, manners: Sequence[Manner]) -> list[list[Tally]]:
        """What to expect of the bars for every manner of looking and every risk."""
        found = [[Tally()] * len(RISKS) for _ in manners]
        for fold in np.unique(folds):
            inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
            maps, _ = fitted_maps(self._claims, self._rungs, outside, folds)
            train, test = self._tabulated(maps, outside), self._tabulated(maps, inside)
            for column, manner in enumerate(manners):
                settings = frontier(train, self._shape, manner)
                tallies = [test.tally(setting) for setting in settings]
                found[column] = [total(pair) for pair in zip(found[column], tallies, strict=True)]
        return found

    def _tabulated(self, maps: Sequence[Maps], places: Ints) -> Table:
        return tabulate([self._heard[place].mapped(maps) for place in places], self._shape, self._ms)


def by_text(heard: Sequence[Heard]) -> Ints:
    """A fold for every message: the categories are spread evenly, and like texts stay together. Needs no randomness."""
    labels: dict[str, str] = {}
    for one in heard:
        labels.setdefault(one.key, one.category)
    ordered = sorted(labels, key=lambda key: (labels[key], sha256(key.encode("utf-8", "surrogatepass")).digest()))
    fold_of = {key: place % FOLDS for place, key in enumerate(ordered)}
    return np.array([fold_of[one.key] for one in heard], dtype=np.int_)


def by_source(heard: Sequence[Heard]) -> Ints:
    """A fold for every message, whole sources together, of much the same size."""
    counts: dict[str, int] = {}
    for one in heard:
        counts[one.source] = counts.get(one.source, 0) + 1
    sizes = [0] * FOLDS
    fold_of: dict[str, int] = {}
    for source in sorted(counts, key=lambda name: (-counts[name], name)):
        fold_of[source] = sizes.index(min(sizes))
        sizes[fold_of[source]] += counts[source]
    return np.array([fold_of[one.source] for one in heard], dtype=np.int_)


def undominated(points: Iterable[Point]) -> list[Point]:
    """Those that no other beats in coverage and error both, the strictest first."""
    found: list[Point] = []
    for point in sorted(points, key=lambda it: (-it.expected.coverage, it.expected.error)):
        if not found or point.expected.error < found[-1].expected.error:
            found.append(point)
    return found[::-1]


def thinned(points: Sequence[Point], chosen: Point | None, most: int = 8) -> tuple[Point, ...]:
    """About as many points as fit into a table, evenly over their coverage; the ends and the chosen one stay."""
    if not points:
        return () if chosen is None else (chosen,)
    low, high = points[0].expected.coverage, points[-1].expected.coverage
    aims = [low + (high - low) * step / (most - 1) for step in range(most)]
    kept = {min(range(len(points)), key=lambda place: abs(points[place].expected.coverage - aim)) for aim in aims}
    found = [points[place] for place in sorted(kept)]
    if chosen is not None and all(point is not chosen for point in found):
        found = sorted([*found, chosen], key=lambda point: point.expected.coverage)
    return tuple(found)
