"""Work that needs the card: waits for its lease and says how long, works, and tries once more when memory ran out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Final, Protocol, TypeVar

from pointsman.core.errors import OutOfMemory
from pointsman.core.happening import Leased
from pointsman.core.message import Turn
from pointsman.core.plan import Draw
from pointsman.core.ports import ChatModel, Painter
from pointsman.core.reply import Progress, Status
from pointsman.gpu.snapshot import Snapshot
from pointsman.gpu.want import Lease, Notice, Rung, Want

Piece = TypeVar("Piece")
Work = Callable[[Lease], AsyncGenerator[Piece, None]]

SOON: Final = 1.0
"""Seconds for which nobody is told why he waits."""

ELSEWHERE = Lease("", Rung(""))
"""The lease of work that needs no card."""


class Ticket(Protocol):
    """A wish that waits, then a lease until it is given back."""

    def notices(self) -> AsyncIterator[Notice]:
        """How it stands, whenever that changes; ends when it is granted or refused."""
        ...

    async def lease(self) -> Lease:
        """The lease. Raises NoRoom, OutOfMemory, ModelFailed, Unreachable."""
        ...

    def give_back(self, *, last: bool = False) -> None:
        """Ends the lease, or the waiting; as often as one likes. With `last` nothing is kept for a next turn."""
        ...

    async def ran_out(self) -> None:
        """Says that memory ran out under it: what it takes is learned, and whatever is idle released."""
        ...


class Leases(Protocol):
    """Who owns the card."""

    def request(self, want: Want) -> Ticket:
        """Puts a wish into the queue."""
        ...

    def hint(self, want: Want, probability: float) -> None:
        """Says that a wish is likely soon, 0 to 1."""
        ...

    def snapshot(self) -> Snapshot:
        """How the card stands."""
        ...

    async def free(self, tenant: str = "", *, deep: bool = True) -> int:
        """Releases one tenant, or whatever is idle; the bytes that were seen to come back."""
        ...

    async def start(self) -> None:
        """Begins to look after the card."""
        ...

    async def close(self) -> None:
        """Stops looking after it."""
        ...


class Wishes(Protocol):
    """What serving a step takes of the card; None where it takes nothing."""

    @property
    def owns(self) -> bool:
        """Whether others may be sent away for a wish, which only one process at a time may do."""
        ...

    async def chat(self, model: str, turns: Sequence[Turn], *, background: bool = False) -> Want | None:
        """The ladder of a chat model; nobody waits for what is done in the `background`."""
        ...

    async def picture(self, draw: Draw) -> Want | None:
        """The ladder of a picture."""
        ...

    async def close(self) -> None:
        """Lets go of what it holds."""
        ...


class Studio(Protocol):
    """What draws, in whichever way the lease says."""

    def painter(self, rung: Rung) -> Painter:
        """The painter for a rung."""
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Card:
    """What becomes of work that needs the card: who owns it, what work takes of it, and what serves and draws.

    `serving` has what a lease may name besides the models that can be asked by name: the same with less context, and
    others that stand in; it is filled as they come up. A `studio` that was only looked for, and is not
    `studio_expected`, may be absent without that being a failure; with `paints_outside` it is outside the house.
    Without `leases` nobody owns the card, and everything runs at once.
    """

    leases: Leases | None = None
    wishes: Wishes | None = None
    studio: Studio | None = None
    serving: Mapping[str, ChatModel] = field(default_factory=dict)
    studio_expected: bool = False
    paints_outside: bool = False


async def leased(
    leases: Leases,
    want: Want,
    work: Work[Piece],
    *,
    ends: Callable[[], bool] = lambda: False,
    told: Callable[[Leased], None] = lambda _: None,
) -> AsyncGenerator[Piece | Status, None]:
    """What `work` gives while it holds its lease, after notices of the waiting.

    `ends` tells, when it is over, whether the conversation that the wish names ends with it. `told` is told of the
    lease, and how long it was waited for.

    When memory runs out before anything was given, whatever is idle is released and it is tried once more. Raises
    what `Ticket.lease` and `work` raise.
    """
    for last in (False, True):
        ticket = leases.request(want)
        given = False
        try:
            said = ""
            async for notice in ticket.notices():
                if notice.seconds > SOON and notice.text != said:
                    said = notice.text
                    before = f", {notice.position - 1} before" if notice.position > 1 else ""
                    yield Status(f"{said}: about {notice.seconds:.0f} s{before}")
            lease = as_before(await ticket.lease(), want)
            told(Leased(want.kind, lease.rung.tenant, lease.waited))
            for note in filter(None, (lease.rung.note, lease.note)):
                yield Status(note)
            if lease.rung.footprint not in {want.best.footprint, want.prefers} and want.priority == "interactive":
                # Where time was what lacked, and not room, the next one finds the best there.
                leases.hint(replace(want, ladder=want.ladder[:1]), 1.0)
            async with aclosing(work(lease)) as pieces:
                async for piece in pieces:
                    given = given or not isinstance(piece, Status | Progress)
                    yield piece
        except OutOfMemory:
            if last or given:
                raise
            await ticket.ran_out()
            yield Status("the card ran out of memory: making room, then trying once more")
        else:
            return
        finally:
            ticket.give_back(last=ends())


def as_before(lease: Lease, want: Want) -> Lease:
    """A lease of what answered before, with a note that says so: what it once stood in for may have room by now."""
    rung = lease.rung
    if not rung.note or rung.footprint != want.prefers:
        return lease
    return replace(lease, rung=replace(rung, note=f"{rung.serve or rung.tenant} goes on, as it answered before"))
