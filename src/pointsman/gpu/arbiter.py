"""The card's one owner, from outside: tickets for wishes, hints, free memory on demand, and how it all stands."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from pointsman.core.errors import ModelFailed, NoRoom, PointsmanError
from pointsman.core.ports import Clock
from pointsman.gpu import looking
from pointsman.gpu.backend import Backend
from pointsman.gpu.calls import Sleep
from pointsman.gpu.carrier import Carrier
from pointsman.gpu.desk import alike
from pointsman.gpu.footprints import FootprintStore
from pointsman.gpu.owner import Owner
from pointsman.gpu.reading import Probe
from pointsman.gpu.settings import Settings
from pointsman.gpu.snapshot import Snapshot
from pointsman.gpu.state import State
from pointsman.gpu.ticket import Ticket
from pointsman.gpu.trace import Record, Trace
from pointsman.gpu.view import snapshot_of
from pointsman.gpu.want import Want

logger = logging.getLogger(__name__)


class Arbiter:
    """Owns the cards' memory: the only one that loads and unloads.

    One task makes every change of the state, in the order in which things happened; loads and releases run in tasks
    of their own, which survive whoever asked for them. `clock` gives seconds (it may jump; the arbiter's own time
    never goes back) and `sleep` waits; `record` gets trace events. `known` names the tenants that may be asked for, so
    that what their servers hold already is theirs, and not a stranger's.
    """

    def __init__(
        self,
        *,
        probe: Probe,
        backends: Sequence[Backend],
        clock: Clock,
        sleep: Sleep,
        settings: Settings,
        footprints: FootprintStore,
        record: Record | None = None,
        known: Sequence[str] = (),
    ) -> None:
        named = {it.name: it for it in backends}
        self._clock = clock
        self._sleep = sleep
        self._settings = settings
        self._footprints = footprints
        self._probe = probe
        self._raw = clock()
        self._latest = self._raw
        self._skipped = 0.0
        self._inbox: deque[Callable[[], None]] = deque()
        self._news = asyncio.Event()
        self._numbers = itertools.count(1)
        self._carrier = Carrier(named, footprints, sleep=sleep, settings=settings)
        self._looker = looking.Looker(probe, named, clock=clock, now=self._now, sleep=sleep, settings=settings)
        self._trace = Trace(record)
        self._owner = Owner(
            named, now=self._now, settings=settings, carrier=self._carrier, trace=self._trace, post=self._post
        )
        self._owner.introduce(known)
        self._started = False
        self._over: PointsmanError | None = None
        self._awaited: set[asyncio.Future[int]] = set()

    @property
    def state(self) -> State:
        """The state, for reading."""
        return self._owner.state

    async def start(self) -> None:
        """Reads the learned footprints and begins; without them it begins as well, and says so in the log."""
        try:
            self._owner.remember(await self._footprints.read())
        except PointsmanError as error:
            logger.warning("what models take has to be learned anew: %s", error.message)
        for work in (self._own(), self._look_on()):
            self._carrier.start(work).add_done_callback(self._stopped)
        self._started = True

    async def close(self) -> None:
        """Ends it: whoever waits is refused. What is in memory stays there; its server decides on it now."""
        self._end(NoRoom("Pointsman is stopping", cure="ask again when it runs"))
        await self._carrier.close()
        await self._probe.close()
        await self._footprints.close()

    def request(self, want: Want) -> Ticket:
        """A ticket for a wish, at once; one that is refused already when the owner is gone."""
        ticket = Ticket(f"wish-{next(self._numbers)}", want, self)
        if self._over is not None:
            ticket.refused(alike(self._over))
            return ticket
        self._owner.desk.tickets[ticket.id] = ticket
        self._post(partial(self._owner.submit, ticket))
        return ticket

    def hint(self, want: Want, probability: float) -> None:
        """Says that something is probably wanted soon: it may be loaded, and never at anybody's cost."""
        self._post(partial(self._owner.hint, want, probability))

    async def free(self, tenant: str = "", *, deep: bool = True) -> int:
        """Releases what is idle, or one tenant even if it is pinned; returns the bytes that were seen back.

        Raises what ended the owner when it is gone.
        """
        if self._over is not None:
            raise alike(self._over)
        if not self._started:
            return 0  # nothing of ours is there yet
        done = self._promise()
        self._post(partial(self._owner.free, tenant, done, deep=deep))
        return await done

    def listen(self, record: Record) -> Callable[[], None]:
        """Gives the events of the trace to somebody else as well; what is returned ends that."""
        return self._trace.listen(record)

    def snapshot(self) -> Snapshot:
        """How everything stands."""
        return snapshot_of(self.state, self._now(), self._settings)

    def give_back(self, ticket: Ticket) -> None:
        """For tickets: a wish is taken back, or a lease ended."""
        self._post(partial(self._owner.given_back, ticket))

    def ran_out(self, ticket: Ticket, done: Callable[[], None]) -> None:
        """For tickets: a use ran out of memory; `done` is called when what is idle has gone, or the owner is."""
        if self._over is not None:
            done()
            return
        gone = self._promise()

        def tell() -> None:
            if not gone.done():
                gone.set_result(0)

        def told(it: asyncio.Future[int]) -> None:
            it.exception()  # whoever ran out of memory asks again, and is told then
            done()

        gone.add_done_callback(told)
        self._post(partial(self._owner.ran_out, ticket, tell))

    def _now(self) -> float:
        """Seconds that never go back: when the clock does, they go on from where they were."""
        raw = self._clock()
        self._skipped += max(0.0, self._raw - raw)
        self._raw = raw
        self._latest = max(self._latest, raw + self._skipped)
        return self._latest

    def _post(self, event: Callable[[], None]) -> None:
        if self._over is None:
            self._inbox.append(event)
            self._news.set()

    def _promise(self) -> asyncio.Future[int]:
        """What somebody awaits, until it is told or the owner is gone."""
        promise: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._awaited.add(promise)
        promise.add_done_callback(self._awaited.discard)
        return promise

    def _end(self, error: PointsmanError) -> None:
        """From now on everything is refused, and so is what nobody has taken in yet."""
        if self._over is None:
            self._over = error
            self._inbox.clear()
            self._owner.desk.refuse_all(error)
            for it in [it for it in self._awaited if not it.done()]:
                it.set_exception(alike(error))

    async def _own(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._inbox:
                self._inbox.popleft()()
            self._owner.turn()

    async def _look_on(self) -> None:
        owner = self._owner
        while True:
            owner.hurry.clear()
            moves = owner.moves
            busy = looking.busy(owner.state, self._now(), owner.asked_at, self._settings)
            sight = await self._looker.look(owner.state, busy=busy)
            done = asyncio.Event()
            self._post(partial(owner.seen, sight, moves))
            self._post(done.set)
            await done.wait()
            seconds = looking.pause(owner.state, self._now(), owner.asked_at, self._settings)
            await looking.rest(seconds, owner.hurry, self._sleep)

    def _stopped(self, task: asyncio.Task[None]) -> None:
        """A fault of ours must not leave anybody waiting."""
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the card's owner stopped", exc_info=error)
            self._end(ModelFailed(f"the card's owner stopped: {error!r}", cure="restart Pointsman"))
