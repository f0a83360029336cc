"""When a target cannot be shown or reached: what is missing, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pointsman.core.category import Catalogue
from pointsman.core.errors import InvalidInput
from pointsman.observe.measures import needed_for
from pointsman.observe.tuning.outcome import Point, Target
from pointsman.observe.tuning.tally import LEAST_ANSWERS

# No one wants more mistakes than this.
MOST: Final = 0.5


def check(labels: Sequence[str], catalogue: Catalogue, target: Target) -> None:
    """Raises InvalidInput for messages, given by their categories, that cannot show that a target is met."""
    n, needed = len(labels), needed_for(target.error)
    if n < needed:
        unseen = f": without a single error among them, {3 / n:.1%} of all may still be wrong" if n else ""
        other = f", or state --target {math.ceil(300 / n)}% or more" if n > 3 / MOST else ""
        raise InvalidInput(
            f"{n} labelled messages are too few to show at most {target.error:.2%} wrong paths{unseen}",
            cure=f"label {needed} or more (the rule of three: 3 / {target.error:g}){other}",
        )
    missing = [name for name in catalogue.names if name not in set(labels)]
    if missing:
        raise InvalidInput(
            f"no labelled message is of the category {', '.join(missing)}, so nothing is known of how it is recognised",
            cure="label some messages of it, or switch the category off (a file of your own with `enabled: false`)",
        )


def unreachable(points: Sequence[Point], target: Target) -> InvalidInput:
    """The error for a target that no bars reach: how near one comes to it, and at what coverage."""
    answering = [point for point in points if point.expected.answered >= LEAST_ANSWERS]
    if not answering:
        return InvalidInput(
            f"no tier answers as many as {LEAST_ANSWERS} of the messages, so there is nothing to tune",
            cure="see what `pointsman doctor` and `pointsman eval` say of them",
        )
    sure = " with 95 % probability" if target.sure else ""
    accurate = [
        point for point in answering if target.error_met_by(point.expected) and target.error_met_by(point.fitted)
    ]
    if accurate:
        what, asked, flag = "pictures by mistake", target.pictures, "--image-target"
        nearest = min(accurate, key=lambda point: (pictures_of(point, target), -point.expected.coverage))
        reached = pictures_of(nearest, target)
    else:
        what, asked, flag = "wrong paths among the answered", target.error, "--target"
        nearest = min(answering, key=lambda point: (error_of(point, target), -point.expected.coverage))
        reached = error_of(nearest, target)
    shown = math.ceil(reached * 1e4 - 1e-6) / 1e4  # two digits of a percent, never less than it is
    return InvalidInput(
        f"at most {asked:.2%} {what} cannot be reached{sure} on these {nearest.expected.n} messages: the lowest is"
        f" {shown:.2%}, with {nearest.expected.coverage:.1%} of the messages answered",
        cure=f"state {flag} {shown:.2%} or more, label more messages, or look whether the labels of the surest mistakes"
        " are right: pointsman tune with a higher target shows them",
    )


def error_of(point: Point, target: Target) -> float:
    """The share of wrong paths that a target is about; neither what is expected nor what was fitted may exceed it."""
    return max(it.error_bound if target.sure else it.error for it in (point.expected, point.fitted))


def pictures_of(point: Point, target: Target) -> float:
    """The share of pictures by mistake that a target is about."""
    return max(it.picture_bound if target.sure else it.picture_error for it in (point.expected, point.fitted))
