"""What a day's messages do to the limits of a service: played through its account, call by call; pure."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.core.faults import DAY, Scope, ServiceFailed
from pointsman.providers.remote.account import Account, Answered, Terms
from pointsman.providers.remote.asking import Cost, Metered
from pointsman.providers.remote.meters import Limit
from pointsman.providers.remote.permits import admit, settle
from pointsman.providers.remote.refusals import SPANS

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
    """What became of `asked` calls: `served` by model (by service, where there are several), the others refused.

    `first_refused` is when the first was, in seconds from the start; None where all were served. `short_of` counts
    the refusals by what was missing, in the words of the last refusal's kind; `lacked` by limit, as "neurons a day",
    at every service that refused.
    """

    asked: int
    served: Mapping[str, int] = field(default_factory=dict)
    first_refused: float | None = None
    refused: int = 0
    short_of: Mapping[str, int] = field(default_factory=dict)
    lacked: Mapping[str, int] = field(default_factory=dict)


class Desk:
    """One service that calls are brought to: its account, all limits full at first, and the models that it has."""

    def __init__(self, terms: Terms, candidates: Sequence[Candidate]) -> None:
        self.service = terms.service
        self._account = Account(terms)
        self._candidates = candidates
        self._shut: tuple[float, tuple[ServiceFailed, str]] | None = None

    def ask(self, number: int, now: float) -> str | tuple[ServiceFailed, str] | None:
        """The first model that admits the call, else the last one's refusal and what it lacked."""
        if self._shut and now < self._shut[0]:
            return self._shut[1]
        refusals: list[tuple[ServiceFailed, Candidate]] = []
        for candidate in self._candidates:
            permit = admit(self._account, candidate.model, candidate.cost, str(number), now)
            if not isinstance(permit, ServiceFailed):
                settle(self._account, permit, Answered(Metered(candidate.cost), CALL_SECONDS), now)
                return candidate.model
            refusals.append((permit, candidate))
        if not refusals:
            return None
        # While all refuse, nothing is spent: until the first has room again, each call gets the same answer.
        waits = [math.inf if permit.wait is None else permit.wait for permit, _ in refusals]
        self._shut = now + min(waits), (refusals[-1][0], self._lacking(refusals[-1][1], now))
        return self._shut[1]

    def _lacking(self, candidate: Candidate, now: float) -> str:
        """The limit that a call has to wait for longest."""
        cost: Cost = {"requests": 1.0, **candidate.cost}
        waits = [
            (self._account.meter(whose, limit, now).wait(cost.get(limit.unit, 0.0), now), number, limit)
            for number, (whose, limit) in enumerate(self._account.terms.of(candidate.model))
        ]
        limit = max(waits)[2]
        return f"{limit.unit} a {'month' if limit.kind == 'month' else SPANS.get(limit.seconds, 'while')}"


def forecast(terms: Terms, candidates: Sequence[Candidate], arrivals: Sequence[float], start: float = 0.0) -> Forecast:
    """What happens to calls at these times (seconds from `start`, rising) where all limits are full at first.

    Each asks the first candidate that its account admits. `start` is seconds since the epoch, for months.
    """
    return played([Desk(terms, candidates)], arrivals, start, lambda _, model: model)


def together(
    services: Sequence[tuple[Terms, Sequence[Candidate]]], arrivals: Sequence[float], start: float = 0.0
) -> Forecast:
    """The same where a call that one service refuses goes to the next; `served` is by service."""
    desks = [Desk(terms, candidates) for terms, candidates in services]
    return played(desks, arrivals, start, lambda service, _: service)


def played(
    desks: Sequence[Desk], arrivals: Sequence[float], start: float, named: Callable[[str, str], str]
) -> Forecast:
    """What becomes of calls that each go from desk to desk until one serves them."""
    served: Counter[str] = Counter()
    short: Counter[str] = Counter()
    lacked: Counter[str] = Counter()
    first: float | None = None
    for number, at in enumerate(arrivals):
        refusals: list[tuple[ServiceFailed, str]] = []
        for desk in desks:
            said = desk.ask(number, start + at)
            if isinstance(said, str):
                served[named(desk.service, said)] += 1
                break
            refusals += [said] if said else []
        else:
            short.update(refusal.kind for refusal, _ in refusals[-1:])
            lacked.update(what for _, what in refusals)
            first = at if first is None else first
    return Forecast(len(arrivals), served, first, sum(short.values()), short, lacked)


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
