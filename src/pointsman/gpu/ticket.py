"""A wish's ticket: how it stands while it waits, its lease, and the way to give it back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Protocol

from pointsman.core.errors import NoRoom, PointsmanError
from pointsman.gpu.want import Lease, Notice, Want


class Owner(Protocol):
    """Who is told what becomes of a ticket."""

    def give_back(self, ticket: Ticket) -> None:
        """The wish is taken back, or its lease ended."""
        ...

    def ran_out(self, ticket: Ticket, done: Callable[[], None]) -> None:
        """Its use ran out of memory; `done` is called when what is idle has gone."""
        ...


class Ticket:
    """What `Arbiter.request` gives at once; nothing is kept for it any more after `give_back`.

    As `async with arbiter.request(want) as lease` it waits for the lease and gives it back in the end.
    """

    def __init__(self, job: str, want: Want, owner: Owner) -> None:
        self.id = job
        self.want = want
        self._owner = owner
        self._lease: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
        self._notice: Notice | None = None
        self._news = asyncio.Event()
        self._over = False
        self.last = False

    async def notices(self) -> AsyncIterator[Notice]:
        """How it stands, whenever that changes; ends when it was granted, refused or taken back.

        Whoever reads slowly misses what has been superseded.
        """
        told: Notice | None = None
        while True:
            if self._notice is not None and self._notice is not told:
                told = self._notice
                yield told
            elif self._lease.done():
                return
            else:
                self._news.clear()
                await self._news.wait()

    async def lease(self) -> Lease:
        """Waits for the lease. Raises NoRoom, Unreachable, OutOfMemory, ModelFailed.

        When whoever waits is cancelled, the wish is taken back.
        """
        try:
            return await asyncio.shield(self._lease)
        except asyncio.CancelledError:
            self.give_back()
            raise

    def give_back(self, *, last: bool = False) -> None:
        """Takes the wish back while it waits, and ends the lease after that; may be called again.

        The `last` of a conversation's leases lets its tenant go, which is else kept for the next turn.
        """
        if not self._over:
            self._over = True
            self.last = last
            self.refused(NoRoom("the wish was taken back", cure="ask again"))
            self._owner.give_back(self)

    async def ran_out(self) -> None:
        """The use ran out of the card's memory: 15 % more are booked from now on, and all that is idle goes.

        It ends the lease and returns when the memory is back; then it is worth asking once more.
        """
        if not self._over:
            self._over = True
            gone = asyncio.Event()
            self._owner.ran_out(self, gone.set)
            await gone.wait()

    def granted(self, lease: Lease) -> None:
        """The owner grants it."""
        if not self._lease.done():
            self._lease.set_result(lease)
        self._news.set()

    def refused(self, error: PointsmanError) -> None:
        """The owner refuses it."""
        if not self._lease.done():
            self._lease.set_exception(error)
            # Nobody has to ask: whoever took it back will not.
            self._lease.exception()
        self._news.set()

    def stands(self, notice: Notice) -> None:
        """The owner tells how it stands; what says nothing new is left out."""
        before = self._notice
        if before is None or is_news(before, notice):
            self._notice = notice
            self._news.set()

    async def __aenter__(self) -> Lease:
        try:
            return await self.lease()
        except BaseException:
            self.give_back()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_back()


def is_news(before: Notice, notice: Notice) -> bool:
    """Whether a notice says something new: other words, another place, or clearly another time."""
    if (before.text, before.position) != (notice.text, notice.position):
        return True
    return abs(before.seconds - notice.seconds) >= max(2.0, 0.3 * before.seconds)
