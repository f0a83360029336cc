"""An owner of the card for tests: every wish is granted its rung at once, or refused, as it was told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from pointsman.core.errors import PointsmanError
from pointsman.gpu.snapshot import Snapshot
from pointsman.gpu.want import Lease, Notice, Want


class ScriptedLeases:
    """Grants the rung `take` of each ladder after `notices`, or raises `refusal`.

    What happened is in `wanted`, `given_back` (wishes, one for each lease or waiting that ended; `last` says whether
    nothing is kept for a next turn), `ran_out`, `hinted`, `started` (how often it was begun) and `closed`.
    """

    def __init__(self, *, take: int = 0, notices: Sequence[Notice] = (), refusal: PointsmanError | None = None) -> None:
        self.take = take
        self.waiting = notices
        self.refusal = refusal
        self.wanted: list[Want] = []
        self.given_back: list[Want] = []
        self.last: list[bool] = []
        self.ran_out: list[Want] = []
        self.hinted: list[tuple[Want, float]] = []
        self.started = 0
        self.closed = False

    def request(self, want: Want) -> ScriptedTicket:
        """A ticket of the script."""
        self.wanted.append(want)
        return ScriptedTicket(self, want)

    def hint(self, want: Want, probability: float) -> None:
        """Notes it."""
        self.hinted.append((want, probability))

    def snapshot(self) -> Snapshot:
        """Nothing."""
        return Snapshot((), (), ())

    async def free(self, tenant: str = "", *, deep: bool = True) -> int:
        """Nothing was held."""
        del tenant, deep
        return 0

    async def start(self) -> None:
        """Notes it."""
        self.started += 1

    async def close(self) -> None:
        """Notes that it was closed."""
        self.closed = True


class ScriptedTicket:
    """One wish of a ScriptedLeases."""

    def __init__(self, leases: ScriptedLeases, want: Want) -> None:
        self._leases = leases
        self._want = want
        self._open = True

    async def notices(self) -> AsyncIterator[Notice]:
        """Those of the script."""
        for notice in self._leases.waiting:
            yield notice

    async def lease(self) -> Lease:
        """The rung that the script takes. Raises its refusal."""
        if self._leases.refusal is not None:
            raise self._leases.refusal
        return Lease("1", self._want.ladder[min(self._leases.take, len(self._want.ladder) - 1)])

    def give_back(self, *, last: bool = False) -> None:
        """Notes it once."""
        if self._open:
            self._leases.given_back.append(self._want)
            self._leases.last.append(last)
        self._open = False

    async def ran_out(self) -> None:
        """Notes it."""
        self._leases.ran_out.append(self._want)
