"""What every tier says of labelled messages when none of them may decide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from pointsman.core.category import Catalogue
from pointsman.core.decision import Abstain, Answer, Slots, Verdict
from pointsman.core.message import Message
from pointsman.core.ports import Clock
from pointsman.observe.labelled import Labelled
from pointsman.tiers.calibration import UNCHANGED, LocalTier, Maps, calibrated
from pointsman.tiers.cascade import Bars, Cascade, Stage
from pointsman.tiers.watch import Watch
from pointsman.tiers.wording import key_of

# No confidence reaches this bar, so every tier is asked.
NEVER: Final = 2.0
NOT_ASKED: Final = Abstain("was not asked")


@dataclass(frozen=True, slots=True)
class Rung:
    """A tier's place in the cascade, without the tier: its bars and what it may tune.

    `maps` are those in use. `tunable` says whether `accept` and `by_category` may change,
    `has_margin` whether the margin may, `has_maps` whether the maps may. `votes` is as in Stage.
    """

    name: str
    bars: Bars
    maps: Maps = UNCHANGED
    votes: bool = False
    tunable: bool = True
    has_margin: bool = True
    has_maps: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """A labelled message with what every tier said of it, and in how many milliseconds, in the tiers' order.

    `key` is the same for texts that differ by case and punctuation only; `source` names the set
    that the message is from.
    """

    id: str
    key: str
    category: str
    source: str
    said: tuple[Verdict, ...]
    ms: tuple[float, ...]

    def mapped(self, maps: Sequence[Maps]) -> Heard:
        """The same with the tiers' confidences mapped."""
        return replace(self, said=tuple(calibrated(said, one) for said, one in zip(self.said, maps, strict=True)))


# What stands behind the tiers: messages of which a watch leaves them nothing are decided there, whatever the bars.
WATCHED: Final = Rung("watch", Bars(0.0), tunable=False, has_margin=False, has_maps=False)


class Listener:
    """Stands in a tier's place and remembers what the tier said last, and how long it took (ms)."""

    def __init__(self, tier: LocalTier, clock: Clock) -> None:
        self.name = tier.name
        self._tier = tier
        self._clock = clock
        self.said: Verdict = NOT_ASKED
        self.ms = 0.0

    def judge(self, message: Message) -> Verdict:
        """What the tier says."""
        began = self._clock()
        self.said = self._tier.judge(message)
        self.ms = (self._clock() - began) * 1e3
        return self.said


async def listen(
    stages: Sequence[Stage],
    labelled: Iterable[Labelled],
    catalogue: Catalogue,
    *,
    fallback: str,
    watch: Watch | None,
    clock: Clock,
) -> list[Heard]:
    """What every tier of this process says of every message; the real cascade runs, with bars that nobody reaches.

    Behind the tiers stands what the `watch` decides: it leaves the tiers nothing of a message that
    only tries to steer the router (see WATCHED).
    """
    listeners = [Listener(cast("LocalTier", stage.tier), clock) for stage in stages]
    silenced = [
        replace(stage, tier=listener, accept=NEVER, accept_by_category={}, deadline=math.inf)
        for stage, listener in zip(stages, listeners, strict=True)
    ]
    cascade = Cascade(silenced, catalogue, fallback=fallback, find_slots=no_slots, watch=watch, clock=clock)
    await cascade.warm()
    heard = []
    for row in labelled:
        for listener in listeners:
            listener.said, listener.ms = NOT_ASKED, 0.0
        decision = await cascade.decide(row.message)
        last = decision.trace[-1].verdict if decision.trace else NOT_ASKED
        heard.append(
            Heard(
                row.gold.id,
                key_of(row.gold.text),
                row.gold.category,
                row.source,
                (*(listener.said for listener in listeners), last if isinstance(last, Answer) else NOT_ASKED),
                (*(listener.ms for listener in listeners), 0.0),
            )
        )
    return heard


def no_slots(category: str, text: str, wanted: Sequence[str]) -> Slots:
    """Slots change no bar."""
    del category, text, wanted
    return {}
