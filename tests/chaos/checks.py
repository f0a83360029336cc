"""Holds what was seen of a run against what was promised; everything that is broken becomes one line."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from tests.chaos.plan import SERVICES, Plan
from tests.chaos.rules import Broken, Refusal, Step, bunches, check, repeated
from tests.chaos.seen import Arrival, Decided, Seen, Sent
from tests.chaos.told import DAY, Told, told

from pointsman.config import intents

# With less than this left of a message's time, a call that fails may as well have been given up.
CLOSE: Final = 0.06
GROQ_KNOWN: Final = frozenset({"RPM", "TPM", "RPD", "TPD"})
# Limits of a minute or so; the others are a day's or a month's.
MINUTES: Final = frozenset({"RPM", "TPM", "OTPM", "rate", "window", "minute"})
MINUTE: Final = 60.0


@dataclass(slots=True)
class Found:
    """What is broken, and what the checks saw on the way."""

    broken: list[str] = field(default_factory=list)
    tested: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    overshoot: dict[str, tuple[int, int]] = field(default_factory=dict)
    budget: float = -math.inf


def decisions(plan: Plan, seen: Seen, late: float) -> Iterator[str]:
    """Each message has one decision, of a category that there is, at most so many seconds late.

    Other programs on the machine do not count: for as long as the router could have run and had no core, it is excused.
    """
    counts = Counter(it.message for it in seen.decided)
    for number in range(plan.messages):
        if counts[number] != 1:
            yield f"message {number} has {counts[number]} decisions"
    known = set(intents.load().names)
    for it in seen.decided:
        if it.failed:
            yield f"message {it.message} has no decision: {it.failed}"
        elif it.category not in known:
            yield f"message {it.message} has the category {it.category!r}, which there is not"
        if (over := lateness(plan, it)) > late and over - (excused := without_core(plan, seen, it)) > late:
            told = f", and for {excused:.3f} s of them there was no core" if excused else ""
            yield f"message {it.message} was decided {over:.3f} s after its deadline{told}"
        if plan.direct(it.message) and it.tier == "cloud":
            yield f"message {it.message} is a direct one, and was decided by the cloud"


def lateness(plan: Plan, it: Decided) -> float:
    """By how many seconds a decision was later than the stage's deadline; negative when it was in time."""
    return it.seconds - plan.session_of(it.message).deadline


def without_core(plan: Plan, seen: Seen, it: Decided) -> float:
    """For how many seconds after a decision's deadline the router could have run and had no core.

    It is counted from the beat of the loop before the deadline, which is 10 ms earlier at most where the loop is free.
    """
    place = bisect_right(seen.pulses, it.began + it.seconds - lateness(plan, it), key=lambda pulse: pulse.t)
    return max(0.0, it.starved - seen.pulses[place - 1].starved) if place else 0.0


def circuits(plan: Plan, seen: Seen, arrivals: Mapping[int, Arrival]) -> Found:
    """No service is asked while its circuit is open, and no limit is exceeded by more than one call."""
    found = Found()
    sent = {it.call: it for it in seen.sent}
    settled = {change.call for change in seen.changes if change.what == "settled"}
    for call in sorted(set(sent) - settled):
        found.broken.append(f"message {sent[call].message}: what became of call {call} was never written down")
    for call in sorted(set(arrivals) - set(sent)):
        found.broken.append(f"call {call} arrived at {arrivals[call].service} and was never sent")
    for service in SERVICES:
        steps = list(steps_of(plan, service, seen, arrivals, sent))
        for step in steps:
            if step.told is not None:
                found.told[step.told.kind] += 1
        result: Broken = check(steps, epochs_of(plan, service))
        found.broken += result.found
        found.tested += result.tested
    quotas(plan, seen, arrivals, found)
    return found


def steps_of(
    plan: Plan, service: str, seen: Seen, arrivals: Mapping[int, Arrival], sent: Mapping[int, Sent]
) -> Iterator[Step]:
    """The changes of a service's account, each with what the fake had told."""
    begun = {it.message: it for it in reversed(seen.sent)}
    for change in seen.changes:
        if change.service != service or change.what == "refused":
            continue
        if change.what == "admitted":
            yield Step(change)
        elif change.call not in arrivals:
            yield Step(change, Told("nothing" if not change.call or sent[change.call].end == "cancelled" else "other"))
        else:
            call = sent[change.call]
            time_up = begun[call.message].began + plan.session_of(call.message).deadline
            said = told(arrivals[change.call], call, late=call.ended > time_up - CLOSE)
            if service == "server" and said.kind == "quota":
                said = replace(said, whole=change.scope == "service")  # it differs by dialect: see `told.NAMED`
            yield Step(change, said)


def epochs_of(plan: Plan, service: str) -> dict[int, int]:
    """How often a service's key had changed before each message."""
    epochs: dict[int, int] = {}
    key, epoch = "", -1
    for session in plan.sessions:
        if session.keys[service] != key:
            key, epoch = session.keys[service], epoch + 1
        epochs.update(dict.fromkeys(session.numbers, epoch))
    return epochs


def quotas(plan: Plan, seen: Seen, arrivals: Mapping[int, Arrival], found: Found) -> None:
    """How many calls were refused because a limit was used up; of one that the router keeps books of, one may be."""
    passed = {it.permit: it.t for it in seen.changes if it.what == "admitted"}
    refusals: defaultdict[str, list[Refusal]] = defaultdict(list)
    for change in seen.changes:
        arrival = arrivals.get(change.call)
        if change.what == "settled" and arrival and arrival.over:
            limit = f"{arrival.service} {arrival.model} {arrival.over}"
            period = MINUTE if arrival.over in MINUTES else DAY
            refusal = Refusal(limit, passed[change.permit], change.t, change.message, arrival.at, period)
            books = "own books" if is_known(plan, arrival, change.message) else "unknown to it"
            refusals[f"{arrival.service} {arrival.over}, {books}"].append(refusal)
    for name, those in sorted(refusals.items()):
        found.overshoot[name] = (len(those), max(map(len, bunches(those))))
        for bunch in repeated(those) if name.endswith("own books") else ():
            said = ", ".join(str(it.message) for it in bunch)
            found.broken.append(f"{bunch[0].limit}: {len(bunch)} calls in its time were too many (messages {said})")
    budget(plan, seen, arrivals, found)


def budget(plan: Plan, seen: Seen, arrivals: Mapping[int, Arrival], found: Found) -> None:
    """By how much the day's neurons that we allow were overspent: at most by what one call takes."""
    most_cost = max((it.cost for it in arrivals.values()), default=0.0)
    for change in seen.changes:
        arrival = arrivals.get(change.call)
        if change.what != "settled" or arrival is None or not arrival.cost:
            continue
        over = arrival.spent - plan.session_of(change.message).neurons
        found.budget = max(found.budget, over + arrival.cost)
        if over > most_cost:
            found.broken.append(f"message {change.message} spent neurons when {over:.1f} too many had been spent")


def is_known(plan: Plan, arrival: Arrival, message: int) -> bool:
    """Whether the router was told how much a limit allows, and what counts against it, so that its own books can hold.

    Calls that are lost on the way are in its books like all others: whatever was sent counts as a request. What it
    cannot know before it is refused: Hugging Face's windows, whose length nobody publishes, and its credit, as no
    answer says what a call cost; Cloudflare's share where more is configured than there is; the limits of a server
    for which none are configured.
    """
    session = plan.session_of(message)
    match arrival.service:
        case "groq":
            return arrival.over in GROQ_KNOWN
        case "cloudflare":
            return arrival.over == "rate" or session.neurons < plan.neurons
        case "server":
            return session.told_limits
    return False
