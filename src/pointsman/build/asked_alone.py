"""A tier or a service that is asked by itself: what it says, why it does not, and how long that takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Self

from pointsman.build.parts import Tell
from pointsman.build.services import Service
from pointsman.build.standings import Standings, examples_shown
from pointsman.build.typical import costs_of
from pointsman.config import cloud
from pointsman.config.model import Config
from pointsman.core.decision import Answer, Decision, Verdict
from pointsman.core.faults import FaultKind, ServiceFailed
from pointsman.core.message import Message
from pointsman.engine.router import Router
from pointsman.providers.remote.standing import Standing, lasts
from pointsman.stores.shelf import SqliteShelf
from pointsman.tiers.cascade import Tier
from pointsman.tiers.head import Head
from pointsman.tiers.judge import Judge
from pointsman.tiers.remote_neighbours import RemoteNeighbours
from pointsman.tiers.surroundings import Surroundings

Known = Callable[[], tuple[Head, Surroundings]]

# Nobody waits for an answer, and a minute's limit is there again within one.
PATIENCE: Final = 90.0
# How often a message is asked again that nobody was asked about, because the service was to be left alone for a while.
TRIES: Final = 3
SHORTLY: Final = 0.05
NOTICED: Final = 3.0
RESTED: Final[frozenset[FaultKind]] = frozenset({"rate_limited", "server", "malformed"})
# What the next message would run into too.
LASTING: Final[frozenset[FaultKind]] = frozenset({"quota_exhausted", "auth", "model_gone"})


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one message: its `answer`, or None and `why` not; `fault` where a service failed.

    `seconds` are those that it took, without waits for a service's limits.
    """

    decision: Decision
    answer: Answer | None
    why: str
    fault: ServiceFailed | None
    seconds: float

    @property
    def lasts(self) -> bool:
        """Whether the next message would most likely fail in the same way."""
        fault = self.fault
        return fault is not None and (
            fault.kind in LASTING or (fault.kind == "bad_request" and fault.scope == "service")
        )


class Waits:
    """Waits as it is told to, and counts the seconds; `tell` is told of those that somebody would wonder about."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]], tell: Tell | None) -> None:
        self.seconds = 0.0
        self._sleep = sleep
        self._tell = tell

    async def __call__(self, seconds: float) -> None:
        """Waits so many seconds."""
        self.seconds += seconds
        if self._tell and seconds >= NOTICED:
            self._tell(f"waiting {seconds:.0f} s until it may be asked again")
        await self._sleep(seconds)


class Noting:
    """A service's tier that keeps how its last call failed, which the cloud tier only tells in words."""

    remote = True

    def __init__(self, tier: Tier) -> None:
        self.name = tier.name
        self.tier = tier
        self.fault: ServiceFailed | None = None

    async def judge(self, message: Message) -> Verdict:
        """What the tier says. Raises what it raises."""
        self.fault = None
        try:
            said = self.tier.judge(message)
            return await said if isinstance(said, Awaitable) else said
        except ServiceFailed as fault:
            self.fault = fault
            raise


@dataclass(frozen=True, slots=True)
class Asked:
    """A service that is asked by itself, with what is known of its account, and its `tier`.

    `known` opens the encoder and what it read, which pick the examples that chat models are shown.
    """

    service: Service
    standings: Standings
    shelf: SqliteShelf
    tier: Noting
    known: Known


class Alone:
    """A tier (or a service, `asked`) by itself behind a `router`; use it with `async with`, or close it.

    `bar_key` says where its bar is configured, "" where it has none.
    """

    def __init__(
        self, name: str, router: Router, config: Config, *, asked: Asked | None, waits: Waits, bar_key: str
    ) -> None:
        self.name = name
        self.router = router
        self.asked = asked
        self.bar_key = bar_key
        self._config = config
        self._waits = waits

    @property
    def leaves(self) -> bool:
        """Whether messages leave this machine."""
        return self.asked is not None and not self.asked.service.local

    @property
    def embeds(self) -> bool:
        """Whether the utterances are sent before any message is."""
        return self.asked is not None and isinstance(self.asked.tier.tier, RemoteNeighbours)

    @property
    def trust(self) -> float | None:
        """What a label is believed that comes without a probability; None for what gives probabilities only."""
        is_chat = self.asked is not None and self.asked.service.settings.asks == "chat"
        return self.asked.service.settings.trust if self.asked is not None and is_chat else None

    @property
    def trust_key(self) -> str:
        """Where `trust` is configured; "" where it is not."""
        if self.trust is None:
            return ""
        return f"cloud.{self.name}.trust" if self.name in cloud.SERVICES else f"trust of {self.name} in cloud.servers"

    @property
    def models(self) -> tuple[str, ...]:
        """The models of the service, in the order in which they are asked."""
        return self.asked.service.caller.models if self.asked is not None else ()

    @property
    def waited(self) -> float:
        """How many seconds the service's limits and rests were waited for."""
        return self._waits.seconds

    def holds_back(self, category: str) -> bool:
        """Whether messages of a category may not be sent there."""
        return self.leaves and not self._config.cloud.privacy.categories.get(category, True)

    async def ready(self) -> str:
        """Opens what it needs, so that the first message waits for nothing; "" or what keeps it. Raises StoreError."""
        await self.router.warm()
        if self.asked is None:
            return ""
        await self.asked.shelf.read("")  # a file that cannot be read would look like quotas that nobody has used
        tier = self.asked.tier.tier
        if isinstance(tier, Judge):
            self.asked.known()[1].of("is anybody there?")
        return await tier.ready() if isinstance(tier, RemoteNeighbours) else ""

    async def standing(self) -> Standing | None:
        """How the service stands."""
        return (await self.asked.standings.statuses())[0] if self.asked else None

    def calls_a_minute(self, standing: Standing) -> float | None:
        """How many calls the limits allow that come back within the hour, in the long run; None where none does."""
        if self.asked is None or not standing.models:
            return None
        first = standing.models[0]
        costs = costs_of(self.asked.service, self.router.catalogue, examples_shown(self._config))
        cost = {"requests": 1.0, **costs.get(first.model, {})}
        limits = [it for it in (*standing.limits, *first.limits) if not lasts(it) and cost.get(it.unit)]
        return min((it.limit / cost[it.unit] * 60 / it.seconds for it in limits), default=None)

    async def ask(self, message: Message) -> Said:
        """What it says to a message; while its service is to be left alone for a moment, that is waited for."""
        for _ in range(TRIES - 1):
            said = await self._once(message)
            pause = pause_after(said.fault)
            if pause is None:
                return said
            await self._waits(pause)
        return await self._once(message)

    async def close(self) -> None:
        """Lets go of models, files and connections."""
        await self.router.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def _once(self, message: Message) -> Said:
        before = self._waits.seconds
        if self.asked is not None:
            self.asked.tier.fault = None
        decision = await self.router.decide(message)
        took = sum(line.ms for line in decision.trace if line.tier == self.name) / 1e3
        seconds = max(0.0, took - (self._waits.seconds - before))
        fault = self.asked.tier.fault if self.asked is not None else None
        last = decision.trace[-1] if decision.trace else None
        if last is None:
            return Said(decision, None, "it was not asked", fault, seconds)
        if last.tier == self.name and isinstance(last.verdict, Answer):
            return Said(decision, last.verdict, "", None, seconds)
        return Said(decision, None, last.verdict.reason, fault, seconds)


def pause_after(fault: ServiceFailed | None) -> float | None:
    """How many seconds to wait before a message is asked again; None where that would not help."""
    if fault is None or fault.kind not in RESTED or (fault.asked and fault.kind != "rate_limited"):
        return None
    wait = fault.treatment.rest if fault.wait is None else fault.wait
    return wait + SHORTLY if wait <= PATIENCE else None
