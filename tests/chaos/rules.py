"""The rules of circuits, stated as simply as can be, and held against what arrived at the fakes.

A call was in flight with a fault if it was let pass before that fault was written into the account; accounts are
changed one at a time, so there is always one that came first. Nothing excuses any other call.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.chaos.seen import Change
from tests.chaos.told import DAY, Told

SIX_HOURS: Final = 6 * 3600.0
AFTER_MIDNIGHT: Final = 300.0
IN_A_ROW: Final = 3
# What any answer disproves: somebody is there, and the address is right.
DISPROVED: Final = frozenset({"server", "address"})
# A probe that is not back by then may have a successor.
PROBE_SECONDS: Final = 30.0
WHOLE: Final = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of an account with what it tells: `told` for a settled call, None for one that was let pass."""

    change: Change
    told: Told | None = None


@dataclass(slots=True)
class Standing:
    """How the service, or one model of it, stands after what it told: nothing may be asked before `until`.

    `why` is the kind of the fault, "" where all is well. `row` counts server faults in a row; it is only to be relied
    on where nothing else may have opened the circuit since `unsure`, such as calls whose time was up. `probe` is the
    permit of the one call that finds out whether all is well again, let pass at `probed`.
    """

    why: str = ""
    until: float = 0.0
    by: int = 0
    row: int = 0
    unsure: float = -1.0
    probe: str = ""
    probed: float = 0.0

    def rest(self, told: Told, until: float, by: int) -> None:
        """Takes a fault that forbids to ask for a while; a probe that is under way knows nothing of it.

        Of one that was in flight with another, what forbids it for longer stays.
        """
        if not self.why or until > self.until:
            self.why, self.by, self.probe, self.until = told.kind, by, "", until


@dataclass(slots=True)
class Broken:
    """What was found: the rules that were broken, and how often each was put to the test."""

    found: list[str] = field(default_factory=list)
    tested: Counter[str] = field(default_factory=Counter)


def check(steps: Iterable[Step], epochs: Mapping[int, int]) -> Broken:
    """Walks through a service's account; `epochs` says for each message how often the key had changed before it."""
    broken = Broken()
    standings: defaultdict[str, Standing] = defaultdict(Standing)
    epoch = -1
    began: dict[str, float] = {}
    for step in sorted(steps, key=lambda step: step.change.t):
        change = step.change
        if (now := epochs.get(change.message, epoch)) != epoch:
            epoch = now
            standings.clear()  # another key: whatever the old one was told, this one may be asked
        for whose in (WHOLE, change.model):
            if step.told is None:
                began[change.permit] = change.t
                passed(whose, standings[whose], change, broken)
            else:
                settled(whose, standings[whose], step.told, change, began.get(change.permit, -1.0))
    return broken


def passed(whose: str, standing: Standing, change: Change, broken: Broken) -> None:
    """A call was let pass."""
    if not standing.why:
        return
    who = f"{change.service} {whose}".rstrip()
    broken.tested[standing.why] += 1
    if change.high < standing.until:
        rest = standing.until - change.high
        broken.found.append(
            f"message {change.message} asked {who} {rest:.1f} s before it might: {standing.why}, told by call "
            f"{standing.by}"
        )
    if standing.probe and change.high - standing.probed < PROBE_SECONDS:
        broken.found.append(
            f"message {change.message} asked {who} while another call was finding out whether it works again "
            f"({standing.why}, told by call {standing.by})"
        )
    standing.probe, standing.probed = change.permit, change.low


def settled(whose: str, standing: Standing, told: Told, change: Change, began: float) -> None:
    """A call came back that was let pass when real time was `began`."""
    probed = standing.probe == change.permit
    if probed:
        standing.probe = ""
    ours = told.whole == (whose == WHOLE)
    if (change.kind == "malformed" and whose) or (change.kind == "server" and told.kind != "server"):
        standing.unsure = change.t  # enough of these open a circuit as well
    if told.kind == "nothing" or (told.kind == "server" and whose and not ours):
        return  # that a service is down says nothing about one of its models
    if told.kind == "server" and ours:
        if probed or not standing.why:  # otherwise it was in flight with what opened the circuit
            broke(standing, told, change)
        return
    standing.row = 0
    if told.kind in {"good", "other", "server"}:
        heard(whose, standing, told, change, probed=probed)
        if told.kind == "good" and began > standing.unsure:
            standing.unsure = -1.0
    elif ours:
        first = standing.why != told.kind
        standing.rest(told, until(change.service, told, change.low, first=first), change.call)
    elif whose == WHOLE:
        heard(whose, standing, told, change, probed=probed)  # whoever refuses for one model is there


def broke(standing: Standing, told: Told, change: Change) -> None:
    """A server fault: one more in a row, or a probe that failed."""
    standing.row += 1
    if standing.why == "server" or told.at_once or (standing.row >= IN_A_ROW and standing.unsure < 0):
        standing.rest(told, change.low + told.rest, change.call)


def heard(whose: str, standing: Standing, told: Told, change: Change, *, probed: bool) -> None:
    """An answer of some kind."""
    unread = standing.unsure >= 0 and change.kind not in {"malformed", "server"}
    if probed and (told.kind == "good" or standing.why in DISPROVED or unread):
        standing.why = ""  # after enough that could not be read, the circuit is open for that, and any answer closes it
    if change.kind == "quota_exhausted" and (change.scope == "service") == (whose == WHOLE):
        standing.why = "quota"  # it was told badly, but told


def until(service: str, told: Told, now: float, *, first: bool) -> float:
    """Until when nothing may be asked after a fault; `first` is whether it had been well before."""
    if told.kind == "quota" and told.whole and service == "cloudflare":
        # Early in the day, the share is likely yesterday's, and may come back at any time.
        return morning(now) if first and now % DAY >= SIX_HOURS else min(morning(now), now + AFTER_MIDNIGHT)
    if told.kind == "quota" and told.whole and service == "huggingface":
        return min(now + DAY, next_month(now))
    return now + told.rest


def morning(now: float) -> float:
    """00:05 UTC of the next day."""
    return now - now % DAY + DAY + AFTER_MIDNIGHT


def next_month(now: float) -> float:
    """00:05 UTC on the next first of a month."""
    at = datetime.fromtimestamp(now, UTC)
    return datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC).timestamp() + AFTER_MIDNIGHT


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that a fake refused because a limit was used up: let pass and settled at those real times.

    `at` is when it came in simulated time, and `period` the seconds that the limit is for.
    """

    limit: str
    passed: float
    settled: float
    message: int
    at: float = 0.0
    period: float = 0.0


def bunches(refusals: Iterable[Refusal]) -> list[list[Refusal]]:
    """The refusals of each limit in bunches: those that were let pass before the first one of them was known."""
    ordered = sorted(refusals, key=lambda it: it.settled)
    return gathered(ordered, lambda first, it: it.passed <= first.settled)


def repeated(refusals: Iterable[Refusal]) -> list[list[Refusal]]:
    """The refusals that came with others of the same limit in the seconds that it is for, together."""
    ordered = sorted(refusals, key=lambda it: it.at)
    return [bunch for bunch in gathered(ordered, lambda first, it: it.at < first.at + it.period) if len(bunch) > 1]


def gathered(refusals: Iterable[Refusal], together: Callable[[Refusal, Refusal], bool]) -> list[list[Refusal]]:
    """The refusals of each limit in bunches, by whether one belongs to the first one of a bunch."""
    latest: dict[str, list[Refusal]] = {}
    made: list[list[Refusal]] = []
    for refusal in refusals:
        bunch = latest.get(refusal.limit)
        if bunch is None or not together(bunch[0], refusal):
            bunch = latest[refusal.limit] = []
            made.append(bunch)
        bunch.append(refusal)
    return made
