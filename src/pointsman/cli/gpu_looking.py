"""Finds out how the cards stand: asks the gateway that runs, and looks itself where none does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from pointsman.core.errors import NotAllowed, PointsmanError, Unreachable
from pointsman.gpu.snapshot import CardNow, Snapshot, TenantNow, WishNow

if TYPE_CHECKING:
    from pointsman.config.gpu import Gpu
    from pointsman.config.model import Config
    from pointsman.core.ports import Clock
    from pointsman.gpu.backend import Backend, Loaded
    from pointsman.gpu.reading import Probe, Process, Reading
    from pointsman.providers.remote.wire import Reply, Wire

LOOKS_IN: Final = 5.0
# A server is given so long to let go, and the memory so long to be seen free.
FREES_IN: Final = 60.0
# How the wire says that no connection was made, so that nobody is there.
NOBODY_THERE: Final = "cannot be reached"
SHOWN_HOLDERS: Final = 4

Part = TypeVar("Part", CardNow, TenantNow, WishNow)


@dataclass(frozen=True, slots=True)
class Looked:
    """How the cards stand, and who said so: a running gateway, or this command by itself.

    `remarks` say what is not known and why; `cure` what to do where no card is seen. `left_alone` says that
    the servers decide on the cards by themselves.
    """

    snapshot: Snapshot
    by: Literal["gateway", "here"]
    remarks: tuple[str, ...] = ()
    cure: str = ""
    left_alone: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As plain data: what GET /v1/gpu says, and who said it."""
        return {"by": self.by, "remarks": list(self.remarks), "cure": self.cure, **self.snapshot.to_dict()}


@dataclass(frozen=True, slots=True)
class Freed:
    """What came of the wish for memory: the bytes that were seen free, and what is still in memory."""

    bytes: int
    still: tuple[str, ...]


class Gateway:
    """The gateway of a configuration, if it runs."""

    def __init__(self, config: Config) -> None:
        self.url = url_of(config)
        self._key = config.server.key.get_secret_value() if config.server.key else ""
        self._wire: Wire | None = None

    async def look(self, *, certain: bool = False) -> Snapshot | None:
        """How the cards stand; None where no gateway owns them. Raises NotAllowed when it refuses the key.

        With `certain`, one that is there and does not answer raises Unreachable.
        """
        said = await self._said("GET", "", LOOKS_IN, certain=certain)
        return snapshot_of(said) if said and said.get("managed") is True else None

    async def free(self, tenant: str) -> Freed | None:
        """Has it release a tenant, or all that is idle; None where no gateway owns the cards.

        Raises PointsmanError: Unreachable where one is there and does not answer, for then nobody else may do it.
        """
        if await self.look(certain=True) is None:
            return None
        said = await self._said("POST", "/free", FREES_IN, {"tenant": tenant}, certain=True) or {}
        still = said.get("still")
        return Freed(int(said.get("freed") or 0), tuple(map(str, still)) if isinstance(still, list) else ())

    async def close(self) -> None:
        """Closes the connection."""
        if self._wire is not None:
            await self._wire.close()

    async def _said(
        self, method: str, path: str, patience: float, body: Mapping[str, Any] | None = None, *, certain: bool
    ) -> dict[str, Any] | None:
        from pointsman.core.faults import ServiceFailed
        from pointsman.providers.remote.wire import Request, Wire

        if not self.url:
            return None
        self._wire = self._wire or Wire("gateway", directly=True)
        headers = {"authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            reply = await self._wire.send(Request(method, f"{self.url}/v1/gpu{path}", headers, body), patience)
        except ServiceFailed as failed:
            if certain and NOBODY_THERE not in failed.message:
                cure = "stop it, or wait until it does; it owns the card"
                raise Unreachable(f"the gateway at {self.url} does not answer: {failed.message}", cure=cure) from None
            return None
        refuse(reply, self.url)
        said = reply.json()
        return said if reply.status == 200 and isinstance(said, dict) else None


def refuse(reply: Reply, url: str) -> None:
    """Raises the error that a gateway answered with; another program at its address has none that counts."""
    if reply.status == 401:
        raise NotAllowed(
            f"the gateway at {url} refuses the key",
            cure="set POINTSMAN_KEY (server.key) to the one it was started with",
        )
    said = reply.json()
    error = said.get("error") if isinstance(said, dict) else None
    if reply.status in {400, 403, 503} and isinstance(error, dict):
        failed = PointsmanError(str(error.get("message") or "the gateway refuses")[:500])
        failed.exit_code = 4 if reply.status == 503 else 2
        raise failed


def url_of(config: Config) -> str:
    """Where the configured gateway listens; "" where it takes any port that is free."""
    host, port = config.server.host, config.server.port
    if not port:
        return ""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - an address to ask, not to bind
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Looker:
    """Looks as often as one likes; the gateway is asked each time, since it may start or stop meanwhile."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.gateway = Gateway(config)
        self._config = config
        self._clock = clock
        self._probe: Probe | None = None
        self._backends: Sequence[Backend] = ()

    async def look(self) -> Looked:
        """How the cards stand now. Raises NotAllowed where the gateway refuses the key."""
        said = await self.gateway.look()
        if said is not None:
            return Looked(said, "gateway")
        probe, backends = self.opened()
        return await looked_here(probe, backends, self._config.gpu, self._clock())

    def opened(self) -> tuple[Probe, Sequence[Backend]]:
        """The sensor and the servers, for when no gateway runs."""
        from pointsman.build.gpu import open_backends, open_probe

        if self._probe is None:
            self._probe = open_probe(self._config)
            self._backends = open_backends(self._config)
        return self._probe, self._backends

    async def close(self) -> None:
        """Closes what was opened."""
        await self.gateway.close()
        if self._probe is not None:
            await self._probe.close()
        for backend in self._backends:
            # Servers that keep connections open can be closed; a backend need not.
            close = getattr(backend, "close", None)
            if close is not None:
                await close()


async def looked_here(probe: Probe, backends: Sequence[Backend], gpu: Gpu, now: float) -> Looked:
    """What a sensor and the servers say; bookings, use and the queue are only known to a gateway."""
    looking = asyncio.gather(*(held_by(backend) for backend in backends))
    readings, answers = await probe.sample(), await looking
    remarks = [answer for answer in answers if isinstance(answer, str)]
    loaded = [it for answer in answers if not isinstance(answer, str) for it in answer]
    trouble = getattr(probe, "trouble", None)
    if trouble is not None:
        remarks.insert(0, trouble.what)
    cards = tuple(card_of(reading, on_device(loaded, reading, len(readings)), gpu, now) for reading in readings)
    tenants = tuple(tenant_of(it, gpu) for it in loaded)
    cure = trouble.cure if trouble else ""
    return Looked(Snapshot(cards, tenants, ()), "here", tuple(remarks), cure, left_alone=not gpu.enabled)


async def held_by(backend: Backend) -> Sequence[Loaded] | str:
    """What a server holds, or why it does not say."""
    try:
        return await backend.loaded()
    except PointsmanError as error:
        named = backend.name in error.message.lower()
        return error.message if named else f"{backend.name}: {error.message}"


def on_device(loaded: Sequence[Loaded], reading: Reading, cards: int) -> int:
    """The bytes that servers say to hold on a card; where they do not say on which, it is the only one."""
    return sum(it.on_card for it in loaded if it.device == reading.device or (not it.device and cards == 1))


def card_of(reading: Reading, reported: int, gpu: Gpu, now: float) -> CardNow:
    """One card; others hold what no server of ours says that it holds."""
    return CardNow(
        device=reading.device,
        name=reading.name,
        total=reading.total,
        reserved=reading.reserved,
        margin=gpu.margin_on(reading.device, reading.total),
        used=reading.used,
        booked=0,
        external=max(0, reading.used - reported),
        source=reading.source,
        age=max(0.0, now - reading.at),
        holders=holders_of(reading.processes),
    )


def tenant_of(loaded: Loaded, gpu: Gpu) -> TenantNow:
    """What a server says of one tenant."""
    spilled = max(0, loaded.size - loaded.on_card)
    return TenantNow(
        name=loaded.tenant,
        phase="resident",
        device=loaded.device,
        variant=loaded.variant,
        booked=0,
        reported=loaded.on_card,
        measured=None,
        spilled=spilled,
        users=0,
        pinned=loaded.tenant in gpu.pinned,
        idle_seconds=0.0,
    )


def holders_of(processes: Sequence[Process]) -> str:
    """Who holds memory, largest first, as far as the driver tells."""
    from pointsman.observe.amounts import size

    named = [f"{it.name or f'process {it.pid}'} {size(it.bytes)}" for it in processes if it.bytes]
    more = len(named) - SHOWN_HOLDERS
    return ", ".join(named[:SHOWN_HOLDERS]) + (f" and {more} more" if more > 0 else "")


def snapshot_of(said: Mapping[str, Any]) -> Snapshot:
    """A gateway's answer as values; what another version of it says more is left out, and less is empty."""
    return Snapshot(
        cards=parts_of(CardNow, said.get("cards")),
        tenants=parts_of(TenantNow, said.get("tenants")),
        queue=parts_of(WishNow, said.get("queue")),
    )


EMPTY: Final[Mapping[str, Any]] = {"str": "", "float": 0.0, "bool": False, "Phase": "cold", "int | None": None}


def parts_of(kind: type[Part], said: object) -> tuple[Part, ...]:
    """The values of one kind in an answer."""
    found = [it for it in said if isinstance(it, dict)] if isinstance(said, list) else []
    return tuple(
        kind(**{field.name: it.get(field.name, EMPTY.get(str(field.type), 0)) for field in fields(kind)})
        for it in found
    )
