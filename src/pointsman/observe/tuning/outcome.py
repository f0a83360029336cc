"""What a tuning is asked for and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pointsman.observe.tuning.heard import Rung
from pointsman.observe.tuning.tally import LEAST_ANSWERS, Tally
from pointsman.observe.tuning.trust import Trust, maps_to_dict
from pointsman.tiers.calibration import Maps
from pointsman.tiers.cascade import Bars


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for: at most `error` wrong paths among the answered, at most `pictures` by mistake, both 0..1.

    When `sure`, it must hold of the upper bounds, with 95 % probability.
    """

    error: float = 0.01
    pictures: float = 0.003
    sure: bool = False

    def met_by(self, tally: Tally) -> bool:
        """Whether some messages went as asked for; a handful shows nothing."""
        return tally.answered >= LEAST_ANSWERS and self.error_met_by(tally) and self.pictures_met_by(tally)

    def error_met_by(self, tally: Tally) -> bool:
        """Whether few enough of the answered took a wrong path."""
        return (tally.error_bound if self.sure else tally.error) <= self.error

    def pictures_met_by(self, tally: Tally) -> bool:
        """Whether few enough pictures were made by mistake."""
        return (tally.picture_bound if self.sure else tally.picture_error) <= self.pictures


@dataclass(frozen=True, slots=True)
class Point:
    """Bars for one risk: what they did on the messages that they were `fitted` on, and what to expect.

    `expected` is cross-validated: each message judged by bars that were chosen without it. `origin`
    is the place of the manner of looking among MANNERS, and of the risk among RISKS.
    """

    bars: tuple[Bars, ...]
    fitted: Tally
    expected: Tally
    origin: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A message that the chosen bars send down a wrong path, and how sure the tier was of it."""

    id: str
    wanted: str
    said: str
    tier: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Tuning:
    """The result: `chosen` are the best bars, None when those in use are as good.

    `now` is what the bars in use do, `maps` the calibration that the chosen ones go with, `curve`
    the points that no other beats, the strictest first. `elsewhere` is what to expect of kinds of
    messages that the files do not have: whole sources were held out (None when fewer than five
    are named). `mistakes` are the surest ones.
    """

    n: int
    target: Target
    rungs: tuple[Rung, ...]
    trusts: tuple[Trust, ...]
    maps: tuple[Maps, ...]
    now: Tally
    curve: tuple[Point, ...]
    chosen: Point | None
    elsewhere: Tally | None
    mistakes: tuple[Mistake, ...]

    @property
    def bars(self) -> tuple[Bars, ...]:
        """The bars to use, tier by tier."""
        return tuple(rung.bars for rung in self.rungs) if self.chosen is None else self.chosen.bars

    @property
    def changed(self) -> bool:
        """Whether anything is to be changed: what is chosen may be what is in use."""
        in_use = tuple((rung.bars, rung.maps) for rung in self.rungs)
        return self.chosen is not None and tuple(zip(self.bars, self.maps, strict=True)) != in_use

    @property
    def expected(self) -> Tally:
        """What to expect of them."""
        return self.now if self.chosen is None else self.chosen.expected

    def to_dict(self) -> dict[str, Any]:
        """The result as data for JSON; nothing is rounded."""
        return {
            "messages": self.n,
            "target": self.target.error,
            "image_target": self.target.pictures,
            "sure": self.target.sure,
            "tiers": [trust.to_dict() for trust in self.trusts],
            "now": self.now.to_dict(),
            "expected": self.expected.to_dict(),
            "elsewhere": None if self.elsewhere is None else self.elsewhere.to_dict(),
            "changed": self.changed,
            "bars": {
                rung.name: {
                    "now": bars_to_dict(rung.bars),
                    "chosen": bars_to_dict(bars),
                    "calibration": maps_to_dict(one),
                }
                for rung, bars, one in zip(self.rungs, self.bars, self.maps, strict=True)
                if rung.tunable
            },
            "curve": [
                {
                    "chosen": point is self.chosen,
                    "expected": point.expected.to_dict(),
                    "fitted": point.fitted.to_dict(),
                    "bars": {
                        rung.name: bars_to_dict(bars)
                        for rung, bars in zip(self.rungs, point.bars, strict=True)
                        if rung.tunable
                    },
                }
                for point in self.curve
            ],
            "mistakes": [
                {
                    "id": it.id,
                    "category": it.wanted,
                    "said": it.said,
                    "tier": it.tier,
                    "path_confidence": it.confidence,
                }
                for it in self.mistakes
            ],
        }


def bars_to_dict(bars: Bars) -> dict[str, Any]:
    """Bars as the configuration has them."""
    return {"accept": bars.accept, "accept_by_category": dict(bars.by_category), "margin": bars.margin}
