"""What a day's messages do to the limits of a service: played through its account, call by call; pure."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.core.faults import DAY, Scope, ServiceFailed
from pointsman.providers.remote.account import Account, Answered, Terms
from pointsman.providers.remote.asking import Cost, Metered
from pointsman.providers.remote.meters import Limit
from pointsman.providers.remote.permits import admit, settle

# How the messages of a day are spread over its hours, from midnight, where they follow people's days: as many at
# its quietest hour as 1, at its busiest as 10. It is a shape to plan with, not a measurement.
BUSY_HOURS: Final = (3, 2, 1, 1, 1, 1, 2, 3, 4, 5, 5, 6, 6, 6, 6, 6, 7, 8, 9, 10, 10, 9, 7, 5)
CALL_SECONDS: Final = 0.5
MONTH: Final = 30 * DAY


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model of a service with what one call to it takes."""

    model: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Forecast:
    """What became of `asked` calls: `served` by model, the others refused.

    `first_refused` is when the first was, in seconds from the start; None where all were served. `short_of` counts
    the refusals by what was missing, in the words of the refusal's kind.
    """

    asked: int
    served: Mapping[str, int] = field(default_factory=dict)
    first_refused: float | None = None
    refused: int = 0
    short_of: Mapping[str, int] = field(default_factory=dict)


def forecast(terms: Terms, candidates: Sequence[Candidate], arrivals: Sequence[float], start: float = 0.0) -> Forecast:
    """What happens to calls at these times (seconds from `start`, rising) where all limits are full at first.

    Each asks the first candidate that its account admits. `start` is seconds since the epoch, for months.
    """
    account = Account(terms, terms.digest)
    served: Counter[str] = Counter()
    short: Counter[str] = Counter()
    first: float | None = None
    for number, at in enumerate(arrivals):
        refusal: ServiceFailed | None = None
        for candidate in candidates:
            permit = admit(account, candidate.model, candidate.cost, str(number), start + at)
            if not isinstance(permit, ServiceFailed):
                settle(account, permit, Answered(Metered(candidate.cost), CALL_SECONDS), start + at)
                served[candidate.model] += 1
                refusal = None
                break
            refusal = permit
        if refusal is not None:
            short[refusal.kind] += 1
            first = at if first is None else first
    return Forecast(len(arrivals), served, first, sum(short.values()), short)


def most_a_day(terms: Terms, candidates: Sequence[Candidate]) -> float:
    """How many calls a day the limits allow for ever, of all candidates together; infinite without limits."""
    together = sum(allowed(terms, candidate, "model") for candidate in candidates)
    return min(together, max((allowed(terms, candidate, "service") for candidate in candidates), default=math.inf))


def allowed(terms: Terms, candidate: Candidate, scope: Scope) -> float:
    """How many calls a day the limits of one scope allow to a candidate."""
    cost: Cost = {"requests": 1.0, **candidate.cost}
    limits = [limit for limit in terms.limits if limit.scope == scope and cost.get(limit.unit)]
    return min((a_day(limit) / cost[limit.unit] for limit in limits), default=math.inf)


def a_day(limit: Limit) -> float:
    """What a limit comes to in a day."""
    return limit.amount * DAY / (MONTH if limit.kind == "month" else limit.seconds)


def even(rate: float, days: float = 1.0) -> Iterator[float]:
    """Arrivals of `rate` messages a day, evenly spread, in seconds."""
    return (number * DAY / rate for number in range(round(rate * days)))


def like_people(rate: float, days: float, chance: random.Random) -> Iterator[float]:
    """Arrivals of `rate` messages a day on average, at random, with the hours of a day unlike each other.

    A Poisson process whose rate changes by the hour, made by thinning: Lewis and Shedler, 1979.
    """
    most = max(BUSY_HOURS) / sum(BUSY_HOURS) * 24 * rate / DAY
    at = 0.0
    while True:
        at += chance.expovariate(most)
        if at >= days * DAY:
            return
        if chance.random() < BUSY_HOURS[int(at % DAY // 3600)] / max(BUSY_HOURS):
            yield at
