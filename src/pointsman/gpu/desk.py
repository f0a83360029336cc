"""Where tickets are kept: who waits for what, and what they are told."""

from __future__ import annotations

from collections.abc import Callable

from pointsman.core.errors import NoRoom, PointsmanError, Unreachable
from pointsman.gpu.ledger import gigabytes
from pointsman.gpu.settings import Settings
from pointsman.gpu.state import Grant, Job, Refuse, State
from pointsman.gpu.ticket import Ticket
from pointsman.gpu.waits import standings
from pointsman.gpu.want import Lease


class Desk:
    """Tells tickets how they stand, and whoever waits for a release that it is over."""

    def __init__(self) -> None:
        self.tickets: dict[str, Ticket] = {}
        self.errors: dict[str, PointsmanError] = {}
        self._watches: list[tuple[frozenset[str], float, Callable[[], None]]] = []

    def grant(self, state: State, job: Job, action: Grant, now: float) -> Lease:
        """Hands out a lease; that a part of it is slow is said in its note."""
        rung, note = action.rung, ""
        tenant = state.tenants.get(rung.tenant)
        if tenant is not None and tenant.spilled:
            note = f"{gigabytes(tenant.spilled)} of it lie in the computer's memory, so that it is slow"
        lease = Lease(job.id, rung, action.device, job.cold, max(0.0, now - job.at), job.evicted, note)
        self.tickets[job.id].granted(lease)
        return lease

    def refuse(self, action: Refuse) -> None:
        """Refuses a wish: with its server's own error where that is the reason."""
        error = self.errors.get(action.tenant)
        if action.tenant and (error is None or error.message not in action.why):
            server = action.tenant.partition(":")[0]
            error = Unreachable(action.why, cure=f"start {server}, or look whether it is stuck")
        if error is None:
            error = NoRoom(
                action.why,
                cure=f"ask again in {action.retry_after:.0f} s, or close what holds the card's memory; a smaller model"
                " or a cloud in the configuration would serve meanwhile",
                retry_after=action.retry_after,
            )
        self.tickets.pop(action.job).refused(alike(error))

    def refuse_all(self, error: PointsmanError) -> None:
        """Refuses whoever still waits."""
        for ticket in self.tickets.values():
            ticket.refused(alike(error))
        self.tickets.clear()
        for _, _, tell in self._watches:
            tell()
        self._watches.clear()

    def watch(self, tenants: frozenset[str], until: float, tell: Callable[[], None]) -> None:
        """Tells somebody when none of these tenants is being released any more, and at a time in any case."""
        self._watches.append((tenants, until, tell))

    def tell(self, state: State, now: float, settings: Settings) -> None:
        """Tells everybody how it stands."""
        for job, _, notice in standings(state, now, settings):
            self.tickets[job.id].stands(notice)
        releasing = {it.name for it in state.tenants.values() if it.phase == "releasing"}
        over = [it for it in self._watches if not it[0] & releasing or now >= it[1]]
        self._watches = [it for it in self._watches if it not in over]
        for _, _, tell in over:
            tell()


def alike(error: PointsmanError) -> PointsmanError:
    """The same error once more: one that is raised in several places at once would gather all their tracebacks."""
    copied = type(error).__new__(type(error), *error.args)
    copied.__dict__.update(error.__dict__)
    copied.__cause__ = error.__cause__
    return copied
