"""The circuit before a service or one of its models: closed, open until a time, half-open for one probe; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from pointsman.core.faults import DAY, TREATMENTS, FaultKind, ServiceFailed
from pointsman.providers.remote.meters import sound
from pointsman.providers.remote.utc import AFTER_MIDNIGHT, day_start, next_month

# How a used-up quota comes back: when the service says, after midnight UTC, or on the first of the month.
Recovery = Literal["stated", "utc_day", "month"]
State = Literal["closed", "open", "half_open"]

# A probe that has not come back by then belonged to a process that died.
PROBE_SECONDS: Final = 30.0
# A rest doubles each time that a probe fails, up to so many seconds.
LONGEST_REST: Final = {"rate_limited": 20.0, "malformed": 900.0, "server": 900.0, "quota_exhausted": 3600.0}
# A wrong address or account needs somebody; a server that was only set up badly for a while is found again.
WRONG_REST: Final = 900.0
# A server that says to come back later than this is left alone at once: asking it again would only cost time.
PATIENCE_TOLD: Final = 1.0
# So many calls in a row, without any answer in between, had too little time to blame the service for one of them.
# Together they say that it hangs, or is slower than the time that it is given; either way nobody should wait for it.
MOST_CUT: Final = 5
# What a service states is believed up to so many seconds: the longest month, and a day for what is not a quota.
LONGEST_QUOTA: Final = 32 * DAY
# A day's share that is used up this soon after midnight was used up yesterday: the window may be a trailing one,
# as two accounts of Cloudflare showed, and opens again during the day.
EARLY: Final = 6 * 3600.0
# What says that nothing works there; the other kinds say that something answered, and what it wants.
BROKEN: Final = frozenset({"server", "malformed"})
# What any answer disproves: somebody is there, and the address is right.
DISPROVED: Final = BROKEN | {"bad_request"}


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of a service's or a model's health.

    `kind` is the fault that opened it ("": it is closed), `until` when it may be probed (infinite: when the
    configuration has changed), `back` when it is expected to work. `reopened` counts failed probes, `server` and
    `malformed` faults in a row while it was closed. `probe` is the permit under which it is being probed, since
    `probed_at`. `cut` counts calls in a row that had too little time, of at most `within` seconds.
    """

    kind: FaultKind | Literal[""] = ""
    until: float = 0.0
    back: float = 0.0
    reopened: int = 0
    server: int = 0
    malformed: int = 0
    probe: str = ""
    probed_at: float = 0.0
    cut: int = 0
    within: float = 0.0

    @property
    def slow(self) -> bool:
        """Whether it opened because no answer came in the time that calls had, which may be short."""
        return self.kind == "server" and self.cut >= MOST_CUT

    def state(self, now: float) -> State:
        """Whether calls may pass: all, none, or one to see."""
        if not self.kind:
            return "closed"
        # Longer than anything rests: the clock was wrong when it opened.
        return "open" if self.until == math.inf or 0 < self.until - now <= LONGEST_QUOTA else "half_open"

    def probing(self, now: float) -> bool:
        """Whether somebody is finding out, so that others have to wait."""
        return bool(self.probe) and 0 <= now - self.probed_at < PROBE_SECONDS

    def tried(self, permit: str, now: float) -> Circuit:
        """With that permit as the probe, where one is due."""
        return replace(self, probe=permit, probed_at=now) if self.state(now) == "half_open" else self

    def answered(self, permit: str) -> Circuit:
        """After a good answer: closed, unless the call began before it opened."""
        return Circuit() if not self.kind or self.probe == permit else self

    def heard(self, permit: str) -> Circuit:
        """After an answer that shows that somebody is there, and not whether there is quota."""
        return self.answered(permit) if not self.kind or self.kind in DISPROVED else self.freed(permit)

    def freed(self, permit: str) -> Circuit:
        """After a call that showed nothing: another one may probe."""
        return replace(self, probe="", probed_at=0.0) if self.probe == permit else self

    def failed(self, fault: ServiceFailed, permit: str, now: float, recovery: Recovery) -> Circuit:
        """After a fault, open where its kind, or so many of it in a row, ask for that."""
        opens_after = needed(fault)
        if not opens_after:
            return self.heard(permit)
        if self.kind and self.probe != permit:
            return self._late(fault, now, recovery)
        server, malformed = self._row(fault.kind)
        enough = (malformed if fault.kind == "malformed" else server) >= opens_after
        if fault.kind in BROKEN and not enough and self.kind not in BROKEN:
            return replace(self.freed(permit), server=server, malformed=malformed, cut=0, within=0.0)
        again = self.kind and (self.kind == fault.kind or {self.kind, fault.kind} <= BROKEN)
        return opened(fault, now, recovery, self.reopened + 1 if again else 0)

    def cut_off(self, permit: str, now: float, within: float) -> Circuit:
        """After a call that had `within` seconds and no answer, which is too little to blame the service for it."""
        if self.kind and self.probe != permit:
            return self
        row = replace(self.freed(permit), cut=min(self.cut + 1, MOST_CUT), within=max(self.within, within))
        if row.cut < MOST_CUT:
            return row
        reopened = self.reopened + 1 if self.kind in BROKEN else 0
        until = now + backed_off("server", reopened)
        return Circuit("server", until, until, reopened, cut=row.cut, within=row.within)

    def _row(self, kind: FaultKind) -> tuple[int, int]:
        """The faults in a row with this one; what cannot be read was sent by a server that works."""
        match kind:
            case "server":
                return self.server + 1, self.malformed
            case "malformed":
                return 0, self.malformed + 1
        # The others open at their first, whatever came before.
        return 1, 0

    def _late(self, fault: ServiceFailed, now: float, recovery: Recovery) -> Circuit:
        """After a fault of a call that began before it opened, which may know of a longer rest."""
        if fault.kind in BROKEN:
            return self
        # A probe that is under way began before this was known, so its good answer does not close what this opens.
        later = opened(fault, now, recovery, self.reopened)
        return later if later.until > self.until else self

    def data(self) -> list[Any]:
        """What is kept of it, for `circuit_of`."""
        until, back = (None if time == math.inf else time for time in (self.until, self.back))
        row = [self.reopened, self.server, self.malformed, self.cut]
        return [self.kind, until, back, *row, self.probe, self.probed_at, self.within]


def needed(fault: ServiceFailed) -> int:
    """How many faults in a row open the circuit; 0 where none does."""
    if fault.kind == "bad_request" and fault.scope == "service":
        return 1  # a wrong address or account: every message would find that out again
    if fault.kind == "server" and fault.wait is not None and sound(fault.wait) and fault.wait > PATIENCE_TOLD:
        return 1
    return fault.treatment.opens_after


def opened(fault: ServiceFailed, now: float, recovery: Recovery, reopened: int) -> Circuit:
    """A circuit that a fault has opened, after so many probes that failed."""
    until = rested(fault.kind, fault.wait, now, recovery, reopened)
    back = next_month(now) if fault.kind == "quota_exhausted" and recovery == "month" else until
    return Circuit(fault.kind, until, max(until, back), reopened)


def rested(kind: FaultKind, wait: float | None, now: float, recovery: Recovery, reopened: int) -> float:
    """Until when nothing is asked after a fault, in seconds since the epoch."""
    if kind == "auth":
        return math.inf
    quota = kind == "quota_exhausted"
    if kind == "bad_request":
        return now + WRONG_REST
    if wait is not None and sound(wait):
        return now + min(wait, LONGEST_QUOTA if quota else LONGEST_REST[kind] if kind in BROKEN else DAY)
    if quota and recovery == "month":
        return min(now + DAY, next_month(now) + AFTER_MIDNIGHT)
    if quota and recovery == "utc_day":
        morning = day_start(now) + DAY + AFTER_MIDNIGHT
        if not reopened and now - day_start(now) >= EARLY:
            return morning
        return min(morning, now + backed_off(kind, max(0, reopened - 1)))
    return now + backed_off(kind, reopened)


def backed_off(kind: FaultKind, reopened: int) -> float:
    """The seconds of rest after so many probes that failed."""
    rest = TREATMENTS[kind].rest
    return min(rest * 2.0 ** min(reopened, 20), LONGEST_REST.get(kind, rest))


def circuit_of(kept: object) -> Circuit:
    """The circuit from what was kept of it; a closed one from what cannot be one."""
    if not isinstance(kept, list) or len(kept) != 10:
        return Circuit()
    kind, until, back, *counts, probe, probed_at, within = kept
    numbers = (*(time for time in (until, back) if time is not None), *counts, probed_at, within)
    known = kind == "" or (isinstance(kind, str) and kind in TREATMENTS)
    if not (known and isinstance(probe, str) and all(map(sound, numbers))):
        return Circuit()
    until, back = (math.inf if time is None else time for time in (until, back))
    reopened, server, malformed, cut = map(int, counts)
    kind = cast("FaultKind | Literal['']", kind)
    return Circuit(kind, until, back, reopened, server, malformed, probe, probed_at, cut, within)
