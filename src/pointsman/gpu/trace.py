"""What happened, as plain data for a trace: one object an event, to be replayed by the simulator."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pointsman.gpu.state import Grant, Granted, Job, Load, Release, State, Tenant
from pointsman.gpu.want import Lease

logger = logging.getLogger(__name__)

Record = Callable[[dict[str, Any]], None]

# Others come and go by megabytes all the time; a change of so many bytes is one that a schedule may have to answer.
EXTERNAL_STEP = 256 * 1024**2


class Trace:
    """Writes events: `t` in seconds, `kind`, `tenant`, and what else belongs to the kind.

    wish: id, wish (its kind), variant, bytes, use (seconds), priority, holder. grant: id, waited, cold, rung (0 is
    the best). back: id, seconds. refuse: id, why. load, loaded, load_failed: variant, bytes, seconds. release,
    released: bytes, seconds, why, id. adopted, spilled: bytes. external: device, bytes. oom: bytes.
    """

    def __init__(self, record: Record | None) -> None:
        self._records: tuple[Record, ...] = () if record is None else (record,)
        self._external: dict[str, int] = {}

    def listen(self, record: Record) -> Callable[[], None]:
        """Gives the events to somebody else as well, from now on; what is returned ends that."""
        self._records = (*self._records, record)
        return lambda: self._leave(record)

    def event(self, now: float, kind: str, tenant: str = "", **more: Any) -> None:
        """One event. A record that fails is not asked again: the card matters more than its trace."""
        for record in self._records:
            try:
                record({"t": round(now, 3), "kind": kind, "tenant": tenant, **more})
            except Exception:
                logger.exception("nothing more is recorded of the card")
                self._leave(record)

    def _leave(self, record: Record) -> None:
        self._records = tuple(it for it in self._records if it is not record)

    def wish(self, now: float, job: Job) -> None:
        """A wish came."""
        want, best = job.want, job.want.best
        self.event(
            now,
            "wish",
            best.tenant,
            id=job.id,
            wish=want.kind,
            variant=best.variant,
            bytes=best.bytes,
            use=want.seconds,
            priority=want.priority,
            holder=want.holder,
        )

    def grant(self, now: float, job: Job, lease: Lease, action: Grant) -> None:
        """A wish got its lease."""
        rung = job.want.ladder.index(action.rung)
        name = action.rung.tenant
        self.event(now, "grant", name, id=job.id, waited=round(lease.waited, 3), cold=lease.cold, rung=rung)

    def load(self, now: float, action: Load, tenant: Tenant) -> None:
        """A load began."""
        rung = action.rung
        self.event(
            now, "load", rung.tenant, variant=rung.variant, bytes=tenant.booked, device=action.device, id=action.job
        )

    def release(self, now: float, action: Release, was: Tenant) -> None:
        """A release began."""
        self.event(now, "release", action.tenant, bytes=was.booked, why=action.why, id=action.job)

    def back(self, now: float, grant: Granted | None) -> None:
        """A lease ended, if there was one."""
        if grant is not None:
            self.event(now, "back", grant.rung.tenant, id=grant.job, seconds=round(now - grant.at, 3))

    def looked(self, now: float, before: State, after: State) -> None:
        """What a look found: who is gone and who came, spills, and what others hold."""
        for name, tenant in after.tenants.items():
            was = before.tenants.get(name)
            if was is None:
                continue
            if was.phase != "cold" and tenant.phase == "cold":
                self.event(now, "released", name, bytes=was.booked, seconds=round(now - was.since, 3))
            elif was.phase == "cold" and tenant.phase == "resident":
                self.event(now, "adopted", name, bytes=tenant.booked)
            if tenant.spilled and not was.spilled:
                self.event(now, "spilled", name, bytes=tenant.spilled)
        for device, card in after.cards.items():
            if abs(card.external - self._external.get(device, 0)) >= EXTERNAL_STEP:
                self._external[device] = card.external
                self.event(now, "external", device=device, bytes=card.external)
