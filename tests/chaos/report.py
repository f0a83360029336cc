"""The table that a run ends with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tests.chaos.checks import Found, lateness, without_core
from tests.chaos.plan import SERVICES, Plan
from tests.chaos.seen import Arrival, Decided, Seen

OPENED: Final = re.compile(r"^\w+ pointsman\.providers (\S+)(?: \S+)?: ([^,\n]+), not asked until", re.MULTILINE)


def lines(plan: Plan, seen: Seen, arrivals: Mapping[int, Arrival], found: Found, log: str) -> Iterator[str]:
    """The summary, line by line."""
    yield f"seed {plan.seed}: {len(seen.decided)} messages in {len(plan.sessions)} sessions, {seen.seconds:.0f} s"
    yield told("decided by", Counter(decider(it) for it in seen.decided))
    yield told("calls sent to", Counter(it.service for it in seen.sent))
    yield told("calls not let pass", Counter(it.kind for it in seen.changes if it.what == "refused"))
    yield told("troubles", Counter(it.trouble or "none" for it in arrivals.values()))
    kinds = Counter(it.kind for it in seen.changes if it.what == "settled")
    yield told("calls ended as", kinds)
    yield told("circuits opened", Counter(f"{service} {kind}" for service, kind in OPENED.findall(log)))
    yield told("calls held against a rule", found.tested)
    for deadline in sorted({it.deadline for it in plan.sessions}):
        those = [it for it in seen.decided if plan.session_of(it.message).deadline == deadline]
        yield f"  {'deadline ' + format(deadline, 'g') + ' s':<26}{times(plan, seen, those)}"
    lags = sorted(it.late for it in seen.pulses)
    yield f"  {'the loop was late by':<26}p99 {at(lags, 0.99) * 1e3:.0f} ms, worst {at(lags, 1.0) * 1e3:.0f} ms"
    for limit, (refused, at_once) in found.overshoot.items():
        yield f"  {'refused, used up':<26}{limit}: {refused} calls, at most {at_once} at once"
    yield f"  {'neurons over our budget':<26}at most {max(0.0, found.budget):.2f}, with the call that went over"


def told(name: str, counts: Counter[str]) -> str:
    """Counts in one line, the largest first."""
    return f"  {name:<26}" + (", ".join(f"{what} {count}" for what, count in counts.most_common()) or "none")


def decider(it: Decided) -> str:
    """The service that decided: the last one that the reason names."""
    if it.tier != "cloud":
        return it.tier or "nobody"
    return max(SERVICES, key=it.trace[0].rfind)


def times(plan: Plan, seen: Seen, decided: Sequence[Decided]) -> str:
    """How long decisions took, and by how much the worst missed the deadline."""
    taken = sorted(it.seconds for it in decided)
    worst = max((lateness(plan, it) for it in decided), default=0.0)
    ours = max((lateness(plan, it) - without_core(plan, seen, it) for it in decided), default=0.0)
    middle, high, most = (f"{at(taken, share) * 1e3:.0f} ms" for share in (0.5, 0.99, 1.0))
    return f"p50 {middle}, p99 {high}, worst {most} ({worst * 1e3:+.0f} ms; where it had a core {ours * 1e3:+.0f} ms)"


def at(ordered: Sequence[float], share: float) -> float:
    """The value below which such a share lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
